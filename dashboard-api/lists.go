package dashboardapi

import (
	"net/http"
	"time"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// freshWithin is how old the newest values may be while the server calls itself ready.
const freshWithin = 30 * time.Second

// list makes JSON of nothing an empty list.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// centres answers with the centres that the reader sees.
func (s *Server) centres(w http.ResponseWriter, r *http.Request) error {
	scope, out := s.scope(r), []wire.Centre{}
	for _, c := range s.o.Registry.Centres {
		if scope.Sees(c.Code) {
			out = append(out, wire.Centre(c))
		}
	}
	return writeJSON(w, wire.CentreList{Centres: out})
}

// schemaList answers with the event types and where their schemas are.
func (s *Server) schemaList(w http.ResponseWriter, _ *http.Request) error {
	out := []wire.EventType{}
	for _, t := range schemas.Types() {
		out = append(out, wire.EventType{Type: string(t), CloudEvent: t.CloudEventType(), Schema: "/api/v1/schemas/" + string(t)})
	}
	return writeJSON(w, wire.EventTypeList{Types: out})
}

// schema answers with the JSON Schema of one event type.
func (s *Server) schema(w http.ResponseWriter, r *http.Request) error {
	data, ok := schemas.Schema(schemas.Type(r.PathValue("type")))
	if !ok {
		return notFound("Không có loại sự kiện này. Xem /api/v1/schemas.", "There is no such event type. See /api/v1/schemas.")
	}
	write(w, "application/schema+json", data)
	return nil
}

func (s *Server) openAPI(w http.ResponseWriter, _ *http.Request) error {
	write(w, "application/yaml", wire.OpenAPI())
	return nil
}

func (s *Server) asyncAPI(w http.ResponseWriter, _ *http.Request) error {
	write(w, "application/yaml", wire.AsyncAPI())
	return nil
}

// healthy says that the process answers.
func (s *Server) healthy(w http.ResponseWriter, _ *http.Request) error {
	write(w, "text/plain; charset=utf-8", []byte("ok\n"))
	return nil
}

// ready says whether there are values to show, and fresh ones.
func (s *Server) ready(w http.ResponseWriter, _ *http.Request) error {
	newest := s.o.Hub.Newest()
	if age := s.o.Now().Sub(newest); newest.IsZero() || age > freshWithin {
		return &fault{status: http.StatusServiceUnavailable, detail: schemas.Text{
			VI: "Chưa có giá trị mới: bộ tính chỉ tiêu chưa chạy hoặc đang chờ kho dữ liệu.",
			EN: "There are no fresh values: KPI evaluation has not begun, or waits for storage.",
		}}
	}
	write(w, "text/plain; charset=utf-8", []byte("ready\n"))
	return nil
}

func (s *Server) metrics(w http.ResponseWriter, r *http.Request) error {
	if s.o.Metrics == nil {
		return notFound("Máy chủ này không xuất số đo.", "This server exports no metrics.")
	}
	s.o.Metrics.ServeHTTP(w, r)
	return nil
}
