package schedule

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// MaxRuns is how many runs a list has at most.
const MaxRuns = 500

// Schedules lists the schedules in force that the scope sees.
func (r *Runner) Schedules(_ context.Context, scope query.Scope) (wire.ReportScheduleList, error) {
	list, faults := r.o.Book.Current()
	out := wire.ReportScheduleList{Schedules: []wire.ReportSchedule{}, Faults: []string{}}
	for _, s := range list {
		if scope.Sees(s.Centre) {
			out.Schedules = append(out.Schedules, s.wire(r.o.Now()))
		}
	}
	// What is wrong with the file may name what is another centre's.
	if all := !slices.ContainsFunc(r.o.Registry.Centres, func(c schemas.Centre) bool { return !scope.Sees(c.Code) }); all {
		out.Faults = append(out.Faults, faults...)
	}
	return out, nil
}

// Runs lists what came of the reports of the centres that the scope sees, the newest first.
func (r *Runner) Runs(ctx context.Context, scope query.Scope, schedule string, state wire.ReportRunState, limit int) (wire.ReportRunList, error) {
	out := wire.ReportRunList{Runs: []wire.ReportRun{}}
	switch state {
	case "", wire.RunPending, wire.RunRunning, wire.RunDone, wire.RunFailed:
	default:
		return out, fmt.Errorf("%w: state is %q, want pending, running, done or failed", query.ErrBadRequest, state)
	}
	if limit < 1 || limit > MaxRuns {
		return out, fmt.Errorf("%w: limit is %d, want 1 to %d", query.ErrBadRequest, limit, MaxRuns)
	}
	var centres []string
	for _, c := range r.o.Registry.Centres {
		if scope.Sees(c.Code) {
			centres = append(centres, c.Code)
		}
	}
	if len(centres) == 0 {
		return out, nil
	}
	runs, err := r.o.Store.ReportRuns(ctx, RunsQuery{Centres: centres, Schedule: schedule, State: state, Limit: limit})
	if err != nil {
		return out, err
	}
	for _, run := range runs {
		out.Runs = append(out.Runs, run.wire())
	}
	return out, nil
}

// Ask has a report made now, of the period that closed last when none is named. Of one that failed it goes on where that
// stopped: who has it gets it no second time. One that was done is made and sent anew.
func (r *Runner) Ask(ctx context.Context, scope query.Scope, q wire.ReportRunRequest, by string) (wire.ReportRun, error) {
	run, err := r.ask(ctx, scope, q, by)
	if err != nil {
		return wire.ReportRun{}, err
	}
	select {
	case r.asked <- struct{}{}:
	default: // it is asked already to look
	}
	return run.wire(), nil
}

// Now has a report made by this process, and returns how it stands after one attempt.
func (r *Runner) Now(ctx context.Context, scope query.Scope, q wire.ReportRunRequest, by string) (wire.ReportRun, error) {
	run, err := r.ask(ctx, scope, q, by)
	if err != nil {
		return wire.ReportRun{}, err
	}
	run, err = r.take(ctx, run)
	return run.wire(), err
}

func (r *Runner) ask(ctx context.Context, scope query.Scope, q wire.ReportRunRequest, by string) (Run, error) {
	now := r.o.Now()
	s, ok := r.o.Book.find(q.Schedule)
	if !ok || !scope.Sees(s.Centre) {
		return Run{}, fmt.Errorf("schedule %q: %w", q.Schedule, query.ErrNotFound)
	}
	period := Closed(s.Kind, now)
	if q.Period != "" {
		var err error
		if period, err = ParsePeriod(s.Kind, q.Period); err != nil {
			return Run{}, err
		}
	}
	if period.To.After(now) {
		return Run{}, fmt.Errorf("%w: %s has not ended", query.ErrBadRequest, period.Text())
	}
	known, err := r.o.Store.ReportRuns(ctx, RunsQuery{Keys: []Key{{s.ID, period.Text()}}})
	if err != nil {
		return Run{}, err
	}
	run := Run{ReportRun: wire.ReportRun{Schedule: s.ID, Period: period.Text(), Centre: s.Centre, Due: s.Due(period).UTC()}}
	if len(known) > 0 {
		run = known[0]
	}
	switch {
	case run.State == wire.RunRunning && run.Until.After(now):
		return Run{}, fmt.Errorf("%w: %s of %s is being made", query.ErrBusy, s.ID, run.Period)
	case run.State == wire.RunDone:
		run.Edition++
		run.Sent = nil
	}
	run.State, run.Until, run.Centre = wire.RunPending, now, s.Centre
	run.Attempts, run.FirstTry, run.Refused, run.Step, run.Error = 0, time.Time{}, nil, "", ""
	run.Version++
	run.At, run.By = now.UTC(), by
	ours, err := r.o.Store.ChangeReportRun(ctx, run)
	if err == nil && !ours {
		err = fmt.Errorf("%w: %s of %s is being made", query.ErrBusy, s.ID, run.Period)
	}
	return run, err
}

// wire turns a run into a message of the API.
func (r Run) wire() wire.ReportRun {
	out := r.ReportRun
	if r.State == wire.RunPending {
		next := r.Until.UTC()
		out.NextAttempt = &next
	}
	out.Sentence = r.sentence()
	if out.Files == nil {
		out.Files = []wire.ReportFile{}
	}
	if out.Sent == nil {
		out.Sent = []string{}
	}
	if out.Refused == nil {
		out.Refused = map[string]string{}
	}
	return out
}

// sentence says how a run stands.
func (r Run) sentence() schemas.Text {
	why := map[string]schemas.Text{
		stepBuild:    {VI: "không lập được báo cáo", EN: "the report could not be made"},
		stepWrite:    {VI: "không ghi được tệp", EN: "its files could not be written"},
		stepMail:     {VI: "không gửi được thư đến mọi địa chỉ", EN: "it could not be sent to all addresses"},
		stepSchedule: {VI: "lịch này không còn trong tệp lịch", EN: "the schedule is no longer in the file"},
	}[r.Step]
	switch {
	case r.State == wire.RunRunning:
		return schemas.Text{VI: "Đang lập báo cáo.", EN: "The report is being made."}
	case r.State == wire.RunDone:
		return schemas.Text{
			VI: fmt.Sprintf("Đã xong: %d tệp, đã gửi đến %d địa chỉ.", len(r.Files), len(r.Sent)),
			EN: fmt.Sprintf("Done: %d files, sent to %d addresses.", len(r.Files), len(r.Sent)),
		}
	case r.State == wire.RunFailed:
		return schemas.Text{VI: "Thất bại: " + why.VI + ".", EN: "Failed: " + why.EN + "."}
	case r.Step != "":
		return schemas.Text{VI: "Sẽ thử lại: " + why.VI + ".", EN: "Is tried again: " + why.EN + "."}
	default:
		return schemas.Text{VI: "Đang chờ đến lượt.", EN: "Waits for its turn."}
	}
}
