package kpi

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/binhphuoc/ioc/schemas/yamlfile"
)

func TestBuiltin(t *testing.T) {
	c, errs := Builtin()
	for _, err := range errs {
		t.Error(err)
	}
	kinds := map[Kind]bool{}
	definitions := map[uint64]string{}
	for _, k := range c.KPIs {
		kinds[k.Formula.Kind] = true
		// A wall's tile has one line for the name.
		if n := utf8.RuneCountInString(k.Name.VI); n > 34 || !norm.NFC.IsNormalString(k.Name.VI) {
			t.Errorf("%s: the name %q is too long (%d) or not in NFC", k.ID, k.Name.VI, n)
		}
		if k.Description.VI == k.Description.EN || k.Name.VI == k.Name.EN {
			t.Errorf("%s: is not in two languages", k.ID)
		}
		if other, ok := definitions[k.Formula.Definition]; ok {
			t.Errorf("%s and %s have the same formula", k.ID, other)
		}
		definitions[k.Formula.Definition] = k.ID
		// What is asked whether it is up has a value because it is silent: stale would hide the alarm.
		if (k.Formula.Kind == KindUp || k.Formula.Kind == KindDown || k.Formula.Kind == KindFeed) && k.StaleAfter != 0 {
			t.Errorf("%s: must not get stale", k.ID)
		}
	}
	if len(c.KPIs) < 35 {
		t.Errorf("only %d KPIs", len(c.KPIs))
	}
	for _, k := range []Kind{
		KindCount, KindRate, KindRatio, KindAverage, KindQuantile, KindStanding, KindStandingRatio,
		KindLast, KindSumPerSource, KindAirQuality, KindUp, KindDown, KindFigure, KindFeed, KindScore,
	} {
		if !kinds[k] {
			t.Errorf("no KPI of the kind %s", k)
		}
	}
}

func TestByID(t *testing.T) {
	c, _ := Builtin()
	for _, want := range c.KPIs {
		if got, ok := c.ByID(want.ID); !ok || got.ID != want.ID {
			t.Errorf("ByID(%s) = %s, %v", want.ID, got.ID, ok)
		}
	}
	if _, ok := c.ByID("hotline"); ok {
		t.Error("found a KPI that is not there")
	}
}

