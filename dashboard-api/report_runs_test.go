package dashboardapi

import (
	"strings"
	"testing"
)

func TestReportsAreAskedFor(t *testing.T) {
	r := start(t, nil)
	for _, c := range []struct {
		body   string
		status int
		has    string
	}{
		{`{"schedule":"province-monthly"}`, 200, `"state":"pending"`},
		{`{"schedule":"province-monthly","period":"2026-09"}`, 200, `"attempts":2`},
		{`{"schedule":"province-monthly","period":"2026-10"}`, 400, `chưa kết thúc`},
		{`{"schedule":"province-monthly","period":"2026-08"}`, 409, `đang được thực hiện`},
		{`{"schedule":"other"}`, 404, `lịch báo cáo`},
		{`{"schedule":"province-monthly","perod":"2026-09"}`, 400, `JSON`},
		{`{}`, 400, `schedule`},
		{`{"schedule":"province-monthly"} x`, 400, `JSON`},
	} {
		a := r.ask(t, "POST /api/v1/report-runs", c.body, "Content-Type: application/json")
		if a.status != c.status || !strings.Contains(a.body, c.has) {
			t.Errorf("%s: status %d, want %d with %q: %s", c.body, a.status, c.status, c.has, a.body)
		}
	}
}
