package world

import (
	"fmt"
	"math"
	"time"

	"github.com/binhphuoc/ioc/schemas"
)

const (
	readingInterval = 5 * time.Second
	statusInterval  = 30 * time.Second
	tip             = 0.2 // mm for which a rain gauge tips once
)

// sensors are all sensors of a centre and the gateways that they hang on.
type sensors struct {
	f        *Feed
	list     []sensor
	gateways []sensor
}

type sensor struct {
	name     string
	kind     string // air, rain, water or gw
	seed     seed
	gateway  int
	lat, lon float64
}

type sensorData struct {
	Status  string   `json:"status"`
	Battery *float64 `json:"battery,omitempty"`
	RSSI    float64  `json:"rssi"`
	Lat     float64  `json:"lat"`
	Lon     float64  `json:"lon"`
}

type readingData struct {
	Metric string  `json:"metric"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit,omitempty"`
}

func newSensors(f *Feed) *sensors {
	s := &sensors{f: f}
	add := func(list *[]sensor, kind string, number int) {
		for i := range number {
			name := fmt.Sprintf("%s-%02d", kind, i+1)
			at := f.seed.of(name)
			r := at.of("place").rand()
			*list = append(*list, sensor{
				name: name, kind: kind, seed: at, gateway: len(*list) % f.profile.gateways,
				lat: round(f.centre.Lat+r.NormFloat64()*0.03, 6), lon: round(f.centre.Lon+r.NormFloat64()*0.03, 6),
			})
		}
	}
	add(&s.list, "air", f.profile.air)
	add(&s.list, "rain", f.profile.rain)
	add(&s.list, "water", f.profile.water)
	add(&s.gateways, "gw", f.profile.gateways)
	return s
}

// Gateways returns the gateways of all centres of a registry, each with the sensors that hang on it, in the form of the registry's
// file. They are the same whatever the seed and the rate are.
func Gateways(r *schemas.Registry) []schemas.Gateway {
	var out []schemas.Gateway
	for _, c := range r.Centres {
		s := newSensors(&Feed{centre: c, profile: profileOf(c.Code, c.Parent == "")})
		first := len(out)
		for i := range s.gateways {
			out = append(out, schemas.Gateway{Source: s.source(&s.gateways[i])})
		}
		for i := range s.list {
			g := &out[first+s.list[i].gateway]
			g.Behind = append(g.Behind, s.source(&s.list[i]))
		}
	}
	return out
}

func (s *sensors) source(unit *sensor) string {
	return s.f.source(&event{domain: "sensor", name: unit.name})
}

func (s *sensors) between(from, to time.Time, thinned bool) []event {
	var out []event
	add := func(e ...event) { out = append(out, e...) }
	for i := range s.list {
		unit := &s.list[i]
		s.f.ticks(unit.seed.of("reading"), readingInterval, from, to, func(n int64, at time.Time) {
			if !s.silent(unit.gateway, at) {
				add(s.readings(unit, at, thinned && n%thinnedTo(readingInterval) != 0)...)
			}
		})
		s.statuses(unit, from, to, thinned, add)
	}
	for i := range s.gateways {
		s.statuses(&s.gateways[i], from, to, thinned, add)
	}
	return out
}

// silent tells whether nothing comes through a gateway.
func (s *sensors) silent(gateway int, at time.Time) bool {
	if s.f.profile.sensorPause && s.paused(at) {
		return true
	}
	down, which := s.gatewayOutage(at)
	return which == gateway && down.has(at)
}

// paused tells whether the whole feed is silent: five minutes of each hour.
func (s *sensors) paused(at time.Time) bool {
	minute := at.In(s.f.w.cal.loc).Minute()
	return minute >= 40 && minute < 45
}

// gatewayOutage returns which gateway fails on the day of at, and when; on many days, none does.
func (s *sensors) gatewayOutage(at time.Time) (outage, int) {
	cal := s.f.w.cal
	r := s.f.seed.of("gateway outage").at(cal.number(at)).rand()
	which := r.IntN(s.f.profile.gateways)
	begin := cal.day(at).Add(spread(r, 8*time.Hour, 20*time.Hour))
	down := outage{begin, begin.Add(spread(r, 18*time.Minute, 40*time.Minute))}
	if !chance(r, 0.3) && !s.f.profile.gatewayDown {
		return outage{}, -1
	}
	return down, which
}

// readings returns what a sensor has measured at one tick. Thin keeps only what a sum would miss.
func (s *sensors) readings(unit *sensor, at time.Time, thin bool) []event {
	make1 := func(metric string, value float64, u string) event {
		return event{
			at: at, domain: "sensor", name: unit.name, kind: "reading", id: tickID(at) + "-" + metric,
			data: readingData{Metric: metric, Value: value, Unit: u},
		}
	}
	switch unit.kind {
	case "rain":
		if mm := s.rained(unit, at); mm > 0 || !thin {
			return []event{make1("rain_mm", mm, "mm")}
		}
	case "water":
		if !thin {
			return []event{make1("water_level", s.f.waterAt(unit.seed, at), "m")}
		}
	case "air":
		if thin {
			return nil
		}
		c := s.f.climate(unit.seed, at)
		out := []event{
			make1("pm25", c.pm25, "µg/m³"), make1("pm10", c.pm10, "µg/m³"), make1("temp", c.temp, "°C"), make1("humidity", c.humidity, "%"),
		}
		for i := range out {
			out[i].group = unit.name
		}
		return out
	}
	return nil
}

// rained returns the mm that have tipped a gauge since its last tick.
func (s *sensors) rained(unit *sensor, at time.Time) float64 {
	rain := s.f.shower(s.f.w.cal.day(at))
	local := 0.75 + 0.5*unit.seed.of("exposure").unit()
	step := time.Duration(float64(readingInterval) / s.f.w.rate)
	tips := func(t time.Time) float64 { return math.Floor(rain.fallen(t) * local / tip) }
	return round((tips(at)-tips(at.Add(-step)))*tip, 1)
}

func (s *sensors) statuses(unit *sensor, from, to time.Time, thinned bool, add func(...event)) {
	s.f.ticks(unit.seed.of("status"), statusInterval, from, to, func(n int64, at time.Time) {
		if thinned && n%thinnedTo(statusInterval) != 0 {
			return
		}
		status := "online"
		down, which := s.gatewayOutage(at)
		switch {
		case s.f.profile.sensorPause && s.paused(at):
			return
		case which == unit.gateway && down.has(at):
			// The gateway itself still says so for a while; what hangs on it is cut off at once.
			if unit.kind != "gw" || at.Sub(down.from) > lastWords {
				return
			}
			status = "offline"
		case unit.kind != "gw" && unit.seed.of("day").at(s.f.w.cal.number(at)).unit() < 0.03:
			status = "degraded"
		}
		add(event{at: at, domain: "sensor", name: unit.name, kind: "sensor", id: tickID(at) + "-status", data: s.status(unit, n, at, status)})
	})
}

func (s *sensors) status(unit *sensor, n int64, at time.Time, status string) *sensorData {
	r := unit.seed.of("radio").at(n).rand()
	d := &sensorData{Status: status, RSSI: round(-62-18*unit.seed.unit()+r.NormFloat64()*2, 0), Lat: unit.lat, Lon: unit.lon}
	if unit.kind != "gw" {
		// A battery lasts for half a year, and is changed.
		life := int64(180)
		left := life - floorMod(s.f.w.cal.number(at)+int64(unit.seed%180), life)
		battery := round(8+90*float64(left)/float64(life), 0)
		d.Battery = &battery
	}
	return d
}

func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }
