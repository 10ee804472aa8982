package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	dashboardapi "github.com/binhphuoc/ioc/dashboard-api"
	"github.com/binhphuoc/ioc/dashboard-api/live"
	"github.com/binhphuoc/ioc/dashboard-api/web"
	"github.com/binhphuoc/ioc/deploy/migrate"
	"github.com/binhphuoc/ioc/deploy/retention"
	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/ingest/chsink"
	"github.com/binhphuoc/ioc/ingest/figures"
	"github.com/binhphuoc/ioc/ingest/kafka"
	"github.com/binhphuoc/ioc/ingest/mqtt"
	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/chstore"
	"github.com/binhphuoc/ioc/query/explain"
	"github.com/binhphuoc/ioc/query/feed"
	qkpi "github.com/binhphuoc/ioc/query/kpi"
	"github.com/binhphuoc/ioc/query/rollup"
	"github.com/binhphuoc/ioc/query/schedule"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/ddl"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// parts makes the parts of the platform out of the settings. ioc up and the commands that run one part alone
// start the same ones.
type parts struct {
	s        *settings
	p        *process
	stages   *stages
	registry *schemas.Registry
	metrics  *prometheus.Registry
	closers  []func() error // of what has no Run, in the order of opening
	// build makes a report. formats are the ways to write one.
	build   func(store *chstore.Store) schedule.Build
	formats map[string]schedule.Format
}

func newParts(s *settings, p *process) (*parts, error) {
	if err := s.keep.Check(s.retention); err != nil {
		return nil, err
	}
	registry, err := registryOf(s.registry)
	if err != nil {
		return nil, err
	}
	m := prometheus.NewRegistry()
	m.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	a := &parts{s: s, p: p, stages: newStages(p.log), registry: registry, metrics: m, formats: reportFormats()}
	a.build = a.buildReport
	return a, nil
}

// registryOf reads who may send what; the built-in registry without a file.
func registryOf(file string) (*schemas.Registry, error) {
	if file == "" {
		return schemas.BuiltinRegistry()
	}
	dir, name := filepath.Split(file)
	if dir == "" {
		dir = "."
	}
	return schemas.LoadRegistry(os.DirFS(dir), name)
}

// stop ends all stages, then closes what they used.
func (a *parts) stop() error {
	err := a.stages.stop()
	for i := len(a.closers) - 1; i >= 0; i-- {
		err = errors.Join(err, a.closers[i]())
	}
	a.closers = nil
	return err
}

// migrate brings the tables up to date, and has them keep their rows for as long as the settings say.
func (a *parts) migrate(ctx context.Context, dsn string) error {
	migrations, err := ddl.Builtin()
	if err != nil {
		return err
	}
	if err := migrate.Up(ctx, dsn, migrations, a.p.log); err != nil {
		return err
	}
	return retention.Apply(ctx, dsn, a.s.keep, a.p.log)
}

// keep has the tables keep their rows for as long as the settings say. When storage is away it says so once, and waits.
func (a *parts) keep(ctx context.Context, dsn string) error {
	said := false
	for {
		err := retention.Apply(ctx, dsn, a.s.keep, a.p.log)
		if err == nil {
			break
		}
		if !said && ctx.Err() == nil {
			a.p.log.Error("the time for which rows are kept waits for storage", "error", err)
			said = true
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(10 * time.Second):
		}
	}
	<-ctx.Done() // a part that ends by itself ends the platform
	return nil
}

// ingest starts the way from the brokers to ClickHouse.
func (a *parts) ingest(ctx context.Context, dsn, mqttBroker string, kafkaBrokers []string) error {
	var sources []ingest.Source
	if mqttBroker != "" {
		source, err := mqtt.New(a.mqttOptions(mqttBroker))
		if err != nil {
			return err
		}
		sources = append(sources, source)
	}
	if len(kafkaBrokers) > 0 {
		source, err := kafka.New(kafka.Options{
			Brokers: kafkaBrokers, Group: a.s.kafkaGroup, SASL: a.s.kafkaSASL, User: a.s.kafkaUser, Password: a.s.kafkaPassword,
			TLS: a.s.kafkaTLS, CAFile: a.s.kafkaCA, Log: a.p.log.With("part", "kafka"),
		})
		if err != nil {
			return err
		}
		sources = append(sources, source)
	}
	if len(sources) == 0 {
		return errors.New("nothing to ingest from: set --mqtt-broker or --kafka-brokers, or both")
	}
	pipeline, err := a.pipeline(dsn, sources...)
	if err != nil {
		return err
	}
	a.stages.start(ctx, "ingest", pipeline.Run)
	return nil
}

