package report

import (
	"time"

	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// targetOf is the target in force at the end of a period. A total grows with its span: its target is one for periods as
// long as the KPI's own window.
func targetOf(k kpi.KPI, p period.Period) (kpi.Target, bool) {
	if meaning(k) == meansTotal && k.Window.Calendar != string(p.Kind) {
		return kpi.Target{}, false
	}
	return k.TargetAt(p.To.Add(-time.Nanosecond))
}

// target holds a value against the target of the period.
func (m *maker) target(k kpi.KPI, v wire.ReportFigure) *wire.ReportTarget {
	t, ok := targetOf(k, m.periods.main)
	if !ok {
		return nil
	}
	out := &wire.ReportTarget{Value: t.Value, Source: t.Source, By: t.By}
	if v.Value != nil {
		out.Gap = *v.Value - t.Value
		out.Reached = good(k.Better, out.Gap)
	}
	if start := m.start(k, t); t.By != nil && start != nil {
		expected := t.Expected(*start, m.periods.main.To)
		out.Expected = &expected
		if v.Value != nil {
			out.OnPath = good(k.Better, *v.Value-expected)
		}
	}
	return out
}

// start is where the way to a target began: by its file, or with the value of the last period before.
func (m *maker) start(k kpi.KPI, t kpi.Target) *kpi.Baseline {
	if t.By == nil || t.Baseline != nil {
		return t.Baseline
	}
	if !t.By.Add(period.Day).After(m.periods.main.To) {
		return &kpi.Baseline{Value: t.Value, At: t.From} // the way has ended: where it began no longer matters
	}
	v := m.value(k, m.centre.Code, before(m.periods.main, t.From))
	if v.Value == nil {
		return nil
	}
	return &kpi.Baseline{Value: *v.Value, At: t.From}
}

// good tells whether a difference is none, or to the better side; nil where neither side is better.
func good(better string, difference float64) *bool {
	const rounding = 1e-9
	var yes bool
	switch better {
	case "up":
		yes = difference >= -rounding
	case "down":
		yes = difference <= rounding
	default:
		return nil
	}
	return &yes
}
