// Package explain says where a number comes from, and lists what was counted.
package explain

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/binhphuoc/ioc/query"
	qkpi "github.com/binhphuoc/ioc/query/kpi"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// Senders are the centres whose events are in a number.
type Senders struct {
	Codes []string
	Rest  bool // also what names no centre of the registry, which counts for the one at the top
}

// Behind names what stands behind a number.
type Behind struct {
	qkpi.Question
	Now       time.Time
	Senders   Senders
	Numerator bool // only what the numerator counts
	// Period is that of the one figure that is meant; empty: the latest.
	Period string
}

// Row is one thing that was counted.
type Row struct {
	wire.KPIEvent
	Tie string // tells things with one At apart, and orders them
}

// Counter is where the evaluator takes its counts from: what is explained is what was shown.
type Counter interface {
	Counts(ctx context.Context, questions []qkpi.Question, now time.Time) ([]query.Count, error)
	Feeds(ctx context.Context, now time.Time) ([]wire.Feed, error)
}

// Ledger knows what was shown before.
type Ledger interface {
	// KeptValues returns the newest values that were kept of these centres for minutes in a span.
	KeptValues(ctx context.Context, k kpi.KPI, centres []string, from, to time.Time) ([]wire.Value, error)
	DayCounts(ctx context.Context, k kpi.KPI, centres []string, from, to time.Time) ([]query.Day, error)
	Revisions(ctx context.Context, k kpi.KPI, centres []string, from, to time.Time) ([]query.Day, error)
}

// Witness knows the events themselves. It is not asked about feeds, which are no events.
type Witness interface {
	Evidence(ctx context.Context, b Behind) (wire.Evidence, error)
	// Rows lists what was counted, the newest first, after a place in that order: up to limit.
	Rows(ctx context.Context, b Behind, after Cursor, limit int) ([]Row, error)
	Refusals(ctx context.Context, b Behind, from, to time.Time) (wire.RefusedShare, error)
}

// Teller knows what reports tell.
type Teller interface {
	Row(ctx context.Context, scope query.Scope, r query.ReportRequest, kpi string) (query.Told, error)
}

// Explainer answers where numbers come from.
type Explainer struct {
	Counter   Counter
	Teller    Teller
	Ledger    Ledger
	Witness   Witness
	Registry  *schemas.Registry
	Catalogue func() *kpi.Catalogue // the one in force
	Scores    func() []query.Count  // newest points of KPIs that are scores; nil: there are none
	Now       func() time.Time
}

// subject is a number that the reader may ask about.
type subject struct {
	Behind
	centre schemas.Centre
	basis  wire.Basis
	told   *query.Told // by the report that is meant; nil: by none
}

const (
	grain = 10 * time.Second // the finest that is counted by
	// maxSpan bounds a request: nobody keeps more.
	maxSpan = 10 * 366 * 24 * time.Hour
)

// subject finds what a request is about. What the reader may not see in whole is not there.
func (e *Explainer) subject(scope query.Scope, r query.ExplainRequest, now time.Time) (subject, error) {
	k, ok := e.Catalogue().ByID(r.KPI)
	centre, known := e.Registry.Centre(r.Centre)
	if !ok || !known || !scope.Sees(r.Centre) {
		return subject{}, query.ErrNotFound
	}
	s := subject{centre: centre, basis: wire.BasisLive, Behind: Behind{Question: qkpi.Question{KPI: k}, Now: now.UTC()}}
	s.Senders = e.senders(k, r.Centre)
	for _, code := range s.Senders.Codes {
		if !scope.Sees(code) {
			return subject{}, query.ErrNotFound
		}
	}
	if s.Senders.Rest && !scope.SeesAll() {
		return subject{}, query.ErrNotFound
	}
	switch {
	case r.From.IsZero() && r.To.IsZero():
		s.From, s.To = qkpi.Span(k.Window, now)
		return s, nil
	case r.From.IsZero() || r.To.IsZero():
		return subject{}, fmt.Errorf("%w: from and to go together", query.ErrBadRequest)
	case !r.From.Before(r.To):
		return subject{}, fmt.Errorf("%w: the span ends before it begins", query.ErrBadRequest)
	case r.To.Sub(r.From) > maxSpan:
		return subject{}, fmt.Errorf("%w: the span is longer than ten years", query.ErrBadRequest)
	}
	s.From, s.To = r.From.UTC().Truncate(grain), r.To.UTC().Add(grain-1).Truncate(grain)
	s.basis = wire.BasisPeriod
	if kind := k.Formula.Kind; !kind.Rolled() && kind != kpi.KindFigure {
		s.basis = wire.BasisKept
	}
	return s, nil
}

