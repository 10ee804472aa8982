package kpi

import (
	"sync"
	"sync/atomic"

	"github.com/binhphuoc/ioc/schemas/yamlfile"
)

// Store holds the catalogue in force: the builtin KPIs, and those of a directory, which replace and extend them.
type Store struct {
	builtin *Catalogue
	current atomic.Pointer[Catalogue]

	mu  sync.Mutex // one Reload at a time
	dir yamlfile.Dir[KPI]
}

// NewStore returns a store that has the builtin KPIs until the first Reload. An empty dir adds nothing to them.
func NewStore(builtin *Catalogue, dir string) *Store {
	s := &Store{builtin: builtin, dir: yamlfile.Dir[KPI]{Path: dir, What: what, Read: read}}
	s.current.Store(builtin)
	return s
}

// Current returns the catalogue in force. It is shared: the reader changes nothing in it.
func (s *Store) Current() *Catalogue { return s.current.Load() }

// Reload reads the directory again. Of a file that has become bad the last good version stays, of a directory
// that can not be read all do. A file that is gone takes its KPI with it, or gives way to the builtin one.
func (s *Store) Reload() []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	own, errs := s.dir.Reload()
	if len(own) > 0 || s.current.Load() != s.builtin {
		s.current.Store(merge(s.builtin, own))
	}
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
