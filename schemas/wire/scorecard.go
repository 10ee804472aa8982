package wire

import (
	"time"

	"github.com/binhphuoc/ioc/schemas"
)

// ScorecardList are the scorecards in force.
type ScorecardList struct {
	Scorecards []ScorecardFile `json:"scorecards"`
}

// ScorecardFile says how a scorecard scores.
type ScorecardFile struct {
	ID          string       `json:"id"`
	Name        schemas.Text `json:"name"`
	Description schemas.Text `json:"description"`
	Source      string       `json:"source"` // the document that sets it
	// Unchecked says what of it nobody has compared with that document; null: nothing is left.
	Unchecked *schemas.Text `json:"unchecked"`
	Points    float64       `json:"points"` // the most that can be reached
	// KnownLeast is the share of the points that must be known of a unit before it is ranked.
	KnownLeast float64              `json:"known_least"`
	Groups     []ScorecardFileGroup `json:"groups"`
}

// ScorecardFileGroup is a part of a scorecard.
type ScorecardFileGroup struct {
	ID       string                   `json:"id"`
	Name     schemas.Text             `json:"name"`
	Points   float64                  `json:"points"`
	Source   string                   `json:"source"`
	Criteria []ScorecardFileCriterion `json:"criteria"`
}

// ScorecardFileCriterion gives points for one value: all from Full on, none up to Zero, in between as a straight line goes.
type ScorecardFileCriterion struct {
	ID      string        `json:"id"`
	Name    schemas.Text  `json:"name"`
	Points  float64       `json:"points"`
	KPI     string        `json:"kpi"`     // whose value it is; empty: none
	Figure  string        `json:"figure"`  // indicator of the figure that it is; empty: none
	Missing *schemas.Text `json:"missing"` // why nothing gives the value; null: something does
	Full    *float64      `json:"full"`    // in the unit of the value; null where there is none
	Zero    *float64      `json:"zero"`
	Source  string        `json:"source"`
}

// ScorecardBy says what is scored.
type ScorecardBy string

// What can be scored.
const (
	ByAgency ScorecardBy = "agency"
	ByCentre ScorecardBy = "centre" // localities: each centre with all below it
	ByHead   ScorecardBy = "head"   // of agencies, each by the days of their own
)

// ScorecardSpan is a span of time: From inclusive, To exclusive.
type ScorecardSpan struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// ScorecardTable is how units stand by a scorecard in a period: those with a rank first, the best at the top.
type ScorecardTable struct {
	Scorecard ScorecardFile `json:"scorecard"`
	By        ScorecardBy   `json:"by"`
	Period    ScorecardSpan `json:"period"`
	State     PeriodState   `json:"state"`
	AsOf      time.Time     `json:"as_of"`    // up to when a running period is counted
	Previous  ScorecardSpan `json:"previous"` // what scores and ranks are compared with
	// Whole is the score of the province as a whole, which is not ranked; null where the reader may not see it.
	Whole *ScorecardScore  `json:"whole"`
	Units []ScorecardScore `json:"units"`
	// Unassigned is what was counted and belongs to no unit of the table.
	Unassigned []ScorecardUnassigned `json:"unassigned"`
}

// ScorecardUnassigned is what a centre sent under the code of no agency that it has at that time.
type ScorecardUnassigned struct {
	Centre string `json:"centre"`
	Agency string `json:"agency"` // empty: the events name none
	Things uint64 `json:"things"` // in the largest of the counts
}

// ScorecardScore is the score of one agency, locality or head. A point that is not known counts neither as reached nor as zero.
type ScorecardScore struct {
	Unit    string        `json:"unit"` // code of the agency or centre; of a head with @ and the day of the beginning behind it
	Name    schemas.Text  `json:"name"`
	Short   schemas.Text  `json:"short"`
	Kind    string        `json:"kind"` // department, locality or unit; of a centre, centre or province
	Centre  string        `json:"centre"`
	Head    string        `json:"head"` // responsible at the end of Exists; empty: of a centre
	Exists  ScorecardSpan `json:"exists"`
	Took    []string      `json:"took"`    // codes of the agencies that it took over, and answers for since
	Reached float64       `json:"reached"` // points
	Known   float64       `json:"known"`   // points that could be reached by what is known
	Missing float64       `json:"missing"` // points of which nothing is known
	Share   *float64      `json:"share"`   // Reached in % of Known; null: nothing is known
	Rank    *int          `json:"rank"`    // null: it is not ranked, see Unranked
	// Unranked says why there is no rank; null: there is one.
	Unranked *schemas.Text      `json:"unranked"`
	Previous *ScorecardPrevious `json:"previous"` // null: it did not exist in the previous period
	Groups   []ScorecardGroup   `json:"groups"`
}

// ScorecardPrevious is the score in the previous period.
type ScorecardPrevious struct {
	Reached float64  `json:"reached"`
	Known   float64  `json:"known"`
	Share   *float64 `json:"share"`
	Rank    *int     `json:"rank"`
}

// ScorecardGroup is the score in one group of criteria.
type ScorecardGroup struct {
	ID       string               `json:"id"`
	Name     schemas.Text         `json:"name"`
	Points   float64              `json:"points"`
	Reached  float64              `json:"reached"`
	Known    float64              `json:"known"`
	Missing  float64              `json:"missing"`
	Source   string               `json:"source"`
	Criteria []ScorecardCriterion `json:"criteria,omitempty"` // left out of tables
}

// ScorecardCriterion is the score by one criterion, with all that it was made of.
type ScorecardCriterion struct {
	ScorecardFileCriterion
	Reached     *float64          `json:"reached"` // null: the points are missing, see Why
	Why         *ScorecardMissing `json:"why"`
	Value       *float64          `json:"value"`
	Unit        string            `json:"unit"`
	Decimals    int               `json:"decimals"`
	Numerator   *float64          `json:"numerator"`
	Denominator *float64          `json:"denominator"`
	Formula     *Formula          `json:"formula"`   // of the KPI; null where there is none
	For         string            `json:"for"`       // of figures, the period that the figure is of
	IssuedBy    string            `json:"issued_by"` // of figures
	Newest      *time.Time        `json:"newest"`    // time of the newest event in it
}

// MissingCode says why points are missing.
type MissingCode string

// Why points are missing.
const (
	MissingFeed     MissingCode = "no_feed"       // nothing gives the value; the scorecard's file says so
	MissingData     MissingCode = "no_data"       // nothing of the unit in the period gives one
	MissingByAgency MissingCode = "not_by_agency" // it is known of localities alone
	MissingPast     MissingCode = "not_kept"      // it is known as things stand now alone, and the period has ended
	MissingKPI      MissingCode = "no_kpi"        // the KPI has left the catalogue
)

// ScorecardMissing says why points are missing.
type ScorecardMissing struct {
	Code   MissingCode  `json:"code"`
	Reason schemas.Text `json:"reason"`
}

// ScorecardParts is the score of one unit, opened into its parts.
type ScorecardParts struct {
	Scorecard ScorecardFile  `json:"scorecard"`
	By        ScorecardBy    `json:"by"`
	Period    ScorecardSpan  `json:"period"`
	State     PeriodState    `json:"state"`
	AsOf      time.Time      `json:"as_of"`
	Previous  ScorecardSpan  `json:"previous"`
	Of        int            `json:"of"` // how many units of the table have a rank
	Score     ScorecardScore `json:"score"`
}
