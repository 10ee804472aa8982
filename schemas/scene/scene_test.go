package scene

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
	"github.com/binhphuoc/ioc/schemas/yamlfile"
)

func known(t *testing.T) Known {
	t.Helper()
	c, errs := kpi.Builtin()
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	r, err := schemas.BuiltinRegistry()
	if err != nil {
		t.Fatal(err)
	}
	return Known{Registry: r, Catalogue: func() *kpi.Catalogue { return c }, Scorecards: func() []string { return []string{"digitisation"} }}
}

func TestBuiltin(t *testing.T) {
	scenes, walls, errs := Builtin(known(t))
	for _, err := range errs {
		t.Error(err)
	}
	want := []string{
		"binh-long", "dong-xoai", "environment", "feeds", "hotline", "phuoc-long", "province", "security", "services", "targets", "traffic",
	}
	if got := ids(scenes); !slices.Equal(got, want) {
		t.Errorf("scenes %v, want %v", got, want)
	}
	i := slices.IndexFunc(walls, func(w wire.Wall) bool { return w.ID == "main" })
	if i < 0 || len(walls[i].Scenes) != len(want) {
		t.Errorf("the main wall does not show each scene once: %+v", walls)
	}
}

const goodScene = `id: a
name: { vi: A, en: A }
columns: 12
rows: 10
widgets:
  - kind: number
    x: 1
    y: 1
    w: 4
    h: 4
    kpi: hotline.waiting
    centre: dong-xoai
  - kind: trend
    x: 5
    y: 1
    w: 8
    h: 4
    kpi: air.pm25
    span: 24h
    centres: [dong-xoai, binh-long]
  - kind: ranking
    x: 1
    y: 5
    w: 6
    h: 6
    scorecard: digitisation
    by: agency
`

func TestABadSceneIsRefusedWithFileAndLine(t *testing.T) {
	k := known(t)
	if _, errs := Scenes(fstest.MapFS{"d/a.yaml": {Data: []byte(goodScene)}}, "d", k); len(errs) > 0 {
		t.Fatal(errs)
	}
	tests := []struct{ name, from, to, want string }{
		{"another name than its file", "id: a", "id: b", "d/a.yaml:1: id: b must stand"},
		{"an id that no address can hold", "id: a", "id: A/b", "d/a.yaml:1: id: \"A/b\" is no id"},
		{"a kind that is misspelt", "kind: trend", "kind: trends", "d/a.yaml:13: widgets[1].kind: \"trends\" is none of"},
		{"a KPI that is misspelt", "hotline.waiting", "hotline.waitin", "d/a.yaml:11: widgets[0].kpi: there is no KPI hotline.waitin (did you mean hotline.waiting?)"},
		{"a centre that is misspelt", "centre: dong-xoai", "centre: dong-xoi", "d/a.yaml:12: widgets[0].centre: there is no centre dong-xoi (did you mean dong-xoai?)"},
		{"one in a list", "binh-long]", "binh-lon]", "d/a.yaml:20: widgets[1].centres: there is no centre binh-lon"},
		{"a scorecard that is misspelt", "scorecard: digitisation", "scorecard: digital", "d/a.yaml:26: widgets[2].scorecard:"},
		{"a key of another kind", "    centre: dong-xoai\n", "    span: 1h\n", "d/a.yaml:12: widgets[0].span: is nothing that a number has"},
		{"a key that is missing", "    span: 24h\n", "", "d/a.yaml:13: widgets[1].span: is missing: a trend needs it"},
		{"a span that is too long", "span: 24h", "span: 721h", "d/a.yaml:19: widgets[1].span: must be from 1m0s to 720 h"},
		{"outside of the grid", "x: 5", "x: 6", "d/a.yaml:14: widgets[1].x: the widget reaches to column 13 and row 4 of a grid of 12 × 10"},
		{"on another", "x: 5", "x: 4", "d/a.yaml:14: widgets[1].x: the widget lies on widgets[0], a number at column 1 and row 1"},
		{"too small to be read", "w: 4", "w: 1", "d/a.yaml:9: widgets[0].w: a number can't be read so small"},
		{"half a column", "w: 4", "w: 4.5", "d/a.yaml:9: widgets[0].w: must be a whole number from 1 to 24"},
		{"two things to rank by", "    by: agency", "    by: agency\n    kpi: air.pm25", "d/a.yaml:21: widgets[2].kind: a ranking needs either"},
		{"a gauge without ends", "kind: number", "kind: gauge", "d/a.yaml:11: widgets[0].kpi: a gauge of hotline.waiting, which is no percentage, needs min and max"},
		{"no widgets", goodScene[strings.Index(goodScene, "widgets:"):], "", "d/a.yaml:1: widgets: needs at least one"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, errs := Scenes(fstest.MapFS{"d/a.yaml": {Data: []byte(strings.Replace(goodScene, tt.from, tt.to, 1))}}, "d", k)
			refused(t, len(list), errors.Join(errs...), tt.want)
		})
	}
}

const goodWall = `id: w
name: { vi: W, en: W }
screen: { diagonal: 55, distance: 5 }
scenes:
  - { scene: a, seconds: 20 }
`

