package explain

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// Cursor is where a page of events ended. The zero Cursor is before the first.
type Cursor struct {
	Now time.Time // of the first page: the ones after it look from the same moment
	At  time.Time
	Tie string
}

// String is what a reader gives back for the next page.
func (c Cursor) String() string {
	return strconv.FormatInt(c.Now.UnixMilli(), 36) + "." + strconv.FormatInt(c.At.UnixMilli(), 36) + "." + base64.RawURLEncoding.EncodeToString([]byte(c.Tie))
}

// parseCursor reads what String wrote, no later than now.
func parseCursor(text string, now time.Time) (Cursor, error) {
	bad := fmt.Errorf("%w: %q is not where a page ended", query.ErrBadRequest, text)
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return Cursor{}, bad
	}
	from, err1 := strconv.ParseInt(parts[0], 36, 64)
	at, err2 := strconv.ParseInt(parts[1], 36, 64)
	tie, err3 := base64.RawURLEncoding.DecodeString(parts[2])
	if err := cmp.Or(err1, err2, err3); err != nil || len(tie) == 0 {
		return Cursor{}, bad
	}
	c := Cursor{Now: time.UnixMilli(from).UTC(), At: time.UnixMilli(at).UTC(), Tie: string(tie)}
	// A clock of another server may be a little ahead; outside of these years no moment can be written as SQL.
	if c.Now.After(now.Add(time.Minute)) || c.Now.Year() < 2000 || c.At.Year() < 1970 || c.At.Year() > 2200 {
		return Cursor{}, bad
	}
	return c, nil
}

// The two counts of which the events can be listed.
const (
	PartNumerator   = "numerator"
	PartDenominator = "denominator"
)

// part says which count is listed: where there is but one, this one.
func part(k kpi.KPI, text string) (string, error) {
	two := false
	switch k.Formula.Kind {
	case kpi.KindRatio, kpi.KindStandingRatio, kpi.KindUp, kpi.KindDown, kpi.KindFeed:
		two = true
	default:
	}
	switch {
	case text == "" && two:
		return PartDenominator, nil
	case text == "":
		return PartNumerator, nil
	case text != PartNumerator && text != PartDenominator:
		return "", fmt.Errorf("%w: part is %q, want numerator or denominator", query.ErrBadRequest, text)
	case text == PartDenominator && !two:
		return "", fmt.Errorf("%w: of this KPI the same events make numerator and denominator", query.ErrBadRequest)
	default:
		return text, nil
	}
}

// list finds what a request about events is about, and where its page begins.
func (e *Explainer) list(ctx context.Context, scope query.Scope, r query.EventsRequest) (s subject, after Cursor, out wire.KPIEventList, err error) {
	now := e.Now().UTC()
	if r.After != "" {
		if after, err = parseCursor(r.After, now); err != nil {
			return s, after, out, err
		}
		now = after.Now
	}
	if s, err = e.find(ctx, scope, r.ExplainRequest, now); err != nil {
		return s, after, out, err
	}
	if s.basis == wire.BasisKept {
		return s, after, out, fmt.Errorf("%w: of how things stood at a past moment only the counts were kept; without from and to the list shows what stands now",
			query.ErrBadRequest)
	}
	if s.KPI.Formula.Kind == kpi.KindScore {
		return s, after, out, fmt.Errorf("%w: a score is made of criteria and not of events: /api/v1/scorecards/%s opens it", query.ErrBadRequest, s.KPI.Formula.Scorecard)
	}
	p, err := part(s.KPI, r.Part)
	if err != nil {
		return s, after, out, err
	}
	s.Numerator = p == PartNumerator
	out = wire.KPIEventList{
		KPI: s.KPI.ID, Centre: s.centre.Code, Window: window(s), Part: p, Fields: Told(s.KPI), Events: []wire.KPIEvent{},
	}
	return s, after, out, nil
}

