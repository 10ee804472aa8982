package dashboardapi

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// clock is a clock that a test moves.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func cookie(t *testing.T, a answer) string {
	t.Helper()
	text := a.header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"} {
		if !strings.Contains(text, want) {
			t.Errorf("cookie %q lacks %s", text, want)
		}
	}
	if strings.Contains(text, token) {
		t.Error("the cookie carries the token")
	}
	value, _, _ := strings.Cut(text, ";")
	return "Cookie: " + value
}

func TestEverythingButHealthNeedsTheToken(t *testing.T) {
	r := start(t, func(o *Options) { o.Token = token })
	r.o.Hub.Publish(testUpdate(1))
	for _, rt := range r.routes() {
		if rt.open {
			continue
		}
		line := rt.method + " " + strings.NewReplacer("{id}", "hotline.waiting", "{type}", "reading", "{unit}", "so-y-te", "{centre}", "dong-xoai", "{domain}", "camera", "{name}", "cam-1").Replace(rt.path)
		if a := r.want(t, http.StatusUnauthorized, line); a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: no WWW-Authenticate", line)
		}
		r.want(t, http.StatusUnauthorized, line, "Authorization: Bearer "+token+"x")
		r.want(t, http.StatusUnauthorized, line, "Authorization: Basic "+token)
		r.want(t, http.StatusUnauthorized, line, "Cookie: ioc_session=guess")
		if a := r.ask(t, line, "", "Authorization: bearer "+token); a.status == http.StatusUnauthorized {
			t.Errorf("%s: refused with the token", line)
		}
	}
	r.want(t, http.StatusUnauthorized, "GET /assets/wall-1a2b.js")
	r.want(t, http.StatusUnauthorized, "GET /api/v1/none")
	r.want(t, http.StatusOK, "GET /healthz")
}

func TestSession(t *testing.T) {
	c := &clock{t: now()}
	r := start(t, func(o *Options) { o.Token, o.Now = token, c.now })
	open := func(body string, headers ...string) answer {
		return r.ask(t, "POST /api/v1/session", body, append(headers, "Content-Type: application/json")...)
	}
	if a := open(`{"token":"wrong"}`); a.status != http.StatusUnauthorized || a.header.Get("Set-Cookie") != "" {
		t.Errorf("a wrong token: %d, %v", a.status, a.header)
	}
	if a := open(`nonsense`); a.status != http.StatusBadRequest {
		t.Errorf("nonsense: %d", a.status)
	}
	if a := open(`{"token":"` + strings.Repeat("x", maxBody) + `"}`); a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body: %d", a.status)
	}
	if a := open(`{"token":"`+token+`"}`, "Origin: https://evil.example"); a.status != http.StatusForbidden {
		t.Errorf("from another site: %d", a.status)
	}
	if a := open(`{"token":"`+token+`"}`, "X-Forwarded-Proto: https"); !strings.Contains(a.header.Get("Set-Cookie"), "Secure") {
		t.Error("the cookie of a reader behind TLS is not secure")
	}
	if a := open(`{"token":"` + token + `","nane":"x"}`); a.status != http.StatusBadRequest {
		t.Errorf("a misspelt field: %d", a.status)
	}
	a := open(`{"token":"` + token + `"}`)
	if a.status != http.StatusOK {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	first, second := cookie(t, a), cookie(t, open(`{"token":"`+token+`"}`))
	r.want(t, http.StatusOK, "GET /api/v1/centres", first)
	r.want(t, http.StatusNoContent, "DELETE /api/v1/session", first)
	r.want(t, http.StatusUnauthorized, "GET /api/v1/centres", first)
	c.add(sessionLasts - time.Second)
	r.want(t, http.StatusOK, "GET /api/v1/centres", second)
	c.add(time.Second)
	r.want(t, http.StatusUnauthorized, "GET /api/v1/centres", second)
}

