package dashboardapi

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/report/page"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/wire"
)

//go:embed reports.html
var reportsHTML string

//go:embed reports.css
var reportsCSS string

// reportPage is the report of a period as a page, with the way to other reports above it. It needs no script.
type reportPage struct {
	parts  *template.Template
	policy string
}

func newReportPage() *reportPage {
	return &reportPage{
		parts:  template.Must(template.New("reports").Parse(reportsHTML)),
		policy: styledBy(navCSS + reportsCSS + page.Style()),
	}
}

// pick is what a reader chooses a report by.
type pick struct {
	English  bool
	Centre   string
	Period   string // as it was asked for
	AsOf     string // in the form of the field, empty: now
	Language string // when the address names one

	Nav   template.HTML // of the page that refuses
	Style template.CSS
	Title string
	Wrong string

	asOf    time.Time
	now     time.Time
	centres []schemas.Centre
	period  period.Period // zero: what was asked for is none
}

// asOfLayout is how a browser sends the moment of a field, without an offset.
const asOfLayout = "2006-01-02T15:04"

// showReport answers with the report of a period: by default that of this month.
func (s *Server) showReport(w http.ResponseWriter, r *http.Request) error {
	en, err := pageLanguage(r)
	if err != nil {
		return err
	}
	p := s.pick(r, en)
	out, err := s.pickedReport(r, &p)
	if err != nil {
		f := faultOf(err)
		if f.status >= http.StatusInternalServerError {
			return err
		}
		return s.refuseReport(w, r, p, f)
	}
	var top bytes.Buffer
	if p.Nav, err = s.navigation(r, reportsPath, en); err != nil {
		return err
	}
	top.WriteString(string(p.Nav))
	if err := s.reports.parts.ExecuteTemplate(&top, "pick", p); err != nil {
		return fmt.Errorf("write the choice of reports: %w", err)
	}
	var body bytes.Buffer
	links := p.links(out)
	links.Top, links.TopStyle = template.HTML(top.String()), navCSS+reportsCSS //nolint:gosec // made by templates that escape
	if err := page.Write(&body, out, p.lang(), links); err != nil {
		return err //nolint:wrapcheck // it says which report
	}
	s.writePage(w, http.StatusOK, s.reports.policy, p.lang(), body.Bytes())
	return nil
}

// pick reads what the address says of a report.
func (s *Server) pick(r *http.Request, en bool) pick {
	q := r.URL.Query()
	p := pick{
		English: en, Centre: q.Get("centre"), Period: q.Get("period"), AsOf: q.Get("as_of"), Language: q.Get("language"), now: s.o.Now(),
	}
	for _, c := range s.o.Registry.Centres {
		if s.scope(r).Sees(c.Code) {
			p.centres = append(p.centres, c)
		}
	}
	if p.Centre == "" {
		p.Centre = s.firstCentre(s.scope(r))
	}
	if p.Period == "" {
		p.Period = period.Current(period.KindMonth, p.now).Text()
	}
	if parsed, err := period.Parse(p.Period); err == nil {
		p.period = parsed
	}
	return p
}

// pickedReport asks for the report that was chosen.
func (s *Server) pickedReport(r *http.Request, p *pick) (*wire.Report, error) {
	if !s.exists(s.scope(r), p.Centre) {
		return nil, notFound("Không có trung tâm này, hoặc bạn không được xem.", "There is no such centre, or you may not see it.")
	}
	if p.AsOf != "" {
		at, err := time.ParseInLocation(asOfLayout, p.AsOf, period.Zone())
		if err != nil {
			if at, err = moment(r, "as_of", time.Time{}); err != nil {
				return nil, err
			}
		}
		p.asOf, p.AsOf = at.UTC(), at.In(period.Zone()).Format(asOfLayout)
	}
	out, err := s.o.Reports.Report(r.Context(), s.scope(r), query.ReportRequest{Period: p.Period, Centre: p.Centre, AsOf: p.asOf})
	if err != nil {
		return nil, fmt.Errorf("page of the report of %s in %s: %w", p.Period, p.Centre, err)
	}
	return out, nil
}

