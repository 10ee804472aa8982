// Package replay reads refused events again, after what refused them was put right.
package replay

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/schemas"
)

// Kept is a refused event as the storage has it.
type Kept struct {
	Key   uuid.UUID
	Index int // place in the batch that it came in; -1: it is a whole message
	// Message is the one that brought it, with the event's own bytes as payload. It keeps its arrival: whether a time
	// lies too far ahead or too long ago is a question of when it was sent, not of when somebody mended the mapping;
	// and a feed that fell silent must not look alive because its old events were read again.
	Message schemas.Message
	Taken   bool // by an earlier replay
}

// Outcome is what came of one refused event.
type Outcome struct {
	Key     uuid.UUID
	Skipped bool             // it had been taken before
	Events  int              // that it holds and that were taken: more than one when a whole batch had been refused
	Items   int              // of a whole batch, those that are refused by themselves from now on
	Refusal *schemas.Refusal // why it is refused again; nil: it is not
}

// Summary counts outcomes.
type Summary struct {
	Taken, Refused, Skipped int // refused events
	Events, Items           int // as in Outcome
}

// Done is how many refused events were looked at.
func (s Summary) Done() int { return s.Taken + s.Refused + s.Skipped }

func (s *Summary) add(o Outcome) {
	switch {
	case o.Skipped:
		s.Skipped++
	case o.Refusal != nil:
		s.Refused++
	default:
		s.Taken++
	}
	s.Events += o.Events
	s.Items += o.Items
}

// Options are what a Replayer needs.
type Options struct {
	Decoder ingest.Decoder
	Sink    ingest.Sink
	By      string                 // who asked for it
	DryRun  bool                   // tell what would be taken, and write nothing
	Tell    func(Outcome, Summary) // called for each one, after it is stored; may be nil
	Now     func() time.Time       // default time.Now
}

// A batch is written when it has so much.
const (
	maxItems = 1000
	maxBytes = 8 << 20
)

// Replayer brings refused events in by the way that live events take. Doing it twice, or while the centre sends the same
// events again, changes nothing: the storage knows an event by its source and id.
type Replayer struct{ o Options }

// New checks the options.
func New(o Options) (*Replayer, error) {
	if o.Decoder == nil || o.Sink == nil {
		return nil, errors.New("a replay needs a decoder and a sink")
	}
	if o.Tell == nil {
		o.Tell = func(Outcome, Summary) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Replayer{o}, nil
}

// unit is one refused event, read again.
type unit struct {
	outcome  Outcome
	message  *schemas.Message
	events   []schemas.Event
	refusals []*schemas.Refusal // of the items of a batch that had been refused as a whole
}

// Run reads everything again that kept yields. On an error, what the summary counts is stored; to run it again is safe.
func (r *Replayer) Run(ctx context.Context, kept iter.Seq2[Kept, error]) (Summary, error) {
	var sum Summary
	var units []unit
	bytes := 0
	flush := func() error {
		if err := r.store(ctx, units); err != nil {
			return err
		}
		for _, u := range units {
			sum.add(u.outcome)
			r.o.Tell(u.outcome, sum)
		}
		units, bytes = units[:0], 0
		return nil
	}
	for k, err := range kept {
		if err != nil {
			err = errors.Join(err, flush())
			return sum, err
		}
		units = append(units, r.read(k))
		if bytes += len(k.Message.Payload); len(units) >= maxItems || bytes >= maxBytes {
			if err := flush(); err != nil {
				return sum, err
			}
		}
	}
	err := flush()
	return sum, err
}

// read decodes one refused event.
func (r *Replayer) read(k Kept) unit {
	u := unit{outcome: Outcome{Key: k.Key}, message: &k.Message}
	if k.Taken {
		u.outcome.Skipped = true
		return u
	}
	m := k.Message
	if k.Index >= 0 {
		// As an item of a batch again, so that exactly the same is asked of it.
		m.Payload = append(append([]byte{'['}, m.Payload...), ']')
	}
	events, refusals := r.o.Decoder.Decode(m)
	if len(events) == 0 && len(refusals) == 1 && (k.Index >= 0 || refusals[0].Index < 0) {
		u.outcome.Refusal = refusals[0]
		u.outcome.Refusal.Index = k.Index
		return u
	}
	u.events, u.refusals = events, refusals
	u.outcome.Events, u.outcome.Items = len(events), len(refusals)
	return u
}

// store writes units together, and one by one when the storage refuses what one of them holds.
func (r *Replayer) store(ctx context.Context, units []unit) error {
	if r.o.DryRun || len(units) == 0 {
		return nil
	}
	err := r.write(ctx, units)
	if !errors.Is(err, ingest.ErrContent) {
		return err
	}
	for i := range units {
		err := r.write(ctx, units[i:i+1])
		if u := &units[i]; errors.Is(err, ingest.ErrContent) && len(u.events) > 0 {
			refused := ingest.StorageRefused(&u.events[0], u.message, err)
			*u = unit{outcome: Outcome{Key: u.outcome.Key, Refusal: refused.Refusal}, message: u.message}
			err = r.write(ctx, units[i:i+1])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// write stores units as one batch, with the note of what came of each.
func (r *Replayer) write(ctx context.Context, units []unit) error {
	b := &ingest.Batch{}
	now := r.o.Now().UTC()
	for _, u := range units {
		if u.outcome.Skipped {
			continue
		}
		for range u.events {
			b.Origins = append(b.Origins, u.message)
		}
		b.Events = append(b.Events, u.events...)
		for _, f := range u.refusals {
			b.Refusals = append(b.Refusals, ingest.Refused{Refusal: f, Message: *u.message})
		}
		b.Replays = append(b.Replays, ingest.Replay{Key: u.outcome.Key, At: now, By: r.o.By, Refusal: u.outcome.Refusal})
	}
	if len(b.Replays) == 0 {
		return nil
	}
	if err := r.o.Sink.Write(ctx, b); err != nil {
		return fmt.Errorf("store %d replayed events: %w", len(b.Events), err)
	}
	return nil
}
