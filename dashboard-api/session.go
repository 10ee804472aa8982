package dashboardapi

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"html/template"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

const (
	sessionCookie = "ioc_session"
	sessionLasts  = 12 * time.Hour // a shift, with its handing over
	maxSessions   = 10000
)

// sessions are the readers who have signed in. They are known by a hash, so that what leaks from memory opens nothing.
type sessions struct {
	mu    sync.Mutex
	until map[[sha256.Size]byte]time.Time
}

func newSessions() *sessions { return &sessions{until: map[[sha256.Size]byte]time.Time{}} }

// open makes a session, and returns what the reader shows from then on. It is refused when there are too many.
func (s *sessions) open(now time.Time) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.until) >= maxSessions {
		maps.DeleteFunc(s.until, func(_ [sha256.Size]byte, until time.Time) bool { return !now.Before(until) })
	}
	if len(s.until) >= maxSessions {
		return "", false
	}
	id := rand.Text()
	s.until[sha256.Sum256([]byte(id))] = now.Add(sessionLasts)
	return id, true
}

func (s *sessions) holds(id string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return now.Before(s.until[sha256.Sum256([]byte(id))])
}

func (s *sessions) end(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.until, sha256.Sum256([]byte(id)))
}

// openSession signs a program's reader in.
func (s *Server) openSession(w http.ResponseWriter, r *http.Request) error {
	if err := wantJSON(r); err != nil {
		return err
	}
	var in wire.SignIn
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
			return err
		}
		return badRequest(`Nội dung phải có dạng {"token": "…"}.`, `The body must be {"token": "…"}.`)
	}
	if err := s.signInWith(w, r, in.Token); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// wantJSON refuses a body of another type: a form on another site's page can send that without asking.
func wantJSON(r *http.Request) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return &fault{status: http.StatusUnsupportedMediaType, detail: schemas.Text{
			VI: "Nội dung phải là application/json.", EN: "The body must be application/json.",
		}}
	}
	return nil
}

// signInWith sets the cookie of a new session, when the token is right.
func (s *Server) signInWith(w http.ResponseWriter, r *http.Request, token string) error {
	switch {
	case s.o.Token == "":
		return notFound("Máy chủ này không cần đăng nhập.", "This server needs no sign-in.")
	case !s.isToken(token):
		s.o.Log.Info("a sign-in was refused", "remote", r.RemoteAddr)
		return &fault{status: http.StatusUnauthorized, detail: schemas.Text{VI: "Mã truy cập không đúng.", EN: "The access token is wrong."}}
	}
	id, ok := s.sessions.open(s.o.Now())
	if !ok {
		return &fault{status: http.StatusServiceUnavailable, detail: schemas.Text{VI: "Quá nhiều phiên đang mở.", EN: "Too many sessions are open."}}
	}
	setCookie(w, r, id, int(sessionLasts.Seconds()))
	return nil
}

func setCookie(w http.ResponseWriter, r *http.Request, id string, seconds int) {
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Value: id, Path: "/", MaxAge: seconds,
		HttpOnly: true, SameSite: http.SameSiteStrictMode,
		// Behind a proxy that speaks TLS the request says so itself; who lies about it harms their own cookie alone.
		Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https",
	})
}

// endSession signs the reader out.
func (s *Server) endSession(w http.ResponseWriter, r *http.Request) error {
	if c, err := r.Cookie(sessionCookie); err == nil {
		s.sessions.end(c.Value)
	}
	setCookie(w, r, "", -1)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

//go:embed signin.html
var signInHTML string

//go:embed signin.css
var signInCSS string

// signInPage is a form that needs no script and no other file, because those are for who has signed in.
type signInPage struct {
	page   *template.Template
	policy string
}

func newSignInPage() *signInPage {
	return &signInPage{page: template.Must(template.New("sign-in").Parse(signInHTML)), policy: styledBy(signInCSS)}
}

// styledBy is the policy of a page that carries its one style sheet in itself.
func styledBy(css string) string {
	style := sha256.Sum256([]byte(css))
	return policy + "; style-src 'sha256-" + base64.StdEncoding.EncodeToString(style[:]) + "'"
}

func (s *Server) showSignIn(w http.ResponseWriter, r *http.Request) error {
	if s.signedIn(r) {
		http.Redirect(w, r, back(r.URL.Query().Get("next")), http.StatusSeeOther)
		return nil
	}
	return s.writeSignIn(w, r, http.StatusOK, r.URL.Query().Get("next"), nil)
}

// takeSignIn signs a person in.
func (s *Server) takeSignIn(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	next := r.PostForm.Get("next")
	err := s.signInWith(w, r, strings.TrimSpace(r.PostForm.Get("token")))
	var f *fault
	if errors.As(err, &f) && f.status == http.StatusUnauthorized {
		return s.writeSignIn(w, r, f.status, next, f)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, back(next), http.StatusSeeOther)
	return nil
}

func (s *Server) writeSignIn(w http.ResponseWriter, r *http.Request, status int, next string, wrong *fault) error {
	en := english(r)
	content := struct {
		English     bool
		Style       template.CSS
		Next, Wrong string
	}{en, template.CSS(signInCSS), next, ""}
	if wrong != nil {
		content.Wrong = said(wrong.detail, en)
	}
	var page bytes.Buffer
	if err := s.signIn.page.Execute(&page, content); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", s.signIn.policy)
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept-Language")
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // who no longer reads it needs no answer
	return nil
}

// back is where a reader goes after the sign-in: a place on this server, whatever the form says.
func back(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(next, "/") ||
		strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}
