package wire

import (
	"time"

	"github.com/binhphuoc/ioc/schemas"
)

// AlarmState is where an alarm stands in its life.
type AlarmState string

// The states of an alarm. An assigned one is in any of them.
const (
	AlarmRaised       AlarmState = "raised"
	AlarmAcknowledged AlarmState = "acknowledged"
	AlarmShelved      AlarmState = "shelved" // out of sight until shelved_until
	AlarmCleared      AlarmState = "cleared" // its condition is gone
	AlarmClosed       AlarmState = "closed"
)

// AlarmKind is what an alarm is about.
type AlarmKind string

// The kinds of alarms.
const (
	AlarmKPI    AlarmKind = "kpi"    // a value beyond its bound
	AlarmRate   AlarmKind = "rate"   // a value that moves too fast
	AlarmFeed   AlarmKind = "feed"   // a feed, or a whole centre, that is silent
	AlarmCamera AlarmKind = "camera" // a camera, or many, that is offline or not heard
	AlarmSensor AlarmKind = "sensor" // a sensor or a gateway, or many, that is offline or not heard
	AlarmFlood  AlarmKind = "flood"  // more alarms than a person can look at: the less urgent ones are its members
)

// AlarmAction is what changed an alarm.
type AlarmAction string

// What changes an alarm. The first ones are those of persons.
const (
	AlarmAcknowledge AlarmAction = "acknowledge"
	AlarmAssign      AlarmAction = "assign"
	AlarmShelve      AlarmAction = "shelve"
	AlarmUnshelve    AlarmAction = "unshelve" // also by itself, when its time has come
	AlarmClose       AlarmAction = "close"    // also by itself, some time after it was cleared
	AlarmComment     AlarmAction = "comment"

	AlarmRaise    AlarmAction = "raise"
	AlarmEscalate AlarmAction = "escalate" // it became more urgent
	AlarmEase     AlarmAction = "ease"     // it became less urgent
	AlarmClear    AlarmAction = "clear"
	AlarmAdopt    AlarmAction = "adopt"   // it became a member of another one
	AlarmRelease  AlarmAction = "release" // it is a member no more; one that nobody was asked to look at before is raised then
	AlarmCount    AlarmAction = "count"   // its number of members changed
)

// Alarm is one alarm as it stands after its newest change. By and Why are of that change, and empty when the platform made it.
type Alarm struct {
	ID             string       `json:"id"`
	Kind           AlarmKind    `json:"kind"`
	Cause          string       `json:"cause"`
	Centre         string       `json:"centre"`
	Domain         string       `json:"domain"`
	Priority       int          `json:"priority"` // 1 the most urgent, 4 the least
	State          AlarmState   `json:"state"`
	Title          schemas.Text `json:"title"`
	KPI            string       `json:"kpi,omitempty"`
	Source         string       `json:"source,omitempty"`
	Value          *float64     `json:"value,omitempty"` // when it was raised, or became more or less urgent
	Bound          *float64     `json:"bound,omitempty"`
	Unit           string       `json:"unit,omitempty"`
	RaisedAt       time.Time    `json:"raised_at"` // first; one that is raised anew before it was closed stays the same alarm
	AcknowledgedAt *time.Time   `json:"acknowledged_at,omitempty"`
	ClearedAt      *time.Time   `json:"cleared_at,omitempty"`
	ClosedAt       *time.Time   `json:"closed_at,omitempty"`
	ChangedAt      time.Time    `json:"changed_at"`
	ShelvedUntil   *time.Time   `json:"shelved_until,omitempty"`
	AssignedTo     string       `json:"assigned_to,omitempty"`
	By             string       `json:"by,omitempty"`
	Why            string       `json:"why,omitempty"`
	Members        int          `json:"members"`          // how many conditions have, or had at the most, this one cause; 1 for one that stands alone
	Parent         string       `json:"parent,omitempty"` // of a member: the alarm that stands for it
}

// AlarmFlooding says whether more alarms come than a person can look at.
type AlarmFlooding struct {
	Active bool       `json:"active"`
	Since  *time.Time `json:"since,omitempty"`
	Held   int        `json:"held"` // alarms that stand behind the flood
}

