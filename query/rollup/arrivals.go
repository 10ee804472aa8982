package rollup

import (
	"context"
	"maps"
	"slices"
	"time"
)

const (
	// What was delivered is counted so often: each minute is read whole, and nobody waits for it.
	countEvery = 10 * time.Second
	// At most so many minutes of arrival in one query: each reads all that arrived in them.
	maxArrivals = 60
	// Of an event that arrives twice, the second may be stored before the first, by another process. What was counted
	// in the minutes between is counted again, up to so long.
	overtaken = time.Hour
)

// CountArrivals counts again what was delivered in the minutes that batches touched.
func (r *Roller) CountArrivals(ctx context.Context) error {
	minutes := slices.SortedFunc(maps.Keys(r.arrivals), time.Time.Compare)
	for chunk := range slices.Chunk(minutes, maxArrivals) {
		if err := r.o.Tables.Delivered(ctx, chunk); err != nil {
			return err
		}
		for _, m := range chunk {
			delete(r.arrivals, m)
		}
	}
	return nil
}

// noteArrivals remembers the minutes of arrival that a batch touched.
func (r *Roller) noteArrivals(t Touch) {
	for _, b := range t.Buckets {
		r.arrivals[b] = struct{}{}
		if t.At.Sub(b) > overtaken {
			continue
		}
		for m := b.Add(time.Minute); !m.After(t.At); m = m.Add(time.Minute) {
			r.arrivals[m] = struct{}{}
		}
	}
}
