package main

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/alarm"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// watch is an evaluator of alarms on a rig's database, with a clock that the test turns.
type watch struct {
	*rig
	desk *alarm.Desk
	kpis *kpi.Catalogue
	mu   sync.Mutex
	now  time.Time
	live []wire.AlarmFrame
}

func (r *rig) watch(now time.Time, kpis ...kpi.KPI) *watch {
	r.t.Helper()
	w := &watch{rig: r, now: now, kpis: &kpi.Catalogue{KPIs: kpis}}
	runner, err := alarm.NewRunner(alarm.Options{
		Log: r.store, Sight: r.store, Shelf: r.store, Registry: r.registry, Catalogue: func() *kpi.Catalogue { return w.kpis }, Live: w, Now: w.clock, DevicesEvery: time.Nanosecond,
	})
	r.must(err)
	w.desk = &alarm.Desk{Shelf: r.store, Past: r.store, Runner: runner, Registry: r.registry, Now: w.clock}
	return w
}

func (w *watch) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *watch) ResetAlarms(_ string, _ uint64, _ []wire.Alarm, newest []wire.AlarmFrame) {
	w.live = append(w.live, newest...)
}

func (w *watch) PublishAlarms(_ uint64, changes []wire.AlarmFrame) {
	w.live = append(w.live, changes...)
}

// pass lets time pass, and looks what is wrong then. values are those of KPIs at dong-xoai.
func (w *watch) pass(span time.Duration, values ...float64) {
	w.t.Helper()
	w.mu.Lock()
	w.now = w.now.Add(span)
	now := w.now
	w.mu.Unlock()
	u := query.Update{At: now}
	var err error
	u.Feeds, err = w.store.Feeds(w.t.Context(), now)
	w.must(err)
	for i, v := range values {
		u.Values = append(u.Values, wire.Value{KPI: w.kpis.KPIs[i].ID, Centre: "dong-xoai", Value: &v, State: wire.StateOK})
	}
	w.must(w.desk.Runner.Evaluate(w.t.Context(), u))
}

func (w *watch) list(r alarm.Request) wire.AlarmList {
	w.t.Helper()
	out, err := w.desk.List(w.t.Context(), query.Everything(), r)
	w.must(err)
	return out
}

// only is the one alarm that there is.
func (w *watch) only() wire.Alarm {
	w.t.Helper()
	out := w.list(alarm.Request{})
	if len(out.Items) != 1 {
		w.t.Fatalf("%d alarms: %+v", len(out.Items), out.Items)
	}
	return out.Items[0]
}

func (w *watch) act(id string, action wire.AlarmAction, o wire.AlarmOrder) wire.Alarm {
	w.t.Helper()
	out, err := w.desk.Act(w.t.Context(), query.Everything(), id, action, o, "lan")
	w.must(err)
	return out
}

// indicators are KPIs that are bad above 10, at once.
func indicators(n, priority int) []kpi.KPI {
	var out []kpi.KPI
	for i := range n {
		out = append(out, kpi.KPI{
			ID: fmt.Sprintf("test.k%02d", i), Name: schemas.Text{VI: "Thử", EN: "Test"}, Better: "down", Formula: kpi.Formula{Kind: kpi.KindStanding, Of: "call"},
			Alarm: &kpi.Bound{Enter: 10, Leave: 8, Alert: kpi.Alert{Priority: priority, ClearDelay: time.Minute}},
		})
	}
	return out
}

func camera(now time.Time, source, id string, arrived time.Duration, status string) schemas.Message {
	m := sent(now, source, id, arrived, arrived)
	m.Payload = bytes.ReplaceAll(bytes.ReplaceAll(m.Payload, []byte("sensor.v1"), []byte("camera.v1")), []byte("online"), []byte(status))
	m.Topic = "ioc/dong-xoai/camera/x"
	return m
}

