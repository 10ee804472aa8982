package ddl

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestBuiltin(t *testing.T) {
	all, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 || all[0].Name != "0001_raw.sql" || all[0].Number != 1 {
		t.Fatalf("the first migration is %+v", all)
	}
	for _, m := range all {
		if len(m.Checksum) != 64 || len(m.Statements) == 0 {
			t.Errorf("%s has checksum %q and %d statements", m.Name, m.Checksum, len(m.Statements))
		}
		for _, s := range m.Statements {
			// A process that was killed in the middle of a migration leaves it to the next one to run all of it again.
			// Rows that are inserted twice are one row in tables that replace.
			again := strings.HasPrefix(s, "INSERT INTO ") && strings.Contains(s, "SELECT ")
			again = again || strings.Contains(s, " MODIFY SETTING ") || strings.Contains(s, " MODIFY QUERY") || strings.Contains(s, " MATERIALIZE INDEX ")
			if !again && !strings.Contains(s, " IF NOT EXISTS ") && !strings.Contains(s, " IF EXISTS ") {
				t.Errorf("%s: this can't be run twice: %.60s…", m.Name, s)
			}
			if strings.HasSuffix(s, ";") || strings.HasPrefix(s, "--") {
				t.Errorf("%s is not well divided: %.60s…", m.Name, s)
			}
		}
	}
}

func TestLoad(t *testing.T) {
	files := func(names ...string) fstest.MapFS {
		fsys := fstest.MapFS{}
		for _, n := range names {
			fsys[n] = &fstest.MapFile{Data: []byte("SELECT 1;\n")}
		}
		return fsys
	}
	for _, c := range []struct {
		name  string
		files fstest.MapFS
		want  string // part of the error; empty: none
	}{
		{"in order", files("0001_raw.sql", "0002_derived.sql", "README.md"), ""},
		{"none", files(), ""},
		{"one is left out", files("0001_raw.sql", "0003_more.sql"), "0003_more.sql: number 0002 was expected"},
		{"it begins at two", files("0002_raw.sql"), "number 0001 was expected"},
		{"a number twice", files("0001_raw.sql", "0001_too.sql"), "0001_too.sql: number 0002"},
		{"a name of another form", files("1_raw.sql"), "1_raw.sql: the name must be NNNN_words.sql"},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, err := Load(c.files)
			switch {
			case c.want == "" && err != nil:
				t.Errorf("got %v", err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, %d migrations; want an error with %q", err, len(all), c.want)
			}
		})
	}
}

func TestChecksumIsOfTheContent(t *testing.T) {
	load := func(text string) string {
		all, err := Load(fstest.MapFS{"0001_a.sql": &fstest.MapFile{Data: []byte(text)}})
		if err != nil {
			t.Fatal(err)
		}
		return all[0].Checksum
	}
	one, again, two := load("SELECT 1;\n"), load("SELECT 1;\n"), load("SELECT 2;\n")
	if one != again || one == two {
		t.Error("the checksum does not follow the content")
	}
}

func TestStatements(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"empty", "\n-- nothing yet\n", nil},
		{"two", "CREATE TABLE a (x Int8);\nCREATE TABLE b (x Int8);\n", []string{"CREATE TABLE a (x Int8)", "CREATE TABLE b (x Int8)"}},
		{"no end of line at the end", "SELECT 1;\nSELECT 2;", []string{"SELECT 1", "SELECT 2"}},
		{"a comment between", "SELECT 1;\n  -- why; not\nSELECT\n-- inside\n2;\n", []string{"SELECT 1", "SELECT\n2"}},
		{"a semicolon in a line", "SELECT ';', 1;\n", []string{"SELECT ';', 1"}},
		{"a comment behind a semicolon", "SELECT 1; -- one\nSELECT 2;\n", []string{"SELECT 1", "SELECT 2"}},
		{"lines of Windows", "SELECT 1;\r\nSELECT 2;\r\n", []string{"SELECT 1", "SELECT 2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, statements(c.text)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
