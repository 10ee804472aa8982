package rollup

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/binhphuoc/ioc/schemas/kpi"
)

// fake remembers what it was asked to compute.
type fake struct {
	mu       sync.Mutex // groups are rolled up side by side
	touches  []Touch
	asked    []time.Time // since, of each look
	progress time.Time
	defs     map[string]uint64
	base     map[string][]time.Time // group (of@at) → buckets
	tiers    map[time.Duration][]time.Time
	old      map[time.Duration][]time.Time // tiers that were computed from raw events
	moved    []time.Time
	entities map[string][]time.Time
	known    []time.Time // buckets of the past
	counted  []time.Time // minutes of arrival
	away     error       // of what is asked for the past
}

func newFake() *fake {
	return &fake{defs: map[string]uint64{}, base: map[string][]time.Time{}, tiers: map[time.Duration][]time.Time{}, old: map[time.Duration][]time.Time{}}
}

func (f *fake) Touches(_ context.Context, since time.Time) ([]Touch, error) {
	f.asked = append(f.asked, since)
	return f.between(since, noon.Add(1000*time.Hour)), nil
}

// between lists touches newest first.
func (f *fake) between(since, until time.Time) []Touch {
	var out []Touch
	for _, t := range f.touches {
		if !t.At.Before(since) && t.At.Before(until) {
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b Touch) int { return b.At.Compare(a.At) })
	return out
}

func (f *fake) Before(_ context.Context, since, until time.Time, limit int) ([]Touch, error) {
	list := f.between(since, until)
	return list[:wholeBatches(list, limit)], f.away
}

func (f *fake) Newest(context.Context) (time.Time, error) {
	if list := f.between(time.Time{}, noon.Add(1000*time.Hour)); len(list) > 0 {
		return list[0].At, nil
	}
	return time.Time{}, nil
}

func (f *fake) Refused(_ context.Context, touches []Touch) ([]time.Time, error) {
	var out []time.Time
	for _, t := range touches {
		out = append(out, t.Buckets...)
	}
	return out, nil
}

func (f *fake) Progress(context.Context, string) (time.Time, error) { return f.progress, nil }
func (f *fake) SaveProgress(_ context.Context, _ string, at time.Time) error {
	f.progress = at
	return nil
}

func (f *fake) Entities(_ context.Context, _ string, at []Place, _ []Touch) (map[Place][]time.Time, error) {
	out := map[Place][]time.Time{}
	for _, p := range at {
		out[p] = f.entities[p.At]
	}
	return out, nil
}
func (f *fake) Moved(context.Context, string, []Touch) ([]time.Time, error) { return f.moved, nil }
func (f *fake) Sources(context.Context, string, []time.Time) error          { return nil }

func (f *fake) Delivered(_ context.Context, minutes []time.Time) error {
	f.counted = append(f.counted, minutes...)
	return nil
}

func (f *fake) Definitions(context.Context) (map[string]uint64, error) { return f.defs, nil }
func (f *fake) Days(context.Context, Group) ([]time.Time, error) {
	return starts(f.known, 24*time.Hour), nil
}

func (f *fake) Buckets(_ context.Context, _ Group, day time.Time) ([]time.Time, error) {
	return slices.DeleteFunc(slices.Clone(f.known), func(b time.Time) bool { return !starts([]time.Time{b}, 24*time.Hour)[0].Equal(day) }), nil
}

func (f *fake) SaveDefinition(_ context.Context, id string, d uint64) error {
	f.defs[id] = d
	return nil
}

func (f *fake) Base(_ context.Context, g Group, size time.Duration, buckets []time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if size != base {
		f.old[size] = append(f.old[size], buckets...)
		return nil
	}
	f.base[g.Of+"@"+g.At] = append(f.base[g.Of+"@"+g.At], buckets...)
	return nil
}

func (f *fake) Tier(_ context.Context, tier, _ time.Duration, _ []string, buckets []time.Time) error {
	f.tiers[tier] = append(f.tiers[tier], buckets...)
	return nil
}

func rolled(id, of, at string) kpi.KPI {
	return kpi.KPI{ID: id, Formula: kpi.Formula{Kind: kpi.KindCount, Of: of, At: at, Definition: 1}}
}

func roller(f *fake, kpis ...kpi.KPI) *Roller {
	return New(Options{
		Journal: f, Tables: f, Definitions: f, Log: slog.New(slog.DiscardHandler),
		Catalogue: func() *kpi.Catalogue { return &kpi.Catalogue{KPIs: kpis} },
	})
}

var noon = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)

func measured(typ string, at time.Time, buckets ...time.Time) Touch {
	return Touch{Batch: uuid.New(), Type: typ, At: at, Since: at, Buckets: buckets}
}

