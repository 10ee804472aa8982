package world

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

const (
	cameraInterval = 30 * time.Second
	// lastWords is how long a failing device still says that it is offline before it is silent.
	lastWords = 2 * time.Minute
)

// cameras are all cameras of a centre. Those at junctions count vehicles.
type cameras struct {
	f    *Feed
	list []camera
}

type camera struct {
	name     string
	seed     seed
	lat, lon float64
	junction bool
	flow     float64 // vehicles an hour, mean of a day
	speed    float64 // km/h on an empty road
}

type cameraData struct {
	Status  string         `json:"status"`
	FPS     float64        `json:"fps"`
	Bitrate float64        `json:"bitrate_kbps"`
	Counts  map[string]int `json:"counts,omitempty"`
	Speed   *float64       `json:"speed_kmh,omitempty"`
	Lat     float64        `json:"lat"`
	Lon     float64        `json:"lon"`
}

func newCameras(f *Feed) *cameras {
	c := &cameras{f: f}
	for i := range f.profile.cameras {
		name := fmt.Sprintf("cam-%04d", f.profile.firstCamera+i)
		s := f.seed.of(name)
		r := s.of("place").rand()
		c.list = append(c.list, camera{
			name: name, seed: s,
			lat: round(f.centre.Lat+r.NormFloat64()*0.015, 6), lon: round(f.centre.Lon+r.NormFloat64()*0.015, 6),
			// Every eighth or so, so that the lists of a centre have them everywhere.
			junction: i*f.profile.junctions/f.profile.cameras != (i+1)*f.profile.junctions/f.profile.cameras,
			flow:     between(r, 250, 1100), speed: between(r, 38, 52),
		})
	}
	return c
}

func (c *cameras) between(from, to time.Time, thinned bool) []event {
	var out []event
	outages := c.outages(from, to)
	for i := range c.list {
		cam := &c.list[i]
		c.f.ticks(cam.seed, cameraInterval, from, to, func(n int64, at time.Time) {
			if thinned && !cam.junction && n%thinnedTo(cameraInterval) != 0 {
				return
			}
			down, found := outages[i][c.f.w.cal.number(at)]
			failing := found && down.has(at)
			if failing && at.Sub(down.from) > lastWords {
				return
			}
			out = append(out, event{
				at: at, domain: "camera", name: cam.name, kind: "camera", id: tickID(at),
				data: c.heartbeat(cam, n, at, failing),
			})
		})
	}
	return out
}

// outages returns, by camera and day, when the cameras that fail on the days of [from, to) are down: each day one in
// eighty, for a while.
func (c *cameras) outages(from, to time.Time) map[int]map[int64]outage {
	cal := c.f.w.cal
	out := map[int]map[int64]outage{}
	for day := cal.day(from); day.Before(to); day = day.AddDate(0, 0, 1) {
		r := c.f.seed.of("camera outage").at(cal.number(day)).rand()
		for range 1 + len(c.list)/80 {
			i := r.IntN(len(c.list))
			begin := day.Add(spread(r, 6*time.Hour, 21*time.Hour))
			if out[i] == nil {
				out[i] = map[int64]outage{}
			}
			out[i][cal.number(day)] = outage{begin, begin.Add(spread(r, 15*time.Minute, 110*time.Minute))}
		}
	}
	return out
}

func (c *cameras) heartbeat(cam *camera, n int64, at time.Time, failing bool) *cameraData {
	r := cam.seed.at(n).rand()
	d := &cameraData{
		Status: "online", FPS: round(25+between(r, -0.6, 0.2), 1), Bitrate: round(between(r, 1900, 4200), 0),
		Lat: cam.lat, Lon: cam.lon,
	}
	day := cam.seed.of("day").at(c.f.w.cal.number(at)).unit()
	switch {
	case failing:
		d.Status, d.FPS, d.Bitrate = "offline", 0, 0
		return d
	case day < 0.008: // its recorder reports it as broken, the whole day
		d.Status, d.FPS, d.Bitrate = "offline", 0, 0
		return d
	case day < 0.03:
		d.Status, d.FPS, d.Bitrate = "degraded", round(between(r, 6, 12), 1), round(between(r, 500, 900), 0)
	}
	if cam.junction {
		c.count(cam, r, at, d)
	}
	return d
}

// count says what has passed since the last heartbeat. The more vehicles, the slower they are.
func (c *cameras) count(cam *camera, r *rand.Rand, at time.Time, d *cameraData) {
	w := c.f.w
	shape := w.curves.traffic
	if !w.cal.working(at) {
		shape = w.curves.weekend
	}
	load := shape.at(w.cal.clock(at)) * (1 + 0.15*cam.seed.of("flow").smooth(at, 7*time.Minute))
	if rain := c.f.rainAt(at); rain > 0 {
		load *= 0.8
	}
	// With a higher rate the heartbeats are closer together, and each still carries what it would at rate 1.
	vehicles := cam.flow * load * cameraInterval.Hours()
	d.Counts = map[string]int{}
	total := 0
	for _, class := range vehicleClasses() {
		n := poisson(r, vehicles*class.share)
		d.Counts[class.name] = n
		total += n
	}
	if total > 0 {
		// 2.4 times the mean of the day is about the evening peak.
		slow := 0.55 * math.Pow(min(load/2.4, 1.2), 2)
		speed := round(max(6, cam.speed*(1-slow)+r.NormFloat64()*1.8), 1)
		d.Speed = &speed
	}
}

type vehicleClass struct {
	name  string
	share float64
}

func vehicleClasses() []vehicleClass {
	return []vehicleClass{{"motorbike", 0.74}, {"car", 0.16}, {"truck", 0.08}, {"bus", 0.02}}
}
