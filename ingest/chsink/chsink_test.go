package chsink_test

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/shopspring/decimal"
	"go.uber.org/goleak"

	"github.com/binhphuoc/ioc/deploy/local/localtest"
	"github.com/binhphuoc/ioc/deploy/migrate"
	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/ingest/chsink"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/ddl"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// database is a migrated one with a sink to it, and a connection to look into it.
type database struct {
	testing.TB
	sink *chsink.Sink
	conn driver.Conn
}

func open(t testing.TB) *database {
	t.Helper()
	dsn := localtest.ClickHouse(t)
	migrations, err := ddl.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	if err := migrate.Up(t.Context(), dsn, migrations, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	sink, err := chsink.New(chsink.Options{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	o, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := clickhouse.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sink.Close(); err != nil {
			t.Error(err)
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	return &database{TB: t, sink: sink, conn: conn}
}

// now is a moment that the tables keep exactly.
var now = time.Date(2026, 10, 5, 3, 20, 37, 120_000_000, time.UTC)

// message is one that came by Kafka.
func message(payload string) *schemas.Message {
	return &schemas.Message{
		Transport: "kafka", Topic: "ioc.dong-xoai.service", Centre: "dong-xoai", Partition: 2, Offset: 41,
		Payload: []byte(payload), Arrived: now.Add(2 * time.Second),
	}
}

// event is one of dong-xoai.
func event(id string, data schemas.Data, typ schemas.Type) schemas.Event {
	return schemas.Event{
		ID: id, Source: "/dong-xoai/service/portal", Centre: "dong-xoai", Domain: "service", Type: typ, Time: now, Digest: 1 << 40, Data: data,
	}
}

// batch is one of events that came in one message.
func batch(events ...schemas.Event) *ingest.Batch {
	b := &ingest.Batch{Events: events}
	m := message("")
	for range events {
		b.Origins = append(b.Origins, m)
	}
	return b
}

func (db *database) write(b *ingest.Batch) {
	db.Helper()
	if err := db.sink.Write(context.Background(), b); err != nil {
		db.Fatal(err)
	}
}

// ask returns the one text that a query answers with.
func (db *database) ask(query string, args ...any) string {
	db.Helper()
	var out string
	if err := db.conn.QueryRow(context.Background(), query, args...).Scan(&out); err != nil {
		db.Fatalf("%s: %v", query, err)
	}
	return out
}

func (db *database) want(want, query string, args ...any) {
	db.Helper()
	if got := db.ask(query, args...); got != want {
		db.Errorf("%s\n got %s\nwant %s", query, got, want)
	}
}

func ptr[T any](v T) *T { return &v }

func TestEveryTypeIsStoredWhole(t *testing.T) {
	db := open(t)
	later := now.Add(90 * time.Second)
	place := schemas.Position{Lat: ptr(11.53), Lon: ptr(106.88)}
	for _, c := range []struct {
		typ   schemas.Type
		data  schemas.Data
		table string
		query string
		want  string
	}{
		{
			schemas.TypeDossier,
			&schemas.Dossier{
				DossierID: "H10-1", Procedure: "1.000894", Agency: "ubnd", Level: 4, Channel: "online", Status: "completed",
				ReceivedAt: now, DueAt: later, CompletedAt: &later, PaidOnline: ptr(true), Digitised: ptr(false), Rating: ptr(uint8(5)),
			},
			"raw_state", "(entity, procedure, agency, level, channel, status, received_at, due_at, completed_at, paid_online, digitised, rating, queued_at)",
			"('H10-1','1.000894','ubnd',4,'online','completed','2026-10-05 03:20:37.120','2026-10-05 03:22:07.120','2026-10-05 03:22:07.120',true,false,5,NULL)",
		},
		{
			schemas.TypeCall, &schemas.Call{CallID: "c1", Topic: "điện", Status: "ended", QueuedAt: now, AnsweredAt: &later, EndedAt: &later, Rating: ptr(uint8(1))},
			"raw_state", "(entity, topic, status, queued_at, answered_at, ended_at, rating)",
			"('c1','điện','ended','2026-10-05 03:20:37.120','2026-10-05 03:22:07.120','2026-10-05 03:22:07.120',1)",
		},
		{
			schemas.TypeTicket,
			&schemas.Ticket{
				TicketID: "t1", Kind: "petition", Channel: "zalo", Agency: "ubnd", Topic: "đất", Status: "resolved", ReceivedAt: now,
				DueAt: &later, ResolvedAt: &later, Rating: ptr(uint8(3)), Position: place,
			},
			"raw_state", "(entity, kind, channel, agency, topic, status, received_at, due_at, resolved_at, rating, lat, lon)",
			"('t1','petition','zalo','ubnd','đất','resolved','2026-10-05 03:20:37.120','2026-10-05 03:22:07.120','2026-10-05 03:22:07.120',3,11.53,106.88)",
		},
		{
			schemas.TypeDocument, &schemas.Document{DocumentID: "d1", Agency: "ubnd", Direction: "out", Signed: true, At: now, DueAt: &later, DoneAt: &later},
			"raw_state", "(entity, agency, direction, signed, at, due_at, done_at)",
			"('d1','ubnd','out',true,'2026-10-05 03:20:37.120','2026-10-05 03:22:07.120','2026-10-05 03:22:07.120')",
		},
		{
			schemas.TypeMeeting, &schemas.Meeting{MeetingID: "m1", Agency: "ubnd", Paperless: true, At: now},
			"raw_state", "(entity, agency, paperless, at)", "('m1','ubnd',true,'2026-10-05 03:20:37.120')",
		},
		{
			schemas.TypeProcedure, &schemas.Procedure{Procedure: "1.000894", Agency: "ubnd", Level: 3, Connected: false},
			"raw_state", "(entity, procedure, agency, level, connected)", "('1.000894','1.000894','ubnd',3,false)",
		},
		{
			schemas.TypeSecurity, &schemas.Security{FindingID: "f1", Severity: 5, Category: "malware", Status: "blocked"},
			"raw_state", "(entity, severity, category, status)", "('f1',5,'malware','blocked')",
		},
		{
			schemas.TypeFigure,
			&schemas.Figure{Indicator: "budget.revenue", Period: "2026-Q3", Value: decimal.RequireFromString("12345678901234567890.123456"), Target: ptr(decimal.NewFromInt(7)), IssuedBy: "tài chính"},
			"raw_state", "(entity, indicator, period, value, target, issued_by)",
			"('budget.revenue@2026-Q3','budget.revenue','2026-Q3',12345678901234567890.123456,7,'tài chính')",
		},
		{
			schemas.TypeCamera,
			&schemas.Camera{Status: "degraded", FPS: ptr(12.5), BitrateKbps: ptr(800.0), Counts: map[string]uint32{"car": 4, "motorbike": 31}, SpeedKmh: ptr(28.5), Position: place},
			"raw_measure", "(status, fps, bitrate_kbps, mapSort(counts), speed_kmh, lat, lon, battery)",
			"('degraded',12.5,800,{'car':4,'motorbike':31},28.5,11.53,106.88,NULL)",
		},
		{
			schemas.TypeSensor, &schemas.Sensor{Status: "online", Battery: ptr(88.0), RSSI: ptr(-71.0)},
			"raw_measure", "(status, battery, rssi, counts, metrics)", "('online',88,-71,{},[])",
		},
		{
			schemas.TypeReading,
			schemas.Readings{{Metric: "pm25", Value: 35.5, Unit: "µg/m³", Dims: map[string]string{"site": "chợ"}}, {Metric: "temp", Value: -1}},
			"raw_measure", "(metrics, metric_values, units, dims)", "(['pm25','temp'],[35.5,-1],['µg/m³',''],[{'site':'chợ'},{}])",
		},
	} {
		t.Run(string(c.typ), func(t *testing.T) {
			db := &database{t, db.sink, db.conn}
			e := event("id-"+string(c.typ), c.data, c.typ)
			db.write(batch(e))
			db.want(c.want, "SELECT toString("+c.query+") FROM "+c.table+" WHERE type = ?", string(c.typ))
			db.want("('"+e.Key().String()+"','/dong-xoai/service/portal','id-"+string(c.typ)+"','dong-xoai','service','2026-10-05 03:20:37.120','2026-10-05 03:20:39.120','kafka',0,1099511627776)",
				"SELECT toString((key, source, id, centre, domain, time, arrived, transport, revision, digest)) FROM "+c.table+" WHERE type = ?", string(c.typ))
		})
	}
}

// versions of one event, the last one is to win.
func versions() []schemas.Event {
	dossier := func(status string, revision uint16, at time.Time, digest uint64) schemas.Event {
		e := event("d-1", &schemas.Dossier{DossierID: "H10-1", Status: status, ReceivedAt: now, DueAt: now}, schemas.TypeDossier)
		e.Revision, e.Time, e.Digest = revision, at, digest
		return e
	}
	return []schemas.Event{
		dossier("received", 0, now, 1<<40),
		dossier("received", 0, now, 1<<60),                  // same moment: content decides
		dossier("processing", 0, now.Add(time.Second), 1),   // later time
		dossier("completed", 1, now.Add(-time.Hour), 1),     // higher revision, though earlier
		dossier("returned", 65535, now.Add(-time.Hour), 13), // highest
	}
}

func TestCorrectionWinsWhateverTheOrder(t *testing.T) {
	for name, reorder := range map[string]func([]schemas.Event){
		"as it happened": func([]schemas.Event) {},
		"backwards":      slices.Reverse[[]schemas.Event],
		"shuffled": func(v []schemas.Event) {
			rand.Shuffle(len(v), func(i, j int) { v[i], v[j] = v[j], v[i] })
		},
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			all := versions()
			reorder(all)
			for _, e := range all {
				db.write(batch(e))
				db.write(batch(e)) // a repeat changes nothing
			}
			db.want("(1,'returned',65535)", "SELECT toString((count(), any(status), any(revision))) FROM raw_state FINAL")
		})
	}
}

func TestRefusedIsKeptWholeAndOnce(t *testing.T) {
	db := open(t)
	payload := "\xff\x00not json " + strings.Repeat("x", 1<<20)
	kafka := *message(payload)
	refused := func(m schemas.Message, index int, source string) ingest.Refused {
		return ingest.Refused{Message: m, Refusal: &schemas.Refusal{
			Code: schemas.CodeNotUTF8, Field: "data", Sentence: "Không phải UTF-8.", English: "Not UTF-8.",
			ID: "e-1", Source: source, EventType: "vn.x", Item: m.Payload, Index: index,
		}}
	}
	mqtt := schemas.Message{Transport: "mqtt", Topic: "ioc/dong-xoai/camera/c1", Centre: "dong-xoai", Partition: -1, Offset: -1, Payload: []byte("["), Arrived: now}
	nowhere := schemas.Message{Transport: "mqtt", Topic: "ioc", Partition: -1, Offset: -1, Payload: []byte("["), Arrived: now}
	again := kafka
	again.Arrived = kafka.Arrived.Add(time.Hour)
	again.Offset++
	redelivered := kafka
	redelivered.Arrived = kafka.Arrived.Add(time.Hour)
	db.write(&ingest.Batch{Refusals: []ingest.Refused{
		refused(again, -1, ""), refused(kafka, -1, ""), // a producer that was not told sends the same again
		refused(mqtt, -1, ""), refused(mqtt, -1, ""), refused(nowhere, -1, "/phuoc-long/sensor/s1"),
	}})
	db.write(&ingest.Batch{Refusals: []ingest.Refused{refused(redelivered, -1, "")}})

	db.want("3", "SELECT toString(count()) FROM rejected FINAL")
	db.want("('not_utf8','data','Không phải UTF-8.','Not UTF-8.','dong-xoai','service','kafka','ioc.dong-xoai.service',2,41,-1,'e-1','','vn.x')",
		`SELECT toString((code, field, sentence_vi, sentence_en, centre, domain, transport, topic, kafka_partition, kafka_offset, batch_index, event_id, source, event_type))
FROM rejected FINAL WHERE kafka_offset = 41`)
	db.want("2026-10-05 03:20:39.120", "SELECT toString(arrived) FROM rejected FINAL WHERE kafka_offset = 41") // the first arrival stays
	db.want("('dong-xoai','camera')", "SELECT toString((centre, domain)) FROM rejected FINAL WHERE topic = 'ioc/dong-xoai/camera/c1'")
	db.want("('phuoc-long','sensor')", "SELECT toString((centre, domain)) FROM rejected FINAL WHERE topic = 'ioc'")
	if got := db.ask("SELECT payload FROM rejected FINAL WHERE kafka_offset = 41"); got != payload {
		t.Errorf("payload of %d bytes came back with %d", len(payload), len(got))
	}
}

func TestTouchedNamesEachThingOnce(t *testing.T) {
	db := open(t)
	early := message("")
	early.Arrived = now.Add(-time.Minute)
	b := batch(
		event("1", &schemas.Call{CallID: "c1"}, schemas.TypeCall), event("2", &schemas.Call{CallID: "c1"}, schemas.TypeCall),
		event("3", &schemas.Call{CallID: "c2"}, schemas.TypeCall),
		event("4", schemas.Readings{{Metric: "pm25"}}, schemas.TypeReading), event("5", schemas.Readings{{Metric: "pm10"}}, schemas.TypeReading),
	)
	b.Origins[3] = early
	b.Refusals = []ingest.Refused{{Message: *message("x"), Refusal: &schemas.Refusal{Index: -1}}}
	db.write(b)
	db.want("[('call','dong-xoai','c1','1970-01-01 00:00:00'),('call','dong-xoai','c2','1970-01-01 00:00:00'),"+
		"('delivered','','','2026-10-05 03:19:00'),('delivered','','','2026-10-05 03:20:00'),"+
		"('reading','','','2026-10-05 03:20:30'),('rejected','','','2026-10-05 03:20:30')]",
		"SELECT toString(arraySort(groupArray((type, centre, entity, bucket)))) FROM touched")
	db.want("(1,1,'2026-10-05 03:19:37.120')", "SELECT toString((uniqExact(batch), uniqExact(since), any(since))) FROM touched")
}

// The rows that a batch touched may only be named once they are there.
func TestTouchedComesLast(t *testing.T) {
	db := open(t)
	if err := db.conn.Exec(t.Context(), "RENAME TABLE raw_measure TO raw_measure_gone"); err != nil {
		t.Fatal(err)
	}
	b := batch(event("1", &schemas.Call{CallID: "c1"}, schemas.TypeCall), event("4", schemas.Readings{{Metric: "pm25"}}, schemas.TypeReading))
	err := db.sink.Write(t.Context(), b)
	if err == nil || errors.Is(err, ingest.ErrContent) {
		t.Fatalf("a missing table: got %v, want an error that is not for the content", err)
	}
	db.want("0", "SELECT toString(count()) FROM touched")
	if err := db.conn.Exec(t.Context(), "RENAME TABLE raw_measure_gone TO raw_measure"); err != nil {
		t.Fatal(err)
	}
	db.write(b)
	db.want("(1,1,3)", "SELECT toString(((SELECT count() FROM raw_state FINAL), (SELECT count() FROM raw_measure FINAL), (SELECT count() FROM touched)))")
}

func TestLateEventsOfManyMonths(t *testing.T) {
	db := open(t)
	var events []schemas.Event
	for month := range 130 { // the server's own limit is 100 partitions a block
		e := event("m"+strconv.Itoa(month), schemas.Readings{{Metric: "pm25"}}, schemas.TypeReading)
		e.Time = now.AddDate(0, -month, 0)
		events = append(events, e)
	}
	db.write(batch(events...))
	db.want("130", "SELECT toString(count()) FROM raw_measure FINAL")
}

func TestContentErrors(t *testing.T) {
	db := open(t)
	t.Run("a value that no column of this type holds", func(t *testing.T) {
		e := event("1", &schemas.Figure{Indicator: "i", Period: "2026", Value: decimal.New(1, 60)}, schemas.TypeFigure)
		if err := db.sink.Write(t.Context(), batch(e)); !errors.Is(err, ingest.ErrContent) {
			t.Errorf("got %v, want an error for the content", err)
		}
	})
	t.Run("a value that the server refuses", func(t *testing.T) {
		if err := db.conn.Exec(t.Context(), "ALTER TABLE raw_state ADD CONSTRAINT no_x CHECK entity != 'x'"); err != nil {
			t.Fatal(err)
		}
		e := event("1", &schemas.Call{CallID: "x"}, schemas.TypeCall)
		if err := db.sink.Write(t.Context(), batch(e)); !errors.Is(err, ingest.ErrContent) {
			t.Errorf("got %v, want an error for the content", err)
		}
	})
	t.Run("a server that is away", func(t *testing.T) {
		sink, err := chsink.New(chsink.Options{DSN: "clickhouse://127.0.0.1:1/x"})
		if err != nil {
			t.Fatal(err)
		}
		defer sink.Close()
		e := event("1", &schemas.Call{CallID: "y"}, schemas.TypeCall)
		if err := sink.Write(t.Context(), batch(e)); err == nil || errors.Is(err, ingest.ErrContent) {
			t.Errorf("got %v, want an error that is not for the content", err)
		}
	})
	// The connection is as good as before: an error leaves nothing behind in it.
	db.write(batch(event("2", &schemas.Call{CallID: "z"}, schemas.TypeCall)))
}

func TestNewRefusesWhatIsNoDSN(t *testing.T) {
	if _, err := chsink.New(chsink.Options{DSN: "::"}); err == nil {
		t.Error("no error")
	}
}
