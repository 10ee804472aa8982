package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
)

// strict is a decoder of a registry that does not know a centre yet: what that centre sends is refused.
func (r *rig) strict(without string) *schemas.Decoder {
	narrow := *r.registry
	narrow.Centres = nil
	for _, c := range r.registry.Centres {
		if c.Code != without {
			narrow.Centres = append(narrow.Centres, c)
		}
	}
	return schemas.NewDecoder(&narrow, schemas.DecoderOptions{})
}

// refuse stores messages as that decoder reads them.
func (r *rig) refuse(d *schemas.Decoder, messages ...schemas.Message) {
	r.t.Helper()
	b := &ingest.Batch{}
	for i := range messages {
		events, refusals := d.Decode(messages[i])
		for range events {
			b.Origins = append(b.Origins, &messages[i])
		}
		b.Events = append(b.Events, events...)
		for _, refusal := range refusals {
			b.Refusals = append(b.Refusals, ingest.Refused{Refusal: refusal, Message: messages[i]})
		}
	}
	r.must(r.sink.Write(r.t.Context(), b))
}

// ioc runs the program, and returns what it printed.
func (r *rig) ioc(want int, args ...string) string {
	r.t.Helper()
	var out, errs bytes.Buffer
	if code := run(append(args, "--clickhouse-dsn", r.dsn), nil, &out, &errs); code != want {
		r.t.Fatalf("ioc %v: exit code %d, want %d: %s%s", args, code, want, out.String(), errs.String())
	}
	return out.String() + errs.String()
}

// count is how many calls the platform knows.
func (r *rig) count(table string) string {
	r.t.Helper()
	return r.text("SELECT toString(count()) FROM " + table)
}

// binary is an event whose attributes stand in the header, as Kafka's binary mode has it.
func binary(id string, at time.Time) schemas.Message {
	return schemas.Message{
		Transport: "kafka", Centre: "dong-xoai", Topic: "ioc.dong-xoai.service", Partition: 1, Offset: 7, Arrived: at,
		Header: map[string]string{
			"ce_specversion": "1.0", "ce_id": id, "ce_source": "/dong-xoai/service/1022", "ce_type": "vn.binhphuoc.ioc.call.v1", "ce_time": at.Format(time.RFC3339),
			"content-type": "application/json", "x-secret": "not kept",
		},
		Payload: fmt.Appendf(nil, `{"call_id":%q,"status":"waiting","queued_at":%q}`, id, at.Format(time.RFC3339)),
	}
}

