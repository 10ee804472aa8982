package alarm

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

func places() *schemas.Registry {
	return &schemas.Registry{
		Centres:  []schemas.Centre{{Code: "province", Short: schemas.Text{VI: "Tỉnh", EN: "Province"}}, {Code: "dong-xoai", Parent: "province", Short: schemas.Text{VI: "Đồng Xoài", EN: "Dong Xoai"}}},
		Domains:  []schemas.Domain{{Code: "service"}, {Code: "camera", Name: schemas.Text{VI: "Camera", EN: "Cameras"}}, {Code: "sensor"}},
		Gateways: []schemas.Gateway{{Source: "/dong-xoai/sensor/gw", Behind: []string{"/dong-xoai/camera/a*"}}},
	}
}

// device is one that is down when its name begins with x, and was not heard for so long.
func device(kind wire.AlarmKind, name string, silent time.Duration) Device {
	return Device{
		Kind: kind, Centre: "dong-xoai", Domain: string(kind), Source: "/dong-xoai/" + string(kind) + "/" + name, Silent: silent > 0, Heard: began().Add(-silent), Status: "online",
	}
}

func feeds(states ...wire.FeedState) []wire.Feed {
	var out []wire.Feed
	for i, domain := range []string{"service", "camera", "sensor"} {
		at := began()
		f := wire.Feed{Centre: "dong-xoai", Domain: domain, State: states[i], NewestArrival: &at}
		if states[i] == "" { // never seen
			f.State, f.NewestArrival = wire.FeedSilent, nil
		}
		out = append(out, f)
	}
	return out
}

func cameras(n, down int, name string) []Device {
	var out []Device
	for i := range n {
		d := device(wire.AlarmCamera, fmt.Sprintf("%s-%d", name, i), 0)
		if i < down {
			d = device(wire.AlarmCamera, fmt.Sprintf("%s-%d", name, i), 10*time.Minute)
		}
		out = append(out, d)
	}
	return out
}