func TestABadWallIsRefusedWithFileAndLine(t *testing.T) {
	scenes := []wire.Scene{{ID: "a"}}
	if list, errs := Walls(fstest.MapFS{"d/w.yaml": {Data: []byte(goodWall)}}, "d", scenes); len(errs) > 0 || !list[0].TakeOver {
		t.Fatal(errs, list)
	}
	tests := []struct{ name, from, to, want string }{
		{"a scene that there is not", "scene: a", "scene: b", `d/w.yaml:5: scenes[0].scene: "b" is none of a`},
		{"a scene that nobody can read in its time", "seconds: 20", "seconds: 1", "d/w.yaml:5: scenes[0].seconds: must be from 5 to 3600"},
		{"numbers that nobody can read from there", "distance: 5", "distance: 8", "d/w.yaml:3: screen: its numbers would be 14 minutes of arc high, at least 16 are needed"},
		{"no distance", ", distance: 5", "", "d/w.yaml:3: screen.distance: is missing"},
		{"neither yes nor no", "screen:", "take_over: maybe\nscreen:", `d/w.yaml:3: take_over: "maybe" is none of`},
		{"nothing to show", "scenes:\n  - { scene: a, seconds: 20 }\n", "", "d/w.yaml:1: scenes: needs at least one"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, errs := Walls(fstest.MapFS{"d/w.yaml": {Data: []byte(strings.Replace(goodWall, tt.from, tt.to, 1))}}, "d", scenes)
			refused(t, len(list), errors.Join(errs...), tt.want)
		})
	}
}

func refused(t *testing.T, taken int, said error, want string) {
	t.Helper()
	if taken > 0 {
		t.Error("it is accepted")
	}
	if said == nil || !strings.Contains(said.Error(), want) {
		t.Errorf("got %v, want %q", said, want)
	}
	var fault *yamlfile.Fault
	if !errors.As(said, &fault) {
		t.Errorf("%v is no fault with a line", said)
	}
}

func TestTheLastGoodFileStays(t *testing.T) {
	scenes, walls := t.TempDir(), t.TempDir()
	put := func(dir, name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := NewStore(Set{Scenes: []wire.Scene{{ID: "b"}}}, scenes, walls, known(t))
	check := func(when string, faults int, want string) {
		t.Helper()
		if errs := s.Reload(); len(errs) != faults {
			t.Errorf("%s: %v, want %d faults", when, errs, faults)
		}
		got := ids(s.Current().Scenes)
		for _, w := range s.Current().Walls {
			got = append(got, w.ID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", when, got, want)
		}
	}
	check("nothing", 0, "b")
	put(walls, "w.yaml", goodWall)
	check("a wall of a scene that is not there", 1, "b")
	put(scenes, "a.yaml", goodScene)
	check("both", 0, "a b w")
	put(scenes, "a.yaml", "id: a\n")
	check("a bad scene", 2, "a b w")
	if err := os.Remove(filepath.Join(scenes, "a.yaml")); err != nil {
		t.Fatal(err)
	}
	check("its scene is gone, the wall stays as it was", 1, "b w")
}

func TestAWrittenSceneReadsAsTheSame(t *testing.T) {
	k := known(t)
	scenes, _, errs := Builtin(k)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	least, most, said := -1.5, 1e6, schemas.Text{VI: "Trực ban: 0271 3 1022\n# số \"mới\"", EN: "yes"}
	scenes = append(scenes, wire.Scene{ID: "all", Name: said, Columns: 12, Rows: 12, Widgets: []wire.SceneWidget{
		{Kind: "gauge", X: 1, Y: 1, W: 4, H: 4, KPI: "hotline.waiting", Min: &least, Max: &most, Title: &said},
		{Kind: "text", X: 5, Y: 1, W: 4, H: 4, Text: &said},
		{Kind: "trend", X: 1, Y: 5, W: 4, H: 4, KPI: "hotline.waiting", Seconds: 5430.5},
	}})
	for _, want := range scenes {
		doc, err := Document(want)
		if err != nil {
			t.Fatal(err)
		}
		got, errs := Parse(doc, want.ID, k)
		if d := cmp.Diff(want, got); len(errs) > 0 || d != "" {
			t.Errorf("%s: %v (-want +got):\n%s\n%s", want.ID, errs, d, doc)
		}
	}
}

func TestASceneOfACentreShowsNoOther(t *testing.T) {
	own := strings.Replace(goodScene, "columns:", "centre: dong-xoai\ncolumns:", 1)
	_, errs := Parse([]byte(own), "a", known(t))
	refused(t, 0, errors.Join(errs...), "a.yaml:21: widgets[1].centres: binh-long lies outside of dong-xoai, whose scene this is")
	var f *yamlfile.Fault
	if errors.As(errors.Join(errs...), &f); f.VI != "binh-long nằm ngoài trung tâm dong-xoai, chủ của cảnh này" {
		t.Errorf("in Vietnamese: %q", f.VI)
	}
}

func TestEditedScenesLieOverThoseOfFiles(t *testing.T) {
	s := NewStore(Set{Scenes: []wire.Scene{{ID: "a"}, {ID: "b"}}}, "", "", known(t))
	check := func(when string, faults, columns int, edits map[string]string) {
		t.Helper()
		if errs := s.Edit(edits); len(errs) != faults {
			t.Errorf("%s: %v, want %d faults", when, errs, faults)
		}
		got := s.Current().Scenes
		if strings.Join(ids(got), " ") != "a b" || got[0].Columns != columns || s.Shipped()[0].Columns != 0 {
			t.Errorf("%s: %+v", when, got)
		}
	}
	check("nothing", 0, 0, nil)
	check("a bad one without one before", 1, 0, map[string]string{"a": "id: a" + "\nname: { vi: A, en: A }\n"})
	check("a good one", 0, 12, map[string]string{"a": goodScene})
	check("a bad one", 1, 12, map[string]string{"a": goodScene[:strings.Index(goodScene, "widgets:")]})
	check("none", 0, 0, map[string]string{})
}
