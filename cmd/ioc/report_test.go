package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/report"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/wire"
)

func (r *rig) reports(now time.Time) *report.Reports {
	return &report.Reports{
		Store: r.store, Ledger: r.store, Minutes: r.store, Registry: r.registry,
		Catalogue: func() *kpi.Catalogue { return r.catalogue }, Now: func() time.Time { return now },
	}
}

func (r *rig) report(now time.Time, p, centre string, asOf time.Time) *wire.Report {
	r.t.Helper()
	out, err := r.reports(now).Report(r.t.Context(), query.Everything(), query.ReportRequest{Period: p, Centre: centre, AsOf: asOf})
	r.must(err)
	return out
}

// clockAt is a moment in Binh Phuoc.
func clockAt(t *testing.T, text string) time.Time {
	t.Helper()
	out, err := time.ParseInLocation("2006-01-02 15:04", text, period.Zone())
	if err != nil {
		t.Fatal(err)
	}
	return out.UTC()
}

func rowOf(t *testing.T, r *wire.Report, id string) wire.ReportRow {
	t.Helper()
	for _, p := range r.Pillars {
		for _, w := range p.Rows {
			if w.KPI == id {
				return w
			}
		}
	}
	t.Fatalf("no row %s", id)
	return wire.ReportRow{}
}

// figure is a figure of the statistics.
func figure(id, indicator, period string, value, target float64, at time.Time) schemas.Message {
	more := ""
	if target > 0 {
		more = fmt.Sprintf(`,"target":%v`, target)
	}
	return schemas.Message{Transport: "kafka", Centre: "province", Topic: "ioc.province.service", Arrived: at.Add(time.Second), Payload: fmt.Appendf(nil,
		`{"specversion":"1.0","id":%q,"source":"/province/service/thong-ke","type":"vn.binhphuoc.ioc.figure.v1","time":%q,"data":{"indicator":%q,"period":%q,"value":%v,"issued_by":"x"%s}}`,
		id, at.Format(time.RFC3339), indicator, period, value, more)}
}

// keepMinute remembers values as an evaluator does at the end of a minute.
func (r *rig) keepMinute(minute time.Time, values map[string]float64) {
	r.t.Helper()
	var list []wire.Value
	for id, v := range values {
		id, centre, _ := strings.Cut(id, "@")
		den := 100.0
		list = append(list, wire.Value{KPI: id, Centre: centre, Value: &v, State: wire.StateWarning, Numerator: &v, Denominator: &den})
	}
	r.must(r.store.Keep(r.t.Context(), minute, list))
}

