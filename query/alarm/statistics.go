package alarm

import (
	"cmp"
	"slices"
	"time"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// Raised is one alarm of the past that somebody had to look at, or would have but for a flood.
type Raised struct {
	At       time.Time
	Cause    string
	Centre   string
	Priority int
	Held     bool // back, by a flood
	Title    schemas.Text
}

// maxWorst is how many causes are named.
const maxWorst = 10

// Reckon judges alarms as EEMUA 191 does. They are in the order of their times, and all lie between from and to.
func Reckon(list []Raised, operators int, from, to time.Time) wire.AlarmStatistics {
	out := wire.AlarmStatistics{
		From: from.UTC(), To: to.UTC(), Raised: len(list), Operators: max(1, operators), Worst: worst(list), Priorities: []wire.AlarmByPriority{},
	}
	if hours := to.Sub(from).Hours(); hours > 0 {
		out.PerOperatorHour = float64(len(list)) / hours / float64(out.Operators)
		out.FloodShare = flooded(list, to).Hours() / hours
	}
	var at time.Time
	if out.Peak, at = peak(list); out.Peak > 0 {
		out.PeakAt = &at
	}
	for p := 1; p <= kpi.Priorities; p++ {
		n := 0
		for _, r := range list {
			if r.Priority == p {
				n++
			}
		}
		out.Priorities = append(out.Priorities, wire.AlarmByPriority{Priority: p, Raised: n, Share: share(n, len(list))})
	}
	return out
}

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// peak is the most alarms within any 10 minutes, and where these begin.
func peak(list []Raised) (most int, at time.Time) {
	first := 0
	for i, r := range list {
		for r.At.Sub(list[first].At) >= floodWithin {
			first++
		}
		if n := i - first + 1; n > most {
			most, at = n, list[first].At.UTC()
		}
	}
	return most, at
}

// flooded is for how long there were floods: from the moment at which more than floodBegins came within floodWithin, to the
// one at which fewer than floodEnds had.
func flooded(list []Raised, to time.Time) time.Duration {
	var total time.Duration
	var since time.Time // of the flood that goes on; zero: there is none
	first := 0          // of those that still count
	pass := func(now time.Time) {
		for ; first < len(list) && !list[first].At.Add(floodWithin).After(now); first++ {
			left := 0 // that still count when this one no longer does
			gone := list[first].At.Add(floodWithin)
			for _, r := range list[first+1:] {
				if r.At.After(gone) {
					break
				}
				left++
			}
			if !since.IsZero() && left < floodEnds {
				total += gone.Sub(since)
				since = time.Time{}
			}
		}
	}
	for i, r := range list {
		pass(r.At)
		if since.IsZero() && i-first+1 > floodBegins {
			since = r.At
		}
	}
	pass(to)
	if !since.IsZero() {
		total += to.Sub(since)
	}
	return total
}

// worst are the causes that raised the most. What was held back counts as much as what was presented: a cause that makes floods is
// held back by them, and would be far down in a list of what was presented alone.
func worst(list []Raised) []wire.AlarmOffender {
	by := map[string]*wire.AlarmOffender{}
	for _, r := range list {
		if by[r.Cause] == nil {
			by[r.Cause] = &wire.AlarmOffender{Cause: r.Cause, Centre: r.Centre}
		}
		by[r.Cause].Raised++
		if r.Held {
			by[r.Cause].Held++
		}
		by[r.Cause].Title = r.Title
	}
	out := make([]wire.AlarmOffender, 0, len(by))
	for _, o := range by {
		o.Share = share(o.Raised, len(list))
		out = append(out, *o)
	}
	slices.SortFunc(out, func(a, b wire.AlarmOffender) int {
		return cmp.Or(cmp.Compare(b.Raised, a.Raised), cmp.Compare(a.Cause, b.Cause))
	})
	return out[:min(len(out), maxWorst)]
}
