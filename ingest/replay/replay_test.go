package replay_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/ingest/replay"
	"github.com/binhphuoc/ioc/schemas"
)

func now() time.Time { return time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC) }

// sink keeps what it is given, until it is told to refuse.
type sink struct {
	written []*ingest.Batch
	refuse  func(*ingest.Batch) error
}

func (s *sink) Write(_ context.Context, b *ingest.Batch) error {
	if s.refuse != nil {
		if err := s.refuse(b); err != nil {
			return err
		}
	}
	s.written = append(s.written, b)
	return nil
}

// ids lists the events that were written, and notes those that the storage says were taken.
func (s *sink) ids() (events []string, taken int) {
	for _, b := range s.written {
		for _, e := range b.Events {
			events = append(events, e.ID)
		}
		for _, r := range b.Replays {
			if r.Refusal == nil {
				taken++
			}
		}
	}
	return events, taken
}

func call(id string) string {
	return fmt.Sprintf(`{"specversion":"1.0","id":%q,"source":"/dong-xoai/service/1022","type":"vn.binhphuoc.ioc.call.v1","time":"2026-11-20T03:00:00Z",`+
		`"data":{"call_id":%[1]q,"status":"waiting","queued_at":"2026-11-20T03:00:00Z"}}`, id)
}

// kept is a refused event that arrived four days ago.
func kept(n, index int, payload string) replay.Kept {
	return replay.Kept{Key: key(n), Index: index, Message: schemas.Message{
		Transport: "mqtt", Topic: "ioc/dong-xoai/service/1022", Centre: "dong-xoai", Payload: []byte(payload),
		Arrived: time.Date(2026, 11, 20, 3, 0, 1, 0, time.UTC),
	}}
}

func key(n int) uuid.UUID { return uuid.UUID{15: byte(n)} }

func each(list ...replay.Kept) iter.Seq2[replay.Kept, error] {
	return func(yield func(replay.Kept, error) bool) {
		for _, k := range list {
			if !yield(k, nil) {
				return
			}
		}
	}
}

type bench struct {
	*testing.T
	sink     *sink
	outcomes []replay.Outcome
}

func (b *bench) run(o replay.Options, list iter.Seq2[replay.Kept, error]) (replay.Summary, error) {
	b.Helper()
	registry, err := schemas.BuiltinRegistry()
	if err != nil {
		b.Fatal(err)
	}
	o.Decoder, o.Sink, o.By, o.Now = schemas.NewDecoder(registry, schemas.DecoderOptions{}), b.sink, "test", now
	o.Tell = func(x replay.Outcome, _ replay.Summary) { b.outcomes = append(b.outcomes, x) }
	r, err := replay.New(o)
	if err != nil {
		b.Fatal(err)
	}
	return r.Run(b.Context(), list)
}

func TestOutcomes(t *testing.T) {
	taken := kept(9, -1, call("taken-before"))
	taken.Taken = true
	for _, c := range []struct {
		name   string
		kept   replay.Kept
		want   replay.Summary
		events []string
		code   schemas.Code
	}{
		{"a whole message", kept(1, -1, call("a")), replay.Summary{Taken: 1, Events: 1}, []string{"a"}, ""},
		{"one of a batch", kept(1, 3, call("b")), replay.Summary{Taken: 1, Events: 1}, []string{"b"}, ""},
		{
			"a batch that was refused as a whole", kept(1, -1, "["+call("c")+","+call("d")+`,{"specversion":"1.0","id":"bad"}]`),
			replay.Summary{Taken: 1, Events: 2, Items: 1},
			[]string{"c", "d"},
			"",
		},
		{"still no JSON", kept(1, -1, "no json"), replay.Summary{Refused: 1}, nil, schemas.CodeNotJSON},
		{"an item that is still bad", kept(1, 0, `{"specversion":"1.0"}`), replay.Summary{Refused: 1}, nil, schemas.CodeMissing},
		{"taken before", taken, replay.Summary{Skipped: 1}, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &bench{T: t, sink: &sink{}}
			got, err := b.run(replay.Options{}, each(c.kept))
			if err != nil {
				t.Fatal(err)
			}
			events, noted := b.sink.ids()
			if d := cmp.Diff(c.want, got) + cmp.Diff(c.events, events); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if noted != got.Taken {
				t.Errorf("%d are noted as taken, want %d", noted, got.Taken)
			}
			o := b.outcomes[0]
			if c.code == "" != (o.Refusal == nil) || o.Refusal != nil && (o.Refusal.Code != c.code || o.Refusal.Index != c.kept.Index) {
				t.Errorf("refused again: %+v, want %q", o.Refusal, c.code)
			}
		})
	}
}

