package chstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/errgroup"

	"github.com/binhphuoc/ioc/query/rollup"
	"github.com/binhphuoc/ioc/query/scorecard"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/period"
)

// Tallies implements scorecard.Store. Each kind of thing, placed in time by one of its fields, is one question; they are
// asked side by side.
func (s *Store) Tallies(ctx context.Context, kpis []kpi.KPI, centres []string, cuts []time.Time, now time.Time) ([]scorecard.Tally, error) {
	if len(kpis) == 0 || len(centres) == 0 || len(cuts) < 2 {
		return nil, nil
	}
	var groups []rollup.Group
	at := map[rollup.Place]int{}
	for _, k := range kpis {
		place := rollup.Place{Of: k.Formula.Of, At: k.Formula.At} // how things stand is placed by nothing
		i, ok := at[place]
		if !ok {
			i = len(groups)
			at[place] = i
			groups = append(groups, rollup.Group{Of: place.Of, At: place.At})
		}
		groups[i].KPIs = append(groups[i].KPIs, k)
	}
	var mu sync.Mutex
	var out []scorecard.Tally
	asking, ctx := errgroup.WithContext(ctx)
	for _, g := range groups {
		asking.Go(func() error {
			sql, err := talliesSQL(g, centres, cuts, now)
			if err != nil || sql == "" {
				return err
			}
			tallies, err := s.tallies(ctx, "count "+g.Of+" by agency", sql)
			mu.Lock()
			defer mu.Unlock()
			out = append(out, tallies...)
			return err
		})
	}
	return out, asking.Wait()
}

func talliesSQL(g rollup.Group, centres []string, cuts []time.Time, now time.Time) (string, error) {
	if g.At == "" {
		return standingTalliesSQL(g, centres, cuts, now)
	}
	aggregates, err := aggregatesOf(g)
	if err != nil {
		return "", err
	}
	where := fmt.Sprintf("`%s` >= %s AND `%[1]s` < %[3]s", g.At, moment(cuts[0]), moment(cuts[len(cuts)-1]))
	return fmt.Sprintf(`SELECT kpi, centre, agency, part, toFloat64(f.num), toFloat64(f.den), f.samples, f.newest
FROM (SELECT centre, agency, %s AS part, [%s] AS counted
  FROM entity FINAL WHERE NOT gone AND type = %s AND centre IN (%s) AND %s GROUP BY centre, agency, part)
ARRAY JOIN [%s] AS kpi, counted AS f WHERE f.events > 0`,
		partSQL(g.At, cuts), strings.Join(aggregates, ",\n"), quote(g.Of), quotes(centres), where, quotes(g.IDs())), nil
}

// partSQL is the number of the part that holds a moment: of the cuts before the last, how many beside the first have passed.
func partSQL(field string, cuts []time.Time) string {
	passed := []string{"0"}
	for _, c := range cuts[1 : len(cuts)-1] {
		passed = append(passed, "(assumeNotNull(`"+field+"`) >= "+moment(c)+")")
	}
	return "toUInt32(" + strings.Join(passed, " + ") + ")"
}

// standingTalliesSQL counts how things stand at this moment. Where no part holds it, nothing is known, and nothing asked.
func standingTalliesSQL(g rollup.Group, centres []string, cuts []time.Time, now time.Time) (string, error) {
	part := -1
	for i := range len(cuts) - 1 {
		if !now.Before(cuts[i]) && now.Before(cuts[i+1]) {
			part = i
		}
	}
	if part < 0 {
		return "", nil
	}
	t := translator{now: now}
	aggregates := make([]string, len(g.KPIs))
	for i, k := range g.KPIs {
		where, err1 := t.condition(k.Formula.Where)
		extra, err2 := t.condition(k.Formula.Numerator)
		if err := errors.Join(err1, err2); err != nil {
			return "", fmt.Errorf("KPI %s: %w", k.ID, err)
		}
		aggregates[i] = "(toFloat64(countIf(" + where + " AND " + extra + ")), toFloat64(countIf(" + where + ")))"
	}
	return fmt.Sprintf(`SELECT kpi, centre, agency, toUInt32(%d), n.1, n.2, CAST([], 'Array(Float64)'), newest
FROM (SELECT centre, agency, max(entity.time) AS newest, [%s] AS counted
  FROM entity FINAL WHERE NOT gone AND type = %s AND centre IN (%s) GROUP BY centre, agency)
ARRAY JOIN [%s] AS kpi, counted AS n WHERE n.2 > 0`,
		part, strings.Join(aggregates, ",\n"), quote(g.Of), quotes(centres), quotes(g.IDs())), nil
}

func (s *Store) tallies(ctx context.Context, what, sql string) ([]scorecard.Tally, error) {
	var out []scorecard.Tally
	err := s.scan(ctx, what, sql, nil, func(r driver.Rows) error {
		var t scorecard.Tally
		var part uint32
		if err := r.Scan(&t.KPI, &t.Centre, &t.Agency, &part, &t.Num, &t.Den, &t.Samples, &t.Newest); err != nil {
			return err
		}
		t.Part = int(part)
		out = append(out, t)
		return nil
	})
	return out, err
}

// Figures implements scorecard.Store: of the periods that overlap the span the one that ends last, and of that the newest issue.
func (s *Store) Figures(ctx context.Context, asks []scorecard.Ask, centres []string, from, to time.Time) ([]scorecard.Figure, error) {
	var out []scorecard.Figure
	var t translator
	for _, a := range asks {
		value := "value"
		if a.Value.Node != nil {
			var err error
			if value, err = t.number(a.Value); err != nil {
				return nil, fmt.Errorf("KPI %s: %w", a.ID, err)
			}
		}
		// Months since the year 0: a span that ends within a month reaches into it.
		lo, hi := monthOf(from), monthOf(to.Add(-time.Nanosecond))
		err := s.scan(ctx, "read figure "+a.Indicator, fmt.Sprintf(`SELECT centre, ifNull(argMax(toFloat64(%s), (last, e.time)), nan),
  argMax(period, (last, e.time)), argMax(issued_by, (last, e.time)), argMax(e.time, (last, e.time))
FROM (SELECT * REPLACE (toFloat64(value) AS value, toFloat64(target) AS target), toInt32OrZero(substring(period, 1, 4)) * 12 AS year,
    multiIf(length(period) = 4, 1, substring(period, 6, 1) = 'Q', toInt32OrZero(substring(period, 7, 1)) * 3 - 2, toInt32OrZero(substring(period, 6, 2))) + year AS first,
    multiIf(length(period) = 4, 12, substring(period, 6, 1) = 'Q', toInt32OrZero(substring(period, 7, 1)) * 3, toInt32OrZero(substring(period, 6, 2))) + year AS last
  FROM entity FINAL WHERE NOT gone AND type = 'figure' AND centre IN (%s) AND indicator = %s AND isNotNull(value)) AS e
WHERE first <= %d AND last >= %d GROUP BY centre`, value, quotes(centres), quote(a.Indicator), hi, lo), nil, func(r driver.Rows) error {
			f := scorecard.Figure{ID: a.ID}
			if err := r.Scan(&f.Centre, &f.Value, &f.Period, &f.Issuer, &f.At); err != nil {
				return err
			}
			out = append(out, f)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// monthOf counts months as the periods of figures do.
func monthOf(t time.Time) int {
	local := t.Add(period.Offset).UTC()
	return local.Year()*12 + int(local.Month())
}
