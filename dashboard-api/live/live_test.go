package live

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// message holds whatever frame came.
type message struct {
	Type   string
	Build  string
	Epoch  string
	Seq    uint64
	Values []wire.Value
	Feeds  []wire.Feed
	Scene  string
}

func newHub(t testing.TB, o Options) *Hub {
	t.Helper()
	o.Build = "b1"
	o.Registry = &schemas.Registry{Centres: []schemas.Centre{{Code: "province"}, {Code: "dong-xoai"}, {Code: "binh-long"}}}
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// run runs the hub until the test ends. Called last, so that it ends before a bubble does.
func run(t testing.TB, h *Hub) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := h.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		cancel()
		wg.Wait()
	})
}

func attach(t testing.TB, h *Hub, scope query.Scope) *Client {
	t.Helper()
	c, err := h.Attach(scope)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func subscribe(t testing.TB, c *Client, s wire.Subscribe) {
	t.Helper()
	if err := c.Subscribe(s); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, f *Frame) message {
	t.Helper()
	var m message
	if err := json.Unmarshal(f.Bytes(), &m); err != nil {
		t.Fatalf("%s: %v", f.Bytes(), err)
	}
	return m
}

// next is the next frame, which must be of this type.
func next(t testing.TB, c *Client, kind string) message {
	t.Helper()
	f, err := c.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m := read(t, f)
	if m.Type != kind {
		t.Fatalf("got %s, want a frame of type %s", f.Bytes(), kind)
	}
	return m
}

func value(kpi, centre string, v float64) wire.Value {
	return wire.Value{KPI: kpi, Centre: centre, Value: &v, State: wire.StateOK}
}

func update(values ...wire.Value) query.Update { return query.Update{At: time.Now(), Values: values} }

func numbers(m message) map[string]float64 {
	out := map[string]float64{}
	for _, v := range m.Values {
		out[v.KPI+"@"+v.Centre] = *v.Value
	}
	return out
}

func wantNumbers(t *testing.T, m message, want map[string]float64) {
	t.Helper()
	if d := cmp.Diff(want, numbers(m)); d != "" {
		t.Fatalf("%s %d (-want +got):\n%s", m.Type, m.Seq, d)
	}
}

func TestSnapshotThenWhatChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHub(t, Options{})
		run(t, h)
		c := attach(t, h, query.Everything())
		if m := next(t, c, wire.TypeHello); m.Build != "b1" || m.Epoch == "" {
			t.Errorf("hello is %+v", m)
		}
		subscribe(t, c, wire.Subscribe{})
		next(t, c, wire.TypeHeartbeat) // nothing is known yet

		h.Publish(update(value("a", "province", 1), value("b", "province", 2)))
		first := next(t, c, wire.TypeSnapshot)
		wantNumbers(t, first, map[string]float64{"a@province": 1, "b@province": 2})

		h.Publish(update(value("a", "province", 1), value("b", "province", 3)))
		second := next(t, c, wire.TypeDelta)
		wantNumbers(t, second, map[string]float64{"b@province": 3})
		if second.Seq <= first.Seq {
			t.Errorf("sequence %d after %d", second.Seq, first.Seq)
		}

		h.Publish(update(value("a", "province", 1), value("b", "province", 3)))
		start := time.Now()
		if m := next(t, c, wire.TypeHeartbeat); m.Seq != second.Seq {
			t.Errorf("heartbeat has sequence %d, want %d", m.Seq, second.Seq)
		}
		if d := time.Since(start); d != heartbeatEvery {
			t.Errorf("heartbeat after %s, want %s", d, heartbeatEvery)
		}
	})
}

func TestEveryFieldOfAValueIsAChange(t *testing.T) {
	at, n := time.Unix(1, 0), 1.0
	base := wire.Value{KPI: "a", Centre: "province", State: wire.StateNoData}
	tests := map[string]func(*wire.Value){
		"value":       func(v *wire.Value) { v.Value = &n },
		"state":       func(v *wire.Value) { v.State = wire.StateStale },
		"at":          func(v *wire.Value) { v.At = &at },
		"numerator":   func(v *wire.Value) { v.Numerator = &n },
		"denominator": func(v *wire.Value) { v.Denominator = &n },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			s, _ := newState().after(update(base))
			other := base
			change(&other)
			if _, changed := s.after(update(other)); !changed {
				t.Error("not seen")
			}
			if _, changed := s.after(update(base)); changed {
				t.Error("the same value is a change")
			}
		})
	}
}