// autumn is a rig that holds some of September and October 2026, with the KPIs of which a person reckoned the values below.
func autumn(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	about := []string{
		"budget.revenue", "camera.online_rate", "dossier.on_time_rate", "economy.digital_share", "feed.alive", "feed.rejected", "hotline.calls",
		"hotline.service_level", "hotline.wait", "hotline.wait_p95", "hotline.waiting", "weather.rain",
	}
	r.catalogue = &kpi.Catalogue{KPIs: slices.DeleteFunc(slices.Clone(r.catalogue.KPIs), func(k kpi.KPI) bool { return !slices.Contains(about, k.ID) })}
	said := func(id, centre, at string, wait time.Duration) schemas.Message {
		queued := clockAt(t, at)
		return call(id, centre, queued, wait, 0, queued.Add(time.Minute))
	}
	r.write([]schemas.Message{
		said("a", "dong-xoai", "2026-09-10 09:00", 10*time.Second),
		said("b", "dong-xoai", "2026-10-01 00:00", 10*time.Second), // the first minute counts
		said("c", "dong-xoai", "2026-10-10 10:00", 30*time.Second),
		said("d", "dong-xoai", "2026-10-10 14:00", 15*time.Second),
		said("e", "phuoc-long", "2026-10-31 23:59", 40*time.Second), // and so does the last
		said("f", "phuoc-long", "2026-11-01 00:00", 90*time.Second), // the one after it does not
		figure("1", "economy.digital_share", "2025", 17, 0, clockAt(t, "2026-03-01 08:00")),
		figure("2", "economy.digital_share", "2026-Q3", 18.5, 0, clockAt(t, "2026-10-05 08:00")),
		figure("3", "economy.digital_share", "2026-Q3", 18.7, 0, clockAt(t, "2026-10-25 08:00")), // corrected
		figure("4", "budget.revenue", "2026", 9000, 12000, clockAt(t, "2026-09-28 08:00")),
		figure("5", "budget.revenue", "2026", 9600, 12000, clockAt(t, "2026-10-20 08:00")), // the year goes on
		figure("6", "budget.revenue", "2026", 11000, 12000, clockAt(t, "2026-11-03 08:00")),
	})
	r.must(r.roller(r.catalogue).Once(t.Context(), true))
	r.exec("TRUNCATE TABLE revision") // the database knows that all of this is written today
	minutes := map[string]map[string]float64{
		"2026-09-30 23:59": {"hotline.waiting@province": 9, "weather.rain@province": 5, "camera.online_rate@province": 40},
		"2026-10-01 10:00": {"hotline.waiting@province": 1, "weather.rain@province": 10, "camera.online_rate@province": 90},
		"2026-10-01 23:59": {"hotline.waiting@province": 2, "weather.rain@province": 12, "camera.online_rate@province": 96},
		"2026-10-10 11:59": {"hotline.waiting@province": 7, "weather.rain@province": 3, "camera.online_rate@province": 60},
		"2026-10-10 12:01": {"hotline.waiting@province": 8, "weather.rain@province": 4, "camera.online_rate@province": 70},
		"2026-10-31 23:59": {"hotline.waiting@province": 3, "weather.rain@province": 20.5, "camera.online_rate@province": 84, "camera.online_rate@dong-xoai": 50},
		"2026-11-01 00:00": {"hotline.waiting@province": 4, "weather.rain@province": 99, "camera.online_rate@province": 0},
		"2026-11-05 11:59": {"feed.alive@province": 9},
	}
	for _, at := range slices.Sorted(maps.Keys(minutes)) {
		r.keepMinute(clockAt(t, at), minutes[at])
	}
	return r
}

type wanted struct {
	meaning         string
	value, previous float64 // NaN: there is none
	change          float64
}

func checkRows(t *testing.T, r *wire.Report, want map[string]wanted) {
	t.Helper()
	number := func(p *float64) float64 {
		if p == nil {
			return math.NaN()
		}
		return *p
	}
	same := func(a, b float64) bool { return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) < 1e-9 }
	for id, w := range want {
		row := rowOf(t, r, id)
		v, p, c := number(row.Value.Value), number(row.Previous.Value), number(row.Previous.Change)
		if row.Meaning != w.meaning || !same(v, w.value) || !same(p, w.previous) || !same(c, w.change) {
			t.Errorf("%s: %s %v, before %v, change %v; want %+v", id, row.Meaning, v, p, c, w)
		}
		if (row.Value.State == wire.StateNoData) != math.IsNaN(w.value) {
			t.Errorf("%s: state %s with value %v", id, row.Value.State, v)
		}
		if row.Value.For == "2026-Q3" {
			w.value = math.NaN() // October's history does not end with a figure of September
		}
		if last := row.History[len(row.History)-1]; !same(number(last.Value), w.value) || last.Period != r.Period.Text || len(row.History) != 13 {
			t.Errorf("%s: the history ends with %v of %s, want %v", id, number(last.Value), last.Period, w.value)
		}
	}
}

