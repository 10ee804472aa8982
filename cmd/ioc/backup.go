package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/binhphuoc/ioc/deploy/backup"
	"github.com/binhphuoc/ioc/deploy/local"
	"github.com/binhphuoc/ioc/query/chstore"
	"github.com/binhphuoc/ioc/query/rollup"
	"github.com/binhphuoc/ioc/schemas/ddl"
)

// runBackup copies the database while the platform runs.
func runBackup(ctx context.Context, s *settings, p *process) error {
	to, base, err := backupPlaces(s)
	if err != nil {
		return err
	}
	a, err := newParts(s, p)
	if err != nil {
		return err
	}
	dsn, err := a.reach(ctx, false)
	if err != nil {
		return errors.Join(err, a.stop())
	}
	began := time.Now()
	m, err := backup.Backup(ctx, backup.Options{DSN: dsn, To: to, Base: base, Version: build(), Show: showParts(p, "writing")})
	if err := errors.Join(err, a.stop()); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	fmt.Fprintf(p.out, "%s holds database %s as of %s, written in %s; ioc restore --from %[1]s puts it back\n",
		to, m.Database, m.Began.Format(time.RFC3339), time.Since(began).Round(time.Second))
	return nil
}

func backupPlaces(s *settings) (to, base backup.Place, err error) {
	s3 := backup.S3{Endpoint: s.s3Endpoint, Key: s.s3Key, Secret: s.s3Secret}
	if to, err = backup.ParsePlace(s.to, s3); err != nil {
		return to, base, fmt.Errorf("--to: %w", err)
	}
	if s.base == "" {
		return to, base, nil
	}
	if base, err = backup.ParsePlace(s.base, s3); err != nil {
		return to, base, fmt.Errorf("--base: %w", err)
	}
	return to, base, nil
}

// runRestore puts a backup back, and has the roll-up compute what came while it was made.
func runRestore(ctx context.Context, s *settings, p *process) error {
	from, err := backup.ParsePlace(s.from, backup.S3{Endpoint: s.s3Endpoint, Key: s.s3Key, Secret: s.s3Secret})
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	a, err := newParts(s, p)
	if err != nil {
		return err
	}
	dsn, err := a.reach(ctx, true)
	if err == nil {
		err = a.restore(ctx, dsn, from)
	}
	return errors.Join(err, a.stop())
}

func (a *parts) restore(ctx context.Context, dsn string, from backup.Place) error {
	migrations, err := ddl.Builtin()
	if err != nil {
		return err
	}
	began := time.Now()
	m, err := backup.Restore(ctx, backup.RestoreOptions{
		DSN: dsn, From: from, Replace: a.s.replace, Migrations: migrations, Show: showParts(a.p, "reading"), Log: a.p.log,
	})
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	fmt.Fprintf(a.p.out, "database %s is as it was at %s; computing what came while it was copied\n", m.Database, m.Began.Format(time.RFC3339))
	catalogue, err := a.catalogue()
	if err != nil {
		return err
	}
	store, err := chstore.New(chstore.Options{DSN: dsn, Registry: a.registry})
	if err != nil {
		return err
	}
	a.closers = append(a.closers, store.Close)
	roller := rollup.New(rollup.Options{Journal: store, Tables: store, Definitions: store, Ages: store, Catalogue: catalogue.Current, Log: a.p.log})
	if err := roller.CatchUp(ctx); err != nil {
		return fmt.Errorf("the backup is restored, but what came while it was made is not computed yet; the platform does that when it runs: %w", err)
	}
	fmt.Fprintf(a.p.out, "restored in %s\n", time.Since(began).Round(time.Second))
	return nil
}

// reach returns the ClickHouse of the settings, or the embedded engine: the one that ioc up runs on the same folder, or one
// that is started for as long as this process lives. alone: nobody else may use it.
func (a *parts) reach(ctx context.Context, alone bool) (string, error) {
	if a.s.clickhouseDSN != "" {
		return a.s.clickhouseDSN, nil
	}
	running, err := local.Running(ctx, filepath.Join(a.s.data, "clickhouse"), a.s.clickhouseListen)
	switch {
	case err != nil:
		return "", err
	case running == "":
		return a.storage(ctx)
	case alone:
		return "", fmt.Errorf("another ioc runs on %s: stop it first", a.s.data)
	default:
		return running + "/" + databaseName, nil
	}
}

// showParts tells how far a backup or restore is, a line every few seconds.
func showParts(p *process, doing string) func(backup.Progress) {
	var shown time.Time
	began := time.Now()
	return func(now backup.Progress) {
		if time.Since(shown) < 2*time.Second {
			return
		}
		shown = time.Now()
		line := fmt.Sprintf("%s %s, %s", doing, now.Part, time.Since(began).Round(time.Second))
		if now.Files > 0 {
			line += fmt.Sprintf(", %d MB", now.Bytes>>20)
		}
		if now.Done > 0 {
			line += fmt.Sprintf(", %d of %d files", now.Done, now.Files)
		}
		fmt.Fprintln(p.out, line)
	}
}
