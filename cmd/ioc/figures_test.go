package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	dashboardapi "github.com/binhphuoc/ioc/dashboard-api"
	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/ingest/figures"
	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/scorecard"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	cards "github.com/binhphuoc/ioc/schemas/scorecard"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// counter is a rig with the desk at which figures are handed in.
type counter struct {
	*rig
	desk *figureDesk
	now  time.Time
}

func newCounter(t *testing.T) *counter {
	t.Helper()
	o := &counter{rig: newRig(t), now: time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)}
	desk, err := figures.New(figures.Options{
		Store: o.sink, Sink: o.sink, Decoder: o.decoder, Centres: o.registry.Centres,
		Indicators: o.indicators,
		XLSX:       func([]byte) (figures.Table, error) { return figures.Table{}, errors.New("no Excel file here") },
		Now:        func() time.Time { o.now = o.now.Add(time.Minute); return o.now },
	})
	o.must(err)
	o.desk = &figureDesk{desk}
	return o
}

// indicators are those of the KPIs and of the built-in scorecards.
func (o *counter) indicators() []figures.Indicator {
	o.t.Helper()
	list, errs := cards.Builtin(o.catalogue)
	if len(errs) > 0 {
		o.t.Fatal(errs)
	}
	return indicatorsOf(o.catalogue, list)
}

// upload hands a file in, and rolls up.
func (o *counter) upload(want, text string, change ...func(*dashboardapi.FigureFile)) wire.FigureUpload {
	o.t.Helper()
	f := dashboardapi.FigureFile{By: "test", Name: "f.csv", Data: []byte(text)}
	for _, c := range change {
		c(&f)
	}
	u, err := o.desk.Upload(o.t.Context(), query.Everything(), f)
	o.must(err)
	if u.State != want {
		o.t.Fatalf("the upload is %s, want %s: %+v", u.State, want, u)
	}
	return u
}

func (o *counter) undo(id string, force bool) (wire.FigureUndo, error) {
	o.t.Helper()
	return o.desk.Undo(o.t.Context(), query.Everything(), "test", id, force)
}

// value is what a KPI shows for a centre, "no_data" when that is its state.
func (o *counter) value(id, centre string) string {
	o.t.Helper()
	o.must(o.roller(o.catalogue).Once(o.t.Context(), false))
	k, ok := o.catalogue.ByID(id)
	if !ok {
		o.t.Fatalf("no KPI %s", id)
	}
	update, err := o.evaluator(&kpi.Catalogue{KPIs: []kpi.KPI{k}}).Evaluate(o.t.Context(), o.now)
	o.must(err)
	for _, v := range update.Values {
		if v.Centre == centre && v.Value != nil {
			return fmt.Sprint(*v.Value)
		} else if v.Centre == centre {
			return string(v.State)
		}
	}
	o.t.Fatalf("no value of %s", centre)
	return ""
}

// feed sends a figure as a centre's own feed does.
func (o *counter) feed(id string, value float64, at time.Time) {
	o.t.Helper()
	o.feedOf(id, "economy.digital_share", "2026-Q3", value, at)
}

func (o *counter) feedOf(id, indicator, period string, value float64, at time.Time) {
	o.t.Helper()
	o.write([]schemas.Message{{
		Transport: "mqtt", Topic: "ioc/province/service/thong-ke", Centre: "province", Partition: -1, Offset: -1, Arrived: at,
		Payload: fmt.Appendf(nil, `{"specversion":"1.0","id":%q,"source":"/province/service/thong-ke","type":"vn.binhphuoc.ioc.figure.v1","time":%q,
  "data":{"indicator":%q,"period":%q,"value":%v,"issued_by":"Cục Thống kê"}}`, id, at.Format(time.RFC3339), indicator, period, value),
	}})
}

const share = "Mã chỉ tiêu;Kỳ;Giá trị;Cơ quan công bố\neconomy.digital_share;2026-Q3;%s;Cục Thống kê\n"

