package alarm

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// Step works out what changes now. The book's alarms stay as they are until the log has taken the changes; its watches go
// on at once, because they may: who waits a little longer or shorter in another process raises the same alarm.
func Step(b *Book, o Observation, now time.Time) []Change {
	d := newDraft(b, now)
	slices.SortFunc(o.Present, func(x, y Condition) int { // causes before what they explain
		if (x.Root == "") != (y.Root == "") {
			return map[bool]int{true: -1, false: 1}[x.Root == ""]
		}
		return cmp.Compare(x.Key, y.Key)
	})
	present := map[string]bool{}
	for _, c := range o.Present {
		present[c.Key] = true
	}
	d.unshelve()
	for _, c := range o.Present {
		d.hold(c, present)
	}
	d.endFloods()
	for _, key := range slices.Sorted(maps.Keys(b.open)) {
		if a, ok := d.get(key); ok && a.Kind != wire.AlarmFlood && !present[key] && !o.Unknown[key] {
			d.gone(a)
		}
	}
	d.close()
	d.count()
	for key := range b.watches {
		if _, open := d.get(key); !open && !present[key] && !o.Unknown[key] {
			b.unwatch(key)
		}
	}
	return d.out
}

// draft is a book with changes that are not in the log yet.
type draft struct {
	book   *Book
	now    time.Time
	open   map[string]Alarm // changed ones, by cause
	closed map[string]bool
	ids    map[string]string // cause by id, of new ones
	raises []Raise
	out    []Change
}

func newDraft(b *Book, now time.Time) *draft {
	b.raises = slices.DeleteFunc(b.raises, func(r Raise) bool { return !r.At.After(now.Add(-floodWithin)) })
	return &draft{book: b, now: now.UTC().Truncate(time.Millisecond), open: map[string]Alarm{}, closed: map[string]bool{}, ids: map[string]string{}}
}

func (d *draft) get(cause string) (Alarm, bool) {
	if d.closed[cause] {
		return Alarm{}, false
	}
	if a, ok := d.open[cause]; ok {
		return a, true
	}
	return d.book.Open(cause)
}

// byID returns an open alarm.
func (d *draft) byID(id string) (Alarm, bool) {
	cause, ok := d.ids[id]
	if !ok {
		cause, ok = d.book.causes[id]
	}
	if !ok {
		return Alarm{}, false
	}
	a, ok := d.get(cause)
	return a, ok && a.ID == id
}

// change notes one more change, made by the platform.
func (d *draft) change(action wire.AlarmAction, a Alarm) {
	a.ChangedAt, a.By, a.Why = d.now, "", ""
	c := Change{Offset: d.book.offset + uint64(len(d.out)) + 1, Action: action, Alarm: a}
	d.out = append(d.out, c)
	if a.State == wire.AlarmClosed {
		d.closed[a.Cause] = true
		delete(d.open, a.Cause)
		return
	}
	delete(d.closed, a.Cause)
	d.open[a.Cause], d.ids[a.ID] = a, a.Cause
	if counts(c) {
		d.raises = append(d.raises, Raise{d.now, a.Centre})
	}
}

// unshelve brings back those whose time on the shelf is over. Those whose condition has been gone for long go on to be cleared.
func (d *draft) unshelve() {
	for _, cause := range slices.Sorted(maps.Keys(d.book.open)) {
		a := d.book.open[cause]
		if a.State == wire.AlarmShelved && a.ShelvedUntil != nil && !d.now.Before(*a.ShelvedUntil) {
			a.State, a.ShelvedUntil, a.AcknowledgedAt = wire.AlarmRaised, nil, nil
			d.change(wire.AlarmUnshelve, a)
		}
	}
}

