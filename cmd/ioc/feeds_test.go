package main

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/rollup"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// feedNow is a moment of today, because the table of what was delivered forgets what is older than some days.
func feedNow() time.Time {
	return time.Now().UTC().Truncate(time.Minute).Add(-time.Minute + 30*time.Second)
}

// sent is one event of a sensor that happened and arrived so long before a moment.
func sent(now time.Time, source, id string, arrived, happened time.Duration) schemas.Message {
	centre := strings.Split(source, "/")[1]
	return schemas.Message{
		Transport: "mqtt", Centre: centre, Topic: "ioc/" + centre + "/sensor/x", Arrived: now.Add(-arrived),
		Payload: fmt.Appendf(nil, `{"specversion":"1.0","id":%q,"source":%q,"type":"vn.binhphuoc.ioc.sensor.v1","time":%q,"data":{"status":"online"}}`,
			id, source, now.Add(-happened).Format("2006-01-02T15:04:05.000Z07:00")),
	}
}

// regular is a source that sent once each span, from so long ago to so long ago.
func regular(now time.Time, source string, from, to, span time.Duration) []schemas.Message {
	var out []schemas.Message
	for back := from; back >= to; back -= span {
		out = append(out, sent(now, source, fmt.Sprint(back), back, back+time.Second))
	}
	return out
}

// feedHealth answers for feeds, of which all that was delivered is counted.
func (r *rig) feedHealth(now time.Time) *query.Feeds {
	r.t.Helper()
	r.must(r.roller(&kpi.Catalogue{}).CatchUp(r.t.Context()))
	return &query.Feeds{Store: r.store, Registry: r.registry, Now: func() time.Time { return now }}
}

// sensors are the sources of a centre's sensor feed, by the last part of their names.
func (r *rig) sensors(now time.Time, centre string) map[string]wire.FeedSource {
	r.t.Helper()
	list, err := r.feedHealth(now).Sources(r.t.Context(), query.Only(centre), query.FeedSourcesRequest{Centre: centre, Domain: "sensor"})
	r.must(err)
	out := map[string]wire.FeedSource{}
	for _, s := range list.Sources {
		out[s.Source[strings.LastIndex(s.Source, "/")+1:]] = s
	}
	return out
}

// feed is one feed, as the list has it.
func (r *rig) feed(now time.Time, centre, domain string) wire.FeedHealth {
	r.t.Helper()
	list, err := r.feedHealth(now).List(r.t.Context(), query.Only(centre))
	r.must(err)
	for _, f := range list {
		if f.Centre != centre {
			r.t.Errorf("a feed of %s is listed for %s", f.Centre, centre)
		}
		if f.Centre == centre && f.Domain == domain {
			return f
		}
	}
	r.t.Fatalf("no feed %s %s", centre, domain)
	return wire.FeedHealth{}
}

const sensorFeed = "/dong-xoai/sensor/"

