package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/binhphuoc/ioc/query/alarm"
	"github.com/binhphuoc/ioc/query/schedule"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

func began() time.Time { return time.Date(2026, 10, 5, 1, 30, 0, 0, time.UTC) }

func changed(action wire.AlarmAction, centre string, priority int) alarm.Change {
	return alarm.Change{Offset: 7, Action: action, Alarm: alarm.Alarm{Alarm: wire.Alarm{
		ID: "a", Centre: centre, Priority: priority, State: wire.AlarmRaised, Title: schemas.Text{VI: `Đồng Xoài: "chờ" 12`, EN: "Dong Xoai: waiting 12"},
		RaisedAt: began(), ChangedAt: began(), Members: 1,
	}}}
}

const botToken = "123456:a-secret/of a bot"

// secret gives what stands in the environment.
func secret(name string) (string, bool) {
	v, ok := map[string]string{"BOT_TOKEN": botToken, "HOOK_SECRET": "hook-secret-1", "SHORT": "short"}[name]
	return v, ok
}

type noMail struct{}

func (noMail) Send(context.Context, []schedule.Mail) []error { return []error{nil} }

func registry(t *testing.T) *schemas.Registry {
	t.Helper()
	r, err := schemas.BuiltinRegistry()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// read reads a file of rules.
func read(t *testing.T, text string) (Rules, []error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "notify.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := NewStore(file, Known{Registry: registry(t), Mailer: noMail{}, Secret: secret})
	errs := s.Reload()
	return s.Current(), errs
}

const good = `channels:
  - id: mail
    kind: email
    to: [Lan <LAN@b.vn>, hoa@b.vn]
  - id: bot
    kind: http
    language: en
    url: https://bot.example/${BOT_TOKEN}/send
    headers: ["Authorization: Bearer ${BOT_TOKEN}"]
    body: '{"text":{{json .Text}}}'
  - id: hook
    kind: webhook
    url: http://127.0.0.1:1/
    secret: ${HOOK_SECRET}
rules:
  - channels: [mail, hook]
    centres: [dong-xoai]
    priorities: [1, 2]
  - channels: [bot]
    on: [raise, clear]
`

func TestWhoIsToldWhat(t *testing.T) {
	rules, errs := read(t, good)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	member := changed(wire.AlarmRaise, "dong-xoai", 1)
	member.Alarm.Parent = "p"
	for name, tt := range map[string]struct {
		change alarm.Change
		want   string
	}{
		"urgent, and of the centre":     {changed(wire.AlarmRaise, "dong-xoai", 1), "mail/lan@b.vn mail/hoa@b.vn bot hook"},
		"it became urgent":              {changed(wire.AlarmEscalate, "dong-xoai", 2), "mail/lan@b.vn mail/hoa@b.vn hook"},
		"let out of a flood":            {changed(wire.AlarmRelease, "dong-xoai", 1), "mail/lan@b.vn mail/hoa@b.vn bot hook"},
		"of another centre":             {changed(wire.AlarmRaise, "binh-long", 1), "bot"},
		"not urgent":                    {changed(wire.AlarmRaise, "dong-xoai", 3), "bot"},
		"cleared":                       {changed(wire.AlarmClear, "dong-xoai", 1), "bot"},
		"what nobody asked for":         {changed(wire.AlarmCount, "dong-xoai", 1), ""},
		"a member of one that was told": {member, ""},
	} {
		var got []string
		for _, c := range rules.Channels {
			if rules.For(c.ID, tt.change) {
				got = append(got, c.ID)
			}
		}
		if d := cmp.Diff(tt.want, strings.Join(got, " ")); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestABadFileIsRefusedWithItsLines(t *testing.T) {
	for name, tt := range map[string]struct{ from, to, want string }{
		"an id twice":             {"id: bot", "id: mail", "notify.yaml:5: channels[1].id: mail is there twice"},
		"an id that is none":      {"id: bot", "id: B t", `notify.yaml:5: channels[1].id: "B t" is no id`},
		"an unknown kind":         {"kind: http", "kind: fax", "notify.yaml:6: channels[1].kind: \"fax\" is none of email, webhook, http"},
		"a key of another kind":   {"    language: en", "    to: [a@b.vn]", "notify.yaml:7: channels[1].to: is not for the kind http"},
		"no mail address":         {"hoa@b.vn", "hoa", `notify.yaml:4: channels[0].to: "hoa" is no mail address`},
		"an address that is none": {"http://127.0.0.1:1/", "ftp://x", "notify.yaml:13: channels[2].url: want an address"},
		"a secret that is unset":  {"${HOOK_SECRET}", "${NONE}", "notify.yaml:14: channels[2].secret: ${NONE} is not set in the environment"},
		"a secret that is short":  {"${HOOK_SECRET}", "${SHORT}", "notify.yaml:14: channels[2].secret: ${SHORT} has less than 8 characters"},
		"a template that is bad":  {"{{json .Text}}", "{{json .Nothing}}", "notify.yaml:10: channels[1].body: "},
		"a header that is none":   {"Authorization: Bearer", "Authorization Bearer", "notify.yaml:9: channels[1].headers: want lines"},
		"an unknown channel":      {"channels: [bot]", "channels: [bat]", `notify.yaml:19: rules[1].channels: there is no channel "bat"`},
		"an unknown centre":       {"[dong-xoai]", "[hue]", `notify.yaml:17: rules[0].centres: there is no centre "hue"`},
		"a fifth priority":        {"[1, 2]", "[1, 5]", `notify.yaml:18: rules[0].priorities: "5" is none from 1 to 4`},
		"an unknown action":       {"[raise, clear]", "[raise, explode]", `notify.yaml:20: rules[1].on: "explode" is none of raise`},
		"no list":                 {"[raise, clear]", "raise", "notify.yaml:20: rules[1].on: must be a list"},
		"an unknown key":          {"rules:", "rule:", "notify.yaml:15: rule: unknown key"},
	} {
		rules, errs := read(t, strings.Replace(good, tt.from, tt.to, 1))
		text := ""
		for _, err := range errs {
			text += err.Error() + "\n"
		}
		if !strings.Contains(text, tt.want) || len(rules.Channels) > 0 {
			t.Errorf("%s: %q does not say %q", name, text, tt.want)
		}
		if strings.Contains(text, botToken) {
			t.Errorf("%s: the secret is told", name)
		}
	}
}

func TestTheLastGoodRulesStay(t *testing.T) {
	file := filepath.Join(t.TempDir(), "n.yaml")
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(good)
	s := NewStore(file, Known{Registry: registry(t), Mailer: noMail{}, Secret: secret})
	if errs := s.Reload(); len(errs) > 0 || len(s.Current().Channels) != 4 {
		t.Fatal(errs)
	}
	put("channels: 1")
	if errs := s.Reload(); len(errs) == 0 || len(s.Current().Channels) != 4 {
		t.Errorf("%v, %d receivers", errs, len(s.Current().Channels))
	}
	if errs := NewStore("", Known{}).Reload(); len(errs) > 0 {
		t.Error(errs)
	}
	if _, errs := read(t, good); len(errs) > 0 {
		t.Error(errs)
	}
}

// receiver is a real HTTP server that keeps what it gets, and answers as it is told.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	after  string
	got    []*http.Request
	bodies []string
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{status: http.StatusOK}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.got, r.bodies = append(r.got, req), append(r.bodies, string(body))
		if r.after != "" {
			w.Header().Set("Retry-After", r.after)
		}
		if r.status >= 300 && r.status < 400 {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(r.status)
		_, _ = io.WriteString(w, "no "+req.URL.Path)
	}))
	t.Cleanup(r.Close)
	return r
}

