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

// Links are where the same report is found in other forms. An empty one is not shown.
type Links struct {
	PDF, Excel, CSV string
	OtherLanguage   string
}

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

// Style is the text of the page's one style element, for the hash in a Content-Security-Policy that allows it.
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
	content := content{Report: v, Style: template.CSS(pageCSS), Links: links}
	for _, pillar := range v.Pillars {
		s := section{Pillar: pillar}
		for i := range pillar.Rows {
			row := row{Row: &pillar.Rows[i]}
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
}
