package chstore

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/kpi"
)

// Steps implements query.Store: the counts of a KPI of these centres for each step that holds anything.
func (s *Store) Steps(ctx context.Context, k kpi.KPI, centres []string, r query.SeriesRequest) ([]query.Step, error) {
	step := int64(r.Step / time.Second)
	start := func(field string) string {
		return fmt.Sprintf("toDateTime(intDiv(toUnixTimestamp(%s) + %[2]d, %[3]d) * %[3]d - %[2]d, 'UTC')", field, zone, step)
	}
	sql := fmt.Sprintf(`SELECT %s AS start, toFloat64(sum(num)), toFloat64(sum(den)), groupArrayArray(samples), NULL AS value
FROM rollup FINAL WHERE tier = %d AND kpi = %s AND centre IN (%s) AND events > 0 AND bucket >= toDateTime(%d, 'UTC') AND bucket < toDateTime(%d, 'UTC')
GROUP BY start ORDER BY start`, start("bucket"), tierFor(r.Step), quote(k.ID), quotes(centres), r.From.Unix(), r.To.Unix())
	if !k.Formula.Kind.Rolled() {
		// What stands at a moment was kept with the province's total already made.
		sql = fmt.Sprintf(`SELECT %s AS start, ifNull(argMax(num, minute), 0.), ifNull(argMax(den, minute), 0.), CAST([], 'Array(Float64)'), argMax(tuple(m.value), minute).1 AS value
FROM kpi_minute AS m FINAL WHERE kpi = %s AND centre = %s AND minute >= toDateTime(%d, 'UTC') AND minute < toDateTime(%d, 'UTC')
GROUP BY start ORDER BY start`, start("minute"), quote(k.ID), quote(r.Centre), r.From.Unix(), r.To.Unix())
	}
	var out []query.Step
	err := s.scan(ctx, "read series of "+k.ID, sql, nil, func(rows driver.Rows) error {
		var p query.Step
		if err := rows.Scan(&p.At, &p.Num, &p.Den, &p.Samples, &p.Value); err != nil {
			return err
		}
		out = append(out, p)
		return nil
	})
	return out, err
}

// DayCounts implements query.Store: the counts of a KPI of each of these centres for each day that holds anything.
func (s *Store) DayCounts(ctx context.Context, k kpi.KPI, centres []string, from, to time.Time) ([]query.Day, error) {
	return s.days(ctx, "read days of "+k.ID, fmt.Sprintf(`SELECT centre, bucket, toDateTime64(0, 3, 'UTC'), toFloat64(num), toFloat64(den), samples
FROM rollup FINAL WHERE tier = 86400 AND %s AND events > 0 ORDER BY bucket, centre`, daysOf(k, centres, from, to)))
}

// Revisions implements query.Store: what the counts of closed days were before they changed, the first change first.
func (s *Store) Revisions(ctx context.Context, k kpi.KPI, centres []string, from, to time.Time) ([]query.Day, error) {
	return s.days(ctx, "read revisions of "+k.ID, fmt.Sprintf(`SELECT centre, bucket, at, toFloat64(num), toFloat64(den), samples
FROM revision FINAL WHERE %s ORDER BY at, bucket, centre`, daysOf(k, centres, from, to)))
}

func daysOf(k kpi.KPI, centres []string, from, to time.Time) string {
	return fmt.Sprintf("kpi = %s AND centre IN (%s) AND bucket >= toDateTime(%d, 'UTC') AND bucket < toDateTime(%d, 'UTC')", quote(k.ID), quotes(centres), from.Unix(), to.Unix())
}

func (s *Store) days(ctx context.Context, what, sql string) ([]query.Day, error) {
	var out []query.Day
	err := s.scan(ctx, what, sql, nil, func(rows driver.Rows) error {
		var d query.Day
		if err := rows.Scan(&d.Centre, &d.Bucket, &d.Until, &d.Num, &d.Den, &d.Samples); err != nil {
			return err
		}
		out = append(out, d)
		return nil
	})
	return out, err
}

// tierFor is the coarsest tier that a step is made of.
func tierFor(step time.Duration) int {
	for _, t := range []time.Duration{24 * time.Hour, time.Hour, time.Minute} {
		if step%t == 0 {
			return int(t / time.Second)
		}
	}
	return int(base / time.Second)
}
