package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/binhphuoc/ioc/deploy/simulate"
	"github.com/binhphuoc/ioc/deploy/simulate/world"
	"github.com/binhphuoc/ioc/ingest/mqtt"
	"github.com/binhphuoc/ioc/schemas"
)

// errNoDSN says that a part that runs alone must be told where ClickHouse is.
var errNoDSN = errors.New("set --clickhouse-dsn, such as clickhouse://ioc:PASSWORD@db:9000/ioc")

// alone runs one part until ctx ends.
func alone(ctx context.Context, s *settings, p *process, begin func(*parts) error) error {
	if s.clickhouseDSN == "" {
		return errNoDSN
	}
	a, err := newParts(s, p)
	if err != nil {
		return err
	}
	if err := begin(a); err != nil {
		return errors.Join(err, a.stop())
	}
	a.stages.wait(ctx)
	return a.stop()
}

// runIngest brings events from the brokers to ClickHouse.
func runIngest(ctx context.Context, s *settings, p *process) error {
	return alone(ctx, s, p, func(a *parts) error {
		if err := a.serveMetrics(ctx, s.metricsListen); err != nil {
			return err
		}
		return a.ingest(ctx, s.clickhouseDSN, s.mqttBroker, list(s.kafkaBrokers))
	})
}

// runLeave gives up the place of an ingest process that will not come back.
func runLeave(ctx context.Context, s *settings, p *process) error {
	switch {
	case s.clickhouseDSN == "":
		return errNoDSN
	case s.mqttBroker == "":
		return errors.New("set --mqtt-broker, --mqtt-share and --mqtt-client-id to those of the ingest process that will not come back")
	}
	a, err := newParts(s, p)
	if err != nil {
		return err
	}
	leaver, err := mqtt.NewLeaver(a.mqttOptions(s.mqttBroker))
	if err != nil {
		return err
	}
	pipeline, err := a.pipeline(s.clickhouseDSN, leaver)
	if err != nil {
		return errors.Join(err, a.stop())
	}
	if err := errors.Join(pipeline.Run(ctx), a.stop()); err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%s has left %s: all that the broker kept for it is stored\n", s.mqttClientID, s.mqttShare)
	return nil
}

// runDashboardAPI evaluates KPIs, and serves the API and the wall.
func runDashboardAPI(ctx context.Context, s *settings, p *process) error {
	return alone(ctx, s, p, func(a *parts) error {
		a.stages.start(ctx, "retention", func(ctx context.Context) error { return a.keep(ctx, s.clickhouseDSN) })
		addr, err := a.dashboard(ctx, s.clickhouseDSN)
		if err == nil {
			p.log.Info("serving the wall and the API", "address", "http://"+addr)
		}
		return err
	})
}

// runMigrate brings the tables up to date.
func runMigrate(ctx context.Context, s *settings, p *process) error {
	if s.clickhouseDSN == "" {
		return errNoDSN
	}
	a, err := newParts(s, p)
	if err != nil {
		return err
	}
	if err := a.migrate(ctx, s.clickhouseDSN); err != nil {
		return err
	}
	fmt.Fprintln(p.out, "the tables are up to date")
	return nil
}

// runSimulate plays the feeds or a load, or prints what a platform that does not simulate itself must know of the feeds.
func runSimulate(ctx context.Context, s *settings, p *process) error {
	printing := slices.Equal(p.words, []string{"registry"})
	switch {
	case len(p.words) > 0 && !printing:
		return fmt.Errorf("simulate takes no %q: say ioc simulate, or ioc simulate registry", strings.Join(p.words, " "))
	case !printing && s.loadRate > 0:
		return runLoad(ctx, s, p)
	}
	a, err := newParts(s, p)
	if err != nil {
		return err
	}
	if printing {
		addSimulated(a.registry)
		return printRegistry(p.out, a.registry)
	}
	if err := a.simulate(ctx, mqttURLs(s.mqttBroker), list(s.kafkaBrokers)); err != nil {
		return err
	}
	a.stages.wait(ctx)
	return a.stop()
}

func mqttURLs(broker string) []string {
	if broker == "" {
		return nil
	}
	return []string{broker}
}

// addSimulated adds the gateways of the simulated feeds to a registry. One that its file names stays as it is there.
func addSimulated(r *schemas.Registry) {
	for _, g := range world.Gateways(r) {
		if !r.Gateway(g.Source) {
			r.Gateways = append(r.Gateways, g)
		}
	}
}

// printRegistry writes a registry as a file for --registry.
func printRegistry(w io.Writer, r *schemas.Registry) error {
	text, err := yaml.Marshal(r)
	if err != nil {
		return fmt.Errorf("write the registry: %w", err)
	}
	_, err = w.Write(text)
	return err
}

// simulate starts the simulated feeds.
func (a *parts) simulate(ctx context.Context, mqtt, kafka []string) error {
	sim, err := simulate.New(simulate.Options{
		Seed: a.s.simulateSeed, Registry: a.registry, MQTT: mqtt, Kafka: kafka, Backfill: a.s.simulateBackfill, Rate: a.s.simulateRate,
		Log: a.p.log.With("part", "simulate"),
	})
	if err != nil {
		return err
	}
	a.stages.start(ctx, "simulate", sim.Run)
	return nil
}

// runLoad sends sensor readings at a set rate, and tells how many the brokers took.
func runLoad(ctx context.Context, s *settings, p *process) error {
	o := simulate.LoadOptions{Transport: world.Kafka, Brokers: list(s.kafkaBrokers), Centre: "phuoc-long", Rate: s.loadRate, Duration: s.loadFor, Log: p.log}
	if s.loadBy == "mqtt" {
		o.Transport, o.Brokers = world.MQTT, mqttURLs(s.mqttBroker)
	}
	report, err := simulate.Load(ctx, o)
	fmt.Fprintf(p.out, "%d events in %s\n", report.Events, report.Elapsed)
	return err
}
