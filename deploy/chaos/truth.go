package main

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
)

// truth is what a story says, worked out event by event from the KPI files, with nothing of the platform's arithmetic.
// Two moments are the platform's to tell, and taken from it: when an event or a refused message arrived.
type truth struct {
	story     *story
	catalogue *kpi.Catalogue
	registry  *schemas.Registry
	arrived   map[[2]string]time.Time
	refused   []arrival
}

// arrival is when a refused message came, and whose it was.
type arrival struct {
	centre string
	at     time.Time
}

// placed is a fact and the centre that sent it.
type placed struct {
	centre string
	fact   fact
}

// facts returns all that formulas about this kind of thing look at.
func (t *truth) facts(of string) []placed {
	switch {
	case of == kpi.OfRejected:
		var out []placed
		for _, r := range t.refused {
			out = append(out, placed{r.centre, fact{"arrived": r.at, "time": r.at, "centre": r.centre}})
		}
		return out
	case of == kpi.OfMeasure || schemas.Type(of).Measured():
		return t.measurements(of)
	default:
		return t.entities(of)
	}
}

func (t *truth) measurements(of string) []placed {
	var out []placed
	for key, e := range t.story.newest {
		if !schemas.Type(e.typ).Measured() || of != kpi.OfMeasure && of != e.typ {
			continue
		}
		f := fact{"type": e.typ, "source": e.source, "domain": e.domain, "time": e.time, "arrived": t.arrived[key]}
		maps.Copy(f, e.data)
		if of != "reading" {
			out = append(out, placed{e.centre, f})
			continue
		}
		for _, r := range e.data["readings"].([]reading) {
			one := maps.Clone(f)
			one["metric"], one["value"], one["unit"] = r.Metric, r.Value, r.Unit
			out = append(out, placed{e.centre, one})
		}
	}
	return out
}

// entities folds the states of each thing: of each field the newest known value.
func (t *truth) entities(typ string) []placed {
	states := map[string][]event{}
	for _, e := range t.story.newest {
		if e.typ == typ {
			k := e.centre + "\n" + e.entity()
			states[k] = append(states[k], e)
		}
	}
	var out []placed
	for _, list := range states {
		slices.SortFunc(list, func(a, b event) int { return cmp.Or(a.time.Compare(b.time), cmp.Compare(a.revision, b.revision)) })
		f := fact{"first_time": list[0].time, "entity": list[0].entity()}
		for _, e := range list {
			f["time"] = e.time
			maps.Copy(f, e.data)
			if e.data["status"] == "blocked" && f["blocked_at"] == nil {
				f["blocked_at"] = e.time
			}
		}
		out = append(out, placed{list[0].centre, f})
	}
	return out
}

// cell is what is counted in one place and time.
type cell struct {
	num, den float64
	samples  []float64
	events   int
	newest   time.Time
}

func (c *cell) add(o cell) {
	c.num += o.num
	c.den += o.den
	c.samples = append(c.samples, o.samples...)
	c.events += o.events
	if o.newest.After(c.newest) {
		c.newest = o.newest
	}
}

// count is what one fact adds to one KPI.
func count(f kpi.Formula, x fact) cell {
	if !admits(f.Where, x) {
		return cell{}
	}
	out := cell{events: 1, newest: x["time"].(time.Time)}
	switch f.Kind {
	case kpi.KindCount:
		out.num = 1
	case kpi.KindSum, kpi.KindRate:
		out.num, _ = number(f.Value, x)
	case kpi.KindRatio, kpi.KindStandingRatio, kpi.KindStanding:
		out.den = 1
		if admits(f.Numerator, x) {
			out.num = 1
		}
	case kpi.KindAverage:
		weight := 1.0
		ok := true
		if f.Weight.Node != nil {
			weight, ok = number(f.Weight, x)
		}
		if v, known := number(f.Value, x); known && ok {
			out.num, out.den = v*weight, weight
		}
	case kpi.KindQuantile:
		if v, known := number(f.Value, x); known {
			out.den, out.samples = 1, []float64{v}
		}
	}
	return out
}

// rollKey names one row of the rollups.
type rollKey struct {
	tier        int64 // seconds
	kpi, centre string
	bucket      int64 // Unix seconds of its start
}

// zone is UTC+7: where days begin.
const zone = 7 * 3600

func bucketOf(t time.Time, tier int64) int64 {
	s := t.Unix() + zone
	return s - s%tier - zone
}

