//go:build linux || darwin || freebsd

// Package disk tells how much room a disk has.
package disk

import (
	"fmt"
	"syscall"
)

// Space is what an ordinary user may still write on the disk of a folder, and its size, both in bytes.
func Space(dir string) (free, total uint64, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, 0, fmt.Errorf("ask the disk of %s: %w", dir, err)
	}
	block := uint64(s.Bsize)                                       //nolint:gosec // a block has a positive size
	return uint64(s.Bavail) * block, uint64(s.Blocks) * block, nil //nolint:gosec,unconvert // the types differ between systems
}