// hold takes up a condition that holds.
func (d *draft) hold(c Condition, present map[string]bool) {
	a, open := d.get(c.Key)
	parent, wait := d.parent(c, a, present)
	switch {
	case !open || a.State == wire.AlarmCleared:
		since := d.book.watch(c.Key, Pending, c.Priority, d.now).Since
		// What an alarm stands for already asks for nobody's attention, and needs no delay.
		if !wait && (parent != "" || d.now.Sub(since) >= c.Delay) {
			d.raise(c, a, parent)
		}
		return
	case parent != "" && parent != a.Parent:
		a = filled(a, c)
		a.Parent, a.Held = parent, false
		d.change(wire.AlarmAdopt, a)
	case parent == "" && a.Parent != "" && !a.Held && a.State == wire.AlarmRaised:
		d.raise(c, a, "") // nobody was asked to look at it until now
		return
	case parent == "" && a.Parent != "":
		a = filled(a, c) // how it is now, not how it was when it was one of many
		a.Parent, a.Held = "", false
		d.change(wire.AlarmRelease, a)
	}
	d.reprioritise(c, a)
}

// parent is the alarm that stands for a condition, empty when there is none. It is to wait while there will be one.
func (d *draft) parent(c Condition, a Alarm, present map[string]bool) (id string, wait bool) {
	if c.Root != "" {
		if root, ok := d.get(c.Root); ok && root.active() {
			return root.ID, false
		}
		wait = present[c.Root]
	}
	// The parent of before stays until it is cleared, so that what comes back piece by piece comes back as one.
	if p, ok := d.byID(a.Parent); ok && p.active() {
		return p.ID, false
	}
	return "", wait
}

// raise makes an alarm, or raises one anew that was cleared and not closed.
func (d *draft) raise(c Condition, a Alarm, parent string) {
	held := false
	if parent == "" && c.Kind != wire.AlarmFlood && d.rate(c.Centre) >= floodBegins {
		flood := d.flood(c.Centre)
		if c.Priority >= heldFrom {
			parent, held = flood.ID, true
		}
	}
	if a.ID == "" {
		a.ID, a.RaisedAt = ID(c.Key, d.now), d.now
	}
	d.book.unwatch(c.Key)
	a = filled(a, c)
	a.State, a.Parent, a.Held, a.Members = wire.AlarmRaised, parent, held, 1
	a.AcknowledgedAt, a.ClearedAt = nil, nil
	d.change(wire.AlarmRaise, a)
}

// filled writes into an alarm what its condition says.
func filled(a Alarm, c Condition) Alarm {
	a.Kind, a.Cause, a.Centre, a.Domain, a.Priority, a.Title = c.Kind, c.Key, c.Centre, c.Domain, c.Priority, c.Title
	a.KPI, a.Source, a.Value, a.Bound, a.Unit, a.ClearDelay = c.KPI, c.Source, c.Value, c.Bound, c.Unit, c.ClearDelay
	return a
}

// reprioritise follows a condition that has become more or less urgent. One that became more urgent is raised anew:
// whoever acknowledged it has not seen this.
func (d *draft) reprioritise(c Condition, a Alarm) {
	switch {
	case c.Priority < a.Priority:
		if w := d.book.watch(c.Key, Worse, c.Priority, d.now); d.now.Sub(w.Since) < c.Delay {
			return
		}
		a = filled(a, c)
		if a.State == wire.AlarmAcknowledged {
			a.State, a.AcknowledgedAt = wire.AlarmRaised, nil
		}
		if a.Held && a.Priority < heldFrom { // it is no longer one that a flood holds back
			a.Parent, a.Held = "", false
		}
		d.change(wire.AlarmEscalate, a)
	case c.Priority > a.Priority:
		if w := d.book.watch(c.Key, Better, c.Priority, d.now); d.now.Sub(w.Since) < a.ClearDelay {
			return
		}
		d.change(wire.AlarmEase, filled(a, c))
	}
	d.book.unwatch(c.Key)
}

