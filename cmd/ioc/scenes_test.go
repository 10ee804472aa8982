package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/binhphuoc/ioc/query"
	edits "github.com/binhphuoc/ioc/query/scene"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/scene"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// shippedScenes are the scenes of a process that has just begun.
func (r *rig) shippedScenes() *scene.Store {
	r.t.Helper()
	known := scene.Known{Registry: r.registry, Catalogue: func() *kpi.Catalogue { return r.catalogue }, Scorecards: func() []string { return []string{"digitisation"} }}
	scenes, walls, errs := scene.Builtin(known)
	r.must(errors.Join(errs...))
	return scene.NewStore(scene.Set{Scenes: scenes, Walls: walls}, "", "", known)
}

func (r *rig) editor(scenes *scene.Store) *edits.Editor {
	return edits.New(edits.Options{Store: r.store, Scenes: scenes, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
}

func sceneOf(s *scene.Store, id string) *wire.Scene {
	for _, x := range s.Current().Scenes {
		if x.ID == id {
			return &x
		}
	}
	return nil
}

const ownScene = `# Giữ nguyên chú thích này.
id: truc-ban
name: { vi: Trực ban, en: On duty }
centre: dong-xoai
columns: 12
rows: 12
widgets:
  - kind: number
    x: 1
    y: 1
    w: 4
    h: 4
    kpi: hotline.waiting
    centre: dong-xoai
`

func TestAnEditedSceneIsInForceUntilItGoesBack(t *testing.T) {
	r := newRig(t)
	scenes, all := r.shippedScenes(), query.Everything()
	e := r.editor(scenes)
	shipped := *sceneOf(scenes, "hotline")
	edited := shipped
	edited.Name.VI, edited.Widgets = "Tổng đài ban đêm", shipped.Widgets[:1]
	save := func(c edits.Change) wire.SceneVersion {
		t.Helper()
		c.ID, c.By = "hotline", "127.0.0.1"
		v, err := e.Save(t.Context(), all, c)
		r.must(err)
		return v
	}
	if v := save(edits.Change{Scene: &edited, Why: " Trực đêm "}); v.Version != 1 || v.Why != "Trực đêm" {
		t.Errorf("the first: %+v", v)
	}
	if d := cmp.Diff(&edited, sceneOf(scenes, "hotline")); d != "" {
		t.Errorf("in force (-want +got):\n%s", d)
	}
	save(edits.Change{Document: []byte(strings.NewReplacer("truc-ban", "hotline", "centre: dong-xoai\ncolumns", "columns").Replace(ownScene)), Base: 1, Why: "nhập từ tệp"})
	out, err := e.Version(t.Context(), all, "hotline", edits.InForce)
	r.must(err)
	if out.Version != 2 || !strings.HasPrefix(out.Document, "# Giữ nguyên chú thích này.\nid: hotline\n") {
		t.Errorf("the export: %+v", out)
	}
	if v := save(edits.Change{Restore: 1, Base: 2, Why: "quay lại"}); v.Version != 3 || v.Scene.Name.VI != edited.Name.VI {
		t.Errorf("restored: %+v", v)
	}

	// A process that begins later, and another one that runs beside.
	later := r.shippedScenes()
	r.must(r.editor(later).Renew(t.Context()))
	if d := cmp.Diff(&edited, sceneOf(later, "hotline")); d != "" {
		t.Errorf("after a restart (-want +got):\n%s", d)
	}
	save(edits.Change{Remove: true, Base: 3, Why: "hết trực đêm"})
	r.must(r.editor(later).Renew(t.Context()))
	for _, s := range []*scene.Store{scenes, later} {
		if d := cmp.Diff(&shipped, sceneOf(s, "hotline")); d != "" {
			t.Errorf("gone back (-want +got):\n%s", d)
		}
	}
	list, err := e.Versions(t.Context(), all, "hotline")
	r.must(err)
	var got []string
	for _, v := range list.Versions {
		got = append(got, v.Why)
		if v.Document != "" {
			t.Errorf("a list holds what version %d holds", v.Version)
		}
	}
	if d := cmp.Diff([]string{"hết trực đêm", "quay lại", "nhập từ tệp", "Trực đêm"}, got); d != "" || list.Version != 4 || !list.Shipped {
		t.Errorf("versions (-want +got):\n%s %+v", d, list)
	}
	if v, err := e.Version(t.Context(), all, "hotline", 0); err != nil || v.Scene.Name != shipped.Name {
		t.Errorf("that of the files: %+v %v", v, err)
	}
	if _, err := e.Save(t.Context(), all, edits.Change{ID: "hotline", Restore: 4, Base: 4, Why: "x"}); !errors.Is(err, query.ErrBadRequest) {
		t.Errorf("a removal is restored: %v", err)
	}
	save(edits.Change{Restore: 2, Base: 4, Why: "lại trực đêm"})
}

func TestOfTwoWhoSaveASceneOneIsHeard(t *testing.T) {
	r := newRig(t)
	shipped := r.shippedScenes()
	const writers = 4
	var done sync.WaitGroup
	var mu sync.Mutex
	var kept, refused int
	for i := range writers {
		// Each is a process of its own.
		e, s := r.editor(r.shippedScenes()), *sceneOf(shipped, "traffic")
		s.Name.VI = strings.Repeat("x", i+1)
		done.Go(func() {
			_, err := e.Save(t.Context(), query.Everything(), edits.Change{ID: s.ID, Scene: &s, Why: "x", By: "127.0.0.1"})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				kept++
			case errors.Is(err, query.ErrConflict):
				refused++
			default:
				t.Error(err)
			}
		})
	}
	done.Wait()
	if got := r.text("SELECT toString(count()) FROM scene_version"); kept != 1 || refused != writers-1 || got != "1" {
		t.Errorf("%d are told that it is kept, %d that it is not, and %s are", kept, refused, got)
	}
	s := *sceneOf(shipped, "traffic")
	_, err := r.editor(shipped).Save(t.Context(), query.Everything(), edits.Change{ID: s.ID, Scene: &s, Why: "y", By: "b"})
	if !errors.Is(err, query.ErrConflict) || !strings.Contains(err.Error(), "127.0.0.1 has changed this scene, which is at version 1") {
		t.Errorf("who has not seen it: %v", err)
	}
}

func TestABadSceneIsNotSaved(t *testing.T) {
	r := newRig(t)
	scenes := r.shippedScenes()
	e := r.editor(scenes)
	before := *sceneOf(scenes, "hotline")
	clash := before
	clash.Widgets = append([]wire.SceneWidget{}, before.Widgets...)
	clash.Widgets[1].X, clash.Widgets[1].KPI = clash.Widgets[0].X, "hotline.waitin"
	tests := []struct {
		name   string
		change edits.Change
		want   wire.SceneFault
	}{
		{"a KPI that is misspelt", edits.Change{Scene: &clash}, wire.SceneFault{Field: "widgets[1].kpi"}},
		{"no YAML", edits.Change{Document: []byte("id: [\n")}, wire.SceneFault{Line: 2}},
		{"of another id", edits.Change{Document: []byte(ownScene)}, wire.SceneFault{Line: 2, Field: "id"}},
		{"an unknown key", edits.Change{Document: []byte(strings.Replace(ownScene, "columns", "colums", 1))}, wire.SceneFault{Line: 5, Field: "colums"}},
	}
	for _, tt := range tests {
		tt.change.ID, tt.change.Why = "hotline", "x"
		_, err := e.Save(t.Context(), query.Everything(), tt.change)
		var f *edits.Faulty
		if !errors.As(err, &f) {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got := f.Faults[0]
		if got.Sentence.VI == "" || got.Sentence.EN == "" || got.Sentence.VI == got.Sentence.EN {
			t.Errorf("%s: said as %+v", tt.name, got.Sentence)
		}
		if got.Field != tt.want.Field || got.Line != tt.want.Line {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
	if _, err := e.Save(t.Context(), query.Everything(), edits.Change{ID: "hotline", Scene: &before, Why: " "}); !errors.Is(err, query.ErrBadRequest) {
		t.Errorf("nobody says why: %v", err)
	}
	if got := r.text("SELECT toString(count()) FROM scene_version"); got != "0" || cmp.Diff(&before, sceneOf(scenes, "hotline")) != "" {
		t.Errorf("%s are kept", got)
	}
	// What was good when it was saved may name what is gone: then the last good one stays, or that of the files.
	r.exec(`INSERT INTO scene_version (scene, version, document) VALUES ('hotline', 1, 'id: hotline')`)
	r.must(e.Renew(t.Context()))
	if errs := scenes.Reload(); len(errs) == 0 || cmp.Diff(&before, sceneOf(scenes, "hotline")) != "" {
		t.Errorf("a bad one from before: %v", errs)
	}
}

func TestACentreEditsItsOwnScenesAlone(t *testing.T) {
	r := newRig(t)
	scenes, own := r.shippedScenes(), query.Only("dong-xoai")
	e := r.editor(scenes)
	try := func(what string, want error, scope query.Scope, c edits.Change) {
		t.Helper()
		c.Why = "x"
		if _, err := e.Save(t.Context(), scope, c); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	doc := func(from, to string) []byte { return []byte(strings.ReplaceAll(ownScene, from, to)) }
	try("a new one of its own", nil, own, edits.Change{ID: "truc-ban", Document: doc("", "")})
	try("its own again", nil, own, edits.Change{ID: "truc-ban", Document: doc("Trực ban", "Trực"), Base: 1})
	try("the one that ships", nil, own, edits.Change{ID: "dong-xoai", Document: doc("truc-ban", "dong-xoai")})
	try("the province's", query.ErrNotFound, own, edits.Change{ID: "hotline", Document: doc("truc-ban", "hotline")})
	try("another's", query.ErrNotFound, own, edits.Change{ID: "binh-long", Document: doc("truc-ban", "binh-long")})
	try("removal of another's", query.ErrNotFound, own, edits.Change{ID: "binh-long", Remove: true})
	try("another's new one", nil, query.Only("binh-long"), edits.Change{ID: "binh-long-2", Document: []byte(strings.NewReplacer("truc-ban", "binh-long-2", "dong-xoai", "binh-long").Replace(ownScene))})
	try("that one", query.ErrNotFound, own, edits.Change{ID: "binh-long-2", Document: doc("truc-ban", "binh-long-2"), Base: 1})
	try("one that is not there", query.ErrNotFound, own, edits.Change{ID: "none", Remove: true})
	for what, document := range map[string][]byte{
		"a new one of the province": doc("centre: dong-xoai\ncolumns", "columns"),
		"a new one of another":      doc("dong-xoai", "binh-long"),
		"what another has":          doc("    centre: dong-xoai", "    centre: binh-long"),
	} {
		_, err := e.Save(t.Context(), own, edits.Change{ID: "truc-ban", Document: document, Base: 2, Why: "x"})
		if f := (*edits.Faulty)(nil); !errors.As(err, &f) || !strings.HasSuffix(f.Faults[0].Field, "centre") {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, id := range []string{"hotline", "binh-long-2", "none"} {
		if _, err := e.Versions(t.Context(), own, id); !errors.Is(err, query.ErrNotFound) {
			t.Errorf("versions of %s: %v", id, err)
		}
		if _, err := e.Version(t.Context(), own, id, edits.InForce); !errors.Is(err, query.ErrNotFound) {
			t.Errorf("export of %s: %v", id, err)
		}
	}
	// Of one that was handed over, the versions from before stay with who had it.
	province := edits.Change{ID: "hotline", Document: doc("truc-ban", "hotline")}
	try("the province hands one over", nil, query.Everything(), province)
	province.Base = 1
	try("its new owner edits it", nil, own, province)
	try("but does not give it back", query.ErrNotFound, own, edits.Change{ID: "hotline", Remove: true, Base: 2})
	if _, err := e.Version(t.Context(), own, "hotline", 0); !errors.Is(err, query.ErrNotFound) {
		t.Errorf("the province's from before: %v", err)
	}
	kept, err := r.store.AddSceneVersion(context.WithoutCancel(t.Context()), own, wire.SceneVersion{ID: "binh-long-2", Version: 2, Centre: "binh-long"})
	if kept || !errors.Is(err, query.ErrNotFound) {
		t.Errorf("storage takes it: %v %v", kept, err)
	}
}
