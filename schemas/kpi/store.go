package kpi

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
)

// Store holds the catalogue in force: the builtin KPIs, and those of a directory, which replace and extend them.
type Store struct {
	builtin *Catalogue
	dir     string
	current atomic.Pointer[Catalogue]

	mu  sync.Mutex     // one Reload at a time
	own map[string]KPI // last good version of each KPI of the directory, by id
}

// NewStore returns a store that has the builtin KPIs until the first Reload. An empty dir adds nothing to them.
func NewStore(builtin *Catalogue, dir string) *Store {
	s := &Store{builtin: builtin, dir: dir, own: map[string]KPI{}}
	s.current.Store(builtin)
	return s
}

// Current returns the catalogue in force. It is shared: the reader changes nothing in it.
func (s *Store) Current() *Catalogue { return s.current.Load() }

// Reload reads the directory again. Of a file that has become bad the last good version stays, of a directory
// that can not be read all do. A file that is gone takes its KPI with it, or gives way to the builtin one.
func (s *Store) Reload() []error {
	if s.dir == "" {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fsys := os.DirFS(s.dir)
	files, errs, err := list(fsys, ".")
	if err != nil {
		return []error{err}
	}
	own := map[string]KPI{}
	for _, file := range files {
		id := strings.TrimSuffix(file, extension)
		k, faults := read(fsys, file, filepath.Join(s.dir, file))
		if len(faults) > 0 {
			errs = append(errs, faults...)
			if last, ok := s.own[id]; ok {
				own[id] = last
			}
			continue
		}
		own[id] = k
	}
	s.own = own
	s.current.Store(merge(s.builtin, own))
	return errs
}

func merge(builtin *Catalogue, own map[string]KPI) *Catalogue {
	var c Catalogue
	for _, k := range builtin.KPIs {
		if _, replaced := own[k.ID]; !replaced {
			c.KPIs = append(c.KPIs, k)
		}
	}
	for _, k := range own {
		c.KPIs = append(c.KPIs, k)
	}
	c.sort()
	return &c
}
