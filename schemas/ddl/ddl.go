// Package ddl holds the numbered ClickHouse migrations: applied once each, in order, never changed afterwards.
package ddl

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

//go:embed *.sql
var files embed.FS

// Migration is one file.
type Migration struct {
	Number     int
	Name       string // file name
	Checksum   string // SHA-256 of the file, hex
	Statements []string
}

// Builtin returns the migrations of this binary, in order.
func Builtin() ([]Migration, error) { return Load(files) }

// Load reads migrations named NNNN_words.sql. Numbers start at 1 and leave none out.
func Load(fsys fs.FS) ([]Migration, error) {
	names, err := fs.Glob(fsys, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	slices.Sort(names)
	pattern := regexp.MustCompile(`^(\d{4})_[a-z0-9_]+\.sql$`)
	out := make([]Migration, 0, len(names))
	for i, name := range names {
		m := pattern.FindStringSubmatch(name)
		if m == nil {
			return nil, fmt.Errorf("migration %s: the name must be NNNN_words.sql", name)
		}
		n, err := strconv.Atoi(m[1])
		if err != nil || n != i+1 {
			return nil, fmt.Errorf("migration %s: number %04d was expected", name, i+1)
		}
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		sum := sha256.Sum256(raw)
		out = append(out, Migration{Number: n, Name: name, Checksum: hex.EncodeToString(sum[:]), Statements: statements(string(raw))})
	}
	return out, nil
}

// statements splits a file at semicolons that end a line, or are followed there by nothing but a comment,
// and drops lines that are comments.
func statements(text string) []string {
	end := regexp.MustCompile(`;[ \t]*(--.*)?\r?$`)
	var out []string
	var now strings.Builder
	flush := func() {
		if s := strings.TrimSpace(now.String()); s != "" {
			out = append(out, s)
		}
		now.Reset()
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(strings.TrimSpace(line), "--") {
			continue
		}
		if at := end.FindStringIndex(line); at != nil {
			now.WriteString(line[:at[0]])
			flush()
			continue
		}
		now.WriteString(line + "\n")
	}
	flush()
	return out
}
