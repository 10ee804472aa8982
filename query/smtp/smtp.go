// Package smtp hands mails to a mail server.
package smtp

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/binhphuoc/ioc/query/schedule"
)

// How the connection is protected.
const (
	STARTTLS = "starttls" // required: a server that does not offer it gets no mail
	TLS      = "tls"      // from the first byte
	None     = "none"
)

// Options say where the mail server is.
type Options struct {
	Host     string // alone, without a port
	Port     int    // default 587, with TLS 465, with None 25
	User     string // empty: without a sign-in
	Password string
	From     string // such as IOC Bình Phước <ioc@binhphuoc.gov.vn>
	// TLS is one of the words above. Empty stands for STARTTLS, and for None when the server is on this machine.
	TLS    string
	CAFile string // of the certificates that the server's is issued by; empty: those of the system
	// Timeout bounds the making of a connection, and each mail; default 1 minute.
	Timeout time.Duration
}

// check fills in defaults, and says what can't be.
func (o *Options) check() error {
	local := loopback(o.Host)
	if o.TLS == "" {
		o.TLS = STARTTLS
		if local {
			o.TLS = None
		}
	}
	ports := map[string]int{STARTTLS: 587, TLS: 465, None: 25}
	o.Port = cmp.Or(o.Port, ports[o.TLS])
	o.Timeout = cmp.Or(o.Timeout, time.Minute)
	_, err := mail.ParseAddress(o.From)
	switch {
	case o.Host == "" || strings.ContainsAny(o.Host, " /@"):
		return fmt.Errorf("smtp-host %q: want the name or the address of a mail server, without a port", o.Host)
	case ports[o.TLS] == 0:
		return fmt.Errorf("smtp-tls %q: want starttls, tls or none", o.TLS)
	case o.Port < 1 || o.Port > 65535:
		return fmt.Errorf("smtp-port %d: want 1 to 65535", o.Port)
	case err != nil:
		return fmt.Errorf("smtp-from %q: want an address, such as IOC Bình Phước <ioc@binhphuoc.gov.vn>", o.From)
	case (o.User == "") != (o.Password == ""):
		return errors.New("smtp-user and smtp-password go together: set both, or neither")
	case o.User != "" && o.TLS == None && !local:
		return fmt.Errorf("smtp-tls none: the password would go to %s for everybody on the way to read; use starttls or tls", o.Host)
	}
	return nil
}

// loopback tells whether a host is this machine.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// Mailer sends mails. It implements schedule.Mailer.
type Mailer struct {
	o    Options
	from *mail.Address
	tls  *tls.Config
}

// New checks the options. That the server is there shows when the first mail is sent.
func New(o Options) (*Mailer, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	from, err := mail.ParseAddress(o.From)
	if err != nil {
		return nil, fmt.Errorf("smtp-from: %w", err)
	}
	m := &Mailer{o: o, from: from, tls: &tls.Config{ServerName: o.Host, MinVersion: tls.VersionTLS12}}
	if o.CAFile != "" {
		pem, err := os.ReadFile(o.CAFile)
		if err != nil {
			return nil, fmt.Errorf("smtp-ca: %w", err)
		}
		m.tls.RootCAs = x509.NewCertPool()
		if !m.tls.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("smtp-ca %s: there is no certificate in it", o.CAFile)
		}
	}
	if _, _, err := m.client(context.Background()); err != nil {
		return nil, err
	}
	return m, nil
}

