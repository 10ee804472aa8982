package rollup

import (
	"context"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/binhphuoc/ioc/schemas/period"
)

// apply computes again all that the touches name.
func (r *Roller) apply(ctx context.Context, touches []Touch) error {
	byType := map[string][]Touch{}
	for _, t := range touches {
		if t.Type == delivered {
			r.noteArrivals(t)
			continue
		}
		byType[t.Type] = append(byType[t.Type], t)
	}
	groups := Groups(r.o.Catalogue())
	types := slices.Sorted(maps.Keys(byType))
	found := make([]map[int][]time.Time, len(types)) // for each type: index of group → base buckets
	// Types have nothing to do with each other, and each waits for storage most of the time.
	work, inner := errgroup.WithContext(ctx)
	work.SetLimit(parallel)
	for i, typ := range types {
		work.Go(func() (err error) {
			found[i], err = r.applyType(inner, typ, byType[typ], groups)
			return err
		})
	}
	if err := work.Wait(); err != nil {
		return err
	}
	stale := map[int][]time.Time{}
	for _, f := range found {
		for g, buckets := range f {
			stale[g] = append(stale[g], buckets...)
		}
	}
	return r.roll(ctx, groups, stale)
}

// applyType computes again what is kept of one type besides rollups, and returns the base buckets of each group that
// are no longer right.
func (r *Roller) applyType(ctx context.Context, typ string, touches []Touch, groups []Group) (map[int][]time.Time, error) {
	var buckets []time.Time
	for _, t := range touches {
		buckets = append(buckets, t.Buckets...)
	}
	switch {
	case typ == "rejected":
		var err error
		if buckets, err = r.o.Tables.Refused(ctx, touches); err != nil {
			return nil, err
		}
	case len(buckets) == 0:
		return r.applyStates(ctx, typ, touches, groups)
	default:
		left, err := r.o.Tables.Moved(ctx, typ, touches)
		if err != nil {
			return nil, err
		}
		buckets = r.kept.whole(typ, append(buckets, left...))
		for chunk := range slices.Chunk(starts(buckets, time.Minute), maxBuckets) {
			if err := r.o.Tables.Sources(ctx, typ, chunk); err != nil {
				return nil, err
			}
		}
	}
	stale := map[int][]time.Time{}
	for i, g := range groups {
		if g.Of == typ || (g.Of == "measure" && typ != "rejected") {
			stale[i] = buckets
		}
	}
	return stale, nil
}

// applyStates is applyType for things that have an identity of their own.
func (r *Roller) applyStates(ctx context.Context, typ string, touches []Touch, groups []Group) (map[int][]time.Time, error) {
	at := make([]Place, len(groups))
	for i, g := range groups {
		at[i] = Place{g.Of, g.At}
	}
	found, err := r.o.Tables.Entities(ctx, typ, at, touches)
	if err != nil {
		return nil, err
	}
	stale := map[int][]time.Time{}
	for i, p := range at {
		stale[i] = found[p]
	}
	return stale, nil
}

// roll computes the base buckets of each group, then the tiers above them for all groups together. What can't be counted
// again, because what it is made of was deleted for its age, stays as it is.
func (r *Roller) roll(ctx context.Context, groups []Group, stale map[int][]time.Time) error {
	var ids []string
	var all []time.Time
	work, inner := errgroup.WithContext(ctx)
	work.SetLimit(parallel)
	for i, g := range groups {
		buckets, old := r.kept.split(r.kept.whole(g.Of, starts(stale[i], base)))
		if len(buckets) > 0 {
			ids = append(ids, g.IDs()...)
			all = append(all, buckets...)
			work.Go(func() error { return r.base(inner, g, base, buckets) })
		}
		if len(old) > 0 {
			work.Go(func() error { return r.rollOld(inner, g, old) })
		}
	}
	if err := work.Wait(); err != nil || len(ids) == 0 {
		return err
	}
	for _, t := range tiers() {
		for chunk := range slices.Chunk(starts(all, t.size), maxBuckets) {
			if err := r.o.Tables.Tier(ctx, t.size, t.below, ids, chunk); err != nil {
				return err
			}
		}
	}
	return nil
}

// rollOld computes every tier from the raw events: of such old days the finer tiers, of which the coarser ones are made
// otherwise, may be deleted.
func (r *Roller) rollOld(ctx context.Context, g Group, buckets []time.Time) error {
	if err := r.base(ctx, g, base, buckets); err != nil {
		return err
	}
	for _, t := range tiers() {
		if err := r.base(ctx, g, t.size, starts(buckets, t.size)); err != nil {
			return err
		}
	}
	return nil
}

func (r *Roller) base(ctx context.Context, g Group, size time.Duration, buckets []time.Time) error {
	for chunk := range slices.Chunk(buckets, maxBuckets) {
		if err := r.o.Tables.Base(ctx, g, size, chunk); err != nil {
			return err
		}
	}
	return nil
}

// starts lists the starts of the buckets of a size that hold these moments: each once, in order.
func starts(moments []time.Time, size time.Duration) []time.Time {
	out := make([]time.Time, 0, len(moments))
	for _, m := range moments {
		out = append(out, m.Add(period.Offset).Truncate(size).Add(-period.Offset))
	}
	slices.SortFunc(out, time.Time.Compare)
	return slices.CompactFunc(out, time.Time.Equal)
}