func TestWhatJSONCannotCarryIsNoValue(t *testing.T) {
	s, _ := newState().after(update(value("a", "province", math.NaN()), value("b", "province", math.Inf(1))))
	for _, e := range s.values {
		if e.Value.Value != nil || e.State != wire.StateNoData {
			t.Errorf("%s is %+v", e.KPI, e.Value)
		}
	}
}

func TestResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHub(t, Options{})
		run(t, h)
		first := attach(t, h, query.Everything())
		epoch := next(t, first, wire.TypeHello).Epoch
		subscribe(t, first, wire.Subscribe{})
		h.Publish(update(value("a", "province", 1), value("b", "province", 1), value("c", "province", 1)))
		since := next(t, first, wire.TypeSnapshot).Seq
		// While it is away, b changes twice and c once.
		for i, v := range []float64{2, 3} {
			h.Publish(update(value("a", "province", 1), value("b", "province", v), value("c", "province", float64(2*i))))
			time.Sleep(2 * frameEvery)
		}
		tests := []struct {
			name        string
			since       uint64
			epoch, want string
			n           int
		}{
			{"what was missed, once", since, epoch, wire.TypeDelta, 2},
			{"nothing was missed", since + 2, epoch, wire.TypeHeartbeat, 0},
			{"another epoch", since, "other", wire.TypeSnapshot, 3},
			{"no epoch", since, "", wire.TypeSnapshot, 3},
			{"nothing known", 0, epoch, wire.TypeSnapshot, 3},
			{"from the future", since + 9, epoch, wire.TypeSnapshot, 3},
		}
		resume := func(since uint64, epoch, want string) message {
			c := attach(t, h, query.Everything())
			next(t, c, wire.TypeHello)
			subscribe(t, c, wire.Subscribe{Since: since, Epoch: epoch})
			return next(t, c, want)
		}
		for _, tt := range tests { // no subtests: a bubble has none
			t.Log(tt.name)
			if m := resume(tt.since, tt.epoch, tt.want); len(m.Values) != tt.n || m.Seq != since+2 {
				t.Errorf("got %d values up to %d, want %d up to %d", len(m.Values), m.Seq, tt.n, since+2)
			}
		}
		t.Log("a value that is gone needs a snapshot")
		h.Publish(update(value("a", "province", 1)))
		time.Sleep(2 * frameEvery)
		wantNumbers(t, resume(since+2, epoch, wire.TypeSnapshot), map[string]float64{"a@province": 1})
	})
}

func TestSlowClientGetsTheNewestAndSkipsWhatLiesBetween(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHub(t, Options{})
		run(t, h)
		slow, quick := attach(t, h, query.Everything()), attach(t, h, query.Everything())
		for _, c := range []*Client{slow, quick} {
			next(t, c, wire.TypeHello)
			subscribe(t, c, wire.Subscribe{})
		}
		h.Publish(update(value("a", "province", 0)))
		next(t, slow, wire.TypeSnapshot)
		next(t, quick, wire.TypeSnapshot)
		for i := 1.0; i <= 10; i++ {
			time.Sleep(2 * frameEvery)
			h.Publish(update(value("a", "province", i)))
			wantNumbers(t, next(t, quick, wire.TypeDelta), map[string]float64{"a@province": i})
		}
		wantNumbers(t, next(t, slow, wire.TypeDelta), map[string]float64{"a@province": 10})
	})
}

func TestAtMostFourFramesASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHub(t, Options{})
		run(t, h)
		c := attach(t, h, query.Everything())
		next(t, c, wire.TypeHello)
		subscribe(t, c, wire.Subscribe{})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			for i := 0.0; ctx.Err() == nil; i++ {
				h.Publish(update(value("a", "province", i)))
				time.Sleep(10 * time.Millisecond)
			}
		})
		n := 0
		for ; ; n++ {
			if _, err := c.Next(ctx); err != nil {
				break
			}
		}
		wg.Wait()
		if n < 36 || n > 41 {
			t.Errorf("%d frames in 10 s, want about 40", n)
		}
	})
}