func TestAFigureIsUploadedCorrectedAndUndone(t *testing.T) {
	o := newCounter(t)
	if got := o.value("economy.digital_share", "province"); got != string(wire.StateNoData) {
		t.Fatalf("before all, %s", got)
	}
	dry := o.upload(wire.UploadPreview, fmt.Sprintf(share, "14,25"), func(f *dashboardapi.FigureFile) { f.DryRun = true })
	if dry.New != 1 || dry.ID != "" || dry.Decimal != "," || o.count("raw_state") != "0" || o.count("figure_upload") != "0" {
		t.Fatalf("a preview: %+v", dry)
	}
	first := o.upload(wire.UploadWritten, fmt.Sprintf(share, "14,25"))
	if got := o.value("economy.digital_share", "province"); got != "14.25" {
		t.Errorf("uploaded, %s", got)
	}
	if again := o.upload(wire.UploadUnchanged, fmt.Sprintf(share, "14,25")); again.Unchanged != 1 || again.ID != "" || o.count("raw_state") != "1" {
		t.Errorf("the same file again: %+v", again)
	}
	second := o.upload(wire.UploadWritten, fmt.Sprintf(share, "15"))
	if r := second.Results[0]; r.Change != wire.FigureCorrected || r.Old == nil || r.Old.Value != "14.25" || r.Old.IssuedBy != "Cục Thống kê" || r.Old.Source != "/province/service/figures" {
		t.Errorf("the correction: %+v", r)
	}
	if got := o.value("economy.digital_share", "province"); got != "15" {
		t.Errorf("corrected, %s", got)
	}
	// The first one is not the last word any more.
	out, err := o.undo(first.ID, false)
	if !errors.Is(err, query.ErrConflict) || len(out.Conflicts) != 1 || out.Conflicts[0].Now.Value != "15" {
		t.Errorf("undo of what was corrected since: %+v, %v", out, err)
	}
	if got := o.value("economy.digital_share", "province"); got != "15" {
		t.Errorf("after a refused undo, %s", got)
	}
	out, err = o.undo(second.ID, false)
	o.must(err)
	if out.Restored != 1 || out.Withdrawn != 0 {
		t.Errorf("undone: %+v", out)
	}
	if got := o.value("economy.digital_share", "province"); got != "14.25" {
		t.Errorf("after the undo, %s", got)
	}
	if _, err := o.undo(second.ID, false); !errors.Is(err, query.ErrConflict) {
		t.Errorf("undone twice: %v", err)
	}
	// One after the other, back to nothing.
	out, err = o.undo(first.ID, false)
	o.must(err)
	if out.Withdrawn != 1 {
		t.Errorf("undone: %+v", out)
	}
	if got := o.value("economy.digital_share", "province"); got != string(wire.StateNoData) {
		t.Errorf("after all is undone, %s", got)
	}
	o.upload(wire.UploadWritten, fmt.Sprintf(share, "14,25")) // to undo an undo is to upload again
	if got := o.value("economy.digital_share", "province"); got != "14.25" {
		t.Errorf("uploaded again, %s", got)
	}
	list, err := o.desk.Uploads(t.Context(), query.Everything(), "", 10)
	o.must(err)
	if len(list.Uploads) != 3 || list.Uploads[2].ID != first.ID || list.Uploads[2].State != wire.UploadUndone || list.Uploads[2].UndoneAt == nil || len(list.Uploads[2].SHA256) != 64 {
		t.Errorf("the list: %+v", list.Uploads)
	}
	if got := o.count("feed_source"); got != "0" {
		t.Error("a clerk became a feed")
	}
}