func TestSourcesAreJudgedByTheirOwnInterval(t *testing.T) {
	r, now := newRig(t), feedNow()
	r.registry.Sources = []schemas.SourceRule{{Source: sensorFeed + "agreed", Interval: 24 * time.Hour}}
	const day, minute = 24 * time.Hour, time.Minute
	for _, messages := range map[string][]schemas.Message{
		"alive": {sent(now, sensorFeed+"alive", "1", minute, minute)}, "late": {sent(now, sensorFeed+"late", "1", minute+time.Millisecond, minute)},
		"still-late": {sent(now, sensorFeed+"still-late", "1", 2*minute, 2*minute)}, "silent": {sent(now, sensorFeed+"silent", "1", 2*minute+time.Millisecond, 2*minute)},
		"old-news": {sent(now, sensorFeed+"old-news", "1", time.Second, time.Hour)}, "agreed": {sent(now, sensorFeed+"agreed", "1", 5*time.Hour, 5*time.Hour)},
		"daily":      regular(now, sensorFeed+"daily", 6*day+6*time.Hour, 6*time.Hour, day),
		"daily-gone": regular(now, sensorFeed+"daily-gone", 6*day+12*time.Hour, 2*day+12*time.Hour, day),
		"ten":        regular(now, sensorFeed+"ten", 59*10*minute+5*minute, 5*minute, 10*minute),
		"few":        regular(now, sensorFeed+"few", 20*10*minute+5*minute, 5*minute, 10*minute),
		"fast":       regular(now, sensorFeed+"fast", 5*time.Hour, 90*time.Second, 15*time.Second),
	} {
		r.write(messages)
	}
	r.must(r.store.LearnIntervals(t.Context(), now))
	got := r.sensors(now, "dong-xoai")
	for name, want := range map[string]struct {
		state    wire.FeedState
		interval time.Duration
		from     string
	}{
		"alive": {wire.FeedAlive, minute, wire.IntervalDomain}, "late": {wire.FeedLate, minute, wire.IntervalDomain},
		"still-late": {wire.FeedLate, minute, wire.IntervalDomain}, "silent": {wire.FeedSilent, minute, wire.IntervalDomain},
		"old-news":   {wire.FeedLate, minute, wire.IntervalDomain},
		"agreed":     {wire.FeedAlive, day, wire.IntervalConfigured},
		"daily":      {wire.FeedAlive, day, wire.IntervalLearned},
		"daily-gone": {wire.FeedSilent, day, wire.IntervalLearned},
		"ten":        {wire.FeedAlive, 10 * minute, wire.IntervalLearned},
		"few":        {wire.FeedSilent, minute, wire.IntervalDomain}, // 20 spans in a few hours
		"fast":       {wire.FeedLate, minute, wire.IntervalLearned},  // never shorter than the domain's
	} {
		s := got[name]
		if s.State != want.state || s.IntervalSeconds != want.interval.Seconds() || s.IntervalFrom != want.from {
			t.Errorf("%s: %s with %v s (%s, %d spans), want %s with %v s (%s)", name, s.State, s.IntervalSeconds, s.IntervalFrom, s.IntervalSpans,
				want.state, want.interval.Seconds(), want.from)
		}
	}
	// The evaluator's list, which is asked each second, agrees.
	feeds, err := r.store.Feeds(t.Context(), now)
	r.must(err)
	for _, f := range feeds {
		if f.Centre == "dong-xoai" && f.Domain == "sensor" && (f.Sources != 11 || f.SilentSources != 3 || f.State != wire.FeedAlive) {
			t.Errorf("the feed: %+v", f)
		}
	}
	// What was learned under another registry is not below the domain's interval of now.
	r.registry.Domains = append([]schemas.Domain{}, r.registry.Domains...)
	for i := range r.registry.Domains {
		r.registry.Domains[i].Interval = time.Hour
	}
	if s := r.sensors(now, "dong-xoai")["ten"]; s.IntervalSeconds != 3600 {
		t.Errorf("ten has an interval of %v s under a domain of an hour", s.IntervalSeconds)
	}
}

func number(f *float64) float64 {
	if f == nil {
		return math.NaN()
	}
	return *f
}

func about(t *testing.T, what string, got *float64, want float64) {
	t.Helper()
	if g := number(got); math.IsNaN(g) != math.IsNaN(want) || math.Abs(g-want) > 0.01*math.Abs(want)+0.001 {
		t.Errorf("%s is %v, want %v", what, g, want)
	}
}

func TestDelaysAreOfTheArrivalAndLeaveHistoryOut(t *testing.T) {
	r, now := newRig(t), feedNow()
	var live, history []schemas.Message
	for i := range 100 { // 1 s to 100 s
		back := time.Duration(i) * time.Second
		live = append(live, sent(now, sensorFeed+"live", fmt.Sprint(i), back, back+back+time.Second))
		history = append(history, sent(now, sensorFeed+"live", fmt.Sprint("h", i), 10*time.Second, time.Duration(i+2)*time.Hour))
	}
	r.write(live)
	r.write(history)
	r.write([]schemas.Message{sent(now, sensorFeed+"skewed", "1", 20*time.Second, -5*time.Minute), sent(now, sensorFeed+"one", "1", 3*time.Hour, 3*time.Hour+2*time.Second)})
	got := r.sensors(now, "dong-xoai")

	s := got["live"]
	if s.Hour.Events != 200 || s.Hour.Backfilled != 100 || s.Hour.Ahead != 0 || s.Day.Events != 200 {
		t.Errorf("live: %+v", s.Hour)
	}
	about(t, "p50 of live", s.Hour.DelayP50, 50)
	about(t, "p99 of live", s.Hour.DelayP99, 99)
	skewed := got["skewed"]
	if skewed.Hour.Ahead != 1 || skewed.State != wire.FeedAlive {
		t.Errorf("skewed is %s: %+v", skewed.State, skewed.Hour)
	}
	about(t, "p50 of skewed", skewed.Hour.DelayP50, -320)
	one := got["one"]
	if one.Hour.Events != 0 || one.Day.Events != 1 || one.UsualDays != 0 || one.UsualHour != nil || one.Rate != nil {
		t.Errorf("one: %+v", one)
	}
	about(t, "p99 of one, hour", one.Hour.DelayP99, math.NaN())
	about(t, "p99 of one, day", one.Day.DelayP99, 2)

	// The feed is worked out from all its events: the mean of its sources' medians would be far off.
	f := r.feed(now, "dong-xoai", "sensor")
	if f.Hour.Events != 201 || f.Day.Events != 202 || f.Hour.Backfilled != 100 || f.Hour.Ahead != 1 {
		t.Errorf("the feed: %+v", f.FeedActivity)
	}
	about(t, "p50 of the feed", f.Hour.DelayP50, 50)
}

