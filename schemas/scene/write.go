package scene

import (
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// file is a scene as its file has it.
type file struct {
	ID      string       `yaml:"id"`
	Name    schemas.Text `yaml:"name,flow"`
	Centre  string       `yaml:"centre,omitempty"`
	Columns int          `yaml:"columns"`
	Rows    int          `yaml:"rows"`
	Widgets []widget     `yaml:"widgets"`
}

type widget struct {
	Kind      string        `yaml:"kind"`
	X         int           `yaml:"x"`
	Y         int           `yaml:"y"`
	W         int           `yaml:"w"`
	H         int           `yaml:"h"`
	Title     *schemas.Text `yaml:"title,omitempty,flow"`
	KPI       string        `yaml:"kpi,omitempty"`
	KPIs      []string      `yaml:"kpis,omitempty,flow"`
	Span      string        `yaml:"span,omitempty"`
	Of        string        `yaml:"of,omitempty"`
	Scorecard string        `yaml:"scorecard,omitempty"`
	By        string        `yaml:"by,omitempty"`
	Centre    string        `yaml:"centre,omitempty"`
	Centres   []string      `yaml:"centres,omitempty,flow"`
	Min       *float64      `yaml:"min,omitempty"`
	Max       *float64      `yaml:"max,omitempty"`
	Text      *schemas.Text `yaml:"text,omitempty,flow"`
	Limit     int           `yaml:"limit,omitempty"`
}

// Document writes a scene as a file of --scene-dir, which reads as the same scene.
func Document(s wire.Scene) ([]byte, error) {
	f := file{ID: s.ID, Name: s.Name, Centre: s.Centre, Columns: s.Columns, Rows: s.Rows, Widgets: make([]widget, len(s.Widgets))}
	for i, w := range s.Widgets {
		f.Widgets[i] = widget{
			Kind: w.Kind, X: w.X, Y: w.Y, W: w.W, H: w.H, Title: w.Title, KPI: w.KPI, KPIs: w.KPIs, Span: span(w.Seconds), Of: w.Of,
			Scorecard: w.Scorecard, By: w.By, Centre: w.Centre, Centres: w.Centres, Min: w.Min, Max: w.Max, Text: w.Text, Limit: w.Limit,
		}
	}
	out, err := yaml.Dump(f)
	if err != nil {
		return nil, fmt.Errorf("write scene %s: %w", s.ID, err)
	}
	return out, nil
}

// span writes a length of time the short way: 24h, not 24h0m0s.
func span(seconds float64) string {
	if seconds == 0 {
		return ""
	}
	s := time.Duration(seconds * float64(time.Second)).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
