// Package xlsx reads and writes tables of figures as Excel files.
package xlsx

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"github.com/binhphuoc/ioc/ingest/figures"
	"github.com/binhphuoc/ioc/schemas"
)

// Read reads the one sheet of a file that has the heads of figures. What its cells hold is told apart: numbers, dates,
// text, and what nobody can read.
func Read(data []byte) (t figures.Table, err error) {
	if err := guard(data); err != nil {
		return t, err
	}
	// The library is for files that Excel has written; what it makes of others is not all thought of.
	defer func() {
		if recover() != nil {
			t, err = figures.Table{}, broken()
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: maxAll, UnzipXMLSizeLimit: maxAll})
	if err != nil {
		return t, broken()
	}
	defer f.Close()
	r := &reader{f: f, formats: map[int]format{}}
	if props, err := f.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		r.date1904 = *props.Date1904
	}
	var found []figures.Table
	for _, sheet := range f.GetSheetList() {
		if visible, err := f.GetSheetVisible(sheet); err != nil || !visible {
			continue
		}
		table, err := r.table(sheet)
		if err != nil {
			return t, err
		}
		if figures.HasHeads(table) {
			found = append(found, table)
		}
		if t.Sheet == "" { // to say what is wrong with, when none has the heads
			t = table
		}
	}
	switch {
	case len(found) > 1:
		return t, &figures.Fault{Text: schemas.Text{
			VI: "Tệp có hơn một trang số liệu: “" + found[0].Sheet + "” và “" + found[1].Sheet + "”. Hãy tải lên từng trang một.",
			EN: "The file has more than one sheet of figures: “" + found[0].Sheet + "” and “" + found[1].Sheet + "”. Upload one at a time.",
		}}
	case len(found) == 1:
		return found[0], nil
	}
	return t, nil
}

// reader reads one file.
type reader struct {
	f        *excelize.File
	date1904 bool
	formats  map[int]format // by style
}

// format is what a number format makes of a number.
type format struct {
	percent          bool
	date, month, day bool // whether it is a date, and what it shows of it
}

// table reads one sheet.
func (r *reader) table(sheet string) (figures.Table, error) {
	t := figures.Table{Sheet: sheet}
	raw, err := r.f.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		return t, broken()
	}
	merged, err := r.merged(sheet)
	if err != nil {
		return t, err
	}
	for y, values := range raw {
		l := figures.Line{Number: y + 1}
		wide := min(len(values), figures.MaxColumns)
		for c := range merged[y] {
			wide = max(wide, c+1)
		}
		used := false
		for x := range wide {
			value := ""
			if x < len(values) {
				value = values[x]
			}
			cell := r.cell(sheet, x, y, value)
			if at, ok := merged[y][x]; ok {
				cell = figures.Cell{Text: cell.Text, Fault: &schemas.Text{
					VI: "Ô bị gộp (" + at + "): hãy bỏ gộp ô và ghi đủ từng dòng.", EN: "The cell is merged (" + at + "): unmerge it and fill in every row.",
				}}
			}
			used = used || cell.Text != "" || cell.Fault != nil
			l.Cells = append(l.Cells, cell)
		}
		if used {
			t.Lines = append(t.Lines, l)
		}
	}
	return t, nil
}

// merged lists the merged cells of a sheet, by row and column from 0, each with the range that it is of.
func (r *reader) merged(sheet string) (map[int]map[int]string, error) {
	list, err := r.f.GetMergeCells(sheet, true)
	if err != nil {
		return nil, broken()
	}
	out := map[int]map[int]string{}
	for _, m := range list {
		x0, y0, err := excelize.CellNameToCoordinates(m.GetStartAxis())
		if err != nil {
			return nil, broken()
		}
		x1, y1, err := excelize.CellNameToCoordinates(m.GetEndAxis())
		if err != nil {
			return nil, broken()
		}
		for y := y0 - 1; y < min(y1, lastRow); y++ {
			if out[y] == nil {
				out[y] = map[int]string{}
			}
			for x := x0 - 1; x < min(x1, figures.MaxColumns); x++ {
				out[y][x] = m.GetStartAxis() + ":" + m.GetEndAxis()
			}
		}
	}
	return out, nil
}

