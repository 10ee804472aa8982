package chstore

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/errgroup"

	"github.com/binhphuoc/ioc/query/report"
	"github.com/binhphuoc/ioc/query/rollup"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// piece is a part of a window that one tier covers.
type piece struct {
	window int
	rollup.Part
}

// rolledPieces divides windows into whole buckets of the tiers.
func rolledPieces(windows []report.Window) []piece {
	var out []piece
	for i, w := range windows {
		for _, p := range rollup.Cover(w.From, w.To) {
			out = append(out, piece{i, p})
		}
	}
	return out
}

// admit is the condition on rows of a tier and a time that lie in one of the pieces. The index needs it.
func admit(pieces []piece, tier, at string) string {
	spans := map[time.Duration][]string{}
	for _, p := range pieces {
		spans[p.Tier] = append(spans[p.Tier], fmt.Sprintf("%s >= toDateTime(%d, 'UTC') AND %[1]s < toDateTime(%[3]d, 'UTC')", at, p.From.Unix(), p.To.Unix()))
	}
	out := []string{"0"}
	for _, t := range []time.Duration{base, time.Minute, time.Hour, period.Day} {
		if s := spans[t]; s != nil {
			out = append(out, fmt.Sprintf("%s = %d AND (%s)", tier, int64(t/time.Second), strings.Join(s, " OR ")))
		}
	}
	return "((" + strings.Join(out, ") OR (") + "))"
}

// inWindows is the array join that gives each row once for each window that it lies in. Windows that overlap share rows.
func inWindows(pieces []piece, tier, at string) string {
	list := make([]string, len(pieces))
	for i, p := range pieces {
		list[i] = fmt.Sprintf("(%d, %d, %d, %d)", p.window, int64(p.Tier/time.Second), p.From.Unix(), p.To.Unix())
	}
	return fmt.Sprintf("ARRAY JOIN arrayMap(x -> toUInt32(x.1), arrayFilter(x -> x.2 = %s AND x.3 <= toUnixTimestamp(%s) AND toUnixTimestamp(%[2]s) < x.4, [%s])) AS w",
		tier, at, strings.Join(list, ", "))
}

