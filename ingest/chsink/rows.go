package chsink

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/schemas"
)

// row is an event with the message that brought it, and what the tables want of its data.
type row struct {
	*schemas.Event
	origin *schemas.Message
	state
	measure
}

// state is what raw_state has of an event, as far as it depends on the type.
type state struct {
	stand, agency, procedure, topic, kind, channel, direction, category                   string
	level, severity                                                                       uint8
	rating                                                                                *uint8
	receivedAt, queuedAt, at, dueAt, answeredAt, completedAt, resolvedAt, doneAt, endedAt *time.Time
	paidOnline, digitised, signed, paperless, connected                                   *bool
	place                                                                                 schemas.Position
	indicator, period, issuedBy                                                           string
	value, target                                                                         *decimal.Decimal
	withdrawn                                                                             bool
}

// measure is what raw_measure has of an event, as far as it depends on the type.
type measure struct {
	fps, bitrate, speed, battery, rssi *float64
	counts                             map[string]uint32
	metrics, units                     []string
	values                             []float64
	dims                               []map[string]string
}

// rowsOf returns the events that are measurements, or those that are not.
func rowsOf(b *ingest.Batch, measured bool) []row {
	n := 0
	for i := range b.Events {
		if b.Events[i].Type.Measured() == measured {
			n++
		}
	}
	out := make([]row, 0, n) // rows are large: growing would cost more than counting
	for i := range b.Events {
		e := &b.Events[i]
		if e.Type.Measured() != measured {
			continue
		}
		r := row{Event: e, origin: b.Origins[i]}
		if measured {
			r.state, r.measure = measureOf(e.Data)
		} else {
			r.state = stateOf(e.Data)
		}
		out = append(out, r)
	}
	return out
}

func stateOf(data schemas.Data) state {
	switch d := data.(type) {
	case *schemas.Dossier:
		return state{
			stand: d.Status, agency: d.Agency, procedure: d.Procedure, channel: d.Channel, level: d.Level, rating: d.Rating,
			receivedAt: &d.ReceivedAt, dueAt: &d.DueAt, completedAt: d.CompletedAt, paidOnline: d.PaidOnline, digitised: d.Digitised,
		}
	case *schemas.Call:
		return state{stand: d.Status, topic: d.Topic, rating: d.Rating, queuedAt: &d.QueuedAt, answeredAt: d.AnsweredAt, endedAt: d.EndedAt}
	case *schemas.Ticket:
		return state{
			stand: d.Status, agency: d.Agency, topic: d.Topic, kind: d.Kind, channel: d.Channel, rating: d.Rating,
			receivedAt: &d.ReceivedAt, dueAt: d.DueAt, resolvedAt: d.ResolvedAt, place: d.Position,
		}
	case *schemas.Document:
		return state{agency: d.Agency, direction: d.Direction, signed: &d.Signed, at: &d.At, dueAt: d.DueAt, doneAt: d.DoneAt}
	case *schemas.Meeting:
		return state{agency: d.Agency, paperless: &d.Paperless, at: &d.At}
	case *schemas.Procedure:
		return state{procedure: d.Procedure, agency: d.Agency, level: d.Level, connected: &d.Connected}
	case *schemas.Security:
		return state{severity: d.Severity, category: d.Category, stand: d.Status}
	case *schemas.Figure:
		if d.Withdrawn { // it says nothing any more
			return state{indicator: d.Indicator, period: d.Period, issuedBy: d.IssuedBy, withdrawn: true}
		}
		return state{indicator: d.Indicator, period: d.Period, value: &d.Value, target: d.Target, issuedBy: d.IssuedBy}
	default:
		return state{}
	}
}

func measureOf(data schemas.Data) (state, measure) {
	switch d := data.(type) {
	case *schemas.Camera:
		return state{stand: d.Status, place: d.Position}, measure{fps: d.FPS, bitrate: d.BitrateKbps, speed: d.SpeedKmh, counts: d.Counts}
	case *schemas.Sensor:
		return state{stand: d.Status, place: d.Position}, measure{battery: d.Battery, rssi: d.RSSI}
	case schemas.Readings:
		m := measure{
			metrics: make([]string, len(d)), units: make([]string, len(d)),
			values: make([]float64, len(d)), dims: make([]map[string]string, len(d)),
		}
		for i, x := range d {
			m.metrics[i], m.units[i], m.values[i], m.dims[i] = x.Metric, x.Unit, x.Value, x.Dims
		}
		return state{}, m
	default:
		return state{}, measure{}
	}
}

// entityOf is the identity of the thing whose state an event tells, within its type and centre.
func entityOf(e *schemas.Event) string {
	switch d := e.Data.(type) {
	case *schemas.Dossier:
		return d.DossierID
	case *schemas.Call:
		return d.CallID
	case *schemas.Ticket:
		return d.TicketID
	case *schemas.Document:
		return d.DocumentID
	case *schemas.Meeting:
		return d.MeetingID
	case *schemas.Procedure:
		return d.Procedure
	case *schemas.Security:
		return d.FindingID
	case *schemas.Figure:
		return d.Indicator + "@" + d.Period
	default:
		return ""
	}
}

// placeOf says whose feed a refused event came by: that of its topic, and failing that, of its source.
func placeOf(r *ingest.Refused) (centre, domain string) {
	centre = r.Message.Centre
	if topic := strings.FieldsFunc(r.Message.Topic, func(c rune) bool { return c == '/' || c == '.' }); len(topic) > 2 {
		domain = topic[2]
	}
	parts := strings.Split(r.Source, "/")
	if centre == "" && len(parts) > 1 {
		centre = parts[1]
	}
	if domain == "" && len(parts) > 2 {
		domain = parts[2]
	}
	return centre, domain
}

// rejectKey identifies a refused event, so that a repeat is no second one, whoever repeats it: a producer that was not
// told, a broker, an ingest that was killed. The same bytes on the same topic are the same refused event.
func rejectKey(r *ingest.Refused) uuid.UUID {
	h := sha256.New()
	var n [8]byte
	for _, s := range []string{r.Message.Transport, r.Message.Topic} {
		binary.BigEndian.PutUint64(n[:], uint64(len(s))) // keeps the topic and the bytes apart
		h.Write(n[:])
		h.Write([]byte(s))
	}
	h.Write(r.Item)
	var k uuid.UUID
	copy(k[:], h.Sum(nil))
	return k
}
