// Package rollup keeps the derived tables equal to what the raw events say.
package rollup

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/period"
)

// Touch is what one written batch touched of one type.
type Touch struct {
	Batch   uuid.UUID
	Type    string
	At      time.Time   // when the batch said so, by the server's clock
	Since   time.Time   // earliest arrival of the batch
	Buckets []time.Time // of measurements and refused events; of deliveries the minutes; empty for states
}

// delivered is the type of the touches that name minutes in which events of whatever type arrived.
const delivered = "delivered"

// Place is how things of a kind are placed in time: by one of their fields.
type Place struct{ Of, At string }

// Group is a set of rolled KPIs that are counted over the same things placed in time by the same field.
type Group struct {
	Of, At string
	KPIs   []kpi.KPI
}

// IDs lists the group's KPIs.
func (g Group) IDs() []string {
	out := make([]string, len(g.KPIs))
	for i, k := range g.KPIs {
		out[i] = k.ID
	}
	return out
}

// Journal says what was written. Its times are of the server's clock.
type Journal interface {
	// Touches lists what batches touched since a moment, newest first.
	Touches(ctx context.Context, since time.Time) ([]Touch, error)
	// Before lists what batches touched between two moments (the second exclusive), newest first: at most about limit.
	Before(ctx context.Context, since, until time.Time, limit int) ([]Touch, error)
	// Newest is when the newest batch was written; the zero time when there is none.
	Newest(ctx context.Context) (time.Time, error)
	// Progress returns how far the worker of this name has come; the zero time when it never ran.
	Progress(ctx context.Context, name string) (time.Time, error)
	// SaveProgress remembers it.
	SaveProgress(ctx context.Context, name string, at time.Time) error
}

// Tables computes the derived tables. Every function may be called again with the same arguments: nothing changes.
type Tables interface {
	// Entities computes again how the touched things stand, and those that a correction took a state from. For each place
	// that is asked for it returns the starts of the 10-second buckets in which these things ever were.
	Entities(ctx context.Context, typ string, at []Place, touches []Touch) (map[Place][]time.Time, error)
	// Moved finds measurements that a correction took to another time, and returns the buckets that they left.
	Moved(ctx context.Context, typ string, touches []Touch) ([]time.Time, error)
	// Refused returns the buckets in which the touched refused events ever were.
	Refused(ctx context.Context, touches []Touch) ([]time.Time, error)
	// Sources computes again what each source of a type said in these minutes.
	Sources(ctx context.Context, typ string, minutes []time.Time) error
	// Delivered computes again which events each source delivered first in these minutes of arrival.
	Delivered(ctx context.Context, minutes []time.Time) error
	// Base computes a group's buckets of a size from the raw events.
	Base(ctx context.Context, g Group, size time.Duration, buckets []time.Time) error
	// Tier computes buckets of tier from those of the tier below.
	Tier(ctx context.Context, tier, below time.Duration, kpis []string, buckets []time.Time) error
}

// Definitions remembers by which formula each KPI was rolled up.
type Definitions interface {
	Definitions(ctx context.Context) (map[string]uint64, error)
	SaveDefinition(ctx context.Context, kpi string, definition uint64) error
	// Days lists the starts of the days, from since on, in which the group has or had anything.
	Days(ctx context.Context, g Group, since time.Time) ([]time.Time, error)
	// Buckets lists the 10-second buckets of one day in which the group has or had anything.
	Buckets(ctx context.Context, g Group, day time.Time) ([]time.Time, error)
}

// Options are what a Roller needs.
type Options struct {
	Journal     Journal
	Tables      Tables
	Definitions Definitions
	Ages        Ages                  // nil: nothing is ever deleted for its age
	Catalogue   func() *kpi.Catalogue // the one in force
	Poll        time.Duration         // how often to look for new batches; default 250 ms
	Changed     func()                // called after derived tables changed; must not block
	Log         *slog.Logger
}

// look is how often a batch was worked off.
type look struct {
	at    time.Time // its At
	sweep int       // how many sweeps had succeeded when it was first worked off
	again bool      // worked off twice: at once, and with a sweep
}

// Roller is the worker. Several may run at once: each row of a derived table is a function of the raw events,
// so they write the same rows.
//
// What is new comes first: after a pause the screens are live at once, and the past follows, backwards.
type Roller struct {
	o      Options
	seen   map[uuid.UUID]look
	sweeps int
	mark   time.Time // newest At done
	// What was touched between low and high (exclusive) is still to be done; nothing when they are equal.
	low, high time.Time
	arrivals  map[time.Time]struct{} // minutes in which something was delivered, still to be counted
	defs      map[string]uint64
	kept      Kept
}

