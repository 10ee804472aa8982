package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/chstore"
	"github.com/binhphuoc/ioc/query/schedule"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// runReports shows what came of scheduled reports, makes one, or checks a file of schedules.
func runReports(ctx context.Context, s *settings, p *process) error {
	a, err := newParts(s, p)
	if err != nil {
		return err
	}
	switch {
	case len(p.words) == 1 && p.words[0] == "list":
		return a.withReports(func(r *schedule.Runner) error { return a.listReports(ctx, r) })
	case len(p.words) == 2 && p.words[0] == "run":
		return a.withReports(func(r *schedule.Runner) error { return a.runReport(ctx, r, p.words[1]) })
	case len(p.words) == 2 && p.words[0] == "check":
		return a.checkSchedules(p.words[1])
	default:
		return errors.New("say what to do: ioc reports list, run ID or check FILE")
	}
}

// withReports runs a command on the scheduled reports.
func (a *parts) withReports(do func(*schedule.Runner) error) (err error) {
	if a.s.clickhouseDSN == "" {
		return errNoDSN
	}
	defer func() { err = errors.Join(err, a.stop()) }()
	store, err := chstore.New(chstore.Options{DSN: a.s.clickhouseDSN, Registry: a.registry})
	if err != nil {
		return err
	}
	a.closers = append(a.closers, store.Close)
	r, err := a.scheduledReports(store)
	if err != nil {
		return err
	}
	return do(r)
}

// listReports prints the schedules, and what came of the newest reports.
func (a *parts) listReports(ctx context.Context, r *schedule.Runner) error {
	list, err := r.Schedules(ctx, query.Everything())
	if err != nil {
		return err
	}
	runs, err := r.Runs(ctx, query.Everything(), "", wire.ReportRunState(a.s.state), a.s.limit)
	if err != nil {
		return err
	}
	if a.s.json {
		return printLine(a.p.out, map[string]any{"schedules": list.Schedules, "faults": list.Faults, "runs": runs.Runs})
	}
	for _, fault := range list.Faults {
		fmt.Fprintln(a.p.out, "refused:", fault)
	}
	if len(list.Schedules) > 0 {
		fmt.Fprintf(a.p.out, "%-22s %-8s %-11s %-12s %-10s %-19s %s\n", "schedule", "period", "centre", "formats", "next", "at", "to")
	}
	for _, s := range list.Schedules {
		fmt.Fprintf(a.p.out, "%-22s %-8s %-11s %-12s %-10s %s %d addresses\n",
			s.ID, s.Period, s.Centre, strings.Join(s.Formats, ","), s.NextPeriod, clock(s.NextRun), len(s.To))
	}
	if len(runs.Runs) == 0 {
		fmt.Fprintln(a.p.out, "no report was made by a schedule yet")
		return nil
	}
	fmt.Fprintf(a.p.out, "\n%-22s %-10s %-8s %-19s %8s  %s\n", "schedule", "period", "state", "at", "attempts", "how it stands")
	for _, run := range runs.Runs {
		fmt.Fprintf(a.p.out, "%-22s %-10s %-8s %s %8d  %s\n", run.Schedule, run.Period, run.State, clock(run.At), run.Attempts, stands(run))
	}
	return nil
}

// stands says how a report stands, with the error in one line.
func stands(run wire.ReportRun) string {
	out := run.Sentence.EN
	if run.Error != "" {
		out += " " + short(strings.ReplaceAll(run.Error, "\n", "; "), 200)
	}
	if run.NextAttempt != nil {
		out += " Next: " + clock(*run.NextAttempt)
	}
	return out
}

// runReport makes one report in this process.
func (a *parts) runReport(ctx context.Context, r *schedule.Runner, id string) error {
	if a.s.reportSchedules == "" {
		return errors.New("set --report-schedules to the file that has the schedule")
	}
	by, err := a.s.whoami("reports")
	if err != nil {
		return err
	}
	run, err := r.Now(ctx, query.Everything(), wire.ReportRunRequest{Schedule: id, Period: a.s.period}, by)
	switch {
	case errors.Is(err, query.ErrNotFound):
		return fmt.Errorf("there is no schedule %q in %s; ioc reports list names them", id, a.s.reportSchedules)
	case err != nil:
		return err
	case a.s.json:
		return printLine(a.p.out, run)
	}
	fmt.Fprintf(a.p.out, "%s %s: %s\n", run.Schedule, run.Period, stands(run))
	for _, f := range run.Files {
		fmt.Fprintf(a.p.out, "  %s, %d bytes\n", f.Name, f.Bytes)
	}
	if run.State == wire.RunFailed || run.State == wire.RunPending {
		return errors.New("the report is not done")
	}
	return nil
}

// checkSchedules reads a file of schedules as the platform would. Whether mail can be sent is no matter of the file.
func (a *parts) checkSchedules(file string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read schedules: %w", err)
	}
	known := a.knownToSchedules()
	known.Mail = true
	list, faults := schedule.Read(raw, file, known)
	for _, f := range faults {
		fmt.Fprintln(a.p.out, f)
	}
	if len(faults) > 0 {
		return fmt.Errorf("%d faults in %s", len(faults), file)
	}
	fmt.Fprintf(a.p.out, "%s is good: %d schedules\n", file, len(list))
	return nil
}
