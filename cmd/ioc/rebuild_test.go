package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/binhphuoc/ioc/query/rollup"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi/kpitest"
)

// derived are the tables that a rebuild makes, each with what picks its rows.
func derived() map[string]string {
	return map[string]string{"entity": "1", "source_minute": "events > 0", "rollup": "events > 0", "measure_superseded": "1", "state_superseded": "1"}
}

// content is a table's rows, but for the time at which they were computed, as a count and a sum of hashes.
func (r *rig) content(table, where string) string {
	r.t.Helper()
	columns := "* EXCEPT computed"
	if strings.HasSuffix(table, "_superseded") {
		columns = "*"
	}
	return r.text(fmt.Sprintf(`SELECT toString((count(), sum(cityHash64(toString(tuple(*)))))) FROM (SELECT %s FROM %s FINAL WHERE %s)`, columns, table, where))
}

func (r *rig) contents() map[string]string {
	r.t.Helper()
	out := map[string]string{}
	for table, where := range derived() {
		out[table] = r.content(table, where)
	}
	return out
}

func (r *rig) same(what string, want map[string]string) {
	r.t.Helper()
	for table, got := range r.contents() {
		if got != want[table] {
			r.t.Errorf("%s: %s has (rows, hash) %s, want %s", what, table, got, want[table])
		}
	}
}

// messages are the events of all worked examples.
func (r *rig) messages() []schemas.Message {
	r.t.Helper()
	cases, err := kpitest.LoadCases(os.DirFS("../../schemas/kpi/testdata/cases"))
	r.must(err)
	var out []schemas.Message
	for _, c := range cases {
		for _, e := range c.Events {
			out = append(out, e.Message())
		}
	}
	// One that moves to another minute and one that moves to another day, when they are corrected.
	arrived := time.Date(2026, 11, 23, 3, 1, 0, 0, time.UTC)
	for i, at := range []string{"2026-11-23T03:00:01Z", "2026-11-22T01:00:01Z"} {
		out = append(out, schemas.Message{Transport: "kafka", Arrived: arrived, Payload: fmt.Appendf(nil,
			`{"specversion":"1.0","id":"moves","source":"/dong-xoai/sensor/x","type":"vn.binhphuoc.ioc.reading.v1","time":%q,"data":{"metric":"pm25","value":%d,"unit":"µg/m³","revision":%[2]d}}`, at, i)},
			schemas.Message{Transport: "kafka", Arrived: arrived, Payload: fmt.Appendf(nil,
				`{"specversion":"1.0","id":"moves","source":"/dong-xoai/service/x","type":"vn.binhphuoc.ioc.call.v1","time":%q,"data":{"call_id":"moves","status":"waiting","queued_at":%[1]q,"revision":%d}}`, at, i)})
	}
	return out
}

func TestARebuildGivesTheSameTables(t *testing.T) {
	r := newRig(t)
	roller := r.roller(r.catalogue)
	for _, m := range r.messages() {
		r.write([]schemas.Message{m})
	}
	r.must(roller.CatchUp(t.Context()))
	want := r.contents()
	if strings.HasPrefix(want["rollup"], "(0,") || strings.HasPrefix(want["measure_superseded"], "(0,") {
		t.Fatalf("there is nothing to rebuild: %v", want)
	}
	rebuild := func(during func(p rollup.Progress)) {
		t.Helper()
		r.must(r.roller(r.catalogue).Rebuild(t.Context(), r.store, time.Time{}, func(p rollup.Progress) { during(p) }))
	}
	idle := func(rollup.Progress) {}

	rebuild(idle)
	r.same("rebuilt over what was there", want)

	for table := range derived() {
		r.exec("TRUNCATE TABLE " + table)
	}
	const formulas = "SELECT toString(count()) FROM rollup_definition FINAL"
	known := r.text(formulas)
	r.exec("TRUNCATE TABLE rollup_definition")
	rebuild(idle)
	r.same("rebuilt from nothing", want)
	if got := r.text(formulas); got != known || got == "0" {
		t.Errorf("%s formulas are remembered, want %s: the platform would compute all of it once more", got, known)
	}

	r.exec(`INSERT INTO rollup SELECT * REPLACE (num + 5 AS num, events + 5 AS events) FROM rollup FINAL WHERE kpi = 'hotline.calls'`)
	r.exec(`INSERT INTO entity SELECT * REPLACE ('ended' AS status) FROM entity FINAL WHERE type = 'call'`)
	rebuild(idle)
	r.same("rebuilt over wrong rows", want)

	// Of rows that count what is gone, a disk may have lost the finer ones.
	r.exec(`INSERT INTO rollup SELECT * REPLACE (bucket + 3600 AS bucket) FROM rollup FINAL WHERE kpi = 'hotline.calls' AND tier = 60`)
	rebuild(idle)
	r.same("rebuilt under rows that stand on nothing", want)

	// The platform goes on: a new event in the midst of it is counted once.
	late := schemas.Message{Transport: "mqtt", Arrived: time.Date(2026, 11, 23, 3, 0, 2, 0, time.UTC), Payload: []byte(
		`{"specversion":"1.0","id":"late","source":"/binh-long/service/x","type":"vn.binhphuoc.ioc.call.v1","time":"2026-11-23T03:00:01Z","data":{"call_id":"late","status":"waiting","queued_at":"2026-11-23T03:00:01Z"}}`)}
	rebuild(func(p rollup.Progress) {
		if p.Phase == 2 && p.Done == 3 {
			r.write([]schemas.Message{late})
			r.must(roller.Once(t.Context(), false))
		}
	})
	during := r.contents()
	if during["rollup"] == want["rollup"] {
		t.Error("the event that came during the rebuild is missing")
	}
	rebuild(idle)
	r.same("rebuilt after an event had come during a rebuild", during)
}

func TestTheCommandRebuildShowsHowFarItIs(t *testing.T) {
	r := newRig(t)
	r.write(r.messages())
	var out, errs bytes.Buffer
	if code := run([]string{"rebuild", "--clickhouse-dsn", r.dsn}, nil, &out, &errs); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	for _, want := range []string{"1/2 [..............................]   0 %", "2/2 [##############################] 100 %", "rebuilt in "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q:\n%s", want, out.String())
		}
	}
}

func TestTheBarOnATerminal(t *testing.T) {
	var out bytes.Buffer
	b := newBar(&out)
	b.terminal = true
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	b.show(rollup.Progress{Phase: 1, Phases: 2, Done: 0, Total: 4, Doing: "a longer name"}, now)
	b.show(rollup.Progress{Phase: 1, Phases: 2, Done: 1, Total: 4, Doing: "b"}, now.Add(10*time.Millisecond)) // too soon to be seen
	b.show(rollup.Progress{Phase: 1, Phases: 2, Done: 2, Total: 4, Doing: "c"}, now.Add(2*time.Second))
	b.show(rollup.Progress{Phase: 1, Phases: 2, Done: 4, Total: 4}, now.Add(4*time.Second))
	b.show(rollup.Progress{Phase: 2, Phases: 2, Done: 0, Total: 0}, now.Add(4*time.Second))
	want := "\r1/2 [..............................]   0 %  0 of 4  a longer name" +
		"\r1/2 [###############...............]  50 %  2 of 4  2s left  c   " +
		"\r1/2 [##############################] 100 %  4 of 4               \n" +
		"\r2/2 [##############################] 100 %  0 of 0\n"
	if got := out.String(); got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}
