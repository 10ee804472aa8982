package alarm

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/say"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// Inputs are what the platform knows of one moment.
type Inputs struct {
	At      time.Time
	Values  []wire.Value
	Feeds   []wire.Feed
	Devices []Device
}

// Judge tells what is wrong. It remembers how values were judged and how they moved: one caller at a time.
type Judge struct {
	registry *schemas.Registry
	levels   map[string]kpi.Level
	fast     map[string]bool // values that move too fast
	many     map[string]bool // failures of many devices at once
	trend    *Trend
}

// NewJudge makes a Judge that has seen nothing yet.
func NewJudge(r *schemas.Registry) *Judge {
	return &Judge{registry: r, levels: map[string]kpi.Level{}, fast: map[string]bool{}, many: map[string]bool{}, trend: NewTrend()}
}

// Resume goes on where alarms stand: a value between its two bounds goes on to be beyond the first.
func (j *Judge) Resume(b *Book, c *kpi.Catalogue) {
	for _, a := range b.open {
		if a.active() && a.Source == "" && (a.Kind == wire.AlarmCamera || a.Kind == wire.AlarmSensor) {
			j.many[a.Cause] = true
		}
		k, ok := c.ByID(a.KPI)
		if !ok || !a.active() {
			continue
		}
		switch {
		case a.Kind == wire.AlarmRate:
			j.fast[a.Cause] = true
		case k.Alarm != nil && a.Bound != nil && *a.Bound == k.Alarm.Enter:
			j.levels[a.Cause] = kpi.LevelAlarm
		default:
			j.levels[a.Cause] = kpi.LevelWarning
		}
	}
}

// Trend is where the judge keeps how values moved, to be filled with what was before.
func (j *Judge) Trend() *Trend { return j.trend }

// Observe tells what is wrong now.
func (j *Judge) Observe(c *kpi.Catalogue, in Inputs) Observation {
	found := findFailures(j.registry, in, j.many)
	o := Observation{Present: found.out, Unknown: map[string]bool{}}
	for _, v := range in.Values {
		k, ok := c.ByID(v.KPI)
		if !ok {
			continue
		}
		key := "kpi/" + v.KPI + "/" + v.Centre
		if v.State == wire.StateStale {
			o.Unknown[key], o.Unknown[rateKey(v)] = true, true
			continue
		}
		if cond, bad := j.bound(k, v, key); bad {
			cond.Root = found.roots[[2]string{v.Centre, counted(k.Formula)}]
			o.Present = append(o.Present, cond)
		}
		if cond, bad := j.moved(k, v, in.At); bad {
			o.Present = append(o.Present, cond)
		}
	}
	explainTotals(j.registry, o.Present)
	return o
}

// explainTotals finds the values of centres that are bad because the same KPI is bad, and as urgent, in a centre below: that is
// where something is to be done. Whoever sees the centre above sees those below.
func explainTotals(r *schemas.Registry, list []Condition) {
	below := map[[2]string]*Condition{} // by KPI and the centre above: the most urgent one
	for i := range list {
		c := &list[i]
		place, _ := r.Centre(c.Centre)
		key := [2]string{c.KPI, place.Parent}
		if best := below[key]; c.Kind == wire.AlarmKPI && place.Parent != "" && (best == nil || c.Priority < best.Priority) {
			below[key] = c
		}
	}
	for i := range list {
		c := &list[i]
		best := below[[2]string{c.KPI, c.Centre}]
		if c.Kind != wire.AlarmKPI || c.Root != "" || best == nil || best.Priority > c.Priority {
			continue
		}
		c.Root = cmp.Or(best.Root, best.Key)
	}
}

// counted is which devices or feeds a KPI counts: what explains their failure explains its value too.
func counted(f kpi.Formula) string {
	switch f.Kind {
	case kpi.KindFeed:
		return "feed"
	case kpi.KindUp, kpi.KindDown:
		return f.Of
	default:
		return ""
	}
}

func rateKey(v wire.Value) string { return "rate/" + v.KPI + "/" + v.Centre }

