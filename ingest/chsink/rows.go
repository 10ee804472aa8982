package chsink

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/schemas"
)

const stateColumns = "key, source, id, centre, domain, type, entity, time, arrived, transport, revision, digest, " +
	"status, agency, procedure, topic, kind, channel, direction, category, level, severity, rating, " +
	"received_at, queued_at, at, due_at, answered_at, completed_at, resolved_at, done_at, ended_at, " +
	"paid_online, digitised, signed, paperless, connected, lat, lon, indicator, period, value, target, issued_by"

// state is a row of raw_state, as far as it depends on the type.
type state struct {
	status, agency, procedure, topic, kind, channel, direction, category                  string
	level, severity                                                                       uint8
	rating                                                                                *uint8
	receivedAt, queuedAt, at, dueAt, answeredAt, completedAt, resolvedAt, doneAt, endedAt *time.Time
	paidOnline, digitised, signed, paperless, connected                                   *bool
	lat, lon                                                                              *float64
	indicator, period, issuedBy                                                           string
	value, target                                                                         *decimal.Decimal
}

func stateOf(data schemas.Data) state {
	switch d := data.(type) {
	case *schemas.Dossier:
		return state{
			status: d.Status, agency: d.Agency, procedure: d.Procedure, channel: d.Channel, level: d.Level, rating: d.Rating,
			receivedAt: &d.ReceivedAt, dueAt: &d.DueAt, completedAt: d.CompletedAt, paidOnline: d.PaidOnline, digitised: d.Digitised,
		}
	case *schemas.Call:
		return state{status: d.Status, topic: d.Topic, rating: d.Rating, queuedAt: &d.QueuedAt, answeredAt: d.AnsweredAt, endedAt: d.EndedAt}
	case *schemas.Ticket:
		return state{
			status: d.Status, agency: d.Agency, topic: d.Topic, kind: d.Kind, channel: d.Channel, rating: d.Rating,
			receivedAt: &d.ReceivedAt, dueAt: d.DueAt, resolvedAt: d.ResolvedAt, lat: d.Lat, lon: d.Lon,
		}
	case *schemas.Document:
		return state{agency: d.Agency, direction: d.Direction, signed: &d.Signed, at: &d.At, dueAt: d.DueAt, doneAt: d.DoneAt}
	case *schemas.Meeting:
		return state{agency: d.Agency, paperless: &d.Paperless, at: &d.At}
	case *schemas.Procedure:
		return state{procedure: d.Procedure, agency: d.Agency, level: d.Level, connected: &d.Connected}
	case *schemas.Security:
		return state{severity: d.Severity, category: d.Category, status: d.Status}
	case *schemas.Figure:
		return state{indicator: d.Indicator, period: d.Period, value: &d.Value, target: d.Target, issuedBy: d.IssuedBy}
	default:
		return state{}
	}
}

// states writes the events that tell how a thing stands.
func (s *Sink) states(ctx context.Context, b *ingest.Batch) error {
	rows := pick(b, false)
	return s.insert(ctx, "raw_state", stateColumns, len(rows), func(batch driver.Batch, i int) error {
		e, m := &b.Events[rows[i]], b.Origins[rows[i]]
		r := stateOf(e.Data)
		return batch.Append(
			e.Key(), e.Source, e.ID, e.Centre, e.Domain, string(e.Type), entityOf(e), e.Time, m.Arrived, m.Transport, e.Revision, e.Digest,
			r.status, r.agency, r.procedure, r.topic, r.kind, r.channel, r.direction, r.category, r.level, r.severity, r.rating,
			r.receivedAt, r.queuedAt, r.at, r.dueAt, r.answeredAt, r.completedAt, r.resolvedAt, r.doneAt, r.endedAt,
			r.paidOnline, r.digitised, r.signed, r.paperless, r.connected, r.lat, r.lon, r.indicator, r.period, r.value, r.target, r.issuedBy,
		)
	})
}

