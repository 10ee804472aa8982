// Package sheet makes a report into tables to reckon on with: an Excel workbook, and CSV.
package sheet

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/binhphuoc/ioc/query/report/view"
	"github.com/binhphuoc/ioc/schemas/say"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// Write writes the report as an Excel workbook: a summary, a sheet for each pillar, and one with all numbers.
// Numbers are numbers and dates are dates; what a reader would reckon himself is a formula with its value beside it.
func Write(w io.Writer, r *wire.Report, lang string) error {
	v, err := view.Of(r, lang)
	if err != nil {
		return err
	}
	f := excelize.NewFile()
	defer f.Close() // it has no file of its own on disk that could fail
	b := &book{file: f, report: r, view: v, styles: map[look]int{}, names: map[string]bool{}}
	if err := b.fill(); err != nil {
		return fmt.Errorf("write report %s of %s as a workbook: %w", r.Period.Text, r.Centre.Code, err)
	}
	if err := f.Write(w); err != nil {
		return fmt.Errorf("write report %s of %s as a workbook: %w", r.Period.Text, r.Centre.Code, err)
	}
	return nil
}

// book is the workbook with what its sheets share.
type book struct {
	file   *excelize.File
	report *wire.Report
	view   *view.Report
	styles map[look]int
	names  map[string]bool
}

func (b *book) fill() error {
	if err := b.properties(); err != nil {
		return err
	}
	if err := b.summary(); err != nil {
		return err
	}
	for i := range b.view.Pillars {
		if err := b.pillar(&b.view.Pillars[i]); err != nil {
			return err
		}
	}
	return b.data()
}

func (b *book) properties() error {
	at := b.report.IssuedAt.UTC().Format(time.RFC3339)
	return b.file.SetDocProps(&excelize.DocProperties{
		Title: b.view.Labels.Title + " · " + b.view.Period, Creator: b.view.Centre, LastModifiedBy: b.view.Centre,
		Created: at, Modified: at, Language: b.view.Lang,
	})
}

// page is a sheet that is being written from the top.
type page struct {
	name  string
	row   int
	file  *excelize.File
	write *excelize.StreamWriter
}

// sheet adds a sheet, with widths of its columns in characters. The rows up to head, and so many columns, stay in sight;
// the row head is printed on every page.
func (b *book) sheet(name string, widths []float64, head, columns int) (*page, error) {
	name = b.free(name)
	if len(b.names) == 1 {
		if err := b.file.SetSheetName("Sheet1", name); err != nil {
			return nil, err
		}
	} else if _, err := b.file.NewSheet(name); err != nil {
		return nil, err
	}
	if err := b.paper(name); err != nil {
		return nil, err
	}
	stream, err := b.file.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	for i, w := range widths {
		if err := stream.SetColWidth(i+1, i+1, w); err != nil {
			return nil, err
		}
	}
	if head > 0 {
		corner, err := excelize.CoordinatesToCellName(columns+1, head+1)
		if err != nil {
			return nil, err
		}
		if err := stream.SetPanes(&excelize.Panes{Freeze: true, XSplit: columns, YSplit: head, TopLeftCell: corner, ActivePane: "bottomRight"}); err != nil {
			return nil, err
		}
		rows := fmt.Sprintf("'%s'!$%d:$%d", strings.ReplaceAll(name, "'", "''"), head, head)
		if err := b.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: rows, Scope: name}); err != nil {
			return nil, err
		}
	}
	return &page{name: name, file: b.file, write: stream}, nil
}

// free is a name for a sheet that Excel takes and no other sheet has.
func (b *book) free(name string) string {
	name = strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]`, r) {
			return '-'
		}
		return r
	}, name), "' ")
	if name == "" {
		name = strconv.Itoa(len(b.names) + 1)
	}
	short := cut(name, excelize.MaxSheetNameLength)
	for i := 2; b.names[strings.ToLower(short)]; i++ {
		end := " " + strconv.Itoa(i)
		short = cut(name, excelize.MaxSheetNameLength-len(end)) + end
	}
	b.names[strings.ToLower(short)] = true
	return short
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return strings.TrimSpace(string(r[:n]))
	}
	return s
}

// paper sets a sheet up for A4 on its side, as wide as the paper, with page numbers and the time of issue.
func (b *book) paper(name string) error {
	size, across, wide, long, fit := 9, "landscape", 1, 0, true
	if err := b.file.SetPageLayout(name, &excelize.PageLayoutOptions{Size: &size, Orientation: &across, FitToWidth: &wide, FitToHeight: &long}); err != nil {
		return err
	}
	if err := b.file.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	// An ampersand begins a code there; doubled it is one.
	plain := func(s string) string { return strings.ReplaceAll(s, "&", "&&") }
	l := b.view.Labels
	return b.file.SetHeaderFooter(name, &excelize.HeaderFooterOptions{
		OddHeader: "&L" + cut(plain(b.view.Centre), 90) + "&R" + cut(plain(l.Title+" · "+b.view.Period), 90),
		OddFooter: "&L" + plain(l.IssuedAt+" "+b.view.IssuedAt) + "&R" + l.Page + " &P / &N",
	})
}

// add writes the next row.
func (p *page) add(height float64, cells ...any) error {
	p.row++
	at, err := excelize.CoordinatesToCellName(1, p.row)
	if err != nil {
		return err
	}
	return p.write.SetRow(at, cells, excelize.RowOpts{Height: height})
}

// look is how a cell looks.
type look struct {
	format string // of numbers and dates, in Excel's words
	bold   bool
	size   float64
	head   bool
	wrap   bool
	faint  bool
}

const moment, day = `dd/mm/yyyy hh:mm`, `dd/mm/yyyy`

func (b *book) style(l look) (int, error) {
	if id, known := b.styles[l]; known {
		return id, nil
	}
	s := &excelize.Style{
		Font:      &excelize.Font{Bold: l.bold || l.head, Size: max(l.size, 10), Family: "Arial", Color: "1A1A1A"},
		Alignment: &excelize.Alignment{Vertical: "top", WrapText: l.wrap || l.head},
	}
	if l.format != "" {
		s.CustomNumFmt = &l.format
	}
	if l.faint {
		s.Font.Color = "595959"
	}
	if l.head {
		s.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E8E8E8"}}
		s.Border = []excelize.Border{{Type: "bottom", Color: "1A1A1A", Style: 2}}
	}
	id, err := b.file.NewStyle(s)
	if err == nil {
		b.styles[l] = id
	}
	return id, err
}

// cell is a value with its look; a nil value is an empty cell.
func (b *book) cell(value any, l look) (excelize.Cell, error) {
	id, err := b.style(l)
	return excelize.Cell{StyleID: id, Value: value}, err
}

// cells are values with one look.
func (b *book) cells(l look, values ...any) ([]any, error) {
	out := make([]any, len(values))
	for i, v := range values {
		c, err := b.cell(v, l)
		if err != nil {
			return nil, err
		}
		out[i] = c
	}
	return out, nil
}

// number is the value behind a pointer, or nothing.
func number(v *float64) any {
	if v == nil {
		return nil
	}
	return *v
}

func local(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.In(say.Zone())
}
