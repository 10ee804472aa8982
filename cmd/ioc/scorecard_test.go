package main

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/scorecard"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi/kpitest"
	cards "github.com/binhphuoc/ioc/schemas/scorecard"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// The form of a case.
type (
	scoreCase struct {
		About      string                    `yaml:"about"`
		Now        string                    `yaml:"now"`
		By         wire.ScorecardBy          `yaml:"by"`
		Period     struct{ From, To string } `yaml:"period"`
		Scorecard  string                    `yaml:"scorecard"`
		Agencies   string                    `yaml:"agencies"`
		Each       yaml.Node                 `yaml:"each"`
		Events     []yaml.Node               `yaml:"events"`
		Want       []wantScore               `yaml:"want"`
		Whole      *wantScore                `yaml:"whole"`
		Unassigned []struct {
			Centre, Agency string
			Things         uint64
		} `yaml:"unassigned"`
	}
	wantScore struct {
		Unit     string              `yaml:"unit"`
		Head     string              `yaml:"head"` // empty: not checked
		Rank     *int                `yaml:"rank"`
		Reached  float64             `yaml:"reached"`
		Known    float64             `yaml:"known"`
		Missing  float64             `yaml:"missing"`
		Share    *float64            `yaml:"share"`
		Took     []string            `yaml:"took"`
		Previous *wantPrevious       `yaml:"previous"`
		Parts    map[string]wantPart `yaml:"parts"`
	}
	wantPrevious struct {
		Reached, Known float64
		Share          *float64
		Rank           *int
	}
	wantPart struct {
		Points, Value, Numerator, Denominator *float64
		Missing                               wire.MissingCode
	}
)

// scores answers from the rig, with the scorecards and agencies of a case.
func (r *rig) scores(card, agencies string, now time.Time) *scorecard.Scores {
	r.t.Helper()
	list, errs := cards.Load(fstest.MapFS{"card.yaml": {Data: []byte(card)}}, ".", r.catalogue)
	if len(errs) > 0 {
		r.t.Fatal(errs)
	}
	known, err := schemas.LoadAgencies(fstest.MapFS{"agencies.yaml": {Data: []byte(agencies)}}, "agencies.yaml", r.registry)
	r.must(err)
	return &scorecard.Scores{
		Store: r.store, Registry: r.registry, Agencies: known, Catalogue: r.catalogueNow,
		Scorecards: func() []cards.Scorecard { return list }, Now: func() time.Time { return now },
	}
}

// loadScores stores what a case sends, and returns the answers and the case's question.
func (r *rig) loadScores(file string) (scoreCase, *scorecard.Scores, scorecard.Request) {
	r.t.Helper()
	raw, err := os.ReadFile(file)
	r.must(err)
	var c scoreCase
	r.must(yaml.Load(raw, &c, yaml.WithKnownFields()))
	now, err := kpitest.Moment(c.Now)
	r.must(err)
	from, err := kpitest.Moment(c.Period.From + " 00:00")
	r.must(err)
	to, err := kpitest.Moment(c.Period.To + " 00:00")
	r.must(err)
	events, err := kpitest.Sent(c.Each, c.Events)
	r.must(err)
	var messages []schemas.Message
	for _, e := range events {
		messages = append(messages, e.Message())
	}
	r.write(messages)
	r.must(r.roller(r.catalogue).Once(r.t.Context(), false))
	return c, r.scores(c.Scorecard, c.Agencies, now), scorecard.Request{ID: "card", By: c.By, From: from, To: to}
}

// TestEveryScoreIsWhatAPersonReckoned runs the worked examples the whole way through the real database.
func TestEveryScoreIsWhatAPersonReckoned(t *testing.T) {
	r := newRig(t)
	files, err := filepath.Glob("../../schemas/scorecard/testdata/cases/*.yaml")
	r.must(err)
	if len(files) == 0 {
		t.Fatal("there are no cases")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			r.clear()
			c, scores, request := r.loadScores(file)
			table, err := scores.Table(t.Context(), query.Everything(), request)
			r.must(err)
			var got, want []string
			for _, u := range table.Units {
				got = append(got, u.Unit)
			}
			for _, w := range c.Want {
				want = append(want, w.Unit)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("the table lists others, or in another order (-want +got):\n%s", d)
			}
			for i, w := range c.Want {
				w.compare(t, table.Units[i])
			}
			if (c.Whole == nil) != (table.Whole == nil) {
				t.Errorf("the province is %+v, want %+v", table.Whole, c.Whole)
			} else if c.Whole != nil {
				c.Whole.compare(t, *table.Whole)
			}
			nobodys := []wire.ScorecardUnassigned{}
			for _, u := range c.Unassigned {
				nobodys = append(nobodys, wire.ScorecardUnassigned{Centre: u.Centre, Agency: u.Agency, Things: u.Things})
			}
			if d := cmp.Diff(nobodys, table.Unassigned); d != "" {
				t.Errorf("unassigned (-want +got):\n%s", d)
			}
		})
	}
}

func (w wantScore) compare(t *testing.T, got wire.ScorecardScore) {
	t.Helper()
	same := func(what string, got, want *float64) {
		t.Helper()
		if !near(got, want) {
			t.Errorf("%s: %s is %v, want %v", w.Unit, what, shown(got), shown(want))
		}
	}
	same("reached", &got.Reached, &w.Reached)
	same("known", &got.Known, &w.Known)
	same("missing", &got.Missing, &w.Missing)
	same("share", got.Share, w.Share)
	if d := cmp.Diff(w.Rank, got.Rank); d != "" || (got.Rank == nil) == (got.Unranked == nil) {
		t.Errorf("%s: rank (-want +got), unranked because %v:\n%s", w.Unit, got.Unranked, d)
	}
	if w.Head != "" && got.Head != w.Head {
		t.Errorf("%s: head is %q, want %q", w.Unit, got.Head, w.Head)
	}
	if !slices.Equal(got.Took, w.Took) {
		t.Errorf("%s: took over %v, want %v", w.Unit, got.Took, w.Took)
	}
	if w.Previous != nil {
		if got.Previous == nil {
			t.Fatalf("%s: no previous score", w.Unit)
		}
		same("previous reached", &got.Previous.Reached, &w.Previous.Reached)
		same("previous known", &got.Previous.Known, &w.Previous.Known)
		same("previous share", got.Previous.Share, w.Previous.Share)
		if d := cmp.Diff(w.Previous.Rank, got.Previous.Rank); d != "" {
			t.Errorf("%s: previous rank (-want +got):\n%s", w.Unit, d)
		}
	}
	parts := map[string]wire.ScorecardCriterion{}
	var sum float64
	for _, g := range got.Groups {
		for _, c := range g.Criteria {
			parts[c.ID] = c
			if c.Reached != nil {
				sum += *c.Reached
			}
		}
	}
	if math.Abs(sum-got.Reached) > kpitest.Tolerance {
		t.Errorf("%s: the parts give %g points, the whole has %g", w.Unit, sum, got.Reached)
	}
	for id, p := range w.Parts {
		c := parts[id]
		same(id+": points", c.Reached, p.Points)
		same(id+": value", c.Value, p.Value)
		same(id+": numerator", c.Numerator, p.Numerator)
		same(id+": denominator", c.Denominator, p.Denominator)
		switch {
		case p.Missing == "" && c.Why != nil, p.Missing != "" && (c.Why == nil || c.Why.Code != p.Missing || c.Why.Reason.VI == ""):
			t.Errorf("%s: %s is missing because %+v, want %q", w.Unit, id, c.Why, p.Missing)
		}
	}
}