func (a *parts) mqttOptions(broker string) mqtt.Options {
	return mqtt.Options{
		Broker: broker, ClientID: a.s.mqttClientID, Share: a.s.mqttShare, User: a.s.mqttUser, Password: a.s.mqttPassword,
		CAFile: a.s.mqttCA, Log: a.p.log.With("part", "mqtt"),
	}
}

// pipeline is the way from these sources to ClickHouse.
func (a *parts) pipeline(dsn string, sources ...ingest.Source) (*ingest.Pipeline, error) {
	sink, err := chsink.New(chsink.Options{DSN: dsn})
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, sink.Close)
	counted := ingest.NewMetrics()
	a.metrics.MustRegister(counted)
	return ingest.New(ingest.Options{
		Sources: sources, Sink: sink, Metrics: counted, Log: a.p.log.With("part", "ingest"),
		Decoder: a.decoder(),
	})
}

// dashboard starts the derived tables, the evaluation of KPIs, the API and the wall. It returns their address.
func (a *parts) dashboard(ctx context.Context, dsn string) (string, error) {
	catalogue, err := a.catalogue()
	if err != nil {
		return "", err
	}
	store, err := chstore.New(chstore.Options{DSN: dsn, Registry: a.registry})
	if err != nil {
		return "", err
	}
	a.closers = append(a.closers, store.Close)
	hub, files, err := a.hub()
	if err != nil {
		return "", err
	}
	sink, err := chsink.New(chsink.Options{DSN: dsn})
	if err != nil {
		return "", err
	}
	a.closers = append(a.closers, sink.Close)
	runs, err := a.scheduledReports(store)
	if err != nil {
		return "", err
	}
	rejects := &query.Rejects{Store: store}
	scores, err := a.scoring(store, catalogue.Current)
	if err != nil {
		return "", err
	}
	indicators := func() []figures.Indicator { return indicatorsOf(catalogue.Current(), scores.cards.Current()) }
	desk, err := a.figures(sink, indicators)
	if err != nil {
		return "", err
	}
	boundary, err := a.boundary()
	if err != nil {
		return "", err
	}
	scenes, err := a.scenes(catalogue.Current, scores.cards)
	if err != nil {
		return "", err
	}
	alarms, err := a.alarms(store, catalogue.Current, hub)
	if err != nil {
		return "", err
	}
	agencies, err := a.agencies()
	if err != nil {
		return "", err
	}
	devices := &query.Devices{Store: store, Registry: a.registry, Now: time.Now}
	tickets := &query.Tickets{Store: store, Agencies: agencies, Now: time.Now}
	server, err := dashboardapi.New(dashboardapi.Options{
		Listen: a.s.listen, Token: a.s.apiToken, Hosts: list(a.s.apiHosts), Origins: list(a.s.apiOrigins), Registry: a.registry, Hub: hub, Web: files,
		Catalogue: func() []wire.KPI { return wireCatalogue(catalogue.Current(), time.Now()) },
		Feeds:     &query.Feeds{Store: store, Registry: a.registry, Now: time.Now},
		Queries:   &query.Answers{Store: store, Registry: a.registry, Catalogue: catalogue.Current, Now: time.Now},
		Explain: &explain.Explainer{
			Counter: store, Ledger: store, Witness: store, Registry: a.registry, Catalogue: catalogue.Current, Now: time.Now,
			Teller: a.reports(store, catalogue.Current), Scores: scores.keeper.Counts,
		},
		Devices: devices, Tickets: tickets, Places: &query.Places{Devices: devices, Tickets: tickets}, Boundary: boundary,
		Search:  &query.Search{Store: store, Registry: a.registry, Agencies: agencies, Catalogue: catalogue.Current},
		Rejects: rejects, Replay: a.replayFor(rejects, sink, "dashboard-api"), Scorecards: scores.Scores,
		Figures: &figureDesk{desk}, FigureTemplate: a.figureTemplate(indicators),
		Scenes: func() ([]wire.Scene, []wire.Wall) { return scenes.Current().Scenes, scenes.Current().Walls }, SceneEdits: a.sceneEditor(ctx, store, scenes),
		Reports: a.reports(store, catalogue.Current), Formats: formats(),
		Alarms: alarms, AlarmStatistics: alarms.Statistics,
		ReportRuns: runs, Metrics: a.metricsHandler(), Log: a.p.log.With("part", "api"),
	})
	if err != nil {
		return "", err
	}
	evaluator := qkpi.New(qkpi.Options{
		Store: store, Registry: a.registry, Catalogue: catalogue.Current, Scores: scores.keeper.Counts, Log: a.p.log.With("part", "kpi"),
		Publish: func(u query.Update) {
			alarms.Runner.Observe(u)
			hub.Publish(u)
		},
	})
	roller := rollup.New(rollup.Options{
		Journal: store, Tables: store, Definitions: store, Ages: store, Catalogue: catalogue.Current, Changed: evaluator.Changed, Log: a.p.log.With("part", "rollup"),
	})
	learner := feed.New(feed.Options{Store: store, Log: a.p.log.With("part", "feed")})
	// Each feeds the next, so each is started after the one that takes from it is there, and stopped before.
	a.stages.start(ctx, "api", server.Run)
	a.stages.start(ctx, "live", hub.Run)
	a.stages.start(ctx, "alarms", alarms.Runner.Run)
	a.stages.start(ctx, "kpi", evaluator.Run)
	a.stages.start(ctx, "scores", scores.keeper.Run)
	a.stages.start(ctx, "rollup", roller.Run)
	a.stages.start(ctx, "feed", learner.Run)
	a.stages.start(ctx, "catalogue", func(ctx context.Context) error { return a.reload(ctx, "KPI", catalogue) })
	a.stages.start(ctx, "scorecards", func(ctx context.Context) error { return a.reload(ctx, "scorecard", scores.cards) })
	a.stages.start(ctx, "scenes", func(ctx context.Context) error { return a.reload(ctx, "scene", scenes) })
	if a.s.reportSchedules != "" {
		a.stages.start(ctx, "reports", runs.Run)
	}
	return server.Addr(), a.notifier(ctx, store)
}

