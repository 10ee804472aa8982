package rollup

import (
	"context"
	"slices"
	"time"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/period"
)

// Kept says from which moments on nothing was deleted for its age. The zero time: nothing ever was.
type Kept struct {
	Raw      time.Time // measurements, by their time
	Rejected time.Time // refused events, by their arrival
	Tiers    time.Time // rollups of less than a day
}

// Ages tells what is still there.
type Ages interface {
	Kept(ctx context.Context) (Kept, error)
}

// expiry is the margin between what is known to be there and what is about to be deleted while it is counted.
const expiry = time.Hour

func (r *Roller) readAges(ctx context.Context) (err error) {
	if r.o.Ages != nil {
		r.kept, err = r.o.Ages.Kept(ctx)
	}
	return err
}

// whole returns those of the moments whose day can be counted again: all that happened on it is still there. Things of which
// states are kept have no end: of, say, a dossier the states stay for ever.
func (k Kept) whole(of string, moments []time.Time) []time.Time {
	switch {
	case of == "rejected":
		return from(k.Rejected, moments)
	case of == "measure" || schemas.Type(of).Measured():
		return from(k.Raw, moments)
	default:
		return moments
	}
}

// split parts the moments on whose days all tiers are still there from those on which they may not be.
func (k Kept) split(moments []time.Time) (buckets, old []time.Time) {
	buckets = from(k.Tiers, moments)
	if len(buckets) == len(moments) {
		return buckets, nil
	}
	old = slices.DeleteFunc(slices.Clone(moments), func(m time.Time) bool { return keptWhole(k.Tiers, m) })
	return buckets, old
}

func from(since time.Time, moments []time.Time) []time.Time {
	return slices.DeleteFunc(slices.Clone(moments), func(m time.Time) bool { return !keptWhole(since, m) })
}

// keptWhole tells whether the day that holds a moment began after since.
func keptWhole(since, m time.Time) bool {
	const day = 24 * time.Hour
	start := period.Floor(m, day)
	return since.Unix() <= 0 || !start.Before(since.Add(expiry))
}
