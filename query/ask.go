package query

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// Step is what was counted in one step of a series.
type Step struct {
	At time.Time
	Count
	Value *float64 // of KPIs that are kept as values and not as counts
}

// Store is where answers come from.
type Store interface {
	Steps(ctx context.Context, k kpi.KPI, centres []string, r SeriesRequest) ([]Step, error)
	DayCounts(ctx context.Context, k kpi.KPI, centres []string, from, to time.Time) ([]Day, error)
	Revisions(ctx context.Context, k kpi.KPI, centres []string, from, to time.Time) ([]Day, error)
}

// Answers are the questions that people ask.
type Answers struct {
	Store     Store
	Registry  *schemas.Registry
	Catalogue func() *kpi.Catalogue // the one in force
	Now       func() time.Time
}

// maxPoints is the longest series that is answered at once.
const maxPoints = 10000

// Series returns a KPI of a centre over time: one point for each step, with a null value where there is none.
func (a *Answers) Series(ctx context.Context, scope Scope, r SeriesRequest) (wire.Series, error) {
	k, ok := a.Catalogue().ByID(r.KPI)
	if !ok || !scope.Sees(r.Centre) {
		return wire.Series{}, ErrNotFound
	}
	centres := a.below(r.Centre)
	if len(centres) == 0 {
		return wire.Series{}, ErrNotFound
	}
	switch n := r.To.Sub(r.From); {
	case n <= 0:
		return wire.Series{}, fmt.Errorf("%w: the series ends before it begins", ErrBadRequest)
	case r.Step < 10*time.Second || r.Step%(10*time.Second) != 0:
		return wire.Series{}, fmt.Errorf("%w: step must be a multiple of 10 s", ErrBadRequest)
	case n/r.Step > maxPoints:
		return wire.Series{}, fmt.Errorf("%w: more than %d points; take a longer step", ErrBadRequest, maxPoints)
	}
	r.From = period.Floor(r.From, r.Step)
	steps, err := a.Store.Steps(ctx, k, centres, r)
	if err != nil {
		return wire.Series{}, err
	}
	out := wire.Series{KPI: k.ID, Centre: r.Centre, Unit: k.Unit, StepSeconds: r.Step.Seconds(), Points: []wire.Point{}}
	now := a.Now()
	for at := r.From; at.Before(r.To); at = at.Add(r.Step) {
		p := wire.Point{At: at.UTC()}
		if len(steps) > 0 && steps[0].At.Equal(at) {
			p = point(k, steps[0], r.Step)
			steps = steps[1:]
		} else if k.Formula.Kind == kpi.KindCount && !at.After(now) && len(out.Points) > 0 && out.Points[len(out.Points)-1].Value != nil {
			zero := 0.0 // nothing happened, after something did
			p.Value, p.Numerator = &zero, &zero
		}
		out.Points = append(out.Points, p)
	}
	return out, a.revisions(ctx, k, centres, r, out.Points)
}

func point(k kpi.KPI, s Step, step time.Duration) wire.Point {
	p := wire.Point{At: s.At.UTC(), Value: s.Value}
	if k.Formula.Kind.Rolled() {
		p.Value = Compute(k, s.Count, step)
	}
	p.Numerator, p.Denominator = Shown(k.Formula.Kind, s.Count)
	return p
}

// below lists a centre and all below it.
func (a *Answers) below(code string) []string {
	var out []string
	for _, c := range a.Registry.Centres {
		if slices.Contains(a.Registry.Above(c.Code), code) {
			out = append(out, c.Code)
		}
	}
	return out
}
