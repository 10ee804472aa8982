package chsink

import (
	"cmp"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/schemas"
)

// column is one of a table's, with the way to get it out of rows of R. A column whose values the table
// computes by itself is not listed.
type column[R any] struct {
	name   string
	values func(rows []R) any // a slice with one value for each row
}

// col makes a column out of the way to get one value.
func col[R, V any](name string, value func(r *R) V) column[R] {
	return column[R]{name, func(rows []R) any {
		out := make([]V, len(rows))
		for i := range rows {
			out[i] = value(&rows[i])
		}
		return out
	}}
}

// eventColumns are those that both tables of raw events have.
func eventColumns() []column[row] {
	return []column[row]{
		col("key", func(r *row) uuid.UUID { return r.Key() }),
		col("source", func(r *row) string { return r.Source }),
		col("id", func(r *row) string { return r.ID }),
		col("centre", func(r *row) string { return r.Centre }),
		col("domain", func(r *row) string { return r.Domain }),
		col("type", func(r *row) string { return string(r.Type) }),
		col("time", func(r *row) time.Time { return r.Time }),
		col("arrived", func(r *row) time.Time { return r.origin.Arrived }),
		col("transport", func(r *row) string { return r.origin.Transport }),
		col("revision", func(r *row) uint16 { return r.Revision }),
		col("digest", func(r *row) uint64 { return r.Digest }),
		col("status", func(r *row) string { return r.stand }),
		col("lat", func(r *row) *float64 { return r.place.Lat }),
		col("lon", func(r *row) *float64 { return r.place.Lon }),
	}
}

func stateColumns() []column[row] {
	return append(eventColumns(),
		col("entity", func(r *row) string { return entityOf(r.Event) }),
		col("agency", func(r *row) string { return r.agency }),
		col("procedure", func(r *row) string { return r.procedure }),
		col("topic", func(r *row) string { return r.topic }),
		col("kind", func(r *row) string { return r.kind }),
		col("channel", func(r *row) string { return r.channel }),
		col("direction", func(r *row) string { return r.direction }),
		col("category", func(r *row) string { return r.category }),
		col("level", func(r *row) uint8 { return r.level }),
		col("severity", func(r *row) uint8 { return r.severity }),
		col("rating", func(r *row) *uint8 { return r.rating }),
		col("received_at", func(r *row) *time.Time { return r.receivedAt }),
		col("queued_at", func(r *row) *time.Time { return r.queuedAt }),
		col("at", func(r *row) *time.Time { return r.at }),
		col("due_at", func(r *row) *time.Time { return r.dueAt }),
		col("answered_at", func(r *row) *time.Time { return r.answeredAt }),
		col("completed_at", func(r *row) *time.Time { return r.completedAt }),
		col("resolved_at", func(r *row) *time.Time { return r.resolvedAt }),
		col("done_at", func(r *row) *time.Time { return r.doneAt }),
		col("ended_at", func(r *row) *time.Time { return r.endedAt }),
		col("paid_online", func(r *row) *bool { return r.paidOnline }),
		col("digitised", func(r *row) *bool { return r.digitised }),
		col("signed", func(r *row) *bool { return r.signed }),
		col("paperless", func(r *row) *bool { return r.paperless }),
		col("connected", func(r *row) *bool { return r.connected }),
		col("indicator", func(r *row) string { return r.indicator }),
		col("period", func(r *row) string { return r.period }),
		col("value", func(r *row) *decimal.Decimal { return r.value }),
		col("target", func(r *row) *decimal.Decimal { return r.target }),
		col("issued_by", func(r *row) string { return r.issuedBy }),
		col("withdrawn", func(r *row) bool { return r.withdrawn }),
	)
}

func measureColumns() []column[row] {
	return append(eventColumns(),
		col("fps", func(r *row) *float64 { return r.fps }),
		col("bitrate_kbps", func(r *row) *float64 { return r.bitrate }),
		col("speed_kmh", func(r *row) *float64 { return r.speed }),
		col("counts", func(r *row) map[string]uint32 { return r.counts }),
		col("battery", func(r *row) *float64 { return r.battery }),
		col("rssi", func(r *row) *float64 { return r.rssi }),
		col("metrics", func(r *row) []string { return r.metrics }),
		col("metric_values", func(r *row) []float64 { return r.values }),
		col("units", func(r *row) []string { return r.units }),
		col("dims", func(r *row) []map[string]string { return r.dims }),
	)
}

func rejectColumns() []column[ingest.Refused] {
	type r = ingest.Refused
	return []column[r]{
		col("key", rejectKey),
		col("arrived", func(r *r) time.Time { return r.Message.Arrived }),
		col("code", func(r *r) string { return string(r.Code) }),
		col("field", func(r *r) string { return r.Field }),
		col("sentence_vi", func(r *r) string { return r.Sentence }),
		col("sentence_en", func(r *r) string { return r.English }),
		col("centre", func(r *r) string { c, _ := placeOf(r); return c }),
		col("domain", func(r *r) string { _, d := placeOf(r); return d }),
		col("transport", func(r *r) string { return r.Message.Transport }),
		col("topic", func(r *r) string { return r.Message.Topic }),
		col("kafka_partition", func(r *r) int32 { return r.Message.Partition }),
		col("kafka_offset", func(r *r) int64 { return r.Message.Offset }),
		col("batch_index", func(r *r) int32 { return int32(r.Index) }), //nolint:gosec // a place in a batch of at most 1 MiB
		col("event_id", func(r *r) string { return r.ID }),
		col("source", func(r *r) string { return r.Source }),
		col("event_type", func(r *r) string { return r.EventType }),
		col("header", func(r *r) map[string]string { return r.Message.KeptHeader() }),
		col("payload", func(r *r) string { return string(r.Item) }),
	}
}

func replayColumns() []column[ingest.Replay] {
	type r = ingest.Replay
	// why is the refusal, or one that says nothing.
	why := func(r *r) *schemas.Refusal { return cmp.Or(r.Refusal, &schemas.Refusal{}) }
	return []column[r]{
		col("key", func(r *r) uuid.UUID { return r.Key }),
		col("at", func(r *r) time.Time { return r.At }),
		col("taken", func(r *r) bool { return r.Refusal == nil }),
		col("code", func(r *r) string { return string(why(r).Code) }),
		col("field", func(r *r) string { return why(r).Field }),
		col("sentence_vi", func(r *r) string { return why(r).Sentence }),
		col("sentence_en", func(r *r) string { return why(r).English }),
		col("by", func(r *r) string { return r.By }),
	}
}

func touchColumns() []column[touch] {
	return []column[touch]{
		col("batch", func(t *touch) uuid.UUID { return t.batch }),
		col("type", func(t *touch) string { return t.typ }),
		col("centre", func(t *touch) string { return t.centre }),
		col("entity", func(t *touch) string { return t.entity }),
		col("bucket", func(t *touch) time.Time { return t.bucket }),
		col("since", func(t *touch) time.Time { return t.since }),
	}
}
