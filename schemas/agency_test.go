package schemas

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func TestTheBuiltinAgenciesAreGood(t *testing.T) {
	r, err := BuiltinRegistry()
	if err != nil {
		t.Fatal(err)
	}
	a, err := BuiltinAgencies(r)
	if err != nil {
		t.Fatal(err)
	}
	if x, ok := a.Agency("ubnd-dong-xoai"); !ok || x.Kind != AgencyLocality || x.Centre != "dong-xoai" {
		t.Errorf("ubnd-dong-xoai is %+v", x)
	}
	for _, x := range a.List {
		for _, h := range x.Heads {
			if h.Name != Undeclared {
				t.Errorf("%s: the binary names a person, %s: names belong into the province's own file", x.Code, h.Name)
			}
		}
	}
}

func TestABadFileOfAgenciesIsRefusedWithFileAndLine(t *testing.T) {
	const good = `agencies:
  - code: a
    name: { vi: A, en: A }
    kind: department
    centre: province
    from: 2021-01-01
    to: 2026-07-01
    successor: b
    heads:
      - { name: Chưa khai báo, from: 2021-01-01 }
      - { name: Người thứ hai, from: 2022-01-01 }
  - code: b
    name: { vi: B, en: B }
    kind: locality
    centre: dong-xoai
    parent: a
    from: 2026-07-01
    heads: [{ name: Chưa khai báo, from: 2026-07-01 }]
`
	r, err := BuiltinRegistry()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := LoadAgencies(fstest.MapFS{"a.yaml": {Data: []byte(good)}}, "a.yaml", r); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, from, to, want string }{
		{"no YAML", "code: a", "code: [a", "a.yaml"},
		{"a field of another name", "parent: a", "boss: a", "line 16"},
		{"a day that is none", "from: 2021-01-01\n    to", "from: soon\n    to", "line 6"},
		{"a moment in place of a day", "to: 2026-07-01", "to: 2026-07-01T00:00:00Z", "line 7"},
		{"no code", "code: b", `code: ""`, "line 12: agency"},
		{"a code with an at sign", "code: b", "code: b@c", "line 12: agency"},
		{"no English name", "{ vi: B, en: B }", "{ vi: B }", "line 12: agency"},
		{"an agency twice", "code: b", "code: a", `line 12: agency "a" is there twice`},
		{"a kind that is none", "kind: locality", "kind: ministry", "line 12"},
		{"a centre that is unknown", "centre: dong-xoai", "centre: hue", `no centre "hue"`},
		{"a parent that is unknown", "parent: a", "parent: c", "line 12: agency \"b\": its parent"},
		{"an end before the beginning", "to: 2026-07-01", "to: 2020-01-01", "line 2: agency \"a\": it ends"},
		{"a successor that is unknown", "successor: b", "successor: c", "line 2"},
		{"a successor without an end", "    to: 2026-07-01\n", "", "needs to"},
		{"a successor that comes too late", "    from: 2026-07-01\n", "    from: 2026-07-02\n", "takes over"},
		{"no head", "    heads: [{ name: Chưa khai báo, from: 2026-07-01 }]\n", "", "line 12: agency \"b\": at least one head"},
		{"a head without a name", "name: Người thứ hai", `name: ""`, "line 2"},
		{"heads in the wrong order", "from: 2022-01-01", "from: 2021-01-01", "after the one above"},
		{"a head after the end", "from: 2022-01-01", "from: 2026-07-01", "no longer exists"},
		{"nothing", good[strings.Index(good, "  -"):], "", "at least one"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bad := strings.Replace(good, tt.from, tt.to, 1)
			_, err := LoadAgencies(fstest.MapFS{"a.yaml": {Data: []byte(bad)}}, "a.yaml", r)
			if err == nil || !strings.Contains(err.Error(), "a.yaml") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want one that names a.yaml and %q", err, tt.want)
			}
		})
	}
	if _, err := LoadAgencies(fstest.MapFS{}, "none.yaml", r); err == nil || !strings.Contains(err.Error(), "none.yaml") {
		t.Errorf("a file that is not there: %v", err)
	}
}

// An agency answers for what was taken over by those that ended in it, however many mergers lie between.
func TestTakenOver(t *testing.T) {
	on := func(year int) *time.Time { d := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); return &d }
	a := &Agencies{List: []Agency{
		{Code: "a", To: on(2022), Successor: "b"},
		{Code: "b", To: on(2024), Successor: "d"},
		{Code: "c", To: on(2023), Successor: "d"},
		{Code: "d"},
		{Code: "e", To: on(2023)},
	}}
	want := []Takeover{{"b", *on(2024)}, {"a", *on(2024)}, {"c", *on(2023)}}
	if got := a.TakenOver("d"); !slices.Equal(got, want) {
		t.Errorf("d has taken over %v, want %v", got, want)
	}
	if got := a.TakenOver("e"); got != nil {
		t.Errorf("e has taken over %v", got)
	}
}
