package wire

import (
	"time"

	"github.com/binhphuoc/ioc/schemas"
)

// Report is how a centre, and all below it, stood in a period. Page, PDF, Excel, CSV and JSON are made of this one value,
// so that they can't disagree.
type Report struct {
	Centre   Centre       `json:"centre"`
	Period   ReportPeriod `json:"period"`
	Previous ReportPeriod `json:"previous"`  // the period of the same kind just before
	LastYear ReportPeriod `json:"last_year"` // the same period a year before
	IssuedAt time.Time    `json:"issued_at"`
	// AsOf is the moment it looks from: what was counted or corrected later is not in it.
	AsOf    time.Time        `json:"as_of"`
	Data    ReportData       `json:"data"`
	Summary []ReportSentence `json:"summary"` // the most important first
	Pillars []ReportPillar   `json:"pillars"`
	Below   []Centre         `json:"below"` // the centres compared in each row, in the order of the registry
}

// PeriodState says whether a period has ended.
type PeriodState string

// The states of a period at the moment that a report looks from.
const (
	PeriodClosed  PeriodState = "closed"
	PeriodRunning PeriodState = "running" // its values cover the part up to as_of
)

// PeriodStateAt is the state of a period that ends at to.
func PeriodStateAt(to, at time.Time) PeriodState {
	if at.Before(to) {
		return PeriodRunning
	}
	return PeriodClosed
}

// ReportPeriod is a span of calendar days in Asia/Ho_Chi_Minh.
type ReportPeriod struct {
	Text  string       `json:"text"` // 2026-10, as it is asked for
	Kind  string       `json:"kind"` // day, week, month, quarter, half, year or range
	Name  schemas.Text `json:"name"` // tháng 10 năm 2026, October 2026
	From  time.Time    `json:"from"`
	To    time.Time    `json:"to"` // exclusive
	State PeriodState  `json:"state"`
}

// ReportData says what the report rests on.
type ReportData struct {
	NewestEvent *time.Time `json:"newest_event"` // null: there is none in the period
	Events      uint64     `json:"events"`       // that arrived in the period
	Rejected    uint64     `json:"rejected"`     // refused, and not taken by a replay since
	FeedsAlive  int        `json:"feeds_alive"`  // at as_of
	Feeds       int        `json:"feeds"`
	Revised     int        `json:"revised"` // rows of the report that changed after their period had closed
	Missing     int        `json:"missing"` // rows without a value
}

// SentenceKind says what a sentence of the summary tells.
type SentenceKind string

// The kinds of sentences.
const (
	SentenceOverview  SentenceKind = "overview"
	SentenceOffTarget SentenceKind = "off_target"
	SentenceFell      SentenceKind = "fell"
	SentenceImproved  SentenceKind = "improved"
	SentenceRevised   SentenceKind = "revised"
	SentenceNoData    SentenceKind = "no_data"
)

// ReportSentence is a sentence made from the numbers.
type ReportSentence struct {
	Kind SentenceKind `json:"kind"`
	Text schemas.Text `json:"text"`
	KPIs []string     `json:"kpis"` // that it tells of
}

// ReportPillar are the rows of one pillar.
type ReportPillar struct {
	Code string       `json:"code"` // digital_government, digital_economy, digital_society or platform
	Name schemas.Text `json:"name"`
	Rows []ReportRow  `json:"rows"`
}

// ReportRow is one KPI in the period, beside what it is compared with.
type ReportRow struct {
	KPI         string       `json:"kpi"`
	Name        schemas.Text `json:"name"`
	Description schemas.Text `json:"description"`
	Unit        string       `json:"unit"`
	Decimals    int          `json:"decimals"`
	Better      string       `json:"better"` // up, down or none
	Source      string       `json:"source"` // document that defines the KPI
	// Meaning says how the value stands for the period: total, ratio, average, quantile, end (how things stood at its
	// end), mean (of all minutes) or published (the figure of that period, or of the last one before).
	Meaning  string        `json:"meaning"`
	Value    ReportFigure  `json:"value"`
	Previous ReportFigure  `json:"previous"`
	LastYear ReportFigure  `json:"last_year"`
	Target   *ReportTarget `json:"target"`  // null: none is set for the period
	History  []ReportPoint `json:"history"` // up to 13 periods of the same kind, the last is the period itself
	Centres  []CentreValue `json:"centres"` // of the centres below, in the order of Report.Below
}

// ReportFigure is the value of a KPI in one period.
type ReportFigure struct {
	Value       *float64   `json:"value"` // in the KPI's unit; null with no_data
	Numerator   *float64   `json:"numerator"`
	Denominator *float64   `json:"denominator"`
	State       State      `json:"state"`
	Newest      *time.Time `json:"newest"` // time of the newest event in it
	// Change is Value of the period minus this value, in the KPI's unit; null when one of the two is missing. It stands in
	// the figures that the period is compared with.
	Change    *float64   `json:"change"`
	For       string     `json:"for"` // of published figures: the period that the figure is of
	Revisions []Revision `json:"revisions"`
}

// ReportTarget is the target of the period, and where the value should be on its way there.
type ReportTarget struct {
	Value   float64 `json:"value"`
	Source  string  `json:"source"`
	Reached *bool   `json:"reached"` // null: there is no value
	Gap     float64 `json:"gap"`     // Value of the row minus target, in the KPI's unit; 0 when there is no value
	// By is the date at which the target is to be reached; null: it holds throughout. Expected is what the straight line from
	// the value at the start of the target's span to the target asks for at the end of the period; null without By.
	By       *time.Time `json:"by"`
	Expected *float64   `json:"expected"`
	OnPath   *bool      `json:"on_path"`
}

// ReportPoint is one period of a history.
type ReportPoint struct {
	Period string   `json:"period"`
	Value  *float64 `json:"value"`
}

// CentreValue is the value of a centre below.
type CentreValue struct {
	Centre string   `json:"centre"`
	Value  *float64 `json:"value"`
	State  State    `json:"state"`
	Change *float64 `json:"change"` // against the previous period
}

// PeriodList are periods to choose from, the newest first.
type PeriodList struct {
	Periods []ReportPeriod `json:"periods"`
}