// senders lists whose events are in a number of a centre, as Merge adds them.
func (e *Explainer) senders(k kpi.KPI, centre string) Senders {
	if k.Formula.Kind == kpi.KindFigure || k.Formula.Kind == kpi.KindScore {
		return Senders{Codes: []string{centre}}
	}
	s := Senders{Rest: centre == e.Registry.Centres[0].Code}
	for _, c := range e.Registry.Centres {
		if slices.Contains(e.Registry.Above(c.Code), centre) {
			s.Codes = append(s.Codes, c.Code)
		}
	}
	return s
}

// has tells whether what a centre sent is in the number.
func (e *Explainer) has(s Senders, centre string) bool {
	_, known := e.Registry.Centre(centre)
	return slices.Contains(s.Codes, centre) || s.Rest && !known
}

// Explain says where a number comes from.
func (e *Explainer) Explain(ctx context.Context, scope query.Scope, r query.ExplainRequest) (wire.Explanation, error) {
	s, err := e.find(ctx, scope, r, e.Now())
	if err != nil {
		return wire.Explanation{}, err
	}
	out := wire.Explanation{
		KPI: words(s.KPI), Centre: wire.Centre(s.centre), At: s.Now, Basis: s.basis, Window: window(s), Definition: definition(s),
		Warning: bound(s.KPI.Warning), Alarm: bound(s.KPI.Alarm), Target: target(s), Rollups: tiers(s), Revisions: []wire.DayRevision{},
	}
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error { return e.number(ctx, s, &out) })
	work.Go(func() (err error) {
		out.Refused, err = e.refused(ctx, s)
		return err
	})
	work.Go(func() (err error) {
		out.Evidence, err = e.evidence(ctx, s)
		return err
	})
	work.Go(func() error {
		revised, err := e.revisions(ctx, s)
		out.Revisions = append(out.Revisions, revised...)
		return err
	})
	if err := work.Wait(); err != nil {
		return wire.Explanation{}, err
	}
	if s.basis == wire.BasisPeriod && out.Evidence != nil {
		out.Value.At = out.Evidence.Newest
	}
	if s.told != nil {
		asTold(s, &out)
	}
	return out, nil
}

// number computes the value in the way of the evaluator, and what each centre has in it.
func (e *Explainer) number(ctx context.Context, s subject, out *wire.Explanation) error {
	switch {
	case s.told != nil && !s.KPI.Formula.Kind.Rolled():
		out.Centres = toldCentres(s)
		return nil
	case s.basis == wire.BasisKept:
		return e.kept(ctx, s, out)
	}
	before, err := e.before(ctx, s)
	if err != nil {
		return err
	}
	one := &kpi.Catalogue{KPIs: []kpi.KPI{s.KPI}}
	counts, err := e.counts(ctx, s, one)
	if err != nil {
		return err
	}
	q := s.Question
	if s.basis == wire.BasisPeriod {
		q.KPI.StaleAfter = 0 // the past does not age
	}
	merged := qkpi.Merge(e.Registry, one, counts)[qkpi.Place{KPI: s.KPI.ID, Centre: s.centre.Code}]
	out.Value, _ = qkpi.Judge(q, s.centre.Code, merged, before, s.Now)
	if merged != nil {
		out.Samples = samples(s.KPI, *merged)
	}
	out.Centres = e.parts(q, s, counts)
	return nil
}

