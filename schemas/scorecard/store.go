package scorecard

import (
	"io/fs"
	"sync"
	"sync/atomic"

	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/yamlfile"
)

// Store holds the scorecards in force: the builtin ones, and those of a directory, which replace and extend them.
type Store struct {
	builtin []Scorecard
	current atomic.Pointer[[]Scorecard]

	mu  sync.Mutex // one Reload at a time
	dir yamlfile.Dir[Scorecard]
}

// NewStore returns a store that has the builtin scorecards until the first Reload. An empty dir adds nothing to them.
// The catalogue in force says which KPIs a file can ask for.
func NewStore(builtin []Scorecard, dir string, catalogue func() *kpi.Catalogue) *Store {
	s := &Store{builtin: builtin, dir: yamlfile.Dir[Scorecard]{
		Path: dir, What: what,
		Read: func(fsys fs.FS, file, shown string) (Scorecard, []error) { return read(fsys, file, shown, catalogue()) },
	}}
	s.current.Store(&builtin)
	return s
}

// Current returns the scorecards in force, in the order of their ids. They are shared: the reader changes nothing in them.
func (s *Store) Current() []Scorecard { return *s.current.Load() }

// Reload reads the directory again. Of a file that has become bad the last good version stays, of a directory that can not
// be read all do.
func (s *Store) Reload() []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	own, errs := s.dir.Reload()
	var out []Scorecard
	for _, c := range s.builtin {
		if _, replaced := own[c.ID]; !replaced {
			out = append(out, c)
		}
	}
	for _, c := range own {
		out = append(out, c)
	}
	sortByID(out)
	s.current.Store(&out)
	return errs
}
