// Package notify tells people and other systems of alarms: by webhook, by mail, and by whatever takes an HTTP request.
//
// What is to be told is a row in storage for each channel and change, so that a restart forgets nothing and each change is told
// once. Of several processes one takes a row, by a version that storage takes once. Only where a process dies between the telling
// and the writing down is something told again: each message has a key by which the receiver can know it.
package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/binhphuoc/ioc/query/alarm"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/say"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// ErrRefused says that the receiver will never take a message: to try again is of no use.
var ErrRefused = errors.New("refused for good")

// LaterError says that the receiver asks for some time.
type LaterError struct {
	Wait  time.Duration
	Cause error
}

// Error returns what the receiver said.
func (e *LaterError) Error() string { return e.Cause.Error() }

// Unwrap returns the cause.
func (e *LaterError) Unwrap() error { return e.Cause }

// Message is what is told of one change of an alarm.
type Message struct {
	Key      string // of this change on this channel: the same for each attempt
	Action   wire.AlarmAction
	Alarm    wire.Alarm
	Title    string // in the channel's language, as Text
	Text     string
	Language string
}

// Sender tells a message to one receiver.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Channel is one receiver.
type Channel struct {
	ID       string
	Language string // vi or en
	Sender   Sender
}

// Rule says what is told to whom. What is empty restricts nothing.
type Rule struct {
	Channels   []string
	Centres    []string
	Priorities []int
	Actions    []wire.AlarmAction
}

// meant tells whether a change is for the rule's channels. Members of another alarm are never told: that one was.
func (r Rule) meant(c alarm.Change) bool {
	action := c.Action
	if action == wire.AlarmRelease { // until now nobody was told of it
		action = wire.AlarmRaise
	}
	return c.Alarm.Parent == "" && slices.Contains(r.Actions, action) &&
		(len(r.Centres) == 0 || slices.Contains(r.Centres, c.Alarm.Centre)) &&
		(len(r.Priorities) == 0 || slices.Contains(r.Priorities, c.Alarm.Priority))
}

// Rules are who is told what.
type Rules struct {
	Channels []Channel
	Rules    []Rule
}

// For tells whether a channel is told of a change: once, however many rules say so.
func (r Rules) For(channel string, c alarm.Change) bool {
	return slices.ContainsFunc(r.Rules, func(rule Rule) bool { return slices.Contains(rule.Channels, channel) && rule.meant(c) })
}

// message says what has changed.
func message(c alarm.Change, channel Channel) Message {
	a := c.Alarm.Alarm
	m := Message{Key: fmt.Sprintf("%s/%d", channel.ID, c.Offset), Action: c.Action, Alarm: a, Language: channel.Language}
	verb := words()[c.Action]
	m.Title = fmt.Sprintf("[Mức %d] %s: %s", a.Priority, verb.VI, a.Title.VI)
	m.Text = fmt.Sprintf("%s\nBắt đầu lúc %s.", m.Title, say.Moment(a.RaisedAt, say.Vietnamese))
	count := "\nGồm %d báo động có cùng nguyên nhân."
	if channel.Language == say.English {
		m.Title = fmt.Sprintf("[Priority %d] %s: %s", a.Priority, verb.EN, a.Title.EN)
		m.Text = fmt.Sprintf("%s\nSince %s.", m.Title, say.Moment(a.RaisedAt, say.English))
		count = "\n%d alarms have this one cause."
	}
	if a.Members > 1 {
		m.Text += fmt.Sprintf(count, a.Members)
	}
	switch {
	case a.By != "" && a.Why != "":
		m.Text += fmt.Sprintf("\n%s: %s", a.By, a.Why)
	case a.By != "":
		m.Text += "\n" + a.By
	}
	return m
}

// words say what happened.
func words() map[wire.AlarmAction]schemas.Text {
	return map[wire.AlarmAction]schemas.Text{
		wire.AlarmRaise:       {VI: "Báo động", EN: "Alarm"},
		wire.AlarmRelease:     {VI: "Báo động", EN: "Alarm"},
		wire.AlarmEscalate:    {VI: "Nghiêm trọng hơn", EN: "More urgent"},
		wire.AlarmEase:        {VI: "Bớt nghiêm trọng", EN: "Less urgent"},
		wire.AlarmAcknowledge: {VI: "Đã xác nhận", EN: "Acknowledged"},
		wire.AlarmAssign:      {VI: "Đã giao việc", EN: "Assigned"},
		wire.AlarmShelve:      {VI: "Tạm ẩn", EN: "Shelved"},
		wire.AlarmUnshelve:    {VI: "Báo trở lại", EN: "Back from the shelf"},
		wire.AlarmClear:       {VI: "Đã hết nguyên nhân", EN: "Cleared"},
		wire.AlarmClose:       {VI: "Đã đóng", EN: "Closed"},
		wire.AlarmComment:     {VI: "Ghi chú", EN: "Comment"},
	}
}
