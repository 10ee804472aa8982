package ingest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/schemas"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errAway = errors.New("connection refused")

// fakeSource delivers what it is given, and notes what comes back.
type fakeSource struct {
	messages chan string
	fail     chan error

	mu     sync.Mutex
	done   []string
	closed bool
	sent   int // that the pipeline took
}

func newFakeSource() *fakeSource {
	return &fakeSource{messages: make(chan string, 100_000), fail: make(chan error, 1)}
}

func (s *fakeSource) Name() string { return "fake" }

func (s *fakeSource) Run(ctx context.Context, deliver func(context.Context, ingest.Delivery) error) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-s.fail:
			return err
		case text := <-s.messages:
			m := schemas.Message{Transport: "fake", Payload: []byte(text), Arrived: time.Now()}
			if err := deliver(ctx, ingest.Delivery{Message: m, Done: func() { s.note(text) }}); err != nil {
				return err
			}
			s.mu.Lock()
			s.sent++
			s.mu.Unlock()
		}
	}
}

func (s *fakeSource) note(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		text += " after close"
	}
	s.done = append(s.done, text)
}

func (s *fakeSource) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

func (s *fakeSource) acknowledged() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.done)
}

func (s *fakeSource) taken() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent
}

// fakeDecoder takes a message for a list of ids, those that begin with ! for refused.
type fakeDecoder struct{}

func (fakeDecoder) Decode(m schemas.Message) ([]schemas.Event, []*schemas.Refusal) {
	var events []schemas.Event
	var refusals []*schemas.Refusal
	for id := range strings.FieldsSeq(strings.NewReplacer("[", "", "]", "", `{"id":"`, "", `","source":"s"}`, "", ",", " ").Replace(string(m.Payload))) {
		if strings.HasPrefix(id, "!") {
			refusals = append(refusals, &schemas.Refusal{Code: schemas.CodeNotJSON, Item: []byte(id), Index: -1})
			continue
		}
		events = append(events, schemas.Event{ID: id, Source: "s", Type: schemas.TypeReading, Time: m.Arrived})
	}
	return events, refusals
}

// fakeSink keeps what it is given, and does what it is told to before.
type fakeSink struct {
	mu      sync.Mutex
	before  func(ctx context.Context, b *ingest.Batch) error // nil: takes everything
	stored  []string                                         // ids, refused ones with !
	refused []ingest.Refused
	sizes   []int
	tries   int
}

func (s *fakeSink) Write(ctx context.Context, b *ingest.Batch) error {
	s.mu.Lock()
	s.tries++
	before := s.before
	s.mu.Unlock()
	if before != nil {
		if err := before(ctx, b); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range b.Events {
		s.stored = append(s.stored, e.ID)
	}
	for _, r := range b.Refusals {
		s.stored = append(s.stored, string(r.Item))
	}
	s.refused = append(s.refused, b.Refusals...)
	s.sizes = append(s.sizes, len(b.Events)+len(b.Refusals))
	return nil
}

func (s *fakeSink) set(before func(context.Context, *ingest.Batch) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = before
}

func (s *fakeSink) ids() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.stored)
}

func (s *fakeSink) tried() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tries
}

// journal keeps what is logged.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// bench is a pipeline with everything around it faked.
type bench struct {
	*testing.T
	source  *fakeSource
	sink    *fakeSink
	metrics *ingest.Metrics
	log     *journal
	stop    context.CancelFunc
	ended   chan error
}

// start runs a pipeline. It has to be called in a synctest bubble.
func start(t *testing.T, o ingest.Options) *bench {
	t.Helper()
	b := &bench{T: t, source: newFakeSource(), sink: &fakeSink{}, metrics: ingest.NewMetrics(), log: &journal{}, ended: make(chan error, 1)}
	o.Sources, o.Decoder, o.Metrics = []ingest.Source{b.source}, fakeDecoder{}, b.metrics
	o.Log = slog.New(slog.NewTextHandler(b.log, nil))
	if o.Sink == nil {
		o.Sink = b.sink
	}
	p, err := ingest.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	b.stop = cancel
	t.Cleanup(cancel)
	go func() { b.ended <- p.Run(ctx) }()
	return b
}

func (b *bench) send(messages ...string) {
	for _, m := range messages {
		b.source.messages <- m
	}
	synctest.Wait()
}

// end stops the pipeline and returns what Run does.
func (b *bench) end() error {
	b.stop()
	return <-b.ended
}

