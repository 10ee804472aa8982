package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// verdict is the difference between what the platform has and what is true.
type verdict struct {
	lost, doubled, wrong int
	events, cells, kpis  int      // how much was compared
	examples             []string // the first few differences
}

func (v verdict) clean() bool { return v.lost+v.doubled+v.wrong == 0 }

const mostExamples = 12

func (v *verdict) note(n *int, format string, args ...any) {
	*n++
	if len(v.examples) < mostExamples {
		v.examples = append(v.examples, fmt.Sprintf(format, args...))
	}
}

// compare looks at everything: raw events, refused ones, every row of every rollup, every KPI, every feed.
func compare(ctx context.Context, s *story, catalogue *kpi.Catalogue, registry *schemas.Registry, p *platform) (verdict, error) {
	var v verdict
	t := &truth{story: s, catalogue: catalogue, registry: registry, arrived: map[[2]string]time.Time{}}
	events, err := p.events(ctx)
	if err != nil {
		return v, err
	}
	refused, err := p.refused(ctx)
	if err != nil {
		return v, err
	}
	v.raw(t, events)
	v.rejects(t, refused)
	if !v.clean() { // all else follows from these
		return v, nil
	}
	have, err := p.rollups(ctx)
	if err != nil {
		return v, err
	}
	want := t.rollups()
	v.rolled(want, have)
	snapshot, err := p.snapshot(ctx)
	if err != nil {
		return v, err
	}
	v.values(t.values(snapshot.At, want), snapshot)
	feeds, err := p.feeds(ctx)
	if err != nil {
		return v, err
	}
	for _, f := range feeds {
		name := feedName{f.Centre, f.Domain}
		sources, err := p.sources(ctx, name)
		if err != nil {
			return v, err
		}
		v.feed(name, t.feed(name), f, sources)
	}
	return v, nil
}

func (v *verdict) raw(t *truth, have map[[2]string][]stored) {
	v.events = len(t.story.newest)
	for key, e := range t.story.newest {
		switch found := have[key]; {
		case len(found) == 0:
			v.note(&v.lost, "lost: %s %s of %s, sent by %v", e.typ, e.id, e.source, t.story.ways[key])
		case len(found) > 1:
			v.note(&v.doubled, "doubled: %s %s of %s is there %d times", e.typ, e.id, e.source, len(found))
		case found[0].typ != e.typ || !found[0].time.Equal(e.time) || int(found[0].revision) != e.revision:
			v.note(&v.wrong, "wrong: %s %s of %s is there as revision %d of %s, want %d of %s", e.typ, e.id, e.source, found[0].revision, found[0].time, e.revision, e.time)
		default:
			t.arrived[key] = found[0].arrived
		}
	}
	for key := range have {
		if _, ok := t.story.newest[key]; !ok {
			v.note(&v.doubled, "never sent: %s %s", key[0], key[1])
		}
	}
}

func (v *verdict) rejects(t *truth, have map[string][]arrival) {
	for mark := range t.story.bad {
		switch found := have[mark]; {
		case len(found) == 0:
			v.note(&v.lost, "lost: the refused message %s", mark)
		case len(found) > 1:
			v.note(&v.doubled, "doubled: the refused message %s is there %d times", mark, len(found))
		default:
			t.refused = append(t.refused, found...)
		}
	}
	for mark := range have {
		if !t.story.bad[mark] {
			v.note(&v.wrong, "wrong: refused without reason: %q", mark)
		}
	}
}

func (v *verdict) rolled(want, have map[rollKey]*cell) {
	v.cells = len(want)
	keys := slices.SortedFunc(maps.Keys(want), func(a, b rollKey) int {
		return cmp.Or(cmp.Compare(a.kpi, b.kpi), cmp.Compare(a.centre, b.centre), cmp.Compare(a.tier, b.tier), cmp.Compare(a.bucket, b.bucket))
	})
	for _, k := range keys {
		w, h := want[k], have[k]
		name := func() string {
			return fmt.Sprintf("%s of %s, %d s from %s", k.kpi, k.centre, k.tier, time.Unix(k.bucket, 0).UTC().Format(time.RFC3339))
		}
		switch {
		case h == nil:
			v.note(&v.lost, "lost: rollup %s", name())
		case h.events > w.events:
			v.note(&v.doubled, "doubled: rollup %s counts %d events, want %d", name(), h.events, w.events)
		case h.events < w.events:
			v.note(&v.lost, "lost: rollup %s counts %d events, want %d", name(), h.events, w.events)
		case !near(h.num, w.num, w.events) || !near(h.den, w.den, w.events) || !h.newest.Equal(w.newest) || !slices.EqualFunc(h.samples, w.samples, func(a, b float64) bool { return near(a, b, 1) }):
			v.note(&v.wrong, "wrong: rollup %s has %v/%v newest %s, want %v/%v newest %s", name(), h.num, h.den, h.newest, w.num, w.den, w.newest)
		}
	}
	for k, h := range have {
		if want[k] == nil {
			v.note(&v.doubled, "not true: rollup %s of %s, %d s from %s, counts %d events", k.kpi, k.centre, k.tier, time.Unix(k.bucket, 0).UTC().Format(time.RFC3339), h.events)
		}
	}
}

// near allows for the six decimals that sums are kept with.
func near(a, b float64, terms int) bool {
	return math.Abs(a-b) <= 1e-6*float64(terms)+1e-9*math.Abs(b)
}

func (v *verdict) values(want map[place]value, have wire.Values) {
	v.kpis = len(want)
	for _, h := range have.Values {
		if h.KPI == "feed.alive" || strings.HasPrefix(h.KPI, "index.") { // follow from arrivals, and from KPIs that are compared
			continue
		}
		at := place{h.KPI, h.Centre}
		w := want[at]
		if !same(w.value, h.Value) || w.value != nil && (!same(w.num, h.Numerator) || !same(w.den, h.Denominator)) {
			v.note(&v.wrong, "wrong: KPI %s of %s is %s (%s/%s), want %s (%s/%s) at %s", h.KPI, h.Centre,
				text(h.Value), text(h.Numerator), text(h.Denominator), text(w.value), text(w.num), text(w.den), have.At.Format(time.RFC3339Nano))
		}
		delete(want, at)
	}
	for at := range want {
		v.note(&v.lost, "lost: KPI %s of %s is not shown", at.kpi, at.centre)
	}
}

func same(want, have *float64) bool {
	if want == nil || have == nil {
		return want == nil && have == nil
	}
	return math.Abs(*want-*have) <= 1e-5*math.Max(1, math.Abs(*want))
}

func text(f *float64) string {
	if f == nil {
		return "-"
	}
	return fmt.Sprint(*f)
}
