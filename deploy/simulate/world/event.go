package world

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// event is one event before it is written as JSON.
type event struct {
	at     time.Time
	domain string
	name   string
	kind   string // TYPE of the contract
	id     string
	data   any
	group  string // events of one source and time with the same group travel as one batch
	binary bool   // in Kafka: attributes as headers
}

// envelope is a CloudEvents 1.0 event in structured mode.
type envelope struct {
	SpecVersion string `json:"specversion"`
	ID          string `json:"id"`
	Source      string `json:"source"`
	Type        string `json:"type"`
	Time        string `json:"time"`
	ContentType string `json:"datacontenttype"`
	Data        any    `json:"data"`
}

// Media types of the CloudEvents specification.
const (
	structured = "application/cloudevents+json; charset=UTF-8"
	batch      = "application/cloudevents-batch+json; charset=UTF-8"
)

// batchEvents bounds a batch: well below 1 MiB, the most that a message may have.
const batchEvents = 100

func typeName(kind string) string { return "vn.binhphuoc.ioc." + kind + ".v1" }

// stamp writes a time as the contract has it: RFC 3339 with offset.
func stamp(t time.Time) string { return t.Format("2006-01-02T15:04:05.000Z07:00") }

func (f *Feed) source(e *event) string { return "/" + f.centre.Code + "/" + e.domain + "/" + e.name }

// marshal writes data that is made of strings, finite numbers and booleans alone.
func marshal(data any) []byte {
	raw, err := json.Marshal(data)
	if err != nil {
		panic(fmt.Sprintf("simulated data %T: %v", data, err)) // a mistake in this package
	}
	return raw
}

func (f *Feed) envelope(e *event) envelope {
	return envelope{
		SpecVersion: "1.0", ID: e.id, Source: f.source(e), Type: typeName(e.kind), Time: stamp(e.at.In(f.w.cal.loc)),
		ContentType: "application/json", Data: e.data,
	}
}

// sortEvents brings events into the one order that depends on nothing but them.
func sortEvents(events []event) {
	slices.SortFunc(events, func(a, b event) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.domain, b.domain), cmp.Compare(a.name, b.name), cmp.Compare(a.id, b.id))
	})
}

// pack writes events as messages: one for each, or one for each group.
func (f *Feed) pack(events []event) []Emission {
	var out []Emission
	for i := 0; i < len(events); {
		n := 1
		for i+n < len(events) && events[i].group != "" && events[i+n].group == events[i].group && events[i+n].at.Equal(events[i].at) {
			n++
		}
		if n == 1 && events[i].group == "" {
			out = append(out, f.single(&events[i]))
		} else {
			out = append(out, f.batch(events[i:i+n], events[i].name))
		}
		i += n
	}
	return out
}

// packHistory writes what is sent afterwards. Over MQTT a gateway sends its store in batches, one series for each domain.
func (f *Feed) packHistory(events []event) []Emission {
	if f.transport == Kafka {
		return f.pack(events)
	}
	var out []Emission
	byDomain := map[string][]event{}
	for _, e := range events {
		held := append(byDomain[e.domain], e)
		if len(held) == batchEvents {
			out = append(out, f.batch(held, "history"))
			held = nil
		}
		byDomain[e.domain] = held
	}
	for _, domain := range []string{"camera", "sensor"} {
		if held := byDomain[domain]; len(held) > 0 {
			out = append(out, f.batch(held, "history"))
		}
	}
	return out
}

func (f *Feed) single(e *event) Emission {
	if f.transport == Kafka && e.binary {
		return Emission{
			Time: e.at, Topic: f.topic(e.domain, e.name), Key: f.source(e), Payload: marshal(e.data), Events: 1,
			Headers: []Header{
				{"ce_specversion", "1.0"},
				{"ce_id", e.id},
				{"ce_source", f.source(e)},
				{"ce_type", typeName(e.kind)},
				{"ce_time", stamp(e.at.In(f.w.cal.loc))},
				{"content-type", "application/json"},
			},
		}
	}
	return f.message(e.at, e.domain, e.name, marshal(f.envelope(e)), 1, structured)
}

func (f *Feed) batch(events []event, name string) Emission {
	items := make([]envelope, len(events))
	for i := range events {
		items[i] = f.envelope(&events[i])
	}
	return f.message(events[0].at, events[0].domain, name, marshal(items), len(events), batch)
}

// message addresses a payload.
func (f *Feed) message(at time.Time, domain, name string, payload []byte, events int, contentType string) Emission {
	m := Emission{Time: at, Topic: f.topic(domain, name), Payload: payload, Events: events}
	if f.transport == Kafka {
		m.Key = "/" + f.centre.Code + "/" + domain + "/" + name
		m.Headers = []Header{{"content-type", contentType}}
	}
	return m
}

func (f *Feed) topic(domain, name string) string {
	if f.transport == Kafka {
		return "ioc." + f.centre.Code + "." + domain
	}
	return "ioc/" + f.centre.Code + "/" + domain + "/" + name
}

// tickID names a measurement by its time.
func tickID(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