// members lists all centres that count for one of the nodes.
func members(nodes []report.Node) []string {
	var out []string
	for _, n := range nodes {
		for _, c := range n.Centres {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// inNodes is the array join that gives each row once for each node that its centre counts for, and the condition that leaves
// out all other centres. What names no known centre counts for the first of the registry, as in the evaluator.
func (s *Store) inNodes(nodes []report.Node) (join, where string) {
	list := make([]string, len(nodes))
	for i, n := range nodes {
		list[i] = "(" + quote(n.Code) + ", [" + quotes(n.Centres) + "])"
	}
	all := members(nodes)
	known := make([]string, len(s.registry.Centres))
	for i, c := range s.registry.Centres {
		known[i] = c.Code
	}
	where = "centre IN (" + quotes(all) + ")"
	if slices.Contains(all, known[0]) {
		where = "1"
	}
	join = fmt.Sprintf("ARRAY JOIN arrayMap(x -> x.1, arrayFilter(x -> has(x.2, if(has([%s], toString(centre)), toString(centre), %s)), [%s])) AS node",
		quotes(known), quote(known[0]), strings.Join(list, ", "))
	return join, where
}

// Rolled implements report.Store: one question for all counts, and one for the quantiles, which need all samples.
func (s *Store) Rolled(ctx context.Context, q report.Question) ([]report.Cell, error) {
	var counts, quantiles []kpi.KPI
	for _, k := range q.KPIs {
		if k.Formula.Kind == kpi.KindQuantile {
			quantiles = append(quantiles, k)
		} else {
			counts = append(counts, k)
		}
	}
	var out, more []report.Cell
	work, inner := errgroup.WithContext(ctx)
	work.Go(func() (err error) {
		out, err = s.cells(inner, q, counts, nil)
		return err
	})
	work.Go(func() (err error) {
		more, err = s.cells(inner, q, quantiles, levelsOf(quantiles))
		return err
	})
	err := work.Wait()
	return append(out, more...), err
}

// levelsOf lists the quantiles that are asked for, each once.
func levelsOf(kpis []kpi.KPI) []float64 {
	var out []float64
	for _, k := range kpis {
		if !slices.Contains(out, k.Formula.Quantile) {
			out = append(out, k.Formula.Quantile)
		}
	}
	return out
}

// cells counts KPIs; with levels, also these exact quantiles of the samples (type 7 of Hyndman and Fan, as everywhere).
func (s *Store) cells(ctx context.Context, q report.Question, kpis []kpi.KPI, levels []float64) ([]report.Cell, error) {
	if len(kpis) == 0 || len(q.Windows) == 0 || len(q.Nodes) == 0 {
		return nil, nil
	}
	samples, state, merged := "", "", "CAST([], 'Array(Float64)')"
	if levels != nil {
		list := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(levels)), ", "), "[]")
		samples = ", r.samples AS samples"
		state = ", quantilesExactInclusiveArrayState(" + list + ")(p.samples) AS state"
		merged = "quantilesExactInclusiveArrayMerge(" + list + ")(c.state)"
	}
	join, where := s.inNodes(q.Nodes)
	sql := `SELECT kpi, node, w, toFloat64(sum(c.num)), toFloat64(sum(c.den)), sum(c.events), max(c.newest), ` + merged + `
FROM (SELECT kpi, centre, w, sum(p.num) AS num, sum(p.den) AS den, sum(p.events) AS events, max(p.newest) AS newest` + state + `
  FROM (` + daysAsOf(q, kpis, where, samples) + `) AS p
  ` + inWindows(rolledPieces(q.Windows), "p.tier", "p.bucket") + `
  GROUP BY kpi, centre, w) AS c
` + join + ` GROUP BY kpi, node, w`
	var out []report.Cell
	err := s.scan(ctx, "read rollups of a report", sql, nil, func(r driver.Rows) error {
		var c report.Cell
		var w uint32
		if err := r.Scan(&c.KPI, &c.Node, &w, &c.Num, &c.Den, &c.Events, &c.Newest, &c.Samples); err != nil {
			return err
		}
		c.Window = int(w)
		if c.Newest.Unix() <= 0 {
			c.Newest = time.Time{}
		}
		if i := slices.IndexFunc(kpis, func(k kpi.KPI) bool { return k.ID == c.KPI }); levels != nil && i >= 0 {
			at := slices.Index(levels, kpis[i].Formula.Quantile)
			c.Samples = c.Samples[at : at+1]
		}
		out = append(out, c)
		return nil
	})
	return out, err
}

// daysAsOf is the SQL of the rollups of all windows as they were at a moment: a day that was revised since is taken from
// what the first revision after it replaced.
func daysAsOf(q report.Question, kpis []kpi.KPI, where, samples string) string {
	ids := make([]string, len(kpis))
	for i, k := range kpis {
		ids[i] = k.ID
	}
	pieces := rolledPieces(q.Windows)
	mine := "kpi IN (" + quotes(ids) + ") AND " + where
	undone := mine + " AND at > " + moment(q.AsOf)
	before := ""
	if samples != "" {
		before = ", argMin(v.samples, v.at) AS samples"
	}
	return `SELECT r.kpi AS kpi, r.centre AS centre, r.tier AS tier, r.bucket AS bucket, r.num AS num, r.den AS den, r.events AS events, r.newest AS newest` + samples + `
  FROM rollup AS r FINAL WHERE ` + mine + ` AND events > 0 AND ` + admit(pieces, "tier", "bucket") + `
    AND NOT (tier = 86400 AND (kpi, centre, bucket) IN (SELECT kpi, centre, bucket FROM revision WHERE ` + undone + `))
  UNION ALL
  SELECT kpi, centre, toUInt32(86400) AS tier, bucket, argMin(v.num, v.at) AS num, argMin(v.den, v.at) AS den,
    toUInt64(num != 0 OR den != 0) AS events, toDateTime64(0, 3, 'UTC') AS newest` + before + `
  FROM revision AS v FINAL WHERE ` + undone + ` GROUP BY kpi, centre, bucket HAVING events > 0`
}

