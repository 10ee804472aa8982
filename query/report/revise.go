package report

import (
	"context"
	"slices"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

const (
	// settled is how long after its end a period counts as closed, as of days in rollups.
	settled = time.Hour
	// maxRevisions is how many changes of one value are told, the newest.
	maxRevisions = 20
)

// revise marks the rows whose value changed after the period had closed, with when and from what.
func (m *maker) revise(ctx context.Context, out *wire.Report) error {
	closed := m.periods.main.To.Add(settled)
	if !m.asOf.After(closed) {
		return nil
	}
	q := Question{Nodes: m.nodes()[:1], Windows: m.periods.windows[:1], AsOf: m.asOf}
	for _, k := range m.kpis {
		if k.Formula.Kind.Rolled() {
			q.KPIs = append(q.KPIs, k)
		}
	}
	changes, err := m.Ledger.Changes(ctx, q, m.periods.windows[0], closed)
	if err != nil || len(changes) == 0 {
		return err
	}
	of := map[string][]Change{}
	for _, c := range changes {
		of[c.KPI] = append(of[c.KPI], c)
	}
	past, err := m.asItClosed(ctx, q, of, closed)
	if err != nil {
		return err
	}
	catalogue := kpi.Catalogue{KPIs: m.kpis}
	for i := range out.Pillars {
		for j := range out.Pillars[i].Rows {
			r := &out.Pillars[i].Rows[j]
			if k, ok := catalogue.ByID(r.KPI); ok && len(of[r.KPI]) > 0 {
				r.Value.Revisions = append(r.Value.Revisions, m.revisions(k, r.Value.Value, of[r.KPI], past[r.KPI])...)
			}
		}
	}
	return nil
}

// asItClosed reads how revised quantiles were when the period closed: samples can't be taken out of a quantile again.
func (m *maker) asItClosed(ctx context.Context, q Question, of map[string][]Change, closed time.Time) (map[string]Cell, error) {
	q.KPIs = slices.DeleteFunc(slices.Clone(q.KPIs), func(k kpi.KPI) bool {
		return k.Formula.Kind != kpi.KindQuantile || len(of[k.ID]) == 0
	})
	out := map[string]Cell{}
	if len(q.KPIs) == 0 {
		return out, nil
	}
	q.AsOf = closed
	cells, err := m.Store.Rolled(ctx, q)
	for _, c := range cells {
		out[c.KPI] = c
	}
	return out, err
}

// revisions are the changes of one value, the oldest first. Those of a quantile are told as one.
func (m *maker) revisions(k kpi.KPI, now *float64, changes []Change, past Cell) []wire.Revision {
	made := slices.DeleteFunc(slices.Clone(changes), func(c Change) bool { return c.Current || c.Until.After(m.asOf) })
	if len(made) == 0 {
		return nil
	}
	w := m.periods.windows[0]
	span := w.To.Sub(w.From)
	if k.Formula.Kind == kpi.KindQuantile {
		before := query.Compute(k, past.Count, span)
		if query.Same(before, now) {
			return nil
		}
		return []wire.Revision{{At: made[len(made)-1].Until.UTC(), Before: before}}
	}
	c := m.cells[cellPlace{k.ID, m.centre.Code, 0}].Count
	return undo(k, span, now, c, made, standing(changes, m.asOf))
}

// day is a count's place: a centre's day.
type day struct {
	centre string
	bucket int64
}

func dayOf(c Change) day { return day{c.Centre, c.Bucket.Unix()} }

// standing is what stood at a moment on each day that ever changed: what the next change replaced, or what stands now.
func standing(changes []Change, at time.Time) map[day]query.Count {
	out := map[day]query.Count{}
	for _, c := range slices.Backward(changes) { // the first change after the moment wins over the ones after it
		if c.Current {
			out[dayOf(c)] = c.Count
		}
	}
	for _, c := range slices.Backward(changes) {
		if !c.Current && c.Until.After(at) {
			out[dayOf(c)] = c.Count
		}
	}
	return out
}

// undo takes the changes back one hour after the other, from the newest, and tells of each hour that changed the value.
// total is what is counted now, and force what each changed day adds to it.
func undo(k kpi.KPI, span time.Duration, now *float64, total query.Count, made []Change, force map[day]query.Count) []wire.Revision {
	var out []wire.Revision
	after := now
	for i := len(made) - 1; i >= 0 && len(out) < maxRevisions; i-- {
		c := made[i]
		was := force[dayOf(c)]
		total.Num += c.Num - was.Num
		total.Den += c.Den - was.Den
		force[dayOf(c)] = c.Count
		if i > 0 && made[i-1].Until.Truncate(time.Hour).Equal(c.Until.Truncate(time.Hour)) {
			continue // of the same hour
		}
		before := query.Compute(k, total, span)
		if !query.Same(before, after) {
			out = append(out, wire.Revision{At: c.Until.UTC(), Before: before})
		}
		after = before
	}
	slices.Reverse(out)
	return out
}
