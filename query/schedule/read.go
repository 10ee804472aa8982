package schedule

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/mail"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/binhphuoc/ioc/schemas"
)

const (
	// maxFile bounds the size of a file of schedules, maxTo how many get one report.
	maxFile = 256 << 10
	maxTo   = 200
	// leastDelay is how long a report waits at least for what comes late.
	leastDelay = 15 * time.Minute
	// lastDay is in every month.
	lastDay = 28
)

// Known is what schedules can name.
type Known struct {
	Registry *schemas.Registry
	Formats  map[string]Format
	Mail     bool // that reports can be sent
}

// Fault is one thing that is wrong in a file of schedules.
type Fault struct {
	File    string
	Line    int // 0: the file as a whole
	Key     string
	Problem string
}

// Error returns the fault as file:line: key: problem.
func (f *Fault) Error() string {
	out := f.File
	if f.Line > 0 {
		out += ":" + strconv.Itoa(f.Line)
	}
	if f.Key != "" {
		out += ": " + f.Key
	}
	return out + ": " + f.Problem
}

// Read reads and checks a file of schedules. It returns all that is wrong.
func Read(raw []byte, shown string, known Known) ([]Schedule, []error) {
	r := &reader{file: shown, known: known}
	if len(raw) > maxFile {
		r.add(0, "", "is larger than %d bytes", maxFile)
		return nil, r.faults
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		r.add(0, "", "is empty: it needs schedules, a list")
		return nil, r.faults
	}
	var doc yaml.Node
	if err := yaml.Load(raw, &doc); err != nil {
		r.add(yamlLine(err), "", "%s", strings.TrimPrefix(err.Error(), "yaml: "))
		return nil, r.faults
	}
	if len(doc.Content) != 1 {
		r.add(0, "", "needs schedules, a list")
		return nil, r.faults
	}
	list := r.entry(doc.Content[0], "", "schedules").values["schedules"]
	if list == nil || list.Kind != yaml.SequenceNode {
		r.add(doc.Content[0].Line, "schedules", "must be a list")
		return nil, r.faults
	}
	var out []Schedule
	for i, n := range list.Content {
		s := r.schedule(n, i)
		if slices.ContainsFunc(out, func(o Schedule) bool { return o.ID == s.ID && s.ID != "" }) {
			r.add(n.Line, "id", "%s is there twice", s.ID)
		}
		out = append(out, s)
	}
	if len(r.faults) > 0 {
		return nil, r.faults
	}
	return out, nil
}

func yamlLine(err error) int {
	var one *yaml.LoadError
	var many *yaml.LoadErrors
	if errors.As(err, &many) && len(many.Errors) > 0 {
		one = many.Errors[0]
	}
	if one == nil && !errors.As(err, &one) {
		return 0
	}
	return one.Mark.Line
}

// reader collects all that is wrong in one file.
type reader struct {
	file   string
	known  Known
	faults []error
}

func (r *reader) add(line int, key, format string, args ...any) {
	r.faults = append(r.faults, &Fault{File: r.file, Line: line, Key: key, Problem: fmt.Sprintf(format, args...)})
}

// entry is one mapping of the file.
type entry struct {
	*reader
	path   string
	line   int
	values map[string]*yaml.Node
}

func (r *reader) entry(n *yaml.Node, path string, keys ...string) entry {
	e := entry{reader: r, path: path, line: n.Line, values: map[string]*yaml.Node{}}
	if n.Kind != yaml.MappingNode {
		r.add(n.Line, strings.TrimSuffix(path, "."), "must be a mapping with the keys %s", strings.Join(keys, ", "))
		return e
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case !slices.Contains(keys, key.Value):
			r.add(key.Line, path+key.Value, "unknown key; there are %s", strings.Join(keys, ", "))
		case e.values[key.Value] != nil:
			r.add(key.Line, path+key.Value, "is there twice")
		case value.Kind == yaml.AliasNode:
			r.add(value.Line, path+key.Value, "aliases are not allowed")
		case value.Tag != "!!null": // a key without a value is as good as absent
			e.values[key.Value] = value
		}
	}
	return e
}

// fault reports what is wrong with a key, in its line, or in that of the mapping where the key is missing.
func (e entry) fault(key, format string, args ...any) {
	line := e.line
	if n := e.values[key]; n != nil {
		line = n.Line
	}
	e.add(line, e.path+key, format, args...)
}

// text returns a scalar; empty when the key is absent.
func (e entry) text(key string) string {
	n := e.values[key]
	if n == nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode {
		e.fault(key, "must be one value")
		return ""
	}
	return strings.TrimSpace(n.Value)
}

// list returns a list of scalars; nil when the key is absent.
func (e entry) list(key string) []string {
	n := e.values[key]
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		e.fault(key, "must be a list, such as [a, b]")
		return nil
	}
	var out []string
	for _, item := range n.Content {
		switch {
		case item.Kind != yaml.ScalarNode:
			e.add(item.Line, e.path+key, "must be a list of single values")
		case slices.Contains(out, item.Value):
			e.add(item.Line, e.path+key, "%s is there twice", item.Value)
		default:
			out = append(out, strings.TrimSpace(item.Value))
		}
	}
	return out
}

