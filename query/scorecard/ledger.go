package scorecard

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// account is where counts are added up.
type account struct {
	kpi, centre, agency string
	part                int
}

// figureOf names a figure in a period.
type figureOf struct {
	id, centre string
	when       span
}

// ledger holds all counts of a table, each once for its agency, and once for all centres above that sent it.
type ledger struct {
	registry *schemas.Registry
	cuts     []time.Time
	counts   map[account]*query.Count
	figures  map[figureOf]Figure
	used     map[account]bool // accounts of agencies that a unit answers for
}

func newLedger(r *schemas.Registry, cuts []time.Time) *ledger {
	return &ledger{registry: r, cuts: cuts, counts: map[account]*query.Count{}, figures: map[figureOf]Figure{}, used: map[account]bool{}}
}

func (l *ledger) add(t Tally) {
	to := []account{{t.KPI, t.Centre, t.Agency, t.Part}}
	for _, centre := range l.registry.Above(t.Centre) {
		to = append(to, account{t.KPI, centre, anyAgency, t.Part})
	}
	for _, at := range to {
		if l.counts[at] == nil {
			l.counts[at] = &query.Count{KPI: t.KPI, Centre: at.centre}
		}
		l.counts[at].Add(t.Count)
	}
}

// sum adds up what a unit answers for in a period; nil when there is nothing.
func (l *ledger) sum(id string, u unit, period span) *query.Count {
	var out *query.Count
	for _, p := range u.pieces {
		in := p.when.within(period)
		if in.empty() {
			continue
		}
		for part := range len(l.cuts) - 1 {
			// Every beginning and end of a piece is a cut, so a part lies within it or outside.
			if l.cuts[part].Before(in.from) || l.cuts[part+1].After(in.to) {
				continue
			}
			at := account{id, p.centre, p.agency, part}
			c := l.counts[at]
			if c == nil {
				continue
			}
			l.used[at] = true
			if out == nil {
				out = &query.Count{KPI: id, Centre: u.centre}
			}
			out.Add(*c)
		}
	}
	return out
}

// unassigned lists what was counted in a period and belongs to no unit that was summed up.
func (l *ledger) unassigned(period span) []wire.ScorecardUnassigned {
	type whose struct{ kpi, centre, agency string }
	things := map[whose]float64{}
	for at, c := range l.counts {
		in := !l.cuts[at.part].Before(period.from) && !l.cuts[at.part+1].After(period.to)
		if at.agency != anyAgency && in && !l.used[at] {
			things[whose{at.kpi, at.centre, at.agency}] += max(c.Den, c.Num)
		}
	}
	most := map[whose]float64{}
	for w, n := range things {
		w.kpi = "" // one thing counts in several KPIs: the largest count is the least number of things
		most[w] = max(most[w], n)
	}
	out := []wire.ScorecardUnassigned{}
	for w, n := range most {
		if n > 0 {
			out = append(out, wire.ScorecardUnassigned{Centre: w.centre, Agency: w.agency, Things: uint64(n)})
		}
	}
	slices.SortFunc(out, func(a, b wire.ScorecardUnassigned) int {
		return cmp.Or(strings.Compare(a.Centre, b.Centre), strings.Compare(a.Agency, b.Agency))
	})
	return out
}
