package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// spoken is one event of any type that happened so long before a moment, and arrived a second later.
func spoken(now time.Time, source, typ, id string, ago time.Duration, data string) schemas.Message {
	part := strings.Split(source, "/")
	return schemas.Message{
		Transport: "mqtt", Centre: part[1], Topic: "ioc" + source, Arrived: now.Add(-ago + time.Second),
		Payload: fmt.Appendf(nil, `{"specversion":"1.0","id":%q,"source":%q,"type":"vn.binhphuoc.ioc.%s.v1","time":%q,"data":%s}`,
			id, source, typ, now.Add(-ago).Format("2006-01-02T15:04:05.000Z07:00"), data),
	}
}

func (r *rig) devices(now time.Time) *query.Devices {
	return &query.Devices{Store: r.store, Registry: r.registry, Now: func() time.Time { return now }}
}

func (r *rig) agencies() *schemas.Agencies {
	r.t.Helper()
	all, err := schemas.BuiltinAgencies(r.registry)
	r.must(err)
	return all
}

func (r *rig) tickets(now time.Time) *query.Tickets {
	r.t.Helper()
	return &query.Tickets{Store: r.store, Agencies: r.agencies(), Now: func() time.Time { return now }}
}

// someCameras brings in cameras in every state.
func (r *rig) someCameras(now time.Time) {
	r.t.Helper()
	r.tellOfCameras(now)
	r.must(r.roller(r.catalogue).Once(r.t.Context(), false))
}

// tellOfCameras is someCameras before the roll-up knows of them.
func (r *rig) tellOfCameras(now time.Time) {
	r.t.Helper()
	const cam = "/dong-xoai/camera/cam-"
	good := `{"status":"online","fps":25,"lat":11.51,"lon":106.9}`
	r.write([]schemas.Message{
		spoken(now, cam+"1", "camera", "1", 50*time.Second, `{"status":"offline"}`), spoken(now, cam+"1", "camera", "2", 20*time.Second, good),
		spoken(now, cam+"2", "camera", "1", 40*time.Minute, good), spoken(now, cam+"2", "camera", "2", 10*time.Second, `{"status":"offline","fps":0}`),
		spoken(now, cam+"3", "camera", "1", 61*time.Second, good),
		spoken(now, cam+"4", "camera", "1", 59*time.Second, `{"status":"degraded","fps":8}`),
		spoken(now, cam+"5", "camera", "1", 20*24*time.Hour, good),
		spoken(now, "/binh-long/camera/cam-9", "camera", "1", 5*time.Second, good),
		// A correction takes what was the newest to an hour before: what stands is what was said then and before.
		spoken(now, cam+"6", "camera", "2", 5*time.Second, good),
	})
	moved := spoken(now, cam+"6", "camera", "2", time.Hour, `{"status":"degraded","revision":2}`)
	moved.Arrived = now
	r.write([]schemas.Message{moved})
}