func TestASessionHasAName(t *testing.T) {
	c := &clock{t: now()}
	for what, key := range map[string]string{"with a token": token, "without one": ""} {
		t.Run(what, func(t *testing.T) {
			r := start(t, func(o *Options) { o.Token, o.Now = key, c.now })
			say := func(status int, body string, headers ...string) answer {
				t.Helper()
				a := r.ask(t, "POST /api/v1/session", body, append(headers, "Content-Type: application/json")...)
				if a.status != status {
					t.Fatalf("%s: status %d, want %d: %s", body, a.status, status, a.body)
				}
				return a
			}
			is := func(name, cookie string) {
				t.Helper()
				want, err := json.Marshal(wire.Session{Name: name, TokenNeeded: key != ""})
				if err != nil {
					t.Fatal(err)
				}
				if got := r.want(t, http.StatusOK, "GET /api/v1/session", cookie).body; got != string(want) {
					t.Errorf("the session is %s, want %s", got, want)
				}
			}
			opens := func(name string) string { return `{"token":"` + key + `","name":"` + name + `"}` }
			for name, says := range map[string]string{strings.Repeat("a", query.MaxName+1): "60 ký tự", `A\u0000`: "gõ lại"} {
				if a := say(http.StatusBadRequest, opens(name)); !strings.Contains(a.body, says) || a.header.Get("Set-Cookie") != "" {
					t.Errorf("%q: %s", name, a.body)
				}
			}
			first := cookie(t, say(http.StatusOK, opens(`Nguye\u0302\u0303n Văn A`)))
			other := cookie(t, say(http.StatusOK, opens(`B`)))
			is("Nguyễn Văn A", first)

			// Another shift takes over: the session stays, with its end.
			c.add(sessionLasts - time.Hour)
			if a := say(http.StatusOK, `{"name":"Trần Thị C"}`, first); a.header.Get("Set-Cookie") != "" {
				t.Error("a new name opened another session")
			}
			say(http.StatusBadRequest, `{"name":"\u202e"}`, first)
			is("Trần Thị C", first)
			is("B", other)
			say(http.StatusOK, `{"name":""}`, first)
			is("", first)
			say(http.StatusOK, `{"name":"D"}`, first)
			c.add(time.Hour)
			if key == "" {
				is("", first)
				if a := say(http.StatusOK, `{"name":" "}`); a.header.Get("Set-Cookie") != "" {
					t.Error("a session of nobody was opened")
				}
				return
			}
			say(http.StatusUnauthorized, `{"name":"D"}`, first)
			say(http.StatusUnauthorized, `{"name":"D"}`)
			last := cookie(t, say(http.StatusOK, opens("D")))
			say(http.StatusUnauthorized, `{"token":"wrong","name":"E"}`, last)
			is("D", last)
		})
	}
}

func TestChangesAreRecordedWithTheName(t *testing.T) {
	var log journal
	a := &answers{}
	r := start(t, func(o *Options) { a.all(o); o.Log = log.logger() })
	const js, who = "Content-Type: application/json", "Nguyễn Văn A (127.0.0.1)"
	session := cookie(t, r.ask(t, "POST /api/v1/session", `{"name":"Nguyễn Văn A"}`, js))
	for _, tt := range []struct {
		line, body, kind string
		by               func(body string) string
	}{
		{"POST /api/v1/alarms/" + alarmID + "/comment", `{"why":"x"}`, js, func(body string) string {
			var out wire.Alarm
			_ = json.Unmarshal([]byte(body), &out)
			return out.By
		}},
		{"DELETE /api/v1/scenes/hotline?why=x", "", js, func(string) string { return a.change.By }},
		{"POST /api/v1/figure-uploads", "good", "Content-Type: text/csv", func(string) string { return a.file.By }},
		{"DELETE /api/v1/figure-uploads/" + uploadID, "", js, func(string) string { return a.by }},
		{"POST /api/v1/replays", `{}`, js, func(string) string { return a.by }},
		{"POST /api/v1/report-runs", `{"schedule":"province-monthly"}`, js, func(string) string { return a.by }},
	} {
		for _, want := range []string{who, "127.0.0.1"} {
			headers := []string{tt.kind, `If-Match: "2"`}
			if want == who {
				headers = append(headers, session)
			}
			got := r.ask(t, tt.line, tt.body, headers...)
			if got.status != http.StatusOK || tt.by(got.body) != want {
				t.Errorf("%s: %d, by %q, want %q", tt.line, got.status, tt.by(got.body), want)
			}
		}
	}
	r.ask(t, "POST /api/v1/walls/main/show", `{"paused":true}`, js, session)
	r.stop()
	for _, line := range []string{"an upload of figures was undone", "refused events were replayed", "a scheduled report was asked for", "a wall was told what to show"} {
		if !strings.Contains(log.String(), line+`" by="`+who+`"`) {
			t.Errorf("the log does not say who: %s\n%s", line, &log)
		}
	}
}

