package page_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/binhphuoc/ioc/query/report/page"
	"github.com/binhphuoc/ioc/query/report/reporttest"
	"github.com/binhphuoc/ioc/schemas/wire"
)

func write(t *testing.T, r *wire.Report, lang string, links page.Links) string {
	t.Helper()
	var b bytes.Buffer
	if err := page.Write(&b, r, lang, links); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	links := page.Links{PDF: "/reports/2026-10.pdf", Excel: "/reports/2026-10.xlsx", CSV: "/reports/2026-10.csv", OtherLanguage: "?period=2026-10&lang=en"}
	reporttest.Golden(t, "month-vi.html", []byte(write(t, reporttest.Month(t), "vi", links)))
	reporttest.Golden(t, "empty-en.html", []byte(write(t, reporttest.Empty(t), "en", page.Links{})))
}

// A policy that allows the hash of Style() must be enough: nothing else on the page may need leave.
func TestNothingOnThePageNeedsMoreThanTheHashOfItsStyle(t *testing.T) {
	got := write(t, reporttest.Month(t), "vi", page.Links{PDF: "javascript:alert(1)"})
	if styles := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindAllStringSubmatch(got, -1); len(styles) != 1 || styles[0][1] != page.Style() {
		t.Error("the style element does not hold Style() to the byte")
	}
	for _, bad := range []string{"<script", " style=", " onload=", " onclick=", "javascript:", "<img", "@import", "url("} {
		if strings.Contains(got, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
}

func TestNamesCanNotBecomeMarkup(t *testing.T) {
	r := reporttest.Month(t)
	r.Pillars[0].Rows[0].Name.VI = `<script>alert("1")</script>`
	r.Centre.Name.VI = `A "b" & <i>`
	if got := write(t, r, "vi", page.Links{}); strings.Contains(got, "<script") || strings.Contains(got, "<i>") {
		t.Error("a name became markup")
	}
}

// Every cell is under as many heads as its row has, and the ids that links and labels name are there, once.
func TestThePageIsWellFormed(t *testing.T) {
	for _, lang := range []string{"vi", "en"} {
		got := write(t, reporttest.Month(t), lang, page.Links{})
		if !strings.Contains(got, `<html lang="`+lang+`">`) {
			t.Errorf("%s: no language on the page", lang)
		}
		if !norm.NFC.IsNormalString(got) {
			t.Errorf("%s: a decomposed text came through", lang)
		}
		ids := map[string]int{}
		for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(got, -1) {
			ids[m[1]]++
		}
		for _, m := range regexp.MustCompile(`(?:href="#|aria-labelledby=")([^"]+)"`).FindAllStringSubmatch(got, -1) {
			if ids[m[1]] != 1 {
				t.Errorf("%s: id %s is there %d times", lang, m[1], ids[m[1]])
			}
		}
		heads := 0
		for _, row := range regexp.MustCompile(`(?s)<tr.*?</tr>`).FindAllString(got, -1) {
			n := strings.Count(row, "<th ") + strings.Count(row, "<td ")
			if strings.Contains(row, `scope="col"`) {
				heads = n
			}
			if n != heads || n == 0 {
				t.Errorf("%s: a row has %d cells under %d heads: %.80s", lang, n, heads, row)
			}
		}
		balanced(t, got)
	}
}

// balanced reads the page as XML would be read, with the few elements of HTML that have no end.
func balanced(t *testing.T, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict = false
	d.AutoClose = []string{"meta"}
	d.Entity = xml.HTMLEntity
	depth := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the page is not well-formed: %v", err)
		}
		switch token.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	if depth != 0 {
		t.Errorf("%d elements are not closed", depth)
	}
}

// WCAG 2.2 AA asks for 4.5 to 1 between small text and what is behind it.
func TestTextsStandOutFromWhatIsBehindThem(t *testing.T) {
	colours := map[string]float64{}
	for _, m := range regexp.MustCompile(`--([a-z]+): #([0-9a-f]{6})`).FindAllStringSubmatch(page.Style(), -1) {
		rgb, err := strconv.ParseUint(m[2], 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		linear := func(shift int) float64 {
			c := float64(rgb>>shift&0xff) / 255
			if c <= 0.04045 {
				return c / 12.92
			}
			return math.Pow((c+0.055)/1.055, 2.4)
		}
		colours[m[1]] = 0.2126*linear(16) + 0.7152*linear(8) + 0.0722*linear(0)
	}
	for _, text := range []string{"ink", "faint", "good", "bad"} {
		if _, known := colours[text]; !known {
			t.Errorf("the style has no colour %s", text)
		}
		for behind, light := range map[string]float64{"white": 1, "pale": colours["pale"]} {
			if ratio := (light + 0.05) / (colours[text] + 0.05); ratio < 4.5 {
				t.Errorf("%s on %s has a contrast of %.1f to 1", text, behind, ratio)
			}
		}
	}
}

func TestAnUnknownLanguageIsRefused(t *testing.T) {
	if err := page.Write(io.Discard, reporttest.Empty(t), "fr", page.Links{}); err == nil || !strings.Contains(err.Error(), `"fr"`) {
		t.Errorf("got %v", err)
	}
}
