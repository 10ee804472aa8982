package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"time"

	dashboardapi "github.com/binhphuoc/ioc/dashboard-api"
	"github.com/binhphuoc/ioc/dashboard-api/live"
	"github.com/binhphuoc/ioc/dashboard-api/web"
	"github.com/binhphuoc/ioc/ingest/chsink"
	"github.com/binhphuoc/ioc/ingest/figures"
	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/alarm"
	"github.com/binhphuoc/ioc/query/chstore"
	"github.com/binhphuoc/ioc/query/explain"
	"github.com/binhphuoc/ioc/query/feed"
	qkpi "github.com/binhphuoc/ioc/query/kpi"
	"github.com/binhphuoc/ioc/query/rollup"
	edits "github.com/binhphuoc/ioc/query/scene"
	"github.com/binhphuoc/ioc/query/schedule"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/scene"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// dashboard is all that evaluates KPIs, raises alarms, and answers who asks.
type dashboard struct {
	*parts
	catalogue *kpi.Store
	store     *chstore.Store
	sink      *chsink.Sink
	hub       *live.Hub
	files     fs.FS
	scores    *scoring
	scenes    *scene.Store
	alarms    *alarm.Desk
	runs      *schedule.Runner
}

// dashboard starts the derived tables, the evaluation of KPIs, the API and the wall. It returns their address.
func (a *parts) dashboard(ctx context.Context, dsn string) (string, error) {
	d := &dashboard{parts: a}
	if err := d.open(dsn); err != nil {
		return "", err
	}
	server, err := d.server(d.sceneEditor(ctx, d.store, d.scenes))
	if err != nil {
		return "", err
	}
	d.start(ctx, server)
	return server.Addr(), a.notifier(ctx, d.store)
}

// open makes what the others stand on.
func (d *dashboard) open(dsn string) (err error) {
	if d.catalogue, err = d.parts.catalogue(); err != nil {
		return err
	}
	if d.store, err = chstore.New(chstore.Options{DSN: dsn, Registry: d.registry}); err != nil {
		return err
	}
	d.closers = append(d.closers, d.store.Close)
	if err = d.openHub(); err != nil {
		return err
	}
	if d.sink, err = chsink.New(chsink.Options{DSN: dsn}); err != nil {
		return err
	}
	d.closers = append(d.closers, d.sink.Close)
	if d.runs, err = d.scheduledReports(d.store); err != nil {
		return err
	}
	if d.scores, err = d.scoring(d.store, d.catalogue.Current); err != nil {
		return err
	}
	if d.scenes, err = d.parts.scenes(d.catalogue.Current, d.scores.cards); err != nil {
		return err
	}
	d.alarms, err = d.parts.alarms(d.store, d.catalogue.Current, d.hub)
	return err
}

// openHub makes the live channel, which tells open pages when the built ones have changed.
func (d *dashboard) openHub() (err error) {
	if d.files, err = web.Files(); err != nil {
		return fmt.Errorf("open the built pages: %w", err)
	}
	// The pages name all other files by their hashes: when one changes, open pages are old.
	names, err := fs.Glob(d.files, "*.html")
	if err != nil {
		return fmt.Errorf("list the built pages: %w", err)
	}
	build := sha256.New()
	for _, name := range names {
		page, err := fs.ReadFile(d.files, name)
		if err != nil {
			return fmt.Errorf("read the built pages: %w", err)
		}
		build.Write(page)
	}
	d.hub, err = live.New(live.Options{Build: fmt.Sprintf("%x", build.Sum(nil)), Registry: d.registry, Log: d.p.log.With("part", "live")})
	if err != nil {
		return err
	}
	d.metrics.MustRegister(d.hub)
	return nil
}

