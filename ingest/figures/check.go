package figures

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"golang.org/x/text/unicode/norm"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// Rules are what a table is checked by.
type Rules struct {
	Indicators []Indicator
	Centres    []schemas.Centre // for which the clerk may give figures
	Centre     string           // of rows that name none
	Now        time.Time
}

// Row is one row of a table, as far as it could be read.
type Row struct {
	Line                      int
	Centre, Indicator, Period string
	Name                      schemas.Text // of the indicator
	Value, Target             *decimal.Decimal
	IssuedBy                  string // empty: the table does not say
	Notes                     []schemas.Text
	Problems                  []wire.FigureProblem
}

// Checked is a table that was checked, every row of it.
type Checked struct {
	Sheet    string
	Decimal  string // sign, as found from the numbers that are written as text
	Rows     []Row
	Problems []wire.FigureProblem // of the table as a whole
}

// maxIssuer is the longest name of who issued a figure, as the contract has it.
const maxIssuer = 200

// checker is the state of checking one table.
type checker struct {
	Rules
	sheet      string
	heads      heads
	indicators map[string]Indicator
	centres    map[string]string // code by what people write
	decimal    decimalSign
}

// decimalSign is which decimal sign the table has, and where that shows.
type decimalSign struct {
	sign  sign // signInvalid: both
	where string
	cell  string
}

// Check reads all rows of a table and says everything that is wrong with them.
func Check(t Table, r Rules) Checked {
	out := Checked{Sheet: t.Sheet}
	h, problems := findHeads(t)
	if out.Problems = problems; len(problems) > 0 {
		return out
	}
	lines := t.Lines[h.line+1:]
	switch {
	case len(lines) == 0:
		out.Problems = append(out.Problems, wire.FigureProblem{Sheet: t.Sheet, Sentence: text("Tệp không có dòng số liệu nào.", "The file has no row of figures.")})
		return out
	case len(lines) > MaxRows:
		out.Problems = append(out.Problems, wire.FigureProblem{Sheet: t.Sheet, Sentence: TooLong().Text})
		return out
	}
	c := &checker{Rules: r, sheet: t.Sheet, heads: h, indicators: map[string]Indicator{}, centres: map[string]string{}}
	for _, i := range r.Indicators {
		c.indicators[i.Code] = i
	}
	for _, centre := range r.Centres {
		for _, name := range []string{centre.Name.VI, centre.Name.EN, centre.Short.VI, centre.Short.EN, centre.Code} {
			c.centres[fold(name)] = centre.Code
		}
	}
	c.decimal = c.findSign(lines)
	if c.decimal.sign != signInvalid {
		out.Decimal = c.decimal.sign.String()
	}
	for _, l := range lines {
		out.Rows = append(out.Rows, c.row(l))
	}
	c.twice(out.Rows)
	return out
}

// findSign learns the decimal sign from all numbers that are written as text: one program or person wrote them.
func (c *checker) findSign(lines []Line) decimalSign {
	var found decimalSign
	for _, l := range lines {
		for _, col := range []column{colValue, colTarget} {
			cell := c.cell(l, col)
			if cell.Number != nil || cell.Text == "" {
				continue
			}
			switch s := signOf(cell.Text); {
			case s != signPoint && s != signComma:
			case found.sign == signNone:
				found = decimalSign{s, Letter(c.heads.at[col]) + num(l.Number), cell.Text}
			case found.sign != s:
				return decimalSign{signInvalid, Letter(c.heads.at[col]) + num(l.Number), cell.Text}
			}
		}
	}
	return found
}

// cell returns a cell of a line, an empty one when the column or the cell is not there.
func (c *checker) cell(l Line, col column) Cell {
	if at := c.heads.at[col]; at >= 0 && at < len(l.Cells) {
		return l.Cells[at]
	}
	return Cell{}
}

// row reads one line.
func (c *checker) row(l Line) Row {
	row := Row{Line: l.Number}
	c.stray(l, &row)
	c.where(l, &row)
	c.period(l, &row)
	row.Value = c.number(l, colValue, &row)
	row.Target = c.number(l, colTarget, &row)
	if row.Value == nil && c.cell(l, colValue).empty() {
		c.fail(&row, colValue, text("Thiếu giá trị.", "The value is missing."))
	}
	row.IssuedBy = c.issuer(l, &row)
	return row
}

// fail notes a problem of a cell.
func (c *checker) fail(row *Row, col column, s schemas.Text) {
	p := wire.FigureProblem{Sheet: c.sheet, Row: row.Line, Sentence: s}
	if at := c.heads.at[col]; at >= 0 {
		p.Column = Letter(at)
	}
	row.Problems = append(row.Problems, p)
}

