package chsink

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/binhphuoc/ioc/ingest/figures"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// askedAtOnce is how many figures one query asks for: a query may have 256 KiB.
const askedAtOnce = 1000

// scan runs a question and hands over each row.
func (s *Sink) scan(ctx context.Context, sql string, args []any, row func(driver.Rows) error) (err error) {
	// The newest rows must never be missing: on 26.x skip indexes under FINAL and the condition cache have left out some.
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"use_query_condition_cache": 0, "use_skip_indexes_if_final": 0, "use_skip_indexes_on_data_read": 0,
	}))
	rows, err := s.conn.Query(ctx, sql, args...)
	if err != nil {
		return err //nolint:wrapcheck // the caller names the question
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err() //nolint:wrapcheck // the caller names the question
}

// Standings implements figures.Store. It reads the raw events, which are never behind: folded as the roll-up does it, the
// newest that counts has the word.
func (s *Sink) Standings(ctx context.Context, keys []figures.Key) (map[figures.Key]figures.Standing, error) {
	out := make(map[figures.Key]figures.Standing, len(keys))
	for _, k := range keys {
		out[k] = figures.Standing{Revision: -1}
	}
	for len(keys) > 0 {
		part := keys[:min(len(keys), askedAtOnce)]
		keys = keys[len(part):]
		if err := s.standings(ctx, part, out); err != nil {
			return nil, fmt.Errorf("read figures: %w", err)
		}
	}
	return out, nil
}

func (s *Sink) standings(ctx context.Context, keys []figures.Key, out map[figures.Key]figures.Standing) error {
	var centres, entities []string
	for _, k := range keys {
		centres, entities = append(centres, k.Centre), append(entities, k.ID())
	}
	const newest = "(time, revision, digest), counts"
	return s.scan(ctx, `SELECT centre, any(indicator), any(period), countIf(counts), argMaxIf(time, `+newest+`), argMaxIf(value, `+newest+`), argMaxIf(target, `+newest+`),
  argMaxIf(issued_by, `+newest+` AND issued_by != ''), argMaxIf(source, `+newest+`),
  countIf(own), maxIf(revision, own), countIf(own AND NOT withdrawn), maxIf(time, own), anyIf(value, own), anyIf(target, own), anyIf(issued_by, own)
FROM (SELECT said.*, said.version >= moved.winner AND NOT said.withdrawn AS counts, said.source = concat('/', said.centre, '/service/figures') AND said.id = said.entity AS own
  FROM (SELECT *, version FROM raw_state FINAL WHERE type = 'figure' AND centre IN ? AND entity IN ?) AS said
  LEFT JOIN (SELECT key, max(winner) AS winner FROM state_superseded GROUP BY key) AS moved ON moved.key = said.key)
GROUP BY centre, entity`, []any{centres, entities}, func(rows driver.Rows) error {
		var k figures.Key
		var counts, owns, said uint64
		var now, own figures.Said
		var nowValue, ownValue *decimal.Decimal
		var revision uint16
		if err := rows.Scan(&k.Centre, &k.Indicator, &k.Period, &counts, &now.Time, &nowValue, &now.Target, &now.IssuedBy, &now.Source,
			&owns, &revision, &said, &own.Time, &ownValue, &own.Target, &own.IssuedBy); err != nil {
			return err //nolint:wrapcheck // the caller names the question
		}
		st := figures.Standing{Revision: -1}
		if counts > 0 && nowValue != nil {
			now.Value = *nowValue
			st.Now = &now
		}
		if owns > 0 {
			st.Revision = int(revision)
		}
		if said > 0 && ownValue != nil {
			own.Value = *ownValue
			st.Own = &own
		}
		out[k] = st
		return nil
	})
}

// rank orders the states of an upload: the last one stands.
func rank(state string) uint64 {
	return map[string]uint64{wire.UploadWriting: 1, wire.UploadWritten: 2, wire.UploadUndone: 3}[state]
}

// uploadRow is a row with the upload that it is of.
type uploadRow struct {
	upload uuid.UUID
	figures.UploadRow
	had, old figures.Said // empty when there was nothing
}

// KeepUpload implements figures.Store. The rows come first: an upload that is there has them all.
func (s *Sink) KeepUpload(ctx context.Context, u *figures.Upload) error {
	rows := make([]uploadRow, len(u.Rows))
	for i, r := range u.Rows {
		rows[i] = uploadRow{upload: u.ID, UploadRow: r}
		if r.Had != nil {
			rows[i].had = *r.Had
		}
		if r.Old != nil {
			rows[i].old = *r.Old
		}
	}
	if err := insert(ctx, s.conn, "figure_upload_row", uploadRowColumns(), rows); err != nil {
		return err
	}
	return insert(ctx, s.conn, "figure_upload", uploadColumns(), []figures.Upload{*u})
}

func uploadColumns() []column[figures.Upload] {
	type u = figures.Upload
	return []column[u]{
		col("id", func(u *u) uuid.UUID { return u.ID }),
		col("at", func(u *u) time.Time { return u.At }),
		col("by", func(u *u) string { return u.By }),
		col("file", func(u *u) string { return u.File }),
		col("sha256", func(u *u) string { return u.SHA256 }),
		col("decimal", func(u *u) string { return u.Decimal }),
		col("centres", func(u *u) []string { return u.Centres }),
		col("rows", func(u *u) uint32 { return small(u.Lines) }),
		col("added", func(u *u) uint32 { return small(u.New) }),
		col("corrected", func(u *u) uint32 { return small(u.Corrected) }),
		col("unchanged", func(u *u) uint32 { return small(u.Unchanged) }),
		col("refused", func(u *u) uint32 { return small(u.Refused) }),
		col("state", func(u *u) string { return u.State }),
		col("undone_at", func(u *u) *time.Time { return u.UndoneAt }),
		col("undone_by", func(u *u) string { return u.UndoneBy }),
		col("version", func(u *u) uint64 { return rank(u.State) }),
	}
}

