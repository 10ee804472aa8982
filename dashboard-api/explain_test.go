package dashboardapi

import (
	"context"
	"encoding/csv"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// explained is a fake Explain: it knows one KPI.
type explained struct{ *answers }

func testWindow() wire.ExplainedWindow {
	return wire.ExplainedWindow{Text: "month", From: now().AddDate(0, 0, -4), To: now(), Local: schemas.Text{VI: "từ 1/10", EN: "from 1 October"}}
}

func testEvents() []wire.KPIEvent {
	at, one, zero := now(), 1.0, 0.0
	return []wire.KPIEvent{
		{
			At: at, Kind: "dossier", Centre: "dong-xoai", Entity: "=DX-1", Source: "/dong-xoai/service/dvc", Time: &at, Arrived: &at, Numerator: &one, Denominator: &one,
			Fields: map[string]string{"status": "completed", "topic": "@sum(A1)", "due_at": "2026-10-05T10:00:00.000Z", "rating": "-1.5"},
		},
		{At: at, Kind: "dossier", Centre: "dong-xoai", Entity: "DX-2", Numerator: &zero, Denominator: &one, Fields: map[string]string{}},
	}
}

func (e explained) known(ctx context.Context, r query.ExplainRequest) error {
	if err := e.answer(ctx); err != nil {
		return err
	}
	if r.KPI == "none" {
		return query.ErrNotFound
	}
	return nil
}

func (e explained) Explain(ctx context.Context, _ query.Scope, r query.ExplainRequest) (wire.Explanation, error) {
	at, num, den, rate := now(), 3.0, 4.0, 75.0
	late, share := uint64(1), 0.125
	value := wire.Value{KPI: r.KPI, Centre: r.Centre, Value: &rate, State: wire.StateWarning, At: &at, Numerator: &num, Denominator: &den}
	formula := wire.Formula{Kind: "ratio", Of: "dossier", At: "completed_at", Where: `status == "<completed>"`}
	if r.KPI == scored {
		formula = wire.Formula{Kind: "score"}
	}
	var told *wire.ExplainedPeriod
	if r.Period != "" {
		told = &wire.ExplainedPeriod{Text: r.Period, Meaning: "ratio"}
	}
	return wire.Explanation{
		Period:     told,
		Definition: schemas.Text{VI: "Số hồ sơ có hạn không sớm hơn kết quả, chia cho số hồ sơ có kết quả.", EN: "Dossiers whose due time is not before their result, of those with a result."},
		KPI: wire.ExplainedKPI{
			ID: r.KPI, Name: schemas.Text{VI: "Hồ sơ đúng hạn", EN: "Dossiers on time"},
			Description: schemas.Text{VI: "Trong số hồ sơ có kết quả từ đầu tháng, tỷ lệ có kết quả không muộn hơn hạn.", EN: "Of the dossiers with a result since the month began, the share that had it no later than due."},
			File:        "catalogue/dossier.on_time_rate.yaml", Source: "QĐ 766/QĐ-TTg", Unit: "%", Decimals: 1, Better: "up", Scale: 100,
			Formula: formula, Scorecard: map[bool]string{true: "card"}[r.KPI == scored],
		},
		Centre: wire.Centre{Code: r.Centre, From: now()}, At: now(), Basis: wire.BasisLive, Window: testWindow(), Value: value,
		Centres:   []wire.ExplainedCentre{{Centre: "dong-xoai", Value: &rate, Numerator: &num, Denominator: &den, Newest: &at}},
		Evidence:  &wire.Evidence{Things: 4, Events: 8, Sources: 1, Newest: &at, NewestArrival: &at, Late: &late, LateShare: &share},
		Refused:   wire.RefusedShare{From: now(), To: now(), Domains: []string{"service"}, Refused: 2, Open: 1, Taken: 8, Share: &share},
		Revisions: []wire.DayRevision{{Day: now(), Centre: "dong-xoai", At: now(), Now: &rate}},
		Target:    &wire.Target{Value: 1234.5, From: now(), Source: "QĐ 1"}, Warning: &wire.Bound{Enter: 90, Leave: 92},
		Rollups: []wire.ExplainedTier{{Seconds: 86400, From: now(), To: now()}},
	}, e.known(ctx, r)
}

func (e explained) list(r query.EventsRequest) wire.KPIEventList {
	return wire.KPIEventList{
		KPI: r.KPI, Centre: r.Centre, Window: testWindow(), Part: "denominator", Fields: []string{"status", "topic", "due_at", "rating"}, Events: testEvents(), Next: "a.b.c",
	}
}

func (e explained) Events(ctx context.Context, _ query.Scope, r query.EventsRequest) (wire.KPIEventList, error) {
	e.mu.Lock()
	e.events = r
	e.mu.Unlock()
	if r.KPI == scored {
		return wire.KPIEventList{}, query.ErrBadRequest
	}
	return e.list(r), e.known(ctx, r.ExplainRequest)
}

// scored is a KPI that is a score: it has no events.
const scored = "index.766"

func (e explained) Each(ctx context.Context, _ query.Scope, r query.EventsRequest, begin func(wire.KPIEventList) error, yield func(*wire.KPIEvent) error) error {
	if err := e.known(ctx, r.ExplainRequest); err != nil {
		return err
	}
	if err := begin(e.list(r)); err != nil {
		return err
	}
	for _, v := range testEvents() {
		if err := yield(&v); err != nil {
			return err
		}
	}
	return nil
}

func TestASpreadsheetTakesNoTextForAFormula(t *testing.T) {
	r := start(t, nil)
	a := r.want(t, http.StatusOK, "GET /api/v1/kpis/dossier.on_time_rate/events.csv?centre=dong-xoai")
	if got := a.header.Get("Content-Disposition"); got != `attachment; filename="dossier.on_time_rate-dong-xoai.csv"` {
		t.Errorf("Content-Disposition is %s", got)
	}
	text, ok := strings.CutPrefix(a.body, "\ufeff")
	if !ok {
		t.Error("no byte order mark")
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"at", "kind", "centre", "entity", "source", "time", "arrived", "numerator", "denominator", "value", "data.status", "data.topic", "data.due_at", "data.rating"},
		{
			"2026-10-05T01:30:00Z", "dossier", "dong-xoai", "'=DX-1", "/dong-xoai/service/dvc", "2026-10-05T01:30:00Z", "2026-10-05T01:30:00Z", "1", "1", "",
			"completed", "'@sum(A1)", "2026-10-05T10:00:00.000Z", "-1.5",
		},
		{"2026-10-05T01:30:00Z", "dossier", "dong-xoai", "DX-2", "", "", "", "0", "1", "", "", "", "", ""},
	}
	if d := cmp.Diff(want, rows); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestThePageOfAnExplanation(t *testing.T) {
	r := start(t, nil)
	const path = "GET /explain/dossier.on_time_rate?centre=dong-xoai&from=2026-10-01T00:00:00Z&to=2026-10-05T00:00:00Z"
	a := r.want(t, http.StatusOK, path)
	for _, want := range []string{
		`lang="vi"`, "Hồ sơ đúng hạn", "75,0", "3 / 4", "Cảnh báo", "1 (12,50\u00a0%)", "1.234,5", "12,50\u00a0%", "&lt;completed&gt;", "08:30:00\u00a005/10/2026", "=DX-1",
		"/api/v1/kpis/dossier.on_time_rate/events.csv?centre=dong-xoai&amp;from=2026-10-01T00%3A00%3A00Z&amp;to=2026-10-05T00%3A00%3A00Z",
		"after=a.b.c", `language=en`, "17:00:00\u00a005/10/2026",
	} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(a.body, "<script") || !strings.Contains(a.header.Get("Content-Security-Policy"), "style-src 'sha256-") {
		t.Error("the page has a script, or a style that its policy does not know")
	}
	a = r.want(t, http.StatusOK, path, "Accept-Language: en")
	for _, want := range []string{`lang="en"`, "Dossiers on time", "75.0", "1,234.5", "Warning"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the English page lacks %s", want)
		}
	}
}

func TestNumbersAreWrittenAsTheyAreRead(t *testing.T) {
	vi, en := tongue{}, tongue{english: true}
	for _, tt := range []struct {
		v        float64
		decimals int
		vi, en   string
	}{
		{0, 0, "0", "0"}, {999, 0, "999", "999"}, {1000, 1, "1.000,0", "1,000.0"}, {-1234567.891, 2, "−1.234.567,89", "−1,234,567.89"}, {-0.001, 1, "0,0", "0.0"},
	} {
		if got := vi.number(&tt.v, tt.decimals); got != tt.vi {
			t.Errorf("%v: %s, want %s", tt.v, got, tt.vi)
		}
		if got := en.number(&tt.v, tt.decimals); got != tt.en {
			t.Errorf("%v: %s, want %s", tt.v, got, tt.en)
		}
	}
	if got := vi.whole(new(1200.5)) + " " + vi.whole(new(1200.0)); got != "1.200,5 1.200" {
		t.Errorf("counts are %s", got)
	}
}
