package chstore

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/binhphuoc/ioc/query/rollup"
)

// Touches implements rollup.Journal.
func (s *Store) Touches(ctx context.Context, since time.Time) ([]rollup.Touch, error) {
	return s.touches(ctx, "at >= "+moment(maxTime(since, time.Unix(0, 0))), "DESC")
}

// Before implements rollup.Journal.
func (s *Store) Before(ctx context.Context, since, until time.Time, limit int) ([]rollup.Touch, error) {
	// Types of one batch have one time: a limit between them would lose the rest.
	return s.touches(ctx, "at >= "+moment(maxTime(since, time.Unix(0, 0)))+" AND at < "+moment(until), fmt.Sprintf("DESC LIMIT %d WITH TIES", limit))
}

func (s *Store) touches(ctx context.Context, where, order string) ([]rollup.Touch, error) {
	var out []rollup.Touch
	// States have no bucket: theirs is the epoch.
	sql := `SELECT batch, type, max(at) AS newest, min(since) AS since, arrayFilter(b -> b > 0, groupUniqArray(bucket)) AS buckets
FROM touched WHERE ` + where + ` GROUP BY batch, type ORDER BY newest ` + order
	err := s.scan(ctx, "read what was touched", sql, nil, func(r driver.Rows) error {
		var t rollup.Touch
		if err := r.Scan(&t.Batch, &t.Type, &t.At, &t.Since, &t.Buckets); err != nil {
			return err
		}
		out = append(out, t)
		return nil
	})
	return out, err
}

// Newest implements rollup.Journal.
func (s *Store) Newest(ctx context.Context) (time.Time, error) {
	var at time.Time
	err := s.scan(ctx, "read the newest batch", `SELECT max(at) FROM touched HAVING count() > 0`, nil, func(r driver.Rows) error { return r.Scan(&at) })
	return at, err
}

// Progress implements rollup.Journal.
func (s *Store) Progress(ctx context.Context, name string) (time.Time, error) {
	var at time.Time
	err := s.scan(ctx, "read progress", `SELECT max(at) FROM progress WHERE name = ? HAVING count() > 0`, []any{name},
		func(r driver.Rows) error { return r.Scan(&at) })
	return at, err
}

// SaveProgress implements rollup.Journal.
func (s *Store) SaveProgress(ctx context.Context, name string, at time.Time) error {
	return s.exec(ctx, "save progress", `INSERT INTO progress (name, at) SELECT ?, `+moment(at), name)
}

// Kept implements rollup.Ages.
func (s *Store) Kept(ctx context.Context) (rollup.Kept, error) {
	var out rollup.Kept
	// Each time of keeping was in force until the next one: whatever it let go is gone, though the next may be longer.
	err := s.scan(ctx, "read how long rows are kept", `SELECT kind, max(if(days = 0, toDateTime64(0, 3, 'UTC'), until - toIntervalDay(days)))
FROM (SELECT kind, days, leadInFrame(at, 1, now64(3, 'UTC')) OVER
  (PARTITION BY kind ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS until FROM retention)
GROUP BY kind`, nil, func(r driver.Rows) error {
		var kind string
		var since time.Time
		if err := r.Scan(&kind, &since); err != nil {
			return err
		}
		switch kind {
		case "raw":
			out.Raw = since
		case "rejected":
			out.Rejected = since
		case "rollup_10s", "rollup_1m", "rollup_1h":
			out.Tiers = maxTime(out.Tiers, since)
		}
		return nil
	})
	return out, err
}

// Definitions implements rollup.Definitions.
func (s *Store) Definitions(ctx context.Context) (map[string]uint64, error) {
	out := map[string]uint64{}
	err := s.scan(ctx, "read rollup definitions", `SELECT kpi, definition FROM rollup_definition FINAL`, nil, func(r driver.Rows) error {
		var id string
		var def uint64
		if err := r.Scan(&id, &def); err != nil {
			return err
		}
		out[id] = def
		return nil
	})
	return out, err
}

// SaveDefinition implements rollup.Definitions.
func (s *Store) SaveDefinition(ctx context.Context, kpi string, definition uint64) error {
	return s.exec(ctx, "save rollup definition", `INSERT INTO rollup_definition (kpi, definition) SELECT ?, ?`, kpi, definition)
}

// Days implements rollup.Definitions.
func (s *Store) Days(ctx context.Context, g rollup.Group) ([]time.Time, error) {
	return s.times(ctx, "list days of "+strings.Join(g.IDs(), ", "), `SELECT DISTINCT `+dayOf("bucket")+` AS day
FROM (`+groupBuckets(g, time.Unix(0, 0), time.Unix(math.MaxUint32, 0))+`) ORDER BY day`)
}

// Buckets implements rollup.Definitions.
func (s *Store) Buckets(ctx context.Context, g rollup.Group, day time.Time) ([]time.Time, error) {
	return s.times(ctx, "list buckets of "+strings.Join(g.IDs(), ", "), `SELECT DISTINCT bucket
FROM (`+groupBuckets(g, day, day.Add(24*time.Hour))+`) ORDER BY bucket`)
}

// groupBuckets is the SQL of the 10-second buckets, of those that hold these moments, in which a group has or had anything. Of coarser
// rollups the start is enough to have them counted again, should what they were made of be gone.
func groupBuckets(g rollup.Group, from, to time.Time) string {
	table, filter := facts(g.Of)
	if measured(g.Of) { // the primary key begins with the minute
		filter += fmt.Sprintf(" AND minute >= toStartOfMinute(toDateTime(%d, 'UTC')) AND minute < toDateTime(%d, 'UTC')", from.Unix(), to.Unix())
	}
	return `SELECT ` + bucketOf(g.At) + ` AS bucket FROM ` + table + ` WHERE ` + filter + ` AND ` + between(g.At, from, to) + `
UNION ALL
SELECT bucket FROM rollup WHERE kpi IN (` + quotes(g.IDs()) + fmt.Sprintf(`) AND events > 0 AND bucket >= toDateTime(%d, 'UTC') AND bucket < toDateTime(%d, 'UTC')`, from.Unix(), to.Unix())
}

// dayOf is the SQL of the start of the day that holds a moment, in Asia/Ho_Chi_Minh.
func dayOf(field string) string { return startOf(field, 24*time.Hour) }

// times reads a column of moments.
func (s *Store) times(ctx context.Context, what, sql string) ([]time.Time, error) {
	var out []time.Time
	err := s.scan(ctx, what, sql, nil, func(r driver.Rows) error {
		var t time.Time
		if err := r.Scan(&t); err != nil {
			return err
		}
		out = append(out, t)
		return nil
	})
	return out, err
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// bucketOf is the SQL of the start of the 10 seconds that hold a field.
func bucketOf(field string) string { return startOf("assumeNotNull("+field+")", base) }
