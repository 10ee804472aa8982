package chsink

import (
	"time"

	"github.com/google/uuid"

	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/schemas"
)

// touch is one thing that a batch has written to: the roll-up computes again what depends on it.
type touch struct {
	batch               uuid.UUID
	typ, centre, entity string    // centre and entity: of states
	bucket              time.Time // of measurements and refused events; of deliveries the minute
	since               time.Time // earliest arrival in the batch
}

// What stands in the table of touched things for those that have no type.
const (
	rejectedType  = "rejected"  // refused events
	deliveredType = "delivered" // what arrived in a minute, of whatever type
)

// touchedBy lists what a batch touches, each thing once.
func touchedBy(b *ingest.Batch, id uuid.UUID) []touch {
	since := earliest(b)
	epoch := time.Unix(0, 0).UTC() // states have no bucket
	set := map[touch]struct{}{}
	for i := range b.Events {
		e := &b.Events[i]
		t := touch{batch: id, typ: string(e.Type), since: since}
		if e.Type.Measured() {
			t.bucket = bucket(e.Time)
		} else {
			t.centre, t.entity, t.bucket = e.Centre, entityOf(e), epoch
		}
		set[t] = struct{}{}
		if b.Origins[i].Transport != schemas.TransportUpload {
			set[touch{batch: id, typ: deliveredType, bucket: arrivalMinute(b.Origins[i].Arrived), since: since}] = struct{}{}
		}
	}
	for i := range b.Refusals {
		set[touch{batch: id, typ: rejectedType, bucket: bucket(b.Refusals[i].Message.Arrived), since: since}] = struct{}{}
	}
	out := make([]touch, 0, len(set))
	for t := range set {
		out = append(out, t)
	}
	return out
}

// earliest is the first arrival among all that a batch holds.
func earliest(b *ingest.Batch) time.Time {
	var first time.Time
	see := func(t time.Time) {
		if first.IsZero() || t.Before(first) {
			first = t
		}
	}
	for _, m := range b.Origins {
		see(m.Arrived)
	}
	for i := range b.Refusals {
		see(b.Refusals[i].Message.Arrived)
	}
	return first
}

// bucket is the start of the 10 seconds that hold a moment.
func bucket(t time.Time) time.Time { return t.Truncate(10 * time.Second) }
