package explain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/binhphuoc/ioc/query"
	qkpi "github.com/binhphuoc/ioc/query/kpi"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// fake answers with what a test puts in, and remembers what it was asked.
type fake struct {
	counts  []query.Count
	feeds   []wire.Feed
	kept    []wire.Value
	rows    []Row
	behind  Behind
	keptAsk []string
}

func (f *fake) Counts(context.Context, []qkpi.Question, time.Time) ([]query.Count, error) {
	return f.counts, nil
}

func (f *fake) Feeds(context.Context, time.Time) ([]wire.Feed, error) {
	return slices.Clone(f.feeds), nil
}

func (f *fake) KeptValues(_ context.Context, _ kpi.KPI, centres []string, _, _ time.Time) ([]wire.Value, error) {
	f.keptAsk = centres
	return f.kept, nil
}

func (f *fake) DayCounts(context.Context, kpi.KPI, []string, time.Time, time.Time) ([]query.Day, error) {
	return nil, nil
}

func (f *fake) Revisions(context.Context, kpi.KPI, []string, time.Time, time.Time) ([]query.Day, error) {
	return nil, nil
}

func (f *fake) Evidence(_ context.Context, b Behind) (wire.Evidence, error) {
	f.behind = b
	return wire.Evidence{}, nil
}

func (f *fake) Rows(_ context.Context, b Behind, after Cursor, limit int) ([]Row, error) {
	f.behind = b
	rows := slices.DeleteFunc(slices.Clone(f.rows), func(r Row) bool { return after.Tie != "" && newerOrSame(r, after) })
	return rows[:min(limit, len(rows))], nil
}

func (f *fake) Refusals(context.Context, Behind, time.Time, time.Time) (wire.RefusedShare, error) {
	return wire.RefusedShare{}, nil
}

func now() time.Time { return time.Date(2026, 10, 14, 3, 0, 0, 0, time.UTC) }

func explainer(t *testing.T, f *fake) *Explainer {
	t.Helper()
	registry, err := schemas.BuiltinRegistry()
	if err != nil {
		t.Fatal(err)
	}
	catalogue, errs := kpi.Builtin()
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return &Explainer{Counter: f, Ledger: f, Witness: f, Registry: registry, Catalogue: func() *kpi.Catalogue { return catalogue }, Now: now}
}

func TestNothingOutsideTheScopeIsExplained(t *testing.T) {
	f := &fake{}
	e := explainer(t, f)
	registered := query.Only("province", "dong-xoai", "phuoc-long", "binh-long")
	tests := []struct {
		name        string
		scope       query.Scope
		kpi, centre string
		seen        bool
	}{
		{"its own", query.Only("dong-xoai"), "ticket.overdue", "dong-xoai", true},
		{"another centre", query.Only("dong-xoai"), "ticket.overdue", "binh-long", false},
		{"the total of all", query.Only("dong-xoai"), "ticket.overdue", "province", false},
		{"the total, with the province's own", query.Only("province"), "ticket.overdue", "province", false},
		{"the total, with what names no centre", registered, "ticket.overdue", "province", false},
		{"a figure of the province alone", query.Only("province"), "budget.revenue", "province", true},
		{"the total for who sees everything", query.Everything(), "ticket.overdue", "province", true},
		{"no scope", query.Scope{}, "ticket.overdue", "dong-xoai", false},
		{"an unknown KPI", query.Everything(), "none", "province", false},
		{"an unknown centre", query.Everything(), "ticket.overdue", "nowhere", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q := query.ExplainRequest{KPI: tt.kpi, Centre: tt.centre}
			_, err1 := e.Explain(t.Context(), tt.scope, q)
			_, err2 := e.Events(t.Context(), tt.scope, query.EventsRequest{ExplainRequest: q})
			err3 := e.Each(t.Context(), tt.scope, query.EventsRequest{ExplainRequest: q}, func(wire.KPIEventList) error { return nil }, func(*wire.KPIEvent) error { return nil })
			for _, err := range []error{err1, err2, err3} {
				if tt.seen && err != nil || !tt.seen && !errors.Is(err, query.ErrNotFound) {
					t.Errorf("error is %v", err)
				}
			}
		})
	}
	if _, err := e.Explain(t.Context(), query.Only("dong-xoai"), query.ExplainRequest{KPI: "ticket.overdue", Centre: "dong-xoai"}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(Senders{Codes: []string{"dong-xoai"}}, f.behind.Senders); d != "" {
		t.Errorf("storage is asked about more than the scope (-want +got):\n%s", d)
	}
}

