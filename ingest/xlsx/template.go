package xlsx

import (
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"github.com/binhphuoc/ioc/ingest/figures"
	"github.com/binhphuoc/ioc/schemas"
)

// Template is what a template offers to choose from.
type Template struct {
	Indicators []figures.Indicator
	Centres    []schemas.Centre
	English    bool
}

// templateRows is how many rows are prepared; more may be added below.
const templateRows = 500

// WriteTemplate writes an empty table with the right heads, in which Excel offers the indicators and centres to choose from.
func WriteTemplate(w io.Writer, t Template) (err error) {
	f := excelize.NewFile()
	defer func() {
		if e := f.Close(); err == nil && e != nil {
			err = errWrite(e)
		}
	}()
	b := &builder{f: f, t: t}
	b.sheets()
	b.table()
	b.indicators()
	b.centres()
	if b.err != nil {
		return errWrite(b.err)
	}
	if err := f.Write(w); err != nil {
		return errWrite(err)
	}
	return nil
}

// builder fills a file. The first error stays.
type builder struct {
	f                      *excelize.File
	t                      Template
	figures, lists, places string // names of the sheets
	head, asText, number   int    // styles
	err                    error
}

func (b *builder) do(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *builder) say(t schemas.Text) string {
	if b.t.English {
		return t.EN
	}
	return t.VI
}

func (b *builder) style(s *excelize.Style) int {
	id, err := b.f.NewStyle(s)
	b.do(err)
	return id
}

// sheets makes the sheets and styles.
func (b *builder) sheets() {
	b.figures = b.say(schemas.Text{VI: "Số liệu", EN: "Figures"})
	b.lists = b.say(schemas.Text{VI: "Chỉ tiêu", EN: "Indicators"})
	b.places = b.say(schemas.Text{VI: "Các trung tâm", EN: "Centres"})
	b.do(b.f.SetSheetName("Sheet1", b.figures))
	for _, name := range []string{b.lists, b.places} {
		_, err := b.f.NewSheet(name)
		b.do(err)
	}
	b.head = b.style(&excelize.Style{
		Font: &excelize.Font{Bold: true, Color: "FFFFFF"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"1F4E79"}},
		Alignment: &excelize.Alignment{Vertical: "center", WrapText: true},
	})
	asText, number := "@", "#,##0.######"
	b.asText = b.style(&excelize.Style{CustomNumFmt: &asText}) // or Excel makes a date of 2026-10
	b.number = b.style(&excelize.Style{CustomNumFmt: &number})
}

// row writes a row of texts.
func (b *builder) row(sheet string, row int, texts ...string) {
	cells := make([]any, len(texts))
	for i, t := range texts {
		cells[i] = t
	}
	b.do(b.f.SetSheetRow(sheet, fmt.Sprintf("A%d", row), &cells))
}

// heading writes the first row, which stays when the sheet is scrolled.
func (b *builder) heading(sheet string, widths []float64, texts ...string) {
	b.row(sheet, 1, texts...)
	b.do(b.f.SetCellStyle(sheet, "A1", figures.Letter(len(texts)-1)+"1", b.head))
	b.do(b.f.SetRowHeight(sheet, 1, 24))
	for i, w := range widths {
		b.do(b.f.SetColWidth(sheet, figures.Letter(i), figures.Letter(i), w))
	}
	b.do(b.f.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
}

// table makes the empty table.
func (b *builder) table() {
	var heads []string
	for _, h := range figures.Columns() {
		heads = append(heads, b.say(h))
	}
	b.heading(b.figures, []float64{34, 14, 18, 18, 40, 18}, heads...)
	last := templateRows + 1
	for _, c := range []struct {
		column string
		style  int
	}{{"A", b.asText}, {"B", b.asText}, {"C", b.number}, {"D", b.number}, {"E", b.asText}, {"F", b.asText}} {
		b.do(b.f.SetCellStyle(b.figures, c.column+"2", fmt.Sprintf("%s%d", c.column, last), c.style))
	}
	b.choose("A", b.lists, len(b.t.Indicators), schemas.Text{
		VI: "Chọn mã chỉ tiêu trong danh sách ở trang “Chỉ tiêu”.", EN: "Choose a code of the list on the sheet “Indicators”.",
	})
	b.choose("F", b.places, len(b.t.Centres), schemas.Text{
		VI: "Chọn mã trung tâm, hoặc để trống.", EN: "Choose the code of a centre, or leave it empty.",
	})
	period := excelize.NewDataValidation(true)
	period.SetSqref(fmt.Sprintf("B2:B%d", last))
	period.SetInput(b.say(schemas.Text{VI: "Kỳ", EN: "Period"}), b.say(schemas.Text{VI: "Năm 2026, quý 2026-Q3 hoặc tháng 2026-10.", EN: "Year 2026, quarter 2026-Q3 or month 2026-10."}))
	b.do(b.f.AddDataValidation(b.figures, period))
	for _, column := range []string{"C", "D"} {
		v := excelize.NewDataValidation(true)
		v.SetSqref(fmt.Sprintf("%s2:%s%d", column, column, last))
		b.do(v.SetRange(-1e15, 1e15, excelize.DataValidationTypeDecimal, excelize.DataValidationOperatorBetween))
		v.SetError(excelize.DataValidationErrorStyleStop, b.say(schemas.Text{VI: "Không phải là số", EN: "No number"}),
			b.say(schemas.Text{VI: "Hãy nhập một số.", EN: "Enter a number."}))
		b.do(b.f.AddDataValidation(b.figures, v))
	}
}

// choose lets a column be filled from the first column of another sheet.
func (b *builder) choose(column, sheet string, n int, hint schemas.Text) {
	if n == 0 {
		return
	}
	v := excelize.NewDataValidation(true)
	v.SetSqref(fmt.Sprintf("%s2:%s%d", column, column, templateRows+1))
	v.SetSqrefDropList(fmt.Sprintf("'%s'!$A$2:$A$%d", sheet, n+1))
	v.SetError(excelize.DataValidationErrorStyleStop, b.say(schemas.Text{VI: "Không có trong danh sách", EN: "Not in the list"}), b.say(hint))
	b.do(b.f.AddDataValidation(b.figures, v))
}

func (b *builder) indicators() {
	b.heading(b.lists, []float64{34, 60, 60},
		b.say(schemas.Text{VI: "Mã", EN: "Code"}), b.say(schemas.Text{VI: "Tên tiếng Việt", EN: "Name in Vietnamese"}), b.say(schemas.Text{VI: "Tên tiếng Anh", EN: "Name in English"}))
	for i, x := range b.t.Indicators {
		b.row(b.lists, i+2, x.Code, x.Name.VI, x.Name.EN)
	}
}

func (b *builder) centres() {
	b.heading(b.places, []float64{18, 40, 40},
		b.say(schemas.Text{VI: "Mã", EN: "Code"}), b.say(schemas.Text{VI: "Tên tiếng Việt", EN: "Name in Vietnamese"}), b.say(schemas.Text{VI: "Tên tiếng Anh", EN: "Name in English"}))
	for i, c := range b.t.Centres {
		b.row(b.places, i+2, c.Code, c.Name.VI, c.Name.EN)
	}
}
