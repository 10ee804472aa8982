package scene

import (
	"io/fs"
	"time"

	"github.com/binhphuoc/ioc/schemas/wire"
	"github.com/binhphuoc/ioc/schemas/yamlfile"
)

func readWall(fsys fs.FS, file, shown string, scenes []string) (wire.Wall, []error) {
	return yamlfile.Read(fsys, file, shown, func(s yamlfile.Section) wire.Wall { return wall(s, shown, scenes) },
		"id", "name", "screen", "take_over", "scenes")
}

func wall(s yamlfile.Section, file string, known []string) wire.Wall {
	out := wire.Wall{ID: named(s, file), Name: s.Bilingual("name"), TakeOver: true, Scenes: []wire.WallScene{}}
	if s.Has("take_over") {
		out.TakeOver = s.OneOf("take_over", "true", "false") == "true"
	}
	if screen, ok := s.Sub("screen", "diagonal", "distance"); ok {
		out.Diagonal, out.Distance = screen.RequiredNumber("diagonal"), screen.RequiredNumber("distance")
		if out.Diagonal <= 0 || out.Distance <= 0 {
			s.Fault("screen", "needs a diagonal in inches and a distance in metres, both above 0")
		} else if arc := ArcMinutes(out.Diagonal, out.Distance); arc < leastArc {
			s.Fault("screen", "its numbers would be %.0f minutes of arc high, at least %d are needed: take a larger screen, or read it from nearer", arc, leastArc)
		}
	}
	items := s.Items("scenes", "scene", "seconds")
	if len(items) == 0 {
		s.Fault("scenes", "needs at least one scene")
	}
	for _, item := range items {
		out.Scenes = append(out.Scenes, turn(item, known))
	}
	return out
}

// turn reads for how long one scene is shown.
func turn(s yamlfile.Section, known []string) wire.WallScene {
	const least, most = 5, 3600
	t := wire.WallScene{Scene: s.OneOf("scene", known...), Seconds: s.Number("seconds", (20 * time.Second).Seconds())}
	if t.Seconds < least || t.Seconds > most {
		s.Fault("seconds", "must be from %d to %d: how long the scene stays", least, most)
	}
	return t
}
