package dashboardapi

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/wire"
)

const (
	// maxPoints is the longest series that is answered.
	maxPoints = 10000
	// wantedPoints is what a series has at most when the reader does not say how fine it is to be.
	wantedPoints = 500
	// stepUnit is what steps are multiples of.
	stepUnit = 10 * time.Second
)

// kpis answers with the catalogue and the newest values, or those of a moment.
func (s *Server) kpis(w http.ResponseWriter, r *http.Request) error {
	values, err := s.values(r)
	if err != nil {
		return err
	}
	pillar := r.URL.Query().Get("pillar")
	out := []wire.KPI{}
	for _, k := range s.o.Catalogue() {
		if pillar == "" || k.Pillar == pillar {
			out = append(out, with(k, values[k.ID]))
		}
	}
	return writeJSON(w, wire.KPIList{KPIs: out})
}

// kpi answers with one entry of the catalogue.
func (s *Server) kpi(w http.ResponseWriter, r *http.Request) error {
	values, err := s.values(r)
	if err != nil {
		return err
	}
	for _, k := range s.o.Catalogue() {
		if k.ID == r.PathValue("id") {
			return writeJSON(w, with(k, values[k.ID]))
		}
	}
	return query.ErrNotFound
}

func with(k wire.KPI, values []wire.Value) wire.KPI {
	if k.Values = values; values == nil {
		k.Values = []wire.Value{}
	}
	return k
}

// values are the values that the request is about, by KPI: the newest, or those that were shown at a moment.
func (s *Server) values(r *http.Request) (map[string][]wire.Value, error) {
	scope, centre := s.scope(r), r.URL.Query().Get("centre")
	if centre != "" && !s.exists(scope, centre) {
		return nil, query.ErrNotFound
	}
	all := s.o.Hub.Values(scope)
	if r.URL.Query().Has("at") {
		at, err := moment(r, "at", s.o.Now().UTC())
		if err != nil {
			return nil, err
		}
		if all, err = s.o.Reports.Wall(r.Context(), scope, at); err != nil {
			return nil, fmt.Errorf("values of %s: %w", at, err)
		}
	}
	out := map[string][]wire.Value{}
	for _, v := range all {
		if centre == "" || v.Centre == centre {
			out[v.KPI] = append(out[v.KPI], v)
		}
	}
	return out, nil
}

// exists tells whether there is such a centre for the reader.
func (s *Server) exists(scope query.Scope, centre string) bool {
	_, ok := s.o.Registry.Centre(centre)
	return ok && scope.Sees(centre)
}

// series answers with a KPI over time: by default of the last 24 hours of the first centre that the reader sees.
func (s *Server) series(w http.ResponseWriter, r *http.Request) error {
	q, err := s.seriesRequest(r)
	if err != nil {
		return err
	}
	out, err := s.o.Queries.Series(r.Context(), s.scope(r), q)
	if err != nil {
		return fmt.Errorf("series of %s in %s: %w", q.KPI, q.Centre, err)
	}
	return writeJSON(w, out)
}

func (s *Server) seriesRequest(r *http.Request) (query.SeriesRequest, error) {
	q := query.SeriesRequest{KPI: r.PathValue("id"), Centre: r.URL.Query().Get("centre")}
	if q.Centre == "" {
		q.Centre = s.firstCentre(s.scope(r))
	}
	if !s.exists(s.scope(r), q.Centre) {
		return q, query.ErrNotFound
	}
	var err error
	if q.To, err = moment(r, "to", s.o.Now().UTC()); err != nil {
		return q, err
	}
	if q.From, err = moment(r, "from", q.To.Add(-24*time.Hour)); err != nil {
		return q, err
	}
	if !q.From.Before(q.To) {
		return q, badRequest("from phải trước to.", "from must be before to.")
	}
	span := q.To.Sub(q.From)
	if q.Step, err = step(r, span); err != nil {
		return q, err
	}
	if span/q.Step >= maxPoints {
		return q, badRequest("Chuỗi dài hơn %[1]d điểm: hãy chọn step lớn hơn.", "The series is longer than %[1]d points: take a longer step.", maxPoints)
	}
	return q, nil
}

func (s *Server) firstCentre(scope query.Scope) string {
	for _, c := range s.o.Registry.Centres {
		if scope.Sees(c.Code) {
			return c.Code
		}
	}
	return ""
}

// moment is the time that a parameter names.
func moment(r *http.Request, name string, otherwise time.Time) (time.Time, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return otherwise, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, badRequest("%[1]s phải là thời điểm RFC 3339, ví dụ 2026-10-01T08:00:00+07:00 (dấu + viết là %%2B).",
			"%[1]s must be an RFC 3339 time, such as 2026-10-01T08:00:00+07:00 (with + written as %%2B).", name)
	}
	return t.UTC(), nil
}

// step is the step that the request names, or one that fits to the span.
func step(r *http.Request, span time.Duration) (time.Duration, error) {
	text := r.URL.Query().Get("step")
	if text == "" {
		return fittingStep(span), nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		d, err = time.ParseDuration(text + "s")
	}
	if err != nil || d < stepUnit || d%stepUnit != 0 {
		return 0, badRequest("step phải là bội số của %[1]s, ví dụ 5m hoặc 300.", "step must be a multiple of %[1]s, such as 5m or 300.", stepUnit)
	}
	return d, nil
}

func fittingStep(span time.Duration) time.Duration {
	const day = 24 * time.Hour
	for _, s := range []time.Duration{
		stepUnit, 30 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 6 * time.Hour,
	} {
		if span/s <= wantedPoints {
			return s
		}
	}
	return day * (1 + span/(wantedPoints*day))
}

// limit is how many a reader wants of a list.
func limit(r *http.Request, otherwise, most int) (int, error) { //nolint:unparam // each list has a bound of its own; they are alike today
	text := r.URL.Query().Get("limit")
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, badRequest("limit phải là số nguyên từ 1 đến %[1]d.", "limit must be a whole number from 1 to %[1]d.", most)
	}
	return n, nil
}
