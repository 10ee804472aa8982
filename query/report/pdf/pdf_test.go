package pdf_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/binhphuoc/ioc/query/report/pdf"
	"github.com/binhphuoc/ioc/query/report/reporttest"
	"github.com/binhphuoc/ioc/query/report/view"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

func write(t *testing.T, r *wire.Report, lang string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := pdf.Write(&b, r, lang); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// text reads a PDF back with pdftotext.
func text(t *testing.T, content []byte, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("SKIPPED: pdftotext is not installed (Debian: poppler-utils); nobody has read the PDF")
	}
	path := filepath.Join(t.TempDir(), "report.pdf")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "pdftotext", append(args, path, "-")...).Output()
	if err != nil {
		t.Fatalf("pdftotext: %v", err)
	}
	return string(out)
}

// words makes one line of a text, however it was broken.
func words(s string) string { return strings.Join(strings.Fields(norm.NFC.String(s)), " ") }

func TestTheSameReportGivesTheSameBytes(t *testing.T) {
	first := write(t, reporttest.Month(t), "vi")
	for range 3 {
		if !bytes.Equal(first, write(t, reporttest.Month(t), "vi")) {
			t.Fatal("two PDFs of one report differ")
		}
	}
}

// The text of the PDF, page by page, as a reader's program would copy it.
func TestGolden(t *testing.T) {
	for _, lang := range []string{"vi", "en"} {
		reporttest.Golden(t, "month-"+lang+".txt", []byte(columns(text(t, write(t, reporttest.Month(t), lang), "-layout"))))
		reporttest.Golden(t, "empty-"+lang+".txt", []byte(columns(text(t, write(t, reporttest.Empty(t), lang), "-layout"))))
	}
}