// refuseReport says why there is no such report, and lets the reader choose another one.
func (s *Server) refuseReport(w http.ResponseWriter, r *http.Request, p pick, f *fault) error {
	var err error
	if p.Nav, err = s.navigation(r, reportsPath, p.English); err != nil {
		return err
	}
	p.Style, p.Title, p.Wrong = template.CSS(navCSS+reportsCSS+page.Style()), said(title(f.status), p.English), said(f.detail, p.English)
	var body bytes.Buffer
	if err := s.reports.parts.ExecuteTemplate(&body, "refused", p); err != nil {
		return fmt.Errorf("write why there is no report: %w", err)
	}
	s.writePage(w, f.status, s.reports.policy, p.lang(), body.Bytes())
	return nil
}

// writePage answers with a page that carries its style in itself.
func (s *Server) writePage(w http.ResponseWriter, status int, policy, lang string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("Content-Language", lang)
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept-Language")
	w.WriteHeader(status)
	_, _ = w.Write(body) // who no longer reads it needs no answer
}

// T chooses one of two texts.
func (p pick) T(vi, en string) string { return said(schemas.Text{VI: vi, EN: en}, p.English) }

func (p pick) lang() string { return p.T("vi", "en") }

// Typed tells whether the reader has written what no link leads to.
func (p pick) Typed() bool {
	return p.AsOf != "" || p.Wrong != "" || p.period.Kind == period.KindRange
}

// link is the address of a report.
func (p pick) link(centre, of string) string {
	q := url.Values{"centre": {centre}, "period": {of}}
	if p.Language != "" {
		q.Set("language", p.Language)
	}
	return reportsPath + "?" + q.Encode()
}

// Centres are those to choose from, each with this period.
func (p pick) Centres() []choice {
	var out []choice
	for _, c := range p.centres {
		out = append(out, choice{said(c.Short, p.English), p.link(c.Code, p.Period), c.Code == p.Centre})
	}
	return out
}

// Kinds are the periods of other lengths that hold the end of this one, as far as it has passed.
func (p pick) Kinds() []choice {
	end := p.now
	if p.period.To.Before(end) && !p.period.To.IsZero() {
		end = p.period.To.Add(-time.Second)
	}
	names := map[period.Kind]schemas.Text{
		period.KindDay: {VI: "Ngày", EN: "Day"}, period.KindWeek: {VI: "Tuần", EN: "Week"}, period.KindMonth: {VI: "Tháng", EN: "Month"},
		period.KindQuarter: {VI: "Quý", EN: "Quarter"}, period.KindHalf: {VI: "Nửa năm", EN: "Half-year"}, period.KindYear: {VI: "Năm", EN: "Year"},
	}
	var out []choice
	for _, kind := range period.Kinds() {
		out = append(out, choice{said(names[kind], p.English), p.link(p.Centre, period.Current(kind, end).Text()), kind == p.period.Kind})
	}
	return out
}

// Steps lead to the period before, and to the one after when it has begun.
func (p pick) Steps() []choice {
	if p.period.To.IsZero() {
		return nil
	}
	out := []choice{{Text: "‹ " + p.T("Kỳ trước", "Before"), Link: p.link(p.Centre, p.period.Previous().Text())}}
	if next := p.period.Next(); next.From.Before(p.now) {
		out = append(out, choice{Text: p.T("Kỳ sau", "After") + " ›", Link: p.link(p.Centre, next.Text())})
	}
	return out
}

// links lead from the report to its other forms, and from each number to where it comes from. While the period goes on they
// name the moment of looking, so that paper and page agree.
func (p pick) links(r *wire.Report) page.Links {
	at := ""
	if r.Period.State == wire.PeriodRunning || !p.asOf.IsZero() {
		at = r.AsOf.UTC().Format(time.RFC3339Nano)
	}
	address := func(path string, q url.Values) string {
		if at != "" {
			q.Set("as_of", at)
		}
		return path + "?" + q.Encode()
	}
	file := func(format string) string {
		return address("/api/v1/reports", url.Values{"centre": {r.Centre.Code}, "period": {r.Period.Text}, "format": {format}, "language": {p.lang()}})
	}
	return page.Links{
		PDF: file("pdf"), Excel: file("xlsx"), CSV: file("csv"),
		Explain: func(kpi, centre string, of wire.ReportPeriod) string {
			q := url.Values{"centre": {centre}, "period": {of.Text}}
			if p.Language != "" {
				q.Set("language", p.Language)
			}
			return address("/explain/"+url.PathEscape(kpi), q)
		},
	}
}
