// Package scorecard holds the scorecards: files that say by which criteria agencies, localities and their heads are scored.
package scorecard

import (
	"slices"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
)

// Scorecard is one way to score.
type Scorecard struct {
	ID          string
	File        string // where it was read from
	Name        schemas.Text
	Description schemas.Text
	Source      string        // the document that sets it
	Unchecked   *schemas.Text // what of it nobody has compared with that document; nil: nothing is left
	Points      float64       // the most that can be reached; that of all groups together
	// KnownLeast is the share of the points that must be known of a unit before it is ranked.
	KnownLeast float64
	Groups     []Group
}

// Group is a part of a scorecard.
type Group struct {
	ID       string
	Name     schemas.Text
	Points   float64 // that of all its criteria together
	Source   string
	Criteria []Criterion
}

// Criterion gives points for one value: all from Full on, none up to Zero, and in between as a straight line goes.
// Exactly one of KPI, Figure and Missing says where the value comes from.
type Criterion struct {
	ID     string
	Name   schemas.Text
	Points float64
	KPI    string // id in the catalogue, evaluated of each unit
	Figure string // indicator of a figure, which is published of localities alone
	// Missing says why nothing gives the value.
	Missing    *schemas.Text
	Full, Zero float64 // in the unit of the KPI or the figure
	Source     string  // of points and formula
}

// Reached returns the points that a value gives.
func (c Criterion) Reached(value float64) float64 {
	return c.Points * min(1, max(0, (value-c.Zero)/(c.Full-c.Zero)))
}

// KPIs lists the KPIs that the scorecard asks for, each once.
func (s Scorecard) KPIs() []string { return s.each(func(c Criterion) string { return c.KPI }) }

// Figures lists the indicators of figures that the scorecard asks for, each once.
func (s Scorecard) Figures() []string { return s.each(func(c Criterion) string { return c.Figure }) }

func (s Scorecard) each(of func(Criterion) string) []string {
	var out []string
	for _, g := range s.Groups {
		for _, c := range g.Criteria {
			if id := of(c); id != "" && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

// Countable tells whether a KPI can be evaluated of an agency or a centre from how things stand: it must count things of
// the services, and not measurements or feeds, or be a figure. That it must compare units of different sizes leaves out
// plain counts.
func Countable(k kpi.KPI) bool {
	switch k.Formula.Kind {
	case kpi.KindFigure:
		return true
	case kpi.KindRatio, kpi.KindAverage, kpi.KindQuantile, kpi.KindStandingRatio:
		return kpi.Fields(k.Formula.Of) != nil && !schemas.Type(k.Formula.Of).Measured() &&
			k.Formula.Of != kpi.OfMeasure && k.Formula.Of != kpi.OfRejected
	default:
		return false
	}
}

// ByAgency tells whether what a KPI counts names the agency that it is of.
func ByAgency(k kpi.KPI) bool {
	_, ok := kpi.Fields(k.Formula.Of)["agency"]
	return ok
}
