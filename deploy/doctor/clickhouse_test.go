package doctor

import (
	"context"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/binhphuoc/ioc/deploy/local"
	"github.com/binhphuoc/ioc/deploy/local/localtest"
	"github.com/binhphuoc/ioc/deploy/migrate"
	"github.com/binhphuoc/ioc/schemas/ddl"
)

// server is a database of this test's own.
type server struct {
	*testing.T
	dsn  string
	conn driver.Conn
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{T: t, dsn: localtest.ClickHouse(t)}
	o, err := clickhouse.ParseDSN(s.dsn)
	if err != nil {
		t.Fatal(err)
	}
	if s.conn, err = clickhouse.Open(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.conn.Close() })
	return s
}

func (s *server) migrated() *server {
	s.Helper()
	migrations, err := ddl.Builtin()
	if err != nil {
		s.Fatal(err)
	}
	if err := migrate.Up(s.Context(), s.dsn, migrations, slog.New(slog.DiscardHandler)); err != nil {
		s.Fatal(err)
	}
	return s
}

func (s *server) exec(statements ...string) {
	s.Helper()
	for _, statement := range statements {
		if err := s.conn.Exec(s.Context(), statement); err != nil {
			s.Fatalf("%s: %v", statement, err)
		}
	}
}

func (s *server) examine() []Check {
	s.Helper()
	o := options(s.T)
	o.ClickHouseDSN = s.dsn
	return examine(s.T, o)
}

const newEvent = "INSERT INTO feed_source VALUES ('dong-xoai', 'sensor', 'reading', '/dong-xoai/sensor/a', "

func TestClickHouseThatIsWell(t *testing.T) {
	s := newServer(t).migrated()
	s.exec(newEvent + "now64(3), now64(3), now64(3))")
	checks := s.examine()
	expect(t, checks,
		want{"clickhouse.reachable", OK, "account"}, want{"clickhouse.version", OK, "at least 25.9"}, want{"clickhouse.settings", OK, "time zone"},
		want{"clickhouse.clock", OK, "clock"}, want{"clickhouse.schema", OK, "up to date"}, want{"clickhouse.ttl", OK, "touched, source_minute"},
		want{"clickhouse.parts", OK, "Most parts"}, want{"clickhouse.background", OK, "No mutation fails"}, want{"clickhouse.events", OK, "The newest event"},
	)
	for _, c := range checks {
		if strings.HasPrefix(c.Name, "clickhouse.") && c.Name != "clickhouse.disk" && c.Severity != OK {
			t.Errorf("%s: %s", c.Name, c.Severity)
		}
	}
}

