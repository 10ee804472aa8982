package scene

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v4"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
	"github.com/binhphuoc/ioc/schemas/yamlfile"
)

var identifier = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

func readScene(fsys fs.FS, file, shown string, k Known) (wire.Scene, []error) {
	return yamlfile.Read(fsys, file, shown, func(s yamlfile.Section) wire.Scene { return sceneReader{k}.scene(s, shown) },
		"id", "name", "columns", "rows", "widgets")
}

// named returns the id of a file, which is also its name.
func named(s yamlfile.Section, file string) string {
	id := s.Required("id")
	switch {
	case id == "":
	case !identifier.MatchString(id):
		s.Fault("id", "%q is no id: small letters, digits and hyphens, a letter first, at most 40", id)
	case id+yamlfile.Extension != path.Base(file):
		s.Fault("id", "%s must stand in a file of its own, named %s%s", id, id, yamlfile.Extension)
	}
	return id
}

// whole returns a whole number from 1. Where the key is absent it is otherwise, and 0 stands for required.
func whole(s yamlfile.Section, key string, most, otherwise int) int {
	if !s.Has(key) {
		if otherwise == 0 {
			s.Fault(key, "is missing")
		}
		return otherwise
	}
	n, err := strconv.Atoi(s.Text(key))
	if err != nil || n < 1 || n > most {
		s.Fault(key, "must be a whole number from 1 to %d", most)
	}
	return n
}

// sceneReader reads a scene against what it may name.
type sceneReader struct{ known Known }

func (r sceneReader) scene(s yamlfile.Section, file string) wire.Scene {
	out := wire.Scene{
		ID: named(s, file), Name: s.Bilingual("name"),
		Columns: whole(s, "columns", maxGrid, 12), Rows: whole(s, "rows", maxGrid, 12), Widgets: []wire.SceneWidget{},
	}
	items := s.Items("widgets", "kind", "x", "y", "w", "h", "title", "kpi", "kpis", "centre", "centres", "span", "of", "scorecard", "by",
		"min", "max", "text", "limit")
	switch {
	case len(items) == 0:
		s.Fault("widgets", "needs at least one widget")
	case len(items) > maxWidgets:
		s.Fault("widgets", "has %d widgets: at most %d", len(items), maxWidgets)
	}
	for _, item := range items {
		w := r.widget(item)
		place(item, out, w)
		out.Widgets = append(out.Widgets, w)
	}
	return out
}

// place checks that a widget lies in the grid, on no other, and is large enough to be read.
func place(s yamlfile.Section, scene wire.Scene, w wire.SceneWidget) {
	if w.W < 1 || w.H < 1 || scene.Columns < 1 || scene.Rows < 1 { // said already
		return
	}
	if w.X+w.W-1 > scene.Columns || w.Y+w.H-1 > scene.Rows {
		s.Fault("x", "the widget reaches to column %d and row %d of a grid of %d × %d", w.X+w.W-1, w.Y+w.H-1, scene.Columns, scene.Rows)
	}
	for i, o := range scene.Widgets {
		if w.X < o.X+o.W && o.X < w.X+w.W && w.Y < o.Y+o.H && o.Y < w.Y+w.H {
			s.Fault("x", "the widget lies on widgets[%d], a %s at column %d and row %d", i, o.Kind, o.X, o.Y)
		}
	}
	k, ok := kinds()[w.Kind]
	if ok && (float64(w.W)/float64(scene.Columns) < k.w || float64(w.H)/float64(scene.Rows) < k.h) {
		s.Fault("w", "a %s can't be read so small: it needs at least %.0f %% of the width and %.0f %% of the height", w.Kind, k.w*100, k.h*100)
	}
}

func (r sceneReader) widget(s yamlfile.Section) wire.SceneWidget {
	w := wire.SceneWidget{
		Kind: s.OneOf("kind", kindNames()...),
		X:    whole(s, "x", maxGrid, 0), Y: whole(s, "y", maxGrid, 0), W: whole(s, "w", maxGrid, 0), H: whole(s, "h", maxGrid, 0),
	}
	k, ok := kinds()[w.Kind]
	if !ok {
		return w
	}
	for _, key := range k.needs {
		if !s.Has(key) {
			s.Fault(key, "is missing: a %s needs it", w.Kind)
		}
	}
	allowed := append([]string{"kind", "x", "y", "w", "h"}, append(k.needs, k.may...)...)
	for _, key := range s.Keys() {
		if !slices.Contains(allowed, key) {
			s.Fault(key, "is nothing that a %s has", w.Kind)
		}
	}
	r.content(s, &w)
	return w
}

