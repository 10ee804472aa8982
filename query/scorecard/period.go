package scorecard

import (
	"slices"
	"time"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// span is a span of time; to is exclusive. The zero span is empty.
type span struct{ from, to time.Time }

func (s span) empty() bool { return !s.from.Before(s.to) }

// within returns the part of the span that lies in another one.
func (s span) within(o span) span {
	if o.from.After(s.from) {
		s.from = o.from
	}
	if o.to.Before(s.to) {
		s.to = o.to
	}
	return s
}

// distant is an end that no period reaches.
func distant() time.Time { return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) }

// until makes a span of dates in a registry, where no end stands for ever.
func until(from time.Time, to *time.Time) span {
	if to == nil {
		return span{from, distant()}
	}
	return span{from, *to}
}

// periods are the period that is asked for, as far as it has passed, and the one before.
type periods struct {
	now, before span
	state       wire.PeriodState
	asked       time.Time // the moment of asking
}

func (p periods) running() bool { return p.state == wire.PeriodRunning }

// step is the finest that counts are placed by: a period that goes on ends with the 10 seconds that hold the moment.
const step = 10 * time.Second

func newPeriods(from, to, now time.Time) periods {
	p := periods{now: span{from.UTC(), to.UTC()}, before: previous(from, to), state: wire.PeriodClosed, asked: now}
	if now.Before(to) {
		p.state = wire.PeriodRunning
		// What is due later today does not count before.
		p.now.to = now.Truncate(step).Add(step)
	}
	return p
}

// previous returns the span of the same kind just before: of whole months as many months, of anything else as many days
// and hours.
func previous(from, to time.Time) span {
	zone := schemas.Zone()
	f, t := from.In(zone), to.In(zone)
	first := func(at time.Time) bool {
		return at.Day() == 1 && at.Equal(time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, zone))
	}
	if first(f) && first(t) {
		months := (t.Year()-f.Year())*12 + int(t.Month()) - int(f.Month())
		return span{f.AddDate(0, -months, 0).UTC(), from.UTC()}
	}
	return span{from.Add(-to.Sub(from)).UTC(), from.UTC()}
}

// cuts are all moments within the periods at which a unit begins or ends to answer for something, in order.
func cuts(units []unit, periods ...span) []time.Time {
	var out []time.Time
	for _, p := range periods {
		out = append(out, p.from, p.to)
		for _, u := range units {
			for _, piece := range u.pieces {
				if in := piece.when.within(p); !in.empty() {
					out = append(out, in.from, in.to)
				}
			}
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return slices.CompactFunc(out, time.Time.Equal)
}
