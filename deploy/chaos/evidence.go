package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// evidence writes every table that holds rows to a folder, one row of JSON a line: the disks of a round are gone before anyone
// can look into what was wrong in it.
func (p *platform) evidence(ctx context.Context, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make %s: %w", dir, err)
	}
	var tables []string
	if err := p.conn.QueryRow(ctx, "SELECT groupArray(name) FROM system.tables WHERE database = currentDatabase() AND total_rows > 0").Scan(&tables); err != nil {
		return fmt.Errorf("list the tables: %w", err)
	}
	for _, table := range tables {
		if err := p.dump(ctx, table, filepath.Join(dir, table+".jsonl")); err != nil {
			return err
		}
	}
	return nil
}

func (p *platform) dump(ctx context.Context, table, path string) (err error) {
	rows, err := p.conn.Query(ctx, "SELECT formatRow('JSONEachRow', *) FROM `"+table+"` SETTINGS asterisk_include_materialized_columns = 1, asterisk_include_alias_columns = 1")
	if err != nil {
		return fmt.Errorf("read %s: %w", table, err)
	}
	defer rows.Close()
	f, err := os.Create(path) //nolint:gosec // in the folder that was asked for
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if e := f.Close(); err == nil && e != nil {
			err = fmt.Errorf("write %s: %w", path, e)
		}
	}()
	out := bufio.NewWriter(f)
	for rows.Next() {
		var row string
		if err := rows.Scan(&row); err != nil {
			return fmt.Errorf("read %s: %w", table, err)
		}
		if _, err := out.WriteString(strings.TrimRight(row, "\n") + "\n"); err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read %s: %w", table, err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
