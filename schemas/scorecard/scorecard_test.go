package scorecard

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/yamlfile"
)

func catalogue(t *testing.T) *kpi.Catalogue {
	t.Helper()
	c, errs := kpi.Builtin()
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return c
}

func TestBuiltin(t *testing.T) {
	list, errs := Builtin(catalogue(t))
	for _, err := range errs {
		t.Error(err)
	}
	want := map[string]map[string]float64{
		"index-766":    {"openness": 18, "progress": 20, "online": 12, "payment": 10, "satisfaction": 18, "digitisation": 22},
		"dti":          {"government": 400, "economy": 300, "society": 300},
		"digitisation": {},
	}
	for _, s := range list {
		groups, ok := want[s.ID]
		delete(want, s.ID)
		if !ok {
			t.Errorf("%s is not expected", s.ID)
		}
		for _, g := range s.Groups {
			if points, ok := groups[g.ID]; ok && points != g.Points {
				t.Errorf("%s: the group %s has %g points, want %g", s.ID, g.ID, g.Points, points)
			}
		}
	}
	for id := range want {
		t.Errorf("there is no scorecard %s", id)
	}
}

func TestPointsOfAValue(t *testing.T) {
	up := Criterion{Points: 15, Zero: 50, Full: 100}
	down := Criterion{Points: 10, Zero: 48, Full: 24} // hours: fewer are better
	for _, tt := range []struct {
		c           Criterion
		value, want float64
	}{
		{up, 100, 15}, {up, 120, 15}, {up, 50, 0}, {up, 0, 0}, {up, 75, 7.5}, {down, 24, 10}, {down, 12, 10}, {down, 48, 0}, {down, 36, 5},
	} {
		if got := tt.c.Reached(tt.value); got != tt.want {
			t.Errorf("%g gives %g points, want %g", tt.value, got, tt.want)
		}
	}
}

const good = `id: a
name: { vi: A, en: A }
description: { vi: A, en: A }
source: S
points: 10
known_least: 0.5
groups:
  - id: g
    name: { vi: G, en: G }
    points: 10
    source: S
    criteria:
      - id: one
        name: { vi: Một, en: One }
        points: 4
        kpi: dossier.on_time_rate
        full: 100
        zero: 0
        source: S
      - id: two
        name: { vi: Hai, en: Two }
        points: 6
        missing: { vi: Chưa có, en: None }
        source: S
`

func TestABadFileIsRefusedWithFileAndLine(t *testing.T) {
	c := catalogue(t)
	if _, errs := Load(fstest.MapFS{"d/a.yaml": {Data: []byte(good)}}, "d", c); len(errs) > 0 {
		t.Fatal(errs)
	}
	tests := []struct{ name, from, to, want string }{
		{"no YAML", "id: a", "id: [a", "d/a.yaml:2: no YAML"},
		{"nothing", good, "", "d/a.yaml: no YAML"},
		{"another name than its file", "id: a", "id: b", "d/a.yaml:1: id: b must stand"},
		{"a key that is unknown", "known_least", "known_last", "d/a.yaml:6: known_last: unknown key (did you mean known_least?)"},
		{"no English name", "{ vi: G, en: G }", "{ vi: G }", "d/a.yaml:9: groups[0].name.en: is missing"},
		{"a share over 1", "known_least: 0.5", "known_least: 50", "d/a.yaml:6: known_least: must be between"},
		{"points that are too few", "points: 4", "points: 3", "d/a.yaml:10: groups[0].points: the group has 10 points, but its criteria have 9 together"},
		{"groups that are too few", "points: 10", "points: 100", "d/a.yaml:5: points: the scorecard has 100 points, but its groups have 10 together"},
		{"negative points", "points: 4", "points: -4", "d/a.yaml:15: groups[0].criteria[0].points: must be greater"},
		{"an id twice", "id: two", "id: one", "d/a.yaml:20: groups[0].criteria[1].id: one is there twice"},
		{"a KPI that is misspelt", "on_time_rate", "on_time_rat", "d/a.yaml:16: groups[0].criteria[0].kpi: there is no KPI dossier.on_time_rat (did you mean dossier.on_time_rate?)"},
		{"a KPI that can't be compared", "dossier.on_time_rate", "dossier.received", "d/a.yaml:16: groups[0].criteria[0].kpi: dossier.received is of kind count"},
		{"a KPI of measurements", "dossier.on_time_rate", "air.pm25", "d/a.yaml:16: groups[0].criteria[0].kpi: air.pm25"},
		{"no value at all", "        kpi: dossier.on_time_rate\n", "", "d/a.yaml:13: groups[0].criteria[0].id: needs one of"},
		{"two values", "kpi: dossier.on_time_rate", "kpi: dossier.on_time_rate\n        figure: x", "needs one of"},
		{"a bound without a value", "missing: {", "full: 1\n        missing: {", "d/a.yaml:23: groups[0].criteria[1].full: stands only beside"},
		{"no bound", "        zero: 0\n", "", "d/a.yaml:13: groups[0].criteria[0].zero: is missing"},
		{"bounds that are one", "zero: 0", "zero: 100", "d/a.yaml:17: groups[0].criteria[0].full: must differ"},
		{"no source", "        source: S\n      - id: two", "      - id: two", "d/a.yaml:13: groups[0].criteria[0].source: is missing"},
		{"groups that are no list", good[strings.Index(good, "groups:"):], "groups: 1\n", "d/a.yaml:7: groups: must be a list"},
		{"no groups", good[strings.Index(good, "groups:"):], "", "d/a.yaml:1: groups: is missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, errs := Load(fstest.MapFS{"d/a.yaml": {Data: []byte(strings.Replace(good, tt.from, tt.to, 1))}}, "d", c)
			if len(list) > 0 {
				t.Error("it is accepted")
			}
			said := errors.Join(errs...)
			if said == nil || !strings.Contains(said.Error(), tt.want) {
				t.Errorf("got %v, want %q", said, tt.want)
			}
			var fault *yamlfile.Fault
			if !errors.As(said, &fault) {
				t.Errorf("%v is no fault with a line", said)
			}
		})
	}
}

func TestTheLastGoodFileStays(t *testing.T) {
	c := catalogue(t)
	builtin, errs := Load(fstest.MapFS{"d/b.yaml": {Data: []byte(strings.Replace(good, "id: a", "id: b", 1))}}, "d", c)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	dir := t.TempDir()
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "a.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := NewStore(builtin, dir, func() *kpi.Catalogue { return c })
	check := func(when string, faults int, want string) {
		t.Helper()
		if errs := s.Reload(); len(errs) != faults {
			t.Errorf("%s: %v, want %d faults", when, errs, faults)
		}
		var got []string
		for _, x := range s.Current() {
			got = append(got, x.ID+" "+x.Name.VI)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: %v, want %s", when, got, want)
		}
	}
	check("nothing", 0, "b A")
	put(strings.Replace(good, "vi: A", "vi: Mới", 1))
	check("one more", 0, "a Mới, b A")
	put("id: a\n")
	check("bad", 6, "a Mới, b A")
	if err := os.Remove(filepath.Join(dir, "a.yaml")); err != nil {
		t.Fatal(err)
	}
	check("gone", 0, "b A")
}
