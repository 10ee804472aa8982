package alarm

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// Limits of one question.
const (
	MaxListed = 500
	// maxSpan bounds statistics.
	maxSpan = 400 * 24 * time.Hour
)

// Request asks for alarms. What is empty restricts nothing, but that without States closed ones are left out.
type Request struct {
	States   []wire.AlarmState
	Priority int
	Centre   string
	Kind     wire.AlarmKind
	Cause    string
	From, To time.Time // when they were raised; To exclusive
	After    Cursor
	Limit    int // at most MaxListed; 0: that many
}

// Cursor is where a page ended.
type Cursor struct {
	At time.Time
	ID string
}

// String is what a reader gives back for the next page.
func (c Cursor) String() string { return strconv.FormatInt(c.At.UnixMilli(), 36) + "." + c.ID }

// ParseCursor reads what String wrote.
func ParseCursor(text string) (Cursor, error) {
	at, id, ok := strings.Cut(text, ".")
	ms, err := strconv.ParseInt(at, 36, 64)
	if err != nil || !ok || !validID(id) {
		return Cursor{}, fmt.Errorf("%w: %q is not where a page ended", query.ErrBadRequest, text)
	}
	return Cursor{At: time.UnixMilli(ms).UTC(), ID: id}, nil
}

// validID tells whether a text may be the id of an alarm.
func validID(id string) bool {
	return len(id) == 24 && strings.Trim(id, "0123456789abcdef") == ""
}

// Shelf is where alarms are looked up that the book does not hold. No centres: those of all.
type Shelf interface {
	// ClosedAlarms returns up to r.Limit closed alarms that are no members, the newest first.
	ClosedAlarms(ctx context.Context, centres []string, r Request) ([]wire.Alarm, error)
	// AlarmMembers returns up to r.Limit members of an alarm as they stand now, also closed ones, the newest first.
	AlarmMembers(ctx context.Context, centres []string, id string, r Request) ([]wire.Alarm, error)
	// AlarmHistory returns all changes of one alarm, the oldest first.
	AlarmHistory(ctx context.Context, id string) ([]Change, error)
}

// Past is where statistics come from. No centres: those of all.
type Past interface {
	// AlarmsRaised returns what somebody had to look at or would have but for a flood, in the order of time, and from how many desks somebody did something with an alarm.
	AlarmsRaised(ctx context.Context, centres []string, from, to time.Time) ([]Raised, int, error)
	// AlarmsStanding counts what stood at a moment, and of that what was raised before another.
	AlarmsStanding(ctx context.Context, centres []string, at, stale time.Time) (standing, old int, err error)
}

// Desk answers what persons ask, and takes their orders.
type Desk struct {
	Shelf    Shelf
	Past     Past
	Runner   *Runner
	Registry *schemas.Registry
	Now      func() time.Time
}

// List returns a page of alarms.
func (d *Desk) List(ctx context.Context, scope query.Scope, r Request) (wire.AlarmList, error) {
	out := wire.AlarmList{Items: []wire.Alarm{}}
	if err := d.check(scope, &r); err != nil {
		return out, err
	}
	open, err := d.Runner.Standing(ctx)
	if err != nil {
		return out, err
	}
	open = slices.DeleteFunc(open, func(a wire.Alarm) bool { return !scope.Sees(a.Centre) })
	out.Counts, out.Flood = totals(open)
	list := slices.DeleteFunc(open, func(a wire.Alarm) bool { return a.Parent != "" || !r.meant(a) })
	if slices.Contains(r.States, wire.AlarmClosed) {
		if centres, none := d.centres(scope, r.Centre); !none {
			more := r
			more.Limit++ // one more tells whether there is a next page
			closed, err := d.Shelf.ClosedAlarms(ctx, centres, more)
			if err != nil {
				return out, err
			}
			list = append(list, closed...)
		}
	}
	slices.SortFunc(list, func(a, b wire.Alarm) int { return placeOfAlarm(b).compare(placeOfAlarm(a)) })
	out.Items, out.Next = page(list, r.Limit)
	return out, nil
}

// totals counts the alarms that are not closed, and tells whether there is a flood.
func totals(open []wire.Alarm) (n wire.AlarmCounts, f wire.AlarmFlooding) {
	floods := map[string]bool{}
	for _, a := range open {
		if a.Kind == wire.AlarmFlood && (Alarm{Alarm: a}).active() {
			floods[a.ID] = true
			if f.Since == nil || a.RaisedAt.Before(*f.Since) {
				since := a.RaisedAt
				f.Active, f.Since = true, &since
			}
		}
	}
	for _, a := range open {
		switch {
		case floods[a.Parent]:
			f.Held++
		case a.Parent != "":
		case a.State == wire.AlarmRaised:
			n.Raised++
		case a.State == wire.AlarmAcknowledged:
			n.Acknowledged++
		case a.State == wire.AlarmShelved:
			n.Shelved++
		case a.State == wire.AlarmCleared:
			n.Cleared++
		}
	}
	return n, f
}

// meant tells whether an alarm is one that is asked for.
func (r Request) meant(a wire.Alarm) bool {
	return slices.Contains(r.States, a.State) && (r.Priority == 0 || a.Priority == r.Priority) && (r.Centre == "" || a.Centre == r.Centre) &&
		(r.Kind == "" || a.Kind == r.Kind) && (r.Cause == "" || a.Cause == r.Cause) && !a.RaisedAt.Before(r.From) && (r.To.IsZero() || a.RaisedAt.Before(r.To)) &&
		(r.After.ID == "" || placeOfAlarm(a).compare(r.After) < 0)
}

func placeOfAlarm(a wire.Alarm) Cursor { return Cursor{a.RaisedAt, a.ID} }

