// Package migrate applies the numbered migrations to a ClickHouse database, each once.
package migrate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/binhphuoc/ioc/schemas/ddl"
)

const (
	// staleLock is how old a lock must be before it is taken for one of a process that was killed.
	// No migration takes that long: they make tables, and move no data.
	staleLock = 2 * time.Minute
	// retry is how often a process looks whether another one is done.
	retry = 200 * time.Millisecond

	codeTableExists = 57 // TABLE_ALREADY_EXISTS
)

// How the history of a database can differ from that of a binary.
var (
	ErrNewer   = errors.New("use the newer ioc that applied it")
	ErrChanged = errors.New("put it back, and write a new migration instead")
)

// Up brings the database of the DSN, which it makes when it is missing, to the newest migration.
// Several processes may call it at the same time: one works, the others wait.
func Up(ctx context.Context, dsn string, migrations []ddl.Migration, log *slog.Logger) error {
	o, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		return fmt.Errorf("read ClickHouse DSN: %w", err)
	}
	if err := createDatabase(ctx, *o); err != nil {
		return err
	}
	conn, err := clickhouse.Open(o)
	if err != nil {
		return fmt.Errorf("open ClickHouse: %w", err)
	}
	err = conn.Exec(ctx, `CREATE TABLE IF NOT EXISTS schema_migration (number UInt32, name String, checksum String,
applied_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')) ENGINE = ReplacingMergeTree(applied_at) ORDER BY number`)
	if err == nil {
		err = upLocked(ctx, conn, migrations, log)
	} else {
		err = fmt.Errorf("make the table of migrations: %w", err)
	}
	return errors.Join(err, conn.Close())
}

// createDatabase makes the database that the DSN names.
func createDatabase(ctx context.Context, o clickhouse.Options) error {
	name := o.Auth.Database
	if name == "" || name == "default" {
		return nil
	}
	if strings.Contains(name, "`") {
		return fmt.Errorf("the ClickHouse DSN names a database %q: a name with a backquote is none", name)
	}
	o.Auth.Database = ""
	conn, err := clickhouse.Open(&o)
	if err != nil {
		return fmt.Errorf("open ClickHouse: %w", err)
	}
	if err = conn.Exec(ctx, "CREATE DATABASE IF NOT EXISTS `"+name+"`"); err != nil {
		err = fmt.Errorf("make database %s: %w", name, err)
	}
	return errors.Join(err, conn.Close())
}

// upLocked applies what is missing while it holds the lock.
func upLocked(ctx context.Context, conn driver.Conn, migrations []ddl.Migration, log *slog.Logger) error {
	if pending, err := Pending(ctx, conn, migrations); err != nil || len(pending) == 0 {
		return err
	}
	if err := lock(ctx, conn, staleLock); err != nil {
		return err
	}
	pending, err := Pending(ctx, conn, migrations) // somebody else may have been faster
	for _, m := range pending {
		if err = apply(ctx, conn, m); err != nil {
			break
		}
		log.Info("migration applied", "name", m.Name)
	}
	return errors.Join(err, unlock(ctx, conn))
}

// Pending lists the migrations that the database does not have. It fails where the two histories differ.
func Pending(ctx context.Context, conn driver.Conn, migrations []ddl.Migration) ([]ddl.Migration, error) {
	var done []struct {
		Number   uint32 `ch:"number"`
		Name     string `ch:"name"`
		Checksum string `ch:"checksum"`
	}
	if err := conn.Select(ctx, &done, "SELECT number, name, checksum FROM schema_migration FINAL ORDER BY number"); err != nil {
		return nil, fmt.Errorf("read applied migrations: %w", err)
	}
	for i, d := range done {
		switch {
		case i >= len(migrations):
			return nil, fmt.Errorf("the database has migration %s, which this binary does not know: %w", d.Name, ErrNewer)
		case int(d.Number) != migrations[i].Number || d.Checksum != migrations[i].Checksum:
			return nil, fmt.Errorf("migration %s was changed after it had been applied as %s: %w", migrations[i].Name, d.Name, ErrChanged)
		}
	}
	return migrations[len(done):], nil
}

// apply runs one migration and remembers it. Its statements can be run again, so a kill in between does no harm.
func apply(ctx context.Context, conn driver.Conn, m ddl.Migration) error {
	for i, s := range m.Statements {
		if err := conn.Exec(ctx, s); err != nil {
			return fmt.Errorf("migration %s, statement %d: %w", m.Name, i+1, err)
		}
	}
	if err := conn.Exec(ctx, "INSERT INTO schema_migration (number, name, checksum) SELECT ?, ?, ?", m.Number, m.Name, m.Checksum); err != nil {
		return fmt.Errorf("remember migration %s: %w", m.Name, err)
	}
	return nil
}

// lock makes a table whose only use is that one process alone can make it. A table older than stale is taken for
// one that a killed process left. Should two processes take it away at the same moment, both go on: every statement of
// a migration can be run again.
func lock(ctx context.Context, conn driver.Conn, stale time.Duration) error {
	for {
		err := conn.Exec(ctx, "CREATE TABLE schema_lock (at DateTime DEFAULT now()) ENGINE = Memory")
		var e *clickhouse.Exception
		switch {
		case err == nil:
			return nil
		case !errors.As(err, &e) || e.Code != codeTableExists:
			return fmt.Errorf("lock the migrations: %w", err)
		}
		age, err := lockAge(ctx, conn)
		if err != nil {
			return err
		}
		if age > stale {
			if err := unlock(ctx, conn); err != nil {
				return err
			}
			continue
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for another process to finish its migrations: %w", ctx.Err())
		case <-time.After(retry):
		}
	}
}

// lockAge is the time since the lock was made; 0 when it is gone.
func lockAge(ctx context.Context, conn driver.Conn) (time.Duration, error) {
	var seconds uint64
	err := conn.QueryRow(ctx, `SELECT toUInt64(greatest(0, max(dateDiff('second', metadata_modification_time, now()))))
FROM system.tables WHERE database = currentDatabase() AND name = 'schema_lock'`).Scan(&seconds)
	if err != nil {
		return 0, fmt.Errorf("read the age of the migrations' lock: %w", err)
	}
	return time.Duration(seconds) * time.Second, nil //nolint:gosec // no clock is that far off
}

func unlock(ctx context.Context, conn driver.Conn) error {
	if err := conn.Exec(context.WithoutCancel(ctx), "DROP TABLE IF EXISTS schema_lock SYNC"); err != nil {
		return fmt.Errorf("unlock the migrations: %w", err)
	}
	return nil
}