func TestRateIsAgainstTheSameHourOfTheDaysBefore(t *testing.T) {
	r, now := newRig(t), feedNow()
	const day = 24 * time.Hour
	put := func(source string, back time.Duration, n int) {
		var list []schemas.Message
		for i := range n {
			at := back + time.Duration(i)*time.Second
			list = append(list, sent(now, sensorFeed+source, fmt.Sprint(at), at, at))
		}
		r.write(list)
	}
	for back, n := range []int{5, 10, 30, 20, 0, 20} { // today, then the days before
		put("steady", time.Duration(back)*day+10*time.Minute, n)
		put("steady", time.Duration(back)*day+3*time.Hour, 50) // another hour
	}
	put("steady", 8*day, 1)
	put("young", 10*time.Minute, 3)
	put("young", 30*time.Hour, 3)
	got := r.sensors(now, "dong-xoai")
	s := got["steady"]
	if s.UsualDays != 7 || s.Hour.Events != 5 { // 10 30 20 0 20 0 0
		t.Errorf("steady: %d events against %d days", s.Hour.Events, s.UsualDays)
	}
	about(t, "usual of steady", s.UsualHour, 10)
	about(t, "rate of steady", s.Rate, 0.5)
	young := got["young"]
	if young.UsualDays != 1 {
		t.Errorf("young rests on %d days", young.UsualDays)
	}
	about(t, "usual of young", young.UsualHour, 0)
	about(t, "rate of young", young.Rate, math.NaN())
	about(t, "usual of the feed", r.feed(now, "dong-xoai", "sensor").UsualHour, 10)
}

func TestGapsAreFound(t *testing.T) {
	r, now := newRig(t), feedNow()
	const minute = time.Minute
	whole := regular(now, sensorFeed+"whole", 10*time.Hour, 0, minute)
	holes := append(regular(now, sensorFeed+"holes", 10*time.Hour, 5*time.Hour, minute), regular(now, sensorFeed+"holes", 4*time.Hour, 2*time.Hour, minute)...)
	holes = append(holes, regular(now, sensorFeed+"holes", 2*time.Hour-10*minute, 30*minute, minute)...)
	r.write(whole)
	r.write(holes)
	r.write(regular(now, sensorFeed+"gone", 40*time.Hour, 39*time.Hour, minute))
	got := r.sensors(now, "dong-xoai")
	for name, want := range map[string]struct {
		count   uint64
		from    time.Duration
		to      time.Duration // 0: it goes on
		longest time.Duration
	}{
		"holes": {3, 5 * time.Hour, 4 * time.Hour, time.Hour},
		"gone":  {1, 24 * time.Hour, 0, 24 * time.Hour},
	} {
		g := got[name].Gaps
		switch {
		case g.Count != want.count || g.OverSeconds != 180 || g.Longest == nil:
			t.Errorf("%s: %+v", name, g)
		case !g.Longest.From.Equal(now.Add(-want.from)) || g.Longest.Seconds != want.longest.Seconds(), (g.Longest.To == nil) != (want.to == 0),
			g.Longest.To != nil && !g.Longest.To.Equal(now.Add(-want.to)):
			t.Errorf("%s: the longest is %+v", name, g.Longest)
		}
	}
	if g := got["whole"].Gaps; g.Count != 0 || g.Longest != nil {
		t.Errorf("whole: %+v", g)
	}
	// The feed heard something all the while, but for the time before the first of these.
	if g := r.feed(now, "dong-xoai", "sensor").Gaps; g.Count != 1 || g.Longest.Seconds != (14*time.Hour).Seconds() {
		t.Errorf("the feed: %+v", g)
	}
}

