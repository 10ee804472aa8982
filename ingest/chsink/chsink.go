// Package chsink writes batches of events to ClickHouse.
package chsink

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/binhphuoc/ioc/ingest"
)

// Options says where ClickHouse is.
type Options struct {
	DSN string // clickhouse://user:password@host:port/database
}

// Sink writes to ClickHouse over the native protocol. It is safe for concurrent use.
type Sink struct {
	conn driver.Conn
}

// dialLimit is how long a connection may take, unless the DSN says otherwise.
const dialLimit = 5 * time.Second

// New connects lazily: a server that is away shows in the first Write.
func New(o Options) (*Sink, error) {
	co, err := clickhouse.ParseDSN(o.DSN)
	if err != nil {
		return nil, fmt.Errorf("read ClickHouse DSN: %w", err)
	}
	co.DialTimeout = cmp.Or(co.DialTimeout, dialLimit)
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

// Write implements ingest.Sink. What the batch touched is written after its rows: whoever reads it finds the rows that it
// speaks of. What was replayed is noted last: a process that dies before has it replayed again, which changes nothing.
func (s *Sink) Write(ctx context.Context, b *ingest.Batch) error {
	// The tables do not depend on each other, and an insert is mostly waiting. One that fails leaves the others alone:
	// to break them off would cost their connections.
	var g errgroup.Group
	g.Go(func() error { return insert(ctx, s.conn, "raw_state", stateColumns(), rowsOf(b, false)) })
	g.Go(func() error { return insert(ctx, s.conn, "raw_measure", measureColumns(), rowsOf(b, true)) })
	g.Go(func() error { return insert(ctx, s.conn, "rejected", rejectColumns(), b.Refusals) })
	if err := g.Wait(); err != nil {
		return err
	}
	// What was delivered is counted beside: the screens need not wait for it.
	g = errgroup.Group{}
	g.Go(func() error { return insert(ctx, s.conn, "touched", touchColumns(), touchedBy(b, uuid.New())) })
	g.Go(func() error { return s.countDeliveries(ctx, b) })
	if err := g.Wait(); err != nil {
		return err
	}
	return insert(ctx, s.conn, "replayed", replayColumns(), b.Replays)
}

// insert writes rows to a table, column by column, in one block.
func insert[R any](ctx context.Context, conn driver.Conn, table string, columns []column[R], rows []R) (err error) {
	if len(rows) == 0 {
		return nil
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO "+table+" ("+strings.Join(names, ", ")+")")
	if err != nil {
		return fmt.Errorf("prepare insert into %s: %w", table, err)
	}
	defer func() { err = errors.Join(err, batch.Close()) }()
	for i, c := range columns {
		if err := batch.Column(i).Append(c.values(rows)); err != nil {
			return fmt.Errorf("append to %s.%s: %w: %w", table, c.name, ingest.ErrContent, err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("insert %d rows into %s: %w", len(rows), table, content(err))
	}
	return nil
}

// content marks an error that comes from what the rows hold. Every other one may pass by itself.
func content(err error) error {
	var e *clickhouse.Exception
	if errors.As(err, &e) && slices.Contains(contentCodes(), e.Code) {
		return fmt.Errorf("%w: %w", ingest.ErrContent, err)
	}
	return err
}

// contentCodes are ClickHouse's error codes for values that it does not take (src/Common/ErrorCodes.cpp). Those for
// types and columns are not among them: they mean that the tables are not what this binary knows, whatever the event.
func contentCodes() []int32 {
	return []int32{
		6,   // CANNOT_PARSE_TEXT
		27,  // CANNOT_PARSE_INPUT_ASSERTION_FAILED
		38,  // CANNOT_PARSE_DATE
		41,  // CANNOT_PARSE_DATETIME
		69,  // ARGUMENT_OUT_OF_BOUND
		72,  // CANNOT_PARSE_NUMBER
		131, // TOO_LARGE_STRING_SIZE
		321, // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
		407, // DECIMAL_OVERFLOW
		469, // VIOLATED_CONSTRAINT
	}
}