func TestAWebhookIsSigned(t *testing.T) {
	r := newReceiver(t)
	rules, errs := read(t, strings.Replace(good, "http://127.0.0.1:1/", r.URL+"/hook", 1))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	c := rules.Channels[3]
	if err := c.Sender.Send(t.Context(), message(changed(wire.AlarmRaise, "dong-xoai", 1), c)); err != nil {
		t.Fatal(err)
	}
	var got hook
	if err := json.Unmarshal([]byte(r.bodies[0]), &got); err != nil {
		t.Fatal(err)
	}
	want := "[Mức 1] Báo động: Đồng Xoài: \"chờ\" 12\nBắt đầu lúc 08:30 ngày 05/10/2026."
	if got.Key != "hook/7" || got.Text != want || got.Alarm.ID != "a" || got.Action != wire.AlarmRaise {
		t.Errorf("%+v", got)
	}
	mac := hmac.New(sha256.New, []byte("hook-secret-1"))
	mac.Write([]byte(r.bodies[0]))
	h := r.got[0].Header
	if h.Get("X-IOC-Signature") != "sha256="+hex.EncodeToString(mac.Sum(nil)) || h.Get("Idempotency-Key") != "hook/7" || h.Get("Content-Type") != "application/json" {
		t.Errorf("%v", h)
	}
}

func TestABotIsAskedByItsTemplate(t *testing.T) {
	r := newReceiver(t)
	rules, errs := read(t, strings.NewReplacer("https://bot.example/${BOT_TOKEN}/send", r.URL+"/bot${BOT_TOKEN}/send").Replace(good))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	c := rules.Channels[2]
	change := changed(wire.AlarmClear, "dong-xoai", 1)
	change.Alarm.Title.EN, change.Alarm.By, change.Alarm.Why, change.Alarm.Members = "\"},{\"x", "lan", "<b>", 200
	m := message(change, c)
	if err := c.Sender.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	var body map[string]string
	if err := json.Unmarshal([]byte(r.bodies[0]), &body); err != nil || body["text"] != m.Text || len(body) != 1 {
		t.Errorf("%s (%v)", r.bodies[0], err)
	}
	if !strings.Contains(m.Text, "[Priority 1] Cleared: ") || !strings.Contains(m.Text, "200 alarms have this one cause.") || !strings.Contains(m.Text, "lan: <b>") {
		t.Error(m.Text)
	}
	if req := r.got[0]; req.Method != "POST" || req.URL.Path != "/bot"+botToken+"/send" || req.Header.Get("Authorization") != "Bearer "+botToken {
		t.Errorf("%s %s %v", req.Method, req.URL, req.Header)
	}
	for _, tt := range []struct {
		status  int
		after   string
		refused bool
		wait    time.Duration
	}{
		{500, "", false, 0}, {503, "", false, 0}, {429, "90", false, 90 * time.Second}, {429, "99999", false, time.Hour}, {400, "", true, 0}, {404, "", true, 0}, {302, "", true, 0},
	} {
		r.status, r.after = tt.status, tt.after
		before := len(r.got)
		err := c.Sender.Send(t.Context(), m)
		var later *LaterError
		wait := time.Duration(0)
		if errors.As(err, &later) {
			wait = later.Wait
		}
		if err == nil || errors.Is(err, ErrRefused) != tt.refused || wait != tt.wait || len(r.got) != before+1 {
			t.Errorf("%d: %v, after %s, %d requests", tt.status, err, wait, len(r.got)-before)
		}
		if strings.Contains(err.Error(), botToken) {
			t.Errorf("%d: the secret is told: %v", tt.status, err)
		}
	}
	r.Close()
	if err := c.Sender.Send(t.Context(), m); err == nil || errors.Is(err, ErrRefused) || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "/bot") {
		t.Errorf("nobody is there: %v", err)
	}
}
