package chstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/errgroup"

	"github.com/binhphuoc/ioc/query"
	qkpi "github.com/binhphuoc/ioc/query/kpi"
	"github.com/binhphuoc/ioc/query/rollup"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// knownFor is how long a source that has gone silent still counts as one that should send.
const knownFor = 30 * 24 * time.Hour

// Counts implements the evaluator's store. The questions of different kinds are asked side by side:
// each alone is a few milliseconds of work and as many of waiting.
func (s *Store) Counts(ctx context.Context, questions []qkpi.Question, now time.Time) ([]query.Count, error) {
	asks := []func(context.Context, []qkpi.Question, time.Time) ([]query.Count, error){
		s.rolled, s.standing, s.newest, s.up, s.figures,
	}
	answers := make([][]query.Count, len(asks))
	g, ctx := errgroup.WithContext(ctx)
	for i, ask := range asks {
		g.Go(func() (err error) {
			answers[i], err = ask(ctx, questions, now)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(answers...), nil
}

// pick returns the questions about KPIs of these kinds.
func pick(questions []qkpi.Question, kinds ...kpi.Kind) []qkpi.Question {
	var out []qkpi.Question
	for _, q := range questions {
		if slices.Contains(kinds, q.KPI.Formula.Kind) {
			out = append(out, q)
		}
	}
	return out
}

// groupBy puts questions with one key together, in the order of their first appearance.
func groupBy[K comparable](questions []qkpi.Question, key func(qkpi.Question) K) [][]qkpi.Question {
	var out [][]qkpi.Question
	at := map[K]int{}
	for _, q := range questions {
		i, ok := at[key(q)]
		if !ok {
			i = len(out)
			at[key(q)] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], q)
	}
	return out
}

func ids(questions []qkpi.Question) []string {
	out := make([]string, len(questions))
	for i, q := range questions {
		out[i] = q.KPI.ID
	}
	return out
}

// counts reads rows of kpi, centre, num, den, samples, newest.
func (s *Store) counts(ctx context.Context, what, sql string) ([]query.Count, error) {
	var out []query.Count
	err := s.scan(ctx, what, sql, nil, func(r driver.Rows) error {
		var c query.Count
		if err := r.Scan(&c.KPI, &c.Centre, &c.Num, &c.Den, &c.Samples, &c.Newest); err != nil {
			return err
		}
		if c.Newest.Unix() <= 0 {
			c.Newest = time.Time{}
		}
		out = append(out, c)
		return nil
	})
	return out, err
}

type window struct{ from, to time.Time }

// rolled reads the rollups of each window.
func (s *Store) rolled(ctx context.Context, questions []qkpi.Question, _ time.Time) ([]query.Count, error) {
	questions = slices.DeleteFunc(slices.Clone(questions), func(q qkpi.Question) bool { return !q.KPI.Formula.Kind.Rolled() })
	var out []query.Count
	for _, group := range groupBy(questions, func(q qkpi.Question) window { return window{q.From, q.To} }) {
		counts, err := s.counts(ctx, "read rollups", `SELECT kpi, centre, toFloat64(sum(num)), toFloat64(sum(den)), groupArrayArray(samples), max(newest)
FROM rollup FINAL WHERE kpi IN (`+quotes(ids(group))+`) AND (`+inTiers(group[0].From, group[0].To)+`) GROUP BY kpi, centre`)
		if err != nil {
			return nil, err
		}
		out = append(out, counts...)
	}
	if len(questions) == 0 {
		return out, nil
	}
	// A centre that has ever sent something has a count of zero where the window holds nothing.
	known, err := s.counts(ctx, "read what is known", `SELECT kpi, centre, 0., 0., CAST([], 'Array(Float64)'), max(newest)
FROM rollup FINAL WHERE tier = 86400 AND kpi IN (`+quotes(ids(questions))+`) AND events > 0 GROUP BY kpi, centre`)
	return append(out, known...), err
}

// inTiers admits the rollups that together cover a window, each moment once.
func inTiers(from, to time.Time) string {
	var parts []string
	for _, p := range rollup.Cover(from, to) {
		parts = append(parts, fmt.Sprintf("(tier = %d AND bucket >= toDateTime(%d, 'UTC') AND bucket < toDateTime(%d, 'UTC'))",
			int64(p.Tier/time.Second), p.From.Unix(), p.To.Unix()))
	}
	if len(parts) == 0 {
		return "0"
	}
	return strings.Join(parts, " OR ")
}

// standing counts how things stand at this moment.
func (s *Store) standing(ctx context.Context, questions []qkpi.Question, now time.Time) ([]query.Count, error) {
	var out []query.Count
	count := standingSQL
	if many, err := s.manyThings(ctx); err != nil {
		return nil, err
	} else if many {
		count = standingOfManySQL
	}
	t := translator{now: now}
	for _, group := range groupBy(pick(questions, kpi.KindStanding, kpi.KindStandingRatio), func(q qkpi.Question) string { return q.KPI.Formula.Of }) {
		wheres, aggregates := make([]string, len(group)), make([]string, len(group))
		for i, q := range group {
			where, err1 := t.condition(q.KPI.Formula.Where)
			extra, err2 := t.condition(q.KPI.Formula.Numerator)
			if err := errors.Join(err1, err2); err != nil {
				return nil, fmt.Errorf("KPI %s: %w", q.KPI.ID, err)
			}
			wheres[i], aggregates[i] = where, "(toFloat64(countIf("+where+" AND "+extra+")), toFloat64(countIf("+where+")))"
		}
		counts, err := s.counts(ctx, "count how each "+group[0].KPI.Formula.Of+" stands", `SELECT kpi, centre, n.1, n.2, CAST([], 'Array(Float64)'), newest
FROM (`+count("type = "+quote(group[0].KPI.Formula.Of), wheres, aggregates)+`)
ARRAY JOIN [`+quotes(ids(group))+`] AS kpi, counted AS n`)
		if err != nil {
			return nil, err
		}
		out = append(out, counts...)
	}
	return out, nil
}

// manyThings tells whether there are so many that it is quicker to find those that may be open first. ClickHouse knows the number without
// reading any.
func (s *Store) manyThings(ctx context.Context) (many bool, err error) {
	var n uint64
	err = s.scan(ctx, "count all things", "SELECT count() FROM entity", nil, func(r driver.Rows) error { return r.Scan(&n) })
	return n >= s.many, err
}

// standingSQL is the SQL of what was counted at each centre, and how new its newest word is.
func standingSQL(of string, _, aggregates []string) string {
	return "SELECT centre, max(entity.time) AS newest, [" + strings.Join(aggregates, ",\n") + "] AS counted\n  FROM entity FINAL WHERE NOT gone AND " + of + " GROUP BY centre"
}

// standingOfManySQL gives what standingSQL does. Few of many things are open: those of which any row ever was are found without merging
// rows, and how they stand now is read of these alone; the centres, and how new their newest word is, without merging too.
func standingOfManySQL(of string, wheres, aggregates []string) string {
	return `SELECT known.centre AS centre, known.newest AS newest, if(empty(open.counted), arrayWithConstant(` + strconv.Itoa(len(aggregates)) + `, (0., 0.)), open.counted) AS counted
  FROM (SELECT centre, max(entity.time) AS newest FROM entity WHERE NOT gone AND ` + of + ` GROUP BY centre) AS known
  LEFT JOIN (SELECT centre, [` + strings.Join(aggregates, ",\n") + `] AS counted FROM entity FINAL WHERE NOT gone AND ` + of + ` AND (type, centre, entity) IN (
    SELECT type, centre, entity FROM entity WHERE ` + of + ` AND (` + strings.Join(wheres, " OR ") + `)) GROUP BY centre) AS open ON open.centre = known.centre`
}

// newest reads what each source said in the window: last, in sum, or as an index of the air.
func (s *Store) newest(ctx context.Context, questions []qkpi.Question, _ time.Time) ([]query.Count, error) {
	var out []query.Count
	for _, q := range pick(questions, kpi.KindLast, kpi.KindSumPerSource, kpi.KindAirQuality) {
		terms, err := translator{}.terms(q.KPI.Formula)
		if err != nil {
			return nil, fmt.Errorf("KPI %s: %w", q.KPI.ID, err)
		}
		counts, err := s.counts(ctx, "read values of "+q.KPI.ID, `SELECT `+quote(q.KPI.ID)+`, centre, 0., toFloat64(count()), groupArray(said), max(at) FROM (
`+sourceValues(q, terms)+`) GROUP BY centre`)
		if err != nil {
			return nil, err
		}
		out = append(out, counts...)
	}
	return out, nil
}

// sourceValues is the SQL of what each source said in a window.
func sourceValues(q qkpi.Question, t terms) string {
	if q.KPI.Formula.Kind == kpi.KindAirQuality {
		return airValues(q, t)
	}
	column, said := "metric_values", "argMax("+t.value+", s.newest)"
	if q.KPI.Formula.Kind == kpi.KindSumPerSource {
		column, said = "metric_sums", "sum("+t.value+")"
	}
	return fmt.Sprintf(`SELECT centre, source, any(s.domain) AS spoke_in, toFloat64(%s) AS said, max(s.newest) AS at
FROM source_minute AS s FINAL ARRAY JOIN mapKeys(%s) AS metric, mapValues(%[2]s) AS value
WHERE minute >= toDateTime(%[3]d, 'UTC') AND minute < toDateTime(%[4]d, 'UTC') AND type = %[5]s AND events > 0 AND %[6]s
GROUP BY centre, source`, said, column, q.From.Unix(), q.To.Unix(), quote(q.KPI.Formula.Of), t.where)
}

// up counts the sources that reported in time, among those that are known. What a source said last is read from the minutes that
// the roll-up keeps. Where it lags behind, sources that were heard look silent: then the raw events are read, so that no screen
// says of a camera that it is down because the platform is slow.
func (s *Store) up(ctx context.Context, questions []qkpi.Question, now time.Time) ([]query.Count, error) {
	var out []query.Count
	for _, q := range pick(questions, kpi.KindUp, kpi.KindDown) {
		where, err := translator{}.condition(q.KPI.Formula.Where)
		if err != nil {
			return nil, fmt.Errorf("KPI %s: %w", q.KPI.ID, err)
		}
		counts, lagging, err := s.upCounts(ctx, q, where, now, s.saidInMinutes(q.KPI.Formula.Of, now))
		if err == nil && lagging {
			counts, _, err = s.upCounts(ctx, q, where, now, s.saidRaw(q.KPI.Formula.Of, now))
		}
		if err != nil {
			return nil, err
		}
		out = append(out, counts...)
	}
	return out, nil
}

// upCounts is up for one KPI. It also tells whether a source was heard that looks silent.
func (s *Store) upCounts(ctx context.Context, q qkpi.Question, where string, now time.Time, said string) (out []query.Count, lagging bool, err error) {
	err = s.scan(ctx, "count sources of "+q.KPI.ID, `SELECT centre, toFloat64(countIf(`+s.inTime("newest", now)+` AND `+where+`)), toFloat64(count()), max(heard),
  countIf(`+s.inTime("heard", now)+` AND NOT `+s.inTime("newest", now)+`) > 0
FROM (`+s.knownSources(q.KPI.Formula.Of, now, said)+`)
GROUP BY centre`, nil, func(r driver.Rows) error {
		c := query.Count{KPI: q.KPI.ID}
		var behind bool
		if err := r.Scan(&c.Centre, &c.Num, &c.Den, &c.Newest, &behind); err != nil {
			return err
		}
		lagging = lagging || behind
		out = append(out, c)
		return nil
	})
	return out, lagging, err
}

// inTime admits sources of which a moment is within twice their interval.
func (s *Store) inTime(field string, now time.Time) string {
	codes, intervals, _ := s.intervals()
	return "(" + field + " >= " + moment(now) + " - INTERVAL 2 * transform(toString(domain), [" + codes + "], [" + intervals + "], 60) SECOND)"
}

// knownSources is the SQL of the sources of a type that should send, with what each said last.
func (s *Store) knownSources(of string, now time.Time, said string) string {
	return `SELECT k.centre AS centre, k.source AS source, k.domain AS domain, k.heard AS heard, m.status AS status, m.newest AS newest
  FROM (SELECT centre, domain, source, max(newest_event) AS heard FROM feed_source WHERE type = ` + quote(of) + `
    GROUP BY centre, domain, source HAVING max(newest_arrival) >= ` + moment(now.Add(-knownFor)) + `) AS k
  LEFT JOIN (` + said + `) AS m ON m.centre = k.centre AND m.source = k.source`
}

// saidInMinutes is the SQL of what each source of a type said last, as the roll-up keeps it.
func (s *Store) saidInMinutes(of string, now time.Time) string {
	return `SELECT centre, toString(source) AS source, argMax(s.status, s.newest) AS status, max(s.newest) AS newest
    FROM source_minute AS s FINAL WHERE type = ` + quote(of) + ` AND events > 0 AND minute >= ` + moment(s.listenedSince(now)) + `
    GROUP BY centre, source`
}

// saidRaw is saidInMinutes, from the raw events.
func (s *Store) saidRaw(of string, now time.Time) string {
	since := s.listenedSince(now)
	return `SELECT centre, toString(said.source) AS source, argMax(said.status, (said.time, said.version)) AS status, max(said.time) AS newest
    FROM ` + holding("raw.minute >= "+moment(since)+" AND raw.type = "+quote(of), "minute >= "+moment(since)) + `
    GROUP BY centre, source`
}

// listenedSince is from when on a source must have spoken to count as heard now, whatever its domain.
func (s *Store) listenedSince(now time.Time) time.Time {
	_, _, longest := s.intervals()
	return now.Add(-2*longest - time.Minute)
}

// intervals lists the registry's domains and their intervals in seconds, as SQL lists, and the longest of them.
func (s *Store) intervals() (codes, seconds string, longest time.Duration) {
	names := make([]string, len(s.registry.Domains))
	spans := make([]string, len(s.registry.Domains))
	for i, d := range s.registry.Domains {
		names[i], spans[i] = d.Code, fmt.Sprint(int64(d.Interval.Seconds()))
		longest = max(longest, d.Interval)
	}
	return quotes(names), strings.Join(spans, ","), longest
}

// figures reads the figure of the latest period, and of that the newest issue.
func (s *Store) figures(ctx context.Context, questions []qkpi.Question, _ time.Time) ([]query.Count, error) {
	var out []query.Count
	for _, q := range pick(questions, kpi.KindFigure) {
		value, err := figureValue(q.KPI.Formula)
		if err != nil {
			return nil, fmt.Errorf("KPI %s: %w", q.KPI.ID, err)
		}
		counts, err := s.counts(ctx, "read figure "+q.KPI.Formula.Indicator, `SELECT `+quote(q.KPI.ID)+`, centre,
  ifNull(argMax(`+value+`, (ends, e.time)), nan), 0., CAST([], 'Array(Float64)'), argMax(e.time, (ends, e.time))
FROM (`+figuresOf(q)+`) AS e
GROUP BY centre`)
		if err != nil {
			return nil, err
		}
		out = append(out, counts...)
	}
	return out, nil
}

// figureValue is the SQL of what a KPI makes of a figure.
func figureValue(f kpi.Formula) (string, error) {
	if f.Value.Node == nil {
		return "value", nil
	}
	return translator{}.number(f.Value)
}

// figuresOf is the SQL of all figures of a KPI, with the month in which their periods end. A question about a span of time asks for
// those that end by then.
func figuresOf(q qkpi.Question) string {
	sql := `SELECT * REPLACE (toFloat64(value) AS value, toFloat64(target) AS target), toUInt32(substring(period, 1, 4)) * 100 + multiIf(length(period) = 4, 12,
    substring(period, 6, 1) = 'Q', toUInt8OrZero(substring(period, 7, 1)) * 3, toUInt8OrZero(substring(period, 6, 2))) AS ends
  FROM entity FINAL WHERE NOT gone AND type = 'figure' AND indicator = ` + quote(q.KPI.Formula.Indicator) + ` AND isNotNull(value)`
	if q.From.Before(q.To) {
		last := q.To.Add(period.Offset - time.Millisecond).UTC()
		sql += fmt.Sprintf(" AND ends <= %d", last.Year()*100+int(last.Month()))
	}
	return sql
}

// Keep implements the evaluator's store. With the first minute after the end of a day it keeps the day too.
func (s *Store) Keep(ctx context.Context, minute time.Time, values []wire.Value) error {
	rows := make([][]any, len(values))
	for i, v := range values {
		rows[i] = []any{minute, v.KPI, v.Centre, v.Value, string(v.State), v.Numerator, v.Denominator, uint64(time.Now().UnixMicro())}
	}
	if err := s.insert(ctx, "keep values of a minute", "kpi_minute (minute, kpi, centre, value, state, num, den, computed)", rows); err != nil {
		return err
	}
	return s.keepDays(ctx, minute.Add(time.Minute))
}
