package main

import (
	"errors"
	"testing"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/explain"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// told is an explainer that knows what reports tell.
func (r *rig) told(now time.Time) *explain.Explainer {
	e := r.explainer(r.catalogue, now)
	e.Teller = r.reports(now)
	return e
}

// TestReportsAndExplanationsAgree asks of every number of reports where it comes from.
func TestReportsAndExplanationsAgree(t *testing.T) {
	r := autumn(t)
	now := clockAt(t, "2026-11-05 12:00")
	e := r.told(now)
	known := 0
	for _, tt := range []struct {
		period, centre string
		asOf           time.Time
		whole          bool // with the period before, and the centres below
	}{
		{"2026-10", "province", time.Time{}, true},
		{"2026-10", "province", clockAt(t, "2026-10-10 12:00"), false},
		{"2026-11", "province", time.Time{}, false}, // goes on
		{"2026-10-10..2026-11-01", "phuoc-long", time.Time{}, false},
	} {
		out := r.report(now, tt.period, tt.centre, tt.asOf)
		same := func(id, centre, period string, f wire.ReportFigure) {
			t.Helper()
			x, err := e.Explain(t.Context(), query.Everything(), query.ExplainRequest{KPI: id, Centre: centre, Period: period, AsOf: tt.asOf})
			r.must(err)
			v := x.Value
			if !near(v.Value, f.Value) || !near(v.Numerator, f.Numerator) || !near(v.Denominator, f.Denominator) || v.State != f.State || x.Period.For != f.For {
				t.Errorf("%s of %s in %s: the report tells %v = %v / %v (%s, of %s), explained is %v = %v / %v (%s, of %s)", id, centre, period,
					shown(f.Value), shown(f.Numerator), shown(f.Denominator), f.State, f.For, shown(v.Value), shown(v.Numerator), shown(v.Denominator), v.State, x.Period.For)
			}
			if f.Value != nil {
				known++
			}
			r.partsAgree(t, x)
		}
		for _, p := range out.Pillars {
			for _, w := range p.Rows {
				same(w.KPI, tt.centre, tt.period, w.Value)
				if !tt.whole {
					continue
				}
				same(w.KPI, tt.centre, out.Previous.Text, w.Previous)
				for _, c := range w.Centres {
					x, err := e.Explain(t.Context(), query.Everything(), query.ExplainRequest{KPI: w.KPI, Centre: c.Centre, Period: tt.period, AsOf: tt.asOf})
					r.must(err)
					if !near(x.Value.Value, c.Value) {
						t.Errorf("%s of %s: %v in the report, %v explained", w.KPI, c.Centre, shown(c.Value), shown(x.Value.Value))
					}
				}
			}
		}
	}
	if known < 40 {
		t.Errorf("only %d numbers were compared", known)
	}
}

// partsAgree checks that the counts of the parts are those of the whole, and that as many events are listed as are counted.
func (r *rig) partsAgree(t *testing.T, x wire.Explanation) {
	t.Helper()
	t.Helper()
	k, _ := r.catalogue.ByID(x.KPI.ID)
	if x.Evidence == nil || x.Value.Value == nil {
		return
	}
	addUp(t, k, x)
	if x.Period.Meaning == "published" && x.Evidence.Things != 1 {
		t.Errorf("%s: %d figures stand behind one", k.ID, x.Evidence.Things)
	}
}

// The list of events of a period holds the figure that the report tells, also when its own period is longer.
func TestTheFigureOfAPeriodIsListed(t *testing.T) {
	r := autumn(t)
	e := r.told(clockAt(t, "2026-11-05 12:00"))
	for period, of := range map[string]string{"2026-10": "2026", "2026-Q4": "2026", "2026": "2026"} {
		list, err := e.Events(t.Context(), query.Everything(), query.EventsRequest{ExplainRequest: query.ExplainRequest{KPI: "budget.revenue", Centre: "province", Period: period}})
		r.must(err)
		if len(list.Events) != 1 || list.Events[0].Fields["period"] != of {
			t.Errorf("%s: listed is %+v, want the figure of %s", period, list.Events, of)
		}
	}
	for name, tt := range map[string]struct {
		q    query.ExplainRequest
		kind error
	}{
		"no such period":       {query.ExplainRequest{KPI: "budget.revenue", Centre: "province", Period: "2026-13"}, query.ErrBadRequest},
		"not begun":            {query.ExplainRequest{KPI: "budget.revenue", Centre: "province", Period: "2027"}, query.ErrBadRequest},
		"no such centre then":  {query.ExplainRequest{KPI: "budget.revenue", Centre: "phuoc-long", Period: "2021-Q1"}, query.ErrNotFound},
		"a span and a period":  {query.ExplainRequest{KPI: "budget.revenue", Centre: "province", Period: "2026", From: time.Unix(0, 0), To: time.Unix(10, 0)}, query.ErrBadRequest},
		"no such KPI":          {query.ExplainRequest{KPI: "none", Centre: "province", Period: "2026"}, query.ErrNotFound},
		"beyond what is there": {query.ExplainRequest{KPI: "hotline.calls", Centre: "province", Period: "2026-09", AsOf: clockAt(t, "2026-09-09 12:00")}, query.ErrNotFound},
	} {
		if _, err := e.Explain(t.Context(), query.Everything(), tt.q); !errors.Is(err, tt.kind) {
			t.Errorf("%s: %v, want %v", name, err, tt.kind)
		}
	}
	if _, err := e.Explain(t.Context(), query.Only("dong-xoai"), query.ExplainRequest{KPI: "hotline.calls", Centre: "province", Period: "2026"}); !errors.Is(err, query.ErrNotFound) {
		t.Errorf("out of scope: %v", err)
	}
}
