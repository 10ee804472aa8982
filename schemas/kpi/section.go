package kpi

import (
	"errors"
	"fmt"
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

// faults collects all that is wrong in one file: who mends one thing should not have to look for the next.
type faults struct {
	file string
	list []error
}

func (f *faults) add(line int, key, format string, args ...any) {
	f.list = append(f.list, &Fault{File: f.file, Line: line, Key: key, Problem: fmt.Sprintf(format, args...)})
}

// section is one mapping of a YAML file.
type section struct {
	faults *faults
	path   string // with a point at its end, empty for the file
	line   int
	values map[string]*yaml.Node
}

// newSection reads a mapping whose keys are all in known.
func newSection(f *faults, n *yaml.Node, path string, known ...string) section {
	s := section{faults: f, path: path, line: n.Line, values: map[string]*yaml.Node{}}
	if n.Kind != yaml.MappingNode {
		f.add(n.Line, strings.TrimSuffix(path, "."), "must be a mapping with the keys %s", strings.Join(known, ", "))
		return s
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode:
			f.add(key.Line, strings.TrimSuffix(path, "."), "a key must be a word")
		case !slices.Contains(known, key.Value):
			f.add(key.Line, path+key.Value, "unknown key%s", meant(key.Value, known))
		case s.values[key.Value] != nil:
			f.add(key.Line, path+key.Value, "is there twice, first in line %d", s.values[key.Value].Line)
		case value.Kind == yaml.AliasNode:
			f.add(value.Line, path+key.Value, "aliases are not allowed")
		case value.Tag != "!!null": // a key without a value is as good as absent
			s.values[key.Value] = value
		}
	}
	return s
}

func (s section) has(key string) bool { return s.values[key] != nil }

// fault reports what is wrong with a key, in its line, or in that of the section where the key is missing.
func (s section) fault(key, format string, args ...any) {
	line := s.line
	if n := s.values[key]; n != nil {
		line = n.Line
	}
	s.faults.add(line, s.path+key, format, args...)
}

// sub returns the mapping under a required key.
func (s section) sub(key string, known ...string) (section, bool) {
	n := s.values[key]
	if n == nil {
		s.fault(key, "is missing")
		return section{}, false
	}
	before := len(s.faults.list)
	sub := newSection(s.faults, n, s.path+key+".", known...)
	return sub, len(s.faults.list) == before
}

// text returns a scalar as NFC without space around it; empty when the key is absent.
func (s section) text(key string) string {
	n := s.values[key]
	if n == nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode {
		s.fault(key, "must be a text")
		return ""
	}
	return norm.NFC.String(strings.TrimSpace(n.Value))
}

// required returns a text that may not be empty.
func (s section) required(key string) string {
	t := s.text(key)
	switch {
	case t != "":
	case !s.has(key):
		s.fault(key, "is missing")
	case s.values[key].Kind == yaml.ScalarNode:
		s.fault(key, "is empty")
	}
	return t
}

// oneOf returns a required text that is one of the choices.
func (s section) oneOf(key string, choices ...string) string {
	t := s.required(key)
	if t != "" && !slices.Contains(choices, t) {
		s.fault(key, "%q is none of %s%s", t, strings.Join(choices, ", "), meant(t, choices))
	}
	return t
}

// bilingual returns a required text in both languages.
func (s section) bilingual(key string) schemas.Text {
	sub, ok := s.sub(key, "vi", "en")
	if !ok {
		return schemas.Text{}
	}
	return schemas.Text{VI: sub.required("vi"), EN: sub.required("en")}
}

// number returns a finite number, or otherwise when the key is absent.
func (s section) number(key string, otherwise float64) float64 {
	if !s.has(key) {
		return otherwise
	}
	t := s.text(key)
	v, err := strconv.ParseFloat(t, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		s.fault(key, "%q is no finite number", t)
		return otherwise
	}
	return v
}

// requiredNumber returns a finite number whose key must be there.
func (s section) requiredNumber(key string) float64 {
	if !s.has(key) {
		s.fault(key, "is missing")
	}
	return s.number(key, 0)
}

// duration returns a length of time such as 2m; 0 when the key is absent.
func (s section) duration(key string) time.Duration {
	if !s.has(key) {
		return 0
	}
	t := s.text(key)
	d, err := time.ParseDuration(t)
	if err != nil || d < 0 {
		s.fault(key, "%q is no length of time such as 90s, 15m or 2h", t)
		return 0
	}
	return d
}

// date returns a day, which begins at midnight in Asia/Ho_Chi_Minh, or a moment in RFC 3339; nil when the key is absent.
func (s section) date(key string) *time.Time {
	if !s.has(key) {
		return nil
	}
	t := s.text(key)
	day, err := time.ParseInLocation(time.DateOnly, t, period.Zone())
	if err != nil {
		day, err = time.Parse(time.RFC3339, t)
	}
	if err != nil {
		s.fault(key, "%q is no day such as 2026-01-01", t)
		return nil
	}
	day = day.UTC()
	return &day
}

// expr returns the checked expression under a key; the zero Expr when the key is absent.
func (s section) expr(key string, fields map[string]FieldType, now bool, want ValueType) Expr {
	if !s.has(key) {
		return Expr{}
	}
	text := s.required(key)
	if text == "" {
		return Expr{}
	}
	e, err := parseExpr(text, fields, now, want)
	if err == nil {
		return e
	}
	n := s.values[key]
	line := n.Line
	var at *exprError
	if n.Style == yaml.LiteralStyle && errors.As(err, &at) {
		// The text of a literal block begins below its key, and keeps its lines.
		line += 1 + strings.Count(string([]rune(text)[:min(at.from, len([]rune(text)))]), "\n")
	}
	s.faults.add(line, s.path+key, "%s", err)
	return Expr{}
}
