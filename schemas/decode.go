package schemas

import (
	"bytes"
	"cmp"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// DecoderOptions are the limits of a Decoder. Zero values stand for the defaults.
type DecoderOptions struct {
	MaxBytes  int           // of one message; default 1 MiB
	MaxDepth  int           // of nested objects and lists in one event; default 32
	MaxBatch  int           // events in one batch; default 10,000
	MaxAhead  time.Duration // that an event's time may lie after its arrival; default 10 minutes
	Retention time.Duration // that an event's time may lie before its arrival; default 400 days
	Oldest    time.Time     // before it raw events are gone, whatever their arrival; zero: they are kept
}

// Decoder reads messages into events and says why it refuses the rest. It is safe for concurrent use.
type Decoder struct {
	o       DecoderOptions
	centres map[string]Centre
	domains map[string]bool
	parsers sync.Pool
}

// NewDecoder returns a decoder for the centres and domains that reg names now.
func NewDecoder(reg *Registry, o DecoderOptions) *Decoder {
	o.MaxBytes = cmp.Or(o.MaxBytes, 1<<20)
	o.MaxDepth = cmp.Or(o.MaxDepth, 32)
	o.MaxBatch = cmp.Or(o.MaxBatch, 10_000)
	o.MaxAhead = cmp.Or(o.MaxAhead, 10*time.Minute)
	o.Retention = cmp.Or(o.Retention, 400*24*time.Hour)
	d := &Decoder{o: o, centres: map[string]Centre{}, domains: map[string]bool{}}
	for _, c := range reg.Centres {
		d.centres[c.Code] = c
	}
	for _, dom := range reg.Domains {
		d.domains[dom.Code] = true
	}
	d.parsers.New = func() any { return newParser(o.MaxDepth) }
	return d
}

// Decode reads one message. Everything that it holds ends either among the events or among the refusals,
// and there is at least one of them. Its clock is m.Arrived. Refusals share the bytes of m.Payload.
func (d *Decoder) Decode(m Message) ([]Event, []*Refusal) {
	p, _ := d.parsers.Get().(*parser)
	defer func() {
		p.release()
		d.parsers.Put(p)
	}()
	if f := d.unreadable(m.Payload); f != nil {
		return nil, []*Refusal{refuseWhole(f, d.salvage(p, &m), &m)}
	}
	p.reset(m.Payload)
	switch {
	case binaryMode(m.Header):
		return d.binary(p, &m)
	case p.rest() == 0:
		return nil, []*Refusal{refuseWhole(faultEmptyMessage(), node{}, &m)}
	case p.dec.PeekKind() == '[':
		return d.batch(p, &m)
	default:
		return d.single(p, &m)
	}
}

// unreadable says why these bytes are not even read, nil when they are.
func (d *Decoder) unreadable(payload []byte) *fault {
	if len(payload) > d.o.MaxBytes {
		return faultTooLarge(len(payload), d.o.MaxBytes)
	}
	if !utf8.Valid(payload) {
		return faultNotUTF8(payload)
	}
	return nil
}

// salvage reads what names the event out of a message that is refused as it stands.
func (d *Decoder) salvage(p *parser, m *Message) node {
	if binaryMode(m.Header) {
		return headerNode(m.Header)
	}
	p.reset(m.Payload[:min(len(m.Payload), d.o.MaxBytes)], jsontext.AllowInvalidUTF8(true))
	n, _ := p.value(1) // ends with an error where the message is cut; what was read until there counts
	return n
}

// single reads a message that is one structured event.
func (d *Decoder) single(p *parser, m *Message) ([]Event, []*Refusal) {
	n, err := p.value(1)
	if err == nil {
		err = p.end()
	}
	if f := p.verdict(err); f != nil {
		return nil, []*Refusal{refuseWhole(f, n, m)}
	}
	e, f := d.event(&n, m)
	if f != nil {
		return nil, []*Refusal{refuseWhole(f, n, m)}
	}
	return []Event{e}, nil
}

// batch reads a list of structured events. An element that is not acceptable is refused alone;
// a list that is no JSON is refused whole, since nobody knows where its elements end.
func (d *Decoder) batch(p *parser, m *Message) ([]Event, []*Refusal) {
	whole := func(f *fault) ([]Event, []*Refusal) { return nil, []*Refusal{refuseWhole(f, node{}, m)} }
	var events []Event
	var refusals []*Refusal
	if _, err := p.dec.ReadToken(); err != nil {
		return whole(p.syntax(err))
	}
	i := 0
	for ; p.dec.PeekKind() != ']'; i++ {
		if i == d.o.MaxBatch {
			return whole(faultLongBatch(d.o.MaxBatch))
		}
		start := p.offset()
		n, err := p.value(1)
		if err != nil {
			return whole(p.verdict(err))
		}
		f := p.takeFault()
		if f == nil {
			var e Event
			if e, f = d.event(&n, m); f == nil {
				events = append(events, e)
				continue
			}
		}
		r := newRefusal(f, n)
		r.Item, r.Index = bytes.TrimLeft(p.payload[start:p.offset()], ", \t\r\n"), i
		refusals = append(refusals, r)
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return whole(p.syntax(err))
	}
	if err := p.end(); err != nil {
		return whole(p.syntax(err))
	}
	if i == 0 {
		return whole(faultEmptyBatch())
	}
	return events, refusals
}

// binary reads a Kafka message whose headers are the event's attributes and whose payload is its data.
func (d *Decoder) binary(p *parser, m *Message) ([]Event, []*Refusal) {
	n := headerNode(m.Header)
	f := faultyHeader(&n)
	if f == nil && p.rest() > 0 {
		p.root = "data"
		data, err := p.value(2) // as deep as in structured mode
		if err == nil {
			err = p.end()
		}
		data.name = "data"
		n.children = append(n.children, data)
		f = p.verdict(err)
	}
	var e Event
	if f == nil {
		e, f = d.event(&n, m)
	}
	if f != nil {
		return nil, []*Refusal{refuseWhole(f, n, m)}
	}
	return []Event{e}, nil
}

// headerPrefix stands before an attribute's name in the header of a Kafka message in binary mode.
const headerPrefix = "ce_"

// binaryMode tells whether a message is in Kafka's binary mode.
func binaryMode(header map[string]string) bool {
	_, ok := header[headerPrefix+"type"]
	return ok
}

// headerNode returns the attributes in a header as a structured event has them.
func headerNode(header map[string]string) node {
	n := node{kind: '{'}
	for _, name := range [...]string{"specversion", "id", "source", "type", "time"} {
		if v, ok := header[headerPrefix+name]; ok {
			n.children = append(n.children, node{kind: '"', name: name, text: v})
		}
	}
	return n
}

func faultyHeader(n *node) *fault {
	for _, a := range n.children {
		if !utf8.ValidString(a.text) {
			return faultHeaderNotUTF8(a.name)
		}
	}
	return nil
}

// refuseWhole refuses all of a message. n is what could be read of it.
func refuseWhole(f *fault, n node, m *Message) *Refusal {
	r := newRefusal(f, n)
	r.Item, r.Index = m.Payload, -1
	return r
}

func newRefusal(f *fault, n node) *Refusal {
	return &Refusal{
		Code: f.code, Field: f.field, Sentence: f.vi, English: f.en,
		ID: n.readable("id"), Source: n.readable("source"), EventType: n.readable("type"),
	}
}
