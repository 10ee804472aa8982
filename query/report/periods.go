package report

import (
	"slices"
	"time"

	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/period"
)

// step is the finest that rollups know.
const step = 10 * time.Second

// latestWithin is how old the newest kept values may be to tell how things stand at the moment of looking.
const latestWithin = 10 * time.Minute

// periods are all spans of time that a report tells of. The window of the period itself is the first.
type periods struct {
	main    period.Period
	history []period.Period
	windows []Window
	latest  int // the window just before the moment of looking
	asOf    time.Time
}

func newPeriods(p period.Period, asOf time.Time, kpis []kpi.KPI) periods {
	out := periods{main: p, history: p.Last(historyLength), asOf: asOf}
	out.window(p)
	out.window(p.Previous())
	out.window(p.LastYear())
	for _, h := range out.history {
		out.window(h)
	}
	for _, k := range kpis {
		if t, ok := targetOf(k, p); ok && t.By != nil && t.Baseline == nil {
			out.window(before(p, t.From))
		}
	}
	out.latest = out.add(Window{asOf.Add(-latestWithin), asOf})
	return out
}

// before is the period of the same kind, or of as many days, that ends last before a moment.
func before(p period.Period, at time.Time) period.Period {
	if p.Kind != period.KindRange {
		c := period.Current(p.Kind, at.Add(-1))
		if c.To.After(at) {
			c = c.Previous()
		}
		return c
	}
	to := period.Floor(at, period.Day)
	return period.Period{Kind: p.Kind, From: to.Add(-p.To.Sub(p.From)), To: to}
}

// window returns the index of a period's window: as much of it as has passed.
func (s *periods) window(p period.Period) int {
	w := Window{p.From, p.To}
	// What happens within the 10 seconds of looking counts as a whole.
	if end := s.asOf.Add(step - 1).Truncate(step); end.Before(w.To) {
		w.To = end
	}
	return s.add(w)
}

func (s *periods) add(w Window) int {
	if i := slices.Index(s.windows, w); i >= 0 {
		return i
	}
	s.windows = append(s.windows, w)
	return len(s.windows) - 1
}

// running tells whether the period has not ended.
func (s *periods) running() bool { return s.asOf.Before(s.main.To) }
