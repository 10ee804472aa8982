// Package ingest brings messages from a transport to storage, and acknowledges them after storage has them.
package ingest

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/binhphuoc/ioc/schemas"
)

// Delivery is one message with the way to acknowledge it.
type Delivery struct {
	schemas.Message
	// Done tells the transport that the message is stored. The pipeline calls it once, in the order of arrival,
	// and never before storage accepted everything that the message held.
	Done func()
}

// Source is a transport. Run delivers until ctx ends or it fails for good, and returns when all that it started
// has ended. deliver blocks while the pipeline is full: that is the brake. After deliver returned an error
// (only when the pipeline has ended) the source must stop delivering.
//
// A source must stay able to pass on acknowledgements after ctx has ended, until Close: the pipeline flushes
// and acknowledges what it holds between the two.
type Source interface {
	Name() string // mqtt or kafka
	Run(ctx context.Context, deliver func(context.Context, Delivery) error) error
	Close() error
}

// Batch is what is written at once.
type Batch struct {
	Events   []schemas.Event
	Origins  []*schemas.Message // the message that each of Events came in, same length
	Refusals []Refused
	Replays  []Replay // stored after all else: what is noted as taken is there
}

// Refused is a refusal with the message that it came in.
type Refused struct {
	*schemas.Refusal
	Message schemas.Message
}

// Replay is what came of reading a refused event again.
type Replay struct {
	Key     uuid.UUID // of the refused event
	At      time.Time
	By      string           // who had it read again
	Refusal *schemas.Refusal // why it was refused again; nil: it was taken
}

// Sink stores batches. Write returns after the storage has all of the batch; writing a batch twice changes nothing.
// An error that wraps ErrContent says that the storage would never take this batch; after any other one it may later.
type Sink interface {
	Write(ctx context.Context, b *Batch) error
}

// ErrContent says that the storage refuses what a batch holds, not that it is away.
var ErrContent = errors.New("the storage refuses the content")
