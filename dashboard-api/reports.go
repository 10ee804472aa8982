package dashboardapi

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/wire"
)

const (
	// formatJSON is the format of a report when the reader asks for none.
	formatJSON = "json"
	// Periods to choose from: as many when the reader does not say, and at most.
	somePeriods = 13
	maxPeriods  = 120
)

// report answers with how a centre, and all below it, stood in a period.
func (s *Server) report(w http.ResponseWriter, r *http.Request) error {
	q, err := s.reportRequest(r)
	if err != nil {
		return err
	}
	p := r.URL.Query()
	name, language := p.Get("format"), p.Get("language")
	if name == "" {
		name = formatJSON
	}
	format, ok := s.o.Formats[name]
	if !ok {
		return badRequest("Không có định dạng %[1]q; có: %[2]s.", "There is no format %[1]q; there are %[2]s.", name,
			strings.Join(slices.Sorted(maps.Keys(s.o.Formats)), ", "))
	}
	switch language {
	case "vi", "en":
	case "":
		language = map[bool]string{true: "en", false: "vi"}[english(r)]
	default:
		return badRequest("language phải là vi hoặc en.", "language must be vi or en.")
	}
	out, err := s.o.Reports.Report(r.Context(), s.scope(r), q)
	if err != nil {
		return fmt.Errorf("report of %s in %s: %w", q.Period, q.Centre, err)
	}
	stream := &stream{w: w, begin: func(h http.Header) {
		h.Set("Content-Type", format.ContentType)
		h.Set("Cache-Control", "no-store")
		h.Add("Vary", "Accept-Language")
		if name != formatJSON {
			h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="ioc-%s-%s%s"`, out.Centre.Code, out.Period.Text, format.Extension))
		}
	}}
	if err := format.Write(stream, out, language); err != nil {
		if !stream.begun {
			return fmt.Errorf("write report as %s: %w", name, err)
		}
		// The answer has begun as a good one. To cut it off is the only way left to say that it is not whole.
		s.o.Log.Warn("a report was cut off", "format", name, "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// reportRequest reads which report is meant: by default the one of the first centre that the reader sees, as it is now.
func (s *Server) reportRequest(r *http.Request) (query.ReportRequest, error) {
	q := query.ReportRequest{Period: r.URL.Query().Get("period"), Centre: r.URL.Query().Get("centre")}
	if q.Period == "" {
		return q, badRequest("Thiếu period: hãy ghi một trong các dạng %[1]s.", "period is missing: write %[1]s.", period.Accepted)
	}
	if q.Centre == "" {
		q.Centre = s.firstCentre(s.scope(r))
	}
	if !s.exists(s.scope(r), q.Centre) {
		return q, query.ErrNotFound
	}
	var err error
	q.AsOf, err = moment(r, "as_of", time.Time{})
	return q, err
}

// stream is an answer whose headers are set with its first bytes: what fails before them is answered as a problem.
type stream struct {
	w     http.ResponseWriter
	begin func(http.Header)
	begun bool
}

// Write implements io.Writer.
func (s *stream) Write(p []byte) (int, error) {
	if !s.begun {
		s.begun = true
		s.begin(s.w.Header())
	}
	return s.w.Write(p)
}

// periods answers with the newest periods of a kind.
func (s *Server) periods(w http.ResponseWriter, r *http.Request) error {
	kind := period.Kind(r.URL.Query().Get("kind"))
	if kind == "" {
		kind = period.KindMonth
	}
	if !slices.Contains(period.Kinds(), kind) {
		return badRequest("kind phải là một trong %[1]v.", "kind must be one of %[1]v.", period.Kinds())
	}
	count, err := limit(r, somePeriods, maxPeriods)
	if err != nil {
		return err
	}
	now := s.o.Now()
	out := wire.PeriodList{Periods: []wire.ReportPeriod{}}
	for _, p := range slices.Backward(period.Current(kind, now).Last(count)) {
		out.Periods = append(out.Periods, wire.ReportPeriod{
			Text: p.Text(), Kind: string(p.Kind), Name: p.Name(), From: p.From, To: p.To, State: wire.PeriodStateAt(p.To, now),
		})
	}
	return writeJSON(w, out)
}
