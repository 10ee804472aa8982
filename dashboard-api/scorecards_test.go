package dashboardapi

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/scorecard"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// scoreAnswers are fake Scorecards: of one scorecard, with one unit of each sort.
type scoreAnswers struct{ a *answers }

func testCard() wire.ScorecardFile {
	full, zero := 100.0, 0.0
	return wire.ScorecardFile{
		ID: "card", Name: schemas.Text{VI: "Bộ chỉ số", EN: "Index"}, Description: schemas.Text{VI: "Mô tả.", EN: "What it says."},
		Source: "QĐ 1/QĐ-UBND", Points: 100, KnownLeast: 0.5, Unchecked: &schemas.Text{VI: "Điểm chưa đối chiếu.", EN: "Points not checked."},
		Groups: []wire.ScorecardFileGroup{{ID: "g", Name: schemas.Text{VI: "Nhóm", EN: "Group"}, Points: 100, Source: "QĐ 1/QĐ-UBND", Criteria: []wire.ScorecardFileCriterion{
			{ID: "c", Name: schemas.Text{VI: "Đúng hạn", EN: "On time"}, Points: 70, KPI: "dossier.on_time_rate", Full: &full, Zero: &zero, Source: "QĐ 1/QĐ-UBND"},
			{ID: "d", Name: schemas.Text{VI: "Công khai", EN: "Published"}, Points: 30, Missing: &schemas.Text{VI: "Chưa có <nguồn>.", EN: "There is no <feed>."}, Source: "QĐ 1/QĐ-UBND"},
		}}},
	}
}

func testScores() []wire.ScorecardScore {
	rank, before, share, value, num, den, points := 1, 3, 75.0, 75.0, 3.0, 4.0, 52.5
	at, f := now(), testCard().Groups[0].Criteria
	exists := wire.ScorecardSpan{From: now().AddDate(0, -1, 0), To: now()}
	return []wire.ScorecardScore{
		{
			Unit: "so-y-te", Name: schemas.Text{VI: "Sở Y tế", EN: "Department of Health"}, Kind: "department", Centre: "province", Head: schemas.Undeclared,
			Exists: exists, Took: []string{"so-cu"}, Reached: points, Known: 70, Missing: 30, Share: &share, Rank: &rank,
			Previous: &wire.ScorecardPrevious{Reached: 1234.5, Known: 2000, Share: &share, Rank: &before},
			Groups: []wire.ScorecardGroup{{ID: "g", Name: schemas.Text{VI: "Nhóm", EN: "Group"}, Points: 100, Reached: points, Known: 70, Missing: 30, Source: "QĐ", Criteria: []wire.ScorecardCriterion{
				{
					ScorecardFileCriterion: f[0], Reached: &points, Value: &value, Unit: "%", Decimals: 1, Numerator: &num, Denominator: &den,
					Formula: &wire.Formula{Kind: "ratio", Of: "dossier", At: "completed_at", Numerator: "completed_at <= due_at"}, Newest: &at,
				},
				{ScorecardFileCriterion: f[1], Why: &wire.ScorecardMissing{Code: wire.MissingFeed, Reason: *f[1].Missing}},
			}}},
		},
		{
			Unit: "so-moi", Name: schemas.Text{VI: "Sở mới", EN: "New"}, Kind: "department", Centre: "province", Exists: exists, Took: []string{}, Missing: 100,
			Unranked: &schemas.Text{VI: "Chưa có số liệu.", EN: "Nothing is known."}, Groups: []wire.ScorecardGroup{},
		},
	}
}

func (s scoreAnswers) Files(context.Context, query.Scope) wire.ScorecardList {
	return wire.ScorecardList{Scorecards: []wire.ScorecardFile{testCard()}}
}

func (s scoreAnswers) Table(ctx context.Context, _ query.Scope, r scorecard.Request) (wire.ScorecardTable, error) {
	s.a.mu.Lock()
	s.a.score = r
	s.a.mu.Unlock()
	if r.ID != "card" {
		return wire.ScorecardTable{}, query.ErrNotFound
	}
	return wire.ScorecardTable{
		Scorecard: testCard(), By: r.By, Period: wire.ScorecardSpan{From: r.From, To: r.To}, State: wire.PeriodRunning, AsOf: now(),
		Previous: wire.ScorecardSpan{From: r.From.AddDate(0, -1, 0), To: r.From}, Units: testScores(),
		Unassigned: []wire.ScorecardUnassigned{{Centre: "province", Agency: "so-la", Things: 7}},
	}, s.a.answer(ctx)
}

