package scene

import (
	"io/fs"
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

// Store holds the scenes and walls in force: the builtin ones, and those of two directories, which replace and extend them.
type Store struct {
	builtin Set
	current atomic.Pointer[Set]

	mu     sync.Mutex // one Reload at a time
	scenes yamlfile.Dir[wire.Scene]
	walls  yamlfile.Dir[wire.Wall]
	names  []string // scenes that walls may show; of Reload alone
}

// NewStore returns a store that has the builtin scenes and walls until the first Reload. An empty directory adds nothing.
func NewStore(builtin Set, scenes, walls string, k Known) *Store {
	s := &Store{builtin: builtin}
	s.scenes = yamlfile.Dir[wire.Scene]{Path: scenes, What: "scene", Read: func(fsys fs.FS, file, shown string) (wire.Scene, []error) {
		return readScene(fsys, file, shown, k)
	}}
	s.walls = yamlfile.Dir[wire.Wall]{Path: walls, What: "wall", Read: func(fsys fs.FS, file, shown string) (wire.Wall, []error) {
		return readWall(fsys, file, shown, s.names)
	}}
	s.current.Store(&builtin)
	return s
}

// Current returns what is in force.
func (s *Store) Current() *Set { return s.current.Load() }

// Reload reads the directories again. Of a file that has become bad the last good version stays, of a directory that can not
// be read all do.
func (s *Store) Reload() []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	scenes, errs := s.scenes.Reload()
	next := Set{Scenes: merge(s.builtin.Scenes, scenes, func(x wire.Scene) string { return x.ID })}
	s.names = ids(next.Scenes)
	walls, more := s.walls.Reload()
	next.Walls = merge(s.builtin.Walls, walls, func(x wire.Wall) string { return x.ID })
	s.current.Store(&next)
	return append(errs, more...)
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
