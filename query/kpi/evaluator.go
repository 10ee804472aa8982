// Package kpi evaluates the catalogue of KPIs, again and again, for every centre and for the province.
package kpi

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// Question asks for the counts behind one KPI.
type Question struct {
	KPI      kpi.KPI
	From, To time.Time // To exclusive; both now for what stands at this moment
}

// Store is where the counts come from.
type Store interface {
	// Counts returns what each centre sent; a centre without anything is left out.
	Counts(ctx context.Context, questions []Question, now time.Time) ([]query.Count, error)
	// Feeds returns the health of all feeds.
	Feeds(ctx context.Context, now time.Time) ([]wire.Feed, error)
	// Keep remembers the values at the end of a minute.
	Keep(ctx context.Context, minute time.Time, values []wire.Value) error
}

// Options are what an Evaluator needs.
type Options struct {
	Store     Store
	Registry  *schemas.Registry
	Catalogue func() *kpi.Catalogue // the one in force
	Every     time.Duration         // at the latest; default 1 s
	AtMost    time.Duration         // least time between two rounds when data changes; default 400 ms
	Publish   func(query.Update)
	// Scores gives the newest points of KPIs that are scores, each of its centre with all below; nil: there are none.
	Scores func() []query.Count
	Log    *slog.Logger
}

// Evaluator computes all values and hands them on.
type Evaluator struct {
	o       Options
	changed chan struct{}
	levels  map[Place]kpi.Level
	shown   query.Update // of the last round
}

// Place is where a value stands: a KPI and a centre.
type Place struct{ KPI, Centre string }

// New makes an Evaluator.
func New(o Options) *Evaluator {
	o.Every = cmp.Or(o.Every, time.Second)
	o.AtMost = cmp.Or(o.AtMost, 400*time.Millisecond)
	return &Evaluator{o: o, changed: make(chan struct{}, 1), levels: map[Place]kpi.Level{}}
}

// Changed asks for a round soon, because the data changed. It never blocks.
func (e *Evaluator) Changed() {
	select {
	case e.changed <- struct{}{}:
	default: // one is asked for already
	}
}

// Run evaluates until ctx ends: when the data changed, and every second because time itself changes values.
// When storage is away it says so once; values then age, and turn stale on the screens by themselves.
func (e *Evaluator) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var last time.Time
	var failing bool
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-e.changed:
			if wait := e.o.AtMost - time.Since(last); wait > 0 {
				timer.Reset(wait)
				continue
			}
		}
		last = time.Now()
		u, err := e.Evaluate(ctx, last)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !failing:
			failing = true
			e.o.Log.Error("KPI evaluation waits for storage", "error", err)
		case err == nil:
			if failing {
				failing = false
				e.o.Log.Info("KPI evaluation goes on")
			}
			e.o.Publish(u)
		}
		timer.Reset(e.o.Every)
	}
}

// Evaluate computes all values as of now. At the first call in a minute it also keeps those of the last call before it: what
// was shown when that minute ended. At midnight the new values are already those of another day.
func (e *Evaluator) Evaluate(ctx context.Context, now time.Time) (query.Update, error) {
	now = now.UTC()
	catalogue := e.o.Catalogue()
	questions := make([]Question, 0, len(catalogue.KPIs))
	for _, k := range catalogue.KPIs {
		from, to := Span(k.Window, now)
		questions = append(questions, Question{KPI: k, From: from, To: to})
	}
	feeds, err := e.o.Store.Feeds(ctx, now)
	if err != nil {
		return query.Update{}, err
	}
	counts, err := e.o.Store.Counts(ctx, questions, now)
	if err != nil {
		return query.Update{}, err
	}
	counts = append(counts, FeedCounts(catalogue, feeds)...)
	if e.o.Scores != nil {
		counts = append(counts, e.o.Scores()...)
	}
	merged := Merge(e.o.Registry, catalogue, counts)
	u := query.Update{At: now, Feeds: feeds, Values: make([]wire.Value, 0, len(questions)*len(e.o.Registry.Centres))}
	for _, q := range questions {
		for _, c := range e.o.Registry.Centres {
			u.Values = append(u.Values, e.value(q, c.Code, merged, now))
		}
	}
	if minute := e.shown.At.Truncate(time.Minute); !e.shown.At.IsZero() && now.Truncate(time.Minute).After(minute) {
		if err := e.o.Store.Keep(ctx, minute, e.shown.Values); err != nil {
			return query.Update{}, err
		}
	}
	e.shown = u
	return u, nil
}

