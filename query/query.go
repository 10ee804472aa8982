// Package query answers every question asked of the data.
package query

import (
	"slices"
	"time"

	"github.com/binhphuoc/ioc/schemas/wire"
)

// Scope is what a reader may see. The zero Scope sees nothing. Every question takes one,
// and nothing outside of it is counted, listed or explained.
type Scope struct {
	all     bool
	centres []string
}

// Everything is the scope of the provincial centre: all centres.
func Everything() Scope { return Scope{all: true} }

// Only is the scope of one or more centres. It does not hold the province's totals,
// because these would tell what the other centres sent.
func Only(centres ...string) Scope { return Scope{centres: centres} }

// Sees tells whether the reader may see what concerns the centre.
func (s Scope) Sees(centre string) bool { return s.all || slices.Contains(s.centres, centre) }

// SeesAll tells whether the reader may see everything, also what names no centre that is known.
func (s Scope) SeesAll() bool { return s.all }

// within is whose things a question about one centre, or about none in particular, may see: nil stands for everybody's, empty
// for nobody's.
func (s Scope) within(centre string) ([]string, error) {
	switch {
	case centre != "" && !s.Sees(centre):
		return nil, ErrNotFound
	case centre != "":
		return []string{centre}, nil
	case s.all:
		return nil, nil
	default:
		return append([]string{}, s.centres...), nil
	}
}

// SeriesRequest asks for one KPI of one centre over time.
type SeriesRequest struct {
	KPI      string
	Centre   string
	From, To time.Time     // From inclusive, To exclusive
	Step     time.Duration // a whole multiple of 10 s; days start at midnight in Asia/Ho_Chi_Minh
}

// Update is what the evaluator found in one round.
type Update struct {
	At     time.Time
	Values []wire.Value // all values of all centres, in the order of the catalogue
	Feeds  []wire.Feed
}

// ExplainRequest names a number: a KPI of a centre, live, over a span of time, or as the report of a period tells it.
type ExplainRequest struct {
	KPI      string
	Centre   string
	From, To time.Time // To exclusive; both zero: the KPI's own window, which ends now
	Period   string    // of a report, as in package period; instead of From and To
	AsOf     time.Time // of that report
}

// EventsRequest asks for a page of what was counted.
type EventsRequest struct {
	ExplainRequest
	Part  string // numerator or denominator; empty: the larger of the two
	After string // next of the page before
	Limit int
}

// MaxEvents is the longest page of events.
const MaxEvents = 500

// Told is what the report of a period tells of one KPI.
type Told struct {
	Row    wire.ReportRow
	Period wire.ReportPeriod
	Until  time.Time // end of what it covers; of a period that goes on, the 10 seconds of looking
}

// ReportRequest asks how a centre, and all below it, stood in a period.
type ReportRequest struct {
	Period string // as in package period
	Centre string
	AsOf   time.Time // the moment to look from; zero: now
}
