package scorecard

import (
	"cmp"
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// KeeperOptions are what a Keeper needs.
type KeeperOptions struct {
	Scores *Scores
	Span   func(w kpi.Window, now time.Time) (from, to time.Time) // what a KPI's window covers at a moment
	Every  time.Duration                                          // default 1 min: nobody waits for a score of the year
	Log    *slog.Logger
}

// Keeper keeps the scores that KPIs of kind score show. They take too long to be reckoned with each round of the others.
type Keeper struct {
	o       KeeperOptions
	current atomic.Pointer[[]query.Count]
}

// NewKeeper makes a Keeper.
func NewKeeper(o KeeperOptions) *Keeper {
	o.Every = cmp.Or(o.Every, time.Minute)
	return &Keeper{o: o}
}

// Counts returns the newest scores: as numerator the points that are reached, as denominator those that are known.
func (k *Keeper) Counts() []query.Count {
	if p := k.current.Load(); p != nil {
		return *p
	}
	return nil
}

// Run reckons again and again, until ctx ends. When storage is away it says so once, and the last scores stay.
func (k *Keeper) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		err := k.Once(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !failing:
			failing = true
			k.o.Log.Error("scores wait for storage", "error", err)
		case err == nil && failing:
			failing = false
			k.o.Log.Info("scores go on")
		}
		timer.Reset(k.o.Every)
	}
}

// Once reckons the scores as of now.
func (k *Keeper) Once(ctx context.Context) error {
	out := []query.Count{}
	now := k.o.Scores.Now()
	for _, x := range k.o.Scores.Catalogue().KPIs {
		if x.Formula.Kind != kpi.KindScore || !k.o.Scores.has(x.Formula.Scorecard) {
			continue
		}
		from, to := k.o.Span(x.Window, now)
		t, err := k.o.Scores.Table(ctx, query.Everything(), Request{ID: x.Formula.Scorecard, By: wire.ByCentre, From: from, To: to})
		if err != nil {
			return err
		}
		units := t.Units
		if t.Whole != nil {
			units = append(units, *t.Whole)
		}
		for _, u := range units {
			if u.Known > 0 {
				out = append(out, query.Count{KPI: x.ID, Centre: u.Unit, Num: u.Reached, Den: u.Known, Newest: newest(u)})
			}
		}
	}
	k.current.Store(&out)
	return nil
}

// has tells whether there is such a scorecard: a KPI of one that is not there has no value.
func (a *Scores) has(id string) bool {
	for _, s := range a.Scorecards() {
		if s.ID == id {
			return true
		}
	}
	return false
}

// newest is the time of the newest event in a score.
func newest(u wire.ScorecardScore) time.Time {
	var out time.Time
	for _, g := range u.Groups {
		for _, c := range g.Criteria {
			if c.Newest != nil && c.Newest.After(out) {
				out = *c.Newest
			}
		}
	}
	return out
}
