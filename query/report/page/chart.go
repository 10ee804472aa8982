package page

import (
	"fmt"
	"strings"

	"github.com/binhphuoc/ioc/query/report/plot"
	"github.com/binhphuoc/ioc/query/report/view"
	"github.com/binhphuoc/ioc/schemas/say"
)

// drawing is a line within a box of its own units.
type drawing struct {
	Lines []string // points of each part
	Dots  []plot.Point
	Last  *plot.Point
}

// spark is the small line of a row.
func spark(r *view.Row, known []float64) *drawing {
	return draw(plot.Tight(known), r.Drawn, 120, 28)
}

func draw(scale plot.Scale, values []*float64, width, height float64) *drawing {
	d := &drawing{}
	for _, part := range scale.Line(values, width, height) {
		if len(part) == 1 {
			d.Dots = append(d.Dots, part[0])
			continue
		}
		points := make([]string, len(part))
		for i, p := range part {
			points[i] = fmt.Sprintf("%.1f,%.1f", p.X, p.Y)
		}
		d.Lines = append(d.Lines, strings.Join(points, " "))
	}
	if last := values[len(values)-1]; last != nil {
		d.Last = &plot.Point{X: width, Y: height - scale.At(*last, height)}
	}
	return d
}

// Sizes of a chart in its own units.
const (
	lineWidth, lineHeight = 300.0, 120.0
	barLength, barStep    = 150.0, 24.0
)

// chart shows a row over time and by centre, with its target.
type chart struct {
	*view.Row
	Says    string // what it shows, for who can't see it
	Line    *drawing
	Grid    []tick
	TargetY float64
	Bars    []bar
	BarsBy  bars
}

type tick struct {
	Y    float64
	Text string
}

// bars is what all bars of a chart share.
type bars struct{ Height, Box, Zero, Target float64 }

type bar struct {
	Y, X, Width float64
	Name, Value string
}

func chartOf(v *view.Report, r *view.Row) chart {
	target := r.Raw.Target.Value
	scale := plot.Round(append(plot.Known(r.Drawn), target))
	c := chart{
		Row:     r,
		Says:    fmt.Sprintf("%s. %s – %s. %s: %s. %s: %s (%s).", r.Name, r.First, r.Last, v.Period, r.Value, v.Labels.Target, r.Target.Value, r.Target.Word),
		Line:    draw(scale, r.Drawn, lineWidth, lineHeight),
		TargetY: lineHeight - scale.At(target, lineHeight),
	}
	for _, t := range scale.Ticks {
		c.Grid = append(c.Grid, tick{Y: lineHeight - scale.At(t, lineHeight), Text: say.Number(t, scale.Decimals(), v.Lang)})
	}
	c.bars(v, r, target)
	return c
}

func (c *chart) bars(v *view.Report, r *view.Row, target float64) {
	all := []float64{target}
	for _, centre := range r.Centres {
		if centre.Raw.Value != nil {
			all = append(all, *centre.Raw.Value)
		}
	}
	if len(all) == 1 {
		return // no centre has a value
	}
	scale := plot.FromZero(all)
	zero := scale.At(0, barLength)
	height := barStep * float64(len(r.Centres))
	c.BarsBy = bars{Height: height, Box: height + 12, Zero: zero, Target: scale.At(target, barLength)}
	for i, centre := range r.Centres {
		b := bar{Y: float64(i) * barStep, X: zero, Value: centre.Value, Name: centre.Raw.Centre}
		if i < len(v.Centres) {
			b.Name = v.Centres[i]
		}
		if centre.Raw.Value != nil {
			end := scale.At(*centre.Raw.Value, barLength)
			b.X, b.Width = min(zero, end), max(zero, end)-min(zero, end)
		}
		c.Bars = append(c.Bars, b)
	}
}