// readable says whether a cell can be read, and notes why not.
func (c *checker) readable(cell Cell, row *Row, col column) bool {
	if cell.Fault != nil {
		c.fail(row, col, *cell.Fault)
	}
	return cell.Fault == nil
}

// stray finds cells that stand under no head: most often the second half of a number that a comma has cut in two.
func (c *checker) stray(l Line, row *Row) {
	for i := c.heads.wide; i < len(l.Cells); i++ {
		if !l.Cells[i].empty() {
			row.Problems = append(row.Problems, wire.FigureProblem{Sheet: c.sheet, Row: l.Number, Column: Letter(i), Sentence: text(
				"Ô này nằm ngoài các cột có tiêu đề. Nếu số có dấu phẩy thập phân, hãy đặt trong ngoặc kép hoặc ngăn cột bằng dấu chấm phẩy.",
				"This cell stands under no head. A number with a decimal comma must be in quotation marks, or the cells parted by semicolons.",
			)})
			return
		}
	}
}

// where reads the indicator and the centre.
func (c *checker) where(l Line, row *Row) {
	cell := c.cell(l, colIndicator)
	code := strings.ToLower(strings.TrimSpace(cell.Text))
	if c.readable(cell, row, colIndicator) {
		i, ok := c.indicators[code]
		row.Indicator, row.Name = code, i.Name
		switch {
		case code == "":
			c.fail(row, colIndicator, text("Thiếu mã chỉ tiêu.", "The code of the indicator is missing."))
		case !ok:
			row.Indicator = clip(cell.Text, 64)
			c.fail(row, colIndicator, c.unknownIndicator(cell.Text))
		}
	}
	cell = c.cell(l, colCentre)
	if !c.readable(cell, row, colCentre) {
		return
	}
	if row.Centre = c.Centre; cell.Text != "" {
		row.Centre = c.centres[fold(cell.Text)]
	}
	switch {
	case row.Centre == "" && cell.Text == "":
		c.fail(row, colCentre, text("Thiếu trung tâm.", "The centre is missing."))
	case row.Centre == "":
		row.Centre = clip(cell.Text, 64)
		c.fail(row, colCentre, text("Không có trung tâm “"+row.Centre+"”, hoặc bạn không được nhập số liệu cho trung tâm này.",
			"There is no centre “"+row.Centre+"”, or you may not give figures for it."))
	}
}

// unknownIndicator says what is the matter with an indicator's code, and the right one when somebody wrote the name.
func (c *checker) unknownIndicator(s string) schemas.Text {
	for _, i := range c.Indicators {
		if n := fold(s); n == fold(i.Name.VI) || n == fold(i.Name.EN) {
			return text("Đây là tên chỉ tiêu: hãy ghi mã "+i.Code+".", "This is the name of the indicator: write its code, "+i.Code+".")
		}
	}
	return text("Không có chỉ tiêu “"+clip(s, 64)+"”. Danh sách mã nằm trong tệp mẫu.", "There is no indicator “"+clip(s, 64)+"”. The template lists the codes.")
}

// period reads the period.
func (c *checker) period(l Line, row *Row) {
	cell := c.cell(l, colPeriod)
	if !c.readable(cell, row, colPeriod) {
		return
	}
	if row.Period = cell.Period; row.Period == "" {
		var ok bool
		if row.Period, ok = periodOf(cell.Text); !ok {
			row.Period = clip(cell.Text, 32)
			c.fail(row, colPeriod, text("Kỳ phải có dạng 2026, 2026-Q3 hoặc 2026-10.", "The period must be written as 2026, 2026-Q3 or 2026-10."))
			return
		}
	}
	if f := periodFault(row.Period, c.Now); f != nil {
		c.fail(row, colPeriod, *f)
	}
	if cell.Note != nil {
		row.Notes = append(row.Notes, *cell.Note)
	} else if cell.Text != row.Period {
		row.Notes = append(row.Notes, text("Kỳ “"+cell.Text+"” được đọc là "+row.Period+".", "The period “"+cell.Text+"” is read as "+row.Period+"."))
	}
}

