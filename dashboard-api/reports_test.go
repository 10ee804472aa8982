package dashboardapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// testFormats are json, and one that fails when the report is of a week: at once, or in the middle of its text.
func testFormats() map[string]Format {
	return map[string]Format{
		"json": {ContentType: "application/json", Extension: ".json", Write: func(w io.Writer, r *wire.Report, _ string) error {
			return json.NewEncoder(w).Encode(r)
		}},
		"txt": {ContentType: "text/plain; charset=utf-8", Extension: ".txt", Write: func(w io.Writer, r *wire.Report, language string) error {
			switch r.Period.Text {
			case "2026-W01":
				return errors.New("no font")
			case "2026-W02":
				fmt.Fprint(w, strings.Repeat("x", 1<<20))
				return errors.New("no paper")
			}
			_, err := fmt.Fprintf(w, "%s %s", language, r.Period.Text)
			return err
		}},
	}
}

func testPeriod(p period.Period) wire.ReportPeriod {
	return wire.ReportPeriod{Text: p.Text(), Kind: string(p.Kind), Name: p.Name(), From: p.From, To: p.To, State: wire.PeriodClosed}
}

// Report is a report with something in every field.
func (a *answers) Report(ctx context.Context, scope query.Scope, r query.ReportRequest) (*wire.Report, error) {
	a.mu.Lock()
	a.report = r
	a.mu.Unlock()
	switch {
	case !scope.Sees(r.Centre):
		return nil, query.ErrNotFound
	case r.Period == "2099":
		return nil, query.Refuse(query.ErrBadRequest, "Kỳ %s chưa bắt đầu.", "%s has not begun.", r.Period)
	case r.Period == "1999":
		return nil, query.Refuse(query.ErrNotFound, "Kỳ %s chưa có trung tâm này.", "There was no such centre in %s.", r.Period)
	}
	p, err := period.Parse(r.Period)
	if err != nil {
		return nil, query.Refuse(query.ErrBadRequest, "%q không phải là một kỳ.", "%q is no period.", r.Period)
	}
	n, yes, at := 92.5, true, now()
	figure := wire.ReportFigure{
		Value: &n, Numerator: &n, Denominator: &n, State: wire.StateOK, Newest: &at, Change: &n, For: "2026-08", Revisions: []wire.Revision{{At: at, Before: &n}},
	}
	none := wire.ReportFigure{State: wire.StateNoData, Revisions: []wire.Revision{}}
	text := schemas.Text{VI: "Hồ sơ", EN: "Dossiers"}
	out := &wire.Report{
		Centre: wire.Centre(testRegistry().Centres[0]), Period: testPeriod(p), Previous: testPeriod(p.Previous()), LastYear: testPeriod(p.LastYear()),
		IssuedAt: at, AsOf: at, Data: wire.ReportData{NewestEvent: &at, Events: 3}, Below: []wire.Centre{wire.Centre(testRegistry().Centres[1])},
		Summary: []wire.ReportSentence{{Kind: wire.SentenceOverview, Text: text, KPIs: []string{"dossier.received"}}},
		Pillars: []wire.ReportPillar{{Code: "digital_government", Name: text, Rows: []wire.ReportRow{{
			KPI: "dossier.received", Name: text, Description: text, Better: "up", Source: "QĐ", Meaning: "total", Value: figure, Previous: figure, LastYear: none,
			Target:  &wire.ReportTarget{Value: n, Source: "QĐ", Reached: &yes, By: &at, Expected: &n, OnPath: &yes},
			History: []wire.ReportPoint{{Period: "2026-08"}, {Period: "2026-09", Value: &n}},
			Centres: []wire.CentreValue{{Centre: "dong-xoai", Value: &n, State: wire.StateOK, Change: &n}},
		}}}},
	}
	return out, a.answer(ctx)
}

// Wall is a wall that showed one value.
func (a *answers) Wall(ctx context.Context, _ query.Scope, at time.Time) ([]wire.Value, error) {
	a.mu.Lock()
	a.wall = at
	a.mu.Unlock()
	n := 7.0
	return []wire.Value{{KPI: "hotline.waiting", Centre: "dong-xoai", Value: &n, State: wire.StateStale, Numerator: &n}}, a.answer(ctx)
}

func TestAReportIsAskedForAsTheReaderSays(t *testing.T) {
	a := &answers{}
	r := start(t, a.all)
	r.want(t, 200, "GET /api/v1/reports?period=2026-Q3&centre=dong-xoai&as_of=2026-10-01T00:00:00%2B07:00")
	want := query.ReportRequest{Period: "2026-Q3", Centre: "dong-xoai", AsOf: time.Date(2026, 9, 30, 17, 0, 0, 0, time.UTC)}
	if d := cmp.Diff(want, a.report); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	r.want(t, 200, "GET /api/v1/reports?period=2026-Q3")
	if d := cmp.Diff(query.ReportRequest{Period: "2026-Q3", Centre: "province"}, a.report); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	r.want(t, 200, "GET /api/v1/kpis?at=2026-10-05T08:00:30%2B07:00")
	if want := time.Date(2026, 10, 5, 1, 0, 30, 0, time.UTC); !a.wall.Equal(want) {
		t.Errorf("looked back to %v, want %v", a.wall, want)
	}
}

func TestAReportComesAsAFile(t *testing.T) {
	r := start(t, nil)
	for _, tt := range []struct{ path, language, body string }{
		{"&format=txt", "", "vi 2026-09"},
		{"&format=txt", "en", "en 2026-09"},
		{"&format=txt&language=vi", "en", "vi 2026-09"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/api/v1/reports?period=2026-09"+tt.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Language", tt.language)
		resp, err := r.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || string(body) != tt.body || resp.Header.Get("Content-Type") != "text/plain; charset=utf-8" ||
			resp.Header.Get("Content-Disposition") != `attachment; filename="ioc-province-2026-09.txt"` {
			t.Errorf("%s: %q, %v, %v; want %q", tt.path, body, resp.Header, err, tt.body)
		}
	}
}

// A report that fails before its first byte is a problem; one that fails after it is cut off, so that nobody takes it for whole.
func TestAReportThatFailsIsNeverTakenForWhole(t *testing.T) {
	r := start(t, nil)
	if a := r.want(t, 500, "GET /api/v1/reports?period=2026-W01&format=txt"); a.header.Get("Content-Disposition") != "" || strings.Contains(a.body, "font") {
		t.Errorf("%v %s", a.header, a.body)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/api/v1/reports?period=2026-W02&format=txt", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return // cut off before anything came
	}
	defer resp.Body.Close()
	if _, err := io.ReadAll(resp.Body); err == nil {
		t.Error("a report that failed in the middle looks whole")
	}
}
