package query

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// FeedSort is the order of a list of sources. Sources that are equal in it stand in the order of their names.
type FeedSort string

// The orders of sources: what needs attention comes first.
const (
	FeedsByState FeedSort = "state" // silent, late, alive
	FeedsByRate  FeedSort = "rate"  // the furthest below its usual first, those without a usual last
	FeedsByDelay FeedSort = "delay" // the longest 99th percentile of the last hour first, those without any last
)

// FeedSourcesRequest asks for the sources of one feed.
type FeedSourcesRequest struct {
	Centre, Domain string
	State          wire.FeedState // empty: any
	Sort           FeedSort       // empty: by state
	After          string         // next of the page before
	Limit          int            // at most MaxFeedSources; 0: that many
}

// MaxFeedSources is the longest page of sources.
const MaxFeedSources = 500

// GapRequest asks for the gaps of one source.
type GapRequest struct {
	Source string
	Since  time.Time     // when the source was first heard
	Over   time.Duration // shorter spans are none
}

// FeedStore is where the health of feeds is worked out.
type FeedStore interface {
	// FeedHealth returns every feed of the registry, also those that never sent.
	FeedHealth(ctx context.Context, now time.Time) ([]wire.FeedHealth, error)
	// SourceHealth returns the sources of a feed that were heard in the last 30 days, with all but their gaps.
	SourceHealth(ctx context.Context, centre, domain string, now time.Time) ([]wire.FeedSource, error)
	// SourceGaps returns the gaps in the last 24 hours, by source.
	SourceGaps(ctx context.Context, centre, domain string, list []GapRequest, now time.Time) (map[string]wire.FeedGaps, error)
}

// Feeds answers what is asked of the health of feeds.
type Feeds struct {
	Store    FeedStore
	Registry *schemas.Registry
	Now      func() time.Time
}

// List returns the health of the feeds that the reader may see.
func (a *Feeds) List(ctx context.Context, scope Scope) ([]wire.FeedHealth, error) {
	feeds, err := a.Store.FeedHealth(ctx, a.Now())
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(feeds, func(f wire.FeedHealth) bool { return !scope.Sees(f.Centre) }), nil
}

// Sources returns a page of the sources of a feed. They are judged anew for each page: one that changes its place between
// two pages may be on both, or on none.
func (a *Feeds) Sources(ctx context.Context, scope Scope, r FeedSourcesRequest) (wire.FeedSourceList, error) {
	out := wire.FeedSourceList{Sources: []wire.FeedSource{}}
	_, centre := a.Registry.Centre(r.Centre)
	_, domain := a.Registry.Domain(r.Domain)
	if !centre || !domain || !scope.Sees(r.Centre) {
		return out, ErrNotFound
	}
	from, err := r.check()
	if err != nil {
		return out, err
	}
	now := a.Now()
	all, err := a.Store.SourceHealth(ctx, r.Centre, r.Domain, now)
	if err != nil {
		return out, err
	}
	all = slices.DeleteFunc(all, func(s wire.FeedSource) bool { return r.State != "" && s.State != r.State })
	slices.SortFunc(all, sourceOrder(r.Sort))
	out.Total = len(all)
	page, next := pageOf(all, from, r.Limit)
	out.Sources, out.Next = append(out.Sources, page...), next
	return out, a.gaps(ctx, r, out.Sources, now)
}

// check fills in what was left out, and returns where the page begins.
func (r *FeedSourcesRequest) check() (from int, err error) {
	r.Sort = cmp.Or(r.Sort, FeedsByState)
	if r.Limit <= 0 || r.Limit > MaxFeedSources {
		r.Limit = MaxFeedSources
	}
	if from, err = pageStart(r.After); err != nil {
		return 0, err
	}
	switch {
	case r.Sort != FeedsByState && r.Sort != FeedsByRate && r.Sort != FeedsByDelay:
		return 0, fmt.Errorf("%w: sort is %q, want state, rate or delay", ErrBadRequest, r.Sort)
	case r.State != "" && stateRank(r.State) == 0:
		return 0, fmt.Errorf("%w: state is %q, want alive, late or silent", ErrBadRequest, r.State)
	}
	return from, nil
}

// stateRank orders states, the worst first; 0: there is no such state.
func stateRank(s wire.FeedState) int {
	return slices.Index([]wire.FeedState{wire.FeedSilent, wire.FeedLate, wire.FeedAlive}, s) + 1
}

func sourceOrder(by FeedSort) func(a, b wire.FeedSource) int {
	return func(a, b wire.FeedSource) int {
		first := 0
		switch by {
		case FeedsByRate:
			first = nullsLast(a.Rate, b.Rate, 1)
		case FeedsByDelay:
			first = nullsLast(a.Hour.DelayP99, b.Hour.DelayP99, -1)
		case FeedsByState:
			first = cmp.Compare(stateRank(a.State), stateRank(b.State))
		}
		return cmp.Or(first, cmp.Compare(a.Source, b.Source))
	}
}

// nullsLast compares two numbers upwards (1) or downwards (-1).
func nullsLast(a, b *float64, direction int) int {
	switch {
	case a != nil && b != nil:
		return direction * cmp.Compare(*a, *b)
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	default:
		return -1
	}
}

// gaps adds to the sources of a page what only these are asked for.
func (a *Feeds) gaps(ctx context.Context, r FeedSourcesRequest, page []wire.FeedSource, now time.Time) error {
	if len(page) == 0 {
		return nil
	}
	asks := make([]GapRequest, len(page))
	for i, s := range page {
		asks[i] = GapRequest{Source: s.Source, Since: s.FirstArrival, Over: GapOver(s.IntervalSeconds)}
	}
	gaps, err := a.Store.SourceGaps(ctx, r.Centre, r.Domain, asks, now)
	if err != nil {
		return err
	}
	for i := range page {
		page[i].Gaps = gaps[page[i].Source]
		page[i].Gaps.OverSeconds = asks[i].Over.Seconds()
	}
	return nil
}

// GapOver is how long nothing may come before it is a gap: three expected intervals, and at least a minute, because
// deliveries are counted by the minute.
func GapOver(intervalSeconds float64) time.Duration {
	return max(time.Duration(3*intervalSeconds*float64(time.Second)), time.Minute)
}

// FeedState judges a feed or a source by the age in seconds of its newest arrival and its newest event. Up to one interval
// it is alive, up to two it is late, and then silent. One that sends, but only what happened long ago, is late.
func FeedState(arrival, event, interval float64) wire.FeedState {
	switch {
	case arrival > 2*interval:
		return wire.FeedSilent
	case arrival > interval || event > 2*interval:
		return wire.FeedLate
	default:
		return wire.FeedAlive
	}
}

// MinLearned is the least number of spans that an interval is learned from. A source that sends seldom has fewer in seven
// days: of it MinSpans are enough when they cover MinCovered.
const (
	MinLearned = 50
	MinSpans   = 3
	MinCovered = 3 * 24 * time.Hour
	MaxLearned = 48 * time.Hour // the longest interval that is learned: whoever sends less often is named in the registry
)
