package chstore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/errgroup"

	"github.com/binhphuoc/ioc/query/explain"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// late admits events that arrived more than a minute after the end of the 10 seconds in which they happened.
const late = "toUnixTimestamp64Milli(said.arrived) > (intDiv(toUnixTimestamp64Milli(said.time), 10000) + 7) * 10000"

// Rows implements explain.Witness.
func (s *Store) Rows(ctx context.Context, b explain.Behind, after explain.Cursor, limit int) ([]explain.Row, error) {
	if measured(b.KPI.Formula.Of) && b.KPI.Formula.Kind.Rolled() {
		return s.measuredPage(ctx, b, after, limit)
	}
	out, err := s.page(ctx, b, after, limit)
	if err != nil || len(out) == 0 || out[0].Entity == "" || b.KPI.Formula.Of == kpi.OfRejected {
		return out, err
	}
	return out, s.tellers(ctx, b.KPI.Formula.Of, out)
}

// measuredPage goes back in time in steps that hold about as much as is asked for: rollups know where the events are. Without them, the
// newest of a month could be told only after all of it was read.
func (s *Store) measuredPage(ctx context.Context, b explain.Behind, after explain.Cursor, limit int) ([]explain.Row, error) {
	first := b.From
	if end := after.At.Truncate(base).Add(base); after.Tie != "" && end.Before(b.To) {
		b.To = end
	}
	var out []explain.Row
	for want := 2 * limit; ; want *= 4 {
		from, err := s.startOfNewest(ctx, b, first, want)
		if err != nil {
			return nil, err
		}
		b.From = from
		rows, err := s.page(ctx, b, after, limit-len(out))
		if err != nil {
			return nil, err
		}
		if out = append(out, rows...); len(out) == limit || !from.After(first) {
			return out, nil
		}
		b.To = from
	}
}

// startOfNewest is when the newest so many events of a span begin, to the minute; the start of the span when it holds fewer.
func (s *Store) startOfNewest(ctx context.Context, b explain.Behind, first time.Time, want int) (time.Time, error) {
	out := first
	err := s.scan(ctx, "find the newest events of "+b.KPI.ID, fmt.Sprintf(`SELECT bucket FROM (
SELECT bucket, sum(total) OVER (ORDER BY bucket DESC) AS so_far FROM (
  SELECT bucket, sum(events) AS total FROM rollup FINAL WHERE tier = 60 AND kpi = %s AND %s
    AND bucket >= toDateTime(%d, 'UTC') AND bucket < toDateTime(%d, 'UTC') GROUP BY bucket))
WHERE so_far >= %d ORDER BY bucket DESC LIMIT 1`,
		quote(b.KPI.ID), s.sent("centre", b.Senders), first.Unix(), b.To.Unix(), want), nil, func(r driver.Rows) error { return r.Scan(&out) })
	return out.UTC(), err
}

// page reads rows.
func (s *Store) page(ctx context.Context, b explain.Behind, after explain.Cursor, limit int) ([]explain.Row, error) {
	w, err := s.witnessOf(b)
	if err != nil {
		return nil, err
	}
	names := explain.Told(b.KPI)
	var out []explain.Row
	err = s.scan(ctx, "list events of "+b.KPI.ID, w.page(b, after, limit), nil, func(r driver.Rows) error {
		var row explain.Row
		var happened, arrived time.Time
		var told []string
		if err := r.Scan(&row.At, &row.Tie, &row.Kind, &row.Centre, &row.Entity, &row.Source, &happened, &arrived,
			&row.Numerator, &row.Denominator, &row.Value, &told); err != nil {
			return err
		}
		row.Time, row.Arrived, row.Fields = some(happened), some(arrived), map[string]string{}
		for i, text := range told {
			if text != "" {
				row.Fields[names[i]] = text
			}
		}
		out = append(out, row)
		return nil
	})
	return out, err
}

// some is a moment, or nil where there is none.
func some(t time.Time) *time.Time {
	if t.Unix() <= 0 {
		return nil
	}
	return &t
}

