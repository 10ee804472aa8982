package chstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"
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

// AddSceneVersion implements scene.Store. The table drops an insert whose token it has seen, so that of two processes that write
// one version the first is heard. Which that was, both read from the table.
func (s *Store) AddSceneVersion(ctx context.Context, scope query.Scope, v wire.SceneVersion) (bool, error) {
	what := fmt.Sprintf("keep version %d of scene %s", v.Version, v.ID)
	if !scope.Sees(v.Centre) {
		return false, fmt.Errorf("%s: %w", what, query.ErrNotFound)
	}
	once := clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"insert_deduplicate": 1, "insert_deduplication_token": fmt.Sprintf("%s/%d", v.ID, v.Version), "async_insert": 0,
	}))
	batch, err := s.conn.PrepareBatch(once, `INSERT INTO scene_version (scene, version, centre, document, removed, why, by, at)`)
	if err != nil {
		return false, fmt.Errorf("%s: %w", what, err)
	}
	err = batch.Append(v.ID, uint32(v.Version), v.Centre, v.Document, v.Removed, v.Why, v.By, v.At) //nolint:gosec // nobody saves four billion times
	if err == nil {
		err = batch.Send()
	}
	if err != nil {
		return false, errors.Join(fmt.Errorf("%s: %w", what, err), batch.Close())
	}
	kept, err := s.SceneVersions(ctx, scope, v.ID, v.Version)
	if err != nil || len(kept) != 1 {
		return false, err
	}
	k := kept[0]
	return k.Document == v.Document && k.Removed == v.Removed && k.Why == v.Why && k.By == v.By && k.At.Equal(v.At), nil
}
