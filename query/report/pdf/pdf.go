// Package pdf lays a report out on A4 paper.
package pdf

import (
	"fmt"
	"io"

	"codeberg.org/go-pdf/fpdf"

	"github.com/binhphuoc/ioc/query/report/view"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// Write writes the report as a PDF. The same report gives the same bytes.
func Write(w io.Writer, r *wire.Report, lang string) error {
	v, err := view.Of(r, lang)
	if err != nil {
		return err
	}
	p, err := newPaper(r, v)
	if err != nil {
		return err
	}
	p.pdf.AddPage()
	p.cover()
	p.summary()
	if v.Rows() > few {
		p.pdf.AddPage()
	}
	for i := range v.Pillars {
		p.pillar(&v.Pillars[i])
	}
	p.charts()
	p.notes()
	p.sources()
	if err := p.pdf.Output(w); err != nil {
		return fmt.Errorf("write report %s of %s as PDF: %w", r.Period.Text, r.Centre.Code, err)
	}
	return nil
}

// The sheet is A4 on its side, in mm: rows hold the comparison with the period before, the year before and each centre.
const (
	pageWidth, pageHeight = 297.0, 210.0
	margin                = 12.0
	top, bottom           = 19.0, 196.0 // of what is between header and footer
	width                 = pageWidth - 2*margin
	allPages              = "{pages}"
	few                   = 6 // rows that may stand below the summary, on the first page
)

// paper is the PDF with the place at which the next thing is put.
type paper struct {
	pdf  *fpdf.Fpdf
	view *view.Report
	y    float64
}

func newPaper(r *wire.Report, v *view.Report) (*paper, error) {
	f := fpdf.New("L", "mm", "A4", "")
	regular, bold := fonts()
	f.AddUTF8FontFromBytes(family, "", regular)
	f.AddUTF8FontFromBytes(family, "B", bold)
	f.SetCatalogSort(true)
	f.SetCreationDate(r.IssuedAt.UTC())
	f.SetModificationDate(r.IssuedAt.UTC())
	f.SetTitle(v.Labels.Title+" · "+v.Centre+" · "+v.Period, true)
	f.SetAuthor(v.Centre, true)
	f.SetLang(v.Lang)
	f.SetMargins(margin, top, margin)
	f.SetCellMargin(0)
	f.SetAutoPageBreak(false, 0)
	f.AliasNbPages(allPages)
	f.SetLineCapStyle("round")
	p := &paper{pdf: f, view: v}
	f.SetHeaderFunc(p.header)
	f.SetFooterFunc(p.footer)
	if err := f.Error(); err != nil {
		return nil, fmt.Errorf("prepare a PDF: %w", err)
	}
	return p, nil
}

func (p *paper) header() {
	p.y = top
	if p.pdf.PageNo() == 1 {
		p.y = margin // the first page has its title instead
		return
	}
	p.put(margin, 9, p.fit(p.view.Centre, small(), 150), small().bold())
	right := p.view.Labels.Title + " · " + p.view.Period
	p.put(pageWidth-margin-p.width(right, small()), 9, right, small())
	p.rule(14.5, light)
}

// footer numbers the page. How many there are is known at the end, so the library puts that in then.
func (p *paper) footer() {
	p.rule(200, light)
	l := p.view.Labels
	p.put(margin, 201.5, l.IssuedAt+" "+p.view.IssuedAt+" · "+l.AsOf+" "+p.view.AsOf, small().faint())
	p.put(pageWidth-margin-p.width(l.Page+" 88 / 88", small()), 201.5, fmt.Sprintf("%s %d / %s", l.Page, p.pdf.PageNo(), allPages), small())
}

// need starts a new page when so much height is not left on this one.
func (p *paper) need(height float64) {
	if p.y+height > bottom {
		p.pdf.AddPage()
	}
}
