package dashboardapi

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/report/reporttest"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// fullMonth answers with a report that has everything in it.
type fullMonth struct {
	*answers
	report *wire.Report
}

func (m fullMonth) Report(ctx context.Context, scope query.Scope, r query.ReportRequest) (*wire.Report, error) {
	_, err := m.answers.Report(ctx, scope, r)
	return m.report, err
}

// The pages that the server writes are kept as files, in both languages, and for their style the files that it is made of. A browser compares how they look with pictures of them:
// web/e2e/golden-served.mjs.
func TestServedPagesAreAsTheyWere(t *testing.T) {
	r := start(t, func(o *Options) {
		a := &answers{}
		a.all(o)
		o.Reports, o.Token = fullMonth{a, reporttest.Month(t)}, token
	})
	upload := func(text string) func(language string) answer {
		return func(language string) answer {
			body, kind := form(t, "q3.csv", text, "province")
			return r.ask(t, "POST /figures", body, kind, "Authorization: Bearer "+token, "Accept-Language: "+language)
		}
	}
	get := func(status int, path string) func(language string) answer {
		return func(language string) answer {
			return r.want(t, status, "GET "+path, "Authorization: Bearer "+token, "Accept-Language: "+language)
		}
	}
	reports, figures := []string{"nav.css", "reports.css", "../query/report/page/page.css"}, []string{"nav.css", "figures.css"}
	pages := map[string]struct {
		styles []string
		page   func(language string) answer
	}{
		"sign-in": {[]string{"signin.css"}, func(language string) answer {
			return r.want(t, http.StatusOK, "GET /sign-in?next=/reports", "Accept-Language: "+language)
		}},
		"report":          {reports, get(http.StatusOK, "/reports?period=2026-09")},
		"report-refused":  {reports, get(http.StatusBadRequest, "/reports?period=never")},
		"scheduled":       {reports, get(http.StatusOK, "/reports/scheduled")},
		"scorecard":       {[]string{"nav.css", "scorecard.css"}, get(http.StatusOK, "/scorecards/card?period=2026-09")},
		"figures":         {figures, get(http.StatusOK, "/figures")},
		"figures-good":    {figures, upload("good")},
		"figures-bad":     {figures, upload("bad")},
		"figures-broken":  {figures, upload("broken")},
		"figures-written": {figures, get(http.StatusOK, "/figures/uploads/"+uploadID)},
		"explain":         {[]string{"nav.css", "explain.css"}, get(http.StatusOK, "/explain/dossier.on_time_rate?centre=province&part=denominator&period=2026-09")},
	}
	key := regexp.MustCompile(`(name="key" value=")[A-Z0-9]+`)
	for name, p := range pages {
		var style, links strings.Builder
		for _, file := range p.styles {
			css, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			style.Write(css)
			links.WriteString(`<link rel="stylesheet" href="../../` + file + `">`)
		}
		for _, language := range []string{"vi", "en"} {
			t.Run(name+"-"+language, func(t *testing.T) {
				html := key.ReplaceAllString(p.page(language).body, "${1}KEY")
				html = strings.Replace(html, "<style>"+style.String()+"</style>", links.String(), 1)
				reporttest.Golden(t, filepath.Join("pages", name+"-"+language+".html"), []byte(html))
			})
		}
	}
}
