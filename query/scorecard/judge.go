package scorecard

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/scorecard"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// judge gives points for what is in the ledger.
type judge struct {
	card      scorecard.Scorecard
	catalogue *kpi.Catalogue
	ledger    *ledger
}

// all scores and ranks the units that exist in a period. running says that the period holds this moment.
func (j judge) all(units []unit, period span, running bool) []wire.ScorecardScore {
	var out []wire.ScorecardScore
	for _, u := range units {
		if !u.exists.within(period).empty() {
			out = append(out, j.score(u, period, running))
		}
	}
	rank(out, j.card)
	return out
}

func (j judge) score(u unit, period span, running bool) wire.ScorecardScore {
	s := u.score(period)
	for _, g := range j.card.Groups {
		group := wire.ScorecardGroup{ID: g.ID, Name: g.Name, Points: g.Points, Source: g.Source}
		for _, c := range g.Criteria {
			p := j.criterion(c, u, period, running)
			if p.Reached == nil {
				group.Missing += c.Points
			} else {
				group.Known += c.Points
				group.Reached += *p.Reached
			}
			group.Criteria = append(group.Criteria, p)
		}
		s.Reached += group.Reached
		s.Known += group.Known
		s.Missing += group.Missing
		s.Groups = append(s.Groups, group)
	}
	if s.Known > 0 {
		share := s.Reached / s.Known * 100
		s.Share = &share
	}
	return s
}

// criterion gives the points of one criterion, or says why they are missing.
func (j judge) criterion(c scorecard.Criterion, u unit, period span, running bool) wire.ScorecardCriterion {
	out := wire.ScorecardCriterion{ScorecardFileCriterion: criterion(c), Decimals: 1}
	var k kpi.KPI
	var known bool
	if c.KPI != "" {
		if k, known = j.catalogue.ByID(c.KPI); known {
			f := k.Formula
			out.Unit, out.Decimals = k.Unit, k.Decimals
			out.Formula = &wire.Formula{
				Kind: string(f.Kind), Of: f.Of, At: f.At, Where: f.Where.Text, Numerator: f.Numerator.Text, Value: f.Value.Text, Weight: f.Weight.Text,
			}
		}
	}
	switch {
	case c.Missing != nil:
		out.Why = &wire.ScorecardMissing{Code: wire.MissingFeed, Reason: *c.Missing}
	case c.KPI != "" && !known:
		out.Why = missingKPI(c.KPI)
	case c.Figure != "":
		j.figure(&out, k, c.Figure, u, period)
	case k.Formula.Kind == kpi.KindFigure:
		j.figure(&out, k, c.KPI, u, period)
	default:
		j.counted(&out, k, u, period, running)
	}
	if out.Value != nil {
		reached := c.Reached(*out.Value)
		out.Reached = &reached
	}
	return out
}

// figure finds the figure of the unit's locality.
func (j judge) figure(out *wire.ScorecardCriterion, k kpi.KPI, id string, u unit, period span) {
	f, ok := j.ledger.figures[figureOf{id, u.figuresOf, period}]
	switch {
	case u.figuresOf == "":
		out.Why = notByAgency()
		return
	case !ok || math.IsNaN(f.Value) || math.IsInf(f.Value, 0):
		out.Why = noFigure(id)
		return
	}
	value := f.Value
	if k.ID != "" {
		value *= k.Scale
	}
	out.Value, out.For, out.IssuedBy, out.Newest = &value, f.Period, f.Issuer, &f.At
}

// counted evaluates the KPI over what the unit answers for.
func (j judge) counted(out *wire.ScorecardCriterion, k kpi.KPI, u unit, period span, running bool) {
	standing := !k.Formula.Kind.Rolled()
	count := j.ledger.sum(k.ID, u, period)
	switch {
	case u.kind != kindCentre && u.kind != kindProvince && !scorecard.ByAgency(k):
		out.Why = notByAgency()
		return
	case standing && !running:
		out.Why = notKept()
		return
	case count == nil:
		out.Why = noData(k)
		return
	}
	out.Value = query.Compute(k, *count, period.to.Sub(period.from))
	if out.Value == nil {
		out.Why = noData(k)
		return
	}
	out.Numerator, out.Denominator = query.Shown(k.Formula.Kind, *count)
	if !count.Newest.IsZero() {
		out.Newest = &count.Newest
	}
}

