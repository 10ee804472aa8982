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
	key   string
	gone  bool // what says it was withdrawn since
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
		default:
			keys[p][s.Key] = s
			best[p] = newest(keys[p], s)
		}
		if out[p.figurePlace] == nil {
			out[p.figurePlace] = published{}
		}
		out[p.figurePlace][of] = append(out[p.figurePlace][of], version{at: s.Arrived, time: best[p].Time, value: best[p].Value, key: best[p].Key})
	}
	for p, said := range keys {
		versions := out[p.figurePlace][p.Period]
		for i := range versions {
			versions[i].gone = said[versions[i].key].Withdrawn
		}
	}
	return out
}

// newest is what stands of all keys. When all is withdrawn, nothing does since the last event.
func newest(keys map[string]Said, last Said) Said {
	var out Said
	for _, s := range keys {
		if !s.Withdrawn && (out.Key == "" || s.newer(out)) {
			out = s
		}
	}
	if out.Key == "" {
		return Said{Time: last.Time}
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
// the period's end, the last one said by then that nobody has taken back.
func last(versions []version, of, p period.Period) (version, bool) {
	for i := len(versions) - 1; i >= 0; i-- {
		if !versions[i].gone && (!of.To.After(p.To) || versions[i].time.Before(p.To)) {
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
