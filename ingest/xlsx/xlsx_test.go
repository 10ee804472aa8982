package xlsx

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/binhphuoc/ioc/ingest/figures"
	"github.com/binhphuoc/ioc/schemas"
)

func rules() figures.Rules {
	return figures.Rules{
		Indicators: []figures.Indicator{{Code: "budget.revenue", Name: schemas.Text{VI: "Thu ngân sách", EN: "Budget revenue"}}},
		Centres:    []schemas.Centre{{Code: "province", Name: schemas.Text{VI: "Tỉnh", EN: "Province"}}},
		Centre:     "province", Now: time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC),
	}
}

// book makes an Excel file: heads, then what fill adds.
func book(t testing.TB, fill func(f *excelize.File, must func(error))) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(f.SetSheetRow("Sheet1", "A1", &[]any{"Mã chỉ tiêu", "Kỳ", "Giá trị", "Mục tiêu"}))
	fill(f, must)
	var b bytes.Buffer
	must(f.Write(&b))
	return b.Bytes()
}

// told is what is said of a file, in English.
func told(t testing.TB, data []byte) []string {
	t.Helper()
	table, err := Read(data)
	if fault := (*figures.Fault)(nil); errors.As(err, &fault) {
		return []string{"file: " + fault.EN}
	}
	if err != nil {
		t.Fatal(err)
	}
	c := figures.Check(table, rules())
	var out []string
	for _, p := range c.Problems {
		out = append(out, fmt.Sprintf("%s!%s%d %s", p.Sheet, p.Column, p.Row, p.Sentence.EN))
	}
	for _, r := range c.Rows {
		if len(r.Problems) == 0 {
			out = append(out, fmt.Sprintf("%d: %s %s %s %v", r.Line, r.Indicator, r.Period, r.Value, r.Target))
		}
		for _, n := range r.Notes {
			out = append(out, "note: "+n.EN)
		}
		for _, p := range r.Problems {
			out = append(out, fmt.Sprintf("%s!%s%d %s", p.Sheet, p.Column, p.Row, p.Sentence.EN))
		}
	}
	return out
}

