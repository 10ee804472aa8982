// Package report says how a centre, and all below it, stood in a period.
package report

import (
	"context"
	"math/big"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/say"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// historyLength is how many periods a history has, the period itself included: a month, and the same a year before.
const historyLength = 13

// Node is a centre with all whose events count for it: itself, and all below.
type Node struct {
	Code    string
	Centres []string
}

// Window is a span of time that values are asked for; To is exclusive.
type Window struct{ From, To time.Time }

// Question asks for many values at once: of each KPI and node, in each window.
type Question struct {
	KPIs    []kpi.KPI
	Nodes   []Node
	Windows []Window
	AsOf    time.Time // what was counted or corrected later is left out
}

// Cell is what was counted of a KPI in a window, merged over the centres of a node. Of a quantile, Samples holds
// nothing but the quantile of all samples.
type Cell struct {
	Node   string
	Window int // index
	query.Count
	Events uint64 // behind it
}

// Kept is how the values that were shown went through a window.
type Kept struct {
	KPI, Node string
	Window    int
	Last      *float64 // value of the last minute
	Mean      *float64 // of all minutes that have a value
	Days      *float64 // sum of the last values of all days
	Num, Den  *float64 // of the last minute
}

// Said is what one event says of a figure. The events of a key are versions of one.
type Said struct {
	KPI, Node string
	Period    string
	Key       string
	Version   *big.Int // of two with one key the greater counts
	Time      time.Time
	Revision  uint16
	Digest    uint64
	Arrived   time.Time
	Value     *float64 // without the KPI's scale
	Withdrawn bool     // it takes back what its key said
}

// Store is where values come from.
type Store interface {
	// Rolled returns what was counted of KPIs that are rolled up; what is zero for lack of events is left out.
	Rolled(ctx context.Context, q Question) ([]Cell, error)
	// History returns how the values of all other KPIs, but of figures, went through the windows.
	History(ctx context.Context, q Question) ([]Kept, error)
	// Said returns what was said of figures, whatever their period, in the order of arrival.
	Said(ctx context.Context, q Question) ([]Said, error)
}

// Change is what stood behind a KPI of one centre on one day until a moment.
type Change struct {
	query.Day
	Current bool // not a change: it stands now
}

// Basis is what a report rests on.
type Basis struct{ Events, Rejected uint64 }

// Ledger knows what the values rest on, and how they came to be what they are.
type Ledger interface {
	// Changes returns what was replaced in a window after a moment, in the order of time, and what stands in its place.
	Changes(ctx context.Context, q Question, w Window, after time.Time) ([]Change, error)
	Basis(ctx context.Context, n Node, w Window, asOf time.Time) (Basis, error)
	// Reach is the first moment that can be looked from, among those that need the same tiers as asOf: finer ones are kept for
	// less time. It is zero when there is nothing.
	Reach(ctx context.Context, asOf time.Time) (time.Time, error)
}

// Reports makes reports.
type Reports struct {
	Store     Store
	Ledger    Ledger
	Minutes   Minutes
	Registry  *schemas.Registry
	Catalogue func() *kpi.Catalogue // the one in force
	Now       func() time.Time
}

// maker makes one report.
type maker struct {
	*Reports
	centre  schemas.Centre
	below   []schemas.Centre
	periods periods
	now     time.Time
	asOf    time.Time
	kpis    []kpi.KPI

	cells   map[cellPlace]Cell
	kept    map[cellPlace]Kept
	figures map[figurePlace]published
	heard   map[cellPlace]bool // what things were heard of at all; the KPI is the thing

	basis Basis
}

// cellPlace is where a value stands.
type cellPlace struct {
	kpi, node string
	window    int
}

// Report makes a report.
func (a *Reports) Report(ctx context.Context, scope query.Scope, r query.ReportRequest) (*wire.Report, error) {
	m, err := a.plan(ctx, scope, r)
	if err != nil {
		return nil, err
	}
	if err := m.read(ctx, func(ctx context.Context) (err error) {
		m.basis, err = a.Ledger.Basis(ctx, m.nodes()[0], m.periods.windows[0], m.asOf)
		return err
	}); err != nil {
		return nil, err
	}
	out := &wire.Report{
		Centre: wire.Centre(m.centre), IssuedAt: m.now, AsOf: m.asOf, Below: []wire.Centre{}, Summary: []wire.ReportSentence{},
		Period: m.told(m.periods.main), Previous: m.told(m.periods.main.Previous()), LastYear: m.told(m.periods.main.LastYear()),
	}
	for _, c := range m.below {
		out.Below = append(out.Below, wire.Centre(c))
	}
	out.Pillars = m.pillars()
	if err := m.revise(ctx, out); err != nil {
		return nil, err
	}
	m.data(out)
	out.Summary = summary(out)
	return out, nil
}

// plan checks the request.
func (a *Reports) plan(ctx context.Context, scope query.Scope, r query.ReportRequest) (*maker, error) {
	p, err := period.Parse(r.Period)
	if err != nil {
		return nil, query.Refuse(query.ErrBadRequest, "Kỳ báo cáo %[1]q không đúng: hãy ghi một trong các dạng %[3]s.", "%[2]v.", r.Period, err, period.Accepted)
	}
	m := &maker{Reports: a, now: a.Now().UTC().Truncate(time.Millisecond), kpis: a.Catalogue().KPIs}
	m.asOf = m.now
	if !r.AsOf.IsZero() {
		m.asOf = r.AsOf.UTC().Truncate(time.Millisecond)
	}
	centre, ok := a.Registry.Centre(r.Centre)
	if !ok || !scope.Sees(r.Centre) {
		return nil, query.ErrNotFound
	}
	m.centre = centre
	for _, c := range a.Registry.Centres {
		if c.Parent == centre.Code && scope.Sees(c.Code) && m.exists(c, p) {
			m.below = append(m.below, c)
		}
	}
	if err := m.check(ctx, p, !r.AsOf.IsZero()); err != nil {
		return nil, err
	}
	m.periods = newPeriods(p, m.asOf, m.kpis)
	return m, nil
}

// exists tells whether there was such a centre in a period, as far as it has passed.
func (m *maker) exists(c schemas.Centre, p period.Period) bool {
	return c.From.Before(p.To) && c.From.Before(m.asOf) && (c.To == nil || c.To.After(p.From))
}

// check refuses what can't be answered.
func (m *maker) check(ctx context.Context, p period.Period, lookBack bool) error {
	name, at := p.Name(), func(t time.Time, language string) string { return say.Moment(t, language) }
	refuse := func(kind error, vi, en string) error {
		return &query.Refusal{Kind: kind, Text: schemas.Text{VI: vi, EN: en}}
	}
	switch {
	case m.asOf.After(m.now):
		return refuse(query.ErrBadRequest, "Thời điểm nhìn lại "+at(m.asOf, "vi")+" còn ở phía trước.", "The moment to look from, "+at(m.asOf, "en")+", is yet to come.")
	case !p.From.Before(m.asOf):
		return refuse(query.ErrBadRequest, "Kỳ báo cáo "+name.VI+" chưa bắt đầu vào lúc "+at(m.asOf, "vi")+".",
			"The period "+name.EN+" had not begun at "+at(m.asOf, "en")+".")
	case !m.exists(m.centre, p):
		return refuse(query.ErrNotFound, m.centre.Name.VI+" không có trung tâm điều hành trong kỳ "+name.VI+".",
			m.centre.Name.EN+" had no operations centre in the period "+name.EN+".")
	case !lookBack:
		return nil
	}
	reach, err := m.Ledger.Reach(ctx, m.asOf)
	if err == nil && m.asOf.Before(reach) {
		return refuse(query.ErrNotFound, "Không thể nhìn lại đến "+at(m.asOf, "vi")+": dữ liệu chi tiết đến mức đó chỉ có từ "+at(reach, "vi")+".",
			"It is not possible to look back to "+at(m.asOf, "en")+": data of that detail reaches back to "+at(reach, "en")+".")
	}
	return err
}

// nodes are the centre and those below it.
func (m *maker) nodes() []Node {
	var out []Node
	for _, c := range append([]schemas.Centre{m.centre}, m.below...) {
		n := Node{Code: c.Code}
		for _, o := range m.Registry.Centres {
			if slices.Contains(m.Registry.Above(o.Code), c.Code) {
				n.Centres = append(n.Centres, o.Code)
			}
		}
		out = append(out, n)
	}
	return out
}

// read asks all questions side by side, and whatever more is to be asked.
func (m *maker) read(ctx context.Context, more ...func(context.Context) error) error {
	q := Question{Nodes: m.nodes(), Windows: m.periods.windows, AsOf: m.asOf}
	about := func(kinds func(kpi.Kind) bool) Question {
		out := q
		for _, k := range m.kpis {
			if kinds(k.Formula.Kind) {
				out.KPIs = append(out.KPIs, k)
			}
		}
		return out
	}
	figure := func(k kpi.Kind) bool { return k == kpi.KindFigure }
	var cells []Cell
	var kept []Kept
	var said []Said
	work, inner := errgroup.WithContext(ctx)
	work.Go(func() (err error) {
		cells, err = m.Store.Rolled(inner, about(kpi.Kind.Rolled))
		return err
	})
	work.Go(func() (err error) {
		kept, err = m.Store.History(inner, about(func(k kpi.Kind) bool { return !k.Rolled() && !figure(k) }))
		return err
	})
	work.Go(func() (err error) {
		said, err = m.Store.Said(inner, about(figure))
		return err
	})
	for _, ask := range more {
		work.Go(func() error { return ask(inner) })
	}
	if err := work.Wait(); err != nil {
		return err
	}
	m.figures = publish(said)
	m.take(cells, kept)
	return nil
}

// take puts all answers in their places.
func (m *maker) take(cells []Cell, kept []Kept) {
	m.cells, m.kept = map[cellPlace]Cell{}, map[cellPlace]Kept{}
	m.heard = map[cellPlace]bool{}
	of := map[string]string{}
	for _, k := range m.kpis {
		of[k.ID] = k.Formula.Of
	}
	for _, c := range cells {
		m.cells[cellPlace{c.KPI, c.Node, c.Window}] = c
		if c.Events > 0 {
			m.heard[cellPlace{of[c.KPI], c.Node, c.Window}] = true
			m.heard[cellPlace{anything, c.Node, c.Window}] = true
		}
	}
	for _, v := range kept {
		m.kept[cellPlace{v.KPI, v.Node, v.Window}] = v
		if v.Mean != nil {
			m.heard[cellPlace{of[v.KPI], v.Node, v.Window}] = true
		}
	}
}

// anything stands for whatever was heard.
const anything = ""

// data says what the report rests on.
func (m *maker) data(out *wire.Report) {
	d := &out.Data
	d.Events, d.Rejected = m.basis.Events, m.basis.Rejected
	for _, c := range m.cells {
		if c.Window == 0 && c.Node == m.centre.Code && (d.NewestEvent == nil || c.Newest.After(*d.NewestEvent)) && !c.Newest.IsZero() {
			at := c.Newest
			d.NewestEvent = &at
		}
	}
	d.Feeds = len(m.nodes()[0].Centres) * len(m.Registry.Domains)
	for _, k := range m.kpis {
		if v := m.kept[cellPlace{k.ID, m.centre.Code, m.periods.latest}]; k.Formula.Kind == kpi.KindFeed && v.Num != nil && v.Den != nil {
			d.FeedsAlive, d.Feeds = int(*v.Num), int(*v.Den)
		}
	}
	for _, p := range out.Pillars {
		for _, r := range p.Rows {
			if r.Value.Value == nil {
				d.Missing++
			}
			if len(r.Value.Revisions) > 0 {
				d.Revised++
			}
		}
	}
}

// told is a period as the report tells of it.
func (m *maker) told(p period.Period) wire.ReportPeriod {
	return wire.ReportPeriod{
		Text: p.Text(), Kind: string(p.Kind), Name: p.Name(), From: p.From, To: p.To, State: wire.PeriodStateAt(p.To, m.asOf),
	}
}