// cell reads one cell, whose raw value is known.
func (r *reader) cell(sheet string, x, y int, raw string) figures.Cell {
	name := figures.Letter(x) + strconv.Itoa(y+1)
	if raw == "" {
		if formula, err := r.f.GetCellFormula(sheet, name); err == nil && formula != "" {
			return figures.Cell{Fault: &schemas.Text{
				VI: "Công thức chưa có kết quả: hãy mở bằng Excel và lưu lại, hoặc dán giá trị.",
				EN: "The formula has no result: open the file with Excel and save it again, or paste the value.",
			}}
		}
		return figures.Cell{}
	}
	kind, err := r.f.GetCellType(sheet, name)
	if err != nil {
		return figures.Cell{Text: raw}
	}
	switch kind {
	case excelize.CellTypeUnset, excelize.CellTypeNumber:
		if v, err := strconv.ParseFloat(raw, 64); err == nil {
			return r.number(sheet, name, raw, v)
		}
	case excelize.CellTypeBool:
		return figures.Cell{Text: map[string]string{"1": "TRUE", "0": "FALSE"}[raw]}
	case excelize.CellTypeError:
		return figures.Cell{Text: raw, Fault: &schemas.Text{VI: "Ô báo lỗi " + raw + ".", EN: "The cell shows the error " + raw + "."}}
	}
	return figures.Cell{Text: strings.TrimSpace(raw)}
}

// number reads a cell that Excel holds as a number: a number, a share or a date.
func (r *reader) number(sheet, name, raw string, v float64) figures.Cell {
	// Excel keeps 17 digits and vouches for 15: 12.3 is stored as 12.300000000000001.
	d, err := decimal.NewFromString(strconv.FormatFloat(v, 'e', 14, 64))
	if err != nil {
		return figures.Cell{Text: raw}
	}
	switch f := r.format(sheet, name); {
	case f.date:
		return r.date(v, f)
	case f.percent:
		d = d.Shift(2)
		shown := d.String()
		return figures.Cell{Text: shown, Number: &d, Note: &schemas.Text{
			VI: "Ô " + name + " hiển thị " + strings.Replace(shown, ".", ",", 1) + " %, được đọc là " + strings.Replace(shown, ".", ",", 1) + ".",
			EN: "Cell " + name + " shows " + shown + " %, and is read as " + shown + ".",
		}}
	default:
		return figures.Cell{Text: d.String(), Number: &d}
	}
}

// date reads a cell that Excel holds as a date.
func (r *reader) date(v float64, f format) figures.Cell {
	t, err := excelize.ExcelDateToTime(v, r.date1904)
	if err != nil {
		return figures.Cell{Fault: &schemas.Text{VI: "Ngày không hợp lệ.", EN: "The date is not valid."}}
	}
	shown := t.Format("02/01/2006")
	period, ok := figures.DatePeriod(t, f.month, f.day)
	if !ok {
		return figures.Cell{Text: shown, Fault: &schemas.Text{
			VI: "Ô là ngày " + shown + ", không phải một kỳ: hãy ghi dạng văn bản 2026, 2026-Q3 hoặc 2026-10.",
			EN: "The cell is the date " + shown + ", which is no period: write it as text, 2026, 2026-Q3 or 2026-10.",
		}}
	}
	return figures.Cell{Text: shown, Period: period, Note: &schemas.Text{
		VI: "Ô ngày " + shown + " được đọc là kỳ " + period + ".", EN: "The date " + shown + " is read as the period " + period + ".",
	}}
}

// format tells what the number format of a cell makes of a number.
func (r *reader) format(sheet, name string) format {
	id, err := r.f.GetCellStyle(sheet, name)
	if err != nil || id == 0 {
		return format{}
	}
	if f, ok := r.formats[id]; ok {
		return f
	}
	var f format
	if style, err := r.f.GetStyle(id); err == nil && style != nil {
		f = builtin(style.NumFmt)
		if style.CustomNumFmt != nil {
			f = custom(*style.CustomNumFmt)
		}
	}
	r.formats[id] = f
	return f
}

// builtin are the formats that Excel has by number (ECMA-376, part 1, 18.8.30).
func builtin(id int) format {
	switch {
	case id == 9 || id == 10:
		return format{percent: true}
	case id == 17: // mmm-yy
		return format{date: true, month: true}
	case 14 <= id && id <= 22, 27 <= id && id <= 36, 45 <= id && id <= 47, 50 <= id && id <= 58:
		return format{date: true, month: true, day: true}
	}
	return format{}
}

// custom reads a format code as far as to tell a date and a share.
func custom(code string) format {
	var f format
	var bare strings.Builder
	quoted, bracket := false, false
	for i, c := range code {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted, i > 0 && code[i-1] == '\\':
		case c == '[', c == ']':
			bracket = c == '['
		case !bracket:
			bare.WriteRune(c)
		}
	}
	s := strings.ToLower(bare.String())
	if strings.Contains(s, "general") {
		return f
	}
	f.percent = strings.Contains(s, "%")
	year := strings.Contains(s, "y")
	f.day = strings.Contains(s, "d")
	f.date = year || f.day
	f.month = f.date && strings.Contains(s, "m")
	return f
}

// errWrite names what was being made.
func errWrite(err error) error { return fmt.Errorf("make the template: %w", err) }
