package main

import (
	"math"
	"slices"
	"time"

	"github.com/binhphuoc/ioc/schemas/wire"
)

// heard is what is true of a source.
type heard struct {
	events   int // each once, however often it was corrected
	versions int // told of its events, each once
	sendings int // also the same again
	newest   time.Time
}

// feedTruth is what is true of a feed.
type feedTruth struct {
	sources map[string]*heard
	events  int
	delays  []float64 // in seconds, of the versions that hold, from their time to their first arrival; those under an hour, sorted
	refused int
}

// feed works out what is true of a feed. A story is told within hours: all of it is in the last 24.
func (t *truth) feed(name feedName) feedTruth {
	out := feedTruth{sources: map[string]*heard{}, refused: t.story.badOf[name]}
	for _, e := range t.story.versions {
		if e.centre != name.centre || e.domain != name.domain {
			continue
		}
		if out.sources[e.source] == nil {
			out.sources[e.source] = &heard{}
		}
		h := out.sources[e.source]
		h.versions++
		if e.time.After(h.newest) {
			h.newest = e.time
		}
	}
	for key, e := range t.story.newest {
		if e.centre != name.centre || e.domain != name.domain {
			continue
		}
		out.events++
		out.sources[e.source].events++
		out.sources[e.source].sendings += len(t.story.ways[key])
		if d := t.arrived[key].Sub(e.time); d < time.Hour {
			out.delays = append(out.delays, d.Seconds())
		}
	}
	slices.Sort(out.delays)
	return out
}

// feed compares a feed and its sources.
//
// An event counts when it first arrives, and a correction takes what it replaces out of the count, unless that was counted
// long before: so there are no fewer events than were told of, and no more than versions of them. Every sending is an event or
// a repeat. How many more repeats there are depends on the faults: a broker delivers again what an ingest that was killed had
// not acknowledged.
func (v *verdict) feed(name feedName, want feedTruth, have wire.FeedHealth, sources []wire.FeedSource) {
	var newest time.Time
	for _, h := range want.sources {
		if h.newest.After(newest) {
			newest = h.newest
		}
	}
	switch {
	case int(have.Sources) != len(want.sources): //nolint:gosec // a count of sources
		v.note(&v.wrong, "wrong: feed %v has %d sources, want %d", name, have.Sources, len(want.sources))
	case have.NewestEvent == nil && !newest.IsZero(), have.NewestEvent != nil && !have.NewestEvent.Equal(newest):
		v.note(&v.wrong, "wrong: the newest event of feed %v is of %v, want %s", name, have.NewestEvent, newest)
	case int(have.Day.Rejected) != want.refused: //nolint:gosec // a count of events
		v.note(&v.wrong, "wrong: feed %v has %d refused events, want %d", name, have.Day.Rejected, want.refused)
	}
	var events, repeats uint64
	for _, s := range sources {
		events += s.Day.Events
		repeats += s.Day.Repeats
		v.source(s, want.sources[s.Source])
	}
	if len(sources) != len(want.sources) || have.Day.Events != events || have.Day.Repeats != repeats {
		v.note(&v.wrong, "wrong: feed %v counts %d events and %d repeats, its %d sources %d and %d", name, have.Day.Events, have.Day.Repeats, len(sources), events, repeats)
	}
	v.delay(name, 0.5, want, have.Day, have.Day.DelayP50)
	v.delay(name, 0.99, want, have.Day, have.Day.DelayP99)
}

func (v *verdict) source(have wire.FeedSource, want *heard) {
	if want == nil {
		v.note(&v.wrong, "wrong: %s is a source that never sent", have.Source)
		return
	}
	events, repeats := int(have.Day.Events), int(have.Day.Repeats) //nolint:gosec // counts of events
	switch {
	case events+repeats < want.sendings:
		v.note(&v.lost, "lost: %s has %d events and %d repeats, of %d sendings", have.Source, events, repeats, want.sendings)
	case events < want.events:
		v.note(&v.lost, "lost: %s has %d events, of %d that were told", have.Source, events, want.events)
	case events > want.versions:
		v.note(&v.doubled, "doubled: %s has %d events, of %d that were told in %d versions", have.Source, events, want.events, want.versions)
	case !have.NewestEvent.Equal(want.newest):
		v.note(&v.wrong, "wrong: the newest event of %s is of %s, want %s", have.Source, have.NewestEvent, want.newest)
	}
}

// delay compares a quantile, by the nearest rank. Of versions that were replaced the arrival is not known: each of them that
// was counted may have been quicker than all others, or slower.
func (v *verdict) delay(name feedName, q float64, want feedTruth, span wire.FeedSpan, have *float64) {
	counted := int(span.Events) - int(span.Backfilled) //nolint:gosec // counts of events
	unknown := counted - len(want.delays)
	if replaced := int(span.Events) - want.events; unknown < 0 || unknown > replaced { //nolint:gosec // a count of events
		v.note(&v.wrong, "wrong: of feed %v %d of %d events arrived within the hour, want %d and at most %d more", name, counted, span.Events, len(want.delays), replaced)
		return
	}
	if (have != nil) != (counted > 0) {
		v.note(&v.wrong, "wrong: feed %v has a delay of %s for %d events", name, text(have), counted)
		return
	}
	if have == nil {
		return
	}
	rank := int(math.Ceil(q*float64(counted))) - 1
	least, most := math.Inf(-1), time.Hour.Seconds()
	if rank >= unknown {
		least = want.delays[rank-unknown]
	}
	if rank < len(want.delays) {
		most = want.delays[rank]
	}
	off := func(x float64) float64 { return 0.01*math.Abs(x) + 0.002 } // it is kept with 7 leading bits
	if *have < least-off(least) || *have > most+off(most) {
		v.note(&v.wrong, "wrong: of feed %v the delay that %v of %d events don't exceed is %v s, want %v s to %v s", name, q, counted, *have, least, most)
	}
}
