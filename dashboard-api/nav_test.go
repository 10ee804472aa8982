package dashboardapi

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// Whoever is on one page finds all the others, and this one in the other language; and the browser takes the page's style.
func TestEachPageLeadsToTheOthers(t *testing.T) {
	r := start(t, nil)
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`)
	for path, status := range map[string]int{
		"/reports?period=2026-09": http.StatusOK, "/reports?period=never": http.StatusBadRequest, "/scorecards/card": http.StatusOK, "/reports/scheduled": http.StatusOK, "/figures": http.StatusOK,
		"/figures/uploads/" + uploadID: http.StatusOK, "/explain/dossier.on_time_rate": http.StatusOK,
	} {
		a := r.want(t, status, "GET "+path)
		for _, link := range []string{`href="/wall"`, `href="/reports"`, `href="/scorecards"`, `href="/figures"`, `href="/edit"`, "language=en"} {
			if !strings.Contains(a.body, link) {
				t.Errorf("%s does not lead to %s", path, link)
			}
		}
		if n := strings.Count(a.body, "<nav class=\"site\""); n != 1 {
			t.Errorf("%s has %d navigations", path, n)
		}
		list := style.FindAllStringSubmatch(a.body, -1)
		if len(list) != 1 {
			t.Fatalf("%s has %d styles", path, len(list))
		}
		sum := sha256.Sum256([]byte(list[0][1]))
		if p := a.header.Get("Content-Security-Policy"); !strings.Contains(p, base64.StdEncoding.EncodeToString(sum[:])) {
			t.Errorf("%s: the policy %s does not allow its style", path, p)
		}
		if strings.Contains(a.body, " style=") || strings.Contains(a.body, "<script") {
			t.Errorf("%s holds what its policy forbids", path)
		}
	}
	en := r.want(t, http.StatusOK, "GET /reports?period=2026-09&language=en").body
	for _, text := range []string{`<html lang="en">`, `href="/scorecards?language=en"`, `href="/reports?language=en" aria-current="page"`, "Show the report", "language=vi&amp;period=2026-09"} {
		if !strings.Contains(en, text) {
			t.Errorf("in English the page lacks %s", text)
		}
	}
}

// From a report one goes to the periods beside it, and to none that has not begun.
func TestTheReportLeadsToOtherReports(t *testing.T) {
	r := start(t, nil)
	for period, tt := range map[string]struct{ has, lacks string }{
		"2026-09":                {`period=2026-08">‹`, "period=2027"},
		"2026-10":                {`period=2026-09">‹`, `period=2026-11"`},
		"2026-09-01..2026-09-03": {`period=2026-08-29..2026-08-31">‹`, "period=2027"},
		"2026-Q3":                {`period=2026-09-30">Ngày`, `period=2026-10">Tháng`},
	} {
		body := r.want(t, http.StatusOK, "GET /reports?period="+period).body
		if !strings.Contains(body, tt.has) || strings.Contains(body, tt.lacks) {
			t.Errorf("%s: want %s, and not %s, in\n%.3000s", period, tt.has, tt.lacks, body[strings.Index(body, `class="pick"`):])
		}
	}
}