func TestAReportGivesWhatAPersonReckoned(t *testing.T) {
	r, none := autumn(t), math.NaN()
	out := r.report(clockAt(t, "2026-11-05 12:00"), "2026-10", "province", time.Time{})
	checkRows(t, out, map[string]wanted{
		"hotline.calls":         {"total", 4, 1, 3},
		"hotline.service_level": {"ratio", 50, 100, -50},                          // 2 of 4 within 20 s: the mean of the centres would be 33.3
		"hotline.wait":          {"average", (10 + 30 + 15 + 40) / 4., 10, 13.75}, //
		"hotline.wait_p95":      {"quantile", 30 + 0.85*10, 10, 28.5},             // of 10, 15, 30, 40
		"hotline.waiting":       {"end", 3, 9, -6},                                // of the last minute of October
		"weather.rain":          {"total", 12 + 4 + 20.5, 5, 31.5},                // of each day its last minute
		"camera.online_rate":    {"mean", (90 + 96 + 60 + 70 + 84) / 5., 40, 40},  // of all minutes
		"economy.digital_share": {"published", 18.7, 18.7, none},                  // both months are told with the third quarter
		"budget.revenue":        {"published", 80, 75, 5},                         // as published by the end of each month
		"dossier.on_time_rate":  {"ratio", none, none, none},                      // nothing was heard: not zero
		"feed.rejected":         {"total", 0, 0, 0},                               // something was heard, and nothing refused
	})
	var codes []string
	for _, c := range out.Below {
		codes = append(codes, c.Code)
	}
	if d := cmp.Diff([]string{"dong-xoai", "phuoc-long", "binh-long"}, codes); d != "" {
		t.Error(d)
	}
	calls := rowOf(t, out, "hotline.calls").Centres
	if *calls[0].Value != 3 || *calls[0].Change != 2 || *calls[1].Value != 1 || calls[1].Change != nil || calls[2].Value != nil || calls[2].State != wire.StateNoData {
		t.Errorf("calls of the centres: %+v", calls)
	}
	if level := rowOf(t, out, "hotline.service_level"); *level.Value.Numerator != 2 || *level.Value.Denominator != 4 || *level.Target.Reached || level.Target.Gap != -30 {
		t.Errorf("service level: %+v, target %+v", level.Value, level.Target)
	}
	share := rowOf(t, out, "economy.digital_share")
	if share.Value.For != "2026-Q3" || len(share.Value.Revisions) != 1 || *share.Value.Revisions[0].Before != 18.5 || share.LastYear.Value != nil {
		t.Errorf("digital share: %+v, last year %+v", share.Value, share.LastYear)
	}
	onTheWay := 17 + (30-17)*304/1826. // 304 days of the five years after the figure of 2025
	if g := share.Target; math.Abs(*g.Expected-onTheWay) > 1e-9 || *g.OnPath || *g.Reached || math.Abs(g.Gap+11.3) > 1e-9 {
		t.Errorf("target of the digital share: %+v", g)
	}
	if revenue := rowOf(t, out, "budget.revenue"); revenue.Value.For != "2026" || len(revenue.Value.Revisions) != 0 {
		t.Errorf("a figure that grows through its year is not revised: %+v", revenue.Value)
	}
	d := out.Data
	if d.Events != 7 || d.FeedsAlive != 9 || d.Feeds != 100 || d.Missing != 2 || d.Revised != 1 || !d.NewestEvent.Equal(clockAt(t, "2026-10-31 23:59").Add(40*time.Second)) {
		t.Errorf("%+v, newest %v", d, d.NewestEvent)
	}
	golden(t, "testdata/report.json", out)
}

func TestATargetIsAskedForInFullOnceItsDayHasPassed(t *testing.T) {
	r := autumn(t)
	share := slices.IndexFunc(r.catalogue.KPIs, func(k kpi.KPI) bool { return k.ID == "economy.digital_share" })
	r.catalogue.KPIs[share].Targets = r.catalogue.KPIs[share].Targets[:1] // 20 by the end of 2025
	out := r.report(clockAt(t, "2026-11-05 12:00"), "2026-10", "province", time.Time{})
	if g := rowOf(t, out, "economy.digital_share").Target; *g.Expected != 20 || *g.OnPath || *g.Reached || math.Abs(g.Gap+1.3) > 1e-9 {
		t.Errorf("target of the digital share: %+v", g)
	}
}

