package main

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/binhphuoc/ioc/deploy/retention"
	"github.com/binhphuoc/ioc/query/rollup"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
)

// reading is a measurement of the air that arrived when it was made.
func reading(id string, at time.Time, value float64) schemas.Message {
	return schemas.Message{Transport: "kafka", Arrived: at, Payload: fmt.Appendf(nil,
		`{"specversion":"1.0","id":%q,"source":"/dong-xoai/sensor/x","type":"vn.binhphuoc.ioc.reading.v1","time":%q,"data":{"metric":"pm25","value":%g,"unit":"µg/m³"}}`,
		id, at.Format(time.RFC3339), value)}
}

// keep gives the rig's tables a policy, and has what is too old go at once.
func (r *rig) keep(p retention.Policy) {
	r.t.Helper()
	r.must(retention.Apply(r.t.Context(), r.dsn, p, slog.New(slog.DiscardHandler)))
	for _, table := range []string{"raw_measure", "measure_key", "rollup"} {
		r.exec("OPTIMIZE TABLE " + table + " FINAL")
	}
}

func TestFiguresOutliveWhatTheyWereMadeOf(t *testing.T) {
	r := newRig(t)
	few := &kpi.Catalogue{}
	for _, k := range r.catalogue.KPIs {
		if k.ID == "hotline.calls" || k.ID == "hotline.wait_p95" || k.Formula.Of == "reading" && k.Formula.Kind.Rolled() {
			few.KPIs = append(few.KPIs, k)
		}
	}
	old, young := day(60).Add(10*time.Hour), day(10).Add(10*time.Hour)
	r.write([]schemas.Message{
		reading("a", old, 10), reading("b", old.Add(3*time.Hour), 20), reading("c", young, 30),
		call("a", "dong-xoai", old, 5*time.Second, 0, old), call("b", "dong-xoai", old.Add(90*time.Second), 30*time.Second, 0, old.Add(3*time.Minute)),
		call("c", "dong-xoai", young, 5*time.Second, 0, young),
	})
	r.must(r.roller(few).CatchUp(t.Context()))
	days := func() string { t.Helper(); return r.content("rollup", "tier = 86400 AND events > 0") }
	want := days()
	if n := r.text("SELECT toString(uniqExact(kpi, bucket)) FROM rollup WHERE tier = 86400 AND events > 0 AND (kpi = 'hotline.calls' OR kpi NOT LIKE 'hotline.%')"); len(few.KPIs) < 3 || n < "4" {
		t.Fatalf("%s days of %d KPIs: this test sees nothing", n, len(few.KPIs))
	}
	same := func(what string) {
		t.Helper()
		if got := days(); got != want {
			t.Errorf("%s: the days have (rows, hash) %s, want %s", what, got, want)
		}
	}
	again := func() {
		t.Helper()
		r.must(r.roller(few).Rebuild(t.Context(), r.store, time.Time{}, func(rollup.Progress) {}))
		r.exec("TRUNCATE TABLE rollup_definition") // as if every formula were another one
		r.must(r.roller(few).CatchUp(t.Context()))
	}
	again()
	same("computed again while all is there")

	r.keep(retention.Policy{Raw: 40, Rollup10s: 40, Rollup1m: 40, Rollup1h: 40})
	if left := r.text(fmt.Sprintf("SELECT toString(((SELECT count() FROM raw_measure WHERE time < toDateTime(%[1]d)), (SELECT count() FROM rollup WHERE tier < 86400 AND bucket < toDateTime(%[1]d))))",
		day(50).Unix())); left != "(0,0)" {
		t.Fatalf("(measurements, finer figures) of the old day: %s, want them gone", left)
	}
	again()
	same("computed again after the raw events had gone")

	// A call of the old day comes late. Its states are all there, the finer figures of that day are not.
	r.exec("TRUNCATE TABLE revision") // the database knows that all of this is written today
	r.write([]schemas.Message{call("d", "dong-xoai", old.Add(5*time.Hour), 5*time.Second, 0, time.Now())})
	r.must(r.roller(few).CatchUp(t.Context()))
	p := r.series("hotline.calls", "dong-xoai", day(60), 1, 24*time.Hour)[0]
	if p.Value == nil || *p.Value != 3 {
		t.Errorf("a late call of a day without finer figures: %v calls, want 3", shown(p.Value))
	}
	if len(p.Revisions) != 1 || p.Revisions[0].Before == nil || *p.Revisions[0].Before != 2 {
		t.Errorf("that day was revised from %+v, want from 2", p.Revisions)
	}
	want = days()
	again()
	same("computed again after a late call")

	// What has gone does not come back when it would be kept from now on.
	r.keep(retention.Policy{})
	again()
	same("computed again after everything is kept for ever")
}

func TestWhatCouldNotBeCountedIsRefused(t *testing.T) {
	s, _, err := load("rejects", nil, []string{"IOC_KEEP_RAW=450d"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	a, err := newParts(s, &process{out: io.Discard, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for back, refused := range map[int]bool{460: true, 440: false} {
		// It arrived in time, was refused then, and is read again now.
		m := reading("a", day(back), 1)
		m.Arrived = m.Arrived.AddDate(0, 0, 100)
		if _, refusals := a.decoder().Decode(m); (len(refusals) > 0) != refused || refused && refusals[0].Code != schemas.CodeTimeExpired {
			t.Errorf("%d days back: refused %v, want %v", back, refusals, refused)
		}
	}
}

func TestAPolicyThatSpoilsFiguresStartsNothing(t *testing.T) {
	for _, command := range []string{"migrate", "dashboard-api", "ingest"} {
		var out strings.Builder
		code := run([]string{command, "--clickhouse-dsn", "clickhouse://127.0.0.1:1/x", "--keep-raw", "300d"}, nil, io.Discard, &out)
		if code != 1 || !strings.Contains(out.String(), "--keep-raw 300d is shorter than --retention") {
			t.Errorf("%s: exit code %d: %s", command, code, out.String())
		}
	}
}

func TestWrongTimesOfKeepingAndSecretsAsFlags(t *testing.T) {
	for _, c := range []struct{ args, env, want string }{
		{"--keep-raw=soon", "", "want a time such as 400d"},
		{"", "IOC_KEEP_MINUTES=1d", "IOC_KEEP_MINUTES: \"1d\": want at least 35d"},
		{"--s3-secret=hunter2", "", "set IOC_S3_SECRET"},
	} {
		_, _, err := load("migrate", strings.Fields(c.args), strings.Fields(c.env), io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s%s: %v, want %q", c.args, c.env, err, c.want)
		}
	}
	var out strings.Builder
	if code := run([]string{"config", "--keep-rollup-10s", "2y"}, []string{"IOC_S3_SECRET=hunter2", "IOC_S3_KEY=hunter2"}, &out, io.Discard); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	if !strings.Contains(out.String(), "keep-rollup-10s: 730d\n") || strings.Contains(out.String(), "hunter2") {
		t.Errorf("ioc config prints\n%s", out.String())
	}
}
