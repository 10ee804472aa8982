package schedule

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

func formats() map[string]Format {
	write := func(w io.Writer, r *wire.Report, language string) error {
		_, err := fmt.Fprintf(w, "%s %s %s\n", language, r.Centre.Code, r.Period.Text)
		return err
	}
	return map[string]Format{
		"json": {Extension: "json", ContentType: "application/json", Write: write},
		"pdf":  {Extension: "pdf", ContentType: "application/pdf", Write: write},
	}
}

// memory is a Store that a test looks into. What it does in ClickHouse is tested in cmd/ioc.
type memory struct {
	mu    sync.Mutex
	runs  map[Key]Run
	since map[string]time.Time
	err   error
}

func newMemory() *memory { return &memory{runs: map[Key]Run{}, since: map[string]time.Time{}} }

func (m *memory) ReportRuns(_ context.Context, q RunsQuery) ([]Run, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Run
	for k, r := range m.runs {
		open := q.Open && (r.State == wire.RunPending || r.State == wire.RunRunning)
		if len(q.Keys) == 0 && !q.Open || open || slices.Contains(q.Keys, k) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b Run) int { return b.Due.Compare(a.Due) })
	return out, m.err
}

func (m *memory) ChangeReportRun(ctx context.Context, r Run) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := Key{r.Schedule, r.Period}
	if m.err != nil || ctx.Err() != nil || r.Version != m.runs[k].Version+1 {
		return false, errors.Join(m.err, ctx.Err())
	}
	m.runs[k] = r
	return true, nil
}

func (m *memory) ReportSchedulesSince(_ context.Context, ids []string, now time.Time) (map[string]time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		if _, ok := m.since[id]; !ok {
			m.since[id] = now
		}
	}
	return m.since, m.err
}

func (m *memory) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

func (m *memory) run(schedule, period string) Run {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.runs[Key{schedule, period}]
}

// post is a Mailer that a test looks into.
type post struct {
	mu    sync.Mutex
	err   map[string]error // by address, "" for all
	tried []time.Time
	sent  []Mail
}

func (p *post) Send(_ context.Context, mails []Mail) []error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tried = append(p.tried, time.Now())
	out := make([]error, len(mails))
	for i, m := range mails {
		if out[i] = errors.Join(p.err[""], p.err[bare(m.To)]); out[i] == nil {
			p.sent = append(p.sent, m)
		}
	}
	return out
}

func (p *post) set(address string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = map[string]error{}
	}
	p.err[address] = err
}

// desk is a Runner with all around it.
type desk struct {
	*Runner
	t     *testing.T
	store *memory
	post  *post
	dir   string
	file  string
	log   *bytes.Buffer
	built int
	fails error // of Build
}

func newDesk(t *testing.T, text string) *desk {
	t.Helper()
	d := &desk{t: t, store: newMemory(), post: &post{}, dir: t.TempDir(), log: &bytes.Buffer{}}
	d.file = filepath.Join(t.TempDir(), "s.yaml")
	d.put(text)
	d.start()
	return d
}

func (d *desk) put(text string) {
	d.t.Helper()
	if err := os.WriteFile(d.file, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// start makes a new Runner on what is there, as a restart does.
func (d *desk) start() {
	d.t.Helper()
	folder, err := OpenFolder(d.dir)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { folder.Close() })
	k := known(d.t)
	d.Runner, err = New(Options{
		Book: NewBook(d.file, k), Store: d.store, Registry: k.Registry, Build: d.build, Formats: k.Formats, Folder: folder, Mailer: d.post, Worker: "w",
		Log: slog.New(slog.NewTextHandler(d.log, nil)),
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) build(_ context.Context, _ query.Scope, centre, period string) (*wire.Report, error) {
	d.built++
	if d.fails != nil {
		return nil, d.fails
	}
	return &wire.Report{
		Centre: wire.Centre{Code: centre, Name: schemas.Text{VI: "Tỉnh Bình Phước", EN: "Binh Phuoc province"}},
		Period: wire.ReportPeriod{Text: period, Name: schemas.Text{VI: "kỳ " + period, EN: "period " + period}}, IssuedAt: time.Now(),
		Summary: []wire.ReportSentence{{Text: schemas.Text{VI: "Hồ sơ <đúng hạn> giảm 2,5 điểm.", EN: "Dossiers <in time> fell by 2.5 points."}}},
	}, nil
}

// pass lets the runner run for so long.
func (d *desk) pass(span time.Duration) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), span)
	defer cancel()
	if err := d.Run(ctx); err != nil {
		d.t.Fatal(err)
	}
}