func TestDevicesStandAsTheKPIsCountThem(t *testing.T) {
	r, now := newRig(t), feedNow()
	r.someCameras(now)
	list, err := r.devices(now).List(t.Context(), query.Everything(), query.DevicesRequest{Type: schemas.TypeCamera})
	r.must(err)
	var got []string
	for _, d := range list.Devices {
		got = append(got, strings.TrimPrefix(d.Source, "/")+" "+string(d.State)+" "+d.Said)
	}
	want := []string{
		"dong-xoai/camera/cam-3 silent online", "dong-xoai/camera/cam-5 silent online", "dong-xoai/camera/cam-6 silent degraded",
		"dong-xoai/camera/cam-2 offline offline", "dong-xoai/camera/cam-4 degraded degraded", "binh-long/camera/cam-9 online online", "dong-xoai/camera/cam-1 online online",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if d := list.Devices[6]; number(d.FPS) != 25 || number(d.Lat) != 11.51 || !d.NewestEvent.Equal(now.Add(-20*time.Second)) {
		t.Errorf("cam-1: %+v", d)
	}
}

// A screen with the list and a screen with the number must not disagree, nor while the roll-up lags behind.
func TestTheListOfDevicesAndTheNumberAgree(t *testing.T) {
	r, now := newRig(t), feedNow()
	r.tellOfCameras(now)
	k, _ := r.catalogue.ByID("camera.offline")
	agree := func(when string) {
		list, err := r.devices(now).List(t.Context(), query.Everything(), query.DevicesRequest{Type: schemas.TypeCamera})
		r.must(err)
		u, err := r.evaluator(&kpi.Catalogue{KPIs: []kpi.KPI{k}}).Evaluate(t.Context(), now)
		r.must(err)
		for _, v := range u.Values {
			if v.Centre == "province" && value(v.Value) != float64(list.Counts.Silent+list.Counts.Offline) {
				t.Errorf("%s the roll-up, camera.offline is %v, the list has %+v", when, value(v.Value), list.Counts)
			}
		}
	}
	agree("before")
	r.must(r.roller(r.catalogue).Once(t.Context(), false))
	agree("after")
}

func TestDevicesAreFilteredAndPaged(t *testing.T) {
	r, now := newRig(t), feedNow()
	r.someCameras(now)
	ask := func(scope query.Scope, q query.DevicesRequest) (names []string, counts wire.DeviceCounts) {
		t.Helper()
		for q.Type = schemas.TypeCamera; ; {
			list, err := r.devices(now).List(t.Context(), scope, q)
			r.must(err)
			for _, d := range list.Devices {
				names = append(names, d.Source[strings.LastIndex(d.Source, "/")+1:])
			}
			if q.After = list.Next; q.After == "" {
				return names, list.Counts
			}
		}
	}
	if names, counts := ask(query.Everything(), query.DevicesRequest{State: wire.DeviceSilent, Limit: 1}); !slices.Equal(names, []string{"cam-3", "cam-5", "cam-6"}) || counts.Online != 2 {
		t.Errorf("silent, page by page: %v of %+v", names, counts)
	}
	if names, counts := ask(query.Only("binh-long"), query.DevicesRequest{}); !slices.Equal(names, []string{"cam-9"}) || counts != (wire.DeviceCounts{Online: 1}) {
		t.Errorf("in the scope of Binh Long: %v of %+v", names, counts)
	}
	if names, _ := ask(query.Everything(), query.DevicesRequest{Text: "XOAI/camera/CAM-2"}); !slices.Equal(names, []string{"cam-2"}) {
		t.Errorf("by its name: %v", names)
	}
	if names, _ := ask(query.Only(), query.DevicesRequest{}); len(names) != 0 {
		t.Errorf("whoever sees nothing sees %v", names)
	}
	_, err := r.devices(now).List(t.Context(), query.Only("binh-long"), query.DevicesRequest{Type: schemas.TypeCamera, Centre: "dong-xoai"})
	if !errors.Is(err, query.ErrNotFound) {
		t.Errorf("outside of the scope: %v", err)
	}
}

func TestTheHourOfASource(t *testing.T) {
	r, now := newRig(t), feedNow()
	r.someCameras(now)
	const air, portal = "/dong-xoai/sensor/air-1", "/dong-xoai/service/phan-anh"
	reading := func(id string, ago time.Duration, value string) schemas.Message {
		return spoken(now, air, "reading", id, ago, `{"metric":"pm25","value":`+value+`,"unit":"µg/m³","dims":{"who":"Nguyễn Văn A"}}`)
	}
	ticket := func(id, status string, ago time.Duration) schemas.Message {
		return spoken(now, portal, "ticket", id+status, ago, `{"ticket_id":"`+id+`","kind":"question","channel":"app","topic":"y-te","status":"`+status+`","received_at":"`+now.Add(-ago).Format(time.RFC3339)+`"}`)
	}
	r.write([]schemas.Message{
		reading("1", 2*time.Hour, "99"), reading("2", 30*time.Minute, "10"), reading("3", time.Minute, "20"), reading("4", 2*time.Minute, "12"),
		ticket("PA-1", "received", 70*time.Minute), ticket("PA-1", "forwarded", 20*time.Minute), ticket("PA-2", "received", 10*time.Minute),
	})
	r.must(r.roller(r.catalogue).CatchUp(t.Context()))
	hour := func(source string) wire.SourceHour {
		t.Helper()
		h, err := r.devices(now).Hour(t.Context(), query.Only("dong-xoai"), query.HourRequest{Source: source})
		r.must(err)
		return h
	}
	h := hour("/dong-xoai/camera/cam-2")
	wantChanges := []wire.SourceChange{{At: now.Add(-10 * time.Second), Status: "offline", Before: "online"}, {At: now.Add(-40 * time.Minute), Status: "online"}}
	if d := cmp.Diff(wantChanges, h.Changes); d != "" {
		t.Errorf("changes (-want +got):\n%s", d)
	}
	if len(h.Minutes) != 60 || h.State != wire.FeedAlive || len(h.Events) != 2 || h.Events[0].Fields["fps"] != "0" || h.Events[0].Fields["status"] != "offline" {
		t.Errorf("the camera's hour: %d minutes, %s, events %+v", len(h.Minutes), h.State, h.Events)
	}
	h = hour(air)
	wantMetric := wire.SourceMetric{Metric: "pm25", Unit: "µg/m³", Last: 20, Least: 10, Greatest: 20, Mean: 14, Values: 3, At: now.Add(-time.Minute)}
	if d := cmp.Diff([]wire.SourceMetric{wantMetric}, h.Metrics); d != "" {
		t.Errorf("metrics (-want +got):\n%s", d)
	}
	var events uint64
	for _, m := range h.Minutes {
		events += m.Events
	}
	if events != 3 || len(h.Events) != 3 || h.Events[0].Fields["pm25"] != "20 µg/m³" {
		t.Errorf("the sensor's hour has %d deliveries, and events %+v", events, h.Events)
	}
	if strings.Contains(fmt.Sprint(h), "Nguyễn") {
		t.Error("a label that names a person is told")
	}
	if h = hour(portal); len(h.Events) != 2 || h.Events[0].Entity != "PA-2" || h.Events[1].Fields["status"] != "forwarded" || len(h.Changes) != 0 {
		t.Errorf("the portal's hour: %+v", h.Events)
	}
	for _, source := range []string{"/binh-long/camera/cam-9", "/dong-xoai/camera/none", "nonsense", ""} {
		if _, err := r.devices(now).Hour(t.Context(), query.Only("dong-xoai"), query.HourRequest{Source: source}); !errors.Is(err, query.ErrNotFound) {
			t.Errorf("%q: %v", source, err)
		}
	}
}

// someTickets brings in tickets in every state, received a minute after each other.
func (r *rig) someTickets(now time.Time) {
	r.t.Helper()
	var list []schemas.Message
	for i, c := range []struct{ centre, kind, status, due, more string }{
		{"dong-xoai", "petition", "forwarded", "-1h", `,"agency":"so-y-te","lat":11.53491,"lon":106.88321`},
		{"dong-xoai", "question", "received", "-2h", ""}, // a question is never overdue
		{"dong-xoai", "field_report", "resolved", "-3h", ""},
		{"binh-long", "field_report", "reopened", "-4h", `,"lat":11.6,"lon":106.6`},
		{"binh-long", "field_report", "received", "2h", `,"topic":"Ông Nguyễn Văn A, 12 Trần Phú"`},
		{"dong-xoai", "petition", "received", "", ""},
	} {
		id, at := fmt.Sprintf("PA-%d", i+1), now.Add(-time.Hour+time.Duration(i)*time.Minute)
		data := `{"ticket_id":"` + id + `","kind":"` + c.kind + `","channel":"app","status":"` + c.status + `","received_at":"` + at.Format(time.RFC3339) + `"`
		if c.due != "" {
			d, err := time.ParseDuration(c.due)
			r.must(err)
			data += `,"due_at":"` + now.Add(d).Format(time.RFC3339) + `"`
		}
		if !strings.Contains(c.more, "topic") {
			data += `,"topic":"giao-thong"`
		}
		list = append(list, spoken(now, "/"+c.centre+"/service/phan-anh", "ticket", id, now.Sub(at), data+c.more+"}"))
	}
	r.write(list)
	r.must(r.roller(r.catalogue).Once(r.t.Context(), false))
}

func TestTicketsAreListedAsTheyStand(t *testing.T) {
	r, now := newRig(t), feedNow()
	r.someTickets(now)
	ask := func(scope query.Scope, q query.TicketsRequest) (ids []string, last wire.TicketList) {
		t.Helper()
		for {
			list, err := r.tickets(now).List(t.Context(), scope, q)
			r.must(err)
			for _, x := range list.Tickets {
				ids = append(ids, x.ID)
			}
			if last = list; list.Next == "" {
				return ids, last
			}
			q.After, err = query.ParseTicketCursor(list.Next)
			r.must(err)
		}
	}
	for _, c := range []struct {
		name  string
		scope query.Scope
		q     query.TicketsRequest
		want  string
	}{
		{"the newest first, page by page", query.Everything(), query.TicketsRequest{Limit: 2}, "PA-6 PA-5 PA-4 PA-3 PA-2 PA-1"},
		{"the longest due first, page by page", query.Everything(), query.TicketsRequest{Sort: query.TicketsByDue, Limit: 1}, "PA-4 PA-3 PA-2 PA-1 PA-5 PA-6"},
		{"open", query.Everything(), query.TicketsRequest{Status: query.TicketsOpen}, "PA-6 PA-5 PA-4 PA-2 PA-1"},
		{"overdue", query.Everything(), query.TicketsRequest{Overdue: true}, "PA-4 PA-1"},
		{"of a kind", query.Everything(), query.TicketsRequest{Kind: "petition", Status: "received"}, "PA-6"},
		{"of a centre", query.Everything(), query.TicketsRequest{Centre: "binh-long"}, "PA-5 PA-4"},
		{"by its id", query.Everything(), query.TicketsRequest{ID: "PA-3"}, "PA-3"},
		{"in a scope", query.Only("binh-long"), query.TicketsRequest{}, "PA-5 PA-4"},
		{"whoever sees nothing", query.Only(), query.TicketsRequest{}, ""},
	} {
		if ids, _ := ask(c.scope, c.q); strings.Join(ids, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.name, ids, c.want)
		}
	}
	_, list := ask(query.Everything(), query.TicketsRequest{})
	if d := cmp.Diff(wire.TicketCounts{Received: 3, Forwarded: 1, Reopened: 1, Resolved: 1, Overdue: 2}, list.Counts); d != "" {
		t.Errorf("counts (-want +got):\n%s", d)
	}
	if text := fmt.Sprint(list); strings.Contains(text, "Nguyễn") {
		t.Errorf("a topic that names a person is told: %s", text)
	}
	if x := list.Tickets[5]; x.AgencyName == nil || x.AgencyName.VI != "Y tế" || list.Tickets[0].AgencyName != nil {
		t.Errorf("names of agencies: %v, %v", x.AgencyName, list.Tickets[0].AgencyName)
	}
	if x := list.Tickets[5]; number(x.Lat) != 11.535 || number(x.Lon) != 106.883 {
		t.Errorf("a place is told to more than three decimals: %v, %v", number(x.Lat), number(x.Lon))
	}
	k, _ := r.catalogue.ByID("ticket.overdue")
	u, err := r.evaluator(&kpi.Catalogue{KPIs: []kpi.KPI{k}}).Evaluate(t.Context(), now)
	r.must(err)
	for _, v := range u.Values {
		if v.Centre == "province" && value(v.Value) != float64(list.Counts.Overdue) {
			t.Errorf("ticket.overdue is %v, the list has %d", value(v.Value), list.Counts.Overdue)
		}
	}
	for _, q := range []query.TicketsRequest{{Kind: "complaint"}, {Status: "closed"}, {Sort: "size"}} {
		if _, err := r.tickets(now).List(t.Context(), query.Everything(), q); !errors.Is(err, query.ErrBadRequest) {
			t.Errorf("%+v: %v", q, err)
		}
	}
}

