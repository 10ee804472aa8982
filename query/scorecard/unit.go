package scorecard

import (
	"slices"
	"strings"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// Kinds of units besides those of agencies.
const (
	kindCentre   = "centre"
	kindProvince = "province"
)

// piece is what a unit answers for: what a centre sends under the code of an agency, for a time.
type piece struct {
	centre string
	agency string // anyAgency: all that the centre and those below it send
	when   span
}

// anyAgency stands for all that a centre sends, whatever agency it names.
const anyAgency = "*"

// unit is what is scored.
type unit struct {
	code        string
	name, short schemas.Text
	kind        string
	centre      string
	heads       []schemas.Head
	exists      span
	took        []schemas.Takeover
	pieces      []piece
	figuresOf   string // centre whose figures are its own; empty: figures are not published of it
}

// units lists all units of a kind that the reader may see, whenever they exist.
func (a *Scores) units(scope query.Scope, by wire.ScorecardBy) []unit {
	var out []unit
	if by == wire.ByCentre {
		for _, c := range a.Registry.Centres {
			if scope.Sees(c.Code) {
				out = append(out, centreUnit(c))
			}
		}
		return out
	}
	for _, x := range a.Agencies.List {
		switch {
		case !scope.Sees(x.Centre):
		case by == wire.ByHead:
			out = append(out, a.headUnits(x)...)
		default:
			out = append(out, a.agencyUnit(x))
		}
	}
	return out
}

// knows tells whether there is such a unit at any time.
func (a *Scores) knows(scope query.Scope, by wire.ScorecardBy, code string) bool {
	return slices.ContainsFunc(a.units(scope, by), func(u unit) bool { return u.code == code })
}

func centreUnit(c schemas.Centre) unit {
	u := unit{code: c.Code, name: c.Name, short: c.Short, kind: kindCentre, centre: c.Code, exists: until(c.From, c.To), figuresOf: c.Code}
	if c.Parent == "" {
		u.kind = kindProvince
	}
	u.pieces = []piece{{centre: c.Code, agency: anyAgency, when: u.exists}}
	return u
}

// agencyUnit answers for what its own centre sends under its code while it exists, and from the day of a merger on for what
// still comes under the code of an agency that ended in it. What was done before that day stays with the one that did it.
// No other centre can spoil or polish its score.
func (a *Scores) agencyUnit(x schemas.Agency) unit {
	u := unit{
		code: x.Code, name: x.Name, short: x.Short, kind: string(x.Kind), centre: x.Centre, heads: x.Heads, exists: until(x.From, x.To),
		took: a.Agencies.TakenOver(x.Code),
	}
	if x.Kind == schemas.AgencyLocality {
		u.figuresOf = x.Centre // the people's committee stands for the locality
	}
	u.pieces = []piece{{centre: x.Centre, agency: x.Code, when: u.exists}}
	for _, t := range u.took {
		u.pieces = append(u.pieces, piece{centre: x.Centre, agency: t.Code, when: until(t.From, nil).within(u.exists)})
	}
	return u
}

// headUnits are the agency under each of its heads, each for their own days.
func (a *Scores) headUnits(x schemas.Agency) []unit {
	var out []unit
	for i, h := range x.Heads {
		u := a.agencyUnit(x)
		term := span{h.From, distant()}
		if i+1 < len(x.Heads) {
			term.to = x.Heads[i+1].From
		}
		u.code += "@" + h.From.In(schemas.Zone()).Format(time.DateOnly)
		u.heads = []schemas.Head{h}
		u.exists = u.exists.within(term)
		for j := range u.pieces {
			u.pieces[j].when = u.pieces[j].when.within(term)
		}
		out = append(out, u)
	}
	return out
}

// score begins the score of a unit in a period, without points.
func (u unit) score(period span) wire.ScorecardScore {
	exists := u.exists.within(period)
	s := wire.ScorecardScore{
		Unit: u.code, Name: u.name, Short: u.short, Kind: u.kind, Centre: u.centre, Took: []string{},
		Exists: wire.ScorecardSpan{From: exists.from.UTC(), To: exists.to.UTC()},
	}
	for _, h := range u.heads {
		if h.From.Before(exists.to) {
			s.Head = h.Name
		}
	}
	for _, t := range u.took {
		if t.From.Before(exists.to) && !slices.Contains(s.Took, t.Code) {
			s.Took = append(s.Took, t.Code)
		}
	}
	slices.SortFunc(s.Took, strings.Compare)
	return s
}
