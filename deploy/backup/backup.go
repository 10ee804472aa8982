// Package backup copies a ClickHouse database to a folder or to S3, and puts it back.
package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// The parts of a backup, each a native backup of its own. Tables are copied one after the other while the platform writes.
// What is computed comes first, so that it never holds anything of events that are not in the backup; events that came since
// are computed after the backup was put back. The manifest comes last: a backup without one was never finished.
const (
	partComputed = "computed"
	partEvents   = "events"
	partManifest = "manifest"

	// manifestDatabase exists while a manifest is written.
	manifestDatabase = "ioc_backup_manifest"
	format           = 1
)

// computed are the tables that are a function of the others, and what tells that a refused event was taken: that comes
// after the event.
func computed() []string {
	return []string{
		"entity", "entity_place", "source_minute", "rollup", "rollup_definition", "revision", "kpi_minute", "progress",
		"measure_superseded", "state_superseded", "replayed",
	}
}

// Table is what a manifest says of one table.
type Table struct {
	Name   string `json:"name"`
	Part   string `json:"part"`
	Before uint64 `json:"rows_before"` // when the backup began
	After  uint64 `json:"rows_after"`  // when it had ended
	Ends   bool   `json:"ends"`        // it has a TTL: old rows may go at any time
}

// Manifest describes a backup.
type Manifest struct {
	Format    int       `json:"format"`
	Version   string    `json:"ioc"` // that wrote it
	Database  string    `json:"database"`
	Migration string    `json:"migration"` // the last one
	Number    int       `json:"migration_number"`
	Began     time.Time `json:"began"` // by the server's clock
	Ended     time.Time `json:"ended"`
	Base      string    `json:"base,omitempty"`
	Tables    []Table   `json:"tables"`
}

// Progress is how far one part has come. Files of a backup that is being written are not known before its end.
type Progress struct {
	Part        string
	Files, Done uint64
	Bytes       uint64
}

// Options says what to copy, and where to.
type Options struct {
	DSN     string
	To      Place
	Base    Place // an earlier backup; the zero place: none
	Version string
	Show    func(Progress)
}

// Backup copies the database of the DSN, while it is in use.
func Backup(ctx context.Context, o Options) (m Manifest, err error) {
	s, err := open(o.DSN, o.To, o.Base)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, s.conn.Close()) }()
	s.show = o.Show
	m = Manifest{Format: format, Version: o.Version, Database: s.database, Base: o.Base.String()}
	if err := s.describe(ctx, &m); err != nil {
		return m, err
	}
	if m.Tables, err = s.tables(ctx); err != nil {
		return m, err
	}
	for i := range m.Tables {
		if m.Tables[i].Before, err = s.rows(ctx, s.database, m.Tables[i].Name); err != nil {
			return m, err
		}
	}
	for _, part := range []string{partComputed, partEvents} {
		if err := s.copyPart(ctx, o, m, part); err != nil {
			return m, err
		}
	}
	for i := range m.Tables {
		if m.Tables[i].After, err = s.rows(ctx, s.database, m.Tables[i].Name); err != nil {
			return m, err
		}
	}
	if err := s.conn.QueryRow(ctx, "SELECT now64(3, 'UTC')").Scan(&m.Ended); err != nil {
		return m, fmt.Errorf("read the server's clock: %w", err)
	}
	return m, s.writeManifest(ctx, o.To, m)
}

// server is the ClickHouse that holds the database.
type server struct {
	conn     driver.Conn
	database string
	secrets  []string
	show     func(Progress)
}

// open connects without naming the database, which may not exist.
func open(dsn string, places ...Place) (*server, error) {
	o, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		return nil, fmt.Errorf("read ClickHouse DSN: %w", err)
	}
	s := &server{database: o.Auth.Database}
	for _, p := range places {
		s.secrets = append(s.secrets, p.key, p.secret)
	}
	if s.database == "" || s.database == "default" || strings.Contains(s.database, "`") {
		return nil, fmt.Errorf("the ClickHouse DSN names the database %q: name one of the platform's own, such as …:9000/ioc", s.database)
	}
	o.Auth.Database = ""
	// Counting a large table takes longer than any question of the platform.
	o.ReadTimeout = time.Hour
	if s.conn, err = clickhouse.Open(o); err != nil {
		return nil, fmt.Errorf("open ClickHouse: %w", err)
	}
	return s, nil
}

