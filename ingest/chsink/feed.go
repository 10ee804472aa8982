package chsink

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/ext"
	"github.com/google/uuid"

	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/schemas"
)

// backfillAfter is how late an event must arrive to count as brought in afterwards. KPI feed.delay leaves out the same ones.
const backfillAfter = time.Hour

// version is what decides between two rows of one event; the tables compute the same number in their column version.
type version struct{ high, low uint64 }

// lowArrival are the bits of low that hold the arrival, so that of two equal deliveries the earlier one wins.
const lowArrival = 1<<40 - 1

func versionOf(e *schemas.Event, arrived time.Time) version {
	ms := uint64(arrived.UnixMilli()) //nolint:gosec // after 1970
	return version{
		high: uint64(e.Revision)<<48 | uint64(e.Time.UnixMilli()), //nolint:gosec // after 1970
		low:  e.Digest>>40<<40 | ^ms&lowArrival,
	}
}

// content compares what two versions say, whenever they arrived.
func (v version) content(o version) int {
	return cmp.Or(cmp.Compare(v.high, o.high), cmp.Compare(v.low>>40, o.low>>40))
}

// earlier tells whether v arrived before o.
func (v version) earlier(o version) bool { return v.low&lowArrival > o.low&lowArrival }

// feedPlace is one row of feed_minute.
type feedPlace struct {
	minute                 int64 // Unix seconds
	centre, domain, source string
}

// feedCount is what a batch adds to a row of feed_minute.
type feedCount struct {
	feedPlace
	events, repeats, backfilled, ahead uint64
	first, newest                      time.Time
	delays                             map[int32]uint64
}

func feedColumns() []column[feedCount] {
	type c = feedCount
	return []column[c]{
		col("minute", func(c *c) time.Time { return time.Unix(c.minute, 0).UTC() }),
		col("centre", func(c *c) string { return c.centre }),
		col("domain", func(c *c) string { return c.domain }),
		col("source", func(c *c) string { return c.source }),
		col("events", func(c *c) uint64 { return c.events }),
		col("repeats", func(c *c) uint64 { return c.repeats }),
		col("backfilled", func(c *c) uint64 { return c.backfilled }),
		col("ahead", func(c *c) uint64 { return c.ahead }),
		col("first_arrival", func(c *c) time.Time { return c.first }),
		col("newest_arrival", func(c *c) time.Time { return c.newest }),
		col("delayMap.ms", func(c *c) []int32 { return slices.Sorted(maps.Keys(c.delays)) }),
		col("delayMap.n", func(c *c) []uint64 {
			out := make([]uint64, 0, len(c.delays))
			for _, ms := range slices.Sorted(maps.Keys(c.delays)) {
				out = append(out, c.delays[ms])
			}
			return out
		}),
	}
}

// countFeeds notes what each source delivered. It comes after the raw rows, so that of two ingest processes which store one
// event at the same moment at least one finds the row of the other.
func (s *Sink) countFeeds(ctx context.Context, b *ingest.Batch) error {
	if len(b.Events) == 0 {
		return nil
	}
	keys := make([]uuid.UUID, len(b.Events))
	for i := range b.Events {
		keys[i] = b.Events[i].Key()
	}
	there, err := s.there(ctx, b, keys)
	if err != nil {
		return err
	}
	once := clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"insert_deduplication_token": tokenOf(b, keys)}))
	return insert(once, s.conn, "feed_minute", feedColumns(), feedsOf(b, keys, there))
}

