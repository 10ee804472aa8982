package rollup

import "time"

// Part is a piece of a window that one tier covers with whole buckets.
type Part struct {
	Tier     time.Duration
	From, To time.Time // To exclusive
}

// Cover says which tiers together cover a window, each moment once: whole days in the middle, and towards the ends hours,
// minutes and 10 seconds.
func Cover(from, to time.Time) []Part {
	down := func(t time.Time, size time.Duration) time.Time {
		return t.Add(zoneOffset).Truncate(size).Add(-zoneOffset)
	}
	up := func(t time.Time, size time.Duration) time.Time { return down(t.Add(size-1), size) }
	var parts []Part
	add := func(tier time.Duration, from, to time.Time) {
		if from.Before(to) {
			parts = append(parts, Part{tier, from, to})
		}
	}
	sizes := []time.Duration{base}
	for _, t := range tiers() {
		sizes = append(sizes, t.size)
	}
	for i, size := range sizes {
		if i == len(sizes)-1 {
			add(size, from, to)
			break
		}
		lo, hi := up(from, sizes[i+1]), down(to, sizes[i+1])
		if !lo.Before(hi) { // no whole bucket of the next tier lies within
			add(size, from, to)
			break
		}
		add(size, from, lo)
		add(size, hi, to)
		from, to = lo, hi
	}
	return parts
}
