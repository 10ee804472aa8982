// Package kpi holds the catalogue of key performance indicators: files that say what is counted and how it is judged.
package kpi

import (
	"time"

	"github.com/expr-lang/expr/ast"

	"github.com/binhphuoc/ioc/schemas"
)

// Kind is the form of a formula.
type Kind string

// The forms that a formula can have.
const (
	// KindCount counts what Where admits, placed in time by At.
	KindCount Kind = "count"
	// KindSum adds Value over what Where admits.
	KindSum Kind = "sum"
	// KindRate is KindSum divided by the hours of the window.
	KindRate Kind = "rate"
	// KindRatio is the share of what Where admits that Numerator admits too.
	KindRatio Kind = "ratio"
	// KindAverage is the mean of Value, weighted by Weight where that is given.
	KindAverage Kind = "average"
	// KindQuantile is the Quantile of Value.
	KindQuantile Kind = "quantile"
	// KindStanding counts the things that stand, at this moment, as Where says.
	KindStanding Kind = "standing"
	// KindStandingRatio is the share of those that stand as Where says that stand as Numerator says too.
	KindStandingRatio Kind = "standing_ratio"
	// KindLast takes the newest Value of each source within the window, and combines the sources by Across.
	KindLast Kind = "last"
	// KindSumPerSource adds Value of each source within the window, and combines the sources by Across:
	// the rain of a day is the mean of what each gauge has collected, not the sum over all gauges.
	KindSumPerSource Kind = "sum_per_source"
	// KindAirQuality is VN_AQI at each source by its hourly means of Pollutants, and combines the sources by Across.
	KindAirQuality Kind = "air_quality"
	// KindUp is the share of the known sources that reported, within twice their interval, as Where says.
	KindUp Kind = "up"
	// KindDown counts the known sources that did not.
	KindDown Kind = "down"
	// KindFigure is the newest figure of Indicator (the latest period, of that the newest issue);
	// with Value, what that makes of it, such as value / target.
	KindFigure Kind = "figure"
	// KindFeed is the share of the feeds that are alive.
	KindFeed Kind = "feed"
	// KindScore is the points that a centre reaches by a Scorecard, of those that are known; the others are missing, and
	// count neither as reached nor as zero.
	KindScore Kind = "score"
)

// Rolled tells whether KPIs of this kind are kept as rollups per bucket of time.
func (k Kind) Rolled() bool {
	switch k {
	case KindCount, KindSum, KindRate, KindRatio, KindAverage, KindQuantile:
		return true
	default:
		return false
	}
}

// PerSource tells whether a value of each source is worked out, and these are combined by Across.
func (k Kind) PerSource() bool {
	return k == KindLast || k == KindSumPerSource || k == KindAirQuality
}

// Expr is a checked expression. The zero Expr admits everything.
//
// It calculates as SQL does: what is compared or calculated with an unknown (nil) value is unknown itself, and
// what is unknown is not admitted. So "not (rating >= 4)" admits none without a rating; "rating == nil" does.
type Expr struct {
	Text string
	Node ast.Node // nil for the zero Expr
}

// Formula says what is counted.
type Formula struct {
	Kind Kind
	// Of is what is counted: an event type; "measure" for the measurements of every type; "rejected" for refused events.
	Of string
	// At is the field that places a thing in time, such as completed_at; "time" for measurements, "arrived" for rejected.
	At        string
	Where     Expr // bool
	Numerator Expr // bool
	Value     Expr // number
	Weight    Expr // number
	Quantile  float64
	Across    string // mean, min, max or sum
	Indicator string
	Scorecard string // id; its file stands in schemas/scorecard
	// Definition is a hash over all of the formula: rollups made by another one are void.
	Definition uint64
}

// Window is the span of time that a value covers: a calendar period in Asia/Ho_Chi_Minh, or the last so many minutes.
type Window struct {
	Text     string        // as in the file: today, week, month, quarter, year, 15m, 1h, 24h, now
	Calendar string        // day, week, month, quarter, year; else empty
	Last     time.Duration // whole minutes, for a sliding window; else 0
}

// Target is the value to be reached within a span of time.
type Target struct {
	From   time.Time
	Until  *time.Time // exclusive; nil: until the next one
	Value  float64
	Source string // the document that sets it
	// By is the day at whose end it is to be reached; nil: it holds throughout.
	By *time.Time
	// Baseline is where the way to it began; nil: with the value that there was at From.
	Baseline *Baseline
}

// Baseline is a value at the start of a day.
type Baseline struct {
	Value float64
	At    time.Time
}

// Expected is what the straight line from a start to the target asks for at a moment; the target itself once By has passed,
// and without By.
func (t Target) Expected(start Baseline, at time.Time) float64 {
	if t.By == nil {
		return t.Value
	}
	const day = 24 * time.Hour
	end := t.By.Add(day)
	switch {
	case !at.Before(end):
		return t.Value
	case !at.After(start.At):
		return start.Value
	}
	return start.Value + (t.Value-start.Value)*float64(at.Sub(start.At))/float64(end.Sub(start.At))
}

// Bound is a limit with hysteresis.
type Bound struct {
	Enter float64 // the state begins at this value or beyond
	Leave float64 // and ends on the good side of this one
	Alert Alert
}

// Alert says how what holds becomes an alarm.
type Alert struct {
	Priority   int           // 1 the most urgent, 4 the least; 0: it makes no alarm
	Delay      time.Duration // for how long it must hold before the alarm is raised
	ClearDelay time.Duration // for how long it must be over before the alarm is cleared
}

// Change bounds how fast a value may move to its bad side.
type Change struct {
	Enter  float64       // the alarm begins when the value has moved by so much
	Leave  float64       // and ends when it has moved by less than this
	Within time.Duration // whole minutes
	Fall   bool          // the bad side is below, not above
	Alert  Alert
}

// Moved tells by how much a value has moved to the bad side.
func (c Change) Moved(from, to float64) float64 {
	if c.Fall {
		return from - to
	}
	return to - from
}

// KPI is one indicator.
type KPI struct {
	ID   string
	File string // where it was read from
	Name schemas.Text
	// PeriodName is the name where the value is not of the KPI's window but of a whole period, so that it names no window.
	PeriodName  schemas.Text
	Description schemas.Text
	Pillar      string // digital_government, digital_economy, digital_society, platform
	Domain      string // group on the screens, such as dossier or hotline
	Unit        string
	Decimals    int
	Better      string  // up, down or none
	Scale       float64 // the shown value is formula × Scale: 100 for a ratio in %
	Formula     Formula
	Window      Window
	Targets     []Target
	Warning     *Bound
	Alarm       *Bound
	Change      *Change // nil: it may move as it likes
	Source      string  // the document that defines the KPI
	// StaleAfter is how old the newest event may be before the value counts as stale; 0: never.
	StaleAfter time.Duration
}

// Catalogue is a checked set of KPIs, in the order of their ids.
type Catalogue struct {
	KPIs []KPI
}
