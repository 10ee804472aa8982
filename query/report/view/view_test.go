package view_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/binhphuoc/ioc/query/report/reporttest"
	"github.com/binhphuoc/ioc/query/report/view"
	"github.com/binhphuoc/ioc/schemas/wire"
)

func of(t *testing.T, r *wire.Report, lang string) *view.Report {
	t.Helper()
	v, err := view.Of(r, lang)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// one is the report of a single row.
func one(r *wire.ReportRow) *wire.Report {
	return &wire.Report{Pillars: []wire.ReportPillar{{Rows: []wire.ReportRow{*r}}}}
}

func TestChanges(t *testing.T) {
	for _, c := range []struct {
		name, unit, better string
		change             float64
		vi, en             view.Change
	}{
		{
			"more is better", "%", "up", 1.25,
			view.Change{Then: "90,0\u00a0%", Text: "+1,3\u00a0điểm\u00a0%", Bare: "+1,3", Mark: view.Up, Word: "tốt lên", Tone: view.Good},
			view.Change{Then: "90.0\u00a0%", Text: "+1.3\u00a0pp", Bare: "+1.3", Mark: view.Up, Word: "better", Tone: view.Good},
		},
		{
			"less is better", "h", "down", -1200.5,
			view.Change{Then: "90,0\u00a0giờ", Text: "−1.200,5\u00a0giờ", Bare: "−1.200,5", Mark: view.Down, Word: "tốt lên", Tone: view.Good},
			view.Change{Then: "90.0\u00a0h", Text: "−1,200.5\u00a0h", Bare: "−1,200.5", Mark: view.Down, Word: "better", Tone: view.Good},
		},
		{
			"more is worse", "", "down", 3,
			view.Change{Then: "90,0", Text: "+3,0", Bare: "+3,0", Mark: view.Up, Word: "kém đi", Tone: view.Bad},
			view.Change{Then: "90.0", Text: "+3.0", Bare: "+3.0", Mark: view.Up, Word: "worse", Tone: view.Bad},
		},
		{
			"neither", "xe/h", "none", -3,
			view.Change{Then: "90,0\u00a0xe/giờ", Text: "−3,0\u00a0xe/giờ", Bare: "−3,0", Mark: view.Down, Word: "giảm"},
			view.Change{Then: "90.0\u00a0vehicles/h", Text: "−3.0\u00a0vehicles/h", Bare: "−3.0", Mark: view.Down, Word: "down"},
		},
		{
			"too little to show", "%", "up", -0.04,
			view.Change{Then: "90,0\u00a0%", Text: "0,0\u00a0điểm\u00a0%", Bare: "0,0", Mark: view.Same, Word: "không đổi"},
			view.Change{Then: "90.0\u00a0%", Text: "0.0\u00a0pp", Bare: "0.0", Mark: view.Same, Word: "unchanged"},
		},
	} {
		then := 90.0
		r := one(&wire.ReportRow{Unit: c.unit, Better: c.better, Decimals: 1, Previous: wire.ReportFigure{Value: &then, Change: &c.change}})
		for lang, want := range map[string]view.Change{"vi": c.vi, "en": c.en} {
			if d := cmp.Diff(want, of(t, r, lang).Pillars[0].Rows[0].Previous); d != "" {
				t.Errorf("%s, %s (-want +got):\n%s", c.name, lang, d)
			}
		}
	}
}

func TestTargets(t *testing.T) {
	r := reporttest.Month(t)
	v := of(t, r, "vi")
	want := map[string]view.Target{
		"Dịch vụ công kết nối Cổng quốc gia": {Set: true, Value: "100,0\u00a0%", Mark: view.Reached, Word: "đạt", Tone: view.Good, Gap: "0,0\u00a0điểm\u00a0%"},
		"Kinh tế số trong GRDP": {
			Set: true, Value: "20,0\u00a0%", Mark: view.NotYet, Word: "chưa đạt", Tone: view.Bad, Gap: "−2,6\u00a0điểm\u00a0%",
			Path: "hạn 01/01/2028; lộ trình 17,1\u00a0%: kịp",
		},
		"Giải ngân đầu tư công": {
			Set: true, Value: "95,0\u00a0%", Mark: view.NotYet, Word: "chưa đạt", Tone: view.Bad, Gap: "−36,1\u00a0điểm\u00a0%",
			Path: "hạn 01/01/2027; lộ trình 79,2\u00a0%: chậm",
		},
		"Lượng mưa hôm nay": {Value: "–"},
	}
	for _, p := range v.Pillars {
		for _, row := range p.Rows {
			if w, asked := want[row.Name]; asked {
				delete(want, row.Name)
				if d := cmp.Diff(w, row.Target, cmpopts.IgnoreFields(view.Target{}, "Source")); d != "" {
					t.Errorf("%s (-want +got):\n%s", row.Name, d)
				}
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("rows that are not there: %v", want)
	}
	// A target without a value is neither reached nor missed.
	if got := of(t, reporttest.Empty(t), "en").Pillars[0].Rows[1].Target; got.Mark != view.Missing || got.Word != "no data" || got.Gap != "" {
		t.Errorf("target without a value: %+v", got)
	}
}

func TestScore(t *testing.T) {
	got := of(t, reporttest.Month(t), "vi").Score
	want := []view.Count{
		{Mark: view.Reached, Count: 3, Name: "đạt mục tiêu"},
		{Mark: view.NotYet, Count: 8, Name: "chưa đạt mục tiêu"},
		{Mark: view.NoMark, Count: 31, Name: "không đặt mục tiêu"},
		{Mark: view.Missing, Count: 1, Name: "chưa có số liệu"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestNotes(t *testing.T) {
	v := of(t, reporttest.Month(t), "vi")
	want := []view.Note{
		{Row: "Hồ sơ giải quyết đúng hạn", Text: "tháng 10 năm 2026: 08:40 ngày 02/11/2026 từ 97,0\u00a0% thành 97,2\u00a0%; 16:05 ngày 04/11/2026 từ 97,2\u00a0% thành 97,4\u00a0%"},
		{Row: "Tỷ lệ trả lời cuộc gọi 1022", Text: "tháng 9 năm 2026: 11:21 ngày 09/10/2026 từ 94,0\u00a0% thành 95,8\u00a0%"},
		{Row: "Thu ngân sách so với dự toán", Text: "tháng 10 năm 2026: 10:00 ngày 05/11/2026 từ chưa có số liệu thành 83,7\u00a0%"},
		{Row: "Giải ngân đầu tư công", Text: "tháng 10 năm 2025: 14:30 ngày 20/01/2026 từ 64,8\u00a0% thành 66,3\u00a0%"},
	}
	if d := cmp.Diff(want, v.Revised); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]view.Note{{Row: "Lượng mưa hôm nay", Text: "không nhận được sự kiện nào trong kỳ"}}, v.Missing); d != "" {
		t.Error(d)
	}
}

func TestWhyAValueIsMissing(t *testing.T) {
	zero := 0.0
	r := one(&wire.ReportRow{Meaning: "ratio", Value: wire.ReportFigure{State: wire.StateNoData, Denominator: &zero}})
	for meaning, want := range map[string]string{"ratio": "the denominator is 0", "published": "no figure was published"} {
		r.Pillars[0].Rows[0].Meaning = meaning
		if got := of(t, r, "en").Missing[0].Text; !strings.Contains(got, want) {
			t.Errorf("%s: %q, want it to say %q", meaning, got, want)
		}
	}
}

func TestSentencesOfAKindStandTogetherInTheOrderOfTheFirst(t *testing.T) {
	r := &wire.Report{Summary: []wire.ReportSentence{{Kind: wire.SentenceFell}, {Kind: wire.SentenceImproved}, {Kind: wire.SentenceFell}}}
	got := of(t, r, "en").Summary
	if len(got) != 2 || got[0].Name != "Got worse" || len(got[0].Sentences) != 2 || got[1].Name != "Improved" {
		t.Errorf("%+v", got)
	}
}

// Names come in from outside: they are composed, and hold nothing that a page, a sheet or a font can't.
func TestTextsAreClean(t *testing.T) {
	v := of(t, reporttest.Month(t), "vi")
	if v.Centres[1] != "Phước Long" {
		t.Errorf("%+q is not composed", v.Centres[1])
	}
	row := &wire.ReportRow{Unit: "a\x00b"}
	row.Name.EN = " one\x0b\x1btwo\n "
	if got := of(t, one(row), "vi").Pillars[0].Rows[0]; got.Name != "one  two" || got.Unit != "a b" {
		t.Errorf("name %q, unit %q; a name that is missing in Vietnamese is shown in English", got.Name, got.Unit)
	}
}

func TestHeadsNameThePeriodsCompared(t *testing.T) {
	r := reporttest.Month(t)
	if v := of(t, r, "vi"); v.Previous != "Kỳ trước: tháng 9 năm 2026" || v.LastYear != "Cùng kỳ năm trước: tháng 10 năm 2025" {
		t.Errorf("heads %q and %q", v.Previous, v.LastYear)
	}
	r.Previous = wire.ReportPeriod{}
	if v := of(t, r, "en"); v.Previous != "Period before" {
		t.Errorf("head %q of no period", v.Previous)
	}
}

func TestSpans(t *testing.T) {
	if got := of(t, reporttest.Empty(t), "vi"); got.Span != "06/11/2026" || got.State != "Kỳ chưa kết thúc: số liệu tính đến 07:29 ngày 06/11/2026" {
		t.Errorf("span %q, state %q", got.Span, got.State)
	}
}