func (s scoreAnswers) Parts(ctx context.Context, scope query.Scope, r scorecard.Request, unit string) (wire.ScorecardParts, error) {
	t, err := s.Table(ctx, scope, r)
	if err == nil && unit != "so-y-te" {
		err = query.ErrNotFound
	}
	return wire.ScorecardParts{Scorecard: t.Scorecard, By: t.By, Period: t.Period, State: t.State, AsOf: t.AsOf, Previous: t.Previous, Of: 1, Score: testScores()[0]}, err
}

func TestATableLeavesOutWhatAUnitShows(t *testing.T) {
	r := start(t, nil)
	if a := r.want(t, http.StatusOK, "GET /api/v1/scorecards/card"); strings.Contains(a.body, `"why"`) {
		t.Errorf("the table holds criteria: %s", a.body)
	}
	if a := r.want(t, http.StatusOK, "GET /api/v1/scorecards/card/so-y-te"); !strings.Contains(a.body, `"why":{"code":"no_feed"`) {
		t.Errorf("a unit does not say why points are missing: %s", a.body)
	}
}

func TestThePeriodOfAScorecard(t *testing.T) {
	midnight := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, period.Zone()).UTC() }
	a := &answers{}
	r := start(t, a.all)
	for path, want := range map[string]scorecard.Request{
		"":                                   {ID: "card", By: wire.ByAgency, From: midnight(2026, 1, 1), To: midnight(2027, 1, 1)},
		"?by=centre&from=2025-07-01":         {ID: "card", By: wire.ByCentre, From: midnight(2025, 7, 1), To: midnight(2026, 1, 1)},
		"?from=2026-09-01&to=2026-10-01":     {ID: "card", By: wire.ByAgency, From: midnight(2026, 9, 1), To: midnight(2026, 10, 1)},
		"?by=head&from=2026-09-01T00:00:00Z": {ID: "card", By: wire.ByHead, From: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), To: midnight(2027, 1, 1)},
	} {
		r.want(t, http.StatusOK, "GET /api/v1/scorecards/card"+path)
		a.mu.Lock()
		got := a.score
		a.mu.Unlock()
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", path, d)
		}
	}
}

// The page is whole without a script, and its style is the only one that a browser takes.
func TestThePageOfAScorecard(t *testing.T) {
	r := start(t, nil)
	vi := r.want(t, http.StatusOK, "GET /scorecards/card?from=2026-09-01&to=2026-11-01")
	en := r.want(t, http.StatusOK, "GET /scorecards/card?language=en")
	for text, page := range map[string]answer{
		`<html lang="vi">`: vi, "52,5": vi, "75,0\u00a0%": vi, "▲\u00a02": vi, "1 cơ quan ở đây chưa khai báo người đứng đầu": vi, "<code>completed_at &lt;= due_at</code> trong số <code>dossier</code>": vi, "= 3 / 4": vi, "Chưa có &lt;nguồn&gt;.": vi,
		"01/09/2026 – 31/10/2026": vi, "Chưa xếp hạng": vi, "<b>Chưa đối chiếu:</b> Điểm chưa đối chiếu.": vi, "so-la": vi, "tiếp nhận so-cu": vi,
		`<html lang="en">`: en, "52.5": en, "75.0\u00a0%": en, "There is no &lt;feed&gt;.": en, "Not ranked": en,
	} {
		if !strings.Contains(page.body, text) {
			t.Errorf("the page does not say %s:\n%s", text, page.body)
		}
	}
	if regexp.MustCompile(`<script| style=| on[a-z]+=`).MatchString(vi.body) {
		t.Error("the page holds what its policy forbids")
	}
	if p := vi.header.Get("Content-Security-Policy"); !strings.Contains(p, "style-src 'sha256-") || !strings.Contains(p, "default-src 'self'") {
		t.Errorf("policy %s", p)
	}
	if english := r.want(t, http.StatusOK, "GET /scorecards/card", "Accept-Language: en"); !strings.Contains(english.body, `<html lang="en">`) {
		t.Error("a reader who wants English gets something else")
	}
}

func TestNumbersOfThePage(t *testing.T) {
	for _, tt := range []struct {
		x        float64
		decimals int
		vi, en   string
	}{
		{1234.56, 1, "1.234,6", "1,234.6"}, {0, 1, "0", "0"}, {999, 1, "999", "999"}, {1000000, 0, "1.000.000", "1,000,000"}, {-1234.5, 1, "-1.234,5", "-1,234.5"}, {-123, 0, "-123", "-123"}, {61.4, 2, "61,4", "61.4"},
	} {
		vi, en := scoreView{}.Num(tt.x, tt.decimals), scoreView{English: true}.Num(tt.x, tt.decimals)
		if vi != tt.vi || en != tt.en {
			t.Errorf("%g is %s and %s, want %s and %s", tt.x, vi, en, tt.vi, tt.en)
		}
	}
}