func TestTargetAt(t *testing.T) {
	day := func(s string) time.Time {
		out, err := time.Parse(time.RFC3339, s+"T00:00:00+07:00")
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	k, errs := readText(t, strings.Replace(good, "targets: []", `targets:
  - { from: 2025-01-01, until: 2026-01-01, value: 80, source: A }
  - { from: 2026-04-01, value: 85, source: B }
  - { from: 2027-01-01, value: 90, source: C }`, 1))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	for _, tt := range []struct {
		at   time.Time
		want string // source
	}{
		{day("2025-01-01").Add(-time.Second), ""},
		{day("2025-01-01"), "A"}, // midnight in Viet Nam, not in Greenwich
		{day("2026-01-01").Add(-time.Second), "A"},
		{day("2026-01-01"), ""},
		{day("2026-04-01"), "B"},
		{day("2027-01-01").Add(-time.Second), "B"},
		{day("2040-01-01"), "C"},
	} {
		if got, ok := k.TargetAt(tt.at); ok != (tt.want != "") || ok && got.Source != tt.want {
			t.Errorf("at %s: %q, %v; want %q", tt.at, got.Source, ok, tt.want)
		}
	}
}

// good is a KPI file with a line for each key.
const good = `id: a.b
name: { vi: Tên, en: Name }
description: { vi: Mô tả, en: Description }
pillar: digital_society
domain: a
unit: "%"
decimals: 1
better: up
scale: 100
formula:
  kind: ratio
  of: dossier
  at: completed_at
  where: status == "completed"
  numerator: completed_at <= due_at
window: month
targets: []
warning: { enter: 90, leave: 92 }
alarm: { enter: 80, leave: 82 }
source: Us
stale_after: 2m
`

func readText(t *testing.T, text string) (KPI, []error) {
	t.Helper()
	return read(fstest.MapFS{"c/a.b.yaml": {Data: []byte(text)}}, "c/a.b.yaml", "c/a.b.yaml")
}

func TestReadGood(t *testing.T) {
	k, errs := readText(t, good)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	f := k.Formula
	if k.ID != "a.b" || k.File != "c/a.b.yaml" || k.Name.VI != "Tên" || k.Scale != 100 || k.StaleAfter != 2*time.Minute ||
		k.Window != (Window{Text: "month", Calendar: "month"}) || *k.Warning != (Bound{Enter: 90, Leave: 92}) {
		t.Errorf("got %+v", k)
	}
	if f.Kind != KindRatio || f.Of != "dossier" || f.At != "completed_at" || f.Where.Text != `status == "completed"` ||
		f.Where.Node == nil || f.Numerator.Node == nil || f.Value.Node != nil {
		t.Errorf("got %+v", f)
	}
	defaults, errs := readText(t, strings.NewReplacer("scale: 100\n", "", `unit: "%"`+"\n", "", "month", "15m", "stale_after: 2m", "").
		Replace(good))
	if len(errs) > 0 || defaults.Scale != 1 || defaults.StaleAfter != 0 || defaults.Window.Last != 15*time.Minute {
		t.Errorf("got %+v, %v", defaults, errs)
	}
	if defaults.Formula.Definition != f.Definition {
		t.Error("another window must not make rollups void")
	}
	other, _ := readText(t, strings.Replace(good, "<= due_at", "< due_at", 1))
	if other.Formula.Definition == f.Definition {
		t.Error("another numerator must make rollups void")
	}
}

func TestReadAlerts(t *testing.T) {
	k, errs := readText(t, strings.NewReplacer("window: month", "window: 15m", "leave: 92 }", "leave: 92, priority: 3, delay: 2m }",
		"source: Us", "change: { direction: fall, enter: 5, leave: 2, within: 10m, delay: 30s, clear_delay: 1m }\nsource: Us").Replace(good))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if want := (Alert{Priority: 3, Delay: 2 * time.Minute, ClearDelay: 2 * time.Minute}); k.Warning.Alert != want {
		t.Errorf("the warning is %+v", k.Warning.Alert)
	}
	if want := (Alert{Priority: 2}); k.Alarm.Alert != want {
		t.Errorf("the alarm is %+v", k.Alarm.Alert)
	}
	c := *k.Change
	if want := (Change{Enter: 5, Leave: 2, Within: 10 * time.Minute, Fall: true, Alert: Alert{Priority: 2, Delay: 30 * time.Second, ClearDelay: time.Minute}}); c != want {
		t.Errorf("the change is %+v", c)
	}
	if c.Moved(90, 84) != 6 || (Change{}).Moved(90, 84) != -6 {
		t.Error("it moves to the wrong side")
	}
}

// Each case makes one or more replacements in the good file, and tells all that has to be said about it.
func TestReadBad(t *testing.T) {
	tests := []struct {
		name    string
		replace []string
		want    []string
	}{
		{
			"misspelt field",
			[]string{"completed_at <=", "completd_at <="},
			[]string{"c/a.b.yaml:15: formula.numerator: unknown field completd_at (did you mean completed_at?)"},
		},
		{
			"misspelt key",
			[]string{"better: up", "beter: up"},
			[]string{"c/a.b.yaml:8: beter: unknown key (did you mean better?)", "c/a.b.yaml:1: better: is missing"},
		},
		{
			"misspelt key of the formula",
			[]string{"numerator:", "numertor:"},
			[]string{"c/a.b.yaml:15: formula.numertor: unknown key (did you mean numerator?)"},
		},
		{
			"key twice",
			[]string{"scale: 100", "unit: h"},
			[]string{"c/a.b.yaml:9: unit: is there twice, first in line 6"},
		},
		{
			"id of another file",
			[]string{"id: a.b", "id: a.c"},
			[]string{"c/a.b.yaml:1: id: a.c must stand in a file of its own, named a.c.yaml"},
		},
		{
			"id without a point",
			[]string{"id: a.b", "id: A"},
			[]string{`c/a.b.yaml:1: id: "A" is no id such as hotline.waiting: parts of a-z, 0-9 and _ with points between them`},
		},
		{
			"bounds that make no good alarms",
			[]string{"leave: 92 }", "leave: 92, delay: 1m }", "leave: 82 }", "leave: 82, priority: 5, clear_delay: 25h }"},
			[]string{
				"c/a.b.yaml:18: warning.delay: needs priority: without one there is no alarm to delay",
				"c/a.b.yaml:19: alarm.clear_delay: must be at most 24h",
				"c/a.b.yaml:19: alarm.priority: must be a whole number from 1 (the most urgent) to 4",
			},
		},
		{
			"an alarm that is less urgent than the warning",
			[]string{"leave: 92 }", "leave: 92, priority: 1 }"},
			[]string{"c/a.b.yaml:19: alarm: can not be less urgent than the warning, whose priority is 1"},
		},
		{
			"a change of what begins anew",
			[]string{"source: Us", "change: { direction: fall, enter: 5, within: 10m }\nsource: Us"},
			[]string{"c/a.b.yaml:20: change: can not be: the window month begins anew, and the value with it"},
		},
		{
			"a change that says nothing",
			[]string{"window: month", "window: 15m", "source: Us", "change: { direction: down, enter: 0, leave: 2, within: 90s }\nsource: Us"},
			[]string{
				`c/a.b.yaml:20: change.direction: "down" is none of rise, fall`,
				"c/a.b.yaml:20: change.within: must be whole minutes, from 1m to 24h",
				"c/a.b.yaml:20: change.enter: must be greater than 0: by how much the value moves, to the side of direction",
				"c/a.b.yaml:20: change.leave: must lie between 0 and enter",
			},
		},
		{"one language", []string{", en: Name", ""}, []string{"c/a.b.yaml:2: name.en: is missing"}},
		{"empty text", []string{"vi: Tên", "vi: ' '"}, []string{"c/a.b.yaml:2: name.vi: is empty"}},
		{"null", []string{"source: Us", "source: null"}, []string{"c/a.b.yaml:1: source: is missing"}},
		{"no text", []string{"vi: Tên", "vi: [Tên]"}, []string{"c/a.b.yaml:2: name.vi: must be a text"}},
		{
			"no mapping",
			[]string{"name: { vi: Tên, en: Name }", "name: Tên"},
			[]string{"c/a.b.yaml:2: name: must be a mapping with the keys vi, en"},
		},
		{
			"alias",
			[]string{"domain: a", "domain: &x a", "source: Us", "source: *x"},
			[]string{"c/a.b.yaml:20: source: aliases are not allowed", "c/a.b.yaml:1: source: is missing"},
		},
		{
			"unknown pillar",
			[]string{"digital_society", "digital_societies"},
			[]string{`c/a.b.yaml:4: pillar: "digital_societies" is none of digital_government, digital_economy, digital_society, platform (did you mean digital_society?)`},
		},
		{
			"decimals",
			[]string{"decimals: 1", "decimals: 7"},
			[]string{"c/a.b.yaml:7: decimals: must be a whole number from 0 to 6"},
		},
		{
			"scale",
			[]string{"scale: 100", "scale: .nan"},
			[]string{`c/a.b.yaml:9: scale: ".nan" is no finite number`},
		},
		{
			"share without its unit",
			[]string{`unit: "%"`, "unit: h"},
			[]string{"c/a.b.yaml:9: scale: a share has the scale 100 and the unit %, or neither"},
		},
		{
			"no scale",
			[]string{"scale: 100", "scale: 0", `unit: "%"`, "unit: h"},
			[]string{"c/a.b.yaml:9: scale: must be greater than 0"},
		},
		{
			"kind",
			[]string{"kind: ratio", "kind: ration"},
			[]string{`c/a.b.yaml:11: formula.kind: "ration" is none of ` + strings.Join(kinds(), ", ") + " (did you mean ratio?)"},
		},
		{
			"of",
			[]string{"of: dossier", "of: dosier"},
			[]string{`c/a.b.yaml:12: formula.of: "dosier" is none of ` + strings.Join(things(), ", ") + " (did you mean dossier?)"},
		},
		{
			"key that the kind lacks",
			[]string{"  numerator: completed_at <= due_at\n", ""},
			[]string{"c/a.b.yaml:11: formula.numerator: is missing; the kind ratio needs it"},
		},
		{
			"key that the kind does not take",
			[]string{"kind: ratio", "kind: count", `unit: "%"`, "unit: h"},
			[]string{"c/a.b.yaml:15: formula.numerator: the kind count takes no numerator"},
		},
		{
			"kind that can not count it",
			[]string{"of: dossier", "of: camera", "kind: ratio", "kind: standing_ratio", "  at: completed_at\n", "", "window: month", "window: now"},
			[]string{"c/a.b.yaml:12: formula.of: the kind standing_ratio can not count camera"},
		},
		{
			"at",
			[]string{"at: completed_at", "at: status"},
			[]string{`c/a.b.yaml:13: formula.at: "status" is none of completed_at, due_at, received_at, time`},
		},
		{
			"field that is not kept of a source",
			[]string{"of: dossier", "of: camera", "kind: ratio", "kind: up", "  at: completed_at\n", "", "status ==", "fps > 1 and status ==", "  numerator: completed_at <= due_at\n", "", "window: month", "window: now"},
			[]string{"c/a.b.yaml:13: formula.where: unknown field fps"},
		},
		{
			"at of a figure",
			[]string{"of: dossier", "of: figure", "at: completed_at", "at: time", "where: status == \"completed\"", "where: period == \"2026\"", "completed_at <= due_at", "value > 1"},
			[]string{"c/a.b.yaml:13: formula.at: figure has no time to be placed by"},
		},
		{
			"no formula",
			[]string{"formula:", "formula: 3\nx:"},
			[]string{"c/a.b.yaml:11: x: unknown key", "c/a.b.yaml:10: formula: must be a mapping with the keys kind, of, at, where, numerator, value, weight, quantile, across, indicator, scorecard"},
		},
		{
			"now in a bucket",
			[]string{"where: status == \"completed\"", "where: due_at < now"},
			[]string{"c/a.b.yaml:14: formula.where: now is known only to standing and standing_ratio: a bucket of time has no now"},
		},
		{
			"line of a block",
			[]string{"where: status == \"completed\"", "where: |\n    status == \"completed\" and\n    lvel == 4"},
			[]string{"c/a.b.yaml:16: formula.where: unknown field lvel (did you mean level?)"},
		},
		{
			"window now",
			[]string{"window: month", "window: now"},
			[]string{"c/a.b.yaml:16: window: can not be now: the kind ratio needs a span of time"},
		},
		{
			"window",
			[]string{"window: month", "window: day"},
			[]string{`c/a.b.yaml:16: window: "day" is none of now, today, week, month, quarter, year, and no number of minutes or hours such as 15m`},
		},
		{
			"window of seconds",
			[]string{"window: month", "window: 90s"},
			[]string{`c/a.b.yaml:16: window: "90s" must be whole minutes, from 1m to 168h`},
		},
		{
			"bounds on the wrong side",
			[]string{"warning: { enter: 90, leave: 92 }", "warning: { enter: 90, leave: 88 }"},
			[]string{"c/a.b.yaml:18: warning: leave must be on the good side of enter"},
		},
		{
			"alarm before the warning",
			[]string{"alarm: { enter: 80, leave: 82 }", "alarm: { enter: 90, leave: 91 }"},
			[]string{"c/a.b.yaml:19: alarm: must be beyond the warning"},
		},
		{
			"bounds without a side",
			[]string{"better: up", "better: none", "enter: 90, leave: 92", "enter: 90, leave: 90", "enter: 80, leave: 82", "enter: 95, leave: 95"},
			[]string{"c/a.b.yaml:18: warning: enter and leave must differ where better is none: they tell which side is bad", "c/a.b.yaml:19: alarm: enter and leave must differ where better is none: they tell which side is bad"},
		},
		{
			"half a bound",
			[]string{"{ enter: 90, leave: 92 }", "{ enter: 90 }"},
			[]string{"c/a.b.yaml:18: warning.leave: is missing"},
		},
		{
			"stale_after",
			[]string{"stale_after: 2m", "stale_after: 2"},
			[]string{`c/a.b.yaml:21: stale_after: "2" is no length of time such as 90s, 15m or 2h`},
		},
		{"targets", []string{"targets: []", "targets: 20"}, []string{"c/a.b.yaml:17: targets: must be a list"}},
		{
			"target",
			[]string{"targets: []", "targets:\n  - { from: soon, value: x }"},
			[]string{`c/a.b.yaml:18: targets[0].value: "x" is no finite number`, "c/a.b.yaml:18: targets[0].source: is missing", `c/a.b.yaml:18: targets[0].from: "soon" is no day such as 2026-01-01`},
		},
		{
			"targets that overlap",
			[]string{"targets: []", "targets:\n  - { from: 2025-01-01, until: 2027-01-01, value: 1, source: A }\n  - { from: 2026-01-01, value: 1, source: B }\n  - { from: 2027-01-01, until: 2026-01-01, value: 1, source: C }"},
			[]string{"c/a.b.yaml:19: targets[1].from: must not be before the end of the target above it", "c/a.b.yaml:20: targets[2].until: must be after from"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := good
			for i := 0; i < len(tt.replace); i += 2 {
				if !strings.Contains(text, tt.replace[i]) {
					t.Fatalf("the good file has no %q", tt.replace[i])
				}
				text = strings.Replace(text, tt.replace[i], tt.replace[i+1], 1)
			}
			_, errs := readText(t, text)
			if got, want := join(errs), strings.Join(tt.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestReadNoYAML(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      "c/a.b.yaml: no YAML: no documents in stream",
		"# nothing\n":                           "c/a.b.yaml: no YAML: no documents in stream",
		"id: [a\nx: 1\n":                        "c/a.b.yaml:2: no YAML: ",
		"id: a.b\n---\nid: 2":                   "c/a.b.yaml: no YAML: expected single document, found multiple",
		"- 1\n":                                 "c/a.b.yaml:1: must be a mapping with the keys id, name,",
		"\xff":                                  "c/a.b.yaml: no YAML: invalid leading UTF-8 octet",
		strings.Repeat("#", yamlfile.MaxFile+1): "c/a.b.yaml: is larger than 65536 bytes",
	} {
		_, errs := readText(t, text)
		if len(errs) == 0 || !strings.HasPrefix(errs[0].Error(), want) {
			t.Errorf("%.20q: got %v, want %s…", text, errs, want)
		}
	}
}

// A bad file is refused, the others are there.
func TestLoad(t *testing.T) {
	file := func(id string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(strings.Replace(good, "id: a.b", "id: "+id, 1))}
	}
	fsys := fstest.MapFS{
		"c/z.a.yaml": file("z.a"), "c/a.b.yaml": file("a.b"), "c/m.b.yaml": {Data: []byte("id: m.b\n")}, "c/b.c.yml": file("b.c"),
		"c/.tmp.yaml": {}, "c/sub/x.y.yaml": {}, "c/README.md": {},
	}
	c, errs := Load(fsys, "c")
	var ids []string
	for _, k := range c.KPIs {
		ids = append(ids, k.ID)
	}
	if got := fmt.Sprint(ids); got != "[a.b z.a]" {
		t.Errorf("loaded %s", got)
	}
	var fault *Fault
	if len(errs) < 2 || !errors.As(errs[1], &fault) || fault.File != "c/m.b.yaml" || fault.Line != 1 {
		t.Errorf("errors %v", errs)
	}
	if got := errs[0].Error(); got != "c/b.c.yml: is not read: the names of KPI files end with .yaml" {
		t.Error(got)
	}
	if c, errs := Load(fsys, "absent"); len(c.KPIs) != 0 || len(errs) != 1 {
		t.Errorf("of an absent directory: %v, %v", c, errs)
	}
}

func join(errs []error) string {
	out := make([]string, len(errs))
	for i, err := range errs {
		out[i] = err.Error()
	}
	return strings.Join(out, "\n")
}

// Whatever a file holds: it is a KPI, or its faults are told, each with the file.
func FuzzLoad(f *testing.F) {
	entries, err := catalogueFiles.ReadDir("catalogue")
	if err != nil {
		f.Fatal(err)
	}
	for _, e := range entries {
		raw, err := catalogueFiles.ReadFile("catalogue/" + e.Name())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(good))
	f.Add([]byte("id: *x\nname: {<<: {}}\n? [a]\n: b\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		k, errs := read(fstest.MapFS{"a.b.yaml": {Data: raw}}, "a.b.yaml", "a.b.yaml")
		if len(errs) == 0 && (k.ID != "a.b" || shapeOf(k.Formula.Kind).need == nil && k.Formula.Kind != KindFeed) {
			t.Errorf("accepted as %+v", k)
		}
		for _, err := range errs {
			if !strings.HasPrefix(err.Error(), "a.b.yaml") {
				t.Errorf("does not name the file: %v", err)
			}
		}
	})
}

func TestTargetsHaveAWay(t *testing.T) {
	day := func(s string) time.Time {
		out, err := time.Parse(time.RFC3339, s+"T00:00:00+07:00")
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	k, errs := readText(t, strings.Replace(good, "targets: []", `targets:
  - { from: 2021-01-01, value: 20, by: 2025-12-31, baseline: { value: 10, at: 2021-01-01 }, source: A }
  - { from: 2026-01-01, value: 25, source: B }`, 1))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	first := k.Targets[0]
	if first.By == nil || first.Baseline == nil || !first.By.Equal(day("2025-12-31")) || !first.Baseline.At.Equal(day("2021-01-01")) {
		t.Fatalf("%+v", first)
	}
	for at, want := range map[string]float64{
		"2020-06-01": 10, "2021-01-01": 10,
		"2023-07-03": 15,               // 913 of 1826 days
		"2024-01-01": 10 + 10950./1826, // 1095 of 1826 days
		"2026-01-01": 20, "2027-01-01": 20,
	} {
		if got := first.Expected(*first.Baseline, day(at)); got < want-1e-9 || got > want+1e-9 {
			t.Errorf("expected at %s: %v, want %v", at, got, want)
		}
	}
	if got := k.Targets[1].Expected(Baseline{}, day("2026-07-01")); got != 25 {
		t.Errorf("a target that holds throughout asks for %v, want 25", got)
	}
	for text, want := range map[string]string{
		`- { from: 2026-01-01, value: 20, by: 2025-12-31, source: A }`:                                                      "by: must not be before from",
		`- { from: 2026-01-01, value: 20, by: soon, source: A }`:                                                            "no day such as",
		`- { from: 2026-01-01, value: 20, baseline: { value: 1, at: 2026-01-01 }, source: A }`:                              "baseline: needs by",
		`- { from: 2026-01-01, value: 20, by: 2026-12-31, baseline: { value: 1 }, source: A }`:                              "baseline.at: is missing",
		`- { from: 2026-01-01, value: 20, by: 2026-12-31, baseline: { value: 1, at: 2027-01-01 }, source: A }`:              "baseline.at: must not be after by",
		`- { from: 2026-01-01, value: 20, by: 2026-12-31, baseline: { at: 2026-01-01 }, source: A }`:                        "baseline.value: is missing",
		`- { from: 2026-01-01, value: 20, by: 2026-12-31, baseline: { value: 1, at: 2026-01-01, until: 2027 }, source: A }`: "unknown key",
	} {
		_, errs := readText(t, strings.Replace(good, "targets: []", "targets:\n  "+text, 1))
		if len(errs) != 1 || !strings.Contains(errs[0].Error(), want) || !strings.Contains(errs[0].Error(), ".yaml:") {
			t.Errorf("%s: %v, want one fault with %q, a file and a line", text, errs, want)
		}
	}
}
