package report

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/wire"
)

func told(t *testing.T, text string) wire.ReportPeriod {
	t.Helper()
	p, err := period.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return wire.ReportPeriod{Text: text, Name: p.Name(), From: p.From, To: p.To, State: wire.PeriodClosed}
}

// of makes a row: its value now and in the period before.
func of(name, unit, better string, now, before float64) wire.ReportRow {
	change := now - before
	return wire.ReportRow{
		KPI: name, Name: schemas.Text{VI: name, EN: "the " + name}, Unit: unit, Decimals: 1, Better: better,
		Value: wire.ReportFigure{Value: &now}, Previous: wire.ReportFigure{Value: &before, Change: &change},
	}
}

func aim(r wire.ReportRow, value float64, onPath *bool) wire.ReportRow {
	gap := *r.Value.Value - value
	r.Target = &wire.ReportTarget{Value: value, Gap: gap, Reached: good(r.Better, gap), OnPath: onPath}
	if onPath != nil {
		by, expected := time.Date(2026, 12, 30, 17, 0, 0, 0, time.UTC), value-2
		r.Target.By, r.Target.Expected = &by, &expected
	}
	return r
}

func report(t *testing.T, rows ...wire.ReportRow) *wire.Report {
	return &wire.Report{
		Centre: wire.Centre{Name: schemas.Text{VI: "Tỉnh Bình Phước", EN: "Binh Phuoc province"}},
		Period: told(t, "2026-10"), Previous: told(t, "2026-09"), Pillars: []wire.ReportPillar{{Rows: rows}},
	}
}

