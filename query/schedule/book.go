package schedule

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
)

// Book holds the schedules in force: those of the last good version of a file.
type Book struct {
	file  string
	known Known

	mu     sync.Mutex
	raw    []byte // that was read last
	list   []Schedule
	faults []string // of the newest version; empty: it is in force
}

// NewBook returns a book without schedules until the first Reload. Without a file it stays empty.
func NewBook(file string, known Known) *Book { return &Book{file: file, known: known} }

// Reload reads the file again. Of a bad one it returns what is wrong, once for each version, and keeps the last good one.
func (b *Book) Reload() []error {
	if b.file == "" {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	raw, err := readBounded(b.file)
	if err != nil {
		return b.refuse(nil, []error{fmt.Errorf("read schedules: %w", err)})
	}
	if b.raw != nil && bytes.Equal(raw, b.raw) {
		return nil
	}
	list, errs := Read(raw, b.file, b.known)
	if len(errs) > 0 {
		return b.refuse(raw, errs)
	}
	b.raw, b.list, b.faults = raw, list, nil
	return nil
}

// refuse keeps what is wrong. What was said before is not said again.
func (b *Book) refuse(raw []byte, errs []error) []error {
	said := b.faults
	b.raw, b.faults = raw, nil
	for _, err := range errs {
		b.faults = append(b.faults, err.Error())
	}
	if slices.Equal(said, b.faults) {
		return nil
	}
	return errs
}

// Current returns the schedules in force, and what is wrong with the newest version of the file.
// Both are shared: the reader changes nothing in them.
func (b *Book) Current() (list []Schedule, faults []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.list, b.faults
}

// whole tells whether the newest version of the file is in force.
func (b *Book) whole() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.raw != nil && len(b.faults) == 0
}

// find returns one schedule.
func (b *Book) find(id string) (Schedule, bool) {
	list, _ := b.Current()
	i := slices.IndexFunc(list, func(s Schedule) bool { return s.ID == id })
	if i < 0 {
		return Schedule{}, false
	}
	return list[i], true
}

// readBounded reads a file, and no more of it than tells that it is too large.
func readBounded(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile+1))
}