// A clerk's figure stands over a feed's, until the feed says something newer; an undo gives the word back to the feed.
func TestClerksAndFeeds(t *testing.T) {
	o := newCounter(t)
	o.feed("a", 12, o.now.Add(-time.Hour))
	up := o.upload(wire.UploadWritten, fmt.Sprintf(share, "13"))
	if r := up.Results[0]; r.Change != wire.FigureCorrected || r.Old.Source != "/province/service/thong-ke" {
		t.Errorf("over a feed's figure: %+v", r)
	}
	if got := o.value("economy.digital_share", "province"); got != "13" {
		t.Errorf("uploaded, %s", got)
	}
	_, err := o.undo(up.ID, false)
	o.must(err)
	if got := o.value("economy.digital_share", "province"); got != "12" {
		t.Errorf("undone, %s", got)
	}
	up = o.upload(wire.UploadWritten, fmt.Sprintf(share, "13"))
	o.feed("b", 12.5, o.now.Add(time.Hour))
	if got := o.value("economy.digital_share", "province"); got != "12.5" {
		t.Errorf("the feed spoke last, %s", got)
	}
	out, err := o.undo(up.ID, false)
	if !errors.Is(err, query.ErrConflict) || len(out.Conflicts) != 1 || out.Conflicts[0].Now.Source != "/province/service/thong-ke" {
		t.Errorf("a feed has spoken since: %+v, %v", out, err)
	}
	_, err = o.undo(up.ID, true)
	o.must(err)
	if got := o.value("economy.digital_share", "province"); got != "12.5" {
		t.Errorf("undone by force, %s", got)
	}
}

// What a scorecard asks for and no KPI shows can be handed in, and scores.
func TestFiguresOfScorecardsAreTaken(t *testing.T) {
	o := newCounter(t)
	list, errs := cards.Builtin(o.catalogue)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	var asked []string
	for _, card := range list {
		asked = append(asked, card.Figures()...)
	}
	if !slices.Contains(asked, "dti.foundations") {
		t.Fatalf("the scorecards ask for %v", asked)
	}
	var file strings.Builder
	file.WriteString("indicator,period,value,issued_by,centre\n")
	for _, code := range asked {
		fmt.Fprintf(&file, "%s,2026,50,Sở Thông tin và Truyền thông,province\n", code)
	}
	if u := o.upload(wire.UploadWritten, file.String()); u.New != len(asked) || u.Results[0].Name.VI == "" {
		t.Fatalf("%+v", u)
	}
	o.must(o.roller(o.catalogue).Once(t.Context(), false))
	agencies, err := schemas.BuiltinAgencies(o.registry)
	o.must(err)
	s := &scorecard.Scores{
		Store: o.store, Registry: o.registry, Agencies: agencies, Catalogue: o.catalogueNow, Scorecards: func() []cards.Scorecard { return list },
		Now: func() time.Time { return o.now },
	}
	p, err := s.Parts(t.Context(), query.Everything(), scorecard.Request{
		ID: "dti", By: wire.ByCentre, From: time.Date(2025, 12, 31, 17, 0, 0, 0, time.UTC), To: time.Date(2026, 12, 31, 17, 0, 0, 0, time.UTC),
	}, "province")
	o.must(err)
	for _, g := range p.Score.Groups {
		for _, c := range g.Criteria {
			if c.Figure != "" && (c.Reached == nil || *c.Reached != c.Points/2 || c.For != "2026") {
				t.Errorf("%s: reached %v of %v, missing because %+v", c.ID, shown(c.Reached), c.Points, c.Why)
			}
		}
	}
}

