package backup

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// topUp has a view's target hold what the newest rows of its source say: the two were copied at different moments. Rows that
// are there already are the same rows once more, and count once.
func topUp(ctx context.Context, conn driver.Conn, v view, since string, sinceMicro int64) error {
	from := regexp.MustCompile(`(?i)\bFROM\s+(raw_state|raw_measure|rejected|entity)\b`)
	source := from.FindStringSubmatch(v.query)
	if source == nil {
		return nil
	}
	recent := map[string]string{
		"raw_state":   "SELECT *, version FROM raw_state WHERE arrived >= " + since,
		"raw_measure": "SELECT *, version FROM raw_measure WHERE arrived >= " + since,
		"rejected":    "SELECT * FROM rejected WHERE arrived >= " + since,
		"entity":      fmt.Sprintf("SELECT * FROM entity WHERE computed >= %d", sinceMicro),
	}[source[1]]
	query := from.ReplaceAllLiteralString(v.query, "FROM ("+recent+") AS "+source[1])
	// A view fills columns by name, an insert by their order.
	var columns []struct {
		Name string `ch:"name"`
	}
	if err := conn.Select(ctx, &columns, "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = ? AND default_kind NOT IN ('MATERIALIZED', 'ALIAS') ORDER BY position", v.target); err != nil {
		return fmt.Errorf("read the columns of %s: %w", v.target, err)
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	list := strings.Join(names, ", ")
	if err := conn.Exec(ctx, "INSERT INTO "+v.target+" ("+list+") SELECT "+list+" FROM ("+query+")"); err != nil {
		return fmt.Errorf("make %s whole: %w", v.target, err)
	}
	return nil
}

// touch has the roll-up compute again what the newest events are about: what was told of them in the journal may not have
// come into the backup.
func touch(ctx context.Context, conn driver.Conn, since string) error {
	for _, sql := range []string{
		"SELECT type, centre, entity, toDateTime(0, 'UTC') AS bucket, min(arrived) AS since FROM raw_state WHERE arrived >= " + since + " GROUP BY type, centre, entity",
		"SELECT type, '' AS centre, '' AS entity, toStartOfInterval(toDateTime(time, 'UTC'), INTERVAL 10 SECOND) AS bucket, min(arrived) AS since FROM raw_measure WHERE arrived >= " + since + " GROUP BY type, bucket",
		"SELECT 'rejected' AS type, '' AS centre, '' AS entity, toStartOfInterval(toDateTime(arrived, 'UTC'), INTERVAL 10 SECOND) AS bucket, min(arrived) AS since FROM rejected AS r WHERE r.arrived >= " + since + " GROUP BY bucket",
	} {
		if err := conn.Exec(ctx, "INSERT INTO touched (batch, type, centre, entity, bucket, since) SELECT (SELECT generateUUIDv4()), type, centre, entity, bucket, since FROM ("+sql+")"); err != nil {
			return fmt.Errorf("note what is to be computed again: %w", err)
		}
	}
	return nil
}
