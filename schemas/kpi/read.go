package kpi

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/yamlfile"
)

// maxLast bounds a sliding window: longer spans are calendar periods.
const maxLast = 7 * 24 * time.Hour

// read reads and checks one KPI file. Faults name it as shown.
func read(fsys fs.FS, file, shown string) (KPI, []error) {
	return yamlfile.Read(fsys, file, shown, func(s yamlfile.Section) KPI { return kpi(section{s}, shown) },
		"id", "name", "period_name", "description", "pillar", "domain", "unit", "decimals", "better", "scale", "formula", "window",
		"targets", "warning", "alarm", "change", "source", "stale_after")
}

// section is one mapping of a KPI file.
type section struct{ yamlfile.Section }

func kpi(s section, file string) KPI {
	k := KPI{
		ID:          s.id(file),
		File:        file,
		Name:        s.Bilingual("name"),
		PeriodName:  s.periodName(),
		Description: s.Bilingual("description"),
		Pillar:      s.OneOf("pillar", "digital_government", "digital_economy", "digital_society", "platform"),
		Domain:      s.Required("domain"),
		Unit:        s.Text("unit"),
		Decimals:    s.decimals(),
		Better:      s.OneOf("better", "up", "down", "none"),
		Scale:       s.Number("scale", 1),
		Window:      s.window(),
		Targets:     s.targets(),
		Warning:     s.bound("warning"),
		Alarm:       s.bound("alarm"),
		Change:      s.change(),
		Source:      s.Required("source"),
		StaleAfter:  s.Duration("stale_after"),
	}
	if k.PeriodName == (schemas.Text{}) {
		k.PeriodName = k.Name
	}
	if k.Scale <= 0 {
		s.Fault("scale", "must be greater than 0")
	}
	if sub, ok := s.Sub("formula", "kind", "of", "at", "where", "numerator", "value", "weight", "quantile", "across",
		"indicator", "scorecard"); ok {
		k.Formula = formula(section{sub})
	}
	if len(s.Faults().List()) == 0 {
		s.checkTogether(k)
	}
	return k
}

// id returns the KPI's id, which is the file's name too.
func (s section) id(file string) string {
	id := s.Required("id")
	switch {
	case id == "":
	case !regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_]+)+$`).MatchString(id):
		s.Fault("id", "%q is no id such as hotline.waiting: parts of a-z, 0-9 and _ with points between them", id)
	case id+yamlfile.Extension != path.Base(file):
		s.Fault("id", "%s must stand in a file of its own, named %s%s", id, id, yamlfile.Extension)
	}
	return id
}

// periodName is the name in a report; the zero Text when the key is absent.
func (s section) periodName() schemas.Text {
	if !s.Has("period_name") {
		return schemas.Text{}
	}
	return s.Bilingual("period_name")
}

func (s section) decimals() int {
	const most = 6
	n, err := strconv.Atoi(s.Required("decimals"))
	if s.Has("decimals") && (err != nil || n < 0 || n > most) {
		s.Fault("decimals", "must be a whole number from 0 to %d", most)
	}
	return n
}

// window reads a span of time.
func (s section) window() Window {
	w := Window{Text: s.Required("window")}
	last, err := time.ParseDuration(w.Text)
	switch {
	case w.Text == "" || w.Text == "now":
	case w.Text == "today":
		w.Calendar = "day"
	case slices.Contains([]string{"week", "month", "quarter", "year"}, w.Text):
		w.Calendar = w.Text
	case err != nil:
		s.Fault("window", "%q is none of now, today, week, month, quarter, year, and no number of minutes or hours such as 15m",
			w.Text)
	case last < time.Minute || last > maxLast || last%time.Minute != 0:
		s.Fault("window", "%q must be whole minutes, from 1m to %.0fh", w.Text, maxLast.Hours())
	default:
		w.Last = last
	}
	return w
}

// targets reads the targets, which follow each other in time.
func (s section) targets() []Target {
	var out []Target
	for _, item := range s.Items("targets", "from", "until", "value", "source", "by", "baseline") {
		sub := section{item}
		t := Target{Until: sub.Date("until"), Value: sub.RequiredNumber("value"), Source: sub.Required("source"), By: sub.Date("by")}
		from := sub.Date("from")
		switch {
		case !sub.Has("from"):
			sub.Fault("from", "is missing")
		case from == nil:
		case t.Until != nil && !t.Until.After(*from):
			sub.Fault("until", "must be after from")
		case len(out) > 0 && !from.After(out[len(out)-1].From),
			len(out) > 0 && out[len(out)-1].Until != nil && from.Before(*out[len(out)-1].Until):
			sub.Fault("from", "must not be before the end of the target above it")
		case t.By != nil && t.By.Before(*from):
			sub.Fault("by", "must not be before from")
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
	if !s.Has("baseline") {
		return nil
	}
	if t.By == nil {
		s.Fault("baseline", "needs by: without a date to reach it, there is no way to the target")
		return nil
	}
	sub, ok := s.Sub("baseline", "value", "at")
	if !ok {
		return nil
	}
	b := &Baseline{Value: sub.RequiredNumber("value")}
	switch at := sub.Date("at"); {
	case !sub.Has("at"):
		sub.Fault("at", "is missing")
	case at == nil:
	case at.After(*t.By):
		sub.Fault("at", "must not be after by")
	default:
		b.At = *at
	}
	return b
}

// checkTogether checks what no single key tells, of keys that are good each by itself.
func (s section) checkTogether(k KPI) {
	sh := shapeOf(k.Formula.Kind)
	switch {
	case sh.now && k.Window.Text != "now":
		s.Fault("window", "must be now: the kind %s says how things stand at this moment", k.Formula.Kind)
	case !sh.now && k.Window.Text == "now":
		s.Fault("window", "can not be now: the kind %s needs a span of time", k.Formula.Kind)
	}
	if k.Formula.Kind == KindAirQuality && k.Window.Last != AirWindow {
		s.Fault("window", "must be %.0fh: so far the index looks back", AirWindow.Hours())
	}
	if sh.share && (k.Unit == "%") != (k.Scale == 100) {
		s.Fault("scale", "a share has the scale 100 and the unit %%, or neither")
	}
	if k.Change != nil && k.Window.Calendar != "" {
		s.Fault("change", "can not be: the window %s begins anew, and the value with it", k.Window.Text)
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
			s.Fault(key, "enter and leave must differ where better is none: they tell which side is bad")
		case sign*b.Leave > sign*b.Enter:
			s.Fault(key, "leave must be on the good side of enter")
		}
	}
	if k.Warning == nil || k.Alarm == nil {
		return
	}
	if sign*k.Alarm.Enter <= sign*k.Warning.Enter || sign*k.Alarm.Leave < sign*k.Warning.Leave {
		s.Fault("alarm", "must be beyond the warning")
	}
	if w, a := k.Warning.Alert.Priority, k.Alarm.Alert.Priority; w != 0 && w < a {
		s.Fault("alarm", "can not be less urgent than the warning, whose priority is %d", w)
	}
}
