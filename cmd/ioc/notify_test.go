package main

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/binhphuoc/ioc/query/alarm"
	"github.com/binhphuoc/ioc/query/notify"
	"github.com/binhphuoc/ioc/query/smtp"
	"github.com/binhphuoc/ioc/query/smtp/smtptest"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// bell is a receiver of webhooks that may be away.
type bell struct {
	*httptest.Server
	mu   sync.Mutex
	away bool
	keys []string
	said []string
}

func newBell(t *testing.T) *bell {
	b := &bell{}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.away {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		b.keys, b.said = append(b.keys, r.Header.Get("Idempotency-Key")), append(b.said, string(body))
	}))
	t.Cleanup(b.Close)
	return b
}

func (b *bell) set(away bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.away = away
}

func (b *bell) rung() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Join(b.keys, " ")
}

const hookSecret = "a-secret-of-the-hook"

// notifier is a process that tells of a watch's alarms.
func (w *watch) notifier(worker, rules string, smtpPort int, log *slog.Logger) *notify.Notifier {
	w.t.Helper()
	file := filepath.Join(w.t.(*testing.T).TempDir(), "n.yaml")
	w.must(os.WriteFile(file, []byte(rules), 0o600))
	known := notify.Known{Registry: w.registry, Secret: func(string) (string, bool) { return hookSecret, true }}
	if smtpPort > 0 {
		m, err := smtp.New(smtp.Options{Host: "127.0.0.1", Port: smtpPort, From: "ioc@binhphuoc.gov.vn", Timeout: 10 * time.Second})
		w.must(err)
		known.Mailer = m
	}
	store := notify.NewStore(file, known)
	for _, err := range store.Reload() {
		w.t.Fatal(err)
	}
	n, err := notify.New(notify.Options{Plan: w.store, Queue: w.store, Rules: store.Current, Worker: worker, Now: w.clock, Log: log})
	w.must(err)
	return n
}

func (w *watch) later(span time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(span)
}

func TestEachChangeIsToldOnce(t *testing.T) {
	r := newRig(t)
	w, server, hook := r.watch(feedNow(), indicators(2, 1)...), smtptest.Start(t, smtptest.Options{}), newBell(t)
	var journal bytes.Buffer
	log := slog.New(slog.NewTextHandler(&journal, nil))
	rules := `channels:
  - { id: mail, kind: email, to: [lan@b.vn, hoa@b.vn] }
  - { id: hook, kind: webhook, url: "` + hook.URL + `/${HOOK}", secret: "${HOOK}" }
rules:
  - { channels: [mail], centres: [dong-xoai], on: [raise] }
  - { channels: [hook], on: [raise, acknowledge, clear] }
`
	once := func(n *notify.Notifier) {
		t.Helper()
		r.must(n.Once(t.Context()))
	}
	w.pass(0, 11, 1) // before anybody asked to be told: it is number 1
	n := w.notifier("one", rules, server.Port(), log)
	once(n)
	if len(server.Mails()) != 0 || hook.rung() != "" {
		t.Fatalf("%d mails, %s", len(server.Mails()), hook.rung())
	}
	hook.set(true)
	w.pass(time.Second, 11, 11) // number 2
	once(n)
	a := w.list(alarm.Request{}).Items[0]
	w.act(a.ID, wire.AlarmAcknowledge, wire.AlarmOrder{Why: "đang xem"}) // number 3
	once(n)
	if len(server.Mails()) != 2 {
		t.Fatalf("%d mails", len(server.Mails()))
	}
	if text := r.text("SELECT arrayStringConcat(groupArray(error)) FROM alarm_notice"); strings.Contains(text, hookSecret) || !strings.Contains(text, "502") {
		t.Errorf("what is kept: %s", text)
	}
	m := server.Mails()[0].Message(t)
	if subject := m.Header.Get("Subject"); !strings.Contains(subject, "=?UTF-8?") || m.Header.Get("Message-Id") == "" {
		t.Errorf("%v", m.Header)
	}

	// The receiver is back, and the process another one. It waits for its time, and tells in order what was not told.
	hook.set(false)
	n = w.notifier("two", rules, server.Port(), log)
	once(n)
	if hook.rung() != "" {
		t.Errorf("told before its time: %s", hook.rung())
	}
	w.later(5 * time.Second)
	once(n)
	if hook.rung() != "hook/2 hook/3" {
		t.Errorf("told %q", hook.rung())
	}
	if !strings.Contains(hook.said[1], `"action":"acknowledge"`) || !strings.Contains(hook.said[1], `"why":"đang xem"`) {
		t.Error(hook.said[1])
	}
	once(n)
	once(w.notifier("three", rules, server.Port(), log))
	if hook.rung() != "hook/2 hook/3" || len(server.Mails()) != 2 {
		t.Errorf("told again: %s, %d mails", hook.rung(), len(server.Mails()))
	}

	// Of two processes one tells.
	w.pass(time.Second, 1, 1)
	w.pass(2*time.Minute, 1, 1)
	var both errgroup.Group
	for _, name := range []string{"four", "five"} {
		n := w.notifier(name, rules, server.Port(), log)
		both.Go(func() error { return n.Once(t.Context()) })
	}
	r.must(both.Wait())
	once(n)
	if hook.rung() != "hook/2 hook/3 hook/4 hook/5" {
		t.Errorf("told %q", hook.rung())
	}
	if strings.Contains(journal.String(), hookSecret) || !strings.Contains(journal.String(), "502") {
		t.Errorf("the log:\n%s", &journal)
	}
}

