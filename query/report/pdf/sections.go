package pdf

import (
	"strconv"

	"github.com/binhphuoc/ioc/query/report/plot"
	"github.com/binhphuoc/ioc/query/report/view"
)

// cover says who issues what, when, and what it rests on.
func (p *paper) cover() {
	v, l := p.view, p.view.Labels
	p.pdf.Bookmark(l.Title, 0, 0)
	p.paragraph(margin, width, v.Centre, body().sized(11).bold())
	p.y += 1
	p.paragraph(margin, width, l.Title+" – "+v.Period, body().sized(19).bold())
	p.y += 1
	p.paragraph(margin, width, v.Span+" · "+v.State, body().sized(10).faint())
	p.y += 2
	p.line(margin, p.y, pageWidth-margin, p.y, 0.7, black)
	p.y += 3
	p.score()
	facts := append([]view.Fact{{Name: l.IssuedAt, Text: v.IssuedAt}, {Name: l.AsOf, Text: v.AsOf}}, v.Data...)
	p.facts(facts, 4)
}

// score shows how many rows stand in which way.
func (p *paper) score() {
	const between, height = 3.0, 15.0
	each := (width + between) / float64(len(p.view.Score))
	number := body().sized(20).bold()
	for i, s := range p.view.Score {
		x, count := margin+float64(i)*each, strconv.Itoa(s.Count)
		p.box(x, p.y, each-between, height, pale)
		p.mark(s.Mark, x+6, p.y+height/2, 4.2, black)
		x += 4
		if s.Mark != view.NoMark {
			x += 7
		}
		p.put(x, p.y+(height-number.height())/2, count, number)
		p.put(x+2+p.width(count, number), p.y+(height-body().height())/2, s.Name, body().sized(9))
	}
	p.y += height + 4
}

// facts writes names with their texts in so many columns.
func (p *paper) facts(facts []view.Fact, columns int) {
	each := width / float64(columns)
	for start := 0; start < len(facts); start += columns {
		height := 0.0
		for i, f := range facts[start:min(start+columns, len(facts))] {
			x, y := margin+float64(i)*each, p.y
			p.put(x, y, f.Name, small().faint())
			y += small().height()
			for _, line := range p.wrap(f.Text, body().sized(9.5).bold(), each-4) {
				p.put(x, y, line, body().sized(9.5).bold())
				y += body().sized(9.5).height()
			}
			height = max(height, y-p.y)
		}
		p.y += height + 2
	}
	p.y += 1
}

// title heads a section, together with so much of what follows.
func (p *paper) title(text string, follows float64) {
	style := body().sized(13).bold()
	p.need(style.height() + 4.5 + follows)
	if p.y > top {
		p.y += 2
	}
	p.pdf.Bookmark(text, 0, p.y)
	p.put(margin, p.y, text, style)
	p.y += style.height() + 2
}

func (p *paper) summary() {
	if len(p.view.Summary) == 0 {
		return
	}
	p.title(p.view.Labels.Summary, 12)
	text := body().sized(10)
	for _, g := range p.view.Summary {
		p.need(2 * text.height())
		p.put(margin, p.y, g.Name, text.bold())
		for _, s := range g.Sentences {
			lines := p.wrap(s, text, width-48)
			p.need(float64(len(lines)) * text.height())
			p.box(margin+43.5, p.y+text.height()/2-0.5, 1, 1, black)
			for _, line := range lines {
				p.put(margin+47, p.y, line, text)
				p.y += text.height()
			}
			p.y += 0.6
		}
		p.y += 1.6
	}
}

// inline is how many centres fit beside the rest of a row; more get tables of their own.
const (
	inline   = 4
	perTable = 8
)

