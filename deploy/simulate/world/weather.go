package world

import (
	"math"
	"time"
)

// shower is the rain of one day at one centre.
type shower struct {
	from, to time.Time
	total    float64 // mm
}

// shower returns the rain of the day that starts at day: every afternoon, much in the wet season, little in the dry one.
func (f *Feed) shower(day time.Time) shower {
	r := f.seed.of("rain").at(f.w.cal.number(day)).rand()
	begin := day.Add(spread(r, 14*time.Hour, 16*time.Hour+30*time.Minute))
	end := begin.Add(spread(r, 25*time.Minute, 80*time.Minute))
	most := 8.0
	if m := day.Month(); m >= time.May && m <= time.October {
		most = 45
	}
	return shower{from: begin, to: end, total: between(r, 0.2, 1) * most}
}

// fallen returns how many mm of a shower have fallen by t: little at first, most in the middle.
func (s shower) fallen(t time.Time) float64 {
	x := float64(t.Sub(s.from)) / float64(s.to.Sub(s.from))
	x = min(max(x, 0), 1)
	return s.total * (x - math.Sin(2*math.Pi*x)/(2*math.Pi))
}

// rainAt returns the rain at t in mm per hour.
func (f *Feed) rainAt(t time.Time) float64 {
	s := f.shower(f.w.cal.day(t))
	return (s.fallen(t.Add(time.Minute)) - s.fallen(t)) * 60
}

// climate is the air at a place.
type climate struct{ temp, humidity, pm25, pm10 float64 }

func (f *Feed) climate(place seed, t time.Time) climate {
	w := f.w
	clock := w.cal.clock(t).Hours()
	sun := math.Cos((clock - 14) / 24 * 2 * math.Pi) // warmest at 14:00
	s := f.shower(w.cal.day(t))
	wet := s.fallen(t) / s.total // the air stays washed for the rest of the day
	temp := 27 + 4.5*sun - 2.5*wet + 0.6*f.seed.of("temp").smooth(t, 40*time.Minute) + 0.3*place.of("temp").smooth(t, 9*time.Minute)
	traffic := w.curves.traffic.at(w.cal.clock(t))
	dust := 11 + 7*traffic + 5*f.seed.of("dust").smooth(t, 5*time.Hour) + 4*place.of("dust").smooth(t, 11*time.Minute)
	if m := t.In(w.cal.loc).Month(); m <= time.March || m >= time.November {
		dust += 7 // the dry season
	}
	dust = max(3, dust*(1-0.45*wet))
	return climate{
		temp:     round(temp, 1),
		humidity: round(min(99, max(35, 72-14*sun+14*wet+3*place.of("damp").smooth(t, 20*time.Minute))), 1),
		pm25:     round(dust, 1),
		pm10:     round(dust*(1.5+0.2*place.of("coarse").smooth(t, 30*time.Minute)), 1),
	}
}

// waterAt returns the level of a river at a place: it rises after rain, and falls over the next day.
func (f *Feed) waterAt(place seed, t time.Time) float64 {
	level := 1.2 + 2.2*place.of("base").unit() + 0.15*place.of("flow").smooth(t, 9*time.Hour)
	today := f.w.cal.day(t)
	for _, day := range []time.Time{today, today.AddDate(0, 0, -1)} {
		s := f.shower(day)
		if since := t.Sub(s.from).Hours(); since > 0 {
			level += s.total / 40 * (1 - math.Exp(-since)) * math.Exp(-since/10)
		}
	}
	return round(level, 2)
}