func TestSearchFindsWhatOneSees(t *testing.T) {
	r, now := newRig(t), feedNow()
	r.someCameras(now)
	r.someTickets(now)
	search := &query.Search{Store: r.store, Registry: r.registry, Agencies: r.agencies(), Catalogue: r.catalogueNow}
	for _, c := range []struct {
		text  string
		scope query.Scope
		want  string
	}{
		{"CAM-9", query.Everything(), "/binh-long/camera/cam-9"},
		{"cam-9", query.Only("dong-xoai"), ""},
		{"pa-4", query.Everything(), "ticket PA-4"},
		{"PA-", query.Only("binh-long"), "ticket PA-4,ticket PA-5"},
		{"A-4", query.Everything(), ""}, // ids are found by their beginnings
		{"mat tin hieu", query.Everything(), "camera.offline"},
		{"Mất tín hiệu", query.Only("binh-long"), "camera.offline"},
		{"%", query.Everything(), "bad request"},
		{"' OR 1", query.Everything(), ""},
	} {
		found, err := search.Find(t.Context(), c.scope, query.SearchRequest{Text: c.text})
		if errors.Is(err, query.ErrBadRequest) {
			if c.want != "bad request" {
				t.Errorf("%q: %v", c.text, err)
			}
			continue
		}
		r.must(err)
		var got []string
		for _, x := range found.Sources {
			got = append(got, x.Source)
		}
		for _, x := range found.KPIs {
			got = append(got, x.ID)
		}
		for _, x := range found.Things {
			got = append(got, x.Kind+" "+x.ID)
		}
		if strings.Join(got, ",") != c.want {
			t.Errorf("%q finds %v, want %s", c.text, got, c.want)
		}
	}
}

func TestPlacesOfTheMap(t *testing.T) {
	r, now := newRig(t), feedNow()
	r.someCameras(now)
	r.someTickets(now)
	places := &query.Places{Devices: r.devices(now), Tickets: r.tickets(now)}
	list, err := places.List(t.Context(), query.Everything(), "")
	r.must(err)
	var got []string
	for _, p := range list.Places {
		got = append(got, p.Kind+" "+p.ID[strings.LastIndex(p.ID, "/")+1:]+" "+p.State)
	}
	slices.Sort(got)
	want := []string{"camera cam-1 online", "camera cam-3 silent", "camera cam-5 silent", "camera cam-9 online", "ticket PA-1 overdue", "ticket PA-4 overdue"}
	if d := cmp.Diff(want, got); d != "" || list.Homeless != 3 {
		t.Errorf("%d without a place, and (-want +got):\n%s", list.Homeless, d)
	}
	if list, err = places.List(t.Context(), query.Only("binh-long"), ""); err != nil || len(list.Places) != 2 {
		t.Errorf("in the scope of Binh Long: %+v, %v", list.Places, err)
	}
}
