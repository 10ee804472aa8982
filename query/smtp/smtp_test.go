package smtp

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/binhphuoc/ioc/query/schedule"
	"github.com/binhphuoc/ioc/query/smtp/smtptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func options(s *smtptest.Server) Options {
	return Options{Host: "127.0.0.1", Port: s.Port(), From: "IOC Bình Phước <ioc@binhphuoc.gov.vn>", CAFile: s.CAFile, Timeout: 10 * time.Second}
}

func mailer(t *testing.T, o Options) *Mailer {
	t.Helper()
	m, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// content is a file in which every byte may go wrong.
func content() string {
	var b strings.Builder
	for i := range 100_000 {
		b.WriteByte(byte(i * 7))
	}
	return b.String()
}

func letter(to string) schedule.Mail {
	return schedule.Mail{
		ID: "id-1", To: to, Subject: "Báo cáo chỉ tiêu tháng 10 năm 2026 – Tỉnh Bình Phước, đã được Sở Thông tin và Truyền thông rà soát",
		Text: "- Tỷ lệ hồ sơ đúng hạn giảm 2,5 điểm.\n.\n- Ngưỡng\n", HTML: "<p>Tỷ lệ hồ sơ đúng hạn giảm 2,5 điểm.</p>", At: time.Date(2026, 11, 2, 0, 30, 0, 0, time.UTC),
		Attachments: []schedule.Attachment{{
			Name: "bao-cao-province-2026-10.vi.pdf", ContentType: "application/pdf",
			Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content())), nil },
		}, {
			Name: "số liệu.json", ContentType: "application/json",
			Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("{}")), nil },
		}},
	}
}

// part is one leaf of a mail.
type part struct{ kind, name, body string }

func parts(t *testing.T, contentType, encoding string, r io.Reader) []part {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		var out []part
		for mr := multipart.NewReader(r, params["boundary"]); ; {
			p, err := mr.NextRawPart()
			if errors.Is(err, io.EOF) {
				return out
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, leaf := range parts(t, p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p) {
				if leaf.name == "" {
					leaf.name = p.FileName()
				}
				out = append(out, leaf)
			}
		}
	}
	switch encoding {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	}
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return []part{{kind, "", string(body)}}
}

func TestAMailArrivesAsItWasWritten(t *testing.T) {
	s := smtptest.Start(t, smtptest.Options{TLS: true, Auth: true})
	o := options(s)
	o.TLS, o.User, o.Password = STARTTLS, "ioc", smtptest.Password
	want := letter("Nguyễn Thị Ánh <anh@binhphuoc.gov.vn>")
	for range 2 {
		if errs := mailer(t, o).Send(t.Context(), []schedule.Mail{want}); errs[0] != nil {
			t.Fatal(errs[0])
		}
	}
	got := s.Mails()
	if len(got) != 2 || len(s.Users()) != 2 || got[0].To != "anh@binhphuoc.gov.vn" || got[0].From != "ioc@binhphuoc.gov.vn" {
		t.Fatalf("%d mails, sign-ins %q, first to %q from %q", len(got), s.Users(), got[0].To, got[0].From)
	}
	msg := got[0].Message(t)
	for line := range strings.Lines(string(got[0].Raw)) {
		if len(line) > 998 {
			t.Fatalf("a line has %d bytes", len(line))
		}
	}
	var dec mime.WordDecoder
	subject, err := dec.DecodeHeader(msg.Header.Get("Subject"))
	if err != nil || subject != want.Subject {
		t.Errorf("subject %q (%v)", subject, err)
	}
	for header, name := range map[string]string{"From": "IOC Bình Phước", "To": "Nguyễn Thị Ánh"} {
		a, err := mail.ParseAddress(msg.Header.Get(header))
		if err != nil || a.Name != name {
			t.Errorf("%s: %+v (%v)", header, a, err)
		}
	}
	if id, again := msg.Header.Get("Message-ID"), got[1].Message(t).Header.Get("Message-ID"); id != "<id-1@binhphuoc.gov.vn>" || again != id {
		t.Errorf("message ids %s and %s", id, again)
	}
	if at, err := msg.Header.Date(); err != nil || !at.Equal(want.At) {
		t.Errorf("date %v (%v)", at, err)
	}
	leaves := parts(t, msg.Header.Get("Content-Type"), msg.Header.Get("Content-Transfer-Encoding"), msg.Body)
	if len(leaves) != 4 {
		t.Fatalf("%d parts: %+v", len(leaves), leaves)
	}
	for i, w := range []part{
		{"text/plain", "", want.Text}, {"text/html", "", want.HTML}, {"application/pdf", "bao-cao-province-2026-10.vi.pdf", content()}, {"application/json", "số liệu.json", "{}"},
	} {
		name, err := dec.DecodeHeader(leaves[i].name)
		if body := strings.ReplaceAll(leaves[i].body, "\r\n", "\n"); i < 2 && body != w.body || i >= 2 && leaves[i].body != w.body {
			t.Errorf("part %d is not as it was written: %.80q", i, body)
		}
		if leaves[i].kind != w.kind || name != w.name || err != nil {
			t.Errorf("part %d is %s %q (%v), want %s %q", i, leaves[i].kind, name, err, w.kind, w.name)
		}
	}
}

