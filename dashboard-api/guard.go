package dashboardapi

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/binhphuoc/ioc/schemas"
)

// policy lets a page load what this server serves, and nothing else.
const policy = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// guard stands before all routes.
func (s *Server) guard(next http.Handler) http.Handler {
	foreign := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer s.recover(w, r)
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY") // for browsers that don't know frame-ancestors
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if !s.hosts(r.Host) {
			s.fail(w, r, &fault{status: http.StatusMisdirectedRequest, detail: schemas.Text{
				VI: "Máy chủ này không phục vụ tên " + r.Host + ".",
				EN: "This server is not known as " + r.Host + ".",
			}})
			return
		}
		if err := foreign.Check(r); err != nil {
			s.fail(w, r, &fault{http.StatusForbidden, schemas.Text{
				VI: "Yêu cầu đến từ một trang khác.",
				EN: "The request comes from another site's page.",
			}, err})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// recover turns a panic in a handler into an answer.
func (s *Server) recover(w http.ResponseWriter, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(v) // net/http ends the connection by it
	}
	s.fail(w, r, fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
}

// hosts tells whether the server answers to a name. On a loopback address this is what keeps a page that somebody
// lured a browser to from reading values under a name of its own that points here (DNS rebinding). On other
// addresses the names are not known, and the token protects.
func (s *Server) hosts(host string) bool {
	listen, _, err := net.SplitHostPort(s.o.Listen)
	if err != nil || !loopback(listen) {
		return true
	}
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.Trim(name, "[]"))
	return loopback(name) || slices.Contains(s.o.Hosts, name)
}

// signedIn tells whether the reader may be answered: always where no token is set.
func (s *Server) signedIn(r *http.Request) bool {
	if s.o.Token == "" {
		return true
	}
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return s.isToken(token)
	}
	_, ok := s.session(r)
	return ok
}

// isToken compares in a time that tells nothing about the token, its length included.
func (s *Server) isToken(given string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(s.o.Token))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// turnAway sends a person to the sign-in page, and tells a program what is missing.
func (s *Server) turnAway(w http.ResponseWriter, r *http.Request) {
	page := (r.Method == http.MethodGet || r.Method == http.MethodHead) && !strings.HasPrefix(r.URL.Path, "/api/") &&
		strings.Contains(r.Header.Get("Accept"), "text/html")
	if page {
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, "/sign-in?"+url.Values{"next": {r.URL.RequestURI()}}.Encode(), http.StatusSeeOther)
		return
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="ioc"`)
	s.fail(w, r, errNotSignedIn())
}

func errNotSignedIn() error {
	return &fault{status: http.StatusUnauthorized, detail: schemas.Text{
		VI: "Hãy đăng nhập, hoặc gửi kèm mã truy cập: Authorization: Bearer …",
		EN: "Sign in, or send the access token: Authorization: Bearer …",
	}}
}