func TestSessionsAreBounded(t *testing.T) {
	s := newSessions()
	for range maxSessions {
		if _, ok := s.open("", now()); !ok {
			t.Fatal("refused too early")
		}
	}
	if _, ok := s.open("", now()); ok {
		t.Error("one too many is let in")
	}
	if _, ok := s.open("", now().Add(sessionLasts)); !ok {
		t.Error("refused after the others have ended")
	}
}

func TestAPersonSignsIn(t *testing.T) {
	r := start(t, func(o *Options) { o.Token = token })
	a := r.want(t, http.StatusSeeOther, "GET /wall?scene=2", "Accept: text/html,*/*")
	if got := a.header.Get("Location"); got != "/sign-in?next=%2Fwall%3Fscene%3D2" {
		t.Errorf("sent to %s", got)
	}
	a = r.want(t, http.StatusOK, "GET "+a.header.Get("Location"))
	for _, want := range []string{"Đăng nhập", `value="/wall?scene=2"`, `lang="vi"`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page lacks %s:\n%s", want, a.body)
		}
	}
	if p := a.header.Get("Content-Security-Policy"); !strings.Contains(p, "style-src 'sha256-") {
		t.Errorf("policy %s", p)
	}
	if a := r.want(t, http.StatusOK, "GET /sign-in", "Accept-Language: en-GB,vi;q=0.5"); !strings.Contains(a.body, "Sign in") {
		t.Errorf("not in English:\n%s", a.body)
	}
	form := func(token, next string, name ...string) answer {
		return r.ask(t, "POST /sign-in", url.Values{"token": {token}, "next": {next}, "name": name}.Encode(), "Content-Type: application/x-www-form-urlencoded")
	}
	if a := form("wrong", `/"><script>`); a.status != http.StatusUnauthorized || !strings.Contains(a.body, "không đúng") || strings.Contains(a.body, "<script>") {
		t.Errorf("a wrong token: %d\n%s", a.status, a.body)
	}
	if a := form("wrong", "/", `A"><script>`); a.status != http.StatusUnauthorized || !strings.Contains(a.body, `value="A&#34;&gt;&lt;script&gt;"`) {
		t.Errorf("a wrong token with a name: %d\n%s", a.status, a.body)
	}
	if a := form(token, "/wall", strings.Repeat("a", query.MaxName+1)); a.status != http.StatusBadRequest || a.header.Get("Set-Cookie") != "" ||
		!strings.Contains(a.body, "60 ký tự") || strings.Contains(a.body, token) || !strings.Contains(a.body, `value="/wall"`) {
		t.Errorf("a long name: %d\n%s", a.status, a.body)
	}
	a = form(token, "/wall?scene=2", "Nguyễn Văn A")
	if a.status != http.StatusSeeOther || a.header.Get("Location") != "/wall?scene=2" {
		t.Errorf("%d to %s", a.status, a.header.Get("Location"))
	}
	r.want(t, http.StatusOK, "GET /wall?scene=2", cookie(t, a))
	r.want(t, http.StatusSeeOther, "GET /sign-in", cookie(t, a))
	if got := r.want(t, http.StatusOK, "GET /api/v1/session", cookie(t, a)).body; got != `{"name":"Nguyễn Văn A","token_needed":true}` {
		t.Errorf("signed in as %s", got)
	}
	for _, next := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "javascript:alert(1)", "", "/\t/evil.example"} {
		if got := form(token, next).header.Get("Location"); got != "/" {
			t.Errorf("%q leads to %s", next, got)
		}
	}
}

func TestNamesThatTheServerAnswersTo(t *testing.T) {
	tests := []struct {
		host   string
		status int
	}{
		{"localhost", 200},
		{"LOCALHOST:8080", 200},
		{"127.0.0.1:1", 200},
		{"[::1]:8080", 200},
		{"[::1]", 200},
		{"ioc.example", 200},
		{"ioc.example:443", 200},
		{"evil.example", 421},
		{"evil.example:8080", 421},
		{"localhost.evil.example", 421},
		{"192.168.1.5", 421},
	}
	r := start(t, func(o *Options) { o.Token, o.Hosts = token, []string{"ioc.example"} })
	for _, tt := range tests {
		t.Run(tt.host, func(t *testing.T) {
			r.want(t, tt.status, "GET /api/v1/centres", "Host: "+tt.host, "Authorization: Bearer "+token)
		})
	}
}

