package main

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// allowed says which packages of this module each package may import. A package that is not listed fails:
// a new one is a decision. Stages never see each other, parts never see adapters, adapters never see each other.
func allowed() map[string][]string {
	return map[string][]string{
		"schemas":             {},
		"schemas/ddl":         {},
		"schemas/yamlfile":    {"schemas", "schemas/period"},
		"schemas/period":      {"schemas"},
		"schemas/geo":         {},
		"schemas/kpi":         {"schemas", "schemas/yamlfile"},
		"schemas/kpi/kpitest": {"schemas", "schemas/kpi"},
		"schemas/say":         {"schemas/period"},
		"schemas/scorecard":   {"schemas", "schemas/kpi", "schemas/yamlfile"},
		"schemas/scene":       {"schemas", "schemas/kpi", "schemas/wire", "schemas/yamlfile"},
		"schemas/wire":        {"schemas"},

		"ingest":        {"schemas"},
		"ingest/kafka":  {"ingest", "schemas"},
		"ingest/mqtt":   {"ingest", "schemas"},
		"ingest/chsink": {"ingest", "ingest/figures", "schemas", "schemas/wire"},
		"ingest/replay": {"ingest", "schemas"},
		// What a clerk is told of an upload is a message of the API, for which there is no second set of words here.
		"ingest/figures": {"ingest", "schemas", "schemas/wire"},
		"ingest/xlsx":    {"ingest/figures", "schemas"},

		"query":          {"schemas", "schemas/kpi", "schemas/period", "schemas/wire"},
		"query/feed":     {},
		"query/rollup":   {"schemas", "schemas/kpi", "schemas/period"},
		"query/kpi":      {"query", "schemas", "schemas/kpi", "schemas/period", "schemas/wire"},
		"query/explain":  {"query", "query/kpi", "query/rollup", "schemas", "schemas/kpi", "schemas/period", "schemas/wire"},
		"query/schedule": {"query", "schemas", "schemas/wire"},
		"query/alarm":    {"query", "schemas", "schemas/kpi", "schemas/say", "schemas/wire"},
		"query/scene":    {"query", "schemas", "schemas/scene", "schemas/wire", "schemas/yamlfile"},
		"query/chstore":  {"query", "query/alarm", "query/explain", "query/kpi", "query/notify", "query/report", "query/rollup", "query/schedule", "query/scorecard", "schemas", "schemas/kpi", "schemas/period", "schemas/wire"},
		// Mails are those of scheduled reports, which the mail server's part knows how to send.
		"query/notify":        {"query/alarm", "query/schedule", "schemas", "schemas/kpi", "schemas/say", "schemas/wire", "schemas/yamlfile"},
		"query/smtp":          {"query/schedule"},
		"query/smtp/smtptest": {},
		"query/scorecard":     {"query", "schemas", "schemas/kpi", "schemas/scorecard", "schemas/wire"},

		"query/report":            {"query", "schemas", "schemas/kpi", "schemas/period", "schemas/say", "schemas/wire"},
		"query/report/page":       {"query/report/plot", "query/report/view", "schemas/say", "schemas/wire"},
		"query/report/pdf":        {"query/report/plot", "query/report/view", "schemas/say", "schemas/wire"},
		"query/report/plot":       {},
		"query/report/reporttest": {"schemas/wire"},
		"query/report/sheet":      {"query/report/view", "schemas/say", "schemas/wire"},
		"query/report/view":       {"schemas", "schemas/say", "schemas/wire"},

		"dashboard-api":      {"dashboard-api/live", "dashboard-api/ws", "query", "query/alarm", "query/report/page", "query/scene", "query/scorecard", "schemas", "schemas/period", "schemas/wire"},
		"dashboard-api/live": {"query", "schemas", "schemas/wire"},
		"dashboard-api/ws":   {"dashboard-api/live", "query", "schemas/wire"},
		"dashboard-api/web":  {},

		"deploy/bench":           {},
		"deploy/bench/year":      {"schemas"},
		"deploy/chaos":           {"deploy/local", "schemas", "schemas/kpi", "schemas/wire"},
		"deploy/backup":          {"deploy/migrate", "schemas/ddl"},
		"deploy/disk":            {},
		"deploy/doctor":          {"deploy/disk", "deploy/migrate", "deploy/retention", "ingest/kafka", "ingest/mqtt", "schemas", "schemas/ddl", "schemas/kpi"},
		"deploy/local":           {"deploy/disk"},
		"deploy/local/localtest": {},
		"deploy/migrate":         {"schemas/ddl"},
		"deploy/mosquitto":       {},
		"deploy/retention":       {},
		"deploy/simulate":        {"deploy/simulate/world", "schemas"},
		"deploy/simulate/world":  {"schemas"},

		"cmd/ioc": {"*"},
	}
}

func TestWhoImportsWhom(t *testing.T) {
	const module = "github.com/binhphuoc/ioc"
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	rules := allowed()
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for dec.More() {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		may, ok := rules[name]
		if !ok {
			t.Errorf("package %s is not in the map of who may import whom", name)
			continue
		}
		for _, i := range p.Imports {
			inner, own := strings.CutPrefix(i, module+"/")
			if own && !slices.Contains(may, inner) && !slices.Contains(may, "*") {
				t.Errorf("%s imports %s, which the map does not allow", name, inner)
			}
		}
	}
}