// Whether an event came too late, and how a feed is, are questions of when it arrived.
func TestArrivalStays(t *testing.T) {
	b := &bench{T: t, sink: &sink{}}
	k := kept(1, -1, call("old"))
	if _, err := b.run(replay.Options{}, each(k)); err != nil {
		t.Fatal(err)
	}
	w := b.sink.written[0]
	if !w.Origins[0].Arrived.Equal(k.Message.Arrived) || !w.Replays[0].At.Equal(now()) || w.Replays[0].By != "test" {
		t.Errorf("arrived %s, replayed %s by %q", w.Origins[0].Arrived, w.Replays[0].At, w.Replays[0].By)
	}
}

func TestDryRunWritesNothing(t *testing.T) {
	b := &bench{T: t, sink: &sink{}}
	got, err := b.run(replay.Options{DryRun: true}, each(kept(1, -1, call("a")), kept(2, -1, "x")))
	if err != nil || got.Taken != 1 || got.Refused != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if len(b.sink.written) > 0 {
		t.Error("something was written")
	}
}

// An event that only the storage refuses gets the blame alone.
func TestContentThatTheStorageRefuses(t *testing.T) {
	b := &bench{T: t, sink: &sink{refuse: func(batch *ingest.Batch) error {
		for _, e := range batch.Events {
			if e.ID == "poison" {
				return fmt.Errorf("value out of range: %w", ingest.ErrContent)
			}
		}
		return nil
	}}}
	got, err := b.run(replay.Options{}, each(kept(1, -1, call("a")), kept(2, -1, call("poison")), kept(3, -1, call("c"))))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(replay.Summary{Taken: 2, Refused: 1, Events: 2}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if events, taken := b.sink.ids(); strings.Join(events, " ") != "a c" || taken != 2 {
		t.Errorf("written: %v, %d noted as taken", events, taken)
	}
	if r := b.outcomes[1].Refusal; r == nil || r.Code != schemas.CodeStorageRefused {
		t.Errorf("the poisoned one: %+v", r)
	}
}

// What the summary counts is stored, also when the storage goes away or the list of refused events breaks off.
func TestErrorsTellHowFarItCame(t *testing.T) {
	away := errors.New("away")
	broken := func(yield func(replay.Kept, error) bool) {
		if yield(kept(1, -1, call("a")), nil) {
			yield(replay.Kept{}, away)
		}
	}
	b := &bench{T: t, sink: &sink{}}
	got, err := b.run(replay.Options{}, broken)
	if !errors.Is(err, away) || got.Taken != 1 || len(b.sink.written) != 1 {
		t.Errorf("a list that breaks off: %+v, %v, %d written", got, err, len(b.sink.written))
	}
	b = &bench{T: t, sink: &sink{refuse: func(*ingest.Batch) error { return away }}}
	got, err = b.run(replay.Options{}, each(kept(1, -1, call("a"))))
	if !errors.Is(err, away) || got.Done() != 0 || len(b.outcomes) > 0 {
		t.Errorf("storage away: %+v, %v, told %v", got, err, b.outcomes)
	}
}

func TestNewChecksOptions(t *testing.T) {
	if _, err := replay.New(replay.Options{}); err == nil {
		t.Error("a replay without decoder and sink was made")
	}
}
