// Package scene keeps the scenes of walls that people edit: versions of which none is ever lost, over those of files.
package scene

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	files "github.com/binhphuoc/ioc/schemas/scene"
	"github.com/binhphuoc/ioc/schemas/wire"
	"github.com/binhphuoc/ioc/schemas/yamlfile"
)

const (
	// InForce stands for the version that walls show.
	InForce = -1
	// maxListed is how many versions a list has.
	maxListed = 200
	// maxScenes bounds how many scenes there are: every wall reads them all.
	maxScenes = 200
	// maxWhy is the longest reason, in characters.
	maxWhy = 500
	// renewEvery is how soon a change that another process made is in force.
	renewEvery = 5 * time.Second
)

// Store keeps versions. Of each scene that a scope does not see it gives nothing.
type Store interface {
	// SceneVersions returns the versions of a scene without their documents, the newest first; or with a number that one, whole.
	SceneVersions(ctx context.Context, scope query.Scope, id string, version int) ([]wire.SceneVersion, error)
	// NewestScenes returns the newest version of each scene, whole.
	NewestScenes(ctx context.Context, scope query.Scope) ([]wire.SceneVersion, error)
	// AddSceneVersion keeps a version, unless another writer was first with its number.
	AddSceneVersion(ctx context.Context, scope query.Scope, v wire.SceneVersion) (bool, error)
}

// Options are what an Editor needs.
type Options struct {
	Store  Store
	Scenes *files.Store // in which the newest versions are put in force
	Now    func() time.Time
	Log    *slog.Logger
}

// Editor takes changes of scenes in, and puts them in force. It is safe for concurrent use.
type Editor struct {
	o  Options
	mu sync.Mutex // one renewal at a time, so that an older one does not come last
}

// New makes an Editor. The scenes of before are in force when Run has begun.
func New(o Options) *Editor { return &Editor{o: o} }

