package dashboardapi

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// deviceAnswers are fake Devices.
type deviceAnswers struct{ *answers }

func (a deviceAnswers) List(ctx context.Context, _ query.Scope, r query.DevicesRequest) (wire.DeviceList, error) {
	a.mu.Lock()
	a.devices = r
	a.mu.Unlock()
	if r.State == "broken" {
		return wire.DeviceList{}, query.Refuse(query.ErrBadRequest, "state phải là online, …", "state must be online, …")
	}
	d := wire.Device{
		Source: "/dong-xoai/camera/cam-1", Centre: "dong-xoai", Domain: "camera", State: wire.DeviceSilent, Said: "online", NewestEvent: now(), NewestArrival: now(),
		FPS: new(25.0), Lat: new(11.5), Lon: new(106.9),
	}
	if r.Type == schemas.TypeSensor {
		d = wire.Device{Source: "/dong-xoai/sensor/air-1", Centre: "dong-xoai", Domain: "sensor", State: wire.DeviceOnline, Said: "online", NewestEvent: now(), NewestArrival: now(), Battery: new(20.5), RSSI: new(-70.0)}
	}
	return wire.DeviceList{Devices: []wire.Device{d}, Counts: wire.DeviceCounts{Silent: 1}, Total: 1}, a.answer(ctx)
}

func (a deviceAnswers) Hour(ctx context.Context, _ query.Scope, r query.HourRequest) (wire.SourceHour, error) {
	a.mu.Lock()
	a.hour = r
	a.mu.Unlock()
	if r.Source != "/dong-xoai/camera/cam-1" {
		return wire.SourceHour{}, query.ErrNotFound
	}
	return wire.SourceHour{
		Source: r.Source, Centre: "dong-xoai", Domain: "camera", Types: []string{"camera"}, State: wire.FeedAlive, IntervalSeconds: 30,
		FirstArrival: now(), NewestArrival: now(), NewestEvent: now(), From: now().Add(-time.Hour), To: now(),
		Minutes: []wire.SourceMinute{{At: now(), Events: 2, Repeats: 1}},
		Metrics: []wire.SourceMetric{{Metric: "pm25", Unit: "µg/m³", Last: 12.5, Least: 1, Greatest: 30, Mean: 9.5, Values: 60, At: now()}},
		Changes: []wire.SourceChange{{At: now(), Status: "offline", Before: "online"}},
		Events:  []wire.SourceEvent{{At: now(), Arrived: now(), Type: "camera", Fields: map[string]string{"status": "offline"}}},
	}, a.answer(ctx)
}

// ticketAnswers are fake Tickets.
type ticketAnswers struct{ *answers }

func (a ticketAnswers) List(ctx context.Context, _ query.Scope, r query.TicketsRequest) (wire.TicketList, error) {
	a.mu.Lock()
	a.tickets = r
	a.mu.Unlock()
	due := now().Add(-time.Hour)
	return wire.TicketList{Tickets: []wire.Ticket{{
		ID: "PA-1", Centre: "dong-xoai", Kind: "field_report", Channel: "app", Status: "forwarded", AgencyName: &schemas.Text{VI: "Y tế", EN: "Health"}, Topic: "giao-thong", Overdue: true,
		ReceivedAt: due, DueAt: &due, Time: due, Lat: new(11.512), Lon: new(106.9),
	}}, Counts: wire.TicketCounts{Forwarded: 1, Overdue: 1}, Next: "1"}, a.answer(ctx)
}

// placeAnswers are fake Places.
type placeAnswers struct{ *answers }

func (a placeAnswers) List(ctx context.Context, _ query.Scope, _ string) (wire.PlaceList, error) {
	return wire.PlaceList{Places: []wire.Place{{Kind: wire.PlaceTicket, ID: "PA-1", Centre: "dong-xoai", State: "overdue", Lat: 11.5, Lon: 106.9, At: now()}}, Homeless: 2}, a.answer(ctx)
}

func (a *answers) Find(ctx context.Context, _ query.Scope, r query.SearchRequest) (wire.Found, error) {
	if len(r.Text) < 2 {
		return wire.Found{}, query.Refuse(query.ErrBadRequest, "Hãy nhập ít nhất 2 ký tự.", "Type at least 2 characters.")
	}
	return wire.Found{
		Sources: []wire.FoundSource{{Source: "/dong-xoai/camera/cam-1", Centre: "dong-xoai", Domain: "camera", NewestEvent: now()}},
		KPIs:    []wire.FoundKPI{{ID: "camera.offline", Name: schemas.Text{VI: "Camera mất tín hiệu", EN: "Cameras silent"}}},
		Things:  []wire.FoundThing{{Kind: "dossier", ID: "CAM-1", Centre: "dong-xoai", Status: "received", Time: now()}},
	}, a.answer(ctx)
}

func TestConsoleRequests(t *testing.T) {
	a := &answers{}
	r := start(t, a.all)
	r.want(t, 200, "GET /api/v1/sensors?centre=binh-long&state=offline&text=air&after=7&limit=3")
	if d := cmp.Diff(query.DevicesRequest{Type: schemas.TypeSensor, Centre: "binh-long", State: wire.DeviceOffline, Text: "air", After: "7", Limit: 3}, a.devices); d != "" {
		t.Errorf("sensors (-want +got):\n%s", d)
	}
	end := query.TicketCursor{Rank: -5, Centre: "dong-xoai", Name: "PA/1"}
	r.want(t, 200, "GET /api/v1/tickets?kind=petition&status=open&overdue=true&sort=due&after="+end.String())
	want := query.TicketsRequest{Kind: "petition", Status: query.TicketsOpen, Overdue: true, Sort: query.TicketsByDue, After: end, Limit: someTickets}
	if d := cmp.Diff(want, a.tickets); d != "" {
		t.Errorf("tickets (-want +got):\n%s", d)
	}
	r.want(t, 200, "GET /api/v1/sources/dong-xoai/camera/cam-1?to=2026-10-01T00:00:00Z")
	if d := cmp.Diff(query.HourRequest{Source: "/dong-xoai/camera/cam-1", To: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)}, a.hour); d != "" {
		t.Errorf("hour (-want +got):\n%s", d)
	}
}

func TestABoundaryIsServed(t *testing.T) {
	r := start(t, func(o *Options) { o.Boundary = []byte(`{"type":"FeatureCollection","features":[]}`) })
	if a := r.want(t, http.StatusOK, "GET /api/v1/boundary"); a.header.Get("Content-Type") != "application/geo+json" {
		t.Errorf("served as %s", a.header.Get("Content-Type"))
	}
	if a := r.want(t, http.StatusOK, "GET /api/v1/places"); !cmp.Equal(a.body[len(a.body)-len(`"boundary":true}`):], `"boundary":true}`) {
		t.Errorf("the map does not say that there is one: %s", a.body)
	}
}