func TestADeadGatewayIsOneAlarm(t *testing.T) {
	r, now := newRig(t), feedNow()
	r.registry.Gateways = []schemas.Gateway{{Source: "/dong-xoai/sensor/gw-01", Behind: []string{"/dong-xoai/camera/a*"}}}
	messages := []schemas.Message{sent(now, "/dong-xoai/sensor/gw-01", "1", 5*time.Minute, 5*time.Minute), sent(now, "/dong-xoai/sensor/other", "1", 0, 0)}
	for i := range 200 {
		messages = append(messages, camera(now, fmt.Sprintf("/dong-xoai/camera/a-%03d", i), "1", 5*time.Minute, "online"))
	}
	messages = append(messages, camera(now, "/dong-xoai/camera/b", "1", 0, "online"))
	r.write(messages)
	w := r.watch(now)
	w.pass(0)
	w.pass(time.Minute)
	a := w.only()
	if a.Kind != wire.AlarmSensor || a.Source != "/dong-xoai/sensor/gw-01" || a.Members != 200 || a.State != wire.AlarmRaised || a.Priority != 2 {
		t.Fatalf("%+v", a)
	}
	if len(w.live) != 1 || w.live[0].Alarm.ID != a.ID || w.live[0].Alarm.Members != 200 {
		t.Errorf("%d frames went out", len(w.live))
	}
	seen := map[string]bool{}
	page := alarm.Request{Limit: 150}
	for {
		out, err := w.desk.Get(t.Context(), query.Only("dong-xoai"), a.ID, page)
		r.must(err)
		for _, m := range out.Members {
			seen[m.Source] = true
			if m.Parent != a.ID || m.Kind != wire.AlarmCamera {
				t.Fatalf("a member is %+v", m)
			}
		}
		if out.Next == "" {
			break
		}
		page.After, err = alarm.ParseCursor(out.Next)
		r.must(err)
	}
	if len(seen) != 200 {
		t.Errorf("%d members are listed", len(seen))
	}
	if _, err := w.desk.Get(t.Context(), query.Only("binh-long"), a.ID, page); !errors.Is(err, query.ErrNotFound) {
		t.Errorf("another centre sees it: %v", err)
	}
	// All are back, and one says that it is offline.
	for range 4 {
		now, id := w.now.Add(50*time.Second), fmt.Sprint(w.now.Unix())
		messages = []schemas.Message{
			sent(now, "/dong-xoai/sensor/gw-01", id, 0, 0), sent(now, "/dong-xoai/sensor/other", id, 0, 0), camera(now, "/dong-xoai/camera/b", id, 0, "online"),
		}
		for i := range 200 {
			status := map[bool]string{true: "offline", false: "online"}[i == 7]
			messages = append(messages, camera(now, fmt.Sprintf("/dong-xoai/camera/a-%03d", i), id, 0, status))
		}
		r.write(messages)
		r.must(r.roller(&kpi.Catalogue{}).Once(t.Context(), false))
		w.pass(50 * time.Second)
	}
	w.pass(time.Second)
	out := w.list(alarm.Request{})
	if len(out.Items) != 2 || out.Counts != (wire.AlarmCounts{Raised: 1, Cleared: 1}) {
		t.Fatalf("%+v", out)
	}
	i := slices.IndexFunc(out.Items, func(a wire.Alarm) bool { return a.State == wire.AlarmRaised })
	if left := out.Items[i]; left.Source != "/dong-xoai/camera/a-007" || !strings.Contains(left.Title.VI, "báo mất kết nối") {
		t.Errorf("what is left is %+v", left)
	}
}

func TestASilentCentreIsOneAlarm(t *testing.T) {
	r, now := newRig(t), feedNow()
	r.write([]schemas.Message{
		sent(now, sensorFeed+"a", "1", 5*time.Minute, 5*time.Minute), camera(now, "/dong-xoai/camera/a", "1", 5*time.Minute, "online"),
		sent(now, "/binh-long/sensor/a", "1", 0, 0),
	})
	w := r.watch(now)
	w.pass(0)
	w.pass(time.Minute)
	if a := w.only(); a.Cause != "centre/dong-xoai" || a.Members != 4 || a.Priority != 1 {
		t.Errorf("%+v", a)
	}
}

