package yamlfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Extension is that of definition files.
const Extension = ".yaml"

// MaxFile bounds the size of a definition file.
const MaxFile = 64 << 10

// Read reads one file, whose top keys are all in known, and makes of it what parse does. Faults name it as shown; where
// there are any, nothing is made of it.
func Read[T any](fsys fs.FS, file, shown string, parse func(Section) T, known ...string) (T, []error) {
	raw, err := fs.ReadFile(fsys, file)
	if err != nil {
		var none T
		return none, []error{&Fault{File: shown, Problem: err.Error()}}
	}
	return Parse(raw, shown, parse, known...)
}

// Parse reads what stands in a file in the same way.
func Parse[T any](raw []byte, shown string, parse func(Section) T, known ...string) (T, []error) {
	var none T
	f := &Faults{file: shown}
	if len(raw) > MaxFile {
		f.refuse(0, "", "lớn hơn %d byte", "is larger than %d bytes", MaxFile)
		return none, f.list
	}
	var doc yaml.Node
	if err := yaml.Load(raw, &doc); err != nil {
		line, problem := syntax(err)
		f.refuse(line, "", "không phải là YAML: %[1]s", "no YAML: %[1]s", problem)
		return none, f.list
	}
	if len(doc.Content) != 1 {
		f.refuse(0, "", "không có nội dung", "is empty")
		return none, f.list
	}
	out := parse(NewSection(f, doc.Content[0], "", known...))
	if len(f.list) > 0 {
		return none, f.list
	}
	return out, nil
}

// syntax returns the line and the problem of what the YAML library reports.
func syntax(err error) (int, string) {
	var one *yaml.LoadError
	var many *yaml.LoadErrors
	if errors.As(err, &many) && len(many.Errors) > 0 {
		one = many.Errors[0]
	}
	if one == nil && !errors.As(err, &one) {
		return 0, err.Error()
	}
	return one.Mark.Line, strings.TrimPrefix(one.Message, "yaml: ")
}

// List returns the paths of the definition files of a directory, and a fault for each file that looks like one and is
// none. what names the kind of file in sentences, such as KPI.
func List(fsys fs.FS, dir, what string) (files []string, faults []error, err error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, nil, fmt.Errorf("read %s files: %w", what, err)
	}
	for _, e := range entries {
		file := path.Join(dir, e.Name())
		switch {
		case e.IsDir() || strings.HasPrefix(e.Name(), "."): // of editors, and of mounted configurations
		case path.Ext(file) == Extension:
			files = append(files, file)
		case path.Ext(file) == ".yml":
			faults = append(faults, &Fault{File: file, Problem: "is not read: the names of " + what + " files end with " + Extension})
		}
	}
	return files, faults, nil
}

// Dir is a directory of definition files, which may change while it is used. One caller at a time.
type Dir[T any] struct {
	Path string // empty: there is none
	What string // names the kind of file in sentences, such as KPI
	Read func(fsys fs.FS, file, shown string) (T, []error)
	good map[string]T // last good version of each file, by its name without the extension
}

// Reload reads the directory again, and returns what is in force by the names of the files. Of a file that has become bad
// the last good version stays, of a directory that can not be read all do. A file that is gone is gone.
func (d *Dir[T]) Reload() (map[string]T, []error) {
	if d.Path == "" {
		return nil, nil
	}
	fsys := os.DirFS(d.Path)
	files, errs, err := List(fsys, ".", d.What)
	if err != nil {
		return d.good, []error{err}
	}
	good := map[string]T{}
	for _, file := range files {
		id := strings.TrimSuffix(file, Extension)
		v, faults := d.Read(fsys, file, filepath.Join(d.Path, file))
		if len(faults) > 0 {
			errs = append(errs, faults...)
			if last, ok := d.good[id]; ok {
				good[id] = last
			}
			continue
		}
		good[id] = v
	}
	d.good = good
	return good, errs
}
