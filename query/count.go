package query

import (
	"math"
	"slices"
	"time"

	"github.com/binhphuoc/ioc/schemas/kpi"
)

// Count is what stands behind one KPI of one centre over a span of time.
type Count struct {
	KPI     string
	Centre  string // that sent it
	Num     float64
	Den     float64
	Samples []float64 // of quantiles and of the newest values of sources
	Newest  time.Time // of the events in it; zero when there are none
}

// Add merges the counts of another centre or bucket. A KPI of several centres is computed
// from the merged counts, never from the centres' values.
func (c *Count) Add(o Count) {
	c.Num += o.Num
	c.Den += o.Den
	c.Samples = append(c.Samples, o.Samples...)
	if o.Newest.After(c.Newest) {
		c.Newest = o.Newest
	}
}

// Compute returns the KPI's value in its unit, or nil when the counts give none (nothing to divide by).
// span is the time that the counts cover.
func Compute(k kpi.KPI, c Count, span time.Duration) *float64 {
	var v float64
	switch k.Formula.Kind {
	case kpi.KindCount, kpi.KindSum, kpi.KindStanding, kpi.KindFigure, kpi.KindScore:
		v = c.Num
	case kpi.KindDown:
		v = c.Den - c.Num
	case kpi.KindRate:
		v = c.Num / span.Hours()
	case kpi.KindRatio, kpi.KindAverage, kpi.KindStandingRatio, kpi.KindUp, kpi.KindFeed:
		v = c.Num / c.Den
	case kpi.KindQuantile:
		v = quantile(c.Samples, k.Formula.Quantile)
	case kpi.KindLast, kpi.KindSumPerSource, kpi.KindAirQuality:
		v = across(c.Samples, k.Formula.Across)
	}
	v *= k.Scale
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// quantile is the exact quantile of the samples by linear interpolation between the two nearest
// ranks (type 7 of Hyndman and Fan, 1996); NaN when there are none.
func quantile(samples []float64, q float64) float64 {
	if len(samples) == 0 {
		return math.NaN()
	}
	slices.Sort(samples)
	at := q * float64(len(samples)-1)
	lo := int(at)
	hi := min(lo+1, len(samples)-1)
	return samples[lo] + (at-float64(lo))*(samples[hi]-samples[lo])
}

// across combines the newest values of several sources; NaN when there are none.
func across(values []float64, how string) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	switch how {
	case "min":
		return slices.Min(values)
	case "max":
		return slices.Max(values)
	}
	var sum float64
	for _, v := range values {
		sum += v
	}
	if how == "sum" {
		return sum
	}
	return sum / float64(len(values))
}

// Shown returns the counts that are shown beside a value, nil where there are none to show.
func Shown(k kpi.Kind, c Count) (num, den *float64) {
	switch k {
	case kpi.KindDown:
		down := c.Den - c.Num
		return &down, &c.Den
	case kpi.KindRatio, kpi.KindAverage, kpi.KindStandingRatio, kpi.KindUp, kpi.KindFeed, kpi.KindScore:
		return &c.Num, &c.Den
	case kpi.KindQuantile, kpi.KindLast, kpi.KindSumPerSource, kpi.KindAirQuality, kpi.KindFigure:
		return nil, nil
	default:
		return &c.Num, nil
	}
}
