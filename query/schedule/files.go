package schedule

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"github.com/binhphuoc/ioc/schemas/wire"
)

const (
	folderMode = 0o750
	fileMode   = 0o640
)

// Folder is where reports are written. Nothing is ever written outside of it, also not through links.
type Folder struct{ root *os.Root }

// OpenFolder makes the folder where it is missing, and opens it.
func OpenFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, folderMode); err != nil {
		return nil, fmt.Errorf("make the folder of reports: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the folder of reports: %w", err)
	}
	return &Folder{root: root}, nil
}

// Close closes the folder.
func (f *Folder) Close() error { return f.root.Close() }

// Path is the name of a file on this machine.
func (f *Folder) Path(name string) string { return path.Join(f.root.Name(), name) }

// Open opens a file to read.
func (f *Folder) Open(name string) (io.ReadCloser, error) { return f.root.Open(name) }

// write writes a file whole or not at all: readers see the old one or the new one. by makes the name of the unfinished file
// one that no other writer has; a next try overwrites what a crash left of it.
func (f *Folder) write(name, by string, content func(io.Writer) error) (wire.ReportFile, error) {
	dir, base := path.Split(name)
	if dir != "" {
		if err := f.root.MkdirAll(path.Clean(dir), folderMode); err != nil {
			return wire.ReportFile{}, fmt.Errorf("make folder %s: %w", dir, err)
		}
	}
	part := dir + "." + base + "." + by + ".part"
	size, err := f.fill(part, content)
	if err == nil {
		err = f.root.Rename(part, name)
	}
	if err == nil {
		err = f.sync(path.Join(".", dir))
	}
	if err != nil {
		return wire.ReportFile{}, errors.Join(fmt.Errorf("write %s: %w", name, err), f.remove(part))
	}
	return wire.ReportFile{Name: name, Bytes: size}, nil
}

func (f *Folder) fill(name string, content func(io.Writer) error) (size uint64, err error) {
	file, err := f.root.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, fileMode)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := content(file); err != nil {
		return 0, err
	}
	if err := file.Sync(); err != nil {
		return 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	return uint64(max(0, info.Size())), nil
}

// sync makes a new name in a folder outlive a power cut.
func (f *Folder) sync(dir string) error {
	d, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (f *Folder) remove(name string) error {
	if err := f.root.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
