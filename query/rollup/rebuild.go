package rollup

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/period"
)

// Past computes again what is kept besides rollups, from all raw events. It may be split into parts, so that
// a query is bounded by what it holds and not by how much there is.
type Past interface {
	// Parts is in how many parts things, and moves, are best computed.
	Parts(ctx context.Context) (things, moves int, err error)
	// AllEntities computes again how each thing of a type stands: those of one part.
	AllEntities(ctx context.Context, typ string, part, parts int) error
	// AllMoved marks again the measurements that a correction took to another time, and the states that one took to another
	// thing: those of one part.
	AllMoved(ctx context.Context, part, parts int) error
	// MeasuredDays lists the starts of the days, from since on, in which sources of a type said anything; of the type
	// delivered, those in which anything arrived.
	MeasuredDays(ctx context.Context, typ string, since time.Time) ([]time.Time, error)
	// MeasuredMinutes lists the minutes of one day in which they did.
	MeasuredMinutes(ctx context.Context, typ string, day time.Time) ([]time.Time, error)
}

// step is one part of a rebuild.
type step struct {
	name string
	do   func(ctx context.Context) error
}

// Progress is how far a rebuild has come.
type Progress struct {
	Phase, Phases int // from 1; how long a phase is shows when it begins
	Done, Total   int // steps of the phase
	Doing         string
}

// Rebuild computes every derived table again from the raw events since a moment. It may run beside the workers, and be
// ended at any time: each row that it writes is right by itself. Days whose raw events were deleted for their age stay as they
// are. show is called before each step and after each phase.
func (r *Roller) Rebuild(ctx context.Context, past Past, since time.Time, show func(Progress)) error {
	if err := r.readAges(ctx); err != nil {
		return err
	}
	// Rollups count what the other tables hold: these come first.
	phases := []func(context.Context, Past, time.Time) ([]step, error){r.planFacts, r.planRollups}
	for i, plan := range phases {
		steps, err := plan(ctx, past, since)
		if err != nil {
			return err
		}
		p := Progress{Phase: i + 1, Phases: len(phases), Total: len(steps)}
		for _, s := range steps {
			p.Doing = s.name
			show(p)
			if err := s.do(ctx); err != nil {
				return fmt.Errorf("rebuild %s: %w", s.name, err)
			}
			p.Done++
		}
		p.Doing = ""
		show(p)
	}
	return nil
}

// planFacts lists the steps for all derived tables but the rollups.
func (r *Roller) planFacts(ctx context.Context, past Past, since time.Time) ([]step, error) {
	things, moves, err := past.Parts(ctx)
	if err != nil {
		return nil, err
	}
	var out []step
	add := func(name string, do func(context.Context) error) { out = append(out, step{name, do}) }
	for part := range moves {
		add("moved events", func(ctx context.Context) error { return past.AllMoved(ctx, part, moves) })
	}
	for _, t := range schemas.Types() {
		typ := string(t)
		if !t.Measured() {
			for part := range things {
				add(typ, func(ctx context.Context) error { return past.AllEntities(ctx, typ, part, things) })
			}
			continue
		}
		days, err := past.MeasuredDays(ctx, typ, since)
		if err != nil {
			return nil, err
		}
		for _, day := range slices.Backward(r.kept.whole(typ, days)) {
			said := func(ctx context.Context, minutes []time.Time) error { return r.o.Tables.Sources(ctx, typ, minutes) }
			add(typ+" sources "+date(day), func(ctx context.Context) error { return r.minutesOf(ctx, past, typ, day, maxBuckets, said) })
		}
	}
	days, err := past.MeasuredDays(ctx, delivered, since)
	if err != nil {
		return nil, err
	}
	for _, day := range slices.Backward(days) {
		add("deliveries "+date(day), func(ctx context.Context) error {
			return r.minutesOf(ctx, past, delivered, day, maxArrivals, r.o.Tables.Delivered)
		})
	}
	return out, nil
}

// planRollups lists the steps for the rollups: the newest days first, because these are on the screens.
func (r *Roller) planRollups(ctx context.Context, _ Past, since time.Time) ([]step, error) {
	var out []step
	for _, g := range Groups(r.o.Catalogue()) {
		days, _, err := r.wholeDays(ctx, g)
		if err != nil {
			return nil, err
		}
		again := slices.DeleteFunc(slices.Clone(days), func(day time.Time) bool { return !day.Add(24 * time.Hour).After(since) })
		for _, day := range slices.Backward(again) {
			out = append(out, step{g.Of + " by " + g.At + " " + date(day), func(ctx context.Context) error { return r.day(ctx, g, day) }})
		}
		if len(again) == len(days) { // then the platform need not do it once more when it starts
			out = append(out, step{g.Of + " by " + g.At + ", formulas", func(ctx context.Context) error { return r.defined(ctx, g) }})
		}
	}
	return out, nil
}

// date names a day by its date in Binh Phuoc.
func date(day time.Time) string { return day.UTC().Add(period.Offset).Format(time.DateOnly) }

// minutesOf computes again the minutes of one day in which sources of a type said anything, so many at once.
func (*Roller) minutesOf(ctx context.Context, past Past, typ string, day time.Time, most int, compute func(context.Context, []time.Time) error) error {
	minutes, err := past.MeasuredMinutes(ctx, typ, day)
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(minutes, most) {
		if err := compute(ctx, chunk); err != nil {
			return err
		}
	}
	return nil
}
