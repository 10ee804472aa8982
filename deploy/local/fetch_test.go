package local

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// fakeNpm puts a program npm into an otherwise empty PATH. It behaves like the
// client's `pack`: it leaves a package, here with a library of these contents,
// in the folder after --pack-destination, and counts its calls.
func fakeNpm(t *testing.T, contents string) (calls string) {
	t.Helper()
	bin := t.TempDir()
	tarball := filepath.Join(bin, "package.tgz")
	file, err := os.Create(tarball)
	if err != nil {
		t.Fatal(err)
	}
	zipped := gzip.NewWriter(file)
	packed := tar.NewWriter(zipped)
	if err := packed.WriteHeader(&tar.Header{Name: "package/libchdb.so", Typeflag: tar.TypeReg, Size: int64(len(contents)), Mode: 0o755}); err != nil {
		t.Fatal(err)
	}
	if _, err := packed.Write([]byte(contents)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(packed.Close(), zipped.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
	calls = filepath.Join(bin, "calls")
	script := "#!/bin/sh\necho >>" + calls + "\n/bin/cp " + tarball + " $4/\n"
	if err := os.WriteFile(filepath.Join(bin, "npm"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	return calls
}

func TestLocateWithoutAnything(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Locate(t.Context(), LocateOptions{Cache: t.TempDir()})
	if !errors.Is(err, ErrNoEngine) {
		t.Fatal(err)
	}
	wantRefusal(t, err, "install Node.js with npm", "clickhouse in the PATH", "--clickhouse-dsn")
}

func TestLocatePrefersTheProgram(t *testing.T) {
	bin := t.TempDir()
	program := filepath.Join(bin, "clickhouse")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	engine, err := Locate(t.Context(), LocateOptions{})
	if err != nil || engine != (Engine{Binary: program}) {
		t.Fatal(engine, err)
	}
}

func TestLocateRefusesAWrongPackage(t *testing.T) {
	if wanted, found := releaseFor(runtime.GOOS, runtime.GOARCH); !found || wanted.integrity == "" {
		t.Skip("no integrity is pinned for this system")
	}
	fakeNpm(t, "not the library")
	cache := t.TempDir()
	_, err := Locate(t.Context(), LocateOptions{Cache: cache})
	wantRefusal(t, err, "not the one that was published")
	left, err := filepath.Glob(filepath.Join(cache, "*", "*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestInstallOnceForAll(t *testing.T) {
	calls := fakeNpm(t, "a library")
	home := filepath.Join(t.TempDir(), "home")
	// What a killed process left behind.
	if err := os.MkdirAll(filepath.Join(home+".part", "unpacked"), 0o755); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			held, err := lock(context.Background(), home+".lock")
			if err != nil {
				t.Error(err)
				return
			}
			defer held.Close()
			if _, err := os.Stat(home); err == nil {
				return
			}
			if err := install(context.Background(), release{name: "@x/y", file: "libchdb.so"}, home, func(int64, int64) {}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got, err := os.ReadFile(filepath.Join(home, "libchdb.so"))
	if err != nil || string(got) != "a library" {
		t.Errorf("%q, %v", got, err)
	}
	if counted, err := os.ReadFile(calls); err != nil || len(counted) != 1 {
		t.Errorf("npm was called %d times, %v", len(counted), err)
	}
}

func TestVerify(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("contents"), 0o600); err != nil {
		t.Fatal(err)
	}
	hash := sha512.Sum512([]byte("contents"))
	right := "sha512-" + base64.StdEncoding.EncodeToString(hash[:])
	if err := verify(path, right); err != nil {
		t.Error(err)
	}
	if err := verify(path, right[:20]+"AAAA"+right[24:]); err == nil {
		t.Error("a wrong hash passes")
	}
}
