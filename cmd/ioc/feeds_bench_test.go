package main

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/binhphuoc/ioc/deploy/local/localtest"
	"github.com/binhphuoc/ioc/deploy/migrate"
	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/ingest/chsink"
	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/chstore"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/ddl"
)

// full is a database with what was delivered in a week, 577 cameras and 200 sensors that each send in every minute (7.8 million
// rows), and with 5 million raw events of the last 83 minutes, 1,000 a second.
func full(b *testing.B, now time.Time) (driver.Conn, *chsink.Sink, *chstore.Store, *schemas.Registry) {
	b.Helper()
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	dsn := localtest.ClickHouse(b)
	migrations, err := ddl.Builtin()
	must(err)
	must(migrate.Up(b.Context(), dsn, migrations, slog.New(slog.DiscardHandler)))
	registry, err := schemas.BuiltinRegistry()
	must(err)
	o, err := clickhouse.ParseDSN(dsn)
	must(err)
	conn, err := clickhouse.Open(o)
	must(err)
	sink, err := chsink.New(chsink.Options{DSN: dsn})
	must(err)
	store, err := chstore.New(chstore.Options{DSN: dsn, Registry: registry})
	must(err)
	b.Cleanup(func() { _, _, _ = conn.Close(), sink.Close(), store.Close() })
	const source = "if(modulo(number, 777) < 577, ('dong-xoai', 'camera', 'cam-'), ('dong-xoai', 'sensor', 'env-')) AS p, concat('/', p.1, '/', p.2, '/', p.3, toString(modulo(number, 777))) AS source"
	for day := range 7 {
		minutes := fmt.Sprintf("toDateTime(%d, 'UTC') - intDiv(number, 777) * 60 AS minute, p.1, p.2, source", now.Truncate(time.Minute).Add(-time.Duration(day)*24*time.Hour).Unix())
		from := " FROM (SELECT number, " + source + " FROM numbers(777 * 1440))"
		must(conn.Exec(b.Context(), "INSERT INTO feed_delivery SELECT "+minutes+", 76, minute + 1, minute + 58"+from))
		must(conn.Exec(b.Context(), "INSERT INTO feed_event SELECT "+minutes+`, 75 AS events, 1 AS repeats, 0, 0,
arrayMap(i -> toInt32(50 + i * 17 + number % 13), range(12)), arrayMap(i -> toUInt64(6), range(12)), 0`+from))
	}
	must(conn.Exec(b.Context(), fmt.Sprintf(`INSERT INTO raw_measure (key, source, id, centre, domain, type, time, arrived, transport, status)
SELECT generateUUIDv4(), source, toString(number), p.1, p.2, 'camera', fromUnixTimestamp64Milli(toInt64(%d - number), 'UTC'), fromUnixTimestamp64Milli(toInt64(%d - number + 200), 'UTC'), 'kafka', 'online'
FROM (SELECT number, `+source+` FROM numbers(5000000))`, now.UnixMilli(), now.UnixMilli())))
	return conn, sink, store, registry
}

func BenchmarkFeeds(b *testing.B) {
	now := time.Now().UTC()
	_, sink, store, registry := full(b, now)
	feeds := &query.Feeds{Store: store, Registry: registry, Now: func() time.Time { return now }}
	n := 0
	live := func(events int) error {
		batch := &ingest.Batch{}
		origin := &schemas.Message{Transport: "mqtt", Centre: "dong-xoai", Arrived: time.Now().UTC()}
		for range events {
			n++
			batch.Origins = append(batch.Origins, origin)
			batch.Events = append(batch.Events, schemas.Event{
				ID: fmt.Sprint("live-", n), Source: fmt.Sprintf("/dong-xoai/camera/cam-%d", n%577), Centre: "dong-xoai", Domain: "camera",
				Type: schemas.TypeCamera, Time: now, Digest: uint64(n) << 40, Data: &schemas.Camera{Status: "online"},
			})
		}
		return sink.Write(b.Context(), batch)
	}
	for _, c := range []struct {
		name string
		run  func() error
	}{
		{"evaluator", func() error { _, err := store.Feeds(b.Context(), now); return err }},
		{"list", func() error { _, err := feeds.List(b.Context(), query.Everything()); return err }},
		{"sources", func() error {
			_, err := feeds.Sources(b.Context(), query.Everything(), query.FeedSourcesRequest{Centre: "dong-xoai", Domain: "camera", Limit: 100})
			return err
		}},
		{"learn", func() error { return store.LearnIntervals(b.Context(), now) }},
		{"count-a-minute", func() error {
			return store.Delivered(b.Context(), []time.Time{now.Truncate(time.Minute).Add(-time.Minute)})
		}},
		{"write-250", func() error { return live(250) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if err := c.run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
