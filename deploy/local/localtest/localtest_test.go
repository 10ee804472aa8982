package localtest

import (
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
)

func TestClickHouse(t *testing.T) {
	var dsns []string
	for range 2 {
		t.Run("test", func(t *testing.T) {
			dsn := ClickHouse(t)
			dsns = append(dsns, dsn)
			options, err := clickhouse.ParseDSN(dsn)
			if err != nil {
				t.Fatal(err)
			}
			conn, err := clickhouse.Open(options)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			var database string
			if err := conn.QueryRow(t.Context(), "SELECT currentDatabase()").Scan(&database); err != nil || database != options.Auth.Database {
				t.Errorf("in database %q: %v", database, err)
			}
		})
	}
	if len(dsns) == 2 && dsns[0] == dsns[1] {
		t.Errorf("two tests share %s", dsns[0])
	}
}
