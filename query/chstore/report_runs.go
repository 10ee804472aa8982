package chstore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/binhphuoc/ioc/query/schedule"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// ReportRuns implements schedule.Store.
func (s *Store) ReportRuns(ctx context.Context, q schedule.RunsQuery) ([]schedule.Run, error) {
	where, args := []string{"1"}, []any{}
	for _, c := range []struct{ column, value string }{{"schedule", q.Schedule}, {"state", string(q.State)}} {
		if c.value != "" {
			where = append(where, c.column+" = ?")
			args = append(args, c.value)
		}
	}
	if q.Centres != nil {
		where = append(where, "centre IN ("+quotes(q.Centres)+")")
	}
	if either := reportKeys(q); either != "" {
		where = append(where, either)
	}
	sql := `SELECT schedule, period, version, centre, edition, state, due, attempts, first_try, next_attempt, step, error, files, sizes, sent, refused, at, by
FROM report_run FINAL WHERE ` + strings.Join(where, " AND ") + ` ORDER BY due DESC, schedule, period DESC`
	if q.Limit > 0 {
		sql += fmt.Sprintf(" LIMIT %d", q.Limit)
	}
	var out []schedule.Run
	err := s.scan(ctx, "read scheduled reports", sql, args, func(rows driver.Rows) error {
		r, err := reportRun(rows)
		out = append(out, r)
		return err
	})
	return out, err
}

// reportKeys is the condition that asks for single runs, and for the open ones.
func reportKeys(q schedule.RunsQuery) string {
	var either []string
	if len(q.Keys) > 0 {
		pairs := make([]string, len(q.Keys))
		for i, k := range q.Keys {
			pairs[i] = "(" + quote(k.Schedule) + "," + quote(k.Period) + ")"
		}
		either = append(either, "(schedule, period) IN ("+strings.Join(pairs, ",")+")")
	}
	if q.Open {
		either = append(either, "state IN ("+quotes([]wire.ReportRunState{wire.RunPending, wire.RunRunning})+")")
	}
	if len(either) == 0 {
		return ""
	}
	return "(" + strings.Join(either, " OR ") + ")"
}

func reportRun(rows driver.Rows) (schedule.Run, error) {
	var r schedule.Run
	var state string
	var files []string
	var sizes []uint64
	err := rows.Scan(&r.Schedule, &r.Period, &r.Version, &r.Centre, &r.Edition, &state, &r.Due, &r.Attempts, &r.FirstTry, &r.Until, &r.Step, &r.Error,
		&files, &sizes, &r.Sent, &r.Refused, &r.At, &r.By)
	if err != nil {
		return r, err
	}
	r.State = wire.ReportRunState(state)
	for i, name := range files {
		r.Files = append(r.Files, wire.ReportFile{Name: name, Bytes: sizes[i]}) // both are written together
	}
	r.FirstTry, r.Until = orZero(r.FirstTry), orZero(r.Until)
	return r, nil
}

// ChangeReportRun implements schedule.Store.
func (s *Store) ChangeReportRun(ctx context.Context, r schedule.Run) (bool, error) {
	what := fmt.Sprintf("note scheduled report %s %s", r.Schedule, r.Period)
	files, sizes := make([]string, len(r.Files)), make([]uint64, len(r.Files))
	for i, f := range r.Files {
		files[i], sizes[i] = f.Name, f.Bytes
	}
	row := []any{
		r.Schedule, r.Period, r.Version, r.Centre, r.Edition, string(r.State), r.Due, r.Attempts, orEpoch(r.FirstTry), orEpoch(r.Until),
		r.Step, r.Error, files, sizes, append([]string{}, r.Sent...), refusedMap(r.Refused), r.At, r.By,
	}
	err := s.insert(once(ctx, fmt.Sprintf("%s/%s/%d", r.Schedule, r.Period, r.Version)), what, `report_run
  (schedule, period, version, centre, edition, state, due, attempts, first_try, next_attempt, step, error, files, sizes, sent, refused, at, by)`, [][]any{row})
	if err != nil {
		return false, err
	}
	ours := false
	err = s.scan(ctx, what, `SELECT version = ? AND by = ? AND at = `+moment(r.At)+` FROM report_run FINAL WHERE schedule = ? AND period = ?`,
		[]any{r.Version, r.By, r.Schedule, r.Period}, func(rows driver.Rows) error { return rows.Scan(&ours) })
	return ours, err
}

// ReportSchedulesSince implements schedule.Store.
func (s *Store) ReportSchedulesSince(ctx context.Context, schedules []string, now time.Time) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	if len(schedules) == 0 {
		return out, nil
	}
	err := s.scan(ctx, "read since when schedules are known", `SELECT schedule, min(since) FROM report_schedule WHERE schedule IN (`+quotes(schedules)+`) GROUP BY schedule`,
		nil, func(rows driver.Rows) error {
			var id string
			var at time.Time
			if err := rows.Scan(&id, &at); err != nil {
				return err
			}
			out[id] = at
			return nil
		})
	if err != nil {
		return nil, err
	}
	var fresh []string
	for _, id := range schedules {
		if _, known := out[id]; !known {
			fresh = append(fresh, "("+quote(id)+", "+moment(now)+")")
			out[id] = now
		}
	}
	if len(fresh) == 0 {
		return out, nil
	}
	return out, s.exec(ctx, "note new schedules", `INSERT INTO report_schedule (schedule, since) VALUES `+strings.Join(fresh, ", "))
}

// orEpoch is a moment as a column has it: the epoch stands for none.
func orEpoch(t time.Time) time.Time {
	if t.IsZero() {
		return time.Unix(0, 0).UTC()
	}
	return t
}

func orZero(t time.Time) time.Time {
	if t.Unix() == 0 {
		return time.Time{}
	}
	return t
}

func refusedMap(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
