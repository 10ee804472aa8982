package kpi

import (
	"encoding/binary"
	"hash/fnv"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/yamlfile"
)

// shape says which keys a formula of a kind must and may have, besides kind, and what it can count.
type shape struct {
	need, may []string
	of        func(of string) bool
	now       bool // it says how things stand at this moment: its window is now
	share     bool // its value is between 0 and 1
}

func kinds() []string {
	return []string{
		string(KindCount), string(KindSum), string(KindRate), string(KindRatio), string(KindAverage), string(KindQuantile),
		string(KindStanding), string(KindStandingRatio), string(KindLast), string(KindSumPerSource), string(KindAirQuality),
		string(KindUp), string(KindDown), string(KindFigure), string(KindFeed), string(KindScore),
	}
}

func shapeOf(k Kind) shape {
	everything := func(string) bool { return true }
	// A camera or a sensor stands by its last word, which up and down ask for; a figure stands for its period.
	stands := func(of string) bool {
		return !measured(of) && of != OfRejected && of != string(schemas.TypeFigure)
	}
	source := func(of string) bool { return schemas.Type(of).Measured() }
	reading := func(of string) bool { return of == string(schemas.TypeReading) }
	switch k {
	case KindCount:
		return shape{need: []string{"of", "at"}, may: []string{"where"}, of: everything}
	case KindSum, KindRate:
		return shape{need: []string{"of", "at", "value"}, may: []string{"where"}, of: everything}
	case KindRatio:
		return shape{need: []string{"of", "at", "numerator"}, may: []string{"where"}, of: everything, share: true}
	case KindAverage:
		return shape{need: []string{"of", "at", "value"}, may: []string{"where", "weight"}, of: everything}
	case KindQuantile:
		return shape{need: []string{"of", "at", "value", "quantile"}, may: []string{"where"}, of: everything}
	case KindStanding:
		return shape{need: []string{"of"}, may: []string{"where"}, of: stands, now: true}
	case KindStandingRatio:
		return shape{need: []string{"of", "numerator"}, may: []string{"where"}, of: stands, now: true, share: true}
	case KindLast, KindSumPerSource:
		return shape{need: []string{"of", "value", "across"}, may: []string{"where"}, of: reading}
	case KindAirQuality:
		return shape{need: []string{"of", "across"}, of: reading}
	case KindUp:
		return shape{need: []string{"of"}, may: []string{"where"}, of: source, now: true, share: true}
	case KindDown:
		return shape{need: []string{"of"}, may: []string{"where"}, of: source, now: true}
	case KindFigure:
		return shape{need: []string{"indicator"}, may: []string{"value"}, now: true}
	case KindFeed:
		return shape{now: true, share: true}
	case KindScore:
		return shape{need: []string{"scorecard"}}
	default:
		return shape{}
	}
}

// formula reads and checks a formula. It returns the zero Formula when something is wrong.
func formula(s section) Formula {
	before := len(s.Faults().List())
	f := Formula{Kind: Kind(s.OneOf("kind", kinds()...))}
	if len(s.Faults().List()) > before {
		return Formula{}
	}
	sh := shapeOf(f.Kind)
	s.checkKeys(f.Kind, sh)
	f.Of = s.Text("of")
	if f.Kind == KindFigure {
		f.Of = string(schemas.TypeFigure)
	}
	fields := fieldsFor(f.Kind, f.Of)
	switch {
	case s.Has("of") && fields == nil:
		s.Fault("of", "%q is none of %s%s", f.Of, strings.Join(things(), ", "), yamlfile.Meant(f.Of, things()))
	case s.Has("of") && sh.of != nil && !sh.of(f.Of):
		s.Fault("of", "the kind %s can not count %s", f.Kind, f.Of)
	}
	if len(s.Faults().List()) > before {
		return Formula{} // without its fields, the expressions can not be judged
	}
	f.At = s.at(f.Of, fields)
	standing := f.Kind == KindStanding || f.Kind == KindStandingRatio
	f.Where = s.expr("where", fields, standing, TypeBool)
	f.Numerator = s.expr("numerator", fields, standing, TypeBool)
	f.Value = s.expr("value", fields, standing, TypeNumber)
	f.Weight = s.expr("weight", fields, standing, TypeNumber)
	f.Quantile = s.Number("quantile", 0)
	if s.Has("quantile") && (f.Quantile <= 0 || f.Quantile >= 1) {
		s.Fault("quantile", "must be between 0 and 1, such as 0.95")
	}
	if s.Has("across") {
		f.Across = s.OneOf("across", "mean", "min", "max", "sum")
	}
	f.Indicator = s.Text("indicator")
	f.Scorecard = s.Text("scorecard")
	f.Definition = f.definition()
	return f
}

// checkKeys reports the keys that the kind needs and has not, and those that it does not know.
func (s section) checkKeys(k Kind, sh shape) {
	for _, key := range sh.need {
		if s.Text(key) == "" {
			s.Fault(key, "is missing; the kind %s needs it", k)
		}
	}
	for _, key := range s.Keys() {
		if key != "kind" && !slices.Contains(sh.need, key) && !slices.Contains(sh.may, key) {
			s.Fault(key, "the kind %s takes no %s", k, key)
		}
	}
}

// fieldsFor returns the fields that the expressions of a formula can name.
func fieldsFor(k Kind, of string) map[string]FieldType {
	fields := Fields(of)
	var known []string
	switch k {
	case KindUp, KindDown:
		known = []string{"source", "domain", "status"} // of a source, its last word
	case KindLast, KindSumPerSource:
		known = []string{"source", "domain", "metric", "value"} // of a minute, the newest value or the sum
	default:
		return fields
	}
	maps.DeleteFunc(fields, func(name string, _ FieldType) bool { return !slices.Contains(known, name) })
	return fields
}

// at returns the field that places things in time.
func (s section) at(of string, fields map[string]FieldType) string {
	if !s.Has("at") {
		return ""
	}
	var choices []string
	switch {
	case measured(of):
		choices = []string{"time"}
	case of == OfRejected:
		choices = []string{"arrived"}
	default:
		for name, t := range fields {
			if t.Is == TypeTime {
				choices = append(choices, name)
			}
		}
		slices.Sort(choices)
	}
	if len(choices) == 0 {
		s.Fault("at", "%s has no time to be placed by", of)
		return ""
	}
	return s.OneOf("at", choices...)
}

// definition hashes all that decides what a rollup of this formula holds.
func (f Formula) definition() uint64 {
	h := fnv.New64a()
	parts := []string{
		string(f.Kind), f.Of, f.At, f.Where.Text, f.Numerator.Text, f.Value.Text, f.Weight.Text, f.Across, f.Indicator,
	}
	if f.Scorecard != "" { // a part that others lack must not change theirs: their rollups would be made again
		parts = append(parts, f.Scorecard)
	}
	for _, part := range parts {
		// The length keeps neighbours apart. Writing to a hash never fails.
		_ = binary.Write(h, binary.BigEndian, uint64(len(part)))
		_, _ = io.WriteString(h, part)
	}
	_ = binary.Write(h, binary.BigEndian, math.Float64bits(f.Quantile))
	return h.Sum64()
}
