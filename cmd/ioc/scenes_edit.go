package main

import (
	"context"
	"time"

	"github.com/binhphuoc/ioc/query/chstore"
	edits "github.com/binhphuoc/ioc/query/scene"
	"github.com/binhphuoc/ioc/schemas/scene"
)

// sceneEditor starts what keeps the scenes that people edit in force.
func (a *parts) sceneEditor(ctx context.Context, store *chstore.Store, scenes *scene.Store) *edits.Editor {
	editor := edits.New(edits.Options{Store: store, Scenes: scenes, Now: time.Now, Log: a.p.log.With("part", "scene")})
	a.stages.start(ctx, "scene edits", editor.Run)
	return editor
}
