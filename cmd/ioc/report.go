package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	dashboardapi "github.com/binhphuoc/ioc/dashboard-api"
	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/chstore"
	"github.com/binhphuoc/ioc/query/report"
	"github.com/binhphuoc/ioc/query/schedule"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// formats are the same forms as the API names them.
func formats() map[string]dashboardapi.Format {
	out := map[string]dashboardapi.Format{}
	for name, f := range reportFormats() {
		out[name] = dashboardapi.Format{ContentType: f.ContentType, Extension: "." + f.Extension, Write: f.Write}
	}
	return out
}

func formatNames() []string { return slices.Sorted(maps.Keys(reportFormats())) }

// runReport writes one report.
func runReport(ctx context.Context, s *settings, p *process) (err error) {
	format, ok := formats()[s.format]
	switch {
	case s.clickhouseDSN == "":
		return errNoDSN
	case s.period == "":
		return errors.New("say which period: ioc report --period 2026-10")
	case !ok:
		return fmt.Errorf("--format %q: there are %s", s.format, strings.Join(formatNames(), ", "))
	case s.language != "vi" && s.language != "en":
		return fmt.Errorf("--language %q: want vi or en", s.language)
	}
	asOf, err := parseWhen(s.asOf, time.Now())
	if err != nil {
		return fmt.Errorf("--as-of %w", err)
	}
	a, err := newParts(s, p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.stop()) }()
	store, err := chstore.New(chstore.Options{DSN: s.clickhouseDSN, Registry: a.registry})
	if err != nil {
		return err
	}
	a.closers = append(a.closers, store.Close)
	catalogue, err := a.catalogue()
	if err != nil {
		return err
	}
	reports := a.reports(store, catalogue.Current)
	centre := s.centre
	if centre == "" {
		centre = a.registry.Centres[0].Code
	}
	out, err := reports.Report(ctx, query.Everything(), query.ReportRequest{Period: s.period, Centre: centre, AsOf: asOf})
	switch told := (*query.Refusal)(nil); {
	case errors.As(err, &told) && s.language == "vi":
		return errors.New(told.Text.VI)
	case errors.As(err, &told):
		return errors.New(told.Text.EN)
	case errors.Is(err, query.ErrNotFound):
		return fmt.Errorf("--centre %q: there is no such centre", centre)
	case err != nil:
		return err
	}
	return writeReport(s, p.out, format, out)
}

// reports makes reports from storage.
func (a *parts) reports(store *chstore.Store, catalogue func() *kpi.Catalogue) *report.Reports {
	return &report.Reports{Store: store, Ledger: store, Minutes: store, Registry: a.registry, Catalogue: catalogue, Now: time.Now}
}

// buildReport makes the reports of schedules, each with the KPI files as they are then.
func (a *parts) buildReport(store *chstore.Store) schedule.Build {
	return func(ctx context.Context, scope query.Scope, centre, period string) (*wire.Report, error) {
		catalogue, err := a.catalogue()
		if err != nil {
			return nil, err
		}
		return a.reports(store, catalogue.Current).Report(ctx, scope, query.ReportRequest{Period: period, Centre: centre})
	}
}

// writeReport writes a report to the file of -o, or prints it. A file is there whole or not at all.
func writeReport(s *settings, out io.Writer, format dashboardapi.Format, r *wire.Report) error {
	if s.output == "" {
		return format.Write(out, r, s.language)
	}
	part := s.output + ".part"
	file, err := os.Create(part)
	if err != nil {
		return fmt.Errorf("-o: %w", err)
	}
	err = errors.Join(format.Write(file, r, s.language), file.Close())
	if err == nil {
		err = os.Rename(part, s.output)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("-o: %w", err), os.Remove(part))
	}
	fmt.Fprintf(out, "%s of %s is in %s\n", r.Period.Name.EN, r.Centre.Name.EN, s.output)
	return nil
}