func TestAThousandClientsShareOneEncoding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHub(t, Options{})
		run(t, h)
		clients := make([]*Client, 1000)
		for i := range clients {
			clients[i] = attach(t, h, query.Everything())
			next(t, clients[i], wire.TypeHello)
			s := wire.Subscribe{KPIs: []string{"a", "b"}}
			if i%2 == 0 { // the same in other words
				s = wire.Subscribe{KPIs: []string{"b", "a", "b"}, Centres: []string{"dong-xoai", "binh-long", "province"}}
			}
			subscribe(t, clients[i], s)
		}
		frames := map[*Frame]bool{}
		const rounds = 3
		for round := range rounds {
			h.Publish(update(value("a", "province", float64(round))))
			time.Sleep(2 * frameEvery)
			for _, c := range clients {
				f, err := c.Next(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				frames[f] = true
			}
		}
		if len(frames) != rounds { // a frame is encoded when it is made, and never again
			t.Errorf("%d frames were encoded, want %d", len(frames), rounds)
		}
	})
}

func TestPreparedIsMadeOnce(t *testing.T) {
	f, n := &Frame{data: []byte("x")}, 0
	for range 3 {
		got, err := f.Prepared(func(b []byte) (any, error) { n++; return string(b), nil })
		if got != "x" || err != nil || n != 1 {
			t.Errorf("got %v, %v, made %d times", got, err, n)
		}
	}
}

func TestNobodyGetsWhatIsOutsideOfTheirScope(t *testing.T) {
	all := []wire.Value{value("a", "province", 1), value("a", "dong-xoai", 2), value("a", "binh-long", 3), value("a", "not-registered", 4)}
	tests := []struct {
		name  string
		scope query.Scope
		asked []string
		want  map[string]float64
	}{
		{"everything", query.Everything(), nil, map[string]float64{"a@province": 1, "a@dong-xoai": 2, "a@binh-long": 3}},
		{"one", query.Only("dong-xoai"), nil, map[string]float64{"a@dong-xoai": 2}},
		{"one that asks for all", query.Only("dong-xoai"), []string{"province", "dong-xoai", "binh-long"}, map[string]float64{"a@dong-xoai": 2}},
		{"one that asks for another", query.Only("dong-xoai"), []string{"binh-long"}, map[string]float64{}},
		{"nothing", query.Scope{}, nil, map[string]float64{}},
		{"a narrower wish", query.Everything(), []string{"binh-long", "nowhere"}, map[string]float64{"a@binh-long": 3}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHub(t, Options{})
				run(t, h)
				c := attach(t, h, tt.scope)
				next(t, c, wire.TypeHello)
				subscribe(t, c, wire.Subscribe{Centres: tt.asked})
				u := update(all...)
				for _, centre := range []string{"province", "dong-xoai", "binh-long"} {
					u.Feeds = append(u.Feeds, wire.Feed{Centre: centre, Domain: "camera"})
				}
				h.Publish(u)
				wantNumbers(t, next(t, c, wire.TypeSnapshot), tt.want)
				if m := next(t, c, wire.TypeFeeds); len(m.Feeds) != len(tt.want) {
					t.Errorf("got %d feeds, want %d", len(m.Feeds), len(tt.want))
				}
			})
		})
	}
}

func TestValuesAreThoseInScope(t *testing.T) {
	h := newHub(t, Options{})
	h.Publish(update(value("b", "province", 1), value("a", "dong-xoai", 2), value("a", "binh-long", 3)))
	if got := h.Values(query.Everything()); len(got) != 3 || got[0].KPI != "b" {
		t.Errorf("got %v, want all three in the order of the update", got)
	}
	if got := h.Values(query.Only("dong-xoai")); len(got) != 1 || got[0].Centre != "dong-xoai" {
		t.Errorf("got %v, want those of dong-xoai", got)
	}
}