func TestAFloodIsHeldBack(t *testing.T) {
	r := newRig(t)
	w := r.watch(feedNow(), indicators(15, 3)...)
	bad := slices.Repeat([]float64{11}, 15)
	w.pass(0, bad...)
	out := w.list(alarm.Request{})
	if !out.Flood.Active || out.Flood.Held != 5 || len(out.Items) != 11 || out.Counts.Raised != 11 {
		t.Fatalf("%d are listed, flood %+v, counts %+v", len(out.Items), out.Flood, out.Counts)
	}
	// One of those that are held back goes, and comes again.
	w.pass(time.Second, append(bad[:14:14], 1)...)
	w.pass(time.Minute, append(bad[:14:14], 1)...)
	w.pass(time.Second, bad...)
	again := r.watch(w.now, indicators(15, 3)...) // after a restart
	again.pass(time.Second, bad...)
	again.pass(11*time.Minute, bad...)
	again.pass(time.Second, bad...)
	if out := again.list(alarm.Request{}); out.Flood.Active || out.Counts.Raised != 15 || out.Counts.Cleared != 1 {
		t.Errorf("after the flood: %+v, %+v", out.Flood, out.Counts)
	}
	s, err := again.desk.Statistics(t.Context(), query.Everything(), "", w.now.Add(-time.Hour), again.now.Add(time.Hour))
	r.must(err)
	if s.Raised != 16 || s.Peak != 16 || s.Standing != 15 || s.Stale != 0 || s.FloodShare == 0 || s.Priorities[2].Raised != 16 || len(s.Worst) != 10 {
		t.Errorf("%+v", s)
	}
	// Nobody has seen any alarm of the cause that raised the most.
	if most, next := s.Worst[0], s.Worst[1]; most.Cause != "kpi/test.k14/dong-xoai" || most.Raised != 2 || most.Held != 2 || next.Raised != 1 || next.Held != 0 {
		t.Errorf("the worst are %+v and %+v", most, next)
	}
}

func TestAlarmsOutliveTheirProcess(t *testing.T) {
	r, start := newRig(t), feedNow()
	one := indicators(1, 1)
	one[0].Alarm.Alert.Delay = time.Minute
	w := r.watch(start, one...)
	w.pass(0, 11)
	w = r.watch(w.now, one...) // it waits on
	w.pass(59*time.Second, 11)
	if n := len(w.list(alarm.Request{}).Items); n != 0 {
		t.Fatalf("%d alarms before their time", n)
	}
	w.pass(time.Second, 11)
	a := w.only()
	until := w.now.Add(time.Hour)
	w.act(a.ID, wire.AlarmAssign, wire.AlarmOrder{To: "hoa"})
	w.act(a.ID, wire.AlarmShelve, wire.AlarmOrder{Why: "thay tổng đài", Until: &until})

	w = r.watch(w.now, one...)
	w.pass(59*time.Minute+59*time.Second, 11)
	if a := w.only(); a.State != wire.AlarmShelved || a.AssignedTo != "hoa" || a.By != "lan" || a.Why != "thay tổng đài" || !a.ShelvedUntil.Equal(until.Truncate(time.Millisecond)) {
		t.Errorf("%+v", a)
	}
	w = r.watch(w.now, one...)
	w.pass(time.Second, 9) // between its bounds: it is still an alarm
	if a := w.only(); a.State != wire.AlarmRaised || a.ShelvedUntil != nil {
		t.Errorf("%+v", a)
	}
	w.act(a.ID, wire.AlarmAcknowledge, wire.AlarmOrder{})
	w.pass(time.Second, 7)
	w = r.watch(w.now, one...)
	w.pass(time.Minute, 7)
	if a := w.only(); a.State != wire.AlarmCleared || a.ClearedAt == nil {
		t.Errorf("%+v", a)
	}
	w.pass(10*time.Minute, 7)
	if out := w.list(alarm.Request{}); len(out.Items) != 0 {
		t.Errorf("%+v", out.Items)
	}
	w.act(a.ID, wire.AlarmComment, wire.AlarmOrder{Why: "đã thay xong"}) // it is closed
	detail, err := w.desk.Get(t.Context(), query.Only("dong-xoai"), a.ID, alarm.Request{})
	r.must(err)
	var life []string
	for _, c := range detail.History {
		life = append(life, strings.TrimSpace(string(c.Action)+" "+c.By))
	}
	if got := strings.Join(life, ", "); got != "raise, assign lan, shelve lan, unshelve, acknowledge lan, clear, close, comment lan" || detail.Alarm.State != wire.AlarmClosed {
		t.Errorf("its life was %s", got)
	}
	if out := w.list(alarm.Request{States: []wire.AlarmState{wire.AlarmClosed}, Priority: 1, Kind: wire.AlarmKPI, Centre: "dong-xoai", From: a.RaisedAt, To: a.RaisedAt.Add(time.Millisecond)}); len(out.Items) != 1 {
		t.Errorf("%+v", out)
	}
	if out := w.list(alarm.Request{States: []wire.AlarmState{wire.AlarmClosed, wire.AlarmRaised}, Cause: a.Cause}); len(out.Items) != 1 {
		t.Errorf("of its cause: %+v", out)
	}
	for name, q := range map[string]alarm.Request{
		"another cause":    {Cause: a.Cause + "'"},
		"another priority": {Priority: 2}, "another kind": {Kind: wire.AlarmFeed}, "another centre": {Centre: "binh-long"}, "later": {From: a.RaisedAt.Add(time.Millisecond)}, "earlier": {To: a.RaisedAt},
	} {
		q.States = []wire.AlarmState{wire.AlarmClosed}
		if out := w.list(q); len(out.Items) != 0 {
			t.Errorf("%s: %+v", name, out.Items)
		}
	}
}

