package live

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/wire"
)

const (
	feedsEvery = time.Second // least time between two lists of feeds
	// feedTimesEvery is how old the times of feeds may be that go on as before. Every event moves them,
	// and they say little as long as the feed is alive.
	feedTimesEvery = 10 * time.Second
)

// state is all that is known after one update. It never changes once it is made, so that everybody may
// read it without a lock; only its frames are added as they are asked for.
type state struct {
	seq    uint64 // 0: nothing is known yet
	at     time.Time
	values []entry
	gone   uint64 // sequence at which a value last disappeared: no delta leads over it

	feeds   []wire.Feed
	feedsAt time.Time
	feedsNo uint64 // counts the lists of feeds

	shows   map[string]shown // by wall
	showsNo uint64           // counts the requests

	replaced chan struct{} // closed when readers get a newer state

	mu     sync.Mutex
	frames map[frameKey]*Frame // at most maxFrames, and gone with the state
}

// entry is a value and the sequence number of its last change.
type entry struct {
	wire.Value
	seq uint64
}

func newState() *state {
	return &state{replaced: make(chan struct{}), frames: map[frameKey]*Frame{}}
}

// after returns the state that an update leads to, and whether readers have anything of it.
func (s *state) after(u query.Update) (*state, bool) {
	next := newState()
	next.seq, next.at, next.gone = s.seq+1, u.At, s.gone
	next.shows, next.showsNo = s.shows, s.showsNo
	next.values = make([]entry, len(u.Values))
	changed, kept := s.seq == 0, 0
	for i, v := range u.Values {
		e := entry{Value: finite(v), seq: next.seq}
		switch old := s.find(i, v); {
		case old == nil:
			changed = true
		case same(old.Value, e.Value):
			e.seq = old.seq
			kept++
		default:
			changed = true
			kept++
		}
		next.values[i] = e
	}
	if kept < len(s.values) {
		changed, next.gone = true, next.seq
	}
	if !changed {
		next.seq = s.seq
	}
	listed := next.takeFeeds(s, u)
	return next, changed || listed
}

// find returns the entry of a value. Updates list the same values in the same order nearly always.
func (s *state) find(i int, v wire.Value) *entry {
	is := func(e entry) bool { return e.KPI == v.KPI && e.Centre == v.Centre }
	if i >= len(s.values) || !is(s.values[i]) {
		i = slices.IndexFunc(s.values, is)
	}
	if i < 0 {
		return nil
	}
	return &s.values[i]
}

// takeFeeds keeps the list of feeds that readers have, or takes the update's when it tells something new.
// What is held back now comes with one of the next updates, which arrive every second.
func (s *state) takeFeeds(before *state, u query.Update) bool {
	feeds := slices.SortedFunc(slices.Values(u.Feeds), func(a, b wire.Feed) int {
		return cmp.Or(cmp.Compare(a.Centre, b.Centre), cmp.Compare(a.Domain, b.Domain))
	})
	age := u.At.Sub(before.feedsAt).Abs()
	stands := slices.EqualFunc(before.feeds, feeds, sameStanding)
	still := stands && slices.EqualFunc(before.feeds, feeds, sameTimes)
	if still || age < feedsEvery || stands && age < feedTimesEvery {
		s.feeds, s.feedsAt, s.feedsNo = before.feeds, before.feedsAt, before.feedsNo
		return false
	}
	s.feeds, s.feedsAt, s.feedsNo = feeds, u.At, before.feedsNo+1
	return true
}

// finite takes a value that JSON can't carry as none.
func finite(v wire.Value) wire.Value {
	for _, p := range []*float64{v.Value, v.Numerator, v.Denominator} {
		if p != nil && (math.IsNaN(*p) || math.IsInf(*p, 0)) {
			return wire.Value{KPI: v.KPI, Centre: v.Centre, State: wire.StateNoData, At: v.At}
		}
	}
	return v
}

func same(a, b wire.Value) bool {
	return a.State == b.State && sameNumber(a.Value, b.Value) && sameTime(a.At, b.At) &&
		sameNumber(a.Numerator, b.Numerator) && sameNumber(a.Denominator, b.Denominator)
}

func sameStanding(a, b wire.Feed) bool {
	return a.Centre == b.Centre && a.Domain == b.Domain && a.State == b.State && a.IntervalSeconds == b.IntervalSeconds &&
		a.Sources == b.Sources && a.SilentSources == b.SilentSources && a.RejectedHour == b.RejectedHour
}

func sameTimes(a, b wire.Feed) bool {
	return sameTime(a.NewestArrival, b.NewestArrival) && sameTime(a.NewestEvent, b.NewestEvent)
}

func sameNumber(a, b *float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

func sameTime(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}
