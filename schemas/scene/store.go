package scene

import (
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/binhphuoc/ioc/schemas/wire"
	"github.com/binhphuoc/ioc/schemas/yamlfile"
)

// Set is what is in force at one moment. It is shared: the reader changes nothing in it.
type Set struct {
	Scenes []wire.Scene // in the order of their ids
	Walls  []wire.Wall
}

// Store holds the scenes and walls in force: the builtin ones, those of two directories, which replace and extend them, and
// scenes that were edited, which replace and extend these.
type Store struct {
	builtin Set
	known   Known
	current atomic.Pointer[Set]
	shipped atomic.Pointer[[]wire.Scene] // without those that were edited

	mu     sync.Mutex // one Reload at a time
	scenes yamlfile.Dir[wire.Scene]
	walls  yamlfile.Dir[wire.Wall]
	names  []string              // scenes that walls may show; of Reload alone
	edits  map[string]string     // documents by the ids of their scenes
	good   map[string]wire.Scene // last good version of each of them
}

// NewStore returns a store that has the builtin scenes and walls until the first Reload. An empty directory adds nothing.
func NewStore(builtin Set, scenes, walls string, k Known) *Store {
	s := &Store{builtin: builtin, known: k}
	s.scenes = yamlfile.Dir[wire.Scene]{Path: scenes, What: "scene", Read: func(fsys fs.FS, file, shown string) (wire.Scene, []error) {
		return readScene(fsys, file, shown, k)
	}}
	s.walls = yamlfile.Dir[wire.Wall]{Path: walls, What: "wall", Read: func(fsys fs.FS, file, shown string) (wire.Wall, []error) {
		return readWall(fsys, file, shown, s.names)
	}}
	s.current.Store(&builtin)
	s.shipped.Store(&builtin.Scenes)
	return s
}

// Current returns what is in force.
func (s *Store) Current() *Set { return s.current.Load() }

// Reload reads the directories again. Of a file that has become bad the last good version stays, of a directory that can not
// be read all do.
func (s *Store) Reload() []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reload()
}

// Edit has these documents in force, by the ids of their scenes, in place of all that were before, and reads the directories
// again. Of one that is bad the last good version stays, or where there was none, that of the files.
func (s *Store) Edit(documents map[string]string) []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.edits = documents
	return s.reload()
}

// Shipped returns the scenes that would be in force if none had been edited.
func (s *Store) Shipped() []wire.Scene { return *s.shipped.Load() }

// Check reads a document as Edit would, which stays without effect.
func (s *Store) Check(document []byte, id string) (wire.Scene, []error) {
	return Parse(document, id, s.known)
}

func (s *Store) reload() []error {
	id := func(x wire.Scene) string { return x.ID }
	scenes, errs := s.scenes.Reload()
	shipped := merge(s.builtin.Scenes, scenes, id)
	edited, faults := s.edited()
	errs = append(errs, faults...)
	next := Set{Scenes: merge(shipped, edited, id)}
	s.names = ids(next.Scenes)
	walls, more := s.walls.Reload()
	next.Walls = merge(s.builtin.Walls, walls, func(x wire.Wall) string { return x.ID })
	s.shipped.Store(&shipped)
	s.current.Store(&next)
	return append(errs, more...)
}

// edited reads the documents again: what they name may have come or gone.
func (s *Store) edited() (map[string]wire.Scene, []error) {
	good := map[string]wire.Scene{}
	var errs []error
	for _, id := range slices.Sorted(maps.Keys(s.edits)) {
		v, faults := s.Check([]byte(s.edits[id]), id)
		if last, ok := s.good[id]; len(faults) > 0 && ok {
			good[id] = last
		} else if len(faults) == 0 {
			good[id] = v
		}
		errs = append(errs, faults...)
	}
	s.good = good
	return good, errs
}

func merge[T any](builtin []T, own map[string]T, id func(T) string) []T {
	var out []T
	for _, b := range builtin {
		if _, replaced := own[id(b)]; !replaced {
			out = append(out, b)
		}
	}
	for _, o := range own {
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b T) int { return strings.Compare(id(a), id(b)) })
	return out
}
