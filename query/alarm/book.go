package alarm

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/binhphuoc/ioc/schemas/wire"
)

// Book is how all alarms stand after an entry of the log.
type Book struct {
	offset  uint64
	open    map[string]Alarm  // all that are not closed, by cause
	causes  map[string]string // of these, by id
	raises  []Raise           // of the last floodWithin
	watches map[string]Watch  // by key
	moved   map[string]bool   // keys of watches that are not written yet
}

// Raise is one alarm that somebody had to look at.
type Raise struct {
	At     time.Time
	Centre string
}

// NewBook returns the book of a log that is empty.
func NewBook() *Book {
	return &Book{open: map[string]Alarm{}, causes: map[string]string{}, watches: map[string]Watch{}, moved: map[string]bool{}}
}

// Offset is the number of the newest entry in the book.
func (b *Book) Offset() uint64 { return b.offset }

// Open returns the alarm of a cause that is not closed.
func (b *Book) Open(cause string) (Alarm, bool) {
	a, ok := b.open[cause]
	return a, ok
}

// Top lists the alarms that are not closed and no members, by the time of their raising.
func (b *Book) Top() []wire.Alarm {
	var out []wire.Alarm
	for _, a := range b.open {
		if a.Parent == "" {
			out = append(out, a.Alarm)
		}
	}
	slices.SortFunc(out, func(x, y wire.Alarm) int {
		return cmp.Or(x.RaisedAt.Compare(y.RaisedAt), cmp.Compare(x.ID, y.ID))
	})
	return out
}

// Apply enters changes that the log has taken, in their order.
func (b *Book) Apply(changes ...Change) {
	for _, c := range changes {
		b.offset = c.Offset
		b.put(c.Alarm)
		if counts(c) {
			b.raises = append(b.raises, Raise{c.Alarm.ChangedAt, c.Alarm.Centre})
		}
	}
}

func (b *Book) put(a Alarm) {
	if a.State == wire.AlarmClosed {
		if b.open[a.Cause].ID == a.ID {
			delete(b.open, a.Cause)
		}
		delete(b.causes, a.ID)
		return
	}
	b.open[a.Cause] = a
	b.causes[a.ID] = a.Cause
}

// counts tells whether a change is one more alarm for a person: members of a cause are none, those held by a flood are.
func counts(c Change) bool {
	return c.Action == wire.AlarmRaise && c.Alarm.Kind != wire.AlarmFlood && (c.Alarm.Parent == "" || c.Alarm.Held)
}

// Watches takes over what a process before this one waited for.
func (b *Book) Watches(list ...Watch) {
	for _, w := range list {
		b.watches[w.Key] = w
	}
}

// Moved returns the watches that are not written yet. One that is over has that phase.
func (b *Book) Moved(now time.Time) []Watch {
	out := make([]Watch, 0, len(b.moved))
	for _, key := range slices.Sorted(maps.Keys(b.moved)) {
		w, ok := b.watches[key]
		if !ok {
			w = Watch{Key: key, Phase: Over, Since: now}
		}
		out = append(out, w)
	}
	return out
}

// Written says that these watches are written.
func (b *Book) Written(list []Watch) {
	for _, w := range list {
		if now, ok := b.watches[w.Key]; ok == (w.Phase != Over) && (!ok || now == w) {
			delete(b.moved, w.Key)
		}
	}
}

// watch starts to wait, or goes on. A wait for something more urgent begins anew.
func (b *Book) watch(key string, p Phase, priority int, now time.Time) Watch {
	w, ok := b.watches[key]
	if ok && w.Phase == p && priority >= w.Priority {
		return w
	}
	w = Watch{Key: key, Phase: p, Since: now, Priority: priority}
	b.watches[key] = w
	b.moved[key] = true
	return w
}

func (b *Book) unwatch(key string) {
	if _, ok := b.watches[key]; ok {
		delete(b.watches, key)
		b.moved[key] = true
	}
}

// marked is what a book waited for at some time.
type marked struct {
	watches map[string]Watch
	moved   map[string]bool
}

func (b *Book) mark() marked { return marked{maps.Clone(b.watches), maps.Clone(b.moved)} }

// rewind has the book wait for what it waited for then.
func (b *Book) rewind(m marked) { b.watches, b.moved = maps.Clone(m.watches), maps.Clone(m.moved) }
