// Package kpitest reads the hand-computed cases of the KPIs for the tests that evaluate them.
package kpitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/binhphuoc/ioc/schemas"
)

// Tolerance is how far a value may be from the one that the case expects: cases are written with six decimals.
const Tolerance = 1e-6

// Case is one KPI at one moment, with what was sent until then and what it has to be.
type Case struct {
	KPI      string // its id, the name of the file
	Now      time.Time
	Events   []Event // in the order in which they arrived
	Rejected []Rejected
	Want     map[string]Want // by centre; of centres that are not in it, nothing is expected
}

// Event is one event as it was sent.
type Event struct {
	Source  string
	Payload []byte // CloudEvents JSON
	Arrived time.Time
}

// Message returns the event as an MQTT broker would deliver it.
func (e Event) Message() schemas.Message {
	centre, _, _ := strings.Cut(strings.TrimPrefix(e.Source, "/"), "/")
	return schemas.Message{
		Transport: "mqtt", Topic: "ioc" + e.Source, Centre: centre, Partition: -1, Offset: -1,
		Payload: e.Payload, Arrived: e.Arrived,
	}
}

// Rejected is one event that was refused. Two with the same id are repeats of one.
type Rejected struct {
	ID        string       `yaml:"id"`
	Centre    string       `yaml:"centre"`
	Transport string       `yaml:"transport"`
	Code      schemas.Code `yaml:"code"`
	Arrived   time.Time    `yaml:"-"`
}

// Want is what a KPI has to be for one centre.
type Want struct {
	Value                  *float64 `yaml:"value"` // as shown, in the KPI's unit; nil: it has none
	Numerator, Denominator *float64 // the counts behind it; nil: not checked
}

// LoadCases reads all cases of a directory, in the order of their names.
func LoadCases(fsys fs.FS) ([]Case, error) {
	files, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list KPI cases: %w", err)
	}
	cases := make([]Case, 0, len(files))
	for _, file := range files {
		c, err := load(fsys, file)
		if err != nil {
			return nil, fmt.Errorf("KPI case %s: %w", file, err)
		}
		cases = append(cases, c)
	}
	return cases, nil
}

// The forms of a file.
type (
	caseFile struct {
		About    string         `yaml:"about"`
		Now      string         `yaml:"now"`
		Each     eventFile      `yaml:"each"` // what every event has that does not say otherwise
		Events   []eventFile    `yaml:"events"`
		Rejected []rejectedFile `yaml:"rejected"`
		Want     map[string]struct {
			Value       *float64 `yaml:"value"`
			Numerator   *float64 `yaml:"numerator"`
			Denominator *float64 `yaml:"denominator"`
		} `yaml:"want"`
	}
	eventFile struct {
		ID      string               `yaml:"id"`
		Source  string               `yaml:"source"`
		Type    string               `yaml:"type"`
		Time    string               `yaml:"time"`
		Arrived string               `yaml:"arrived"` // a second after time, when absent
		Data    map[string]yaml.Node `yaml:"data"`    // null: without this field
	}
	rejectedFile struct {
		Rejected `yaml:",inline"`
		At       string `yaml:"arrived"`
	}
)

func load(fsys fs.FS, file string) (Case, error) {
	raw, err := fs.ReadFile(fsys, file)
	if err != nil {
		return Case{}, err
	}
	var f caseFile
	if err := yaml.Load(raw, &f, yaml.WithKnownFields()); err != nil {
		return Case{}, err
	}
	c := Case{KPI: strings.TrimSuffix(path.Base(file), ".yaml"), Want: map[string]Want{}}
	if c.Now, err = moment(f.Now); err != nil {
		return Case{}, fmt.Errorf("now: %w", err)
	}
	for _, e := range f.Events {
		event, err := e.over(f.Each).event()
		if err != nil {
			return Case{}, fmt.Errorf("event %q: %w", e.ID, err)
		}
		c.Events = append(c.Events, event)
	}
	for _, r := range f.Rejected {
		rejected := r.Rejected
		if rejected.Arrived, err = moment(r.At); err != nil {
			return Case{}, fmt.Errorf("rejected %q: %w", r.ID, err)
		}
		c.Rejected = append(c.Rejected, rejected)
	}
	for centre, w := range f.Want {
		c.Want[centre] = Want{Value: w.Value, Numerator: w.Numerator, Denominator: w.Denominator}
	}
	return c, nil
}

