package kpi

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// fakeStore answers with what a test puts in.
type fakeStore struct {
	counts []query.Count
	feeds  []wire.Feed
	kept   []time.Time
	shown  []wire.Value // kept last
	asked  int
	away   atomic.Bool
}

func (f *fakeStore) err() error {
	if f.away.Load() {
		return errors.New("connection refused")
	}
	return nil
}

func (f *fakeStore) Counts(context.Context, []Question, time.Time) ([]query.Count, error) {
	f.asked++
	return f.counts, f.err()
}

func (f *fakeStore) Feeds(context.Context, time.Time) ([]wire.Feed, error) { return f.feeds, f.err() }

func (f *fakeStore) Keep(_ context.Context, minute time.Time, values []wire.Value) error {
	if err := f.err(); err != nil {
		return err
	}
	f.kept, f.shown = append(f.kept, minute), values
	return nil
}

func evaluator(t *testing.T, f *fakeStore, o Options, kpis ...kpi.KPI) *Evaluator {
	t.Helper()
	reg, err := schemas.BuiltinRegistry()
	if err != nil {
		t.Fatal(err)
	}
	o.Store, o.Registry = f, reg
	o.Catalogue = func() *kpi.Catalogue { return &kpi.Catalogue{KPIs: kpis} }
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return New(o)
}

func evaluate(t *testing.T, e *Evaluator, now time.Time) map[string]wire.Value {
	t.Helper()
	u, err := e.Evaluate(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]wire.Value{}
	for _, v := range u.Values {
		out[v.KPI+" "+v.Centre] = v
	}
	return out
}

func TestProvinceIsComputedFromTheCountsOfAllCentres(t *testing.T) {
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	f := &fakeStore{counts: []query.Count{
		{KPI: "r", Centre: "dong-xoai", Num: 1, Den: 1, Newest: now.Add(-time.Minute)},
		{KPI: "r", Centre: "binh-long", Num: 0, Den: 3, Newest: now.Add(-time.Second)},
		{KPI: "f", Centre: "dong-xoai", Num: 10},
		{KPI: "c", Centre: "nowhere", Num: 2, Newest: now},
	}}
	e := evaluator(t, f, Options{},
		kpi.KPI{ID: "r", Scale: 100, Formula: kpi.Formula{Kind: kpi.KindRatio}},
		kpi.KPI{ID: "f", Scale: 1, Formula: kpi.Formula{Kind: kpi.KindFigure}},
		kpi.KPI{ID: "c", Scale: 1, Formula: kpi.Formula{Kind: kpi.KindCount}})
	got := evaluate(t, e, now)
	if v := got["r province"]; v.Value == nil || *v.Value != 25 || *v.Numerator != 1 || *v.Denominator != 4 || !v.At.Equal(now.Add(-time.Second)) {
		t.Errorf("ratio of the province: %+v", v)
	}
	if v := got["r phuoc-long"]; v.Value != nil || v.State != wire.StateNoData {
		t.Errorf("a centre that sent nothing has %+v", v)
	}
	if v := got["f province"]; v.Value != nil {
		t.Errorf("the figure of a city became the province's: %+v", v)
	}
	if v := got["c province"]; v.Value == nil || *v.Value != 2 {
		t.Errorf("what names no known centre is not counted for the province: %+v", v)
	}
}

func TestStatesHaveHysteresisAndAge(t *testing.T) {
	start := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	k := kpi.KPI{
		ID: "w", Scale: 1, Better: "down", StaleAfter: time.Minute, Formula: kpi.Formula{Kind: kpi.KindCount},
		Warning: &kpi.Bound{Enter: 10, Leave: 8}, Alarm: &kpi.Bound{Enter: 20, Leave: 15},
	}
	f := &fakeStore{}
	e := evaluator(t, f, Options{}, k)
	for _, step := range []struct {
		num   float64
		age   time.Duration
		state wire.State
	}{
		{5, 0, wire.StateOK},
		{10, 0, wire.StateWarning},
		{9, 0, wire.StateWarning}, // not below Leave yet
		{7, 0, wire.StateOK},
		{25, 0, wire.StateAlarm},
		{16, 0, wire.StateAlarm},
		{14, 0, wire.StateWarning},
		{14, 2 * time.Minute, wire.StateStale},
	} {
		f.counts = []query.Count{{KPI: "w", Centre: "dong-xoai", Num: step.num, Newest: start.Add(-step.age)}}
		if v := evaluate(t, e, start)["w dong-xoai"]; v.State != step.state {
			t.Errorf("%v, %v old: state %s, want %s", step.num, step.age, v.State, step.state)
		}
	}
}

