package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/binhphuoc/ioc/deploy/retention"
	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/ingest/replay"
	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// errEnough ends a walk through refused events early.
var errEnough = errors.New("enough")

// kept walks through refused events, and notes the key of the last one.
func kept(ctx context.Context, rejects *query.Rejects, scope query.Scope, r query.RejectsRequest, last *string) iter.Seq2[replay.Kept, error] {
	return func(yield func(replay.Kept, error) bool) {
		err := rejects.Each(ctx, scope, r, func(j *wire.Reject) error {
			k, err := keptOf(j)
			if err == nil {
				*last = j.Key
			}
			if !yield(k, err) || err != nil {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(replay.Kept{}, err)
		}
	}
}

// keptOf turns what is told of a refused event back into the message that brought it.
func keptOf(j *wire.Reject) (replay.Kept, error) {
	key, err := uuid.Parse(j.Key)
	if err != nil {
		return replay.Kept{}, fmt.Errorf("key of a refused event: %w", err)
	}
	return replay.Kept{Key: key, Index: int(j.Index), Taken: j.Taken(), Message: schemas.Message{
		Transport: j.Transport, Topic: j.Topic, Centre: j.Centre, Partition: j.Partition, Offset: j.Offset, Header: j.Header, Payload: j.Bytes(), Arrived: j.At,
	}}, nil
}

// replayFor makes what the API replays with.
func (a *parts) replayFor(rejects *query.Rejects, sink ingest.Sink) func(context.Context, query.Scope, string, query.RejectsRequest, bool) (wire.Replay, error) {
	return func(ctx context.Context, scope query.Scope, by string, r query.RejectsRequest, dry bool) (wire.Replay, error) {
		out := wire.Replay{DryRun: dry, Results: []wire.ReplayOutcome{}}
		p, err := replay.New(replay.Options{Decoder: a.decoder(), Sink: sink, By: by, DryRun: dry, Tell: func(o replay.Outcome, _ replay.Summary) {
			out.Results = append(out.Results, outcome(o))
		}})
		if err != nil {
			return out, err
		}
		last := ""
		sum, err := p.Run(ctx, kept(ctx, rejects, scope, r, &last))
		out.Taken, out.Refused, out.Skipped, out.Events, out.Items = sum.Taken, sum.Refused, sum.Skipped, sum.Events, sum.Items
		if r.Limit > 0 && sum.Done() == r.Limit {
			out.Next = last
		}
		return out, err
	}
}

func outcome(o replay.Outcome) wire.ReplayOutcome {
	out := wire.ReplayOutcome{Key: o.Key.String(), Outcome: wire.OutcomeTaken, Events: o.Events, Items: o.Items}
	switch {
	case o.Skipped:
		out.Outcome = wire.OutcomeSkipped
	case o.Refusal != nil:
		out.Outcome, out.Code, out.Field = wire.OutcomeRefused, o.Refusal.Code, o.Refusal.Field
		out.Sentence = schemas.Text{VI: o.Refusal.Sentence, EN: o.Refusal.English}
	}
	return out
}

// decoder reads messages by the rules of now.
func (a *parts) decoder() *schemas.Decoder {
	o := schemas.DecoderOptions{Retention: a.s.retention}
	// A refused event that is read again long after its arrival may lie further back than what can still be counted.
	if keep := a.s.keep.Raw; keep != retention.Forever {
		o.Oldest = time.Now().AddDate(0, 0, 2-int(keep))
	}
	return schemas.NewDecoder(a.registry, o)
}
