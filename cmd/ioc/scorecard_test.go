package main

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

const cases = "../../schemas/scorecard/testdata/cases/"

// A centre sees its own agencies, ranked among themselves, with the same scores as everybody sees.
func TestScoresKeepToTheScope(t *testing.T) {
	r := newRig(t)
	_, scores, request := r.loadScores(cases + "missing-is-not-zero.yaml")
	all, err := scores.Table(t.Context(), query.Everything(), request)
	r.must(err)
	own, err := scores.Table(t.Context(), query.Only("dong-xoai"), request)
	r.must(err)
	if len(own.Units) != 1 || own.Units[0].Unit != "kha-2" || *own.Units[0].Rank != 1 || len(own.Unassigned) > 0 {
		t.Fatalf("a centre sees %+v and %+v", own.Units, own.Unassigned)
	}
	at := slices.IndexFunc(all.Units, func(u wire.ScorecardScore) bool { return u.Unit == "kha-2" })
	if d := cmp.Diff(all.Units[at].Groups, own.Units[0].Groups); d != "" {
		t.Errorf("the score depends on who looks (-all +own):\n%s", d)
	}
	// The provincial centre by itself: its own agencies, and nothing of what the towns sent for agencies of theirs.
	province, err := scores.Table(t.Context(), query.Only("province"), request)
	r.must(err)
	for _, u := range province.Unassigned {
		if u.Centre != "province" {
			t.Errorf("the provincial centre sees what %s sent: %+v", u.Centre, u)
		}
	}
	if none, err := scores.Table(t.Context(), query.Scope{}, request); err != nil || len(none.Units)+len(none.Unassigned) > 0 || none.Whole != nil {
		t.Errorf("nobody sees %+v (%v)", none, err)
	}
	if files := scores.Files(t.Context(), query.Scope{}); len(files.Scorecards) > 0 {
		t.Errorf("nobody sees %+v", files)
	}
	for _, tt := range []struct {
		scope query.Scope
		unit  string
		want  error
	}{
		{query.Everything(), "kha", nil},
		{query.Only("dong-xoai"), "kha-2", nil},
		{query.Only("dong-xoai"), "kha", query.ErrNotFound},
		{query.Everything(), "so-la", query.ErrNotFound},
		{query.Everything(), "moi", query.ErrBadRequest}, // it did not exist then
	} {
		p, err := scores.Parts(t.Context(), tt.scope, request, tt.unit)
		if !errors.Is(err, tt.want) || err == nil && p.Score.Unit != tt.unit {
			t.Errorf("%s: %+v, %v, want %v", tt.unit, p.Score, err, tt.want)
		}
	}
	// Of centres, the total of the province is for those alone who may see it.
	request.By = wire.ByCentre
	for _, tt := range []struct {
		scope query.Scope
		units int
		whole bool
	}{{query.Everything(), 3, true}, {query.Only("binh-long", "dong-xoai"), 2, false}, {query.Only("province"), 0, true}} {
		c, err := scores.Table(t.Context(), tt.scope, request)
		r.must(err)
		if len(c.Units) != tt.units || (c.Whole != nil) != tt.whole {
			t.Errorf("%v sees %d centres, and the province: %v", tt.scope, len(c.Units), c.Whole != nil)
		}
	}
}