// Run puts in force what this and other processes have changed, until ctx ends. When storage is away it says so once, and the
// scenes stay as they are.
func (e *Editor) Run(ctx context.Context) error {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	said := false
	for {
		err := e.Renew(ctx)
		if err != nil && !said && ctx.Err() == nil {
			e.o.Log.Error("edited scenes can't be read; the scenes stay as they are", "error", err)
		}
		said = err != nil
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Renew puts the newest versions in force. What is wrong in them is told by those who read the files again.
func (e *Editor) Renew(ctx context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	newest, err := e.o.Store.NewestScenes(ctx, query.Everything())
	if err != nil {
		return fmt.Errorf("renew scenes: %w", err)
	}
	documents := map[string]string{}
	for _, v := range newest {
		if !v.Removed {
			documents[v.ID] = v.Document
		}
	}
	e.o.Scenes.Edit(documents)
	return nil
}

// Change is what somebody does to a scene: one of a document, a scene, a version to go back to, and the removal.
type Change struct {
	ID       string
	Document []byte      // YAML
	Scene    *wire.Scene // in place of a document
	Restore  int         // number of a version
	Remove   bool        // the scene of the files comes back
	Base     int         // newest version that whoever changes it has seen; 0: none
	By, Why  string
}

// Faulty refuses a scene in which something is wrong.
type Faulty struct{ Faults []wire.SceneFault }

// Error returns the first fault.
func (f *Faulty) Error() string {
	return "scene: " + f.Faults[0].Field + ": " + f.Faults[0].Sentence.EN
}

// Save keeps a change as the next version, and puts it in force.
func (e *Editor) Save(ctx context.Context, scope query.Scope, c Change) (wire.SceneVersion, error) {
	c.Why = norm.NFC.String(strings.TrimSpace(c.Why))
	if n := utf8.RuneCountInString(c.Why); n == 0 || n > maxWhy {
		return wire.SceneVersion{}, query.Refuse(query.ErrBadRequest, "Hãy ghi lý do (why), nhiều nhất %d ký tự.", "Say why, in at most %d characters.", maxWhy)
	}
	newest, owner, err := e.standing(ctx, scope, c.ID)
	switch {
	case errors.Is(err, query.ErrNotFound) && newest == nil && c.Restore == 0 && !c.Remove && !e.there(c.ID): // a new one
		if len(e.o.Scenes.Current().Scenes) >= maxScenes {
			return wire.SceneVersion{}, query.Refuse(query.ErrBadRequest, "Đã có %d cảnh: hãy xoá bớt.", "There are %d scenes: remove some.", maxScenes)
		}
	case err != nil:
		return wire.SceneVersion{}, err
	}
	v := wire.SceneVersion{ID: c.ID, Version: 1, Centre: owner, At: e.o.Now().UTC().Truncate(time.Millisecond), By: c.By, Why: c.Why}
	if newest != nil {
		v.Version = newest.Version + 1
	}
	if c.Base != v.Version-1 {
		return wire.SceneVersion{}, conflict(v.Version-1, newest)
	}
	if err := e.content(ctx, scope, c, &v); err != nil {
		return wire.SceneVersion{}, err
	}
	ours, err := e.o.Store.AddSceneVersion(ctx, scope, v)
	switch {
	case err != nil:
		return wire.SceneVersion{}, fmt.Errorf("save scene %s: %w", c.ID, err)
	case !ours:
		return wire.SceneVersion{}, conflict(v.Version, nil)
	}
	e.o.Log.Info("a scene was changed", "scene", v.ID, "version", v.Version, "by", v.By, "removed", v.Removed)
	if err := e.Renew(ctx); err != nil { // it is kept all the same, and Run comes to it
		e.o.Log.Warn("a changed scene is not in force yet", "scene", v.ID, "error", err)
	}
	return v, nil
}

// content fills in what the version holds.
func (e *Editor) content(ctx context.Context, scope query.Scope, c Change, v *wire.SceneVersion) error {
	lines := true
	switch {
	case c.Remove:
		if shipped, ok := find(e.o.Scenes.Shipped(), c.ID); ok && !scope.Sees(shipped.Centre) {
			return unknown()
		}
		v.Removed = true
		return nil
	case c.Restore > 0:
		old, err := e.one(ctx, scope, c.ID, c.Restore)
		if err != nil {
			return err
		}
		if old.Removed {
			return query.Refuse(query.ErrBadRequest, "Phiên bản %d là lần xoá: không có gì để khôi phục.", "Version %d is a removal: it holds nothing to restore.", c.Restore)
		}
		v.Document = old.Document
	case c.Scene != nil:
		doc, err := files.Document(*c.Scene)
		if err != nil {
			return err
		}
		v.Document, lines = string(doc), false // nobody but us has seen its lines
	default:
		v.Document = string(c.Document)
	}
	scene, errs := e.o.Scenes.Check([]byte(v.Document), c.ID)
	if len(errs) > 0 {
		return faulty(errs, lines)
	}
	if !scope.Sees(scene.Centre) {
		return &Faulty{[]wire.SceneFault{{Field: "centre", Sentence: schemas.Text{
			VI: "bạn chỉ được sửa cảnh của trung tâm mình: hãy ghi mã trung tâm đó", EN: "you may edit scenes of your own centre alone: name it here",
		}}}}
	}
	v.Centre, v.Scene = scene.Centre, &scene
	return nil
}

// standing returns the newest version of a scene, nil where there is none, and whose scene it is. A scene that a reader may not
// edit is not there for them.
func (e *Editor) standing(ctx context.Context, scope query.Scope, id string) (*wire.SceneVersion, string, error) {
	list, err := e.o.Store.SceneVersions(ctx, query.Everything(), id, 0)
	if err != nil {
		return nil, "", fmt.Errorf("versions of scene %s: %w", id, err)
	}
	var newest *wire.SceneVersion
	if len(list) > 0 {
		newest = &list[0]
	}
	shipped, ok := find(e.o.Scenes.Shipped(), id)
	owner := shipped.Centre
	if newest != nil && (!newest.Removed || !ok) {
		owner = newest.Centre
	}
	if newest == nil && !ok || !scope.Sees(owner) {
		return newest, "", unknown()
	}
	return newest, owner, nil
}

// there tells whether the files have a scene.
func (e *Editor) there(id string) bool {
	_, ok := find(e.o.Scenes.Shipped(), id)
	return ok
}

// Versions lists the newest versions of a scene that the reader may edit.
func (e *Editor) Versions(ctx context.Context, scope query.Scope, id string) (wire.SceneVersionList, error) {
	newest, _, err := e.standing(ctx, scope, id)
	if err != nil {
		return wire.SceneVersionList{}, err
	}
	list, err := e.o.Store.SceneVersions(ctx, scope, id, 0)
	if err != nil {
		return wire.SceneVersionList{}, fmt.Errorf("versions of scene %s: %w", id, err)
	}
	out := wire.SceneVersionList{ID: id, Shipped: e.there(id), Versions: list[:min(len(list), maxListed)]}
	if newest != nil {
		out.Version = newest.Version
	}
	return out, nil
}

// Version returns one version with what it holds; 0 is that of the files.
func (e *Editor) Version(ctx context.Context, scope query.Scope, id string, n int) (wire.SceneVersion, error) {
	newest, _, err := e.standing(ctx, scope, id)
	if err != nil {
		return wire.SceneVersion{}, err
	}
	if n == InForce {
		n = 0
		if newest != nil && !newest.Removed {
			n = newest.Version
		}
	}
	if n > 0 {
		return e.one(ctx, scope, id, n)
	}
	shipped, ok := find(e.o.Scenes.Shipped(), id)
	if !ok || !scope.Sees(shipped.Centre) {
		return wire.SceneVersion{}, unknown()
	}
	doc, err := files.Document(shipped)
	return wire.SceneVersion{ID: id, Centre: shipped.Centre, Document: string(doc), Scene: &shipped}, err
}

// one returns a version that was saved, with what it holds.
func (e *Editor) one(ctx context.Context, scope query.Scope, id string, n int) (wire.SceneVersion, error) {
	list, err := e.o.Store.SceneVersions(ctx, scope, id, n)
	if err != nil {
		return wire.SceneVersion{}, fmt.Errorf("version %d of scene %s: %w", n, id, err)
	}
	if len(list) == 0 {
		return wire.SceneVersion{}, query.Refuse(query.ErrNotFound, "Cảnh này không có phiên bản %d.", "This scene has no version %d.", n)
	}
	v := list[0]
	if scene, errs := e.o.Scenes.Check([]byte(v.Document), id); len(errs) == 0 {
		v.Scene = &scene
	}
	return v, nil
}

func find(list []wire.Scene, id string) (wire.Scene, bool) {
	i := slices.IndexFunc(list, func(s wire.Scene) bool { return s.ID == id })
	if i < 0 {
		return wire.Scene{}, false
	}
	return list[i], true
}

func unknown() error {
	return query.Refuse(query.ErrNotFound, "Không có cảnh này, hoặc bạn không được sửa.", "There is no such scene, or you may not edit it.")
}

func conflict(version int, newest *wire.SceneVersion) error {
	if newest == nil {
		return query.Refuse(query.ErrConflict, "Có người vừa sửa cảnh này, nay là phiên bản %d. Hãy tải lại rồi sửa tiếp.",
			"Somebody has just changed this scene, which is at version %d. Load it again, and go on from there.", version)
	}
	return query.Refuse(query.ErrConflict, "%[2]s đã sửa cảnh này, nay là phiên bản %[1]d (“%[3]s”). Hãy tải lại rồi sửa tiếp.",
		"%[2]s has changed this scene, which is at version %[1]d (“%[3]s”). Load it again, and go on from there.", version, newest.By, newest.Why)
}

// faulty tells people what is wrong.
func faulty(errs []error, lines bool) error {
	out := &Faulty{}
	for _, err := range errs {
		f := wire.SceneFault{Sentence: schemas.Text{VI: err.Error(), EN: err.Error()}}
		if one := (*yamlfile.Fault)(nil); errors.As(err, &one) {
			f = wire.SceneFault{Field: one.Key, Sentence: schemas.Text{VI: one.VI, EN: one.Problem}}
			if lines {
				f.Line = one.Line
			}
			if one.VI == "" {
				f.Sentence.VI = one.Problem
			}
		}
		out.Faults = append(out.Faults, f)
	}
	return out
}