// golden compares a message with a file; with IOC_TEST_UPDATE the file is written anew.
func golden(t *testing.T, name string, v any) {
	t.Helper()
	got, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if os.Getenv("IOC_TEST_UPDATE") != "" {
		if err := os.WriteFile(name, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, got) {
		t.Errorf("%s (-want +got):\n%s", name, cmp.Diff(string(want), string(got)))
	}
}

func TestARunningPeriodEndsWithTheMomentOfLooking(t *testing.T) {
	r, none := autumn(t), math.NaN()
	noon := clockAt(t, "2026-10-10 12:00")
	want := map[string]wanted{
		"hotline.calls":         {"total", 2, 1, none}, // a part of a month is not held against a whole one
		"hotline.service_level": {"ratio", 50, 100, -50},
		"hotline.wait":          {"average", 20, 10, 10},
		"hotline.wait_p95":      {"quantile", 29, 10, 19},
		"hotline.waiting":       {"end", 7, 9, -2},
		"weather.rain":          {"total", 15, 5, none},
		"camera.online_rate":    {"mean", 82, 40, 42},
		"economy.digital_share": {"published", 18.5, 18.5, none}, // the correction came later
		"budget.revenue":        {"published", 75, 75, none},
	}
	for name, out := range map[string]*wire.Report{
		"then":         r.report(noon, "2026-10", "province", time.Time{}),
		"looking back": r.report(clockAt(t, "2026-11-05 12:00"), "2026-10", "province", noon),
	} {
		t.Run(name, func(t *testing.T) {
			checkRows(t, out, want)
			if out.Period.State != wire.PeriodRunning || out.Previous.State != wire.PeriodClosed || !out.AsOf.Equal(noon) {
				t.Errorf("%+v as of %v", out.Period, out.AsOf)
			}
			if len(rowOf(t, out, "economy.digital_share").Value.Revisions) != 0 {
				t.Error("a correction that came later is told")
			}
			if !strings.HasPrefix(out.Summary[0].Text.VI, "Tháng 10 năm 2026 (tính đến 12:00 ngày 10/10/2026): Tỉnh Bình Phước có số liệu của ") {
				t.Errorf("summary begins with %s", out.Summary[0].Text.VI)
			}
		})
	}
}

func TestReportsOfOtherPeriods(t *testing.T) {
	r, none := autumn(t), math.NaN()
	now := clockAt(t, "2026-11-05 12:00")
	for _, tt := range []struct {
		period, centre string
		calls, before  float64
	}{
		{"2026-10-10", "province", 2, none},
		{"2026-W41", "province", 2, 1},
		{"2026-Q4", "province", 5, 1},
		{"2026-Q3", "province", 1, none},
		{"2026-H2", "province", 6, none},
		{"2026", "province", 6, none},
		{"2026-10-10..2026-11-01", "province", 4, 1}, // before: 17 September to 9 October
		{"2026-10-10..2026-11-01", "phuoc-long", 2, none},
		{"2026-08", "province", none, none},
	} {
		t.Run(tt.period+" "+tt.centre, func(t *testing.T) {
			row := rowOf(t, r.report(now, tt.period, tt.centre, time.Time{}), "hotline.calls")
			for i, got := range []*float64{row.Value.Value, row.Previous.Value} {
				if want := []float64{tt.calls, tt.before}[i]; (got == nil) != math.IsNaN(want) || got != nil && *got != want {
					t.Errorf("%d: got %v, want %v", i, shown(got), want)
				}
			}
		})
	}
}

func TestWhatAReportRefuses(t *testing.T) {
	r := autumn(t)
	now := clockAt(t, "2026-11-05 12:00")
	for _, tt := range []struct {
		name  string
		scope query.Scope
		q     query.ReportRequest
		kind  error
		vi    string
	}{
		{"no period", query.Everything(), query.ReportRequest{Period: "hôm qua", Centre: "province"}, query.ErrBadRequest, "2026-Q3"},
		{"a period to come", query.Everything(), query.ReportRequest{Period: "2026-12", Centre: "province"}, query.ErrBadRequest, "tháng 12 năm 2026 chưa bắt đầu vào lúc 12:00 ngày 05/11/2026"},
		{"not begun then", query.Everything(), query.ReportRequest{Period: "2026-10", Centre: "province", AsOf: clockAt(t, "2026-09-30 23:59")}, query.ErrBadRequest, "chưa bắt đầu"},
		{"from the future", query.Everything(), query.ReportRequest{Period: "2026-10", Centre: "province", AsOf: now.Add(time.Minute)}, query.ErrBadRequest, "còn ở phía trước"},
		{"beyond what is kept", query.Everything(), query.ReportRequest{Period: "2026-09", Centre: "province", AsOf: clockAt(t, "2026-09-09 12:00")}, query.ErrNotFound, "chỉ có từ 00:00 ngày 10/09/2026"},
		{"no such centre then", query.Everything(), query.ReportRequest{Period: "2021-Q1", Centre: "phuoc-long"}, query.ErrNotFound, "Thị xã Phước Long không có trung tâm điều hành trong kỳ quý I năm 2021"},
		{"no such centre", query.Everything(), query.ReportRequest{Period: "2026-10", Centre: "nowhere"}, query.ErrNotFound, ""},
		{"out of scope", query.Only("dong-xoai"), query.ReportRequest{Period: "2026-10", Centre: "province"}, query.ErrNotFound, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := r.reports(now).Report(t.Context(), tt.scope, tt.q)
			var told *query.Refusal
			if !errors.Is(err, tt.kind) || tt.vi != "" && (!errors.As(err, &told) || !strings.Contains(told.Text.VI, tt.vi) || told.Text.EN == "") {
				t.Errorf("%v, %+v; want %q", err, told, tt.vi)
			}
		})
	}
	// Hours are kept for less time than days: from within a day that has lost them, nobody can look any more.
	r.exec("ALTER TABLE rollup DELETE WHERE tier = 3600 AND bucket < toDateTime('2026-10-20 00:00:00', 'UTC') SETTINGS mutations_sync = 1")
	_, err := r.reports(now).Report(t.Context(), query.Everything(), query.ReportRequest{Period: "2026-10", Centre: "province", AsOf: clockAt(t, "2026-10-10 12:00")})
	if !errors.Is(err, query.ErrNotFound) || !strings.Contains(err.Error(), "reaches back to 31 Oct 2026, 23:00") {
		t.Errorf("without its hours: %v", err)
	}
	r.report(now, "2026-10", "province", clockAt(t, "2026-10-11 00:00")) // from midnight it is whole
	out, err := r.reports(now).Report(t.Context(), query.Only("dong-xoai"), query.ReportRequest{Period: "2026-10", Centre: "dong-xoai"})
	r.must(err)
	if calls := rowOf(t, out, "hotline.calls"); *calls.Value.Value != 3 || len(out.Below) != 0 || len(calls.Centres) != 0 {
		t.Errorf("of one centre: %+v", calls)
	}
	// Of the centres below, those alone that were there.
	if out := r.report(now, "2021-Q1", "province", time.Time{}); len(out.Below) != 1 || out.Below[0].Code != "dong-xoai" || out.Data.Missing != len(r.catalogue.KPIs) {
		t.Errorf("before two of the centres were opened: %+v", out.Below)
	}
}

