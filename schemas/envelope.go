package schemas

import (
	"slices"
	"strings"
)

// event reads one event.
func (d *Decoder) event(n *node, m *Message) (Event, *fault) {
	if n.kind != '{' {
		return Event{}, faultNotObject(n)
	}
	r := reader{canonical: make(canonical, 0, 512)}
	env := r.fields(n, "")
	env.oneOf("specversion", "1.0")
	e := Event{
		ID:     env.text("id", 256),
		Source: env.text("source", maxSource),
		Type:   env.eventType(),
		// Its year is the clock's to judge: a sender whose clock was never set and says 1970 is told just that.
		Time: env.moment("time", parseTimeOfAnyYear),
	}
	if r.fault == nil {
		r.fail(d.place(&e, m, env.of))
	}
	if r.fault == nil {
		r.fail(d.clock(&e, m))
	}
	if r.fault != nil {
		return Event{}, r.fault
	}
	data := r.fields(env.object("data"), "data.")
	e.Revision = data.revision()
	e.Data = data.data(e.Type)
	if r.fault != nil {
		return Event{}, r.fault
	}
	e.Digest = r.canonical.digest()
	return e, nil
}

// maxSource bounds a source; its name alone is at most maxName.
const (
	maxSource = 256
	maxName   = 128
)

// eventType reads the attribute "type".
func (f fields) eventType() Type {
	s := f.text("type", 256)
	if s == "" {
		return ""
	}
	t := Type(strings.TrimSuffix(strings.TrimPrefix(s, "vn.binhphuoc.ioc."), ".v1"))
	if !slices.Contains(Types(), t) || t.CloudEventType() != s {
		f.fail(faultUnknownType(s))
		return ""
	}
	return t
}

// place checks the source against the registry and the topic, and sets the centre and the domain.
func (d *Decoder) place(e *Event, m *Message, n *node) *fault {
	parts := strings.SplitN(e.Source, "/", 4)
	if len(parts) != 4 || parts[0] != "" || parts[1] == "" || parts[2] == "" || !sourceName(parts[3]) {
		return faultOutOfRange("source", n.member("source"), wantSource())
	}
	e.Centre, e.Domain = parts[1], parts[2]
	if _, ok := d.centres[e.Centre]; !ok {
		return faultUnknownCentre(e.Centre)
	}
	if !d.domains[e.Domain] {
		return faultUnknownDomain(e.Domain)
	}
	// A topic that names no centre is nobody's: what comes by it can't be told from what another centre may send.
	if (m.Centre != "" || m.Topic != "") && m.Centre != e.Centre {
		return faultWrongCentre(e.Centre, m.Centre)
	}
	return nil
}

// clock checks the event's time against its arrival and against the life of its centre.
func (d *Decoder) clock(e *Event, m *Message) *fault {
	switch {
	case e.Time.After(m.Arrived.Add(d.o.MaxAhead)):
		return faultTimeAhead(e.Time, m.Arrived, d.o.MaxAhead)
	case e.Time.Before(m.Arrived.Add(-d.o.Retention)):
		return faultTimeExpired(e.Time, m.Arrived.Add(-d.o.Retention))
	case e.Time.Before(d.o.Oldest):
		return faultTimeExpired(e.Time, d.o.Oldest)
	}
	if c := d.centres[e.Centre]; e.Time.Before(c.From) || c.To != nil && !e.Time.Before(*c.To) {
		return faultCentreNotThen(c, e.Time)
	}
	return nil
}

func sourceName(s string) bool {
	if s == "" || len(s) > maxName {
		return false
	}
	for _, c := range []byte(s) {
		if letter := 'a' <= c|0x20 && c|0x20 <= 'z'; !letter && !digit(c) && strings.IndexByte("._:-", c) < 0 {
			return false
		}
	}
	return true
}
