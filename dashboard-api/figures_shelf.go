package dashboardapi

import (
	"crypto/rand"
	"maps"
	"sync"
	"time"
)

const (
	shelfLasts = 30 * time.Minute
	// maxShelved files take at most 80 MiB.
	maxShelved = 16
)

// shelf keeps files between their preview and the clerk's yes, so that they need not be sent twice. A file is known by a
// name that nobody can guess. When the shelf is full, the oldest goes: its clerk is asked for it again.
type shelf struct {
	mu    sync.Mutex
	files map[string]shelved
}

type shelved struct {
	FigureFile
	until time.Time
}

// put keeps a file, and returns the name to ask for it by.
func (s *shelf) put(f FigureFile, now time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.files, func(_ string, f shelved) bool { return !now.Before(f.until) })
	for len(s.files) >= maxShelved {
		oldest := ""
		for key, f := range s.files {
			if oldest == "" || f.until.Before(s.files[oldest].until) {
				oldest = key
			}
		}
		delete(s.files, oldest)
	}
	key := rand.Text()
	s.files[key] = shelved{f, now.Add(shelfLasts)}
	return key
}

// get returns a file that is still there.
func (s *shelf) get(key string, now time.Time) (FigureFile, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.files[key]
	return f.FigureFile, ok && now.Before(f.until)
}

func (s *shelf) drop(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.files, key)
}