// A figure that was taken back is no longer told by reports, whatever period they are of; looking back, it is there.
func TestAWithdrawnFigureVanishesFromReports(t *testing.T) {
	o := newCounter(t)
	told := func(id, period string, asOf time.Time) any {
		t.Helper()
		row, err := o.reports(o.now).Row(t.Context(), query.Everything(), query.ReportRequest{Period: period, Centre: "province", AsOf: asOf}, id)
		o.must(err)
		x, err := o.told(o.now).Explain(t.Context(), query.Everything(), query.ExplainRequest{KPI: id, Centre: "province", Period: period, AsOf: asOf})
		o.must(err)
		if !near(x.Value.Value, row.Row.Value.Value) {
			t.Errorf("%s of %s is explained as %v", id, period, shown(x.Value.Value))
		}
		return shown(row.Row.Value.Value)
	}
	want := func(what, id, period string, value any) {
		t.Helper()
		if got := told(id, period, time.Time{}); got != value {
			t.Errorf("%s, %s of %s: %v, want %v", what, id, period, got, value)
		}
	}
	up := o.upload(wire.UploadWritten, fmt.Sprintf(share, "14,25"))
	year := o.upload(wire.UploadWritten, "indicator,period,value,target\nbudget.revenue,2026,7250,14500\n")
	o.value("budget.revenue", "province") // rolled up
	want("uploaded", "economy.digital_share", "2026-Q3", 14.25)
	want("uploaded", "budget.revenue", "2026-11", 50.0)
	before := o.now
	_, err := o.undo(up.ID, false)
	o.must(err)
	o.now = o.now.Add(40 * 24 * time.Hour) // the withdrawal of the year's figure comes after the end of November
	_, err = o.undo(year.ID, false)
	o.must(err)
	o.value("budget.revenue", "province")
	want("withdrawn", "economy.digital_share", "2026-Q3", "none")
	want("withdrawn", "budget.revenue", "2026-11", "none")
	want("withdrawn", "budget.revenue", "2026", "none")
	if got := told("budget.revenue", "2026-11", before); got != 50.0 {
		t.Errorf("looking back, the figure is %v", got)
	}
	// What a feed says stands again, without the target that was withdrawn.
	o.feed("a", 12, o.now.Add(-time.Hour))
	up = o.upload(wire.UploadWritten, fmt.Sprintf(share, "13"))
	o.value("economy.digital_share", "province")
	want("over a feed's", "economy.digital_share", "2026-Q3", 13.0)
	_, err = o.undo(up.ID, false)
	o.must(err)
	o.value("economy.digital_share", "province")
	want("withdrawn", "economy.digital_share", "2026-Q3", 12.0)
	o.feedOf("b", "budget.revenue", "2026", 7000, o.now)
	o.value("budget.revenue", "province")
	want("without a target", "budget.revenue", "2026", "none")
}

// What a row does not say stays.
func TestARowChangesWhatItSays(t *testing.T) {
	o := newCounter(t)
	o.upload(wire.UploadWritten, "indicator,period,value,target,issued_by\nbudget.revenue,2026,7250,14500,Sở Tài chính\n")
	if got := o.value("budget.revenue", "province"); got != "50" {
		t.Errorf("%s %% of the plan, want 50", got)
	}
	up := o.upload(wire.UploadWritten, "indicator,period,value\nbudget.revenue,2026,8700\n")
	if r := up.Results[0]; r.Target == nil || *r.Target != "14500" || r.IssuedBy != "Sở Tài chính" {
		t.Errorf("the target or the issuer got lost: %+v", r)
	}
	if got := o.value("budget.revenue", "province"); got != "60" {
		t.Errorf("%s %% of the plan, want 60", got)
	}
	_, err := o.undo(up.ID, false)
	o.must(err)
	if got := o.value("budget.revenue", "province"); got != "50" {
		t.Errorf("undone, %s", got)
	}
}

func TestOneBadRowKeepsAFileOut(t *testing.T) {
	o := newCounter(t)
	file := "indicator,period,value\neconomy.digital_share,2026-Q3,14.5\nno.such,2026-Q3,1\n"
	u := o.upload(wire.UploadRefused, file)
	if u.Refused != 1 || u.New != 1 || o.count("raw_state") != "0" || o.count("figure_upload") != "0" {
		t.Errorf("refused, and yet: %+v", u)
	}
	u = o.upload(wire.UploadWritten, file, func(f *dashboardapi.FigureFile) { f.SkipBad = true })
	list, err := o.desk.Uploads(t.Context(), query.Everything(), u.ID, 1)
	o.must(err)
	kept := list.Uploads[0]
	if kept.Refused != 1 || len(kept.Results) != 2 || len(kept.Results[1].Problems) != 1 || kept.Results[1].Problems[0].Column != "A" || kept.Results[0].Name.EN == "" {
		t.Errorf("kept: %+v", kept)
	}
	if got := o.value("economy.digital_share", "province"); got != "14.5" {
		t.Errorf("the good row: %s", got)
	}
}