func TestEachBatchIsWorkedOffOnce(t *testing.T) {
	f := newFake()
	f.touches = []Touch{measured("camera", noon, noon)}
	r := roller(f, rolled("a", "camera", "time"))
	for range 3 {
		if err := r.Once(t.Context(), false); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(f.base["camera@time"]); got != 1 {
		t.Errorf("the bucket was computed %d times, want once", got)
	}
	// A batch that becomes visible late, with an older stamp than what is done, is still found.
	f.touches = append(f.touches, measured("camera", noon.Add(-5*time.Second), noon.Add(-time.Hour)))
	if err := r.Once(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if got := len(f.base["camera@time"]); got != 2 {
		t.Errorf("a batch that came late was passed over")
	}
	f.touches = append(f.touches, measured("camera", noon.Add(-10*time.Minute), noon.Add(-2*time.Hour)))
	if err := r.Once(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if got := len(f.base["camera@time"]); got != 3 {
		t.Errorf("the sweep passed over a batch that came very late")
	}
}

func TestASweepLooksOnceMoreAtWhatHasSettled(t *testing.T) {
	f := newFake()
	f.touches = []Touch{measured("camera", noon, noon), measured("camera", noon.Add(time.Minute), noon.Add(time.Minute))}
	r := roller(f, rolled("a", "camera", "time"))
	for i, step := range []struct {
		sweep bool
		want  int // buckets computed so far
	}{{false, 2}, {true, 2}, {false, 2}, {true, 4}, {true, 4}} { // not at once, and not for ever
		if err := r.Once(t.Context(), step.sweep); err != nil {
			t.Fatal(err)
		}
		if got := len(f.base["camera@time"]); got != step.want {
			t.Errorf("step %d: %d buckets computed, want %d", i, got, step.want)
		}
	}
}

func TestTouchesReachTheirGroupsAndTiers(t *testing.T) {
	f := newFake()
	f.moved = []time.Time{noon.Add(-26 * time.Hour)}
	f.entities = map[string][]time.Time{"received_at": {noon.Add(-48 * time.Hour)}}
	f.touches = []Touch{measured("reading", noon, noon), {Batch: uuid.New(), Type: "dossier", At: noon, Since: noon}, measured("rejected", noon, noon.Add(time.Minute))}
	r := roller(f, rolled("a", "reading", "time"), rolled("b", "measure", "time"), rolled("c", "camera", "time"),
		rolled("d", "dossier", "received_at"), rolled("e", "rejected", "arrived"))
	if err := r.Once(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	for group, want := range map[string]int{"reading@time": 2, "measure@time": 2, "camera@time": 0, "dossier@received_at": 1, "rejected@arrived": 1} {
		if got := len(f.base[group]); got != want {
			t.Errorf("%s: %d buckets, want %d", group, got, want)
		}
	}
	midnight := time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC) // of the 23rd in Binh Phuoc
	if days := f.tiers[24*time.Hour]; !slices.ContainsFunc(days, midnight.Equal) || len(days) != 3 {
		t.Errorf("days %v, want three that begin at 17:00 UTC", days)
	}
}

func TestANewDefinitionIsComputedFromThePast(t *testing.T) {
	f := newFake()
	f.defs = map[string]uint64{"a": 1, "b": 0}
	f.known = []time.Time{noon, noon.Add(10 * time.Second)}
	r := roller(f, rolled("a", "camera", "time"), rolled("b", "dossier", "received_at"))
	if err := r.Once(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if len(f.base["camera@time"]) != 0 || len(f.base["dossier@received_at"]) != 2 {
		t.Errorf("computed %v, want the changed definition alone", f.base)
	}
	if f.defs["b"] != 1 {
		t.Error("the new definition was not remembered")
	}
}

func TestNewFormulasDoNotHoldUpWhatIsNew(t *testing.T) {
	f := newFake()
	f.defs = map[string]uint64{"a": 1, "b": 0, "c": 0}
	for day := range 5 {
		f.known = append(f.known, noon.AddDate(0, 0, -day))
	}
	catalogue := []kpi.KPI{rolled("a", "camera", "time"), rolled("b", "dossier", "received_at"), rolled("c", "call", "queued_at")}
	r := roller(f, catalogue...)
	r.o.Catalogue = func() *kpi.Catalogue { return &kpi.Catalogue{KPIs: catalogue} }
	once := func() {
		t.Helper()
		if err := r.Once(t.Context(), false); err != nil {
			t.Fatal(err)
		}
	}
	past := func() int { return len(f.base["dossier@received_at"]) + len(f.base["call@queued_at"]) }
	f.touches = []Touch{measured("camera", noon, noon)}
	once()
	if len(f.base["camera@time"]) != 1 || past() != 1 {
		t.Fatalf("after a look, what is new and one day of the past should be done: %v", f.base)
	}
	once()
	if got := [][]time.Time{f.base["dossier@received_at"], f.base["call@queued_at"]}; !cmp.Equal(got, [][]time.Time{{noon}, {noon}}) {
		t.Errorf("%v: of all groups the newest day should come first", got)
	}
	// A file is edited once more meanwhile.
	catalogue = slices.Clone(catalogue)
	catalogue[2].Formula.Definition = 2
	for range 9 {
		once()
	}
	if f.defs["b"] != 0 || f.defs["c"] != 0 {
		t.Errorf("%v: remembered before all was computed", f.defs)
	}
	once()
	if f.defs["b"] != 1 || f.defs["c"] != 2 || past() != 12 {
		t.Errorf("%v, %d days computed", f.defs, past())
	}
	once()
	if past() != 12 {
		t.Error("computed although nothing has changed")
	}
}

func TestAWorkerResumesBehindItsMark(t *testing.T) {
	f := newFake()
	f.progress = noon
	r := roller(f)
	if err := r.Once(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if got := f.asked[0]; noon.Sub(got) < sweepOverlap {
		t.Errorf("looked back to %v: less than the last worker may have left undone", got)
	}
}

func TestAfterAPauseTheNewestComesFirst(t *testing.T) {
	f := newFake()
	f.progress = noon.Add(-time.Hour)
	for i := range 3 * maxTouches { // half an hour, one batch of two types after the other
		at := noon.Add(-time.Duration(i) * time.Second)
		f.touches = append(f.touches, measured("camera", at, at.Truncate(base)), measured("sensor", at, at.Truncate(base)))
	}
	r := roller(f, rolled("a", "camera", "time"), rolled("b", "sensor", "time"))
	if err := r.Once(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(f.base["camera@time"], noon.Truncate(base).Equal) {
		t.Error("the newest bucket was not computed first")
	}
	if got := f.progress; !got.Equal(noon.Add(-time.Hour)) {
		t.Errorf("progress %v was saved while the past was owed: a worker that is killed now would lose it", got)
	}
	for range 7 {
		if err := r.Once(t.Context(), false); err != nil {
			t.Fatal(err)
		}
	}
	for _, group := range []string{"camera@time", "sensor@time"} {
		if got, want := len(starts(f.base[group], base)), 3*maxTouches/10; got < want {
			t.Errorf("%s: %d buckets computed after all steps, want %d", group, got, want)
		}
	}
	f.touches = append(f.touches, measured("camera", noon.Add(time.Minute), noon))
	if err := r.Once(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if got := f.progress; !got.Equal(noon.Add(time.Minute)) {
		t.Errorf("progress %v, want that of the newest batch: nothing is owed any more", got)
	}
}

func TestMoreThanFitsIsOwedAndNotLost(t *testing.T) {
	f := newFake()
	for i := range 2*maxTouches + 10 {
		f.touches = append(f.touches, measured("camera", noon.Add(time.Duration(i)*time.Millisecond), noon.Add(time.Duration(i)*base)))
	}
	r := roller(f, rolled("a", "camera", "time"))
	r.mark, r.defs = noon, map[string]uint64{"a": 1}
	for range 4 {
		if err := r.Once(t.Context(), false); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(starts(f.base["camera@time"], base)); got != len(f.touches) {
		t.Errorf("%d buckets computed, want %d", got, len(f.touches))
	}
}

func TestArrivalsAreCounted(t *testing.T) {
	minute := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }
	f := newFake()
	f.touches = []Touch{
		measured(delivered, minute(3).Add(20*time.Second), minute(1)), // waited for two minutes: what overtook it is counted again
		measured(delivered, minute(3).Add(21*time.Second), minute(3)),
		measured(delivered, minute(3).Add(22*time.Second), noon.Add(-48*time.Hour)), // nothing overtakes by two days
	}
	all := []time.Time{noon.Add(-48 * time.Hour), minute(1), minute(2), minute(3)}
	r := roller(f)
	for i, step := range []struct {
		sweep bool
		want  []time.Time // minutes counted in this step
	}{{false, all}, {true, nil}, {false, nil}, {true, all}, {true, nil}} { // what has settled is counted once more
		f.counted = nil
		if err := r.Once(t.Context(), step.sweep); err != nil {
			t.Fatal(err)
		}
		if err := r.CountArrivals(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(f.counted, step.want, time.Time.Equal) {
			t.Errorf("step %d: counted %v, want %v", i, f.counted, step.want)
		}
	}
}

// While storage comes back, tries follow each other by the second: what one of them looked at has not settled for the next.
func TestATryThatFailsIsNoSweep(t *testing.T) {
	f := newFake()
	f.touches = []Touch{measured(delivered, noon.Add(20*time.Second), noon)}
	r, away := roller(f), errors.New("storage is away")
	for i, step := range []struct {
		away error
		want int // minutes counted in this step
	}{{away, 1}, {away, 0}, {away, 0}, {nil, 0}, {nil, 1}, {nil, 0}} {
		f.away, f.counted = step.away, nil
		r.owe(noon.Add(-time.Hour), noon.Add(-time.Minute))
		if err := r.Once(t.Context(), true); !errors.Is(err, step.away) {
			t.Fatalf("step %d: %v", i, err)
		}
		if err := r.CountArrivals(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(f.counted) != step.want {
			t.Errorf("step %d: counted %v", i, f.counted)
		}
	}
}
