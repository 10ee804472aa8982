package chstore

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/binhphuoc/ioc/schemas/wire"
)

// FindSources implements query.SearchStore.
func (s *Store) FindSources(ctx context.Context, centres []string, text string, limit int) ([]wire.FoundSource, error) {
	var out []wire.FoundSource
	err := s.scan(ctx, "find sources", fmt.Sprintf(`SELECT source, toString(any(f.centre)), toString(any(f.domain)), max(f.newest_event) AS newest
FROM feed_source AS f WHERE %s AND positionCaseInsensitiveUTF8(source, %s) > 0 GROUP BY source ORDER BY source LIMIT %d`, ofCentres(centres), quote(text), limit), nil,
		func(r driver.Rows) error {
			var f wire.FoundSource
			if err := r.Scan(&f.Source, &f.Centre, &f.Domain, &f.NewestEvent); err != nil {
				return err
			}
			out = append(out, f)
			return nil
		})
	return out, err
}

// FindThings implements query.SearchStore. Ids stand in the key, so that their beginning is found without reading all.
func (s *Store) FindThings(ctx context.Context, centres []string, text string, limit int) ([]wire.FoundThing, error) {
	var out []wire.FoundThing
	err := s.scan(ctx, "find things", fmt.Sprintf(`SELECT toString(e.type), e.entity, toString(e.centre), substringUTF8(toString(e.agency), 1, 200), toString(e.status), e.time
FROM entity AS e FINAL WHERE e.type IN ('dossier', 'ticket') AND %s AND (startsWith(e.entity, %s) OR startsWith(e.entity, %s)) AND NOT e.gone
ORDER BY e.type, e.entity, e.centre LIMIT %d`, ofCentres(centres), quote(text), quote(strings.ToUpper(text)), limit), nil, func(r driver.Rows) error {
		var f wire.FoundThing
		if err := r.Scan(&f.Kind, &f.ID, &f.Centre, &f.Agency, &f.Status, &f.Time); err != nil {
			return err
		}
		out = append(out, f)
		return nil
	})
	return out, err
}
