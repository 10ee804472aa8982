package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// post sends a file as a clerk's program does, and returns the answer.
func (s *served) post(file []byte) string {
	s.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "so-lieu.xlsx")
	s.must(err)
	_, err = part.Write(file)
	s.must(err)
	s.must(form.Close())
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, "http://"+s.host+"/api/v1/figure-uploads", &body)
	s.must(err)
	request.Header.Set("Content-Type", form.FormDataContentType())
	a, err := http.DefaultClient.Do(request)
	s.must(err)
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	s.must(err)
	return a.Status + " " + string(text)
}

// Excel files with what people do to them come through the real door, are told what is wrong where, and change nothing.
func TestExcelFilesThatCanNotBe(t *testing.T) {
	s := newRig(t).serve(slog.DiscardHandler)
	sheet := func(fill func(f *excelize.File)) []byte {
		f := excelize.NewFile()
		defer f.Close()
		fill(f)
		out, err := f.WriteToBuffer()
		s.must(err)
		return out.Bytes()
	}
	row := func(f *excelize.File, at string, cells ...any) { s.must(f.SetSheetRow("Sheet1", at, &cells)) }
	for name, tt := range map[string]struct {
		fill func(f *excelize.File)
		has  []string
	}{
		"merged cells": {func(f *excelize.File) {
			row(f, "A1", "Mã chỉ tiêu", "Kỳ", "Giá trị")
			row(f, "A2", "budget.revenue", "2026", 1)
			row(f, "A3", nil, "2025", 2)
			s.must(f.MergeCell("Sheet1", "A2", "A3"))
		}, []string{"422", "The cell is merged (A2:A3)", `"row":3`}},
		"wrong columns": {func(f *excelize.File) {
			row(f, "A1", "Tên", "Năm", "Số")
			row(f, "A2", "budget.revenue", "2026", 1)
		}, []string{"422", `"problems":[{`, "There is no row of column heads."}},
		"text in numbers": {func(f *excelize.File) {
			row(f, "A1", "Mã chỉ tiêu", "Kỳ", "Giá trị")
			row(f, "A2", "budget.revenue", "2026", "khoảng 12 nghìn tỷ")
		}, []string{"422", "“khoảng 12 nghìn tỷ” is no number.", `"column":"C"`}},
		"an unknown period": {func(f *excelize.File) {
			row(f, "A1", "Mã chỉ tiêu", "Kỳ", "Giá trị")
			row(f, "A2", "budget.revenue", "2026-13", 1)
		}, []string{"422", `"column":"B"`, "2026-13"}},
	} {
		answer := s.post(sheet(tt.fill))
		for _, has := range tt.has {
			if !strings.Contains(answer, has) {
				t.Errorf("%s: %.1500s; want %q in it", name, answer, has)
			}
		}
	}
	if n := s.count("raw_state"); n != "0" {
		t.Errorf("%s figures were written", n)
	}
}

// listener is a log that hands on what is said of refused files.
type listener struct {
	slog.Handler
	said chan string
}

func (l listener) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	r.Attrs(func(a slog.Attr) bool { text += " " + a.String(); return true })
	if strings.Contains(text, "refused") {
		l.said <- text
	}
	return nil
}

func (l listener) Enabled(context.Context, slog.Level) bool { return true }
func (l listener) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l listener) WithGroup(string) slog.Handler            { return l }

// A KPI file that is spoilt while the platform runs is named with its line, and the last good one goes on being served.
func TestASpoiltKPIFileWhileThePlatformRuns(t *testing.T) {
	r := newRig(t)
	builtin, err := os.ReadFile("../../schemas/kpi/catalogue/hotline.calls.yaml")
	r.must(err)
	dir := t.TempDir()
	file := filepath.Join(dir, "hotline.calls.yaml")
	put := func(text string) {
		t.Helper()
		r.must(os.WriteFile(file+".new", []byte(text), 0o600))
		r.must(os.Rename(file+".new", file))
	}
	good := strings.Replace(string(builtin), "vi: ", "vi: Tổng đài, ", 1)
	put(good)
	l := listener{slog.DiscardHandler, make(chan string, 100)}
	s := r.serve(l, "--kpi-dir", dir)
	named := func() string { return string(s.get(http.StatusOK, "/api/v1/kpis/hotline.calls", url.Values{})) }
	if text := named(); !strings.Contains(text, "Tổng đài, ") {
		t.Fatalf("the file is not in force: %s", text)
	}
	put(strings.Replace(good, "kind: count", "kind: guess", 1))
	line := 1 + strings.Count(good[:strings.Index(good, "kind: count")], "\n")
	select {
	case said := <-l.said:
		if want := file + ":" + strconv.Itoa(line); !strings.Contains(said, want) {
			t.Errorf("the log says %q, want %s in it", said, want)
		}
	case <-time.After(time.Minute):
		t.Fatal("nobody says that the file is spoilt")
	}
	if text := named(); !strings.Contains(text, "Tổng đài, ") {
		t.Errorf("the last good file is gone: %s", text)
	}
	if out := r.ioc(0, "report", "--kpi-dir", dir, "--period", "2024-05", "--format", "csv"); !strings.Contains(out, "hotline.calls") {
		t.Errorf("with a spoilt file there is no report: %s", out)
	}
}
