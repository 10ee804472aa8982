package dashboardapi

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/binhphuoc/ioc/query"
)

func TestAWallIsToldWhatToShow(t *testing.T) {
	r := start(t, nil)
	tests := []struct {
		line, body string
		status     int
		has        string
	}{
		{"POST /api/v1/walls/main/show", `{"scene":"hotline","paused":true}`, 200, `"scene":"hotline","paused":true`},
		{"POST /api/v1/walls/main/show", `{"paused":false}`, 200, `"scene":"","paused":false`},
		{"POST /api/v1/walls/main/show", `{"scene":"traffic","paused":true}`, 400, "traffic"},
		{"POST /api/v1/walls/main/show", `{"scen":"hotline"}`, 400, "paused"},
		{"POST /api/v1/walls/main/show", `{"paused":true}{}`, 400, "paused"},
		{"POST /api/v1/walls/none/show", `{"paused":true}`, 404, "/api/v1/walls"},
	}
	for _, tt := range tests {
		a := r.ask(t, tt.line, tt.body, "Content-Type: application/json")
		if a.status != tt.status || !strings.Contains(a.body, tt.has) {
			t.Errorf("%s %s: %d %s, want %d with %q", tt.line, tt.body, a.status, a.body, tt.status, tt.has)
		}
	}
	if a := r.ask(t, "POST /api/v1/walls/main/show", `{"paused":true}`, "Content-Type: text/plain"); a.status != http.StatusUnsupportedMediaType {
		t.Errorf("a form of another site is taken: %d", a.status)
	}
}

func TestScenesAreSaved(t *testing.T) {
	var a answers
	r := start(t, func(o *Options) { a.all(o) })
	scenes, _ := testScenes()
	good, err := json.Marshal(scenes[0])
	if err != nil {
		t.Fatal(err)
	}
	const path, js, yml = "PUT /api/v1/scenes/hotline?why=v%C3%AC", "Content-Type: application/json", "Content-Type: application/yaml"
	tests := []struct {
		line, body, kind, base string
		status                 int
		has                    string
	}{
		{path, string(good), js, `"2"`, 200, `"version":3`},
		{path, "id: hotline\n", yml, `"2"`, 200, `"version":3`},
		{path, "id: bad\n", yml, `"2"`, 422, `"faults":[{"line":7,"field":"widgets[0].kpi","sentence":{"vi":"không có chỉ tiêu x"`},
		{path, "id: bad\n", yml, `"1"`, 409, "phiên bản 2"},
		{path, "id: bad\n", yml, `2`, 400, "If-Match"},
		{path, "id: bad\n", yml, `"-1"`, 400, "If-Match"},
		{path, "id: a\n", "Content-Type: text/plain", `"2"`, 415, "application/yaml"},
		{path, strings.Replace(string(good), `"x":1`, `"x":1.5`, 1), js, `"2"`, 400, "widgets.x"},
		{path, strings.Replace(string(good), `"x":1`, `"xx":1`, 1), js, `"2"`, 400, "xx"},
		{path, string(good) + "{}", js, `"2"`, 400, "/api/v1/scenes"},
		{path, "{}", js, `"2"`, 400, "/api/v1/scenes"},
		{path, strings.Repeat(" ", maxScene+1), js, `"2"`, 413, "65536"},
		{path, strings.Repeat("#", maxScene+1), yml, `"2"`, 413, "65536"},
		{"PUT /api/v1/scenes/none?why=x", "id: none\n", yml, `"2"`, 404, ""},
		{"DELETE /api/v1/scenes/hotline?why=x", "", js, `"2"`, 200, `"version":3`},
		{"POST /api/v1/scenes/hotline/versions/1/restore?why=x", "", js, `"2"`, 200, `"version":3`},
		{"POST /api/v1/scenes/hotline/versions/0/restore?why=x", "", js, `"2"`, 400, "1"},
	}
	for _, tt := range tests {
		got := r.ask(t, tt.line, tt.body, tt.kind, "If-Match: "+tt.base)
		if got.status != tt.status || !strings.Contains(got.body, tt.has) {
			t.Errorf("%s %.40s If-Match %s: %d %s, want %d with %s", tt.line, tt.body, tt.base, got.status, got.body, tt.status, tt.has)
		}
	}
	if c := a.change; c.Restore != 1 || c.Base != 2 || c.By != "127.0.0.1" || c.Why != "x" {
		t.Errorf("the last one: %+v", c)
	}
}

func TestASceneShowsNothingOutsideOfTheScope(t *testing.T) {
	scenes, _ := testScenes()
	got := seen(query.Only("dong-xoai"), scenes[0])
	if len(got.Widgets) != len(scenes[0].Widgets)-1 || len(got.Widgets[0].Centres) != 1 {
		t.Errorf("%+v", got.Widgets)
	}
	if again := seen(query.Everything(), scenes[0]); len(again.Widgets) != len(scenes[0].Widgets) || len(again.Widgets[0].Centres) != 2 {
		t.Errorf("what one reader may not see is gone for all: %+v", again.Widgets)
	}
}
