package dashboardapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/getkin/kin-openapi/openapi3filter"
	"go.uber.org/goleak"

	"github.com/binhphuoc/ioc/dashboard-api/live"
	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/scene"
	"github.com/binhphuoc/ioc/query/scorecard"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

func TestMain(m *testing.M) {
	for _, kind := range []string{"application/x-ndjson", "text/csv", "application/geo+json"} {
		openapi3filter.RegisterBodyDecoder(kind, openapi3filter.FileBodyDecoder)
	}
	goleak.VerifyTestMain(m)
}

const token = "a-token-of-24-characters!"

// now is the clock of the tests' servers.
func now() time.Time { return time.Date(2026, 10, 5, 1, 30, 0, 0, time.UTC) }

// answers are fake Queries: they give what is set, and remember what was asked.
type answers struct {
	mu      sync.Mutex
	err     error
	wait    chan struct{} // answers come when it is closed
	asked   chan struct{}
	series  query.SeriesRequest
	rejects query.RejectsRequest
	file    FigureFile
	forced  bool
	events  query.EventsRequest
	score   scorecard.Request
	report  query.ReportRequest
	wall    time.Time
	devices query.DevicesRequest
	tickets query.TicketsRequest
	hour    query.HourRequest
	change  scene.Change
	by      string
}

