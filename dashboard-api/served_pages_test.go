package dashboardapi

import (
	"context"
	"net/http"
	"path/filepath"
	"regexp"
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

// The pages that the server writes are kept as files, in both languages, and the style that stands in them once. A browser compares how they look with pictures of them:
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
	pages := map[string]struct {
		style string // pages of one kind share it
		page  func(language string) answer
	}{
		"sign-in": {"sign-in", func(language string) answer {
			return r.want(t, http.StatusOK, "GET /sign-in?next=/reports", "Accept-Language: "+language)
		}},
		"report":          {"reports", get(http.StatusOK, "/reports?period=2026-09")},
		"report-refused":  {"reports", get(http.StatusBadRequest, "/reports?period=never")},
		"scheduled":       {"reports", get(http.StatusOK, "/reports/scheduled")},
		"scorecard":       {"scorecard", get(http.StatusOK, "/scorecards/card?period=2026-09")},
		"figures":         {"figures", get(http.StatusOK, "/figures")},
		"figures-good":    {"figures", upload("good")},
		"figures-bad":     {"figures", upload("bad")},
		"figures-broken":  {"figures", upload("broken")},
		"figures-written": {"figures", get(http.StatusOK, "/figures/uploads/"+uploadID)},
		"explain":         {"explain", get(http.StatusOK, "/explain/dossier.on_time_rate?centre=province&part=denominator&period=2026-09")},
	}
	key := regexp.MustCompile(`(name="key" value=")[A-Z0-9]+`)
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`)
	for name, p := range pages {
		for _, language := range []string{"vi", "en"} {
			t.Run(name+"-"+language, func(t *testing.T) {
				html := key.ReplaceAllString(p.page(language).body, "${1}KEY")
				if found := style.FindStringSubmatch(html); found != nil {
					reporttest.Golden(t, filepath.Join("pages", p.style+".css"), []byte(found[1]))
				}
				html = style.ReplaceAllString(html, `<link rel="stylesheet" href="`+p.style+`.css">`)
				reporttest.Golden(t, filepath.Join("pages", name+"-"+language+".html"), []byte(html))
			})
		}
	}
}
