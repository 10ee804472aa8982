package dashboardapi

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/alarm"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// alarmID is the id of the only alarm.
const alarmID = "0f1e2d3c4b5a69788796a5b4"

func testAlarm() wire.Alarm {
	value, bound, at := 12.0, 10.0, now()
	return wire.Alarm{
		ID: alarmID, Kind: wire.AlarmKPI, Cause: "kpi/hotline.waiting/dong-xoai", Centre: "dong-xoai", Domain: "hotline", Priority: 1, State: wire.AlarmShelved,
		Title: schemas.Text{VI: "Đồng Xoài: đang chờ 12", EN: "Dong Xoai: waiting 12"}, KPI: "hotline.waiting", Source: "/a", Value: &value, Bound: &bound, Unit: "cuộc",
		RaisedAt: at, AcknowledgedAt: &at, ClearedAt: &at, ClosedAt: &at, ChangedAt: at, ShelvedUntil: &at, AssignedTo: "hoa", By: "lan", Why: "thử", Members: 2, Parent: "x",
	}
}

// alarmAnswers are fake Alarms. An order is taken by its reason, and answered with who gave it.
type alarmAnswers struct{ *answers }

func (a alarmAnswers) List(ctx context.Context, _ query.Scope, r alarm.Request) (wire.AlarmList, error) {
	at := now()
	out := wire.AlarmList{Items: []wire.Alarm{testAlarm()}, Next: alarm.Cursor{At: at, ID: alarmID}.String(), Flood: wire.AlarmFlooding{Active: true, Since: &at, Held: 3}}
	switch {
	case r.Centre == "nowhere":
		return out, query.ErrNotFound
	case len(r.States) == 1 && r.States[0] == "lost":
		return out, query.Refuse(query.ErrBadRequest, "state sai", "state is wrong")
	case len(r.States) == 2 && r.Priority == 1 && r.Kind == wire.AlarmKPI && r.From.Before(r.To) && r.After.ID == alarmID && r.Limit == 7:
		out.Next = "all filters"
	case r.Cause == "feed/dong-xoai/camera":
		out.Next = "one cause"
	}
	return out, a.answer(ctx)
}

func (a alarmAnswers) Get(ctx context.Context, _ query.Scope, id string, r alarm.Request) (wire.AlarmDetail, error) {
	if id != alarmID {
		return wire.AlarmDetail{}, query.ErrNotFound
	}
	return wire.AlarmDetail{
		Alarm: testAlarm(), Members: []wire.Alarm{testAlarm()}[:min(1, r.Limit)], Next: "x",
		History: []wire.AlarmChange{{At: now(), Action: wire.AlarmRaise, State: wire.AlarmRaised}, {At: now(), Action: wire.AlarmComment, State: wire.AlarmRaised, By: "lan", Why: "thử"}},
	}, a.answer(ctx)
}

func (a alarmAnswers) Act(ctx context.Context, _ query.Scope, id string, action wire.AlarmAction, o wire.AlarmOrder, by string) (wire.Alarm, error) {
	out := testAlarm()
	out.By, out.Why = by, string(action)+" "+o.Why+o.To
	switch {
	case id != alarmID:
		return out, query.ErrNotFound
	case o.Why == "again":
		return out, query.Refuse(query.ErrConflict, "đã xác nhận", "it is acknowledged")
	}
	return out, a.answer(ctx)
}

func (a alarmAnswers) statistics(ctx context.Context, _ query.Scope, centre string, from, to time.Time) (wire.AlarmStatistics, error) {
	if centre == "nowhere" {
		return wire.AlarmStatistics{}, query.ErrNotFound
	}
	at := now()
	return wire.AlarmStatistics{
		From: from, To: to, Raised: 2, Operators: 1, PerOperatorHour: 0.5, Peak: 2, PeakAt: &at, FloodShare: 0.1, Standing: 1, Stale: 1,
		Worst:      []wire.AlarmOffender{{Cause: "feed/dong-xoai/camera", Centre: "dong-xoai", Raised: 2, Held: 1, Share: 1}},
		Priorities: []wire.AlarmByPriority{{Priority: 1, Raised: 2, Share: 1}},
	}, a.answer(ctx)
}