func TestLanguages(t *testing.T) {
	r := start(t, nil)
	tests := []struct{ accept, lang, title string }{
		{"", "vi", "Không tìm thấy"},
		{"vi-VN,vi;q=0.9,en;q=0.8", "vi", "Không tìm thấy"},
		{"en-US,en;q=0.9", "en", "Not Found"},
		{"fr", "vi", "Không tìm thấy"},
		{"fr,en;q=0.1", "en", "Not Found"},
		{"nonsense;;", "vi", "Không tìm thấy"},
	}
	for _, tt := range tests {
		t.Run(tt.accept, func(t *testing.T) {
			a := r.want(t, 404, "GET /api/v1/kpis/none", "Accept-Language: "+tt.accept)
			if a.header.Get("Content-Language") != tt.lang || !strings.Contains(a.body, tt.title) {
				t.Errorf("%s: %s", a.header.Get("Content-Language"), a.body)
			}
		})
	}
}

func TestPages(t *testing.T) {
	r := start(t, nil)
	if a := r.want(t, 200, "GET /console?tab=cameras"); a.header.Get("Cache-Control") != "no-cache" || !strings.Contains(a.body, "<title>console</title>") {
		t.Errorf("console: %v %s", a.header, a.body)
	}
	for _, path := range []string{"/", "/wall", "/?scene=1"} {
		a := r.want(t, 200, "GET "+path)
		if a.header.Get("Cache-Control") != "no-cache" || !strings.Contains(a.body, "<title>wall</title>") {
			t.Errorf("%s: %v %s", path, a.header, a.body)
		}
		r.want(t, http.StatusNotModified, "GET "+path, "If-None-Match: "+a.header.Get("ETag"))
	}
	a := r.want(t, 200, "GET /assets/wall-1a2b.js")
	if !strings.Contains(a.header.Get("Cache-Control"), "immutable") || !strings.HasPrefix(a.header.Get("Content-Type"), "text/javascript") {
		t.Errorf("asset: %v", a.header)
	}
	if a := r.want(t, 200, "GET /icon.svg"); a.header.Get("Cache-Control") != "no-cache" {
		t.Errorf("icon: %v", a.header)
	}
	for _, path := range []string{"/none", "/assets/", "/assets/none.js", "/wall/x", "/%2e%2e/secret"} {
		r.want(t, 404, "GET "+path)
	}
}

