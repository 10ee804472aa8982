package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// engineVersion is the release of the ClickHouse library that everything here is tested with.
const engineVersion = "26.7.3-stable.1"

// ErrNoEngine says that this machine has no ClickHouse and no way to get one.
var ErrNoEngine = errors.New("no ClickHouse engine")

// Engine is a ClickHouse that can be run here: a program, or a library.
type Engine struct {
	Binary  string
	Library string
}

// LocateOptions says where to look for an engine. Everything may be empty.
type LocateOptions struct {
	// Library is a library to use, whatever else there is.
	Library string
	// Cache is where fetched libraries are kept. Default: a folder in the
	// user's own cache.
	Cache string
	// Progress hears how many bytes of a download are there.
	Progress func(done, total int64)
}

// Locate finds an engine: the library that was named, the program `clickhouse`
// of this machine, the library of an earlier start, or else the library as the
// npm client fetches it. Several processes may do so at once: one fetches.
func Locate(ctx context.Context, options LocateOptions) (Engine, error) {
	if options.Library != "" {
		if _, err := os.Stat(options.Library); err != nil {
			return Engine{}, fmt.Errorf("the ClickHouse library that was named: %w", err)
		}
		return Engine{Library: options.Library}, nil
	}
	if binary, err := exec.LookPath("clickhouse"); err == nil {
		return Engine{Binary: binary}, nil
	}
	library, err := fetch(ctx, options)
	if err != nil {
		return Engine{}, err
	}
	return Engine{Library: library}, nil
}

// release is one published build of the library.
type release struct {
	name string
	file string
	// size and integrity are those of the package; integrity is in the form of
	// npm. Where it is empty, npm's own comparison with its registry has to do.
	size      int64
	integrity string
}

func releaseFor(goos, goarch string) (release, bool) {
	switch goos + "/" + goarch {
	case "linux/amd64":
		return release{
			name: "@chdb/lib-linux-x64-gnu", file: "libchdb.so", size: 177_817_999,
			integrity: "sha512-XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw==",
		}, true
	case "linux/arm64":
		return release{name: "@chdb/lib-linux-arm64-gnu", file: "libchdb.so"}, true
	case "darwin/arm64":
		return release{name: "@chdb/lib-darwin-arm64", file: "libchdb.so"}, true
	case "darwin/amd64":
		return release{name: "@chdb/lib-darwin-x64", file: "libchdb.so"}, true
	}
	return release{}, false
}

// fetch returns the path of the library in the cache, and puts it there first where it is missing.
func fetch(ctx context.Context, options LocateOptions) (string, error) {
	wanted, found := releaseFor(runtime.GOOS, runtime.GOARCH)
	if !found {
		return "", fmt.Errorf("%w is published for %s/%s: put the program clickhouse in the PATH, or name a server with --clickhouse-dsn", ErrNoEngine, runtime.GOOS, runtime.GOARCH)
	}
	cache := options.Cache
	if cache == "" {
		own, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find a folder to keep the ClickHouse library in: %w", err)
		}
		cache = filepath.Join(own, "ioc", "engine")
	}
	home := filepath.Join(cache, engineVersion+"-"+runtime.GOOS+"-"+runtime.GOARCH)
	library := filepath.Join(home, wanted.file)
	if _, err := os.Stat(library); err == nil {
		return library, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", fmt.Errorf("make a folder for the ClickHouse library: %w", err)
	}
	held, err := lock(ctx, home+".lock")
	if err != nil {
		return "", fmt.Errorf("wait for another process that fetches the ClickHouse library: %w", err)
	}
	defer held.Close()
	if _, err := os.Stat(library); err == nil {
		return library, nil
	}
	if err := install(ctx, wanted, home, options.Progress); err != nil {
		return "", fmt.Errorf("fetch the ClickHouse library %s@%s: %w", wanted.name, engineVersion, err)
	}
	return library, nil
}

// install downloads and unpacks beside home, and renames at the end: home is
// there whole or not at all. The caller holds the lock.
func install(ctx context.Context, wanted release, home string, progress func(done, total int64)) error {
	work := home + ".part"
	// What a killed process left behind is worth nothing: it isn't checked yet.
	for _, path := range []string{work, home} {
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("clear away an unfinished download: %w", err)
		}
	}
	defer os.RemoveAll(work)
	if err := os.MkdirAll(filepath.Join(work, "unpacked"), 0o755); err != nil {
		return fmt.Errorf("make a folder to unpack in: %w", err)
	}
	tarball, err := download(ctx, wanted, work, progress)
	if err != nil {
		return err
	}
	if err := verify(tarball, wanted.integrity); err != nil {
		return err
	}
	if err := unpack(tarball, "package/"+wanted.file, filepath.Join(work, "unpacked", wanted.file)); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(work, "unpacked"), home); err != nil {
		return fmt.Errorf("put the library into the cache: %w", err)
	}
	return nil
}

// download has the npm client pack the release into the folder work, and returns
// the file. The client's own cache is put into work too: that is where a
// download grows, and 178 MB less stay behind.
func download(ctx context.Context, wanted release, work string, progress func(done, total int64)) (string, error) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", fmt.Errorf("%w on this machine, and npm, which would fetch one, is missing: install Node.js with npm, or put the program clickhouse in the PATH, or name a server with --clickhouse-dsn", ErrNoEngine)
	}
	cmd := exec.CommandContext(ctx, npm, "pack", wanted.name+"@"+engineVersion,
		"--pack-destination", work, "--cache", filepath.Join(work, "cache"), "--json", "--loglevel=error")
	cmd.Dir = work
	cmd.WaitDelay = 5 * time.Second
	var complaint bytes.Buffer
	cmd.Stderr = &complaint

	watched, stopWatching := context.WithCancel(ctx)
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		watch(watched, work, wanted.size, progress)
	}()
	err = cmd.Run()
	stopWatching()
	<-watching
	if err != nil {
		return "", fmt.Errorf("npm pack: %w: %s", err, bytes.TrimSpace(complaint.Bytes()))
	}
	files, err := filepath.Glob(filepath.Join(work, "*.tgz"))
	if err != nil || len(files) != 1 {
		return "", fmt.Errorf("npm pack left %d packages instead of one", len(files))
	}
	return files[0], nil
}

// watch reports how much of a download is there until ctx ends.
func watch(ctx context.Context, dir string, total int64, progress func(done, total int64)) {
	if progress == nil {
		return
	}
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			done := treeSize(dir)
			if total > 0 {
				done = min(done, total)
			}
			progress(done, total)
		}
	}
}

// treeSize counts what can be counted: files come and go while npm works.
func treeSize(dir string) int64 {
	var size int64
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil //nolint:nilerr // It went away: it counts nothing.
		}
		if info, err := entry.Info(); err == nil {
			size += info.Size()
		}
		return nil
	})
	return size
}
