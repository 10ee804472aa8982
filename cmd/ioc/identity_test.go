package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/binhphuoc/ioc/query/rollup"
	"github.com/binhphuoc/ioc/schemas"
)

// said is an event of the service desk of Dong Xoai about one thing.
func said(typ, name string, revision int, data string) schemas.Message {
	return schemas.Message{Transport: "kafka", Centre: "dong-xoai", Topic: "ioc.dong-xoai.service", Arrived: time.Now(), Payload: fmt.Appendf(nil,
		`{"specversion":"1.0","id":"the-one","source":"/dong-xoai/service/x","type":"vn.binhphuoc.ioc.%s.v1","time":%q,"data":{"%[1]s_id":%[3]q,"revision":%[4]d,%[5]s}}`,
		typ, time.Now().Add(-time.Hour).Format(time.RFC3339), name, revision, data)}
}

// An event that a correction says was of another thing is one event, of that thing.
func TestACorrectionToAnotherThingLeavesNothingBehind(t *testing.T) {
	when := time.Now().Add(-2 * time.Hour)
	call := fmt.Sprintf(`"status":"waiting","queued_at":%q`, when.Format(time.RFC3339))
	ticket := fmt.Sprintf(`"status":"received","kind":"question","channel":"phone","topic":"x","received_at":%q`, when.Format(time.RFC3339))
	first, second, third := said("call", "one", 0, call), said("call", "two", 1, call), said("ticket", "three", 2, ticket)
	back := said("call", "one", 3, call)
	for _, c := range []struct {
		name           string
		messages       []schemas.Message
		calls, tickets float64
		entity         string
	}{
		{"as it was", []schemas.Message{first}, 1, 0, "one"},
		{"of another call", []schemas.Message{first, second}, 1, 0, "two"},
		{"the correction came first", []schemas.Message{second, first}, 1, 0, "two"},
		{"of another type", []schemas.Message{first, second, third}, 0, 1, "three"},
		{"in the opposite order", []schemas.Message{third, second, first}, 0, 1, "three"},
		{"of the first one after all", []schemas.Message{first, second, third, back}, 1, 0, "one"},
		{"in disorder, and repeated", []schemas.Message{back, third, first, second, third, back, first}, 1, 0, "one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			roller := r.roller(r.catalogue)
			check := func(what string) {
				t.Helper()
				calls, tickets := 0.0, 0.0
				for _, p := range r.series("hotline.calls", "dong-xoai", day(1), 2, 24*time.Hour) {
					if p.Value != nil {
						calls += *p.Value
					}
				}
				for _, p := range r.series("ticket.received", "dong-xoai", day(1), 2, 24*time.Hour) {
					if p.Value != nil {
						tickets += *p.Value
					}
				}
				if calls != c.calls || tickets != c.tickets {
					t.Errorf("%s: %v calls and %v tickets, want %v and %v", what, calls, tickets, c.calls, c.tickets)
				}
				if got := r.text("SELECT arrayStringConcat(groupArray(entity)) FROM entity FINAL WHERE NOT gone"); got != c.entity {
					t.Errorf("%s: there is %q, want %q", what, got, c.entity)
				}
			}
			for _, m := range c.messages {
				r.write([]schemas.Message{m})
				r.must(roller.Once(t.Context(), false))
			}
			check("one after the other")
			before := r.contents()
			r.must(r.roller(r.catalogue).Rebuild(t.Context(), r.store, time.Time{}, func(rollup.Progress) {}))
			r.same("rebuilt", before)
			r.clear()
			r.write(c.messages)
			r.must(r.roller(r.catalogue).Once(t.Context(), false))
			check("all at once")
		})
	}
}
