package figures

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// headWithin is how far down the row of heads may stand: reports have their title above it.
const headWithin = 15

// known are the ways to write each head, folded.
func known() [columns][]string {
	return [columns][]string{
		colIndicator: {"indicator", "indicatorcode", "machitieu", "chitieu", "machiso"},
		colPeriod:    {"period", "ky", "kysolieu", "kybaocao", "kythongke"},
		colValue:     {"value", "giatri", "solieu", "thuchien"},
		colTarget:    {"target", "muctieu", "kehoach", "dutoan"},
		colIssuedBy:  {"issuedby", "issuer", "coquancongbo", "donvicongbo", "coquanbanhanh", "nguonsolieu"},
		colCentre:    {"centre", "center", "trungtam", "matrungtam", "diaban"},
	}
}

// ignored are columns that people add for themselves.
func ignored() []string {
	return []string{"stt", "tt", "no", "ghichu", "note", "notes", "ten", "tenchitieu", "name", "donvi", "donvitinh", "unit"}
}

// fold makes what people write in many ways one: letters without marks and case, and digits.
func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		switch {
		case r == 'đ' || r == 'Đ':
			b.WriteRune('d')
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// headOf tells which column a head names.
func headOf(s string) (column, bool) {
	short, _, _ := strings.Cut(s, "(")
	for _, name := range []string{fold(s), fold(short)} {
		for c, names := range known() {
			if slices.Contains(names, name) {
				return column(c), true
			}
		}
	}
	return 0, false
}

// heads says where each column stands.
type heads struct {
	line int          // index among the table's lines
	at   [columns]int // index of the column, -1: there is none
	wide int          // how many columns have a head
}

// likely is how many heads of a line are known.
func likely(l Line) int {
	n := 0
	for _, c := range l.Cells {
		if _, ok := headOf(c.Text); ok {
			n++
		}
	}
	return n
}

// HasHeads tells whether a table has the columns without which it says nothing.
func HasHeads(t Table) bool {
	_, problems := findHeads(t)
	return len(problems) == 0
}

// findHeads looks for the row of heads: that with the most known ones among the first.
func findHeads(t Table) (heads, []wire.FigureProblem) {
	var h heads
	for i := range h.at {
		h.at[i] = -1
	}
	best := 0
	for i, l := range t.Lines[:min(len(t.Lines), headWithin)] {
		if n := likely(l); n > best {
			best, h.line = n, i
		}
	}
	if len(t.Lines) == 0 || best == 0 {
		return h, []wire.FigureProblem{{Sheet: t.Sheet, Sentence: text(
			"Không thấy dòng tiêu đề cột. Cần các cột: "+required(true)+". Hãy dùng tệp mẫu.",
			"There is no row of column heads. These columns are needed: "+required(false)+". Take the template.",
		)}}
	}
	var problems []wire.FigureProblem
	line := t.Lines[h.line]
	for i, c := range line.Cells {
		fail := func(s schemas.Text) {
			problems = append(problems, wire.FigureProblem{Sheet: t.Sheet, Row: line.Number, Column: Letter(i), Sentence: s})
		}
		if c.empty() {
			continue
		}
		h.wide = i + 1
		col, ok := headOf(c.Text)
		switch {
		case c.Fault != nil:
			fail(*c.Fault)
		case !ok && slices.Contains(ignored(), fold(c.Text)): // people keep it for themselves
		case !ok:
			fail(text("Không có cột “"+c.Text+"”. Các cột nhận được: "+all(true)+".", "There is no column “"+c.Text+"”. Columns that are taken: "+all(false)+"."))
		case h.at[col] >= 0:
			fail(text("Cột “"+c.Text+"” lặp lại cột "+Letter(h.at[col])+".", "Column “"+c.Text+"” is there already, as column "+Letter(h.at[col])+"."))
		default:
			h.at[col] = i
		}
	}
	for _, col := range []column{colIndicator, colPeriod, colValue} {
		if h.at[col] < 0 {
			name := Columns()[col]
			problems = append(problems, wire.FigureProblem{Sheet: t.Sheet, Row: line.Number, Sentence: text(
				"Thiếu cột “"+name.VI+"”. Cần các cột: "+required(true)+".", "Column “"+name.EN+"” is missing. These columns are needed: "+required(false)+".",
			)})
		}
	}
	return h, problems
}

func required(vi bool) string { return names(Columns()[:colTarget], vi) }

func all(vi bool) string { return names(Columns(), vi) }

func names(list []schemas.Text, vi bool) string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = t.EN
		if vi {
			out[i] = t.VI
		}
	}
	return strings.Join(out, ", ")
}