func TestWhatIsBrokenInClickHouse(t *testing.T) {
	for _, c := range []struct {
		name  string
		wreck func(s *server)
		want  []want
	}{
		{
			"no tables", func(*server) {},
			[]want{{"clickhouse.schema", Problem, "migrations are missing: 0001_raw.sql"}, {"clickhouse.ttl", Skipped, "no tables"}, {"clickhouse.events", Skipped, "no tables"}},
		},
		{
			"a migration of a newer program", func(s *server) {
				s.migrated().exec("INSERT INTO schema_migration (number, name, checksum) VALUES (9999, '9999_later.sql', 'x')")
			},
			[]want{{"clickhouse.schema", Problem, "newer than this program: the database has migration 9999_later.sql"}},
		},
		{
			"a migration that was changed", func(s *server) {
				s.migrated().exec("INSERT INTO schema_migration (number, name, checksum) VALUES (1, '0001_raw.sql', 'x')")
			},
			[]want{{"clickhouse.schema", Problem, "was changed after it had run"}},
		},
		{
			"a view that was dropped", func(s *server) { s.migrated().exec("DROP VIEW measure_key_mv SYNC") },
			[]want{{"clickhouse.schema", Problem, "Tables were dropped: measure_key_mv"}},
		},
		{
			"a TTL that was removed", func(s *server) { s.migrated().exec("ALTER TABLE touched REMOVE TTL") },
			[]want{{"clickhouse.ttl", Warning, "Tables have lost their TTL, and will grow for ever: touched"}},
		},
		{
			"a TTL that is not as the settings say", func(s *server) {
				s.migrated().exec("ALTER TABLE source_minute MODIFY TTL minute + INTERVAL 91 DAY", "ALTER TABLE rollup MODIFY TTL bucket + toIntervalDay(99) WHERE tier = 10")
			},
			[]want{{"clickhouse.ttl", Warning, "Table rollup keeps rows by the TTL bucket + toIntervalDay(99) WHERE tier = 10, the settings want ∞"}},
		},
		{
			"a part that is detached", func(s *server) {
				s.migrated().exec(newEvent+"now64(3), now64(3), now64(3))", "ALTER TABLE feed_source DETACH PARTITION tuple()")
			},
			[]want{{"clickhouse.parts", Warning, "Table feed_source: 1 parts are detached"}},
		},
		{
			"a mutation that fails", func(s *server) {
				s.migrated().exec(newEvent+"now64(3), now64(3), now64(3))",
					"ALTER TABLE feed_source DELETE WHERE throwIf(source != '', 'không xóa được') SETTINGS mutations_sync = 0, allow_nondeterministic_mutations = 1")
				s.until("the mutation has failed", "SELECT count() > 0 FROM system.mutations WHERE database = currentDatabase() AND latest_fail_reason != ''")
			},
			[]want{{"clickhouse.background", Problem, "Table feed_source: a mutation fails"}},
		},
		{
			"no event", func(s *server) { s.migrated() },
			[]want{{"clickhouse.events", Warning, "no event yet"}},
		},
		{
			"silence", func(s *server) {
				s.migrated().exec(newEvent + "now64(3) - 3600, now64(3) - 3600, now64(3) - 3600)")
			},
			[]want{{"clickhouse.events", Warning, "The newest event"}},
		},
		{
			"an arrival in the future", func(s *server) {
				s.migrated().exec(newEvent + "now64(3), now64(3) + 3600, now64(3))")
			},
			[]want{{"clickhouse.events", Problem, "The newest event"}},
		},
		{
			"a database that is not there", func(s *server) { s.rewrite(func(u *url.URL) { u.Path += "_none" }) },
			[]want{{"clickhouse.schema", Problem, "is not there"}, {"clickhouse.events", Skipped, "no tables"}},
		},
		{
			"an account that may only read", func(s *server) { s.rewrite(func(u *url.URL) { u.RawQuery = "readonly=2" }) },
			[]want{{"clickhouse.settings", Problem, "may only read"}},
		},
		{
			"settings that hurt", func(s *server) {
				s.rewrite(func(u *url.URL) {
					u.RawQuery = "max_memory_usage=100000000&session_timezone=Asia/Ho_Chi_Minh&max_execution_time=30"
				})
			},
			[]want{{"clickhouse.settings", Warning, "max_memory_usage is 95 MiB"}, {"clickhouse.settings", Warning, "session_timezone = Asia/Ho_Chi_Minh"}, {"clickhouse.settings", Warning, "max_execution_time is 30 s"}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newServer(t)
			c.wreck(s)
			expect(t, s.examine(), c.want...)
		})
	}
}

