package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/binhphuoc/ioc/schemas"
)

// store writes a batch, however long that takes. It gives up when ctx ends.
func (p *Pipeline) store(ctx context.Context, b *Batch) error {
	var away time.Time
	limit := p.o.TryLimit
	for wait := leastDelay; ; wait = min(2*wait, mostDelay) {
		err := p.try(ctx, b, limit)
		switch {
		case err == nil:
			if !away.IsZero() {
				p.o.Log.Info("storage is back", "away_seconds", time.Since(away).Seconds())
			}
			p.o.Metrics.up.Set(1)
			p.o.Metrics.stored(b, time.Now())
			return nil
		case errors.Is(err, ErrContent) && len(b.Events) > 0:
			return p.divide(ctx, b, err)
		case ctx.Err() != nil:
			return err
		case away.IsZero():
			away = time.Now()
			p.o.Metrics.up.Set(0)
			p.o.Log.Error("storage takes nothing: ingestion waits and tries again", "error", err)
		}
		if errors.Is(err, context.DeadlineExceeded) {
			limit = min(2*limit, mostTry) // a storage that is only slow gets the time that it needs
		}
		// The jitter keeps several ingest processes from coming back at the same moment.
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(wait/2 + rand.N(wait/2)):
		}
	}
}

// try writes a batch once. The limit makes a storage that has stopped answering one that is away.
func (p *Pipeline) try(ctx context.Context, b *Batch, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return p.o.Sink.Write(ctx, b)
}

// divide stores the halves of a batch that storage refuses for its content, down to the one event that is
// to blame: this one is kept as refused, so that it neither is lost nor holds up the others.
func (p *Pipeline) divide(ctx context.Context, b *Batch, cause error) error {
	if len(b.Refusals) > 0 { // by themselves, so that no event gets the blame for them
		if err := p.store(ctx, &Batch{Refusals: b.Refusals}); err != nil {
			return err
		}
		return p.store(ctx, &Batch{Events: b.Events, Origins: b.Origins})
	}
	if n := len(b.Events); n > 1 {
		if err := p.store(ctx, &Batch{Events: b.Events[:n/2], Origins: b.Origins[:n/2]}); err != nil {
			return err
		}
		return p.store(ctx, &Batch{Events: b.Events[n/2:], Origins: b.Origins[n/2:]})
	}
	e, m := &b.Events[0], b.Origins[0]
	p.o.Log.Error("storage refuses an event that passed all checks: kept as refused", "source", e.Source, "id", e.ID, "error", cause)
	return p.store(ctx, &Batch{Refusals: []Refused{StorageRefused(e, m, cause)}})
}

// StorageRefused is the refusal of an event that only the storage found fault with.
func StorageRefused(e *schemas.Event, m *schemas.Message, cause error) Refused {
	item, index := itemOf(m, e)
	return Refused{Message: *m, Refusal: &schemas.Refusal{
		Code:     schemas.CodeStorageRefused,
		Sentence: "Kho dữ liệu không nhận sự kiện này; hãy báo cho người vận hành nền tảng.",
		English:  "The storage does not take this event; tell the operator of the platform. " + cause.Error(),
		ID:       e.ID, Source: e.Source, EventType: e.Type.CloudEventType(), Item: item, Index: index,
	}}
}

// itemOf finds the bytes of an event in the message that it came in, and its place there when that is a batch.
func itemOf(m *schemas.Message, e *schemas.Event) (item []byte, index int) {
	var items []json.RawMessage
	if json.Unmarshal(m.Payload, &items) != nil {
		return m.Payload, -1
	}
	for i, item := range items {
		var head struct {
			ID     string `json:"id"`
			Source string `json:"source"`
		}
		if json.Unmarshal(item, &head) == nil && head.ID == e.ID && head.Source == e.Source {
			return item, i
		}
	}
	return m.Payload, -1
}
