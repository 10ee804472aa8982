package sheet

import (
	"fmt"
	"math"

	"github.com/xuri/excelize/v2"

	"github.com/binhphuoc/ioc/query/report/view"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// The columns of a pillar's sheet; the centres come after them.
const (
	colValue       = "C"
	colNumerator   = "D"
	colDenominator = "E"
	colTarget      = "F"
	colReached     = "H"
	colPrevious    = "I"
	colChange      = "J"
	colLastYear    = "K"
	colYearChange  = "L"
	headRow        = 3
)

func (b *book) pillar(p *view.Pillar) error {
	widths := []float64{44, 10, 15, 12, 12, 15, 19, 18, 15, 20, 15, 20}
	for range b.view.Centres {
		widths = append(widths, 15)
	}
	widths = append(widths, 18, 30, 60, 60)
	s, err := b.sheet(p.Name, widths, headRow, 1)
	if err != nil {
		return err
	}
	if err := b.pillarHead(s, p); err != nil {
		return err
	}
	for i := range p.Rows {
		if err := b.pillarRow(s, &p.Rows[i]); err != nil {
			return fmt.Errorf("sheet %s, %s: %w", s.name, p.Rows[i].Raw.KPI, err)
		}
	}
	if err := b.marks(s, p); err != nil {
		return err
	}
	return s.write.Flush()
}

func (b *book) pillarHead(s *page, p *view.Pillar) error {
	title, err := b.cells(look{bold: true, size: 14}, p.Name)
	if err != nil {
		return err
	}
	under, err := b.cells(look{faint: true}, b.view.Centre+" · "+b.view.Period+" · "+b.view.State)
	if err != nil {
		return err
	}
	l := b.view.Labels
	names := []any{
		l.KPI, l.Unit, l.Value, l.Numerator, l.Denominator, l.Target, l.Gap, l.Target + ": " + l.State,
		b.view.Previous, l.Change, b.view.LastYear, l.Change,
	}
	for _, c := range b.view.Centres {
		names = append(names, c)
	}
	head, err := b.cells(look{head: true}, append(names, l.State, l.Note, l.Definition, l.Document)...)
	if err != nil {
		return err
	}
	if err := s.add(20, title...); err != nil {
		return err
	}
	if err := s.add(0, under...); err != nil {
		return err
	}
	return s.add(42, head...)
}

// pillarRow writes a row: what was counted as numbers, what follows from it as formulas.
func (b *book) pillarRow(s *page, r *view.Row) error {
	raw, row := r.Raw, s.row+1
	value, change := look{format: valueFormat(r)}, look{format: changeFormat(r, b.view.Lang)}
	count, text := look{format: "#,##0.##"}, look{wrap: true}
	if wholeCounts(&raw.Value) {
		count.format = "#,##0"
	}
	var gap, target any
	if raw.Target != nil {
		target = raw.Target.Value
		if raw.Value.Value != nil {
			gap = raw.Target.Gap
		}
	}
	list := []styled{
		{r.Name, "", look{wrap: true, bold: true}},
		{r.Unit, "", text},
		{number(raw.Value.Value), ratio(&raw.Value, row), look{format: value.format, bold: true}},
		{number(raw.Value.Numerator), "", count},
		{number(raw.Value.Denominator), "", count},
		{target, "", value},
		{gap, minus(raw.Value.Value, target, gap, colTarget, row), look{format: gapFormat(r, b.view.Lang)}},
		{standing(r), "", text},
		{number(raw.Previous.Value), "", value},
		{number(raw.Previous.Change), minus(raw.Value.Value, number(raw.Previous.Value), number(raw.Previous.Change), colPrevious, row), change},
		{number(raw.LastYear.Value), "", value},
		{number(raw.LastYear.Change), minus(raw.Value.Value, number(raw.LastYear.Value), number(raw.LastYear.Change), colLastYear, row), change},
	}
	for i := range b.view.Centres {
		var v *float64
		if i < len(raw.Centres) {
			v = raw.Centres[i].Value
		}
		list = append(list, styled{number(v), "", value})
	}
	list = append(list, styled{b.stateOf(r), "", text}, styled{b.noteOf(r), "", text}, styled{r.Description, "", text}, styled{r.Source, "", text})
	cells := make([]any, len(list))
	for i, c := range list {
		cell, err := b.cell(c.value, c.look)
		if err != nil {
			return err
		}
		cell.Formula = c.formula
		cells[i] = cell
	}
	return s.add(0, cells...)
}

// styled is a value with the formula that gives it.
type styled struct {
	value   any
	formula string
	look    look
}

// ratio is the formula of a value that follows from its two counts; empty when it does not.
func ratio(f *wire.ReportFigure, row int) string {
	if f.Value == nil || f.Numerator == nil || f.Denominator == nil || *f.Denominator == 0 {
		return ""
	}
	formula := fmt.Sprintf("%s%d/%s%d", colNumerator, row, colDenominator, row)
	switch share := *f.Numerator / *f.Denominator; {
	case same(share*100, *f.Value):
		return formula + "*100"
	case same(share, *f.Value):
		return formula
	}
	return ""
}

// minus is the formula of a difference to another column; empty when the report says something else.
func minus(value *float64, other, difference any, column string, row int) string {
	o, known := other.(float64)
	d, told := difference.(float64)
	if value == nil || !known || !told || !same(*value-o, d) {
		return ""
	}
	return fmt.Sprintf("%s%d-%s%d", colValue, row, column, row)
}

// same allows for what is lost on the way through decimals.
func same(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b)) }

