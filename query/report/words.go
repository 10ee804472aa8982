package report

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/say"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// words are a sentence in both languages.
type words schemas.Text

// sentence begins with a capital and ends with a full stop.
func (w words) sentence() schemas.Text {
	return schemas.Text{VI: capital(w.VI) + ".", EN: capital(w.EN) + "."}
}

func capital(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[n:]
}

// overview counts how the rows stand.
func overview(r *wire.Report, rows []*wire.ReportRow, fell, better int) schemas.Text {
	known, targets, reached := 0, 0, 0
	for _, w := range rows {
		if w.Value.Value != nil {
			known++
		}
		if t := w.Target; t != nil && t.Reached != nil {
			targets++
			if *t.Reached {
				reached++
			}
		}
	}
	vi, en := r.Period.Name.VI, r.Period.Name.EN
	if r.Period.State == wire.PeriodRunning {
		vi += " (tính đến " + say.Moment(r.AsOf, say.Vietnamese) + ")"
		en += " (up to " + say.Moment(r.AsOf, say.English) + ")"
	}
	if known == 0 {
		return words{vi + ": " + r.Centre.Name.VI + " chưa có số liệu của chỉ tiêu nào", en + ": " + r.Centre.Name.EN + " has no data for any indicator"}.sentence()
	}
	vi += fmt.Sprintf(": %s có số liệu của %d trong %d chỉ tiêu", r.Centre.Name.VI, known, len(rows))
	en += fmt.Sprintf(": %s has data for %d of %d indicators", r.Centre.Name.EN, known, len(rows))
	if targets > 0 {
		vi += fmt.Sprintf("; trong %d chỉ tiêu có mục tiêu, %s", targets, map[bool]string{true: "chưa chỉ tiêu nào đạt", false: fmt.Sprintf("%d chỉ tiêu đã đạt", reached)}[reached == 0])
		en += fmt.Sprintf("; of %d with a target, %s", targets, map[bool]string{true: "none reaches it", false: fmt.Sprintf("%d reach it", reached)}[reached == 0])
	}
	if fell+better > 0 {
		vi += fmt.Sprintf("; so với %s, %d chỉ tiêu tốt lên và %d chỉ tiêu kém đi", r.Previous.Name.VI, better, fell)
		en += fmt.Sprintf("; against %s, %d improved and %d got worse", r.Previous.Name.EN, better, fell)
	}
	return words{vi, en}.sentence()
}

// valueWords is a value with its unit, and of a figure of another period, which.
func valueWords(r *wire.Report, w *wire.ReportRow) words {
	out := words{say.Quantity(*w.Value.Value, w.Decimals, w.Unit, say.Vietnamese), say.Quantity(*w.Value.Value, w.Decimals, w.Unit, say.English)}
	if of := w.Value.For; of != "" && of != r.Period.Text {
		name := nameOf(of)
		out.VI += " (số liệu " + name.VI + ")"
		out.EN += " (figure of " + name.EN + ")"
	}
	return out
}

func nameOf(text string) schemas.Text {
	p, err := period.Parse(text)
	if err != nil {
		return schemas.Text{VI: text, EN: text}
	}
	return p.Name()
}

// offTargetWords: Hồ sơ giải quyết đúng hạn: 94,5%, thấp hơn mục tiêu 98% là 3,5 điểm phần trăm.
func offTargetWords(r *wire.Report, w *wire.ReportRow) words {
	v, t := valueWords(r, w), w.Target
	side := words{"thấp hơn", "below"}
	if t.Gap > 0 {
		side = words{"cao hơn", "above"}
	}
	// A target has the digits that its document gives it: 98%, not 98,0%.
	out := words{
		fmt.Sprintf("%s: %s, %s mục tiêu %s là %s", w.Name.VI, v.VI, side.VI, exact(t.Value, w.Unit, say.Vietnamese), say.Difference(t.Gap, w.Decimals, w.Unit, say.Vietnamese)),
		fmt.Sprintf("%s: %s, %s %s the target of %s", w.Name.EN, v.EN, say.Difference(t.Gap, w.Decimals, w.Unit, say.English), side.EN, exact(t.Value, w.Unit, say.English)),
	}
	switch {
	case t.By == nil:
	case *t.Expected == t.Value:
		out.VI += ", hạn " + say.Day(*t.By, say.Vietnamese)
		out.EN += ", due by " + say.Day(*t.By, say.English)
	default:
		out.VI += fmt.Sprintf("; theo lộ trình đến %s, lẽ ra là %s", say.Day(*t.By, say.Vietnamese), say.Quantity(*t.Expected, w.Decimals, w.Unit, say.Vietnamese))
		out.EN += fmt.Sprintf("; on the way to %s it should be %s", say.Day(*t.By, say.English), say.Quantity(*t.Expected, w.Decimals, w.Unit, say.English))
	}
	return out
}

