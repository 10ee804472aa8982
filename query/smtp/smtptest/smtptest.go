// Package smtptest runs a real mail server for tests, which keeps what it gets.
package smtptest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"
)

// Password is that of the user "ioc".
const Password = "mật khẩu bí mật"

// Mail is one mail that the server took.
type Mail struct {
	From, To string // of the envelope
	Raw      []byte
}

// Message reads the mail.
func (m Mail) Message(t testing.TB) *mail.Message {
	t.Helper()
	msg, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

// Server is a mail server on this machine.
type Server struct {
	CAFile string // of its certificate, when it has one

	mu     sync.Mutex
	mails  []Mail
	refuse map[string]*gosmtp.SMTPError // by address; "" for all
	hang   chan struct{}                // mails are taken when it is closed
	users  []string                     // who signed in

	port   int
	server *gosmtp.Server
}

// Options say how the server differs from an open one.
type Options struct {
	TLS      bool // it offers STARTTLS
	Implicit bool // it talks TLS from the first byte
	Auth     bool // it asks for a sign-in
	Port     int  // 0: a free one
}

// Start runs a server until the end of the test.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	s := &Server{refuse: map[string]*gosmtp.SMTPError{}}
	s.server = gosmtp.NewServer(gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) {
		return &session{server: s, needsAuth: o.Auth}, nil
	}))
	s.server.ErrorLog = log.New(io.Discard, "", 0)
	s.server.Domain = "localhost"
	s.server.EnableSMTPUTF8 = true
	s.server.AllowInsecureAuth = true
	if o.TLS || o.Implicit {
		s.server.TLSConfig = s.certificate(t)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(o.Port)))
	if err != nil {
		t.Fatal(err)
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	if o.Implicit {
		l = tls.NewListener(l, s.server.TLSConfig)
	}
	served := make(chan error, 1)
	go func() { served <- s.server.Serve(l) }()
	t.Cleanup(func() {
		if err := s.server.Close(); err != nil {
			t.Error(err)
		}
		// The library does not close a listener that Serve has not come to yet; then nothing would ever end Serve.
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		if err := <-served; err != nil && !errors.Is(err, gosmtp.ErrServerClosed) {
			t.Error(err)
		}
	})
	return s
}

// Port is where it listens, on 127.0.0.1.
func (s *Server) Port() int { return s.port }

// Mails returns what it took, in order.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail{}, s.mails...)
}

// Users returns who signed in.
func (s *Server) Users() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.users...)
}

// Refuse makes it answer so to an address from now on; "" stands for every address, code 0 for none of it any more.
func (s *Server) Refuse(address string, code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if code == 0 {
		delete(s.refuse, address)
		return
	}
	s.refuse[address] = &gosmtp.SMTPError{Code: code, EnhancedCode: gosmtp.EnhancedCode{code / 100, 1, 1}, Message: "refused by the test"}
}

// Hang makes it take no mail until the returned function is called.
func (s *Server) Hang() (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	hang := make(chan struct{})
	s.hang = hang
	return sync.OnceFunc(func() { close(hang) })
}

// session is one connection.
type session struct {
	server    *Server
	needsAuth bool
	from, to  string
}

func (c *session) AuthMechanisms() []string {
	if c.needsAuth {
		return []string{sasl.Plain}
	}
	return nil
}

func (c *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "ioc" || password != Password {
			// Some servers say too much.
			return &gosmtp.SMTPError{Code: 535, EnhancedCode: gosmtp.EnhancedCode{5, 7, 8}, Message: "wrong password " + password}
		}
		c.needsAuth = false
		c.server.mu.Lock()
		defer c.server.mu.Unlock()
		c.server.users = append(c.server.users, user)
		return nil
	}), nil
}

func (c *session) Mail(from string, _ *gosmtp.MailOptions) error {
	if c.needsAuth {
		return gosmtp.ErrAuthRequired
	}
	c.from = from
	return nil
}

func (c *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	for _, address := range []string{to, ""} {
		if err := c.server.refuse[address]; err != nil {
			return err
		}
	}
	c.to = to
	return nil
}

func (c *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	c.server.mu.Lock()
	hang := c.server.hang
	c.server.mu.Unlock()
	if hang != nil {
		<-hang
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.server.mails = append(c.server.mails, Mail{From: c.from, To: c.to, Raw: raw})
	return nil
}

func (c *session) Reset() {}

func (c *session) Logout() error { return nil }

// certificate makes one that is its own issuer, for 127.0.0.1.
func (s *Server) certificate(t testing.TB) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	s.CAFile = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(s.CAFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
}
