package chstore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/errgroup"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// What is told of one source at a time.
const (
	hourEvents  = 50
	hourChanges = 50
	hourMetrics = 50
)

// SourceHour implements query.DeviceStore.
func (s *Store) SourceHour(ctx context.Context, source string, from, to, now time.Time) (wire.SourceHour, error) {
	out, err := s.known(ctx, source, now)
	if err != nil {
		return out, err
	}
	out.From, out.To = from.UTC(), to.UTC()
	var spoken, told []wire.SourceEvent
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.hourMinutes(ctx, &out) })
	if types := slices.DeleteFunc(slices.Clone(out.Types), func(t string) bool { return !schemas.Type(t).Measured() }); len(types) > 0 {
		said := measuresOf(&out, types)
		g.Go(func() error { return s.hourMetrics(ctx, said, &out) })
		g.Go(func() error { return s.hourChanges(ctx, said, &out) })
		g.Go(func() (err error) {
			spoken, err = s.hourMeasured(ctx, said)
			return err
		})
	}
	if types := slices.DeleteFunc(slices.Clone(out.Types), func(t string) bool { return schemas.Type(t).Measured() }); len(types) > 0 {
		g.Go(func() (err error) {
			told, err = s.hourTold(ctx, &out, types)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return out, err
	}
	out.Events = append(append(out.Events, spoken...), told...)
	slices.SortStableFunc(out.Events, func(a, b wire.SourceEvent) int { return b.At.Compare(a.At) })
	out.Events = out.Events[:min(hourEvents, len(out.Events))]
	return out, nil
}

// measuresOf is the SQL of the measurements of a source in an hour.
func measuresOf(h *wire.SourceHour, types []string) string {
	return measures(fmt.Sprintf("raw.minute >= toDateTime(%d, 'UTC') AND raw.minute < toDateTime(%d, 'UTC') AND type IN (%s) AND centre = %s AND source = %s",
		h.From.Unix(), h.To.Unix(), quotes(types), quote(h.Centre), quote(h.Source)), time.Minute, []time.Time{h.From, h.To})
}

// hourMinutes counts what was delivered in each minute, also in those in which nothing was.
func (s *Store) hourMinutes(ctx context.Context, h *wire.SourceHour) error {
	for at := h.From; at.Before(h.To); at = at.Add(time.Minute) {
		h.Minutes = append(h.Minutes, wire.SourceMinute{At: at})
	}
	return s.scan(ctx, "count deliveries of "+h.Source, fmt.Sprintf(`SELECT minute, events, repeats FROM feed_event FINAL
WHERE minute >= toDateTime(%d, 'UTC') AND minute < toDateTime(%d, 'UTC') AND %s AND source = %s %s`,
		h.From.Unix(), h.To.Unix(), ofFeed(h.Centre, h.Domain), quote(h.Source), byPartition), nil, func(r driver.Rows) error {
		var m wire.SourceMinute
		if err := r.Scan(&m.At, &m.Events, &m.Repeats); err != nil {
			return err
		}
		if i := int(m.At.Sub(h.From) / time.Minute); i >= 0 && i < len(h.Minutes) {
			h.Minutes[i].Events, h.Minutes[i].Repeats = m.Events, m.Repeats
		}
		return nil
	})
}

func (s *Store) hourMetrics(ctx context.Context, said string, h *wire.SourceHour) error {
	return s.scan(ctx, "read measurements of "+h.Source, `SELECT toString(metric) AS name, substringUTF8(toString(argMax(unit, (said.time, said.version))), 1, 16), argMax(value, (said.time, said.version)),
  min(value), max(value), avg(value), count(), max(said.time)
FROM `+said+` ARRAY JOIN metrics AS metric, metric_values AS value, units AS unit GROUP BY metric ORDER BY name LIMIT `+fmt.Sprint(hourMetrics), nil, func(r driver.Rows) error {
		var m wire.SourceMetric
		if err := r.Scan(&m.Metric, &m.Unit, &m.Last, &m.Least, &m.Greatest, &m.Mean, &m.Values, &m.At); err != nil {
			return err
		}
		h.Metrics = append(h.Metrics, m)
		return nil
	})
}

// hourChanges finds where a source says something else of itself than before.
func (s *Store) hourChanges(ctx context.Context, said string, h *wire.SourceHour) error {
	return s.scan(ctx, "find changes of "+h.Source, `SELECT at, now, before FROM (
  SELECT said.time AS at, toString(said.status) AS now, lagInFrame(now, 1, '') OVER (ORDER BY said.time, said.version ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS before
  FROM `+said+` WHERE said.status != '')
WHERE now != before ORDER BY at DESC LIMIT `+fmt.Sprint(hourChanges), nil, func(r driver.Rows) error {
		var c wire.SourceChange
		if err := r.Scan(&c.At, &c.Status, &c.Before); err != nil {
			return err
		}
		h.Changes = append(h.Changes, c)
		return nil
	})
}

// hourMeasured lists the newest measurements.
func (s *Store) hourMeasured(ctx context.Context, said string) ([]wire.SourceEvent, error) {
	number := func(name string) string { return "('" + name + "', ifNull(toString(said." + name + "), ''))" }
	fields := []string{"('status', toString(said.status))"}
	for _, name := range []string{"fps", "bitrate_kbps", "speed_kmh", "battery", "rssi"} {
		fields = append(fields, number(name))
	}
	fields = append(fields, "('counts', if(empty(said.counts), '', toString(said.counts)))")
	// Of readings each metric is a field of its own, as in the file of the KPI.
	values := "arrayMap((metric, value, unit) -> (toString(metric), trimRight(concat(toString(value), ' ', substringUTF8(toString(unit), 1, 16)))), said.metrics, said.metric_values, said.units)"
	return s.sourceEvents(ctx, `SELECT said.time, said.arrived, toString(said.type), '',
  arrayFilter(f -> f.2 != '', arrayConcat(CAST([`+strings.Join(fields, ", ")+`], 'Array(Tuple(String, String))'), CAST(`+values+`, 'Array(Tuple(String, String))')))
FROM `+said+` ORDER BY said.time DESC, said.key LIMIT `+fmt.Sprint(hourEvents))
}

// hourTold lists the newest states of things. Which ones they are is found by few columns: a thing is kept by its own name, and
// not by who told of it.
func (s *Store) hourTold(ctx context.Context, h *wire.SourceHour, types []string) ([]wire.SourceEvent, error) {
	text := func(name string) string {
		return "('" + name + "', substringUTF8(toString(said." + name + "), 1, 200))"
	}
	var fields []string
	for _, name := range []string{"status", "kind", "channel", "direction", "procedure", "agency", "indicator", "period"} {
		fields = append(fields, text(name))
	}
	for _, name := range []string{"level", "severity"} {
		fields = append(fields, "('"+name+"', if(said."+name+" = 0, '', toString(said."+name+")))")
	}
	for _, name := range []string{"due_at", "rating", "value"} {
		fields = append(fields, "('"+name+"', ifNull(toString(said."+name+"), ''))")
	}
	var out []wire.SourceEvent
	var things []string
	err := s.scan(ctx, "find what "+h.Source+" told", fmt.Sprintf(`SELECT type, entity, toString(key) FROM raw_state
WHERE type IN (%s) AND centre = %s AND source = %s AND %s ORDER BY time DESC LIMIT %d`,
		quotes(types), quote(h.Centre), quote(h.Source), between("time", h.From, h.To), hourEvents), nil,
		func(r driver.Rows) error {
			var typ, entity, key string
			if err := r.Scan(&typ, &entity, &key); err != nil {
				return err
			}
			things = append(things, "("+quote(typ)+", "+quote(h.Centre)+", "+quote(entity)+", toUUID("+quote(key)+"))")
			return nil
		})
	if err != nil || len(things) == 0 {
		return out, err
	}
	return s.sourceEvents(ctx, `SELECT said.time, said.arrived, toString(said.type), said.entity,
  arrayFilter(f -> f.2 != '', CAST([`+strings.Join(fields, ", ")+`], 'Array(Tuple(String, String))'))
FROM `+states("(type, centre, entity, key) IN ("+strings.Join(things, ", ")+") AND NOT withdrawn")+`
WHERE `+between("said.time", h.From, h.To)+` ORDER BY said.time DESC, said.key LIMIT `+fmt.Sprint(hourEvents))
}

// sourceEvents reads rows of time, arrival, type, thing and fields.
func (s *Store) sourceEvents(ctx context.Context, sql string) ([]wire.SourceEvent, error) {
	var out []wire.SourceEvent
	err := s.scan(ctx, "list events of a source", sql, nil, func(r driver.Rows) error {
		e := wire.SourceEvent{Fields: map[string]string{}}
		var fields [][]any
		if err := r.Scan(&e.At, &e.Arrived, &e.Type, &e.Entity, &fields); err != nil {
			return err
		}
		for _, f := range fields {
			e.Fields[fmt.Sprint(f[0])] = fmt.Sprint(f[1])
		}
		out = append(out, e)
		return nil
	})
	return out, err
}