func TestRepeatsRefusalsAndScope(t *testing.T) {
	r, now := newRig(t), feedNow()
	first := sent(now, sensorFeed+"s", "1", 50*time.Second, 50*time.Second)
	again := first
	again.Arrived = now.Add(-40 * time.Second)
	other := again
	other.Transport, other.Topic = "kafka", "ioc.dong-xoai.sensor"
	other.Arrived = now.Add(-30 * time.Second)
	r.write([]schemas.Message{first})
	r.write([]schemas.Message{again, other})
	refusal := func(source string, back time.Duration, id string) ingest.Refused {
		m := sent(now, sensorFeed+"s", id, back, back)
		return ingest.Refused{Message: m, Refusal: &schemas.Refusal{Code: schemas.CodeMissing, Sentence: "…", English: "…", Source: source, Item: []byte(id), Index: -1}}
	}
	r.write(nil, refusal(sensorFeed+"s", time.Minute, "a"), refusal(sensorFeed+"s", 3*time.Hour, "b"), refusal("", time.Minute, "c"))
	r.write([]schemas.Message{sent(now, "/binh-long/sensor/s", "1", time.Second, time.Second)})

	s := r.sensors(now, "dong-xoai")["s"]
	if s.Hour.Events != 1 || s.Hour.Repeats != 2 || s.Hour.Rejected != 1 || s.Day.Rejected != 2 {
		t.Errorf("the source: %+v, %+v", s.Hour, s.Day)
	}
	about(t, "refused share", s.Hour.RejectedShare, 0.25)
	f := r.feed(now, "dong-xoai", "sensor")
	if f.Hour.Events != 1 || f.Hour.Repeats != 2 || f.Hour.Rejected != 2 || f.RejectedHour != 2 || f.Day.Rejected != 3 {
		t.Errorf("the feed: %+v", f)
	}
	about(t, "refused share of the feed", f.Day.RejectedShare, 0.5)
	if n := len(r.sensors(now, "binh-long")); n != 1 {
		t.Errorf("binh-long has %d sources, want its own", n)
	}
	if _, err := r.feedHealth(now).Sources(t.Context(), query.Only("binh-long"), query.FeedSourcesRequest{Centre: "dong-xoai", Domain: "sensor"}); !errors.Is(err, query.ErrNotFound) {
		t.Errorf("another centre's sources: %v", err)
	}
	if f := r.feed(now, "phuoc-long", "camera"); f.State != wire.FeedSilent || f.Gaps.Count != 0 || f.Hour.RejectedShare != nil || f.NewestEvent != nil {
		t.Errorf("a feed that never sent: %+v", f)
	}
}

// version is one of a reading or of a dossier, and when it arrived.
func version(kind, source string, revision int, moved, arrived time.Duration, by string) func(now time.Time) schemas.Message {
	return func(now time.Time) schemas.Message {
		at := now.Add(-2*time.Hour + moved).Format("2006-01-02T15:04:05.000Z07:00")
		data := fmt.Sprintf(`{"metric":"pm25","value":%d,"revision":%[1]d}`, revision)
		if kind == "dossier" {
			data = fmt.Sprintf(`{"dossier_id":%q,"procedure":"1.004873","agency":"so-tu-phap","level":4,"channel":"online","status":"received","received_at":%q,"due_at":%[2]q,"revision":%d}`, source, at, revision)
		}
		return schemas.Message{
			Transport: by, Centre: "dong-xoai", Partition: -1, Offset: -1, Arrived: now.Add(-2*time.Hour + arrived),
			Payload: fmt.Appendf(nil, `{"specversion":"1.0","id":"1","source":%q,"type":"vn.binhphuoc.ioc.%s.v1","time":%q,"data":%s}`, source, kind, at, data),
		}
	}
}

