package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/chstore"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// feedsTool is what the command feeds works with.
type feedsTool struct {
	*parts
	feeds *query.Feeds
	now   time.Time
}

// runFeeds prints how the feeds are, and of one feed how its sources are.
func runFeeds(ctx context.Context, s *settings, p *process) (err error) {
	switch {
	case s.clickhouseDSN == "":
		return errNoDSN
	case s.language != "vi" && s.language != "en":
		return fmt.Errorf("language %q: want vi or en", s.language)
	case s.state != "" && (s.centre == "" || s.domain == ""):
		return errors.New("--state picks sources: say with --centre and --domain of which feed")
	}
	t := &feedsTool{now: time.Now()}
	if t.parts, err = newParts(s, p); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.stop()) }()
	if _, ok := t.registry.Centre(s.centre); s.centre != "" && !ok {
		return fmt.Errorf("--centre %q: there is no such centre", s.centre)
	}
	if _, ok := t.registry.Domain(s.domain); s.domain != "" && !ok {
		return fmt.Errorf("--domain %q: there is no such domain", s.domain)
	}
	store, err := chstore.New(chstore.Options{DSN: s.clickhouseDSN, Registry: t.registry})
	if err != nil {
		return err
	}
	t.closers = append(t.closers, store.Close)
	t.feeds = &query.Feeds{Store: store, Registry: t.registry, Now: func() time.Time { return t.now }}
	return t.print(ctx)
}

// print writes the feeds that are meant, and with a centre and a domain the sources of this feed.
func (t *feedsTool) print(ctx context.Context) error {
	all, err := t.feeds.List(ctx, query.Everything())
	if err != nil {
		return err
	}
	feeds := []wire.FeedHealth{}
	for _, f := range all {
		if (t.s.centre == "" || f.Centre == t.s.centre) && (t.s.domain == "" || f.Domain == t.s.domain) {
			feeds = append(feeds, f)
		}
	}
	whole := t.s.centre != "" && t.s.domain != ""
	var sources []wire.FeedSource
	if whole {
		if sources, err = t.sources(ctx); err != nil {
			return err
		}
	}
	switch {
	case t.s.json && whole:
		return printLine(t.p.out, map[string]any{"at": t.now.UTC(), "feeds": feeds, "sources": sources})
	case t.s.json:
		return printLine(t.p.out, map[string]any{"at": t.now.UTC(), "feeds": feeds})
	}
	printTable(t.p.out, t.feedRows(feeds))
	if whole {
		fmt.Fprintln(t.p.out)
		printTable(t.p.out, t.sourceRows(sources))
	}
	return nil
}

// sources reads all pages.
func (t *feedsTool) sources(ctx context.Context) ([]wire.FeedSource, error) {
	out := []wire.FeedSource{}
	r := query.FeedSourcesRequest{Centre: t.s.centre, Domain: t.s.domain, State: wire.FeedState(t.s.state)}
	for {
		page, err := t.feeds.Sources(ctx, query.Everything(), r)
		if err != nil {
			return nil, err
		}
		if out = append(out, page.Sources...); page.Next == "" {
			return out, nil
		}
		r.After = page.Next
	}
}

func (t *feedsTool) feedRows(feeds []wire.FeedHealth) [][]string {
	rows := [][]string{append(t.say("trung tâm|centre", "lĩnh vực|domain", "trạng thái|state", "nguồn|sources", "chậm|late", "im lặng|silent", "mới nhất|newest"), t.activityHead()...)}
	for _, f := range feeds {
		newest := "-"
		if f.NewestArrival != nil {
			newest = clock(*f.NewestArrival)
		}
		row := []string{f.Centre, f.Domain, t.state(f.State), fmt.Sprint(f.Sources), fmt.Sprint(f.LateSources), fmt.Sprint(f.SilentSources), newest}
		rows = append(rows, append(row, t.activity(f.FeedActivity)...))
	}
	return rows
}

