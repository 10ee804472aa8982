package dashboardapi

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// Devices answers what is asked of cameras, sensors and single sources.
type Devices interface {
	List(ctx context.Context, scope query.Scope, r query.DevicesRequest) (wire.DeviceList, error)
	Hour(ctx context.Context, scope query.Scope, r query.HourRequest) (wire.SourceHour, error)
}

// Tickets answers what is asked of questions, petitions and field reports.
type Tickets interface {
	List(ctx context.Context, scope query.Scope, r query.TicketsRequest) (wire.TicketList, error)
}

// Places answers what stands where.
type Places interface {
	List(ctx context.Context, scope query.Scope, centre string) (wire.PlaceList, error)
}

// Search finds things by their names.
type Search interface {
	Find(ctx context.Context, scope query.Scope, r query.SearchRequest) (wire.Found, error)
}

// What a console lists when the reader does not say how much.
const (
	someDevices = 100
	someTickets = 100
	someFound   = 20
)

func deviceParams() []string { return []string{"centre", "state", "text", "after", "limit"} }

// devices answers with a page of cameras, or of sensors.
func (s *Server) devices(t schemas.Type) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		p := r.URL.Query()
		q := query.DevicesRequest{Type: t, Centre: p.Get("centre"), State: wire.DeviceState(p.Get("state")), Text: p.Get("text"), After: p.Get("after")}
		if q.Centre != "" && !s.exists(s.scope(r), q.Centre) {
			return query.ErrNotFound
		}
		var err error
		if q.Limit, err = limit(r, someDevices, query.MaxDevices); err != nil {
			return err
		}
		out, err := s.o.Devices.List(r.Context(), s.scope(r), q)
		if err != nil {
			return fmt.Errorf("devices of type %s: %w", t, err)
		}
		return writeJSON(w, out)
	}
}

// tickets answers with a page of tickets.
func (s *Server) tickets(w http.ResponseWriter, r *http.Request) error {
	p := r.URL.Query()
	q := query.TicketsRequest{Centre: p.Get("centre"), Kind: p.Get("kind"), ID: p.Get("id"), Status: p.Get("status"), Sort: query.TicketSort(p.Get("sort"))}
	if q.Centre != "" && !s.exists(s.scope(r), q.Centre) {
		return query.ErrNotFound
	}
	var err error
	if q.Overdue, err = yes(r, "overdue"); err != nil {
		return err
	}
	if after := p.Get("after"); after != "" {
		if q.After, err = query.ParseTicketCursor(after); err != nil {
			return err
		}
	}
	if q.Limit, err = limit(r, someTickets, query.MaxTickets); err != nil {
		return err
	}
	out, err := s.o.Tickets.List(r.Context(), s.scope(r), q)
	if err != nil {
		return fmt.Errorf("tickets: %w", err)
	}
	return writeJSON(w, out)
}

// sourceHour answers with one source, and what it did in an hour.
func (s *Server) sourceHour(w http.ResponseWriter, r *http.Request) error {
	q := query.HourRequest{Source: "/" + r.PathValue("centre") + "/" + r.PathValue("domain") + "/" + r.PathValue("name")}
	var err error
	if q.To, err = moment(r, "to", time.Time{}); err != nil {
		return err
	}
	if year := q.To.Year(); !q.To.IsZero() && (year < 2000 || year > 2100) {
		return badRequest("to phải từ năm 2000 đến năm 2100.", "to must be between the years 2000 and 2100.")
	}
	out, err := s.o.Devices.Hour(r.Context(), s.scope(r), q)
	if err != nil {
		return fmt.Errorf("hour of a source: %w", err)
	}
	return writeJSON(w, out)
}

// search answers with whatever has a text in its name.
func (s *Server) search(w http.ResponseWriter, r *http.Request) error {
	q := query.SearchRequest{Text: r.URL.Query().Get("q")}
	var err error
	if q.Limit, err = limit(r, someFound, query.MaxFound); err != nil {
		return err
	}
	out, err := s.o.Search.Find(r.Context(), s.scope(r), q)
	if err != nil {
		return fmt.Errorf("search: %w", err)
	}
	return writeJSON(w, out)
}

// places answers with the points of the map.
func (s *Server) places(w http.ResponseWriter, r *http.Request) error {
	centre := r.URL.Query().Get("centre")
	if centre != "" && !s.exists(s.scope(r), centre) {
		return query.ErrNotFound
	}
	out, err := s.o.Places.List(r.Context(), s.scope(r), centre)
	if err != nil {
		return fmt.Errorf("places: %w", err)
	}
	out.Boundary = s.o.Boundary != nil
	return writeJSON(w, out)
}

// boundary answers with the boundary that was configured.
func (s *Server) boundary(w http.ResponseWriter, _ *http.Request) error {
	if s.o.Boundary == nil {
		return notFound("Chưa khai báo ranh giới: đặt --map-boundary là tệp GeoJSON của tỉnh.", "No boundary is configured: set --map-boundary to the province's GeoJSON file.")
	}
	write(w, "application/geo+json", s.o.Boundary)
	return nil
}
