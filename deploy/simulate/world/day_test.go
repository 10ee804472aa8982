package world

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/binhphuoc/ioc/schemas"
)

// servicesOfADay returns all service events of the test day.
func servicesOfADay(t *testing.T) []schemas.Event {
	t.Helper()
	w := newWorld(t, 1, 1)
	var out []schemas.Event
	for _, f := range w.Feeds(at(t, "12:00")) {
		if f.Transport() == Kafka {
			out = append(out, decode(t, w, f, f.History(at(t, "00:00"), at(t, "23:59")), at(t, "23:59"))...)
		}
	}
	return out
}

// devices returns what cameras (part 0) or sensors (part 1) tell in the given hours of the test day.
func devices(t *testing.T, which int, from, to string) []event {
	t.Helper()
	w := newWorld(t, 1, 1)
	var out []event
	for _, f := range w.Feeds(at(t, "12:00")) {
		if f.Transport() == MQTT {
			for _, e := range f.parts[which].between(at(t, from), at(t, to), true) {
				e.name = f.Centre() + "/" + e.domain + "/" + e.name
				out = append(out, e)
			}
		}
	}
	return out
}

// hour is the time of day in Viet Nam, in hours.
func hour(at time.Time) float64 {
	local := at.UTC().Add(7 * time.Hour)
	return local.Sub(local.Truncate(24 * time.Hour)).Hours()
}

func TestDossiersOfADay(t *testing.T) {
	var byHour [24]int
	received, online, paid, digitised, rated, content := 0, 0, 0, 0, 0, 0
	agencies := map[string]bool{}
	statuses := map[string]int{}
	for _, e := range servicesOfADay(t) {
		d, ok := e.Data.(*schemas.Dossier)
		if !ok {
			continue
		}
		agencies[d.Agency] = true
		statuses[d.Status]++
		if d.Status == "received" {
			received++
			byHour[int(hour(e.Time))]++
			online += count(d.Channel == "online")
			paid += count(*d.PaidOnline)
			digitised += count(*d.Digitised)
		}
		if d.Rating != nil {
			rated++
			content += count(*d.Rating >= 4)
		}
	}
	t.Logf("%d received, by hour %v, states %v", received, byHour, statuses)
	near(t, "received", float64(received), 1640, 0.1)
	near(t, "online", share(online, received), 0.70, 0.05)
	near(t, "paid online", share(paid, received), 0.45, 0.1)
	near(t, "digitised", share(digitised, received), 0.60, 0.08)
	near(t, "content", share(content, rated), 0.92, 0.06)
	if byHour[12] > byHour[9]/2 || byHour[12] == 0 {
		t.Errorf("no dip at lunch, or no portal at lunch: %v", byHour)
	}
	if byHour[2] == 0 && byHour[1] == 0 && byHour[23] == 0 {
		t.Errorf("nothing at night: %v", byHour)
	}
	if len(agencies) < 20 {
		t.Errorf("only %d agencies", len(agencies))
	}
	for _, status := range []string{"received", "processing", "supplement", "completed", "returned", "withdrawn"} {
		if statuses[status] == 0 {
			t.Errorf("no dossier is %s", status)
		}
	}
}