// tellers adds to things who spoke of them last, and when that arrived.
func (s *Store) tellers(ctx context.Context, typ string, rows []explain.Row) error {
	at := map[[2]string]*explain.Row{}
	things := make([]string, len(rows))
	for i := range rows {
		things[i] = "(" + quote(rows[i].Centre) + ", " + quote(rows[i].Entity) + ")"
		at[[2]string{rows[i].Centre, rows[i].Entity}] = &rows[i]
	}
	return s.scan(ctx, "read who told of each "+typ, `SELECT centre, entity, toString(argMax(said.source, said.version)), argMax(said.arrived, (said.time, said.version))
FROM `+states("type = "+quote(typ)+" AND (centre, entity) IN ("+strings.Join(things, ", ")+")")+` GROUP BY centre, entity`, nil, func(r driver.Rows) error {
		var centre, entity, source string
		var arrived time.Time
		if err := r.Scan(&centre, &entity, &source, &arrived); err != nil {
			return err
		}
		if row := at[[2]string{centre, entity}]; row != nil {
			row.Source, row.Arrived = source, some(arrived)
		}
		return nil
	})
}

// states is the SQL of the states that a condition admits, without those that a correction took to other things.
func states(where string) string {
	return `(SELECT raw.*, raw.version AS version FROM (SELECT *, version FROM raw_state FINAL WHERE ` + where + `) AS raw
LEFT JOIN (SELECT key, max(winner) AS winner FROM state_superseded GROUP BY key) AS moved ON moved.key = raw.key
WHERE raw.version >= moved.winner) AS said`
}

// Evidence implements explain.Witness.
func (s *Store) Evidence(ctx context.Context, b explain.Behind) (wire.Evidence, error) {
	w, err := s.witnessOf(b)
	if err != nil {
		return wire.Evidence{}, err
	}
	var things, heard wire.Evidence
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		return s.scan(ctx, "count events of "+b.KPI.ID, "SELECT count() FROM (SELECT 1 FROM "+w.from+" WHERE "+w.where+" "+w.one+")", nil,
			func(r driver.Rows) error { return r.Scan(&things.Things) })
	})
	g.Go(func() (err error) {
		heard, err = s.heardOf(ctx, b, w)
		return err
	})
	err = g.Wait()
	heard.Things = things.Things
	return heard, err
}

// heardOf looks at the events that told of what is counted.
func (s *Store) heardOf(ctx context.Context, b explain.Behind, w witness) (wire.Evidence, error) {
	f := b.KPI.Formula
	from, where := w.from, w.where
	switch {
	case f.Of == kpi.OfRejected:
		from, where = "(SELECT source, arrived, arrived AS time, centre, code, transport FROM rejected FINAL) AS said", w.where
	case f.Kind.Rolled() && measured(f.Of):
	case f.Kind == kpi.KindUp || f.Kind == kpi.KindDown:
		from, where = s.measuresBetween("type = "+quote(f.Of), b.Senders, s.listenedSince(b.Now), b.Now), "1"
	case f.Kind.PerSource():
		t, err := translator{}.terms(f)
		if err != nil {
			return wire.Evidence{}, err
		}
		// What is kept of sources is kept by whole minutes, those that begin within the window.
		whole := func(t time.Time) time.Time { return t.Add(time.Minute - 1).Truncate(time.Minute) }
		from = s.measuresBetween("type = 'reading'", b.Senders, whole(b.From), whole(b.To)) + " ARRAY JOIN metrics AS metric, metric_values AS value"
		where = t.where
	default:
		from, where = states("type = "+quote(f.Of)+" AND (centre, entity) IN (SELECT e.centre, e.entity FROM "+w.from+" WHERE "+w.where+" "+w.one+")"), "1"
	}
	var out wire.Evidence
	var newest, arrived time.Time
	var lately uint64
	err := s.scan(ctx, "look at the events behind "+b.KPI.ID, `SELECT count(), uniqExact(said.source), max(said.time), argMax(said.arrived, said.time), countIf(`+late+`)
FROM `+from+` WHERE `+where, nil, func(r driver.Rows) error {
		return r.Scan(&out.Events, &out.Sources, &newest, &arrived, &lately)
	})
	out.Newest, out.NewestArrival = some(newest), some(arrived)
	if f.Of != kpi.OfRejected {
		out.Late = &lately
		if out.Events > 0 {
			out.LateShare = new(float64(lately) / float64(out.Events))
		}
	}
	return out, err
}

// typesOf lists the event types that a formula counts.
func typesOf(f kpi.Formula) []schemas.Type {
	switch f.Of {
	case kpi.OfMeasure:
		return []schemas.Type{schemas.TypeReading, schemas.TypeCamera, schemas.TypeSensor}
	case kpi.OfRejected, "":
		return schemas.Types()
	default:
		return []schemas.Type{schemas.Type(f.Of)}
	}
}

