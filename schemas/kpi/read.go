package kpi

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/binhphuoc/ioc/schemas"
)

// maxFile bounds the size of a KPI file.
const maxFile = 64 << 10

// maxLast bounds a sliding window: longer spans are calendar periods.
const maxLast = 7 * 24 * time.Hour

// read reads and checks one KPI file. Faults name it as shown.
func read(fsys fs.FS, file, shown string) (KPI, []error) {
	f := &faults{file: shown}
	raw, err := fs.ReadFile(fsys, file)
	switch {
	case err != nil:
		f.add(0, "", "%s", err)
	case len(raw) > maxFile:
		f.add(0, "", "is larger than %d bytes", maxFile)
	}
	if len(f.list) > 0 {
		return KPI{}, f.list
	}
	var doc yaml.Node
	if err := yaml.Load(raw, &doc); err != nil {
		line, problem := yamlFault(err)
		f.add(line, "", "%s", problem)
		return KPI{}, f.list
	}
	if len(doc.Content) != 1 {
		f.add(0, "", "is empty")
		return KPI{}, f.list
	}
	k := kpi(newSection(f, doc.Content[0], "",
		"id", "name", "period_name", "description", "pillar", "domain", "unit", "decimals", "better", "scale", "formula", "window",
		"targets", "warning", "alarm", "source", "stale_after"), shown)
	if len(f.list) > 0 {
		return KPI{}, f.list
	}
	return k, nil
}

// yamlFault returns the line and the problem of what the YAML library reports.
func yamlFault(err error) (int, string) {
	var one *yaml.LoadError
	var many *yaml.LoadErrors
	if errors.As(err, &many) && len(many.Errors) > 0 {
		one = many.Errors[0]
	}
	if one == nil && !errors.As(err, &one) {
		return 0, err.Error()
	}
	return one.Mark.Line, "no YAML: " + strings.TrimPrefix(one.Message, "yaml: ")
}

func kpi(s section, file string) KPI {
	k := KPI{
		ID:          s.id(file),
		File:        file,
		Name:        s.bilingual("name"),
		PeriodName:  s.periodName(),
		Description: s.bilingual("description"),
		Pillar:      s.oneOf("pillar", "digital_government", "digital_economy", "digital_society", "platform"),
		Domain:      s.required("domain"),
		Unit:        s.text("unit"),
		Decimals:    s.decimals(),
		Better:      s.oneOf("better", "up", "down", "none"),
		Scale:       s.number("scale", 1),
		Window:      s.window(),
		Targets:     s.targets(),
		Warning:     s.bound("warning"),
		Alarm:       s.bound("alarm"),
		Source:      s.required("source"),
		StaleAfter:  s.duration("stale_after"),
	}
	if k.PeriodName == (schemas.Text{}) {
		k.PeriodName = k.Name
	}
	if k.Scale <= 0 {
		s.fault("scale", "must be greater than 0")
	}
	if sub, ok := s.sub("formula", "kind", "of", "at", "where", "numerator", "value", "weight", "quantile", "across",
		"indicator"); ok {
		k.Formula = formula(sub)
	}
	if len(s.faults.list) == 0 {
		s.checkTogether(k)
	}
	return k
}