// A process that is killed while it sends leaves its message to the next one.
func TestAMessageIsNotLostWithItsProcess(t *testing.T) {
	r := newRig(t)
	w, hook := r.watch(feedNow(), indicators(1, 1)...), newBell(t)
	rules := "channels:\n  - { id: hook, kind: webhook, url: \"" + hook.URL + "\" }\nrules:\n  - { channels: [hook] }\n"
	n := w.notifier("one", rules, 0, nil)
	r.must(n.Once(t.Context()))
	w.pass(0, 11)
	hook.set(true)
	r.must(n.Once(t.Context()))
	hook.set(false)
	w.later(time.Minute)
	due, err := r.store.DueNotices(t.Context(), "hook", w.now, 1)
	r.must(err)
	killed := due[0]
	killed.Version++
	killed.State, killed.Next, killed.At, killed.By = notify.Sending, w.now.Add(time.Minute), w.now, "killed"
	if ours, err := r.store.ChangeNotice(t.Context(), killed); err != nil || !ours {
		t.Fatal(ours, err)
	}
	other := killed
	other.By = "other"
	if ours, err := r.store.ChangeNotice(t.Context(), other); err != nil || ours {
		t.Errorf("two have it: %v", err)
	}
	r.must(n.Once(t.Context()))
	if hook.rung() != "" {
		t.Errorf("told while another process has it: %s", hook.rung())
	}
	w.later(time.Minute)
	r.must(n.Once(t.Context()))
	if hook.rung() != "hook/1" {
		t.Errorf("told %q", hook.rung())
	}
}

func TestTheQueueOfNotificationsIsBounded(t *testing.T) {
	r := newRig(t)
	w, hook := r.watch(feedNow(), indicators(1, 1)...), newBell(t)
	w.pass(0, 11)
	var list []notify.Notice
	for i := range notify.MaxQueued + 20 {
		list = append(list, notify.Notice{
			Channel: "hook", Change: alarm.Change{Offset: uint64(i + 1)}, Version: 1, State: notify.Pending, Next: w.now, Created: w.now, At: w.now,
		})
	}
	list[1000].Created = w.now.Add(-25 * time.Hour)
	r.must(r.store.PlanNotices(t.Context(), "hook", 1, list))
	hook.set(true)
	n := w.notifier("one", "channels:\n  - { id: hook, kind: webhook, url: \""+hook.URL+"\" }\nrules:\n  - { channels: [hook] }\n", 0, nil)
	r.must(n.Once(t.Context()))
	got := r.text("SELECT toString(countIf(state = 'dropped')) || ' ' || toString(minIf(offset, state = 'pending')) FROM alarm_notice FINAL")
	if got != "21 21" {
		t.Errorf("dropped, and the oldest that waits: %s", got)
	}
}

func TestFilesOfNotificationsAreChecked(t *testing.T) {
	file := filepath.Join(t.TempDir(), "n.yaml")
	check := func(want int) string {
		t.Helper()
		var out bytes.Buffer
		if code := run([]string{"alarms", "check", file}, nil, &out, &out); code != want {
			t.Fatalf("exit code %d: %s", code, &out)
		}
		return out.String()
	}
	for text, want := range map[string]string{
		"channels:\n  - { id: a, kind: webhook, url: http://b }\nrules:\n  - { channels: [a] }\n": "is good: 1 receivers, 1 rules",
		"channels:\n  - { id: a, kind: email, to: [a@b.vn] }\n":                                   "n.yaml:2: channels[0].kind: no mail can be sent: set --smtp-host",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		code := 0
		if !strings.Contains(want, "good") {
			code = 1
		}
		if out := check(code); !strings.Contains(out, want) {
			t.Errorf("%s", out)
		}
	}
}