func (p *paper) pillar(pillar *view.Pillar) {
	if len(pillar.Rows) == 0 {
		return
	}
	columns, rows := p.main(pillar)
	p.title(pillar.Name, small().height()+2+p.heightOf(columns, rows))
	p.legend()
	p.table(columns, rows)
	if len(p.view.Centres) <= inline {
		return
	}
	for from := 0; from < len(p.view.Centres); from += perTable {
		to := min(from+perTable, len(p.view.Centres))
		columns, rows := p.compared(pillar, from, to)
		p.title(pillar.Name+": "+p.view.Labels.Compared, p.heightOf(columns, rows))
		p.table(columns, rows)
	}
}

func (p *paper) legend() {
	x := margin
	for _, k := range p.view.Labels.Legend {
		p.mark(k.Mark, x+markSize/2, p.y+small().height()/2, markSize, grey)
		p.put(x+markRoom, p.y, k.Word, small().faint())
		x += markRoom + p.width(k.Word, small()) + 5
	}
	p.y += small().height() + 1.5
}

// main is the table of a pillar.
func (p *paper) main(pillar *view.Pillar) ([]column, [][]cell) {
	l := p.view.Labels
	columns := []column{
		{head: l.KPI, width: 52},
		{head: l.Value, width: 29, right: true, space: 3},
		{head: l.Target, width: 37},
		{head: p.view.Previous, width: 30},
		{head: p.view.LastYear, width: 30},
		{head: l.History, width: 28},
	}
	inRow := len(p.view.Centres) > 0 && len(p.view.Centres) <= inline
	left := width
	for _, c := range columns {
		left -= c.width
	}
	if inRow {
		for _, c := range p.view.Centres {
			columns = append(columns, column{head: c, width: left / float64(len(p.view.Centres)), right: true})
		}
	} else {
		columns[0].width += left
	}
	rows := make([][]cell, 0, len(pillar.Rows))
	for i := range pillar.Rows {
		r := &pillar.Rows[i]
		row := []cell{nameCell(r), valueCell(r, p.view.Labels), targetCell(r), changeCell(r.Previous), changeCell(r.LastYear), p.historyCell(r)}
		if inRow {
			row = append(row, centreCells(r, 0, len(p.view.Centres))...)
		}
		rows = append(rows, row)
	}
	return columns, rows
}

// compared is a table of some of the centres.
func (p *paper) compared(pillar *view.Pillar, from, to int) ([]column, [][]cell) {
	l := p.view.Labels
	columns := []column{{head: l.KPI, width: 61}, {head: l.Whole, width: 26, right: true}}
	each := (width - 61 - 26) / perTable
	for _, c := range p.view.Centres[from:to] {
		columns = append(columns, column{head: c, width: each, right: true})
	}
	rows := make([][]cell, 0, len(pillar.Rows))
	for i := range pillar.Rows {
		r := &pillar.Rows[i]
		rows = append(rows, append([]cell{nameCell(r), valueCell(r, l)}, centreCells(r, from, to)...))
	}
	return columns, rows
}

func nameCell(r *view.Row) cell {
	return cell{lines: []line{{text: r.Name, ink: body().bold()}, {text: r.Meaning, ink: small().faint()}}}
}

func valueCell(r *view.Row, l view.Labels) cell {
	c := cell{lines: []line{{text: r.Value, ink: body().sized(10).bold()}}}
	if r.Counts != "" {
		c.lines = append(c.lines, line{text: r.Counts, ink: small().faint()})
	}
	if r.State != "" {
		c.lines = append(c.lines, line{text: r.State, ink: small().toned(r.StateTone), mark: r.StateMark})
	}
	if r.Revised() {
		c.lines = append(c.lines, line{text: l.RevisedWord, ink: small()})
	}
	return c
}

func targetCell(r *view.Row) cell {
	t := r.Target
	if !t.Set {
		return cell{lines: []line{{text: t.Value, ink: body().faint()}}}
	}
	word := t.Word
	if t.Gap != "" {
		word += " (" + t.Gap + ")"
	}
	c := cell{lines: []line{{text: t.Value, ink: body()}, {text: word, ink: small().toned(t.Tone), mark: t.Mark}}}
	if t.Path != "" {
		c.lines = append(c.lines, line{text: t.Path, ink: small().faint()})
	}
	return c
}

