package rollup

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/binhphuoc/ioc/schemas/kpi"
)

// redefinition is what is still to be computed again because formulas are others than last time.
type redefinition struct {
	formulas map[string]uint64 // definitions, by KPI
	days     []groupDay        // the newest last
	planned  int               // days in all
	gone     int               // days that stay as they are: their raw events were deleted for their age
}

// groupDay is one day of a group.
type groupDay struct {
	group Group
	start time.Time
}

// redefine computes again, from the raw events, every KPI whose formula is another one than last time: at each call one day,
// the newest first, so that what is new does not wait for a long past.
func (r *Roller) redefine(ctx context.Context) error {
	changed := r.changed()
	formulas := map[string]uint64{}
	for _, g := range changed {
		for _, k := range g.KPIs {
			formulas[k.ID] = k.Formula.Definition
		}
	}
	if !maps.Equal(formulas, r.again.formulas) { // also when files have changed once more meanwhile
		next, err := r.planAgain(ctx, changed)
		if err != nil {
			return err
		}
		next.formulas = formulas
		r.again = next
	}
	if n := len(r.again.days); n > 0 {
		d := r.again.days[n-1]
		if err := r.day(ctx, d.group, d.start); err != nil {
			return fmt.Errorf("compute %v again: %w", d.group.IDs(), err)
		}
		r.again.days = r.again.days[:n-1]
		r.o.Changed()
	}
	if len(formulas) == 0 || len(r.again.days) > 0 {
		return nil
	}
	for _, g := range changed {
		if err := r.defined(ctx, g); err != nil {
			return err
		}
	}
	maps.Copy(r.defs, formulas)
	r.o.Log.Info("rollups follow new definitions", "kpis", slices.Sorted(maps.Keys(formulas)), "days", r.again.planned, "days_left_as_they_are", r.again.gone)
	r.again = redefinition{}
	return nil
}

// changed are the KPIs of the catalogue that were rolled up by another formula, or never.
func (r *Roller) changed() []Group {
	var out []Group
	for _, g := range Groups(r.o.Catalogue()) {
		g.KPIs = slices.DeleteFunc(slices.Clone(g.KPIs), func(k kpi.KPI) bool { return r.defs[k.ID] == k.Formula.Definition })
		if len(g.KPIs) > 0 {
			out = append(out, g)
		}
	}
	return out
}

func (r *Roller) planAgain(ctx context.Context, groups []Group) (redefinition, error) {
	var out redefinition
	for _, g := range groups {
		days, gone, err := r.wholeDays(ctx, g)
		if err != nil {
			return out, err
		}
		for _, day := range days {
			out.days = append(out.days, groupDay{g, day})
		}
		out.gone += gone
	}
	slices.SortStableFunc(out.days, func(a, b groupDay) int { return a.start.Compare(b.start) })
	out.planned = len(out.days)
	return out, nil
}

// defined remembers by which formulas all of a group was computed.
func (r *Roller) defined(ctx context.Context, g Group) error {
	for _, k := range g.KPIs {
		if err := r.o.Definitions.SaveDefinition(ctx, k.ID, k.Formula.Definition); err != nil {
			return err
		}
	}
	return nil
}
