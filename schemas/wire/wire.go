// Package wire holds the JSON messages of the REST and the live interface.
package wire

import (
	"time"

	"github.com/binhphuoc/ioc/schemas"
)

// State says how a KPI value stands. A wall never shows stale or no_data as if it were live.
type State string

// The states of a KPI value.
const (
	StateOK      State = "ok"
	StateWarning State = "warning"
	StateAlarm   State = "alarm"
	StateStale   State = "stale"
	StateNoData  State = "no_data"
)

// Value is one KPI of one centre at one moment.
type Value struct {
	KPI         string     `json:"kpi"`
	Centre      string     `json:"centre"`
	Value       *float64   `json:"value"` // in the KPI's unit: 25 means 25 % where the unit is %; null with no_data
	State       State      `json:"state"`
	At          *time.Time `json:"at"` // time of the newest event in it; null when there is none
	Numerator   *float64   `json:"numerator"`
	Denominator *float64   `json:"denominator"`
}

// Frame types of the live channel.
const (
	TypeHello     = "hello"
	TypeSnapshot  = "snapshot"
	TypeDelta     = "delta"
	TypeHeartbeat = "heartbeat"
	TypeFeeds     = "feeds"
	TypeAlarm     = "alarm"
	TypeAlarms    = "alarms"
	TypeError     = "error"
	TypeSubscribe = "subscribe"
)

// Hello is the server's first frame. A page that was built for another build reloads itself.
type Hello struct {
	Type  string    `json:"type"`
	Build string    `json:"build"`
	Epoch string    `json:"epoch"` // changes when sequence numbers start anew
	At    time.Time `json:"at"`
}

// Values is a snapshot or a delta.
type Values struct {
	Type   string    `json:"type"`
	Seq    uint64    `json:"seq"`
	At     time.Time `json:"at"`
	Values []Value   `json:"values"`
}

// Heartbeat tells that the channel lives when nothing has changed.
type Heartbeat struct {
	Type string    `json:"type"`
	Seq  uint64    `json:"seq"`
	At   time.Time `json:"at"`
}

// Feeds carries the state of all feeds that the client may see.
type Feeds struct {
	Type  string    `json:"type"`
	Seq   uint64    `json:"seq"`
	At    time.Time `json:"at"`
	Feeds []Feed    `json:"feeds"`
}

// Subscribe is the client's request. Without filters it asks for all that it may see.
type Subscribe struct {
	Type    string   `json:"type"`
	KPIs    []string `json:"kpis,omitempty"`    // ids; hotline.* stands for all that start with "hotline."
	Centres []string `json:"centres,omitempty"` // codes
	Since   uint64   `json:"since,omitempty"`   // the last sequence that the client has
	Epoch   string   `json:"epoch,omitempty"`   // the epoch of Since
	Wall    string   `json:"wall,omitempty"`    // id of the wall that the client is: it gets what is told to that
	// Alarms asks for alarms too, from where the reader has come; empty: it knows none.
	Alarms *AlarmPlace `json:"alarms,omitempty"`
}

// LiveError tells the client what was wrong with its frame; the channel is closed after it.
type LiveError struct {
	Type   string `json:"type"`
	Detail string `json:"detail"`
}

// FeedState says how a feed stands.
type FeedState string

// The states of a feed.
const (
	FeedAlive  FeedState = "alive"  // newest event within its interval
	FeedLate   FeedState = "late"   // older than its interval
	FeedSilent FeedState = "silent" // older than twice its interval, or never seen
)

// Feed is the health of all that one centre sends in one domain.
type Feed struct {
	Centre          string     `json:"centre"`
	Domain          string     `json:"domain"`
	State           FeedState  `json:"state"`
	IntervalSeconds float64    `json:"interval_seconds"`
	NewestArrival   *time.Time `json:"newest_arrival"`
	NewestEvent     *time.Time `json:"newest_event"`
	Sources         uint64     `json:"sources"`        // seen in the last 30 days
	SilentSources   uint64     `json:"silent_sources"` // of these, those whose newest is older than twice their own interval
	RejectedHour    uint64     `json:"rejected_hour"`  // refused events in the last hour
}

// KPI is one entry of the catalogue, with its newest values.
type KPI struct {
	ID          string       `json:"id"`
	Name        schemas.Text `json:"name"`
	Description schemas.Text `json:"description"`
	Pillar      string       `json:"pillar"`
	Domain      string       `json:"domain"`
	Unit        string       `json:"unit"`
	Decimals    int          `json:"decimals"`
	Better      string       `json:"better"` // up, down or none
	Formula     Formula      `json:"formula"`
	Window      string       `json:"window"`
	Target      *Target      `json:"target"` // in force now
	Warning     *Bound       `json:"warning"`
	Alarm       *Bound       `json:"alarm"`
	Source      string       `json:"source"` // document that defines the KPI
	// StaleAfter is how old the newest event may be before a value counts as old; 0: never.
	StaleAfter float64 `json:"stale_after_seconds"`
	Values     []Value `json:"values"`
}

// Formula is what explains a KPI: the words of its file.
type Formula struct {
	Kind      string `json:"kind"`
	Of        string `json:"of"`
	At        string `json:"at,omitempty"`
	Where     string `json:"where,omitempty"`
	Numerator string `json:"numerator,omitempty"`
	Value     string `json:"value,omitempty"`
	Weight    string `json:"weight,omitempty"`
	Scorecard string `json:"scorecard,omitempty"` // id, of the kind score
}

// Target is the value to be reached, with who set it.
type Target struct {
	Value  float64    `json:"value"`
	From   time.Time  `json:"from"`
	Until  *time.Time `json:"until"`
	By     *time.Time `json:"by"` // the start of the day at whose end it is to be reached; nil: it holds throughout
	Source string     `json:"source"`
}

// Bound is a limit with hysteresis: the state begins beyond Enter and ends on the good side of Leave.
type Bound struct {
	Enter float64 `json:"enter"`
	Leave float64 `json:"leave"`
}

// Point is one step of a series.
type Point struct {
	At          time.Time `json:"at"` // start of the step
	Value       *float64  `json:"value"`
	Numerator   *float64  `json:"numerator"`
	Denominator *float64  `json:"denominator"`
	// Revisions are the changes after the step's days had closed, oldest first; only in steps of whole days.
	Revisions []Revision `json:"revisions,omitempty"`
}

// Revision is a change of a figure after its period had closed. Changes within one hour count as one.
type Revision struct {
	At     time.Time `json:"at"`     // when it changed
	Before *float64  `json:"before"` // its value until then; null: there was none
}

// Series is a KPI of one centre over time.
type Series struct {
	KPI         string  `json:"kpi"`
	Centre      string  `json:"centre"`
	Unit        string  `json:"unit"`
	StepSeconds float64 `json:"step_seconds"`
	Points      []Point `json:"points"`
}

// Centre is one operations centre.
type Centre struct {
	Code   string       `json:"code"`
	Name   schemas.Text `json:"name"`
	Short  schemas.Text `json:"short"`
	Parent string       `json:"parent"`
	Lat    float64      `json:"lat"`
	Lon    float64      `json:"lon"`
	From   time.Time    `json:"from"`
	To     *time.Time   `json:"to"`
}

// Problem is an error answer, RFC 9457.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
}
