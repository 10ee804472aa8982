package kpi

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

func TestStore(t *testing.T) {
	builtin, errs := Load(fstest.MapFS{"a.b.yaml": {Data: []byte(good)}}, ".")
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	dir := t.TempDir()
	put := func(id, name string) {
		t.Helper()
		text := strings.NewReplacer("id: a.b", "id: "+id, "Tên", name).Replace(good)
		if err := os.WriteFile(filepath.Join(dir, id+".yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := NewStore(builtin, dir)
	check := func(when string, faults int, want ...string) {
		t.Helper()
		if errs := s.Reload(); len(errs) != faults {
			t.Errorf("%s: errors %v, want %d", when, errs, faults)
		}
		var got []string
		for _, k := range s.Current().KPIs {
			got = append(got, k.ID+" "+k.Name.VI)
		}
		if strings.Join(got, ", ") != strings.Join(want, ", ") {
			t.Errorf("%s: %v, want %v", when, got, want)
		}
	}
	if s.Current() != builtin {
		t.Error("starts with another catalogue than the builtin one")
	}
	check("empty directory", 0, "a.b Tên")
	put("a.b", "Tên mới")
	put("c.d", "Thêm")
	check("one replaced, one added", 0, "a.b Tên mới", "c.d Thêm")
	put("a.b", " ")
	put("c.d", "")
	put("e.f", "")
	check("all bad: the last good ones stay, a new one does not come", 3, "a.b Tên mới", "c.d Thêm")
	put("c.d", "Thêm nữa")
	check("one mended", 2, "a.b Tên mới", "c.d Thêm nữa")
	for _, id := range []string{"a.b", "e.f"} {
		if err := os.Remove(filepath.Join(dir, id+".yaml")); err != nil {
			t.Fatal(err)
		}
	}
	check("removed: the builtin one is back", 0, "a.b Tên", "c.d Thêm nữa")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	check("directory gone: all stay", 1, "a.b Tên", "c.d Thêm nữa")
}

func TestStoreNamesTheFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.b.yaml")
	if err := os.WriteFile(file, []byte("id: a.b\nname: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	errs := NewStore(&Catalogue{}, dir).Reload()
	if len(errs) == 0 || !strings.HasPrefix(errs[0].Error(), file+":2: name: ") {
		t.Errorf("errors %v", errs)
	}
}

func TestStoreWithoutDirectory(t *testing.T) {
	builtin, _ := Builtin()
	s := NewStore(builtin, "")
	if errs := s.Reload(); errs != nil || s.Current() != builtin {
		t.Errorf("errors %v", errs)
	}
}

// Readers and reloads run side by side.
func TestStoreConcurrent(t *testing.T) {
	builtin, _ := Builtin()
	s := NewStore(builtin, t.TempDir())
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				if errs := s.Reload(); len(errs) > 0 {
					t.Error(errs)
				}
				if len(s.Current().KPIs) != len(builtin.KPIs) {
					t.Error("KPIs are missing")
				}
			}
		})
	}
	wg.Wait()
}
