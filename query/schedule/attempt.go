package schedule

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/binhphuoc/ioc/schemas/wire"
)

// attempt makes the report, writes its files, and sends it to those who do not have it yet. A later attempt makes it anew:
// a report is as good as the data at its time of issue, which stands in it. It returns which step failed.
func (r *Runner) attempt(ctx context.Context, s Schedule, run *Run) (string, error) {
	period, err := ParsePeriod(s.Kind, run.Period)
	if err != nil {
		return stepSchedule, err
	}
	report, err := r.o.Build(ctx, scopeOf(r.o.Registry, s.Centre), s.Centre, run.Period)
	if err != nil {
		return stepBuild, err
	}
	if err := r.write(s, period, run, report); err != nil {
		return stepWrite, err
	}
	if err := r.send(ctx, s, run, report); err != nil {
		return stepMail, err
	}
	return "", nil
}

func (r *Runner) write(s Schedule, period Period, run *Run, report *wire.Report) error {
	run.Files = nil
	for _, name := range s.Formats {
		f := r.o.Formats[name]
		file, err := r.o.Folder.write(path.Join(s.Folder, fileName(s, period, f)), s.ID, func(w io.Writer) error {
			return f.Write(w, report, s.Language)
		})
		if err != nil {
			return err
		}
		run.Files = append(run.Files, file)
	}
	return nil
}

// send sends the report to all who do not have it. It notes in the run who has it, and who never will.
func (r *Runner) send(ctx context.Context, s Schedule, run *Run, report *wire.Report) error {
	var to []string
	for _, address := range s.To {
		if _, refused := run.Refused[bare(address)]; !refused && !slices.Contains(run.Sent, bare(address)) {
			to = append(to, address)
		}
	}
	var again []error
	if len(to) > 0 {
		if r.o.Mailer == nil {
			return errors.New("no mail can be sent: set --smtp-host and --smtp-from")
		}
		// The run before it is a copy of, and whoever reads that, keep their own.
		run.Sent, run.Refused = slices.Clone(run.Sent), maps.Clone(run.Refused)
		for i, err := range r.o.Mailer.Send(ctx, r.mails(s, *run, report, to, r.o.Now())) {
			switch address := bare(to[i]); {
			case err == nil:
				run.Sent = append(run.Sent, address)
			case errors.Is(err, ErrRefused):
				if run.Refused == nil {
					run.Refused = map[string]string{}
				}
				run.Refused[address] = err.Error()
			default:
				again = append(again, fmt.Errorf("%s: %w", address, err))
			}
		}
	}
	switch {
	case len(again) > 0:
		return joined(again)
	case len(run.Refused) > 0:
		return fmt.Errorf("%w: %s", ErrRefused, strings.Join(slices.Sorted(maps.Keys(run.Refused)), ", "))
	default:
		return nil
	}
}

// joined names the first few: when the server is away, all say the same.
func joined(errs []error) error {
	const shown = 3
	if len(errs) <= shown {
		return errors.Join(errs...)
	}
	return fmt.Errorf("%w\nand %d addresses more", errors.Join(errs[:shown]...), len(errs)-shown)
}