func (a *answers) answer(ctx context.Context) error {
	if a.wait != nil {
		a.asked <- struct{}{}
		select {
		case <-a.wait:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return a.err
}

func (a *answers) Series(ctx context.Context, _ query.Scope, r query.SeriesRequest) (wire.Series, error) {
	a.mu.Lock()
	a.series = r
	a.mu.Unlock()
	n := 3.0
	return wire.Series{
		KPI: r.KPI, Centre: r.Centre, Unit: "%", StepSeconds: r.Step.Seconds(),
		Points: []wire.Point{{At: r.From, Value: &n, Numerator: &n}, {At: r.From.Add(r.Step)}},
	}, a.answer(ctx)
}

// feedAnswers are those about feeds: both they and those about refused events have a List.
type feedAnswers struct{ *answers }

func (a feedAnswers) List(ctx context.Context, _ query.Scope) ([]wire.FeedHealth, error) {
	at, share, p50, rate := now(), 0.25, -0.5, 0.9
	active := wire.FeedActivity{
		Hour:      wire.FeedSpan{Events: 2, Repeats: 1, Rejected: 1, RejectedShare: &share, DelayP50: &p50, DelayP99: &share},
		UsualHour: &rate, UsualDays: 3, Rate: &rate,
		Gaps: wire.FeedGaps{OverSeconds: 180, Count: 1, Longest: &wire.FeedGap{From: at, Seconds: 200}},
	}
	return []wire.FeedHealth{{Feed: testFeeds()[0], LateSources: 1, FeedActivity: active}, {Feed: testFeeds()[1]}}, a.answer(ctx)
}

func (a feedAnswers) Sources(ctx context.Context, _ query.Scope, r query.FeedSourcesRequest) (wire.FeedSourceList, error) {
	if r.Centre == "nowhere" {
		return wire.FeedSourceList{}, query.ErrNotFound
	}
	return wire.FeedSourceList{Total: 3, Next: "1", Sources: []wire.FeedSource{{
		Centre: r.Centre, Domain: r.Domain, Source: "/dong-xoai/camera/cam-1", State: wire.FeedLate, IntervalSeconds: 30, IntervalFrom: wire.IntervalLearned,
		IntervalSpans: 70, FirstArrival: now(), NewestArrival: now(), NewestEvent: now(),
	}}}, a.answer(ctx)
}

// refusedKey is the key of the only refused event.
const refusedKey = "0198f2a4-0000-8000-8000-000000000001"

func refused() wire.Reject {
	j := wire.Reject{
		Key: refusedKey, At: now(), Code: schemas.CodeMissing, Field: "data.status", Sentence: schemas.Text{VI: "Thiếu status.", EN: "status is missing."},
		Centre: "dong-xoai", Domain: "service", Transport: "mqtt", Topic: "ioc/dong-xoai/service/hotline", Partition: -1, Offset: -1, Index: -1,
		EventID: "e1", Source: "/dong-xoai/service/hotline", Header: map[string]string{},
		Replay: &wire.RejectReplay{At: now(), Code: schemas.CodeMissing, By: "x"},
	}
	j.SetPayload([]byte{0, 255}, 2)
	return j
}

func (a *answers) note(r query.RejectsRequest) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rejects = r
}

func (a *answers) record(by string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.by = by
}

func (a *answers) List(ctx context.Context, _ query.Scope, r query.RejectsRequest) (wire.RejectList, error) {
	a.note(r)
	return wire.RejectList{Rejects: []wire.Reject{refused()}}, a.answer(ctx)
}

func (a *answers) Counts(ctx context.Context, _ query.Scope, r query.RejectsRequest) (wire.RejectCounts, error) {
	a.note(r)
	return wire.RejectCounts{Counts: []wire.RejectCount{{
		Centre: "dong-xoai", Domain: "service", Code: schemas.CodeMissing, Count: 2, Open: 1, Sources: 1, First: now(), Newest: now(), Key: refusedKey,
	}}}, a.answer(ctx)
}

func (a *answers) Each(ctx context.Context, _ query.Scope, r query.RejectsRequest, yield func(*wire.Reject) error) error {
	a.note(r)
	if err := a.answer(ctx); err != nil {
		return err
	}
	if j := refused(); len(r.Keys) == 0 || r.Keys[0] == j.Key {
		return yield(&j)
	}
	return nil
}

func (a *answers) replay(ctx context.Context, _ query.Scope, by string, r query.RejectsRequest, dry bool) (wire.Replay, error) {
	a.record(by)
	a.note(r)
	return wire.Replay{DryRun: dry, Taken: 1, Events: 1, Results: []wire.ReplayOutcome{{Key: refusedKey, Outcome: wire.OutcomeTaken, Events: 1}}}, a.answer(ctx)
}

// uploadID is the id of the only upload, and lateID that of one that was corrected since.
const (
	uploadID = "0198f2a4-0000-4000-8000-000000000010"
	lateID   = "0198f2a4-0000-4000-8000-000000000011"
)

// uploaded is an upload with a row of each kind. A file that says "bad" has a row with an error, one that says "same" changes
// nothing, and one that says "broken" can't be read.
func uploaded(text string) wire.FigureUpload {
	value, target := json.Number("1234567.5"), json.Number("20")
	u := wire.FigureUpload{
		ID: uploadID, At: now(), By: "127.0.0.1", File: "quý 3.csv", SHA256: strings.Repeat("ab", 32), State: wire.UploadWritten, Decimal: ",",
		Centres: []string{"province"}, Rows: 2, New: 1, Corrected: 1, Problems: []wire.FigureProblem{},
		Results: []wire.FigureRow{
			{Row: 2, Centre: "province", Indicator: "budget.revenue", Period: "2026", Value: &value, IssuedBy: "Sở Tài chính", Change: wire.FigureNew, Notes: []schemas.Text{{VI: "Đọc là <b>", EN: "Read as"}}, Problems: []wire.FigureProblem{}},
			{
				Row: 3, Centre: "province", Indicator: "economy.digital_share", Name: schemas.Text{VI: "Kinh tế số", EN: "Digital economy"}, Period: "2026-Q3", Value: &value, Target: &target,
				Change: wire.FigureCorrected, Old: &wire.FigureStanding{Value: "12.5", IssuedBy: "Cục Thống kê", Source: "/province/service/figures", At: now()},
				Notes: []schemas.Text{}, Problems: []wire.FigureProblem{},
			},
		},
	}
	switch {
	case strings.Contains(text, "bad"):
		u.Rows, u.Refused = 3, 1
		u.Results = append(u.Results, wire.FigureRow{Row: 4, Change: wire.FigureRefused, Notes: []schemas.Text{}, Problems: []wire.FigureProblem{{Row: 4, Column: "C", Sentence: schemas.Text{VI: "Không phải là số.", EN: "No number."}}}})
	case strings.Contains(text, "broken"):
		u.Results, u.Rows, u.New, u.Corrected = []wire.FigureRow{}, 0, 0, 0
		u.Problems = []wire.FigureProblem{{Sentence: schemas.Text{VI: "Tệp hỏng.", EN: "The file is broken."}}}
	case strings.Contains(text, "same"):
		u.New, u.Corrected, u.Unchanged = 0, 0, 2
	}
	return u
}

func (a *answers) Upload(ctx context.Context, _ query.Scope, f FigureFile) (wire.FigureUpload, error) {
	a.mu.Lock()
	a.file = f
	a.mu.Unlock()
	u := uploaded(string(f.Data))
	switch {
	case f.DryRun:
		u.ID, u.State = "", wire.UploadPreview
	case len(u.Problems) > 0 || u.Refused > 0 && !f.SkipBad:
		u.ID, u.State = "", wire.UploadRefused
	case u.New+u.Corrected == 0:
		u.ID, u.State = "", wire.UploadUnchanged
	}
	return u, a.answer(ctx)
}

func (a *answers) Uploads(ctx context.Context, _ query.Scope, id string, _ int) (wire.FigureUploadList, error) {
	u := uploaded("")
	switch id {
	case "":
		u.Results = []wire.FigureRow{}
	case uploadID:
	case lateID:
		u.ID = lateID
	default:
		return wire.FigureUploadList{}, query.ErrNotFound
	}
	return wire.FigureUploadList{Uploads: []wire.FigureUpload{u}}, a.answer(ctx)
}

func (a *answers) Undo(ctx context.Context, _ query.Scope, by, id string, force bool) (wire.FigureUndo, error) {
	a.record(by)
	a.mu.Lock()
	a.forced = force
	a.mu.Unlock()
	value := json.Number("12.5")
	switch {
	case id == lateID && !force:
		return wire.FigureUndo{ID: id, Conflicts: []wire.FigureConflict{{
			Centre: "province", Indicator: "economy.digital_share", Period: "2026-Q3", Value: &value,
			Now: &wire.FigureStanding{Value: "13", IssuedBy: "Cục Thống kê", Source: "/province/service/thong-ke", At: now()},
		}}}, query.ErrConflict
	case id == uploadID || id == lateID:
		return wire.FigureUndo{ID: id, Restored: 1, Withdrawn: 1, Conflicts: []wire.FigureConflict{}}, a.answer(ctx)
	}
	return wire.FigureUndo{}, query.ErrNotFound
}

func emptyTable(w io.Writer, _ query.Scope, _ bool) error {
	_, err := io.WriteString(w, "PK")
	return err
}

// cards are the scorecards of a.
func (a *answers) cards() scoreAnswers { return scoreAnswers{a} }

// all makes a server answer from here.
func (a *answers) all(o *Options) {
	o.Queries, o.Feeds, o.Rejects, o.Replay, o.ReportRuns = a, feedAnswers{a}, a, a.replay, reportAnswers{a}
	o.Figures, o.FigureTemplate, o.Explain = a, emptyTable, explained{a}
	o.Scorecards = a.cards()
	o.Reports, o.Formats = a, testFormats()
	o.Alarms, o.AlarmStatistics = alarmAnswers{a}, alarmAnswers{a}.statistics
	o.Devices, o.Tickets, o.Places, o.Search = deviceAnswers{a}, ticketAnswers{a}, placeAnswers{a}, a
	o.Scenes, o.SceneEdits = testScenes, sceneAnswers{a}
}

// testScenes are a scene with a widget of each field, and the wall that shows it.
func testScenes() ([]wire.Scene, []wire.Wall) {
	n, name := 1.5, schemas.Text{VI: "Tổng đài", EN: "Hotline"}
	scene := wire.Scene{ID: "hotline", Name: name, Columns: 12, Rows: 12, Widgets: []wire.SceneWidget{
		{Kind: "number", X: 1, Y: 1, W: 3, H: 4, KPI: "hotline.waiting", Centre: "dong-xoai", Centres: []string{"dong-xoai", "binh-long"}},
		{Kind: "gauge", X: 4, Y: 1, W: 3, H: 4, Title: &name, KPI: "hotline.waiting", Centre: "binh-long", Min: &n, Max: &n},
		{Kind: "ranking", X: 7, Y: 1, W: 3, H: 4, Scorecard: "card", By: "agency", Limit: 5},
		{Kind: "status", X: 1, Y: 5, W: 3, H: 4, Of: "camera"},
		{Kind: "trend", X: 4, Y: 5, W: 3, H: 4, KPI: "hotline.waiting", Seconds: 3600},
		{Kind: "ticker", X: 1, Y: 9, W: 6, H: 1, KPIs: []string{"hotline.waiting"}},
		{Kind: "text", X: 7, Y: 9, W: 6, H: 1, Text: &name},
	}}
	wall := wire.Wall{ID: "main", Name: name, Diagonal: 55, Distance: 5, TakeOver: true, Scenes: []wire.WallScene{{Scene: "hotline", Seconds: 20}}}
	return []wire.Scene{scene}, []wire.Wall{wall}
}

// sceneAnswers are fake SceneEdits: the scene of testScenes has two versions.
type sceneAnswers struct{ *answers }

func (a sceneAnswers) version(n int) wire.SceneVersion {
	scenes, _ := testScenes()
	return wire.SceneVersion{ID: "hotline", Version: n, Centre: "dong-xoai", At: now(), By: "127.0.0.1", Why: "Thêm ô", Document: "id: hotline\n", Scene: &scenes[0]}
}

func (a sceneAnswers) Save(ctx context.Context, _ query.Scope, c scene.Change) (wire.SceneVersion, error) {
	a.mu.Lock()
	a.change = c
	a.mu.Unlock()
	switch {
	case c.ID != "hotline":
		return wire.SceneVersion{}, query.ErrNotFound
	case c.Base != 2:
		return wire.SceneVersion{}, query.Refuse(query.ErrConflict, "nay là phiên bản %d", "is at version %d", 2)
	case strings.Contains(string(c.Document), "bad"):
		return wire.SceneVersion{}, &scene.Faulty{Faults: []wire.SceneFault{{Line: 7, Field: "widgets[0].kpi", Sentence: schemas.Text{VI: "không có chỉ tiêu x", EN: "there is no KPI x"}}}}
	}
	return a.version(3), a.answer(ctx)
}

func (a sceneAnswers) Versions(ctx context.Context, _ query.Scope, id string) (wire.SceneVersionList, error) {
	if id != "hotline" {
		return wire.SceneVersionList{}, query.ErrNotFound
	}
	v := a.version(2)
	v.Document, v.Scene = "", nil
	return wire.SceneVersionList{ID: id, Version: 2, Shipped: true, Versions: []wire.SceneVersion{v}}, a.answer(ctx)
}

func (a sceneAnswers) Version(ctx context.Context, _ query.Scope, id string, n int) (wire.SceneVersion, error) {
	if id != "hotline" || n > 2 {
		return wire.SceneVersion{}, query.ErrNotFound
	}
	return a.version(max(n, 0)), a.answer(ctx)
}

// reportAnswers are fake ReportRuns.
type reportAnswers struct{ *answers }

func testRun() wire.ReportRun {
	next := now().Add(time.Hour)
	return wire.ReportRun{
		Schedule: "province-monthly", Period: "2026-09", Centre: "province", Edition: 1, State: wire.RunPending, Due: now(), Attempts: 2, NextAttempt: &next,
		Step: "mail", Error: "connection refused", Sentence: schemas.Text{VI: "Sẽ thử lại.", EN: "Is tried again."},
		Files: []wire.ReportFile{{Name: "province/bao-cao-province-2026-09.vi.pdf", Bytes: 10}}, Sent: []string{"a@b.vn"}, Refused: map[string]string{"c@d.vn": "550"},
		At: now(), By: "x",
	}
}

func (a reportAnswers) Schedules(ctx context.Context, _ query.Scope) (wire.ReportScheduleList, error) {
	return wire.ReportScheduleList{Faults: []string{"schedules.yaml:3: at: no time"}, Schedules: []wire.ReportSchedule{{
		ID: "province-monthly", Period: "month", Centre: "province", Language: "vi", Formats: []string{"pdf"}, Folder: "province", To: []string{"a@b.vn"},
		NextRun: now(), NextPeriod: "2026-09",
	}}}, a.answer(ctx)
}

func (a reportAnswers) Runs(ctx context.Context, _ query.Scope, schedule string, _ wire.ReportRunState, _ int) (wire.ReportRunList, error) {
	if schedule == "other" {
		return wire.ReportRunList{Runs: []wire.ReportRun{}}, a.answer(ctx)
	}
	return wire.ReportRunList{Runs: []wire.ReportRun{testRun()}}, a.answer(ctx)
}

func (a reportAnswers) Ask(ctx context.Context, _ query.Scope, q wire.ReportRunRequest, by string) (wire.ReportRun, error) {
	a.record(by)
	switch {
	case q.Schedule != "province-monthly":
		return wire.ReportRun{}, query.ErrNotFound
	case q.Period == "2026-10":
		return wire.ReportRun{}, query.ErrBadRequest
	case q.Period == "2026-08":
		return wire.ReportRun{}, query.ErrBusy
	}
	return testRun(), a.answer(ctx)
}

func testFeeds() []wire.Feed {
	at := now().Add(-time.Minute)
	return []wire.Feed{
		{Centre: "dong-xoai", Domain: "service", State: wire.FeedAlive, IntervalSeconds: 60, NewestArrival: &at, NewestEvent: &at, Sources: 3, SilentSources: 1, RejectedHour: 2},
		{Centre: "binh-long", Domain: "camera", State: wire.FeedSilent, IntervalSeconds: 30},
	}
}

func testCatalogue() []wire.KPI {
	until := now().AddDate(0, 3, 0)
	return []wire.KPI{
		{
			ID: "dossier.on_time_rate", Name: schemas.Text{VI: "Hồ sơ đúng hạn", EN: "Dossiers on time"},
			Description: schemas.Text{VI: "Tỷ lệ hồ sơ trả đúng hạn.", EN: "Share of dossiers returned in time."},
			Pillar:      "digital_government", Domain: "service", Unit: "%", Decimals: 1, Better: "up",
			Formula: wire.Formula{Kind: "ratio", Of: "dossier", At: "completed_at", Where: "status == 'completed'", Numerator: "on_time"}, Window: "day",
			Target:  &wire.Target{Value: 95, From: now().AddDate(-1, 0, 0), Until: &until, By: &until, Source: "QĐ 1/QĐ-UBND"},
			Warning: &wire.Bound{Enter: 90, Leave: 92}, Alarm: &wire.Bound{Enter: 80, Leave: 85}, Source: "QĐ 1/QĐ-UBND",
		},
		{
			ID: "hotline.waiting", Name: schemas.Text{VI: "Cuộc gọi đang chờ", EN: "Calls waiting"}, Pillar: "digital_society", Domain: "service",
			Unit: "cuộc", Better: "none", Formula: wire.Formula{Kind: "standing", Of: "call"}, Window: "now", Source: "1022",
		},
	}
}

func testUpdate(waiting float64) query.Update {
	at, num, den, rate := now().Add(-time.Second), 37.0, 40.0, 92.5
	return query.Update{At: now(), Feeds: testFeeds(), Values: []wire.Value{
		{KPI: "dossier.on_time_rate", Centre: "province", Value: &rate, State: wire.StateOK, At: &at, Numerator: &num, Denominator: &den},
		{KPI: "dossier.on_time_rate", Centre: "dong-xoai", State: wire.StateNoData},
		{KPI: "hotline.waiting", Centre: "dong-xoai", Value: &waiting, State: wire.StateWarning, At: &at, Numerator: &waiting},
	}}
}

func testRegistry() *schemas.Registry {
	closed := now().AddDate(1, 0, 0)
	return &schemas.Registry{Centres: []schemas.Centre{
		{Code: "province", Name: schemas.Text{VI: "Tỉnh", EN: "Province"}, Short: schemas.Text{VI: "Tỉnh", EN: "Province"}, Lat: 11.5, Lon: 106.9, From: now()},
		{Code: "dong-xoai", Name: schemas.Text{VI: "Đồng Xoài", EN: "Dong Xoai"}, Short: schemas.Text{VI: "Đ. Xoài", EN: "D. Xoai"}, Parent: "province", Lat: 11.5, Lon: 106.9, From: now()},
		{Code: "binh-long", Name: schemas.Text{VI: "Bình Long", EN: "Binh Long"}, Short: schemas.Text{VI: "B. Long", EN: "B. Long"}, Parent: "province", Lat: 11.6, Lon: 106.6, From: now(), To: &closed},
	}}
}

func testPages() fstest.MapFS {
	return fstest.MapFS{
		"edit.html":           {Data: []byte("<!doctype html><title>edit</title>")},
		"console.html":        {Data: []byte("<!doctype html><title>console</title>")},
		"index.html":          {Data: []byte("<!doctype html><title>wall</title>")},
		"assets/wall-1a2b.js": {Data: []byte("start()")},
		"icon.svg":            {Data: []byte("<svg/>")},
	}
}

// options are those of a server that works; a test changes what it is about.
func options(t testing.TB, change func(*Options)) Options {
	t.Helper()
	o := Options{
		Listen: "127.0.0.1:0", Registry: testRegistry(), Catalogue: testCatalogue, Web: testPages(), Now: now,
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
			_, _ = io.WriteString(w, "ioc_up 1\n")
		}),
	}
	(&answers{}).all(&o)
	hub, err := live.New(live.Options{Build: "b1", Registry: o.Registry})
	if err != nil {
		t.Fatal(err)
	}
	o.Hub = hub
	if change != nil {
		change(&o)
	}
	return o
}

