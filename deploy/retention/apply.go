package retention

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Apply gives the tables in the database of the DSN the TTLs of the policy. It changes only those that differ, so that it may
// be called at each start. ClickHouse then goes through the old rows of a changed table once, in the background.
func Apply(ctx context.Context, dsn string, p Policy, log *slog.Logger) error {
	o, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		return fmt.Errorf("read ClickHouse DSN: %w", err)
	}
	conn, err := clickhouse.Open(o)
	if err != nil {
		return fmt.Errorf("open ClickHouse: %w", err)
	}
	return errors.Join(apply(ctx, conn, o.Auth.Database, p, log), conn.Close())
}

func apply(ctx context.Context, conn driver.Conn, database string, p Policy, log *slog.Logger) error {
	// What ends sooner is written down before it ends, what ends later after it has changed: whoever computes anything
	// again must never believe that there is more than there is.
	if err := remember(ctx, conn, p, true); err != nil {
		return err
	}
	differing, err := Differing(ctx, conn, database, p)
	if err != nil {
		return err
	}
	for _, d := range differing {
		sql := "ALTER TABLE " + d.Name + " MODIFY TTL " + d.TTL
		if d.TTL == "" {
			sql = "ALTER TABLE " + d.Name + " REMOVE TTL"
		}
		// Parts that are there have the end of their rows written in them: without this they would live by the old one.
		if err := conn.Exec(clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"materialize_ttl_after_modify": 1, "mutations_sync": 0})), sql); err != nil {
			return fmt.Errorf("change how long %s keeps rows: %w", d.Name, err)
		}
		log.Info("rows are kept for another time", "table", d.Name, "ttl", d.TTL, "before", d.Has)
	}
	return remember(ctx, conn, p, false)
}

// remember writes down the times of keeping that are not written yet: only the shorter ones, or all.
func remember(ctx context.Context, conn driver.Conn, p Policy, onlyShorter bool) error {
	var known []struct {
		Kind string `ch:"kind"`
		Days uint32 `ch:"days"`
	}
	if err := conn.Select(ctx, &known, "SELECT kind, argMax(days, at) AS days FROM retention GROUP BY kind"); err != nil {
		return fmt.Errorf("read how long rows were kept: %w", err)
	}
	before := map[string]Days{}
	for _, k := range known {
		before[k.Kind] = Days(k.Days)
	}
	for _, k := range p.kinds() {
		was, there := before[k.name]
		if there && was == k.days || onlyShorter && !k.days.shorter(was) {
			continue
		}
		if err := conn.Exec(ctx, "INSERT INTO retention (kind, days) SELECT ?, ?", k.name, uint32(k.days)); err != nil {
			return fmt.Errorf("write down how long %s is kept: %w", k.name, err)
		}
	}
	return nil
}

// Difference is a table that keeps its rows for another time than it should.
type Difference struct {
	Table        // as it should be
	Has   string // the TTL that it has
}

// Differing compares the TTLs in a database with a policy. Tables that are not there do not differ.
func Differing(ctx context.Context, conn driver.Conn, database string, p Policy) ([]Difference, error) {
	var rows []struct {
		Name   string `ch:"name"`
		Engine string `ch:"engine_full"`
	}
	if database == "" {
		database = "default"
	}
	if err := conn.Select(ctx, &rows, "SELECT name, engine_full FROM system.tables WHERE database = ?", database); err != nil {
		return nil, fmt.Errorf("read how long tables keep rows: %w", err)
	}
	has := map[string]string{}
	for _, r := range rows {
		has[r.Name] = ttlOf(r.Engine)
	}
	var out []Difference
	for _, t := range p.Tables() {
		if now, ok := has[t.Name]; ok && now != t.TTL {
			out = append(out, Difference{t, now})
		}
	}
	return out, nil
}

// ttlOf takes the TTL out of the full description of an engine.
func ttlOf(engine string) string {
	m := regexp.MustCompile(` TTL (.*?)(?: SETTINGS .*)?$`).FindStringSubmatch(engine)
	if m == nil {
		return ""
	}
	return m[1]
}