func TestSeriesRequests(t *testing.T) {
	day := now().Add(-24 * time.Hour)
	tests := []struct {
		query string
		want  query.SeriesRequest
		fails int
	}{
		{"", query.SeriesRequest{Centre: "province", From: day, To: now(), Step: 5 * time.Minute}, 0},
		{"centre=binh-long", query.SeriesRequest{Centre: "binh-long", From: day, To: now(), Step: 5 * time.Minute}, 0},
		{"step=1h", query.SeriesRequest{Centre: "province", From: day, To: now(), Step: time.Hour}, 0},
		{"step=600", query.SeriesRequest{Centre: "province", From: day, To: now(), Step: 10 * time.Minute}, 0},
		{"from=2026-10-05T08:00:00%2B07:00", query.SeriesRequest{Centre: "province", From: now().Add(-30 * time.Minute), To: now(), Step: 10 * time.Second}, 0},
		{"to=2026-10-01T00:00:00Z", query.SeriesRequest{Centre: "province", From: time.Date(2026, 9, 30, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), Step: 5 * time.Minute}, 0},
		{"from=2020-10-05T01:30:00Z", query.SeriesRequest{Centre: "province", From: now().AddDate(-6, 0, 0), To: now(), Step: 5 * 24 * time.Hour}, 0},
		{"from=2026-10-05T08:00:00+07:00", query.SeriesRequest{}, 400}, // the plus is a space
		{"from=yesterday", query.SeriesRequest{}, 400},
		{"from=2026-10-06T00:00:00Z", query.SeriesRequest{}, 400},
		{"step=0", query.SeriesRequest{}, 400},
		{"step=-10", query.SeriesRequest{}, 400},
		{"step=15s", query.SeriesRequest{}, 400},
		{"step=10s&from=2026-10-01T00:00:00Z", query.SeriesRequest{}, 400}, // too many points
	}
	a := &answers{}
	r := start(t, a.all)
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			line := "GET /api/v1/kpis/hotline.waiting/series?" + tt.query
			if tt.fails != 0 {
				r.want(t, tt.fails, line)
				return
			}
			r.want(t, 200, line)
			tt.want.KPI = "hotline.waiting"
			if d := cmp.Diff(tt.want, a.series); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestRejectRequests(t *testing.T) {
	a := &answers{}
	r := start(t, a.all)
	r.want(t, 200, "GET /api/v1/rejects")
	if d := cmp.Diff(query.RejectsRequest{Before: now(), Limit: someRejects}, a.rejects); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	r.want(t, 200, "GET /api/v1/rejects?centre=dong-xoai&code=wrong_centre&limit=5&before=2026-10-01T00:00:00Z")
	want := query.RejectsRequest{Centre: "dong-xoai", Code: "wrong_centre", Before: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), Limit: 5}
	if d := cmp.Diff(want, a.rejects); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestReplayRequests(t *testing.T) {
	a := &answers{}
	r := start(t, a.all)
	post := func(body string) answer {
		return r.ask(t, "POST /api/v1/replays", body, "Content-Type: application/json")
	}
	since := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name, body string
		status     int
		want       query.RejectsRequest
	}{
		{"everything", `{}`, 200, query.RejectsRequest{Limit: maxReplays}},
		{"of a feed", `{"centre":"dong-xoai","domain":"service","code":"missing","since":"2026-10-01T07:00:00+07:00","limit":5}`, 200, query.RejectsRequest{
			Centre: "dong-xoai", Domain: "service", Code: "missing", Since: since, Limit: 5,
		}},
		{"by key", `{"keys":["` + refusedKey + `"],"dry_run":true}`, 200, query.RejectsRequest{Keys: []string{refusedKey}, Limit: maxReplays}},
		{"a filter that is misspelt", `{"center":"dong-xoai"}`, 400, query.RejectsRequest{}},
		{"two objects", `{}{}`, 400, query.RejectsRequest{}},
		{"not JSON", `keys=1`, 400, query.RejectsRequest{}},
		{"too many", `{"limit":1001}`, 400, query.RejectsRequest{}},
		{"a centre that there is not", `{"centre":"nowhere"}`, 404, query.RejectsRequest{}},
		{"too large", `{"source":"` + strings.Repeat("x", 1<<20) + `"}`, 413, query.RejectsRequest{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a.note(query.RejectsRequest{})
			got := post(c.body)
			if got.status != c.status {
				t.Fatalf("status %d, want %d: %s", got.status, c.status, got.body)
			}
			if d := cmp.Diff(c.want, a.rejects); d != "" {
				t.Errorf("asked for (-want +got):\n%s", d)
			}
			if c.status == 200 && strings.Contains(c.body, "dry_run") != strings.Contains(got.body, `"dry_run":true`) {
				t.Errorf("a dry run was taken for another: %s", got.body)
			}
		})
	}
}

func TestAnExportIsALineForEachEvent(t *testing.T) {
	r := start(t, nil)
	a := r.want(t, 200, "GET /api/v1/rejects.ndjson?centre=dong-xoai&state=open")
	if a.header.Get("Content-Type") != "application/x-ndjson" || strings.Count(a.body, "\n") != 1 || !strings.Contains(a.body, refusedKey) {
		t.Errorf("got %q: %s", a.header.Get("Content-Type"), a.body)
	}
	r.want(t, 400, "GET /api/v1/rejects.ndjson?state=half")
	r.want(t, 404, "GET /api/v1/rejects.ndjson?centre=nowhere")
}

func TestNotReadyWithOldValues(t *testing.T) {
	c := &clock{t: now()}
	r := start(t, func(o *Options) { o.Now = c.now })
	r.o.Hub.Publish(testUpdate(1))
	r.want(t, 200, "GET /readyz")
	c.add(freshWithin + time.Second)
	r.want(t, 503, "GET /readyz")
}