func wholeCounts(f *wire.ReportFigure) bool {
	for _, v := range []*float64{f.Numerator, f.Denominator} {
		if v != nil && *v != math.Trunc(*v) {
			return false
		}
	}
	return true
}

func standing(r *view.Row) any {
	if !r.Target.Set {
		return nil
	}
	return r.Target.Mark.String() + " " + r.Target.Word
}

func (b *book) stateOf(r *view.Row) any {
	if r.State == "" {
		return nil
	}
	return r.StateMark.String() + " " + r.State
}

// noteOf says how the value stands for the period, and when it was revised, from what.
func (b *book) noteOf(r *view.Row) any {
	note := r.Meaning
	if r.Target.Path != "" {
		note += "; " + r.Target.Path
	}
	if r.Revised() {
		note += "; " + b.view.Labels.RevisedWord + ": " + r.Revisions
	}
	return note
}

// marks colours good and bad news by rule, so that they follow when somebody changes a number.
// The colour only underlines: the shape and the sign say the same.
func (b *book) marks(s *page, p *view.Pillar) error {
	good, err := b.file.NewConditionalStyle(&excelize.Style{Font: &excelize.Font{Color: "005087"}})
	if err != nil {
		return err
	}
	bad, err := b.file.NewConditionalStyle(&excelize.Style{Font: &excelize.Font{Color: "A33A00", Bold: true}})
	if err != nil {
		return err
	}
	for i := range p.Rows {
		row, way := headRow+1+i, better(p.Rows[i].Raw)
		if t := p.Rows[i].Target; t.Set && p.Rows[i].Raw.Value.Value != nil && way != 0 {
			if err := b.rule(s, fmt.Sprintf("%s%d", colReached, row), fmt.Sprintf("($%s%d-$%s%d)*%d", colValue, row, colTarget, row, way), good, bad, ">="); err != nil {
				return err
			}
		}
		for _, column := range []string{colChange, colYearChange} {
			if way == 0 {
				continue
			}
			at := fmt.Sprintf("%s%d", column, row)
			if err := b.rule(s, at, fmt.Sprintf("$%s*%d", at, way), good, bad, ">"); err != nil {
				return err
			}
		}
	}
	return nil
}

// rule gives a cell one look when an expression is more than 0 (or no less), and another when it is less.
func (b *book) rule(s *page, at, expression string, good, bad int, more string) error {
	return b.file.SetConditionalFormat(s.name, at, []excelize.ConditionalFormatOptions{
		{Type: "formula", Criteria: expression + more + "0", Format: &good},
		{Type: "formula", Criteria: expression + "<0", Format: &bad},
	})
}