// bound tells whether a value is beyond a bound that makes alarms.
func (j *Judge) bound(k kpi.KPI, v wire.Value, key string) (Condition, bool) {
	if v.Value == nil {
		delete(j.levels, key)
		return Condition{}, false
	}
	level := k.Level(*v.Value, j.levels[key])
	j.levels[key] = level
	b := map[kpi.Level]*kpi.Bound{kpi.LevelAlarm: k.Alarm, kpi.LevelWarning: k.Warning}[level]
	if b == nil || b.Alert.Priority == 0 {
		return Condition{}, false
	}
	return j.condition(k, v, key, wire.AlarmKPI, b.Alert, b.Enter, func(lang string) string {
		return fmt.Sprintf("%s%s", say.Number(*v.Value, k.Decimals, lang), unit(k))
	}), true
}

// moved tells whether a value has moved too far to its bad side.
func (j *Judge) moved(k kpi.KPI, v wire.Value, now time.Time) (Condition, bool) {
	key := rateKey(v)
	if k.Change == nil || v.Value == nil {
		delete(j.fast, key)
		return Condition{}, false
	}
	c := *k.Change
	by, known := j.trend.Moved(key, now, *v.Value, c)
	limit := c.Enter
	if j.fast[key] {
		limit = c.Leave
	}
	if !known || by < limit || by <= 0 {
		delete(j.fast, key)
		return Condition{}, false
	}
	j.fast[key] = true
	signed := by
	if c.Fall {
		signed = -by
	}
	cond := j.condition(k, v, key, wire.AlarmRate, c.Alert, c.Enter, func(lang string) string {
		within := map[bool]string{true: "%s%s within %.0f minutes", false: "%s%s trong %.0f phút"}[lang == say.English]
		return fmt.Sprintf(within, say.Signed(signed, k.Decimals, lang), unit(k), c.Within.Minutes())
	})
	cond.Value = &signed
	return cond, true
}

func (j *Judge) condition(k kpi.KPI, v wire.Value, key string, kind wire.AlarmKind, a kpi.Alert, bound float64, what func(lang string) string) Condition {
	place := placeOf(j.registry, v.Centre)
	value := *v.Value
	return Condition{
		Key: key, Kind: kind, Centre: v.Centre, Domain: k.Domain, Priority: a.Priority, KPI: k.ID, Value: &value, Bound: &bound, Unit: k.Unit,
		Delay: a.Delay, ClearDelay: a.ClearDelay,
		Title: schemas.Text{
			VI: fmt.Sprintf("%s: %s %s", place.VI, k.Name.VI, what(say.Vietnamese)),
			EN: fmt.Sprintf("%s: %s %s", place.EN, k.Name.EN, what(say.English)),
		},
	}
}

func unit(k kpi.KPI) string {
	if k.Unit == "" {
		return ""
	}
	return say.Gap + k.Unit
}

// Trend is what values were at each minute, for as long as any bound looks back.
type Trend struct{ points map[string][]point }

type point struct {
	at    time.Time
	value float64
}

// NewTrend makes one that knows nothing.
func NewTrend() *Trend { return &Trend{points: map[string][]point{}} }

// Add notes what the value of a KPI was at a centre. Times go up.
func (t *Trend) Add(kpi, centre string, at time.Time, value float64) {
	key := rateKey(wire.Value{KPI: kpi, Centre: centre})
	t.points[key] = append(t.points[key], point{at, value})
}

// Moved tells by how much a value has moved to the bad side from the best that it was within the span of the bound.
func (t *Trend) Moved(key string, now time.Time, value float64, c kpi.Change) (float64, bool) {
	list := t.points[key]
	from := now.Add(-c.Within)
	for len(list) > 0 && list[0].at.Before(from) {
		list = list[1:]
	}
	most, known := math.Inf(-1), len(list) > 0
	for _, p := range list {
		most = max(most, c.Moved(p.value, value))
	}
	if len(list) == 0 || now.Sub(list[len(list)-1].at) >= time.Minute {
		list = append(list, point{now, value})
	}
	t.points[key] = list
	return most, known
}
