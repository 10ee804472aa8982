// Package world makes up what happens in a province from one moment to another.
//
// It is a function of seed, rate and time: whoever asks for the same span gets the same events, byte for byte,
// in whatever process and however often. So a simulation that is restarted repeats events instead of adding to them.
package world

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
	_ "time/tzdata" // the machine may have no time zones

	"github.com/binhphuoc/ioc/schemas"
)

// Transport is the way by which events are sent.
type Transport string

// The transports of the contract.
const (
	MQTT  Transport = "mqtt"
	Kafka Transport = "kafka"
)

// Options are what a World is a function of.
type Options struct {
	Seed uint64
	// Rate multiplies how much happens; 1 is a real day, which is the default.
	Rate     float64
	Registry *schemas.Registry
}

// World is the simulated province.
type World struct {
	seed   seed
	rate   float64
	cal    calendar
	curves curves
	cat    *catalogue
	reg    *schemas.Registry
}

// Emission is one message, ready to be sent.
type Emission struct {
	Time    time.Time // of its first event
	Topic   string
	Key     string   // Kafka
	Headers []Header // Kafka
	Payload []byte
	Events  int
	Bad     bool // made to be refused
}

// Header is one header of a Kafka message.
type Header struct{ Key, Value string }

// New checks the options.
func New(o Options) (*World, error) {
	if o.Rate == 0 {
		o.Rate = 1
	}
	switch {
	case o.Registry == nil:
		return nil, errors.New("a simulated world needs a registry of centres")
	case !(o.Rate > 0 && o.Rate <= 100):
		return nil, fmt.Errorf("rate %v: must be greater than 0, and at most 100", o.Rate)
	}
	loc, err := time.LoadLocation("Asia/Ho_Chi_Minh")
	if err != nil {
		return nil, fmt.Errorf("load the time zone of the province: %w", err)
	}
	cat, err := readCatalogue()
	if err != nil {
		return nil, err
	}
	s := seed(o.Seed).of("world")
	if o.Rate != 1 {
		s = s.of(strconv.FormatFloat(o.Rate, 'g', -1, 64))
	}
	return &World{seed: s, rate: o.Rate, cal: calendar{loc}, curves: newCurves(), cat: cat, reg: o.Registry}, nil
}

// Feeds returns all that is sent at a moment: for each centre that exists then, one feed by each transport.
func (w *World) Feeds(at time.Time) []*Feed {
	var out []*Feed
	for _, c := range w.reg.Centres {
		if at.Before(c.From) || c.To != nil && !at.Before(*c.To) {
			continue
		}
		for _, t := range []Transport{MQTT, Kafka} {
			out = append(out, w.newFeed(c, t))
		}
	}
	return out
}

func (w *World) newFeed(c schemas.Centre, t Transport) *Feed {
	f := &Feed{w: w, centre: c, transport: t, profile: profileOf(c.Code, c.Parent == ""), seed: w.seed.of(c.Code)}
	if t == MQTT {
		f.parts = []part{newCameras(f), newSensors(f)}
	} else {
		f.parts = []part{newPortal(f), newServices(f)}
	}
	return f
}

// part is a piece of a feed.
type part interface {
	// between returns what happens in [from, to). Thinned leaves out what can be left out without changing a sum.
	between(from, to time.Time, thinned bool) []event
}

// Feed is what one centre sends by one transport. It keeps the plan of the day, so only one goroutine may use it at a time.
type Feed struct {
	w         *World
	centre    schemas.Centre
	transport Transport
	profile   profile
	seed      seed
	parts     []part
}

// Centre is the code of the centre that sends.
func (f *Feed) Centre() string { return f.centre.Code }

// Transport is the way by which it sends.
func (f *Feed) Transport() Transport { return f.transport }

// Topics returns the Kafka topics that the feed writes to.
func (f *Feed) Topics() []string {
	if f.transport == Kafka {
		return []string{f.topic("service", "")}
	}
	return nil
}

// Between returns what is sent of [from, to), in the order of time.
func (f *Feed) Between(from, to time.Time) []Emission {
	return f.withBad(f.pack(f.events(from, to, false)), from, to)
}

// History returns what is sent of [from, to) when it is sent afterwards: a part of what Between returns, the same events,
// in fewer messages. What is left out says nothing new: heartbeats without counts, gauges without rain.
func (f *Feed) History(from, to time.Time) []Emission {
	return f.withBad(f.packHistory(f.events(from, to, true)), from, to)
}

// Standing returns what a platform has to know at a moment to go on from there: the last state of everything
// that is open then, and of what has ended in the month so far.
func (f *Feed) Standing(at time.Time) []Emission {
	var events []event
	for _, p := range f.parts {
		if s, ok := p.(*services); ok {
			events = append(events, s.standing(at)...)
		}
	}
	sortEvents(events)
	return f.packHistory(events)
}

func (f *Feed) events(from, to time.Time, thinned bool) []event {
	var out []event
	for _, p := range f.parts {
		out = append(out, p.between(from, to, thinned)...)
	}
	sortEvents(out)
	return out
}

func (f *Feed) withBad(good []Emission, from, to time.Time) []Emission {
	bad := f.bad(from, to)
	if len(bad) == 0 {
		return good
	}
	out := append(good, bad...)
	slices.SortStableFunc(out, func(a, b Emission) int { return a.Time.Compare(b.Time) })
	return out
}

// ticks calls visit for every tick of a source in [from, to): its interval apart, at a phase of its own.
func (f *Feed) ticks(s seed, interval time.Duration, from, to time.Time, visit func(n int64, at time.Time)) {
	step := max(int64(float64(interval.Milliseconds())/f.w.rate), 20)
	phase := int64(s.of("phase").unit() * float64(step))
	for n := floorDiv(from.UnixMilli()-phase+step-1, step); ; n++ {
		at := time.UnixMilli(n*step + phase)
		if at.Before(from) { // from has a fraction of a millisecond
			continue
		}
		if !at.Before(to) {
			return
		}
		visit(n, at)
	}
}

// thinnedTo returns which ticks of an interval remain when history has one in 5 minutes.
func thinnedTo(interval time.Duration) int64 { return int64(5 * time.Minute / interval) }

// outage is a span of a day in which something does not work.
type outage struct{ from, to time.Time }

func (o outage) has(t time.Time) bool { return !t.Before(o.from) && t.Before(o.to) }
