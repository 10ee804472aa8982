package report

import (
	"context"
	"slices"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// What a value of a period means.
const (
	meansTotal     = "total"
	meansRatio     = "ratio"
	meansAverage   = "average"
	meansQuantile  = "quantile"
	meansEnd       = "end"
	meansMean      = "mean"
	meansPublished = "published"
)

// meaning says how a KPI's value stands for a period. What stands at a moment and is a number of things is told as it
// stood at the period's end; what is a share or a measurement, as the mean of all minutes.
func meaning(k kpi.KPI) string {
	switch k.Formula.Kind {
	case kpi.KindCount, kpi.KindSum, kpi.KindSumPerSource:
		return meansTotal
	case kpi.KindRatio:
		return meansRatio
	case kpi.KindAverage, kpi.KindRate:
		return meansAverage
	case kpi.KindQuantile:
		return meansQuantile
	case kpi.KindStanding, kpi.KindDown, kpi.KindScore:
		return meansEnd
	case kpi.KindFigure:
		return meansPublished
	default:
		return meansMean
	}
}

// pillars makes all rows, in the order of the catalogue within each pillar.
func (m *maker) pillars() []wire.ReportPillar {
	out := []wire.ReportPillar{
		{Code: "digital_government", Name: schemas.Text{VI: "Chính quyền số", EN: "Digital government"}},
		{Code: "digital_economy", Name: schemas.Text{VI: "Kinh tế số", EN: "Digital economy"}},
		{Code: "digital_society", Name: schemas.Text{VI: "Xã hội số", EN: "Digital society"}},
		{Code: "platform", Name: schemas.Text{VI: "Nền tảng dữ liệu", EN: "Data platform"}},
	}
	for i := range out {
		out[i].Rows = []wire.ReportRow{}
		for _, k := range m.kpis {
			if k.Pillar == out[i].Code {
				out[i].Rows = append(out[i].Rows, m.row(k))
			}
		}
	}
	return out
}

// Row is what the report that is asked for tells of one KPI.
func (a *Reports) Row(ctx context.Context, scope query.Scope, r query.ReportRequest, id string) (query.Told, error) {
	k, ok := a.Catalogue().ByID(id)
	if !ok {
		return query.Told{}, query.ErrNotFound
	}
	m, err := a.plan(ctx, scope, r)
	if err != nil {
		return query.Told{}, err
	}
	// That a count found nothing is known by what else was heard of the same things.
	m.kpis = slices.DeleteFunc(slices.Clone(m.kpis), func(o kpi.KPI) bool {
		return o.ID != id && (k.Formula.Kind != kpi.KindCount || k.Formula.Of != kpi.OfRejected && o.Formula.Of != k.Formula.Of)
	})
	if err := m.read(ctx); err != nil {
		return query.Told{}, err
	}
	return query.Told{Row: m.row(k), Period: m.told(m.periods.main), Until: m.periods.windows[0].To}, nil
}

func (m *maker) row(k kpi.KPI) wire.ReportRow {
	p, centre := m.periods.main, m.centre.Code
	r := wire.ReportRow{
		KPI: k.ID, Name: k.PeriodName, Description: k.Description, Unit: k.Unit, Decimals: k.Decimals, Better: k.Better, Source: k.Source,
		Meaning: meaning(k), Centres: []wire.CentreValue{}, History: []wire.ReportPoint{},
	}
	r.Value = m.value(k, centre, p)
	r.Previous = m.compared(k, centre, p.Previous(), r.Value)
	r.LastYear = m.compared(k, centre, p.LastYear(), r.Value)
	for _, h := range m.periods.history {
		point := wire.ReportPoint{Period: h.Text()}
		if v := m.value(k, centre, h); within(v.For, h) {
			point.Value = v.Value
		}
		r.History = append(r.History, point)
	}
	for _, c := range m.below {
		v := m.value(k, c.Code, p)
		r.Centres = append(r.Centres, wire.CentreValue{
			Centre: c.Code, Value: v.Value, State: v.State, Change: m.compared(k, c.Code, p.Previous(), v).Change,
		})
	}
	r.Target = m.target(k, r.Value)
	return r
}

// within tells whether a figure of a period tells of a part of another one. What is no figure does.
func within(of string, p period.Period) bool {
	if of == "" {
		return true
	}
	f, err := period.Parse(of)
	return err == nil && f.To.After(p.From)
}

// compared is the value of another period, and how far the period's own value is from it.
func (m *maker) compared(k kpi.KPI, node string, p period.Period, now wire.ReportFigure) wire.ReportFigure {
	v := m.value(k, node, p)
	switch {
	case now.Value == nil || v.Value == nil:
	case m.periods.running() && meaning(k) == meansTotal: // a part is no less than the whole
	case now.For != "" && now.For == v.For && now.Newest.Equal(*v.Newest): // it is the same figure
	default:
		change := *now.Value - *v.Value
		v.Change = &change
	}
	return v
}

// value is a KPI of a node in a period.
func (m *maker) value(k kpi.KPI, node string, p period.Period) wire.ReportFigure {
	i := m.periods.window(p)
	at := cellPlace{k.ID, node, i}
	out := wire.ReportFigure{State: wire.StateNoData, Revisions: []wire.Revision{}}
	switch {
	case k.Formula.Kind == kpi.KindFigure:
		m.figure(k, node, p, &out)
	case k.Formula.Kind.Rolled():
		c, ok := m.cells[at]
		if !ok && !m.nothing(k, node, i) {
			return out
		}
		w := m.periods.windows[i]
		out.Value = query.Compute(k, c.Count, w.To.Sub(w.From))
		if out.Value == nil {
			return out
		}
		out.Numerator, out.Denominator = query.Shown(k.Formula.Kind, c.Count)
		if !c.Newest.IsZero() {
			newest := c.Newest
			out.Newest = &newest
		}
	default:
		v := m.kept[at]
		switch {
		case k.Formula.Kind == kpi.KindSumPerSource && k.Window.Calendar == "day":
			out.Value = v.Days
		case meaning(k) == meansEnd:
			out.Value, out.Numerator, out.Denominator = v.Last, v.Num, v.Den
		default:
			out.Value = v.Mean
		}
	}
	if out.Value != nil {
		out.State = state(k, p, *out.Value)
	}
	return out
}

// nothing tells whether a count that found nothing means that there was nothing: something of the same kind was heard of in
// the window, or for refused events, anything at all. Else it is not known, and no zero.
func (m *maker) nothing(k kpi.KPI, node string, window int) bool {
	if k.Formula.Kind != kpi.KindCount {
		return false
	}
	of := k.Formula.Of
	if of == kpi.OfRejected {
		of = anything
	}
	return m.heard[cellPlace{of, node, window}]
}

// state judges a value by the bounds of its KPI. Those of a total are meant for its own window alone.
func state(k kpi.KPI, p period.Period, v float64) wire.State {
	if meaning(k) == meansTotal && k.Window.Calendar != string(p.Kind) {
		return wire.StateOK
	}
	states := []wire.State{kpi.LevelOK: wire.StateOK, kpi.LevelWarning: wire.StateWarning, kpi.LevelAlarm: wire.StateAlarm}
	return states[k.Level(v, kpi.LevelOK)]
}
