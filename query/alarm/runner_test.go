package alarm

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// memory is a log, sight and shelf in memory.
type memory struct {
	mu      sync.Mutex
	log     []Change
	watches map[string]Watch
	away    error
	before  func() // runs once before the next write, as another process would
}

func (m *memory) AlarmStanding(context.Context, time.Time) (Standing, error) {
	return Standing{Epoch: "e"}, m.failure()
}

func (m *memory) AlarmChanges(_ context.Context, after uint64) ([]Change, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Change{}, m.log[min(after, uint64(len(m.log))):]...), m.away
}

func (m *memory) AppendAlarms(_ context.Context, list []Change) (bool, error) {
	if m.before != nil {
		first := m.before
		m.before = nil
		first()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away != nil || list[0].Offset != uint64(len(m.log))+1 {
		return false, m.away
	}
	m.log = append(m.log, list...)
	return true, nil
}

func (m *memory) failure() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.away
}

func (m *memory) set(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.away = err
}

func (m *memory) WatchedDevices(context.Context, time.Time) ([]Device, error) {
	return nil, m.failure()
}

func (m *memory) MinuteValues(context.Context, []string, time.Time, func(kpi, centre string, at time.Time, value float64)) error {
	return nil
}

func (m *memory) KeepWatches(_ context.Context, list []Watch, _ time.Time) error {
	for _, w := range list {
		m.watches[w.Key] = w
	}
	return nil
}

func (m *memory) ClosedAlarms(context.Context, []string, Request) ([]wire.Alarm, error) {
	return nil, nil
}

func (m *memory) AlarmMembers(context.Context, []string, string, Request) ([]wire.Alarm, error) {
	return nil, nil
}

func (m *memory) AlarmHistory(context.Context, string) ([]Change, error) { return nil, nil }

func newRunner(t *testing.T, m *memory, log *slog.Logger) *Runner {
	t.Helper()
	m.watches = map[string]Watch{}
	c := &kpi.Catalogue{KPIs: []kpi.KPI{{ID: "a.b", Better: "down", Alarm: &kpi.Bound{Enter: 10, Leave: 8, Alert: kpi.Alert{Priority: 1, Delay: time.Minute}}}}}
	r, err := NewRunner(Options{Log: m, Sight: m, Shelf: m, Registry: places(), Catalogue: func() *kpi.Catalogue { return c }, Now: began, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func bad(after time.Duration) query.Update {
	v := 11.0
	return query.Update{At: began().Add(after), Values: []wire.Value{{KPI: "a.b", Centre: "dong-xoai", Value: &v, State: wire.StateOK}}}
}

// Whoever comes second thinks again on what the first wrote, and what it waited for it has waited for.
func TestALostRaceCostsNoTime(t *testing.T) {
	m := &memory{}
	r := newRunner(t, m, nil)
	step := func(after time.Duration) {
		t.Helper()
		if err := r.Evaluate(t.Context(), bad(after)); err != nil {
			t.Fatal(err)
		}
	}
	step(0)
	if m.watches["kpi/a.b/dong-xoai"].Phase != Pending {
		t.Fatalf("%+v", m.watches)
	}
	m.before = func() {
		m.log = append(m.log, Change{Offset: 1, Action: wire.AlarmRaise, Alarm: Alarm{Alarm: wire.Alarm{ID: "x", Cause: "x", State: wire.AlarmRaised}, ClearDelay: time.Hour}})
	}
	step(time.Minute)
	if len(m.log) != 2 || m.log[1].Offset != 2 || m.log[1].Alarm.Cause != "kpi/a.b/dong-xoai" {
		t.Errorf("%+v", m.log)
	}
	if m.watches["kpi/a.b/dong-xoai"].Phase != Over {
		t.Errorf("it still waits: %+v", m.watches)
	}
	m.away = errors.New("away")
	if err := r.Evaluate(t.Context(), bad(2*time.Minute)); !errors.Is(err, m.away) {
		t.Error(err)
	}
}

func TestARunnerWaitsForStorage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{}
		m.set(errors.New("away"))
		var said bytes.Buffer
		r := newRunner(t, m, slog.New(slog.NewTextHandler(&said, nil)))
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() {
			if err := r.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		for i := range 5 { // nobody takes them all, and nobody waits
			r.Observe(bad(time.Duration(i) * time.Second))
		}
		time.Sleep(10 * time.Second)
		m.set(nil)
		r.Observe(bad(0))
		time.Sleep(2 * time.Second)
		r.Observe(bad(time.Minute))
		synctest.Wait()
		cancel()
		running.Wait()
		if len(m.log) != 1 {
			t.Errorf("%+v", m.log)
		}
		if n, on := strings.Count(said.String(), "alarms wait for storage"), strings.Count(said.String(), "alarms go on"); n != 1 || on != 1 {
			t.Errorf("said %d times, and %d times that they go on", n, on)
		}
	})
}

func TestWhatARunnerNeeds(t *testing.T) {
	if _, err := NewRunner(Options{}); err == nil {
		t.Error("a runner without anything")
	}
}