// Refusals implements explain.Witness.
func (s *Store) Refusals(ctx context.Context, b explain.Behind, from, to time.Time) (wire.RefusedShare, error) {
	out := wire.RefusedShare{From: from.UTC(), To: to.UTC(), Domains: []string{}}
	types := typesOf(b.KPI.Formula)
	if err := s.domainsOf(ctx, b.Senders, types, &out.Domains); err != nil {
		return out, err
	}
	var states, measurements uint64
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		full := func(types []schemas.Type) string {
			names := make([]string, len(types))
			for i, t := range types {
				names[i] = t.CloudEventType()
			}
			return quotes(names)
		}
		return s.scan(ctx, "count refused events of "+b.KPI.ID, fmt.Sprintf(`SELECT count(), countIf(key NOT IN %s) FROM rejected FINAL
WHERE %s AND %s AND domain IN (%s) AND (event_type IN (%s) OR event_type NOT IN (%s))`,
			takenKeys, between("arrived", from, to), s.sent("centre", b.Senders), list(out.Domains), full(types), full(schemas.Types())), nil,
			func(r driver.Rows) error { return r.Scan(&out.Refused, &out.Open) })
	})
	g.Go(func() error {
		return s.scan(ctx, "count states taken for "+b.KPI.ID, fmt.Sprintf(`SELECT count() FROM raw_state FINAL WHERE type IN (%s) AND %s AND %s`,
			quotes(types), between("time", from, to), s.sent("centre", b.Senders)), nil, func(r driver.Rows) error { return r.Scan(&states) })
	})
	g.Go(func() error {
		return s.scan(ctx, "count measurements taken for "+b.KPI.ID, "SELECT count() FROM "+s.measuresBetween("type IN ("+quotes(types)+")", b.Senders, from, to), nil,
			func(r driver.Rows) error { return r.Scan(&measurements) })
	})
	err := g.Wait()
	out.Taken = states + measurements
	if all := out.Taken + out.Refused; all > 0 {
		out.Share = new(float64(out.Refused) / float64(all))
	}
	return out, err
}

// list is a list of texts in SQL, which may be empty.
func list(texts []string) string {
	if len(texts) == 0 {
		return "''"
	}
	return quotes(texts)
}

// domainsOf lists the domains in which centres send events of these types; where none ever came, the one in which they would.
func (s *Store) domainsOf(ctx context.Context, from explain.Senders, types []schemas.Type, out *[]string) error {
	err := s.scan(ctx, "list domains", `SELECT arraySort(groupUniqArray(toString(domain))) FROM feed_source WHERE type IN (`+quotes(types)+`) AND `+s.sent("centre", from), nil,
		func(r driver.Rows) error { return r.Scan(out) })
	if err != nil || len(*out) > 0 {
		return err
	}
	for _, d := range s.registry.Domains {
		own := slices.Contains(types, schemas.Type(d.Code))
		if own || len(types) > 1 || d.Code == "service" && !types[0].Measured() {
			*out = append(*out, d.Code)
		}
	}
	return nil
}

// KeptValues implements explain.Ledger.
func (s *Store) KeptValues(ctx context.Context, k kpi.KPI, centres []string, from, to time.Time) ([]wire.Value, error) {
	var out []wire.Value
	err := s.scan(ctx, "read kept values of "+k.ID, fmt.Sprintf(`SELECT centre, argMax(tuple(m.value), minute).1, argMax(m.state, minute), argMax(tuple(m.num), minute).1, argMax(tuple(m.den), minute).1
FROM kpi_minute AS m FINAL WHERE kpi = %s AND centre IN (%s) AND minute >= toDateTime(%d, 'UTC') AND minute < toDateTime(%d, 'UTC') GROUP BY centre`,
		quote(k.ID), quotes(centres), from.Unix(), to.Unix()), nil, func(r driver.Rows) error {
		v := wire.Value{KPI: k.ID}
		var state string
		if err := r.Scan(&v.Centre, &v.Value, &state, &v.Numerator, &v.Denominator); err != nil {
			return err
		}
		v.State = wire.State(state)
		out = append(out, v)
		return nil
	})
	return out, err
}
