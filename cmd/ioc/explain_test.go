package main

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/explain"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/kpi/kpitest"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// load brings the events of a worked example into the derived tables of these KPIs.
func (r *rig) load(c kpitest.Case, catalogue *kpi.Catalogue) {
	r.t.Helper()
	var messages []schemas.Message
	var refused []ingest.Refused
	for _, e := range c.Events {
		messages = append(messages, e.Message())
	}
	for _, j := range c.Rejected {
		m := schemas.Message{Transport: j.Transport, Centre: j.Centre, Topic: "ioc/" + j.Centre + "/service/" + j.ID, Partition: -1, Offset: -1, Arrived: j.Arrived}
		refused = append(refused, ingest.Refused{Message: m, Refusal: &schemas.Refusal{Code: j.Code, Sentence: "…", English: "…", Item: []byte(j.ID), Index: -1}})
	}
	r.write(messages, refused...)
	r.must(r.roller(catalogue).Once(r.t.Context(), false))
}

func (r *rig) explainer(catalogue *kpi.Catalogue, now time.Time) *explain.Explainer {
	return &explain.Explainer{
		Counter: r.store, Ledger: r.store, Witness: r.store, Registry: r.registry,
		Catalogue: func() *kpi.Catalogue { return catalogue }, Now: func() time.Time { return now },
	}
}

// TestEveryKPIIsExplained holds, for the worked example of every KPI, that what is explained is what is shown, that the parts
// add up to it, and that its list of events has just as many as it counts.
func TestEveryKPIIsExplained(t *testing.T) {
	r := newRig(t)
	cases, err := kpitest.LoadCases(os.DirFS("../../schemas/kpi/testdata/cases"))
	r.must(err)
	for _, c := range cases {
		t.Run(c.KPI, func(t *testing.T) {
			r.clear()
			k, _ := r.catalogue.ByID(c.KPI)
			one := &kpi.Catalogue{KPIs: []kpi.KPI{k}}
			r.load(c, one)
			u, err := r.evaluator(one).Evaluate(t.Context(), c.Now)
			r.must(err)
			e := r.explainer(one, c.Now)
			for _, v := range u.Values {
				q := query.ExplainRequest{KPI: k.ID, Centre: v.Centre}
				x, err := e.Explain(t.Context(), query.Everything(), q)
				r.must(err)
				if d := cmp.Diff(v, x.Value); d != "" {
					t.Errorf("%s: (-shown +explained):\n%s", v.Centre, d)
				}
				addUp(t, k, x)
				if k.Formula.Kind == kpi.KindScore { // made of criteria, not of events
					if _, err := e.Events(t.Context(), query.Everything(), query.EventsRequest{ExplainRequest: q}); !errors.Is(err, query.ErrBadRequest) {
						t.Errorf("the events of a score: %v, want it to say that there are none", err)
					}
					continue
				}
				r.listed(k, e, q, x)
				r.dayExplained(k, one, v.Centre, c.Now)
			}
		})
	}
}

// addUp checks that the counts of the centres are those of the whole.
func addUp(t *testing.T, k kpi.KPI, x wire.Explanation) {
	t.Helper()
	var num, den float64
	samples := 0
	for _, c := range x.Centres {
		num, den = num+value(c.Numerator), den+value(c.Denominator)
		if c.Samples != nil {
			samples += *c.Samples
		}
	}
	if x.Value.Value == nil {
		return
	}
	if math.Abs(num-value(x.Value.Numerator)) > 1e-6 || math.Abs(den-value(x.Value.Denominator)) > 1e-6 {
		t.Errorf("%s: the centres have %v / %v, the whole %v / %v", x.Centre.Code, num, den, value(x.Value.Numerator), value(x.Value.Denominator))
	}
	if x.Samples != nil && samples != *x.Samples {
		t.Errorf("%s: the centres have %d samples, the whole %d", x.Centre.Code, samples, *x.Samples)
	}
	if k.Formula.Kind == kpi.KindCount && x.Evidence != nil && float64(x.Evidence.Things) != *x.Value.Value {
		t.Errorf("%s: %d things behind a count of %v", x.Centre.Code, x.Evidence.Things, *x.Value.Value)
	}
}

func value(p *float64) float64 {
	if p == nil {
		return 0
	}
	return *p
}

// pages reads all events behind a number, two at a time.
func (r *rig) pages(e *explain.Explainer, q query.EventsRequest) (out []wire.KPIEvent) {
	r.t.Helper()
	q.Limit = 2
	for {
		page, err := e.Events(r.t.Context(), query.Everything(), q)
		r.must(err)
		out = append(out, page.Events...)
		if q.After = page.Next; q.After == "" {
			return out
		}
		if len(out) > 1000 {
			r.t.Fatal("the pages do not end")
		}
	}
}

