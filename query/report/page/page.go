// Package page makes a report into one HTML page that needs no script.
package page

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"github.com/binhphuoc/ioc/query/report/plot"
	"github.com/binhphuoc/ioc/query/report/view"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// Links are where to go from the page. What is empty is not shown.
type Links struct {
	PDF, Excel, CSV string // the same report in other forms
	OtherLanguage   string
	// Top stands above the report, with its own style: what a server has to lead to its other pages.
	Top      template.HTML
	TopStyle string
	// Explain is where the value of a KPI and a centre in a period is explained; nil: nowhere.
	Explain func(kpi, centre string, p wire.ReportPeriod) string
}

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

// Style is the text of the page's one style element, after that of what stands on top, for the hash in a
// Content-Security-Policy that allows it.
func Style() string { return pageCSS }

// Write writes the report as a page.
func Write(w io.Writer, r *wire.Report, lang string, links Links) error {
	page, err := template.New("report").Parse(pageHTML)
	if err != nil {
		return fmt.Errorf("read the template of a report: %w", err)
	}
	v, err := view.Of(r, lang)
	if err != nil {
		return err
	}
	content := content{Report: v, Style: template.CSS(links.TopStyle + pageCSS), Links: links}
	for _, pillar := range v.Pillars {
		s := section{Pillar: pillar}
		for i := range pillar.Rows {
			row := row{Row: &pillar.Rows[i]}
			row.explain(r, links.Explain)
			if known := plot.Known(row.Drawn); len(known) > 0 {
				row.Spark = spark(row.Row, known)
				if row.Target.Set {
					content.Charts = append(content.Charts, chartOf(v, row.Row))
				}
			}
			s.Rows = append(s.Rows, row)
		}
		content.Sections = append(content.Sections, s)
	}
	if err := page.Execute(w, content); err != nil {
		return fmt.Errorf("write report %s of %s as a page: %w", r.Period.Text, r.Centre.Code, err)
	}
	return nil
}

// content is what the template is filled with.
type content struct {
	*view.Report
	Style    template.CSS
	Links    Links
	Sections []section
	Charts   []chart
}

type section struct {
	view.Pillar
	Rows []row
}

type row struct {
	*view.Row
	Spark *drawing
	// Numbers, with where they are explained.
	Now, Before, YearBefore told
	Below                   []told
}

// told is a number. What is none has nothing to explain.
type told struct{ Text, Link string }

// explain finds where each number of the row is explained.
func (w *row) explain(r *wire.Report, where func(kpi, centre string, p wire.ReportPeriod) string) {
	of := func(text, centre string, v *float64, p wire.ReportPeriod) told {
		if where == nil || v == nil {
			return told{Text: text}
		}
		return told{text, where(w.Raw.KPI, centre, p)}
	}
	w.Now = of(w.Value, r.Centre.Code, w.Raw.Value.Value, r.Period)
	w.Before = of(w.Previous.Then, r.Centre.Code, w.Raw.Previous.Value, r.Previous)
	w.YearBefore = of(w.LastYear.Then, r.Centre.Code, w.Raw.LastYear.Value, r.LastYear)
	for _, c := range w.Centres {
		w.Below = append(w.Below, of(c.Bare, c.Raw.Centre, c.Raw.Value, r.Period))
	}
}
