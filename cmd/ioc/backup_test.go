package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/binhphuoc/ioc/deploy/backup"
	"github.com/binhphuoc/ioc/deploy/local"
	"github.com/binhphuoc/ioc/deploy/migrate"
	"github.com/binhphuoc/ioc/query/rollup"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/ddl"
)

// TestMain lets this binary be the embedded engine, too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == engineCommand {
		os.Exit(engineChild(os.Args[2:]))
	}
	os.Exit(m.Run())
}

// machine is a data folder with an embedded engine of its own, as on a machine with one ioc. Its engine runs while it is up.
type machine struct {
	*testing.T
	data, listen, backups string
}

func newMachine(t *testing.T, backups string) *machine {
	t.Helper()
	if _, err := local.Locate(t.Context(), local.LocateOptions{Library: os.Getenv("IOC_CLICKHOUSE_LIBRARY")}); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("NO ENGINE: %v", err)
		}
		t.Skipf("NO ENGINE, NOTHING TESTED: %v", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once: only a free port is wanted
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return &machine{t, t.TempDir(), l.Addr().String(), backups}
}

// up runs the engine, and returns its rig and what ends it.
func (m *machine) up() (r *rig, down func()) {
	m.Helper()
	s, _, err := load("clickhouse", m.flags(), nil, os.Stderr)
	if err != nil {
		m.Fatal(err)
	}
	a, err := newParts(s, &process{out: os.Stderr, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		m.Fatal(err)
	}
	dsn, err := a.storage(m.Context())
	if err != nil {
		m.Fatal(err)
	}
	return rigOn(m.T, dsn), func() {
		if err := a.stop(); err != nil {
			m.Error(err)
		}
	}
}

func (m *machine) flags() []string {
	return []string{"--data", m.data, "--clickhouse-listen", m.listen, "--backup-dir", m.backups, "--clickhouse-library", os.Getenv("IOC_CLICKHOUSE_LIBRARY")}
}

// ioc runs a command, and returns what it said.
func (m *machine) ioc(code int, args ...string) string {
	m.Helper()
	var out bytes.Buffer
	if got := run(append(args, m.flags()...), nil, &out, &out); got != code {
		m.Fatalf("ioc %s: exit code %d, want %d:\n%s", strings.Join(args, " "), got, code, out.String())
	}
	return out.String()
}

// answers is what the platform says: every KPI now and day by day, and every derived table with all its tiers.
func (r *rig) answers(now time.Time) string {
	r.t.Helper()
	u, err := r.evaluator(r.catalogue).Evaluate(r.t.Context(), now)
	r.must(err)
	all := map[string]any{"values": u.Values, "feeds": u.Feeds, "tables": r.contents()}
	for _, k := range r.catalogue.KPIs {
		all[k.ID] = r.series(k.ID, "province", day(5), 6, 24*time.Hour)
	}
	text, err := json.Marshal(all)
	r.must(err)
	return string(text)
}

func sameText(t *testing.T, what, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	i := 0
	for i < min(len(got), len(want)) && got[i] == want[i] {
		i++
	}
	cut := func(s string) string { return s[max(0, i-80):min(len(s), i+120)] }
	t.Errorf("%s: from character %d\n…%s…\nwant\n…%s…", what, i, cut(got), cut(want))
}

func TestARestoredPlatformGivesTheSameAnswers(t *testing.T) {
	backups := t.TempDir()
	old := newMachine(t, backups)
	r, down := old.up()
	now := time.Now().UTC().Truncate(time.Second)
	r.write(r.messages())
	r.must(r.roller(r.catalogue).CatchUp(t.Context()))
	want := r.answers(now)
	if out := old.ioc(0, "backup", "--to", "first"); !strings.Contains(out, "first holds database ioc as of ") {
		t.Errorf("backup says\n%s", out)
	}
	// A second one holds only what came since, and needs the first.
	r.write([]schemas.Message{call("since", "dong-xoai", now.Add(-time.Hour), 5*time.Second, 0, now)})
	r.must(r.roller(r.catalogue).CatchUp(t.Context()))
	since := r.answers(now)
	if since == want {
		t.Fatal("a new call changes nothing: this test sees nothing")
	}
	old.ioc(0, "backup", "--to", "second", "--base", "first")
	for _, c := range []struct{ args, want []string }{
		{[]string{"backup", "--to", "first"}, []string{"there is a backup already"}},
		{[]string{"backup", "--to", "/nowhere/x"}, []string{"/nowhere/x", "<allowed_path>", "--backup-dir"}},
		{[]string{"backup"}, []string{"--to: name a folder"}},
		{[]string{"backup", "--to", "s3://b/x"}, []string{"IOC_S3_SECRET"}},
		{[]string{"restore", "--from", "first"}, []string{"stop it first"}},
	} {
		out := old.ioc(1, c.args...)
		for _, w := range c.want {
			if !strings.Contains(out, w) {
				t.Errorf("%v says %s\nwant %q", c.args, out, w)
			}
		}
	}
	down()

	if size(t, filepath.Join(backups, "second")) >= size(t, filepath.Join(backups, "first")) {
		t.Error("the second backup is no smaller than the first")
	}
	fresh := newMachine(t, backups)
	if out := fresh.ioc(1, "restore", "--from", "none"); !strings.Contains(out, "there is no whole backup") {
		t.Errorf("restore of nothing says %s", out)
	}
	fresh.ioc(0, "restore", "--from", "first")
	r, down = fresh.up()
	sameText(t, "restored on a fresh machine", r.answers(now), want)
	// It lives: views are there, new events count.
	r.write([]schemas.Message{call("since", "dong-xoai", now.Add(-time.Hour), 5*time.Second, 0, now)})
	r.must(r.roller(r.catalogue).CatchUp(t.Context()))
	sameText(t, "gone on after it was restored", r.answers(now), since)
	down()

	if out := fresh.ioc(1, "restore", "--from", "second"); !strings.Contains(out, "is not empty") || !strings.Contains(out, "--replace") {
		t.Errorf("restore over what is there says %s", out)
	}
	fresh.ioc(0, "restore", "--from", "second", "--replace")
	r, down = fresh.up()
	sameText(t, "replaced by the second backup", r.answers(now), since)
	down()

	damage(t, filepath.Join(backups, "first", "events"))
	out := fresh.ioc(1, "restore", "--from", "first", "--replace")
	if !strings.Contains(out, "first (events)") {
		t.Errorf("restore of a damaged backup says %s", out)
	}
	r, down = fresh.up()
	defer down()
	sameText(t, "after a restore that failed", r.answers(now), since)
	if n := r.text("SELECT toString(count()) FROM system.databases WHERE name LIKE 'ioc%'"); n != "1" {
		t.Errorf("%s databases are left", n)
	}
}

func TestBackupsOfOtherVersions(t *testing.T) {
	m := newMachine(t, t.TempDir())
	r, down := m.up()
	defer down()
	migrations, err := ddl.Builtin()
	r.must(err)
	place, err := backup.ParsePlace("older", backup.S3{})
	r.must(err)
	show, log := func(backup.Progress) {}, slog.New(slog.DiscardHandler)
	dsn := strings.TrimSuffix(r.dsn, databaseName) + "other"
	older := migrations[:len(migrations)-1]
	r.must(migrate.Up(t.Context(), dsn, older, log))
	_, err = backup.Backup(t.Context(), backup.Options{DSN: dsn, To: place, Show: show})
	r.must(err)
	restore := func(known []ddl.Migration) error {
		_, err := backup.Restore(t.Context(), backup.RestoreOptions{DSN: dsn, From: place, Replace: true, Migrations: known, Show: show, Log: log})
		return err
	}
	if err := restore(older[:len(older)-1]); !errors.Is(err, backup.ErrNewer) {
		t.Errorf("a backup of a newer ioc: %v", err)
	}
	changed := slices.Clone(migrations)
	changed[0].Checksum = "x"
	if err := restore(changed); !errors.Is(err, migrate.ErrChanged) {
		t.Errorf("a backup with other migrations: %v", err)
	}
	r.must(restore(migrations))
	if n := r.text("SELECT toString(max(number)) FROM other.schema_migration"); n != strconv.Itoa(len(migrations)) {
		t.Errorf("restored from an older ioc: migration %s is the last, want %d", n, len(migrations))
	}
}

func size(t *testing.T, dir string) (sum int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		sum += info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// damage cuts off the end of every file of data.
func damage(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".bin" {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return os.Truncate(path, info.Size()/2)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestABackupThatIsMadeWhileThePlatformWrites(t *testing.T) {
	m := newMachine(t, t.TempDir())
	r, down := m.up()
	now := time.Now().UTC().Truncate(time.Second)
	roller := r.roller(r.catalogue)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for i := 0; ctx.Err() == nil; i++ {
			id := "w" + time.Now().Format("150405.000000000")
			r.write([]schemas.Message{call(id, "dong-xoai", now.Add(-time.Duration(i)*time.Minute), 5*time.Second, 0, time.Now()), {
				Transport: "kafka", Arrived: time.Now(), Payload: []byte(`{"specversion":"1.0","id":"` + id + `","source":"/binh-long/sensor/x","type":"vn.binhphuoc.ioc.reading.v1","time":"` +
					now.Add(-time.Duration(i)*time.Minute).Format(time.RFC3339) + `","data":{"metric":"pm25","value":5,"unit":"µg/m³"}}`),
			}})
			if i%3 == 0 { // the rest is behind
				r.must(roller.Once(t.Context(), false))
			}
		}
	}()
	m.ioc(0, "backup", "--to", "live")
	stop()
	<-ended
	down()
	m.ioc(0, "restore", "--from", "live", "--replace")
	r, down = m.up()
	defer down()
	if n := r.text("SELECT toString(count()) FROM raw_state"); n == "0" {
		t.Fatal("nothing was written while the backup was made")
	}
	got := r.contents()
	r.must(r.roller(r.catalogue).Rebuild(t.Context(), r.store, time.Time{}, func(rollup.Progress) {}))
	r.same("after all was computed again from the raw events", got)
	if n := r.text(`SELECT toString(count()) FROM (SELECT key, time FROM raw_measure EXCEPT SELECT key, time FROM measure_key)`); n != "0" {
		t.Errorf("%s measurements can't be found by their key", n)
	}
}
