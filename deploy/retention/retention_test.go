package retention

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/binhphuoc/ioc/deploy/local/localtest"
	"github.com/binhphuoc/ioc/deploy/migrate"
	"github.com/binhphuoc/ioc/schemas/ddl"
)

func TestTimesOfKeeping(t *testing.T) {
	for text, want := range map[string]string{
		"400d": "400d", "10w": "70d", "5y": "1825d", "50y": "18250d", "forever": "forever", " 35d": "35d",
		"": "want a time", "400": "want a time", "d": "want a time", "-3d": "want a time", "400h": "want a time", "1.5y": "want a time",
		"34d": "at least 35d", "0d": "at least 35d", "51y": "at most 50y", "99999d": "want a time", "60000y": "at most",
	} {
		var d Days
		var got string
		if err := d.Set(text); err != nil {
			got = err.Error()
		} else {
			got = d.String()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestPoliciesThatWouldSpoilFiguresAreRefused(t *testing.T) {
	const day = 24 * time.Hour
	for _, tt := range []struct {
		name   string
		change func(p *Policy)
		late   time.Duration
		want   string
	}{
		{"default", func(*Policy) {}, 400 * day, ""},
		{"everything for ever", func(p *Policy) { *p = Policy{} }, 4000 * day, ""},
		{"raw ends before what is late", func(p *Policy) { p.Raw = 434 }, 400 * day, "--keep-raw 434d is shorter than --retention 9600h0m0s and 35d"},
		{"raw just long enough", func(p *Policy) { p.Raw = 435 }, 400 * day, ""},
		{"minutes end before 10 seconds", func(p *Policy) { p.Rollup1m = 300 }, 400 * day, "--keep-rollup-1m 300d is shorter than --keep-rollup-10s 400d"},
		{"days end, hours do not", func(p *Policy) { p.Rollup1d = 5000 }, 400 * day, "--keep-rollup-1d 5000d is shorter than --keep-rollup-1h forever"},
	} {
		p := Default()
		tt.change(&p)
		err := p.Check(tt.late)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

type server struct {
	*testing.T
	dsn  string
	conn driver.Conn
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{T: t, dsn: localtest.ClickHouse(t)}
	migrations, err := ddl.Builtin()
	s.must(err)
	s.must(migrate.Up(t.Context(), s.dsn, migrations, slog.New(slog.DiscardHandler)))
	o, err := clickhouse.ParseDSN(s.dsn)
	s.must(err)
	s.conn, err = clickhouse.Open(o)
	s.must(err)
	t.Cleanup(func() { s.conn.Close() })
	return s
}

func (s *server) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *server) exec(statements ...string) {
	s.Helper()
	for _, sql := range statements {
		s.must(s.conn.Exec(s.Context(), sql))
	}
}

func (s *server) text(sql string) (out string) {
	s.Helper()
	s.must(s.conn.QueryRow(s.Context(), sql).Scan(&out))
	return out
}

func (s *server) apply(p Policy) {
	s.Helper()
	s.must(Apply(s.Context(), s.dsn, p, slog.New(slog.DiscardHandler)))
}

func TestRowsEndByTheirPolicy(t *testing.T) {
	s := newServer(t)
	// Of each tier one row of every age; measurements of two ages; a refused event.
	s.exec("INSERT INTO rollup (tier, kpi, centre, bucket, computed) SELECT tier, 'k', 'c', toStartOfDay(now()) - age * 86400, 1 "+
		"FROM (SELECT arrayJoin([10, 60, 3600, 86400]) AS tier, arrayJoin([1, 50, 70, 500]) AS age)",
		"INSERT INTO raw_measure (key, time, type) SELECT generateUUIDv4(age), now64(3) - age * 86400, 'reading' FROM (SELECT arrayJoin([1, 500, 900]) AS age)",
		"INSERT INTO rejected (key, arrived) SELECT generateUUIDv4(age), now64(3) - age * 86400 FROM (SELECT arrayJoin([1, 500]) AS age)")
	left := func() string {
		t.Helper()
		for _, table := range []string{"rollup", "raw_measure", "measure_key", "rejected", "reject_place"} {
			s.exec("OPTIMIZE TABLE " + table + " FINAL")
		}
		return s.text(`SELECT concat('rollup ', (SELECT arrayStringConcat(arrayMap(x -> concat(toString(x.1), ':', toString(x.2)), arraySort(groupArray((tier, n)))), ' ') FROM (SELECT tier, count() AS n FROM rollup GROUP BY tier)),
  ' raw ', toString((SELECT count() FROM raw_measure)), ' keys ', toString((SELECT count() FROM measure_key)),
  ' rejected ', toString((SELECT count() FROM rejected)), ' places ', toString((SELECT count() FROM reject_place)))`)
	}
	expect := func(what, want string) {
		t.Helper()
		if got := left(); got != want {
			t.Errorf("%s: %s left, want %s", what, got, want)
		}
	}
	s.apply(Policy{})
	expect("for ever", "rollup 10:4 60:4 3600:4 86400:4 raw 3 keys 3 rejected 2 places 2")
	p := Policy{Raw: 800, Rejected: 400, Rollup10s: 40, Rollup1m: 60}
	s.apply(p)
	expect("some", "rollup 10:1 60:2 3600:4 86400:4 raw 2 keys 2 rejected 1 places 1")
	p.Raw, p.Rollup1h = 435, 100
	s.apply(p)
	expect("shorter", "rollup 10:1 60:2 3600:3 86400:4 raw 1 keys 1 rejected 1 places 1")
	s.apply(Policy{})
	s.exec("INSERT INTO rollup (tier, kpi, centre, bucket, computed) SELECT 10, 'k', 'c', toStartOfDay(now()) - 50 * 86400, 1")
	expect("for ever again", "rollup 10:2 60:2 3600:3 86400:4 raw 1 keys 1 rejected 1 places 1")
	// What was deleted is remembered, though nothing ends any more.
	if got := s.text("SELECT arrayStringConcat(groupArray(toString(days)), ' ') FROM (SELECT days FROM retention WHERE kind = 'raw' ORDER BY at)"); got != "0 800 435 0" {
		t.Errorf("raw was kept for %s days", got)
	}
}

func TestASecondStartChangesNothing(t *testing.T) {
	s := newServer(t)
	state := `SELECT toString((SELECT count() FROM system.mutations WHERE database = currentDatabase())) || ' ' || toString((SELECT count() FROM retention))
|| ' ' || (SELECT toString(sum(cityHash64(name, engine_full, metadata_modification_time))) FROM system.tables WHERE database = currentDatabase())`
	s.apply(Default())
	if d, err := Differing(t.Context(), s.conn, s.text("SELECT currentDatabase()"), Default()); err != nil || len(d) > 0 {
		t.Fatalf("after the policy was applied, these differ: %v, %v", d, err)
	}
	before := s.text(state)
	s.apply(Default())
	if after := s.text(state); after != before {
		t.Errorf("the second start changed something: %s, then %s", before, after)
	}
}
