package notify

import (
	"net/http"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"go.yaml.in/yaml/v4"

	"github.com/binhphuoc/ioc/query/schedule"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
	"github.com/binhphuoc/ioc/schemas/yamlfile"
)

const (
	maxChannels = 200
	maxRules    = 500
	minSecret   = 8 // a shorter one would blot out half of what is said
)

// Known is what a file of rules can name.
type Known struct {
	Registry *schemas.Registry
	Mailer   schedule.Mailer                  // nil: no mail can be sent
	Secret   func(name string) (string, bool) // of ${NAME}; secrets stand in the environment, not in the file
}

// Store holds the rules in force: those of the last good version of a file.
type Store struct {
	file    string
	known   Known
	current atomic.Pointer[Rules]
}

// NewStore returns a store without rules until the first Reload. Without a file it stays so.
func NewStore(file string, known Known) *Store {
	s := &Store{file: file, known: known}
	s.current.Store(&Rules{})
	return s
}

// Current returns the rules in force.
func (s *Store) Current() Rules { return *s.current.Load() }

// Reload reads the file again. When it is bad it says why, and the last good rules stay.
func (s *Store) Reload() []error {
	if s.file == "" {
		return nil
	}
	dir, name := filepath.Split(s.file)
	if dir == "" {
		dir = "."
	}
	rules, errs := yamlfile.Read(os.DirFS(dir), name, s.file, func(top yamlfile.Section) Rules {
		return (&reader{known: s.known}).rules(top)
	}, "channels", "rules")
	if len(errs) == 0 {
		s.current.Store(&rules)
	}
	return errs
}

// reader reads one file.
type reader struct {
	known    Known
	channels map[string][]string // what each id of the file stands for: an address each
}

