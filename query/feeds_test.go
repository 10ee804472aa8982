package query

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

func TestFeedStates(t *testing.T) {
	for _, tt := range []struct {
		arrival, event float64
		want           wire.FeedState
	}{
		{10, 10, wire.FeedAlive},
		{60, 60, wire.FeedAlive},
		{60.001, 10, wire.FeedLate},
		{120, 120, wire.FeedLate},
		{120.001, 120.001, wire.FeedSilent},
		{10, 120.001, wire.FeedLate}, // it sends, but what happened long ago
		{10, -300, wire.FeedAlive},   // its clock is ahead
	} {
		if got := FeedState(tt.arrival, tt.event, 60); got != tt.want {
			t.Errorf("arrived %v s ago, happened %v s ago: %s, want %s", tt.arrival, tt.event, got, tt.want)
		}
	}
}

func TestAGapIsThreeIntervalsAndAtLeastAMinute(t *testing.T) {
	for interval, want := range map[float64]time.Duration{5: time.Minute, 20: time.Minute, 30: 90 * time.Second, 86400: 72 * time.Hour} {
		if got := GapOver(interval); got != want {
			t.Errorf("interval %v s: %s, want %s", interval, got, want)
		}
	}
}

// feedStore has the sources of one feed, and notes of which it was asked for gaps.
type feedStore struct {
	sources []wire.FeedSource
	asked   []string
}

func (f *feedStore) FeedHealth(context.Context, time.Time) ([]wire.FeedHealth, error) {
	return []wire.FeedHealth{{Feed: wire.Feed{Centre: "a"}}, {Feed: wire.Feed{Centre: "b"}}}, nil
}

func (f *feedStore) SourceHealth(context.Context, string, string, time.Time) ([]wire.FeedSource, error) {
	return append([]wire.FeedSource{}, f.sources...), nil
}

func (f *feedStore) SourceGaps(_ context.Context, _, _ string, list []GapRequest, _ time.Time) (map[string]wire.FeedGaps, error) {
	out := map[string]wire.FeedGaps{}
	for _, g := range list {
		f.asked = append(f.asked, g.Source)
		out[g.Source] = wire.FeedGaps{Count: 7}
	}
	return out, nil
}

func TestSourcesAreSortedFilteredAndPaged(t *testing.T) {
	n := func(v float64) *float64 { return &v }
	source := func(name string, state wire.FeedState, rate, delay *float64) wire.FeedSource {
		return wire.FeedSource{Source: name, State: state, IntervalSeconds: 60, FeedActivity: wire.FeedActivity{Rate: rate, Hour: wire.FeedSpan{DelayP99: delay}}}
	}
	store := &feedStore{sources: []wire.FeedSource{
		source("/a/camera/1", wire.FeedAlive, n(0.5), n(3)), source("/a/camera/2", wire.FeedLate, nil, nil),
		source("/a/camera/3", wire.FeedSilent, n(0), n(9)), source("/a/camera/4", wire.FeedAlive, n(1), n(-1)), source("/a/camera/5", wire.FeedAlive, n(0.5), n(3)),
	}}
	feeds := &Feeds{Store: store, Now: time.Now, Registry: &schemas.Registry{Centres: []schemas.Centre{{Code: "a"}, {Code: "b"}}, Domains: []schemas.Domain{{Code: "camera"}}}}
	for _, tt := range []struct {
		name string
		r    FeedSourcesRequest
		want string // last characters of the names
		next string
	}{
		{"the worst first", FeedSourcesRequest{}, "32145", ""},
		{"by rate", FeedSourcesRequest{Sort: FeedsByRate}, "31542", ""},
		{"by delay", FeedSourcesRequest{Sort: FeedsByDelay}, "31542", ""},
		{"one state", FeedSourcesRequest{State: wire.FeedAlive}, "145", ""},
		{"the first page", FeedSourcesRequest{Limit: 2}, "32", "2"},
		{"the second page", FeedSourcesRequest{Limit: 2, After: "2"}, "14", "4"},
		{"the last page", FeedSourcesRequest{Limit: 2, After: "4"}, "5", ""},
		{"beyond the end", FeedSourcesRequest{After: "9"}, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store.asked = nil
			tt.r.Centre, tt.r.Domain = "a", "camera"
			got, err := feeds.Sources(t.Context(), Only("a"), tt.r)
			if err != nil {
				t.Fatal(err)
			}
			names := ""
			for _, s := range got.Sources {
				names += s.Source[len(s.Source)-1:]
				if s.Gaps.Count != 7 || s.Gaps.OverSeconds != 180 {
					t.Errorf("%s has gaps %+v", s.Source, s.Gaps)
				}
			}
			if names != tt.want || got.Next != tt.next {
				t.Errorf("got %s then %q, want %s then %q", names, got.Next, tt.want, tt.next)
			}
			if len(store.asked) != len(tt.want) {
				t.Errorf("gaps were looked for in %v, on a page of %d", store.asked, len(tt.want))
			}
		})
	}
	for name, r := range map[string]FeedSourcesRequest{
		"sort": {Sort: "name"}, "state": {State: "dead"}, "after": {After: "x"}, "negative": {After: "-1"},
	} {
		r.Centre, r.Domain = "a", "camera"
		if _, err := feeds.Sources(t.Context(), Everything(), r); !errors.Is(err, ErrBadRequest) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, r := range map[string]FeedSourcesRequest{
		"out of scope": {Centre: "b", Domain: "camera"}, "no such centre": {Centre: "c", Domain: "camera"}, "no such domain": {Centre: "a", Domain: "drone"},
	} {
		if _, err := feeds.Sources(t.Context(), Only("a"), r); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFeedsOutsideOfTheScopeAreNotListed(t *testing.T) {
	got, err := (&Feeds{Store: &feedStore{}, Now: time.Now}).List(t.Context(), Only("b"))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]wire.FeedHealth{{Feed: wire.Feed{Centre: "b"}}}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