func (t *feedsTool) sourceRows(sources []wire.FeedSource) [][]string {
	rows := [][]string{append(t.say("nguồn|source", "trạng thái|state", "chu kỳ|interval", "theo|from", "mới nhất|newest"), t.activityHead()...)}
	from := map[string]schemas.Text{
		wire.IntervalConfigured: {VI: "cấu hình", EN: "configured"}, wire.IntervalLearned: {VI: "đã học", EN: "learned"}, wire.IntervalDomain: {VI: "lĩnh vực", EN: "domain"},
	}
	for _, s := range sources {
		row := []string{s.Source, t.state(s.State), span(s.IntervalSeconds), in(t.s.language, from[s.IntervalFrom]), clock(s.NewestArrival)}
		rows = append(rows, append(row, t.activity(s.FeedActivity)...))
	}
	return rows
}

// activityHead names the columns of activity: those of the last hour, and last the gaps of 24 hours.
func (t *feedsTool) activityHead() []string {
	return t.say("sự kiện/giờ|events/h", "so thường lệ|of usual", "trễ p50|delay p50", "trễ p99|delay p99", "gửi bù|backfilled", "lặp lại|repeats", "từ chối|refused", "gián đoạn 24 giờ|gaps 24 h")
}

func (t *feedsTool) activity(a wire.FeedActivity) []string {
	percent := func(share *float64) string {
		if share == nil {
			return "-"
		}
		return fmt.Sprintf("%.4g%%", 100**share)
	}
	delay := func(seconds *float64) string {
		if seconds == nil {
			return "-"
		}
		return span(*seconds)
	}
	gaps := fmt.Sprint(a.Gaps.Count)
	if g := a.Gaps.Longest; g != nil {
		until := in(t.s.language, schemas.Text{VI: "đến nay", EN: "until now"})
		if g.To != nil {
			until = g.To.In(period.Zone()).Format("15:04")
		}
		gaps += fmt.Sprintf(" (%s: %s–%s)", span(g.Seconds), g.From.In(period.Zone()).Format("15:04"), until)
	}
	usual := percent(a.Rate)
	if a.Rate != nil && a.UsualDays < 7 {
		usual += fmt.Sprintf(" (%d d)", a.UsualDays)
	}
	return []string{
		fmt.Sprint(a.Hour.Events), usual, delay(a.Hour.DelayP50), delay(a.Hour.DelayP99),
		fmt.Sprint(a.Hour.Backfilled), fmt.Sprint(a.Hour.Repeats), percent(a.Hour.RejectedShare), gaps,
	}
}

// say picks the language of texts that are written as vi|en.
func (t *feedsTool) say(texts ...string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		vi, en, _ := strings.Cut(text, "|")
		out[i] = in(t.s.language, schemas.Text{VI: vi, EN: en})
	}
	return out
}

func (t *feedsTool) state(s wire.FeedState) string {
	return in(t.s.language, map[wire.FeedState]schemas.Text{
		wire.FeedAlive: {VI: "hoạt động", EN: "alive"}, wire.FeedLate: {VI: "chậm", EN: "late"}, wire.FeedSilent: {VI: "im lặng", EN: "silent"},
	}[s])
}

// printTable prints rows with columns as wide as what is in them.
func printTable(w io.Writer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			fmt.Fprintf(&line, "%-*s  ", widths[i], cell)
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
}

// span writes so many seconds as people say them.
func span(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	switch {
	case d.Abs() < time.Minute:
		return fmt.Sprintf("%.3gs", seconds)
	case d.Abs() < 48*time.Hour:
		round := time.Second
		if d.Abs() >= time.Hour {
			round = time.Minute // seconds say nothing of what took hours
		}
		text := d.Round(round).String()
		if minutes, whole := strings.CutSuffix(text, "m0s"); whole {
			text = minutes + "m"
		}
		if hours, whole := strings.CutSuffix(text, "h0m"); whole {
			text = hours + "h"
		}
		return text
	default:
		return fmt.Sprintf("%.1fd", d.Hours()/24)
	}
}
