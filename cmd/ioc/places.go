package main

import (
	"fmt"
	"io"
	"os"

	"github.com/binhphuoc/ioc/schemas/geo"
)

// boundary reads what the map draws: nothing is shipped, because no boundary with the right names, islands and licence is free.
func (a *parts) boundary() ([]byte, error) {
	if a.s.mapBoundary == "" {
		return nil, nil
	}
	f, err := os.Open(a.s.mapBoundary)
	if err != nil {
		return nil, fmt.Errorf("--map-boundary: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, geo.MaxBytes+1)) // one more tells that it is too large
	if err != nil {
		return nil, fmt.Errorf("--map-boundary: read %s: %w", a.s.mapBoundary, err)
	}
	out, err := geo.Boundary(raw)
	if err != nil {
		return nil, fmt.Errorf("--map-boundary: %s: %w", a.s.mapBoundary, err)
	}
	return out, nil
}
