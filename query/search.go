package query

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"
	"golang.org/x/text/unicode/norm"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// SearchRequest asks for whatever has a text in its name.
type SearchRequest struct {
	Text  string
	Limit int // of each kind, at most MaxFound; 0: that many
}

// Limits of a search.
const (
	MaxFound  = 50
	leastText = 2
	mostText  = 100
)

// SearchStore is where sources, dossiers and tickets are found. No centres: those of all.
type SearchStore interface {
	// FindSources returns the sources whose names hold a text, in any case.
	FindSources(ctx context.Context, centres []string, text string, limit int) ([]wire.FoundSource, error)
	// FindThings returns the dossiers and tickets whose ids begin with a text.
	FindThings(ctx context.Context, centres []string, text string, limit int) ([]wire.FoundThing, error)
}

// Search finds things by their names. Persons have none here.
type Search struct {
	Store     SearchStore
	Registry  *schemas.Registry
	Agencies  *schemas.Agencies     // their names
	Catalogue func() *kpi.Catalogue // the one in force
}

// Find returns what has a text in its name.
func (a *Search) Find(ctx context.Context, scope Scope, r SearchRequest) (wire.Found, error) {
	out := wire.Found{Sources: []wire.FoundSource{}, KPIs: []wire.FoundKPI{}, Things: []wire.FoundThing{}}
	text := norm.NFC.String(strings.TrimSpace(r.Text))
	if n := utf8.RuneCountInString(text); n < leastText || n > mostText || !utf8.ValidString(text) {
		return out, fmt.Errorf("%w: look for %d to %d characters", ErrBadRequest, leastText, mostText)
	}
	if r.Limit <= 0 || r.Limit > MaxFound {
		r.Limit = MaxFound
	}
	var centres []string
	for _, c := range a.Registry.Centres {
		if scope.Sees(c.Code) {
			centres = append(centres, c.Code)
		}
	}
	if len(centres) == 0 {
		return out, nil
	}
	plain := unaccented(text)
	for _, k := range a.Catalogue().KPIs {
		if len(out.KPIs) < r.Limit && strings.Contains(unaccented(k.ID+" "+k.Name.VI+" "+k.Name.EN), plain) {
			out.KPIs = append(out.KPIs, wire.FoundKPI{ID: k.ID, Name: k.Name})
		}
	}
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error {
		found, err := a.Store.FindSources(ctx, centres, text, r.Limit)
		out.Sources = append(out.Sources, found...)
		return err
	})
	work.Go(func() error {
		found, err := a.Store.FindThings(ctx, centres, text, r.Limit)
		for _, f := range found {
			f.AgencyName = agencyName(a.Agencies, f.Agency)
			out.Things = append(out.Things, f)
		}
		return err
	})
	return out, work.Wait()
}

// unaccented is a text in small letters without marks: who types in a hurry leaves them out.
func unaccented(text string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(text)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'đ':
			b.WriteByte('d')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