// Events returns a page of what was counted, the newest first.
func (e *Explainer) Events(ctx context.Context, scope query.Scope, r query.EventsRequest) (wire.KPIEventList, error) {
	if r.Limit <= 0 || r.Limit > query.MaxEvents {
		r.Limit = query.MaxEvents
	}
	s, after, out, err := e.list(ctx, scope, r)
	if err != nil {
		return wire.KPIEventList{}, err
	}
	rows, err := e.rows(ctx, s, after, r.Limit+1) // one more tells whether there is a next page
	if err != nil {
		return wire.KPIEventList{}, err
	}
	if len(rows) > r.Limit {
		rows = rows[:r.Limit]
		out.Next = s.after(rows[r.Limit-1]).String()
	}
	for _, row := range rows {
		out.Events = append(out.Events, row.KPIEvent)
	}
	return out, nil
}

func (s subject) after(r Row) Cursor { return Cursor{Now: s.Now, At: r.At, Tie: r.Tie} }

// eachPage is how many events an export holds at a time.
const eachPage = 5000

// Each hands over all that was counted, the newest first, one by one. begin is called before the first with the list that
// they are of, without its events.
func (e *Explainer) Each(ctx context.Context, scope query.Scope, r query.EventsRequest, begin func(wire.KPIEventList) error, yield func(*wire.KPIEvent) error) error {
	s, after, list, err := e.list(ctx, scope, r)
	if err != nil {
		return err
	}
	for begun := false; ; begun = true {
		rows, err := e.rows(ctx, s, after, eachPage)
		if err != nil {
			return err
		}
		if !begun {
			if err := begin(list); err != nil {
				return err
			}
		}
		for i := range rows {
			if err := yield(&rows[i].KPIEvent); err != nil {
				return err
			}
		}
		if len(rows) < eachPage {
			return nil
		}
		after = s.after(rows[len(rows)-1])
	}
}

func (e *Explainer) rows(ctx context.Context, s subject, after Cursor, limit int) ([]Row, error) {
	if s.KPI.Formula.Kind != kpi.KindFeed {
		return e.Witness.Rows(ctx, s.Behind, after, limit)
	}
	feeds, err := e.feeds(ctx, s.Behind)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, f := range feeds {
		r := feedRow(f)
		if s.Numerator && f.State != wire.FeedAlive || after.Tie != "" && newerOrSame(r, after) {
			continue
		}
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Tie, a.Tie)) })
	return rows[:min(limit, len(rows))], nil
}

func newerOrSame(r Row, c Cursor) bool {
	return r.At.After(c.At) || r.At.Equal(c.At) && r.Tie >= c.Tie
}

// feeds lists the feeds that are in a number.
func (e *Explainer) feeds(ctx context.Context, b Behind) ([]wire.Feed, error) {
	feeds, err := e.Counter.Feeds(ctx, b.Now)
	return slices.DeleteFunc(feeds, func(f wire.Feed) bool { return !e.has(b.Senders, f.Centre) }), err
}

func feedRow(f wire.Feed) Row {
	r := Row{Tie: f.Centre + "/" + f.Domain, KPIEvent: wire.KPIEvent{
		At: time.Unix(0, 0).UTC(), Kind: "feed", Centre: f.Centre, Time: f.NewestEvent, Arrived: f.NewestArrival, Numerator: new(0.0), Denominator: new(1.0),
		Fields: map[string]string{
			"domain": f.Domain, "state": string(f.State), "interval_seconds": strconv.FormatFloat(f.IntervalSeconds, 'f', -1, 64),
			"sources": strconv.FormatUint(f.Sources, 10), "silent_sources": strconv.FormatUint(f.SilentSources, 10),
		},
	}}
	if f.State == wire.FeedAlive {
		*r.Numerator = 1
	}
	if f.NewestArrival != nil {
		r.At = *f.NewestArrival
	}
	return r
}
