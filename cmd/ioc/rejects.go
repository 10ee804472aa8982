package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/binhphuoc/ioc/ingest/chsink"
	"github.com/binhphuoc/ioc/ingest/replay"
	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/chstore"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// rejectsTool is what the command rejects works with.
type rejectsTool struct {
	*parts
	rejects *query.Rejects
	request query.RejectsRequest
	keys    []string // words after the verb
}

// runRejects looks at refused events, or reads them again.
func runRejects(ctx context.Context, s *settings, p *process) (err error) {
	verbs := map[string]func(*rejectsTool, context.Context) error{
		"list": (*rejectsTool).list, "show": (*rejectsTool).show, "export": (*rejectsTool).export, "replay": (*rejectsTool).replay,
	}
	if len(p.words) == 0 || verbs[p.words[0]] == nil {
		return errors.New("say what to do: ioc rejects list, show KEY, export or replay [KEY…]")
	}
	if s.clickhouseDSN == "" {
		return errNoDSN
	}
	t := &rejectsTool{keys: p.words[1:]}
	if t.request, err = rejectsRequest(s, time.Now()); err != nil {
		return err
	}
	if t.parts, err = newParts(s, p); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.stop()) }()
	if _, ok := t.registry.Centre(s.centre); s.centre != "" && !ok {
		return fmt.Errorf("--centre %q: there is no such centre", s.centre)
	}
	store, err := chstore.New(chstore.Options{DSN: s.clickhouseDSN, Registry: t.registry})
	if err != nil {
		return err
	}
	t.closers = append(t.closers, store.Close)
	t.rejects = &query.Rejects{Store: store}
	return verbs[p.words[0]](t, ctx)
}

// rejectsRequest reads the filters.
func rejectsRequest(s *settings, now time.Time) (query.RejectsRequest, error) {
	r := query.RejectsRequest{Centre: s.centre, Domain: s.domain, Source: s.source, Code: s.code, State: query.RejectState(s.state)}
	var err error
	if r.Since, err = parseWhen(s.since, now); err != nil {
		return r, fmt.Errorf("--since %w", err)
	}
	if r.Before, err = parseWhen(s.until, now); err != nil {
		return r, fmt.Errorf("--until %w", err)
	}
	return r, nil
}

// parseWhen reads a moment as people write it; the zero time of nothing.
func parseWhen(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, text, period.Zone()); err == nil {
			return t.UTC(), nil
		}
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.UTC(), nil
	}
	span := text
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n >= 0 {
			span = fmt.Sprintf("%dh", 24*n)
		}
	}
	if d, err := time.ParseDuration(span); err == nil && d >= 0 {
		return now.Add(-d).UTC(), nil
	}
	return time.Time{}, fmt.Errorf("%q is no time: write 2026-10-14, 2026-10-14T08:00 (both in Binh Phuoc), RFC 3339, or 2h or 7d for so long ago", text)
}

// list prints what is refused most, then the newest ones.
func (t *rejectsTool) list(ctx context.Context) error {
	if len(t.keys) > 0 {
		return fmt.Errorf("list takes no %q: ioc rejects show %[1]s", t.keys[0])
	}
	if t.s.limit < 1 || t.s.limit > query.MaxRejects {
		return fmt.Errorf("--limit %d: want 1 to %d", t.s.limit, query.MaxRejects)
	}
	counts, err := t.rejects.Counts(ctx, query.Everything(), t.request)
	if err != nil {
		return err
	}
	t.request.Limit = t.s.limit
	newest, err := t.rejects.List(ctx, query.Everything(), t.request)
	if err != nil {
		return err
	}
	if t.s.json {
		return t.json(map[string]any{"counts": counts.Counts, "rejects": newest.Rejects, "next": newest.Next})
	}
	if len(counts.Counts) == 0 {
		fmt.Fprintln(t.p.out, "nothing is refused")
		return nil
	}
	fmt.Fprintf(t.p.out, "%-11s %-8s %-22s %8s %8s %8s  %-19s\n", "centre", "domain", "reason", "refused", "open", "sources", "newest")
	for _, c := range counts.Counts {
		fmt.Fprintf(t.p.out, "%-11s %-8s %-22s %8d %8d %8d  %s\n", dash(c.Centre), dash(c.Domain), c.Code, c.Count, c.Open, c.Sources, clock(c.Newest))
	}
	fmt.Fprintf(t.p.out, "\n%-36s %-19s %-11s %-22s %s\n", "key", "arrived", "centre", "reason", "what is wrong")
	for _, j := range newest.Rejects {
		fmt.Fprintf(t.p.out, "%s %s %-11s %-22s %s\n", j.Key, clock(j.At), dash(j.Centre), j.Code, short(j.Sentence.EN, 120))
	}
	if newest.Next != "" {
		fmt.Fprintf(t.p.out, "\nThese are the newest %d. --limit, --since or ioc rejects export show more.\n", len(newest.Rejects))
	}
	return nil
}

