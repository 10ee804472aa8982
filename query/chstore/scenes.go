package chstore

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// SceneVersions implements scene.Store.
func (s *Store) SceneVersions(ctx context.Context, scope query.Scope, id string, version int) ([]wire.SceneVersion, error) {
	sql, args := `SELECT scene, version, centre, '', removed, why, by, at FROM scene_version WHERE scene = ? ORDER BY version DESC`, []any{id}
	if version > 0 {
		sql, args = `SELECT scene, version, centre, document, removed, why, by, at FROM scene_version WHERE scene = ? AND version = ?`, []any{id, version}
	}
	return s.sceneVersions(ctx, scope, "read versions of a scene", sql, args)
}

// NewestScenes implements scene.Store.
func (s *Store) NewestScenes(ctx context.Context, scope query.Scope) ([]wire.SceneVersion, error) {
	return s.sceneVersions(ctx, scope, "read edited scenes", `SELECT scene, version, centre, document, removed, why, by, at FROM scene_version
WHERE (scene, version) IN (SELECT scene, max(version) FROM scene_version GROUP BY scene) ORDER BY scene`, nil)
}

func (s *Store) sceneVersions(ctx context.Context, scope query.Scope, what, sql string, args []any) ([]wire.SceneVersion, error) {
	out := []wire.SceneVersion{}
	err := s.scan(ctx, what, sql, args, func(rows driver.Rows) error {
		var v wire.SceneVersion
		var n uint32
		if err := rows.Scan(&v.ID, &n, &v.Centre, &v.Document, &v.Removed, &v.Why, &v.By, &v.At); err != nil {
			return err
		}
		v.Version = int(n)
		if scope.Sees(v.Centre) {
			out = append(out, v)
		}
		return nil
	})
	return out, err
}

// AddSceneVersion implements scene.Store.
func (s *Store) AddSceneVersion(ctx context.Context, scope query.Scope, v wire.SceneVersion) (bool, error) {
	what := fmt.Sprintf("keep version %d of scene %s", v.Version, v.ID)
	if !scope.Sees(v.Centre) {
		return false, fmt.Errorf("%s: %w", what, query.ErrNotFound)
	}
	row := []any{v.ID, uint32(v.Version), v.Centre, v.Document, v.Removed, v.Why, v.By, v.At} //nolint:gosec // nobody saves four billion times
	err := s.insert(once(ctx, fmt.Sprintf("%s/%d", v.ID, v.Version)), what, "scene_version (scene, version, centre, document, removed, why, by, at)", [][]any{row})
	if err != nil {
		return false, err
	}
	kept, err := s.SceneVersions(ctx, scope, v.ID, v.Version)
	if err != nil || len(kept) != 1 {
		return false, err
	}
	k := kept[0]
	return k.Document == v.Document && k.Removed == v.Removed && k.Why == v.Why && k.By == v.By && k.At.Equal(v.At), nil
}