// gone follows an alarm whose condition does not hold.
func (d *draft) gone(a Alarm) {
	if a.State == wire.AlarmCleared {
		d.book.unwatch(a.Cause)
		return
	}
	w := d.book.watch(a.Cause, Clearing, 0, d.now)
	over := d.now.Sub(w.Since) >= a.ClearDelay
	p, ok := d.byID(a.Parent)
	switch {
	case a.Parent != "" && (over || !ok || !p.active()):
		a.State, a.ClearedAt, a.ClosedAt = wire.AlarmClosed, &d.now, &d.now // nobody was asked to look at it
		d.change(wire.AlarmClose, a)
	case a.Parent == "" && over && a.State != wire.AlarmShelved:
		d.clear(a)
	default:
		return
	}
	d.book.unwatch(a.Cause)
}

func (d *draft) clear(a Alarm) {
	a.State, a.ClearedAt = wire.AlarmCleared, &d.now
	d.change(wire.AlarmClear, a)
}

// close closes what has been cleared for long enough: sooner when somebody knows of it.
func (d *draft) close() {
	for _, cause := range slices.Sorted(maps.Keys(d.book.open)) {
		a, ok := d.get(cause)
		if !ok || a.State != wire.AlarmCleared || a.ClearedAt == nil {
			continue
		}
		after := forgetAfter
		if a.AcknowledgedAt != nil || a.Kind == wire.AlarmFlood {
			after = closeAfter
		}
		if d.now.Sub(*a.ClearedAt) >= after {
			a.State, a.ClosedAt = wire.AlarmClosed, &d.now
			d.change(wire.AlarmClose, a)
		}
	}
}

// count tells each parent the most members that it had since it was raised: how much went wrong, also when some are back.
func (d *draft) count() {
	members := map[string]int{}
	for cause := range mergedKeys(d.book.open, d.open) {
		if a, ok := d.get(cause); ok && a.Parent != "" {
			members[a.Parent]++
		}
	}
	for _, cause := range slices.Sorted(maps.Keys(mergedKeys(d.book.open, d.open))) {
		a, ok := d.get(cause)
		n := members[a.ID]
		if !ok || a.Parent != "" || !a.active() || n <= a.Members {
			continue
		}
		a.Members = n
		// A parent that changes anyhow needs no change of its own for this.
		if i := slices.IndexFunc(d.out, func(c Change) bool { return c.Alarm.ID == a.ID }); i >= 0 {
			for j := i; j < len(d.out); j++ {
				if d.out[j].Alarm.ID == a.ID {
					d.out[j].Alarm.Members = n
				}
			}
			d.open[cause] = a
			continue
		}
		d.change(wire.AlarmCount, a)
	}
}

func mergedKeys(a, b map[string]Alarm) map[string]bool {
	out := make(map[string]bool, len(a)+len(b))
	for k := range a {
		out[k] = true
	}
	for k := range b {
		out[k] = true
	}
	return out
}

// rate is how many alarms of a centre somebody had to look at within floodWithin.
func (d *draft) rate(centre string) int {
	n := 0
	for _, list := range [][]Raise{d.book.raises, d.raises} {
		for _, r := range list {
			if r.Centre == centre {
				n++
			}
		}
	}
	return n
}

const floodKey = "flood/"

// flood returns the alarm of a centre's flood, and raises it where there is none.
func (d *draft) flood(centre string) Alarm {
	cause := floodKey + centre
	a, ok := d.get(cause)
	if ok && a.active() {
		return a
	}
	d.raise(Condition{
		Key: cause, Kind: wire.AlarmFlood, Centre: centre, Priority: heldFrom - 1,
		Title: schemas.Text{
			VI: "Quá nhiều báo động cùng lúc: báo động ít khẩn cấp được giữ lại ở đây",
			EN: "Too many alarms at once: the less urgent ones are held here",
		},
	}, a, "")
	a, _ = d.get(cause)
	return a
}

// endFloods clears the floods that have run off. Their members come out in the next step.
func (d *draft) endFloods() {
	for _, cause := range slices.Sorted(maps.Keys(d.book.open)) {
		a := d.book.open[cause]
		if centre, is := strings.CutPrefix(cause, floodKey); is && a.active() && a.State != wire.AlarmShelved && d.rate(centre) < floodEnds {
			d.clear(a)
		}
	}
}