func (c Cursor) compare(other Cursor) int {
	return cmp.Or(c.At.Compare(other.At), cmp.Compare(c.ID, other.ID))
}

// page cuts a page off a list of which one more than fits was read.
func page(list []wire.Alarm, limit int) (items []wire.Alarm, next string) {
	if len(list) <= limit {
		return append([]wire.Alarm{}, list...), ""
	}
	return list[:limit], placeOfAlarm(list[limit-1]).String()
}

// Get returns one alarm with its history, and a page of its members.
func (d *Desk) Get(ctx context.Context, scope query.Scope, id string, members Request) (wire.AlarmDetail, error) {
	out := wire.AlarmDetail{History: []wire.AlarmChange{}, Members: []wire.Alarm{}}
	if !validID(id) {
		return out, query.ErrNotFound
	}
	members = Request{After: members.After, Limit: members.Limit}
	if err := d.check(scope, &members); err != nil {
		return out, err
	}
	history, err := d.Shelf.AlarmHistory(ctx, id)
	switch {
	case err != nil:
		return out, err
	case len(history) == 0 || !scope.Sees(history[0].Alarm.Centre):
		return out, query.ErrNotFound
	}
	for _, c := range history {
		a := c.Alarm
		out.Alarm = a.Alarm
		if c.Action != wire.AlarmCount {
			out.History = append(out.History, wire.AlarmChange{At: a.ChangedAt, Action: c.Action, State: a.State, By: a.By, Why: a.Why})
		}
	}
	more := members
	more.Limit++
	centres, _ := d.centres(scope, "") // a member may be a total of the centre above
	list, err := d.Shelf.AlarmMembers(ctx, centres, id, more)
	out.Members, out.Next = page(list, members.Limit)
	return out, err
}

// Act does what a person orders.
func (d *Desk) Act(ctx context.Context, scope query.Scope, id string, action wire.AlarmAction, o wire.AlarmOrder, by string) (wire.Alarm, error) {
	if !validID(id) {
		return wire.Alarm{}, query.ErrNotFound
	}
	return d.Runner.Act(ctx, scope, id, action, o, by)
}

// Statistics judges the alarms of a span of time.
func (d *Desk) Statistics(ctx context.Context, scope query.Scope, centre string, from, to time.Time) (wire.AlarmStatistics, error) {
	switch {
	case !from.Before(to):
		return wire.AlarmStatistics{}, query.Refuse(query.ErrBadRequest, "from phải trước to.", "from must be before to.")
	case to.Sub(from) > maxSpan:
		return wire.AlarmStatistics{}, query.Refuse(query.ErrBadRequest, "Khoảng thời gian dài quá %[1]d ngày.", "The span is longer than %[1]d days.", int(maxSpan.Hours())/24)
	case centre != "" && !d.sees(scope, centre):
		return wire.AlarmStatistics{}, query.ErrNotFound
	}
	if now := d.Now(); to.After(now) {
		to = now // what has not been yet dilutes nothing
	}
	centres, none := d.centres(scope, centre)
	if none || !from.Before(to) {
		return Reckon(nil, 0, from, to), nil
	}
	list, operators, err := d.Past.AlarmsRaised(ctx, centres, from, to)
	if err != nil {
		return wire.AlarmStatistics{}, err
	}
	out := Reckon(list, operators, from, to)
	out.Standing, out.Stale, err = d.Past.AlarmsStanding(ctx, centres, to, to.Add(-24*time.Hour))
	return out, err
}

func (d *Desk) sees(scope query.Scope, centre string) bool {
	_, known := d.Registry.Centre(centre)
	return known && scope.Sees(centre)
}

// check fills in what was left out.
func (d *Desk) check(scope query.Scope, r *Request) error {
	if r.Limit <= 0 || r.Limit > MaxListed {
		r.Limit = MaxListed
	}
	if len(r.States) == 0 {
		r.States = slices.DeleteFunc(states(), func(s wire.AlarmState) bool { return s == wire.AlarmClosed })
	}
	for _, s := range r.States {
		if !slices.Contains(states(), s) {
			return query.Refuse(query.ErrBadRequest, "state phải là raised, acknowledged, shelved, cleared hoặc closed, cách nhau bằng dấu phẩy.",
				"state must be raised, acknowledged, shelved, cleared or closed, with commas between them.")
		}
	}
	kinds := []wire.AlarmKind{"", wire.AlarmKPI, wire.AlarmRate, wire.AlarmFeed, wire.AlarmCamera, wire.AlarmSensor, wire.AlarmFlood}
	switch {
	case r.Priority < 0 || r.Priority > kpi.Priorities:
		return query.Refuse(query.ErrBadRequest, "priority phải từ 1 đến %[1]d.", "priority must be from 1 to %[1]d.", kpi.Priorities)
	case !slices.Contains(kinds, r.Kind):
		return query.Refuse(query.ErrBadRequest, "kind phải là kpi, rate, feed, camera, sensor hoặc flood.", "kind must be kpi, rate, feed, camera, sensor or flood.")
	case r.Centre != "" && !d.sees(scope, r.Centre):
		return query.ErrNotFound
	}
	return nil
}

func states() []wire.AlarmState {
	return []wire.AlarmState{wire.AlarmRaised, wire.AlarmAcknowledged, wire.AlarmShelved, wire.AlarmCleared, wire.AlarmClosed}
}

// centres are those that are asked for and that the reader sees: nil stands for all, none for nobody's.
func (d *Desk) centres(scope query.Scope, centre string) (list []string, none bool) {
	if scope.SeesAll() && centre == "" {
		return nil, false
	}
	for _, c := range d.Registry.Centres {
		if scope.Sees(c.Code) && (centre == "" || c.Code == centre) {
			list = append(list, c.Code)
		}
	}
	return list, len(list) == 0
}
