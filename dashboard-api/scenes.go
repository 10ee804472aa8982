package dashboardapi

import (
	"errors"
	"io"
	"net/http"
	"slices"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// scenes answers with the scenes in force. What a reader may not see, no scene shows.
func (s *Server) scenes(w http.ResponseWriter, r *http.Request) error {
	all, _ := s.o.Scenes()
	scope, out := s.scope(r), make([]wire.Scene, 0, len(all))
	for _, scene := range all {
		if scene.Centre == "" || scope.Sees(scene.Centre) {
			out = append(out, seen(scope, scene))
		}
	}
	return writeJSON(w, wire.SceneList{Scenes: out})
}

// seen is a scene without the widgets of centres that lie outside the scope.
func seen(scope query.Scope, scene wire.Scene) wire.Scene {
	scene.Widgets = slices.DeleteFunc(slices.Clone(scene.Widgets), func(w wire.SceneWidget) bool { return w.Centre != "" && !scope.Sees(w.Centre) })
	for i, w := range scene.Widgets {
		scene.Widgets[i].Centres = slices.DeleteFunc(slices.Clone(w.Centres), func(c string) bool { return !scope.Sees(c) })
	}
	return scene
}

// walls answers with the walls in force.
func (s *Server) walls(w http.ResponseWriter, _ *http.Request) error {
	_, walls := s.o.Scenes()
	return writeJSON(w, wire.WallList{Walls: list(walls)})
}

// show tells a wall what to show.
func (s *Server) show(w http.ResponseWriter, r *http.Request) error {
	if err := wantJSON(r); err != nil {
		return err
	}
	_, walls := s.o.Scenes()
	i := slices.IndexFunc(walls, func(x wire.Wall) bool { return x.ID == r.PathValue("id") })
	if i < 0 {
		return notFound("Không có màn hình này. Xem /api/v1/walls.", "There is no such wall. See /api/v1/walls.")
	}
	var in wire.ShowRequest
	if err := readOne(r.Body, &in); err != nil && !errors.Is(err, io.EOF) { // no body: go on as before
		return unreadable(err, `Nội dung phải có dạng {"scene": "…", "paused": true}.`, `The body must be {"scene": "…", "paused": true}.`)
	}
	if in.Scene != "" && !slices.ContainsFunc(walls[i].Scenes, func(t wire.WallScene) bool { return t.Scene == in.Scene }) {
		return badRequest("Màn hình này không có cảnh %[1]q.", "This wall has no scene %[1]q.", in.Scene)
	}
	out := wire.Show{Type: wire.TypeShow, Wall: walls[i].ID, Scene: in.Scene, Paused: in.Paused, At: s.o.Now().UTC()}
	s.o.Hub.Show(out)
	s.o.Log.Info("a wall was told what to show", "by", s.by(r), "wall", out.Wall, "scene", out.Scene, "paused", out.Paused)
	return writeJSON(w, out)
}
