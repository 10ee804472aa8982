package sheet_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/binhphuoc/ioc/query/report/reporttest"
	"github.com/binhphuoc/ioc/query/report/sheet"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

func write(t *testing.T, r *wire.Report, lang string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := sheet.Write(&b, r, lang); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(t *testing.T, content []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func raw(t *testing.T, f *excelize.File, name, cell string) string {
	t.Helper()
	v, err := f.GetCellValue(name, cell, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func format(t *testing.T, f *excelize.File, name, cell string) string {
	t.Helper()
	id, err := f.GetCellStyle(name, cell)
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.GetStyle(id)
	if err != nil {
		t.Fatal(err)
	}
	if s.CustomNumFmt == nil {
		return ""
	}
	return *s.CustomNumFmt
}

func TestSheets(t *testing.T) {
	for lang, want := range map[string][]string{
		"vi": {"Tóm tắt", "Chính quyền số", "Kinh tế số", "Xã hội số", "Nền tảng dữ liệu", "Dữ liệu"},
		"en": {"Summary", "Digital government", "Digital economy", "Digital society", "Data platform", "Data"},
	} {
		if d := cmp.Diff(want, open(t, write(t, reporttest.Month(t), lang)).GetSheetList()); d != "" {
			t.Error(d)
		}
	}
}

// Names of sheets are of the data: what Excel refuses must not break the workbook.
func TestSheetsWithNamesThatExcelRefuses(t *testing.T) {
	r := reporttest.Month(t)
	for i, n := range []string{"Tóm tắt", "A/B: một tên dài hơn ba mươi mốt ký tự", "A/B: một tên dài hơn ba mươi mốt chữ", "'"} {
		r.Pillars[i].Name = schemas.Text{VI: n, EN: n}
	}
	got := open(t, write(t, r, "vi")).GetSheetList()
	want := []string{"Tóm tắt", "Tóm tắt 2", "A-B- một tên dài hơn ba mươi mố", "A-B- một tên dài hơn ba mươi 2", "5", "Dữ liệu"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// row is the number of the row of a name on a sheet.
func row(t *testing.T, f *excelize.File, name, first string) int {
	t.Helper()
	rows, err := f.GetRows(name)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		if len(r) > 0 && r[0] == first {
			return i + 1
		}
	}
	t.Fatalf("sheet %s has no row %s", name, first)
	return 0
}

func TestCells(t *testing.T) {
	f := open(t, write(t, reporttest.Month(t), "vi"))
	const gov, eco, soc = "Chính quyền số", "Kinh tế số", "Xã hội số"
	for _, c := range []struct {
		sheet, row, column   string
		formula, raw, format string
	}{
		{gov, "Hồ sơ giải quyết đúng hạn", "C", "D%d/E%d*100", "97.440235542275", "#,##0.0\"\u00a0%\""},
		{gov, "Hồ sơ giải quyết đúng hạn", "D", "", "44347", "#,##0"},
		{gov, "Hồ sơ giải quyết đúng hạn", "F", "", "98", "#,##0.0\"\u00a0%\""},
		{gov, "Hồ sơ giải quyết đúng hạn", "G", "C%d-F%d", "-0.5597644577", "\"+\"#,##0.0\"\u00a0điểm\u00a0%\";\"−\"#,##0.0\"\u00a0điểm\u00a0%\";\"\"#,##0.0\"\u00a0điểm\u00a0%\""},
		{gov, "Hồ sơ giải quyết đúng hạn", "H", "", "▲ chưa đạt", ""},
		{gov, "Hồ sơ giải quyết đúng hạn", "J", "C%d-I%d", "0.3917384757", "\"↑ +\"#,##0.0\"\u00a0điểm\u00a0%\";\"↓ −\"#,##0.0\"\u00a0điểm\u00a0%\";\"= \"#,##0.0\"\u00a0điểm\u00a0%\""},
		{gov, "Tấn công bị chặn hôm nay", "C", "", "1203455", "#,##0"},
		{gov, "Cuộc họp không giấy", "I", "", "", ""},
		{gov, "Cuộc họp không giấy", "J", "", "", ""},
		{gov, "Thời gian giải quyết (P90)", "C", "", "141.3", "#,##0.0\"\u00a0giờ\""},
		{eco, "Giải ngân đầu tư công", "C", "D%d/E%d*100", "58.907894736842", "#,##0.0\"\u00a0%\""},
		{soc, "Lượng mưa hôm nay", "C", "", "", ""},
		{soc, "Lượng mưa hôm nay", "Q", "", "○ chưa có số liệu", ""},
		{soc, "Bụi mịn PM2.5 (1 giờ)", "M", "", "27.9262", "#,##0.0\"\u00a0µg/m³\""},
	} {
		n := row(t, f, c.sheet, c.row)
		at := fmt.Sprintf("%s%d", c.column, n)
		formula, err := f.GetCellFormula(c.sheet, at)
		if err != nil {
			t.Fatal(err)
		}
		if want := strings.ReplaceAll(c.formula, "%d", strconv.Itoa(n)); formula != want {
			t.Errorf("%s %s: formula %q, want %q", c.row, c.column, formula, want)
		}
		if got := raw(t, f, c.sheet, at); got != c.raw {
			t.Errorf("%s %s: %q, want %q", c.row, c.column, got, c.raw)
		}
		if got := format(t, f, c.sheet, at); c.raw != "" && got != c.format {
			t.Errorf("%s %s: format %q, want %q", c.row, c.column, got, c.format)
		}
	}
	if at := raw(t, f, "Tóm tắt", "B5"); at != "46332.3125" || format(t, f, "Tóm tắt", "B5") != "dd/mm/yyyy hh:mm" {
		t.Errorf("time of issue is %s as %s, want the moment 2026-11-06 07:30 as a date", at, format(t, f, "Tóm tắt", "B5"))
	}
}

// What stands beside a formula is what the formula gives, so that viewers that don't calculate show the same.
func TestFormulasGiveTheValuesBesideThem(t *testing.T) {
	f, formulas := open(t, write(t, reporttest.Month(t), "vi")), 0
	for _, name := range f.GetSheetList() {
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range rows {
			for j := range r {
				at, err := excelize.CoordinatesToCellName(j+1, i+1)
				if err != nil {
					t.Fatal(err)
				}
				if formula, err := f.GetCellFormula(name, at); err != nil || formula == "" {
					continue
				}
				formulas++
				beside, err := strconv.ParseFloat(raw(t, f, name, at), 64)
				if err != nil {
					t.Errorf("%s %s: %v", name, at, err)
				}
				text, err := f.CalcCellValue(name, at, excelize.Options{RawCellValue: true})
				if err != nil {
					t.Fatalf("%s %s: %v", name, at, err)
				}
				if reckoned, err := strconv.ParseFloat(text, 64); err != nil || math.Abs(reckoned-beside) > 1e-8 {
					t.Errorf("%s %s gives %s, beside it stands %v", name, at, text, beside)
				}
			}
		}
	}
	if formulas < 100 {
		t.Errorf("%d formulas", formulas)
	}
}

// A value that does not follow from its counts is not shown as if it did.
func TestNoFormulaForWhatDoesNotFollow(t *testing.T) {
	r := reporttest.Month(t)
	for _, row := range reporttest.Rows(r) {
		other := 12345.0
		if row.Value.Value != nil {
			row.Value.Value = &other
		}
	}
	f := open(t, write(t, r, "vi"))
	for _, column := range []string{"C", "G", "J", "L"} {
		at := column + strconv.Itoa(row(t, f, "Chính quyền số", "Hồ sơ giải quyết đúng hạn"))
		if formula, err := f.GetCellFormula("Chính quyền số", at); err != nil || formula != "" {
			t.Errorf("%s has the formula %s (%v)", at, formula, err)
		}
	}
}

func TestPrintingAndHeads(t *testing.T) {
	f := open(t, write(t, reporttest.Month(t), "vi"))
	titles := map[string]string{}
	for _, n := range f.GetDefinedName() {
		titles[n.Scope+" "+n.Name] = n.RefersTo
	}
	for name, head := range map[string]int{"Chính quyền số": 3, "Dữ liệu": 1} {
		layout, err := f.GetPageLayout(name)
		if err != nil {
			t.Fatal(err)
		}
		if *layout.Size != 9 || *layout.Orientation != "landscape" || *layout.FitToWidth != 1 || *layout.FitToHeight != 0 {
			t.Errorf("%s is printed as %d %s %d %d", name, *layout.Size, *layout.Orientation, *layout.FitToWidth, *layout.FitToHeight)
		}
		if props, err := f.GetSheetProps(name); err != nil || !*props.FitToPage {
			t.Errorf("%s is not fitted to the page (%v)", name, err)
		}
		if panes, err := f.GetPanes(name); err != nil || !panes.Freeze || panes.YSplit != head {
			t.Errorf("%s: the head does not stay in sight: %+v (%v)", name, panes, err)
		}
		if got, want := titles[name+" _xlnm.Print_Titles"], fmt.Sprintf("'%s'!$%d:$%d", name, head, head); got != want {
			t.Errorf("%s: repeated rows %q, want %q", name, got, want)
		}
		if foot, err := f.GetHeaderFooter(name); err != nil || !strings.Contains(foot.OddFooter, "Trang &P / &N") || !strings.Contains(foot.OddHeader, "Tỉnh Bình Phước") {
			t.Errorf("%s: foot %+v (%v)", name, foot, err)
		}
	}
	if marks, err := f.GetConditionalFormats("Chính quyền số"); err != nil || len(marks) < 20 {
		t.Errorf("%d conditional marks (%v)", len(marks), err)
	}
}

// Every part of the workbook is XML that ends as it should, or Excel offers to repair it; and what a formula gives is a number.
func TestThePartsOfTheWorkbook(t *testing.T) {
	content := write(t, reporttest.Month(t), "vi")
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range z.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		for d := xml.NewDecoder(r); ; {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", part.Name, err)
			}
			if e, ok := token.(xml.StartElement); ok && e.Name.Local == "c" && slices.Contains(e.Attr, xml.Attr{Name: xml.Name{Local: "t"}, Value: "str"}) {
				t.Errorf("%s holds a formula whose value is a text", part.Name)
			}
		}
	}
}

func csvOf(t *testing.T, r *wire.Report, lang string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := sheet.WriteCSV(&b, r, lang); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCSVGolden(t *testing.T) {
	reporttest.Golden(t, "month-vi.csv", csvOf(t, reporttest.Month(t), "vi"))
	reporttest.Golden(t, "empty-en.csv", csvOf(t, reporttest.Empty(t), "en"))
}

func TestCSVCanNotBecomeAFormula(t *testing.T) {
	r := reporttest.Empty(t)
	minus := -3.5
	row := &r.Pillars[0].Rows[0]
	row.Value.Value = &minus
	for _, name := range []string{`=cmd|' /C calc'!A0`, "+1", "-1", "@SUM(1)", "＝1", "\t=1", `a"b;c` + "\n=2"} {
		row.Name = schemas.Text{VI: name}
		text, found := strings.CutPrefix(string(csvOf(t, r, "vi")), "\ufeff")
		if !found {
			t.Fatal("no byte order mark")
		}
		in := csv.NewReader(strings.NewReader(text))
		in.Comma = ';'
		lines, err := in.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if got := lines[1][1]; strings.ContainsAny(got[:1], "=+-@\t") || strings.HasPrefix(got, "＝") {
			t.Errorf("%q is written as %q", name, got)
		}
		if got := lines[1][7]; got != "-3,5" {
			t.Errorf("the number −3,5 is written as %q", got)
		}
	}
}