// small is a count or a place in a table, which has at most a million rows.
func small(n int) uint32 { return uint32(n) } //nolint:gosec // see above

func uploadRowColumns() []column[uploadRow] {
	type r = uploadRow
	// when is the time of what there was, nil when there was nothing.
	when := func(s *figures.Said) *time.Time {
		if s == nil {
			return nil
		}
		return &s.Time
	}
	value := func(s *figures.Said) *decimal.Decimal {
		if s == nil {
			return nil
		}
		return &s.Value
	}
	return []column[r]{
		col("upload", func(r *r) uuid.UUID { return r.upload }),
		col("row", func(r *r) uint32 { return small(r.Line) }),
		col("sheet", func(r *r) string { return r.Sheet }),
		col("centre", func(r *r) string { return r.Centre }),
		col("indicator", func(r *r) string { return r.Indicator }),
		col("period", func(r *r) string { return r.Period }),
		col("value", func(r *r) *decimal.Decimal { return r.Value }),
		col("target", func(r *r) *decimal.Decimal { return r.Target }),
		col("issued_by", func(r *r) string { return r.IssuedBy }),
		col("change", func(r *r) string { return r.Change }),
		col("problems", func(r *r) string { return problemsText(r.Problems) }),
		col("time", func(r *r) time.Time { return r.Time }),
		col("had_time", func(r *r) *time.Time { return when(r.Had) }),
		col("had_value", func(r *r) *decimal.Decimal { return value(r.Had) }),
		col("had_target", func(r *r) *decimal.Decimal { return r.had.Target }),
		col("had_issued_by", func(r *r) string { return r.had.IssuedBy }),
		col("old_time", func(r *r) *time.Time { return when(r.Old) }),
		col("old_value", func(r *r) *decimal.Decimal { return value(r.Old) }),
		col("old_target", func(r *r) *decimal.Decimal { return r.old.Target }),
		col("old_issued_by", func(r *r) string { return r.old.IssuedBy }),
		col("old_source", func(r *r) string { return r.old.Source }),
	}
}

func problemsText(list []wire.FigureProblem) string {
	if len(list) == 0 {
		return ""
	}
	raw, err := json.Marshal(list)
	if err != nil {
		return ""
	}
	return string(raw)
}

// Uploads implements figures.Store.
func (s *Sink) Uploads(ctx context.Context, id uuid.UUID, limit int) ([]figures.Upload, error) {
	var out []figures.Upload
	where, args := "1", []any{}
	if id != uuid.Nil {
		where, args = "id = ?", []any{id}
	}
	err := s.scan(ctx, fmt.Sprintf(`SELECT id, at, by, file, sha256, decimal, centres, rows, added, corrected, unchanged, refused, state, undone_at, undone_by
FROM figure_upload FINAL WHERE %s ORDER BY at DESC, id LIMIT %d`, where, limit), args, func(rows driver.Rows) error {
		var u figures.Upload
		var lines, added, corrected, unchanged, refused uint32
		if err := rows.Scan(&u.ID, &u.At, &u.By, &u.File, &u.SHA256, &u.Decimal, &u.Centres, &lines, &added, &corrected, &unchanged, &refused,
			&u.State, &u.UndoneAt, &u.UndoneBy); err != nil {
			return err //nolint:wrapcheck // the caller names the question
		}
		u.Lines, u.New, u.Corrected, u.Unchanged, u.Refused = int(lines), int(added), int(corrected), int(unchanged), int(refused)
		out = append(out, u)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list uploads: %w", err)
	}
	if id != uuid.Nil && len(out) == 1 {
		out[0].Rows, err = s.uploadRows(ctx, id)
	}
	return out, err
}

func (s *Sink) uploadRows(ctx context.Context, id uuid.UUID) ([]figures.UploadRow, error) {
	var out []figures.UploadRow
	err := s.scan(ctx, `SELECT row, sheet, centre, indicator, period, value, target, issued_by, change, problems, time,
  had_time, had_value, had_target, had_issued_by, old_time, old_value, old_target, old_issued_by, old_source
FROM figure_upload_row FINAL WHERE upload = ? ORDER BY row`, []any{id}, func(rows driver.Rows) error {
		var r figures.UploadRow
		var line uint32
		var problems string
		var had, old figures.Said
		var hadTime, oldTime *time.Time
		var hadValue, oldValue *decimal.Decimal
		if err := rows.Scan(&line, &r.Sheet, &r.Centre, &r.Indicator, &r.Period, &r.Value, &r.Target, &r.IssuedBy, &r.Change, &problems, &r.Time,
			&hadTime, &hadValue, &had.Target, &had.IssuedBy, &oldTime, &oldValue, &old.Target, &old.IssuedBy, &old.Source); err != nil {
			return err //nolint:wrapcheck // the caller names the question
		}
		r.Line = int(line)
		if hadTime != nil && hadValue != nil {
			had.Time, had.Value = *hadTime, *hadValue
			r.Had = &had
		}
		if oldTime != nil && oldValue != nil {
			old.Time, old.Value = *oldTime, *oldValue
			r.Old = &old
		}
		if problems != "" {
			if err := json.Unmarshal([]byte(problems), &r.Problems); err != nil {
				return fmt.Errorf("problems of row %d: %w", line, err)
			}
		}
		out = append(out, r)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read rows of upload %s: %w", id, err)
	}
	return out, nil
}
