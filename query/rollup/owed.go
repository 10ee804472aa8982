package rollup

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
)

// live works off what is new. More than fits is owed.
func (r *Roller) live(ctx context.Context, sweep bool) error {
	back := overlap
	if sweep {
		back = sweepOverlap
	}
	touches, err := r.o.Journal.Touches(ctx, r.mark.Add(-back))
	if err != nil {
		return err
	}
	touches = slices.DeleteFunc(touches, func(t Touch) bool {
		done, ok := r.seen[t.Batch]
		// A sweep works off once more what has had time to settle: whatever a first look in the midst of inserts and
		// merges did not see is put right within half a minute, and nothing changes where it saw all.
		return ok && (done.again || !sweep || done.sweep == r.sweeps)
	})
	if len(touches) == 0 {
		return nil
	}
	if n := wholeBatches(touches, maxTouches); n < len(touches) {
		r.owe(touches[len(touches)-1].At, touches[n].At)
		touches = touches[:n]
	}
	if err := r.apply(ctx, touches); err != nil {
		return err
	}
	r.remember(touches)
	r.o.Changed()
	return nil
}

// look is how often a batch was worked off.
type look struct {
	at    time.Time // its At
	sweep int       // how many sweeps had succeeded when it was first worked off
	again bool      // worked off twice: at once, and with a sweep
}

// remember notes what is done.
func (r *Roller) remember(touches []Touch) {
	before := maps.Clone(r.seen)
	for _, t := range touches {
		_, again := before[t.Batch]
		r.seen[t.Batch] = look{at: t.At, sweep: r.sweeps, again: again}
		if t.At.After(r.mark) {
			r.mark = t.At
		}
	}
	maps.DeleteFunc(r.seen, func(_ uuid.UUID, l look) bool { return r.mark.Sub(l.at) > 2*sweepOverlap })
}

// owe puts off what was touched between two moments, both included.
func (r *Roller) owe(from, to time.Time) {
	to = to.Add(time.Millisecond) // the journal's times have no more digits
	if r.low.Equal(r.high) {
		r.low, r.high = from, to
		return
	}
	if from.Before(r.low) {
		r.low = from
	}
	if to.After(r.high) {
		r.high = to
	}
}

// catchUp works off the newest part of what is owed.
func (r *Roller) catchUp(ctx context.Context) error {
	if r.low.Equal(r.high) {
		return nil
	}
	touches, err := r.o.Journal.Before(ctx, r.low, r.high, maxTouches)
	if err != nil {
		return err
	}
	if len(touches) > 0 {
		if err := r.apply(ctx, touches); err != nil {
			return err
		}
		r.remember(touches)
		r.o.Changed()
	}
	if len(touches) < maxTouches {
		r.low = r.high
		return nil
	}
	r.high = touches[len(touches)-1].At
	return nil
}

// wholeBatches returns how many of the touches to take, so that about limit are taken and no batch is cut in two.
func wholeBatches(touches []Touch, limit int) int {
	n := min(limit, len(touches))
	for n > 0 && n < len(touches) && touches[n].At.Equal(touches[n-1].At) {
		n++
	}
	return n
}

// resume starts where the last worker stopped.
func (r *Roller) resume(ctx context.Context) error {
	done, err := r.o.Journal.Progress(ctx, progressName)
	if err != nil {
		return err
	}
	newest, err := r.o.Journal.Newest(ctx)
	if err != nil {
		return err
	}
	defs, err := r.o.Definitions.Definitions(ctx)
	if err != nil {
		return err
	}
	// All that the last worker may have left undone lies within a sweep of its mark.
	if !done.IsZero() {
		done = done.Add(-sweepOverlap)
	}
	r.mark, r.defs = done, defs
	if from := newest.Add(-fresh); from.After(done) {
		r.mark = from
		r.owe(done, from)
	}
	return nil
}
