package world

import (
	"math/rand/v2"
	"time"
)

// calendar knows the days and office hours of Asia/Ho_Chi_Minh.
type calendar struct{ loc *time.Location }

const (
	morning   = 7 * time.Hour
	noon      = 11*time.Hour + 30*time.Minute
	afternoon = 13*time.Hour + 30*time.Minute
	evening   = 17 * time.Hour
)

// day returns the start of the day of t.
func (c calendar) day(t time.Time) time.Time {
	y, m, d := t.In(c.loc).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, c.loc)
}

func (c calendar) month(t time.Time) time.Time {
	y, m, _ := t.In(c.loc).Date()
	return time.Date(y, m, 1, 0, 0, 0, 0, c.loc)
}

// number counts the days since 1970.
func (c calendar) number(t time.Time) int64 {
	y, m, d := t.In(c.loc).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
}

// clock is the time of day.
func (c calendar) clock(t time.Time) time.Duration { return t.Sub(c.day(t)) }

// working tells whether offices open on the day of t. Of the holidays it knows those with a fixed date of the solar year.
func (c calendar) working(t time.Time) bool {
	t = t.In(c.loc)
	switch t.Weekday() {
	case time.Saturday, time.Sunday:
		return false
	}
	switch [2]int{t.Day(), int(t.Month())} {
	case [2]int{1, 1}, [2]int{30, 4}, [2]int{1, 5}, [2]int{2, 9}:
		return false
	}
	return true
}

// add returns the moment at which so much working time has passed since t.
func (c calendar) add(t time.Time, work time.Duration) time.Time {
	for day := c.day(t); ; day = day.AddDate(0, 0, 1) {
		if !c.working(day) {
			continue
		}
		for _, span := range [][2]time.Duration{{morning, noon}, {afternoon, evening}} {
			begin, end := day.Add(span[0]), day.Add(span[1])
			if t.After(begin) {
				begin = t
			}
			if left := end.Sub(begin); left > 0 {
				if work <= left {
					return begin.Add(work)
				}
				work -= left
			}
		}
	}
}

// due returns the end of the n-th working day after t. What comes late in the afternoon counts from the next day.
func (c calendar) due(t time.Time, n int) time.Time {
	day := c.day(t)
	if c.clock(t) >= evening-2*time.Hour {
		day = day.AddDate(0, 0, 1)
	}
	for ; ; day = day.AddDate(0, 0, 1) {
		if !c.working(day) {
			continue
		}
		if n == 0 {
			return day.Add(evening)
		}
		n--
	}
}

// curve says how much happens at each minute of a day.
type curve struct {
	weight [1440]float64 // 1 is the mean of the day
	sum    [1441]float64 // of the minutes before
}

// newCurve draws straight lines between points {hour, height}; it starts at hour 0 and ends at hour 24.
func newCurve(points ...[2]float64) *curve {
	var c curve
	for i := range c.weight {
		h := (float64(i) + 0.5) / 60
		for p := 1; p < len(points); p++ {
			a, b := points[p-1], points[p]
			if h >= a[0] && h < b[0] {
				c.weight[i] = a[1] + (b[1]-a[1])*(h-a[0])/(b[0]-a[0])
			}
		}
		c.sum[i+1] = c.sum[i] + c.weight[i]
	}
	mean := c.sum[1440] / 1440
	for i := range c.weight {
		c.weight[i] /= mean
		c.sum[i+1] /= c.sum[1440]
	}
	return &c
}

// at returns how much happens at this time of day; the mean of a day is 1.
func (c *curve) at(clock time.Duration) float64 {
	return c.weight[min(max(int(clock/time.Minute), 0), 1439)]
}

// draw returns a time of day, by the curve.
func (c *curve) draw(r *rand.Rand) time.Duration {
	x := r.Float64()
	lo, hi := 0, 1440
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; c.sum[mid] <= x {
			lo = mid
		} else {
			hi = mid
		}
	}
	return time.Duration(lo)*time.Minute + time.Duration(r.Float64()*60000)*time.Millisecond
}

// curves are the shapes of a day.
type curves struct {
	office  *curve // who comes to a counter
	online  *curve // who uses the portal
	hotline *curve
	traffic *curve // of a working day
	weekend *curve // traffic of the other days
}

func newCurves() curves {
	return curves{
		office: newCurve([2]float64{0, 0}, [2]float64{6.99, 0}, [2]float64{7, 6}, [2]float64{8.5, 10}, [2]float64{10.5, 8},
			[2]float64{11.5, 3}, [2]float64{11.51, 0}, [2]float64{13.49, 0}, [2]float64{13.5, 5}, [2]float64{14.5, 8},
			[2]float64{16, 6}, [2]float64{17, 1}, [2]float64{17.01, 0}, [2]float64{24, 0}),
		online: newCurve([2]float64{0, 0.5}, [2]float64{3, 0.25}, [2]float64{6, 0.8}, [2]float64{8.5, 9}, [2]float64{10.5, 8},
			[2]float64{11.75, 4}, [2]float64{13, 3}, [2]float64{14.5, 8}, [2]float64{16.5, 6}, [2]float64{18, 3},
			[2]float64{20.5, 4}, [2]float64{22.5, 2}, [2]float64{24, 0.5}),
		hotline: newCurve([2]float64{0, 0.6}, [2]float64{4, 0.3}, [2]float64{6.5, 1}, [2]float64{9, 10}, [2]float64{10.75, 8.5},
			[2]float64{12, 3.5}, [2]float64{13, 3.5}, [2]float64{14.5, 8.5}, [2]float64{16.5, 6}, [2]float64{18.5, 3},
			[2]float64{21, 2}, [2]float64{24, 0.6}),
		traffic: newCurve([2]float64{0, 0.6}, [2]float64{3, 0.3}, [2]float64{5.5, 2}, [2]float64{7, 9}, [2]float64{8.5, 6},
			[2]float64{11.3, 6.5}, [2]float64{12.5, 4.5}, [2]float64{14, 5}, [2]float64{16, 7}, [2]float64{17.3, 11},
			[2]float64{18.5, 7.5}, [2]float64{20, 4.5}, [2]float64{22, 2}, [2]float64{24, 0.6}),
		weekend: newCurve([2]float64{0, 0.8}, [2]float64{3, 0.3}, [2]float64{6, 2}, [2]float64{9, 6}, [2]float64{12, 5},
			[2]float64{15, 5.5}, [2]float64{18, 8}, [2]float64{20, 6}, [2]float64{22, 3}, [2]float64{24, 0.8}),
	}
}