func TestAClerkOfOneCentre(t *testing.T) {
	o := newCounter(t)
	own := query.Only("dong-xoai")
	hand := func(scope query.Scope, text string) wire.FigureUpload {
		t.Helper()
		u, err := o.desk.Upload(t.Context(), scope, dashboardapi.FigureFile{By: "test", Data: []byte(text)})
		o.must(err)
		return u
	}
	u := hand(own, "indicator,period,value,centre\nbudget.revenue,2026,5,province\nbudget.revenue,2026,6,Đồng Xoài\n")
	if u.State != wire.UploadRefused || len(u.Results[0].Problems) != 1 || len(u.Results[1].Problems) != 0 {
		t.Errorf("for another centre: %+v", u)
	}
	u = hand(own, "indicator,period,value,target\nbudget.revenue,2026,5,10\n")
	if u.State != wire.UploadWritten || u.Results[0].Centre != "dong-xoai" {
		t.Errorf("for their own: %+v", u)
	}
	both := hand(query.Everything(), "indicator,period,value,centre\nbudget.spending,2026,5,province\nbudget.spending,2026,6,dong-xoai\n")
	for _, scope := range []query.Scope{own, query.Only("phuoc-long"), {}} {
		if _, err := o.desk.Uploads(t.Context(), scope, both.ID, 1); !errors.Is(err, query.ErrNotFound) {
			t.Errorf("an upload for others is shown: %v", err)
		}
		if _, err := o.desk.Undo(t.Context(), scope, "test", both.ID, true); !errors.Is(err, query.ErrNotFound) {
			t.Errorf("an upload for others is undone: %v", err)
		}
	}
	list, err := o.desk.Uploads(t.Context(), own, "", 10)
	o.must(err)
	if len(list.Uploads) != 1 || list.Uploads[0].ID != u.ID {
		t.Errorf("a centre's clerk sees %+v", list.Uploads)
	}
}

// A process that dies between the note of an upload and its events leaves what can be undone.
func TestAnUploadThatWasCutOff(t *testing.T) {
	o := newCounter(t)
	broken, err := figures.New(figures.Options{
		Store: o.sink, Sink: away{}, Decoder: o.decoder, Centres: o.registry.Centres,
		Indicators: o.indicators,
		XLSX:       func([]byte) (figures.Table, error) { return figures.Table{}, nil }, Now: func() time.Time { return o.now },
	})
	o.must(err)
	u, err := broken.Upload(t.Context(), clerk(query.Everything(), "test", ""), figures.File{Data: fmt.Appendf(nil, share, "9")})
	if err == nil {
		t.Fatal("written to nowhere")
	}
	out, err := o.undo(u.ID.String(), false)
	o.must(err)
	if out.Kept != 1 || o.count("raw_state") != "0" {
		t.Errorf("undone: %+v", out)
	}
}

// away is a storage that is away.
type away struct{}

func (away) Write(context.Context, *ingest.Batch) error { return errors.New("away") }

