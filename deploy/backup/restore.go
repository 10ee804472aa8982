package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/binhphuoc/ioc/deploy/migrate"
	"github.com/binhphuoc/ioc/schemas/ddl"
)

// RestoreOptions says which backup to put where.
type RestoreOptions struct {
	DSN        string
	From       Place
	Replace    bool // what the database holds
	Migrations []ddl.Migration
	Show       func(Progress)
	Log        *slog.Logger
}

// Errors of a restore. Each leaves what was there as it was.
var (
	ErrNotEmpty = errors.New("it holds events or figures: give --replace to put the backup in their place")
	ErrNewer    = errors.New("the backup is of a newer ioc: use that one")
	ErrBefore   = errors.New("a restore was cut off while it put the new database in the place of the old one, which this is: rename it back, or drop it")
)

// slack is how long an event may take from its arrival into all tables that are about it. Around the beginning of a backup,
// one of them may have been copied with it and another one without.
const slack = 6 * time.Hour

// Restore reads a backup into a database beside the one of the DSN, looks whether all of it is there, and puts it in that one's
// place. Whatever goes wrong before leaves the old one as it was. The roll-up has to run afterwards: it computes what came
// while the backup was made.
func Restore(ctx context.Context, o RestoreOptions) (m Manifest, err error) {
	s, err := open(o.DSN, o.From)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, s.conn.Close()) }()
	s.show = o.Show
	there, err := s.target(ctx, o.Replace)
	if err != nil {
		return m, err
	}
	beside := s.database + "_restoring"
	if err := s.drop(ctx, beside); err != nil { // of one that was killed
		return m, err
	}
	swapped := false
	defer func() {
		if !swapped {
			err = errors.Join(err, s.drop(ctx, beside))
		}
	}()
	if err := s.conn.Exec(ctx, "CREATE DATABASE "+quoted(beside)); err != nil {
		return m, fmt.Errorf("make the database %s to restore into: %w", beside, err)
	}
	if m, err = s.readManifest(ctx, o.From, beside); err != nil {
		return m, err
	}
	if m.Number > len(o.Migrations) {
		return m, fmt.Errorf("%s was written by ioc %s, with the tables of %s: %w", o.From, m.Version, m.Migration, ErrNewer)
	}
	for _, part := range []string{partComputed, partEvents} {
		if err := s.readPart(ctx, o.From, m, part, beside); err != nil {
			return m, err
		}
	}
	if err := s.complete(ctx, o, m, beside); err != nil {
		return m, err
	}
	if err := s.swap(ctx, there, beside); err != nil {
		return m, err
	}
	swapped = true
	if err := s.views(ctx, o.DSN, o.Migrations[:m.Number]); err != nil {
		return m, err
	}
	return m, migrate.Up(ctx, o.DSN, o.Migrations, o.Log)
}

// target looks at the database that is to be restored: whether it is there, and may be replaced.
func (s *server) target(ctx context.Context, replace bool) (there bool, err error) {
	var names []string
	if err := s.conn.QueryRow(ctx, "SELECT groupArray(name) FROM system.databases").Scan(&names); err != nil {
		return false, fmt.Errorf("list databases: %w", err)
	}
	if before := s.database + "_before"; slices.Contains(names, before) {
		return false, fmt.Errorf("database %s: %w", before, ErrBefore)
	}
	if !slices.Contains(names, s.database) {
		return false, nil
	}
	var full []string
	if err := s.conn.QueryRow(ctx, `SELECT groupArray(name) FROM system.tables WHERE database = ? AND total_rows > 0
AND name IN ('raw_state', 'raw_measure', 'rejected', 'entity', 'rollup')`, s.database).Scan(&full); err != nil {
		return true, fmt.Errorf("look what is in database %s: %w", s.database, err)
	}
	if len(full) > 0 && !replace {
		return true, fmt.Errorf("database %s is not empty (%s): %w", s.database, strings.Join(full, ", "), ErrNotEmpty)
	}
	return true, nil
}

func (s *server) readManifest(ctx context.Context, from Place, into string) (m Manifest, err error) {
	table := name(into, "backup_manifest")
	if err := s.run(ctx, partManifest, from, "RESTORE TABLE "+name(manifestDatabase, "manifest")+" AS "+table+" FROM "+from.sql(partManifest)); err != nil {
		return m, err
	}
	var text string
	if err := s.conn.QueryRow(ctx, "SELECT text FROM "+table).Scan(&text); err != nil {
		return m, fmt.Errorf("read the manifest of %s: %w", from, err)
	}
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return m, fmt.Errorf("read the manifest of %s: %w", from, err)
	}
	if m.Format != format {
		return m, fmt.Errorf("%s has format %d, this ioc reads %d: %w", from, m.Format, format, ErrNewer)
	}
	if err := s.conn.Exec(ctx, "DROP TABLE "+table+" SYNC"); err != nil {
		return m, fmt.Errorf("drop the manifest: %w", err)
	}
	return m, nil
}

