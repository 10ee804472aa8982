package dashboardapi

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"net/url"

	"github.com/binhphuoc/ioc/query/report/page"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// scheduledPath is the page of reports that are made by themselves.
const scheduledPath = reportsPath + "/scheduled"

// scheduled is what that page shows.
type scheduled struct {
	English   bool
	Nav       template.HTML
	Style     template.CSS
	Schedules []wire.ReportSchedule
	Faults    []string
	Runs      []wire.ReportRun
	names     map[string]schemas.Text // of centres
	language  string
}

// showScheduled answers with the schedules, and with what came of the newest reports.
func (s *Server) showScheduled(w http.ResponseWriter, r *http.Request) error {
	en, err := pageLanguage(r)
	if err != nil {
		return err
	}
	v := scheduled{
		English: en, Style: template.CSS(navCSS + reportsCSS + page.Style()), names: map[string]schemas.Text{}, language: r.URL.Query().Get("language"),
	}
	for _, c := range s.o.Registry.Centres {
		v.names[c.Code] = c.Short
	}
	if v.Nav, err = s.navigation(r, reportsPath, en); err != nil {
		return err
	}
	list, err := s.o.ReportRuns.Schedules(r.Context(), s.scope(r))
	if err != nil {
		return fmt.Errorf("page of report schedules: %w", err)
	}
	runs, err := s.o.ReportRuns.Runs(r.Context(), s.scope(r), "", "", someRuns)
	if err != nil {
		return fmt.Errorf("page of report runs: %w", err)
	}
	v.Schedules, v.Faults, v.Runs = list.Schedules, list.Faults, runs.Runs
	var body bytes.Buffer
	if err := s.reports.parts.ExecuteTemplate(&body, "scheduled", v); err != nil {
		return fmt.Errorf("write the page of scheduled reports: %w", err)
	}
	s.writePage(w, http.StatusOK, s.reports.policy, v.T("vi", "en"), body.Bytes())
	return nil
}

// T chooses one of two texts.
func (v scheduled) T(vi, en string) string { return said(schemas.Text{VI: vi, EN: en}, v.English) }

// Say chooses the language of a text.
func (v scheduled) Say(t schemas.Text) string { return said(t, v.English) }

// Name is the name of a centre.
func (v scheduled) Name(code string) string {
	if name, ok := v.names[code]; ok {
		return v.Say(name)
	}
	return code
}

// Clock writes a moment.
func (v scheduled) Clock(t any) string { return tongue{english: v.English}.clock(t) }

// Kind names how often a report is made.
func (v scheduled) Kind(kind string) string {
	return v.Say(map[string]schemas.Text{
		"day": {VI: "mỗi ngày", EN: "daily"}, "week": {VI: "mỗi tuần", EN: "weekly"}, "month": {VI: "mỗi tháng", EN: "monthly"},
		"quarter": {VI: "mỗi quý", EN: "quarterly"}, "year": {VI: "mỗi năm", EN: "yearly"},
	}[kind])
}

// Wrong tells whether something stands in the way of a report.
func (v scheduled) Wrong(r wire.ReportRun) bool {
	return r.State == wire.RunFailed || r.Error != "" || len(r.Refused) > 0
}

// Mark is the sign of a state, for those who do not go by its colour.
func (v scheduled) Mark(r wire.ReportRun) string {
	switch {
	case r.State == wire.RunFailed:
		return "✕"
	case v.Wrong(r):
		return "!"
	case r.State == wire.RunDone:
		return "●"
	default:
		return "○"
	}
}

// Report is the address of the report that was made.
func (v scheduled) Report(r wire.ReportRun) string {
	q := url.Values{"centre": {r.Centre}, "period": {r.Period}}
	if v.language != "" {
		q.Set("language", v.language)
	}
	return reportsPath + "?" + q.Encode()
}