// What is open in the morning includes what is due soon and what is overdue.
func TestOpenDossiers(t *testing.T) {
	w := newWorld(t, 1, 1)
	now := at(t, "09:00")
	moment := func(text string) time.Time {
		out, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	open, soon, overdue, ended, late := 0, 0, 0, 0, 0
	for _, f := range w.Feeds(now) {
		s, ok := f.parts[1].(*services)
		if !ok {
			continue
		}
		for _, e := range s.standing(now) {
			d, ok := e.data.(*dossierData)
			if !ok {
				continue
			}
			due := moment(d.DueAt)
			switch d.Status {
			case "completed":
				ended++
				late += count(moment(d.CompletedAt).After(due))
			case "received", "processing", "supplement":
				open++
				soon += count(due.After(now) && due.Sub(now) <= 24*time.Hour)
				overdue += count(due.Before(now))
			}
		}
	}
	t.Logf("%d open, %d due soon, %d overdue; of %d that ended this month %d late", open, soon, overdue, ended, late)
	if open < 1000 || open > 10000 || soon < 50 || overdue < 3 || overdue > 60 {
		t.Error("not what an ordinary morning is")
	}
	near(t, "late", share(late, ended), 0.02, 0.6)
}

func TestCallsOfADay(t *testing.T) {
	var byHour [24]int
	calls, quick, answered, abandoned := 0, 0, 0, 0
	topics := map[string]bool{}
	for _, e := range servicesOfADay(t) {
		d, ok := e.Data.(*schemas.Call)
		if !ok {
			continue
		}
		topics[d.Topic] = true
		switch d.Status {
		case "waiting":
			calls++
			byHour[int(hour(e.Time))]++
		case "answered":
			answered++
			quick += count(d.AnsweredAt.Sub(d.QueuedAt) <= 20*time.Second)
		case "abandoned":
			abandoned++
		}
	}
	t.Logf("%d calls, %d answered, %d within 20 s, %d abandoned, by hour %v", calls, answered, quick, abandoned, byHour)
	near(t, "calls", float64(calls), 865, 0.15)
	if s := share(quick, calls); s < 0.7 || s > 0.97 {
		t.Errorf("service level %.2f", s)
	}
	if s := share(abandoned, calls); s < 0.002 || s > 0.1 {
		t.Errorf("abandoned %.3f", s)
	}
	if byHour[12] > byHour[9]*2/3 || byHour[9] < byHour[20] || byHour[3] > byHour[12] {
		t.Errorf("not the curve of a hotline: %v", byHour)
	}
	if len(topics) < 10 {
		t.Errorf("only %d topics", len(topics))
	}
}

func TestTrafficOfADay(t *testing.T) {
	vehicles, speeds, weights := map[int]float64{}, map[int]float64{}, map[int]float64{}
	cameras := map[string]bool{}
	hours := []int{3, 7, 9, 12, 15, 17, 21}
	for _, h := range hours {
		for _, e := range devices(t, 0, fmt.Sprintf("%02d:10", h), fmt.Sprintf("%02d:20", h)) {
			d, ok := e.data.(*cameraData)
			if !ok {
				t.Fatalf("%T", e.data)
			}
			cameras[e.name] = true
			for _, n := range d.Counts {
				vehicles[h] += float64(n)
				if d.Speed != nil {
					speeds[h] += *d.Speed * float64(n)
					weights[h] += float64(n)
				}
			}
		}
	}
	if len(cameras) != 577 || !cameras["dong-xoai/camera/cam-0142"] {
		t.Errorf("%d cameras", len(cameras))
	}
	speed := func(h int) float64 { return speeds[h] / weights[h] }
	t.Logf("vehicles at 3, 7, 12, 17, 21: %v %v %v %v %v; speed %.1f %.1f %.1f %.1f %.1f", vehicles[3], vehicles[7], vehicles[12],
		vehicles[17], vehicles[21], speed(3), speed(7), speed(12), speed(17), speed(21))
	for _, h := range hours {
		if vehicles[h] > vehicles[17] {
			t.Errorf("more vehicles at %d than at 17", h)
		}
	}
	if vehicles[7] < vehicles[12]*1.3 || vehicles[3]*5 > vehicles[12] {
		t.Error("no morning peak, or no night")
	}
	if speed(17) > speed(12)-4 || speed(12) > speed(3) {
		t.Error("speed does not fall when the roads fill")
	}
}

func TestSensorsOfADay(t *testing.T) {
	sensors, rain, hot, cold := map[string]bool{}, map[string]float64{}, 0.0, 100.0
	for _, e := range devices(t, 1, "00:00", "23:59") {
		r, ok := e.data.(readingData)
		if !ok {
			continue
		}
		sensors[e.name] = true
		switch r.Metric {
		case "rain_mm":
			rain[e.name] += r.Value
			if h := hour(e.at); r.Value > 0 && (h < 14 || h > 18) {
				t.Errorf("rain at %.1f", h)
			}
		case "temp":
			hot, cold = max(hot, r.Value), min(cold, r.Value)
		case "pm25", "pm10":
			if r.Value < 1 || r.Value > 150 {
				t.Errorf("%s %v", r.Metric, r.Value)
			}
		case "water_level":
			if r.Value < 0.5 || r.Value > 6 {
				t.Errorf("water at %v m", r.Value)
			}
		}
	}
	if len(sensors) != 40 {
		t.Errorf("%d sensors", len(sensors))
	}
	for source, mm := range rain {
		if mm <= 0 || mm > 60 {
			t.Errorf("%s has %.1f mm of rain", source, mm)
		}
	}
	if hot < 28 || hot > 38 || cold > 25 || cold < 18 {
		t.Errorf("from %.1f to %.1f °C", cold, hot)
	}
}

// A camera that fails says so for two minutes, is silent then, and comes back.
func TestCameraFails(t *testing.T) {
	w := newWorld(t, 1, 1)
	c, ok := feedOf(t, w, "dong-xoai", MQTT).parts[0].(*cameras)
	if !ok {
		t.Fatal("no cameras")
	}
	outages := c.outages(at(t, "00:00"), at(t, "23:00"))
	if len(outages) < 2 || len(outages) > 8 {
		t.Errorf("%d cameras fail", len(outages))
	}
	for i, days := range outages {
		o := days[w.cal.number(at(t, "00:00"))]
		words, silent, back := 0, 0, 0
		for _, e := range c.between(o.from.Add(-time.Minute), o.to.Add(time.Minute), false) {
			if e.name != c.list[i].name {
				continue
			}
			d, ok := e.data.(*cameraData)
			switch {
			case e.at.Before(o.from):
			case !e.at.Before(o.to):
				back++
			case e.at.Sub(o.from) > lastWords:
				silent++
			default:
				words += count(ok && d.Status == "offline")
			}
		}
		if words < 4 || silent != 0 || back != 2 {
			t.Errorf("%s: %d last words, %d when it is silent, %d afterwards", c.list[i].name, words, silent, back)
		}
	}
}

func TestGatewayFails(t *testing.T) {
	w := newWorld(t, 1, 1)
	s, ok := feedOf(t, w, "binh-long", MQTT).parts[1].(*sensors)
	if !ok {
		t.Fatal("no sensors")
	}
	o, which := s.gatewayOutage(at(t, "12:00"))
	if which < 0 || o.to.Sub(o.from) < 15*time.Minute {
		t.Fatalf("gateway %d fails for %s", which, o.to.Sub(o.from))
	}
	heard, words := map[string]bool{}, 0
	for _, e := range s.between(o.from, o.to, false) {
		heard[s.f.source(&e)] = true
		d, ok := e.data.(*sensorData)
		words += count(ok && d.Status == "offline")
	}
	if words < 3 || words > 5 {
		t.Errorf("%d last words", words)
	}
	var silent []string
	for i := range s.list {
		if source := s.source(&s.list[i]); !heard[source] {
			silent = append(silent, source)
		}
	}
	dead := s.source(&s.gateways[which])
	all := Gateways(w.reg)
	i := slices.IndexFunc(all, func(g schemas.Gateway) bool { return g.Source == dead })
	if i < 0 {
		t.Fatalf("%s is not among the gateways %v", dead, all)
	}
	if d := cmp.Diff(all[i].Behind, silent); d != "" || len(silent) == 0 || len(silent) == len(s.list) {
		t.Errorf("behind %s, and what is silent with it:\n%s", dead, d)
	}
}

func TestFeedPauses(t *testing.T) {
	w := newWorld(t, 1, 1)
	for centre, silent := range map[string]bool{"binh-long": true, "dong-xoai": false} {
		sensors := feedOf(t, w, centre, MQTT).parts[1]
		if got := len(sensors.between(at(t, "06:40"), at(t, "06:45"), false)) == 0; got != silent {
			t.Errorf("%s is silent: %v", centre, got)
		}
		if len(sensors.between(at(t, "06:45"), at(t, "06:46"), false)) == 0 {
			t.Errorf("%s is silent outside of its pause", centre)
		}
	}
}

// At night and on Sundays every feed still says something within its interval.
func TestNoFeedIsDead(t *testing.T) {
	w := newWorld(t, 1, 0.2)
	sunday := at(t, "03:00").AddDate(0, 0, -2)
	for _, from := range []time.Time{at(t, "02:00"), sunday} {
		for _, f := range w.Feeds(from) {
			domains := map[string]bool{}
			for _, e := range decode(t, w, f, f.Between(from, from.Add(time.Minute)), from.Add(time.Minute)) {
				domains[e.Domain] = true
			}
			if want := map[Transport]int{MQTT: 2, Kafka: 1}[f.Transport()]; len(domains) != want {
				t.Errorf("%s %s at %s: %v", f.Centre(), f.Transport(), from, domains)
			}
		}
	}
}

func TestFiguresGrow(t *testing.T) {
	w := newWorld(t, 1, 0.2)
	f := feedOf(t, w, "province", Kafka)
	values := func(day time.Time) map[string]float64 {
		out := map[string]float64{}
		for _, e := range decode(t, w, f, f.Standing(day), day) {
			if d, ok := e.Data.(*schemas.Figure); ok {
				out[d.Indicator+" "+d.Period], _ = d.Value.Float64()
				if d.IssuedBy != "Mô phỏng" {
					t.Errorf("issued by %s", d.IssuedBy)
				}
			}
		}
		return out
	}
	before, now := values(at(t, "12:00").AddDate(0, -1, 0)), values(at(t, "12:00"))
	if now["budget.revenue 2026"] <= before["budget.revenue 2026"] || before["budget.revenue 2026"] <= 0 {
		t.Errorf("revenue %v, a month before %v", now, before)
	}
	if _, ok := now["economy.digital_share 2025"]; !ok || len(now) < 12 {
		t.Errorf("figures %v", now)
	}
}

func TestCalendar(t *testing.T) {
	cal := newWorld(t, 1, 1).cal
	parse := func(s string) time.Time {
		out, err := time.ParseInLocation("2006-01-02 15:04", s, cal.loc)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, tt := range []struct {
		from string
		work time.Duration
		want string
	}{
		{"2026-11-24 08:00", time.Hour, "2026-11-24 09:00"},
		{"2026-11-24 11:00", time.Hour, "2026-11-24 14:00"},
		{"2026-11-24 03:00", 8 * time.Hour, "2026-11-24 17:00"},
		{"2026-11-24 16:30", time.Hour, "2026-11-25 07:30"},
		{"2026-11-27 16:30", time.Hour, "2026-11-30 07:30"}, // over a weekend
		{"2026-04-29 16:30", time.Hour, "2026-05-04 07:30"}, // over two holidays and a weekend
	} {
		if got := cal.add(parse(tt.from), tt.work); !got.Equal(parse(tt.want)) {
			t.Errorf("%s and %s of work: %s, not %s", tt.from, tt.work, got, tt.want)
		}
	}
	for _, tt := range []struct {
		from string
		days int
		want string
	}{
		{"2026-11-24 08:00", 0, "2026-11-24 17:00"},
		{"2026-11-24 15:30", 0, "2026-11-25 17:00"},
		{"2026-11-27 08:00", 1, "2026-11-30 17:00"},
		{"2026-11-28 08:00", 0, "2026-11-30 17:00"},
	} {
		if got := cal.due(parse(tt.from), tt.days); !got.Equal(parse(tt.want)) {
			t.Errorf("%s and %d days: %s, not %s", tt.from, tt.days, got, tt.want)
		}
	}
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

func share(n, of int) float64 { return float64(n) / float64(of) }

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > tolerance*want {
		t.Errorf("%s: %.3f, should be about %.3f", what, got, want)
	}
}

func BenchmarkLiveTick(b *testing.B) {
	reg, err := schemas.BuiltinRegistry()
	if err != nil {
		b.Fatal(err)
	}
	w, err := New(Options{Seed: 1, Registry: reg})
	if err != nil {
		b.Fatal(err)
	}
	now := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	feeds := w.Feeds(now)
	for b.Loop() {
		for _, f := range feeds {
			f.Between(now, now.Add(time.Second))
		}
		now = now.Add(time.Second)
	}
}

func BenchmarkStanding(b *testing.B) {
	reg, err := schemas.BuiltinRegistry()
	if err != nil {
		b.Fatal(err)
	}
	w, err := New(Options{Seed: 1, Registry: reg})
	if err != nil {
		b.Fatal(err)
	}
	now := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	for b.Loop() {
		for _, f := range w.Feeds(now) {
			f.Standing(now)
		}
	}
}