// show prints refused events whole.
func (t *rejectsTool) show(ctx context.Context) error {
	if len(t.keys) == 0 {
		return errors.New("say which: ioc rejects show KEY; ioc rejects list prints the keys")
	}
	t.request.Keys = t.keys
	found := 0
	err := t.rejects.Each(ctx, query.Everything(), t.request, func(j *wire.Reject) error {
		found++
		if t.s.json {
			return t.json(j)
		}
		return t.print(j)
	})
	if err == nil && found < len(t.keys) {
		err = fmt.Errorf("%d of %d keys are of no refused event", len(t.keys)-found, len(t.keys))
	}
	return err
}

func (t *rejectsTool) print(j *wire.Reject) error {
	line := func(name, value string) { fmt.Fprintf(t.p.out, "%-9s %s\n", name, value) }
	line("key", j.Key)
	line("arrived", clock(j.At))
	where := j.Transport + " " + j.Topic
	if j.Partition >= 0 {
		where += fmt.Sprintf(", partition %d, offset %d", j.Partition, j.Offset)
	}
	if j.Index >= 0 {
		where += fmt.Sprintf(", item %d of a batch", j.Index)
	}
	line("by", where)
	line("reason", string(j.Code)+strings.TrimRight(" "+j.Field, " "))
	line("", j.Sentence.VI)
	line("", j.Sentence.EN)
	switch {
	case j.Replay == nil:
		line("replay", "never")
	case j.Replay.Taken:
		line("replay", "taken at "+clock(j.Replay.At)+" by "+j.Replay.By)
	default:
		line("replay", "refused again at "+clock(j.Replay.At)+": "+j.Replay.Sentence.EN)
	}
	for name, value := range j.Header {
		line("header", name+": "+value)
	}
	if j.Payload == nil {
		line("payload", fmt.Sprintf("%d bytes that are not UTF-8; --json prints them as base64", j.PayloadBytes))
	} else {
		line("payload", *j.Payload)
	}
	_, err := fmt.Fprintln(t.p.out)
	return err //nolint:wrapcheck // of the terminal
}

// export writes refused events whole, one line of JSON each.
func (t *rejectsTool) export(ctx context.Context) (err error) {
	t.request.Keys = t.keys
	out := t.p.out
	if t.s.output != "" {
		file, err := os.OpenFile(t.s.output, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // events may name people
		if err != nil {
			return fmt.Errorf("-o: %w", err)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		out = file
	}
	enc, n := json.NewEncoder(out), 0
	enc.SetEscapeHTML(false)
	err = t.rejects.Each(ctx, query.Everything(), t.request, func(j *wire.Reject) error {
		n++
		return enc.Encode(j)
	})
	if err == nil && t.s.output != "" {
		fmt.Fprintf(t.p.out, "%d refused events are in %s\n", n, t.s.output)
	}
	return err
}

// replay reads refused events again, and tells of those that are refused again.
func (t *rejectsTool) replay(ctx context.Context) error {
	by, err := t.s.whoami("rejects")
	if err != nil {
		return err
	}
	sink, err := chsink.New(chsink.Options{DSN: t.s.clickhouseDSN})
	if err != nil {
		return err
	}
	t.closers = append(t.closers, sink.Close)
	t.request.Keys = t.keys
	why := map[string]int{}
	p, err := replay.New(replay.Options{Decoder: t.decoder(), Sink: sink, By: by, DryRun: t.s.dryRun, Tell: func(o replay.Outcome, _ replay.Summary) {
		if o.Refusal != nil {
			why[string(o.Refusal.Code)]++
		}
		if t.s.json {
			t.json(outcome(o)) //nolint:errcheck // of the terminal
		}
	}})
	if err != nil {
		return err
	}
	last := ""
	sum, err := p.Run(ctx, kept(ctx, t.rejects, query.Everything(), t.request, &last))
	if t.s.json {
		return err
	}
	verb := "taken"
	if t.s.dryRun {
		verb = "would be taken"
	}
	fmt.Fprintf(t.p.out, "%d %s (%d events), %d refused again, %d had been taken before\n", sum.Taken, verb, sum.Events, sum.Refused, sum.Skipped)
	if sum.Items > 0 {
		fmt.Fprintf(t.p.out, "of whole batches, %d events are refused by themselves now\n", sum.Items)
	}
	for code, n := range why {
		fmt.Fprintf(t.p.out, "refused again: %8d %s\n", n, code)
	}
	if err != nil {
		err = fmt.Errorf("stopped after %d; to replay again is safe: %w", sum.Done(), err)
	}
	return err
}

func (t *rejectsTool) json(v any) error { return printLine(t.p.out, v) }

func printLine(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}

// clock is a moment as it is read in Binh Phuoc.
func clock(t time.Time) string { return t.In(period.Zone()).Format("2006-01-02 15:04:05") }

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// short cuts a text to so many characters.
func short(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}
