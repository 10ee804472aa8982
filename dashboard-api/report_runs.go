package dashboardapi

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/wire"
)

const (
	// someRuns is a list of scheduled reports when the reader does not say how many, maxRuns the longest one.
	someRuns = 100
	maxRuns  = 500
)

// reportRuns answers with what came of scheduled reports, the newest first.
func (s *Server) reportRuns(w http.ResponseWriter, r *http.Request) error {
	most, err := limit(r, someRuns, maxRuns)
	if err != nil {
		return err
	}
	p := r.URL.Query()
	state := wire.ReportRunState(p.Get("state"))
	switch state {
	case "", wire.RunPending, wire.RunRunning, wire.RunDone, wire.RunFailed:
	default:
		return badRequest("state phải là pending, running, done hoặc failed.", "state must be pending, running, done or failed.")
	}
	out, err := s.o.ReportRuns.Runs(r.Context(), s.scope(r), p.Get("schedule"), state, most)
	if err != nil {
		return fmt.Errorf("report runs: %w", err)
	}
	return writeJSON(w, out)
}

// reportSchedules answers with the schedules in force.
func (s *Server) reportSchedules(w http.ResponseWriter, r *http.Request) error {
	out, err := s.o.ReportRuns.Schedules(r.Context(), s.scope(r))
	if err != nil {
		return fmt.Errorf("report schedules: %w", err)
	}
	return writeJSON(w, out)
}

// runReport has a scheduled report made now.
func (s *Server) runReport(w http.ResponseWriter, r *http.Request) error {
	if err := wantJSON(r); err != nil {
		return err
	}
	var in wire.ReportRunRequest
	if err := readOne(r.Body, &in); err != nil || in.Schedule == "" {
		return unreadable(err, "Nội dung phải là một đối tượng JSON có schedule, như mô tả trong /api/v1/openapi.yaml.",
			"The body must be one JSON object with a schedule, as /api/v1/openapi.yaml describes it.")
	}
	by := s.by(r)
	out, err := s.o.ReportRuns.Ask(r.Context(), s.scope(r), in, by)
	switch {
	case errors.Is(err, query.ErrNotFound):
		return notFound("Không có lịch báo cáo này, hoặc bạn không được xem.", "There is no such schedule, or you may not see it.")
	case errors.Is(err, query.ErrBadRequest):
		return badRequest("Kỳ báo cáo %[1]q không hợp với lịch này hoặc chưa kết thúc.", "The period %[1]q does not go with this schedule, or has not ended.", in.Period)
	case err != nil:
		return fmt.Errorf("run report: %w", err)
	}
	s.o.Log.Info("a scheduled report was asked for", "by", by, "schedule", out.Schedule, "period", out.Period)
	return writeJSON(w, out)
}