func TestAReportTellsWhatWasRevised(t *testing.T) {
	r := newRig(t)
	roller := r.roller(r.catalogue)
	late := day(5).Add(10 * time.Hour)
	first, second := late.Add(time.Hour), late.Add(2*time.Hour)
	add := func(list ...schemas.Message) {
		t.Helper()
		r.write(list)
		r.must(roller.Once(t.Context(), true))
	}
	add(call("a", "dong-xoai", day(10), 10*time.Second, 0, day(10)), call("b", "phuoc-long", day(10), 10*time.Second, 0, day(10)))
	add(call("c", "dong-xoai", late, 10*time.Second, 0, late), call("d", "dong-xoai", first, 30*time.Second, 0, first))
	r.exec("TRUNCATE TABLE revision") // the database knows that all of this is written today
	before := time.Now().UTC().Truncate(time.Millisecond)
	add(call("e", "dong-xoai", second, 5*time.Second, 0, time.Now()))
	add(call("d", "dong-xoai", first, 15*time.Second, 1, time.Now()))
	add(call("f", "phuoc-long", late, 40*time.Second, 0, time.Now()))

	text := period.Current(period.KindDay, day(5)).Text()
	check := func(what string, out *wire.Report, id string, value float64, want ...any) {
		t.Helper()
		v := rowOf(t, out, id).Value
		var got []any
		for _, x := range v.Revisions {
			got = append(got, shown(x.Before))
			if age := x.At.Sub(before); age < 0 || age > 10*time.Minute {
				t.Errorf("%s, %s: revised at %v, want just after %v", what, id, x.At, before)
			}
		}
		if v.Value == nil || math.Abs(*v.Value-value) > 1e-9 || !slices.Equal(got, want) {
			t.Errorf("%s, %s: %v revised from %v, want %v from %v", what, id, shown(v.Value), got, value, want)
		}
	}
	now := time.Now()
	out := r.report(now, text, "province", time.Time{})
	check("now", out, "hotline.calls", 4, 2.0)
	check("now", out, "hotline.service_level", 75, 50.0)
	check("now", out, "hotline.wait_p95", 36.25, 29.0) // of 5, 10, 15, 40; before of 10, 30
	if out.Data.Revised < 4 || !slices.ContainsFunc(out.Summary, func(s wire.ReportSentence) bool { return s.Kind == wire.SentenceRevised }) {
		t.Errorf("%+v, %v", out.Data, out.Summary)
	}
	past := r.report(now, text, "province", before)
	check("as it was", past, "hotline.calls", 2)
	check("as it was", past, "hotline.service_level", 50)
	check("as it was", past, "hotline.wait_p95", 29)
	// One day of a longer period, too; and the centre from nothing.
	span := period.Period{Kind: period.KindRange, From: day(10), To: day(3)}.Text()
	check("range", r.report(now, span, "province", time.Time{}), "hotline.calls", 6, 4.0)
	check("range as it was", r.report(now, span, "province", before), "hotline.calls", 4)
	check("centre", r.report(now, text, "phuoc-long", time.Time{}), "hotline.service_level", 0, "none")
	if v := rowOf(t, r.report(now, text, "phuoc-long", before), "hotline.service_level").Value; v.Value != nil || v.State != wire.StateNoData {
		t.Errorf("the centre had nothing: %+v", v)
	}
	// A period that goes on is not revised: nobody has seen the end of it.
	check("running", r.report(now, period.Period{Kind: period.KindRange, From: day(10), To: day(-1)}.Text(), "province", time.Time{}), "hotline.calls", 6)
}

