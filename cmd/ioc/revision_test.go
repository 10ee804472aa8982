package main

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// day is the start of the day in Binh Phuoc that lies so many days back.
func day(back int) time.Time {
	const zone = 7 * time.Hour
	return time.Now().Add(zone).Truncate(24 * time.Hour).Add(-zone - time.Duration(back)*24*time.Hour).UTC()
}

// call is a call of the hotline that was queued at a time, answered after a wait, and arrived when it was told.
func call(id, centre string, queued time.Time, wait time.Duration, revision int, arrived time.Time) schemas.Message {
	answered := queued.Add(wait)
	return schemas.Message{Transport: "kafka", Centre: centre, Topic: "ioc." + centre + ".service", Arrived: arrived, Payload: fmt.Appendf(nil,
		`{"specversion":"1.0","id":%q,"source":"/%s/service/1022","type":"vn.binhphuoc.ioc.call.v1","time":%q,"data":{"call_id":%[1]q,"status":"answered","queued_at":%[4]q,"answered_at":%[3]q,"revision":%[5]d}}`,
		id, centre, answered.Format(time.RFC3339), queued.Format(time.RFC3339), revision)}
}

func (r *rig) series(id, centre string, from time.Time, days int, step time.Duration) []wire.Point {
	r.t.Helper()
	a := &query.Answers{Store: r.store, Registry: r.registry, Catalogue: func() *kpi.Catalogue { return r.catalogue }, Now: time.Now}
	out, err := a.Series(r.t.Context(), query.Everything(), query.SeriesRequest{KPI: id, Centre: centre, From: from, To: from.Add(time.Duration(days) * 24 * time.Hour), Step: step})
	r.must(err)
	return out.Points
}

func TestAClosedDayTellsWhenItWasRevisedAndFromWhat(t *testing.T) {
	r := newRig(t)
	roller := r.roller(r.catalogue)
	late := day(5).Add(10 * time.Hour)
	first, second := late.Add(time.Hour), late.Add(2*time.Hour)
	add := func(list ...schemas.Message) {
		t.Helper()
		r.write(list)
		r.must(roller.Once(t.Context(), true))
	}
	// Both centres send since ten days ago.
	add(call("a", "dong-xoai", day(10), 10*time.Second, 0, day(10)), call("b", "phuoc-long", day(10), 10*time.Second, 0, day(10)))
	// On the fifth day back, two calls in time: 1 of 2 within 20 s.
	add(call("c", "dong-xoai", late, 10*time.Second, 0, late), call("d", "dong-xoai", first, 30*time.Second, 0, first))
	r.exec("TRUNCATE TABLE revision") // the database knows that all of this is written today
	check := func(what, id, centre string, from time.Time, days int, step time.Duration, value float64, want ...any) {
		t.Helper()
		p := r.series(id, centre, from, days, step)[0]
		if p.Value == nil || math.Abs(*p.Value-value) > 1e-9 {
			t.Errorf("%s: value %v, want %v", what, shown(p.Value), value)
		}
		var got []any
		for _, x := range p.Revisions {
			got = append(got, shown(x.Before))
			if age := time.Since(x.At); age < -time.Minute || age > 10*time.Minute {
				t.Errorf("%s: revised at %s, want now", what, x.At)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: revised from %v, want %v", what, got, want)
		}
	}
	// Today a third call of that day arrives, and the second is corrected: all three within 20 s. In one hour, that is one revision.
	add(call("e", "dong-xoai", second, 5*time.Second, 0, time.Now()))
	add(call("d", "dong-xoai", first, 15*time.Second, 1, time.Now()))
	check("day of the centre", "hotline.calls", "dong-xoai", day(5), 1, 24*time.Hour, 3, 2.0)
	check("day of the province", "hotline.calls", "province", day(5), 1, 24*time.Hour, 3, 2.0)
	check("two days of the province", "hotline.calls", "province", day(5), 1, 48*time.Hour, 3, 2.0)
	check("quantile", "hotline.wait_p95", "dong-xoai", day(5), 1, 24*time.Hour, 14.5, 29.0)
	check("ratio", "hotline.service_level", "dong-xoai", day(5), 1, 24*time.Hour, 100, 50.0)
	check("another day", "hotline.calls", "dong-xoai", day(10), 1, 24*time.Hour, 1)

	// A centre that had no call on that day sends one: revised from nothing.
	add(call("f", "phuoc-long", late, 40*time.Second, 0, time.Now()))
	check("from nothing", "hotline.service_level", "phuoc-long", day(5), 1, 24*time.Hour, 0, "none")
	check("the province", "hotline.service_level", "province", day(5), 1, 24*time.Hour, 75, 50.0)

	// A centre that joins today brings its history: that revises nothing.
	add(call("g", "binh-long", late, 10*time.Second, 0, time.Now()))
	check("history of one that joined", "hotline.calls", "binh-long", day(5), 1, 24*time.Hour, 1)

	// Steps of an hour, and computing it all again, revise nothing.
	if p := r.series("hotline.calls", "dong-xoai", late, 1, time.Hour)[0]; len(p.Revisions) != 0 {
		t.Errorf("an hour was revised: %+v", p)
	}
	r.must(r.roller(r.catalogue).Once(t.Context(), true))
	check("after it was computed again", "hotline.service_level", "dong-xoai", day(5), 1, 24*time.Hour, 100, 50.0)
}