func TestSummary(t *testing.T) {
	yes, no, was := true, false, 93.0
	revised := of("văn bản ký số", "%", "up", 94.5, 94.5)
	revised.Value.Revisions = []wire.Revision{{Before: &was}, {Before: nil}}
	none := wire.ReportRow{KPI: "mực nước", Name: schemas.Text{VI: "mực nước", EN: "the water level"}, Better: "none"}
	old := of("kinh tế số", "%", "up", 18.7, 17.2)
	old.Value.For, old.Previous.For = "2026-Q3", "2026-Q2"
	r := report(t,
		aim(of("hồ sơ đúng hạn", "%", "up", 94.5, 96), 98, nil),  // off target, and not told again to have fallen
		aim(of("hồ sơ trực tuyến", "%", "up", 70, 60), 80, &no),  // behind the way to its target
		aim(of("thanh toán", "%", "up", 75, 75), 80, &yes),       // on its way: not off target
		aim(of("thời gian chờ", "s", "down", 12.25, 9), 10, nil), // more is worse
		of("thời gian giải quyết", "h", "down", 1200, 1500),      // less is better
		of("hài lòng", "%", "up", 90.1, 90),                      // too slight
		of("lưu lượng", "xe/h", "none", 900, 300),                // neither side is better
		of("bị từ chối", "", "down", 0, 8), old, revised, none,
	)
	want := [][2]string{
		{
			"Tháng 10 năm 2026: Tỉnh Bình Phước có số liệu của 10 trong 11 chỉ tiêu; trong 4 chỉ tiêu có mục tiêu, chưa chỉ tiêu nào đạt; so với tháng 9 năm 2026, 4 chỉ tiêu tốt lên và 2 chỉ tiêu kém đi.",
			"October 2026: Binh Phuoc province has data for 10 of 11 indicators; of 4 with a target, none reaches it; against September 2026, 4 improved and 2 got worse.",
		},
		{
			"Thời gian chờ: 12,3 giây, cao hơn mục tiêu 10 giây là 2,3 giây.",
			"The thời gian chờ: 12.3 s, 2.3 s above the target of 10 s.",
		},
		{
			"Hồ sơ trực tuyến: 70,0%, thấp hơn mục tiêu 80% là 10,0 điểm phần trăm; theo lộ trình đến 31/12/2026, lẽ ra là 78,0%.",
			"The hồ sơ trực tuyến: 70.0%, 10.0 percentage points below the target of 80%; on the way to 31 Dec 2026 it should be 78.0%.",
		},
		{
			"Hồ sơ đúng hạn: 94,5%, thấp hơn mục tiêu 98% là 3,5 điểm phần trăm.",
			"The hồ sơ đúng hạn: 94.5%, 3.5 percentage points below the target of 98%.",
		},
		{
			"Tốt lên: bị từ chối giảm 8,0 so với tháng 9 năm 2026, còn 0,0.",
			"Better: the bị từ chối, down 8.0 on September 2026, to 0.0.",
		},
		{
			"Tốt lên: thời gian giải quyết giảm 300,0 giờ so với tháng 9 năm 2026, còn 1.200,0 giờ.",
			"Better: the thời gian giải quyết, down 300.0 h on September 2026, to 1,200.0 h.",
		},
		{
			"Tốt lên: kinh tế số tăng 1,5 điểm phần trăm so với quý II năm 2026, lên 18,7% (số liệu quý III năm 2026).",
			"Better: the kinh tế số, up 1.5 percentage points on Q2 2026, to 18.7% (figure of Q3 2026).",
		},
		{
			"Số liệu đã được điều chỉnh sau khi công bố: văn bản ký số (trước là 93,0%, nay là 94,5%).",
			"Revised after they had been published: the văn bản ký số (was 93.0%, now 94.5%).",
		},
		{
			"Chưa có số liệu: mực nước.",
			"No data: the water level.",
		},
	}
	got := [][2]string{}
	for _, s := range summary(r) {
		got = append(got, [2]string{s.Text.VI, s.Text.EN})
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestOffTargetIsHeldAgainstWhatIsAskedNow(t *testing.T) {
	no := false
	behind := aim(of("kinh tế số", "%", "up", 18, 17), 30, &no)
	*behind.Target.Expected = 20 // 30 is asked for years later
	for _, c := range []struct {
		name string
		row  wire.ReportRow
		want float64
	}{
		{"no way", aim(of("hồ sơ đúng hạn", "%", "up", 90, 90), 100, nil), 0.1},
		{"behind its way", behind, 0.1},
		{"where the way began is unknown", unknownStart(aim(of("hộ nghèo", "%", "down", 1.5, 1.5), 0.5, &no)), 0},
	} {
		if got := offTarget(&c.row); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// unknownStart takes away what was asked on the way.
func unknownStart(r wire.ReportRow) wire.ReportRow {
	r.Target.Expected, r.Target.OnPath = nil, nil
	return r
}

func TestASummaryIsShort(t *testing.T) {
	var rows []wire.ReportRow
	for i := range 60 {
		now := float64(i%7) * 10
		r := aim(of(fmt.Sprint("chỉ tiêu ", i), "%", []string{"up", "down", "none"}[i%3], now, 25), 40, nil)
		if i%5 == 0 {
			r = wire.ReportRow{KPI: r.KPI, Name: r.Name, Better: "up"}
		}
		rows = append(rows, r)
	}
	out := summary(report(t, rows...))
	seen := map[string]bool{}
	for _, s := range out {
		if len(s.KPIs) == 1 && seen[s.KPIs[0]] {
			t.Errorf("%s is told of twice", s.KPIs[0])
		}
		for _, id := range s.KPIs {
			seen[id] = true
		}
	}
	if len(out) > 12 || out[0].Kind != wire.SentenceOverview || out[len(out)-1].Kind != wire.SentenceNoData {
		t.Errorf("%d sentences: %v", len(out), out)
	}
	if empty := summary(report(t)); len(empty) != 1 || empty[0].Text.VI != "Tháng 10 năm 2026: Tỉnh Bình Phước chưa có số liệu của chỉ tiêu nào." {
		t.Errorf("of nothing: %v", empty)
	}
}