func TestAWallAsItWas(t *testing.T) {
	r := autumn(t)
	now := clockAt(t, "2026-11-05 12:00")
	values, err := r.reports(now).Wall(t.Context(), query.Everything(), clockAt(t, "2026-10-10 12:01").Add(30*time.Second))
	r.must(err)
	got := map[string]any{}
	for _, v := range values {
		got[v.KPI+"@"+v.Centre] = shown(v.Value)
		if v.State != wire.StateWarning || *v.Denominator != 100 {
			t.Errorf("%+v: want the state of then", v)
		}
	}
	if d := cmp.Diff(map[string]any{"camera.online_rate@province": 70.0, "hotline.waiting@province": 8.0, "weather.rain@province": 4.0}, got); d != "" {
		t.Error(d)
	}
	for at, kind := range map[string]error{"2026-10-10 12:02": query.ErrNotFound, "2026-11-05 12:01": query.ErrBadRequest} {
		if _, err := r.reports(now).Wall(t.Context(), query.Everything(), clockAt(t, at)); !errors.Is(err, kind) {
			t.Errorf("at %s: %v, want %v", at, err, kind)
		}
	}
	if values, err := r.reports(now).Wall(t.Context(), query.Only("dong-xoai"), clockAt(t, "2026-10-10 12:01")); err != nil || len(values) != 0 {
		t.Errorf("out of scope: %v, %v", values, err)
	}
}

