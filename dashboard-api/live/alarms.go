package live

import (
	"cmp"
	"slices"
	"sync"

	"github.com/binhphuoc/ioc/schemas/wire"
)

// maxRing is how many changes of alarms are kept for readers who are behind. Whoever is further behind gets the whole list.
const maxRing = 4096

// alarms is the stream of alarms. It is never conflated: each change is a frame of its own, and each reader gets all of them in
// their order, or the whole list. Their numbers are those of the log, so that they go on after a restart.
type alarms struct {
	mu       sync.Mutex
	epoch    string // empty: nothing is known yet
	offset   uint64 // of the newest entry of the log
	open     map[string]wire.Alarm
	ring     []ringed // in the order of their numbers
	before   uint64   // the number before the first in the ring: whoever has less misses something
	replaced chan struct{}
}

// ringed is one change. Its frame is encoded once, for all readers.
type ringed struct {
	wire.AlarmFrame
	frame *Frame
}

func newAlarms() *alarms {
	return &alarms{open: map[string]wire.Alarm{}, replaced: make(chan struct{})}
}

// ResetAlarms sets all: those that are not closed, and the newest changes, whose numbers end with offset.
func (h *Hub) ResetAlarms(epoch string, offset uint64, open []wire.Alarm, newest []wire.AlarmFrame) {
	a := h.alarms
	a.mu.Lock()
	defer a.mu.Unlock()
	a.epoch, a.offset, a.before, a.ring = epoch, offset, offset, nil
	a.open = map[string]wire.Alarm{}
	for _, alarm := range open {
		a.open[alarm.ID] = alarm
	}
	if len(newest) > 0 {
		a.before = newest[0].Offset - 1
	}
	a.keep(newest)
	a.wake()
}

// PublishAlarms hands over changes in the order of their numbers; offset is that of the newest entry of the log.
// It never waits for a reader.
func (h *Hub) PublishAlarms(offset uint64, changes []wire.AlarmFrame) {
	a := h.alarms
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range changes {
		if c.Alarm.State == wire.AlarmClosed || c.Alarm.Parent != "" {
			delete(a.open, c.Alarm.ID)
		} else {
			a.open[c.Alarm.ID] = c.Alarm
		}
	}
	a.offset = offset
	a.keep(changes)
	a.wake()
}

// keep puts changes into the ring.
func (a *alarms) keep(changes []wire.AlarmFrame) {
	for _, c := range changes {
		c.Type, c.Epoch = wire.TypeAlarm, a.epoch
		a.ring = append(a.ring, ringed{c, &Frame{}})
	}
	if n := len(a.ring) - maxRing; n > 0 {
		a.before = a.ring[n-1].Offset
		a.ring = slices.Clone(a.ring[n:]) // lets go of the others' memory
	}
}

func (a *alarms) wake() {
	close(a.replaced)
	a.replaced = make(chan struct{})
}

// changed is closed when there is more.
func (a *alarms) changed() <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.replaced
}

// place is how far a client has come.
type place struct {
	wire.AlarmPlace
	list bool // the whole list is due
}

// nextAlarm returns the client's next frame, and moves it on; nil: there is nothing to tell.
func (h *Hub) nextAlarm(v *view, p *place) *Frame {
	a := h.alarms
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.epoch == "" {
		return nil
	}
	if p.list || p.Epoch != a.epoch || p.Offset > a.offset || p.Offset < a.before {
		p.Epoch, p.Offset, p.list = a.epoch, a.offset, false
		return h.alarmList(v)
	}
	i, _ := slices.BinarySearchFunc(a.ring, p.Offset+1, func(r ringed, offset uint64) int { return cmp.Compare(r.Offset, offset) })
	for _, r := range a.ring[i:] {
		p.Offset = r.Offset
		if slices.Contains(v.centres, r.Alarm.Centre) {
			r.frame.once.Do(func() { r.frame.data = h.encode(wire.TypeAlarm, r.AlarmFrame) })
			return r.frame
		}
	}
	p.Offset = a.offset
	return nil
}

// alarmList is all that is not closed of the view's centres. The lock is held: it is as of one entry of the log.
func (h *Hub) alarmList(v *view) *Frame {
	f := wire.AlarmsFrame{Type: wire.TypeAlarms, Epoch: h.alarms.epoch, Offset: h.alarms.offset, Alarms: []wire.Alarm{}}
	for _, a := range h.alarms.open {
		if slices.Contains(v.centres, a.Centre) {
			f.Alarms = append(f.Alarms, a)
		}
	}
	slices.SortFunc(f.Alarms, func(x, y wire.Alarm) int {
		return cmp.Or(x.RaisedAt.Compare(y.RaisedAt), cmp.Compare(x.ID, y.ID))
	})
	return &Frame{data: h.encode(wire.TypeAlarms, f)}
}

// takeAlarm returns the client's next frame of alarms. The client's lock is held.
func (c *Client) takeAlarm() *Frame {
	if c.view == nil || c.alarms == nil {
		return nil
	}
	return c.hub.nextAlarm(c.view, c.alarms)
}