const measureColumns = "key, source, id, centre, domain, type, time, arrived, transport, revision, digest, " +
	"status, fps, bitrate_kbps, speed_kmh, counts, battery, rssi, lat, lon, metrics, metric_values, units, dims"

// measure is a row of raw_measure, as far as it depends on the type.
type measure struct {
	status                  string
	fps, bitrate, speed     *float64
	battery, rssi, lat, lon *float64
	counts                  map[string]uint32
	metrics, units          []string
	values                  []float64
	dims                    []map[string]string
}

func measureOf(data schemas.Data) measure {
	switch d := data.(type) {
	case *schemas.Camera:
		return measure{status: d.Status, fps: d.FPS, bitrate: d.BitrateKbps, speed: d.SpeedKmh, counts: d.Counts, lat: d.Lat, lon: d.Lon}
	case *schemas.Sensor:
		return measure{status: d.Status, battery: d.Battery, rssi: d.RSSI, lat: d.Lat, lon: d.Lon}
	case schemas.Readings:
		r := measure{
			metrics: make([]string, len(d)), units: make([]string, len(d)),
			values: make([]float64, len(d)), dims: make([]map[string]string, len(d)),
		}
		for i, x := range d {
			r.metrics[i], r.units[i], r.values[i], r.dims[i] = x.Metric, x.Unit, x.Value, x.Dims
		}
		return r
	default:
		return measure{}
	}
}

// measures writes what sources of measurements said.
func (s *Sink) measures(ctx context.Context, b *ingest.Batch) error {
	rows := pick(b, true)
	return s.insert(ctx, "raw_measure", measureColumns, len(rows), func(batch driver.Batch, i int) error {
		e, m := &b.Events[rows[i]], b.Origins[rows[i]]
		r := measureOf(e.Data)
		return batch.Append(
			e.Key(), e.Source, e.ID, e.Centre, e.Domain, string(e.Type), e.Time, m.Arrived, m.Transport, e.Revision, e.Digest,
			r.status, r.fps, r.bitrate, r.speed, r.counts, r.battery, r.rssi, r.lat, r.lon, r.metrics, r.values, r.units, r.dims,
		)
	})
}

const rejectColumns = "key, arrived, code, field, sentence_vi, sentence_en, centre, domain, transport, topic, " +
	"kafka_partition, kafka_offset, batch_index, event_id, source, event_type, payload"

// refusals keeps what could not be taken, whole.
func (s *Sink) refusals(ctx context.Context, b *ingest.Batch) error {
	return s.insert(ctx, "rejected", rejectColumns, len(b.Refusals), func(batch driver.Batch, i int) error {
		r := b.Refusals[i]
		m := r.Message
		centre, domain := placeOf(r)
		return batch.Append(
			rejectKey(r), m.Arrived, string(r.Code), r.Field, r.Sentence, r.English, centre, domain, m.Transport, m.Topic,
			m.Partition, m.Offset, int32(r.Index), r.ID, r.Source, r.EventType, string(r.Item), //nolint:gosec // a place in a batch of at most 1 MiB
		)
	})
}

// placeOf says whose feed a refused event came by: that of its topic, and failing that, of its source.
func placeOf(r ingest.Refused) (centre, domain string) {
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

// rejectKey identifies a refused event, so that a redelivery is no second one. MQTT gives a message no place of its
// own: there the same bytes on the same topic are the same refused event.
func rejectKey(r ingest.Refused) uuid.UUID {
	h := sha256.New()
	var n [8]byte
	number := func(v int64) {
		binary.BigEndian.PutUint64(n[:], uint64(v)) //nolint:gosec // only the bits matter
		h.Write(n[:])
	}
	for _, s := range []string{r.Message.Transport, r.Message.Topic} {
		number(int64(len(s)))
		h.Write([]byte(s))
	}
	number(int64(r.Message.Partition))
	number(r.Message.Offset)
	number(int64(r.Index))
	h.Write(r.Item)
	var k uuid.UUID
	copy(k[:], h.Sum(nil))
	return k
}