// History implements report.Store: from kpi_day, and from kpi_minute where a window cuts a day, or days have not been kept yet.
func (s *Store) History(ctx context.Context, q report.Question) ([]report.Kept, error) {
	var kept time.Time // end of the last day that is kept
	if err := s.scan(ctx, "find kept days", "SELECT max(day) + INTERVAL 1 DAY FROM kpi_day", nil, func(r driver.Rows) error { return r.Scan(&kept) }); err != nil {
		return nil, err
	}
	pieces := keptPieces(q.Windows, kept)
	ids, codes := make([]string, len(q.KPIs)), make([]string, len(q.Nodes))
	for i, k := range q.KPIs {
		ids[i] = k.ID
	}
	for i, n := range q.Nodes {
		codes[i] = n.Code
	}
	if len(ids) == 0 || len(pieces) == 0 {
		return nil, nil
	}
	mine := "kpi IN (" + quotes(ids) + ") AND centre IN (" + quotes(codes) + ") AND "
	var out []report.Kept
	err := s.scan(ctx, "read kept values of a report", `SELECT kpi, centre, w, argMax(tuple(d.last), d.at).1, sum(d.total) / nullIf(sum(d.known), 0), sum(d.last),
  argMax(tuple(d.num), d.at).1, argMax(tuple(d.den), d.at).1
FROM (SELECT kpi, centre, w, day AS at, last, total, toUInt64(known) AS known, num, den FROM kpi_day FINAL
    `+inWindows(pieces, "86400", "day")+` WHERE `+mine+admit(pieces, "86400", "day")+`
  UNION ALL
  SELECT kpi, centre, w, `+dayOf("m.minute")+` AS at, argMax(tuple(m.value), m.minute).1 AS last, ifNull(sum(m.value), 0) AS total, count(m.value) AS known,
    argMax(tuple(m.num), m.minute).1 AS num, argMax(tuple(m.den), m.minute).1 AS den
  FROM kpi_minute AS m FINAL `+inWindows(pieces, "60", "m.minute")+` WHERE `+mine+admit(pieces, "60", "minute")+`
  GROUP BY kpi, centre, w, at) AS d
GROUP BY kpi, centre, w`, nil, func(r driver.Rows) error {
		var v report.Kept
		var w uint32
		if err := r.Scan(&v.KPI, &v.Node, &w, &v.Last, &v.Mean, &v.Days, &v.Num, &v.Den); err != nil {
			return err
		}
		v.Window = int(w)
		out = append(out, v)
		return nil
	})
	return out, err
}

// keptPieces divides windows into whole days as far as these are kept, and minutes.
func keptPieces(windows []report.Window, kept time.Time) []piece {
	var out []piece
	add := func(i int, tier time.Duration, from, to time.Time) {
		if from.Before(to) {
			out = append(out, piece{i, rollup.Part{Tier: tier, From: from, To: to}})
		}
	}
	for i, w := range windows {
		first := period.Floor(w.From.Add(period.Day-1), period.Day) // day that begins within
		last := period.Floor(w.To, period.Day)
		if kept.Before(last) {
			last = period.Floor(kept, period.Day)
		}
		if !first.Before(last) {
			add(i, time.Minute, w.From, w.To)
			continue
		}
		add(i, time.Minute, w.From, first)
		add(i, period.Day, first, last)
		add(i, time.Minute, last, w.To)
	}
	return out
}

// keepDays keeps the days that have ended since the last kept one, and this one again: whoever else keeps minutes may have
// come late.
func (s *Store) keepDays(ctx context.Context, now time.Time) error {
	today := period.Floor(now, period.Day)
	var kept time.Time // start of the last day that is kept
	if err := s.scan(ctx, "find kept days", "SELECT max(day) FROM kpi_day", nil, func(r driver.Rows) error { return r.Scan(&kept) }); err != nil {
		return err
	}
	if !kept.Before(today.Add(-period.Day)) {
		return nil
	}
	return s.exec(ctx, "keep values of days", `INSERT INTO kpi_day (day, kpi, centre, first, last, least, greatest, total, known, num, den, computed)
SELECT `+dayOf("m.minute")+` AS start, kpi, centre, argMin(tuple(m.value), m.minute).1, argMax(tuple(m.value), m.minute).1, min(m.value), max(m.value),
  ifNull(sum(m.value), 0), count(m.value), argMax(tuple(m.num), m.minute).1, argMax(tuple(m.den), m.minute).1, `+computed+`
FROM kpi_minute AS m FINAL WHERE `+fmt.Sprintf("minute >= toDateTime(%d, 'UTC') AND minute < toDateTime(%d, 'UTC')", max(kept.Unix(), 0), today.Unix())+`
GROUP BY start, kpi, centre`)
}

