package dashboardapi

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

const (
	sessionCookie = "ioc_session"
	sessionLasts  = 12 * time.Hour // a shift, with its handing over
	maxSessions   = 10000
)

// session is what is known of a reader.
type session struct {
	until time.Time
	name  string // as the reader says it: it stands in records, and gives no rights
}

// sessions are the readers who have signed in. They are known by a hash, so that what leaks from memory opens nothing.
type sessions struct {
	mu  sync.Mutex
	all map[[sha256.Size]byte]session
}

func newSessions() *sessions { return &sessions{all: map[[sha256.Size]byte]session{}} }

// open makes a session, and returns what the reader shows from then on. It is refused when there are too many.
func (s *sessions) open(name string, now time.Time) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) >= maxSessions {
		maps.DeleteFunc(s.all, func(_ [sha256.Size]byte, one session) bool { return !now.Before(one.until) })
	}
	if len(s.all) >= maxSessions {
		return "", false
	}
	id := rand.Text()
	s.all[sha256.Sum256([]byte(id))] = session{now.Add(sessionLasts), name}
	return id, true
}

// find returns the session that a reader shows, while it lasts.
func (s *sessions) find(id string, now time.Time) (session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.all[sha256.Sum256([]byte(id))]
	if !now.Before(one.until) {
		return session{}, false
	}
	return one, true
}

// rename gives a session to another person. It ends when it would have ended: a name is no sign-in.
func (s *sessions) rename(id, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := sha256.Sum256([]byte(id))
	if one, ok := s.all[key]; ok {
		s.all[key] = session{one.until, name}
	}
}

func (s *sessions) end(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, sha256.Sum256([]byte(id)))
}

// sessionID is what a reader shows of a session; empty: nothing.
func sessionID(r *http.Request) string {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return ""
	}
	return c.Value
}

// session returns that of a request, while it lasts.
func (s *Server) session(r *http.Request) (session, bool) {
	return s.sessions.find(sessionID(r), s.o.Now())
}

// by says who sent a request, as it is recorded: the name of the session, and the address.
func (s *Server) by(r *http.Request) string {
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	one, _ := s.session(r)
	return query.By(one.name, address)
}

// openSession signs a program's reader in, or takes the name of who is there from now on.
func (s *Server) openSession(w http.ResponseWriter, r *http.Request) error {
	if err := wantJSON(r); err != nil {
		return err
	}
	var in wire.SignIn
	if err := readOne(r.Body, &in); err != nil {
		return unreadable(err, `Nội dung phải có dạng {"token": "…", "name": "…"}.`, `The body must be {"token": "…", "name": "…"}.`)
	}
	name, err := s.signInWith(w, r, in)
	if err != nil {
		return err
	}
	return writeJSON(w, wire.Session{Name: name, TokenNeeded: s.o.Token != ""})
}

// showSession tells the reader who they are here.
func (s *Server) showSession(w http.ResponseWriter, r *http.Request) error {
	one, _ := s.session(r)
	return writeJSON(w, wire.Session{Name: one.name, TokenNeeded: s.o.Token != ""})
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

// signInWith sets the cookie of a new session, when the token is right or none is needed, and returns its name. Who has a session
// and shows no token gives it another name.
func (s *Server) signInWith(w http.ResponseWriter, r *http.Request, in wire.SignIn) (string, error) {
	_, open := s.session(r)
	rename := open && in.Token == ""
	if s.o.Token != "" && !rename && !s.isToken(in.Token) {
		s.o.Log.Info("a sign-in was refused", "remote", r.RemoteAddr)
		return "", &fault{status: http.StatusUnauthorized, detail: schemas.Text{VI: "Mã truy cập không đúng.", EN: "The access token is wrong."}}
	}
	name, err := query.Name(in.Name)
	switch {
	case err != nil:
		return "", err //nolint:wrapcheck // the table of errors knows it
	case rename:
		s.sessions.rename(sessionID(r), name)
		return name, nil
	case s.o.Token == "" && name == "":
		return "", nil // there is nothing to keep
	}
	id, ok := s.sessions.open(name, s.o.Now())
	if !ok {
		return "", &fault{status: http.StatusServiceUnavailable, detail: schemas.Text{VI: "Quá nhiều phiên đang mở.", EN: "Too many sessions are open."}}
	}
	setCookie(w, r, id, int(sessionLasts.Seconds()))
	return name, nil
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
	s.sessions.end(sessionID(r))
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
	return s.writeSignIn(w, r, http.StatusOK, signInForm{Next: r.URL.Query().Get("next")})
}

// takeSignIn signs a person in.
func (s *Server) takeSignIn(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	form := signInForm{Next: r.PostForm.Get("next"), Name: r.PostForm.Get("name")}
	_, err := s.signInWith(w, r, wire.SignIn{Token: strings.TrimSpace(r.PostForm.Get("token")), Name: form.Name})
	if err == nil {
		http.Redirect(w, r, back(form.Next), http.StatusSeeOther)
		return nil
	}
	f := faultOf(err)
	switch f.status {
	case http.StatusUnauthorized:
		form.WrongToken = said(f.detail, english(r))
	case http.StatusBadRequest:
		form.WrongName = said(f.detail, english(r))
	default:
		return err
	}
	return s.writeSignIn(w, r, f.status, form)
}

// signInForm is what stands in the form, and what was wrong with it.
type signInForm struct {
	Next, Name, WrongToken, WrongName string
}

func (s *Server) writeSignIn(w http.ResponseWriter, r *http.Request, status int, form signInForm) error {
	var page bytes.Buffer
	if err := s.signIn.page.Execute(&page, struct {
		English bool
		Style   template.CSS
		signInForm
	}{english(r), template.CSS(signInCSS), form}); err != nil {
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
