package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/binhphuoc/ioc/deploy/local"
)

// engineCommand is the hidden command by which this binary becomes the engine's own process.
const engineCommand = "engine"

func engineChild(args []string) int { return local.RunChild(args) }

// newClickHouse finds an engine, fetching it when it must, and prepares it.
func newClickHouse(ctx context.Context, s *settings, p *process) (*local.ClickHouse, error) {
	engine, err := local.Locate(ctx, local.LocateOptions{Library: s.clickhouseLibrary, Progress: progress(p.out)})
	if err != nil {
		return nil, fmt.Errorf("%w; or name a server with --clickhouse-dsn", err)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	return local.NewClickHouse(local.ClickHouseOptions{
		Dir: filepath.Join(s.data, "clickhouse"), Listen: s.clickhouseListen, Backups: s.backupDir, Engine: engine,
		Child: []string{self, engineCommand}, Log: p.log.With("part", "clickhouse"),
	})
}

// progress shows a download as lines, at most one a second: it may go to a log.
func progress(w io.Writer) func(done, total int64) {
	var last time.Time
	return func(done, total int64) {
		if time.Since(last) < time.Second && done < total {
			return
		}
		last = time.Now()
		if total > 0 {
			fmt.Fprintf(w, "fetching the ClickHouse engine: %d of %d MB\n", done>>20, total>>20)
			return
		}
		fmt.Fprintf(w, "fetching the ClickHouse engine: %d MB\n", done>>20)
	}
}

// runClickHouse runs the engine alone, for tests and for looking into the data.
func runClickHouse(ctx context.Context, s *settings, p *process) error {
	engine, err := newClickHouse(ctx, s, p)
	if err != nil {
		return err
	}
	parts := newStages(p.log)
	parts.start(ctx, "clickhouse", engine.Run)
	select {
	case <-engine.Ready():
		fmt.Fprintln(p.out, engine.DSN())
		parts.wait(ctx)
	case <-ctx.Done():
	case name := <-parts.ended:
		parts.ended <- name // wait and stop want to see it too
	}
	return parts.stop()
}
