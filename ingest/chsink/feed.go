package chsink

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/schemas"
)

// feedPlace is one row of feed_delivery.
type feedPlace struct {
	minute                 int64 // Unix seconds
	centre, domain, source string
}

// feedCount is what a batch adds to a row of feed_delivery.
type feedCount struct {
	feedPlace
	deliveries    uint64
	first, newest time.Time
}

func feedColumns() []column[feedCount] {
	type c = feedCount
	return []column[c]{
		col("minute", func(c *c) time.Time { return time.Unix(c.minute, 0).UTC() }),
		col("centre", func(c *c) string { return c.centre }),
		col("domain", func(c *c) string { return c.domain }),
		col("source", func(c *c) string { return c.source }),
		col("deliveries", func(c *c) uint64 { return c.deliveries }),
		col("first_arrival", func(c *c) time.Time { return c.first }),
		col("newest_arrival", func(c *c) time.Time { return c.newest }),
	}
}

// countDeliveries notes how much each source delivered. Which of it was new is worked out from the raw rows later.
func (s *Sink) countDeliveries(ctx context.Context, b *ingest.Batch) error {
	if len(b.Events) == 0 {
		return nil
	}
	once := clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"insert_deduplication_token": tokenOf(b)}))
	return insert(once, s.conn, "feed_delivery", feedColumns(), deliveriesOf(b))
}

// deliveriesOf counts a batch by source and minute of arrival.
func deliveriesOf(b *ingest.Batch) []feedCount {
	out := map[feedPlace]*feedCount{}
	for i := range b.Events {
		e, arrived := &b.Events[i], b.Origins[i].Arrived
		if b.Origins[i].Transport == schemas.TransportUpload {
			continue // a clerk is no feed
		}
		place := feedPlace{arrivalMinute(arrived).Unix(), e.Centre, e.Domain, e.Source}
		c := out[place]
		if c == nil {
			c = &feedCount{feedPlace: place, first: arrived, newest: arrived}
			out[place] = c
		}
		c.deliveries++
		if arrived.Before(c.first) {
			c.first = arrived
		}
		if arrived.After(c.newest) {
			c.newest = arrived
		}
	}
	rows := make([]feedCount, 0, len(out))
	for _, c := range out {
		rows = append(rows, *c)
	}
	return rows
}

func arrivalMinute(arrived time.Time) time.Time { return arrived.Truncate(time.Minute) }

// tokenOf names a batch by what it holds: the same when it is written again, and another one when the same events arrive again.
func tokenOf(b *ingest.Batch) string {
	h := sha256.New()
	var n [8]byte
	for i := range b.Events {
		e := &b.Events[i]
		key := e.Key()
		h.Write(key[:])
		for _, part := range []int64{int64(e.Revision), e.Time.UnixMilli(), int64(e.Digest), b.Origins[i].Arrived.UnixMilli()} { //nolint:gosec // only its bits count
			binary.BigEndian.PutUint64(n[:], uint64(part)) //nolint:gosec // only its bits count
			h.Write(n[:])
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}