const (
	base = 10 * time.Second
	// A batch becomes visible a moment after its clock was read. Each poll looks back this far,
	// each sweep further, for those that were slower than anybody expects.
	overlap      = 10 * time.Second
	sweepOverlap = 15 * time.Minute
	sweepEvery   = 30 * time.Second
	// What was delivered is counted so often: each minute is read whole, and nobody waits for it.
	countEvery = 10 * time.Second
	// At most so many buckets in one query.
	maxBuckets = 5000
	// At most so many minutes of arrival in one query: each reads all that arrived in them.
	maxArrivals = 60
	// Of an event that arrives twice, the second may be stored before the first, by another process. What was counted
	// in the minutes between is counted again, up to so long.
	overtaken = time.Hour
	// At most so many touches are worked off before the next look at what is new.
	maxTouches = 400
	// Of what was written before a worker began, so much counts as new.
	fresh = 30 * time.Second
	// So many groups are rolled up side by side: each waits for storage most of the time.
	parallel     = 4
	progressName = "rollup"
)

type tier struct{ size, below time.Duration }

func tiers() []tier {
	return []tier{{time.Minute, base}, {time.Hour, time.Minute}, {24 * time.Hour, time.Hour}}
}

// New makes a Roller.
func New(o Options) *Roller {
	if o.Poll <= 0 {
		o.Poll = 250 * time.Millisecond
	}
	if o.Changed == nil {
		o.Changed = func() {}
	}
	return &Roller{o: o, seen: map[uuid.UUID]look{}, arrivals: map[time.Time]struct{}{}}
}

