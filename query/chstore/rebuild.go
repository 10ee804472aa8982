package chstore

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// partRows is how many raw events one part of a rebuild looks at: a few hundred megabytes of memory.
const partRows = 2_000_000

// Parts implements rollup.Past.
func (s *Store) Parts(ctx context.Context) (int, error) {
	var rows uint64
	err := s.scan(ctx, "count raw events", `SELECT greatest((SELECT count() FROM raw_state), (SELECT count() FROM measure_key))`, nil,
		func(r driver.Rows) error { return r.Scan(&rows) })
	return 1 + int(rows/partRows), err //nolint:gosec // far from the largest int
}

// AllEntities implements rollup.Past.
func (s *Store) AllEntities(ctx context.Context, typ string, part, parts int) error {
	return s.exec(ctx, "compute how each "+typ+" stands", entitySQL(typ, partOf("(centre, entity)", part, parts)))
}

// AllMoved implements rollup.Past.
func (s *Store) AllMoved(ctx context.Context, part, parts int) error {
	if err := s.exec(ctx, "mark states of other things", markLeft(movedStates(partOf("key", part, parts)))); err != nil {
		return err
	}
	return s.exec(ctx, "mark moved measurements", markMoved(movedKeys(partOf("key", part, parts))))
}

// partOf admits one of so many parts of all rows.
func partOf(key string, part, parts int) string {
	return fmt.Sprintf("cityHash64(%s) %% %d = %d", key, parts, part)
}

// MeasuredDays implements rollup.Past.
func (s *Store) MeasuredDays(ctx context.Context, typ string, since time.Time) ([]time.Time, error) {
	return s.times(ctx, "list days of "+typ, `SELECT DISTINCT `+dayOf("minute")+` AS day FROM (`+measuredMinutes(typ)+`)
WHERE minute >= `+moment(maxTime(since, time.Unix(0, 0)))+` ORDER BY day`)
}

// MeasuredMinutes implements rollup.Past.
func (s *Store) MeasuredMinutes(ctx context.Context, typ string, day time.Time) ([]time.Time, error) {
	return s.times(ctx, "list minutes of "+typ, fmt.Sprintf(`SELECT DISTINCT minute FROM (%s)
WHERE minute >= toDateTime(%d, 'UTC') AND minute < toDateTime(%d, 'UTC') ORDER BY minute`, measuredMinutes(typ), day.Unix(), day.Add(24*time.Hour).Unix()))
}

// measuredMinutes is the SQL of all minutes in which sources of a type said anything, or were thought to.
func measuredMinutes(typ string) string {
	if typ == "delivered" {
		return "SELECT minute FROM feed_delivery UNION ALL SELECT minute FROM feed_event"
	}
	return `SELECT raw_measure.minute AS minute FROM raw_measure WHERE type = ` + quote(typ) + `
UNION ALL SELECT minute FROM source_minute WHERE type = ` + quote(typ) + ` AND events > 0`
}
