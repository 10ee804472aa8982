package main

import (
	"math"
	"time"

	"github.com/binhphuoc/ioc/schemas/kpi"
)

// air is VN_AQI at each source in the twelve hours that end at a moment.
func (t *truth) air(to time.Time) map[string]float64 {
	type mean struct{ sum, n float64 }
	hours := map[string]map[string]*[12]mean{} // by source and pollutant
	for _, p := range t.facts("reading") {
		metric, source := p.fact["metric"].(string), p.fact["source"].(string)
		v, known := p.fact["value"].(float64)
		minute := p.fact["time"].(time.Time).Truncate(time.Minute)
		ago := to.Add(-time.Second).Sub(minute)
		if !known || ago < 0 || ago >= 12*time.Hour {
			continue
		}
		if hours[source] == nil {
			hours[source] = map[string]*[12]mean{}
		}
		if hours[source][metric] == nil {
			hours[source][metric] = &[12]mean{}
		}
		m := &hours[source][metric][int(ago/time.Hour)]
		m.sum, m.n = m.sum+v, m.n+1
	}
	out := map[string]float64{}
	for source, of := range hours {
		worst, dust := -1.0, false
		for _, p := range kpi.Pollutants() {
			list := of[p.Metric]
			if list == nil {
				continue
			}
			c := [12]float64{}
			for i, m := range list {
				c[i] = math.Max(m.sum/m.n, 0) // NaN: nothing was measured
			}
			if p.Nowcast {
				c[0] = nowcast(c)
			}
			if !math.IsNaN(c[0]) {
				worst, dust = math.Max(worst, index(p.Limits, c[0])), dust || p.Nowcast
			}
		}
		if dust {
			out[source] = worst
		}
	}
	return out
}

// nowcast weighs the hours, the last one first; NaN when two of the last three are not known.
func nowcast(c [12]float64) float64 {
	least, most, lately := math.Inf(1), 0.0, 0
	for i, v := range c {
		if math.IsNaN(v) {
			continue
		}
		least, most = math.Min(least, v), math.Max(most, v)
		if i < 3 {
			lately++
		}
	}
	if lately < 2 {
		return math.NaN()
	}
	factor, weight, sum, weights := 1.0, 1.0, 0.0, 0.0
	if most > 0 {
		factor = math.Max(least/most, 0.5)
	}
	for _, v := range c {
		if !math.IsNaN(v) {
			sum, weights = sum+weight*v, weights+weight
		}
		weight *= factor
	}
	return sum / weights
}

// index is what one concentration gives by the table.
func index(limits []float64, v float64) float64 {
	levels := []float64{0, 50, 100, 150, 200, 300, 400, 500}
	for i := 1; i < len(limits); i++ {
		if v < limits[i] {
			return levels[i-1] + (levels[i]-levels[i-1])*(v-limits[i-1])/(limits[i]-limits[i-1])
		}
	}
	return 500
}
