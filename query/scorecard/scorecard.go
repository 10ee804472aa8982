// Package scorecard scores agencies, localities and heads by the files of schemas/scorecard.
package scorecard

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/scorecard"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// Tally is what one centre sent about one agency, counted by one KPI within one part of the time that was asked for.
type Tally struct {
	query.Count
	Agency string // as the events name it; empty: they name none
	Part   int    // from the cut with this number to the next one
}

// Ask asks for the newest figure of an indicator.
type Ask struct {
	ID        string // of the KPI, or the indicator itself
	Indicator string
	Value     kpi.Expr // what is made of the figure, such as value / target; the zero Expr: its value
}

// Figure is a figure as it was published for a centre.
type Figure struct {
	ID     string // of the Ask
	Centre string
	Value  float64
	Period string
	Issuer string
	At     time.Time
}

// Store is where the counts come from.
type Store interface {
	// Tallies counts by each KPI what the centres sent between the first cut and the last, apart for each agency and each
	// part between two cuts. Of KPIs that say how things stand, the counts are those of this moment, in the part that holds now.
	Tallies(ctx context.Context, kpis []kpi.KPI, centres []string, cuts []time.Time, now time.Time) ([]Tally, error)
	// Figures returns of each indicator and centre the figure of the latest period that overlaps the span.
	Figures(ctx context.Context, asks []Ask, centres []string, from, to time.Time) ([]Figure, error)
}

// Request asks for the table of a scorecard.
type Request struct {
	ID       string
	By       wire.ScorecardBy
	From, To time.Time // To exclusive
}

// Scores answers what is asked of scorecards.
type Scores struct {
	Store      Store
	Registry   *schemas.Registry
	Agencies   *schemas.Agencies
	Catalogue  func() *kpi.Catalogue        // the one in force
	Scorecards func() []scorecard.Scorecard // those in force
	Now        func() time.Time
}

// Files lists the scorecards. They hold nothing that concerns a centre: any reader who sees one may see them.
func (a *Scores) Files(_ context.Context, scope query.Scope) wire.ScorecardList {
	out := wire.ScorecardList{Scorecards: []wire.ScorecardFile{}}
	if !slices.ContainsFunc(a.Registry.Centres, func(c schemas.Centre) bool { return scope.Sees(c.Code) }) {
		return out
	}
	for _, s := range a.Scorecards() {
		out.Scorecards = append(out.Scorecards, file(s))
	}
	return out
}

// Table ranks all units that the reader may see, each with all parts of its score. Ranks are those among them.
func (a *Scores) Table(ctx context.Context, scope query.Scope, r Request) (wire.ScorecardTable, error) {
	card, p, err := a.check(r)
	if err != nil {
		return wire.ScorecardTable{}, err
	}
	out := wire.ScorecardTable{
		Scorecard: file(card), By: r.By, Period: wire.ScorecardSpan{From: r.From, To: r.To}, State: p.state, AsOf: p.now.to,
		Previous: wire.ScorecardSpan{From: p.before.from, To: p.before.to}, Units: []wire.ScorecardScore{}, Unassigned: []wire.ScorecardUnassigned{},
	}
	units := a.units(scope, r.By)
	if len(units) == 0 {
		return out, nil
	}
	l := newLedger(a.Registry, cuts(units, p.before, p.now))
	if err := a.read(ctx, a.senders(scope, r.By), card, l, p); err != nil {
		return wire.ScorecardTable{}, err
	}
	judge := judge{card: card, catalogue: a.Catalogue(), ledger: l}
	scores, before := judge.all(units, p.now, p.running()), judge.all(units, p.before, false)
	compare(scores, before)
	for _, s := range scores {
		if s.Kind == kindProvince {
			out.Whole = &s
			continue
		}
		out.Units = append(out.Units, s)
	}
	if r.By != wire.ByCentre {
		out.Unassigned = l.unassigned(p.now)
	}
	return out, nil
}

// Parts opens the score of one unit into its parts.
func (a *Scores) Parts(ctx context.Context, scope query.Scope, r Request, code string) (wire.ScorecardParts, error) {
	t, err := a.Table(ctx, scope, r)
	if err != nil {
		return wire.ScorecardParts{}, err
	}
	out := wire.ScorecardParts{Scorecard: t.Scorecard, By: t.By, Period: t.Period, State: t.State, AsOf: t.AsOf, Previous: t.Previous}
	units := t.Units
	if t.Whole != nil {
		units = append(units, *t.Whole)
	}
	found := false
	for _, u := range units {
		if u.Rank != nil {
			out.Of++
		}
		if u.Unit == code {
			out.Score, found = u, true
		}
	}
	switch {
	case found:
		return out, nil
	case a.knows(scope, r.By, code):
		return out, fmt.Errorf("%w: %s did not exist in this period", query.ErrBadRequest, code)
	default:
		return out, query.ErrNotFound
	}
}