func (e *Explainer) counts(ctx context.Context, s subject, one *kpi.Catalogue) ([]query.Count, error) {
	switch {
	case s.KPI.Formula.Kind == kpi.KindFeed:
		feeds, err := e.Counter.Feeds(ctx, s.Now)
		return qkpi.FeedCounts(one, feeds), err
	case s.KPI.Formula.Kind == kpi.KindScore && e.Scores == nil:
		return nil, nil
	case s.KPI.Formula.Kind == kpi.KindScore:
		return slices.DeleteFunc(e.Scores(), func(n query.Count) bool { return n.KPI != s.KPI.ID }), nil
	}
	return e.Counter.Counts(ctx, []qkpi.Question{s.Question}, s.Now)
}

// before is how the value was judged last: between the two ends of a bound that decides.
func (e *Explainer) before(ctx context.Context, s subject) (kpi.Level, error) {
	if s.basis != wire.BasisLive {
		return kpi.LevelOK, nil
	}
	kept, err := e.Ledger.KeptValues(ctx, s.KPI, []string{s.centre.Code}, s.Now.Add(-10*time.Minute), s.Now)
	if err != nil || len(kept) == 0 {
		return kpi.LevelOK, err
	}
	return map[wire.State]kpi.Level{wire.StateWarning: kpi.LevelWarning, wire.StateAlarm: kpi.LevelAlarm}[kept[0].State], nil
}

// parts says what each centre has in the number, in the order of the registry.
func (e *Explainer) parts(q qkpi.Question, s subject, counts []query.Count) []wire.ExplainedCentre {
	byCentre := map[string]*query.Count{}
	codes := slices.Clone(s.Senders.Codes)
	for _, n := range counts {
		if !e.has(s.Senders, n.Centre) {
			continue
		}
		if !slices.Contains(codes, n.Centre) {
			codes = append(codes, n.Centre)
		}
		if byCentre[n.Centre] == nil {
			byCentre[n.Centre] = &query.Count{}
		}
		byCentre[n.Centre].Add(n)
	}
	out := []wire.ExplainedCentre{}
	for _, code := range codes {
		c := byCentre[code]
		if c == nil {
			continue
		}
		v, _ := qkpi.Judge(q, code, c, kpi.LevelOK, s.Now)
		num, den := query.Shown(s.KPI.Formula.Kind, *c)
		out = append(out, wire.ExplainedCentre{
			Centre: code, Value: v.Value, Numerator: num, Denominator: den, Samples: samples(s.KPI, *c), Newest: v.At,
		})
	}
	return out
}

// samples is how many values stand behind a value that is no quotient of counts.
func samples(k kpi.KPI, c query.Count) *int {
	switch k.Formula.Kind {
	case kpi.KindQuantile, kpi.KindLast, kpi.KindSumPerSource, kpi.KindAirQuality:
		n := len(c.Samples)
		return &n
	default:
		return nil
	}
}

// kept tells how things stood at the end of a span: of that the values were kept, and no events.
func (e *Explainer) kept(ctx context.Context, s subject, out *wire.Explanation) error {
	out.Value = wire.Value{KPI: s.KPI.ID, Centre: s.centre.Code, State: wire.StateNoData}
	out.Centres = []wire.ExplainedCentre{}
	values, err := e.Ledger.KeptValues(ctx, s.KPI, s.Senders.Codes, s.From, s.To)
	if err != nil {
		return err
	}
	for _, code := range s.Senders.Codes {
		for _, v := range values {
			if v.Centre != code {
				continue
			}
			if code == s.centre.Code {
				out.Value = v
			}
			if part, ok := e.own(s.KPI, v, values); ok {
				out.Centres = append(out.Centres, part)
			}
		}
	}
	return nil
}