// told are conditions as key@root, those of one root counted.
func told(list []Condition) string {
	n := map[string]int{}
	for _, c := range list {
		key := strings.TrimRight(c.Key, "0123456789")
		if c.Root != "" {
			key += "@" + c.Root
		}
		n[key]++
	}
	var out []string
	for key, count := range n {
		if count > 1 {
			key = fmt.Sprintf("%d × %s", count, key)
		}
		out = append(out, key)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func TestWhatExplainsWhat(t *testing.T) {
	const alive, silent = wire.FeedAlive, wire.FeedSilent
	offline := device(wire.AlarmCamera, "b", 0)
	offline.Status = "offline"
	gateway := device(wire.AlarmSensor, "gw", 10*time.Minute)
	kpis := &kpi.Catalogue{KPIs: []kpi.KPI{
		{ID: "camera.online_rate", Better: "up", Formula: kpi.Formula{Kind: kpi.KindUp, Of: "camera"}, Alarm: &kpi.Bound{Enter: 85, Leave: 88, Alert: kpi.Alert{Priority: 3}}},
		{ID: "feed.alive", Better: "up", Formula: kpi.Formula{Kind: kpi.KindFeed}, Alarm: &kpi.Bound{Enter: 75, Leave: 80, Alert: kpi.Alert{Priority: 2}}},
	}}
	low := 10.0
	rate := func(id string) []wire.Value {
		return []wire.Value{{KPI: id, Centre: "dong-xoai", Value: &low}, {KPI: id, Centre: "province", Value: &low}}
	}
	for name, tt := range map[string]struct {
		in   Inputs
		want string
	}{
		"all is well":                             {Inputs{Feeds: feeds(alive, alive, alive), Devices: cameras(20, 0, "b")}, ""},
		"a feed that never sent is not silent":    {Inputs{Feeds: feeds(alive, "", "")}, ""},
		"a silent feed":                           {Inputs{Feeds: feeds(alive, silent, wire.FeedLate)}, "feed/dong-xoai/camera"},
		"a silent centre is one":                  {Inputs{Feeds: feeds(silent, silent, silent)}, "centre/dong-xoai, feed/dong-xoai/camera@centre/dong-xoai, feed/dong-xoai/sensor@centre/dong-xoai, feed/dong-xoai/service@centre/dong-xoai"},
		"a centre with one feed is that feed":     {Inputs{Feeds: feeds("", silent, "")}, "feed/dong-xoai/camera"},
		"a camera that says so":                   {Inputs{Devices: []Device{offline}}, "camera/dong-xoai/camera/b"},
		"a camera that is late for some seconds":  {Inputs{Devices: []Device{device(wire.AlarmCamera, "b", 50*time.Second)}}, ""},
		"cameras of a silent feed":                {Inputs{Feeds: feeds(alive, silent, alive), Devices: cameras(3, 3, "b")}, "3 × camera/dong-xoai/camera/b-@feed/dong-xoai/camera, feed/dong-xoai/camera"},
		"cameras behind a dead gateway":           {Inputs{Devices: append(cameras(200, 200, "a"), gateway)}, "200 × camera/dong-xoai/camera/a-@sensor/dong-xoai/sensor/gw, sensor/dong-xoai/sensor/gw"},
		"others than those behind it":             {Inputs{Devices: append(cameras(2, 2, "b"), gateway)}, "2 × camera/dong-xoai/camera/b-, sensor/dong-xoai/sensor/gw"},
		"a gateway of a silent centre":            {Inputs{Feeds: feeds("", silent, silent), Devices: append(cameras(1, 1, "a"), gateway)}, "camera/dong-xoai/camera/a-@centre/dong-xoai, centre/dong-xoai, feed/dong-xoai/camera@centre/dong-xoai, feed/dong-xoai/sensor@centre/dong-xoai, sensor/dong-xoai/sensor/gw@centre/dong-xoai"},
		"a gateway whose feed is silent":          {Inputs{Feeds: feeds(alive, alive, silent), Devices: append(cameras(1, 1, "a"), gateway)}, "camera/dong-xoai/camera/a-@feed/dong-xoai/sensor, feed/dong-xoai/sensor, sensor/dong-xoai/sensor/gw@feed/dong-xoai/sensor"},
		"many at once, and nobody knows why":      {Inputs{Devices: cameras(20, 10, "b")}, "10 × camera/dong-xoai/camera/b-@many/dong-xoai/camera, many/dong-xoai/camera"},
		"fewer than half of them":                 {Inputs{Devices: cameras(40, 11, "b")}, "11 × camera/dong-xoai/camera/b-"},
		"few":                                     {Inputs{Devices: cameras(9, 9, "b")}, "9 × camera/dong-xoai/camera/b-"},
		"a KPI that counts what is down":          {Inputs{Devices: append(cameras(2, 2, "a"), gateway), Values: rate("camera.online_rate")}, "2 × camera/dong-xoai/camera/a-@sensor/dong-xoai/sensor/gw, kpi/camera.online_rate/dong-xoai@sensor/dong-xoai/sensor/gw, kpi/camera.online_rate/province@sensor/dong-xoai/sensor/gw, sensor/dong-xoai/sensor/gw"},
		"a KPI that counts feeds":                 {Inputs{Feeds: feeds(alive, silent, alive), Values: rate("feed.alive")}, "feed/dong-xoai/camera, kpi/feed.alive/dong-xoai@feed/dong-xoai/camera, kpi/feed.alive/province@feed/dong-xoai/camera"},
		"a KPI that is low for no failure's sake": {Inputs{Values: rate("camera.online_rate")[:1]}, "kpi/camera.online_rate/dong-xoai"},
		"a total that is bad because a part is":   {Inputs{Values: rate("camera.online_rate")}, "kpi/camera.online_rate/dong-xoai, kpi/camera.online_rate/province@kpi/camera.online_rate/dong-xoai"},
		"a total alone":                           {Inputs{Values: rate("camera.online_rate")[1:]}, "kpi/camera.online_rate/province"},
	} {
		tt.in.At = began()
		o := NewJudge(places()).Observe(kpis, tt.in)
		if got := told(o.Present); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, tt.want)
		}
	}
}