func TestOrdersAboutAlarms(t *testing.T) {
	r := start(t, nil)
	const json = "Content-Type: application/json"
	const path = "POST /api/v1/alarms/" + alarmID + "/"
	for _, tt := range []struct {
		line, body string
		status     int
		has        string
	}{
		{path + "acknowledge", `{"why":"đang xem"}`, 200, `"by":"127.0.0.1","why":"acknowledge đang xem"`},
		{path + "acknowledge", `{}`, 200, `"why":"acknowledge "`},
		{path + "assign", `{"why":"","to":"hoa"}`, 200, `"why":"assign hoa"`},
		{path + "shelve", `{"why":"thay thiết bị","until":"2026-10-06T00:00:00Z"}`, 200, `"why":"shelve thay thiết bị"`},
		{path + "acknowledge", `{"why":"again"}`, 409, "đã xác nhận"},
		{path + "acknowledge", `{"reason":"x"}`, 400, "JSON"},
		{path + "acknowledge", `{"why":"x"}{}`, 400, "JSON"},
		{path + "acknowledge", ``, 400, "JSON"},
		{path + "shelve", `{"why":"x","until":"soon"}`, 400, "JSON"},
		{path + "delete", `{}`, 404, ""},
		{"POST /api/v1/alarms/x/acknowledge", `{}`, 404, "báo động"},
	} {
		a := r.ask(t, tt.line, tt.body, json)
		if a.status != tt.status || !strings.Contains(a.body, tt.has) {
			t.Errorf("%s %s: %d %s, want %d with %s", tt.line, tt.body, a.status, a.body, tt.status, tt.has)
		}
	}
	if a := r.ask(t, path+"acknowledge", "{}", "Content-Type: text/plain"); a.status != http.StatusUnsupportedMediaType {
		t.Errorf("a form of another site is taken: %d", a.status)
	}
}

func TestAlarmsAskForASignIn(t *testing.T) {
	r := start(t, func(o *Options) { o.Token = token })
	for _, line := range []string{"GET /api/v1/alarms", "GET /api/v1/alarms/" + alarmID, "GET /api/v1/alarms/statistics", "POST /api/v1/alarms/" + alarmID + "/acknowledge"} {
		if a := r.ask(t, line, "{}", "Content-Type: application/json", "Authorization: Bearer another-token-of-24-characters"); a.status != http.StatusUnauthorized {
			t.Errorf("%s: %d without the token", line, a.status)
		}
		if a := r.ask(t, line, "{}", "Content-Type: application/json", "Authorization: Bearer "+token); a.status != http.StatusOK {
			t.Errorf("%s: %d with the token: %s", line, a.status, a.body)
		}
	}
}

func TestAlarmsGoOverTheLiveChannel(t *testing.T) {
	schema := liveContract(t)
	r := start(t, nil)
	shown := testAlarm()
	shown.Parent = ""
	r.o.Hub.ResetAlarms("e1", 5, []wire.Alarm{shown}, nil)
	c, resp, err := websocket.DefaultDialer.Dial("ws://"+r.Addr()+"/api/v1/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	defer c.Close()
	if err := c.WriteMessage(websocket.TextMessage, []byte(`{"type":"subscribe","alarms":{}}`)); err != nil {
		t.Fatal(err)
	}
	frame := func(want string) {
		t.Helper()
		var value map[string]any
		for value["type"] != want { // between them come values and heartbeats
			value = nil
			if err := c.ReadJSON(&value); err != nil {
				t.Fatal(err)
			}
		}
		if err := schema(want).Validate(value); err != nil {
			t.Errorf("%v: %v", value, err)
		}
	}
	frame(wire.TypeAlarms)
	r.o.Hub.PublishAlarms(6, []wire.AlarmFrame{{Offset: 6, Alarm: shown}})
	frame(wire.TypeAlarm)
}