// running is a server that runs, and a client that checks its answers against the OpenAPI document.
type running struct {
	*Server
	url    string
	client *http.Client
	check  *contract
	stop   func()
}

func start(t *testing.T, change func(*Options)) *running {
	t.Helper()
	s, err := New(options(t, change))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	for _, run := range []func(context.Context) error{s.Run, s.o.Hub.Run} {
		done.Go(func() {
			if err := run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	transport := &http.Transport{}
	r := &running{Server: s, url: "http://" + s.Addr(), check: newContract(t), client: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	r.stop = sync.OnceFunc(func() {
		transport.CloseIdleConnections()
		cancel()
		done.Wait()
	})
	t.Cleanup(r.stop)
	return r
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask sends a request, "GET /path" or "POST /path", with headers as "Name: value" and an optional body after them.
func (r *running) ask(t *testing.T, line, body string, headers ...string) answer {
	t.Helper()
	method, path, _ := strings.Cut(line, " ")
	req, err := http.NewRequestWithContext(t.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			req.Host = value
		}
		req.Header.Set(name, value)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"} {
		if resp.Header.Get(name) != want {
			t.Errorf("%s: %s is %q", line, name, resp.Header.Get(name))
		}
	}
	if !strings.Contains(resp.Header.Get("Content-Security-Policy"), "default-src 'self'") {
		t.Errorf("%s: no content security policy", line)
	}
	r.check.response(t, req, resp, data)
	return answer{resp.StatusCode, resp.Header, string(data)}
}

// want asks, and checks the status.
func (r *running) want(t *testing.T, status int, line string, headers ...string) answer {
	t.Helper()
	a := r.ask(t, line, "", headers...)
	if a.status != status {
		t.Fatalf("%s: status %d, want %d: %s", line, a.status, status, a.body)
	}
	return a
}

// journal is a log to look into.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

func (j *journal) logger() *slog.Logger { return slog.New(slog.NewTextHandler(j, nil)) }

func TestWhatNewRefuses(t *testing.T) {
	busy := start(t, nil)
	tests := map[string]struct {
		change func(*Options)
		says   string
	}{
		"all addresses without a token": {func(o *Options) { o.Listen = ":0" }, "token"},
		"another address without one":   {func(o *Options) { o.Listen = "192.0.2.1:0" }, "token"},
		"a short token":                 {func(o *Options) { o.Token = "short" }, "24"},
		"a name without a token":        {func(o *Options) { o.Hosts = []string{"ioc.example"} }, "token"},
		"no port":                       {func(o *Options) { o.Listen = "127.0.0.1" }, "port"},
		"a busy port":                   {func(o *Options) { o.Listen = busy.Addr() }, "in use"},
		"pages that are not built":      {func(o *Options) { o.Web = fstest.MapFS{} }, "index.html"},
		"an origin that is the world":   {func(o *Options) { o.Origins = []string{"*"} }, "origin"},
		"no queries":                    {func(o *Options) { o.Queries = nil }, "queries"},
		"no figures":                    {func(o *Options) { o.Figures = nil }, "figures"},
		"no explanations":               {func(o *Options) { o.Explain = nil }, "explanations"},
		"no refused events":             {func(o *Options) { o.Rejects = nil }, "refused events"},
		"no scorecards":                 {func(o *Options) { o.Scorecards = nil }, "scorecards"},
		"no alarms":                     {func(o *Options) { o.Alarms = nil }, "alarms"},
		"no scheduled reports":          {func(o *Options) { o.ReportRuns = nil }, "scheduled reports"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := New(options(t, tt.change))
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error is %v, want one that says %q", err, tt.says)
			}
		})
	}
}

func TestAServerWithATokenMayListenToAll(t *testing.T) {
	r := start(t, func(o *Options) { o.Listen, o.Token = ":0", token })
	r.url = "http://127.0.0.1:" + r.Addr()[strings.LastIndex(r.Addr(), ":")+1:]
	r.want(t, http.StatusOK, "GET /api/v1/centres", "Authorization: Bearer "+token, "Host: ioc.example")
}

func TestShutdownLetsRequestsEnd(t *testing.T) {
	a := &answers{wait: make(chan struct{}), asked: make(chan struct{})}
	r := start(t, a.all)
	var asking sync.WaitGroup
	asking.Go(func() { r.want(t, http.StatusOK, "GET /api/v1/feeds") })
	<-a.asked
	var stopping sync.WaitGroup
	stopping.Go(r.stop)
	for { // until nobody new is accepted
		resp, err := r.client.Get(r.url + "/healthz")
		if err != nil {
			break
		}
		resp.Body.Close()
	}
	close(a.wait)
	asking.Wait()
	stopping.Wait()
}

func TestErrorsAreAnsweredByTheirTable(t *testing.T) {
	secret := errors.New("dial 10.0.0.7: refused")
	tests := []struct {
		err    error
		status int
		logged bool
	}{
		{query.ErrNotFound, http.StatusNotFound, false},
		{query.ErrBadRequest, http.StatusBadRequest, false},
		{context.DeadlineExceeded, http.StatusGatewayTimeout, true},
		{secret, http.StatusInternalServerError, true},
	}
	for _, tt := range tests {
		t.Run(tt.err.Error(), func(t *testing.T) {
			var log journal
			r := start(t, func(o *Options) {
				(&answers{err: tt.err}).all(o)
				o.Log = log.logger()
			})
			for _, path := range []string{
				"/api/v1/feeds", "/api/v1/rejects", "/api/v1/rejects.ndjson", "/api/v1/kpis/hotline.waiting/series", "/api/v1/scorecards/card", "/api/v1/scorecards/card/so-y-te",
				"/api/v1/kpis/hotline.waiting/explanation", "/api/v1/kpis/hotline.waiting/events", "/api/v1/kpis/hotline.waiting/events.csv", "/explain/hotline.waiting",
				"/api/v1/alarms", "/api/v1/alarms/" + alarmID, "/api/v1/alarms/statistics",
			} {
				a := r.want(t, tt.status, "GET "+path)
				if strings.Contains(a.body, secret.Error()) {
					t.Errorf("the answer tells what stays inside: %s", a.body)
				}
			}
			r.stop()
			if n := strings.Count(log.String(), "a request failed"); n != map[bool]int{true: 13}[tt.logged] {
				t.Errorf("logged %d times:\n%s", n, &log)
			}
		})
	}
}

func TestAPanicIsAnAnswer(t *testing.T) {
	var log journal
	r := start(t, func(o *Options) {
		o.Log = log.logger()
		o.Catalogue = func() []wire.KPI { panic("boom") }
	})
	r.want(t, http.StatusInternalServerError, "GET /api/v1/kpis")
	r.want(t, http.StatusOK, "GET /healthz")
	r.stop()
	if n := strings.Count(log.String(), "boom"); n != 1 {
		t.Errorf("logged %d times:\n%s", n, &log)
	}
}