// exact writes a number with as many decimals as it has, up to six.
func exact(v float64, unit, language string) string {
	const most = 6
	decimals := 0
	for decimals < most && math.Abs(v-math.Round(v*math.Pow10(decimals))/math.Pow10(decimals)) > 1e-9 {
		decimals++
	}
	return say.Quantity(v, decimals, unit, language)
}

// changeWords: Kém đi: Thời gian chờ trung bình tăng 3,2 giây so với tháng 9 năm 2026, lên 12,5 giây.
func changeWords(r *wire.Report, w *wire.ReportRow) words {
	v, change := valueWords(r, w), *w.Previous.Change
	course := words{"tốt lên", "better"}
	if progress(w) < 0 {
		course = words{"kém đi", "worse"}
	}
	way, end := words{"tăng", "up"}, words{"lên", "to"}
	if change < 0 {
		way, end = words{"giảm", "down"}, words{"còn", "to"}
	}
	than := r.Previous.Name
	if w.Previous.For != w.Value.For { // a figure that grows within its own period is held against what it was
		than = nameOf(w.Previous.For)
	}
	return words{
		fmt.Sprintf("%s: %s %s %s so với %s, %s %s", course.VI, w.Name.VI, way.VI, say.Difference(change, w.Decimals, w.Unit, say.Vietnamese), than.VI, end.VI, v.VI),
		fmt.Sprintf("%s: %s, %s %s on %s, %s %s", course.EN, w.Name.EN, way.EN, say.Difference(change, w.Decimals, w.Unit, say.English), than.EN, end.EN, v.EN),
	}
}

// revisedWords names the rows with what they were before the first change.
func revisedWords(rows []*wire.ReportRow) words {
	names := listed(rows, func(w *wire.ReportRow) words {
		first, now := words{"chưa có", "none"}, words{"không còn", "none"}
		if b := w.Value.Revisions[0].Before; b != nil {
			first = words{say.Quantity(*b, w.Decimals, w.Unit, say.Vietnamese), say.Quantity(*b, w.Decimals, w.Unit, say.English)}
		}
		if v := w.Value.Value; v != nil {
			now = words{say.Quantity(*v, w.Decimals, w.Unit, say.Vietnamese), say.Quantity(*v, w.Decimals, w.Unit, say.English)}
		}
		return words{
			fmt.Sprintf("%s (trước là %s, nay là %s)", w.Name.VI, first.VI, now.VI),
			fmt.Sprintf("%s (was %s, now %s)", w.Name.EN, first.EN, now.EN),
		}
	})
	return words{"số liệu đã được điều chỉnh sau khi công bố: " + names.VI, "revised after they had been published: " + names.EN}
}

func noDataWords(rows []*wire.ReportRow) words {
	names := listed(rows, func(w *wire.ReportRow) words { return words(w.Name) })
	return words{"chưa có số liệu: " + names.VI, "no data: " + names.EN}
}

// listed names up to maxNames rows, and how many more there are.
func listed(rows []*wire.ReportRow, name func(*wire.ReportRow) words) words {
	var vi, en []string
	for _, w := range rows[:min(len(rows), maxNames)] {
		n := name(w)
		vi, en = append(vi, n.VI), append(en, n.EN)
	}
	out := words{strings.Join(vi, "; "), strings.Join(en, "; ")}
	if more := len(rows) - maxNames; more > 0 {
		out.VI += fmt.Sprintf("; và %d chỉ tiêu khác", more)
		out.EN += fmt.Sprintf("; and %d more", more)
	}
	return out
}
