package dashboardapi

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// Explain answers where numbers come from.
type Explain interface {
	Explain(ctx context.Context, scope query.Scope, r query.ExplainRequest) (wire.Explanation, error)
	Events(ctx context.Context, scope query.Scope, r query.EventsRequest) (wire.KPIEventList, error)
	// Each hands over all events, one by one, after it has called begin with the list that they are of.
	Each(ctx context.Context, scope query.Scope, r query.EventsRequest, begin func(wire.KPIEventList) error, yield func(*wire.KPIEvent) error) error
}

// someEvents is a page of events when the reader does not say how many.
const someEvents = 100

func explainParams() []string { return []string{"centre", "from", "to", "period", "as_of"} }

func (s *Server) explainRequest(r *http.Request) (query.ExplainRequest, error) {
	q := query.ExplainRequest{KPI: r.PathValue("id"), Centre: r.URL.Query().Get("centre")}
	if q.Centre == "" {
		q.Centre = s.firstCentre(s.scope(r))
	}
	if !s.exists(s.scope(r), q.Centre) {
		return q, query.ErrNotFound
	}
	var err error
	if q.From, err = moment(r, "from", time.Time{}); err != nil {
		return q, err
	}
	if q.To, err = moment(r, "to", time.Time{}); err != nil {
		return q, err
	}
	if q.Period = r.URL.Query().Get("period"); q.Period != "" {
		q.AsOf, err = moment(r, "as_of", time.Time{})
	}
	switch {
	case err != nil:
		return q, err
	case q.Period != "" && !q.From.IsZero():
		return q, badRequest("Ghi period, hoặc from và to, không ghi cả hai.", "Write period, or from and to, and not both.")
	case q.From.IsZero() != q.To.IsZero():
		return q, badRequest("from và to phải đi cùng nhau; bỏ cả hai để xem giá trị hiện tại.", "from and to go together; leave both out for the live value.")
	case !q.From.IsZero() && !q.From.Before(q.To):
		return q, badRequest("from phải trước to.", "from must be before to.")
	case !q.From.IsZero() && (q.From.Year() < 2000 || q.To.Year() > 2200):
		return q, badRequest("from và to phải từ năm 2000 đến năm 2200.", "from and to must be between the years 2000 and 2200.")
	}
	return q, nil
}

func (s *Server) eventsRequest(r *http.Request) (query.EventsRequest, error) {
	q := query.EventsRequest{Part: r.URL.Query().Get("part"), After: r.URL.Query().Get("after")}
	var err error
	if q.ExplainRequest, err = s.explainRequest(r); err != nil {
		return q, err
	}
	if q.Part != "" && q.Part != "numerator" && q.Part != "denominator" {
		return q, badRequest("part phải là numerator hoặc denominator.", "part must be numerator or denominator.")
	}
	q.Limit, err = limit(r, someEvents, query.MaxEvents)
	return q, err
}

// explanation answers where a number comes from.
func (s *Server) explanation(w http.ResponseWriter, r *http.Request) error {
	q, err := s.explainRequest(r)
	if err != nil {
		return err
	}
	out, err := s.o.Explain.Explain(r.Context(), s.scope(r), q)
	if err != nil {
		return fmt.Errorf("explanation of %s in %s: %w", q.KPI, q.Centre, err)
	}
	return writeJSON(w, out)
}

// kpiEvents answers with a page of what was counted.
func (s *Server) kpiEvents(w http.ResponseWriter, r *http.Request) error {
	q, err := s.eventsRequest(r)
	if err != nil {
		return err
	}
	out, err := s.o.Explain.Events(r.Context(), s.scope(r), q)
	if err != nil {
		return fmt.Errorf("events of %s in %s: %w", q.KPI, q.Centre, err)
	}
	return writeJSON(w, out)
}

// exportEventsLines answers with all that was counted, a line of JSON each.
func (s *Server) exportEventsLines(w http.ResponseWriter, r *http.Request) error {
	enc := json.NewEncoder(w)
	return s.exportEvents(w, r, "application/x-ndjson", "ndjson", func(wire.KPIEventList) error { return nil },
		func(e *wire.KPIEvent) error { return enc.Encode(e) })
}

// exportEventsCSV answers with all that was counted, as a table that spreadsheets open.
func (s *Server) exportEventsCSV(w http.ResponseWriter, r *http.Request) error {
	table := csv.NewWriter(w)
	var fields []string
	return s.exportEvents(w, r, "text/csv; charset=utf-8; header=present", "csv", func(l wire.KPIEventList) error {
		// By this mark Excel knows UTF-8.
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return err
		}
		fields = l.Fields
		return writeRow(table, append([]string{"at", "kind", "centre", "entity", "source", "time", "arrived", "numerator", "denominator", "value"}, prefixed(fields)...))
	}, func(e *wire.KPIEvent) error { return writeRow(table, csvRow(e, fields)) })
}

// writeRow hands each row on at once, so that a connection that is gone is seen.
func writeRow(table *csv.Writer, row []string) error {
	err := table.Write(row)
	table.Flush()
	return errors.Join(err, table.Error())
}

// prefixed keeps fields of the contract apart from the columns that stand before them.
func prefixed(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = "data." + n
	}
	return out
}

func csvRow(e *wire.KPIEvent, fields []string) []string {
	clock := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return t.Format(time.RFC3339Nano)
	}
	count := func(v *float64) string {
		if v == nil {
			return ""
		}
		return strconv.FormatFloat(*v, 'f', -1, 64)
	}
	row := []string{
		clock(&e.At), harmless(e.Kind), harmless(e.Centre), harmless(e.Entity), harmless(e.Source), clock(e.Time), clock(e.Arrived),
		count(e.Numerator), count(e.Denominator), count(e.Value),
	}
	for _, name := range fields {
		row = append(row, harmless(e.Fields[name]))
	}
	return row
}

// harmless keeps a spreadsheet from taking a text that a centre sent for a formula. Numbers stay numbers.
func harmless(text string) string {
	if text == "" || !strings.ContainsRune("=+-@\t\r\n", rune(text[0])) {
		return text
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return text
	}
	return "'" + text
}

// exportEvents streams all events of a request.
func (s *Server) exportEvents(w http.ResponseWriter, r *http.Request, kind, extension string, begin func(wire.KPIEventList) error, yield func(*wire.KPIEvent) error) error {
	q, err := s.eventsRequest(r)
	if err != nil {
		return err
	}
	// An export takes as long as it is. What bounds it is that the reader takes one part after the other.
	ctx := context.WithoutCancel(r.Context())
	out, begun := http.NewResponseController(w), false
	extend := func() error {
		// The clock of the connection, whatever that of the data says.
		if err := out.SetWriteDeadline(time.Now().Add(takeWithin)); err != nil {
			return fmt.Errorf("set deadline: %w", err)
		}
		return nil
	}
	n := 0
	err = s.o.Explain.Each(ctx, s.scope(r), q, func(l wire.KPIEventList) error {
		h := w.Header()
		h.Set("Content-Type", kind)
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s.%s"`, l.KPI, l.Centre, extension))
		begun = true
		if err := extend(); err != nil {
			return err
		}
		return begin(l)
	}, func(e *wire.KPIEvent) error {
		if n++; n%500 == 0 {
			if err := extend(); err != nil {
				return err
			}
		}
		return yield(e)
	})
	switch {
	case err != nil && !begun:
		return fmt.Errorf("export of events: %w", err)
	case err != nil:
		// The answer has begun as a good one. To cut it off is the only way left to say that it is not whole.
		s.o.Log.Warn("an export of events was cut off", "kpi", q.KPI, "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}
