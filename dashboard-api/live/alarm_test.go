package live

import (
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/wire"
)

func alarmAt(offset uint64, id, centre string, state wire.AlarmState) wire.AlarmFrame {
	return wire.AlarmFrame{Offset: offset, Alarm: wire.Alarm{ID: id, Centre: centre, State: state}}
}

// alarmsOf reads frames of alarms, one line each, until there is none.
func alarmsOf(t *testing.T, c *Client) []string {
	t.Helper()
	var out []string
	for {
		f, err := c.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var m struct {
			Type   string
			Epoch  string
			Offset uint64
			Alarm  wire.Alarm
			Alarms []wire.Alarm
		}
		if err := json.Unmarshal(f.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		switch m.Type {
		case wire.TypeHello:
		case wire.TypeAlarm:
			out = append(out, fmt.Sprintf("%s/%d %s %s", m.Epoch, m.Offset, m.Alarm.ID, m.Alarm.State))
		case wire.TypeAlarms:
			line := fmt.Sprintf("%s/%d all", m.Epoch, m.Offset)
			for _, a := range m.Alarms {
				line += " " + a.ID
			}
			out = append(out, line)
		default:
			return out
		}
	}
}

func TestNoAlarmIsMissed(t *testing.T) {
	type place = wire.AlarmPlace
	tests := map[string]struct {
		scope query.Scope
		ask   wire.Subscribe
		want  []string
	}{
		"who knows nothing gets all":        {query.Everything(), wire.Subscribe{Alarms: &place{}}, []string{"e/7 all a c"}},
		"who knows something gets the rest": {query.Everything(), wire.Subscribe{Alarms: &place{Epoch: "e", Offset: 4}}, []string{"e/5 b closed", "e/7 c raised"}},
		"who knows all gets nothing":        {query.Everything(), wire.Subscribe{Alarms: &place{Epoch: "e", Offset: 7}}, nil},
		"who is of before the ring":         {query.Everything(), wire.Subscribe{Alarms: &place{Epoch: "e", Offset: 1}}, []string{"e/7 all a c"}},
		"who is of its beginning":           {query.Everything(), wire.Subscribe{Alarms: &place{Epoch: "e", Offset: 2}}, []string{"e/3 b raised", "e/5 b closed", "e/7 c raised"}},
		"who is of another epoch":           {query.Everything(), wire.Subscribe{Alarms: &place{Epoch: "d", Offset: 7}}, []string{"e/7 all a c"}},
		"who is of the future":              {query.Everything(), wire.Subscribe{Alarms: &place{Epoch: "e", Offset: 99}}, []string{"e/7 all a c"}},
		"who may see one centre":            {query.Only("dong-xoai"), wire.Subscribe{Alarms: &place{}}, []string{"e/7 all a"}},
		"and misses what is of it":          {query.Only("dong-xoai"), wire.Subscribe{Alarms: &place{Epoch: "e", Offset: 2}}, []string{"e/3 b raised", "e/5 b closed"}},
		"who wants one centre":              {query.Everything(), wire.Subscribe{Centres: []string{"binh-long"}, Alarms: &place{}}, []string{"e/7 all c"}},
		"who asks for none":                 {query.Everything(), wire.Subscribe{}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHub(t, Options{})
				run(t, h)
				h.ResetAlarms("e", 4, []wire.Alarm{{ID: "a", Centre: "dong-xoai"}, {ID: "b", Centre: "dong-xoai"}}, []wire.AlarmFrame{alarmAt(3, "b", "dong-xoai", wire.AlarmRaised)})
				h.PublishAlarms(5, []wire.AlarmFrame{alarmAt(5, "b", "dong-xoai", wire.AlarmClosed)})
				h.PublishAlarms(7, []wire.AlarmFrame{alarmAt(7, "c", "binh-long", wire.AlarmRaised)}) // 6 was a member's
				c := attach(t, h, tt.scope)
				subscribe(t, c, tt.ask)
				if d := cmp.Diff(tt.want, alarmsOf(t, c)); d != "" {
					t.Errorf("(-want +got):\n%s", d)
				}
			})
		})
	}
}

func TestAlarmsAreNeverMerged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHub(t, Options{})
		run(t, h)
		h.ResetAlarms("e", 0, nil, nil)
		c := attach(t, h, query.Everything())
		subscribe(t, c, wire.Subscribe{Alarms: &wire.AlarmPlace{}})
		if got := alarmsOf(t, c); len(got) != 1 {
			t.Fatalf("%v", got)
		}
		for i := range uint64(100) { // while the client does not read
			h.PublishAlarms(i+1, []wire.AlarmFrame{alarmAt(i+1, "a", "dong-xoai", wire.AlarmRaised)})
		}
		got := alarmsOf(t, c)
		if len(got) != 100 || got[0] != "e/1 a raised" || got[99] != "e/100 a raised" {
			t.Errorf("%d frames: %v", len(got), got)
		}
		for i := range uint64(maxRing + 1) {
			h.PublishAlarms(i+101, []wire.AlarmFrame{alarmAt(i+101, "a", "dong-xoai", wire.AlarmRaised)})
		}
		if got := alarmsOf(t, c); len(got) != 1 || got[0] != fmt.Sprintf("e/%d all a", maxRing+101) {
			t.Errorf("who is too far behind got %d frames: %.100v", len(got), got)
		}
		h.PublishAlarms(maxRing+102, []wire.AlarmFrame{{Offset: maxRing + 102, Alarm: wire.Alarm{ID: "a", Centre: "dong-xoai", Parent: "p"}}})
		alarmsOf(t, c)
		subscribe(t, c, wire.Subscribe{Alarms: &wire.AlarmPlace{}})
		if got := alarmsOf(t, c); len(got) != 1 || got[0] != fmt.Sprintf("e/%d all", maxRing+102) {
			t.Errorf("a member is in the list: %v", got)
		}
	})
}
