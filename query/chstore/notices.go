package chstore

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/binhphuoc/ioc/query/alarm"
	"github.com/binhphuoc/ioc/query/notify"
)

// NoticesPlanned implements notify.Plan.
func (s *Store) NoticesPlanned(ctx context.Context, channels []string) (upTo map[string]uint64, newest uint64, err error) {
	upTo = map[string]uint64{}
	err = s.scan(ctx, "read which notifications are planned", `SELECT channel, max(offset) FROM alarm_notified WHERE channel IN (`+quotes(channels)+`) GROUP BY channel`,
		nil, func(rows driver.Rows) error {
			var id string
			var at uint64
			err := rows.Scan(&id, &at)
			upTo[id] = at
			return err
		})
	if err != nil {
		return nil, 0, err
	}
	err = s.scan(ctx, "read the newest change of an alarm", `SELECT max(offset) FROM alarm_change`, nil, func(rows driver.Rows) error { return rows.Scan(&newest) })
	return upTo, newest, err
}

// PlanNotices implements notify.Plan. A notice that another process has taken already has a higher version, which stays.
func (s *Store) PlanNotices(ctx context.Context, channel string, upTo uint64, list []notify.Notice) error {
	if len(list) > 0 {
		if err := s.insertNotices(ctx, list); err != nil {
			return err
		}
	}
	return s.exec(ctx, "note which notifications are planned", `INSERT INTO alarm_notified (channel, offset) SELECT ?, `+strconv.FormatUint(upTo, 10), channel)
}

func (s *Store) insertNotices(ctx context.Context, list []notify.Notice) error {
	rows := make([][]any, len(list))
	for i, n := range list {
		rows[i] = []any{n.Channel, n.Change.Offset, n.Version, string(n.State), n.Attempts, n.Next, n.Error, n.Created, n.At, n.By}
	}
	return s.insert(ctx, "write notifications of alarms", "alarm_notice (channel, offset, version, state, attempts, next, error, created, at, by)", rows)
}

// DueNotices implements notify.Queue.
func (s *Store) DueNotices(ctx context.Context, channel string, now time.Time, limit int) ([]notify.Notice, error) {
	var out []notify.Notice
	var offsets []string
	// Of what is waited for, all later ones wait too: they are told in their order.
	err := s.scan(ctx, "read due notifications", `SELECT offset, version, state, attempts, next, error, created FROM alarm_notice FINAL
WHERE channel = ? AND state IN ('pending', 'sending') ORDER BY offset LIMIT `+strconv.Itoa(limit), []any{channel}, func(rows driver.Rows) error {
		n := notify.Notice{Channel: channel}
		var state string
		if err := rows.Scan(&n.Change.Offset, &n.Version, &state, &n.Attempts, &n.Next, &n.Error, &n.Created); err != nil {
			return err
		}
		n.State = notify.State(state)
		out = append(out, n)
		return nil
	})
	for i, n := range out {
		if n.Next.After(now) {
			out = out[:i]
			break
		}
		offsets = append(offsets, strconv.FormatUint(n.Change.Offset, 10))
	}
	if err != nil || len(offsets) == 0 {
		return nil, err
	}
	changes, err := s.alarmChanges(ctx, "read changes of alarms", "offset IN ("+strings.Join(offsets, ",")+")")
	byOffset := map[uint64]alarm.Change{}
	for _, c := range changes {
		byOffset[c.Offset] = c
	}
	// A change that is gone, such as after an older backup was restored, can't be told: its notice ends by its age.
	out = slices.DeleteFunc(out, func(n notify.Notice) bool { return byOffset[n.Change.Offset].Offset == 0 })
	for i := range out {
		out[i].Change = byOffset[out[i].Change.Offset]
	}
	return out, err
}

// ChangeNotice implements notify.Queue.
func (s *Store) ChangeNotice(ctx context.Context, n notify.Notice) (bool, error) {
	if err := s.insertNotices(once(ctx, fmt.Sprintf("%s/%d/%d", n.Channel, n.Change.Offset, n.Version)), []notify.Notice{n}); err != nil {
		return false, err
	}
	ours := false
	err := s.scan(ctx, "read a notification", `SELECT version = ? AND by = ? AND at = `+moment(n.At)+` FROM alarm_notice FINAL WHERE channel = ? AND offset = ?`,
		[]any{n.Version, n.By, n.Channel, n.Change.Offset}, func(rows driver.Rows) error { return rows.Scan(&ours) })
	return ours, err
}

// DropNotices implements notify.Queue.
func (s *Store) DropNotices(ctx context.Context, channel string, keep int, before, now time.Time, by string) (int, error) {
	from := fmt.Sprintf(`FROM (SELECT *, row_number() OVER (ORDER BY offset DESC) AS place FROM alarm_notice FINAL WHERE channel = %s AND state = 'pending')
WHERE place > %d OR created < %s`, quote(channel), keep, moment(before))
	var n uint64
	err := s.scan(ctx, "count notifications to give up", "SELECT count() "+from, nil, func(rows driver.Rows) error { return rows.Scan(&n) })
	if err != nil || n == 0 {
		return 0, err
	}
	return int(n), s.exec(ctx, "give notifications up", `INSERT INTO alarm_notice (channel, offset, version, state, attempts, next, error, created, at, by)
SELECT channel, offset, version + 1, 'dropped', attempts, next, error, created, `+moment(now)+", "+quote(by)+" "+from)
}