const daily = `schedules:
  - { id: daily, period: day, at: "06:00", centre: province, formats: [json], to: ["Ông A <a@b.vn>", c@d.vn] }
`

// The clock of a synctest bubble starts at midnight UTC of 1 January 2000: 7 in the morning of Binh Phuoc.
func TestEachPeriodIsReportedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, daily)
		d.pass(72 * time.Hour)
		if len(d.store.runs) != 3 || d.built != 3 || len(d.post.sent) != 6 {
			t.Fatalf("%d runs, %d reports and %d mails in three days: a new schedule makes up for nothing", len(d.store.runs), d.built, len(d.post.sent))
		}
		r := d.store.run("daily", "2000-01-03")
		if r.State != wire.RunDone || r.Attempts != 1 || !slices.Equal(r.Sent, []string{"a@b.vn", "c@d.vn"}) || !r.At.Equal(local(t, "2000-01-04 06:00")) {
			t.Errorf("it stands so: %+v", r)
		}
		raw, err := os.ReadFile(filepath.Join(d.dir, "province", "bao-cao-province-2000-01-03.vi.json"))
		if err != nil || string(raw) != "vi province 2000-01-03\n" {
			t.Errorf("the file holds %q (%v)", raw, err)
		}
		// A restart sends nothing again, and what came due meanwhile is made up for.
		d.start()
		d.pass(time.Hour)
		if d.built != 3 {
			t.Errorf("a restart made %d reports", d.built-3)
		}
		time.Sleep(48 * time.Hour)
		d.start()
		d.pass(time.Minute)
		if d.built != 5 || len(d.post.sent) != 10 {
			t.Errorf("%d reports after two days away, want 2 more", d.built-3)
		}
		time.Sleep(30 * 24 * time.Hour)
		d.pass(time.Minute)
		if d.built != 12 {
			t.Errorf("%d reports after 30 days away, want those of 7 days", d.built-5)
		}
	})
}

func TestWhatFailsIsTriedAgainAndThenGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, strings.Replace(daily, "day, at", "month, day: 2, at", 1))
		d.post.set("", errors.New("connection refused"))
		d.pass(4 * 24 * time.Hour)
		r := d.store.run("daily", "1999-12")
		if r.State != wire.RunFailed || r.Step != stepMail || !strings.Contains(r.Error, "a@b.vn: connection refused") {
			t.Fatalf("it stands so: %+v", r)
		}
		var waits []time.Duration
		for i := range len(d.post.tried) - 1 {
			waits = append(waits, d.post.tried[i+1].Sub(d.post.tried[i]).Round(time.Minute))
		}
		want := []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360, 360, 360, 360}
		for i := range want {
			want[i] *= time.Minute
		}
		if span := d.post.tried[len(d.post.tried)-1].Sub(d.post.tried[0]); !slices.Equal(waits, want[:len(waits)]) || span > GiveUp || span < GiveUp-7*time.Hour {
			t.Errorf("it waited %v, together %v", waits, span)
		}
		if n := strings.Count(d.log.String(), "failed for good"); n != 1 {
			t.Errorf("the failure is logged %d times", n)
		}
		// By hand it goes on where it stopped.
		d.post.set("", nil)
		d.post.set("c@d.vn", errors.New("451 not now"))
		d.start()
		d.o.Book.Reload()
		got, err := d.Now(t.Context(), query.Everything(), wire.ReportRunRequest{Schedule: "daily", Period: "1999-12"}, "me")
		if err != nil || got.State != wire.RunPending || got.Attempts != 1 || got.Edition != 0 || !slices.Equal(got.Sent, []string{"a@b.vn"}) {
			t.Errorf("by hand: %+v (%v)", got, err)
		}
		first := d.post.sent[0].ID
		d.post.set("c@d.vn", nil)
		d.pass(time.Hour)
		if r := d.store.run("daily", "1999-12"); r.State != wire.RunDone || len(d.post.sent) != 2 || r.Error != "" {
			t.Errorf("%d mails, and it stands so: %+v", len(d.post.sent), r)
		}
		// What was done is made anew, and its mails are others.
		if _, err := d.Now(t.Context(), query.Everything(), wire.ReportRunRequest{Schedule: "daily", Period: "1999-12"}, "me"); err != nil {
			t.Fatal(err)
		}
		if r := d.store.run("daily", "1999-12"); r.State != wire.RunDone || r.Edition != 1 || len(d.post.sent) != 4 || d.post.sent[2].To != "Ông A <a@b.vn>" || d.post.sent[2].ID == first {
			t.Errorf("%d mails, and it stands so: %+v", len(d.post.sent), r)
		}
	})
}

func TestARefusedAddressIsNotTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, strings.Replace(daily, "day, at", "year, day: 2, at", 1))
		d.post.set("a@b.vn", fmt.Errorf("%w: 550 no such user", ErrRefused))
		d.post.set("c@d.vn", errors.New("451 not now"))
		d.pass(23*time.Hour + 30*time.Second)
		r := d.store.run("daily", "1999")
		if r.State != wire.RunPending || r.Refused["a@b.vn"] == "" || len(r.Sent) > 0 {
			t.Fatalf("it stands so: %+v", r)
		}
		d.post.set("c@d.vn", nil)
		d.pass(time.Hour)
		r = d.store.run("daily", "1999")
		if r.State != wire.RunFailed || !slices.Equal(r.Sent, []string{"c@d.vn"}) || r.Attempts != 2 || !strings.Contains(r.Error, "a@b.vn") {
			t.Errorf("it stands so: %+v", r)
		}
		if s := r.wire().Sentence; s.VI != "Thất bại: không gửi được thư đến mọi địa chỉ." {
			t.Errorf("it says %q", s.VI)
		}
	})
}

func TestWhatIsWrongElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, daily)
		d.store.fail(errors.New("storage is away"))
		d.pass(2 * time.Hour)
		if n := strings.Count(d.log.String(), "wait for storage"); n != 1 {
			t.Errorf("that storage is away is logged %d times", n)
		}
		d.store.fail(nil)
		d.fails = errors.New("no rollups")
		d.pass(22 * time.Hour) // until after 6 in the morning
		if r := d.store.run("daily", "2000-01-01"); r.State != wire.RunPending || r.Step != stepBuild || r.Error != "no rollups" {
			t.Errorf("it stands so: %+v", r)
		}
		// A bad file takes no schedule away.
		d.put("schedules: [")
		d.start()
		d.pass(time.Hour)
		if r := d.store.run("daily", "2000-01-01"); r.State != wire.RunPending {
			t.Errorf("with a bad file it stands so: %+v", r)
		}
		// A good one does.
		d.put("schedules: []\n")
		d.pass(time.Hour)
		if r := d.store.run("daily", "2000-01-01"); r.State != wire.RunFailed || r.Step != stepSchedule {
			t.Errorf("without its schedule it stands so: %+v", r)
		}
		d.put(daily)
		d.fails = query.ErrNotFound // such as of a centre that did not exist then
		d.pass(24 * time.Hour)
		if r := d.store.run("daily", "2000-01-02"); r.State != wire.RunFailed || r.Attempts != 1 {
			t.Errorf("what can never be made stands so: %+v", r)
		}
	})
}

// stopper stops the process while it sends.
type stopper struct {
	*post
	stop context.CancelFunc
}

