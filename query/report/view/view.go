// Package view puts a report into the words of one language, which the page, the PDF and the sheets then only lay out.
package view

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/say"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// Report is what is shown of a report. All its texts are clean: composed (NFC), and without control characters.
type Report struct {
	Lang     string
	Labels   Labels
	Centre   string // who issues it
	Period   string // tháng 10 năm 2026
	Span     string // 01/10/2026 – 31/10/2026
	State    string // that of the period
	IssuedAt string
	AsOf     string
	Previous string // heads of what it is compared with: Kỳ trước: tháng 9 năm 2026
	LastYear string
	Data     []Fact
	Score    []Count
	Summary  []Group
	Pillars  []Pillar
	Centres  []string // short names of the centres compared
	Revised  []Note
	Missing  []Note
	Defined  []Note // what each row means
	Sources  []Source
}

// Fact is a named text.
type Fact struct{ Name, Text string }

// Count is how many rows stand in a way.
type Count struct {
	Mark  Mark
	Count int
	Name  string
}

// Group are the sentences of one kind.
type Group struct {
	Kind      wire.SentenceKind
	Name      string
	Sentences []string
}

// Pillar are the rows of one pillar.
type Pillar struct {
	Code, Name string
	Rows       []Row
}

// Note is a sentence about a row.
type Note struct{ Row, Text string }

// Source is a document, with the rows that rest on it.
type Source struct {
	Document string
	Rows     string
}

// Of puts a report into words. The language is vi or en.
func Of(r *wire.Report, lang string) (*Report, error) {
	if lang != say.Vietnamese && lang != say.English {
		return nil, fmt.Errorf("report in language %q: it is written in vi and in en", lang)
	}
	v := voice{lang}
	out := &Report{
		Lang: lang, Labels: labels(v),
		Centre: v.text(r.Centre.Name), Period: v.text(r.Period.Name), Span: v.span(r.Period), State: v.periodState(r),
		IssuedAt: say.Moment(r.IssuedAt, lang), AsOf: say.Moment(r.AsOf, lang),
		Previous: v.headOf(labels(v).Previous, r.Previous), LastYear: v.headOf(labels(v).LastYear, r.LastYear),
		Data: v.data(&r.Data), Summary: v.groups(r.Summary),
	}
	for _, c := range r.Below {
		out.Centres = append(out.Centres, v.text(c.Short))
	}
	for i := range r.Pillars {
		p := Pillar{Code: r.Pillars[i].Code, Name: v.text(r.Pillars[i].Name)}
		for j := range r.Pillars[i].Rows {
			p.Rows = append(p.Rows, v.row(&r.Pillars[i].Rows[j]))
		}
		out.Pillars = append(out.Pillars, p)
	}
	out.Score = v.score(out.Pillars)
	out.Revised, out.Missing = v.revised(r, out.Pillars), v.missing(out.Pillars)
	out.Defined, out.Sources = v.definitions(out.Pillars), v.sources(out.Pillars)
	return out, nil
}

// Rows is how many there are in all pillars.
func (r *Report) Rows() int {
	n := 0
	for _, p := range r.Pillars {
		n += len(p.Rows)
	}
	return n
}

// voice speaks one language.
type voice struct{ lang string }

// say picks one of the two ways to say the same.
func (v voice) say(vi, en string) string {
	if v.lang == say.English {
		return en
	}
	return vi
}

// text picks the words of a name, or those of the other language when it has none in this one.
func (v voice) text(t schemas.Text) string {
	if s := clean(v.say(t.VI, t.EN)); s != "" {
		return s
	}
	return clean(v.say(t.EN, t.VI))
}

// clean composes a text and takes the control characters out, which neither XML nor a line of paper can hold.
func clean(s string) string {
	return strings.TrimSpace(norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, s)))
}

// headOf names what stands in a column, and of which period it is. A range of days may have none to be compared with.
func (v voice) headOf(what string, p wire.ReportPeriod) string {
	if name := v.text(p.Name); name != "" {
		return what + ": " + name
	}
	return what
}

