// Command year measures the yearly report over a year of raw events, against the same figures straight from these events.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

type options struct {
	dsn, api, token string
	year, runs      int
	events          uint64
	generate        bool
}

func main() {
	var o options
	flag.StringVar(&o.dsn, "dsn", "", "clickhouse://… of a migrated database that holds nothing else")
	flag.StringVar(&o.api, "api", "http://127.0.0.1:8080", "where ioc dashboard-api serves that database")
	flag.StringVar(&o.token, "token", "", "of the API, when it wants one")
	flag.IntVar(&o.year, "year", time.Now().Year()-1, "the year")
	flag.Uint64Var(&o.events, "events", 100_000_000, "how many raw events")
	flag.IntVar(&o.runs, "runs", 5, "how often each is measured")
	flag.BoolVar(&o.generate, "generate", false, "make the events, and end. Next comes ioc rebuild --retention 17600h: by itself a rebuild looks back for 400 days, which leaves out the start of last year")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "year:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

func run(ctx context.Context, o options, out io.Writer) (err error) {
	co, err := clickhouse.ParseDSN(o.dsn)
	if err != nil {
		return fmt.Errorf("-dsn: %w", err)
	}
	co.ReadTimeout = 30 * time.Minute
	conn, err := clickhouse.Open(co)
	if err != nil {
		return fmt.Errorf("open ClickHouse: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if o.generate {
		return generate(ctx, conn, out, o.year, o.events)
	}
	var rows uint64
	if err := conn.QueryRow(ctx, "SELECT (SELECT count() FROM raw_measure) + (SELECT count() FROM raw_state)").Scan(&rows); err != nil {
		return fmt.Errorf("count raw events: %w", err)
	}
	var figures map[string]float64
	report, err := median(o.runs, func() (err error) {
		figures, err = o.report(ctx)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d raw events\nreport of %d, all KPIs with their history, over HTTP: %s (median of %d)\n", rows, o.year, report, o.runs)
	return o.raw(ctx, conn, out, figures, report)
}

// median runs something so often, and returns the time that it takes.
func median(runs int, do func() error) (time.Duration, error) {
	took := make([]time.Duration, runs)
	for i := range took {
		began := time.Now()
		if err := do(); err != nil {
			return 0, err
		}
		took[i] = time.Since(began)
	}
	slices.Sort(took)
	return took[runs/2], nil
}

// report asks for the year's report of the province, and returns its values.
func (o options) report(ctx context.Context) (map[string]float64, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/api/v1/reports?centre=province&period=%d", o.api, o.year), http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("ask for the report: %w", err)
	}
	if o.token != "" {
		r.Header.Set("Authorization", "Bearer "+o.token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, fmt.Errorf("ask for the report: %w", err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		return nil, errors.Join(fmt.Errorf("the report: %s: %.300s", answer.Status, raw), err)
	}
	var report struct {
		Pillars []struct {
			Rows []struct {
				KPI   string
				Value struct{ Value *float64 }
			}
		}
	}
	if err := json.Unmarshal(raw, &report); err != nil {
		return nil, fmt.Errorf("read the report: %w", err)
	}
	out := map[string]float64{}
	for _, p := range report.Pillars {
		for _, row := range p.Rows {
			if row.Value.Value != nil {
				out[row.KPI] = *row.Value.Value
			}
		}
	}
	return out, nil
}

// raw computes the report's figures from the raw events, and compares both time and value.
func (o options) raw(ctx context.Context, conn driver.Conn, out io.Writer, figures map[string]float64, report time.Duration) error {
	var total time.Duration
	var wrong []error
	for _, q := range rawQuestions {
		began := time.Now()
		values, err := o.wholeYear(ctx, conn, q)
		if err != nil {
			return fmt.Errorf("%v from raw: %w", q.kpis, err)
		}
		took := time.Since(began)
		total += took
		fmt.Fprintf(out, "%v from raw, by month and by centre: %s\n", q.kpis, took)
		for i, k := range q.kpis {
			if got, ok := figures[k]; !ok || math.Abs(got-values[i]) > 1e-6*math.Max(1, math.Abs(values[i])) {
				wrong = append(wrong, fmt.Errorf("%s is %v in the report, and %v from raw", k, got, values[i]))
			}
		}
	}
	fmt.Fprintf(out, "these figures from raw: %s, %.0f times the whole report\n", total, total.Seconds()/report.Seconds())
	return errors.Join(wrong...)
}

// wholeYear asks for the months, the centres and the whole of the year, and returns the values of the whole.
func (o options) wholeYear(ctx context.Context, conn driver.Conn, q rawQuestion) (whole []float64, err error) {
	from := fmt.Sprintf("toDateTime64('%d-01-01 00:00:00', 3, 'Asia/Ho_Chi_Minh')", o.year)
	to := fmt.Sprintf("toDateTime64('%d-01-01 00:00:00', 3, 'Asia/Ho_Chi_Minh')", o.year+1)
	rows, err := conn.Query(ctx, strings.NewReplacer("{from}", from, "{to}", to).Replace(q.sql)+"\nGROUP BY GROUPING SETS ((), (month), (at))")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var month, centre string
		values := make([]float64, len(q.kpis))
		into := []any{&month, &centre}
		for i := range values {
			into = append(into, &values[i])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		if month == "" && centre == "" {
			whole = values
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if whole == nil {
		return nil, errors.New("no row of the whole year")
	}
	return whole, nil
}

type rawQuestion struct {
	kpis []string
	sql  string
}

// rawQuestions are the formulas of all KPI files that the generated events give a value, written out as SQL: for each type of event
// all at once. They take the year's start and end.
var rawQuestions = []rawQuestion{ //nolint:gochecknoglobals // a table
	{[]string{"air.pm25"}, `SELECT formatDateTime(time, '%m', 'Asia/Ho_Chi_Minh') AS month, toString(centre) AS at, avg(value)
FROM raw_measure FINAL ARRAY JOIN metrics AS metric, metric_values AS value
WHERE type = 'reading' AND metric = 'pm25' AND time >= {from} AND time < {to}`},
	{[]string{"traffic.speed", "traffic.flow"}, `SELECT formatDateTime(time, '%m', 'Asia/Ho_Chi_Minh') AS month, toString(centre) AS at,
  sumIf(ifNull(speed_kmh, 0) * w, isNotNull(speed_kmh)) / sumIf(w, isNotNull(speed_kmh)), sum(w) / dateDiff('hour', {from}, {to})
FROM (SELECT time, centre, speed_kmh, arraySum(mapValues(counts)) - counts['person'] AS w
  FROM raw_measure FINAL WHERE type = 'camera' AND time >= {from} AND time < {to})`},
	{
		[]string{"hotline.calls", "hotline.answer_rate", "hotline.abandon_rate", "hotline.service_level", "hotline.wait", "hotline.wait_p95"},
		`SELECT formatDateTime(queued, '%m', 'Asia/Ho_Chi_Minh') AS month, toString(centre) AS at, toFloat64(count()), 100 * countIf(isNotNull(answered)) / countIf(isNotNull(answered) OR status = 'abandoned'),
  100 * countIf(isNull(answered) AND status = 'abandoned') / count(), 100 * countIf(wait <= 20) / count(), assumeNotNull(avg(wait)), toFloat64(assumeNotNull(quantileExact(0.95)(wait)))
FROM (SELECT centre, assumeNotNull(argMaxIf(queued_at, (time, revision, digest), isNotNull(queued_at))) AS queued, max(answered_at) AS answered,
    argMax(status, (time, revision, digest)) AS status, dateDiff('millisecond', queued, answered) / 1000 AS wait
  FROM raw_state FINAL WHERE type = 'call' GROUP BY centre, entity)
WHERE queued >= {from} AND queued < {to}`,
	},
	{
		[]string{"dossier.on_time_rate", "dossier.handling_time", "dossier.handling_time_p90"},
		`SELECT formatDateTime(assumeNotNull(completed), '%m', 'Asia/Ho_Chi_Minh') AS month, toString(centre) AS at, 100 * countIf(completed <= due) / count(),
  toFloat64(assumeNotNull(quantileExact(0.5)(spent))), toFloat64(assumeNotNull(quantileExact(0.9)(spent)))
FROM (SELECT centre, max(completed_at) AS completed, argMax(due_at, (time, revision, digest)) AS due, argMax(status, (time, revision, digest)) AS status,
    dateDiff('millisecond', max(received_at), completed) / 3600000 AS spent
  FROM raw_state FINAL WHERE type = 'dossier' GROUP BY centre, entity)
WHERE status = 'completed' AND completed >= {from} AND completed < {to}`,
	},
	{
		[]string{"dossier.received", "dossier.online_rate", "dossier.paid_online_rate", "dossier.digitised_rate"},
		`SELECT formatDateTime(received, '%m', 'Asia/Ho_Chi_Minh') AS month, toString(centre) AS at, toFloat64(count()), 100 * countIf(channel = 'online') / count(),
  100 * countIf(paid) / count(), 100 * countIf(digitised) / count()
FROM (SELECT centre, assumeNotNull(max(received_at)) AS received, argMax(channel, (time, revision, digest)) AS channel, argMax(paid_online, (time, revision, digest)) AS paid,
    argMax(raw_state.digitised, (time, revision, digest)) AS digitised
  FROM raw_state FINAL WHERE type = 'dossier' GROUP BY centre, entity)
WHERE received >= {from} AND received < {to}`,
	},
}