func TestAlarmsOfOtherCentresAreNeitherSeenNorChanged(t *testing.T) {
	r := newRig(t)
	w := r.watch(feedNow(), indicators(1, 1)...)
	w.pass(0, 11)
	a, other := w.only(), query.Only("binh-long")
	if out, err := w.desk.List(t.Context(), other, alarm.Request{}); err != nil || len(out.Items) != 0 || out.Counts != (wire.AlarmCounts{}) {
		t.Errorf("%+v, %v", out, err)
	}
	if out, err := w.desk.List(t.Context(), query.Scope{}, alarm.Request{}); err != nil || len(out.Items) != 0 || out.Counts != (wire.AlarmCounts{}) {
		t.Errorf("nobody sees %+v, %v", out, err)
	}
	if _, err := w.desk.List(t.Context(), other, alarm.Request{Centre: "dong-xoai"}); !errors.Is(err, query.ErrNotFound) {
		t.Error(err)
	}
	for _, action := range []wire.AlarmAction{wire.AlarmAcknowledge, wire.AlarmAssign, wire.AlarmClose} {
		if _, err := w.desk.Act(t.Context(), other, a.ID, action, wire.AlarmOrder{}, "lan"); !errors.Is(err, query.ErrNotFound) {
			t.Errorf("%s: %v", action, err)
		}
	}
	if s, err := w.desk.Statistics(t.Context(), other, "", w.now.Add(-time.Hour), w.now.Add(time.Hour)); err != nil || s.Raised != 0 || s.Standing != 0 {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := w.desk.Statistics(t.Context(), other, "dong-xoai", w.now.Add(-time.Hour), w.now); !errors.Is(err, query.ErrNotFound) {
		t.Error(err)
	}
	if b := w.only(); b.State != wire.AlarmRaised {
		t.Errorf("it was changed: %+v", b)
	}
}

// TestTwoEvaluatorsDoNotDouble runs two side by side, and a third process in which a person acts.
func TestTwoEvaluatorsDoNotDouble(t *testing.T) {
	r, now := newRig(t), feedNow()
	const kpis, rounds = 6, 9
	watches := []*watch{r.watch(now, indicators(kpis, 2)...), r.watch(now, indicators(kpis, 2)...)}
	third := r.watch(now)
	for round := range rounds {
		value := map[bool]float64{true: 11, false: 1}[round%3 == 0]
		var both sync.WaitGroup
		for _, w := range watches {
			both.Go(func() { w.pass(2*time.Minute, slices.Repeat([]float64{value}, kpis)...) })
		}
		both.Go(func() {
			for _, a := range third.list(alarm.Request{States: []wire.AlarmState{wire.AlarmCleared}}).Items {
				if _, err := third.desk.Act(t.Context(), query.Everything(), a.ID, wire.AlarmComment, wire.AlarmOrder{Why: "x"}, "lan"); err != nil {
					t.Error(err)
				}
			}
		})
		both.Wait()
	}
	for _, w := range append(watches, third) {
		r.must(w.desk.Runner.Follow(t.Context()))
	}
	if got := r.text("SELECT toString(count() - uniqExact(offset)) || ' ' || toString(max(offset) = count()) FROM alarm_change"); got != "0 1" {
		t.Errorf("numbers that are there twice, and whether there is none left out: %s", got)
	}
	if got := r.text("SELECT toString(uniqExact(id)) || ' ' || toString(countIf(action = 'raise')) FROM alarm_change WHERE kind != 'flood'"); got != fmt.Sprintf("%d %d", kpis, kpis*rounds/3) {
		t.Errorf("alarms and raises: %s", got)
	}
	want := r.text("SELECT toString(count()) FROM alarm_change")
	for i, w := range append(watches, third) {
		if got := fmt.Sprint(len(w.live)); got != want {
			t.Errorf("process %d was told of %s changes of %s", i, got, want)
		}
		for j, f := range w.live {
			if f.Offset != uint64(j+1) {
				t.Fatalf("process %d: frame %d has the number %d", i, j, f.Offset)
			}
		}
	}
}

// alarmWall is a reader of the live channel.
type alarmWall struct {
	t    *testing.T
	conn *websocket.Conn
	at   wire.AlarmPlace
}

func (s *served) alarmWall(t *testing.T, at wire.AlarmPlace) *alarmWall {
	t.Helper()
	conn, resp, err := websocket.DefaultDialer.Dial("ws://"+s.host+"/api/v1/live", http.Header{"Authorization": {"Bearer " + apiToken}})
	s.must(err)
	resp.Body.Close()
	t.Cleanup(func() { conn.Close() })
	s.must(conn.WriteJSON(wire.Subscribe{Type: wire.TypeSubscribe, Centres: []string{"dong-xoai"}, Alarms: &at}))
	return &alarmWall{t, conn, at}
}

// next waits for the next frame of alarms.
func (w *alarmWall) next() (kind string, list []wire.Alarm) {
	w.t.Helper()
	for {
		var f struct {
			Type   string
			Epoch  string
			Offset uint64
			Alarm  wire.Alarm
			Alarms []wire.Alarm
		}
		if err := w.conn.ReadJSON(&f); err != nil {
			w.t.Fatal(err)
		}
		switch f.Type {
		case wire.TypeAlarms:
			w.at = wire.AlarmPlace{Epoch: f.Epoch, Offset: f.Offset}
			return f.Type, f.Alarms
		case wire.TypeAlarm:
			if f.Epoch != w.at.Epoch || f.Offset <= w.at.Offset {
				w.t.Errorf("frame %s/%d after %+v", f.Epoch, f.Offset, w.at)
			}
			w.at.Offset = f.Offset
			return f.Type, []wire.Alarm{f.Alarm}
		}
	}
}

// until reads frames of single alarms until one stands so.
func (w *alarmWall) until(state wire.AlarmState) wire.Alarm {
	w.t.Helper()
	for {
		kind, list := w.next()
		if kind != wire.TypeAlarm {
			w.t.Fatalf("the whole list came: %+v", list)
		}
		if list[0].State == state {
			return list[0]
		}
	}
}

func phoned(id, status string, now time.Time) schemas.Message {
	m := sent(now, "/dong-xoai/service/1022", id+status, 0, 0)
	m.Payload = fmt.Appendf(nil, `{"specversion":"1.0","id":%q,"source":"/dong-xoai/service/1022","type":"vn.binhphuoc.ioc.call.v1","time":%q,"data":{"call_id":%q,"status":%q,"queued_at":%q}}`,
		id+status, now.Format(time.RFC3339Nano), id, status, now.Add(-time.Minute).Format(time.RFC3339Nano))
	m.Topic = "ioc/dong-xoai/service/x"
	return m
}

// TestTheLifeOfAnAlarm goes the whole way from events to the live channel, with restarts of the platform between its steps.
func TestTheLifeOfAnAlarm(t *testing.T) {
	r, dir := newRig(t), t.TempDir()
	file, err := os.ReadFile("../../schemas/kpi/catalogue/hotline.waiting.yaml")
	r.must(err)
	text := string(file)
	for _, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "alarm:"):
			text = strings.Replace(text, line, "alarm: { enter: 2, leave: 1, priority: 1 }", 1)
		case strings.HasPrefix(line, "warning:"), strings.HasPrefix(line, "change:"):
			text = strings.Replace(text, line+"\n", "", 1)
		}
	}
	r.must(os.WriteFile(filepath.Join(dir, "hotline.waiting.yaml"), []byte(text), 0o600))

	s := r.serve(slog.DiscardHandler, "--api-token", apiToken, "--kpi-dir", dir)
	w := s.alarmWall(t, wire.AlarmPlace{})
	if kind, list := w.next(); kind != wire.TypeAlarms || len(list) != 0 {
		t.Fatalf("%s %+v", kind, list)
	}
	r.write([]schemas.Message{phoned("a", "waiting", time.Now()), phoned("b", "waiting", time.Now())})
	a := w.until(wire.AlarmRaised)
	if a.KPI != "hotline.waiting" || *a.Value != 2 || *a.Bound != 2 || a.Priority != 1 || a.Centre != "dong-xoai" {
		t.Errorf("%+v", a)
	}
	place := w.at
	s.stop()

	// The process is another one. Nobody has done anything, and who was there misses nothing.
	s = r.serve(slog.DiscardHandler, "--api-token", apiToken, "--kpi-dir", dir)
	path := "/api/v1/alarms/" + a.ID
	var after wire.Alarm
	const lan = `{"token":"` + apiToken + `","name":"Trần Thị Lan"}`
	s.call(200, "POST", "/api/v1/session", lan, nil)
	s.call(200, "POST", path+"/acknowledge", `{"why":"đang gọi thêm người"}`, &after)
	if after.State != wire.AlarmAcknowledged || after.By != "Trần Thị Lan (127.0.0.1)" {
		t.Errorf("%+v", after)
	}
	s.call(409, "POST", path+"/acknowledge", `{}`, nil)
	s.call(409, "POST", path+"/close", `{}`, nil)
	s.call(200, "POST", path+"/assign", `{"why":"","to":"hoa"}`, nil)
	w = s.alarmWall(t, place)
	if got := w.until(wire.AlarmAcknowledged); got.ID != a.ID || got.Why != "đang gọi thêm người" {
		t.Errorf("%+v", got)
	}
	if _, list := w.next(); list[0].AssignedTo != "hoa" {
		t.Errorf("%+v", list)
	}
	place = w.at
	s.stop()

	s = r.serve(slog.DiscardHandler, "--api-token", apiToken, "--kpi-dir", dir)
	w = s.alarmWall(t, place)
	r.write([]schemas.Message{phoned("a", "answered", time.Now()), phoned("b", "answered", time.Now())})
	if got := w.until(wire.AlarmCleared); got.ID != a.ID || got.AssignedTo != "hoa" {
		t.Errorf("%+v", got)
	}
	s.call(200, "POST", "/api/v1/session", lan, nil)
	s.call(200, "POST", path+"/close", `{"why":"xong"}`, &after)
	w.until(wire.AlarmClosed)
	var detail wire.AlarmDetail
	s.call(200, "GET", path, "", &detail)
	var life []string
	for _, c := range detail.History {
		life = append(life, strings.TrimSpace(string(c.Action)+" "+c.By))
	}
	const by = " Trần Thị Lan (127.0.0.1)"
	if got := strings.Join(life, ", "); got != "raise, acknowledge"+by+", assign"+by+", clear, close"+by || after.State != wire.AlarmClosed {
		t.Errorf("its life was %s", got)
	}
	var list wire.AlarmList
	s.call(200, "GET", "/api/v1/alarms?centre=dong-xoai&kind=kpi&state=closed", "", &list)
	if len(list.Items) != 1 || list.Items[0].ID != a.ID {
		t.Errorf("%+v", list)
	}
	// Who was there before all of this gets it in order, from the third process.
	w = s.alarmWall(t, wire.AlarmPlace{Epoch: place.Epoch, Offset: place.Offset})
	w.until(wire.AlarmCleared)
	w.until(wire.AlarmClosed)
	var stat wire.AlarmStatistics
	s.call(200, "GET", "/api/v1/alarms/statistics?centre=dong-xoai", "", &stat)
	if stat.Raised != 1 || stat.Operators != 1 || stat.Standing != 0 || stat.Worst[0].Cause != "kpi/hotline.waiting/dong-xoai" {
		t.Errorf("%+v", stat)
	}
}

