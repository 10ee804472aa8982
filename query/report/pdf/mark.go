package pdf

import (
	"codeberg.org/go-pdf/fpdf"

	"github.com/binhphuoc/ioc/query/report/view"
)

// mark draws a shape of a size, whose middle is given. It is drawn because text fonts have no such shapes.
func (p *paper) mark(m view.Mark, x, y, size float64, c colour) {
	p.pdf.SetFillColor(c.rgb())
	p.pdf.SetDrawColor(c.rgb())
	p.pdf.SetLineWidth(size * 0.14)
	h := size / 2
	switch m {
	case view.NoMark:
	case view.Reached:
		p.pdf.Circle(x, y, h*0.85, "F")
	case view.Missing:
		p.pdf.Circle(x, y, h*0.75, "D")
	case view.NotYet:
		p.pdf.Polygon([]fpdf.PointType{{X: x, Y: y - h}, {X: x + h, Y: y + h*0.8}, {X: x - h, Y: y + h*0.8}}, "F")
	case view.Up:
		p.arrow(x, y, h, -1)
	case view.Down:
		p.arrow(x, y, h, 1)
	case view.Same:
		p.pdf.Line(x-h*0.8, y-h*0.35, x+h*0.8, y-h*0.35)
		p.pdf.Line(x-h*0.8, y+h*0.35, x+h*0.8, y+h*0.35)
	case view.Alert:
		p.pdf.SetLineWidth(size * 0.2)
		p.pdf.Line(x, y-h*0.85, x, y+h*0.2)
		p.pdf.Circle(x, y+h*0.75, size*0.11, "F")
	}
}

// arrow points down when the way is 1, and up when it is −1.
func (p *paper) arrow(x, y, h, way float64) {
	p.pdf.Line(x, y-way*h, x, y+way*h)
	p.pdf.Line(x, y+way*h, x-h*0.6, y+way*h*0.3)
	p.pdf.Line(x, y+way*h, x+h*0.6, y+way*h*0.3)
}
