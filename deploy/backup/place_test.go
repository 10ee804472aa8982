package backup

import (
	"errors"
	"strings"
	"testing"
)

func TestPlaces(t *testing.T) {
	s3 := S3{Endpoint: "https://s3.example.vn", Key: "k", Secret: `a'b\`}
	for _, c := range []struct {
		text string
		s3   S3
		want string
	}{
		{"2026-11-25", S3{}, "File('2026-11-25/events')"},
		{"/backups/o'neil/", S3{}, `File('/backups/o\'neil/events')`},
		{"s3://sao-luu/ioc/1", s3, `S3('https://s3.example.vn/sao-luu/ioc/1/events', 'k', 'a\'b\\')`},
		{"s3://sao-luu/ioc", S3{Key: "k", Secret: "s"}, "S3('https://s3.amazonaws.com/sao-luu/ioc/events', 'k', 's')"},
		{"", S3{}, "name a folder"},
		{"s3://sao-luu", s3, "want a bucket and a path"},
		{"ftp://a/b", s3, "want a folder"},
		{"s3://sao-luu/ioc", S3{}, "set IOC_S3_KEY"},
		{"s3://sao-luu/ioc", S3{Endpoint: "s3.example.vn", Key: "k", Secret: "s"}, "--s3-endpoint"},
	} {
		p, err := ParsePlace(c.text, c.s3)
		got := p.sql(partEvents)
		if err != nil {
			got = err.Error()
		}
		if err == nil && got != c.want || !strings.Contains(got, c.want) {
			t.Errorf("%q: %s, want %s", c.text, got, c.want)
		}
		if err == nil && p.String() != c.text {
			t.Errorf("%q is shown as %q", c.text, p)
		}
	}
}

func TestErrorsOfTheServer(t *testing.T) {
	s := &server{secrets: []string{"", "streng-geheim"}}
	for text, want := range map[string]error{
		"Code: 36. DB::Exception: Path '/x' is not allowed for backups, see the 'backups.allowed_path' configuration parameter. (BAD_ARGUMENTS), Stack trace (…": ErrNotAllowed,
		"Code: 598. DB::Exception: Backup File('x') already exists. (BACKUP_ALREADY_EXISTS)":                                                                     ErrExists,
		"Code: 599. DB::Exception: Backup File('x') not found. (BACKUP_NOT_FOUND)":                                                                               ErrNoBackup,
		"Code: 49. DB::Exception: The BackupsIOThreadPool is not initialized. (LOGICAL_ERROR)":                                                                   ErrNoS3,
	} {
		if err := s.explain(failed(text), partManifest, Place{}); !errors.Is(err, want) {
			t.Errorf("%s\nis explained as %v", text, err)
		}
	}
	got := s.explain(failed("Code: 499. DB::Exception: denied for streng-geheim, Stack trace: 1. 2."), partEvents, Place{text: "s3://b/x"}).Error()
	if got != "s3://b/x (events): code: 499, message: denied for ***" {
		t.Errorf("got %s", got)
	}
}
