package main

import (
	"errors"
	"log/slog"
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/binhphuoc/ioc/deploy/local/localtest"
	"github.com/binhphuoc/ioc/deploy/migrate"
	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/ingest/chsink"
	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/chstore"
	qkpi "github.com/binhphuoc/ioc/query/kpi"
	"github.com/binhphuoc/ioc/query/rollup"
	"github.com/binhphuoc/ioc/query/scorecard"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/ddl"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/kpi/kpitest"
	cards "github.com/binhphuoc/ioc/schemas/scorecard"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// rig is the whole way from a message to a value, on a database of its own, without the clock and the transports.
type rig struct {
	t         testing.TB
	registry  *schemas.Registry
	catalogue *kpi.Catalogue
	decoder   *schemas.Decoder
	sink      *chsink.Sink
	store     *chstore.Store
	dsn       string
	points    func() []query.Count // of KPIs that are scores; nil: there are none
}

func newRig(t testing.TB) *rig {
	t.Helper()
	return rigOn(t, localtest.ClickHouse(t))
}

// rigOn is newRig on a database that may hold something already.
func rigOn(t testing.TB, dsn string) *rig {
	t.Helper()
	r := &rig{t: t, dsn: dsn}
	migrations, err := ddl.Builtin()
	r.must(err)
	r.must(migrate.Up(t.Context(), r.dsn, migrations, slog.New(slog.DiscardHandler)))
	r.registry, err = schemas.BuiltinRegistry()
	r.must(err)
	catalogue, errs := kpi.Builtin()
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	r.catalogue = catalogue
	r.decoder = schemas.NewDecoder(r.registry, schemas.DecoderOptions{})
	r.sink, err = chsink.New(chsink.Options{DSN: r.dsn})
	r.must(err)
	r.store, err = chstore.New(chstore.Options{DSN: r.dsn, Registry: r.registry})
	r.must(err)
	t.Cleanup(func() {
		if err := r.sink.Close(); err != nil {
			t.Error(err)
		}
		if err := r.store.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// exec runs a statement in the rig's database.
func (r *rig) exec(sql string) {
	r.t.Helper()
	o, err := clickhouse.ParseDSN(r.dsn)
	r.must(err)
	conn, err := clickhouse.Open(o)
	r.must(err)
	defer conn.Close()
	r.must(conn.Exec(r.t.Context(), sql))
}

// text is the one value that a query in the rig's database gives.
func (r *rig) text(sql string) (out string) {
	r.t.Helper()
	o, err := clickhouse.ParseDSN(r.dsn)
	r.must(err)
	conn, err := clickhouse.Open(o)
	r.must(err)
	defer conn.Close()
	r.must(conn.QueryRow(r.t.Context(), sql).Scan(&out))
	return out
}

// write stores one batch of messages, as the pipeline would.
func (r *rig) write(messages []schemas.Message, more ...ingest.Refused) {
	r.t.Helper()
	b := &ingest.Batch{Refusals: more}
	for i := range messages {
		events, refusals := r.decoder.Decode(messages[i])
		for range events {
			b.Origins = append(b.Origins, &messages[i])
		}
		b.Events = append(b.Events, events...)
		if len(refusals) > 0 {
			r.t.Fatalf("refused: %s: %s", messages[i].Payload, refusals[0].English)
		}
	}
	r.must(r.sink.Write(r.t.Context(), b))
}

func (r *rig) roller(catalogue *kpi.Catalogue) *rollup.Roller {
	return rollup.New(rollup.Options{
		Journal: r.store, Tables: r.store, Definitions: r.store, Ages: r.store, Log: slog.New(slog.DiscardHandler),
		Catalogue: func() *kpi.Catalogue { return catalogue },
	})
}

func (r *rig) evaluator(catalogue *kpi.Catalogue) *qkpi.Evaluator {
	return qkpi.New(qkpi.Options{
		Store: r.store, Registry: r.registry, Log: slog.New(slog.DiscardHandler), Scores: r.points,
		Catalogue: func() *kpi.Catalogue { return catalogue },
	})
}

// keeper gives the scores that the KPIs of a catalogue ask for, if any do, reckoned at a moment.
func (r *rig) keeper(catalogue *kpi.Catalogue, now time.Time) func() []query.Count {
	r.t.Helper()
	if !slices.ContainsFunc(catalogue.KPIs, func(k kpi.KPI) bool { return k.Formula.Kind == kpi.KindScore }) {
		return nil
	}
	list, errs := cards.Builtin(r.catalogue)
	agencies, err := schemas.BuiltinAgencies(r.registry)
	r.must(errors.Join(append(errs, err)...))
	k := scorecard.NewKeeper(scorecard.KeeperOptions{Span: qkpi.Span, Scores: &scorecard.Scores{
		Store: r.store, Registry: r.registry, Agencies: agencies, Catalogue: r.catalogueNow,
		Scorecards: func() []cards.Scorecard { return list }, Now: func() time.Time { return now },
	}})
	r.must(k.Once(r.t.Context()))
	return k.Counts
}

func (r *rig) clear() {
	r.t.Helper()
	for _, table := range []string{
		"raw_state", "raw_measure", "measure_key", "measure_superseded", "rejected", "feed_source", "feed_delivery", "feed_event", "feed_interval", "touched",
		"entity", "entity_place", "reject_place", "state_key", "state_superseded", "revision", "source_minute", "rollup", "rollup_definition", "kpi_minute", "kpi_day", "figure_said", "progress", "retention",
	} {
		r.exec("TRUNCATE TABLE " + table)
	}
}

// TestEveryKPIGivesWhatAPersonReckoned runs the worked examples of all KPIs the whole way through the real database.
func TestEveryKPIGivesWhatAPersonReckoned(t *testing.T) {
	r := newRig(t)
	cases, err := kpitest.LoadCases(os.DirFS("../../schemas/kpi/testdata/cases"))
	r.must(err)
	if len(cases) != len(r.catalogue.KPIs) {
		t.Errorf("%d cases for %d KPIs", len(cases), len(r.catalogue.KPIs))
	}
	few := r.store
	many, err := chstore.New(chstore.Options{DSN: r.dsn, Registry: r.registry, Many: 1})
	r.must(err)
	defer many.Close()
	for _, c := range cases {
		t.Run(c.KPI, func(t *testing.T) {
			r.clear()
			k, ok := r.catalogue.ByID(c.KPI)
			if !ok {
				t.Fatal("not in the catalogue")
			}
			one := &kpi.Catalogue{KPIs: []kpi.KPI{k}}
			roller := r.roller(one)
			// Each event is a batch of its own, worked off at once: whatever the order, the end must be the same.
			for _, e := range c.Events {
				r.write([]schemas.Message{e.Message()})
				r.must(roller.Once(t.Context(), false))
			}
			for _, j := range c.Rejected {
				m := schemas.Message{Transport: j.Transport, Centre: j.Centre, Topic: "ioc/" + j.Centre + "/service/" + j.ID, Partition: -1, Offset: -1, Arrived: j.Arrived}
				r.write(nil, ingest.Refused{Message: m, Refusal: &schemas.Refusal{Code: j.Code, Sentence: "…", English: "…", Item: []byte(j.ID), Index: -1}})
			}
			r.must(roller.Once(t.Context(), false))
			r.points = r.keeper(one, c.Now)
			for _, r.store = range []*chstore.Store{many, few} {
				u, err := r.evaluator(one).Evaluate(t.Context(), c.Now)
				r.must(err)
				for _, v := range u.Values {
					if want, ok := c.Want[v.Centre]; ok {
						compare(t, v, want)
					}
				}
			}
		})
	}
}

func compare(t *testing.T, got wire.Value, want kpitest.Want) {
	t.Helper()
	if !near(got.Value, want.Value) {
		t.Errorf("%s: value %v, want %v", got.Centre, shown(got.Value), shown(want.Value))
	}
	if want.Numerator != nil && !near(got.Numerator, want.Numerator) {
		t.Errorf("%s: numerator %v, want %v", got.Centre, shown(got.Numerator), shown(want.Numerator))
	}
	if want.Denominator != nil && !near(got.Denominator, want.Denominator) {
		t.Errorf("%s: denominator %v, want %v", got.Centre, shown(got.Denominator), shown(want.Denominator))
	}
}

func near(a, b *float64) bool {
	return a == b || (a != nil && b != nil && math.Abs(*a-*b) <= kpitest.Tolerance)
}

func shown(p *float64) any {
	if p == nil {
		return "none"
	}
	return *p
}

func (r *rig) catalogueNow() *kpi.Catalogue { return r.catalogue }