// rollups counts every rolled KPI in every tier, each straight from the facts.
func (t *truth) rollups() map[rollKey]*cell {
	out := map[rollKey]*cell{}
	facts := map[string][]placed{}
	for _, k := range t.catalogue.KPIs {
		if !k.Formula.Kind.Rolled() {
			continue
		}
		if _, ok := facts[k.Formula.Of]; !ok {
			facts[k.Formula.Of] = t.facts(k.Formula.Of)
		}
		for _, p := range facts[k.Formula.Of] {
			at, ok := p.fact[k.Formula.At].(time.Time)
			c := count(k.Formula, p.fact)
			if !ok || c.events == 0 {
				continue
			}
			for _, tier := range []int64{10, 60, 3600, 86400} {
				key := rollKey{tier, k.ID, p.centre, bucketOf(at, tier)}
				if out[key] == nil {
					out[key] = &cell{}
				}
				out[key].add(c)
			}
		}
	}
	for _, c := range out {
		slices.Sort(c.samples)
	}
	return out
}

// value is what a screen shows of one KPI.
type value struct{ value, num, den *float64 }

// place is where a KPI has a value.
type place struct{ kpi, centre string }

// values works out every KPI of every centre at a moment. A centre without a value is left out.
func (t *truth) values(now time.Time, rolled map[rollKey]*cell) map[place]value {
	out := map[place]value{}
	for _, k := range t.catalogue.KPIs {
		if k.Formula.Kind == kpi.KindFeed || k.Formula.Kind == kpi.KindScore { // follow from when events arrived, and from other KPIs: these are compared instead
			continue
		}
		from, to := window(k.Window, now)
		own := t.counts(k, from, to, now, rolled)
		for _, c := range t.registry.Centres {
			var sum *cell
			for sender, n := range own {
				up := t.registry.Above(sender)
				if k.Formula.Kind == kpi.KindFigure {
					up = []string{sender}
				}
				if sender == "" {
					up = []string{"province"}
				}
				if slices.Contains(up, c.Code) {
					if sum == nil {
						sum = &cell{}
					}
					sum.add(*n)
				}
			}
			if sum == nil && k.Formula.Of == kpi.OfRejected {
				sum = &cell{}
			}
			if sum == nil {
				continue
			}
			if v, ok := shown(k, *sum, minTime(now, to).Sub(from)); ok {
				out[place{k.ID, c.Code}] = v
			}
		}
	}
	return out
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// window is the time that a KPI covers, up to the end of the 10 seconds that hold now.
func window(w kpi.Window, now time.Time) (from, to time.Time) {
	local := now.In(time.FixedZone("+07", zone))
	y, m, d := local.Date()
	to = time.Unix(now.Unix()/10*10+10, 0).UTC()
	switch w.Text {
	case "today":
		return time.Date(y, m, d, 0, 0, 0, 0, local.Location()).UTC(), to
	case "month":
		return time.Date(y, m, 1, 0, 0, 0, 0, local.Location()).UTC(), to
	case "now":
		return now, now
	}
	if w.Last == 0 {
		panic("window " + w.Text + " in a KPI file: the checker must learn it")
	}
	from = now.Add(-w.Last)
	return time.Unix(from.Unix()/10*10, 0).UTC(), to
}

// counts is what each centre sent of a KPI.
func (t *truth) counts(k kpi.KPI, from, to, now time.Time, rolled map[rollKey]*cell) map[string]*cell {
	out := map[string]*cell{}
	at := func(centre string) *cell {
		if out[centre] == nil {
			out[centre] = &cell{}
		}
		return out[centre]
	}
	switch f := k.Formula; {
	case f.Kind.Rolled():
		for key, c := range rolled {
			if key.kpi != k.ID || key.tier != 10 {
				continue
			}
			at(key.centre) // who ever sent something has a count of zero
			if key.bucket >= from.Unix() && key.bucket < to.Unix() {
				at(key.centre).add(*c)
			}
		}
	case f.Kind == kpi.KindStanding, f.Kind == kpi.KindStandingRatio:
		for _, p := range t.facts(f.Of) {
			p.fact["now"] = now
			at(p.centre).add(count(f, p.fact))
		}
	case f.Kind == kpi.KindLast, f.Kind == kpi.KindSumPerSource:
		for source, v := range t.perSource(f, from, to) {
			at(strings.Split(source, "/")[1]).add(cell{samples: []float64{v}})
		}
	case f.Kind == kpi.KindAirQuality:
		for source, v := range t.air(to) {
			at(strings.Split(source, "/")[1]).add(cell{samples: []float64{v}})
		}
	case f.Kind == kpi.KindUp, f.Kind == kpi.KindDown:
		for source, up := range t.up(f, now) {
			c := cell{den: 1}
			if up {
				c.num = 1
			}
			at(strings.Split(source, "/")[1]).add(c)
		}
	case f.Kind == kpi.KindFigure:
		for centre, v := range t.figures(f) {
			at(centre).num = v
		}
	}
	return out
}

// perSource is the newest value of each source in the window, or the sum of all.
func (t *truth) perSource(f kpi.Formula, from, to time.Time) map[string]float64 {
	out := map[string]float64{}
	newest := map[string]time.Time{}
	for _, p := range t.facts(f.Of) {
		at, source := p.fact["time"].(time.Time), p.fact["source"].(string)
		v, ok := number(f.Value, p.fact)
		if !ok || !admits(f.Where, p.fact) || at.Before(from) || !at.Before(to) {
			continue
		}
		switch {
		case f.Kind == kpi.KindSumPerSource:
			out[source] += v
		case at.After(newest[source]):
			out[source], newest[source] = v, at
		}
	}
	return out
}

// up tells of each source that ever sent whether its newest event is young enough, and says that it is well.
func (t *truth) up(f kpi.Formula, now time.Time) map[string]bool {
	out := map[string]bool{}
	newest := map[string]event{}
	for _, e := range t.story.versions { // also those that a correction replaced: the source has been heard
		if e.typ == f.Of {
			out[e.source] = false
		}
	}
	for _, e := range t.story.newest {
		if e.typ == f.Of && e.time.After(newest[e.source].time) {
			newest[e.source] = e
		}
	}
	for source, e := range newest {
		i := slices.IndexFunc(t.registry.Domains, func(d schemas.Domain) bool { return d.Code == e.domain })
		young := !e.time.Before(now.Add(-2 * t.registry.Domains[i].Interval))
		out[source] = young && admits(f.Where, fact{"status": e.data["status"]})
	}
	return out
}

// figures is the figure of the latest period of each centre.
func (t *truth) figures(f kpi.Formula) map[string]float64 {
	out := map[string]float64{}
	best := map[string]fact{}
	for _, p := range t.facts("figure") {
		if p.fact["indicator"] != f.Indicator {
			continue
		}
		old := best[p.centre]
		if old == nil || p.fact["period"].(string) > old["period"].(string) { // all are months here
			best[p.centre] = p.fact
		}
	}
	for centre, x := range best {
		v := x["value"]
		if f.Value.Node != nil {
			v = eval(f.Value.Node, x)
		}
		if n, ok := v.(float64); ok {
			out[centre] = n
		}
	}
	return out
}

// shown makes the value of a count, and what is shown beside it.
func shown(k kpi.KPI, c cell, span time.Duration) (value, bool) {
	v := math.NaN()
	var out value
	num, den := &c.num, &c.den
	switch k.Formula.Kind {
	case kpi.KindCount, kpi.KindSum:
		v, out.num = c.num, num
	case kpi.KindStanding:
		v, out.num = c.num, num
	case kpi.KindFigure:
		v = c.num
	case kpi.KindRate:
		v, out.num = c.num/span.Hours(), num
	case kpi.KindDown:
		v = c.den - c.num
		out.num, out.den = &v, den
	case kpi.KindQuantile:
		v = quantile(c.samples, k.Formula.Quantile)
	case kpi.KindLast, kpi.KindSumPerSource, kpi.KindAirQuality:
		if len(c.samples) > 0 {
			v = combine(c.samples, k.Formula.Across)
		}
	default:
		v, out.num, out.den = c.num/c.den, num, den
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return value{}, false
	}
	scaled := v * k.Scale
	out.value = &scaled
	return out, true
}

// quantile interpolates between the two nearest ranks: rank 0 is the least, rank n-1 the greatest.
func quantile(samples []float64, q float64) float64 {
	if len(samples) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(samples))
	rank := q * float64(len(s)-1)
	below := math.Floor(rank)
	above := math.Ceil(rank)
	return s[int(below)]*(1-(rank-below)) + s[int(above)]*(rank-below)
}

func combine(values []float64, how string) float64 {
	switch how {
	case "max":
		return slices.Max(values)
	case "min":
		return slices.Min(values)
	}
	var sum float64
	for _, v := range values {
		sum += v
	}
	if how == "mean" {
		return sum / float64(len(values))
	}
	return sum
}