// Two processes keep the same minutes, and one of them comes late: a day counts each minute once.
func TestADayKeepsEachMinuteOnce(t *testing.T) {
	r := newRig(t)
	for range 2 {
		for _, m := range []struct {
			at    string
			value float64
		}{{"2026-10-01 08:00", 5}, {"2026-10-01 08:01", 9}, {"2026-10-01 23:59", 4}} {
			r.keepMinute(clockAt(t, m.at), map[string]float64{"hotline.waiting@province": m.value})
		}
		r.keepMinute(clockAt(t, "2026-10-02 00:00"), map[string]float64{"hotline.waiting@province": 50})
	}
	days := func() string {
		return r.text("SELECT arrayStringConcat(groupArray(concat(toString(day), ' ', toString((first, last, least, greatest, total, known, num)))), '; ') FROM (SELECT * FROM kpi_day FINAL ORDER BY day)")
	}
	if got, want := days(), "2026-09-30 17:00:00 (5,4,4,9,18,3,4)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	r.keepMinute(clockAt(t, "2026-10-02 23:59"), map[string]float64{"hotline.waiting@province": 51}) // ends with the day
	if got, want := days(), "2026-09-30 17:00:00 (5,4,4,9,18,3,4); 2026-10-01 17:00:00 (50,51,50,51,101,2,51)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTheCommandReport(t *testing.T) {
	r := autumn(t)
	r.exec("INSERT INTO revision (kpi, centre, bucket, at, num, den, samples) SELECT 'hotline.calls', 'dong-xoai', toDateTime('2026-10-09 17:00:00', 'UTC'), now64(3), 1, 0, []")
	ask := func(args ...string) (code int, out, errs string) {
		var o, e bytes.Buffer
		code = run(append([]string{"report", "--clickhouse-dsn", r.dsn}, args...), nil, &o, &e)
		return code, o.String(), e.String()
	}
	file := t.TempDir() + "/out.json"
	code, out, errs := ask("--period", "2026-10", "--centre", "dong-xoai", "-o", file)
	if code != 0 || out != "October 2026 of Dong Xoai city is in "+file+"\n" {
		t.Fatalf("%d %s %s", code, out, errs)
	}
	data, err := os.ReadFile(file)
	r.must(err)
	var got wire.Report
	r.must(json.Unmarshal(data, &got))
	calls := rowOf(t, &got, "hotline.calls")
	if *calls.Value.Value != 3 || len(calls.Value.Revisions) != 1 || *calls.Value.Revisions[0].Before != 2 || got.Centre.Code != "dong-xoai" {
		t.Errorf("%+v", calls.Value)
	}
	if code, out, _ := ask("--period", "2026-10"); code != 0 || !json.Valid([]byte(out)) || !strings.Contains(out, `"code": "province"`) {
		t.Errorf("%d %.200s", code, out)
	}
	for format, begins := range map[string]string{"pdf": "%PDF-", "xlsx": "PK", "html": "<!", "csv": "\ufeff"} {
		if code, out, errs := ask("--period", "2026-10", "--format", format); code != 0 || !strings.HasPrefix(out, begins) || len(out) < 1000 {
			t.Errorf("%s: %d %.60q %s", format, code, out, errs)
		}
	}
	for want, args := range map[string][]string{
		"say which period":                     {},
		"there are csv, html, json, pdf, xlsx": {"--period", "2026-10", "--format", "docx"},
		"want vi or en":                        {"--period", "2026-10", "--language", "fr"},
		"no such centre":                       {"--period", "2026-10", "--centre", "nowhere"},
		"hãy ghi một trong":                    {"--period", "tomorrow"},
		"2099 had not begun":                   {"--period", "2099", "--language", "en"},
		"-o: open /none/x.json":                {"--period", "2026-10", "-o", "/none/x.json"},
		"--as-of \"never\" is no":              {"--period", "2026-10", "--as-of", "never"},
	} {
		if code, _, errs := ask(args...); code == 0 || !strings.Contains(errs, want) {
			t.Errorf("%v: %d %s; want %q", args, code, errs, want)
		}
	}
}