// TestRepeatsAreCountedApartFromEvents counts what is delivered in whatever order it is stored, before and after merges, and
// by the live worker as by a rebuild.
func TestRepeatsAreCountedApartFromEvents(t *testing.T) {
	const second = time.Second
	type d struct {
		revision int
		arrived  time.Duration
		by       string
	}
	cases := []struct {
		name    string
		batches [][]d
		want    string // events, repeats
	}{
		{"once", [][]d{{{0, second, "mqtt"}}}, "(1,0)"},
		{"again by the same transport", [][]d{{{0, second, "mqtt"}}, {{0, 2 * second, "mqtt"}}}, "(1,1)"},
		{"again by the other transport", [][]d{{{0, second, "mqtt"}}, {{0, 2 * second, "kafka"}}}, "(1,1)"},
		{"again an hour later, twice", [][]d{{{0, second, "mqtt"}}, {{0, time.Hour, "mqtt"}, {0, time.Hour + second, "kafka"}}}, "(1,2)"},
		{"twice in one batch", [][]d{{{0, second, "mqtt"}, {0, second, "kafka"}}}, "(1,1)"},
		{"the first of two is stored last", [][]d{{{0, 2 * second, "mqtt"}}, {{0, second, "kafka"}}}, "(1,1)"},
		{"the first of two is stored last, minutes apart", [][]d{{{0, 5 * time.Minute, "mqtt"}}, {{0, second, "kafka"}}}, "(1,1)"},
		{"a batch that is written again", [][]d{{{0, second, "mqtt"}}, {{0, second, "mqtt"}}}, "(1,0)"},
		{"a batch with a repeat that is written again", [][]d{{{0, second, "mqtt"}}, {{0, 2 * second, "mqtt"}}, {{0, 2 * second, "mqtt"}}}, "(1,1)"},
		{"a correction", [][]d{{{0, second, "mqtt"}}, {{1, 2 * second, "mqtt"}}}, "(1,1)"},
		{"a correction in one batch", [][]d{{{0, second, "mqtt"}, {1, 2 * second, "mqtt"}}}, "(1,1)"},
		{"a correction, then the old version again", [][]d{{{0, second, "mqtt"}}, {{1, 2 * second, "mqtt"}}, {{0, 3 * second, "mqtt"}}}, "(1,2)"},
		{"a correction that moves it, then again", [][]d{{{0, second, "mqtt"}}, {{2, 2 * second, "mqtt"}}, {{2, 3 * second, "mqtt"}}}, "(1,2)"},
		{"what a clerk hands in", [][]d{{{0, second, "upload"}}}, "(0,0)"},
		{"what a clerk has handed in comes again", [][]d{{{0, second, "upload"}}, {{0, 2 * second, "mqtt"}}}, "(0,1)"},
	}
	r, now := newRig(t), feedNow()
	worker := r.roller(&kpi.Catalogue{})
	source := func(kind string, i int) string { return fmt.Sprintf("/dong-xoai/service/%s-%d", kind, i) }
	step := 0
	for more := true; more; step++ {
		more = false
		for i, c := range cases {
			for _, kind := range []string{"reading", "dossier"} {
				if step >= len(c.batches) {
					continue
				}
				more = true
				var list []schemas.Message
				for _, m := range c.batches[step] {
					list = append(list, version(kind, source(kind, i), m.revision, -time.Duration(m.revision/2)*5*time.Minute, m.arrived, m.by)(now))
				}
				r.write(list)
			}
		}
		// Each batch is counted before the next one comes, and may be merged away.
		r.must(worker.CatchUp(t.Context()))
		r.exec("OPTIMIZE TABLE raw_measure FINAL")
		r.exec("OPTIMIZE TABLE raw_state FINAL")
	}
	check := func(when string) {
		t.Helper()
		for i, c := range cases {
			for _, kind := range []string{"reading", "dossier"} {
				if got := r.text("SELECT toString((sum(events), sum(repeats))) FROM feed_event FINAL WHERE source = '" + source(kind, i) + "'"); got != c.want {
					t.Errorf("%s: %s %s: (events, repeats) %s, want %s", when, kind, c.name, got, c.want)
				}
			}
		}
	}
	check("live")
	r.exec("TRUNCATE TABLE feed_event")
	r.must(worker.Rebuild(t.Context(), r.store, time.Time{}, func(rollup.Progress) {}))
	check("rebuilt")
}