// Whoever prepares a file needs no storage for it.
func TestFiguresAreCheckedWithoutStorage(t *testing.T) {
	dir := t.TempDir()
	table, template := filepath.Join(dir, "q3.csv"), filepath.Join(dir, "mau.xlsx")
	if err := os.WriteFile(table, fmt.Appendf(nil, share, "14,25"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want int
		has  string
		args []string
	}{
		{0, "1 new", []string{"figures", "check", table}},
		{0, "", []string{"figures", "template", "-o", template}},
		{1, "không có dòng số liệu nào", []string{"figures", "check", template}},
		{1, "--clickhouse-dsn", []string{"figures", "upload", table}},
	} {
		var out bytes.Buffer
		if code := run(c.args, nil, &out, &out); code != c.want || !strings.Contains(out.String(), c.has) {
			t.Errorf("ioc %v: exit code %d, and prints:\n%s", c.args, code, out.String())
		}
	}
}

func TestFiguresOnTheCommandLine(t *testing.T) {
	r := newRig(t)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		r.must(os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	good := write("good.csv", fmt.Sprintf(share, "14,25"))
	bad := write("bad.csv", fmt.Sprintf(share, "nhiều"))
	if out := r.ioc(0, "figures", "check", good); !strings.Contains(out, "1 rows, 1 new") {
		t.Errorf("check prints:\n%s", out)
	}
	if out := r.ioc(1, "figures", "check", bad); !strings.Contains(out, "C2: “nhiều” không phải là số.") {
		t.Errorf("check of a bad file prints:\n%s", out)
	}
	if out := r.ioc(1, "figures", "upload", bad, "--language", "en"); !strings.Contains(out, "is no number") {
		t.Errorf("upload of a bad file prints:\n%s", out)
	}
	if out := r.ioc(0, "figures", "list"); out != "nothing was uploaded\n" {
		t.Errorf("list prints %q", out)
	}
	out := r.ioc(0, "figures", "upload", good, "--centre", "dong-xoai", "--operator", "Trần Thị Lan")
	id := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`).FindString(out)
	if id == "" || !strings.Contains(out, "dong-xoai") {
		t.Fatalf("upload prints:\n%s", out)
	}
	if out := r.ioc(0, "figures", "upload", good, "--centre", "dong-xoai"); !strings.Contains(out, "1 unchanged") {
		t.Errorf("the same again prints:\n%s", out)
	}
	if out := r.ioc(0, "figures", "list"); !strings.Contains(out, id) || !strings.Contains(out, "written") || !strings.Contains(out, "good.csv, Trần Thị Lan (ioc figures, ") {
		t.Errorf("list prints:\n%s", out)
	}
	if out := r.ioc(0, "figures", "undo", id); !strings.Contains(out, "1 are withdrawn") {
		t.Errorf("undo prints:\n%s", out)
	}
	// What the template offers is taken as it is.
	file := filepath.Join(dir, "mau.xlsx")
	r.ioc(0, "figures", "template", "-o", file)
	if out := r.ioc(1, "figures", "check", file); !strings.Contains(out, "không có dòng số liệu nào") {
		t.Errorf("check of an empty template prints:\n%s", out)
	}
	for _, args := range [][]string{{"figures"}, {"figures", "burn"}, {"figures", "check"}, {"figures", "undo", "x"}, {"figures", "template"}, {"figures", "list", "--limit", "0"}} {
		r.ioc(1, args...)
	}
}

// A file of more figures than one question asks for.
func TestALargeFileOfFigures(t *testing.T) {
	o := newCounter(t)
	var file strings.Builder
	file.WriteString("indicator,period,value,centre\n")
	rows := 0
	for _, i := range o.indicators() {
		for _, c := range o.registry.Centres {
			for month := range 24 * 12 {
				fmt.Fprintf(&file, "%s,%d-%02d,%d.5,%s\n", i.Code, 2001+month/12, month%12+1, month, c.Code)
				rows++
			}
		}
	}
	u := o.upload(wire.UploadWritten, file.String())
	if u.New != rows || o.count("raw_state FINAL") != fmt.Sprint(rows) {
		t.Fatalf("%d of %d figures are new, %s are there", u.New, rows, o.count("raw_state FINAL"))
	}
	if again := o.upload(wire.UploadUnchanged, file.String()); again.Unchanged != rows {
		t.Errorf("the same again: %d of %d unchanged", again.Unchanged, rows)
	}
	out, err := o.undo(u.ID, false)
	o.must(err)
	if out.Withdrawn != rows || o.count("raw_state FINAL WHERE NOT withdrawn") != "0" {
		t.Errorf("undone: %+v", out)
	}
}
