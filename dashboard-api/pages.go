package dashboardapi

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
)

// pages are the built files of the web pages.
type pages struct {
	files fs.FS
	tags  map[string]string // ETag by name: embedded files have no time
}

func newPages(files fs.FS) (*pages, error) {
	p := &pages{files: files, tags: map[string]string{}}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		p.tags[name] = `"` + hex.EncodeToString(sum[:12]) + `"`
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the web pages: %w", err)
	}
	if p.tags["index.html"] == "" {
		return nil, errors.New("the web pages have no index.html: build them first")
	}
	return p, nil
}

// serve answers with a file. A name with a hash in it may be kept for ever; the page that names it is asked for anew.
func (p *pages) serve(w http.ResponseWriter, r *http.Request) error {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if page := pageOf(r.URL.Path); page != "" {
		name = page
	}
	tag, ok := p.tags[name]
	if !ok {
		return notFound("Không có trang này.", "There is no such page.")
	}
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "no-cache")
	if strings.HasPrefix(name, "assets/") {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeFileFS(w, r, p.files, name)
	return nil
}

// pageOf is the page whose script takes a path over; empty: none.
func pageOf(path string) string {
	switch path {
	case "/", "/wall":
		return "index.html"
	case "/console":
		return "console.html"
	case "/edit":
		return "edit.html"
	default:
		return ""
	}
}
