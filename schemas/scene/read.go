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
	return yamlfile.Read(fsys, file, shown, func(s yamlfile.Section) wire.Scene { return sceneReader{known: k}.scene(s, shown) }, keys()...)
}

// Parse reads a scene that stands in no file, but as it would stand in one that is named by its id. There is a *yamlfile.Fault
// for each thing that is wrong in it.
func Parse(document []byte, id string, k Known) (wire.Scene, []error) {
	shown := id + yamlfile.Extension
	return yamlfile.Parse(document, shown, func(s yamlfile.Section) wire.Scene { return sceneReader{known: k}.scene(s, shown) }, keys()...)
}

// keys are those of a scene.
func keys() []string { return []string{"id", "name", "centre", "columns", "rows", "widgets"} }

// named returns the id of a file, which is also its name.
func named(s yamlfile.Section, file string) string {
	id := s.Required("id")
	switch {
	case id == "":
	case !identifier.MatchString(id):
		s.Refuse("id", "mã %q sai: chỉ gồm chữ thường không dấu, số và gạch nối, bắt đầu bằng chữ, nhiều nhất 40 ký tự", "%q is no id: small letters, digits and hyphens, a letter first, at most 40", id)
	case id+yamlfile.Extension != path.Base(file):
		s.Refuse("id", "%[1]s phải nằm trong tệp riêng tên %[1]s%[3]s", "%s must stand in a file of its own, named %s%s", id, id, yamlfile.Extension)
	}
	return id
}

// whole returns a whole number from 1. Where the key is absent it is otherwise, and 0 stands for required.
func whole(s yamlfile.Section, key string, most, otherwise int) int {
	if !s.Has(key) {
		if otherwise == 0 {
			s.Refuse(key, "còn thiếu", "is missing")
		}
		return otherwise
	}
	n, err := strconv.Atoi(s.Text(key))
	if err != nil || n < 1 || n > most {
		s.Refuse(key, "phải là số nguyên từ 1 đến %d", "must be a whole number from 1 to %d", most)
	}
	return n
}

// sceneReader reads a scene against what it may name.
type sceneReader struct {
	known Known
	owner string // centre whose scene it is; empty: the whole province's
}

func (r sceneReader) scene(s yamlfile.Section, file string) wire.Scene {
	r.owner = r.centre(s, "centre", s.Text("centre"))
	out := wire.Scene{
		ID: named(s, file), Name: s.Bilingual("name"), Centre: r.owner,
		Columns: whole(s, "columns", maxGrid, 12), Rows: whole(s, "rows", maxGrid, 12), Widgets: []wire.SceneWidget{},
	}
	items := s.Items("widgets", "kind", "x", "y", "w", "h", "title", "kpi", "kpis", "centre", "centres", "span", "of", "scorecard", "by",
		"min", "max", "text", "limit")
	switch {
	case len(items) == 0:
		s.Refuse("widgets", "cần ít nhất một ô", "needs at least one widget")
	case len(items) > maxWidgets:
		s.Refuse("widgets", "có %d ô: nhiều nhất %d", "has %d widgets: at most %d", len(items), maxWidgets)
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
		s.Refuse("x", "ô kéo đến cột %d và hàng %d của lưới %d × %d", "the widget reaches to column %d and row %d of a grid of %d × %d", w.X+w.W-1, w.Y+w.H-1, scene.Columns, scene.Rows)
	}
	for i, o := range scene.Widgets {
		if w.X < o.X+o.W && o.X < w.X+w.W && w.Y < o.Y+o.H && o.Y < w.Y+w.H {
			s.Refuse("x", "ô nằm chồng lên ô số %[5]d (%[2]s ở cột %[3]d, hàng %[4]d)", "the widget lies on widgets[%[1]d], a %[2]s at column %[3]d and row %[4]d", i, o.Kind, o.X, o.Y, i+1)
		}
	}
	k, ok := kinds()[w.Kind]
	if ok && (float64(w.W)/float64(scene.Columns) < k.w || float64(w.H)/float64(scene.Rows) < k.h) {
		s.Refuse("w", "ô %s nhỏ quá không đọc được: cần ít nhất %.0f %% bề rộng và %.0f %% bề cao", "a %s can't be read so small: it needs at least %.0f %% of the width and %.0f %% of the height", w.Kind, k.w*100, k.h*100)
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
			s.Refuse(key, "còn thiếu: ô %s cần có", "is missing: a %s needs it", w.Kind)
		}
	}
	allowed := append([]string{"kind", "x", "y", "w", "h"}, append(k.needs, k.may...)...)
	for _, key := range s.Keys() {
		if !slices.Contains(allowed, key) {
			s.Refuse(key, "ô %s không có mục này", "is nothing that a %s has", w.Kind)
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
			s.Refuse("span", "phải từ %s đến %.0f giờ", "must be from %s to %.0f h", shortest, longest.Hours())
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
		s.Refuse("kpi", "đồng hồ của %s không tính theo phần trăm, nên cần min và max", "a gauge of %s, which is no percentage, needs min and max", w.KPI)
	}
	if w.Min != nil && w.Max != nil && *w.Min >= *w.Max {
		s.Refuse("min", "phải nhỏ hơn max", "must be less than max")
	}
}

// ranking checks that a ranking has one thing to rank by.
func (r sceneReader) ranking(s yamlfile.Section, w *wire.SceneWidget) {
	if (w.KPI == "") == !s.Has("scorecard") {
		s.Refuse("kind", "ô ranking cần hoặc kpi, để xếp hạng trung tâm, hoặc scorecard", "a ranking needs either kpi, which ranks centres, or scorecard")
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
	s.Refuse(key, "không có chỉ tiêu %s%.0s", "there is no KPI %s%s", id, yamlfile.Meant(id, known))
	return id
}

func (r sceneReader) centre(s yamlfile.Section, key, code string) string {
	if _, ok := r.known.Registry.Centre(code); ok || code == "" {
		if code != "" && r.owner != "" && code != r.owner {
			s.Refuse(key, "%[1]s nằm ngoài trung tâm %[2]s, chủ của cảnh này", "%[1]s lies outside of %[2]s, whose scene this is", code, r.owner)
		}
		return code
	}
	var known []string
	for _, c := range r.known.Registry.Centres {
		known = append(known, c.Code)
	}
	s.Refuse(key, "không có trung tâm %s%.0s", "there is no centre %s%s", code, yamlfile.Meant(code, known))
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
		s.Refuse(key, "phải là danh sách", "must be a list")
		return nil
	}
	var out []string
	for _, item := range n.Content {
		switch {
		case item.Kind != yaml.ScalarNode || item.Value == "":
			s.Refuse(key, "chỉ được gồm các từ", "must hold words alone")
		case slices.Contains(out, item.Value):
			s.Refuse(key, "%s có hai lần", "%s is there twice", item.Value)
		default:
			out = append(out, item.Value)
		}
	}
	return out
}
