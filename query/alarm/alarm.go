// Package alarm turns what the platform observes into alarms, and keeps their lives.
//
// Alarms are a log: each change is written whole, under the next number. A log has one writer at a time, because storage
// takes each number once: who comes second reads what the first wrote, and thinks again. So any number of processes may
// evaluate, and any of them may take what a person orders: an alarm is never there twice, and no order is lost.
package alarm

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

const (
	// Delays of what has no file of its own.
	feedDelay, feedClear       = time.Minute, time.Minute
	gatewayDelay, gatewayClear = 30 * time.Second, 2 * time.Minute // before its devices, and cleared after them
	deviceDelay, deviceClear   = 2 * time.Minute, time.Minute
	// closeAfter is how long a cleared alarm stays that somebody knows of, and forgetAfter one that nobody looked at.
	closeAfter  = 10 * time.Minute
	forgetAfter = 24 * time.Hour
	// A flood is more than floodBegins alarms of a centre within floodWithin, until there are fewer than floodEnds (EEMUA 191).
	floodBegins, floodEnds = 10, 5
	floodWithin            = 10 * time.Minute
	// In a flood, alarms of this priority and less urgent ones are held back.
	heldFrom = 3
	// MaxShelved is how long an alarm may be put aside.
	MaxShelved = 30 * 24 * time.Hour
)

// Condition is something that is wrong now.
type Condition struct {
	Key            string // names it for ever, such as kpi/hotline.waiting/dong-xoai
	Root           string // the key of the condition that explains this one; empty: it stands alone
	Kind           wire.AlarmKind
	Centre, Domain string
	Priority       int
	Title          schemas.Text
	KPI, Source    string
	Value, Bound   *float64
	Unit           string
	Delay          time.Duration // before its alarm is raised
	ClearDelay     time.Duration // before its alarm is cleared
}

// Observation is all that is wrong at a moment.
type Observation struct {
	Present []Condition
	// Unknown are keys of which nothing can be said: these alarms stay as they are.
	Unknown map[string]bool
}

// Alarm is an alarm with what is needed to end it.
type Alarm struct {
	wire.Alarm
	ClearDelay time.Duration
	Held       bool // behind a flood: its parent is the flood
}

// active tells whether the alarm's condition still holds, as far as it is known.
func (a Alarm) active() bool {
	return a.State == wire.AlarmRaised || a.State == wire.AlarmAcknowledged || a.State == wire.AlarmShelved
}

// Change is one entry of the log.
type Change struct {
	Offset uint64 // its number
	Action wire.AlarmAction
	Alarm  Alarm // as it stands after it
}

// Phase is what a watch waits for.
type Phase string

// The phases of a watch.
const (
	Pending  Phase = "pending"  // for the alarm to be raised
	Worse    Phase = "worse"    // for it to become more urgent
	Better   Phase = "better"   // for it to become less urgent
	Clearing Phase = "clearing" // for it to be cleared
	Over     Phase = "over"     // for nothing: it is forgotten
)

// Watch is a condition that has begun or ended, and must go on so for a while before that counts.
type Watch struct {
	Key      string
	Phase    Phase
	Since    time.Time
	Priority int // that it waits for
}

// ID names an alarm by what it is about and when it was raised.
func ID(cause string, raised time.Time) string {
	sum := sha256.Sum256([]byte(cause + "\x00" + strconv.FormatInt(raised.UnixMilli(), 10)))
	return hex.EncodeToString(sum[:12])
}
