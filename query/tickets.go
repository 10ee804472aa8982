package query

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// TicketSort is the order of a list of tickets.
type TicketSort string

// The orders of tickets.
const (
	TicketsByReceived TicketSort = "received" // the newest first
	TicketsByDue      TicketSort = "due"      // the one due the longest ago first, those without a due time last
)

// TicketsOpen stands for all states in which somebody still has to do something.
const TicketsOpen = "open"

// TicketsRequest asks for tickets. What is empty restricts nothing.
type TicketsRequest struct {
	Centre, Kind string
	ID           string
	Status       string // a status of the contract, or TicketsOpen
	Overdue      bool
	Placed       bool // only those that tell where they are
	Sort         TicketSort
	After        TicketCursor
	Limit        int // at most MaxTickets; 0: that many
}

// MaxTickets is the longest page of tickets.
const MaxTickets = 500

// TicketCursor is where a page of tickets ended. The zero TicketCursor is before the first.
type TicketCursor struct {
	Rank         int64 // in the order of the list
	Centre, Name string
}

// String is what a reader gives back for the next page.
func (c TicketCursor) String() string {
	return strconv.FormatInt(c.Rank, 36) + "." + base64.RawURLEncoding.EncodeToString([]byte(c.Centre+"/"+c.Name))
}

// ParseTicketCursor reads what String wrote.
func ParseTicketCursor(text string) (TicketCursor, error) {
	rank, place, _ := strings.Cut(text, ".")
	n, err1 := strconv.ParseInt(rank, 36, 64)
	raw, err2 := base64.RawURLEncoding.DecodeString(place)
	centre, name, ok := strings.Cut(string(raw), "/")
	if cmp.Or(err1, err2) != nil || !ok || centre == "" || name == "" {
		return TicketCursor{}, fmt.Errorf("%w: %q is not where a page ended", ErrBadRequest, text)
	}
	return TicketCursor{Rank: n, Centre: centre, Name: name}, nil
}

// TicketStore is where tickets are read. No centres: those of all.
type TicketStore interface {
	// Tickets returns up to r.Limit tickets, each with where a page that ends with it has ended.
	Tickets(ctx context.Context, centres []string, r TicketsRequest, now time.Time) ([]wire.Ticket, []TicketCursor, error)
	TicketCounts(ctx context.Context, centres []string, r TicketsRequest, now time.Time) (wire.TicketCounts, error)
}

// Tickets answers what is asked of questions, petitions and field reports.
type Tickets struct {
	Store    TicketStore
	Agencies *schemas.Agencies // their names
	Now      func() time.Time
}

// agencyName is the name of an agency that is known.
func agencyName(all *schemas.Agencies, code string) *schemas.Text {
	if a, ok := all.Agency(code); ok {
		return &a.Short
	}
	return nil
}

// List returns a page of tickets.
func (a *Tickets) List(ctx context.Context, scope Scope, r TicketsRequest) (wire.TicketList, error) {
	out := wire.TicketList{Tickets: []wire.Ticket{}}
	if err := r.check(); err != nil {
		return out, err
	}
	centres, err := scope.within(r.Centre)
	if err != nil || centres != nil && len(centres) == 0 {
		return out, err
	}
	now, page := a.Now(), r
	page.Limit++ // one more tells whether there is a next page
	var list []wire.Ticket
	var places []TicketCursor
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() (err error) {
		list, places, err = a.Store.Tickets(ctx, centres, page, now)
		return err
	})
	work.Go(func() (err error) {
		out.Counts, err = a.Store.TicketCounts(ctx, centres, r, now)
		return err
	})
	if err := work.Wait(); err != nil {
		return out, err
	}
	if len(list) > r.Limit {
		list = list[:r.Limit]
		out.Next = places[r.Limit-1].String()
	}
	for _, t := range list {
		t.AgencyName = agencyName(a.Agencies, t.Agency)
		out.Tickets = append(out.Tickets, t)
	}
	return out, nil
}

// check fills in what was left out.
func (r *TicketsRequest) check() error {
	r.Sort = cmp.Or(r.Sort, TicketsByReceived)
	if r.Limit <= 0 || r.Limit > MaxTickets {
		r.Limit = MaxTickets
	}
	one := func(name, value string, of ...string) error {
		if value != "" && !slices.Contains(of, value) {
			return fmt.Errorf("%w: %s is %q, want one of %s", ErrBadRequest, name, value, strings.Join(of, ", "))
		}
		return nil
	}
	return cmp.Or(
		one("kind", r.Kind, "question", "petition", "field_report"),
		one("status", r.Status, TicketsOpen, "received", "forwarded", "reopened", "resolved"),
		one("sort", string(r.Sort), string(TicketsByReceived), string(TicketsByDue)),
	)
}
