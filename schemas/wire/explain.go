package wire

import (
	"time"

	"github.com/binhphuoc/ioc/schemas"
)

// Basis says what an explained number was computed from.
type Basis string

// What a number can be computed from.
const (
	BasisLive   Basis = "live"   // the KPI's own window, which ends now
	BasisPeriod Basis = "period" // the span that was asked for
	BasisKept   Basis = "kept"   // how things stood at the end of that span, as it was shown and kept then
)

// Explanation says where a number comes from.
type Explanation struct {
	KPI    ExplainedKPI `json:"kpi"`
	Centre Centre       `json:"centre"`
	At     time.Time    `json:"at"` // when this was computed
	Basis  Basis        `json:"basis"`
	// Definition is the formula as a sentence.
	Definition schemas.Text    `json:"definition"`
	Window     ExplainedWindow `json:"window"`
	// Period is the one whose report tells this number; null: no report was meant.
	Period  *ExplainedPeriod `json:"period"`
	Value   Value            `json:"value"`
	Samples *int             `json:"samples"` // how many values a quantile, or a value across sources, is made of; else null
	// Centres are those that sent, each with its own counts: added up they are those of Value.
	Centres []ExplainedCentre `json:"centres"`
	// Evidence is null where only the counts were kept.
	Evidence  *Evidence       `json:"evidence"`
	Refused   RefusedShare    `json:"refused"`
	Revisions []DayRevision   `json:"revisions"` // of closed days in the window, the oldest first; the newest 200
	Target    *Target         `json:"target"`    // in force at the end of the window
	Warning   *Bound          `json:"warning"`
	Alarm     *Bound          `json:"alarm"`
	Rollups   []ExplainedTier `json:"rollups"` // the tiers that answered; none: it was counted from how things stand
}

// ExplainedKPI are the words of the KPI's file.
type ExplainedKPI struct {
	ID          string       `json:"id"`
	Name        schemas.Text `json:"name"`
	Description schemas.Text `json:"description"`
	Pillar      string       `json:"pillar"`
	Domain      string       `json:"domain"`
	Unit        string       `json:"unit"`
	Decimals    int          `json:"decimals"`
	Better      string       `json:"better"`
	Scale       float64      `json:"scale"` // the value is what the formula gives times this
	Formula     Formula      `json:"formula"`
	Quantile    float64      `json:"quantile"`  // of quantiles, else 0
	Across      string       `json:"across"`    // how sources are combined, where they are
	Indicator   string       `json:"indicator"` // of figures
	Scorecard   string       `json:"scorecard"` // of scores
	File        string       `json:"file"`
	Source      string       `json:"source"` // document that defines the KPI
}

// ExplainedWindow is the span that a number covers.
type ExplainedWindow struct {
	Text  string       `json:"text"`  // of the KPI's file
	From  time.Time    `json:"from"`  // inclusive
	To    time.Time    `json:"to"`    // exclusive; equal to From: it says how things stand at that moment
	Local schemas.Text `json:"local"` // the same in words, in Asia/Ho_Chi_Minh
}

// ExplainedPeriod is a period as its report tells of a KPI.
type ExplainedPeriod struct {
	Text    string       `json:"text"` // 2026-10
	Name    schemas.Text `json:"name"`
	Meaning string       `json:"meaning"` // as in the report's row
	For     string       `json:"for"`     // of published figures: the period that the figure is of
}

// ExplainedCentre is what one centre sent.
type ExplainedCentre struct {
	Centre      string     `json:"centre"` // empty: what names no centre that is known
	Value       *float64   `json:"value"`  // of what this centre sent alone
	Numerator   *float64   `json:"numerator"`
	Denominator *float64   `json:"denominator"`
	Samples     *int       `json:"samples"`
	Newest      *time.Time `json:"newest"`
}

// Evidence says what stands behind a number.
type Evidence struct {
	Things        uint64     `json:"things"` // how long the list of events is: of dossiers, of measurements, of sources, whatever is counted
	Events        uint64     `json:"events"` // accepted, that told of these
	Sources       uint64     `json:"sources"`
	Newest        *time.Time `json:"newest"`         // when the newest of the events happened
	NewestArrival *time.Time `json:"newest_arrival"` // when that one arrived
	// Late are those of Events that arrived more than a minute after the end of the 10 seconds in which they happened:
	// the number was shown without them before. Null: of these things no times of arrival are kept.
	Late      *uint64  `json:"late"`
	LateShare *float64 `json:"late_share"` // of Events, from 0 to 1
}

// RefusedShare says what was refused in the domains that feed a KPI.
type RefusedShare struct {
	// From and To are the window; where the number says how things stand, the 24 hours before it.
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Domains []string  `json:"domains"`
	// Refused are the events that arrived in the span and are of the counted type, or of none that can be told.
	Refused uint64 `json:"refused"`
	Open    uint64 `json:"open"`  // of these, not taken by a replay since
	Taken   uint64 `json:"taken"` // events of the counted type that happened in the span
	// Share is Refused of Refused and Taken together, from 0 to 1; null when there were none of either.
	Share *float64 `json:"share"`
}

// DayRevision is a change of a day's figure after the day had closed.
type DayRevision struct {
	Day    time.Time `json:"day"` // its start
	Centre string    `json:"centre"`
	At     time.Time `json:"at"`
	Before *float64  `json:"before"` // null: there was none
	Now    *float64  `json:"now"`    // as it stands today
}

// ExplainedTier is a part of the window that was read from one tier of rollups.
type ExplainedTier struct {
	Seconds int64     `json:"seconds"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
}

// KPIEvent is one of the things that were counted. It carries what tells it from others in the system that sent it, and
// never a payload, a free text or an exact place.
type KPIEvent struct {
	At     time.Time `json:"at"`     // by which it is placed in time
	Kind   string    `json:"kind"`   // an event type, source, feed or rejected
	Centre string    `json:"centre"` // that sent it
	Entity string    `json:"entity"` // id of the dossier, call or other thing; of refused events the key
	Source string    `json:"source"` // that spoke last
	// Time and Arrived are those of the newest event of it.
	Time    *time.Time `json:"time"`
	Arrived *time.Time `json:"arrived"`
	// Numerator and Denominator are what it adds to the two counts; null where the KPI has none.
	Numerator   *float64 `json:"numerator"`
	Denominator *float64 `json:"denominator"`
	Value       *float64 `json:"value"` // measured; null where only is counted
	// Fields are what is told of it, by the names of the contract.
	Fields map[string]string `json:"fields"`
}

// KPIEventList is a page of events behind a number, the newest first.
type KPIEventList struct {
	KPI    string          `json:"kpi"`
	Centre string          `json:"centre"`
	Window ExplainedWindow `json:"window"`
	Part   string          `json:"part"`   // numerator or denominator: which of the two counts is listed
	Fields []string        `json:"fields"` // names that stand in the events' fields, in the order of showing
	Events []KPIEvent      `json:"events"`
	Next   string          `json:"next"` // where the next page begins; empty: there is none
}