func TestDelaysAreKeptByMinute(t *testing.T) {
	r, now := newRig(t), feedNow().Add(-30*time.Second)
	r.write([]schemas.Message{
		sent(now, sensorFeed+"a", "a", -2*time.Second, -2*time.Second), sent(now, sensorFeed+"a", "b", -3*time.Second, 2*time.Second),
		sent(now, sensorFeed+"a", "c", -12*time.Second, -2*time.Second), sent(now, sensorFeed+"a", "fast", -4*time.Second, -4*time.Second+127*time.Millisecond),
	})
	r.write([]schemas.Message{
		sent(now, sensorFeed+"a", "skewed", -12*time.Second, -5*time.Minute), sent(now, sensorFeed+"a", "history", -13*time.Second, 40*24*time.Hour),
		sent(now, sensorFeed+"a", "a", -14*time.Second, -2*time.Second),
	})
	r.feedHealth(now)
	if got := r.text("SELECT toString((minute, centre, domain, source, events, repeats, backfilled, ahead)) FROM feed_event FINAL"); got !=
		"('"+now.Format(time.DateTime)+"','dong-xoai','sensor','"+sensorFeed+"a',6,1,1,1)" {
		t.Error(got)
	}
	if got := r.text("SELECT toString((deliveries, first_arrival, newest_arrival)) FROM (SELECT sum(deliveries) AS deliveries, min(first_arrival) AS first_arrival, max(newest_arrival) AS newest_arrival FROM feed_delivery)"); got !=
		"(7,'"+now.Add(2*time.Second).Format("2006-01-02 15:04:05.000")+"','"+now.Add(14*time.Second).Format("2006-01-02 15:04:05.000")+"')" {
		t.Error(got)
	}
	// 0 s, 127 ms, 5 s, 10 s and 288 s ahead, each less than 1 % off; the history of weeks ago is in none.
	if got := r.text("SELECT toString(arraySort(arrayZip(`delayMap.ms`, `delayMap.n`))) FROM feed_event FINAL"); got != "[(-288768,1),(0,1),(127,1),(5024,1),(10048,1)]" {
		t.Error(got)
	}
}

func TestFeedsArePrinted(t *testing.T) {
	r := newRig(t)
	now := time.Now().UTC().Truncate(time.Millisecond)
	r.write([]schemas.Message{sent(now, sensorFeed+"a", "1", time.Second, 2*time.Second), sent(now, sensorFeed+"b", "1", 3*time.Hour, 3*time.Hour)})
	for _, c := range []struct {
		args []string
		want []string
	}{
		{nil, []string{"trung tâm", "lĩnh vực", "gián đoạn 24 giờ", "dong-xoai   sensor    hoạt động", "phuoc-long  camera    im lặng"}},
		{[]string{"--language", "en", "--centre", "dong-xoai"}, []string{"delay p99", "dong-xoai  sensor   alive"}},
		{[]string{"--language", "en", "--centre", "dong-xoai", "--domain", "sensor"}, []string{"/dong-xoai/sensor/b  silent  1m        domain", "(3h: ", "/dong-xoai/sensor/a  alive"}},
		{[]string{"--json", "--centre", "dong-xoai", "--domain", "sensor", "--state", "silent"}, []string{`"sources":[{"centre":"dong-xoai","domain":"sensor","source":"/dong-xoai/sensor/b"`, `"interval_from":"domain"`}},
	} {
		out := r.ioc(0, append([]string{"feeds"}, c.args...)...)
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("ioc feeds %v has no %q:\n%s", c.args, want, out)
			}
		}
	}
	if out := r.ioc(0, "feeds", "--centre", "dong-xoai"); strings.Contains(out, "phuoc-long") {
		t.Errorf("another centre is printed:\n%s", out)
	}
	for _, args := range [][]string{{"--centre", "hue"}, {"--domain", "drone"}, {"--state", "late"}, {"--language", "fr"}, {"--centre", "dong-xoai", "--domain", "sensor", "--state", "dead"}} {
		if out := r.ioc(1, append([]string{"feeds"}, args...)...); out == "" {
			t.Errorf("ioc feeds %v says nothing", args)
		}
	}
}

func TestSpansAreWrittenShort(t *testing.T) {
	for seconds, want := range map[float64]string{0.25: "0.25s", -320: "-5m20s", 60: "1m", 90: "1m30s", 3600: "1h", 5400: "1h30m", 10799: "3h", 10801: "3h", 86400: "24h", 259200: "3.0d"} {
		if got := span(seconds); got != want {
			t.Errorf("%v s: %s, want %s", seconds, got, want)
		}
	}
}
