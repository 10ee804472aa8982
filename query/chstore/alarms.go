package chstore

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/binhphuoc/ioc/query/alarm"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// alarmColumns are what an alarm is made of, in the order of scanAlarm.
const alarmColumns = `offset, action, id, cause, kind, centre, domain, priority, state, title_vi, title_en, kpi, source, value, bound, unit,
  raised_at, acknowledged_at, cleared_at, closed_at, changed_at, shelved_until, assigned_to, by, why, members, parent, held, clear_delay_ms`

func scanAlarm(rows driver.Rows) (alarm.Change, error) {
	var c alarm.Change
	var action, kind, state string
	var priority uint8
	var members uint32
	var delay uint64
	a := &c.Alarm
	err := rows.Scan(&c.Offset, &action, &a.ID, &a.Cause, &kind, &a.Centre, &a.Domain, &priority, &state, &a.Title.VI, &a.Title.EN, &a.KPI, &a.Source,
		&a.Value, &a.Bound, &a.Unit, &a.RaisedAt, &a.AcknowledgedAt, &a.ClearedAt, &a.ClosedAt, &a.ChangedAt, &a.ShelvedUntil, &a.AssignedTo, &a.By,
		&a.Why, &members, &a.Parent, &a.Held, &delay)
	c.Action, a.Kind, a.State, a.Priority, a.Members = wire.AlarmAction(action), wire.AlarmKind(kind), wire.AlarmState(state), int(priority), int(members)
	a.ClearDelay = time.Duration(delay) * time.Millisecond
	return c, err
}

// alarmChanges reads entries of the log. what names the question in the error.
func (s *Store) alarmChanges(ctx context.Context, what, where string, args ...any) ([]alarm.Change, error) {
	var out []alarm.Change
	err := s.scan(ctx, what, "SELECT "+alarmColumns+" FROM alarm_change WHERE "+where, args, func(rows driver.Rows) error {
		c, err := scanAlarm(rows)
		out = append(out, c)
		return err
	})
	return out, err
}

// AlarmChanges implements alarm.Log.
func (s *Store) AlarmChanges(ctx context.Context, after uint64) ([]alarm.Change, error) {
	return s.alarmChanges(ctx, "read changes of alarms", "offset > "+strconv.FormatUint(after, 10)+" ORDER BY offset")
}

// AppendAlarms implements alarm.Log.
func (s *Store) AppendAlarms(ctx context.Context, list []alarm.Change) (bool, error) {
	const what = "write changes of alarms"
	if len(list) == 0 {
		return true, nil
	}
	first := list[0].Offset
	writer := rand.Text()
	rows := make([][]any, len(list))
	for i, c := range list {
		a := c.Alarm
		rows[i] = []any{
			writer, c.Offset, string(c.Action), a.ID, a.Cause, string(a.Kind), a.Centre, a.Domain, uint8(a.Priority), string(a.State),
			a.Title.VI, a.Title.EN, a.KPI, a.Source, a.Value, a.Bound, a.Unit, a.RaisedAt, a.AcknowledgedAt, a.ClearedAt, a.ClosedAt, a.ChangedAt,
			a.ShelvedUntil, a.AssignedTo, a.By, a.Why, uint32(a.Members), a.Parent, a.Held, uint64(a.ClearDelay.Milliseconds()),
		}
	}
	if err := s.insert(once(ctx, fmt.Sprintf("alarm/%d", first)), what, "alarm_change (writer, "+alarmColumns+")", rows); err != nil {
		return false, err
	}
	ours := false
	err := s.scan(ctx, what, "SELECT any(writer) = ? FROM alarm_change WHERE offset = "+strconv.FormatUint(first, 10), []any{writer},
		func(rows driver.Rows) error { return rows.Scan(&ours) })
	return ours, err
}

