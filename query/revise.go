package query

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// Day is what stands or stood behind a KPI of one centre on one day.
type Day struct {
	Bucket time.Time // start of the day
	Until  time.Time // when it was replaced; zero: it stands
	Count
}

// maxRevisions is how many changes of one figure are told, the newest.
const maxRevisions = 20

// revisions notes in the points when they changed after their days had closed.
func (a *Answers) revisions(ctx context.Context, k kpi.KPI, centres []string, r SeriesRequest, points []wire.Point) error {
	if r.Step%(24*time.Hour) != 0 || !k.Formula.Kind.Rolled() {
		return nil // what is kept as it was shown is never revised
	}
	replaced, err := a.Store.Revisions(ctx, k, centres, r.From, r.To)
	if err != nil || len(replaced) == 0 {
		return err
	}
	standing, err := a.Store.DayCounts(ctx, k, centres, r.From, r.To)
	if err != nil {
		return err
	}
	for i := range points {
		in := func(d Day) bool { return !d.Bucket.Before(points[i].At) && d.Bucket.Before(points[i].At.Add(r.Step)) }
		points[i].Revisions = revisionsOf(k, r.Step, points[i].Value, only(replaced, in), only(standing, in))
	}
	return nil
}

func only(days []Day, in func(Day) bool) []Day {
	var out []Day
	for _, d := range days {
		if in(d) {
			out = append(out, d)
		}
	}
	return out
}

// revisionsOf computes the values that a figure had, from the days that it is made of: those that were replaced, the first
// first, and those that stand. Changes that took nothing from the value, and gave it nothing, are left out.
func revisionsOf(k kpi.KPI, span time.Duration, now *float64, replaced, standing []Day) []wire.Revision {
	var times []time.Time // of the first change in each hour
	for _, d := range replaced {
		if len(times) == 0 || d.Until.Truncate(time.Hour).After(times[len(times)-1].Truncate(time.Hour)) {
			times = append(times, d.Until)
		}
	}
	var out []wire.Revision
	after := now
	for _, at := range slices.Backward(times) {
		before := Compute(k, countBefore(at, replaced, standing), span)
		if !Same(before, after) {
			out = append(out, wire.Revision{At: at.UTC(), Before: before})
		}
		if after = before; len(out) == maxRevisions {
			break
		}
	}
	slices.Reverse(out)
	return out
}

// countBefore merges what was in force just before a moment.
func countBefore(at time.Time, replaced, standing []Day) Count {
	type place struct {
		centre string
		day    int64
	}
	force := map[place]Day{}
	var order []place // adding in one order gives one sum
	for _, d := range standing {
		p := place{d.Centre, d.Bucket.Unix()}
		order, force[p] = append(order, p), d
	}
	for _, d := range slices.Backward(replaced) {
		if d.Until.Before(at) {
			break
		}
		p := place{d.Centre, d.Bucket.Unix()}
		if _, ok := force[p]; !ok {
			order = append(order, p)
		}
		force[p] = d
	}
	var out Count
	for _, p := range order {
		out.Add(force[p].Count)
	}
	return out
}

// Same tells whether two values are one, but for the rounding of sums.
func Same(a, b *float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return math.Abs(*a-*b) <= 1e-9*max(1, math.Abs(*a), math.Abs(*b))
}
