package schedule

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

const (
	// CatchUp is how long after it was due a report is made that nobody made then, such as when no process ran.
	CatchUp = 7 * 24 * time.Hour
	// GiveUp is how long after the first attempt of a report the last one is made.
	GiveUp = 48 * time.Hour
	// attemptWithin bounds one attempt. It ends well before the lease, so that two never work on one report.
	attemptWithin = 10 * time.Minute
	lease         = 15 * time.Minute
	// noteWithin is how long the outcome may take to be noted when the process stops.
	noteWithin = 5 * time.Second
)

// What can fail.
const (
	stepBuild    = "build"
	stepWrite    = "write"
	stepMail     = "mail"
	stepSchedule = "schedule" // it is no longer in the file
)

// Run is what is kept of one report.
type Run struct {
	wire.ReportRun
	Version  uint64    // of this row: each change makes the next
	FirstTry time.Time // of this edition; zero: there was none
	Until    time.Time // pending: when it is tried. running: when its worker is given up
}

// Key names one report.
type Key struct{ Schedule, Period string }

// RunsQuery says which runs are meant. What is empty restricts nothing.
type RunsQuery struct {
	Centres  []string
	Schedule string
	State    wire.ReportRunState
	// Keys asks for these, and with Open for all that are pending or running too.
	Keys  []Key
	Open  bool
	Limit int
}

// Store keeps what came of each report.
type Store interface {
	// ReportRuns returns runs, those that were due last first.
	ReportRuns(ctx context.Context, q RunsQuery) ([]Run, error)
	// ChangeReportRun writes a version of a run that nobody wrote before. Of two who write the same version one is told true.
	ChangeReportRun(ctx context.Context, r Run) (bool, error)
	// ReportSchedulesSince returns since when each schedule is known: now, when it was not.
	ReportSchedulesSince(ctx context.Context, schedules []string, now time.Time) (map[string]time.Time, error)
}

// Options are what a Runner needs.
type Options struct {
	Book     *Book
	Store    Store
	Registry *schemas.Registry
	Build    Build
	Formats  map[string]Format
	Folder   *Folder
	Mailer   Mailer // nil: nothing is sent
	Worker   string // names this process: another one has another name
	// MaxAttached bounds the files of one mail together, in bytes; default 15 MiB.
	MaxAttached uint64
	Every       time.Duration    // how often it is looked what is due; default 15 s
	Now         func() time.Time // default time.Now
	Log         *slog.Logger
}

// Runner makes what is due.
type Runner struct {
	o     Options
	asked chan struct{}
}

// New makes a Runner.
func New(o Options) (*Runner, error) {
	o.Every = cmp.Or(o.Every, 15*time.Second)
	o.MaxAttached = cmp.Or(o.MaxAttached, maxAttached)
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Book == nil || o.Store == nil || o.Registry == nil || o.Worker == "" {
		return nil, errors.New("scheduled reports need a book of schedules, a store, a registry and the name of their worker")
	}
	return &Runner{o: o, asked: make(chan struct{}, 1)}, nil
}

// Run makes what is due until ctx ends, one report after the other. When storage is away it says so once, and waits.
func (r *Runner) Run(ctx context.Context) error {
	if r.o.Build == nil || r.o.Folder == nil {
		return errors.New("to make reports, a builder and a folder are needed")
	}
	tick := time.NewTicker(r.o.Every)
	defer tick.Stop()
	failing := false
	for {
		for _, err := range r.o.Book.Reload() {
			r.o.Log.Error("the file of schedules is refused; the last good one stays", "error", err)
		}
		err := r.Once(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !failing:
			failing = true
			r.o.Log.Error("scheduled reports wait for storage", "error", err)
		case err == nil && failing:
			failing = false
			r.o.Log.Info("scheduled reports go on")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-r.asked:
		}
	}
}

// Once makes all that is due now.
func (r *Runner) Once(ctx context.Context) error {
	due, err := r.due(ctx, r.o.Now())
	if err != nil {
		return err
	}
	for _, run := range due {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := r.take(ctx, run); err != nil {
			return err
		}
	}
	return nil
}