func changeCell(c view.Change) cell {
	lines := []line{{text: c.Then, ink: body()}}
	if c.Text != "" {
		text := c.Text + " " + c.Word
		if c.Same() {
			text = c.Word
		}
		lines = append(lines, line{text: text, ink: small().toned(c.Tone), mark: c.Mark})
	}
	return cell{lines: lines}
}

func centreCells(r *view.Row, from, to int) []cell {
	cells := make([]cell, to-from)
	for i := range cells {
		if from+i >= len(r.Centres) {
			continue
		}
		c := r.Centres[from+i]
		cells[i].lines = []line{{text: c.Bare, ink: body()}}
		if c.Change.Text != "" {
			cells[i].lines = append(cells[i].lines, line{text: c.Change.Bare, ink: small().toned(c.Change.Tone), mark: c.Change.Mark})
		}
		if c.State != "" {
			cells[i].lines = append(cells[i].lines, line{text: c.State, ink: small().toned(view.Bad), mark: view.Alert})
		}
	}
	return cells
}

// historyCell draws the small line of a row, with its last point.
func (p *paper) historyCell(r *view.Row) cell {
	known := plot.Known(r.Drawn)
	if len(known) == 0 {
		return cell{lines: []line{{text: "–", ink: body().faint()}}}
	}
	return cell{least: 6.5, draw: func(x, y, w, h float64) {
		h = min(h, 9)
		p.lines(plot.Tight(known).Line(r.Drawn, w-2, h), x+1, y, 0.35, black)
		if last := r.Drawn[len(r.Drawn)-1]; last != nil {
			p.pdf.SetFillColor(black.rgb())
			p.pdf.Circle(x+w-1, y+h-plot.Tight(known).At(*last, h), 0.7, "F")
		}
	}}
}

// lines draws the parts of a line; a single point is a dot.
func (p *paper) lines(parts [][]plot.Point, x, y, thick float64, c colour) {
	for _, part := range parts {
		if len(part) == 1 {
			p.pdf.SetFillColor(c.rgb())
			p.pdf.Circle(x+part[0].X, y+part[0].Y, thick, "F")
		}
		for i := 1; i < len(part); i++ {
			p.line(x+part[i-1].X, y+part[i-1].Y, x+part[i].X, y+part[i].Y, thick, c)
		}
	}
}

func (p *paper) notes() {
	for _, n := range []struct {
		title string
		notes []view.Note
	}{{p.view.Labels.Revised, p.view.Revised}, {p.view.Labels.Missing, p.view.Missing}, {p.view.Labels.Definitions, p.view.Defined}} {
		if len(n.notes) == 0 {
			continue
		}
		p.title(n.title, 12)
		for _, note := range n.notes {
			p.entry(note.Row, note.Text, 76)
		}
		p.y += 3
	}
}

func (p *paper) sources() {
	if len(p.view.Sources) == 0 {
		return
	}
	p.title(p.view.Labels.Sources, 12)
	for _, s := range p.view.Sources {
		p.entry(s.Document, p.view.Labels.DefinedBy+": "+s.Rows, 116)
	}
}

// entry writes a name with its text beside it, both on one page.
func (p *paper) entry(name, text string, left float64) {
	names, texts := p.wrap(name, body().bold(), left-6), p.wrap(text, body(), width-left)
	height := float64(max(len(names), len(texts))) * body().height()
	p.need(height)
	for i, line := range names {
		p.put(margin, p.y+float64(i)*body().height(), line, body().bold())
	}
	for i, line := range texts {
		p.put(margin+left, p.y+float64(i)*body().height(), line, body())
	}
	p.y += height + 1.2
}
