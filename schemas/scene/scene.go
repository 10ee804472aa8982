// Package scene reads the files that say what walls show: scenes, and the sets of them that walls turn over.
package scene

import (
	"embed"
	"io/fs"
	"math"
	"slices"
	"strings"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
	"github.com/binhphuoc/ioc/schemas/yamlfile"
)

//go:embed scenes/*.yaml walls/*.yaml
var files embed.FS

const (
	// maxGrid is the most columns or rows of a scene.
	maxGrid = 24
	// maxWidgets is the most widgets of a scene: more than anybody reads, and what the load test shows to run smoothly.
	maxWidgets = 60
	// numberPixels is the size of the numbers of a wall in the design space of 1920×1080; web/src/legibility.ts has the same.
	numberPixels = 72
	// capitals is the height of capitals and digits by the size of the type.
	capitals = 0.727
	// leastArc is the least height of a number that is read, in minutes of arc (NUREG-0700).
	leastArc = 16
)

// Known is what scenes may name.
type Known struct {
	Registry   *schemas.Registry
	Catalogue  func() *kpi.Catalogue
	Scorecards func() []string // their ids
}

// ArcMinutes is the height of the digits of a wall's numbers, in minutes of arc, on a 16:9 screen of so many inches
// that is seen from so many metres.
func ArcMinutes(inches, metres float64) float64 {
	width := inches * 25.4 * 16 / math.Hypot(16, 9)
	mm := numberPixels * capitals * width / 1920
	return math.Atan(mm/(metres*1000)) * 180 * 60 / math.Pi
}

// Builtin returns the scenes and walls that are part of the binary.
func Builtin(k Known) ([]wire.Scene, []wire.Wall, []error) {
	scenes, errs := Scenes(files, "scenes", k)
	walls, more := Walls(files, "walls", scenes)
	return scenes, walls, append(errs, more...)
}

// Scenes reads the scenes of a directory, in the order of their ids. A bad file is refused, with a *yamlfile.Fault for each
// thing that is wrong in it; the others are returned.
func Scenes(fsys fs.FS, dir string, k Known) ([]wire.Scene, []error) {
	return load(fsys, dir, "scene", func(fsys fs.FS, file, shown string) (wire.Scene, []error) { return readScene(fsys, file, shown, k) },
		func(s wire.Scene) string { return s.ID })
}

// Walls reads the walls of a directory in the same way. They may show these scenes.
func Walls(fsys fs.FS, dir string, scenes []wire.Scene) ([]wire.Wall, []error) {
	known := ids(scenes)
	return load(fsys, dir, "wall", func(fsys fs.FS, file, shown string) (wire.Wall, []error) { return readWall(fsys, file, shown, known) },
		func(w wire.Wall) string { return w.ID })
}

// ids are those of scenes.
func ids(scenes []wire.Scene) []string {
	out := make([]string, len(scenes))
	for i, s := range scenes {
		out[i] = s.ID
	}
	return out
}

func load[T any](fsys fs.FS, dir, what string, read func(fs.FS, string, string) (T, []error), id func(T) string) ([]T, []error) {
	list, errs, err := yamlfile.List(fsys, dir, what)
	if err != nil {
		return nil, []error{err}
	}
	var out []T
	for _, file := range list {
		one, faults := read(fsys, file, file)
		errs = append(errs, faults...)
		if len(faults) == 0 {
			out = append(out, one)
		}
	}
	slices.SortFunc(out, func(a, b T) int { return strings.Compare(id(a), id(b)) })
	return out, errs
}