func (r *reader) rules(top yamlfile.Section) Rules {
	var out Rules
	r.channels = map[string][]string{}
	for _, s := range top.Items("channels", "id", "kind", "language", "to", "url", "method", "content_type", "headers", "body", "secret") {
		id := s.Required("id")
		switch {
		case id == "":
			continue
		case !regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`).MatchString(id):
			s.Fault("id", "%q is no id: a-z, 0-9, _ and -, at most 64", id)
		case r.channels[id] != nil:
			s.Fault("id", "%s is there twice", id)
		}
		for _, c := range r.channel(s, id) {
			r.channels[id] = append(r.channels[id], c.ID)
			out.Channels = append(out.Channels, c)
		}
		if r.channels[id] == nil {
			r.channels[id] = []string{} // with faults of its own: rules that name it have none
		}
	}
	for _, s := range top.Items("rules", "channels", "centres", "priorities", "on") {
		out.Rules = append(out.Rules, r.rule(s))
	}
	switch {
	case len(out.Channels) > maxChannels:
		top.Fault("channels", "are %d receivers; at most %d", len(out.Channels), maxChannels)
	case len(out.Rules) > maxRules:
		top.Fault("rules", "are %d; at most %d", len(out.Rules), maxRules)
	}
	return out
}

// channel reads one channel: of mails, one for each address, so that a bad one holds up nobody and each gets one mail.
func (r *reader) channel(s yamlfile.Section, id string) []Channel {
	language := "vi"
	if s.Has("language") {
		language = s.OneOf("language", "vi", "en")
	}
	allowed := map[string][]string{
		"email": {"to"}, "webhook": {"url", "secret"}, "http": {"url", "method", "content_type", "headers", "body"},
	}
	kind := s.OneOf("kind", "email", "webhook", "http")
	for _, key := range s.Keys() {
		if kind != "" && allowed[kind] != nil && !slices.Contains(append(allowed[kind], "id", "kind", "language"), key) {
			s.Fault(key, "is not for the kind %s", kind)
		}
	}
	switch kind {
	case "email":
		return r.emails(s, id, language)
	case "webhook":
		e := r.expander(s)
		w := &webhook{url: e.address("url"), secret: e.text("secret")}
		w.post = newPost(e.secrets)
		return []Channel{{id, language, w}}
	case "http":
		return []Channel{{id, language, r.bot(s)}}
	default:
		return nil
	}
}

func (r *reader) emails(s yamlfile.Section, id, language string) []Channel {
	if r.known.Mailer == nil {
		s.Fault("kind", "no mail can be sent: set --smtp-host and --smtp-from")
	}
	var out []Channel
	for _, to := range texts(s, "to") {
		address, err := mail.ParseAddress(to)
		if err != nil {
			s.Fault("to", "%q is no mail address", to)
			continue
		}
		out = append(out, Channel{id + "/" + strings.ToLower(address.Address), language, &email{r.known.Mailer, to}})
	}
	if !s.Has("to") {
		s.Fault("to", "is missing")
	}
	return out
}

func (r *reader) bot(s yamlfile.Section) *bot {
	e := r.expander(s)
	b := &bot{method: http.MethodPost, url: e.address("url"), header: http.Header{"Content-Type": {"application/json"}}}
	if s.Has("method") {
		b.method = s.OneOf("method", "POST", "PUT", "GET")
	}
	if t := s.Text("content_type"); t != "" {
		b.header.Set("Content-Type", t)
	}
	for _, line := range texts(s, "headers") {
		name, value, ok := strings.Cut(e.expand("headers", line), ":")
		if !ok || !regexp.MustCompile(`^[A-Za-z0-9-]+$`).MatchString(name) || strings.ContainsAny(value, "\r\n") {
			s.Fault("headers", "want lines such as \"Authorization: Bearer ${TOKEN}\"")
			continue
		}
		b.header.Set(name, strings.TrimSpace(value))
	}
	body, err := templateOf(e.text("body"))
	if err != nil {
		s.Fault("body", "%s", newPost(e.secrets).quiet(err))
	}
	b.body, b.post = body, newPost(e.secrets)
	return b
}

// rule reads one rule.
func (r *reader) rule(s yamlfile.Section) Rule {
	out := Rule{Centres: texts(s, "centres"), Actions: []wire.AlarmAction{wire.AlarmRaise, wire.AlarmEscalate}}
	for _, id := range texts(s, "channels") {
		channels, known := r.channels[id]
		if !known {
			s.Fault("channels", "there is no channel %q", id)
		}
		out.Channels = append(out.Channels, channels...)
	}
	if !s.Has("channels") {
		s.Fault("channels", "is missing")
	}
	for _, c := range out.Centres {
		if _, ok := r.known.Registry.Centre(c); !ok {
			s.Fault("centres", "there is no centre %q", c)
		}
	}
	for _, text := range texts(s, "priorities") {
		p, err := strconv.Atoi(text)
		if err != nil || p < 1 || p > kpi.Priorities {
			s.Fault("priorities", "%q is none from 1 to %d", text, kpi.Priorities)
		}
		out.Priorities = append(out.Priorities, p)
	}
	if !s.Has("on") {
		return out
	}
	out.Actions = nil
	for _, text := range texts(s, "on") {
		if _, ok := words()[wire.AlarmAction(text)]; !ok || text == string(wire.AlarmRelease) {
			s.Fault("on", "%q is none of raise, escalate, ease, acknowledge, assign, shelve, unshelve, comment, clear, close", text)
		}
		out.Actions = append(out.Actions, wire.AlarmAction(text))
	}
	return out
}

// texts reads a list of texts; none when the key is absent.
func texts(s yamlfile.Section, key string) []string {
	n := s.Node(key)
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		s.Fault(key, "must be a list, and not an empty one")
		return nil
	}
	var out []string
	for _, item := range n.Content {
		if item.Kind != yaml.ScalarNode || strings.TrimSpace(item.Value) == "" {
			s.Fault(key, "must be a list of texts")
			return nil
		}
		out = append(out, strings.TrimSpace(item.Value))
	}
	return out
}

// expander puts secrets in the places of their names, and remembers them.
type expander struct {
	yamlfile.Section
	secret  func(string) (string, bool)
	secrets []string
}

func (r *reader) expander(s yamlfile.Section) *expander {
	return &expander{Section: s, secret: r.known.Secret}
}

func (e *expander) text(key string) string { return e.expand(key, e.Text(key)) }

func (e *expander) expand(key, text string) string {
	return regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*\}`).ReplaceAllStringFunc(text, func(name string) string {
		value, ok := e.secret(name[2 : len(name)-1])
		switch {
		case !ok || value == "":
			e.Fault(key, "%s is not set in the environment", name)
		case len(value) < minSecret:
			e.Fault(key, "%s has less than %d characters", name, minSecret)
		default:
			e.secrets = append(e.secrets, value)
		}
		return value
	})
}

// address reads where requests go.
func (e *expander) address(key string) string {
	if e.Required(key) == "" {
		return ""
	}
	text := e.text(key)
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		e.Fault(key, "want an address such as https://example.vn/hook, without a user in it")
	}
	return text
}
