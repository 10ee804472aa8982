package migrate

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"go.uber.org/goleak"

	"github.com/binhphuoc/ioc/deploy/local/localtest"
	"github.com/binhphuoc/ioc/schemas/ddl"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// load makes migrations of texts, numbered from 1.
func load(t *testing.T, texts ...string) []ddl.Migration {
	t.Helper()
	fsys := fstest.MapFS{}
	for i, text := range texts {
		fsys[fmt.Sprintf("%04d_step.sql", i+1)] = &fstest.MapFile{Data: []byte(text)}
	}
	all, err := ddl.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func connect(t *testing.T, dsn string) driver.Conn {
	t.Helper()
	o, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := clickhouse.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	return conn
}

func ask(t *testing.T, conn driver.Conn, query string) string {
	t.Helper()
	var out string
	if err := conn.QueryRow(context.Background(), query).Scan(&out); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

func TestBuiltinOnAFreshServer(t *testing.T) {
	dsn := localtest.ClickHouse(t)
	conn := connect(t, dsn)
	name := ask(t, conn, "SELECT currentDatabase()") + "_fresh"
	t.Cleanup(func() {
		if err := connect(t, dsn).Exec(context.Background(), "DROP DATABASE IF EXISTS "+name+" SYNC"); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name // which nobody has made
	all, err := ddl.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time there is nothing to do
		if err := Up(t.Context(), u.String(), all, quiet()); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := ask(t, conn, "SELECT toString(count()) FROM "+name+".schema_migration"), fmt.Sprint(len(all)); got != want {
		t.Errorf("%s migrations are recorded, want %s", got, want)
	}
	if got := ask(t, conn, "SELECT toString(count()) FROM system.tables WHERE database = '"+name+"' AND name = 'schema_lock'"); got != "0" {
		t.Error("the lock is still there")
	}
}

func TestSeveralProcessesAtTheSameTime(t *testing.T) {
	dsn := localtest.ClickHouse(t)
	all, err := ddl.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer // slog's handler locks
	logger := slog.New(slog.NewTextHandler(&log, nil))
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if err := Up(t.Context(), dsn, all, logger); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	conn := connect(t, dsn)
	if got, want := ask(t, conn, "SELECT toString((count(), uniqExact(number))) FROM schema_migration"), fmt.Sprintf("(%d,%d)", len(all), len(all)); got != want {
		t.Errorf("recorded (rows, migrations) %s, want %s", got, want)
	}
	if n := strings.Count(log.String(), "migration applied"); n != len(all) {
		t.Errorf("%d migrations were applied, want %d:\n%s", n, len(all), log.String())
	}
}

func TestHistoriesThatDiffer(t *testing.T) {
	const a, b, c = "CREATE TABLE IF NOT EXISTS a (x Int8) ENGINE = Memory;\n", "CREATE TABLE IF NOT EXISTS b (x Int8) ENGINE = Memory;\n", "CREATE TABLE IF NOT EXISTS c (x Int8) ENGINE = Memory;\n"
	dsn := localtest.ClickHouse(t)
	if err := Up(t.Context(), dsn, load(t, a, b), quiet()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name       string
		migrations []ddl.Migration
		want       string // parts of the error; empty: none
	}{
		{"a file was changed", load(t, a, b+"-- more\n"), "migration 0002_step.sql was changed"},
		{"a file was changed, and there is a newer one", load(t, c+a, b, c), "migration 0001_step.sql was changed"},
		{"the database is newer", load(t, a), "0002_step.sql, which this binary does not know"},
		{"nothing to do", load(t, a, b), ""},
		{"one more", load(t, a, b, c), ""},
	} {
		err := Up(t.Context(), dsn, c.migrations, quiet())
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v, want an error with %q", c.name, err, c.want)
		}
	}
	conn := connect(t, dsn)
	if got := ask(t, conn, "SELECT toString(groupArray(name)) FROM (SELECT name FROM schema_migration ORDER BY number)"); got != "['0001_step.sql','0002_step.sql','0003_step.sql']" {
		t.Errorf("recorded: %s", got)
	}
}

func TestAFailureNamesFileAndStatementAndIsRepeated(t *testing.T) {
	dsn := localtest.ClickHouse(t)
	const good = "CREATE TABLE IF NOT EXISTS a (x Int8) ENGINE = Memory;\n"
	err := Up(t.Context(), dsn, load(t, good, good+"CREATE TABLE IF NOT EXISTS b (x NoSuchType) ENGINE = Memory;\n"), quiet())
	if err == nil || !strings.Contains(err.Error(), "migration 0002_step.sql, statement 2") {
		t.Fatalf("got %v", err)
	}
	// Nothing of it is remembered, and nothing is locked.
	if err := Up(t.Context(), dsn, load(t, good, good+"CREATE TABLE IF NOT EXISTS b (x Int8) ENGINE = Memory;\n"), quiet()); err != nil {
		t.Error(err)
	}
}

func TestLockOfAKilledProcessIsTakenOver(t *testing.T) {
	dsn := localtest.ClickHouse(t)
	conn := connect(t, dsn)
	if err := lock(t.Context(), conn, staleLock); err != nil {
		t.Fatal(err)
	}
	// A lock that is not old is respected.
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := Up(ctx, dsn, load(t, "CREATE TABLE IF NOT EXISTS a (x Int8) ENGINE = Memory;\n"), quiet()); err == nil {
		t.Fatal("two processes had the lock")
	}
	if err := lock(t.Context(), conn, time.Second); err != nil {
		t.Fatalf("an old lock was not taken over: %v", err)
	}
	if err := unlock(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
}

func TestServerThatIsAway(t *testing.T) {
	err := Up(t.Context(), "clickhouse://127.0.0.1:1/x", nil, quiet())
	if err == nil || !strings.Contains(err.Error(), "make database x") {
		t.Errorf("got %v", err)
	}
	if err := Up(t.Context(), "::", nil, quiet()); err == nil {
		t.Error("no error for what is no DSN")
	}
}