func TestAlarmsArePrinted(t *testing.T) {
	r := newRig(t)
	w := r.watch(time.Now().UTC(), indicators(2, 2)...)
	w.pass(0, 11, 11)
	ids := []string{}
	for _, a := range w.list(alarm.Request{}).Items {
		ids = append(ids, a.ID)
	}
	says := func(code int, want string, args ...string) {
		t.Helper()
		if out := r.ioc(code, append([]string{"alarms"}, args...)...); !strings.Contains(out, want) {
			t.Errorf("ioc alarms %v has no %q:\n%s", args, want, out)
		}
	}
	says(0, "2 đang báo, 0 đã xác nhận", "list")
	says(0, "Dong Xoai: Test 11", "list", "--language", "en", "--priority", "2", "--kind", "kpi", "--centre", "dong-xoai", "--since", "1h")
	says(0, `"counts":{"raised":2,`, "list", "--json")
	says(0, "đã xác nhận", "acknowledge", ids[0], "--why", "đang xem")
	says(1, "đang ở trạng thái", "acknowledge", ids[0])
	says(0, "tạm ẩn", "shelve", ids[0], ids[1], "--for", "2h", "--why", "thay thiết bị")
	says(1, "Hãy ghi lý do", "shelve", ids[0], "--for", "2h")
	says(1, "--for", "shelve", ids[0])
	says(1, "It can't be closed", "close", ids[0], "--language", "en")
	says(0, "thay thiết bị", "show", ids[0])
	says(0, "ioc alarms, ", "show", ids[0], "--json")
	says(0, "đang báo", "unshelve", ids[0], "--operator", "Nguye\u0302\u0303n Văn A")
	says(0, `"action":"unshelve","state":"raised","by":"Nguyễn Văn A (ioc alarms, `, "show", ids[0], "--json")
	says(1, "The name has more than 60 characters", "comment", ids[0], "--why", "x", "--language", "en", "--operator", strings.Repeat("a", 61))
	says(0, "đang báo", "assign", ids[0], "--to", "Chị Hạnh")
	says(0, "Chị Hạnh", "list")
	says(0, "đang báo", "assign", ids[0], "--to", "")
	says(1, "Hãy ghi lý do", "comment", ids[0])
	says(0, "đang báo", "comment", ids[0], "--why", "đã gọi trạm")
	says(0, "đã gọi trạm", "show", ids[0])
	says(1, "không có báo động", "show", "0f1e2d3c4b5a69788796a5b4")
	says(1, "state must be", "list", "--state", "lost", "--language", "en")
	says(1, "say what to do", "open")
	says(1, "say which", "close")
	says(1, "say which", "show")
	says(1, "--limit", "list", "--limit", "0")
	says(0, "mỗi người mỗi giờ", "statistics")
	says(0, "presented  held  share", "statistics", "--language", "en")
	says(0, `"raised":2,"operators":1`, "statistics", "--json")
	w.must(w.desk.Runner.Follow(t.Context()))
	if a, _ := w.desk.Get(t.Context(), query.Everything(), ids[1], alarm.Request{}); a.Alarm.State != wire.AlarmShelved {
		t.Errorf("%+v", a.Alarm)
	}
}