func TestFilesAsPeopleMakeThem(t *testing.T) {
	row := func(f *excelize.File, must func(error), at string, cells ...any) {
		must(f.SetSheetRow("Sheet1", at, &cells))
	}
	styled := func(f *excelize.File, must func(error), cell string, s excelize.Style) {
		id, err := f.NewStyle(&s)
		must(err)
		must(f.SetCellStyle("Sheet1", cell, cell, id))
	}
	code := func(s string) excelize.Style { return excelize.Style{CustomNumFmt: &s} }
	october := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	const merged = " The cell is merged (A2:A3): unmerge it and fill in every row."
	tests := []struct {
		name string
		fill func(f *excelize.File, must func(error))
		want []string
	}{
		{"numbers", func(f *excelize.File, must func(error)) {
			row(f, must, "A2", "budget.revenue", "2026", 1234.5, 0.1+0.2)
			row(f, must, "A3", "budget.revenue", 2025, 1e9)
		}, []string{"2: budget.revenue 2026 1234.5 0.3", "3: budget.revenue 2025 1000000000 <nil>"}},
		{"numbers as text", func(f *excelize.File, must func(error)) {
			row(f, must, "A2", "budget.revenue", "2026", "1.234,5", "2.000")
			row(f, must, "A3", "budget.revenue", "2025", "chưa có")
		}, []string{
			"2: budget.revenue 2026 1234.5 2000", "note: “2.000” is read as 2000, by the decimal sign of cell C2 (“1.234,5”).", "Sheet1!C3 “chưa có” is no number.",
		}},
		{"merged cells", func(f *excelize.File, must func(error)) {
			row(f, must, "A2", "budget.revenue", "2026", 1)
			row(f, must, "A3", nil, "2025", 2)
			row(f, must, "A4", "budget.revenue", "2024", 3)
			must(f.MergeCell("Sheet1", "A2", "A3"))
		}, []string{"Sheet1!A2" + merged, "Sheet1!A3" + merged, "4: budget.revenue 2024 3 <nil>"}},
		{"a merged title above", func(f *excelize.File, must func(error)) {
			must(f.InsertRows("Sheet1", 1, 2))
			row(f, must, "A1", "BÁO CÁO")
			must(f.MergeCell("Sheet1", "A1", "D1"))
			row(f, must, "A4", "budget.revenue", "2026", 1)
		}, []string{"4: budget.revenue 2026 1 <nil>"}},
		{"dates for periods", func(f *excelize.File, must func(error)) {
			row(f, must, "A2", "budget.revenue", october, 1)
			styled(f, must, "B2", code("yyyy\\-mm"))
			row(f, must, "A3", "budget.revenue", october.AddDate(0, -1, 0), 1)
			styled(f, must, "B3", excelize.Style{NumFmt: 17})
			row(f, must, "A4", "budget.revenue", time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), 1)
			styled(f, must, "B4", code("yyyy"))
			row(f, must, "A5", "budget.revenue", october.AddDate(0, 0, 4), 1)
		}, []string{
			"2: budget.revenue 2026-10 1 <nil>", "note: The date 01/10/2026 is read as the period 2026-10.",
			"3: budget.revenue 2026-09 1 <nil>", "note: The date 01/09/2026 is read as the period 2026-09.",
			"4: budget.revenue 2025 1 <nil>", "note: The date 01/01/2025 is read as the period 2025.",
			"Sheet1!B5 The cell is the date 05/10/2026, which is no period: write it as text, 2026, 2026-Q3 or 2026-10.",
		}},
		{"a date for a value", func(f *excelize.File, must func(error)) {
			row(f, must, "A2", "budget.revenue", "2026", october)
		}, []string{"Sheet1!C2 “01/10/2026” is no number."}},
		{"a share", func(f *excelize.File, must func(error)) {
			row(f, must, "A2", "budget.revenue", "2026", 0.145)
			styled(f, must, "C2", code("0.0%"))
		}, []string{"2: budget.revenue 2026 14.5 <nil>", "note: Cell C2 shows 14.5 %, and is read as 14.5."}},
		{"formulas", func(f *excelize.File, must func(error)) {
			row(f, must, "A2", "budget.revenue", "2026")
			must(f.SetCellFormula("Sheet1", "C2", "1+1"))
			row(f, must, "A3", "budget.revenue", "2025", 5)
			must(f.SetCellFormula("Sheet1", "C3", "2+3")) // its result is kept
			row(f, must, "A4", "budget.revenue", "2024", true)
		}, []string{
			"Sheet1!C2 The formula has no result: open the file with Excel and save it again, or paste the value.", "3: budget.revenue 2025 5 <nil>", "Sheet1!C4 “TRUE” is no number.",
		}},
		{"columns that there are not", func(f *excelize.File, must func(error)) {
			row(f, must, "A1", "Chỉ tiêu", "Ngày", "Giá trị")
		}, []string{
			"Sheet1!B1 There is no column “Ngày”. Columns that are taken: Indicator, Period, Value, Target, Issued by, Centre.",
			"Sheet1!1 Column “Period” is missing. These columns are needed: Indicator, Period, Value.",
		}},
		{"two sheets of figures", func(f *excelize.File, must func(error)) {
			_, err := f.NewSheet("Quý 3")
			must(err)
			must(f.SetSheetRow("Quý 3", "A1", &[]any{"indicator", "period", "value"}))
		}, []string{"file: The file has more than one sheet of figures: “Sheet1” and “Quý 3”. Upload one at a time."}},
		{"figures on the second sheet, and a hidden one", func(f *excelize.File, must func(error)) {
			for _, name := range []string{"Quý 3", "Ẩn"} {
				_, err := f.NewSheet(name)
				must(err)
				must(f.SetSheetRow(name, "A1", &[]any{"indicator", "period", "value"}))
			}
			must(f.SetSheetRow("Quý 3", "A2", &[]any{"budget.revenue", "2026", 7}))
			must(f.SetSheetVisible("Ẩn", false))
			must(f.SetSheetRow("Sheet1", "A1", &[]any{"Bìa", "", "", ""}))
		}, []string{"2: budget.revenue 2026 7 <nil>"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, told(t, book(t, tt.fill))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// repack changes the parts of a file.
func repack(t testing.TB, data []byte, change func(name string, part []byte) []byte) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var part bytes.Buffer
		if _, err := part.ReadFrom(r); err != nil {
			t.Fatal(err)
		}
		w, err := out.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(change(f.Name, part.Bytes())); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFilesThatWouldFillTheMemory(t *testing.T) {
	good := book(t, func(*excelize.File, func(error)) {})
	sheet := func(content, after string) []byte {
		return repack(t, good, func(name string, part []byte) []byte {
			if name != "xl/worksheets/sheet1.xml" {
				return part
			}
			return []byte(`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + content + `</sheetData>` + after + `</worksheet>`)
		})
	}
	for name, c := range map[string]struct {
		file []byte
		has  string
	}{
		"a cell in the last column": {sheet(`<row r="1"><c r="XFD1"><v>1</v></c></row>`, ""), "too far out (XFD1)"},
		"a cell in the last row":    {sheet(`<row><c r="A1048576"><v>1</v></c></row>`, ""), "too far out (A1048576)"},
		"a row far down":            {sheet(`<row r="1048576"/>`, ""), "more than 20000 rows"},
		"rows without end":          {sheet(strings.Repeat(`<row/>`, lastRow+1), ""), "more than 20000 rows"},
		"cells without end":         {sheet(`<row>`+strings.Repeat(`<c/>`, maxCells+1)+`</row>`, ""), "too many"},
		"merged cells without end":  {sheet("", `<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>`), "merged cells"},
		"a sheet under another name": {repack(t, good, func(name string, part []byte) []byte {
			switch name {
			case "xl/theme/theme1.xml":
				return []byte(`<worksheet><sheetData><row r="1"><c r="XFD1"/></row></sheetData></worksheet>`)
			case "xl/_rels/workbook.xml.rels":
				return bytes.ReplaceAll(part, []byte("worksheets/sheet1.xml"), []byte("theme/theme1.xml"))
			}
			return part
		}), "too far out (XFD1)"},
		"a part of zeroes":             {repack(t, good, func(_ string, part []byte) []byte { return bytes.Repeat(part[:1], 17<<20) }), "unpacks to too much"},
		"a sheet that is no XML":       {sheet("<row", ""), "broken"},
		"half a file":                  {good[:len(good)/2], "broken"},
		"an archive of something else": {repack(t, good, func(string, []byte) []byte { return []byte("x") }), "broken"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read(c.file)
			if fault := (*figures.Fault)(nil); !errors.As(err, &fault) || !strings.Contains(fault.EN, c.has) || fault.VI == "" {
				t.Errorf("got %v, want a fault that says %q", err, c.has)
			}
		})
	}
}

func TestTheTemplateIsTakenAsItIs(t *testing.T) {
	for _, english := range []bool{false, true} {
		var b bytes.Buffer
		r := rules()
		if err := WriteTemplate(&b, Template{Indicators: r.Indicators, Centres: r.Centres, English: english}); err != nil {
			t.Fatal(err)
		}
		f, err := excelize.OpenReader(&b)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		sheet := f.GetSheetList()[0]
		if err := f.SetSheetRow(sheet, "A2", &[]any{"budget.revenue", "2026-10", 5.5, 6, "Sở Tài chính", "province"}); err != nil {
			t.Fatal(err)
		}
		lists, err := f.GetDataValidations(sheet)
		if err != nil || len(lists) != 5 {
			t.Errorf("%d rules of what may be entered (%v)", len(lists), err)
		}
		var filled bytes.Buffer
		if err := f.Write(&filled); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]string{"2: budget.revenue 2026-10 5.5 6"}, told(t, filled.Bytes())); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
}

// Whatever a sheet holds, it is read or refused, and nothing falls over.
func FuzzSheets(f *testing.F) {
	good := book(f, func(x *excelize.File, must func(error)) {
		must(x.SetSheetRow("Sheet1", "A2", &[]any{"budget.revenue", "2026", 1.5}))
	})
	for _, s := range []string{
		`<row r="1"><c r="A1" t="inlineStr"><is><t>indicator</t></is></c><c r="B1" t="s"><v>0</v></c></row>`, `<row r="2"><c r="A2" t="s"><v>99</v></c></row>`,
		`<row r="1"><c r="A1" s="77" t="n"><f>A1</f><v>1e400</v></c></row>`, `<row><c/><c r="B1" t="e"><v>#REF!</v></c></row></sheetData><mergeCells><mergeCell ref="B1:A1"/></mergeCells><sheetData>`,
		`<row r="-1"/>`, `<row r="1"><c r="A1" t="d"><v>2026-10-01</v></c><c r="A1" t="b"><v>1</v></c></row>`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, content string) {
		table, err := Read(repack(t, good, func(name string, part []byte) []byte {
			if name != "xl/worksheets/sheet1.xml" {
				return part
			}
			return []byte(`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + content + `</sheetData></worksheet>`)
		}))
		if fault := (*figures.Fault)(nil); err != nil && !errors.As(err, &fault) {
			t.Fatalf("no fault, but %v", err)
		}
		for _, r := range figures.Check(table, rules()).Rows {
			if len(r.Problems) == 0 && r.Value == nil {
				t.Fatalf("a row without a value was taken: %+v", r)
			}
		}
	})
}
