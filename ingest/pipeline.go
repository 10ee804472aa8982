package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/binhphuoc/ioc/schemas"
)

// Decoder reads a message into events, and says why it refuses the rest.
type Decoder interface {
	Decode(m schemas.Message) ([]schemas.Event, []*schemas.Refusal)
}

// Options are what a Pipeline needs.
type Options struct {
	Sources []Source
	Decoder Decoder
	Sink    Sink
	Metrics *Metrics
	Log     *slog.Logger

	MaxEvents int           // in one batch; default 20,000
	MaxBytes  int64         // of all messages between a transport and storage; default 64 MiB
	MaxDelay  time.Duration // that a message waits for its batch to fill; default 250 ms
	TryLimit  time.Duration // after which a try to store a batch counts as failed; default 30 s
	StopLimit time.Duration // for the last flush; default 5 s
}

// Pipeline is the way from the sources to the sink: decode, batch, store, acknowledge.
type Pipeline struct {
	o      Options
	in     chan Delivery
	budget *semaphore.Weighted // bytes of messages that are not acknowledged yet: when it is used up, sources wait
}

// work is a batch with what is to be acknowledged after it.
type work struct {
	Batch
	deliveries []Delivery
	bytes      int64
	began      time.Time
}

const (
	queue      = 1024 // messages between the sources and the decoder
	leastDelay = 100 * time.Millisecond
	mostDelay  = 5 * time.Second
	mostTry    = 10 * time.Minute
)

// New checks the options.
func New(o Options) (*Pipeline, error) {
	if len(o.Sources) == 0 || o.Decoder == nil || o.Sink == nil {
		return nil, errors.New("an ingest pipeline needs a source, a decoder and a sink")
	}
	o.MaxEvents = cmp.Or(o.MaxEvents, 20_000)
	o.MaxBytes = cmp.Or(o.MaxBytes, 64<<20)
	o.MaxDelay = cmp.Or(o.MaxDelay, 250*time.Millisecond)
	o.TryLimit = cmp.Or(o.TryLimit, 30*time.Second)
	o.StopLimit = cmp.Or(o.StopLimit, 5*time.Second)
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Metrics == nil {
		o.Metrics = NewMetrics()
	}
	return &Pipeline{o: o, in: make(chan Delivery, queue), budget: semaphore.NewWeighted(o.MaxBytes)}, nil
}

// Run works until ctx ends or a source fails for good. It stops upstream first: the sources take nothing more in,
// what is under way is stored and acknowledged, then the sources close. What could not be stored in time
// is not acknowledged: the transport delivers it again.
func (p *Pipeline) Run(ctx context.Context) error {
	sources, srcCtx := errgroup.WithContext(ctx)
	for _, s := range p.o.Sources {
		sources.Go(func() error {
			if err := s.Run(srcCtx, p.deliver); err != nil && srcCtx.Err() == nil {
				return fmt.Errorf("source %s: %w", s.Name(), err)
			}
			return nil
		})
	}
	// The flush outlives ctx by StopLimit.
	flushCtx, cancelFlush := context.WithCancel(context.WithoutCancel(ctx))
	defer cancelFlush()
	full := make(chan *work)
	var stages errgroup.Group
	stages.Go(func() error { p.collect(full); return nil })
	stages.Go(func() error { p.write(flushCtx, full); return nil })

	err := sources.Wait()
	close(p.in) // nobody is left who could send
	limit := time.AfterFunc(p.o.StopLimit, cancelFlush)
	defer limit.Stop()
	err = errors.Join(err, stages.Wait())
	for _, s := range p.o.Sources {
		err = errors.Join(err, s.Close())
	}
	return err
}

// deliver takes a message from a source. It blocks while the pipeline holds as much as it may.
func (p *Pipeline) deliver(ctx context.Context, d Delivery) error {
	if err := p.budget.Acquire(ctx, p.weight(d)); err != nil {
		return err
	}
	select {
	case p.in <- d:
		p.o.Metrics.held.Inc()
		p.o.Metrics.queued.Set(float64(len(p.in)))
		return nil
	case <-ctx.Done():
		p.budget.Release(p.weight(d))
		return ctx.Err()
	}
}

// weight is the part of the budget that a message takes: one larger than the budget takes all of it.
func (p *Pipeline) weight(d Delivery) int64 { return min(int64(len(d.Payload))+1, p.o.MaxBytes) }

// collect decodes messages into batches until the input closes. A batch goes when it is full or old enough;
// while the writer is busy with the last one, the next one fills.
//
// One goroutine is enough: it decodes some 150,000 readings a second, which is more than the rest of one
// machine takes, and the order of acknowledgement needs no further thought.
func (p *Pipeline) collect(full chan<- *work) {
	defer close(full)
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	defer timer.Stop()
	var w *work
	var ready chan<- *work // nil until the batch may go
	for {
		in := p.in
		if w != nil && p.isFull(w) {
			in, ready = nil, full
		}
		select {
		case d, ok := <-in:
			if !ok {
				if w != nil {
					full <- w
				}
				return
			}
			if w == nil {
				w = &work{began: time.Now()}
				timer.Reset(p.o.MaxDelay)
			}
			p.add(w, d)
			p.o.Metrics.queued.Set(float64(len(p.in)))
		case <-timer.C:
			ready = full
		case ready <- w:
			timer.Stop() // a batch that went because it was full leaves its timer running
			w, ready = nil, nil
		}
	}
}

func (p *Pipeline) isFull(w *work) bool {
	return len(w.Events)+len(w.Refusals) >= p.o.MaxEvents || w.bytes >= p.o.MaxBytes/2
}

// add decodes one message into a batch.
func (p *Pipeline) add(w *work, d Delivery) {
	events, refusals := p.o.Decoder.Decode(d.Message)
	for range events {
		w.Origins = append(w.Origins, &d.Message)
	}
	w.Events = append(w.Events, events...)
	for _, r := range refusals {
		w.Refusals = append(w.Refusals, Refused{Refusal: r, Message: d.Message})
	}
	w.deliveries = append(w.deliveries, d)
	w.bytes += p.weight(d)
}

// write stores batches, one after the other, and acknowledges each after storage has it.
func (p *Pipeline) write(ctx context.Context, full <-chan *work) {
	for w := range full {
		began := time.Now()
		if err := p.store(ctx, &w.Batch); err != nil {
			p.abandon(w, full, err)
			return
		}
		for _, d := range w.deliveries {
			d.Done()
		}
		p.budget.Release(w.bytes)
		p.o.Metrics.acknowledged(len(w.deliveries), time.Since(began), time.Since(w.began))
	}
}

// abandon gives up a batch and all that come after it. Storing a later one would be no use: to acknowledge it
// would tell some transports that they need not keep the earlier one either.
func (p *Pipeline) abandon(w *work, full <-chan *work, cause error) {
	messages := len(w.deliveries)
	for w := range full {
		messages += len(w.deliveries)
	}
	p.o.Log.Warn("stopped before everything was stored; the transports deliver the rest again", "messages", messages, "error", cause)
}