func (v voice) span(p wire.ReportPeriod) string {
	last := p.To.Add(-time.Second) // To is the first moment after the period
	if first := say.Day(p.From, v.lang); first == say.Day(last, v.lang) {
		return first
	}
	return say.Day(p.From, v.lang) + " – " + say.Day(last, v.lang)
}

func (v voice) periodState(r *wire.Report) string {
	if r.Period.State == wire.PeriodRunning {
		return v.say("Kỳ chưa kết thúc: số liệu tính đến ", "The period is still running: figures up to ") + say.Moment(r.AsOf, v.lang)
	}
	return v.say("Kỳ đã kết thúc", "The period has ended")
}

func (v voice) data(d *wire.ReportData) []Fact {
	newest := v.say("không có sự kiện nào trong kỳ", "there is no event in the period")
	if d.NewestEvent != nil {
		newest = say.Moment(*d.NewestEvent, v.lang)
	}
	count := func(n uint64) string { return say.Number(float64(n), 0, v.lang) }
	return []Fact{
		{v.say("Sự kiện mới nhất", "Newest event"), newest},
		{v.say("Sự kiện nhận trong kỳ", "Events in the period"), count(d.Events)},
		{v.say("Sự kiện bị từ chối", "Events refused"), count(d.Rejected)},
		{
			v.say("Nguồn dữ liệu hoạt động", "Feeds alive"),
			fmt.Sprintf(v.say("%d trên %d", "%d of %d"), d.FeedsAlive, d.Feeds),
		},
		{v.say("Chỉ tiêu đã sửa sau kỳ", "Rows revised after the period"), fmt.Sprint(d.Revised)},
		{v.say("Chỉ tiêu chưa có số liệu", "Rows without data"), fmt.Sprint(d.Missing)},
	}
}

// groups puts sentences of one kind together; the kinds come in the order of their first sentence, the most important first.
func (v voice) groups(sentences []wire.ReportSentence) []Group {
	names := map[wire.SentenceKind]string{
		wire.SentenceOverview:  v.say("Tổng quan", "Overview"),
		wire.SentenceOffTarget: v.say("Chưa đạt mục tiêu", "Off target"),
		wire.SentenceFell:      v.say("Kém đi", "Got worse"),
		wire.SentenceImproved:  v.say("Tốt lên", "Improved"),
		wire.SentenceRevised:   v.say("Đã sửa", "Revised"),
		wire.SentenceNoData:    v.say("Chưa có số liệu", "No data"),
	}
	var groups []Group
	at := map[wire.SentenceKind]int{}
	for _, s := range sentences {
		i, known := at[s.Kind]
		if !known {
			i, at[s.Kind] = len(groups), len(groups)
			groups = append(groups, Group{Kind: s.Kind, Name: names[s.Kind]})
		}
		text := v.text(s.Text)
		if s.Kind == wire.SentenceFell || s.Kind == wire.SentenceImproved {
			// The name of the group says already which way it went.
			if _, rest, ok := strings.Cut(text, ": "); ok {
				text = rest
			}
		}
		groups[i].Sentences = append(groups[i].Sentences, text)
	}
	return groups
}

// score counts how the rows stand against their targets.
func (v voice) score(pillars []Pillar) []Count {
	var reached, not, none, missing int
	for _, p := range pillars {
		for _, r := range p.Rows {
			switch {
			case r.Raw.Value.Value == nil:
				missing++
			case r.Target.Mark == Reached:
				reached++
			case r.Target.Mark == NotYet:
				not++
			default:
				none++
			}
		}
	}
	return []Count{
		{Reached, reached, v.say("đạt mục tiêu", "reached the target")},
		{NotYet, not, v.say("chưa đạt mục tiêu", "not yet at the target")},
		{NoMark, none, v.say("không đặt mục tiêu", "without a target")},
		{Missing, missing, v.say("chưa có số liệu", "without data")},
	}
}
