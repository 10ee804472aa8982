//go:build linux

package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// smallDisk is a folder on a disk of its own, of 400 MiB.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=400m"); err != nil {
		t.Skipf("a small disk can't be made here (it takes root): %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill takes all that is free on the disk, and returns what gives it back.
func fill(t *testing.T, dir string) (empty func()) {
	t.Helper()
	name := filepath.Join(dir, "filler")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	for block := make([]byte, 1<<20); err == nil; {
		_, err = f.Write(block)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	f.Close()
	return func() {
		if err := os.Remove(name); err != nil {
			t.Error(err)
		}
	}
}

func TestFullDiskLosesNothing(t *testing.T) {
	disk := smallDisk(t)
	dir := filepath.Join(disk, "clickhouse")
	c, r := startEngine(t, dir)
	conn := connect(t, c.DSN())
	execute(t, conn, "CREATE DATABASE kept")
	const writers = 4
	var stored [writers]uint64
	var stop atomic.Bool
	var all sync.WaitGroup
	for i := range writers {
		table := fmt.Sprintf("kept.t%d", i)
		execute(t, conn, "CREATE TABLE "+table+" (n UInt64) ENGINE = MergeTree ORDER BY n")
		all.Go(func() {
			for n := 0; !stop.Load(); n++ {
				if conn.Exec(context.Background(), fmt.Sprintf("INSERT INTO %s SELECT number + %d FROM numbers(100)", table, n*100)) == nil {
					stored[i]++
				}
			}
		})
	}
	for range 3 {
		empty := fill(t, disk)
		eventually(t, "the engine is stopped", func() bool { return conn.Ping(t.Context()) != nil })
		empty()
		eventually(t, "the engine comes back", func() bool { return conn.Ping(t.Context()) == nil })
	}
	stop.Store(true)
	all.Wait()
	for i, want := range stored {
		// An insert that failed for the program may have been done.
		if n := value[uint64](t, conn, fmt.Sprintf("SELECT uniqExact(n) FROM kept.t%d", i)); n < want*100 || want == 0 {
			t.Errorf("table %d: %d rows, %d were acknowledged", i, n, want*100)
		}
	}
	r.end(t)
}

func TestDiskWithoutRoom(t *testing.T) {
	disk := smallDisk(t)
	c := newEngine(t, filepath.Join(disk, "clickhouse"))
	empty := fill(t, disk)
	defer empty()
	if err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "make room there") {
		t.Errorf("Run returned %v, want it to say that there is no room", err)
	}
}
