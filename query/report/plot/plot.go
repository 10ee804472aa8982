// Package plot reckons where the points of a report's charts lie, the same on paper and on the page.
package plot

import "math"

// Scale is the span of values that a chart covers, with the values at which it has grid lines.
type Scale struct {
	Low, High float64
	Ticks     []float64
}

// Tight covers the values and a little more, for a small line without an axis.
func Tight(values []float64) Scale {
	low, high := bounds(values)
	pad := (high - low) / 10
	return Scale{Low: low - pad, High: high + pad}
}

// Round covers the values between two round numbers, with round grid lines.
func Round(values []float64) Scale {
	low, high := bounds(values)
	step := niceStep((high - low) / 3)
	s := Scale{Low: math.Floor(low/step) * step, High: math.Ceil(high/step) * step}
	for i := 0; s.Low+float64(i)*step <= s.High+step/2; i++ {
		s.Ticks = append(s.Ticks, s.Low+float64(i)*step)
	}
	return s
}

// FromZero covers the values and zero, for bars: a bar that does not start at zero lies.
func FromZero(values []float64) Scale { return Round(append([]float64{0}, values...)) }

// At is how far along a length a value lies, from Low.
func (s Scale) At(v, length float64) float64 { return (v - s.Low) / (s.High - s.Low) * length }

// Decimals is how many decimals the grid lines need to be told apart.
func (s Scale) Decimals() int {
	if len(s.Ticks) < 2 {
		return 0
	}
	return max(0, int(math.Ceil(-math.Log10(s.Ticks[1]-s.Ticks[0])-1e-9)))
}

// Point is a point of a drawn line; y grows downwards, as on paper.
type Point struct{ X, Y float64 }

// Line lays the values evenly over a width. Where one is missing the line is broken, so that nobody reads a value there.
func (s Scale) Line(values []*float64, width, height float64) [][]Point {
	var parts [][]Point
	var part []Point
	step := 0.0
	if len(values) > 1 {
		step = width / float64(len(values)-1)
	}
	for i, v := range values {
		if v == nil {
			parts, part = keep(parts, part), nil
			continue
		}
		part = append(part, Point{float64(i) * step, height - s.At(*v, height)})
	}
	return keep(parts, part)
}

func keep(parts [][]Point, part []Point) [][]Point {
	if len(part) == 0 {
		return parts
	}
	return append(parts, part)
}

// Known are the values that are not missing.
func Known(values []*float64) []float64 {
	var known []float64
	for _, v := range values {
		if v != nil {
			known = append(known, *v)
		}
	}
	return known
}

// bounds are the least and the greatest value, which are never the same.
func bounds(values []float64) (low, high float64) {
	if len(values) == 0 {
		return 0, 1
	}
	low, high = values[0], values[0]
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	// Of values that are all the same, but for what is lost in arithmetic, the line runs through the middle.
	if most := max(math.Abs(low), math.Abs(high)); high-low <= most*1e-9 {
		room := max(1, most/100)
		return low - room, high + room
	}
	return low, high
}

// niceStep is the smallest of 1, 2, 5 times a power of ten that is no less than the wish.
func niceStep(wish float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(wish)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= wish*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}