func TestPatterns(t *testing.T) {
	tests := []struct {
		patterns  []string
		yes, no   []string
		wantError bool
	}{
		{patterns: nil, yes: []string{"hotline.waiting"}},
		{patterns: []string{"*", "a"}, yes: []string{"hotline.waiting"}},
		{patterns: []string{"hotline.*"}, yes: []string{"hotline.waiting", "hotline.calls.today"}, no: []string{"hotlines.x", "hotline", "dossier.open"}},
		{patterns: []string{"hotline.wait"}, yes: []string{"hotline.wait"}, no: []string{"hotline.waiting", "hotline.wait.p95"}},
		{patterns: []string{"hot*"}, wantError: true},
		{patterns: []string{"*.wait"}, wantError: true},
		{patterns: []string{"a.*.b"}, wantError: true},
		{patterns: []string{""}, wantError: true},
		{patterns: make([]string, maxFilters+1), wantError: true},
		{patterns: []string{string(make([]byte, maxName+1))}, wantError: true},
	}
	h := newHub(t, Options{})
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%.60q", tt.patterns), func(t *testing.T) {
			v, err := h.newView(query.Everything(), wire.Subscribe{KPIs: tt.patterns})
			if (err != nil) != tt.wantError {
				t.Fatalf("error is %v", err)
			}
			for _, id := range tt.yes {
				if !v.shows(id) {
					t.Errorf("does not show %s", id)
				}
			}
			for _, id := range tt.no {
				if v.shows(id) {
					t.Errorf("shows %s", id)
				}
			}
		})
	}
}

func TestFeedsComeWithTheirStandingNotWithEveryEvent(t *testing.T) {
	start := time.Unix(1000, 0)
	list := func(after time.Duration, s wire.FeedState) query.Update {
		at := start.Add(after)
		return query.Update{At: at, Feeds: []wire.Feed{{Centre: "dong-xoai", Domain: "camera", State: s, NewestArrival: &at}}}
	}
	steps := []struct {
		u    query.Update
		want bool
		why  string
	}{
		{list(0, wire.FeedAlive), true, "the first"},
		{list(500*time.Millisecond, wire.FeedLate), false, "within a second of the last list"},
		{list(1100*time.Millisecond, wire.FeedLate), true, "its state changed"},
		{list(3*time.Second, wire.FeedLate), false, "its times alone changed"},
		{list(12*time.Second, wire.FeedLate), true, "its times changed, and are old"},
	}
	s := newState()
	for _, step := range steps {
		next, _ := s.after(step.u)
		if got := next.feedsNo > s.feedsNo; got != step.want {
			t.Errorf("%s: new list %v, want %v", step.why, got, step.want)
		}
		s = next
	}
}

func TestAStateIsReleasedOnce(t *testing.T) {
	h := newHub(t, Options{})
	for i := range 3 {
		h.Publish(update(value("a", "province", float64(i))))
		h.release()
		h.release() // a sign that came too late for the one before
	}
}

func TestSubscribingAnewStartsWithASnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHub(t, Options{})
		run(t, h)
		c := attach(t, h, query.Everything())
		next(t, c, wire.TypeHello)
		h.Publish(update(value("a", "province", 1), value("b", "province", 2)))
		subscribe(t, c, wire.Subscribe{KPIs: []string{"a"}})
		wantNumbers(t, next(t, c, wire.TypeSnapshot), map[string]float64{"a@province": 1})
		subscribe(t, c, wire.Subscribe{KPIs: []string{"b"}})
		wantNumbers(t, next(t, c, wire.TypeSnapshot), map[string]float64{"b@province": 2})
	})
}

func TestNoMoreClientsThanAllowed(t *testing.T) {
	h := newHub(t, Options{Clients: 1})
	c := attach(t, h, query.Everything())
	if _, err := h.Attach(query.Everything()); err == nil {
		t.Fatal("a second one was let in")
	}
	c.Close()
	c.Close() // once counts
	attach(t, h, query.Everything())
}

func TestAStateKeepsABoundedNumberOfFrames(t *testing.T) {
	h := newHub(t, Options{})
	st, _ := newState().after(update(value("a", "province", 1)))
	for i := range 2 * maxFrames {
		v, err := h.newView(query.Everything(), wire.Subscribe{KPIs: []string{fmt.Sprint("k", i)}})
		if err != nil {
			t.Fatal(err)
		}
		if f := h.snapshot(st, v); len(f.Bytes()) == 0 {
			t.Fatal("no frame")
		}
	}
	if len(st.frames) != maxFrames {
		t.Errorf("%d frames are kept, want %d", len(st.frames), maxFrames)
	}
}