// Sent reads the events of a case of another kind, in the form that the cases of KPIs have. each is what every event has that
// does not say otherwise.
func Sent(each yaml.Node, events []yaml.Node) ([]Event, error) {
	var common eventFile
	if each.Kind != 0 {
		if err := each.Decode(&common); err != nil {
			return nil, fmt.Errorf("each: %w", err)
		}
	}
	out := make([]Event, 0, len(events))
	for i := range events {
		var e eventFile
		if err := events[i].Decode(&e); err != nil {
			return nil, fmt.Errorf("line %d: %w", events[i].Line, err)
		}
		event, err := e.over(common).event()
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", events[i].Line, err)
		}
		out = append(out, event)
	}
	return out, nil
}

// Moment reads a time as the cases have it: in Asia/Ho_Chi_Minh without offset, or in RFC 3339 with one.
func Moment(text string) (time.Time, error) { return moment(text) }

// over returns the event with what it lacks taken from each.
func (e eventFile) over(each eventFile) eventFile {
	if e.Source == "" {
		e.Source = each.Source
	}
	if e.Type == "" {
		e.Type = each.Type
	}
	data := map[string]yaml.Node{}
	for _, fields := range []map[string]yaml.Node{each.Data, e.Data} {
		for key, value := range fields {
			data[key] = value
		}
	}
	e.Data = data
	return e
}

func (e eventFile) event() (Event, error) {
	at, err := moment(e.Time)
	if err != nil {
		return Event{}, fmt.Errorf("time: %w", err)
	}
	arrived := at.Add(time.Second)
	if e.Arrived != "" {
		if arrived, err = moment(e.Arrived); err != nil {
			return Event{}, fmt.Errorf("arrived: %w", err)
		}
	}
	data := map[string]any{}
	for key, value := range e.Data {
		if value.Tag == "!!null" {
			continue
		}
		if data[key], err = plain(&value); err != nil {
			return Event{}, fmt.Errorf("data.%s: %w", key, err)
		}
	}
	payload, err := json.Marshal(map[string]any{
		"specversion": "1.0", "id": e.ID, "source": e.Source, "type": schemas.Type(e.Type).CloudEventType(),
		"time": at.Format(time.RFC3339Nano), "data": data,
	})
	if err != nil {
		return Event{}, err
	}
	return Event{Source: e.Source, Payload: payload, Arrived: arrived.UTC()}, nil
}

// plain returns what the JSON of a YAML node is made of: numbers stay as they are written.
func plain(n *yaml.Node) (any, error) {
	switch n.Kind {
	case yaml.MappingNode:
		out := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			v, err := plain(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			out[n.Content[i].Value] = v
		}
		return out, nil
	case yaml.SequenceNode:
		out := make([]any, 0, len(n.Content))
		for _, item := range n.Content {
			v, err := plain(item)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	case yaml.ScalarNode:
		return scalar(n)
	default:
		return nil, fmt.Errorf("line %d: %s can not be JSON", n.Line, n.Tag)
	}
}

func scalar(n *yaml.Node) (any, error) {
	switch n.Tag {
	case "!!bool":
		return n.Value == "true", nil
	case "!!int", "!!float":
		number := json.RawMessage(n.Value)
		if !json.Valid(bytes.TrimSpace(number)) {
			return nil, fmt.Errorf("line %d: %s is no JSON number", n.Line, n.Value)
		}
		return number, nil
	}
	if at, err := local(n.Value); err == nil {
		return at.Format(time.RFC3339Nano), nil
	}
	return n.Value, nil
}

// moment reads a time in Asia/Ho_Chi_Minh without offset, or in RFC 3339 with one.
func moment(text string) (time.Time, error) {
	if at, err := local(text); err == nil {
		return at, nil
	}
	return time.Parse(time.RFC3339, text)
}

// local reads a time in Asia/Ho_Chi_Minh: a day, the hour and the minute, and if need be seconds.
func local(text string) (time.Time, error) {
	if regexp.MustCompile(`^\S{10} \d\d:\d\d$`).MatchString(text) {
		text += ":00"
	}
	return time.ParseInLocation(time.DateTime, text, schemas.Zone())
}
