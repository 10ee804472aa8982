package report

import (
	"cmp"
	"math"
	"slices"

	"github.com/binhphuoc/ioc/schemas/wire"
)

const (
	// A summary is read out in a meeting: so many rows of a kind have a sentence of their own, the overview counts the rest.
	maxSentences = 3
	// maxNames is how many KPIs a sentence about several names.
	maxNames = 5
	// slight is a change that is not worth a sentence, as a part of the greater of the two values.
	slight = 0.01
)

// summary says in sentences what the rows say in numbers: first the overview, then what is off target, what fell and what
// improved, then what was revised and what has no data.
//
// Ranking: off target by how far the value is from what is asked at the end of the period, fell and improved by the change,
// each as a part of the greater of the two values; equal ones in the order of the report. These have no unit, so that hours
// and per cent can stand in one list. What is told to be off target is not told again to have fallen.
func summary(r *wire.Report) []wire.ReportSentence {
	var rows []*wire.ReportRow
	for i := range r.Pillars {
		for j := range r.Pillars[i].Rows {
			rows = append(rows, &r.Pillars[i].Rows[j])
		}
	}
	off := rank(rows, offTarget)
	fell := rank(rows, func(w *wire.ReportRow) float64 { return -progress(w) })
	better := rank(rows, progress)
	out := []wire.ReportSentence{{Kind: wire.SentenceOverview, Text: overview(r, rows, len(fell), len(better)), KPIs: []string{}}}
	told := map[string]bool{}
	tell := func(kind wire.SentenceKind, list []*wire.ReportRow, text func(*wire.Report, *wire.ReportRow) words) {
		n := 0
		for _, w := range list {
			if n == maxSentences || told[w.KPI] {
				continue
			}
			n, told[w.KPI] = n+1, true
			out = append(out, wire.ReportSentence{Kind: kind, Text: text(r, w).sentence(), KPIs: []string{w.KPI}})
		}
	}
	tell(wire.SentenceOffTarget, off, offTargetWords)
	tell(wire.SentenceFell, fell, changeWords)
	tell(wire.SentenceImproved, better, changeWords)
	several := func(kind wire.SentenceKind, is func(*wire.ReportRow) bool, text func([]*wire.ReportRow) words) {
		list := slices.DeleteFunc(slices.Clone(rows), func(w *wire.ReportRow) bool { return !is(w) })
		if len(list) > 0 {
			out = append(out, wire.ReportSentence{Kind: kind, Text: text(list).sentence(), KPIs: ids(list)})
		}
	}
	several(wire.SentenceRevised, func(w *wire.ReportRow) bool { return len(w.Value.Revisions) > 0 }, revisedWords)
	several(wire.SentenceNoData, func(w *wire.ReportRow) bool { return w.Value.Value == nil }, noDataWords)
	return out
}

// rank returns the rows whose weight is above zero, the heaviest first.
func rank(rows []*wire.ReportRow, weight func(*wire.ReportRow) float64) []*wire.ReportRow {
	out := slices.DeleteFunc(slices.Clone(rows), func(w *wire.ReportRow) bool { return weight(w) <= 0 })
	slices.SortStableFunc(out, func(a, b *wire.ReportRow) int { return cmp.Compare(weight(b), weight(a)) })
	return out
}

// offTarget is how far a row is on the bad side of what is asked: of its target or, before the day at which that is to be
// reached, of its way there. Where it is unknown how that way began, nothing is asked before the day.
func offTarget(w *wire.ReportRow) float64 {
	t := w.Target
	if t == nil || t.Reached == nil || *t.Reached {
		return 0
	}
	asked := t.Value
	if t.By != nil {
		if t.OnPath == nil || *t.OnPath {
			return 0
		}
		asked = *t.Expected
	}
	return math.Abs(*w.Value.Value-asked) / max(math.Abs(asked), math.Abs(*w.Value.Value))
}

// progress is how much better a row is than in the period before: below zero for worse, zero where the change is slight,
// or neither side is better.
func progress(w *wire.ReportRow) float64 {
	if w.Previous.Change == nil || w.Better == "none" {
		return 0
	}
	change := *w.Previous.Change
	part := math.Abs(change) / max(math.Abs(*w.Value.Value), math.Abs(*w.Previous.Value))
	if math.IsNaN(part) || part < slight || math.Abs(change) < math.Pow10(-w.Decimals)/2 {
		return 0
	}
	if (change > 0) != (w.Better == "up") {
		return -part
	}
	return part
}

func ids(rows []*wire.ReportRow) []string {
	out := make([]string, len(rows))
	for i, w := range rows {
		out[i] = w.KPI
	}
	return out
}