func TestQuestionsAboutScoresThatMakeNoSense(t *testing.T) {
	r := newRig(t)
	c, scores, good := r.loadScores(cases + "merger.yaml")
	now, err := kpitest.Moment(c.Now)
	r.must(err)
	for name, tt := range map[string]struct {
		change func(*scorecard.Request)
		want   error
	}{
		"no such scorecard":  {func(q *scorecard.Request) { q.ID = "none" }, query.ErrNotFound},
		"no such units":      {func(q *scorecard.Request) { q.By = "person" }, query.ErrBadRequest},
		"no time":            {func(q *scorecard.Request) { q.To = q.From }, query.ErrBadRequest},
		"a time that is far": {func(q *scorecard.Request) { q.From, q.To = now.AddDate(1, 0, 0), now.AddDate(2, 0, 0) }, query.ErrBadRequest},
	} {
		q := good
		tt.change(&q)
		if _, err := scores.Table(t.Context(), query.Everything(), q); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

func TestScorecardCommand(t *testing.T) {
	r := newRig(t)
	c, _, _ := r.loadScores(cases + "missing-is-not-zero.yaml")
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		r.must(os.WriteFile(file, []byte(text), 0o600))
		return file
	}
	agencies := write("agencies.txt", c.Agencies)
	write("card.yaml", c.Scorecard)
	write("bad.yaml", "id: bad\npoints: many\n")
	args := []string{"scorecard", "card", "--scorecard-dir", dir, "--agencies", agencies, "--since", "2026-10-01", "--until", "2026-11-01"}
	vi, en := r.ioc(0, args...), r.ioc(0, append(args, "--language", "en")...)
	for text, out := range map[string]string{
		"1     Tốt": vi, "70.0 / 70.0": vi, "4     Kém": vi, "-     Vắng": vi, "chưa tính cho đơn vị nào: province so-la, 1": vi, "bad.yaml:2: points": vi,
		"2     Fair 2": en, "reached / known": en,
	} {
		if !strings.Contains(out, text) {
			t.Errorf("it does not print %q:\n%s", text, out)
		}
	}
	if out := r.ioc(0, append(args, "--json", "--by", "head")...); !strings.Contains(out, `"unit":"tot@2021-01-01"`) || !strings.Contains(out, `"code":"no_feed"`) {
		t.Errorf("--json prints %s", out)
	}
	month := r.ioc(0, "scorecard", "card", "--scorecard-dir", dir, "--agencies", agencies, "--period", "2026-10")
	// What is logged of the bad file has the time of logging.
	if a, _, _ := strings.Cut(month, "time="); !strings.HasPrefix(vi, a) || len(a) < 100 {
		t.Errorf("--period 2026-10 prints something else than its days:\n%s", month)
	}
	if out := r.ioc(0, "scorecard", "index-766", "--period", "2026-Q4"); !strings.Contains(out, "Chưa đối chiếu: Điểm các nhóm (18, 20, 12, 10, 18, 22)") {
		t.Errorf("what is not checked is not told:\n%s", out)
	}
	for _, tt := range []struct {
		args []string
		has  string
	}{
		{[]string{"scorecard", "index-766", "--period", "2026-Q5"}, "is no period"},
		{[]string{"scorecard", "index-766", "--period", "2026-Q4", "--since", "2026-10-01"}, "--period, or --since"},
		{[]string{"scorecard"}, "say which"},
		{[]string{"scorecard", "none"}, "no scorecard"},
		{[]string{"scorecard", "index-766", "--by", "person"}, "agency, centre or head"},
		{[]string{"scorecard", "index-766", "--since", "soon"}, "is no time"},
		{[]string{"scorecard", "index-766", "--language", "de"}, "want vi or en"},
		{[]string{"scorecard", "index-766", "--agencies", filepath.Join(dir, "bad.yaml")}, "bad.yaml"},
	} {
		if out := r.ioc(1, tt.args...); !strings.Contains(out, tt.has) {
			t.Errorf("%v prints %q, want %q in it", tt.args, out, tt.has)
		}
	}
}

// Whoever the simulation sends for is in the registry, at the centre that sends it.
func TestTheAgenciesOfTheSimulationAreKnown(t *testing.T) {
	registry, err := schemas.BuiltinRegistry()
	if err != nil {
		t.Fatal(err)
	}
	agencies, err := schemas.BuiltinAgencies(registry)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile("../../deploy/simulate/world/catalogue.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var world struct{ Provincial, City []struct{ Code string } }
	if err := yaml.Load(raw, &world); err != nil {
		t.Fatal(err)
	}
	check := func(code, centre string) {
		t.Helper()
		if a, ok := agencies.Agency(code); !ok || a.Centre != centre {
			t.Errorf("%s of %s is not in schemas/registry/agencies.yaml", code, centre)
		}
	}
	for _, a := range world.Provincial {
		check(a.Code, "province")
	}
	for _, c := range registry.Centres {
		for _, a := range world.City {
			if c.Parent != "" {
				check(strings.ReplaceAll(a.Code, "{centre}", c.Code), c.Code)
			}
		}
	}
}