func TestRequestsThatMakeNoSense(t *testing.T) {
	e := explainer(t, &fake{})
	day := func(d int) time.Time { return time.Date(2026, 10, d, 0, 0, 0, 0, time.UTC) }
	ahead := Cursor{Now: now().Add(time.Hour), At: now(), Tie: "x"}.String()
	tests := map[string]query.EventsRequest{
		"from alone":            {ExplainRequest: query.ExplainRequest{KPI: "dossier.received", Centre: "province", From: day(1)}},
		"backwards":             {ExplainRequest: query.ExplainRequest{KPI: "dossier.received", Centre: "province", From: day(2), To: day(1)}},
		"a century":             {ExplainRequest: query.ExplainRequest{KPI: "dossier.received", Centre: "province", From: day(1), To: day(1).AddDate(100, 0, 0)}},
		"no such part":          {ExplainRequest: query.ExplainRequest{KPI: "dossier.received", Centre: "province"}, Part: "both"},
		"a part that is not":    {ExplainRequest: query.ExplainRequest{KPI: "dossier.received", Centre: "province"}, Part: PartDenominator},
		"a cursor":              {ExplainRequest: query.ExplainRequest{KPI: "dossier.received", Centre: "province"}, After: "x"},
		"a cursor of later":     {ExplainRequest: query.ExplainRequest{KPI: "dossier.received", Centre: "province"}, After: ahead},
		"a cursor without end":  {ExplainRequest: query.ExplainRequest{KPI: "dossier.received", Centre: "province"}, After: "a.b."},
		"a list of what passed": {ExplainRequest: query.ExplainRequest{KPI: "dossier.open", Centre: "province", From: day(1), To: day(2)}},
	}
	for name, q := range tests {
		if _, err := e.Events(t.Context(), query.Everything(), q); !errors.Is(err, query.ErrBadRequest) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

func TestAllPagesLookFromTheMomentOfTheFirst(t *testing.T) {
	f := &fake{}
	for i := range 5 { // two pairs with one time
		f.rows = append(f.rows, Row{Tie: fmt.Sprintf("t%d", 9-i), KPIEvent: wire.KPIEvent{At: now().Add(-time.Duration(i/2) * time.Second), Entity: fmt.Sprint(i)}})
	}
	e := explainer(t, f)
	clock := now()
	e.Now = func() time.Time { return clock }
	q := query.EventsRequest{ExplainRequest: query.ExplainRequest{KPI: "dossier.open", Centre: "province"}, Limit: 2}
	var got []string
	for {
		page, err := e.Events(t.Context(), query.Everything(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range page.Events {
			got = append(got, v.Entity)
		}
		if !f.behind.Now.Equal(now()) {
			t.Errorf("a page looks from %s", f.behind.Now)
		}
		if q.After = page.Next; q.After == "" {
			break
		}
		clock = clock.Add(time.Minute)
	}
	if d := cmp.Diff([]string{"0", "1", "2", "3", "4"}, got); d != "" {
		t.Error(d)
	}
}

func TestWhatWasKeptIsTakenApart(t *testing.T) {
	n := func(v float64) *float64 { return &v }
	f := &fake{kept: []wire.Value{
		{KPI: "camera.offline", Centre: "dong-xoai", Value: n(2), Numerator: n(2), Denominator: n(10), State: wire.StateOK},
		{KPI: "camera.offline", Centre: "province", Value: n(5), Numerator: n(5), Denominator: n(40), State: wire.StateWarning},
	}}
	e := explainer(t, f)
	x, err := e.Explain(t.Context(), query.Everything(), query.ExplainRequest{KPI: "camera.offline", Centre: "province", From: now().Add(-time.Hour), To: now()})
	if err != nil {
		t.Fatal(err)
	}
	want := []wire.ExplainedCentre{
		{Centre: "province", Value: n(3), Numerator: n(3), Denominator: n(30)},
		{Centre: "dong-xoai", Value: n(2), Numerator: n(2), Denominator: n(10)},
	}
	if d := cmp.Diff(want, x.Centres); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if x.Basis != wire.BasisKept || x.Evidence != nil || x.Value.State != wire.StateWarning {
		t.Errorf("basis %s, evidence %v, state %s", x.Basis, x.Evidence, x.Value.State)
	}
}

func TestTheLevelBetweenTheEndsOfABoundIsTheOneThatWasShown(t *testing.T) {
	f := &fake{counts: []query.Count{{KPI: "ticket.overdue", Centre: "dong-xoai", Num: 8, Newest: now()}}}
	e := explainer(t, f)
	q := query.ExplainRequest{KPI: "ticket.overdue", Centre: "dong-xoai"} // warning from 10, until 7
	for _, before := range []wire.State{wire.StateOK, wire.StateWarning} {
		f.kept = []wire.Value{{State: before}}
		x, err := e.Explain(t.Context(), query.Everything(), q)
		if err != nil {
			t.Fatal(err)
		}
		if x.Value.State != before {
			t.Errorf("state is %s, and was shown as %s", x.Value.State, before)
		}
	}
}

func TestDefinitionsAreSentences(t *testing.T) {
	e := explainer(t, &fake{})
	tests := map[string]schemas.Text{
		"dossier.on_time_rate": {
			VI: "Tỷ lệ hồ sơ đạt điều kiện của tử số; có completed_at từ 00:00:00 01/10/2026 đến trước 10:00:10 14/10/2026; điều kiện: status = “completed”; " +
				"tử số thêm điều kiện: completed_at ≤ due_at; nhân với 100.",
			EN: "Share of dossiers that the numerator admits; with completed_at from 00:00:00 01/10/2026 to before 10:00:10 14/10/2026; filter: status = “completed”; " +
				"the numerator also: completed_at ≤ due_at; times 100.",
		},
		"hotline.waiting": {
			VI: "Đếm cuộc gọi theo trạng thái hiện hành; tại 10:00:00 14/10/2026; điều kiện: status = “waiting” và số giờ từ queued_at đến lúc xét < 4.",
			EN: "Count of calls as they stand; at 10:00:00 14/10/2026; filter: status = “waiting” and hours from queued_at to that moment < 4.",
		},
		"hotline.wait_p95": {
			VI: "Phân vị 95 % giá trị của cuộc gọi; có queued_at từ 09:00:00 14/10/2026 đến trước 10:00:10 14/10/2026; điều kiện: answered_at đã có; giá trị: số giây từ queued_at đến answered_at.",
			EN: "95 % quantile of a value of calls; with queued_at from 09:00:00 14/10/2026 to before 10:00:10 14/10/2026; filter: answered_at known; value: seconds from queued_at to answered_at.",
		},
	}
	for id, want := range tests {
		x, err := e.Explain(t.Context(), query.Everything(), query.ExplainRequest{KPI: id, Centre: "province"})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, x.Definition); d != "" {
			t.Errorf("%s (-want +got):\n%s", id, d)
		}
	}
}

func TestNoFieldThatMayNameSomebodyIsTold(t *testing.T) {
	for _, k := range explainer(t, &fake{}).Catalogue().KPIs {
		fields := kpi.Fields(k.Formula.Of)
		for _, name := range Told(k) {
			if f := fields[name]; f.Is == kpi.TypeLabels || slices.Contains([]string{"payload", "dims", "id", "sentence"}, name) {
				t.Errorf("%s tells %s", k.ID, name)
			}
		}
		if len(Told(k)) == 0 && k.Formula.Kind != kpi.KindScore { // made of criteria
			t.Errorf("%s tells nothing", k.ID)
		}
	}
	if Told(kpi.KPI{Formula: kpi.Formula{Kind: kpi.KindCount, Of: "something new"}}) != nil {
		t.Error("what is not on the list is told")
	}
}

func TestExpressionsKeepTheirBrackets(t *testing.T) {
	for _, k := range explainer(t, &fake{}).Catalogue().KPIs {
		for _, e := range []kpi.Expr{k.Formula.Where, k.Formula.Numerator, k.Formula.Value, k.Formula.Weight} {
			if e.Node == nil {
				continue
			}
			text := say(e.Node, english())
			if strings.Contains(text, "%!") || strings.Count(e.Text, " or ") > 0 && strings.Contains(e.Text, "(") && !strings.Contains(text, "(") {
				t.Errorf("%s: %q became %q", k.ID, e.Text, text)
			}
		}
	}
}
