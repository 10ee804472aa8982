package scorecard

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/scorecard"
	"github.com/binhphuoc/ioc/schemas/wire"
)

func local(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text+" 00:00", time.FixedZone("+07", 7*3600))
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func TestThePeriodBefore(t *testing.T) {
	for _, tt := range []struct{ from, to, before string }{
		{"2026-10-01", "2026-11-01", "2026-09-01"}, // 31 days, and 30 before
		{"2026-03-01", "2026-04-01", "2026-02-01"},
		{"2026-07-01", "2026-10-01", "2026-04-01"},
		{"2026-01-01", "2027-01-01", "2025-01-01"},
		{"2026-10-05", "2026-10-12", "2026-09-28"}, // a week
		{"2026-01-15", "2026-02-15", "2025-12-15"}, // 31 days, and 31 before
	} {
		got := previous(local(tt.from), local(tt.to))
		if !got.from.Equal(local(tt.before)) || !got.to.Equal(local(tt.from)) {
			t.Errorf("before %s to %s: %v", tt.from, tt.to, got)
		}
	}
}

// Shares that differ by less than arithmetic can tell are one, whatever order they were added in.
func TestRanks(t *testing.T) {
	score := func(unit string, share, known float64) wire.ScorecardScore {
		return wire.ScorecardScore{Unit: unit, Share: &share, Known: known}
	}
	list := []wire.ScorecardScore{
		score("a", 70, 80), score("b", 0.1+0.2+69.7, 50), score("c", 90, 49.9), score("d", 80, 100), {Unit: "e"}, score("f", 0, 100), score("g", 70, 80),
	}
	rank(list, scorecard.Scorecard{Points: 100, KnownLeast: 0.5})
	var got []string
	ranks := map[string]int{}
	for _, s := range list {
		got = append(got, s.Unit)
		if s.Rank != nil {
			ranks[s.Unit] = *s.Rank
		}
	}
	if d := cmp.Diff([]string{"d", "a", "b", "g", "f", "c", "e"}, got); d != "" {
		t.Errorf("order (-want +got):\n%s", d)
	}
	if d := cmp.Diff(map[string]int{"d": 1, "a": 2, "b": 2, "g": 2, "f": 5}, ranks); d != "" {
		t.Errorf("ranks (-want +got):\n%s", d)
	}
}

// away is a store that answers, or does not.
type away struct{ err error }

func (a *away) Tallies(_ context.Context, kpis []kpi.KPI, _ []string, cuts []time.Time, _ time.Time) ([]Tally, error) {
	if a.err != nil {
		return nil, a.err
	}
	return []Tally{{Count: query.Count{KPI: kpis[0].ID, Centre: "dong-xoai", Num: 3, Den: 4, Newest: cuts[0]}, Part: len(cuts) - 2}}, nil
}

func (a *away) Figures(context.Context, []Ask, []string, time.Time, time.Time) ([]Figure, error) {
	return nil, a.err
}

// When storage is away the last scores stay.
func TestKeeper(t *testing.T) {
	registry, err := schemas.BuiltinRegistry()
	if err != nil {
		t.Fatal(err)
	}
	catalogue := &kpi.Catalogue{KPIs: []kpi.KPI{
		{ID: "a.gone", Formula: kpi.Formula{Kind: kpi.KindScore, Scorecard: "gone"}},
		{ID: "a.index", Formula: kpi.Formula{Kind: kpi.KindScore, Scorecard: "card"}},
		{ID: "a.rate", Scale: 100, Formula: kpi.Formula{Kind: kpi.KindRatio, Of: "dossier", At: "completed_at"}},
	}}
	card := scorecard.Scorecard{ID: "card", Points: 20, Groups: []scorecard.Group{{Points: 20, Criteria: []scorecard.Criterion{
		{ID: "one", Points: 10, KPI: "a.rate", Full: 100}, {ID: "two", Points: 10, KPI: "a.none", Full: 100},
	}}}}
	store := &away{}
	k := NewKeeper(KeeperOptions{
		Span: func(kpi.Window, time.Time) (from, to time.Time) { return local("2026-10-01"), local("2026-11-01") },
		Scores: &Scores{
			Store: store, Registry: registry, Agencies: &schemas.Agencies{}, Catalogue: func() *kpi.Catalogue { return catalogue },
			Scorecards: func() []scorecard.Scorecard { return []scorecard.Scorecard{card} }, Now: func() time.Time { return local("2026-12-01") },
		},
	})
	if got := k.Counts(); got != nil {
		t.Errorf("before the first time: %+v", got)
	}
	if err := k.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	at := local("2026-09-01")
	want := []query.Count{
		{KPI: "a.index", Centre: "dong-xoai", Num: 7.5, Den: 10, Newest: at}, {KPI: "a.index", Centre: "province", Num: 7.5, Den: 10, Newest: at},
	}
	if d := cmp.Diff(want, k.Counts()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	store.err = errors.New("storage is away")
	if err := k.Once(t.Context()); !errors.Is(err, store.err) {
		t.Errorf("storage is away, and the keeper says %v", err)
	}
	if len(k.Counts()) != 2 {
		t.Errorf("the last scores are gone: %+v", k.Counts())
	}
}