// The library aborts on a handshake that fails: this one has an engine of its own, never the one that tests share.
func TestAWrongPasswordOfClickHouse(t *testing.T) {
	engine, err := local.Locate(t.Context(), local.LocateOptions{Library: os.Getenv("IOC_CLICKHOUSE_LIBRARY")})
	if err != nil && os.Getenv("CI") != "" {
		t.Fatalf("NO ENGINE: %v", err)
	}
	if err != nil {
		t.Skipf("NO ENGINE, NOTHING TESTED: %v", err)
	}
	c, err := local.NewClickHouse(local.ClickHouseOptions{
		Dir: t.TempDir(), Listen: "127.0.0.1:0", Engine: engine, Child: []string{os.Args[0], "engine"}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	select {
	case <-c.Ready():
	case err := <-ended:
		ended <- err
		t.Fatal("the engine did not start")
	}
	s := &server{T: t, dsn: c.DSN()}
	s.rewrite(func(u *url.URL) { u.User = url.UserPassword(u.User.Username(), "sai") })
	expect(t, s.examine(), want{"clickhouse.reachable", Problem, "refuses the account"}, want{"clickhouse.schema", Skipped, "clickhouse.reachable failed"})
}

// rewrite changes the DSN that the doctor is told.
func (s *server) rewrite(change func(*url.URL)) {
	s.Helper()
	u, err := url.Parse(s.dsn)
	if err != nil {
		s.Fatal(err)
	}
	change(u)
	s.dsn = u.String()
}

// until waits for a question to be answered with yes.
func (s *server) until(what, query string) {
	s.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		var yes bool
		if err := s.conn.QueryRow(context.Background(), query).Scan(&yes); err != nil {
			s.Fatal(err)
		}
		if yes {
			return
		}
		if time.Now().After(end) {
			s.Fatalf("after %s, not: %s", patience, what)
		}
	}
}

func TestVersions(t *testing.T) {
	for text, want := range map[string]Severity{
		"25.8.1.1": Problem, "24.12.1": Problem, "25.9.1.1": OK, "25.10.3.2": OK, "26.7.2.1": OK, "27": OK, "x": Warning, "26.x": Warning,
	} {
		if got := judgeVersion(text); got.Severity != want {
			t.Errorf("%s: %s, want %s", text, got.Severity, want)
		}
	}
}

func TestClocks(t *testing.T) {
	at := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		way, skew time.Duration
		want      Severity
	}{
		{0, 0, OK},
		{0, time.Second, OK},
		{0, 3 * time.Second, Warning},
		{0, -3 * time.Second, Warning},
		{4 * time.Second, 3 * time.Second, OK}, // the way was too long to know
		{0, 2 * time.Minute, Problem},
		{0, -2 * time.Minute, Problem},
	} {
		if got := judgeClock(at, at.Add(c.way/2+c.skew), at.Add(c.way)); got.Severity != c.want {
			t.Errorf("%s after a way of %s: %s, want %s", c.skew, c.way, got.Severity, c.want)
		}
	}
}

func TestSettingsThatTheAccountMayNotChange(t *testing.T) {
	db := &database{o: &clickhouse.Options{}}
	rows := []setting{{Name: "readonly", Value: "0"}}
	for _, name := range sent()[1:] {
		rows = append(rows, setting{Name: name, Value: "0", Fixed: 1})
	}
	expect(t, []Check{result("x", db.judgeSettings(rows))},
		want{"x", Problem, "The server does not know the settings: async_insert."}, want{"x", Problem, "may not change settings that the platform needs to: max_query_size"})
}

func TestTablesOfTheMigrations(t *testing.T) {
	all := []ddl.Migration{
		{Statements: []string{"CREATE TABLE IF NOT EXISTS a (x Int8)\nENGINE = MergeTree ORDER BY x\nTTL x + 1", "CREATE MATERIALIZED VIEW IF NOT EXISTS a_mv TO b AS SELECT 1", "CREATE TABLE b (x Int8) ENGINE = Memory"}},
		{Statements: []string{"DROP TABLE IF EXISTS b", "INSERT INTO a SELECT 1", "CREATE TABLE IF NOT EXISTS a (x Int8)"}},
	}
	if got := strings.Join(tables(all), " "); got != "a a_mv" {
		t.Error(got)
	}
	if got := strings.Join(bounded(all), " "); got != "a" {
		t.Error(got)
	}
}
