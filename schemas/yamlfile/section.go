package yamlfile

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
	"golang.org/x/text/unicode/norm"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/period"
)

// Faults collects all that is wrong in one file: who mends one thing should not have to look for the next.
type Faults struct {
	file string
	list []error
}

// Add notes what is wrong with a key; line 0 stands for the file as a whole.
func (f *Faults) Add(line int, key, format string, args ...any) {
	f.list = append(f.list, &Fault{File: f.file, Line: line, Key: key, Problem: fmt.Sprintf(format, args...)})
}

// refuse is Add in both languages. Both sentences are formats for the same arguments.
func (f *Faults) refuse(line int, key, vi, en string, args ...any) {
	f.list = append(f.list, &Fault{File: f.file, Line: line, Key: key, Problem: fmt.Sprintf(en, args...), VI: fmt.Sprintf(vi, args...)})
}

// List returns what was noted, in that order.
func (f *Faults) List() []error { return f.list }

// Section is one mapping of a YAML file.
type Section struct {
	faults *Faults
	path   string // with a point at its end, empty for the file
	line   int
	values map[string]*yaml.Node
}

// NewSection reads a mapping whose keys are all in known.
func NewSection(f *Faults, n *yaml.Node, path string, known ...string) Section {
	s := Section{faults: f, path: path, line: n.Line, values: map[string]*yaml.Node{}}
	if n.Kind != yaml.MappingNode {
		f.refuse(n.Line, strings.TrimSuffix(path, "."), "phải có các khoá %s", "must be a mapping with the keys %s", strings.Join(known, ", "))
		return s
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode:
			f.refuse(key.Line, strings.TrimSuffix(path, "."), "khoá phải là một từ", "a key must be a word")
		case !slices.Contains(known, key.Value):
			f.refuse(key.Line, path+key.Value, "không có khoá này%.0s", "unknown key%s", Meant(key.Value, known))
		case s.values[key.Value] != nil:
			f.refuse(key.Line, path+key.Value, "có hai lần, lần đầu ở dòng %d", "is there twice, first in line %d", s.values[key.Value].Line)
		case value.Kind == yaml.AliasNode:
			f.refuse(value.Line, path+key.Value, "không được dùng bí danh (*)", "aliases are not allowed")
		case value.Tag != "!!null": // a key without a value is as good as absent
			s.values[key.Value] = value
		}
	}
	return s
}

// Faults is where the section notes what is wrong.
func (s Section) Faults() *Faults { return s.faults }

// Keys lists the keys that have a value, in the order of the alphabet.
func (s Section) Keys() []string { return slices.Sorted(maps.Keys(s.values)) }

// Node returns the node under a key; nil when the key is absent.
func (s Section) Node(key string) *yaml.Node { return s.values[key] }

// Path returns the full name of a key within its file.
func (s Section) Path(key string) string { return s.path + key }

// Has tells whether a key has a value.
func (s Section) Has(key string) bool { return s.values[key] != nil }

// Fault reports what is wrong with a key, in its line, or in that of the section where the key is missing.
func (s Section) Fault(key, format string, args ...any) {
	s.faults.Add(s.lineOf(key), s.path+key, format, args...)
}

// Refuse is Fault in both languages. Both sentences are formats for the same arguments.
func (s Section) Refuse(key, vi, en string, args ...any) {
	s.faults.refuse(s.lineOf(key), s.path+key, vi, en, args...)
}

func (s Section) lineOf(key string) int {
	if n := s.values[key]; n != nil {
		return n.Line
	}
	return s.line
}

// Sub returns the mapping under a required key.
func (s Section) Sub(key string, known ...string) (Section, bool) {
	n := s.values[key]
	if n == nil {
		s.Refuse(key, "còn thiếu", "is missing")
		return Section{}, false
	}
	before := len(s.faults.list)
	sub := NewSection(s.faults, n, s.path+key+".", known...)
	return sub, len(s.faults.list) == before
}

// Items returns the mappings of the list under a key; none when the key is absent.
func (s Section) Items(key string, known ...string) []Section {
	n := s.values[key]
	switch {
	case n == nil:
		return nil
	case n.Kind != yaml.SequenceNode:
		s.Refuse(key, "phải là danh sách", "must be a list")
		return nil
	}
	out := make([]Section, len(n.Content))
	for i, item := range n.Content {
		out[i] = NewSection(s.faults, item, fmt.Sprintf("%s%s[%d].", s.path, key, i), known...)
	}
	return out
}

// Text returns a scalar as NFC without space around it; empty when the key is absent.
func (s Section) Text(key string) string {
	n := s.values[key]
	if n == nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode {
		s.Refuse(key, "phải là chữ", "must be a text")
		return ""
	}
	return norm.NFC.String(strings.TrimSpace(n.Value))
}

// Required returns a text that may not be empty.
func (s Section) Required(key string) string {
	t := s.Text(key)
	switch {
	case t != "":
	case !s.Has(key):
		s.Refuse(key, "còn thiếu", "is missing")
	case s.values[key].Kind == yaml.ScalarNode:
		s.Refuse(key, "còn trống", "is empty")
	}
	return t
}

// OneOf returns a required text that is one of the choices.
func (s Section) OneOf(key string, choices ...string) string {
	t := s.Required(key)
	if t != "" && !slices.Contains(choices, t) {
		s.Refuse(key, "%q không có trong: %s%.0s", "%q is none of %s%s", t, strings.Join(choices, ", "), Meant(t, choices))
	}
	return t
}

// Bilingual returns a required text in both languages.
func (s Section) Bilingual(key string) schemas.Text {
	sub, ok := s.Sub(key, "vi", "en")
	if !ok {
		return schemas.Text{}
	}
	return schemas.Text{VI: sub.Required("vi"), EN: sub.Required("en")}
}

// Number returns a finite number, or otherwise when the key is absent.
func (s Section) Number(key string, otherwise float64) float64 {
	if !s.Has(key) {
		return otherwise
	}
	t := s.Text(key)
	v, err := strconv.ParseFloat(t, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		s.Refuse(key, "%q không phải là số", "%q is no finite number", t)
		return otherwise
	}
	return v
}

// RequiredNumber returns a finite number whose key must be there.
func (s Section) RequiredNumber(key string) float64 {
	if !s.Has(key) {
		s.Refuse(key, "còn thiếu", "is missing")
	}
	return s.Number(key, 0)
}

// Duration returns a length of time such as 2m; 0 when the key is absent.
func (s Section) Duration(key string) time.Duration {
	if !s.Has(key) {
		return 0
	}
	t := s.Text(key)
	d, err := time.ParseDuration(t)
	if err != nil || d < 0 {
		s.Refuse(key, "%q không phải là khoảng thời gian như 90s, 15m hoặc 2h", "%q is no length of time such as 90s, 15m or 2h", t)
		return 0
	}
	return d
}

// Date returns a day, which begins at midnight in Asia/Ho_Chi_Minh, or a moment in RFC 3339; nil when the key is absent.
func (s Section) Date(key string) *time.Time {
	if !s.Has(key) {
		return nil
	}
	t := s.Text(key)
	day, err := time.ParseInLocation(time.DateOnly, t, period.Zone())
	if err != nil {
		day, err = time.Parse(time.RFC3339, t)
	}
	if err != nil {
		s.Fault(key, "%q is no day such as 2026-01-01", t)
		return nil
	}
	day = day.UTC()
	return &day
}