func (s *stopper) Send(ctx context.Context, mails []Mail) []error {
	out := s.post.Send(ctx, mails[:1])
	s.stop()
	for range mails[1:] {
		out = append(out, ctx.Err())
	}
	return out
}

func TestAStopWhileItSendsIsNoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, daily)
		ctx, cancel := context.WithCancel(t.Context())
		d.o.Mailer = &stopper{d.post, cancel}
		if err := d.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if r := d.store.run("daily", "2000-01-01"); r.State != wire.RunPending || !slices.Equal(r.Sent, []string{"a@b.vn"}) || r.Attempts != 0 {
			t.Errorf("it stands so: %+v", r)
		}
		d.start()
		d.pass(time.Minute)
		if len(d.post.sent) != 2 || d.post.sent[1].To != "c@d.vn" {
			t.Errorf("%d mails were sent", len(d.post.sent))
		}
	})
}

func TestWhatACrashLeftIsTakenOverAfterItsLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, daily)
		now := time.Now()
		d.store.since["daily"] = now.Add(-48 * time.Hour)
		dead := Run{ReportRun: wire.ReportRun{Schedule: "daily", Period: "1999-12-31", Centre: "province", State: wire.RunRunning, Attempts: 1, Due: now.Add(-time.Hour)}, Version: 1, FirstTry: now, Until: now.Add(lease)}
		d.store.runs[Key{"daily", "1999-12-31"}] = dead
		d.o.Book.Reload()
		if _, err := d.Ask(t.Context(), query.Everything(), wire.ReportRunRequest{Schedule: "daily"}, "me"); !errors.Is(err, query.ErrBusy) {
			t.Errorf("to ask for what is being made: %v", err)
		}
		d.pass(lease - time.Minute)
		if r := d.store.run("daily", "1999-12-31"); r.Version != 1 {
			t.Fatalf("it was taken from its worker: %+v", r)
		}
		d.pass(2 * time.Minute)
		if r := d.store.run("daily", "1999-12-31"); r.State != wire.RunDone || r.Attempts != 2 {
			t.Errorf("it stands so: %+v", r)
		}
	})
}

func TestWhatMayBeAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, goodFile)
		d.o.Book.Reload()
		own := query.Only("dong-xoai")
		for _, c := range []struct {
			scope query.Scope
			q     wire.ReportRunRequest
			want  error
		}{
			{query.Everything(), wire.ReportRunRequest{Schedule: "none"}, query.ErrNotFound},
			{own, wire.ReportRunRequest{Schedule: "province-monthly"}, query.ErrNotFound},
			{own, wire.ReportRunRequest{Schedule: "dong-xoai-weekly", Period: "1999-12"}, query.ErrBadRequest},
			{own, wire.ReportRunRequest{Schedule: "dong-xoai-weekly", Period: "1999-W52"}, query.ErrBadRequest}, // until Sunday
			{own, wire.ReportRunRequest{Schedule: "dong-xoai-weekly"}, nil},
		} {
			if _, err := d.Ask(t.Context(), c.scope, c.q, "me"); !errors.Is(err, c.want) {
				t.Errorf("%+v: %v, want %v", c.q, err, c.want)
			}
		}
		list, err := d.Schedules(t.Context(), own)
		if err != nil || len(list.Schedules) != 1 || list.Schedules[0].ID != "dong-xoai-weekly" || list.Schedules[0].NextPeriod != "1999-W52" {
			t.Errorf("a centre sees %+v (%v)", list, err)
		}
		if _, err := d.Runs(t.Context(), own, "", "lost", 1); !errors.Is(err, query.ErrBadRequest) {
			t.Errorf("a state that is none: %v", err)
		}
		if raw, err := json.Marshal(d.store.run("dong-xoai-weekly", "1999-W51").wire()); err != nil || !bytes.Contains(raw, []byte(`"next_attempt":"2000-01-01T00:00:00Z"`)) || bytes.Contains(raw, []byte("null")) {
			t.Errorf("it is told as %s (%v)", raw, err)
		}
	})
}