func (s *server) readPart(ctx context.Context, from Place, m Manifest, part, into string) error {
	var list []string
	for _, t := range m.Tables {
		if t.Part == part {
			list = append(list, "TABLE "+name(m.Database, t.Name)+" AS "+name(into, t.Name))
		}
	}
	return s.run(ctx, part, from, "RESTORE "+strings.Join(list, ", ")+" FROM "+from.sql(part))
}

// complete looks whether all that the manifest tells of is there, and makes whole what the backup may have cut in two.
func (s *server) complete(ctx context.Context, o RestoreOptions, m Manifest, database string) error {
	for _, t := range m.Tables {
		n, err := s.rows(ctx, database, t.Name)
		if err != nil {
			return err
		}
		// Of a table that lets old rows go, some may have gone since. More than were there is as wrong as less.
		least, most := min(t.Before, t.After), max(t.Before, t.After)
		if t.Ends {
			least = min(least, 1)
		}
		if t.Name == "touched" || t.Ends && t.Before == 0 {
			least = 0
		}
		if n < least || n > most && !t.Ends {
			return fmt.Errorf("%s: table %s has %d rows, and had between %d and %d when it was copied: the backup is damaged, nothing was changed", o.From, t.Name, n, least, most)
		}
	}
	dsn, err := inDatabase(o.DSN, database)
	if err != nil {
		return err
	}
	options, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		return fmt.Errorf("read ClickHouse DSN: %w", err)
	}
	conn, err := clickhouse.Open(options)
	if err != nil {
		return fmt.Errorf("open ClickHouse: %w", err)
	}
	defer conn.Close()
	if _, err := migrate.Pending(ctx, conn, o.Migrations); err != nil {
		return fmt.Errorf("%s: %w", o.From, err)
	}
	since := fmt.Sprintf("fromUnixTimestamp64Milli(toInt64(%d), 'UTC')", m.Began.Add(-slack).UnixMilli())
	for _, v := range made(o.Migrations[:m.Number]) {
		if err := topUp(ctx, conn, v, since, m.Began.Add(-slack).UnixMicro()); err != nil {
			return err
		}
	}
	return touch(ctx, conn, since)
}

func inDatabase(dsn, database string) (string, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return "", errors.New("the ClickHouse DSN is no URL")
	}
	u.Path = "/" + database
	return u.String(), nil
}

// swap puts the restored database in the place of the old one.
func (s *server) swap(ctx context.Context, there bool, restored string) error {
	ctx = context.WithoutCancel(ctx) // no end in the middle
	before := s.database + "_before"
	if there {
		if err := s.conn.Exec(ctx, "RENAME DATABASE "+quoted(s.database)+" TO "+quoted(before)); err != nil {
			return fmt.Errorf("put the old database aside: %w", err)
		}
	}
	if err := s.conn.Exec(ctx, "RENAME DATABASE "+quoted(restored)+" TO "+quoted(s.database)); err != nil {
		err = fmt.Errorf("put the restored database in place: %w", err)
		if there {
			err = errors.Join(err, s.conn.Exec(ctx, "RENAME DATABASE "+quoted(before)+" TO "+quoted(s.database)))
		}
		return err
	}
	if !there {
		return nil
	}
	return s.drop(ctx, before)
}

// view is a materialized view of the migrations.
type view struct{ name, target, query, create string }

// made lists the materialized views that the migrations make and do not drop again.
func made(migrations []ddl.Migration) []view {
	create := regexp.MustCompile(`(?is)^\s*CREATE\s+MATERIALIZED\s+VIEW\s+IF\s+NOT\s+EXISTS\s+(\w+)\s+TO\s+(\w+)\s+AS\s+(.*)$`)
	drop := regexp.MustCompile(`(?i)^\s*DROP\s+(?:TABLE|VIEW)\s+(?:IF\s+EXISTS\s+)?(\w+)`)
	var out []view
	for _, m := range migrations {
		for _, sql := range m.Statements {
			if v := create.FindStringSubmatch(sql); v != nil {
				out = append(out, view{v[1], v[2], v[3], sql})
			}
			if d := drop.FindStringSubmatch(sql); d != nil {
				out = slices.DeleteFunc(out, func(v view) bool { return v.name == d[1] })
			}
		}
	}
	return out
}

// views makes the views of the database again: those in a backup name the tables of the database that it was made of.
func (s *server) views(ctx context.Context, dsn string, migrations []ddl.Migration) error {
	o, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		return fmt.Errorf("read ClickHouse DSN: %w", err)
	}
	conn, err := clickhouse.Open(o)
	if err != nil {
		return fmt.Errorf("open ClickHouse: %w", err)
	}
	defer conn.Close()
	for _, v := range made(migrations) {
		if err := conn.Exec(ctx, v.create); err != nil {
			return fmt.Errorf("make the view %s: %w", v.name, err)
		}
	}
	return nil
}
