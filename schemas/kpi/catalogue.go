package kpi

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

//go:embed catalogue/*.yaml
var catalogueFiles embed.FS

// extension is that of the KPI files.
const extension = ".yaml"

// Builtin returns the catalogue that is part of the binary.
func Builtin() (*Catalogue, []error) {
	return Load(catalogueFiles, "catalogue")
}

// Load reads the KPI files of a directory. A bad file is refused, with a *Fault for each thing that is wrong in it;
// the others are in the catalogue.
func Load(fsys fs.FS, dir string) (*Catalogue, []error) {
	files, errs, err := list(fsys, dir)
	if err != nil {
		return &Catalogue{}, []error{err}
	}
	var c Catalogue
	for _, file := range files {
		k, faults := read(fsys, file, file)
		errs = append(errs, faults...)
		if len(faults) == 0 {
			c.KPIs = append(c.KPIs, k)
		}
	}
	c.sort()
	return &c, errs
}

// list returns the paths of the KPI files of a directory, and a fault for each file that looks like one and is none.
func list(fsys fs.FS, dir string) (files []string, faults []error, err error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, nil, fmt.Errorf("read KPI files: %w", err)
	}
	for _, e := range entries {
		file := path.Join(dir, e.Name())
		switch {
		case e.IsDir() || strings.HasPrefix(e.Name(), "."): // of editors, and of mounted configurations
		case path.Ext(file) == extension:
			files = append(files, file)
		case path.Ext(file) == ".yml":
			faults = append(faults, &Fault{File: file, Problem: "is not read: the names of KPI files end with " + extension})
		}
	}
	return files, faults, nil
}

func (c *Catalogue) sort() {
	slices.SortFunc(c.KPIs, func(a, b KPI) int { return strings.Compare(a.ID, b.ID) })
}

// ByID returns the KPI with this id.
func (c *Catalogue) ByID(id string) (KPI, bool) {
	i, ok := slices.BinarySearchFunc(c.KPIs, id, func(k KPI, id string) int { return strings.Compare(k.ID, id) })
	if !ok {
		return KPI{}, false
	}
	return c.KPIs[i], true
}

// TargetAt returns the target in force at a moment.
func (k KPI) TargetAt(at time.Time) (Target, bool) {
	for _, t := range slices.Backward(k.Targets) {
		if !at.Before(t.From) {
			return t, t.Until == nil || at.Before(*t.Until)
		}
	}
	return Target{}, false
}