// check finds the scorecard, and the two periods.
func (a *Scores) check(r Request) (scorecard.Scorecard, periods, error) {
	cards := a.Scorecards()
	i := slices.IndexFunc(cards, func(s scorecard.Scorecard) bool { return s.ID == r.ID })
	now := a.Now().UTC()
	switch {
	case i < 0:
		return scorecard.Scorecard{}, periods{}, query.ErrNotFound
	case r.By != wire.ByAgency && r.By != wire.ByCentre && r.By != wire.ByHead:
		return scorecard.Scorecard{}, periods{}, fmt.Errorf("%w: by is %q, want agency, centre or head", query.ErrBadRequest, r.By)
	case !r.From.Before(r.To):
		return scorecard.Scorecard{}, periods{}, fmt.Errorf("%w: the period ends before it begins", query.ErrBadRequest)
	case !r.From.Before(now):
		return scorecard.Scorecard{}, periods{}, fmt.Errorf("%w: the period has not begun", query.ErrBadRequest)
	}
	return cards[i], newPeriods(r.From, r.To, now), nil
}

// senders lists the centres whose events count for what the reader may see.
func (a *Scores) senders(scope query.Scope, by wire.ScorecardBy) []string {
	var out []string
	for _, c := range a.Registry.Centres {
		above := a.Registry.Above(c.Code)
		if by != wire.ByCentre {
			above = above[:1] // an agency's events are those of its own centre
		}
		if slices.ContainsFunc(above, scope.Sees) {
			out = append(out, c.Code)
		}
	}
	return out
}

// read fills the ledger with what the scorecard asks for.
func (a *Scores) read(ctx context.Context, centres []string, card scorecard.Scorecard, l *ledger, p periods) error {
	var kpis []kpi.KPI
	var asks []Ask
	for _, id := range card.KPIs() {
		switch k, ok := a.Catalogue().ByID(id); {
		case !ok:
		case k.Formula.Kind == kpi.KindFigure:
			asks = append(asks, Ask{ID: id, Indicator: k.Formula.Indicator, Value: k.Formula.Value})
		default:
			kpis = append(kpis, k)
		}
	}
	for _, indicator := range card.Figures() {
		asks = append(asks, Ask{ID: indicator, Indicator: indicator})
	}
	tallies, err := a.Store.Tallies(ctx, kpis, centres, l.cuts, p.asked)
	if err != nil {
		return fmt.Errorf("count for scorecard %s: %w", card.ID, err)
	}
	for _, t := range tallies {
		l.add(t)
	}
	for _, span := range []span{p.now, p.before} {
		figures, err := a.Store.Figures(ctx, asks, centres, span.from, span.to)
		if err != nil {
			return fmt.Errorf("figures for scorecard %s: %w", card.ID, err)
		}
		for _, f := range figures {
			l.figures[figureOf{f.ID, f.Centre, span}] = f
		}
	}
	return nil
}

// file is a scorecard as readers see it.
func file(s scorecard.Scorecard) wire.ScorecardFile {
	out := wire.ScorecardFile{
		ID: s.ID, Name: s.Name, Description: s.Description, Source: s.Source, Unchecked: s.Unchecked, Points: s.Points, KnownLeast: s.KnownLeast,
		Groups: make([]wire.ScorecardFileGroup, 0, len(s.Groups)),
	}
	for _, g := range s.Groups {
		w := wire.ScorecardFileGroup{ID: g.ID, Name: g.Name, Points: g.Points, Source: g.Source}
		for _, c := range g.Criteria {
			w.Criteria = append(w.Criteria, criterion(c))
		}
		out.Groups = append(out.Groups, w)
	}
	return out
}

func criterion(c scorecard.Criterion) wire.ScorecardFileCriterion {
	out := wire.ScorecardFileCriterion{
		ID: c.ID, Name: c.Name, Points: c.Points, KPI: c.KPI, Figure: c.Figure, Missing: c.Missing, Source: c.Source,
	}
	if c.Missing == nil {
		out.Full, out.Zero = &c.Full, &c.Zero
	}
	return out
}