// AlarmStanding implements alarm.Log. The identity of the table is the epoch: a database that was restored has another one.
func (s *Store) AlarmStanding(ctx context.Context, raisesSince time.Time) (alarm.Standing, error) {
	var out alarm.Standing
	err := s.scan(ctx, "read where the log of alarms stands", `SELECT (SELECT max(offset) FROM alarm_change), toString(uuid)
FROM system.tables WHERE database = currentDatabase() AND name = 'alarm_change'`, nil, func(rows driver.Rows) error {
		return rows.Scan(&out.Offset, &out.Epoch)
	})
	if err != nil {
		return out, err
	}
	upTo := "offset <= " + strconv.FormatUint(out.Offset, 10)
	open, err := s.alarmChanges(ctx, "read open alarms", `offset IN (SELECT max(offset) FROM alarm_change WHERE `+upTo+
		` GROUP BY id HAVING argMax(state, offset) != 'closed') ORDER BY offset`)
	if err != nil {
		return out, err
	}
	for _, c := range open {
		out.Open = append(out.Open, c.Alarm)
	}
	err = s.scan(ctx, "read raised alarms", `SELECT changed_at, centre FROM alarm_change WHERE `+raisedRows+` AND changed_at > `+moment(raisesSince)+
		` AND `+upTo+` ORDER BY offset`, nil, func(rows driver.Rows) error {
		var r alarm.Raise
		err := rows.Scan(&r.At, &r.Centre)
		out.Raises = append(out.Raises, r)
		return err
	})
	if err != nil {
		return out, err
	}
	err = s.scan(ctx, "read what alarms wait for", `SELECT key, phase, since, priority FROM alarm_watch FINAL WHERE phase != 'over'`, nil, func(rows driver.Rows) error {
		var w alarm.Watch
		var phase string
		var priority uint8
		err := rows.Scan(&w.Key, &phase, &w.Since, &priority)
		w.Phase, w.Priority = alarm.Phase(phase), int(priority)
		out.Watches = append(out.Watches, w)
		return err
	})
	return out, err
}

// raisedRows admits the changes by which an alarm came before the eyes of a person, or would have but for a flood.
const raisedRows = "action = 'raise' AND kind != 'flood' AND (parent = '' OR held)"

// KeepWatches implements alarm.Sight.
func (s *Store) KeepWatches(ctx context.Context, list []alarm.Watch, now time.Time) error {
	rows := make([][]any, len(list))
	for i, w := range list {
		rows[i] = []any{w.Key, string(w.Phase), w.Since, uint8(w.Priority), now}
	}
	return s.insert(ctx, "keep what alarms wait for", "alarm_watch (key, phase, since, priority, at)", rows)
}

// MinuteValues implements alarm.Sight.
func (s *Store) MinuteValues(ctx context.Context, kpis []string, since time.Time, yield func(kpi, centre string, at time.Time, value float64)) error {
	return s.scan(ctx, "read values of minutes", `SELECT kpi, centre, minute, assumeNotNull(value) FROM kpi_minute FINAL
WHERE kpi IN (`+quotes(kpis)+`) AND minute >= `+moment(since)+` AND isNotNull(value) AND state != 'stale' ORDER BY minute`, nil, func(rows driver.Rows) error {
		var kpi, centre string
		var at time.Time
		var value float64
		if err := rows.Scan(&kpi, &centre, &at, &value); err != nil {
			return err
		}
		yield(kpi, centre, at, value)
		return nil
	})
}

// WatchedDevices implements alarm.Sight: all cameras, sensors and gateways that were heard in the last 30 days. A source in a feed of
// sensors that sends readings alone is one, too.
func (s *Store) WatchedDevices(ctx context.Context, now time.Time) ([]alarm.Device, error) {
	of := "(type IN ('camera', 'sensor') OR type = 'reading' AND domain = 'sensor')"
	status := map[string]string{}
	err := s.scan(ctx, "read what devices say", `SELECT source, argMax(m.status, (m.newest, m.type)) FROM source_minute AS m FINAL
WHERE type IN ('camera', 'sensor') AND events > 0 AND minute >= `+moment(s.listenedSince(now))+` GROUP BY source`, nil, func(rows driver.Rows) error {
		var source, said string
		err := rows.Scan(&source, &said)
		status[source] = said
		return err
	})
	if err != nil {
		return nil, err
	}
	cameras := map[string]bool{}
	err = s.scan(ctx, "list cameras", `SELECT DISTINCT source FROM feed_source WHERE type = 'camera'`, nil, func(rows driver.Rows) error {
		var source string
		err := rows.Scan(&source)
		cameras[source] = true
		return err
	})
	if err != nil {
		return nil, err
	}
	known, err := s.heardSources(ctx, now, "(centre, domain, source) IN (SELECT centre, domain, source FROM feed_source WHERE "+of+")")
	if err != nil {
		return nil, err
	}
	out := make([]alarm.Device, 0, len(known))
	for _, k := range known {
		d, ok := s.registry.Domain(k.domain)
		if _, centre := s.registry.Centre(k.centre); !ok || !centre {
			continue // of what is no longer in the registry
		}
		device := alarm.Device{Kind: wire.AlarmSensor, Centre: k.centre, Domain: k.domain, Source: k.source, Status: status[k.source], Heard: k.arrival}
		if cameras[k.source] {
			device.Kind = wire.AlarmCamera
		}
		// Not by the event's time: a source that sends what happened long ago is alive.
		device.Silent = now.Sub(k.arrival).Seconds() > 2*s.judge(k, d.Interval.Seconds(), now).IntervalSeconds
		out = append(out, device)
	}
	return out, nil
}

