package view_test

import (
	"bytes"
	"encoding/csv"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/binhphuoc/ioc/query/report/page"
	"github.com/binhphuoc/ioc/query/report/pdf"
	"github.com/binhphuoc/ioc/query/report/reporttest"
	"github.com/binhphuoc/ioc/query/report/sheet"
	"github.com/binhphuoc/ioc/schemas/say"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// shown is what a reader sees of a row: the value, the target, the two values that it is compared with, and the centres.
type shown struct {
	value, target, previous, lastYear string
	centres                           []string
}

// wanted is reckoned from the report alone, without the code under test.
func wanted(r *wire.ReportRow) shown {
	number := func(v *float64) string {
		if v == nil {
			return ""
		}
		return say.Number(*v, r.Decimals, "vi")
	}
	s := shown{value: number(r.Value.Value), previous: number(r.Previous.Value), lastYear: number(r.LastYear.Value)}
	if r.Target != nil {
		s.target = number(&r.Target.Value)
	}
	for _, c := range r.Centres {
		s.centres = append(s.centres, number(c.Value))
	}
	return s
}

// The same number stands in page, PDF, Excel and CSV, for every row and every centre.
func TestTheSameNumberEverywhere(t *testing.T) {
	r := reporttest.Month(t)
	ways := map[string]func(*testing.T, *wire.Report) func(*wire.ReportRow) shown{"page": onPage, "PDF": onPaper, "Excel": inExcel, "CSV": inCSV}
	for way, open := range ways {
		t.Run(way, func(t *testing.T) {
			look := open(t, r)
			for _, row := range reporttest.Rows(r) {
				want, got := wanted(row), look(row)
				for _, c := range []struct{ what, got, want string }{
					{"value", got.value, want.value},
					{"target", got.target, want.target},
					{"value of the period before", got.previous, want.previous},
					{"value of the year before", got.lastYear, want.lastYear},
					{"values of the centres", strings.Join(got.centres, " | "), strings.Join(want.centres, " | ")},
				} {
					if c.got != c.want {
						t.Errorf("%s: the %s is %q, want %q", row.KPI, c.what, c.got, c.want)
					}
				}
			}
		})
	}
}

// numberIn is the number at the start of a text; a dash is none.
func numberIn(text string) string {
	return regexp.MustCompile(`^−?[0-9][0-9.,]*`).FindString(strings.TrimSpace(text))
}

func onPage(t *testing.T, r *wire.Report) func(*wire.ReportRow) shown {
	var b bytes.Buffer
	if err := page.Write(&b, r, "vi", page.Links{}); err != nil {
		t.Fatal(err)
	}
	cells := regexp.MustCompile(`(?s)<td [^>]*>(.*?)</td>`)
	tags := regexp.MustCompile(`<[^>]*>`)
	return func(row *wire.ReportRow) shown {
		_, after, found := strings.Cut(b.String(), `<th scope="row" role="rowheader">`+html.EscapeString(row.Name.VI)+"<small>")
		if !found {
			t.Fatalf("the page has no row %s", row.Name.VI)
		}
		after, _, _ = strings.Cut(after, "</tr>")
		var numbers []string
		for _, c := range cells.FindAllStringSubmatch(after, -1) {
			numbers = append(numbers, numberIn(tags.ReplaceAllString(c[1], " ")))
		}
		return shown{numbers[0], numbers[1], numbers[2], numbers[3], numbers[5:]}
	}
}

func onPaper(t *testing.T, r *wire.Report) func(*wire.ReportRow) shown {
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("SKIPPED: pdftotext is not installed (Debian: poppler-utils); nobody has compared the PDF")
	}
	var b bytes.Buffer
	if err := pdf.Write(&b, r, "vi"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "report.pdf")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	// The first line of a row holds the beginning of its name, and all of its numbers with their units.
	return func(row *wire.ReportRow) shown {
		for _, line := range strings.Split(string(out), "\n") {
			fields := regexp.MustCompile(`\s{2,}`).Split(strings.TrimSpace(line), 2)
			if len(fields) < 2 || len(fields[0]) < 8 || !strings.HasPrefix(row.Name.VI, fields[0]) {
				continue
			}
			numbers := regexp.MustCompile(`−?[0-9][0-9.,]*|–`).FindAllString(strings.ReplaceAll(fields[1], "m³", ""), -1)
			if len(numbers) < 4+len(row.Centres) {
				continue
			}
			for i, n := range numbers {
				if n == "–" {
					numbers[i] = ""
				}
			}
			return shown{numbers[0], numbers[1], numbers[2], numbers[3], numbers[len(numbers)-len(row.Centres):]}
		}
		t.Fatalf("the PDF has no row %s", row.Name.VI)
		return shown{}
	}
}

func inExcel(t *testing.T, r *wire.Report) func(*wire.ReportRow) shown {
	var b bytes.Buffer
	if err := sheet.Write(&b, r, "vi"); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows := map[string][]string{}
	for _, p := range r.Pillars {
		list, err := f.GetRows(p.Name.VI, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range list[3:] {
			rows[l[0]] = l
		}
	}
	return func(row *wire.ReportRow) shown {
		cells := rows[row.Name.VI]
		number := func(i int) string { return written(t, cells[i], row.Decimals) }
		s := shown{number(2), number(5), number(8), number(10), nil}
		for i := range row.Centres {
			s.centres = append(s.centres, number(12+i))
		}
		return s
	}
}

// written is a raw number as a reader sees it.
func written(t *testing.T, raw string, decimals int) string {
	t.Helper()
	if raw == "" {
		return ""
	}
	v, err := strconv.ParseFloat(raw, 64)
	if err != nil {
		t.Fatalf("a cell is no number: %v", err)
	}
	return say.Number(v, decimals, "vi")
}

func inCSV(t *testing.T, r *wire.Report) func(*wire.ReportRow) shown {
	var b bytes.Buffer
	if err := sheet.WriteCSV(&b, r, "vi"); err != nil {
		t.Fatal(err)
	}
	in := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\ufeff")))
	in.Comma = ';'
	lines, err := in.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return func(row *wire.ReportRow) shown {
		var s shown
		for _, l := range lines {
			if l[0] != row.KPI {
				continue
			}
			number := written(t, strings.Replace(l[7], ",", ".", 1), row.Decimals)
			switch kind := l[6]; {
			case kind == "Giá trị" && l[3] == r.Centre.Code:
				s.value = number
			case kind == "Giá trị":
				s.centres = append(s.centres, number)
			case kind == "Mục tiêu":
				s.target = number
			case kind == "Kỳ trước":
				s.previous = number
			case kind == "Cùng kỳ năm trước":
				s.lastYear = number
			}
		}
		return s
	}
}
