// Package chstore asks ClickHouse the questions of package query, and keeps its derived tables.
package chstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/binhphuoc/ioc/schemas"
)

// Options says where ClickHouse is.
type Options struct {
	DSN      string // clickhouse://user:password@host:port/database
	Registry *schemas.Registry
	// Many is from how many things on those that may be open are found first; default 1,000,000. Measured on 2 cores: of 75,000 it takes
	// 29 ms instead of 18, of 8 million 70 instead of 248.
	Many uint64
}

// Store is the ClickHouse side of package query. It is safe for concurrent use.
type Store struct {
	conn     driver.Conn
	registry *schemas.Registry
	many     uint64
}

// New connects lazily: a server that is away shows in the first question.
func New(o Options) (*Store, error) {
	co, err := clickhouse.ParseDSN(o.DSN)
	if err != nil {
		return nil, fmt.Errorf("read ClickHouse DSN: %w", err)
	}
	co.Compression = &clickhouse.Compression{Method: clickhouse.CompressionLZ4}
	co.MaxOpenConns, co.MaxIdleConns = 8, 8
	if co.Settings == nil {
		co.Settings = clickhouse.Settings{}
	}
	// Lists of touched buckets are literals in the query, so queries may be long.
	co.Settings["max_query_size"] = 16 << 20
	co.Settings["async_insert"] = 0
	co.Settings["max_partitions_per_insert_block"] = 0
	// Rows that replace each other always have the same month, see the ORDER BY of each table.
	co.Settings["do_not_merge_across_partitions_select_final"] = 1
	// The newest rows must never be missing. On 26.x both the condition cache (ClickHouse issues 104781 and 108519) and skip
	// indexes under FINAL (pull request 98097) are known to have left out rows.
	co.Settings["use_query_condition_cache"] = 0
	co.Settings["use_skip_indexes_on_data_read"] = 0
	co.Settings["use_skip_indexes_if_final"] = 0
	conn, err := clickhouse.Open(co)
	if err != nil {
		return nil, fmt.Errorf("open ClickHouse: %w", err)
	}
	return &Store{conn: conn, registry: o.Registry, many: cmp.Or(o.Many, 1_000_000)}, nil
}

// Close ends all connections.
func (s *Store) Close() error { return s.conn.Close() }

// Ping tells whether ClickHouse answers.
func (s *Store) Ping(ctx context.Context) error { return s.conn.Ping(ctx) }

// scan runs a question and hands over each row. what names the question in the error.
func (s *Store) scan(ctx context.Context, what, sql string, args []any, row func(driver.Rows) error) (err error) {
	rows, err := s.conn.Query(ctx, sql, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := row(rows); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// exec runs a statement. what names it in the error.
func (s *Store) exec(ctx context.Context, what, sql string, args ...any) error {
	if err := s.conn.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// insert writes rows into a table: into names it and its columns.
func (s *Store) insert(ctx context.Context, what, into string, rows [][]any) error {
	batch, err := s.conn.PrepareBatch(ctx, "INSERT INTO "+into)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	for _, row := range rows {
		err = errors.Join(err, batch.Append(row...))
	}
	if err == nil {
		err = batch.Send()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("%s: %w", what, err), batch.Close())
	}
	return nil
}

// once has a table drop an insert whose token it has seen, so that of two processes that write one version the first is heard.
// Which one that was, both read from the table.
func once(ctx context.Context, token string) context.Context {
	return clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"insert_deduplicate": 1, "insert_deduplication_token": token, "async_insert": 0,
	}))
}

// computed stamps a derived row with the server's clock at the start of the query: of two queries that
// compute the same row, the one that began later has seen at least as much.
const computed = "toUInt64(toUnixTimestamp64Micro(now64(6)))"

// quote makes a string literal.
func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// quotes makes a comma-separated list of string literals.
func quotes[S ~string](list []S) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = quote(string(s))
	}
	return strings.Join(out, ",")
}

// moment makes a DateTime64 literal.
func moment(t time.Time) string {
	return "fromUnixTimestamp64Milli(toInt64(" + strconv.FormatInt(t.UnixMilli(), 10) + "), 'UTC')"
}

// seconds makes a comma-separated list of Unix seconds.
func seconds(list []time.Time) string {
	var b strings.Builder
	for i, t := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatInt(t.Unix(), 10))
	}
	return b.String()
}