func (b *bench) equal(what string, got, want []string) {
	b.Helper()
	if d := cmp.Diff(want, got); d != "" {
		b.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// metric returns a counter or gauge, added up over its labels.
func (b *bench) metric(name string) float64 {
	b.Helper()
	return metric(b, b.metrics, name, "")
}

// metric adds up a counter or gauge over those of its labels that have the value; over all without one.
func metric(t testing.TB, from *ingest.Metrics, name, label string) float64 {
	t.Helper()
	r := prometheus.NewRegistry()
	r.MustRegister(from)
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, f := range families {
		for _, m := range f.GetMetric() {
			has := label == ""
			for _, l := range m.GetLabel() {
				has = has || l.GetValue() == label
			}
			if f.GetName() == name && has {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}

func numbers(from, to int) []string {
	var out []string
	for i := from; i < to; i++ {
		out = append(out, strconv.Itoa(i))
	}
	return out
}

func TestBatchGoesAfterMaxDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, ingest.Options{})
		b.send("1")
		time.Sleep(200 * time.Millisecond)
		b.send("2")
		b.equal("stored before the delay is over", b.sink.ids(), nil)
		time.Sleep(50 * time.Millisecond)
		synctest.Wait()
		b.equal("stored", b.sink.ids(), []string{"1", "2"})
		b.equal("acknowledged", b.source.acknowledged(), []string{"1", "2"})
		if err := b.end(); err != nil {
			t.Error(err)
		}
	})
}

func TestFullBatchGoesAtOnceAndTheNextOneHasItsOwnDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, ingest.Options{MaxEvents: 10})
		b.send(numbers(0, 25)...)
		b.equal("stored at once", b.sink.ids(), numbers(0, 20))
		time.Sleep(250 * time.Millisecond)
		synctest.Wait()
		b.equal("stored after the delay", b.sink.ids(), numbers(0, 25))
		b.send(numbers(25, 35)...) // full again; then nothing for longer than the delay
		time.Sleep(time.Second)
		b.send("35")
		time.Sleep(249 * time.Millisecond)
		synctest.Wait()
		b.equal("stored before the new batch's delay", b.sink.ids(), numbers(0, 35))
		time.Sleep(time.Millisecond)
		synctest.Wait()
		b.equal("acknowledged", b.source.acknowledged(), numbers(0, 36))
		if err := b.end(); err != nil {
			t.Error(err)
		}
	})
}

func TestNothingIsAcknowledgedBeforeItIsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, ingest.Options{MaxEvents: 10})
		release := make(chan struct{})
		b.sink.set(func(context.Context, *ingest.Batch) error { <-release; return nil })
		b.send(numbers(0, 30)...)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		b.equal("acknowledged while the storage works", b.source.acknowledged(), nil)
		release <- struct{}{}
		synctest.Wait()
		b.equal("acknowledged after the first batch", b.source.acknowledged(), numbers(0, 10))
		close(release)
		synctest.Wait()
		b.equal("acknowledged in the end", b.source.acknowledged(), numbers(0, 30))
		if err := b.end(); err != nil {
			t.Error(err)
		}
	})
}

func TestStorageAwayThenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, ingest.Options{MaxEvents: 10, MaxBytes: 100})
		b.sink.set(func(context.Context, *ingest.Batch) error { return errAway })
		for i := range 1000 {
			b.source.messages <- fmt.Sprintf("%03d", i)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := b.source.taken(); got != 25 { // 4 bytes each of the 100
			t.Errorf("took %d messages while the storage is away, want 25", got)
		}
		if got := b.metric("ioc_ingest_storage_up"); got != 0 {
			t.Errorf("storage_up is %v while it is away", got)
		}
		if n := strings.Count(b.log.String(), "\n"); n != 1 || b.sink.tried() < 10 {
			t.Errorf("%d tries made %d lines of log, want 1:\n%s", b.sink.tried(), n, b.log)
		}
		b.equal("acknowledged while away", b.source.acknowledged(), nil)
		b.sink.set(nil)
		time.Sleep(6 * time.Second)
		synctest.Wait()
		if got := len(b.source.acknowledged()); got != 1000 || !slices.IsSorted(b.source.acknowledged()) {
			t.Errorf("acknowledged %d of 1000, sorted: %v", got, slices.IsSorted(b.source.acknowledged()))
		}
		if n := strings.Count(b.log.String(), "\n"); n != 2 || !strings.Contains(b.log.String(), "away_seconds=6") {
			t.Errorf("the log does not say for how long the storage was away, or says more:\n%s", b.log)
		}
		for name, want := range map[string]float64{
			"ioc_ingest_storage_up": 1, "ioc_ingest_events_total": 1000, "ioc_ingest_unacknowledged_messages": 0, "ioc_ingest_queue_messages": 0,
		} {
			if got := b.metric(name); got != want {
				t.Errorf("%s is %v, want %v", name, got, want)
			}
		}
		if err := b.end(); err != nil {
			t.Error(err)
		}
	})
}

// A storage that takes a request and never answers is away as well; one that is only slow gets the time it needs.
func TestStorageThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, ingest.Options{TryLimit: 10 * time.Second})
		b.sink.set(func(ctx context.Context, _ *ingest.Batch) error {
			select {
			case <-ctx.Done():
				return fmt.Errorf("write: %w", ctx.Err())
			case <-time.After(30 * time.Second):
				return nil
			}
		})
		b.send("1")
		time.Sleep(15 * time.Second)
		synctest.Wait()
		if !strings.Contains(b.log.String(), "storage takes nothing") {
			t.Errorf("nobody was told:\n%s", b.log)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		b.equal("acknowledged", b.source.acknowledged(), []string{"1"})
		if err := b.end(); err != nil {
			t.Error(err)
		}
	})
}

