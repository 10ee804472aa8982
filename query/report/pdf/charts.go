package pdf

import (
	"github.com/binhphuoc/ioc/query/report/plot"
	"github.com/binhphuoc/ioc/query/report/view"
	"github.com/binhphuoc/ioc/schemas/say"
)

const (
	chartHeight = 44.0
	chartGap    = 8.0
	axisRoom    = 13.0 // for the numbers at the grid lines
)

// charts draws each row that has a target: over time, and the centres beside each other.
func (p *paper) charts() {
	var rows []*view.Row
	for i := range p.view.Pillars {
		for j := range p.view.Pillars[i].Rows {
			if r := &p.view.Pillars[i].Rows[j]; r.Target.Set && len(plot.Known(r.Drawn)) > 0 {
				rows = append(rows, r)
			}
		}
	}
	if len(rows) == 0 {
		return
	}
	each := (width - chartGap) / 2
	p.pdf.AddPage()
	p.title(p.view.Labels.Charts, chartHeight)
	p.keyOfCharts()
	for i := 0; i < len(rows); i += 2 {
		p.need(chartHeight)
		for j, r := range rows[i:min(i+2, len(rows))] {
			p.chart(r, margin+float64(j)*(each+chartGap), each)
		}
		p.y += chartHeight + 6
	}
}

// keyOfCharts says which line is which.
func (p *paper) keyOfCharts() {
	mid, x := p.y+small().height()/2, margin
	p.line(x, mid, x+7, mid, 0.55, blue)
	p.put(x+9, p.y, p.view.Labels.Value, small().faint())
	x += 9 + p.width(p.view.Labels.Value, small()) + 6
	p.dashed(x, mid, x+7, mid, 0.4, vermilion)
	p.put(x+9, p.y, p.view.Labels.Target, small().faint())
	p.y += small().height() + 2
}

func (p *paper) chart(r *view.Row, x, w float64) {
	y := p.y
	p.put(x, y, p.fit(r.Name, body().bold(), w), body().bold())
	y += body().height()
	t := r.Target
	p.mark(t.Mark, x+markSize/2, y+small().height()/2, markSize, small().toned(t.Tone).colour)
	p.put(x+markRoom, y, p.fit(p.view.Period+": "+r.Value+" · "+p.view.Labels.Target+" "+t.Value+" · "+t.Word, small(), w-markRoom), small().toned(t.Tone))
	y += small().height() + 3
	h := p.y + chartHeight - y - small().height() - 1
	bars := p.hasBars(r)
	lineWidth := w
	if bars {
		lineWidth = w * 0.55
	}
	p.lineChart(r, x, y, lineWidth, h)
	if bars {
		p.barChart(r, x+lineWidth+4, y, w-lineWidth-4, h)
	}
}

func (p *paper) hasBars(r *view.Row) bool {
	for _, c := range r.Centres {
		if c.Raw.Value != nil {
			return len(p.view.Centres) <= perTable
		}
	}
	return false
}

func (p *paper) lineChart(r *view.Row, x, y, w, h float64) {
	target := r.Raw.Target.Value
	scale := plot.Round(append(plot.Known(r.Drawn), target))
	for _, t := range scale.Ticks {
		at := y + h - scale.At(t, h)
		text := say.Number(t, scale.Decimals(), p.view.Lang)
		p.line(x+axisRoom, at, x+w, at, 0.15, light)
		p.put(x+axisRoom-1.5-p.width(text, small()), at-small().height()/2, text, small().faint())
	}
	at := y + h - scale.At(target, h)
	p.dashed(x+axisRoom, at, x+w, at, 0.4, vermilion)
	inner := w - axisRoom - 3
	p.lines(scale.Line(r.Drawn, inner, h), x+axisRoom+1.5, y, 0.55, blue)
	if last := r.Drawn[len(r.Drawn)-1]; last != nil {
		p.pdf.SetFillColor(blue.rgb())
		p.pdf.Circle(x+axisRoom+1.5+inner, y+h-scale.At(*last, h), 1, "F")
	}
	p.put(x+axisRoom, y+h+0.8, r.First, small().faint())
	p.put(x+w-p.width(r.Last, small()), y+h+0.8, r.Last, small().faint())
}

func (p *paper) dashed(x1, y1, x2, y2, thick float64, c colour) {
	p.pdf.SetDashPattern([]float64{1.6, 1.2}, 0)
	p.line(x1, y1, x2, y2, thick, c)
	p.pdf.SetDashPattern(nil, 0)
}

// barChart draws a bar for each centre, with its name and its value, and the target across all.
func (p *paper) barChart(r *view.Row, x, y, w, h float64) {
	const names, values = 22.0, 16.0
	target := r.Raw.Target.Value
	all := []float64{target}
	for _, c := range r.Centres {
		if c.Raw.Value != nil {
			all = append(all, *c.Raw.Value)
		}
	}
	scale := plot.FromZero(all)
	x0, length := x+names, w-names-values
	zero := x0 + scale.At(0, length)
	step := h / float64(len(r.Centres))
	thick := min(step*0.6, 4)
	for i, c := range r.Centres {
		mid := y + (float64(i)+0.5)*step
		p.put(x, mid-small().height()/2, p.fit(p.view.Centres[i], small(), names-2), small())
		if c.Raw.Value != nil {
			end := x0 + scale.At(*c.Raw.Value, length)
			p.box(min(zero, end), mid-thick/2, max(zero, end)-min(zero, end), thick, blue)
		}
		p.put(x0+length+1.5, mid-small().height()/2, c.Value, small())
	}
	p.line(zero, y, zero, y+h, 0.2, grey)
	at := x0 + scale.At(target, length)
	p.dashed(at, y-1, at, y+h, 0.4, vermilion)
}