// own is what a centre itself has in a value that was kept of it: that of the centres below it is taken away.
// Values across sources can't be taken apart.
func (e *Explainer) own(k kpi.KPI, v wire.Value, values []wire.Value) (wire.ExplainedCentre, bool) {
	out := wire.ExplainedCentre{Centre: v.Centre, Value: v.Value, Numerator: v.Numerator, Denominator: v.Denominator}
	below := false
	for _, o := range values {
		if c, _ := e.Registry.Centre(o.Centre); c.Parent == v.Centre {
			below = true
			out.Numerator, out.Denominator = less(out.Numerator, o.Numerator), less(out.Denominator, o.Denominator)
		}
	}
	if !below {
		return out, true
	}
	if v.Numerator == nil {
		return out, false
	}
	c := query.Count{Num: *out.Numerator}
	if out.Denominator != nil {
		c.Den = *out.Denominator
	}
	if k.Formula.Kind == kpi.KindDown {
		c.Num = c.Den - c.Num // Compute takes those that are up
	}
	out.Value = query.Compute(k, c, 0)
	return out, true
}

func less(a, b *float64) *float64 {
	if a == nil || b == nil {
		return a
	}
	return new(*a - *b)
}

func (e *Explainer) evidence(ctx context.Context, s subject) (*wire.Evidence, error) {
	switch {
	case s.basis == wire.BasisKept, s.KPI.Formula.Kind == kpi.KindScore:
		return nil, nil //nolint:nilnil // only counts were kept, or it is made of other KPIs; that is no error
	case s.KPI.Formula.Kind != kpi.KindFeed:
		out, err := e.Witness.Evidence(ctx, s.Behind)
		return &out, err
	}
	feeds, err := e.feeds(ctx, s.Behind)
	if err != nil {
		return nil, err
	}
	out := &wire.Evidence{Things: uint64(len(feeds))}
	for _, f := range feeds {
		out.Sources += f.Sources
		if f.NewestEvent != nil && (out.Newest == nil || f.NewestEvent.After(*out.Newest)) {
			out.Newest, out.NewestArrival = f.NewestEvent, f.NewestArrival
		}
	}
	return out, nil
}

// refused looks at the window, or at the last 24 hours where the number says how things stand.
func (e *Explainer) refused(ctx context.Context, s subject) (wire.RefusedShare, error) {
	if s.KPI.Formula.Kind == kpi.KindScore {
		return wire.RefusedShare{Domains: []string{}}, nil // its criteria have their own
	}
	from, to := s.From, s.To
	if !from.Before(to) {
		from, to = s.Now.Add(-24*time.Hour), s.Now
	}
	return e.Witness.Refusals(ctx, s.Behind, from, to)
}

// maxRevisions is how many changes are told, the newest.
const maxRevisions = 200

// revisions lists how the closed days in the window changed.
func (e *Explainer) revisions(ctx context.Context, s subject) ([]wire.DayRevision, error) {
	const day = 24 * time.Hour
	from, to := startOfDay(s.From.Add(day-1)), startOfDay(s.To)
	if !s.KPI.Formula.Kind.Rolled() || !from.Before(to) {
		return nil, nil
	}
	replaced, err := e.Ledger.Revisions(ctx, s.KPI, s.Senders.Codes, from, to)
	if err != nil || len(replaced) == 0 {
		return nil, err
	}
	standing, err := e.Ledger.DayCounts(ctx, s.KPI, s.Senders.Codes, from, to)
	if err != nil {
		return nil, err
	}
	replaced = replaced[max(0, len(replaced)-maxRevisions):]
	out := make([]wire.DayRevision, 0, len(replaced))
	for _, d := range replaced {
		r := wire.DayRevision{Day: d.Bucket.UTC(), Centre: d.Centre, At: d.Until.UTC(), Before: query.Compute(s.KPI, d.Count, day)}
		for _, n := range standing {
			if n.Centre == d.Centre && n.Bucket.Equal(d.Bucket) {
				r.Now = query.Compute(s.KPI, n.Count, day)
			}
		}
		out = append(out, r)
	}
	return out, nil
}

func startOfDay(t time.Time) time.Time {
	y, m, d := t.In(period.Zone()).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, period.Zone()).UTC()
}