func TestWhatWasRefusedComesInOnceAfterTheFix(t *testing.T) {
	r := newRig(t)
	strict := r.strict("dong-xoai")
	at := day(2).Add(9 * time.Hour)
	batch := call("in-a-batch", "dong-xoai", at, time.Second, 0, at)
	batch.Payload = fmt.Appendf(nil, `[%s,{"specversion":"1.0","id":"bad"}]`, batch.Payload)
	r.refuse(strict, call("plain", "dong-xoai", at, time.Second, 0, at), binary("binary", at), batch)
	if got := r.count("rejected FINAL"); got != "4" {
		t.Fatalf("%s are refused, want 4", got)
	}
	if out := r.ioc(0, "rejects", "list"); !strings.Contains(out, "dong-xoai") || strings.Count(out, "unknown_source")+strings.Count(out, "unknown_centre") == 0 {
		t.Logf("list prints:\n%s", out)
	}

	if out := r.ioc(0, "rejects", "replay", "--dry-run"); !strings.HasPrefix(out, "3 would be taken (3 events), 1 refused again, 0 had been") {
		t.Errorf("a dry run prints:\n%s", out)
	}
	if got := r.count("raw_state"); got != "0" {
		t.Fatalf("a dry run wrote %s events", got)
	}
	// One of them came again meanwhile, by the other transport.
	again := call("plain", "dong-xoai", at, time.Second, 0, at.Add(time.Hour))
	again.Transport, again.Topic = "mqtt", "ioc/dong-xoai/service/1022"
	r.write([]schemas.Message{again})
	if out := r.ioc(0, "rejects", "replay", "--centre", "phuoc-long"); !strings.HasPrefix(out, "0 taken") {
		t.Errorf("a replay of another centre prints:\n%s", out)
	}
	if out := r.ioc(0, "rejects", "replay", "--until", at.Format(time.RFC3339)); !strings.HasPrefix(out, "0 taken") {
		t.Errorf("a replay of an earlier time prints:\n%s", out)
	}
	if out := r.ioc(0, "rejects", "replay"); !strings.HasPrefix(out, "3 taken (3 events), 1 refused again, 0 had been") {
		t.Errorf("the replay prints:\n%s", out)
	}
	if out := r.ioc(0, "rejects", "replay"); !strings.HasPrefix(out, "0 taken (0 events), 1 refused again, 3 had been") {
		t.Errorf("the second replay prints:\n%s", out)
	}
	if got := r.count("raw_state FINAL"); got != "3" {
		t.Errorf("%s events are there, want 3", got)
	}
	// Rollups follow, and what was refused stays counted as refused when it arrived: it was.
	r.must(r.roller(r.catalogue).Once(t.Context(), true))
	if p := r.series("hotline.calls", "dong-xoai", day(2), 1, 24*time.Hour)[0]; p.Value == nil || *p.Value != 3 {
		t.Errorf("%v calls, want 3", shown(p.Value))
	}
	if got := r.count("rejected FINAL"); got != "4" {
		t.Errorf("%s are kept as refused, want 4", got)
	}
	open, taken := r.ioc(0, "rejects", "export", "--state", "open"), r.ioc(0, "rejects", "export", "--state", "taken")
	if strings.Count(open, "\n") != 1 || strings.Count(taken, "\n") != 3 {
		t.Errorf("%d are open and %d taken, want 1 and 3", strings.Count(open, "\n"), strings.Count(taken, "\n"))
	}
	if strings.Contains(taken, "not kept") {
		t.Error("a header that is none of the event's was kept")
	}
}

func TestReplayedEventsAreNewestOnlyOnce(t *testing.T) {
	// A correction that came while the first version was refused must win, whatever comes in last.
	r := newRig(t)
	at := day(2).Add(9 * time.Hour)
	r.refuse(r.strict("dong-xoai"), call("one", "dong-xoai", at, 50*time.Second, 0, at))
	r.write([]schemas.Message{call("one", "dong-xoai", at, 5*time.Second, 1, at.Add(time.Minute))})
	r.ioc(0, "rejects", "replay")
	r.must(r.roller(r.catalogue).Once(t.Context(), true))
	if p := r.series("hotline.wait", "dong-xoai", day(2), 1, 24*time.Hour)[0]; p.Value == nil || *p.Value != 5 {
		t.Errorf("the wait is %v s, want that of the correction, 5", shown(p.Value))
	}
}

