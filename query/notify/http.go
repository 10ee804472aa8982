package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/binhphuoc/ioc/schemas/wire"
)

// maxAnswer is how much of an answer is read.
const maxAnswer = 64 << 10

// request is what is sent for a message.
type request struct {
	method, url string
	header      http.Header
	body        []byte
}

// post sends HTTP requests. Secrets are in its addresses and headers: what it says has none of them.
type post struct {
	client  *http.Client
	secrets []string
}

// newPost makes one. It follows no redirects: what stands in the request is for one receiver alone.
func newPost(secrets []string) *post {
	return &post{secrets: secrets, client: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (p *post) send(ctx context.Context, r request) error {
	req, err := http.NewRequestWithContext(ctx, r.method, r.url, bytes.NewReader(r.body))
	if err != nil {
		return p.quiet(err)
	}
	req.Header = r.header
	resp, err := p.client.Do(req)
	if err != nil {
		return p.quiet(err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil && resp.StatusCode < 300 {
		said = nil // it was taken, whatever became of the answer
	}
	return p.judge(resp, said)
}

// judge tells by the answer whether a message was taken.
func (p *post) judge(resp *http.Response, said []byte) error {
	if resp.StatusCode < 300 {
		return nil
	}
	const shown = 200
	text := strings.ToValidUTF8(string(said[:min(len(said), shown)]), "")
	err := p.quiet(fmt.Errorf("the receiver answered %d %s", resp.StatusCode, strings.TrimSpace(text)))
	switch resp.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests, http.StatusServiceUnavailable:
		seconds, bad := strconv.Atoi(resp.Header.Get("Retry-After"))
		if bad != nil || seconds < 0 {
			return err
		}
		return &LaterError{Wait: time.Duration(min(seconds, 3600)) * time.Second, Cause: err}
	}
	if resp.StatusCode < 500 {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return err
}

// quiet takes the address and all secrets out of what is logged, kept and shown.
func (p *post) quiet(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	text := err.Error()
	for _, s := range p.secrets {
		text = strings.ReplaceAll(text, s, "***")
		text = strings.ReplaceAll(text, url.PathEscape(s), "***")
		text = strings.ReplaceAll(text, url.QueryEscape(s), "***")
	}
	return errors.New(text)
}

// webhook sends each message as JSON, signed.
type webhook struct {
	*post
	url    string
	secret string // empty: unsigned
}

// hook is what a webhook gets.
type hook struct {
	Key    string           `json:"key"`
	Action wire.AlarmAction `json:"action"`
	Text   string           `json:"text"`
	Alarm  wire.Alarm       `json:"alarm"`
}

// Send implements Sender.
func (w *webhook) Send(ctx context.Context, m Message) error {
	body, err := json.Marshal(hook{m.Key, m.Action, m.Text, m.Alarm})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	h := http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {m.Key}}
	if w.secret != "" {
		mac := hmac.New(sha256.New, []byte(w.secret))
		mac.Write(body)
		h.Set("X-IOC-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	}
	return w.send(ctx, request{http.MethodPost, w.url, h, body})
}

// bot sends each message as a template says: a bot of a messenger, or whatever takes an HTTP request.
type bot struct {
	*post
	method, url string
	header      http.Header
	body        *template.Template
}

// Send implements Sender.
func (b *bot) Send(ctx context.Context, m Message) error {
	var body bytes.Buffer
	if err := b.body.Execute(&body, m); err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, b.quiet(err))
	}
	h := b.header.Clone()
	h.Set("Idempotency-Key", m.Key)
	return b.send(ctx, request{b.method, b.url, h, body.Bytes()})
}

// templateOf reads a template. json writes a value as JSON, so that no text of an alarm can break out of its place.
func templateOf(text string) (*template.Template, error) {
	t := template.New("body").Option("missingkey=error").Funcs(template.FuncMap{"json": func(v any) (string, error) {
		out, err := json.Marshal(v)
		return string(out), err
	}})
	t, err := t.Parse(text)
	if err != nil {
		return nil, err
	}
	return t, t.Execute(io.Discard, Message{})
}
