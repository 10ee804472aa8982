package schemas

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestTheBuiltinRegistryIsGood(t *testing.T) {
	r, err := BuiltinRegistry()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.Above("dong-xoai"), []string{"dong-xoai", "province"}; !slices.Equal(got, want) {
		t.Errorf("above dong-xoai: %v, want %v", got, want)
	}
	if got := r.Above("hue"); len(got) != 0 {
		t.Errorf("above an unknown centre: %v", got)
	}
	for _, code := range []string{"service", "camera", "sensor"} {
		if _, ok := r.Domain(code); !ok {
			t.Errorf("no domain %s", code)
		}
	}
	if _, ok := r.Centre("hue"); ok {
		t.Error("there is a centre that no one has registered")
	}
}

func TestABadRegistryIsRefusedWithFileAndLine(t *testing.T) {
	const good = `centres:
  - code: a
    name: { vi: A, en: A }
    from: 2020-01-01T00:00:00Z
  - code: b
    name: { vi: B, en: B }
    parent: a
    from: 2020-01-01T00:00:00Z
domains:
  - code: service
    interval: 60s
  - code: camera
    interval: 30s
sources:
  - source: /b/service/daily
    interval: 24h
  - source: /b/camera/gate
    interval: 5m
gateways:
  - source: /b/camera/gw
    behind: [/b/camera/gate, /b/camera/in-*]
`
	r, err := LoadRegistry(fstest.MapFS{"r.yaml": {Data: []byte(good)}}, "r.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for source, want := range map[string]string{
		"/b/camera/gate": "/b/camera/gw", "/b/camera/in-1": "/b/camera/gw", "/b/camera/out-1": "", "/b/camera/gate-2": "", "/b/camera/gw": "",
	} {
		if got, _ := r.Behind(source); got != want {
			t.Errorf("%s hangs on %q, want %q", source, got, want)
		}
	}
	tests := []struct{ name, from, to, want string }{
		{"a gateway of an unknown centre", "/b/camera/gw", "/c/camera/gw", "line 20: gateway \"/c/camera/gw\": there is no centre"},
		{"a gateway of another form", "/b/camera/gw", "gw", "line 20: gateway \"gw\": want /CENTRE/DOMAIN/NAME"},
		{"a gateway that stands alone", "[/b/camera/gate, /b/camera/in-*]", "[]", "line 20: gateway \"/b/camera/gw\": nothing hangs on it"},
		{"what hangs on another centre's gateway", "[/b/camera/gate", "[/a/camera/gate", "line 20: gateway \"/b/camera/gw\": behind \"/a/camera/gate\""},
		{"a star in the middle", "in-*", "i*n", "line 20: gateway \"/b/camera/gw\": behind \"/b/camera/i*n\": a star"},
		{"no YAML", "code: a", "code: [a", "r.yaml"},
		{"a field of another name", "parent: a", "boss: a", "line 7"},
		{"a list in place of a name", "code: b", "code: [b]", "line 5"},
		{"a time that is none", "from: 2020-01-01T00:00:00Z\n  - code: b", "from: soon\n  - code: b", "line 4"},
		{"no code", "code: b", `code: ""`, "line 5: centre"},
		{"a code with a slash", "code: b", "code: b/c", "line 5: centre"},
		{"no English name", "{ vi: B, en: B }", "{ vi: B }", "line 5: centre"},
		{"a centre twice", "code: b", "code: a", "line 5: centre \"a\" is there twice"},
		{"a parent that is unknown", "parent: a", "parent: c", "line 5: centre \"b\": its parent"},
		{"an end before the beginning", "parent: a", "to: 2019-01-01T00:00:00Z", "line 5: centre \"b\": it ends"},
		{"no interval", "interval: 30s", "interval: 0s", "line 12: domain \"camera\""},
		{"a domain twice", "code: camera", "code: service", "line 12: domain \"service\" is there twice"},
		{"a domain with a slash", "code: camera", "code: cam/era", "line 12: domain"},
		{"no domains", good[strings.Index(good, "domains"):], "", "at least one"},
		{"a source of another form", "/b/camera/gate", "/b/camera", "line 17: source \"/b/camera\": want /CENTRE/DOMAIN/NAME"},
		{"a source of an unknown centre", "/b/camera/gate", "/c/camera/gate", "line 17: source \"/c/camera/gate\": there is no centre"},
		{"a source of an unknown domain", "/b/camera/gate", "/b/drone/gate", "line 17: source \"/b/drone/gate\": there is no domain"},
		{"a source twice", "/b/camera/gate", "/b/service/daily", "line 17: source \"/b/service/daily\" is there twice"},
		{"a source without interval", "interval: 5m", "interval: -5m", "line 17: source"},
		{"an interval that is none", "interval: 5m", "interval: often", "line 18"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bad := strings.Replace(good, tt.from, tt.to, 1)
			_, err := LoadRegistry(fstest.MapFS{"r.yaml": {Data: []byte(bad)}}, "r.yaml")
			if err == nil || !strings.Contains(err.Error(), "r.yaml") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want one that names r.yaml and %q", err, tt.want)
			}
		})
	}
	if _, err := LoadRegistry(fstest.MapFS{}, "none.yaml"); err == nil || !strings.Contains(err.Error(), "none.yaml") {
		t.Errorf("a registry that is not there: %v", err)
	}
}