// newestOf picks the last row of each alarm that a condition on what never changes admits.
func newestOf(where string) string {
	return "offset IN (SELECT max(offset) FROM alarm_change WHERE " + where + " GROUP BY id)"
}

// ClosedAlarms implements alarm.Shelf. Closed is the end: whatever row says it, what is asked for stays as it is there.
func (s *Store) ClosedAlarms(ctx context.Context, centres []string, r alarm.Request) ([]wire.Alarm, error) {
	where := append(filters(centres, r), "state = 'closed'", "parent = ''")
	return s.alarmPage(ctx, "list closed alarms", strings.Join(where, " AND "), r.Limit)
}

// AlarmMembers implements alarm.Shelf.
func (s *Store) AlarmMembers(ctx context.Context, centres []string, id string, r alarm.Request) ([]wire.Alarm, error) {
	were := "id IN (SELECT id FROM alarm_change WHERE parent = " + quote(id) + ")"
	where := append(filters(centres, r), newestOf(were), "parent = "+quote(id))
	return s.alarmPage(ctx, "list members of an alarm", strings.Join(where, " AND "), r.Limit)
}

// filters are the conditions of a request, but for the state.
func filters(centres []string, r alarm.Request) []string {
	where := []string{ofCentres(centres)}
	if !r.From.IsZero() {
		where = append(where, "raised_at >= "+moment(r.From))
	}
	if !r.To.IsZero() {
		where = append(where, "raised_at < "+moment(r.To))
	}
	if r.Kind != "" {
		where = append(where, "kind = "+quote(string(r.Kind)))
	}
	if r.Cause != "" {
		where = append(where, "cause = "+quote(r.Cause))
	}
	if r.Priority != 0 {
		where = append(where, fmt.Sprintf("priority = %d", r.Priority))
	}
	if r.After.ID != "" {
		where = append(where, fmt.Sprintf("(raised_at, id) < (%s, %s)", moment(r.After.At), quote(r.After.ID)))
	}
	return where
}

// alarmPage reads the newest row of each alarm among those that a condition admits.
func (s *Store) alarmPage(ctx context.Context, what, where string, limit int) ([]wire.Alarm, error) {
	changes, err := s.alarmChanges(ctx, what, where+fmt.Sprintf(" ORDER BY raised_at DESC, id DESC, offset DESC LIMIT 1 BY id LIMIT %d", limit))
	out := make([]wire.Alarm, len(changes))
	for i, c := range changes {
		out[i] = c.Alarm.Alarm
	}
	return out, err
}

// AlarmHistory implements alarm.Shelf.
func (s *Store) AlarmHistory(ctx context.Context, id string) ([]alarm.Change, error) {
	return s.alarmChanges(ctx, "read the life of an alarm", "id = ? ORDER BY offset", id)
}

// AlarmsRaised implements alarm.Past.
func (s *Store) AlarmsRaised(ctx context.Context, centres []string, from, to time.Time) ([]alarm.Raised, int, error) {
	span := ofCentres(centres) + " AND changed_at >= " + moment(from) + " AND changed_at < " + moment(to)
	var out []alarm.Raised
	err := s.scan(ctx, "read raised alarms", `SELECT changed_at, cause, centre, priority, held, title_vi, title_en FROM alarm_change
WHERE `+raisedRows+` AND `+span+` ORDER BY changed_at, offset`, nil, func(rows driver.Rows) error {
		var r alarm.Raised
		var priority uint8
		err := rows.Scan(&r.At, &r.Cause, &r.Centre, &priority, &r.Held, &r.Title.VI, &r.Title.EN)
		r.Priority = int(priority)
		out = append(out, r)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	// One desk that changes hands is one operator: what stands behind the name, as query.By writes it.
	var operators uint64
	err = s.scan(ctx, "count operators", `SELECT uniqExact(extract(by, '([^()]*)[)]?$')) FROM alarm_change WHERE by != '' AND `+span, nil, func(rows driver.Rows) error {
		return rows.Scan(&operators)
	})
	return out, int(operators), err
}

// AlarmsStanding implements alarm.Past.
func (s *Store) AlarmsStanding(ctx context.Context, centres []string, at, stale time.Time) (standing, old int, err error) {
	err = s.scan(ctx, "count standing alarms", `SELECT toInt64(count()), toInt64(countIf(raised_at < `+moment(stale)+`)) FROM alarm_change
WHERE `+newestOf(ofCentres(centres)+" AND changed_at <= "+moment(at))+` AND parent = '' AND state IN ('raised', 'acknowledged', 'shelved')`, nil,
		func(rows driver.Rows) error {
			var n, m int64
			err := rows.Scan(&n, &m)
			standing, old = int(n), int(m)
			return err
		})
	return standing, old, err
}
