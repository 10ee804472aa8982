// Package chsink writes batches of events to ClickHouse.
package chsink

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/schemas"
)

// Options says where ClickHouse is.
type Options struct {
	DSN string // clickhouse://user:password@host:port/database
}

// Sink writes to ClickHouse over the native protocol. It is safe for concurrent use.
type Sink struct {
	conn driver.Conn
}

// New connects lazily: a server that is away shows in the first Write.
func New(o Options) (*Sink, error) {
	co, err := clickhouse.ParseDSN(o.DSN)
	if err != nil {
		return nil, fmt.Errorf("read ClickHouse DSN: %w", err)
	}
	co.Compression = &clickhouse.Compression{Method: clickhouse.CompressionLZ4}
	if co.Settings == nil {
		co.Settings = clickhouse.Settings{}
	}
	// An answer must mean that the rows are in the table, not in a buffer of the server.
	co.Settings["async_insert"] = 0
	// Late events may lie in any month.
	co.Settings["max_partitions_per_insert_block"] = 0
	conn, err := clickhouse.Open(co)
	if err != nil {
		return nil, fmt.Errorf("open ClickHouse: %w", err)
	}
	return &Sink{conn: conn}, nil
}

// Close ends all connections.
func (s *Sink) Close() error { return s.conn.Close() }

// Write implements ingest.Sink. What the batch touched is written last: whoever reads it finds the rows it speaks of.
func (s *Sink) Write(ctx context.Context, b *ingest.Batch) error {
	for _, write := range []func(context.Context, *ingest.Batch) error{s.states, s.measures, s.refusals, s.touched} {
		if err := write(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// insert writes rows to a table in one block. next appends a row, and tells whether there was one.
func (s *Sink) insert(ctx context.Context, table, columns string, rows int, row func(batch driver.Batch, i int) error) (err error) {
	if rows == 0 {
		return nil
	}
	batch, err := s.conn.PrepareBatch(ctx, "INSERT INTO "+table+" ("+columns+")")
	if err != nil {
		return fmt.Errorf("prepare insert into %s: %w", table, err)
	}
	defer func() { err = errors.Join(err, batch.Close()) }()
	for i := range rows {
		if err := row(batch, i); err != nil {
			return fmt.Errorf("append to %s: %w: %w", table, ingest.ErrContent, err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("insert %d rows into %s: %w", rows, table, content(err))
	}
	return nil
}

// content marks an error that comes from what the rows hold. Every other one may pass by itself.
func content(err error) error {
	var e *clickhouse.Exception
	if errors.As(err, &e) && slices.Contains(contentCodes(), e.Code) {
		return errors.Join(ingest.ErrContent, err)
	}
	return err
}

// contentCodes are ClickHouse's error codes for values that no server of this version takes
// (src/Common/ErrorCodes.cpp).
func contentCodes() []int32 {
	return []int32{
		6,   // CANNOT_PARSE_TEXT
		27,  // CANNOT_PARSE_INPUT_ASSERTION_FAILED
		41,  // CANNOT_PARSE_DATETIME
		53,  // TYPE_MISMATCH
		69,  // ARGUMENT_OUT_OF_BOUND
		70,  // CANNOT_CONVERT_TYPE
		131, // TOO_LARGE_STRING_SIZE
		321, // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
		407, // DECIMAL_OVERFLOW
	}
}

// pick returns the places of the events that are measurements, or of those that are not.
func pick(b *ingest.Batch, measured bool) []int {
	var out []int
	for i := range b.Events {
		if b.Events[i].Type.Measured() == measured {
			out = append(out, i)
		}
	}
	return out
}

// bucket is the start of the 10 seconds that hold a moment.
func bucket(t time.Time) time.Time { return t.Truncate(10 * time.Second) }

// touched tells the roll-up what this batch has written.
func (s *Sink) touched(ctx context.Context, b *ingest.Batch) error {
	type touch struct {
		typ, centre, entity string
		bucket              time.Time
	}
	set := map[touch]struct{}{}
	var since time.Time
	earlier := func(t time.Time) {
		if since.IsZero() || t.Before(since) {
			since = t
		}
	}
	epoch := time.Unix(0, 0).UTC()
	for i := range b.Events {
		e := &b.Events[i]
		earlier(b.Origins[i].Arrived)
		if e.Type.Measured() {
			set[touch{typ: string(e.Type), bucket: bucket(e.Time)}] = struct{}{}
			continue
		}
		set[touch{typ: string(e.Type), centre: e.Centre, entity: entityOf(e), bucket: epoch}] = struct{}{}
	}
	for _, r := range b.Refusals {
		earlier(r.Message.Arrived)
		set[touch{typ: "rejected", bucket: bucket(r.Message.Arrived)}] = struct{}{}
	}
	list := make([]touch, 0, len(set))
	for t := range set {
		list = append(list, t)
	}
	id := uuid.New()
	return s.insert(ctx, "touched", "batch, type, centre, entity, bucket, since", len(list), func(batch driver.Batch, i int) error {
		t := list[i]
		return batch.Append(id, t.typ, t.centre, t.entity, t.bucket, since)
	})
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
