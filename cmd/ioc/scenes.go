package main

import (
	"errors"
	"fmt"

	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/scene"
	cards "github.com/binhphuoc/ioc/schemas/scorecard"
)

// scenes loads what walls show: the built-in scenes and walls, and those of --scene-dir and --wall-dir.
func (a *parts) scenes(catalogue func() *kpi.Catalogue, scorecards *cards.Store) (*scene.Store, error) {
	known := scene.Known{Registry: a.registry, Catalogue: catalogue, Scorecards: func() []string {
		var ids []string
		for _, c := range scorecards.Current() {
			ids = append(ids, c.ID)
		}
		return ids
	}}
	scenes, walls, errs := scene.Builtin(known)
	if len(errs) > 0 {
		return nil, fmt.Errorf("built-in scenes: %w", errors.Join(errs...))
	}
	store := scene.NewStore(scene.Set{Scenes: scenes, Walls: walls}, a.s.sceneDir, a.s.wallDir, known)
	for _, err := range store.Reload() {
		a.p.log.Error("a scene file is refused", "error", err)
	}
	return store, nil
}
