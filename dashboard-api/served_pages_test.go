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

// The pages that the server writes are kept as files, in both languages. A browser compares how they look with pictures of them:
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
	pages := map[string]func(language string) answer{
		"sign-in": func(language string) answer {
			return r.want(t, http.StatusOK, "GET /sign-in?next=/reports", "Accept-Language: "+language)
		},
		"report":          get(http.StatusOK, "/reports?period=2026-09"),
		"report-refused":  get(http.StatusBadRequest, "/reports?period=never"),
		"scheduled":       get(http.StatusOK, "/reports/scheduled"),
		"scorecard":       get(http.StatusOK, "/scorecards/card?period=2026-09"),
		"figures":         get(http.StatusOK, "/figures"),
		"figures-good":    upload("good"),
		"figures-bad":     upload("bad"),
		"figures-broken":  upload("broken"),
		"figures-written": get(http.StatusOK, "/figures/uploads/"+uploadID),
		"explain":         get(http.StatusOK, "/explain/dossier.on_time_rate?centre=province&part=denominator"),
		"explain-month":   get(http.StatusOK, "/explain/dossier.on_time_rate?centre=province&period=2026-09"),
	}
	key := regexp.MustCompile(`(name="key" value=")[A-Z0-9]+`)
	for name, page := range pages {
		for _, language := range []string{"vi", "en"} {
			t.Run(name+"-"+language, func(t *testing.T) {
				html := key.ReplaceAllString(page(language).body, "${1}KEY")
				reporttest.Golden(t, filepath.Join("pages", name+"-"+language+".html"), []byte(html))
			})
		}
	}
}