func TestWhatAServerCanAnswer(t *testing.T) {
	for _, c := range []struct {
		name    string
		server  smtptest.Options
		change  func(*smtptest.Server, *Options)
		refused bool   // for good
		says    string // empty: the mail arrives
	}{
		{"it takes all, on this machine and without TLS", smtptest.Options{}, func(*smtptest.Server, *Options) {}, false, ""},
		{"it talks TLS from the first byte", smtptest.Options{Implicit: true, Auth: true}, func(_ *smtptest.Server, o *Options) {
			o.TLS, o.User, o.Password = TLS, "ioc", smtptest.Password
		}, false, ""},
		{"it asks for a sign-in on this machine", smtptest.Options{Auth: true}, func(_ *smtptest.Server, o *Options) {
			o.User, o.Password = "ioc", smtptest.Password
		}, false, ""},
		{"not now", smtptest.Options{}, func(s *smtptest.Server, _ *Options) { s.Refuse("a@b.vn", 451) }, false, "451"},
		{"never to this address", smtptest.Options{}, func(s *smtptest.Server, _ *Options) { s.Refuse("a@b.vn", 550) }, true, "550"},
		{"it does not offer the TLS that is required", smtptest.Options{}, func(_ *smtptest.Server, o *Options) { o.TLS = STARTTLS }, false, "STARTTLS"},
		{"its certificate is of nobody we know", smtptest.Options{TLS: true}, func(_ *smtptest.Server, o *Options) { o.TLS, o.CAFile = STARTTLS, "" }, false, "certificate"},
		{"the password is wrong", smtptest.Options{TLS: true, Auth: true}, func(_ *smtptest.Server, o *Options) {
			o.TLS, o.User, o.Password = STARTTLS, "ioc", "sai mật khẩu"
		}, false, "535"},
		{"a sign-in is missing", smtptest.Options{Auth: true}, func(*smtptest.Server, *Options) {}, false, "502"},
		{"it speaks TLS and we do not", smtptest.Options{Implicit: true}, func(_ *smtptest.Server, o *Options) { o.Timeout = time.Second }, false, "connect"},
		{"it is not there", smtptest.Options{}, func(_ *smtptest.Server, o *Options) { o.Host, o.Port = "127.0.0.1", 1 }, false, "refused"},
		{"another certificate", smtptest.Options{TLS: true}, func(_ *smtptest.Server, o *Options) { o.TLS, o.Host = STARTTLS, "localhost" }, false, "certificate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := smtptest.Start(t, c.server)
			o := options(s)
			c.change(s, &o)
			err := mailer(t, o).Send(t.Context(), []schedule.Mail{letter("a@b.vn")})[0]
			switch {
			case c.says == "" && (err != nil || len(s.Mails()) != 1):
				t.Fatalf("%d mails: %v", len(s.Mails()), err)
			case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || len(s.Mails()) > 0):
				t.Fatalf("error is %v, want one with %q; %d mails", err, c.says, len(s.Mails()))
			case errors.Is(err, schedule.ErrRefused) != c.refused:
				t.Errorf("refused for good: %v, want %v", !c.refused, c.refused)
			case err != nil && strings.Contains(err.Error(), "mật khẩu"):
				t.Errorf("the password is in the error: %v", err)
			}
		})
	}
}

func TestOneBadAddressHoldsUpNobody(t *testing.T) {
	s := smtptest.Start(t, smtptest.Options{})
	s.Refuse("b@b.vn", 550)
	s.Refuse("c@b.vn", 451)
	errs := mailer(t, options(s)).Send(t.Context(), []schedule.Mail{letter("a@b.vn"), letter("b@b.vn"), letter("c@b.vn"), letter("d@b.vn")})
	if errs[0] != nil || !errors.Is(errs[1], schedule.ErrRefused) || errs[2] == nil || errors.Is(errs[2], schedule.ErrRefused) || errs[3] != nil {
		t.Errorf("got %v", errs)
	}
	if got := s.Mails(); len(got) != 2 || got[1].To != "d@b.vn" {
		t.Errorf("%d mails arrived", len(got))
	}
}

func TestASlowServerIsLeft(t *testing.T) {
	s := smtptest.Start(t, smtptest.Options{})
	release := s.Hang()
	defer release()
	o := options(s)
	o.Timeout = 300 * time.Millisecond
	if err := mailer(t, o).Send(t.Context(), []schedule.Mail{letter("a@b.vn")})[0]; err == nil || errors.Is(err, schedule.ErrRefused) {
		t.Errorf("a server that hangs: %v", err)
	}
	// When the process stops, it is not waited for either.
	o.Timeout = time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	errs := mailer(t, o).Send(ctx, []schedule.Mail{letter("a@b.vn"), letter("b@b.vn")})
	if errs[0] == nil || errs[1] == nil {
		t.Errorf("cut off: %v", errs)
	}
}

func TestWhatNewRefuses(t *testing.T) {
	good := Options{Host: "mail.binhphuoc.gov.vn", From: "ioc@binhphuoc.gov.vn"}
	if m := mailer(t, good); m.o.TLS != STARTTLS || m.o.Port != 587 {
		t.Errorf("defaults are %s on port %d", m.o.TLS, m.o.Port)
	}
	for name, c := range map[string]struct {
		change func(*Options)
		says   string
	}{
		"no host":                 {func(o *Options) { o.Host = "" }, "smtp-host"},
		"a host with a port":      {func(o *Options) { o.Host = "smtp://mail" }, "smtp-host"},
		"a port out of range":     {func(o *Options) { o.Port = 70000 }, "smtp-port"},
		"another way to protect":  {func(o *Options) { o.TLS = "ssl" }, "starttls, tls or none"},
		"no sender":               {func(o *Options) { o.From = "IOC" }, "smtp-from"},
		"a user without password": {func(o *Options) { o.User = "ioc" }, "smtp-password"},
		"a password in the open":  {func(o *Options) { o.User, o.Password, o.TLS = "ioc", "x", None }, "to read"},
		"a CA file that is none":  {func(o *Options) { o.CAFile = "smtp_test.go" }, "certificate"},
		"no CA file":              {func(o *Options) { o.CAFile = "none.pem" }, "smtp-ca"},
	} {
		o := good
		c.change(&o)
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}
