package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/chstore"
	"github.com/binhphuoc/ioc/query/schedule"
	"github.com/binhphuoc/ioc/query/smtp"
	"github.com/binhphuoc/ioc/query/smtp/smtptest"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// smallReport is one as the province's.
func smallReport(_ context.Context, scope query.Scope, centre, period string) (*wire.Report, error) {
	if !scope.Sees(centre) {
		return nil, query.ErrNotFound
	}
	return &wire.Report{
		Centre:   wire.Centre{Code: centre, Name: schemas.Text{VI: "Tỉnh Bình Phước", EN: "Binh Phuoc province"}},
		Period:   wire.ReportPeriod{Text: period, Name: schemas.Text{VI: "ngày " + period, EN: period}},
		IssuedAt: time.Date(2026, 10, 15, 0, 0, 0, 0, time.UTC),
		Summary:  []wire.ReportSentence{{Kind: wire.SentenceFell, Text: schemas.Text{VI: "Tỷ lệ hồ sơ đúng hạn giảm.", EN: "The share of dossiers in time fell."}}},
	}, nil
}

// office is where reports are made: one database, one folder, one file of schedules, and a clock.
type office struct {
	*rig
	dir, file string
	mu        sync.Mutex
	now       time.Time
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{rig: newRig(t), dir: t.TempDir(), file: filepath.Join(t.TempDir(), "s.yaml"), now: time.Date(2026, 10, 13, 3, 0, 0, 0, time.UTC)}
	o.put("a@b.vn, c@b.vn")
	return o
}

func (o *office) put(to string) {
	o.t.Helper()
	o.must(os.WriteFile(o.file, []byte(`schedules:
  - { id: daily, period: day, at: "06:00", centre: province, formats: [json], to: [`+to+`] }
  - { id: weekly, period: week, at: "06:00", centre: dong-xoai, formats: [json] }
`), 0o600))
}

func (o *office) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *office) pass(span time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(span)
}

// worker is what makes reports after a start of the process. It sends to the mail server at a port; 0: there is none.
func (o *office) worker(name string, port int) *schedule.Runner {
	o.t.Helper()
	folder, err := schedule.OpenFolder(o.dir)
	o.must(err)
	o.t.Cleanup(func() { folder.Close() })
	options := schedule.Options{
		Store: o.store, Registry: o.registry, Build: smallReport, Formats: reportFormats(), Folder: folder, Worker: name, Now: o.clock,
		Book: schedule.NewBook(o.file, schedule.Known{Registry: o.registry, Formats: reportFormats(), Mail: true}), Log: slog.New(slog.DiscardHandler),
	}
	if port != 0 {
		options.Mailer, err = smtp.New(smtp.Options{Host: "127.0.0.1", Port: port, From: "ioc@binhphuoc.gov.vn", Timeout: 10 * time.Second})
		o.must(err)
	}
	o.must(errors.Join(options.Book.Reload()...))
	w, err := schedule.New(options)
	o.must(err)
	return w
}

// stands returns how the newest report of a schedule stands.
func (o *office) stands(id string) wire.ReportRun {
	o.t.Helper()
	list, err := o.worker("reader", 0).Runs(o.t.Context(), query.Everything(), id, "", 1)
	o.must(err)
	if len(list.Runs) == 0 {
		return wire.ReportRun{}
	}
	return list.Runs[0]
}

func TestAReportIsMadeSentAndRemembered(t *testing.T) {
	o := newOffice(t)
	server := smtptest.Start(t, smtptest.Options{})
	o.must(o.worker("one", server.Port()).Once(t.Context())) // learns of the schedules
	if r := o.stands(""); r.Schedule != "" {
		t.Fatalf("a new schedule made %+v", r)
	}
	o.pass(24 * time.Hour)
	for range 2 {
		o.must(o.worker("one", server.Port()).Once(t.Context()))
	}
	r := o.stands("daily")
	if r.State != wire.RunDone || r.Period != "2026-10-13" || !slices.Equal(r.Sent, []string{"a@b.vn", "c@b.vn"}) || r.NextAttempt != nil || len(server.Mails()) != 2 {
		t.Fatalf("%d mails, and it stands so: %+v", len(server.Mails()), r)
	}
	name := filepath.Join(o.dir, "province", "bao-cao-province-2026-10-13.vi.json")
	raw, err := os.ReadFile(name)
	o.must(err)
	if !strings.Contains(string(raw), "Tỷ lệ hồ sơ đúng hạn giảm.") || r.Files[0].Bytes != uint64(len(raw)) || r.Files[0].Name != "province/bao-cao-province-2026-10-13.vi.json" {
		t.Errorf("the file %+v holds %s", r.Files, raw)
	}
	// What was due in days without a process is made up for.
	o.pass(72 * time.Hour)
	o.must(o.worker("two", server.Port()).Once(t.Context()))
	if got := o.text("SELECT arrayStringConcat(arraySort(groupArray(period)), ' ') FROM report_run FINAL WHERE state = 'done' AND schedule = 'daily'"); got != "2026-10-13 2026-10-14 2026-10-15 2026-10-16" {
		t.Errorf("done are %s", got)
	}
	if n := len(server.Mails()); n != 8 {
		t.Errorf("%d mails were sent, want 8", n)
	}
}