// server makes the API, and gives it everything that it asks.
func (d *dashboard) server(editor *edits.Editor) (*dashboardapi.Server, error) {
	current := d.catalogue.Current
	indicators := func() []figures.Indicator { return indicatorsOf(current(), d.scores.cards.Current()) }
	desk, err := d.figures(d.sink, indicators)
	if err != nil {
		return nil, err
	}
	boundary, err := d.boundary()
	if err != nil {
		return nil, err
	}
	agencies, err := d.agencies()
	if err != nil {
		return nil, err
	}
	rejects := &query.Rejects{Store: d.store}
	reports := d.reports(d.store, current)
	devices := &query.Devices{Store: d.store, Registry: d.registry, Now: time.Now}
	tickets := &query.Tickets{Store: d.store, Agencies: agencies, Now: time.Now}
	return dashboardapi.New(dashboardapi.Options{
		Listen: d.s.listen, Token: d.s.apiToken, Hosts: list(d.s.apiHosts), Origins: list(d.s.apiOrigins), Registry: d.registry, Hub: d.hub, Web: d.files,
		Catalogue: func() []wire.KPI { return wireCatalogue(current(), time.Now()) },
		Feeds:     &query.Feeds{Store: d.store, Registry: d.registry, Now: time.Now},
		Queries:   &query.Answers{Store: d.store, Registry: d.registry, Catalogue: current, Now: time.Now},
		Explain: &explain.Explainer{
			Counter: d.store, Ledger: d.store, Witness: d.store, Registry: d.registry, Catalogue: current, Now: time.Now,
			Teller: reports, Scores: d.scores.keeper.Counts,
		},
		Devices: devices, Tickets: tickets, Places: &query.Places{Devices: devices, Tickets: tickets}, Boundary: boundary,
		Search:  &query.Search{Store: d.store, Registry: d.registry, Agencies: agencies, Catalogue: current},
		Rejects: rejects, Replay: d.replayFor(rejects, d.sink), Scorecards: d.scores.Scores,
		Figures: &figureDesk{desk}, FigureTemplate: d.figureTemplate(indicators),
		Scenes: func() ([]wire.Scene, []wire.Wall) { return d.scenes.Current().Scenes, d.scenes.Current().Walls }, SceneEdits: editor,
		Reports: reports, Formats: formats(), ReportRuns: d.runs,
		Alarms: d.alarms, AlarmStatistics: d.alarms.Statistics,
		Metrics: d.metricsHandler(), Log: d.p.log.With("part", "api"),
	})
}

// start starts everything. Each feeds the next, so each is started after the one that takes from it is there, and stopped before.
func (d *dashboard) start(ctx context.Context, server *dashboardapi.Server) {
	evaluator := qkpi.New(qkpi.Options{
		Store: d.store, Registry: d.registry, Catalogue: d.catalogue.Current, Scores: d.scores.keeper.Counts, Log: d.p.log.With("part", "kpi"),
		Publish: func(u query.Update) {
			d.alarms.Runner.Observe(u)
			d.hub.Publish(u)
		},
	})
	roller := rollup.New(rollup.Options{
		Journal: d.store, Tables: d.store, Definitions: d.store, Ages: d.store, Catalogue: d.catalogue.Current, Changed: evaluator.Changed, Log: d.p.log.With("part", "rollup"),
	})
	learner := feed.New(feed.Options{Store: d.store, Log: d.p.log.With("part", "feed")})
	d.stages.start(ctx, "api", server.Run)
	d.stages.start(ctx, "live", d.hub.Run)
	d.stages.start(ctx, "alarms", d.alarms.Runner.Run)
	d.stages.start(ctx, "kpi", evaluator.Run)
	d.stages.start(ctx, "scores", d.scores.keeper.Run)
	d.stages.start(ctx, "rollup", roller.Run)
	d.stages.start(ctx, "feed", learner.Run)
	d.stages.start(ctx, "catalogue", func(ctx context.Context) error { return d.reload(ctx, "KPI", d.catalogue) })
	d.stages.start(ctx, "scorecards", func(ctx context.Context) error { return d.reload(ctx, "scorecard", d.scores.cards) })
	d.stages.start(ctx, "scenes", func(ctx context.Context) error { return d.reload(ctx, "scene", d.scenes) })
	if d.s.reportSchedules != "" {
		d.stages.start(ctx, "reports", d.runs.Run)
	}
}
