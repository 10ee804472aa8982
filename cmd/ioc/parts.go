package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/binhphuoc/ioc/deploy/migrate"
	"github.com/binhphuoc/ioc/deploy/retention"
	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/ingest/chsink"
	"github.com/binhphuoc/ioc/ingest/kafka"
	"github.com/binhphuoc/ioc/ingest/mqtt"
	"github.com/binhphuoc/ioc/query/chstore"
	"github.com/binhphuoc/ioc/query/schedule"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/ddl"
	"github.com/binhphuoc/ioc/schemas/kpi"
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
