package sheet

import (
	"strconv"
	"strings"
)

// entry is a row of the summary: a name with what belongs to it.
type entry struct {
	name, value     any
	nameAs, valueAs look
}

// summary writes who issues what, on which data, how the rows stand, and the sentences.
func (b *book) summary() error {
	s, err := b.sheet(b.view.Labels.Sheets.Summary, []float64{34, 110}, 0, 0)
	if err != nil {
		return err
	}
	rows := append(b.issued(), entry{})
	rows = append(append(rows, b.rests()...), entry{})
	rows = append(append(rows, b.scored()...), entry{})
	rows = append(rows, b.sentences()...)
	for _, row := range rows {
		left, err := b.cell(row.name, row.nameAs)
		if err != nil {
			return err
		}
		right, err := b.cell(row.value, row.valueAs)
		if err != nil {
			return err
		}
		if err := s.add(0, left, right); err != nil {
			return err
		}
	}
	return s.write.Flush()
}

func named(name string, value any, as look) entry {
	return entry{name, value, look{bold: true, wrap: true}, as}
}

func heading(name string) entry { return entry{name, nil, look{head: true}, look{head: true}} }

func (b *book) issued() []entry {
	l, v, plain := b.view.Labels, b.view, look{wrap: true}
	return []entry{
		{l.Title + " – " + v.Period, nil, look{bold: true, size: 16}, plain},
		named(l.Issuer, v.Centre, plain),
		named(l.Period, v.Period+" ("+v.Span+")", plain),
		named(l.PeriodState, v.State, plain),
		named(l.IssuedAt, local(&b.report.IssuedAt), look{format: moment}),
		named(l.AsOf, local(&b.report.AsOf), look{format: moment}),
	}
}

// rests says what the report rests on, in the order of view.Report.Data.
func (b *book) rests() []entry {
	d := b.report.Data
	count := look{format: "#,##0"}
	values := []entry{
		{value: local(d.NewestEvent), valueAs: look{format: moment}},
		{value: d.Events, valueAs: count},
		{value: d.Rejected, valueAs: count},
		{value: d.FeedsAlive, valueAs: look{format: "0" + quoted("/ "+strconv.Itoa(d.Feeds))}},
		{value: d.Revised, valueAs: count},
		{value: d.Missing, valueAs: count},
	}
	if d.NewestEvent == nil {
		values[0] = entry{value: b.view.Data[0].Text}
	}
	rows := []entry{heading(b.view.Labels.Data)}
	for i, f := range b.view.Data {
		rows = append(rows, named(f.Name, values[i].value, values[i].valueAs))
	}
	return rows
}

func (b *book) scored() []entry {
	rows := []entry{heading(b.view.Labels.Target)}
	for _, c := range b.view.Score {
		rows = append(rows, named(strings.TrimSpace(c.Mark.String()+" "+c.Name), c.Count, look{format: "#,##0"}))
	}
	return rows
}

func (b *book) sentences() []entry {
	rows := []entry{heading(b.view.Labels.Summary)}
	for _, g := range b.view.Summary {
		for _, sentence := range g.Sentences {
			rows = append(rows, named(g.Name, sentence, look{wrap: true}))
		}
	}
	return rows
}