// AlarmCounts are the alarms that are not closed, by state, members not counted.
type AlarmCounts struct {
	Raised       int `json:"raised"`
	Acknowledged int `json:"acknowledged"`
	Shelved      int `json:"shelved"`
	Cleared      int `json:"cleared"`
}

// AlarmList is one page of alarms, the newest first.
type AlarmList struct {
	Items  []Alarm       `json:"items"`
	Next   string        `json:"next,omitempty"`
	Flood  AlarmFlooding `json:"flood"`
	Counts AlarmCounts   `json:"counts"`
}

// AlarmChange is one step in the life of an alarm.
type AlarmChange struct {
	At     time.Time   `json:"at"`
	Action AlarmAction `json:"action"`
	State  AlarmState  `json:"state"`
	By     string      `json:"by,omitempty"`
	Why    string      `json:"why,omitempty"`
}

// AlarmDetail is an alarm with its life, and a page of its members.
type AlarmDetail struct {
	Alarm   Alarm         `json:"alarm"`
	History []AlarmChange `json:"history"`        // the oldest first
	Members []Alarm       `json:"members"`        // the newest first, also those that are closed
	Next    string        `json:"next,omitempty"` // of members
}

// AlarmOrder is what a person wants done with an alarm.
type AlarmOrder struct {
	Why   string     `json:"why"`
	To    string     `json:"to,omitempty"`    // of assign; empty: nobody any more
	Until *time.Time `json:"until,omitempty"` // of shelve
}

// AlarmStatistics judges the alarms of a span of time as EEMUA 191 does.
type AlarmStatistics struct {
	From            time.Time         `json:"from"`
	To              time.Time         `json:"to"`
	Raised          int               `json:"raised"`            // members of alarms with one cause not counted, those that a flood held back are
	Operators       int               `json:"operators"`         // desks from which somebody did something with an alarm in this time; at least 1
	PerOperatorHour float64           `json:"per_operator_hour"` // of all that were raised
	Peak            int               `json:"peak_10_minutes"`
	PeakAt          *time.Time        `json:"peak_at,omitempty"` // where those 10 minutes begin
	FloodShare      float64           `json:"flood_share"`       // of the time, 0 to 1: from more than 10 in 10 minutes to less than 5
	Standing        int               `json:"standing"`          // at the end: raised, acknowledged or shelved
	Stale           int               `json:"stale"`             // of these, raised more than 24 hours before
	Worst           []AlarmOffender   `json:"worst"`             // the ten causes that raised the most, held back or not
	Priorities      []AlarmByPriority `json:"priorities"`        // all four
}

// AlarmOffender is a cause that raises alarms often.
type AlarmOffender struct {
	Cause  string       `json:"cause"`
	Centre string       `json:"centre"`
	Title  schemas.Text `json:"title"` // of the newest
	Raised int          `json:"raised"`
	Held   int          `json:"held"`  // of these, held back by a flood when they were raised; the others were presented at once
	Share  float64      `json:"share"` // raised, of all, 0 to 1
}

// AlarmByPriority is how many alarms of a priority there were.
type AlarmByPriority struct {
	Priority int     `json:"priority"`
	Raised   int     `json:"raised"`
	Share    float64 `json:"share"` // of all, 0 to 1
}

// AlarmPlace is how far a reader has come in the stream of alarms.
type AlarmPlace struct {
	Epoch  string `json:"epoch,omitempty"`
	Offset uint64 `json:"offset,omitempty"`
}

// AlarmFrame carries one change of an alarm.
type AlarmFrame struct {
	Type   string `json:"type"`
	Epoch  string `json:"epoch"`
	Offset uint64 `json:"offset"`
	Alarm  Alarm  `json:"alarm"`
}

// AlarmsFrame carries all alarms that are not closed.
type AlarmsFrame struct {
	Type   string  `json:"type"`
	Epoch  string  `json:"epoch"`
	Offset uint64  `json:"offset"`
	Alarms []Alarm `json:"alarms"`
}
