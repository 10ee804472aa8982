package local

import (
	"bufio"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// needEngine finds the real engine. Without one, a test is skipped here and fails in CI.
func needEngine(t *testing.T) Engine {
	t.Helper()
	engine, err := Locate(context.Background(), LocateOptions{Library: os.Getenv("IOC_CLICKHOUSE_LIBRARY")})
	if err != nil && os.Getenv("CI") != "" {
		t.Fatalf("NO ENGINE: %v", err)
	}
	if err != nil {
		t.Skipf("NO ENGINE, NOTHING TESTED: %v", err)
	}
	return engine
}

func newEngine(t *testing.T, dir string) *ClickHouse {
	t.Helper()
	c, err := NewClickHouse(ClickHouseOptions{
		Dir: dir, Listen: "127.0.0.1:0", Engine: needEngine(t), Child: []string{os.Args[0], "engine"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func startEngine(t *testing.T, dir string) (*ClickHouse, *running) {
	t.Helper()
	c := newEngine(t, dir)
	r := start(t, c.Run)
	select {
	case <-c.Ready():
	case err := <-r.ended:
		t.Fatal(err)
	}
	return c, r
}

func connect(t *testing.T, dsn string) driver.Conn {
	t.Helper()
	options, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := clickhouse.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func execute(t *testing.T, conn driver.Conn, query string) {
	t.Helper()
	if err := conn.Exec(t.Context(), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func value[T any](t *testing.T, conn driver.Conn, query string) T {
	t.Helper()
	var v T
	if err := conn.QueryRow(t.Context(), query).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

// childOf finds the process that holds a data folder.
func childOf(t *testing.T, dir string) int {
	t.Helper()
	status, err := os.ReadFile(filepath.Join(dir, "store", "status"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, found := strings.CutPrefix(line, "PID: "); found {
			pid, err := strconv.Atoi(strings.TrimSpace(rest))
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
	}
	t.Fatalf("no process in %s", status)
	return 0
}

func TestEngineKeepsData(t *testing.T) {
	dir := t.TempDir()
	c, r := startEngine(t, dir)
	conn := connect(t, c.DSN())
	execute(t, conn, "CREATE DATABASE kept")
	execute(t, conn, "CREATE TABLE kept.t (n UInt64) ENGINE = MergeTree ORDER BY n")
	execute(t, conn, "INSERT INTO kept.t SELECT number FROM numbers(1000)")
	conn.Close()
	r.end(t)

	c, r = startEngine(t, dir)
	conn = connect(t, c.DSN())
	if n := value[uint64](t, conn, "SELECT count() FROM kept.t"); n != 1000 {
		t.Fatalf("after a stop in order: %d rows of 1000", n)
	}
	execute(t, conn, "INSERT INTO kept.t SELECT number FROM numbers(500)")
	conn.Close()
	if err := syscall.Kill(childOf(t, dir), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	conn = connect(t, c.DSN())
	eventually(t, "the engine comes back", func() bool { return conn.Ping(t.Context()) == nil })
	if n := value[uint64](t, conn, "SELECT count() FROM kept.t"); n != 1500 {
		t.Fatalf("after kill -9: %d rows of 1500", n)
	}
	r.end(t)
}

func TestEngineSettings(t *testing.T) {
	dir := t.TempDir()
	c, _ := startEngine(t, dir)
	conn := connect(t, c.DSN())
	for query, want := range map[string]string{
		"SELECT currentUser()":                                          "ioc",
		"SELECT replace(timezone(), 'Etc/', '')":                        "UTC",
		"SELECT value FROM system.settings WHERE name = 'async_insert'": "0",
		"SELECT toString(count()) FROM system.tables WHERE database = 'system' AND engine LIKE '%MergeTree'": "0",
		"SELECT toString(any(keep_free_space)) FROM system.disks":                                            strconv.FormatUint(reserve(dir), 10),
	} {
		if got := value[string](t, conn, query); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	// The sink relies on both.
	execute(t, conn, "CREATE DATABASE d")
	execute(t, conn, `CREATE TABLE d.t (id String, revision UInt64, version UInt128 MATERIALIZED bitShiftLeft(toUInt128(revision), 64))
		ENGINE = ReplacingMergeTree(version) ORDER BY id`)
	execute(t, conn, "INSERT INTO d.t (id, revision) VALUES ('a', 2)")
	execute(t, conn, "INSERT INTO d.t (id, revision) VALUES ('a', 1)")
	if got := value[uint64](t, conn, "SELECT revision FROM d.t FINAL"); got != 2 {
		t.Errorf("revision %d wins, want the later one", got)
	}
}

func TestEngineRefusesStrangers(t *testing.T) {
	c, _ := startEngine(t, t.TempDir())
	own := connect(t, c.DSN())
	// The account that the engine's own start needs has nothing left to ask.
	for _, query := range []string{
		"SHOW DATABASES", "SYSTEM STOP LISTEN TCP", "CREATE TABLE default.t (n UInt8) ENGINE = Memory",
		"SELECT * FROM file('/etc/hosts', 'LineAsString', 'l String')",
	} {
		if err := connect(t, "clickhouse://default@"+c.Addr()).Exec(t.Context(), query); err == nil || !strings.Contains(err.Error(), "Quota") {
			t.Errorf("default: %s: %v", query, err)
		}
	}
	for name, dsn := range map[string]string{
		"wrong password":   "clickhouse://ioc:wrong@" + c.Addr(),
		"no password":      "clickhouse://ioc@" + c.Addr(),
		"unknown database": c.DSN() + "/nothere",
	} {
		eventually(t, "the engine answers", func() bool { return own.Ping(t.Context()) == nil })
		if err := connect(t, dsn).Exec(t.Context(), "SHOW DATABASES"); err == nil {
			t.Errorf("%s: answered", name)
		}
	}
	eventually(t, "the engine answers after all that", func() bool { return own.Ping(t.Context()) == nil })
	info, err := os.Stat(filepath.Join(c.dir, "password"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("password file: %v, %v", info.Mode(), err)
	}
}

func TestEngineEndsWithItsParent(t *testing.T) {
	needEngine(t)
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "IOC_TEST_PARENT_OF_ENGINE_IN="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	dsn, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err, cmd.Wait())
	}
	conn := connect(t, strings.TrimSpace(dsn))
	execute(t, conn, "CREATE TABLE default.t ENGINE = MergeTree ORDER BY n AS SELECT number AS n FROM numbers(10)")
	conn.Close()
	child := childOf(t, dir)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // It was killed.
	// At once, while the orphan may still be stopping: the next start waits for it.
	c, _ := startEngine(t, dir)
	if alive(child) {
		t.Errorf("process %d outlives its parent", child)
	}
	if n := value[uint64](t, connect(t, c.DSN()), "SELECT count() FROM default.t"); n != 10 {
		t.Errorf("%d rows of 10", n)
	}
}

// alive tells a process from one that has ended and only waits to be counted.
func alive(pid int) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z")
}

func TestEngineOutlivesCtrlC(t *testing.T) {
	dir := t.TempDir()
	c, r := startEngine(t, dir)
	child := childOf(t, dir)
	if group, err := syscall.Getpgid(child); err != nil || group == syscall.Getpgrp() {
		t.Errorf("the engine is in our process group: %d, %v", group, err)
	}
	if err := syscall.Kill(child, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := connect(t, c.DSN()).Ping(t.Context()); err != nil {
		t.Fatalf("after SIGINT: %v", err)
	}
	if err := syscall.Kill(child, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, "SIGTERM ends it in order", func() bool { return !alive(child) })
	r.end(t)
}

func TestEngineStartRefusals(t *testing.T) {
	options := ClickHouseOptions{Dir: t.TempDir(), Engine: Engine{Library: "x.so"}, Child: []string{"x"}}
	t.Run("busy port", func(t *testing.T) {
		o := options
		o.Listen = busyPort(t)
		_, err := NewClickHouse(o)
		wantRefusal(t, err, "another program already listens on "+o.Listen, "--clickhouse-listen")
	})
	t.Run("open to the network", func(t *testing.T) {
		o := options
		o.Listen = "0.0.0.0:0"
		_, err := NewClickHouse(o)
		wantRefusal(t, err, "not a loopback address")
	})
	t.Run("folder is a file", func(t *testing.T) {
		o := options
		o.Dir = filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(o.Dir, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := NewClickHouse(o)
		wantRefusal(t, err, "data folder", "can't be made")
	})
	t.Run("library can't be loaded", func(t *testing.T) {
		o := options
		o.Listen, o.Child = "127.0.0.1:0", []string{os.Args[0], "engine"}
		c, err := NewClickHouse(o)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "load the ClickHouse library") {
			t.Errorf("Run returned %v", err)
		}
	})
}

func TestEngineFolderInUse(t *testing.T) {
	dir := t.TempDir()
	o := ClickHouseOptions{Dir: dir, Listen: "127.0.0.1:0", Engine: Engine{Library: "x.so"}, Child: []string{"x"}}
	first, err := NewClickHouse(o)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	second := make(chan *ClickHouse)
	go func() {
		c, err := NewClickHouse(o)
		if err != nil {
			t.Error(err)
		}
		second <- c
	}()
	// The second waits as for an engine that is about to end.
	select {
	case <-second:
		t.Fatal("two engines in one folder")
	case <-time.After(200 * time.Millisecond):
	}
	first.Close()
	c := <-second
	defer c.Close()
	if c.DSN() == first.DSN() {
		t.Error("two engines at one address")
	}
	if _, _, err := net.SplitHostPort(c.Addr()); err != nil {
		t.Error(err)
	}
}