func TestFeedsAreAShareOfThoseAlive(t *testing.T) {
	f := &fakeStore{feeds: []wire.Feed{
		{Centre: "dong-xoai", Domain: "camera", State: wire.FeedAlive},
		{Centre: "dong-xoai", Domain: "sensor", State: wire.FeedSilent},
		{Centre: "binh-long", Domain: "sensor", State: wire.FeedLate},
	}}
	e := evaluator(t, f, Options{}, kpi.KPI{ID: "feed.alive", Scale: 100, Formula: kpi.Formula{Kind: kpi.KindFeed}})
	got := evaluate(t, e, time.Now())
	if v := got["feed.alive dong-xoai"]; v.Value == nil || *v.Value != 50 {
		t.Errorf("dong-xoai: %+v", v)
	}
	if v := got["feed.alive province"]; v.Value == nil || *v.Numerator != 1 || *v.Denominator != 3 {
		t.Errorf("province: %+v", v)
	}
}

func TestRunEvaluatesEverySecondAndSoonAfterAChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeStore{}
		var at []time.Duration
		began := time.Now()
		e := evaluator(t, f, Options{Publish: func(query.Update) { at = append(at, time.Since(began)) }})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- e.Run(ctx) }()
		time.Sleep(1500 * time.Millisecond) // rounds at 0 and 1 s
		e.Changed()                         // 1.5 s: at once, the last one is half a second ago
		synctest.Wait()
		e.Changed() // too soon: waits until 1.9 s
		time.Sleep(450 * time.Millisecond)
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		want := []time.Duration{0, time.Second, 1500 * time.Millisecond, 1900 * time.Millisecond}
		if len(at) != len(want) {
			t.Fatalf("rounds at %v, want %v", at, want)
		}
		for i := range want {
			if at[i] != want[i] {
				t.Errorf("rounds at %v, want %v", at, want)
				break
			}
		}
	})
}

func TestRunSaysOnceThatStorageIsAwayAndKeepsMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		f := &fakeStore{}
		f.away.Store(true)
		e := evaluator(t, f, Options{Publish: func(query.Update) {}, Log: slog.New(slog.NewTextHandler(&log, nil))})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- e.Run(ctx) }()
		time.Sleep(10*time.Second + time.Millisecond)
		synctest.Wait()
		f.away.Store(false)
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(log.String(), "waits for storage"); n != 1 {
			t.Errorf("said %d times that storage is away, want once:\n%s", n, log.String())
		}
		if !strings.Contains(log.String(), "goes on") {
			t.Error("did not say that it goes on")
		}
		if len(f.kept) != 3 {
			t.Errorf("kept the values of minutes %v, want 3", f.kept)
		}
	})
}

// At midnight the rain of the new day is zero: that of the day before is what was shown last.
func TestAMinuteIsKeptAsItEnded(t *testing.T) {
	rain := kpi.KPI{ID: "rain", Scale: 1, Formula: kpi.Formula{Kind: kpi.KindSumPerSource, Across: "mean"}, Window: kpi.Window{Calendar: "day"}}
	f := &fakeStore{counts: []query.Count{{KPI: "rain", Centre: "dong-xoai", Samples: []float64{20}}}}
	e := evaluator(t, f, Options{}, rain)
	midnight := time.Date(2026, 10, 14, 17, 0, 0, 0, time.UTC)
	evaluate(t, e, midnight.Add(-2*time.Second))
	f.counts[0].Samples = []float64{30}
	evaluate(t, e, midnight.Add(-time.Second))
	if len(f.kept) != 0 {
		t.Fatalf("kept %v before the minute had ended", f.kept)
	}
	f.counts[0].Samples = []float64{0}
	f.away.Store(true)
	if _, err := e.Evaluate(t.Context(), midnight); err == nil {
		t.Fatal("storage is away")
	}
	f.away.Store(false)
	evaluate(t, e, midnight.Add(time.Second))
	evaluate(t, e, midnight.Add(2*time.Second))
	if len(f.kept) != 1 || !f.kept[0].Equal(midnight.Add(-time.Minute)) || *f.shown[0].Value != 30 {
		t.Errorf("kept %v: %+v, want 30 for the last minute of the day", f.kept, f.shown)
	}
}
