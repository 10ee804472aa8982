package alarm

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/wire"
)

const (
	maxWhy = 2000 // characters
	maxTo  = 200
)

// Act does what a person orders, or says why that can't be. By names who.
func Act(a Alarm, action wire.AlarmAction, o wire.AlarmOrder, by string, now time.Time) (Alarm, error) {
	now = now.UTC().Truncate(time.Millisecond)
	if err := check(a, action, o, now); err != nil {
		return a, err
	}
	switch action {
	case wire.AlarmAcknowledge:
		a.AcknowledgedAt = &now
		if a.State == wire.AlarmCleared { // there is nothing left to be done about it
			a.State, a.ClosedAt = wire.AlarmClosed, &now
			break
		}
		a.State = wire.AlarmAcknowledged
	case wire.AlarmAssign:
		a.AssignedTo = o.To
	case wire.AlarmShelve:
		until := o.Until.UTC().Truncate(time.Millisecond)
		a.State, a.ShelvedUntil = wire.AlarmShelved, &until
	case wire.AlarmUnshelve:
		a.State, a.ShelvedUntil, a.AcknowledgedAt = wire.AlarmRaised, nil, nil
	case wire.AlarmClose:
		a.State, a.ClosedAt = wire.AlarmClosed, &now
	case wire.AlarmComment: // it is in the history alone
	}
	a.ChangedAt, a.By, a.Why = now, by, strings.TrimSpace(o.Why)
	return a, nil
}

// allowed are the states in which a person may do something.
func allowed() map[wire.AlarmAction][]wire.AlarmState {
	const r, a, s, c, x = wire.AlarmRaised, wire.AlarmAcknowledged, wire.AlarmShelved, wire.AlarmCleared, wire.AlarmClosed
	return map[wire.AlarmAction][]wire.AlarmState{
		wire.AlarmAcknowledge: {r, c},
		wire.AlarmAssign:      {r, a, s, c},
		wire.AlarmShelve:      {r, a, s},
		wire.AlarmUnshelve:    {s},
		wire.AlarmClose:       {c},
		wire.AlarmComment:     {r, a, s, c, x},
	}
}

// check says why an order can't be followed.
func check(a Alarm, action wire.AlarmAction, o wire.AlarmOrder, now time.Time) error {
	states, known := allowed()[action]
	reason := strings.TrimSpace(o.Why)
	switch {
	case !known:
		return query.ErrNotFound
	case utf8.RuneCountInString(o.Why) > maxWhy || utf8.RuneCountInString(o.To) > maxTo || !utf8.ValidString(o.Why+o.To):
		return query.Refuse(query.ErrBadRequest, "Lý do dài tối đa %[1]d ký tự, người được giao tối đa %[2]d.", "The reason has at most %[1]d characters, the name of who it is given to at most %[2]d.", maxWhy, maxTo)
	case reason == "" && (action == wire.AlarmShelve || action == wire.AlarmComment):
		return query.Refuse(query.ErrBadRequest, "Hãy ghi lý do.", "Say why.")
	case action != wire.AlarmAssign && o.To != "" || action != wire.AlarmShelve && o.Until != nil:
		return query.Refuse(query.ErrBadRequest, "to chỉ dùng khi giao việc (assign), until chỉ dùng khi tạm ẩn (shelve).", "to is for assign alone, until for shelve alone.")
	case action == wire.AlarmShelve && (o.Until == nil || !o.Until.After(now) || o.Until.After(now.Add(MaxShelved))):
		return query.Refuse(query.ErrBadRequest, "until phải là thời điểm sắp tới, trong vòng %[1]d ngày.", "until must be a time to come, within %[1]d days.", int(MaxShelved.Hours())/24)
	case a.Parent != "" && action != wire.AlarmComment:
		return query.Refuse(query.ErrConflict, "Báo động này thuộc báo động %[1]s: hãy xử lý báo động đó.", "This alarm is a member of %[1]s: act on that one.", a.Parent)
	}
	for _, s := range states {
		if a.State == s {
			return nil
		}
	}
	if action == wire.AlarmClose && a.active() {
		return query.Refuse(query.ErrConflict, "Nguyên nhân vẫn còn nên chưa đóng được: hãy xử lý nguyên nhân, hoặc tạm ẩn báo động.", "It can't be closed while its condition holds: remove the cause, or shelve the alarm.")
	}
	return query.Refuse(query.ErrConflict, "Báo động đang ở trạng thái %[1]q nên không thể %[2]q.", "The alarm is %[1]s: it can't be changed by %[2]s.", a.State, action)
}