// due lists what is to be done, the oldest first.
func (r *Runner) due(ctx context.Context, now time.Time) ([]Run, error) {
	list, _ := r.o.Book.Current()
	ids := make([]string, len(list))
	for i, s := range list {
		ids[i] = s.ID
	}
	since, err := r.o.Store.ReportSchedulesSince(ctx, ids, now)
	if err != nil {
		return nil, err
	}
	fresh := map[Key]Run{}
	var keys []Key
	for _, s := range list {
		for _, o := range s.Missed(later(since[s.ID], now.Add(-CatchUp)), now) {
			k := Key{s.ID, o.Period.Text()}
			keys = append(keys, k)
			fresh[k] = Run{ReportRun: wire.ReportRun{Schedule: s.ID, Period: k.Period, Centre: s.Centre, Due: o.Due.UTC(), State: wire.RunPending}, Until: o.Due}
		}
	}
	known, err := r.o.Store.ReportRuns(ctx, RunsQuery{Keys: keys, Open: true})
	if err != nil {
		return nil, err
	}
	var out []Run
	for _, run := range known {
		delete(fresh, Key{run.Schedule, run.Period})
		if (run.State == wire.RunPending || run.State == wire.RunRunning) && !run.Until.After(now) {
			out = append(out, run)
		}
	}
	for _, k := range keys {
		if run, ok := fresh[k]; ok {
			out = append(out, run)
		}
	}
	slices.SortStableFunc(out, func(a, b Run) int { return a.Due.Compare(b.Due) })
	return out, nil
}

// take makes a report, unless another process has it, and returns how it stands then.
func (r *Runner) take(ctx context.Context, run Run) (Run, error) {
	now := r.o.Now()
	s, ok := r.o.Book.find(run.Schedule)
	if !ok {
		if !r.o.Book.whole() {
			return run, nil // it may be there again when the file is put right
		}
		run.fail(stepSchedule, errors.New("the schedule is no longer in the file"))
		_, err := r.change(ctx, &run, now)
		return run, err
	}
	before := run
	run.State, run.Until = wire.RunRunning, now.Add(lease)
	run.Attempts++
	run.Step, run.Error = "", ""
	if run.FirstTry.IsZero() {
		run.FirstTry = now
	}
	if ours, err := r.change(ctx, &run, now); err != nil || !ours {
		return before, err
	}
	attempt, cancel := context.WithTimeout(ctx, attemptWithin)
	step, err := r.attempt(attempt, s, &run)
	cancel()
	r.settle(ctx, &run, step, err)
	// What was sent must be noted also when the process is told to stop: it would be sent again.
	note, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteWithin)
	defer cancel()
	ours, err := r.change(note, &run, r.o.Now())
	switch {
	case err != nil:
		r.o.Log.Error("what came of a report is not noted; it may be sent again", "schedule", run.Schedule, "period", run.Period, "error", err)
	case !ours:
		r.o.Log.Error("another process took a report over; it may have been sent again", "schedule", run.Schedule, "period", run.Period)
	}
	return run, err
}

// settle says what comes after an attempt.
func (r *Runner) settle(ctx context.Context, run *Run, step string, err error) {
	now := r.o.Now()
	log := r.o.Log.With("schedule", run.Schedule, "period", run.Period, "attempt", run.Attempts)
	final := errors.Is(err, query.ErrBadRequest) || errors.Is(err, query.ErrNotFound) || errors.Is(err, ErrRefused)
	next := now.Add(wait(run.Attempts))
	switch {
	case err == nil:
		run.State, run.Until = wire.RunDone, time.Time{}
		log.Info("a report is done", "files", len(run.Files), "mails", len(run.Sent))
	case ctx.Err() != nil: // stopped, and for no fault of its own
		run.State, run.Until = wire.RunPending, now
		run.Attempts--
	case final || next.Sub(run.FirstTry) > GiveUp:
		run.fail(step, err)
		log.Error("a report has failed for good; ask for it again when the cause is put right", "step", step, "error", err)
	default:
		run.State, run.Until, run.Step, run.Error = wire.RunPending, next, step, err.Error()
		log.Warn("a report failed, and is tried again", "step", step, "error", err, "next_attempt", next)
	}
}

func (r *Run) fail(step string, err error) {
	r.State, r.Until, r.Step, r.Error = wire.RunFailed, time.Time{}, step, err.Error()
}

// change writes the next version of a run.
func (r *Runner) change(ctx context.Context, run *Run, now time.Time) (bool, error) {
	run.Version++
	run.At, run.By = now.UTC(), r.o.Worker
	return r.o.Store.ChangeReportRun(ctx, *run)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