// schedule reads one item of the list.
func (r *reader) schedule(n *yaml.Node, i int) Schedule {
	e := r.entry(n, fmt.Sprintf("schedules[%d].", i), "id", "period", "at", "day", "centre", "language", "formats", "folder", "to", "subject", "intro")
	s := Schedule{ID: e.text("id"), Kind: Kind(e.text("period")), Centre: e.text("centre"), Language: e.text("language"), Formats: e.list("formats"), Folder: e.text("folder"), To: e.list("to")}
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`).MatchString(s.ID) {
		e.fault("id", "%q is no id such as province-monthly: up to 63 of a-z, 0-9 and -", s.ID)
	}
	if !slices.Contains(kinds(), string(s.Kind)) {
		e.fault("period", "%q is none of %s", s.Kind, strings.Join(kinds(), ", "))
	}
	s.At, s.Day = e.at(), e.day(s.Kind)
	if s.Day == 1 && s.At < leastDelay {
		e.fault("at", "must be 00:%02.0f or later on the first day, so that what comes late is in the report", leastDelay.Minutes())
	}
	if _, ok := r.known.Registry.Centre(s.Centre); !ok {
		e.fault("centre", "there is no centre %q", s.Centre)
	}
	if s.Language == "" {
		s.Language = "vi"
	}
	if s.Language != "vi" && s.Language != "en" {
		e.fault("language", "%q is neither vi nor en", s.Language)
	}
	e.formats(s.Formats)
	s.Folder = e.folder(s)
	e.addresses(s.To)
	s.Subject, s.Intro = e.bilingual("subject", s.Language), e.bilingual("intro", s.Language)
	if strings.ContainsAny(s.Subject.VI+s.Subject.EN, "\r\n") {
		e.fault("subject", "must be one line")
	}
	return s
}

// at reads a time of day.
func (e entry) at() time.Duration {
	t, err := time.Parse("15:04", e.text("at"))
	if err != nil {
		e.fault("at", "%q is no time of day such as 07:30", e.text("at"))
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
}

// day reads on which day after the end of its period a report is made.
func (e entry) day(kind Kind) int {
	week := []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
	text := e.text("day")
	n, err := strconv.Atoi(text)
	switch {
	case text == "":
		return 1
	case kind == Day:
		e.fault("day", "does not go with the period day: that report is made on the next day")
	case kind == Week && slices.Contains(week, text):
		return slices.Index(week, text) + 1
	case kind == Week:
		e.fault("day", "%q is none of %s", text, strings.Join(week, ", "))
	case err != nil || n < 1 || n > lastDay:
		e.fault("day", "%q is no day of the month from 1 to %d", text, lastDay)
	default:
		return n
	}
	return 1
}

func (e entry) formats(formats []string) {
	have := slices.Sorted(maps.Keys(e.known.Formats))
	if len(formats) == 0 {
		e.fault("formats", "is missing: name one or more of %s", strings.Join(have, ", "))
	}
	for _, f := range formats {
		if !slices.Contains(have, f) {
			e.fault("formats", "%q is none of %s", f, strings.Join(have, ", "))
		}
	}
}

// folder is where the files go; without the key, a folder of the centre.
func (e entry) folder(s Schedule) string {
	if e.values["folder"] == nil {
		return s.Centre
	}
	clean := path.Clean(s.Folder)
	if path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") || strings.ContainsAny(clean, "\\\x00:") {
		e.fault("folder", "%q must lie below the folder of reports, such as province/monthly", s.Folder)
	}
	return clean
}

func (e entry) addresses(to []string) {
	if len(to) > 0 && !e.known.Mail {
		e.fault("to", "no mail can be sent: set --smtp-host and --smtp-from")
	}
	if len(to) > maxTo {
		e.fault("to", "has more than %d addresses: use a list of the mail server", maxTo)
	}
	seen := map[string]bool{}
	for _, a := range to {
		if _, err := mail.ParseAddress(a); err != nil {
			e.fault("to", "%q is no address such as a@binhphuoc.gov.vn or Nguyễn Văn A <a@binhphuoc.gov.vn>", a)
		}
		if seen[bare(a)] {
			e.fault("to", "%s is there twice", bare(a))
		}
		seen[bare(a)] = true
	}
}

// bilingual reads an optional text, which must be there in the language of the schedule.
func (e entry) bilingual(key, language string) schemas.Text {
	if e.values[key] == nil {
		return schemas.Text{}
	}
	sub := e.entry(e.values[key], e.path+key+".", "vi", "en")
	t := schemas.Text{VI: sub.text("vi"), EN: sub.text("en")}
	if said(t, language) == "" {
		sub.fault(language, "is missing")
	}
	return t
}

func said(t schemas.Text, language string) string {
	if language == "en" {
		return t.EN
	}
	return t.VI
}