// Merge adds each count to its centre and to all centres above.
func Merge(r *schemas.Registry, c *kpi.Catalogue, counts []query.Count) map[Place]*query.Count {
	own := map[string]bool{} // of one place each: those of two towns don't add up to the province's
	for _, k := range c.KPIs {
		own[k.ID] = k.Formula.Kind == kpi.KindFigure || k.Formula.Kind == kpi.KindScore
	}
	out := map[Place]*query.Count{}
	for _, n := range counts {
		to := r.Above(n.Centre)
		switch {
		case own[n.KPI]:
			to = to[:min(1, len(to))]
		case len(to) == 0:
			to = []string{r.Centres[0].Code} // refused events that name no known centre
		}
		for _, centre := range to {
			p := Place{n.KPI, centre}
			if out[p] == nil {
				out[p] = &query.Count{KPI: n.KPI, Centre: centre}
			}
			out[p].Add(n)
		}
	}
	return out
}

func (e *Evaluator) value(q Question, centre string, counts map[Place]*query.Count, now time.Time) wire.Value {
	p := Place{q.KPI.ID, centre}
	v, level := Judge(q, centre, counts[p], e.levels[p], now)
	if v.Value == nil {
		delete(e.levels, p)
	} else {
		e.levels[p] = level
	}
	return v
}

// Judge makes the value of a centre of what was counted, nil when that is nothing. before is how the value was judged last.
func Judge(q Question, centre string, c *query.Count, before kpi.Level, now time.Time) (wire.Value, kpi.Level) {
	v := wire.Value{KPI: q.KPI.ID, Centre: centre, State: wire.StateNoData}
	if c == nil && q.KPI.Formula.Of == kpi.OfRejected {
		c = &query.Count{} // that nothing was refused is a number, not a gap
	}
	if c == nil {
		return v, kpi.LevelOK
	}
	end := q.To
	if now.Before(end) {
		end = now
	}
	if !c.Newest.IsZero() {
		at := c.Newest
		v.At = &at
	}
	v.Value = query.Compute(q.KPI, *c, end.Sub(q.From))
	if v.Value == nil {
		return v, kpi.LevelOK
	}
	v.Numerator, v.Denominator = query.Shown(q.KPI.Formula.Kind, *c)
	level := q.KPI.Level(*v.Value, before)
	v.State = states()[level]
	if q.KPI.StaleAfter > 0 && (v.At == nil || now.Sub(*v.At) > q.KPI.StaleAfter) {
		v.State = wire.StateStale
	}
	return v, level
}

func states() map[kpi.Level]wire.State {
	return map[kpi.Level]wire.State{
		kpi.LevelOK: wire.StateOK, kpi.LevelWarning: wire.StateWarning, kpi.LevelAlarm: wire.StateAlarm,
	}
}

// FeedCounts counts the living feeds for the KPIs that ask for them.
func FeedCounts(c *kpi.Catalogue, feeds []wire.Feed) []query.Count {
	i := slices.IndexFunc(c.KPIs, func(k kpi.KPI) bool { return k.Formula.Kind == kpi.KindFeed })
	if i < 0 {
		return nil
	}
	var out []query.Count
	for _, f := range feeds {
		n := query.Count{KPI: c.KPIs[i].ID, Centre: f.Centre, Den: 1}
		if f.State == wire.FeedAlive {
			n.Num = 1
		}
		if f.NewestArrival != nil {
			n.Newest = *f.NewestArrival
		}
		out = append(out, n)
	}
	return out
}