// TestNothingIsMissedByAnybody has readers of all speeds that come and go, while values change all the time. What each
// of them puts together from its frames must be what was published.
func TestNothingIsMissedByAnybody(t *testing.T) {
	const kpis, readers = 20, 16
	h := newHub(t, Options{})
	run(t, h)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	var publisher, all sync.WaitGroup
	last := make([]wire.Value, kpis)
	publisher.Go(func() {
		for i := range last {
			last[i] = value(fmt.Sprint("k", i), "province", 0)
		}
		for ctx.Err() == nil {
			for range 3 {
				i := rand.IntN(kpis)
				last[i] = value(last[i].KPI, "province", *last[i].Value+1)
			}
			h.Publish(update(append([]wire.Value(nil), last...)...))
			time.Sleep(time.Millisecond)
		}
	})
	for n := range readers {
		all.Go(func() {
			seen := map[string]float64{}
			s := wire.Subscribe{}
			for !reconnect(ctx, t, h, &s, seen, time.Duration(n)*20*time.Millisecond) {
			}
			publisher.Wait()
			for _, v := range last {
				if seen[v.KPI] != *v.Value {
					t.Errorf("reader %d has %s = %v, want %v", n, v.KPI, seen[v.KPI], *v.Value)
				}
			}
		})
	}
	all.Wait()
}

// reconnect reads a few frames, each after a pause, and tells whether it has seen all until after ctx ended.
func reconnect(ctx context.Context, t *testing.T, h *Hub, s *wire.Subscribe, seen map[string]float64, pause time.Duration) bool {
	c, err := h.Attach(query.Everything())
	if err != nil {
		t.Error(err)
		return true
	}
	defer c.Close()
	if err := c.Subscribe(*s); err != nil {
		t.Error(err)
		return true
	}
	for range 3 {
		over := ctx.Err() != nil
		wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*frameEvery) // longer than a change takes, and with the longest pause shorter than a heartbeat
		f, err := c.Next(wait)
		cancel()
		if err != nil {
			return over // silence after the last update: all has come
		}
		m := read(t, f)
		switch m.Type {
		case wire.TypeHello:
			s.Epoch = m.Epoch
		case wire.TypeSnapshot, wire.TypeDelta:
			if m.Type == wire.TypeDelta && m.Seq <= s.Since {
				t.Errorf("delta %d after %d", m.Seq, s.Since)
			}
			s.Since = m.Seq
		}
		for _, v := range m.Values {
			if *v.Value < seen[v.KPI] || m.Type == wire.TypeDelta && *v.Value == seen[v.KPI] {
				t.Errorf("%s is %v after %v", v.KPI, *v.Value, seen[v.KPI])
			}
			seen[v.KPI] = *v.Value
		}
		time.Sleep(pause)
	}
	return false
}

// BenchmarkFanOut hands one change of 40 of 200 values to 1,000 clients, without a transport.
func BenchmarkFanOut(b *testing.B) {
	h := newHub(b, Options{})
	clients := make([]*Client, 1000)
	values := make([]wire.Value, 200)
	for i := range values {
		values[i] = value(fmt.Sprint("some.kpi_", i), "province", 0)
	}
	step := func(n float64) {
		for i := range 40 {
			values[i] = value(values[i].KPI, "province", n)
		}
		h.Publish(query.Update{At: time.Unix(int64(n), 0), Values: append([]wire.Value(nil), values...)})
		h.release()
	}
	take := func(c *Client) {
		if _, err := c.Next(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	step(0)
	for i := range clients {
		clients[i] = attach(b, h, query.Everything())
		subscribe(b, clients[i], wire.Subscribe{})
		take(clients[i]) // hello
		take(clients[i]) // snapshot
	}
	b.ReportAllocs()
	n := 0.0
	for b.Loop() {
		n++
		step(n)
		for _, c := range clients {
			take(c)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/n/float64(len(clients)), "ns/frame")
}
