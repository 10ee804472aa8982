package geo_test

import (
	"strings"
	"testing"

	"github.com/binhphuoc/ioc/schemas/geo"
)

func TestBoundary(t *testing.T) {
	const square = `[[[106,11],[106,12],[107,12],[107,11],[106,11]]]` // clockwise: the wrong way
	const turned = `[[[106,11],[107,11],[107,12],[106,12],[106,11]]]`
	for _, c := range []struct{ name, file, want, fails string }{
		{"a polygon alone", `{"type":"Polygon","coordinates":` + square + `}`, `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"MultiPolygon","coordinates":[` + turned + `]}}]}`, ""},
		{"only the name is kept", "\ufeff" + `{"type":"Feature","properties":{"TEN":"Bình Phước","owner":"A"},"geometry":{"type":"MultiPolygon","coordinates":[` + turned + `]}}`, `"properties":{"name":"Bình Phước"}`, ""},
		{"a hole goes the other way", `{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,9],[0,0]],[[1,1],[2,1],[2,2],[1,2],[1,1]]]}`, `[[1,1],[1,2],[2,2],[2,1],[1,1]]`, ""},
		{"heights are left out", `{"type":"Polygon","coordinates":[[[0,0,5],[9,0,5],[9,9,5],[0,0,5]]]}`, `[[0,0],[9,0],[9,9],[0,0]]`, ""},
		{"in metres", `{"type":"Polygon","coordinates":[[[550000,1270000],[1,1],[2,2],[550000,1270000]]]}`, "", "WGS 84"},
		{"open", `{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,9]]]}`, "", "not closed"},
		{"too few points", `{"type":"Polygon","coordinates":[[[0,0],[9,0],[0,0]]]}`, "", "at least 4"},
		{"points", `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]}}]}`, "", `feature 1: its geometry is "Point"`},
		{"no geometry", `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null}]}`, "", "no geometry"},
		{"empty", `{"type":"FeatureCollection","features":[]}`, "", "no feature"},
		{"text for a number", `{"type":"Polygon","coordinates":[[["a",0]]]}`, "", "coordinates of a Polygon"},
		{"not JSON", `<kml/>`, "", "not GeoJSON"},
		{"two values", `{"type":"Polygon","coordinates":` + square + `}{}`, "", "more than one"},
		{"too large", strings.Repeat(" ", geo.MaxBytes+1), "", "simplify"},
		{"too many points", `{"type":"Polygon","coordinates":[[` + strings.Repeat("[0,0],", 100_001) + `[0,0]]]}`, "", "100000 points"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := geo.Boundary([]byte(c.file))
			switch {
			case c.fails == "" && (err != nil || !strings.Contains(string(got), c.want)):
				t.Errorf("got %s, %v; want %s", got, err, c.want)
			case c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)):
				t.Errorf("got %v, want it to say %q", err, c.fails)
			}
		})
	}
}
