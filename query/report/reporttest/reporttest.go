// Package reporttest holds the reports that those who show reports are tested with.
package reporttest

import (
	_ "embed"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/binhphuoc/ioc/schemas/wire"
)

//go:embed month.json
var month []byte

//go:embed empty.json
var empty []byte

// Month is a report with everything in it: 43 rows of four pillars, four centres, targets with and without a path,
// revisions, holes in the history, a row without data, a long name, and a name that came decomposed (NFD).
func Month(t *testing.T) *wire.Report {
	t.Helper()
	return read(t, month)
}

// Empty is a report of a running day of a town that has nothing below it and sent nothing.
func Empty(t *testing.T) *wire.Report {
	t.Helper()
	return read(t, empty)
}

func read(t *testing.T, raw []byte) *wire.Report {
	t.Helper()
	var r wire.Report
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	return &r
}

// Rows are all rows of a report.
func Rows(r *wire.Report) []*wire.ReportRow {
	var rows []*wire.ReportRow
	for i := range r.Pillars {
		for j := range r.Pillars[i].Rows {
			rows = append(rows, &r.Pillars[i].Rows[j])
		}
	}
	return rows
}

var update = flag.Bool("update", false, "write the golden files anew") //nolint:gochecknoglobals // a flag

// Golden compares with a file in testdata, which -update writes anew.
func Golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; go test -update writes it", err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got; go test -update writes it anew):\n%s", path, d)
	}
}