func TestAFailureOfManyEndsWithTheLastOfThem(t *testing.T) {
	j := NewJudge(places())
	for _, tt := range []struct {
		down int
		many bool
	}{{9, false}, {10, true}, {6, true}, {5, true}, {4, false}, {6, false}} {
		o := j.Observe(&kpi.Catalogue{}, Inputs{At: began(), Devices: cameras(20, tt.down, "b")})
		if got := strings.Contains(told(o.Present), "many/"); got != tt.many {
			t.Errorf("%d are down: many is %v", tt.down, got)
		}
	}
	b := NewBook() // of another process
	b.put(Alarm{Alarm: wire.Alarm{ID: "x", Cause: "many/dong-xoai/camera", Kind: wire.AlarmCamera, State: wire.AlarmRaised}})
	j = NewJudge(places())
	j.Resume(b, &kpi.Catalogue{})
	if o := j.Observe(&kpi.Catalogue{}, Inputs{At: began(), Devices: cameras(20, 6, "b")}); !strings.Contains(told(o.Present), "many/") {
		t.Error("it is forgotten")
	}
}

func TestValuesAreJudged(t *testing.T) {
	one := &kpi.Catalogue{KPIs: []kpi.KPI{{
		ID: "a.b", Name: schemas.Text{VI: "Chờ", EN: "Waiting"}, Better: "down", Unit: "%", Decimals: 1, Warning: &kpi.Bound{Enter: 5, Leave: 3},
		Alarm:  &kpi.Bound{Enter: 10, Leave: 7, Alert: kpi.Alert{Priority: 1, Delay: time.Second}},
		Change: &kpi.Change{Enter: 4, Leave: 2, Within: 3 * time.Minute, Alert: kpi.Alert{Priority: 3}},
	}}}
	const none = -1.0
	type line struct {
		minute int
		value  float64
		state  wire.State
		want   string
	}
	for name, lines := range map[string][]line{
		"a warning without a priority makes no alarm": {{0, 6, "", ""}},
		"hysteresis":                    {{0, 10, "", "kpi"}, {1, 7, "", "kpi"}, {2, 6.9, "", ""}, {3, 7, "", ""}},
		"it rises":                      {{0, 1, "", ""}, {1, 3, "", ""}, {2, 5, "", "rate"}, {3, 4, "", "rate"}, {4, 4.9, "", ""}, {5, 5, "", ""}},
		"it rises slowly":               {{0, 1, "", ""}, {3, 3, "", ""}, {6, 5, "", ""}, {9, 7, "", ""}},
		"nothing is known of before":    {{0, 9, "", ""}, {30, 1, "", ""}},
		"without a value there is none": {{0, 10, "", "kpi"}, {1, none, wire.StateNoData, ""}},
		"stale":                         {{0, 10, "", "kpi"}, {1, 1, wire.StateStale, "?kpi ?rate"}},
	} {
		j := NewJudge(places())
		for _, l := range lines {
			v := wire.Value{KPI: "a.b", Centre: "dong-xoai", State: l.state, Value: &l.value}
			if l.value == none {
				v.Value = nil
			}
			o := j.Observe(one, Inputs{At: began().Add(time.Duration(l.minute) * time.Minute), Values: []wire.Value{v}})
			var got []string
			for _, c := range o.Present {
				got = append(got, string(c.Kind))
			}
			for _, key := range []string{"kpi", "rate"} {
				if o.Unknown[key+"/a.b/dong-xoai"] {
					got = append(got, "?"+key)
				}
			}
			if strings.Join(got, " ") != l.want {
				t.Errorf("%s, minute %d: %v, want %s", name, l.minute, got, l.want)
			}
		}
	}
	j := NewJudge(places())
	j.Trend().Add("a.b", "dong-xoai", began().Add(-time.Minute), 1) // what a process before this one kept
	high := 1234.5
	o := j.Observe(one, Inputs{At: began(), Values: []wire.Value{{KPI: "a.b", Centre: "dong-xoai", Value: &high}}})
	var titles []schemas.Text
	for _, c := range o.Present {
		titles = append(titles, c.Title)
	}
	if d := cmp.Diff([]schemas.Text{
		{VI: "Đồng Xoài: Chờ 1.234,5\u00a0%", EN: "Dong Xoai: Waiting 1,234.5\u00a0%"},
		{VI: "Đồng Xoài: Chờ +1.233,5\u00a0% trong 3 phút", EN: "Dong Xoai: Waiting +1,233.5\u00a0% within 3 minutes"},
	}, titles); d != "" {
		t.Error(d)
	}
}

