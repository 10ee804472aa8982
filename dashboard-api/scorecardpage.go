package dashboardapi

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/wire"
)

//go:embed scorecard.html
var scorecardHTML string

//go:embed scorecard.css
var scorecardCSS string

// scorePage is a page that needs no script: it is read, opened and printed as it is.
type scorePage struct {
	page   *template.Template
	policy string
}

func newScorePage() *scorePage {
	return &scorePage{page: template.Must(template.New("scorecard").Parse(scorecardHTML)), policy: styledBy(navCSS + scorecardCSS)}
}

// showScorecard answers with the ranked table as a page.
func (s *Server) showScorecard(w http.ResponseWriter, r *http.Request) error {
	q, err := s.scorecardRequest(r)
	if err != nil {
		return err
	}
	en, err := pageLanguage(r)
	if err != nil {
		return err
	}
	v := scoreView{English: en, Style: template.CSS(navCSS + scorecardCSS), By: q.By, now: s.o.Now(), query: r.URL.Query()}
	if v.Nav, err = s.navigation(r, scorecardsPath, en); err != nil {
		return err
	}
	if v.ScorecardTable, err = s.o.Scorecards.Table(r.Context(), s.scope(r), q); err != nil {
		return fmt.Errorf("page of scorecard %s: %w", q.ID, err)
	}
	v.Files = s.o.Scorecards.Files(r.Context(), s.scope(r)).Scorecards
	for _, c := range s.o.Registry.Centres {
		v.centres = append(v.centres, wire.Centre(c))
	}
	var page bytes.Buffer
	if err := s.scores.page.Execute(&page, v); err != nil {
		return err
	}
	s.writePage(w, http.StatusOK, s.scores.policy, v.Lang(), page.Bytes())
	return nil
}

// scoreView is what the page is made of. It reckons nothing: all numbers are those of the table.
type scoreView struct {
	wire.ScorecardTable
	English bool
	Style   template.CSS
	Nav     template.HTML
	By      wire.ScorecardBy
	Files   []wire.ScorecardFile
	centres []wire.Centre
	now     time.Time
	query   url.Values
}

// T chooses one of two texts.
func (v scoreView) T(vi, en string) string { return said(schemas.Text{VI: vi, EN: en}, v.English) }

// In chooses the language of a text.
func (v scoreView) In(t schemas.Text) string { return said(t, v.English) }

// Lang is the language of the page.
func (v scoreView) Lang() string { return v.T("vi", "en") }

// WithRank are the units that have a rank.
func (v scoreView) WithRank() []wire.ScorecardScore { return v.picked(true) }

// WithoutRank are those that have none.
func (v scoreView) WithoutRank() []wire.ScorecardScore { return v.picked(false) }

func (v scoreView) picked(ranked bool) []wire.ScorecardScore {
	var out []wire.ScorecardScore
	for _, u := range v.Units {
		if (u.Rank != nil) == ranked {
			out = append(out, u)
		}
	}
	return out
}

// row is one unit on the page.
type row struct {
	scoreView
	wire.ScorecardScore
}

// Row puts a unit beside what the page knows.
func (v scoreView) Row(u wire.ScorecardScore) row { return row{v, u} }

