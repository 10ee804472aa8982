package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
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
)

// New checks the options.
func New(o Options) (*Pipeline, error) {
	if len(o.Sources) == 0 || o.Decoder == nil || o.Sink == nil {
		return nil, errors.New("an ingest pipeline needs a source, a decoder and a sink")
	}
	o.MaxEvents = cmp.Or(o.MaxEvents, 20_000)
	o.MaxBytes = cmp.Or(o.MaxBytes, 64<<20)
	o.MaxDelay = cmp.Or(o.MaxDelay, 250*time.Millisecond)
	o.StopLimit = cmp.Or(o.StopLimit, 5*time.Second)
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
	close(p.in)
	limit := time.AfterFunc(p.o.StopLimit, cancelFlush)
	defer limit.Stop()
	err = cmp.Or(err, stages.Wait())
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
func (p *Pipeline) collect(full chan<- *work) {
	defer close(full)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var w *work
	var ready chan<- *work // nil until the batch may go
	for {
		in := p.in
		if w != nil && (len(w.Events)+len(w.Refusals) >= p.o.MaxEvents || w.bytes >= p.o.MaxBytes/2) {
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
		case <-timer.C:
			ready = full
		case ready <- w:
			w, ready = nil, nil
		}
	}
}

// add decodes one message into a batch.
func (p *Pipeline) add(w *work, d Delivery) {
	events, refusals := p.o.Decoder.Decode(d.Message)
	for i := range events {
		w.Origins = append(w.Origins, &d.Message)
		p.o.Metrics.events.WithLabelValues(d.Transport, string(events[i].Type)).Inc()
	}
	w.Events = append(w.Events, events...)
	for _, r := range refusals {
		w.Refusals = append(w.Refusals, Refused{Refusal: r, Message: d.Message})
		p.o.Metrics.refused.WithLabelValues(d.Transport, string(r.Code)).Inc()
	}
	w.deliveries = append(w.deliveries, d)
	w.bytes += p.weight(d)
}

// write stores batches, one after the other, and acknowledges each after storage has it.
func (p *Pipeline) write(ctx context.Context, full <-chan *work) {
	for w := range full {
		began := time.Now()
		err := p.store(ctx, &w.Batch)
		p.budget.Release(w.bytes)
		if err != nil {
			p.o.Log.Warn("stopped before a batch was stored; the transport delivers it again", "messages", len(w.deliveries), "error", err)
			continue
		}
		for _, d := range w.deliveries {
			d.Done()
		}
		p.o.Metrics.batches.Inc()
		p.o.Metrics.flush.Observe(time.Since(began).Seconds())
		p.o.Metrics.waited.Observe(time.Since(w.began).Seconds())
	}
}

// store writes a batch, however long that takes. It gives up when ctx ends.
func (p *Pipeline) store(ctx context.Context, b *Batch) error {
	var away time.Time
	for wait := leastDelay; ; wait = min(2*wait, mostDelay) {
		err := p.o.Sink.Write(ctx, b)
		switch {
		case err == nil:
			if !away.IsZero() {
				p.o.Log.Info("storage is back", "away_seconds", time.Since(away).Seconds())
			}
			p.o.Metrics.up.Set(1)
			return nil
		case errors.Is(err, ErrContent) && len(b.Events) > 0:
			return p.divide(ctx, b, err)
		case ctx.Err() != nil:
			return err
		case away.IsZero():
			away = time.Now()
			p.o.Metrics.up.Set(0)
			p.o.Log.Error("storage is away: ingestion waits and tries again", "error", err)
		}
		// The jitter keeps several ingest processes from coming back at the same moment.
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(wait/2 + rand.N(wait/2)):
		}
	}
}

// divide stores the halves of a batch that storage refuses for its content, down to the one event that is
// to blame: this one is kept as refused, so that it neither is lost nor holds up the others.
func (p *Pipeline) divide(ctx context.Context, b *Batch, cause error) error {
	if n := len(b.Events); n > 1 {
		left := &Batch{Events: b.Events[:n/2], Origins: b.Origins[:n/2], Refusals: b.Refusals}
		right := &Batch{Events: b.Events[n/2:], Origins: b.Origins[n/2:]}
		return cmp.Or(p.store(ctx, left), p.store(ctx, right))
	}
	e, m := b.Events[0], b.Origins[0]
	p.o.Log.Error("storage refuses an event that passed all checks: kept as refused", "source", e.Source, "id", e.ID, "error", cause)
	r := Refused{Message: *m, Refusal: &schemas.Refusal{
		Code: schemas.CodeStorageRefused, Sentence: "Kho dữ liệu không nhận sự kiện này; hãy báo cho người vận hành nền tảng.",
		English: "The storage does not take this event; tell the operator of the platform. " + cause.Error(),
		ID:      e.ID, Source: e.Source, EventType: e.Type.CloudEventType(), Item: m.Payload, Index: -1,
	}}
	return p.store(ctx, &Batch{Refusals: append(slices.Clone(b.Refusals), r)})
}
