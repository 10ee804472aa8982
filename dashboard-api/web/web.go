// Package web holds the built web pages.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files returns the pages, index.html at the top.
func Files() (fs.FS, error) { return fs.Sub(dist, "dist") }
