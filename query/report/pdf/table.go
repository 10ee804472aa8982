package pdf

import "github.com/binhphuoc/ioc/query/report/view"

// column is one of a table.
type column struct {
	head  string
	width float64
	right bool    // numbers stand at the right
	space float64 // more room at the right, before a column whose texts stand at the left
}

// line is a text of a cell, which is wrapped to the width of its column.
type line struct {
	text string
	ink  ink
	mark view.Mark
}

// cell is a list of lines, or a drawing.
type cell struct {
	lines []line
	draw  func(x, y, w, h float64)
	least float64 // height that the drawing needs
}

const (
	padX, padY = 1.6, 1.0
	markSize   = 2.1
	markRoom   = 3.0
)

// table writes rows below a head. No row is broken; on a new page the head comes again.
func (p *paper) table(columns []column, rows [][]cell) {
	p.headOf(columns)
	for _, row := range rows {
		row = p.wrapped(columns, row)
		height := rowHeight(row)
		if p.y+height > bottom {
			p.pdf.AddPage()
			p.headOf(columns)
		}
		x := margin
		for i, c := range row {
			p.cell(columns[i], c, x, height)
			x += columns[i].width
		}
		p.y += height
		p.rule(p.y, light)
	}
	p.y += 3
}

// heightOf is that of the head and the first rows, which belong on one page.
func (p *paper) heightOf(columns []column, rows [][]cell) float64 {
	height := rowHeight(p.wrapped(columns, headCells(columns)))
	for _, row := range rows[:min(3, len(rows))] {
		height += rowHeight(p.wrapped(columns, row))
	}
	return height
}

func headCells(columns []column) []cell {
	row := make([]cell, len(columns))
	for i, c := range columns {
		row[i] = cell{lines: []line{{text: c.head, ink: small().bold()}}}
	}
	return row
}

func (p *paper) headOf(columns []column) {
	row := p.wrapped(columns, headCells(columns))
	height, total := rowHeight(row), 0.0
	for _, c := range columns {
		total += c.width
	}
	p.box(margin, p.y, total, height, pale)
	x := margin
	for i, c := range row {
		p.cell(columns[i], c, x, height)
		x += columns[i].width
	}
	p.y += height
	p.line(margin, p.y, margin+total, p.y, 0.4, black)
}

// wrapped breaks the lines of a row to the widths of its columns.
func (p *paper) wrapped(columns []column, row []cell) []cell {
	out := make([]cell, len(row))
	for i, c := range row {
		out[i] = cell{draw: c.draw, least: c.least}
		for _, l := range c.lines {
			room := columns[i].width - columns[i].space - 2*padX
			if l.mark != view.NoMark {
				room -= markRoom
			}
			for j, text := range p.wrap(l.text, l.ink, room) {
				part := line{text: text, ink: l.ink}
				if j == 0 {
					part.mark = l.mark
				}
				out[i].lines = append(out[i].lines, part)
			}
		}
	}
	return out
}

func rowHeight(row []cell) float64 {
	height := 0.0
	for _, c := range row {
		own := 0.0
		for _, l := range c.lines {
			own += l.ink.height()
		}
		height = max(height, own, c.least)
	}
	return height + 2*padY
}

// cell writes the lines of a cell, or lets it draw.
func (p *paper) cell(col column, c cell, x, height float64) {
	if c.draw != nil {
		c.draw(x+padX, p.y+padY, col.width-2*padX, height-2*padY)
	}
	y := p.y + padY
	for _, l := range c.lines {
		at := x + padX
		if col.right {
			at = x + col.width - col.space - padX - p.width(l.text, l.ink)
		} else if l.mark != view.NoMark {
			at += markRoom
		}
		if l.mark != view.NoMark {
			p.mark(l.mark, at-markRoom+markSize/2+0.1, y+l.ink.height()*0.5, markSize, l.ink.colour)
		}
		p.put(at, y, l.text, l.ink)
		y += l.ink.height()
	}
}