// Run works until ctx ends. When storage is away it says so once, waits, and goes on.
func (r *Roller) Run(ctx context.Context) error {
	tick := time.NewTicker(r.o.Poll)
	defer tick.Stop()
	var failing bool
	var swept, counted time.Time
	for {
		now := time.Now()
		sweep := now.Sub(swept) >= sweepEvery
		count := now.Sub(counted) >= countEvery
		err := r.Once(ctx, sweep)
		if err == nil && sweep {
			swept = now
		}
		if err == nil && count {
			if err = r.CountArrivals(ctx); err == nil {
				counted = now
			}
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			if !failing {
				r.o.Log.Error("roll-up waits for storage", "error", err)
			}
			failing = true
			if !sleep(ctx, time.Second) {
				return nil
			}
			continue
		case failing:
			failing = false
			r.o.Log.Info("roll-up goes on")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// Once brings the derived tables up to what the journal says now: first what is new, then a part of what is owed.
// A sweep looks further back.
func (r *Roller) Once(ctx context.Context, sweep bool) error {
	if r.defs == nil || sweep {
		if err := r.readAges(ctx); err != nil {
			return err
		}
	}
	if r.defs == nil {
		if err := r.resume(ctx); err != nil {
			return err
		}
	}
	if err := r.redefine(ctx); err != nil {
		return err
	}
	mark := r.mark
	if err := r.live(ctx, sweep); err != nil {
		return err
	}
	if err := r.catchUp(ctx); err != nil {
		return err
	}
	// Who resumes looks back from here, so nothing older may be owed.
	if r.low.Equal(r.high) && r.mark.Truncate(base).After(mark.Truncate(base)) {
		if err := r.o.Journal.SaveProgress(ctx, progressName, r.mark); err != nil {
			return err
		}
	}
	// One that failed is no sweep: tries follow each other by the second while storage comes back, and what was looked at in
	// the first of them has not settled by the third.
	if sweep {
		r.sweeps++
	}
	return nil
}

// CatchUp works off all that the journal says, and returns when nothing is owed.
func (r *Roller) CatchUp(ctx context.Context) error {
	err := r.Once(ctx, true)
	for err == nil && !r.low.Equal(r.high) {
		err = r.Once(ctx, false)
	}
	if err != nil {
		return err
	}
	return r.CountArrivals(ctx)
}

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

// live works off what is new. More than fits is owed.
func (r *Roller) live(ctx context.Context, sweep bool) error {
	back := overlap
	if sweep {
		back = sweepOverlap
	}
	touches, err := r.o.Journal.Touches(ctx, r.mark.Add(-back))
	if err != nil {
		return err
	}
	touches = slices.DeleteFunc(touches, func(t Touch) bool {
		done, ok := r.seen[t.Batch]
		// A sweep works off once more what has had time to settle: whatever a first look in the midst of inserts and
		// merges did not see is put right within half a minute, and nothing changes where it saw all.
		return ok && (done.again || !sweep || done.sweep == r.sweeps)
	})
	if len(touches) == 0 {
		return nil
	}
	if n := wholeBatches(touches, maxTouches); n < len(touches) {
		r.owe(touches[len(touches)-1].At, touches[n].At)
		touches = touches[:n]
	}
	if err := r.apply(ctx, touches); err != nil {
		return err
	}
	r.remember(touches)
	r.o.Changed()
	return nil
}

// remember notes what is done.
func (r *Roller) remember(touches []Touch) {
	before := maps.Clone(r.seen)
	for _, t := range touches {
		_, again := before[t.Batch]
		r.seen[t.Batch] = look{at: t.At, sweep: r.sweeps, again: again}
		if t.At.After(r.mark) {
			r.mark = t.At
		}
	}
	maps.DeleteFunc(r.seen, func(_ uuid.UUID, l look) bool { return r.mark.Sub(l.at) > 2*sweepOverlap })
}

// owe puts off what was touched between two moments, both included.
func (r *Roller) owe(from, to time.Time) {
	to = to.Add(time.Millisecond) // the journal's times have no more digits
	if r.low.Equal(r.high) {
		r.low, r.high = from, to
		return
	}
	if from.Before(r.low) {
		r.low = from
	}
	if to.After(r.high) {
		r.high = to
	}
}

// catchUp works off the newest part of what is owed.
func (r *Roller) catchUp(ctx context.Context) error {
	if r.low.Equal(r.high) {
		return nil
	}
	touches, err := r.o.Journal.Before(ctx, r.low, r.high, maxTouches)
	if err != nil {
		return err
	}
	if len(touches) > 0 {
		if err := r.apply(ctx, touches); err != nil {
			return err
		}
		r.remember(touches)
		r.o.Changed()
	}
	if len(touches) < maxTouches {
		r.low = r.high
		return nil
	}
	r.high = touches[len(touches)-1].At
	return nil
}

// wholeBatches returns how many of the touches to take, so that about limit are taken and no batch is cut in two.
func wholeBatches(touches []Touch, limit int) int {
	n := min(limit, len(touches))
	for n > 0 && n < len(touches) && touches[n].At.Equal(touches[n-1].At) {
		n++
	}
	return n
}

// resume starts where the last worker stopped.
func (r *Roller) resume(ctx context.Context) error {
	done, err := r.o.Journal.Progress(ctx, progressName)
	if err != nil {
		return err
	}
	newest, err := r.o.Journal.Newest(ctx)
	if err != nil {
		return err
	}
	defs, err := r.o.Definitions.Definitions(ctx)
	if err != nil {
		return err
	}
	// All that the last worker may have left undone lies within a sweep of its mark.
	if !done.IsZero() {
		done = done.Add(-sweepOverlap)
	}
	r.mark, r.defs = done, defs
	if from := newest.Add(-fresh); from.After(done) {
		r.mark = from
		r.owe(done, from)
	}
	return nil
}

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

// redefine computes again, from the raw events, every KPI whose formula is another one than last time.
func (r *Roller) redefine(ctx context.Context) error {
	for _, g := range Groups(r.o.Catalogue()) {
		g.KPIs = slices.DeleteFunc(slices.Clone(g.KPIs), func(k kpi.KPI) bool {
			return r.defs[k.ID] == k.Formula.Definition
		})
		if len(g.KPIs) == 0 {
			continue
		}
		days, err := r.o.Definitions.Days(ctx, g, time.Time{})
		if err != nil {
			return err
		}
		again := r.kept.whole(g.Of, days)
		for _, day := range again {
			if err := r.day(ctx, g, day); err != nil {
				return fmt.Errorf("compute %v again: %w", g.IDs(), err)
			}
		}
		for _, k := range g.KPIs {
			if err := r.o.Definitions.SaveDefinition(ctx, k.ID, k.Formula.Definition); err != nil {
				return err
			}
			r.defs[k.ID] = k.Formula.Definition
		}
		r.o.Log.Info("rollups follow a new definition", "kpis", g.IDs(), "days", len(again), "days_left_as_they_are", len(days)-len(again))
	}
	return nil
}

// day computes one day of a group again, in all tiers.
func (r *Roller) day(ctx context.Context, g Group, day time.Time) error {
	buckets, err := r.o.Definitions.Buckets(ctx, g, day)
	if err != nil {
		return err
	}
	return r.roll(ctx, []Group{g}, map[int][]time.Time{0: buckets})
}

// Groups puts together the rolled KPIs of a catalogue that one query can count.
func Groups(c *kpi.Catalogue) []Group {
	var out []Group
	for _, k := range c.KPIs {
		if !k.Formula.Kind.Rolled() {
			continue
		}
		i := slices.IndexFunc(out, func(g Group) bool { return g.Of == k.Formula.Of && g.At == k.Formula.At })
		if i < 0 {
			i = len(out)
			out = append(out, Group{Of: k.Formula.Of, At: k.Formula.At})
		}
		out[i].KPIs = append(out[i].KPIs, k)
	}
	return out
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