func TestRejectsShowAndExport(t *testing.T) {
	r := newRig(t)
	if out := r.ioc(0, "rejects", "list"); out != "nothing is refused\n" {
		t.Errorf("an empty list prints %q", out)
	}
	at := day(2).Add(9 * time.Hour)
	r.refuse(r.strict("dong-xoai"), binary("tiếng Việt", at))
	list := r.ioc(0, "rejects", "list")
	key := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`).FindString(list)
	if key == "" || !strings.Contains(list, clock(at)) {
		t.Fatalf("the list has no key, or not the time:\n%s", list)
	}
	show := r.ioc(0, "rejects", "show", key)
	for _, want := range []string{key, "partition 1, offset 7", "ce_id: tiếng Việt", `{"call_id":"tiếng Việt"`, "replay    never"} {
		if !strings.Contains(show, want) {
			t.Errorf("show lacks %q:\n%s", want, show)
		}
	}
	file := filepath.Join(t.TempDir(), "rejects.ndjson")
	r.ioc(0, "rejects", "export", "-o", file)
	if raw, err := os.ReadFile(file); err != nil || !bytes.Contains(raw, []byte("tiếng Việt")) {
		t.Errorf("the file holds %s (%v)", raw, err)
	}
	r.ioc(1, "rejects", "export", "-o", file) // never over another file
	for _, c := range []struct {
		args []string
		has  string
	}{
		{[]string{"rejects"}, "say what to do"},
		{[]string{"rejects", "burn"}, "say what to do"},
		{[]string{"rejects", "show"}, "say which"},
		{[]string{"rejects", "show", "x"}, "not the key"},
		{[]string{"rejects", "show", "00000000-0000-8000-8000-000000000000"}, "1 of 1 keys"},
		{[]string{"rejects", "list", "--centre", "nowhere"}, "no such centre"},
		{[]string{"rejects", "list", "--since", "yesterday"}, "is no time"},
		{[]string{"rejects", "list", "--state", "half"}, "open or taken"},
		{[]string{"rejects", "list", "--limit", "0"}, "1 to"},
	} {
		if out := r.ioc(1, c.args...); !strings.Contains(out, c.has) {
			t.Errorf("%v prints %q, want %q in it", c.args, out, c.has)
		}
	}
}

// A centre sees and replays what is its own, and nothing else.
func TestRejectsKeepToTheScope(t *testing.T) {
	r := newRig(t)
	at := day(2).Add(9 * time.Hour)
	for _, c := range []string{"dong-xoai", "phuoc-long"} {
		r.refuse(r.strict(c), call("of-"+c, c, at, time.Second, 0, at))
	}
	a := &parts{s: &settings{}, registry: r.registry}
	rejects := &query.Rejects{Store: r.store}
	own := query.Only("dong-xoai")
	list, err := rejects.List(t.Context(), own, query.RejectsRequest{})
	r.must(err)
	if len(list.Rejects) != 1 || list.Rejects[0].Centre != "dong-xoai" {
		t.Errorf("a centre sees %+v", list.Rejects)
	}
	other, err := rejects.List(t.Context(), query.Only("phuoc-long"), query.RejectsRequest{})
	r.must(err)
	out, err := a.replayFor(rejects, r.sink)(t.Context(), own, "test", query.RejectsRequest{Keys: []string{other.Rejects[0].Key, list.Rejects[0].Key}}, false)
	r.must(err)
	if out.Taken != 1 || out.Results[0].Key != list.Rejects[0].Key {
		t.Errorf("a centre replayed %+v", out)
	}
	if got := r.text("SELECT arrayStringConcat(groupArray(centre)) FROM raw_state"); got != "dong-xoai" {
		t.Errorf("events of %q came in", got)
	}
	if _, err := rejects.List(t.Context(), own, query.RejectsRequest{Centre: "phuoc-long"}); err == nil {
		t.Error("a centre asked for another one's refused events, and got an answer")
	}
	if none, err := rejects.List(t.Context(), query.Scope{}, query.RejectsRequest{}); err != nil || len(none.Rejects) > 0 {
		t.Errorf("nobody sees %v (%v)", none.Rejects, err)
	}
	// In steps, as a program does.
	out, err = a.replayFor(rejects, r.sink)(t.Context(), query.Everything(), "test", query.RejectsRequest{Limit: 1}, false)
	r.must(err)
	first := out
	out, err = a.replayFor(rejects, r.sink)(t.Context(), query.Everything(), "test", query.RejectsRequest{Limit: 1, After: query.RejectCursor{Key: first.Next}}, false)
	r.must(err)
	if first.Next == "" || first.Taken+first.Skipped != 1 || out.Taken+out.Skipped != 1 || first.Results[0].Key == out.Results[0].Key {
		t.Errorf("in steps: %+v then %+v", first, out)
	}
}

func TestWhenPeopleMean(t *testing.T) {
	now := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"2026-10-14": "2026-10-13T17:00:00Z", "2026-10-14T08:30": "2026-10-14T01:30:00Z", "2026-10-14T08:30:00+07:00": "2026-10-14T01:30:00Z",
		"2h": "2026-11-24T01:00:00Z", "7d": "2026-11-17T03:00:00Z", "": "0001-01-01T00:00:00Z",
	} {
		got, err := parseWhen(text, now)
		if err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%q is %s (%v), want %s", text, got.Format(time.RFC3339), err, want)
		}
	}
	for _, text := range []string{"x", "-2h", "7 d", "1.5d", "2026-13-01"} {
		if got, err := parseWhen(text, now); err == nil {
			t.Errorf("%q was taken for %s", text, got)
		}
	}
}