// describe fills in the time and the state of the migrations.
func (s *server) describe(ctx context.Context, m *Manifest) error {
	var number uint32
	err := s.conn.QueryRow(ctx, "SELECT number, name, now64(3, 'UTC') FROM "+name(s.database, "schema_migration")+" FINAL ORDER BY number DESC LIMIT 1").Scan(&number, &m.Migration, &m.Began)
	if err != nil {
		return fmt.Errorf("read the migrations of database %s; is it one of the platform, and is the DSN right: %w", s.database, err)
	}
	m.Number = int(number)
	return nil
}

// tables lists what is to be copied: all that holds data. Views are made anew by the migrations that made them.
func (s *server) tables(ctx context.Context) ([]Table, error) {
	var rows []struct {
		Name   string `ch:"name"`
		Engine string `ch:"engine_full"`
	}
	err := s.conn.Select(ctx, &rows, "SELECT name, engine_full FROM system.tables WHERE database = ? AND engine LIKE '%MergeTree' ORDER BY name", s.database)
	if err != nil {
		return nil, fmt.Errorf("list the tables of %s: %w", s.database, err)
	}
	out := make([]Table, len(rows))
	for i, r := range rows {
		out[i] = Table{Name: r.Name, Part: partEvents, Ends: strings.Contains(r.Engine, " TTL ")}
		if slices.Contains(computed(), r.Name) {
			out[i].Part = partComputed
		}
	}
	return out, nil
}

// rows counts a table as a reader sees it: rows that replace each other are one.
func (s *server) rows(ctx context.Context, database, table string) (n uint64, err error) {
	var engine string
	if err := s.conn.QueryRow(ctx, "SELECT engine FROM system.tables WHERE database = ? AND name = ?", database, table).Scan(&engine); err != nil {
		return 0, fmt.Errorf("look for table %s: %w", table, err)
	}
	final := ""
	if strings.HasSuffix(engine, "ReplacingMergeTree") || strings.HasSuffix(engine, "AggregatingMergeTree") {
		final = " FINAL"
	}
	if err := s.conn.QueryRow(ctx, "SELECT count() FROM "+name(database, table)+final).Scan(&n); err != nil {
		return 0, fmt.Errorf("count the rows of %s: %w", table, err)
	}
	return n, nil
}

func (s *server) copyPart(ctx context.Context, o Options, m Manifest, part string) error {
	var list []string
	for _, t := range m.Tables {
		if t.Part == part {
			list = append(list, "TABLE "+name(s.database, t.Name))
		}
	}
	sql := "BACKUP " + strings.Join(list, ", ") + " TO " + o.To.sql(part)
	if o.Base != (Place{}) {
		sql += " SETTINGS base_backup = " + o.Base.sql(part)
	}
	return s.run(ctx, part, o.To, sql)
}

// writeManifest leaves the manifest beside the other parts, as a backup of a table with one row.
func (s *server) writeManifest(ctx context.Context, to Place, m Manifest) (err error) {
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	table := name(manifestDatabase, "manifest")
	for _, sql := range []string{
		"DROP DATABASE IF EXISTS " + manifestDatabase + " SYNC", "CREATE DATABASE " + manifestDatabase,
		"CREATE TABLE " + table + " (text String) ENGINE = MergeTree ORDER BY tuple()",
	} {
		if err := s.conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("prepare the manifest: %w", err)
		}
	}
	defer func() { err = errors.Join(err, s.drop(ctx, manifestDatabase)) }()
	if err := s.conn.Exec(ctx, "INSERT INTO "+table+" SELECT ?", string(text)); err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	return s.run(ctx, partManifest, to, "BACKUP TABLE "+table+" TO "+to.sql(partManifest))
}

// drop removes a database of this package's own, also when ctx has ended.
func (s *server) drop(ctx context.Context, database string) error {
	if err := s.conn.Exec(context.WithoutCancel(ctx), "DROP DATABASE IF EXISTS "+quoted(database)+" SYNC"); err != nil {
		return fmt.Errorf("drop the database %s, which was needed for a moment: %w", database, err)
	}
	return nil
}

func quoted(s string) string { return "`" + strings.ReplaceAll(s, "`", "\\`") + "`" }

func name(database, table string) string { return quoted(database) + "." + quoted(table) }
