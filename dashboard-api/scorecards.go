package dashboardapi

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/binhphuoc/ioc/query/scorecard"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// scorecardParams are what all questions about scores know.
func scorecardParams() []string { return []string{"by", "period", "from", "to"} }

// scorecards answers with the scorecards in force, their weights and sources.
func (s *Server) scorecards(w http.ResponseWriter, r *http.Request) error {
	return writeJSON(w, s.o.Scorecards.Files(r.Context(), s.scope(r)))
}

// scorecard answers with the ranked table of a scorecard.
func (s *Server) scorecard(w http.ResponseWriter, r *http.Request) error {
	q, err := s.scorecardRequest(r)
	if err != nil {
		return err
	}
	out, err := s.o.Scorecards.Table(r.Context(), s.scope(r), q)
	if err != nil {
		return fmt.Errorf("scorecard %s: %w", q.ID, err)
	}
	for _, u := range out.Units {
		withoutCriteria(u.Groups)
	}
	if out.Whole != nil {
		withoutCriteria(out.Whole.Groups)
	}
	return writeJSON(w, out)
}

// withoutCriteria leaves the finest parts out of a table: each unit is opened by itself.
func withoutCriteria(groups []wire.ScorecardGroup) {
	for i := range groups {
		groups[i].Criteria = nil
	}
}

// scorecardParts answers with the score of one unit, opened into its parts.
func (s *Server) scorecardParts(w http.ResponseWriter, r *http.Request) error {
	q, err := s.scorecardRequest(r)
	if err != nil {
		return err
	}
	out, err := s.o.Scorecards.Parts(r.Context(), s.scope(r), q, r.PathValue("unit"))
	if err != nil {
		return fmt.Errorf("scorecard %s of %s: %w", q.ID, r.PathValue("unit"), err)
	}
	return writeJSON(w, out)
}

// scorecardRequest reads what is to be scored: by default all agencies in this year.
func (s *Server) scorecardRequest(r *http.Request) (scorecard.Request, error) {
	q := scorecard.Request{ID: r.PathValue("id"), By: wire.ScorecardBy(cmp.Or(r.URL.Query().Get("by"), string(wire.ByAgency)))}
	if q.By != wire.ByAgency && q.By != wire.ByCentre && q.By != wire.ByHead {
		return q, badRequest("by phải là agency, centre hoặc head.", "by must be agency, centre or head.")
	}
	now := s.o.Now()
	var err error
	if q.From, q.To, err = spanOf(r, now); err != nil {
		return q, err
	}
	switch {
	case !q.From.Before(q.To):
		return q, badRequest("from phải trước to.", "from must be before to.")
	case !q.From.Before(now):
		return q, badRequest("Kỳ này chưa bắt đầu.", "This period has not begun.")
	}
	return q, nil
}

// spanOf is the span that a period names, or from and to: by default this year.
func spanOf(r *http.Request, now time.Time) (from, to time.Time, err error) {
	text := r.URL.Query().Get("period")
	if text != "" && (r.URL.Query().Get("from") != "" || r.URL.Query().Get("to") != "") {
		return from, to, badRequest("Ghi period, hoặc from và to, không ghi cả hai.", "Write period, or from and to, and not both.")
	}
	if text != "" {
		p, err := period.Parse(text)
		if err != nil {
			return from, to, badRequest("Kỳ %[1]q không đúng: hãy ghi một trong các dạng %[3]s.", "%[2]v.", text, err, period.Accepted)
		}
		return p.From, p.To, nil
	}
	if from, err = day(r, "from", period.Current(period.KindYear, now).From); err != nil {
		return from, to, err
	}
	to, err = day(r, "to", period.Current(period.KindYear, from).To)
	return from, to, err
}

// firstScorecard leads to the first of the scorecards.
func (s *Server) firstScorecard(w http.ResponseWriter, r *http.Request) error {
	list := s.o.Scorecards.Files(r.Context(), s.scope(r)).Scorecards
	if len(list) == 0 {
		return notFound("Chưa có bảng điểm nào.", "There is no scorecard yet.")
	}
	to := url.URL{Path: scorecardsPath + "/" + list[0].ID, RawQuery: r.URL.RawQuery}
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
	return nil
}

// day is the day or the moment that a parameter names. A day begins at midnight in Asia/Ho_Chi_Minh.
func day(r *http.Request, name string, otherwise time.Time) (time.Time, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return otherwise.UTC(), nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, period.Zone())
	if err != nil {
		t, err = time.Parse(time.RFC3339, text)
	}
	if err != nil {
		return t, badRequest("%[1]s phải là một ngày, ví dụ 2026-10-01, hoặc thời điểm RFC 3339.",
			"%[1]s must be a day, such as 2026-10-01, or an RFC 3339 time.", name)
	}
	return t.UTC(), nil
}
