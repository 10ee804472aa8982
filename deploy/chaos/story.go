package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"time"
)

// event is one version of one event, as the checker knows it.
type event struct {
	id, source, centre, domain, typ string
	time                            time.Time
	revision                        int
	data                            map[string]any // string, bool, float64, time.Time, []reading, map[string]float64
}

type reading struct {
	Metric string  `json:"metric"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
}

// key is what makes two events versions of one.
func (e *event) key() [2]string { return [2]string{e.source, e.id} }

// entity is the identity of the thing whose state an event tells; empty for measurements.
func (e *event) entity() string {
	text := func(name string) string { s, _ := e.data[name].(string); return s }
	switch e.typ {
	case "dossier", "call", "ticket", "document", "meeting":
		return text(e.typ + "_id")
	case "procedure":
		return text("procedure")
	case "security":
		return text("finding_id")
	case "figure":
		return text("indicator") + "@" + text("period")
	default:
		return ""
	}
}

// message is what is handed to a transport.
type message struct {
	kafka   bool
	topic   string
	key     string // of Kafka
	headers map[string]string
	payload []byte
	bad     string // of a message that must be refused: its mark
}

// story makes up what the centres send. The same seed tells the same story, but for the moments at which it is told.
type story struct {
	rng      *rand.Rand
	n        int // events and entities made so far
	centres  []string
	things   []*thing
	clock    map[string]time.Time // source → newest moment given out: no two events of a source share one
	versions []event              // all that was ever sent, oldest first
	newest   map[[2]string]event  // of these, by key the one that holds
	bad      map[string]bool      // marks of refused messages
	badOf    map[feedName]int     // how many of each feed
	now      time.Time
	ways     map[[2]string][]way // by which transports each event went, and when
}

// feedName is all that one centre sends in one domain.
type feedName struct{ centre, domain string }

// way is one sending of an event.
type way struct {
	kafka bool
	at    time.Time
}

func (w way) String() string {
	by := "MQTT"
	if w.kafka {
		by = "Kafka"
	}
	return by + " " + w.at.UTC().Format("15:04:05.0")
}

// thing has an identity of its own, and states that follow each other.
type thing struct {
	centre, typ, name string
	data              map[string]any
	states            int
	last              time.Time
}

func newStory(seed uint64, centres []string) *story {
	return &story{
		rng: rand.New(rand.NewPCG(seed, 1)), centres: centres, clock: map[string]time.Time{}, newest: map[[2]string]event{}, bad: map[string]bool{}, badOf: map[feedName]int{}, ways: map[[2]string][]way{}, //nolint:gosec // a story, no secret
	}
}

func (s *story) chance(p float64) bool { return s.rng.Float64() < p }

func pick[T any](s *story, list ...T) T { return list[s.rng.IntN(len(list))] }

// quarter is a number that neither floating point nor decimals round.
func (s *story) quarter(most int) float64 { return float64(s.rng.IntN(most*4)) / 4 }

func (s *story) span(most time.Duration) time.Duration {
	return time.Duration(s.rng.Int64N(int64(most/(250*time.Millisecond)))) * 250 * time.Millisecond
}

// lateness is mostly none, now and then hours, seldom weeks.
func (s *story) lateness() time.Duration {
	switch p := s.rng.Float64(); {
	case p < 0.80:
		return s.span(2 * time.Second)
	case p < 0.93:
		return s.span(time.Hour)
	case p < 0.98:
		return s.span(72 * time.Hour)
	default:
		return s.span(40 * 24 * time.Hour)
	}
}

// moment gives a source a time that it has not used. Its own steps are milliseconds, all others are quarters of a second.
func (s *story) moment(source string, at time.Time) time.Time {
	at = at.UTC().Truncate(time.Millisecond)
	for {
		k := source + "@" + at.Format(time.RFC3339Nano)
		if _, used := s.clock[k]; !used {
			s.clock[k] = at
			return at
		}
		at = at.Add(-time.Millisecond)
	}
}

// next makes up the next message or two: something new, a repeat, a correction, or something bad.
func (s *story) next(now time.Time) []message {
	s.now = now
	switch p := s.rng.Float64(); {
	case p < 0.70 || len(s.versions) == 0:
		return s.tell(s.fresh(now))
	case p < 0.82: // the same again: at once, or from long ago, by any way
		return s.wrap(pick(s, s.versions...))
	case p < 0.94:
		return s.tell(s.correct(now))
	default:
		return []message{s.spoil(now)}
	}
}

// tell notes an event, and wraps it; now and then twice, for both transports.
func (s *story) tell(e event) []message {
	s.versions = append(s.versions, e)
	if old, ok := s.newest[e.key()]; !ok || newer(&e, &old) {
		s.newest[e.key()] = e
	}
	out := s.wrap(e)
	if s.chance(0.1) {
		out = append(out, s.wrap(e)...)
	}
	return out
}

// fresh is an event that was not there before.
func (s *story) fresh(now time.Time) event {
	s.n++
	centre := pick(s, s.centres...)
	at := now.Add(-s.lateness())
	switch p := s.rng.Float64(); {
	case p < 0.25:
		return s.measured(centre, "sensor", "reading", fmt.Sprintf("env-%d", s.rng.IntN(3)), at, s.readings())
	case p < 0.40:
		return s.measured(centre, "camera", "camera", fmt.Sprintf("cam-%d", s.rng.IntN(4)), at, s.camera())
	case p < 0.50:
		return s.measured(centre, "sensor", "sensor", fmt.Sprintf("gw-%d", s.rng.IntN(2)), at, map[string]any{
			"status": pick(s, "online", "degraded", "offline"), "battery": s.quarter(100),
		})
	case p < 0.80 && len(s.things) > 20:
		return s.progress(pick(s, s.things...), at)
	default:
		return s.begin(centre, at)
	}
}

func (s *story) measured(centre, domain, typ, name string, at time.Time, data map[string]any) event {
	source := "/" + centre + "/" + domain + "/" + name
	return event{
		id: fmt.Sprintf("m-%d", s.n), source: source, centre: centre, domain: domain, typ: typ, time: s.moment(source, at), data: data,
	}
}

func (s *story) readings() map[string]any {
	all := []reading{
		{"pm25", s.quarter(90), "µg/m³"},
		{"pm10", s.quarter(150), "µg/m³"},
		{"temp", s.quarter(40), "°C"},
		{"rain_mm", s.quarter(20), "mm"},
		{"water_level", s.quarter(9), "m"},
		{"o3", s.quarter(400), "µg/m³"},
	}
	s.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return map[string]any{"readings": all[:1+s.rng.IntN(len(all))]}
}

func (s *story) camera() map[string]any {
	data := map[string]any{
		"status": pick(s, "online", "online", "online", "degraded", "offline"),
		"counts": map[string]float64{"car": float64(s.rng.IntN(30)), "motorbike": float64(s.rng.IntN(80)), "person": float64(s.rng.IntN(20))},
	}
	if s.chance(0.7) {
		data["speed_kmh"] = s.quarter(80)
	}
	return data
}

// begin makes a thing and its first state.
func (s *story) begin(centre string, at time.Time) event {
	at = at.Truncate(250 * time.Millisecond)
	typ := pick(s, "dossier", "dossier", "call", "call", "ticket", "document", "meeting", "procedure", "security", "figure")
	t := &thing{centre: centre, typ: typ, name: fmt.Sprintf("%s-%d", typ, s.n), last: at}
	received := at.Add(-s.span(30 * time.Minute))
	due := received.Add(s.span(48*time.Hour) - 8*time.Hour)
	switch typ {
	case "dossier":
		t.data = map[string]any{
			"dossier_id": t.name, "procedure": "1.000894", "agency": centre + "-ubnd", "level": 4.0, "channel": pick(s, "online", "counter", "post"),
			"status": "received", "received_at": received, "due_at": due,
		}
	case "call":
		t.data = map[string]any{"call_id": t.name, "topic": "đất đai", "status": "waiting", "queued_at": received}
	case "ticket":
		t.data = map[string]any{
			"ticket_id": t.name, "kind": pick(s, "question", "petition", "field_report"), "channel": pick(s, "phone", "web", "zalo"),
			"topic": "vệ sinh môi trường", "status": "received", "received_at": received, "due_at": due,
		}
	case "document":
		t.data = map[string]any{
			"document_id": t.name, "agency": centre + "-ubnd", "direction": pick(s, "in", "out"), "signed": s.chance(0.8), "at": received, "due_at": due,
		}
	case "meeting":
		t.data = map[string]any{"meeting_id": t.name, "agency": centre + "-ubnd", "paperless": s.chance(0.5), "at": received}
	case "procedure":
		t.data = map[string]any{"procedure": t.name, "agency": centre + "-ubnd", "level": pick(s, 2.0, 3.0, 4.0), "connected": s.chance(0.7)}
	case "security":
		t.data = map[string]any{"finding_id": t.name, "severity": 3.0, "category": "dò quét", "status": "open"}
	case "figure":
		t.data = map[string]any{
			"indicator": pick(s, "economy.digital_share", "budget.revenue", "budget.spending", "investment.disbursed"),
			"period":    fmt.Sprintf("2026-%02d", 1+s.rng.IntN(12)), "value": s.quarter(1000), "target": 1000.0, "issued_by": "Sở Tài chính",
		}
	}
	s.things = append(s.things, t)
	return s.state(t, at)
}

// progress is the next state of a thing, or one between earlier ones that comes late.
func (s *story) progress(t *thing, at time.Time) event {
	at = at.Truncate(250 * time.Millisecond)
	set := func(name string, value any) { t.data[name] = value }
	switch t.typ {
	case "dossier":
		set("status", pick(s, "processing", "supplement", "completed", "returned"))
		if t.data["status"] == "completed" {
			set("completed_at", t.data["received_at"].(time.Time).Add(s.span(24*time.Hour)))
			set("rating", float64(1+s.rng.IntN(5)))
		}
		set("digitised", s.chance(0.6))
		set("paid_online", s.chance(0.4))
	case "call":
		set("status", pick(s, "answered", "abandoned", "ended"))
		if t.data["status"] != "abandoned" {
			set("answered_at", t.data["queued_at"].(time.Time).Add(s.span(time.Minute)))
		}
	case "ticket":
		set("status", pick(s, "forwarded", "resolved", "reopened"))
		if t.data["status"] == "resolved" {
			set("resolved_at", t.data["received_at"].(time.Time).Add(s.span(48*time.Hour)))
			set("rating", float64(1+s.rng.IntN(5)))
		}
	case "document":
		set("done_at", t.data["at"].(time.Time).Add(s.span(48*time.Hour)))
		set("signed", s.chance(0.9))
	case "meeting":
		set("paperless", s.chance(0.5))
	case "procedure":
		set("connected", s.chance(0.7))
	case "security":
		set("status", pick(s, "blocked", "closed", "open"))
	case "figure":
		set("value", s.quarter(1000))
	}
	return s.state(t, at)
}

func (s *story) state(t *thing, at time.Time) event {
	t.states++
	source := "/" + t.centre + "/service/mot-cua"
	return event{
		id: fmt.Sprintf("%s-s%d", t.name, t.states), source: source, centre: t.centre, domain: "service", typ: t.typ,
		time: s.moment(source, at), data: maps.Clone(t.data),
	}
}

// correct is a newer version of an event of any age: other content, sometimes another time.
func (s *story) correct(now time.Time) event {
	any := pick(s, s.versions...)
	e := s.newest[any.key()]
	e.data = maps.Clone(e.data)
	switch e.typ {
	case "reading":
		e.data["readings"] = s.readings()["readings"]
	case "camera":
		e.data = s.camera()
	case "sensor":
		e.data["status"] = pick(s, "online", "degraded", "offline")
	case "figure":
		e.data["value"] = s.quarter(1000)
	case "meeting":
		e.data["paperless"] = s.chance(0.5)
	case "procedure":
		e.data["connected"] = s.chance(0.5)
	case "document":
		e.data["signed"] = s.chance(0.5)
	case "dossier":
		e.data["channel"] = pick(s, "online", "counter", "post")
		e.data["received_at"] = e.data["received_at"].(time.Time).Add(-s.span(time.Hour))
	case "ticket":
		e.data["status"] = pick(s, "forwarded", "resolved", "reopened")
	case "call":
		e.data["queued_at"] = e.data["queued_at"].(time.Time).Add(-s.span(time.Minute))
	case "security":
		e.data["status"] = pick(s, "blocked", "closed", "open")
	}
	if s.chance(0.1) && (e.typ == "call" || e.typ == "document" || e.typ == "meeting") { // it was of another thing
		s.n++
		e.data[e.typ+"_id"] = fmt.Sprintf("%s-%d", e.typ, s.n)
	}
	switch p := s.rng.Float64(); {
	case p < 0.5:
		e.revision++
		if s.chance(0.3) { // to another time, also an earlier one
			e.time = s.moment(e.source, now.Add(-s.lateness()))
		}
	case e.time.Before(now.Add(-time.Minute)):
		e.time = s.moment(e.source, e.time.Add(s.span(time.Minute)+time.Second))
	default:
		e.revision += 2
	}
	return e
}

// newer tells which of two versions of one event holds: the higher revision, then the later time.
func newer(a, b *event) bool {
	if a.revision != b.revision {
		return a.revision > b.revision
	}
	return a.time.After(b.time)
}

// wrap makes a message of an event: by either transport, in any mode.
func (s *story) wrap(e event) []message {
	m := message{kafka: s.chance(0.5)}
	s.ways[e.key()] = append(s.ways[e.key()], way{m.kafka, s.now})
	if m.kafka {
		m.topic, m.key = "ioc."+e.centre+"."+e.domain, e.source
	} else {
		m.topic = "ioc/" + e.centre + "/" + e.domain + "/x"
	}
	switch {
	case m.kafka && s.chance(0.3):
		m.headers = map[string]string{
			"ce_specversion": "1.0", "ce_id": e.id, "ce_source": e.source, "ce_type": typeName(e.typ), "ce_time": stamp(e.time), "content-type": "application/json",
		}
		m.payload = encode(content(e))
	case s.chance(0.1): // a batch of one that is good and one that is bad
		mark := s.mark(e.centre, e.domain)
		m.bad = mark
		m.payload = encode([]any{envelope(e), map[string]any{"specversion": "1.0", "id": mark}})
	default:
		m.payload = encode(envelope(e))
	}
	return []message{m}
}

func (s *story) mark(centre, domain string) string {
	s.badOf[feedName{centre, domain}]++
	s.n++
	mark := fmt.Sprintf("bad-%d", s.n)
	s.bad[mark] = true
	return mark
}

// spoil makes a message that must be refused.
func (s *story) spoil(now time.Time) message {
	centre := pick(s, s.centres...)
	mark := s.mark(centre, "sensor")
	e := s.measured(centre, "sensor", "sensor", "gw-0", now, map[string]any{"status": "online"})
	e.id = mark
	m := message{kafka: s.chance(0.5), topic: "ioc/" + centre + "/sensor/x", bad: mark}
	if m.kafka {
		m.topic, m.key = "ioc."+centre+".sensor", e.source
	}
	body := envelope(e)
	switch s.rng.IntN(5) {
	case 0:
		m.payload = append(encode(body)[:40], []byte(mark)...) // cut off
		return m
	case 1:
		body["type"] = "vn.binhphuoc.ioc.weather.v1"
	case 2:
		body["time"] = stamp(now.Add(48 * time.Hour))
	case 3:
		body["source"] = "/hcm/sensor/gw-0"
	case 4:
		body["data"] = map[string]any{"status": "asleep"}
	}
	m.payload = encode(body)
	return m
}

func typeName(typ string) string { return "vn.binhphuoc.ioc." + typ + ".v1" }

func stamp(t time.Time) string { return t.Format("2006-01-02T15:04:05.000Z07:00") }

func envelope(e event) map[string]any {
	return map[string]any{
		"specversion": "1.0", "id": e.id, "source": e.source, "type": typeName(e.typ), "time": stamp(e.time), "data": content(e),
	}
}

// content is an event's data as it is sent.
func content(e event) map[string]any {
	out := map[string]any{}
	for k, v := range e.data {
		if t, ok := v.(time.Time); ok {
			v = stamp(t)
		}
		out[k] = v
	}
	if e.revision > 0 {
		out["revision"] = e.revision
	}
	return out
}

func encode(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("encode %T: %v", v, err)) // a mistake in this program
	}
	return raw
}