// Said implements report.Store. A figure that leaves out its target keeps the one that was said before, unless that was
// corrected or withdrawn. An event without a value is one that withdraws.
func (s *Store) Said(ctx context.Context, q report.Question) ([]report.Said, error) {
	var t translator
	values, indicators, codes := make([]string, len(q.KPIs)), make([]string, len(q.KPIs)), make([]string, len(q.Nodes))
	for i, k := range q.KPIs {
		value := "value"
		if k.Formula.Value.Node != nil {
			var err error
			if value, err = t.number(k.Formula.Value); err != nil {
				return nil, fmt.Errorf("KPI %s: %w", k.ID, err)
			}
		}
		indicators[i] = k.Formula.Indicator
		values[i] = fmt.Sprintf("(%s, %s, CAST(%s, 'Nullable(Float64)'))", quote(k.ID), quote(k.Formula.Indicator), value)
	}
	for i, n := range q.Nodes {
		codes[i] = n.Code
	}
	if len(values) == 0 {
		return nil, nil
	}
	var out []report.Said
	err := s.scan(ctx, "read figures", `SELECT k.1, centre, period, toString(key), version, time, revision, digest, arrived, if(isFinite(k.3), k.3, NULL), withdrawn
FROM (SELECT f.centre AS centre, f.indicator AS indicator, f.period AS period, f.key AS key, f.version AS version, f.time AS time, f.revision AS revision,
    f.digest AS digest, f.arrived AS arrived, toFloat64(f.value) AS value, isNull(f.value) AS withdrawn,
    groupArray((f.key, f.version, f.time, f.revision, f.digest, f.target)) OVER (PARTITION BY f.indicator, f.centre, f.period ORDER BY f.arrived ROWS UNBOUNDED PRECEDING) AS so_far,
    toFloat64(arrayReverseSort(x -> (x.3, x.4, x.5), arrayFilter(x -> isNotNull(x.6) AND NOT arrayExists(y -> y.1 = x.1 AND y.2 > x.2, so_far), so_far))[1].6) AS target
  FROM figure_said AS f FINAL LEFT JOIN (SELECT key, max(winner) AS winner FROM state_superseded GROUP BY key) AS moved ON moved.key = f.key
  WHERE f.version >= moved.winner AND f.arrived <= `+moment(q.AsOf)+` AND f.indicator IN (`+quotes(indicators)+`) AND f.centre IN (`+quotes(codes)+`))
ARRAY JOIN arrayFilter(x -> x.2 = indicator, [`+strings.Join(values, ", ")+`]) AS k ORDER BY arrived, time, revision, digest`, nil, func(r driver.Rows) error {
		f := report.Said{Version: new(big.Int)}
		if err := r.Scan(&f.KPI, &f.Node, &f.Period, &f.Key, f.Version, &f.Time, &f.Revision, &f.Digest, &f.Arrived, &f.Value, &f.Withdrawn); err != nil {
			return err
		}
		out = append(out, f)
		return nil
	})
	return out, err
}