// Num writes a number with at most so many decimals, as the language does.
func (v scoreView) Num(x float64, decimals int) string {
	text := strconv.FormatFloat(x, 'f', decimals, 64)
	if decimals > 0 {
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	return v.spelt(text)
}

// spelt writes a number with the marks of the language: 1.234,5 or 1,234.5.
func (v scoreView) spelt(text string) string {
	whole, part, _ := strings.Cut(text, ".")
	point, group := ",", "."
	if v.English {
		point, group = ".", ","
	}
	for i := len(whole) - 3; i > len(whole)-len(strings.TrimLeft(whole, "-")); i -= 3 {
		whole = whole[:i] + group + whole[i:]
	}
	if part == "" {
		return whole
	}
	return whole + point + part
}

// Points writes points.
func (v scoreView) Points(x float64) string { return v.Num(x, 1) }

// Fixed writes points that are reached, always with one decimal, so that they stand one below the other.
func (v scoreView) Fixed(x float64) string { return v.spelt(strconv.FormatFloat(x, 'f', 1, 64)) }

// Count writes a count that may be unknown.
func (v scoreView) Count(x *float64) string {
	if x == nil {
		return ""
	}
	return v.Num(*x, 1)
}

// Value writes the value of a criterion with its unit.
func (v scoreView) Value(x float64, c wire.ScorecardCriterion) string {
	text := v.Num(x, c.Decimals)
	if c.Unit != "" {
		text += "\u00a0" + c.Unit
	}
	return text
}

// Percent writes a share in %.
func (v scoreView) Percent(x *float64) string {
	if x == nil {
		return "–"
	}
	return v.Fixed(*x) + "\u00a0%"
}

// Moved says how the rank has changed: ▲ 2, ▼ 1 or =; empty when there is nothing to compare.
func (v scoreView) Moved(u wire.ScorecardScore) string {
	if u.Rank == nil || u.Previous == nil || u.Previous.Rank == nil {
		return ""
	}
	switch n := *u.Previous.Rank - *u.Rank; {
	case n > 0:
		return fmt.Sprintf("▲\u00a0%d", n)
	case n < 0:
		return fmt.Sprintf("▼\u00a0%d", -n)
	default:
		return "="
	}
}

// barWidth is how wide a bar is in its own units.
const barWidth = 300.0

// Bar is how long a part of a bar is that stands for so many points of all.
func (v scoreView) Bar(points, all float64) string {
	return strconv.FormatFloat(math.Max(0, points/all*barWidth), 'f', 2, 64)
}

// Day writes a moment as a day.
func (v scoreView) Day(t time.Time) string { return t.In(period.Zone()).Format("02/01/2006") }

// LastDay writes the last day of a span that ends before this moment.
func (v scoreView) LastDay(t time.Time) string { return v.Day(t.Add(-time.Nanosecond)) }

// Clock writes a moment.
func (v scoreView) Clock(t time.Time) string { return t.In(period.Zone()).Format("15:04 02/01/2006") }

// Beside is what stands below the name of a unit: of a head the agency, of an agency the head, and its days where it existed
// in a part of the period alone.
func (v scoreView) Beside(u wire.ScorecardScore) string {
	var out []string
	switch {
	case v.By != wire.ByHead && v.Declared(u.Head):
		out = append(out, u.Head)
	case v.By == wire.ByHead && v.Declared(u.Head):
		out = append(out, v.In(u.Name))
	case v.By == wire.ByHead:
		out = append(out, v.T("Chưa khai báo người đứng đầu", "Head not declared"))
	}
	if u.Exists.From.After(v.Period.From) || u.Exists.To.Before(v.Period.To) && u.Exists.To.Before(v.AsOf) {
		out = append(out, v.Day(u.Exists.From)+" – "+v.LastDay(u.Exists.To))
	}
	return strings.Join(out, " · ")
}

// CentreName is the short name of a centre.
func (v scoreView) CentreName(code string) string {
	for _, c := range v.centres {
		if c.Code == code {
			return v.In(c.Short)
		}
	}
	return code
}

// Least is the share of the points that must be known before a unit is ranked, in %.
func (v scoreView) Least() float64 { return v.Scorecard.KnownLeast * 100 }

// Zero tells whether a number is none.
func (v scoreView) Zero(x float64) bool { return math.Abs(x) < 1e-9 }

// Declared tells whether somebody has entered the head.
func (v scoreView) Declared(name string) bool { return name != "" && name != schemas.Undeclared }

// Nameless is how many of the units have a head whom nobody has entered.
func (v scoreView) Nameless() int {
	n := 0
	for _, u := range v.Units {
		if u.Head == schemas.Undeclared {
			n++
		}
	}
	return n
}

// link is the address of this page with something changed.
func (v scoreView) link(id string, change url.Values) string {
	q := url.Values{}
	for name := range v.query {
		q.Set(name, v.query.Get(name))
	}
	for name, values := range change {
		if q.Set(name, change.Get(name)); len(values) == 0 {
			q.Del(name)
		}
	}
	out := url.URL{Path: scorecardsPath + "/" + id, RawQuery: q.Encode()}
	return out.String()
}

// choice is one of several pages to go to.
type choice struct {
	Text, Link string
	Chosen     bool
}

// Cards are the scorecards to choose from.
func (v scoreView) Cards() []choice {
	var out []choice
	for _, f := range v.Files {
		out = append(out, choice{v.In(f.Name), v.link(f.ID, nil), f.ID == v.Scorecard.ID})
	}
	return out
}

// Kinds are what can be scored.
func (v scoreView) Kinds() []choice {
	names := []struct {
		by     wire.ScorecardBy
		vi, en string
	}{{wire.ByAgency, "Cơ quan", "Agencies"}, {wire.ByCentre, "Địa phương", "Localities"}, {wire.ByHead, "Người đứng đầu", "Heads"}}
	var out []choice
	for _, n := range names {
		out = append(out, choice{v.T(n.vi, n.en), v.link(v.Scorecard.ID, url.Values{"by": {string(n.by)}}), n.by == v.By})
	}
	return out
}

// Periods are the spans that people ask for most.
func (v scoreView) Periods() []choice {
	current := func(k period.Kind) period.Period { return period.Current(k, v.now) }
	var out []choice
	for _, s := range []struct {
		vi, en string
		is     period.Period
	}{
		{"Tháng này", "This month", current(period.KindMonth)},
		{"Tháng trước", "Last month", current(period.KindMonth).Previous()},
		{"Quý này", "This quarter", current(period.KindQuarter)},
		{"Nửa năm này", "This half-year", current(period.KindHalf)},
		{"Năm nay", "This year", current(period.KindYear)},
		{"Năm trước", "Last year", current(period.KindYear).Previous()},
	} {
		chosen := s.is.From.Equal(v.Period.From) && s.is.To.Equal(v.Period.To)
		out = append(out, choice{v.T(s.vi, s.en), v.link(v.Scorecard.ID, url.Values{"period": {s.is.Text()}, "from": nil, "to": nil}), chosen})
	}
	return out
}
