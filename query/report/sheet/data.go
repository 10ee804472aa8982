package sheet

import (
	"fmt"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/binhphuoc/ioc/query/report/view"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// record is one number of the report, with all that says which it is.
type record struct {
	id, name, pillar       string
	centre, centreName     string
	period, kind           string
	value                  *float64
	numerator, denominator *float64
	unit, state            string
	newest                 *time.Time
}

// head names the columns of records.
func head(l view.Labels) []string {
	return []string{
		l.ID, l.KPI, l.Pillar, l.Centre, l.CentreName, l.Period, l.Kind,
		l.Value, l.Numerator, l.Denominator, l.Unit, l.State, l.Newest,
	}
}

// records are all numbers of the report, in its order.
func records(r *wire.Report, v *view.Report) []record {
	var out []record
	for _, p := range v.Pillars {
		for i := range p.Rows {
			out = append(out, recordsOf(r, v, p.Name, &p.Rows[i])...)
		}
	}
	return out
}

func recordsOf(r *wire.Report, v *view.Report, pillar string, row *view.Row) []record {
	raw, l := row.Raw, v.Labels
	base := record{id: raw.KPI, name: row.Name, pillar: pillar, centre: r.Centre.Code, centreName: v.Centre, unit: row.Unit}
	var out []record
	for _, f := range []struct {
		figure *wire.ReportFigure
		period wire.ReportPeriod
		kind   string
	}{{&raw.Value, r.Period, l.Value}, {&raw.Previous, r.Previous, l.Previous}, {&raw.LastYear, r.LastYear, l.LastYear}} {
		one := base
		one.period, one.kind, one.state = f.period.Text, f.kind, l.States[f.figure.State]
		one.value, one.numerator, one.denominator, one.newest = f.figure.Value, f.figure.Numerator, f.figure.Denominator, f.figure.Newest
		out = append(out, one)
	}
	if raw.Target != nil {
		one := base
		one.period, one.kind, one.value = r.Period.Text, l.Target, &raw.Target.Value
		out = append(out, one)
	}
	for _, p := range raw.History {
		one := base
		one.period, one.kind, one.value = p.Period, l.History, p.Value
		out = append(out, one)
	}
	for i, c := range raw.Centres {
		one := base
		one.centre, one.period, one.kind, one.value, one.state = c.Centre, r.Period.Text, l.Value, c.Value, l.States[c.State]
		one.centreName = c.Centre
		if i < len(v.Centres) {
			one.centreName = v.Centres[i]
		}
		out = append(out, one)
	}
	return out
}

// data writes every number of the report, one a row, to sort, to filter and to make pivot tables of.
func (b *book) data() error {
	s, err := b.sheet(b.view.Labels.Sheets.Data, []float64{26, 40, 18, 14, 24, 12, 20, 16, 14, 14, 12, 12, 18}, 1, 2)
	if err != nil {
		return err
	}
	names := make([]any, 0, 13)
	for _, n := range head(b.view.Labels) {
		names = append(names, n)
	}
	top, err := b.cells(look{head: true}, names...)
	if err != nil {
		return err
	}
	if err := s.add(30, top...); err != nil {
		return err
	}
	ids := make([]int, 0, 3)
	for _, l := range []look{{}, {format: "#,##0.##########"}, {format: moment}} {
		id, err := b.style(l)
		if err != nil {
			return err
		}
		ids = append(ids, id)
	}
	text := func(v string) excelize.Cell { return excelize.Cell{StyleID: ids[0], Value: v} }
	num := func(v *float64) excelize.Cell { return excelize.Cell{StyleID: ids[1], Value: number(v)} }
	for _, r := range records(b.report, b.view) {
		if err := s.add(0, text(r.id), text(r.name), text(r.pillar), text(r.centre), text(r.centreName), text(r.period), text(r.kind),
			num(r.value), num(r.numerator), num(r.denominator), text(r.unit), text(r.state), excelize.Cell{StyleID: ids[2], Value: local(r.newest)}); err != nil {
			return err
		}
	}
	if err := b.file.AutoFilter(s.name, fmt.Sprintf("A1:M%d", s.row), nil); err != nil {
		return err
	}
	return s.write.Flush()
}