// hub makes the live channel, which tells open pages when the built ones have changed, and returns these too.
func (a *parts) hub() (*live.Hub, fs.FS, error) {
	files, err := web.Files()
	if err != nil {
		return nil, nil, fmt.Errorf("open the built pages: %w", err)
	}
	// The pages name all other files by their hashes: when one changes, open pages are old.
	names, err := fs.Glob(files, "*.html")
	if err != nil {
		return nil, nil, fmt.Errorf("list the built pages: %w", err)
	}
	build := sha256.New()
	for _, name := range names {
		page, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, nil, fmt.Errorf("read the built pages: %w", err)
		}
		build.Write(page)
	}
	hub, err := live.New(live.Options{Build: fmt.Sprintf("%x", build.Sum(nil)), Registry: a.registry, Log: a.p.log.With("part", "live")})
	if err != nil {
		return nil, nil, err
	}
	a.metrics.MustRegister(hub)
	return hub, files, nil
}

// catalogue loads the KPIs: the built-in ones, and those of --kpi-dir.
func (a *parts) catalogue() (*kpi.Store, error) {
	builtin, errs := kpi.Builtin()
	if len(errs) > 0 {
		return nil, fmt.Errorf("built-in KPIs: %w", errors.Join(errs...))
	}
	store := kpi.NewStore(builtin, a.s.kpiDir)
	for _, err := range store.Reload() {
		a.p.log.Error("a KPI file is refused", "error", err)
	}
	return store, nil
}

// reload looks at a directory of definition files every few seconds. A bad file is named once; its last good version stays.
func (a *parts) reload(ctx context.Context, what string, store interface{ Reload() []error }) error {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	said := ""
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		err := errors.Join(store.Reload()...)
		if err != nil && err.Error() != said {
			a.p.log.Error("definition files are refused; the last good ones stay", "kind", what, "error", err)
		}
		said = ""
		if err != nil {
			said = err.Error()
		}
	}
}

func (a *parts) metricsHandler() http.Handler {
	return promhttp.HandlerFor(a.metrics, promhttp.HandlerOpts{})
}

// serveMetrics serves metrics and health of a process that has no API.
func (a *parts) serveMetrics(ctx context.Context, addr string) error {
	listener, err := net.Listen("tcp", addr) //nolint:noctx // it listens as long as the process lives
	if err != nil {
		return fmt.Errorf("--metrics-listen: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", a.metricsHandler())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	a.stages.start(ctx, "metrics", func(ctx context.Context) error {
		stop := context.AfterFunc(ctx, func() { server.Close() })
		defer stop()
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve metrics: %w", err)
		}
		return nil
	})
	return nil
}

// list splits a setting at its commas.
func list(s string) []string {
	return strings.FieldsFunc(s, func(c rune) bool { return c == ',' || c == ' ' })
}