// columns leaves of the spaces between columns only that they were there: how many there are differs by pdftotext.
func columns(text string) string {
	var b strings.Builder
	for _, line := range strings.Split(strings.ReplaceAll(text, "\f", "\n--- page ---\n"), "\n") {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

func TestItHoldsEveryNumberAndEveryNote(t *testing.T) {
	for _, lang := range []string{"vi", "en"} {
		r := reporttest.Month(t)
		v, err := view.Of(r, lang)
		if err != nil {
			t.Fatal(err)
		}
		got := words(text(t, write(t, r, lang), "-raw"))
		for _, w := range wanted(v) {
			if !strings.Contains(got, words(w)) {
				t.Errorf("%s: the PDF has no %q", lang, w)
			}
		}
	}
}

// wanted are texts that must be on paper whatever the layout.
func wanted(v *view.Report) []string {
	want := []string{v.Centre, v.Period, v.Span, v.State, v.IssuedAt, v.AsOf}
	for _, f := range v.Data {
		want = append(want, f.Name, f.Text)
	}
	for _, g := range v.Summary {
		want = append(append(want, g.Name), g.Sentences...)
	}
	for _, n := range slices.Concat(v.Revised, v.Missing, v.Defined) {
		want = append(want, n.Row, n.Text)
	}
	for _, p := range v.Pillars {
		want = append(want, p.Name)
		for _, row := range p.Rows {
			want = append(want, row.Value, row.Target.Value, row.Previous.Then, row.LastYear.Then, row.Counts, row.State)
			for _, c := range row.Centres {
				want = append(want, c.Bare, c.Change.Bare)
			}
			if !row.Previous.Same() {
				want = append(want, row.Previous.Text)
			}
		}
	}
	return want
}

func TestEveryDiacriticComesThrough(t *testing.T) {
	const all = "ạ ặ ẵ ờ ự ỹ Đ đ Ằ ẩ ễ ị ồ ở ủ ỷ ơ ư − × · ° µ ³ ₫ “ ” … – >= <= ->"
	r := reporttest.Empty(t)
	r.Pillars[0].Rows[0].Name = schemas.Text{VI: norm.NFD.String(strings.NewReplacer(">=", "≥", "<=", "≤", "->", "→").Replace(all))}
	got := words(text(t, write(t, r, "vi"), "-raw"))
	for _, letter := range strings.Fields(all) {
		if !strings.Contains(got, letter) {
			t.Errorf("the PDF has no %s", letter)
		}
	}
}

func TestEveryPageIsNumberedAndSaysWhatItIsOf(t *testing.T) {
	pages := strings.Split(strings.TrimSuffix(text(t, write(t, reporttest.Month(t), "vi"), "-layout"), "\f"), "\f")
	if len(pages) < 6 || len(pages) > 12 {
		t.Errorf("%d pages", len(pages))
	}
	for i, p := range pages {
		for _, want := range []string{fmt.Sprintf("Trang %d / %d", i+1, len(pages)), "Tỉnh Bình Phước", "tháng 10 năm 2026", "Phát hành lúc 07:30 ngày 06/11/2026"} {
			if !strings.Contains(p, want) {
				t.Errorf("page %d has no %q", i+1, want)
			}
		}
	}
}

// A table that goes on has its head again, before its rows.
func TestHeadsComeAgain(t *testing.T) {
	for i, p := range strings.Split(text(t, write(t, reporttest.Month(t), "vi"), "-layout"), "\f") {
		head, row := strings.Index(p, "Chỉ tiêu "), strings.Index(p, "tổng trong kỳ")
		if row >= 0 && i > 0 && (head < 0 || head > row) {
			t.Errorf("page %d has rows without a head", i+1)
		}
	}
}

// hard is a report that tries to break the layout: many centres, very long words and names, huge numbers, many rows.
func hard(t *testing.T) *wire.Report {
	t.Helper()
	r := reporttest.Month(t)
	r.Centre.Name.VI = strings.Repeat("Trung tâm điều hành thông minh liên xã ", 8)
	for i := range 11 {
		r.Below = append(r.Below, wire.Centre{Code: "c" + strconv.Itoa(i), Short: schemas.Text{VI: "Xã mới thành lập số " + strconv.Itoa(i)}})
	}
	for _, row := range reporttest.Rows(r) {
		for len(row.Centres) < len(r.Below) {
			row.Centres = append(row.Centres, wire.CentreValue{Centre: "x", Value: row.Value.Value, State: wire.StateAlarm, Change: row.Previous.Change})
		}
	}
	rows := reporttest.Rows(r)
	rows[0].Name.VI = strings.Repeat("Rấtdàikhôngcóchỗngắt", 12)
	huge := -123456789012345.678
	rows[1].Value.Value, rows[1].Unit, rows[1].Decimals = &huge, "triệu đồng/người/năm", 3
	rows[2].Name.VI = strings.Repeat("một tên gồm rất nhiều từ ", 40)
	return r
}

type word struct {
	XMin float64 `xml:"xMin,attr"`
	YMin float64 `xml:"yMin,attr"`
	XMax float64 `xml:"xMax,attr"`
	YMax float64 `xml:"yMax,attr"`
	Text string  `xml:",chardata"`
}

func TestNothingIsOutsideOfThePage(t *testing.T) {
	for name, r := range map[string]*wire.Report{"month": reporttest.Month(t), "empty": reporttest.Empty(t), "hard": hard(t)} {
		var doc struct {
			Pages []struct {
				Width  float64 `xml:"width,attr"`
				Height float64 `xml:"height,attr"`
				Words  []word  `xml:"word"`
			} `xml:"body>doc>page"`
		}
		d := xml.NewDecoder(strings.NewReader(text(t, write(t, r, "vi"), "-bbox")))
		d.Strict, d.Entity = false, xml.HTMLEntity
		if err := d.Decode(&doc); err != nil {
			t.Fatal(err)
		}
		if len(doc.Pages) == 0 {
			t.Fatalf("%s: no page", name)
		}
		const margin = 30 // points: a printer's own margin is at most 18
		for i, p := range doc.Pages {
			for _, w := range p.Words {
				if w.XMin < margin || w.YMin < margin/2 || w.XMax > p.Width-margin || w.YMax > p.Height-margin/2 {
					t.Errorf("%s, page %d: %q is at %.0f,%.0f to %.0f,%.0f of %.0f×%.0f", name, i+1, w.Text, w.XMin, w.YMin, w.XMax, w.YMax, p.Width, p.Height)
				}
			}
			overlap(t, fmt.Sprintf("%s, page %d", name, i+1), p.Words)
		}
	}
}

// overlap finds words that are printed over each other.
func overlap(t *testing.T, where string, list []word) {
	t.Helper()
	for i, a := range list {
		for _, b := range list[i+1:] {
			if wide, high := min(a.XMax, b.XMax)-max(a.XMin, b.XMin), min(a.YMax, b.YMax)-max(a.YMin, b.YMin); wide > 1 && high > 4 {
				t.Errorf("%s: %q lies over %q", where, a.Text, b.Text)
			}
		}
	}
}

func TestTheFontsAreEmbedded(t *testing.T) {
	got := write(t, reporttest.Month(t), "vi")
	if n := len(regexp.MustCompile(`/FontFile2 `).FindAll(got, -1)); n != 2 {
		t.Errorf("%d fonts are embedded, want the regular and the bold one", n)
	}
}

func TestAnUnknownLanguageIsRefused(t *testing.T) {
	if err := pdf.Write(io.Discard, reporttest.Empty(t), "fr"); err == nil || !strings.Contains(err.Error(), `"fr"`) {
		t.Errorf("got %v", err)
	}
}