// Changes implements report.Ledger.
func (s *Store) Changes(ctx context.Context, q report.Question, w report.Window, after time.Time) ([]report.Change, error) {
	_, where := s.inNodes(q.Nodes)
	ids := make([]string, len(q.KPIs))
	for i, k := range q.KPIs {
		ids[i] = k.ID
	}
	span := fmt.Sprintf("kpi IN (%s) AND %s AND bucket >= toDateTime(%d, 'UTC') AND bucket < toDateTime(%d, 'UTC')", quotes(ids), where, w.From.Unix(), w.To.Unix())
	var out []report.Change
	err := s.scan(ctx, "read revisions of a report", `SELECT * FROM (
SELECT kpi, centre, bucket, at, toFloat64(num) AS num, toFloat64(den) AS den, false AS current
FROM revision FINAL WHERE `+span+` AND at > `+moment(after)+`
UNION ALL
SELECT kpi, centre, bucket, toDateTime64(0, 3, 'UTC') AS at, toFloat64(num) AS num, toFloat64(den) AS den, true AS current
FROM rollup FINAL WHERE tier = 86400 AND events > 0 AND (kpi, centre, bucket) IN (SELECT kpi, centre, bucket FROM revision WHERE `+span+` AND at > `+moment(after)+`)
) ORDER BY at, bucket, centre`, nil, func(r driver.Rows) error {
		var c report.Change
		if err := r.Scan(&c.KPI, &c.Centre, &c.Bucket, &c.Until, &c.Num, &c.Den, &c.Current); err != nil {
			return err
		}
		out = append(out, c)
		return nil
	})
	return out, err
}

// Basis implements report.Ledger. Events are counted as stored, by their own time: one that came twice counts twice until
// the table has merged the two.
func (s *Store) Basis(ctx context.Context, n report.Node, w report.Window, asOf time.Time) (report.Basis, error) {
	_, where := s.inNodes([]report.Node{n})
	var e report.Basis
	within := func(field string) string { return where + " AND " + between(field, w.From, w.To) }
	err := errors.Join(
		s.scan(ctx, "count events of a report", `SELECT (SELECT count() FROM raw_measure WHERE `+within("minute")+`) + (SELECT count() FROM raw_state WHERE `+within("time")+`)`, nil,
			func(r driver.Rows) error { return r.Scan(&e.Events) }),
		s.scan(ctx, "count refused events of a report", `SELECT count() FROM rejected FINAL WHERE `+within("arrived")+`
  AND key NOT IN (SELECT key FROM replayed FINAL WHERE taken AND at <= `+moment(asOf)+`)`, nil, func(r driver.Rows) error { return r.Scan(&e.Rejected) }),
	)
	return e, err
}

// Reach implements report.Ledger.
func (s *Store) Reach(ctx context.Context, asOf time.Time) (time.Time, error) {
	first := map[time.Duration]time.Time{} // of each tier
	err := s.scan(ctx, "find how far back rollups reach", `SELECT tier, min(bucket) FROM rollup WHERE events > 0 GROUP BY tier`, nil, func(r driver.Rows) error {
		var tier uint32
		var at time.Time
		if err := r.Scan(&tier, &at); err != nil {
			return err
		}
		first[time.Duration(tier)*time.Second] = at
		return nil
	})
	if err != nil {
		return time.Time{}, err
	}
	var day, minute time.Time // first ones that are kept; the epoch when there is none
	err = s.scan(ctx, "find how far back kept values reach", `SELECT (SELECT min(day) FROM kpi_day), (SELECT min(minute) FROM kpi_minute)`, nil,
		func(r driver.Rows) error { return r.Scan(&day, &minute) })
	today, out := period.Floor(asOf, period.Day), first[period.Day]
	// Of the first day, whatever is finer may begin later than the day.
	if today.After(out) {
		for _, p := range rollup.Cover(today, asOf.Truncate(base)) {
			if at := first[p.Tier]; at.After(p.From) {
				out = maxTime(out, at)
			}
		}
	}
	if day.Unix() > 0 && today.After(day) && asOf.After(today) && minute.After(today) {
		out = maxTime(out, minute)
	}
	return out, err
}

// Minute implements report.Minutes. When the newest event came is not kept.
func (s *Store) Minute(ctx context.Context, minute time.Time) ([]wire.Value, error) {
	var out []wire.Value
	err := s.scan(ctx, "read the values of a minute", fmt.Sprintf(`SELECT kpi, centre, value, state, num, den FROM kpi_minute FINAL
WHERE minute = toDateTime(%d, 'UTC') ORDER BY kpi, centre`, minute.Unix()), nil, func(r driver.Rows) error {
		var v wire.Value
		var state string
		if err := r.Scan(&v.KPI, &v.Centre, &v.Value, &state, &v.Numerator, &v.Denominator); err != nil {
			return err
		}
		v.State = wire.State(state)
		out = append(out, v)
		return nil
	})
	return out, err
}