// number reads a number, nil when there is none.
func (c *checker) number(l Line, col column, row *Row) *decimal.Decimal {
	cell := c.cell(l, col)
	if !c.readable(cell, row, col) {
		return nil
	}
	v := cell.Number
	switch {
	case v == nil && cell.Text == "":
		return nil
	case v == nil:
		v = c.written(cell.Text, col, row)
	}
	if v == nil {
		return nil
	}
	rounded := v.Round(decimalPlaces)
	if rounded.Abs().GreaterThan(decimal.New(1, 18)) {
		c.fail(row, col, text("Số này quá lớn.", "This number is too large."))
		return nil
	}
	if cell.Note != nil {
		row.Notes = append(row.Notes, *cell.Note)
	}
	return &rounded
}

// written reads a number that is written as text.
func (c *checker) written(s string, col column, row *Row) *decimal.Decimal {
	how := signOf(s)
	short := clip(s, 40)
	switch {
	case how == signInvalid:
		c.fail(row, col, text("“"+short+"” không phải là số.", "“"+short+"” is no number."))
		return nil
	case how == signAmbiguous && c.decimal.sign == signNone:
		c.fail(row, col, text(
			"“"+short+"” có thể hiểu theo hai cách, và cả cột không có số nào cho biết dấu thập phân là chấm hay phẩy. Hãy ghi không có dấu phân nhóm, hoặc thêm chữ số thập phân (1.234,0).",
			"“"+short+"” can be read in two ways, and no number of the column tells whether the decimal sign is a point or a comma. Write it without parting thousands, or add a decimal (1,234.0).",
		))
		return nil
	case how == signAmbiguous && c.decimal.sign == signInvalid:
		c.fail(row, col, text(
			"“"+short+"” có thể hiểu theo hai cách, và cột có cả hai kiểu dấu thập phân (ô "+c.decimal.where+": “"+clip(c.decimal.cell, 40)+"”). Hãy dùng một kiểu.",
			"“"+short+"” can be read in two ways, and the column has both decimal signs (cell "+c.decimal.where+": “"+clip(c.decimal.cell, 40)+"”). Keep to one.",
		))
		return nil
	}
	use := how
	if how == signAmbiguous {
		use = c.decimal.sign
	}
	v, ok := parse(s, use)
	if !ok {
		c.fail(row, col, text("“"+short+"” không phải là số.", "“"+short+"” is no number."))
		return nil
	}
	if how == signAmbiguous {
		row.Notes = append(row.Notes, text(
			"“"+short+"” được đọc là "+vietnamese(v)+", theo dấu thập phân của ô "+c.decimal.where+" (“"+clip(c.decimal.cell, 40)+"”).",
			"“"+short+"” is read as "+v.String()+", by the decimal sign of cell "+c.decimal.where+" (“"+clip(c.decimal.cell, 40)+"”).",
		))
	}
	return &v
}

// vietnamese writes a number with a decimal comma and no thousands, so that it can't be read in two ways again.
func vietnamese(v decimal.Decimal) string { return strings.Replace(v.String(), ".", ",", 1) }

// issuer reads who issued the figure.
func (c *checker) issuer(l Line, row *Row) string {
	cell := c.cell(l, colIssuedBy)
	if !c.readable(cell, row, colIssuedBy) {
		return ""
	}
	s := norm.NFC.String(strings.Join(strings.Fields(cell.Text), " "))
	control := strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || 0x7f <= r && r <= 0x9f })
	if control || utf8.RuneCountInString(s) > maxIssuer {
		c.fail(row, colIssuedBy, text("Tên cơ quan dài hơn 200 ký tự hoặc có ký tự điều khiển.", "The name has more than 200 characters, or control characters."))
		return ""
	}
	return s
}

// twice finds figures that the table gives more than once: nobody can tell which is meant.
func (c *checker) twice(rows []Row) {
	type figure struct{ centre, indicator, period string }
	seen := map[figure][]int{}
	for i, r := range rows {
		f := figure{r.Centre, r.Indicator, r.Period}
		seen[f] = append(seen[f], i)
	}
	for i := range rows {
		r := &rows[i]
		same := seen[figure{r.Centre, r.Indicator, r.Period}]
		if len(same) < 2 || len(r.Problems) > 0 || r.Indicator == "" {
			continue
		}
		other := same[0]
		if other == i {
			other = same[1]
		}
		r.Problems = append(slices.Clone(r.Problems), wire.FigureProblem{Sheet: c.sheet, Row: r.Line, Sentence: text(
			"Chỉ tiêu này của cùng kỳ và trung tâm còn có ở dòng "+num(rows[other].Line)+".", "The same figure is also in row "+num(rows[other].Line)+".",
		)})
	}
}

// clip cuts a text to so many characters.
func clip(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}