// client prepares for one connection. When ctx ends, the connection is cut, whatever it waits for: the library itself
// only knows deadlines.
func (m *Mailer) client(ctx context.Context) (*gomail.Client, func(), error) {
	policy := map[string]gomail.TLSPolicy{STARTTLS: gomail.TLSMandatory, TLS: gomail.TLSMandatory, None: gomail.NoTLS}[m.o.TLS]
	cut := func() {}
	options := []gomail.Option{
		gomail.WithPort(m.o.Port), gomail.WithTimeout(m.o.Timeout), gomail.WithTLSConfig(m.tls), gomail.WithTLSPolicy(policy),
		gomail.WithDialContextFunc(func(within context.Context, network, address string) (net.Conn, error) {
			conn, err := m.dial(within, network, address)
			if err != nil {
				return nil, err
			}
			over := context.AfterFunc(ctx, func() { conn.Close() })
			cut = func() { over(); conn.Close() }
			return conn, nil
		}),
	}
	if m.o.TLS == TLS {
		options = append(options, gomail.WithSSL())
	}
	switch {
	case m.o.User == "":
	case m.o.TLS == None: // on this machine alone, see check
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthPlainNoEnc))
	default:
		options = append(options, gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin, gomail.SMTPAuthCramMD5))
	}
	c, err := gomail.NewClient(m.o.Host, append(options, gomail.WithUsername(m.o.User), gomail.WithPassword(m.o.Password))...)
	if err != nil {
		return nil, nil, fmt.Errorf("prepare for mail server %s: %w", m.o.Host, m.quiet(err))
	}
	return c, func() { cut() }, nil
}

func (m *Mailer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if m.o.TLS == TLS {
		return (&tls.Dialer{Config: m.tls}).DialContext(ctx, network, address)
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// Send implements schedule.Mailer: all mails over one connection, one after the other.
func (m *Mailer) Send(ctx context.Context, mails []schedule.Mail) []error {
	out := make([]error, len(mails))
	c, cut, err := m.client(ctx)
	if err == nil {
		defer cut()
		if err = c.DialWithContext(ctx); err != nil {
			err = fmt.Errorf("connect to mail server %s: %w", net.JoinHostPort(m.o.Host, strconv.Itoa(m.o.Port)), m.quiet(err))
		}
	}
	for i := range mails {
		switch {
		case err != nil:
			out[i] = err
		case ctx.Err() != nil:
			out[i] = fmt.Errorf("not sent: %w", ctx.Err())
		default:
			out[i] = m.send(c, mails[i])
		}
	}
	if err == nil {
		_ = c.Close() // what was sent is with the server, whatever it says to the farewell
	}
	return out
}

func (m *Mailer) send(c *gomail.Client, mail schedule.Mail) error {
	msg, err := m.message(mail)
	if err != nil {
		return err
	}
	err = c.Send(msg)
	if err == nil || msg.IsDelivered() { // taken; what failed came after that
		return nil
	}
	var said *gomail.SendError
	if errors.As(err, &said) && said.ErrorCode() >= 500 {
		switch said.Reason {
		case gomail.ErrSMTPRcptTo, gomail.ErrSMTPData, gomail.ErrSMTPDataClose:
			return fmt.Errorf("%w: %w", schedule.ErrRefused, m.quiet(err))
		default: // what is wrong with the sign-in or the sender can be put right, and is of no single address
		}
	}
	return m.quiet(err)
}

// message makes the mail: plain text and HTML side by side, with the files.
func (m *Mailer) message(mail schedule.Mail) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithEncoding(gomail.EncodingQP), gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(m.from)
	if err := msg.To(mail.To); err != nil {
		return nil, fmt.Errorf("address %q: %w", mail.To, err)
	}
	_, domain, _ := strings.Cut(m.from.Address, "@")
	msg.SetMessageIDWithValue(mail.ID + "@" + domain)
	msg.SetDateWithValue(mail.At)
	msg.Subject(mail.Subject)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no answer that nobody is there
	msg.SetBodyString(gomail.TypeTextPlain, mail.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, mail.HTML)
	for _, a := range mail.Attachments {
		if err := attach(msg, a); err != nil {
			return nil, err
		}
	}
	return msg, nil
}

func attach(msg *gomail.Msg, a schedule.Attachment) (err error) {
	file, err := a.Open()
	if err != nil {
		return fmt.Errorf("attach %s: %w", a.Name, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := msg.AttachReader(a.Name, file, gomail.WithFileContentType(gomail.ContentType(a.ContentType))); err != nil {
		return fmt.Errorf("attach %s: %w", a.Name, err)
	}
	return nil
}

// quiet takes the password out of what a server or a library says: it may be logged, kept and shown.
func (m *Mailer) quiet(err error) error {
	text := strings.TrimSpace(err.Error())
	if m.o.Password != "" {
		text = strings.ReplaceAll(text, m.o.Password, "***")
	}
	return errors.New(text)
}