// content reads what a widget shows.
func (r sceneReader) content(s yamlfile.Section, w *wire.SceneWidget) {
	w.Title, w.Text = text(s, "title"), text(s, "text")
	w.KPI = r.kpi(s, "kpi", s.Text("kpi"))
	for _, id := range words(s, "kpis") {
		w.KPIs = append(w.KPIs, r.kpi(s, "kpis", id))
	}
	w.Centre = r.centre(s, "centre", s.Text("centre"))
	for _, code := range words(s, "centres") {
		w.Centres = append(w.Centres, r.centre(s, "centres", code))
	}
	if s.Has("span") {
		d := s.Duration("span")
		if d < shortest || d > longest {
			s.Fault("span", "must be from %s to %.0f h", shortest, longest.Hours())
		}
		w.Seconds = d.Seconds()
	}
	if s.Has("of") {
		w.Of = s.OneOf("of", "feeds", "camera", "sensor")
	}
	if s.Has("limit") {
		w.Limit = whole(s, "limit", 30, 0)
	}
	w.Min, w.Max = end(s, "min"), end(s, "max")
	switch w.Kind {
	case "gauge":
		r.gauge(s, w)
	case "ranking":
		r.ranking(s, w)
	}
}

// gauge checks that the ends of a gauge are known: a percentage has them, others name them.
func (r sceneReader) gauge(s yamlfile.Section, w *wire.SceneWidget) {
	k, ok := r.known.Catalogue().ByID(w.KPI)
	if ok && k.Unit != "%" && (w.Min == nil || w.Max == nil) {
		s.Fault("kpi", "a gauge of %s, which is no percentage, needs min and max", w.KPI)
	}
	if w.Min != nil && w.Max != nil && *w.Min >= *w.Max {
		s.Fault("min", "must be less than max")
	}
}

// ranking checks that a ranking has one thing to rank by.
func (r sceneReader) ranking(s yamlfile.Section, w *wire.SceneWidget) {
	if (w.KPI == "") == !s.Has("scorecard") {
		s.Fault("kind", "a ranking needs either kpi, which ranks centres, or scorecard")
		return
	}
	if !s.Has("scorecard") {
		return
	}
	w.Scorecard = s.OneOf("scorecard", r.known.Scorecards()...)
	w.By = s.OneOf("by", string(wire.ByAgency), string(wire.ByCentre), string(wire.ByHead))
}

func (r sceneReader) kpi(s yamlfile.Section, key, id string) string {
	if id == "" {
		return ""
	}
	var known []string
	for _, k := range r.known.Catalogue().KPIs {
		if k.ID == id {
			return id
		}
		known = append(known, k.ID)
	}
	s.Fault(key, "there is no KPI %s%s", id, yamlfile.Meant(id, known))
	return id
}

func (r sceneReader) centre(s yamlfile.Section, key, code string) string {
	if _, ok := r.known.Registry.Centre(code); ok || code == "" {
		return code
	}
	var known []string
	for _, c := range r.known.Registry.Centres {
		known = append(known, c.Code)
	}
	s.Fault(key, "there is no centre %s%s", code, yamlfile.Meant(code, known))
	return code
}

func text(s yamlfile.Section, key string) *schemas.Text {
	if !s.Has(key) {
		return nil
	}
	t := s.Bilingual(key)
	return &t
}

func end(s yamlfile.Section, key string) *float64 {
	if !s.Has(key) {
		return nil
	}
	v := s.Number(key, 0)
	return &v
}

// words returns the list of words under a key, each of them once.
func words(s yamlfile.Section, key string) []string {
	n := s.Node(key)
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		s.Fault(key, "must be a list")
		return nil
	}
	var out []string
	for _, item := range n.Content {
		switch {
		case item.Kind != yaml.ScalarNode || item.Value == "":
			s.Fault(key, "must hold words alone")
		case slices.Contains(out, item.Value):
			s.Fault(key, "%s is there twice", item.Value)
		default:
			out = append(out, item.Value)
		}
	}
	return out
}
