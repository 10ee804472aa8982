package rollup

import (
	"context"
	"slices"
	"time"

	"github.com/binhphuoc/ioc/schemas/kpi"
)

// Group is a set of rolled KPIs that are counted over the same things placed in time by the same field.
type Group struct {
	Of, At string
	KPIs   []kpi.KPI
}

// IDs lists the group's KPIs.
func (g Group) IDs() []string {
	out := make([]string, len(g.KPIs))
	for i, k := range g.KPIs {
		out[i] = k.ID
	}
	return out
}

// Groups puts together the rolled KPIs of a catalogue that one query can count.
func Groups(c *kpi.Catalogue) []Group {
	var out []Group
	for _, k := range c.KPIs {
		if !k.Formula.Kind.Rolled() {
			continue
		}
		i := slices.IndexFunc(out, func(g Group) bool { return g.Of == k.Formula.Of && g.At == k.Formula.At })
		if i < 0 {
			i = len(out)
			out = append(out, Group{Of: k.Formula.Of, At: k.Formula.At})
		}
		out[i].KPIs = append(out[i].KPIs, k)
	}
	return out
}

// wholeDays lists the starts of the days on which a group has or had anything and that can be counted again, and how many can't.
func (r *Roller) wholeDays(ctx context.Context, g Group) (days []time.Time, gone int, err error) {
	all, err := r.o.Definitions.Days(ctx, g)
	if err != nil {
		return nil, 0, err
	}
	days = r.kept.whole(g.Of, all)
	return days, len(all) - len(days), nil
}

// day computes one day of a group again, in all tiers.
func (r *Roller) day(ctx context.Context, g Group, day time.Time) error {
	buckets, err := r.o.Definitions.Buckets(ctx, g, day)
	if err != nil {
		return err
	}
	return r.roll(ctx, []Group{g}, map[int][]time.Time{0: buckets})
}
