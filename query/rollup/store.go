package rollup

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Touch is what one written batch touched of one type.
type Touch struct {
	Batch   uuid.UUID
	Type    string
	At      time.Time   // when the batch said so, by the server's clock
	Since   time.Time   // earliest arrival of the batch
	Buckets []time.Time // of measurements and refused events; of deliveries the minutes; empty for states
}

// delivered is the type of the touches that name minutes in which events of whatever type arrived.
const delivered = "delivered"

// Place is how things of a kind are placed in time: by one of their fields.
type Place struct{ Of, At string }

// Journal says what was written. Its times are of the server's clock.
type Journal interface {
	// Touches lists what batches touched since a moment, newest first.
	Touches(ctx context.Context, since time.Time) ([]Touch, error)
	// Before lists what batches touched between two moments (the second exclusive), newest first: at most about limit.
	Before(ctx context.Context, since, until time.Time, limit int) ([]Touch, error)
	// Newest is when the newest batch was written; the zero time when there is none.
	Newest(ctx context.Context) (time.Time, error)
	// Progress returns how far the worker of this name has come; the zero time when it never ran.
	Progress(ctx context.Context, name string) (time.Time, error)
	// SaveProgress remembers it.
	SaveProgress(ctx context.Context, name string, at time.Time) error
}

// Tables computes the derived tables. Every function may be called again with the same arguments: nothing changes.
type Tables interface {
	// Entities computes again how the touched things stand, and those that a correction took a state from. For each place
	// that is asked for it returns the starts of the 10-second buckets in which these things ever were.
	Entities(ctx context.Context, typ string, at []Place, touches []Touch) (map[Place][]time.Time, error)
	// Moved finds measurements that a correction took to another time, and returns the buckets that they left.
	Moved(ctx context.Context, typ string, touches []Touch) ([]time.Time, error)
	// Refused returns the buckets in which the touched refused events ever were.
	Refused(ctx context.Context, touches []Touch) ([]time.Time, error)
	// Sources computes again what each source of a type said in these minutes.
	Sources(ctx context.Context, typ string, minutes []time.Time) error
	// Delivered computes again which events each source delivered first in these minutes of arrival.
	Delivered(ctx context.Context, minutes []time.Time) error
	// Base computes a group's buckets of a size from the raw events.
	Base(ctx context.Context, g Group, size time.Duration, buckets []time.Time) error
	// Tier computes buckets of tier from those of the tier below.
	Tier(ctx context.Context, tier, below time.Duration, kpis []string, buckets []time.Time) error
}

// Definitions remembers by which formula each KPI was rolled up.
type Definitions interface {
	Definitions(ctx context.Context) (map[string]uint64, error)
	SaveDefinition(ctx context.Context, kpi string, definition uint64) error
	// Days lists the starts of the days in which the group has or had anything.
	Days(ctx context.Context, g Group) ([]time.Time, error)
	// Buckets lists the 10-second buckets of one day in which the group has or had anything.
	Buckets(ctx context.Context, g Group, day time.Time) ([]time.Time, error)
}
