// Package rollup keeps the derived tables equal to what the raw events say.
package rollup

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/binhphuoc/ioc/schemas/kpi"
)

// Options are what a Roller needs.
type Options struct {
	Journal     Journal
	Tables      Tables
	Definitions Definitions
	Ages        Ages                  // nil: nothing is ever deleted for its age
	Catalogue   func() *kpi.Catalogue // the one in force
	Poll        time.Duration         // how often to look for new batches; default 250 ms
	Changed     func()                // called after derived tables changed; must not block
	Log         *slog.Logger
}

// Roller is the worker. Several may run at once: each row of a derived table is a function of the raw events,
// so they write the same rows.
//
// What is new comes first: after a pause the screens are live at once, and the past follows, backwards.
type Roller struct {
	o      Options
	seen   map[uuid.UUID]look
	sweeps int
	mark   time.Time // newest At done
	// What was touched between low and high (exclusive) is still to be done; nothing when they are equal.
	low, high time.Time
	arrivals  map[time.Time]struct{} // minutes in which something was delivered, still to be counted
	defs      map[string]uint64
	again     redefinition
	kept      Kept
}

const (
	base = 10 * time.Second
	// A batch becomes visible a moment after its clock was read. Each poll looks back this far,
	// each sweep further, for those that were slower than anybody expects.
	overlap      = 10 * time.Second
	sweepOverlap = 15 * time.Minute
	sweepEvery   = 30 * time.Second
	// At most so many buckets in one query.
	maxBuckets = 5000
	// At most so many touches are worked off before the next look at what is new.
	maxTouches = 400
	// Of what was written before a worker began, so much counts as new.
	fresh = 30 * time.Second
	// So many groups are rolled up side by side: each waits for storage most of the time.
	parallel     = 4
	progressName = "rollup"
)

type tier struct{ size, below time.Duration }

func tiers() []tier {
	return []tier{{time.Minute, base}, {time.Hour, time.Minute}, {24 * time.Hour, time.Hour}}
}

// New makes a Roller.
func New(o Options) *Roller {
	if o.Poll <= 0 {
		o.Poll = 250 * time.Millisecond
	}
	if o.Changed == nil {
		o.Changed = func() {}
	}
	return &Roller{o: o, seen: map[uuid.UUID]look{}, arrivals: map[time.Time]struct{}{}}
}

// Run works until ctx ends. When storage is away it says so once, waits, and goes on.
func (r *Roller) Run(ctx context.Context) error {
	tick := time.NewTicker(r.o.Poll)
	defer tick.Stop()
	var failing bool
	var swept, counted time.Time
	for {
		now := time.Now()
		sweep := now.Sub(swept) >= sweepEvery
		count := now.Sub(counted) >= countEvery
		err := r.Once(ctx, sweep)
		if err == nil && sweep {
			swept = now
		}
		if err == nil && count {
			if err = r.CountArrivals(ctx); err == nil {
				counted = now
			}
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			if !failing {
				r.o.Log.Error("roll-up waits for storage", "error", err)
			}
			failing = true
			if !sleep(ctx, time.Second) {
				return nil
			}
			continue
		case failing:
			failing = false
			r.o.Log.Info("roll-up goes on")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// Once brings the derived tables up to what the journal says now: first what is new, then a part of what is owed, then a day of
// what new formulas ask for. A sweep looks further back.
func (r *Roller) Once(ctx context.Context, sweep bool) error {
	if r.defs == nil || sweep {
		if err := r.readAges(ctx); err != nil {
			return err
		}
	}
	if r.defs == nil {
		if err := r.resume(ctx); err != nil {
			return err
		}
	}
	mark := r.mark
	if err := r.live(ctx, sweep); err != nil {
		return err
	}
	if err := r.catchUp(ctx); err != nil {
		return err
	}
	// Who resumes looks back from here, so nothing older may be owed.
	if r.low.Equal(r.high) && r.mark.Truncate(base).After(mark.Truncate(base)) {
		if err := r.o.Journal.SaveProgress(ctx, progressName, r.mark); err != nil {
			return err
		}
	}
	if err := r.redefine(ctx); err != nil {
		return err
	}
	// One that failed is no sweep: tries follow each other by the second while storage comes back, and what was looked at in
	// the first of them has not settled by the third.
	if sweep {
		r.sweeps++
	}
	return nil
}

// CatchUp works off all that the journal says, and returns when nothing is owed.
func (r *Roller) CatchUp(ctx context.Context) error {
	err := r.Once(ctx, true)
	for err == nil && (!r.low.Equal(r.high) || len(r.again.days) > 0) {
		err = r.Once(ctx, false)
	}
	if err != nil {
		return err
	}
	return r.CountArrivals(ctx)
}
