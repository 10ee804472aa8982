package view

import (
	"strings"

	"github.com/binhphuoc/ioc/schemas/say"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// Row is what is shown of one KPI.
type Row struct {
	Raw         *wire.ReportRow
	Name        string
	Description string
	Meaning     string // how the value stands for the period
	Source      string // document that defines it
	Unit        string // as people write it
	Value       string // with its unit; a dash when there is none
	Counts      string // numerator and denominator, of a ratio
	State       string // in words; empty when all is well
	StateMark   Mark
	StateTone   Tone
	Revisions   string // when the value changed after its period had closed, and from what; empty when it did not
	Target      Target
	Previous    Change
	LastYear    Change
	Centres     []Centre
	Drawn       []*float64 // the history
	First, Last string     // its first and last period
}

// Target is how a row stands against its target.
type Target struct {
	Set    bool
	Value  string // with its unit
	Mark   Mark
	Word   string // đạt, chưa đạt, chưa có số liệu
	Tone   Tone
	Gap    string
	Path   string // where it should be on its way; empty when the target holds throughout
	Source string
}

// Change is what a row is compared with.
type Change struct {
	Then string // the value then, with its unit
	Text string // the change, with its sign and unit; empty when it can't be told
	Bare string // the same without its unit, for narrow columns
	Mark Mark
	Word string
	Tone Tone
}

// Same says that nothing changed, as far as the decimals show.
func (c Change) Same() bool { return c.Mark == Same }

// Centre is the value of a centre below.
type Centre struct {
	Raw    wire.CentreValue
	Value  string // with its unit
	Bare   string // for a narrow column: without its unit, which the row shows, but with %
	State  string
	Change Change
}

// dash stands where there is nothing.
const dash = "–"

func (v voice) row(r *wire.ReportRow) Row {
	unit := v.unit(r.Unit)
	out := Row{
		Raw: r, Name: v.text(r.Name), Description: v.text(r.Description), Meaning: v.meaning(r), Source: clean(r.Source), Unit: unit,
		Value: v.value(r.Value.Value, r), Counts: v.counts(r),
		Revisions: v.revisions(r, &r.Value), Target: v.target(r),
		Previous: v.change(r, r.Previous.Value, r.Previous.Change), LastYear: v.change(r, r.LastYear.Value, r.LastYear.Change),
	}
	out.State, out.StateMark, out.StateTone = v.state(r.Value.State)
	for _, f := range []struct {
		of *wire.ReportFigure
		to *Change
	}{{&r.Previous, &out.Previous}, {&r.LastYear, &out.LastYear}} {
		if len(f.of.Revisions) > 0 {
			f.to.Then += " (" + v.say("đã sửa", "revised") + ")"
		}
	}
	for _, c := range r.Centres {
		centre := Centre{Raw: c, Value: v.value(c.Value, r), Bare: v.bare(c.Value, r), Change: v.change(r, nil, c.Change)}
		if c.State != wire.StateNoData {
			centre.State, _, _ = v.state(c.State)
		}
		out.Centres = append(out.Centres, centre)
	}
	for _, p := range r.History {
		out.Drawn = append(out.Drawn, p.Value)
	}
	if n := len(r.History); n > 0 {
		out.First, out.Last = clean(r.History[0].Period), clean(r.History[n-1].Period)
	}
	return out
}

// Revised says whether the value changed after its period had closed.
func (r Row) Revised() bool { return r.Revisions != "" }

// unit is how people write a unit of the catalogue.
func (v voice) unit(unit string) string {
	switch unit {
	case "h":
		return v.say("giờ", "h")
	case "s":
		return v.say("giây", "s")
	case "xe/h":
		return v.say("xe/giờ", "vehicles/h")
	}
	return clean(unit)
}

// value writes a value with its unit.
func (v voice) value(x *float64, r *wire.ReportRow) string {
	if x == nil {
		return dash
	}
	return v.with(say.Number(*x, r.Decimals, v.lang), v.unit(r.Unit))
}

func (v voice) bare(x *float64, r *wire.ReportRow) string {
	if x == nil || r.Unit == "%" {
		return v.value(x, r)
	}
	return say.Number(*x, r.Decimals, v.lang)
}

func (v voice) with(number, unit string) string {
	if unit == "" {
		return number
	}
	return number + say.Gap + unit
}

// difference writes a difference of two values: that of percentages is in points.
func (v voice) difference(x float64, r *wire.ReportRow) string {
	return v.with(say.Signed(x, r.Decimals, v.lang), v.differenceUnit(r))
}

func (v voice) differenceUnit(r *wire.ReportRow) string {
	if r.Unit == "%" {
		return v.say("điểm"+say.Gap+"%", "pp")
	}
	return v.unit(r.Unit)
}

func (v voice) counts(r *wire.ReportRow) string {
	n, d := r.Value.Numerator, r.Value.Denominator
	if n == nil || d == nil || r.Meaning == "published" {
		return ""
	}
	return say.Number(*n, 0, v.lang) + say.Gap + "/" + say.Gap + say.Number(*d, 0, v.lang)
}

func (v voice) meaning(r *wire.ReportRow) string {
	text := map[string]string{
		"total":     v.say("tổng trong kỳ", "total of the period"),
		"ratio":     v.say("tính trên cả kỳ", "over the whole period"),
		"average":   v.say("trung bình trong kỳ", "average of the period"),
		"quantile":  v.say("phân vị trong kỳ", "quantile of the period"),
		"end":       v.say("tại cuối kỳ", "at the end of the period"),
		"mean":      v.say("trung bình mọi phút trong kỳ", "mean of all minutes of the period"),
		"published": v.say("số liệu công bố", "published figure"),
	}[r.Meaning]
	if r.Value.For != "" {
		text += v.say(" của ", " of ") + clean(r.Value.For)
	}
	return text
}

// state is empty when all is well.
func (v voice) state(s wire.State) (string, Mark, Tone) {
	switch s {
	case wire.StateOK:
		return "", NoMark, Plain
	case wire.StateNoData:
		return labels(v).States[s], Missing, Plain
	}
	return labels(v).States[s], Alert, Bad
}

func (v voice) target(r *wire.ReportRow) Target {
	t := r.Target
	if t == nil {
		return Target{Value: dash}
	}
	out := Target{Set: true, Value: v.value(&t.Value, r), Source: clean(t.Source), Mark: Missing, Word: v.say("chưa có số liệu", "no data")}
	if t.Reached != nil && r.Value.Value != nil {
		out.Mark, out.Word, out.Tone = NotYet, v.say("chưa đạt", "not yet"), Bad
		if *t.Reached {
			out.Mark, out.Word, out.Tone = Reached, v.say("đạt", "reached"), Good
		}
		out.Gap = v.difference(t.Gap, r)
	}
	if t.By != nil {
		out.Path = v.path(r)
	}
	return out
}

// path says by when the target is to be reached, and whether the value is on its way there.
func (v voice) path(r *wire.ReportRow) string {
	t := r.Target
	text := v.say("hạn ", "by ") + say.Day(*t.By, v.lang)
	if t.Expected == nil {
		return text
	}
	way := v.say("lộ trình ", "path ") + v.value(t.Expected, r)
	switch {
	case t.OnPath == nil:
	case *t.OnPath:
		way += v.say(": kịp", ": on it")
	default:
		way += v.say(": chậm", ": behind")
	}
	return text + "; " + way
}

// change says how a value moved. Whether that is good depends on the KPI; of what is neither, only the way is told.
func (v voice) change(r *wire.ReportRow, then, change *float64) Change {
	out := Change{Then: v.value(then, r)}
	if change == nil {
		return out
	}
	out.Text, out.Bare = v.difference(*change, r), say.Signed(*change, r.Decimals, v.lang)
	switch {
	case strings.HasPrefix(out.Bare, "+"):
		out.Mark, out.Word = Up, v.say("tăng", "up")
	case strings.HasPrefix(out.Bare, "−"):
		out.Mark, out.Word = Down, v.say("giảm", "down")
	default:
		out.Mark, out.Word = Same, v.say("không đổi", "unchanged")
		return out
	}
	switch {
	case r.Better != "up" && r.Better != "down":
	case (r.Better == "up") == (out.Mark == Up):
		out.Word, out.Tone = v.say("tốt lên", "better"), Good
	default:
		out.Word, out.Tone = v.say("kém đi", "worse"), Bad
	}
	return out
}
