package view

import (
	"strings"

	"github.com/binhphuoc/ioc/schemas/say"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// revised tells of each row that changed after its period had closed: when, and from what.
func (v voice) revised(r *wire.Report, pillars []Pillar) []Note {
	var notes []Note
	for _, p := range pillars {
		for _, row := range p.Rows {
			for _, f := range []struct {
				figure *wire.ReportFigure
				period wire.ReportPeriod
			}{{&row.Raw.Value, r.Period}, {&row.Raw.Previous, r.Previous}, {&row.Raw.LastYear, r.LastYear}} {
				if len(f.figure.Revisions) > 0 {
					notes = append(notes, Note{Row: row.Name, Text: v.text(f.period.Name) + ": " + v.revisions(row.Raw, f.figure)})
				}
			}
		}
	}
	return notes
}

// revisions says what each change turned a figure into: the value that the next one replaced, or the one it has now.
func (v voice) revisions(row *wire.ReportRow, f *wire.ReportFigure) string {
	var steps []string
	for i, rev := range f.Revisions {
		after := f.Value
		if i+1 < len(f.Revisions) {
			after = f.Revisions[i+1].Before
		}
		steps = append(steps, say.Moment(rev.At, v.lang)+v.say(" từ ", " from ")+v.known(rev.Before, row)+v.say(" thành ", " to ")+v.known(after, row))
	}
	return strings.Join(steps, "; ")
}

func (v voice) known(x *float64, row *wire.ReportRow) string {
	if x == nil {
		return v.say("chưa có số liệu", "no data")
	}
	return v.value(x, row)
}

// missing tells of each row without a value why it has none.
func (v voice) missing(pillars []Pillar) []Note {
	var notes []Note
	for _, p := range pillars {
		for _, row := range p.Rows {
			if row.Raw.Value.Value == nil {
				notes = append(notes, Note{Row: row.Name, Text: v.why(row.Raw)})
			}
		}
	}
	return notes
}

func (v voice) why(r *wire.ReportRow) string {
	switch {
	case r.Meaning == "published":
		return v.say("chưa có số liệu công bố cho kỳ này hoặc kỳ trước", "no figure was published for this period or one before it")
	case r.Value.Denominator != nil && *r.Value.Denominator == 0:
		return v.say("trong kỳ không có gì để tính tỷ lệ (mẫu số bằng 0)", "there is nothing in the period to reckon a share of (the denominator is 0)")
	case r.Value.Newest != nil:
		return v.say("không tính được; sự kiện mới nhất lúc ", "it can't be reckoned; the newest event is of ") + say.Moment(*r.Value.Newest, v.lang)
	}
	return v.say("không nhận được sự kiện nào trong kỳ", "no event of it arrived in the period")
}

// definitions say what each row means. The texts are those of the KPIs' files, which speak of the live values.
func (v voice) definitions(pillars []Pillar) []Note {
	notes := []Note{{
		Row: v.say("Cách đọc", "How to read these"),
		Text: v.say("Mô tả dưới đây nói về giá trị trực tiếp trên màn hình (hôm nay, từ đầu tháng, 1 giờ qua). Trong báo cáo này, mỗi chỉ tiêu được tính như vậy cho cả kỳ.",
			"The texts below speak of the live values of the wall (today, this month, the last hour). In this report each KPI is reckoned in that way for the whole period."),
	}}
	for _, p := range pillars {
		for _, row := range p.Rows {
			if row.Description != "" {
				notes = append(notes, Note{Row: row.Name, Text: row.Description})
			}
		}
	}
	if len(notes) == 1 {
		return nil
	}
	return notes
}

// sources are the documents that define rows and set targets, in the order in which the report comes to them.
func (v voice) sources(pillars []Pillar) []Source {
	var order []string
	rows := map[string][]string{}
	cite := func(document, row string) {
		if document == "" {
			return
		}
		if _, known := rows[document]; !known {
			order = append(order, document)
		}
		rows[document] = append(rows[document], row)
	}
	for _, p := range pillars {
		for _, row := range p.Rows {
			cite(row.Source, row.Name)
			cite(row.Target.Source, row.Name+v.say(" (mục tiêu)", " (target)"))
		}
	}
	out := make([]Source, 0, len(order))
	for _, document := range order {
		out = append(out, Source{Document: document, Rows: strings.Join(rows[document], " · ")})
	}
	return out
}