func TestALetter(t *testing.T) {
	d := newDesk(t, daily)
	report, err := d.build(t.Context(), query.Everything(), "province", "2026-10")
	if err != nil {
		t.Fatal(err)
	}
	report.IssuedAt = local(t, "2026-11-05 07:30")
	d.o.MaxAttached = 3 << 20
	s := Schedule{Language: "vi", Formats: []string{"pdf", "json", "pdf"}, Intro: schemas.Text{VI: "Kính gửi <các> đồng chí,"}}
	run := Run{ReportRun: wire.ReportRun{Files: []wire.ReportFile{{Name: "p/a.pdf", Bytes: 2 << 20}, {Name: "p/b.json", Bytes: 5 << 19}, {Name: "p/c.pdf", Bytes: 1 << 20}}}}
	m := d.mails(s, run, report, []string{"a@b.vn"}, time.Now())[0]
	want := "Kính gửi <các> đồng chí,\n\nBáo cáo chỉ tiêu kỳ 2026-10 – Tỉnh Bình Phước\n\n- Hồ sơ <đúng hạn> giảm 2,5 điểm.\n\nTệp đính kèm: a.pdf, c.pdf\n\n" +
		"Tệp b.json (2,5 MB) quá lớn để gửi kèm thư. Tệp nằm tại " + filepath.Join(d.dir, "p/b.json") + ".\n\n-- \nThư do hệ thống IOC lập tự động lúc 07:30 05/11/2026. Vui lòng không trả lời thư này.\n"
	if m.Text != want || m.Subject != "Báo cáo chỉ tiêu kỳ 2026-10 – Tỉnh Bình Phước" || len(m.Attachments) != 2 {
		t.Errorf("%q with %d files:\n%s", m.Subject, len(m.Attachments), m.Text)
	}
	for _, has := range []string{"Hồ sơ &lt;đúng hạn&gt; giảm 2,5 điểm.", "Kính gửi &lt;các&gt; đồng chí,", "a.pdf, c.pdf", `lang="vi"`} {
		if !strings.Contains(m.HTML, has) {
			t.Errorf("the page lacks %q:\n%s", has, m.HTML)
		}
	}
	s.Language = "en"
	if m := d.mails(s, run, report, []string{"a@b.vn"}, time.Now())[0]; m.Subject != "KPI report, period 2026-10 – Binh Phuoc province" || !strings.Contains(m.Text, "b.json (2.5 MB) is too large") {
		t.Errorf("%q:\n%s", m.Subject, m.Text)
	}
}

func TestFilesAreWrittenWholeAndInTheFolder(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	write := func(name, text string, fails error) error {
		_, err := f.write(name, "me", func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return errors.Join(err, fails)
		})
		return err
	}
	read := func() string {
		raw, err := os.ReadFile(filepath.Join(dir, "a", "b", "r.pdf"))
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	if err := write("a/b/r.pdf", "first", nil); err != nil || read() != "first" {
		t.Fatalf("%v", err)
	}
	if err := write("a/b/r.pdf", "half", errors.New("the disk is full")); err == nil || read() != "first" {
		t.Errorf("a write that failed left %q (%v)", read(), err)
	}
	if err := write("a/b/r.pdf", "second", nil); err != nil || read() != "second" {
		t.Errorf("%v", err)
	}
	list, err := os.ReadDir(filepath.Join(dir, "a", "b"))
	if err != nil || len(list) != 1 {
		t.Errorf("%v is left over (%v)", list, err)
	}
	if info, err := os.Stat(filepath.Join(dir, "a", "b", "r.pdf")); err != nil || info.Mode().Perm()&0o137 != 0 {
		t.Errorf("its rights are %v (%v)", info.Mode(), err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"link/r.pdf", "../r.pdf"} {
		if err := write(name, "x", nil); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	if list, err := os.ReadDir(outside); err != nil || len(list) > 0 {
		t.Errorf("outside lies %v (%v)", list, err)
	}
}
