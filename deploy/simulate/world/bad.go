package world

import (
	"fmt"
	"time"
)

// badShare is how likely a feed sends a mistake within an hour.
const badShare = 0.6

// bad returns the mistakes of a feed in [from, to): what real centres send when a program of theirs has just been changed.
func (f *Feed) bad(from, to time.Time) []Emission {
	var out []Emission
	for hour := from.Truncate(time.Hour); hour.Before(to); hour = hour.Add(time.Hour) {
		s := f.seed.of("bad").of(string(f.transport)).at(hour.Unix())
		for i := range max(1, int(f.w.rate)) {
			r := s.at(int64(i)).rand()
			at := hour.Add(spread(r, 0, time.Hour)).Truncate(time.Millisecond)
			which := r.IntN(badKinds)
			if chance(r, badShare) && !at.Before(from) && at.Before(to) {
				out = append(out, f.mistake(at, which))
			}
		}
	}
	return out
}

// badKinds is the number of mistakes that mistake knows.
const badKinds = 7

func (f *Feed) mistake(at time.Time, which int) Emission {
	e := event{at: at, domain: "sensor", name: "air-01", kind: "reading", id: "loi-" + tickID(at)}
	if f.transport == Kafka {
		e.domain, e.name = "service", "mot-cua"
	}
	good := map[string]any{"metric": "pm25", "value": 21.5, "unit": "µg/m³"}
	e.data = good
	var payload []byte
	switch which {
	case 0: // a number as text
		good["value"] = "21,5"
	case 1: // a field is missing
		delete(good, "value")
	case 2: // a type that nobody knows
		e.kind = "measurement"
	case 3: // cut off
		payload = marshal(f.envelope(&e))
		payload = payload[:len(payload)/2]
	case 4: // not JSON, though many languages write it
		payload = fmt.Appendf(nil, `{"specversion":"1.0","id":%q,"source":%q,"type":%q,"time":%q,"data":{"metric":"pm25","value":NaN}}`,
			e.id, f.source(&e), typeName(e.kind), stamp(at.In(f.w.cal.loc)))
	case 5: // a status that the contract does not have
		e.kind = "dossier"
		e.data = map[string]any{
			"dossier_id": e.id, "procedure": "Đăng ký khai sinh", "agency": "ubnd-" + f.centre.Code, "level": 4, "channel": "online",
			"status": "done", "received_at": stamp(at), "due_at": stamp(at.Add(8 * time.Hour)),
		}
	default: // a time without an offset
		wrong := f.envelope(&e)
		wrong.Time = at.In(f.w.cal.loc).Format("2006-01-02T15:04:05")
		payload = marshal(wrong)
	}
	if payload == nil {
		payload = marshal(f.envelope(&e))
	}
	m := f.message(at, e.domain, e.name, payload, 1, structured)
	m.Bad = true
	return m
}