// there finds, among the rows that are not the batch's own, those of its events. Measurements are looked for in the minute
// that they are of, where their rows stand together; of states there are few.
func (s *Sink) there(ctx context.Context, b *ingest.Batch, keys []uuid.UUID) (map[uuid.UUID][]version, error) {
	sent, err1 := ext.NewTable("sent", ext.Column("key", "UUID"), ext.Column("high", "UInt64"), ext.Column("low", "UInt64"))
	minutes, err2 := ext.NewTable("minutes", ext.Column("minute", "DateTime('UTC')"))
	err := errors.Join(err1, err2)
	seen, measured, states := map[int64]bool{}, false, false
	for i := 0; i < len(b.Events) && err == nil; i++ {
		e := &b.Events[i]
		v := versionOf(e, b.Origins[i].Arrived)
		err = sent.Append(keys[i], v.high, v.low)
		if !e.Type.Measured() {
			states = true
		} else if at := e.Time.Truncate(time.Minute); !seen[at.Unix()] {
			measured, seen[at.Unix()] = true, true
			err = errors.Join(err, minutes.Append(at))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("list the events of a batch: %w", err)
	}
	ctx = clickhouse.Context(ctx, clickhouse.WithExternalTable(sent, minutes))
	out := map[uuid.UUID][]version{}
	if measured {
		err = s.versions(ctx, out, "raw_measure", "minute IN (SELECT minute FROM minutes) AND ")
	}
	if states && err == nil {
		err = s.versions(ctx, out, "state_key", "")
	}
	return out, err
}

// versions adds what a table has of the events sent, but for the very rows that were sent.
func (s *Sink) versions(ctx context.Context, out map[uuid.UUID][]version, table, where string) (err error) {
	rows, err := s.conn.Query(ctx, `SELECT DISTINCT key, toUInt64(bitShiftRight(version, 64)) AS high, toUInt64(bitAnd(version, 18446744073709551615)) AS low
FROM `+table+` PREWHERE `+where+`key IN (SELECT key FROM sent) WHERE (key, high, low) NOT IN (SELECT key, high, low FROM sent)`)
	if err != nil {
		return fmt.Errorf("look for repeats in %s: %w", table, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var key uuid.UUID
		var v version
		if err := rows.Scan(&key, &v.high, &v.low); err != nil {
			return fmt.Errorf("look for repeats in %s: %w", table, err)
		}
		out[key] = append(out[key], v)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("look for repeats in %s: %w", table, err)
	}
	return nil
}

// feedsOf counts a batch by source and minute of arrival. there is what other batches brought of its events.
//
// A delivery is a repeat when it brings nothing new: the event is there already, in the same version or a newer one. Whether
// the centre, a broker, or an ingest that died before it could acknowledge has repeated it makes no difference.
// Two processes that store the same event within the same few milliseconds may both call theirs the repeat.
func feedsOf(b *ingest.Batch, keys []uuid.UUID, there map[uuid.UUID][]version) []feedCount {
	out := map[feedPlace]*feedCount{}
	before := map[uuid.UUID]version{} // the newest that the batch itself has brought so far
	for i := range b.Events {
		e, arrived := &b.Events[i], b.Origins[i].Arrived
		if b.Origins[i].Transport == ingest.TransportUpload {
			continue // a clerk is no feed
		}
		place := feedPlace{arrived.Truncate(time.Minute).Unix(), e.Centre, e.Domain, e.Source}
		c := out[place]
		if c == nil {
			c = &feedCount{feedPlace: place, delays: map[int32]uint64{}, first: arrived, newest: arrived}
			out[place] = c
		}
		v := versionOf(e, arrived)
		old, again := before[keys[i]]
		again = again && old.content(v) >= 0
		if !again {
			before[keys[i]] = v
		}
		again = again || slices.ContainsFunc(there[keys[i]], func(o version) bool {
			return o.content(v) == 0 || o.content(v) > 0 && o.earlier(v)
		})
		c.add(e.Time, arrived, again)
	}
	rows := make([]feedCount, 0, len(out))
	for _, c := range out {
		rows = append(rows, *c)
	}
	return rows
}

func (c *feedCount) add(at, arrived time.Time, again bool) {
	if arrived.Before(c.first) {
		c.first = arrived
	}
	if arrived.After(c.newest) {
		c.newest = arrived
	}
	if again {
		c.repeats++
		return
	}
	c.events++
	delay := arrived.Sub(at)
	if delay < 0 {
		c.ahead++
	}
	if delay >= backfillAfter {
		c.backfilled++
		return
	}
	c.delays[coarse(max(delay, -backfillAfter))]++
}

// coarse rounds a delay to milliseconds with 7 leading bits, which is less than 1 % off.
func coarse(d time.Duration) int32 {
	ms := d.Milliseconds()
	if ms < 0 {
		return -coarse(-d)
	}
	if cut := bits.Len64(uint64(ms)) - 7; cut > 0 {
		ms = (ms>>cut)<<cut + 1<<(cut-1)
	}
	return int32(ms) //nolint:gosec // within an hour
}

// tokenOf names a batch by what it holds: the same when it is written again, and another one when the same events arrive again.
func tokenOf(b *ingest.Batch, keys []uuid.UUID) string {
	h := sha256.New()
	var n [8]byte
	for i, k := range keys {
		v := versionOf(&b.Events[i], b.Origins[i].Arrived)
		h.Write(k[:])
		for _, part := range []uint64{v.high, v.low} {
			binary.BigEndian.PutUint64(n[:], part)
			h.Write(n[:])
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}