// listed checks the list of events against the counts.
func (r *rig) listed(k kpi.KPI, e *explain.Explainer, q query.ExplainRequest, x wire.Explanation) {
	r.t.Helper()
	all := r.pages(e, query.EventsRequest{ExplainRequest: q})
	if !slices.IsSortedFunc(all, func(a, b wire.KPIEvent) int { return b.At.Compare(a.At) }) {
		r.t.Errorf("%s: the events are not in order", q.Centre)
	}
	if uint64(len(all)) != x.Evidence.Things {
		r.t.Errorf("%s: %d events are listed, %d things counted", q.Centre, len(all), x.Evidence.Things)
	}
	var num, den float64
	var values []float64
	for _, v := range all {
		num, den = num+value(v.Numerator), den+value(v.Denominator)
		if v.Value != nil {
			values = append(values, *v.Value)
		}
	}
	same := func(what string, got, want float64) {
		if math.Abs(got-want) > 1e-6 {
			r.t.Errorf("%s: the events make a %s of %v, shown is %v", q.Centre, what, got, want)
		}
	}
	switch k.Formula.Kind {
	case kpi.KindQuantile, kpi.KindLast, kpi.KindSumPerSource, kpi.KindFigure:
		if x.Value.Value == nil {
			same("number of values", float64(len(values)), 0)
			return
		}
		c := query.Count{Samples: slices.Clone(values)}
		if k.Formula.Kind == kpi.KindFigure {
			c.Num = values[0]
		}
		same("value", value(query.Compute(k, c, 0)), *x.Value.Value)
	case kpi.KindRatio, kpi.KindStandingRatio, kpi.KindUp, kpi.KindDown, kpi.KindFeed:
		same("numerator", num, value(x.Value.Numerator))
		same("denominator", den, value(x.Value.Denominator))
		upper := r.pages(e, query.EventsRequest{ExplainRequest: q, Part: explain.PartNumerator})
		same("list of the numerator", float64(len(upper)), value(x.Value.Numerator))
		same("list of the denominator", float64(len(all)), value(x.Value.Denominator))
	default:
		same("numerator", num, value(x.Value.Numerator))
		same("denominator", den, value(x.Value.Denominator))
	}
}

// dayExplained checks a day that has ended against the series that reports show.
func (r *rig) dayExplained(k kpi.KPI, one *kpi.Catalogue, centre string, day time.Time) {
	r.t.Helper()
	if !k.Formula.Kind.Rolled() {
		return
	}
	from := day.Truncate(24 * time.Hour).Add(-7 * time.Hour).UTC()
	to, now := from.Add(24*time.Hour), day.Add(48*time.Hour)
	answers := &query.Answers{Store: r.store, Registry: r.registry, Catalogue: func() *kpi.Catalogue { return one }, Now: func() time.Time { return now }}
	s, err := answers.Series(r.t.Context(), query.Everything(), query.SeriesRequest{KPI: k.ID, Centre: centre, From: from, To: to, Step: 24 * time.Hour})
	r.must(err)
	x, err := r.explainer(one, now).Explain(r.t.Context(), query.Everything(), query.ExplainRequest{KPI: k.ID, Centre: centre, From: from, To: to})
	r.must(err)
	if p := s.Points[0]; p.Value != nil && (!near(p.Value, x.Value.Value) || !near(p.Numerator, x.Value.Numerator) || !near(p.Denominator, x.Value.Denominator)) {
		r.t.Errorf("%s: the day is %v in the series and %v explained", centre, shown(p.Value), shown(x.Value.Value))
	}
}

// measurement is a message of a source that arrives so long after it happened.
func measurement(id string, at time.Time, delay time.Duration, data string) schemas.Message {
	return schemas.Message{
		Transport: "mqtt", Centre: "dong-xoai", Topic: "ioc/dong-xoai/sensor/air-1", Partition: -1, Offset: -1, Arrived: at.Add(delay),
		Payload: []byte(`{"specversion":"1.0","id":"` + id + `","source":"/dong-xoai/sensor/air-1","type":"vn.binhphuoc.ioc.reading.v1","time":"` +
			at.Format(time.RFC3339) + `","data":` + data + `}`),
	}
}