// refuse returns what a storage does that takes everything but some events.
func refuse(bad ...string) func(context.Context, *ingest.Batch) error {
	return func(_ context.Context, b *ingest.Batch) error {
		for _, e := range b.Events {
			if slices.Contains(bad, e.ID) {
				return fmt.Errorf("insert: %w: no place for %s", ingest.ErrContent, e.ID)
			}
		}
		return nil
	}
}

func TestOneEventThatStorageRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, ingest.Options{})
		b.sink.set(refuse("7", "12"))
		b.send(append(numbers(0, 10), "!bad", `[{"id":"11","source":"s"},{"id":"12","source":"s"}]`)...)
		time.Sleep(time.Second)
		synctest.Wait()
		got := b.sink.ids()
		slices.Sort(got)
		b.equal("stored, each once", got, []string{"!bad", "0", "1", "11", "2", "3", "4", "5", "6", "7", "8", "9", `{"id":"12","source":"s"}`})
		for _, r := range b.sink.refused[1:] {
			if r.Code != schemas.CodeStorageRefused || r.Source != "s" || !strings.Contains(r.English, "no place for "+r.ID) {
				t.Errorf("refused as %+v", r.Refusal)
			}
		}
		if last := b.sink.refused[len(b.sink.refused)-1]; last.Index != 1 {
			t.Errorf("the event of a batch is refused with index %d, want 1", last.Index)
		}
		if got := len(b.source.acknowledged()); got != 12 {
			t.Errorf("acknowledged %d of 12 messages", got)
		}
		for name, want := range map[string]float64{"ioc_ingest_events_total": 10, "ioc_ingest_refused_total": 3} {
			if got := b.metric(name); got != want {
				t.Errorf("%s is %v, want %v", name, got, want)
			}
		}
		if err := b.end(); err != nil {
			t.Error(err)
		}
	})
}

func TestStoppingFlushesAndAcknowledges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, ingest.Options{MaxEvents: 10})
		b.sink.set(func(context.Context, *ingest.Batch) error { time.Sleep(time.Second); return nil })
		b.send(numbers(0, 23)...)
		began := time.Now()
		if err := b.end(); err != nil {
			t.Error(err)
		}
		b.equal("acknowledged", b.source.acknowledged(), numbers(0, 23)) // a note after Close would say so
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("stopping took %s", took)
		}
	})
}

// deaf is a storage that does not listen to the context, as one that is in the middle of something may.
type deaf struct{ *fakeSink }

func (d deaf) Write(ctx context.Context, b *ingest.Batch) error {
	return d.fakeSink.Write(context.WithoutCancel(ctx), b)
}

// What a stop leaves behind must not be acknowledged, and neither may anything that came after it:
// to Kafka a later acknowledgement stands for all before it.
func TestStoppingLeavesNoHole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &fakeSink{before: func(_ context.Context, b *ingest.Batch) error {
			if b.Events[0].ID == "10" {
				return errAway
			}
			return nil
		}}
		b := start(t, ingest.Options{MaxEvents: 10, Sink: deaf{sink}})
		b.send(numbers(0, 60)...)
		time.Sleep(time.Minute)
		began := time.Now()
		if err := b.end(); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > 11*time.Second { // StopLimit, and what is left of a wait
			t.Errorf("stopping took %s", took)
		}
		b.equal("stored", sink.ids(), numbers(0, 10))
		b.equal("acknowledged", b.source.acknowledged(), numbers(0, 10))
		if !strings.Contains(b.log.String(), "stopped before everything was stored") {
			t.Errorf("nobody was told:\n%s", b.log)
		}
	})
}

func TestSourceThatFailsEndsThePipeline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, ingest.Options{})
		b.send("1", "2")
		b.source.fail <- errors.New("no such cluster")
		err := <-b.ended
		if err == nil || err.Error() != "source fake: no such cluster" {
			t.Errorf("Run returned %v", err)
		}
		b.equal("acknowledged", b.source.acknowledged(), []string{"1", "2"})
	})
}

func TestMessageLargerThanTheBudgetPasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, ingest.Options{MaxBytes: 10})
		large := strings.Repeat("x", 1000)
		b.send("1", large, "2")
		time.Sleep(time.Second)
		synctest.Wait()
		b.equal("acknowledged", b.source.acknowledged(), []string{"1", large, "2"})
		if err := b.end(); err != nil {
			t.Error(err)
		}
	})
}

func TestNewChecksOptions(t *testing.T) {
	full := ingest.Options{Sources: []ingest.Source{newFakeSource()}, Decoder: fakeDecoder{}, Sink: &fakeSink{}}
	for name, o := range map[string]ingest.Options{
		"no source":  {Decoder: full.Decoder, Sink: full.Sink},
		"no decoder": {Sources: full.Sources, Sink: full.Sink},
		"no sink":    {Sources: full.Sources, Decoder: full.Decoder},
	} {
		if _, err := ingest.New(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := ingest.New(full); err != nil {
		t.Error(err)
	}
}
