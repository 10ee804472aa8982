package dashboardapi

import (
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