func missingKPI(id string) *wire.ScorecardMissing {
	return &wire.ScorecardMissing{Code: wire.MissingKPI, Reason: schemas.Text{
		VI: fmt.Sprintf("Danh mục không còn chỉ tiêu %s.", id), EN: fmt.Sprintf("The catalogue no longer has the KPI %s.", id),
	}}
}

func notByAgency() *wire.ScorecardMissing {
	return &wire.ScorecardMissing{Code: wire.MissingByAgency, Reason: schemas.Text{
		VI: "Số liệu chỉ có theo địa phương, không có theo cơ quan.", EN: "It is known of localities, not of an agency.",
	}}
}

func notKept() *wire.ScorecardMissing {
	return &wire.ScorecardMissing{Code: wire.MissingPast, Reason: schemas.Text{
		VI: "Chỉ biết hiện trạng; hiện trạng cuối kỳ đã qua không được lưu theo đơn vị.",
		EN: "It is known as things stand now; how they stood at the end of a past period is not kept by unit.",
	}}
}

func noFigure(id string) *wire.ScorecardMissing {
	return &wire.ScorecardMissing{Code: wire.MissingData, Reason: schemas.Text{
		VI: fmt.Sprintf("Chưa có số liệu %s cho kỳ này.", id), EN: fmt.Sprintf("There is no figure %s for this period.", id),
	}}
}

func noData(k kpi.KPI) *wire.ScorecardMissing {
	return &wire.ScorecardMissing{Code: wire.MissingData, Reason: schemas.Text{
		VI: fmt.Sprintf("Trong kỳ không có gì để tính “%s”.", k.Name.VI), EN: fmt.Sprintf("The period holds nothing to reckon “%s” from.", k.Name.EN),
	}}
}

// alike is how near two shares are that count as one.
const alike = 1e-9

// rank sorts scores, the best first, and ranks those of which enough is known. Ranks go by the share of the known points, and
// those alike share one: 1, 2, 2, 4.
func rank(scores []wire.ScorecardScore, card scorecard.Scorecard) {
	for i := range scores {
		s := &scores[i]
		switch {
		case s.Kind == kindProvince:
			s.Unranked = &schemas.Text{VI: "Toàn tỉnh không xếp hạng cùng các địa phương.", EN: "The province as a whole is not ranked among its localities."}
		case s.Share == nil:
			s.Unranked = &schemas.Text{VI: "Chưa có số liệu.", EN: "Nothing is known."}
		case s.Known < card.KnownLeast*card.Points-alike:
			s.Unranked = &schemas.Text{
				VI: fmt.Sprintf("Số liệu chưa đủ %.0f %% tổng điểm.", card.KnownLeast*100), EN: fmt.Sprintf("Less than %.0f %% of the points are known.", card.KnownLeast*100),
			}
		}
	}
	share := func(s wire.ScorecardScore) float64 {
		if s.Share == nil {
			return -1
		}
		return math.Round(*s.Share/alike) * alike
	}
	slices.SortStableFunc(scores, func(a, b wire.ScorecardScore) int {
		if (a.Unranked == nil) != (b.Unranked == nil) {
			if a.Unranked == nil {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(share(b), share(a)), strings.Compare(a.Unit, b.Unit))
	})
	for i := range scores {
		if scores[i].Unranked != nil {
			break
		}
		place := i + 1
		if i > 0 && share(scores[i]) == share(scores[i-1]) {
			place = *scores[i-1].Rank
		}
		scores[i].Rank = &place
	}
}

// compare puts beside each score that of the previous period.
func compare(scores, before []wire.ScorecardScore) {
	for i := range scores {
		at := slices.IndexFunc(before, func(s wire.ScorecardScore) bool { return s.Unit == scores[i].Unit })
		if at >= 0 {
			b := before[at]
			scores[i].Previous = &wire.ScorecardPrevious{Reached: b.Reached, Known: b.Known, Share: b.Share, Rank: b.Rank}
		}
	}
}
