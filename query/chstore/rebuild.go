package chstore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// partRows is how many raw events one part of a rebuild looks at: a few hundred megabytes of memory.
const partRows = 2_000_000

// Parts implements rollup.Past.
func (s *Store) Parts(ctx context.Context) (things, moves int, err error) {
	var states, measurements uint64
	err = s.scan(ctx, "count raw events", `SELECT (SELECT count() FROM raw_state), (SELECT count() FROM measure_key)`, nil,
		func(r driver.Rows) error { return r.Scan(&states, &measurements) })
	of := func(rows uint64) int { return min(1+int(rows/partRows), mostKeyParts) } //nolint:gosec // far from the largest int
	return of(states), of(max(states, measurements)), err
}

// AllEntities implements rollup.Past.
func (s *Store) AllEntities(ctx context.Context, typ string, part, parts int) error {
	return s.exec(ctx, "compute how each "+typ+" stands", entitySQL(typ, partOf("(centre, entity)", part, parts)))
}

// AllMoved implements rollup.Past.
func (s *Store) AllMoved(ctx context.Context, part, parts int) error {
	// Nearly all keys have one row, and cost least where they are only counted.
	several := func(table string) string {
		return "key IN (SELECT key FROM " + table + " WHERE " + keysOf(part, parts) + " GROUP BY key HAVING count() > 1)"
	}
	if err := s.exec(ctx, "mark states of other things", markLeft(movedStates(several("state_key")))); err != nil {
		return err
	}
	return s.exec(ctx, "mark moved measurements", markMoved(movedKeys(several("measure_key"))))
}

// partOf admits one of so many parts of all rows.
func partOf(key string, part, parts int) string {
	return fmt.Sprintf("cityHash64(%s) %% %d = %d", key, parts, part)
}

// mostKeyParts is as many parts as keysOf can tell apart.
const mostKeyParts = 1 << 14

// keysOf admits one of so many parts of all keys, as ranges: the tables of keys are ordered by them, so that each part reads what it
// needs alone. ClickHouse orders UUIDs by their second half. Of a name-based one this begins with two bits that are always the same
// (RFC 9562, 4.1), so that each quarter of all values is divided by itself.
func keysOf(part, parts int) string {
	bound := func(quarter, part int) string {
		return fmt.Sprintf("toUUID('00000000-0000-0000-%04x-000000000000')", quarter*mostKeyParts+part*mostKeyParts/parts)
	}
	ranges := make([]string, 4)
	for quarter := range ranges {
		ranges[quarter] = "key >= " + bound(quarter, part)
		if quarter < 3 || part+1 < parts {
			ranges[quarter] += " AND key < " + bound(quarter, part+1)
		}
	}
	return "(" + strings.Join(ranges, " OR ") + ")"
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