// A value between its two bounds goes on to be an alarm after a restart.
func TestAJudgeResumes(t *testing.T) {
	one := &kpi.Catalogue{KPIs: []kpi.KPI{{ID: "a.b", Better: "down", Alarm: &kpi.Bound{Enter: 10, Leave: 7, Alert: kpi.Alert{Priority: 1}}}}}
	bound, between := 10.0, 8.0
	in := Inputs{At: began(), Values: []wire.Value{{KPI: "a.b", Centre: "dong-xoai", Value: &between}}}
	b := NewBook()
	j := NewJudge(places())
	j.Resume(b, one)
	if o := j.Observe(one, in); len(o.Present) != 0 {
		t.Errorf("%+v", o.Present)
	}
	b.put(Alarm{Alarm: wire.Alarm{ID: "x", Cause: "kpi/a.b/dong-xoai", KPI: "a.b", Kind: wire.AlarmKPI, State: wire.AlarmRaised, Bound: &bound}})
	j.Resume(b, one)
	if o := j.Observe(one, in); len(o.Present) != 1 {
		t.Error("the alarm is forgotten")
	}
}

func TestStatistics(t *testing.T) {
	var list []Raised
	at := func(cause string, priority int, minutes ...float64) {
		for _, m := range minutes {
			list = append(list, Raised{At: began().Add(time.Duration(m * float64(time.Minute))), Cause: cause, Centre: "dong-xoai", Priority: priority, Title: schemas.Text{VI: cause}})
		}
	}
	at("a", 1, 0, 1, 2, 3, 4, 5)
	at("b", 3, 5.5, 6, 6.5, 7, 7.5, 8, 30)
	at("c", 3, 100)
	s := Reckon(list, 2, began(), began().Add(2*time.Hour))
	if s.Raised != 14 || s.PerOperatorHour != 3.5 || s.Peak != 12 || !s.PeakAt.Equal(began()) {
		t.Errorf("%+v", s)
	}
	// The 11th comes in minute 7.5. When that of minute 6 is ten minutes old, fewer than five are left.
	if want := 8.5 / 120; s.FloodShare < want-1e-9 || s.FloodShare > want+1e-9 {
		t.Errorf("%v of the time was a flood, want %v", s.FloodShare, want)
	}
	if len(s.Worst) != 3 || s.Worst[0].Cause != "b" || s.Worst[0].Raised != 7 || s.Worst[0].Share != 0.5 || s.Worst[2].Cause != "c" {
		t.Errorf("%+v", s.Worst)
	}
	if d := cmp.Diff([]wire.AlarmByPriority{{Priority: 1, Raised: 6, Share: 6.0 / 14}, {Priority: 2}, {Priority: 3, Raised: 8, Share: 8.0 / 14}, {Priority: 4}}, s.Priorities); d != "" {
		t.Error(d)
	}
	if s := Reckon(list[:12], 0, began(), began().Add(10*time.Minute)); s.Operators != 1 || s.FloodShare != 0.25 {
		t.Errorf("a flood that goes on: %+v", s)
	}
	if s := Reckon(nil, 0, began(), began()); s.Raised != 0 || s.PerOperatorHour != 0 || s.PeakAt != nil || s.Worst == nil {
		t.Errorf("nothing: %+v", s)
	}
	list = nil
	for i := range 12 {
		at(fmt.Sprint(i), 2, float64(i))
	}
	if s := Reckon(list, 1, began(), began().Add(time.Hour)); len(s.Worst) != maxWorst {
		t.Errorf("%d are the worst", len(s.Worst))
	}
}

func TestWhatFloodsHeldBackIsAmongTheWorst(t *testing.T) {
	var list []Raised
	add := func(cause string, held ...bool) {
		for _, h := range held {
			list = append(list, Raised{At: began(), Cause: cause, Centre: "dong-xoai", Priority: 3, Held: h})
		}
	}
	add("often", false, false, false)
	add("floods", false, true, true, true)
	add("once", true)
	want := []wire.AlarmOffender{
		{Cause: "floods", Centre: "dong-xoai", Raised: 4, Held: 3, Share: 0.5},
		{Cause: "often", Centre: "dong-xoai", Raised: 3, Share: 0.375},
		{Cause: "once", Centre: "dong-xoai", Raised: 1, Held: 1, Share: 0.125},
	}
	if d := cmp.Diff(want, Reckon(list, 1, began(), began().Add(time.Hour)).Worst); d != "" {
		t.Error(d)
	}
}
