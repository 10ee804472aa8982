package dashboardapi

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// form is a form with a file, as a browser sends it, and its content type.
func form(t *testing.T, name, text, centre string) (body, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if centre != "" {
		if err := w.WriteField("centre", centre); err != nil {
			t.Fatal(err)
		}
	}
	if name != "" {
		part, err := w.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), "Content-Type: " + w.FormDataContentType()
}

func TestUploadsOfFigures(t *testing.T) {
	a := &answers{}
	r := start(t, a.all)
	body, kind := form(t, "q3.xlsx", "PK good", "")
	tests := []struct {
		name, query, body, kind string
		status                  int
		has                     string
		want                    FigureFile
	}{
		{"a body", "?file=q3.csv", "good", "Content-Type: text/csv; charset=utf-8", 200, `"state":"written"`, FigureFile{Name: "q3.csv", Data: []byte("good")}},
		{"a dry run", "?dry_run=true&centre=dong-xoai", "bad", "Content-Type: text/csv", 200, `"state":"preview"`, FigureFile{Data: []byte("bad"), DryRun: true, Centre: "dong-xoai"}},
		{"a form", "", body, kind, 200, `"id":"` + uploadID, FigureFile{Name: "q3.xlsx", Data: []byte("PK good")}},
		{"a bad row", "", "bad", "Content-Type: text/csv", 422, `"column":"C"`, FigureFile{Data: []byte("bad")}},
		{"a bad row, skipped", "?skip_bad=true", "bad", "Content-Type: text/csv", 200, `"refused":1`, FigureFile{Data: []byte("bad"), SkipBad: true}},
		{"no file that can be read", "", "broken", "Content-Type: " + xlsxType, 422, "Tệp hỏng", FigureFile{Data: []byte("broken")}},
		{"what stands already", "", "same", "Content-Type: text/csv", 200, `"state":"unchanged"`, FigureFile{Data: []byte("same")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := r.ask(t, "POST /api/v1/figure-uploads"+tt.query, tt.body, tt.kind)
			if got.status != tt.status || !strings.Contains(got.body, tt.has) {
				t.Errorf("status %d: %s", got.status, got.body)
			}
			tt.want.By = "127.0.0.1"
			if d := cmp.Diff(tt.want, a.file); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
	large := strings.Repeat("x", maxUpload+1)
	if got := r.ask(t, "POST /api/v1/figure-uploads", large, "Content-Type: text/csv"); got.status != 413 {
		t.Errorf("too large: %d", got.status)
	}
	if got := r.ask(t, "POST /api/v1/figure-uploads", "good", "Content-Type: application/json"); got.status != 415 {
		t.Errorf("JSON: %d", got.status)
	}
	if got := r.ask(t, "POST /api/v1/figure-uploads", "good", "Content-Type: text/csv", "Sec-Fetch-Site: cross-site"); got.status != 403 {
		t.Errorf("from another site: %d", got.status)
	}
}

func TestAClerkUsesThePage(t *testing.T) {
	a, c := &answers{}, &clock{t: now()}
	r := start(t, func(o *Options) { a.all(o); o.Now = c.now })
	preview := func(name, text string, headers ...string) answer {
		body, kind := form(t, name, text, "province")
		return r.ask(t, "POST /figures", body, append(headers, kind)...)
	}
	key := func(page string) string {
		m := regexp.MustCompile(`name="key" value="([A-Z0-9]{26,})"`).FindStringSubmatch(page)
		if m == nil {
			return ""
		}
		return m[1]
	}
	confirm := func(values url.Values, headers ...string) answer {
		return r.ask(t, "POST /figures/confirm", values.Encode(), append(headers, "Content-Type: application/x-www-form-urlencoded")...)
	}
	page := preview("q3.csv", "good")
	for _, want := range []string{"Xem trước", "1.234.567,5", "12,5", "Ghi 2 số liệu", "Đọc là &lt;b&gt;", "Cục Thống kê"} {
		if page.status != 200 || !strings.Contains(page.body, want) {
			t.Errorf("%d: the preview lacks %s:\n%s", page.status, want, page.body)
		}
	}
	if !a.file.DryRun || a.file.Centre != "province" {
		t.Errorf("a preview asked for %+v", a.file)
	}
	if got := confirm(url.Values{"key": {key(page.body)}}, "Sec-Fetch-Site: cross-site"); got.status != http.StatusForbidden {
		t.Errorf("confirmed from another site: %d", got.status)
	}
	done := confirm(url.Values{"key": {key(page.body)}})
	if done.status != http.StatusSeeOther || done.header.Get("Location") != "/figures/uploads/"+uploadID || a.file.DryRun || string(a.file.Data) != "good" || a.file.Name != "q3.csv" {
		t.Errorf("confirmed: %d to %s, %+v", done.status, done.header.Get("Location"), a.file)
	}
	if again := confirm(url.Values{"key": {key(page.body)}}); again.status != http.StatusGone || !strings.Contains(again.body, "Chọn lại tệp") && !strings.Contains(again.body, "chọn lại tệp") {
		t.Errorf("confirmed twice: %d", again.status)
	}

	bad := preview("q3.csv", "bad", "Accept-Language: en")
	if !strings.Contains(bad.body, "<b>C4</b> No number.") || !strings.Contains(bad.body, "Skip 1 rows with errors, write 2 figures") || strings.Contains(bad.body, ">Write ") {
		t.Errorf("a preview with errors:\n%s", bad.body)
	}
	if got := confirm(url.Values{"key": {key(bad.body)}}); got.status != http.StatusUnprocessableEntity || key(got.body) == "" {
		t.Errorf("errors that nobody skips: %d", got.status)
	}
	if got := confirm(url.Values{"key": {key(bad.body)}, "skip_bad": {"true"}}); got.status != http.StatusSeeOther || !a.file.SkipBad {
		t.Errorf("errors that are skipped: %d", got.status)
	}

	if broken := preview("q3.csv", "broken"); key(broken.body) != "" || !strings.Contains(broken.body, "Tệp hỏng.") {
		t.Errorf("a broken file:\n%s", broken.body)
	}
	if none := preview("", ""); none.status != 400 || !strings.Contains(none.body, "Hãy chọn một tệp") {
		t.Errorf("no file: %d", none.status)
	}
	if large := preview("q3.csv", strings.Repeat("x", maxFile+1)); large.status != 413 || !strings.Contains(large.body, "5 MiB") {
		t.Errorf("a large file: %d", large.status)
	}

	late := preview("q3.csv", "good")
	c.add(shelfLasts)
	if got := confirm(url.Values{"key": {key(late.body)}}); got.status != http.StatusGone {
		t.Errorf("confirmed half an hour later: %d", got.status)
	}
	undo := r.ask(t, "POST /figures/uploads/"+lateID+"/undo", "force=true", "Content-Type: application/x-www-form-urlencoded")
	if undo.status != http.StatusSeeOther || !a.forced {
		t.Errorf("undone by force: %d, %v", undo.status, a.forced)
	}
	if p := page.header.Get("Content-Security-Policy"); !strings.Contains(p, "style-src 'sha256-") || strings.Contains(page.body, "<script") {
		t.Errorf("policy %s", p)
	}
}

func TestTheShelfIsBounded(t *testing.T) {
	s := &shelf{files: map[string]shelved{}}
	first := s.put(FigureFile{Name: "first"}, now())
	var last string
	for i := range maxShelved {
		last = s.put(FigureFile{Name: "later"}, now().Add(time.Duration(i+1)*time.Second))
	}
	if _, ok := s.get(first, now()); ok || len(s.files) != maxShelved {
		t.Errorf("%d files are kept, and the oldest is there: %v", len(s.files), ok)
	}
	if f, ok := s.get(last, now()); !ok || f.Name != "later" {
		t.Error("the newest is gone")
	}
}