// id returns the KPI's id, which is the file's name too.
func (s section) id(file string) string {
	id := s.required("id")
	switch {
	case id == "":
	case !regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_]+)+$`).MatchString(id):
		s.fault("id", "%q is no id such as hotline.waiting: parts of a-z, 0-9 and _ with points between them", id)
	case id+extension != path.Base(file):
		s.fault("id", "%s must stand in a file of its own, named %s%s", id, id, extension)
	}
	return id
}

// periodName is the name in a report; the zero Text when the key is absent.
func (s section) periodName() schemas.Text {
	if !s.has("period_name") {
		return schemas.Text{}
	}
	return s.bilingual("period_name")
}

func (s section) decimals() int {
	const most = 6
	n, err := strconv.Atoi(s.required("decimals"))
	if s.has("decimals") && (err != nil || n < 0 || n > most) {
		s.fault("decimals", "must be a whole number from 0 to %d", most)
	}
	return n
}

// window reads a span of time.
func (s section) window() Window {
	w := Window{Text: s.required("window")}
	last, err := time.ParseDuration(w.Text)
	switch {
	case w.Text == "" || w.Text == "now":
	case w.Text == "today":
		w.Calendar = "day"
	case slices.Contains([]string{"week", "month", "quarter", "year"}, w.Text):
		w.Calendar = w.Text
	case err != nil:
		s.fault("window", "%q is none of now, today, week, month, quarter, year, and no number of minutes or hours such as 15m",
			w.Text)
	case last < time.Minute || last > maxLast || last%time.Minute != 0:
		s.fault("window", "%q must be whole minutes, from 1m to %.0fh", w.Text, maxLast.Hours())
	default:
		w.Last = last
	}
	return w
}

// targets reads the targets, which follow each other in time.
func (s section) targets() []Target {
	n := s.values["targets"]
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		s.fault("targets", "must be a list")
		return nil
	}
	var out []Target
	for i, item := range n.Content {
		sub := newSection(s.faults, item, fmt.Sprintf("targets[%d].", i), "from", "until", "value", "source", "by", "baseline")
		t := Target{Until: sub.date("until"), Value: sub.requiredNumber("value"), Source: sub.required("source"), By: sub.date("by")}
		from := sub.date("from")
		switch {
		case !sub.has("from"):
			sub.fault("from", "is missing")
		case from == nil:
		case t.Until != nil && !t.Until.After(*from):
			sub.fault("until", "must be after from")
		case len(out) > 0 && !from.After(out[len(out)-1].From),
			len(out) > 0 && out[len(out)-1].Until != nil && from.Before(*out[len(out)-1].Until):
			sub.fault("from", "must not be before the end of the target above it")
		case t.By != nil && t.By.Before(*from):
			sub.fault("by", "must not be before from")
		default:
			t.From = *from
			t.Baseline = sub.baseline(t)
			out = append(out, t)
		}
	}
	return out
}

// baseline reads where the way to a target began; nil when the key is absent.
func (s section) baseline(t Target) *Baseline {
	if !s.has("baseline") {
		return nil
	}
	if t.By == nil {
		s.fault("baseline", "needs by: without a date to reach it, there is no way to the target")
		return nil
	}
	sub, ok := s.sub("baseline", "value", "at")
	if !ok {
		return nil
	}
	b := &Baseline{Value: sub.requiredNumber("value")}
	switch at := sub.date("at"); {
	case !sub.has("at"):
		sub.fault("at", "is missing")
	case at == nil:
	case at.After(*t.By):
		sub.fault("at", "must not be after by")
	default:
		b.At = *at
	}
	return b
}

// bound reads a limit; nil when the key is absent.
func (s section) bound(key string) *Bound {
	if !s.has(key) {
		return nil
	}
	sub, ok := s.sub(key, "enter", "leave")
	if !ok {
		return nil
	}
	return &Bound{Enter: sub.requiredNumber("enter"), Leave: sub.requiredNumber("leave")}
}

// checkTogether checks what no single key tells, of keys that are good each by itself.
func (s section) checkTogether(k KPI) {
	sh := shapeOf(k.Formula.Kind)
	switch {
	case sh.now && k.Window.Text != "now":
		s.fault("window", "must be now: the kind %s says how things stand at this moment", k.Formula.Kind)
	case !sh.now && k.Window.Text == "now":
		s.fault("window", "can not be now: the kind %s needs a span of time", k.Formula.Kind)
	}
	if sh.share && (k.Unit == "%") != (k.Scale == 100) {
		s.fault("scale", "a share has the scale 100 and the unit %%, or neither")
	}
	s.checkBounds(k)
}

// checkBounds checks that the bounds lie on the bad side, the alarm beyond the warning.
func (s section) checkBounds(k KPI) {
	sign := 1.0 // makes greater worse
	if k.lowIsBad() {
		sign = -1
	}
	for _, key := range []string{"warning", "alarm"} {
		b := map[string]*Bound{"warning": k.Warning, "alarm": k.Alarm}[key]
		switch {
		case b == nil:
		case k.Better == "none" && b.Enter == b.Leave:
			s.fault(key, "enter and leave must differ where better is none: they tell which side is bad")
		case sign*b.Leave > sign*b.Enter:
			s.fault(key, "leave must be on the good side of enter")
		}
	}
	if k.Warning == nil || k.Alarm == nil {
		return
	}
	if sign*k.Alarm.Enter <= sign*k.Warning.Enter || sign*k.Alarm.Leave < sign*k.Warning.Leave {
		s.fault("alarm", "must be beyond the warning")
	}
}
