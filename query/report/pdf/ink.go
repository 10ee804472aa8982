package pdf

import (
	_ "embed"
	"slices"
	"strings"

	"github.com/binhphuoc/ioc/query/report/view"
	"github.com/binhphuoc/ioc/schemas/say"
)

// Noto Sans, cut down to Latin with all of Vietnamese, Greek and signs; its licence is beside it.

//go:embed fonts/NotoSans-Regular.ttf
var notoSans []byte

//go:embed fonts/NotoSans-Bold.ttf
var notoSansBold []byte

const family = "noto"

// fonts are copies, because the library may change what it is given.
func fonts() (regular, bold []byte) { return slices.Clone(notoSans), slices.Clone(notoSansBold) }

// ink is how text looks. The colours differ in lightness as well, so that they differ in print without colour.
type ink struct {
	size   float64 // points
	weight string
	colour colour
}

// colour is 0xRRGGBB.
type colour uint32

const (
	black     colour = 0x1a1a1a
	grey      colour = 0x595959
	light     colour = 0xbebebe
	pale      colour = 0xf0f0f0
	blue      colour = 0x005087
	vermilion colour = 0xa33a00
)

func (c colour) rgb() (r, g, b int) { return int(c >> 16), int(c >> 8 & 0xff), int(c & 0xff) }

// body and small are the two inks of most texts.
func body() ink  { return ink{8.5, "", black} }
func small() ink { return ink{7, "", black} }

func (i ink) bold() ink           { i.weight = "B"; return i }
func (i ink) faint() ink          { i.colour = grey; return i }
func (i ink) sized(s float64) ink { i.size = s; return i }
func (i ink) toned(t view.Tone) ink {
	switch t {
	case view.Plain:
	case view.Good:
		i.colour = blue
	case view.Bad:
		i.colour = vermilion
	}
	return i
}

// height is that of a line, in mm.
func (i ink) height() float64 { return i.size * 0.3528 * 1.32 }

func (p *paper) use(i ink) {
	p.pdf.SetFont(family, i.weight, i.size)
	p.pdf.SetTextColor(i.colour.rgb())
}

func (p *paper) width(text string, i ink) float64 {
	p.pdf.SetFont(family, i.weight, i.size)
	return p.pdf.GetStringWidth(printable(text))
}

// put writes one line, whose upper left corner is given.
func (p *paper) put(x, y float64, text string, i ink) {
	p.use(i)
	p.pdf.Text(x, y+i.height()*0.76, printable(text))
}

// printable replaces the signs that names hold and the font does not.
func printable(text string) string {
	return strings.NewReplacer("≥", ">=", "≤", "<=", "→", "->", "≈", "~", "\u200b", "").Replace(text)
}

// wrap breaks a text into lines no wider than a width: between words, and where one is wider than the line, within it.
func (p *paper) wrap(text string, i ink, width float64) []string {
	var lines []string
	line := ""
	for _, word := range p.parts(text, i, width) {
		if long := strings.TrimPrefix(line+" "+word, " "); p.width(long, i) <= width {
			line = long
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for p.width(word, i) > width {
			head := p.head(word, i, width)
			lines, word = append(lines, head), word[len(head):]
		}
		line = word
	}
	return append(lines, line)
}

// parts are the words of a text. What should stay together is parted when no line could hold it.
func (p *paper) parts(text string, i ink, width float64) []string {
	var parts []string
	for _, word := range strings.Split(text, " ") {
		if p.width(word, i) > width {
			parts = append(parts, strings.Split(word, say.Gap)...)
			continue
		}
		parts = append(parts, word)
	}
	return parts
}

// head is as much of a word as a width holds, and at least one character.
func (p *paper) head(word string, i ink, width float64) string {
	end := 0
	for at, r := range word {
		next := at + len(string(r))
		if end > 0 && p.width(word[:next], i) > width {
			break
		}
		end = next
	}
	return word[:end]
}

// fit is the text, or its beginning when a width does not hold it.
func (p *paper) fit(text string, i ink, width float64) string {
	if p.width(text, i) <= width {
		return text
	}
	return p.wrap(text, i, width-p.width("…", i))[0] + "…"
}

// paragraph writes a text below what is there.
func (p *paper) paragraph(x, width float64, text string, i ink) {
	for _, line := range p.wrap(text, i, width) {
		p.need(i.height())
		p.put(x, p.y, line, i)
		p.y += i.height()
	}
}

func (p *paper) rule(y float64, c colour) { p.line(margin, y, pageWidth-margin, y, 0.2, c) }

func (p *paper) line(x1, y1, x2, y2, thick float64, c colour) {
	p.pdf.SetLineWidth(thick)
	p.pdf.SetDrawColor(c.rgb())
	p.pdf.Line(x1, y1, x2, y2)
}

func (p *paper) box(x, y, w, h float64, c colour) {
	p.pdf.SetFillColor(c.rgb())
	p.pdf.Rect(x, y, w, h, "F")
}