func TestWhatCameLateOrWasRefusedIsTold(t *testing.T) {
	r := newRig(t)
	now := time.Date(2026, 10, 14, 3, 0, 0, 0, time.UTC)
	at := now.Add(-20 * time.Minute)
	const good = `{"metric":"pm25","value":30}`
	r.write([]schemas.Message{
		measurement("1", at, 69*time.Second, good), // 59 s after its 10 seconds
		measurement("2", at, 71*time.Second, good), // late
		measurement("3", at.Add(time.Second), time.Hour, good),
		measurement("3", at.Add(time.Second), time.Second, good), // a repeat: it counts once
		measurement("4", at, 0, `{"metric":"temp","value":30}`),
	})
	r.refuse(r.decoder, measurement("5", at, time.Second, `{"metric":"pm25"}`))
	k, _ := r.catalogue.ByID("air.pm25")
	one := &kpi.Catalogue{KPIs: []kpi.KPI{k}}
	r.must(r.roller(one).Once(t.Context(), false))
	x, err := r.explainer(one, now).Explain(t.Context(), query.Everything(), query.ExplainRequest{KPI: k.ID, Centre: "dong-xoai"})
	r.must(err)
	v := x.Evidence
	if v.Things != 3 || v.Sources != 1 || *v.Late != 1 || !v.Newest.Equal(at.Add(time.Second)) || !v.NewestArrival.Equal(at.Add(2*time.Second)) {
		t.Errorf("evidence is %+v with %d late", v, *v.Late)
	}
	if j := x.Refused; j.Refused != 1 || j.Open != 1 || j.Taken != 4 || *j.Share != 0.2 || !slices.Equal(j.Domains, []string{"sensor"}) {
		t.Errorf("refused is %+v", j)
	}
	if len(x.Rollups) == 0 || !x.Rollups[0].From.Equal(x.Window.From) && x.Rollups[0].Seconds != 10 {
		t.Errorf("rollups are %+v", x.Rollups)
	}
	page, err := r.explainer(one, now).Events(t.Context(), query.Everything(), query.EventsRequest{ExplainRequest: query.ExplainRequest{KPI: k.ID, Centre: "dong-xoai"}})
	r.must(err)
	if d := cmp.Diff(map[string]string{"metric": "pm25", "value": "30"}, page.Events[0].Fields); d != "" {
		t.Errorf("told is (-want +got):\n%s", d)
	}
}

// A correction took the state of one call to another: the first is gone, from the count and from the list.
func TestWhatACorrectionTookAwayIsNotListed(t *testing.T) {
	r := newRig(t)
	now := time.Date(2026, 10, 14, 3, 0, 0, 0, time.UTC)
	queued := now.Add(-10 * time.Minute)
	first := call("a", "dong-xoai", queued, 10*time.Second, 0, now)
	second := call("a", "dong-xoai", queued, 10*time.Second, 1, now.Add(time.Second))
	second.Payload = []byte(strings.Replace(string(second.Payload), `"call_id":"a"`, `"call_id":"b"`, 1))
	r.write([]schemas.Message{first})
	k, _ := r.catalogue.ByID("hotline.calls")
	one := &kpi.Catalogue{KPIs: []kpi.KPI{k}}
	r.must(r.roller(one).Once(t.Context(), false))
	r.write([]schemas.Message{second})
	r.must(r.roller(one).Once(t.Context(), false))
	e := r.explainer(one, now.Add(time.Minute))
	q := query.ExplainRequest{KPI: k.ID, Centre: "dong-xoai"}
	x, err := e.Explain(t.Context(), query.Everything(), q)
	r.must(err)
	all := r.pages(e, query.EventsRequest{ExplainRequest: q})
	if *x.Value.Value != 1 || x.Evidence.Things != 1 || len(all) != 1 || all[0].Entity != "b" {
		t.Errorf("a count of %v, of %d things, listed %+v", *x.Value.Value, x.Evidence.Things, all)
	}
}

func TestANumberIsExplainedOnTheCommandLine(t *testing.T) {
	r := newRig(t)
	cases, err := kpitest.LoadCases(os.DirFS("../../schemas/kpi/testdata/cases"))
	r.must(err)
	i := slices.IndexFunc(cases, func(c kpitest.Case) bool { return c.KPI == "dossier.on_time_rate" })
	k, _ := r.catalogue.ByID("dossier.on_time_rate")
	r.load(cases[i], &kpi.Catalogue{KPIs: []kpi.KPI{k}})
	span := []string{"explain", k.ID, "--centre", "dong-xoai", "--since", "2026-10-01", "--until", "2026-10-14T10:00"}
	text := r.ioc(0, append(span, "--events", "--part", "numerator", "--language", "en")...)
	for _, want := range []string{"75 % = 3 / 4 (alarm)", "completed_at ≤ due_at", "DX-1", "DX-3", "DX-7", "/dong-xoai/service/dvc", "4, by 4 events of 1 sources", "86400 s"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "DX-2 ") {
		t.Errorf("a late one is in the numerator:\n%s", text)
	}
	var x wire.Explanation
	r.must(json.Unmarshal([]byte(r.ioc(0, append(span, "--json")...)), &x))
	if x.Value.Value == nil || *x.Value.Value != 75 || x.Basis != wire.BasisPeriod {
		t.Errorf("as JSON it is %+v", x.Value)
	}
	for _, bad := range [][]string{
		{"explain"},
		{"explain", "none"},
		{"explain", k.ID, "--centre", "nowhere"},
		{"explain", k.ID, "--since", "yesterday"},
		{"explain", k.ID, "--since", "2026-10-02", "--until", "2026-10-01"},
		{"explain", k.ID, "--until", "2026-10-01"},
		{"explain", k.ID, "--language", "fr"},
		{"explain", k.ID, "--events", "--part", "both"},
	} {
		r.ioc(1, bad...)
	}
}
