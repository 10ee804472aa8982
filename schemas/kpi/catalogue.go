package kpi

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/binhphuoc/ioc/schemas/yamlfile"
)

//go:embed catalogue/*.yaml
var catalogueFiles embed.FS

// what names KPI files in sentences.
const what = "KPI"

// Fault is one thing that is wrong in a KPI file.
type Fault = yamlfile.Fault

// Builtin returns the catalogue that is part of the binary.
func Builtin() (*Catalogue, []error) {
	return Load(catalogueFiles, "catalogue")
}

// Load reads the KPI files of a directory. A bad file is refused, with a *Fault for each thing that is wrong in it;
// the others are in the catalogue.
func Load(fsys fs.FS, dir string) (*Catalogue, []error) {
	files, errs, err := yamlfile.List(fsys, dir, what)
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