func TestAMailServerThatWasAway(t *testing.T) {
	o := newOffice(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	o.must(err)
	port := l.Addr().(*net.TCPAddr).Port
	o.must(l.Close())
	o.must(o.worker("one", port).Once(t.Context()))
	o.pass(24 * time.Hour)
	o.must(o.worker("one", port).Once(t.Context()))
	r := o.stands("daily")
	if r.State != wire.RunPending || r.Step != "mail" || r.Attempts != 1 || r.NextAttempt == nil || !r.NextAttempt.Equal(o.clock().Add(time.Minute)) || !strings.Contains(r.Error, "connection refused") {
		t.Fatalf("it stands so: %+v", r)
	}
	// A restart between the attempts loses nothing and hurries nothing.
	server := smtptest.Start(t, smtptest.Options{Port: port})
	server.Refuse("c@b.vn", 451)
	o.pass(59 * time.Second)
	o.must(o.worker("two", port).Once(t.Context()))
	if n := len(server.Mails()); n != 0 {
		t.Fatalf("%d mails before the time of the next attempt", n)
	}
	o.pass(time.Second)
	o.must(o.worker("two", port).Once(t.Context()))
	server.Refuse("c@b.vn", 0)
	if r := o.stands("daily"); r.State != wire.RunPending || r.Attempts != 2 || !slices.Equal(r.Sent, []string{"a@b.vn"}) || !r.NextAttempt.Equal(o.clock().Add(2*time.Minute)) {
		t.Fatalf("it stands so: %+v", r)
	}
	// Who was added meanwhile gets it too; who has it gets it no second time.
	o.put("a@b.vn, c@b.vn, d@b.vn")
	server.Refuse("d@b.vn", 550)
	o.pass(2 * time.Minute)
	o.must(o.worker("three", port).Once(t.Context()))
	if r := o.stands("daily"); r.State != wire.RunFailed || !slices.Equal(r.Sent, []string{"a@b.vn", "c@b.vn"}) || !strings.Contains(r.Refused["d@b.vn"], "550") || len(server.Mails()) != 2 {
		t.Errorf("%d mails, and it stands so: %+v", len(server.Mails()), r)
	}
}

func TestOfTwoProcessesOneMakesAReport(t *testing.T) {
	o := newOffice(t)
	server := smtptest.Start(t, smtptest.Options{})
	o.must(o.worker("first", server.Port()).Once(t.Context()))
	const days, workers = 5, 4
	o.pass(days * 24 * time.Hour)
	var all errgroup.Group
	for i := range workers {
		w := o.worker("w"+strconv.Itoa(i), server.Port())
		all.Go(func() error { return w.Once(t.Context()) })
	}
	o.must(all.Wait())
	if got, n := o.text("SELECT toString(count()) FROM report_run FINAL WHERE state = 'done' AND schedule = 'daily'"), len(server.Mails()); got != "5" || n != 2*days {
		t.Errorf("%s reports are done and %d mails sent, want %d and %d", got, n, days, 2*days)
	}
	// All at the same version of the same row, again and again.
	run := schedule.Run{ReportRun: wire.ReportRun{Schedule: "race", Period: "2026", Centre: "province", State: wire.RunRunning, Due: o.clock(), At: o.clock()}}
	for version := range uint64(20) {
		var mu sync.Mutex
		ours := 0
		for i := range workers {
			r := run
			r.Version, r.By = version+1, "w"+strconv.Itoa(i)
			all.Go(func() error {
				won, err := o.store.ChangeReportRun(t.Context(), r)
				mu.Lock()
				defer mu.Unlock()
				if won {
					ours++
				}
				return err
			})
		}
		o.must(all.Wait())
		if ours != 1 {
			t.Fatalf("version %d is of %d workers", version+1, ours)
		}
	}
}

func TestReportsOfACentreAreItsOwn(t *testing.T) {
	o := newOffice(t)
	o.put("")
	w := o.worker("one", 0)
	o.must(w.Once(t.Context()))
	o.pass(8 * 24 * time.Hour)
	o.must(w.Once(t.Context()))
	all, err := w.Runs(t.Context(), query.Everything(), "", wire.RunDone, 100)
	o.must(err)
	own, err := w.Runs(t.Context(), query.Only("dong-xoai"), "", "", 100)
	o.must(err)
	none, err := w.Runs(t.Context(), query.Scope{}, "", "", 100)
	o.must(err)
	if len(all.Runs) != 8 || len(own.Runs) != 1 || own.Runs[0].Schedule != "weekly" || len(none.Runs) != 0 {
		t.Errorf("%d runs, %d of Đồng Xoài, %d of nobody; want 8, 1 and 0", len(all.Runs), len(own.Runs), len(none.Runs))
	}
	if !slices.IsSortedFunc(all.Runs, func(a, b wire.ReportRun) int { return b.Due.Compare(a.Due) }) {
		t.Error("they are not the newest first")
	}
	if few, err := w.Runs(t.Context(), query.Everything(), "daily", "", 3); err != nil || len(few.Runs) != 3 {
		t.Errorf("%d runs of a limit of 3 (%v)", len(few.Runs), err)
	}
}

func TestReportsCommand(t *testing.T) {
	o := newOffice(t)
	server := smtptest.Start(t, smtptest.Options{})
	if out := o.ioc(0, "reports", "check", o.file); !strings.Contains(out, "is good: 2 schedules") {
		t.Errorf("check prints %q", out)
	}
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	o.must(os.WriteFile(bad, []byte("schedules:\n  - id: a\n    period: fortnight\n"), 0o600))
	if out := o.ioc(1, "reports", "check", bad); !strings.Contains(out, bad+`:3: schedules[0].period: "fortnight"`) {
		t.Errorf("check prints %q", out)
	}
	if out := o.ioc(0, "reports", "list"); !strings.Contains(out, "no report was made") {
		t.Errorf("list prints %q", out)
	}
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"reports"}, "say what to do"},
		{[]string{"reports", "run"}, "say what to do"},
		{[]string{"reports", "run", "daily"}, "--report-schedules"},
		{[]string{"reports", "list", "--state", "lost"}, "pending, running, done or failed"},
	} {
		if out := o.ioc(1, c.args...); !strings.Contains(out, c.says) {
			t.Errorf("%v prints %q, want %q in it", c.args, out, c.says)
		}
	}
	// The rest is of reports that are quickly made.
	command := func(do func(*parts, *schedule.Runner) error) (string, error) {
		t.Helper()
		var out strings.Builder
		a, err := newParts(&settings{
			clickhouseDSN: o.dsn, reportSchedules: o.file, reportDir: o.dir, smtpHost: "127.0.0.1", smtpPort: server.Port(),
			smtpFrom: "IOC <ioc@binhphuoc.gov.vn>", limit: 20, period: "2026-10-12",
		}, &process{out: &out, log: slog.New(slog.DiscardHandler)})
		o.must(err)
		a.build = func(*chstore.Store) schedule.Build { return smallReport }
		err = a.withReports(func(r *schedule.Runner) error { return do(a, r) })
		return out.String(), err
	}
	run := func(id string) (string, error) {
		return command(func(a *parts, r *schedule.Runner) error { return a.runReport(t.Context(), r, id) })
	}
	if out, err := run("daily"); err != nil || len(server.Mails()) != 2 || !strings.Contains(out, "daily 2026-10-12: Done: 1 files, sent to 2 addresses.") {
		t.Errorf("run prints %q (%v); %d mails", out, err, len(server.Mails()))
	}
	server.Refuse("", 451)
	if out, err := run("daily"); err == nil || !strings.Contains(out, "Is tried again: it could not be sent to all addresses. a@b.vn: ") {
		t.Errorf("run with a server that does not take it prints %q (%v)", out, err)
	}
	if _, err := run("monthly"); err == nil || !strings.Contains(err.Error(), `no schedule "monthly"`) {
		t.Errorf("run of no schedule: %v", err)
	}
	list, err := command(func(a *parts, r *schedule.Runner) error { return a.listReports(t.Context(), r) })
	for _, has := range []string{"weekly                 week     dong-xoai", "daily                  2026-10-12 pending", "2 addresses"} {
		if err != nil || !strings.Contains(list, has) {
			t.Errorf("list lacks %q (%v):\n%s", has, err, list)
		}
	}
}

func TestMailSettingsThatCanNotBe(t *testing.T) {
	for _, c := range []struct {
		s    settings
		says string
	}{
		{settings{smtpHost: "mail.vn"}, "smtp-from"},
		{settings{smtpFrom: "a@b.vn"}, "--smtp-host is missing"},
		{settings{smtpHost: "mail.vn", smtpFrom: "a@b.vn", smtpTLS: "ssl"}, "starttls, tls or none"},
		{settings{smtpHost: "mail.vn", smtpFrom: "a@b.vn", smtpUser: "ioc"}, "smtp-password"},
	} {
		a, err := newParts(&c.s, &process{log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.scheduledReports(nil); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v, want %q", c.s, err, c.says)
		}
	}
}
