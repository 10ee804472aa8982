// Package geo reads the boundary that a province draws on its map.
package geo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// Bounds of a boundary file. A map on a screen shows no more than this.
const (
	MaxBytes  = 4 << 20
	maxPoints = 100_000
	maxShapes = 2000
	maxName   = 200
)

// object is any GeoJSON object (RFC 7946), as far as it is read.
type object struct {
	Type        string          `json:"type"`
	Features    []object        `json:"features"`
	Geometry    *object         `json:"geometry"`
	Coordinates json.RawMessage `json:"coordinates"`
	Properties  map[string]any  `json:"properties"`
}

type ring [][2]float64

// Feature is an area or a line with the name that stands on it.
type Feature struct {
	Type       string            `json:"type"`
	Properties map[string]string `json:"properties"`
	Geometry   Geometry          `json:"geometry"`
}

// Geometry is an area, as a list of polygons.
type Geometry struct {
	Type        string   `json:"type"`
	Coordinates [][]ring `json:"coordinates"`
}

// Collection is what is handed to the map.
type Collection struct {
	Type     string    `json:"type"`
	Features []Feature `json:"features"`
}

// Boundary reads a GeoJSON file of areas and returns what the map needs of it: polygons with their names, outer rings
// counter-clockwise as RFC 7946 has them, and nothing else. Coordinates are degrees of WGS 84; a file in metres (VN-2000) is refused.
func Boundary(file []byte) ([]byte, error) {
	if len(file) > MaxBytes {
		return nil, fmt.Errorf("the file has %d bytes: more than %d; simplify it", len(file), MaxBytes)
	}
	var root object
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(file, []byte("\ufeff"))))
	if err := dec.Decode(&root); err != nil {
		return nil, fmt.Errorf("not GeoJSON: %w", err)
	}
	if dec.More() {
		return nil, errors.New("not GeoJSON: more than one JSON value")
	}
	r := reader{}
	var features []object
	switch root.Type {
	case "FeatureCollection":
		features = root.Features
	case "Feature":
		features = []object{root}
	default:
		features = []object{{Type: "Feature", Geometry: &root}}
	}
	out := Collection{Type: "FeatureCollection", Features: []Feature{}}
	for i, f := range features {
		if i == maxShapes {
			return nil, fmt.Errorf("more than %d features; leave the smallest out", maxShapes)
		}
		g, err := r.geometry(f)
		if err != nil {
			return nil, fmt.Errorf("feature %d: %w", i+1, err)
		}
		out.Features = append(out.Features, Feature{Type: "Feature", Properties: name(f.Properties), Geometry: g})
	}
	if len(out.Features) == 0 {
		return nil, errors.New("there is no feature in it")
	}
	return json.Marshal(out)
}

// name keeps the name of a feature, by the keys that such files use, and no other property.
func name(p map[string]any) map[string]string {
	for _, key := range []string{"name", "NAME", "name:vi", "Name", "ten", "TEN"} {
		if text, ok := p[key].(string); ok && text != "" {
			if r := []rune(text); len(r) > maxName {
				text = string(r[:maxName])
			}
			return map[string]string{"name": text}
		}
	}
	return map[string]string{}
}

type reader struct{ points int }

func (r *reader) geometry(f object) (Geometry, error) {
	out := Geometry{Type: "MultiPolygon"}
	if f.Geometry == nil {
		return out, errors.New("it has no geometry")
	}
	switch f.Geometry.Type {
	case "Polygon":
		var one [][][]float64
		if err := json.Unmarshal(f.Geometry.Coordinates, &one); err != nil {
			return out, fmt.Errorf("coordinates of a Polygon: %w", err)
		}
		return out, r.polygon(&out, one)
	case "MultiPolygon":
		var many [][][][]float64
		if err := json.Unmarshal(f.Geometry.Coordinates, &many); err != nil {
			return out, fmt.Errorf("coordinates of a MultiPolygon: %w", err)
		}
		if len(many) == 0 {
			return out, errors.New("a MultiPolygon without polygons")
		}
		for _, one := range many {
			if err := r.polygon(&out, one); err != nil {
				return out, err
			}
		}
		return out, nil
	default:
		return out, fmt.Errorf("its geometry is %q, want Polygon or MultiPolygon", f.Geometry.Type)
	}
}

func (r *reader) polygon(out *Geometry, rings [][][]float64) error {
	if len(rings) == 0 {
		return errors.New("a polygon without rings")
	}
	var polygon []ring
	for i, points := range rings {
		one, err := r.ring(points)
		if err != nil {
			return err
		}
		if counterClockwise := area(one) > 0; counterClockwise != (i == 0) { // holes go the other way
			for a, b := 0, len(one)-1; a < b; a, b = a+1, b-1 {
				one[a], one[b] = one[b], one[a]
			}
		}
		polygon = append(polygon, one)
	}
	out.Coordinates = append(out.Coordinates, polygon)
	return nil
}

func (r *reader) ring(points [][]float64) (ring, error) {
	if len(points) < 4 {
		return nil, fmt.Errorf("a ring of %d points, want at least 4", len(points))
	}
	var out ring
	for _, p := range points {
		if r.points++; r.points > maxPoints {
			return nil, fmt.Errorf("more than %d points; simplify it", maxPoints)
		}
		if len(p) < 2 || math.Abs(p[0]) > 180 || math.Abs(p[1]) > 90 {
			return nil, fmt.Errorf("%v is no longitude and latitude in degrees (WGS 84); convert it first", p)
		}
		// Five decimals are a metre.
		out = append(out, [2]float64{math.Round(p[0]*1e5) / 1e5, math.Round(p[1]*1e5) / 1e5})
	}
	if out[0] != out[len(out)-1] {
		return nil, errors.New("a ring that is not closed")
	}
	return out, nil
}

// area is twice the signed area of a ring, above zero when it goes counter-clockwise.
func area(points ring) (sum float64) {
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		sum += (a[0] - points[0][0]) * (b[1] - points[0][1])
		sum -= (b[0] - points[0][0]) * (a[1] - points[0][1])
	}
	return sum
}
