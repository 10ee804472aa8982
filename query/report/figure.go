package report

import (
	"cmp"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// figurePlace is where figures stand.
type figurePlace struct{ kpi, node string }

// published are the figures of a place, by period.
type published map[period.Period][]version

// version is a figure as it was from an arrival on, until the next version.
type version struct {
	at    time.Time // when it, or the correction that made it so, arrived
	time  time.Time // of the event that says it
	value *float64
}

// publish turns what was said, in the order of arrival, into versions. By the rule of entities, of one key the highest
// version counts, and of all keys the newest event.
func publish(said []Said) map[figurePlace]published {
	type place struct {
		figurePlace
		period.Period
	}
	out := map[figurePlace]published{}
	keys, best := map[place]map[string]Said{}, map[place]Said{}
	for _, s := range said {
		of, err := period.Parse(s.Period)
		if err != nil {
			continue // of years that nobody asks for
		}
		p := place{figurePlace{s.KPI, s.Node}, of}
		if keys[p] == nil {
			keys[p] = map[string]Said{}
		}
		old, known := keys[p][s.Key]
		switch {
		case known && old.Version.Cmp(s.Version) >= 0:
			continue // a repeat, or an older version that came late
		case known:
			keys[p][s.Key] = s
			best[p] = newest(keys[p])
		default:
			keys[p][s.Key] = s
			if len(keys[p]) == 1 || s.newer(best[p]) {
				best[p] = s
			}
		}
		if out[p.figurePlace] == nil {
			out[p.figurePlace] = published{}
		}
		out[p.figurePlace][of] = append(out[p.figurePlace][of], version{s.Arrived, best[p].Time, best[p].Value})
	}
	return out
}

func newest(keys map[string]Said) Said {
	var out Said
	for _, s := range keys {
		if out.Key == "" || s.newer(out) {
			out = s
		}
	}
	return out
}

// newer tells whether an event wins over another one.
func (s Said) newer(o Said) bool {
	return cmp.Or(s.Time.Compare(o.Time), cmp.Compare(s.Revision, o.Revision), cmp.Compare(s.Digest, o.Digest)) > 0
}

// figure takes the figure of exactly this period. Failing that it takes the one that tells of the latest time before the
// period's end: of a period that had ended by then, or of a longer one, as it was published by then.
func (m *maker) figure(k kpi.KPI, node string, p period.Period, out *wire.ReportFigure) {
	all := m.figures[figurePlace{k.ID, node}]
	var best version
	var of period.Period
	var until time.Time // of what the best figure tells
	for candidate, versions := range all {
		v, ok := last(versions, candidate, p)
		if !ok || v.value == nil || !candidate.From.Before(p.To) {
			continue
		}
		ends := candidate.To
		if ends.After(p.To) {
			ends = v.time
		}
		longer := ends.Equal(until) && candidate.From.Before(of.From)
		if of != p && (candidate == p || best.value == nil || ends.After(until) || longer) {
			best, of, until = v, candidate, ends
		}
	}
	if best.value == nil {
		return
	}
	value := *best.value * k.Scale
	out.For, out.Value, out.Newest = of.Text(), &value, &best.time
	out.Revisions = append(out.Revisions, corrected(k, all[of], of)...)
}

// last is the version of a figure that a period is told with: the last one, and of a figure whose own period was going on at
// the period's end, the last one said by then.
func last(versions []version, of, p period.Period) (version, bool) {
	for i := len(versions) - 1; i >= 0; i-- {
		if !of.To.After(p.To) || versions[i].time.Before(p.To) {
			return versions[i], true
		}
	}
	return version{}, false
}

// corrected are the changes of a figure after it had been published for the whole of its period.
func corrected(k kpi.KPI, versions []version, of period.Period) []wire.Revision {
	var out []wire.Revision
	var before *float64
	for i, v := range versions {
		if v.time.Before(of.To) {
			continue
		}
		if i > 0 && !versions[i-1].time.Before(of.To) && !query.Same(versions[i-1].value, v.value) {
			if before = versions[i-1].value; before != nil {
				scaled := *before * k.Scale
				before = &scaled
			}
			out = append(out, wire.Revision{At: v.at, Before: before})
		}
	}
	return out
}
