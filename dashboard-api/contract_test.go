package dashboardapi

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/binhphuoc/ioc/schemas/wire"
)

// contract is the OpenAPI document, to hold answers against.
type contract struct {
	doc *openapi3.T
	mux *http.ServeMux // finds the operation of a request
	ops map[string]*openapi3.Operation
}

func newContract(t *testing.T) *contract {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(wire.OpenAPI())
	if err != nil {
		t.Fatal(err)
	}
	no := false
	for _, s := range doc.Components.Schemas { // here, a field that the document does not name is a mistake
		if len(s.Value.Properties) > 0 {
			s.Value.AdditionalProperties = openapi3.AdditionalProperties{Has: &no}
		}
	}
	c := &contract{doc: doc, mux: http.NewServeMux(), ops: map[string]*openapi3.Operation{}}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			c.ops[method+" "+path] = op
			c.mux.Handle(method+" "+path, http.NotFoundHandler())
		}
	}
	return c
}

// response checks an answer of an address that the document names.
func (c *contract) response(t *testing.T, req *http.Request, resp *http.Response, body []byte) {
	t.Helper()
	_, pattern := c.mux.Handler(req)
	op := c.ops[pattern]
	if op == nil {
		if resp.StatusCode >= 400 && !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/problem+json") {
			t.Errorf("%s %s: %d is no problem but %s", req.Method, req.URL, resp.StatusCode, resp.Header.Get("Content-Type"))
		}
		return
	}
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: req, Route: &routers.Route{Spec: c.doc, Method: req.Method, Operation: op},
		},
		Status: resp.StatusCode, Header: resp.Header, Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	in.SetBodyBytes(body)
	if err := openapi3filter.ValidateResponse(t.Context(), in); err != nil {
		t.Errorf("%s %s: %d is not as the document says: %v", req.Method, req.URL, resp.StatusCode, err)
	}
	if p := (wire.Problem{}); strings.HasPrefix(resp.Header.Get("Content-Type"), "application/problem+json") {
		if err := json.Unmarshal(body, &p); err != nil || p.Status != resp.StatusCode || p.Title == "" || p.Detail == "" {
			t.Errorf("%s %s: problem %s with status %d", req.Method, req.URL, body, resp.StatusCode)
		}
	}
}

func TestTheContractSeesWhatIsWrong(t *testing.T) {
	c := newContract(t)
	s := c.doc.Components.Schemas["Centre"].Value
	good := map[string]any{
		"code": "a", "name": map[string]any{"vi": "", "en": ""}, "short": map[string]any{"vi": "", "en": ""}, "parent": "",
		"lat": 1.0, "lon": 1.0, "from": "2026-10-05T01:30:00Z", "to": nil,
	}
	if err := s.VisitJSON(good, openapi3.EnableJSONSchema2020()); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]any{"lat": "1", "lon": 181.0, "from": nil, "other": 1.0} {
		bad := maps.Clone(good)
		bad[name] = value
		if err := s.VisitJSON(bad, openapi3.EnableJSONSchema2020()); err == nil {
			t.Errorf("%s = %v is accepted", name, value)
		}
	}
}

func TestRoutesAreThoseOfOpenAPI(t *testing.T) {
	r := start(t, nil)
	var have []string
	for _, rt := range r.routes() {
		have = append(have, rt.method+" "+rt.path)
		op := r.check.ops[rt.method+" "+rt.path]
		if op == nil {
			continue
		}
		var params []string
		item := op.Parameters
		for _, p := range item {
			if p.Value.In == "query" {
				params = append(params, p.Value.Name)
			}
		}
		if d := cmp.Diff(params, rt.params); d != "" {
			t.Errorf("parameters of %s (-document +server):\n%s", rt.path, d)
		}
		if open := op.Security != nil && len(*op.Security) == 1; open != rt.open {
			t.Errorf("%s %s: open is %v, and %v in the document", rt.method, rt.path, rt.open, open)
		}
	}
	slices.Sort(have)
	if d := cmp.Diff(slices.Sorted(maps.Keys(r.check.ops)), have); d != "" {
		t.Errorf("(-document +server):\n%s", d)
	}
}

func TestAnswersAreThoseOfOpenAPI(t *testing.T) {
	r := start(t, nil)
	r.want(t, http.StatusServiceUnavailable, "GET /readyz")
	r.o.Hub.Publish(testUpdate(3))
	tests := []struct {
		line   string
		status int
		has    string
	}{
		{"GET /api/v1/kpis", 200, `"kpi":"hotline.waiting","centre":"dong-xoai","value":3`},
		{"GET /api/v1/kpis?centre=binh-long", 200, `"values":[]`},
		{"GET /api/v1/kpis?pillar=digital_society", 200, `{"kpis":[{"id":"hotline.waiting"`},
		{"GET /api/v1/kpis?pillar=none", 200, `{"kpis":[]}`},
		{"GET /api/v1/kpis?centre=nowhere", 404, ""},
		{"GET /api/v1/kpis?center=province", 400, "center"},
		{"GET /api/v1/kpis?centre=province&centre=province", 400, "centre"},
		{"HEAD /api/v1/kpis", 200, ""},
		{"POST /api/v1/kpis", 405, "GET, HEAD"},
		{"GET /api/v1/kpis/hotline.waiting", 200, `"value":3`},
		{"GET /api/v1/kpis/hotline.waiting?centre=province", 200, `"values":[]`},
		{"GET /api/v1/kpis/none", 404, ""},
		{"GET /api/v1/kpis/hotline.waiting/series", 200, `"step_seconds":300`},
		{"GET /api/v1/kpis/hotline.waiting/series?step=7", 400, "step"},
		{"GET /api/v1/kpis/hotline.waiting/series?centre=nowhere", 404, ""},
		{"GET /api/v1/kpis/dossier.on_time_rate/explanation", 200, `"basis":"live"`},
		{"GET /api/v1/kpis/dossier.on_time_rate/explanation?from=2026-10-01T00:00:00Z", 400, "to"},
		{"GET /api/v1/kpis/dossier.on_time_rate/explanation?from=2026-10-02T00:00:00Z&to=2026-10-01T00:00:00Z", 400, "from"},
		{"GET /api/v1/kpis/dossier.on_time_rate/explanation?from=0001-01-01T00:00:01Z&to=2026-10-01T00:00:00Z", 400, "2000"},
		{"GET /api/v1/kpis/dossier.on_time_rate/explanation?centre=nowhere", 404, ""},
		{"GET /api/v1/kpis/none/explanation", 404, ""},
		{"GET /api/v1/kpis/dossier.on_time_rate/events?limit=2&part=numerator", 200, `"entity":"=DX-1"`},
		{"GET /api/v1/kpis/dossier.on_time_rate/events?part=both", 400, "part"},
		{"GET /api/v1/kpis/dossier.on_time_rate/events?limit=501", 400, "500"},
		{"GET /api/v1/kpis/none/events", 404, ""},
		{"GET /api/v1/kpis/dossier.on_time_rate/events.csv", 200, "\ufeffat,kind,"},
		{"GET /api/v1/kpis/none/events.csv", 404, ""},
		{"GET /api/v1/kpis/dossier.on_time_rate/events.ndjson", 200, `"numerator":1`},
		{"GET /explain/dossier.on_time_rate", 200, "Giải thích"},
		{"GET /explain/dossier.on_time_rate?language=en", 200, "How it is computed"},
		{"GET /explain/dossier.on_time_rate?language=fr", 400, "language"},
		{"GET /explain/dossier.on_time_rate?period=2026-09&centre=dong-xoai", 200, `<a href="/reports?centre=dong-xoai&amp;period=2026-09">`},
		{"GET /api/v1/kpis/dossier.on_time_rate/explanation?period=2026-09", 200, `"period":{"text":"2026-09"`},
		{"GET /api/v1/kpis/dossier.on_time_rate/explanation?period=2026-09&from=2026-10-01T00:00:00Z&to=2026-10-02T00:00:00Z", 400, "period"},
		{"GET /reports", 200, "tháng 10 năm 2026"},
		{"GET /reports?period=2026-09&centre=dong-xoai&as_of=2026-10-05T08:00&language=en", 200, `<a href="/explain/dossier.received?as_of=2026-10-05T01%3A30%3A00Z&amp;centre=province&amp;language=en&amp;period=2026-09">`},
		{"GET /reports/scheduled", 200, "thử lại lúc"},
		{"GET /reports/scheduled?language=en", 200, "tried again at"},
		{"GET /reports?period=tomorrow", 400, "2026-Q3"},
		{"GET /reports?period=2099&as_of=", 400, "chưa bắt đầu"},
		{"GET /reports?period=1999", 404, "chưa có trung tâm"},
		{"GET /reports?centre=nowhere", 404, "trung tâm"},
		{"GET /reports?as_of=then", 400, "RFC 3339"},
		{"GET /reports?language=fr", 400, "language"},
		{"GET /explain/none", 404, ""},
		{"GET /explain/index.766?period=2026-09", 200, `href="/scorecards/card?by=centre&amp;period=2026-09"`},
		{"GET /api/v1/kpis?at=2026-10-05T01:00:00Z", 200, `"kpi":"hotline.waiting","centre":"dong-xoai","value":7`},
		{"GET /api/v1/kpis/hotline.waiting?at=2026-10-05T01:00:00Z", 200, `"value":7`},
		{"GET /api/v1/kpis?at=yesterday", 400, "RFC 3339"},
		{"GET /api/v1/reports?period=2026-09", 200, `"text":"2026-09"`},
		{"GET /api/v1/reports", 400, "2026-Q3"},
		{"GET /api/v1/reports?period=2026-09&centre=nowhere", 404, ""},
		{"GET /api/v1/reports?period=2026-09&format=docx", 400, "json, txt"},
		{"GET /api/v1/reports?period=2026-09&language=fr", 400, "vi"},
		{"GET /api/v1/reports?period=2026-09&as_of=then", 400, "RFC 3339"},
		{"GET /api/v1/reports?period=2099", 400, "chưa bắt đầu"},
		{"GET /api/v1/reports?period=1999", 404, "chưa có trung tâm"},
		{"GET /api/v1/periods", 200, `{"periods":[{"text":"2026-10","kind":"month","name":{"vi":"tháng 10 năm 2026","en":"October 2026"},"from":"2026-09-30T17:00:00Z","to":"2026-10-31T17:00:00Z","state":"running"},{"text":"2026-09"`},
		{"GET /api/v1/periods?kind=week&limit=1", 200, `"text":"2026-W41"`},
		{"GET /api/v1/periods?kind=decade", 400, "quarter"},
		{"GET /api/v1/periods?limit=121", 400, "120"},
		{"GET /api/v1/feeds", 200, `"state":"silent"`},
		{"GET /api/v1/feeds", 200, `"delay_p50_seconds":-0.5`},
		{"GET /api/v1/feeds/dong-xoai/camera/sources?state=late&sort=delay&limit=1", 200, `"interval_from":"learned","interval_spans":70`},
		{"GET /api/v1/feeds/dong-xoai/camera/sources?limit=501", 400, "500"},
		{"GET /api/v1/feeds/nowhere/camera/sources", 404, ""},
		{"GET /api/v1/cameras?centre=dong-xoai&state=silent&text=cam&limit=1", 200, `"counts":{"silent":1`},
		{"GET /api/v1/cameras?state=broken", 400, "online"},
		{"GET /api/v1/cameras?centre=nowhere", 404, ""},
		{"GET /api/v1/cameras?limit=501", 400, "500"},
		{"GET /api/v1/sensors", 200, `"battery":20.5`},
		{"GET /api/v1/tickets?status=open&overdue=true&sort=due", 200, `"overdue":true`},
		{"GET /api/v1/tickets?overdue=maybe", 400, "overdue"},
		{"GET /api/v1/tickets?after=x", 400, "page"},
		{"GET /api/v1/tickets?centre=nowhere", 404, ""},
		{"GET /api/v1/sources/dong-xoai/camera/cam-1", 200, `"before":"online"`},
		{"GET /api/v1/sources/dong-xoai/camera/cam-1?to=0001-01-01T00:00:01Z", 400, "2000"},
		{"GET /api/v1/sources/nowhere/camera/cam-1", 404, ""},
		{"GET /api/v1/search?q=cam", 200, `"kind":"dossier"`},
		{"GET /api/v1/search?q=c", 400, "2"},
		{"GET /api/v1/search?q=cam&limit=51", 400, "50"},
		{"GET /api/v1/places", 200, `"boundary":false`},
		{"GET /api/v1/places?centre=nowhere", 404, ""},
		{"GET /api/v1/boundary", 404, "map-boundary"},
		{"GET /api/v1/rejects", 200, `"payload_base64":"AP8="`},
		{"GET /api/v1/rejects?after=x", 400, "next"},
		{"GET /api/v1/rejects/" + refusedKey, 200, `"domain":"service"`},
		{"GET /api/v1/rejects/0198f2a4-0000-8000-8000-000000000002", 404, ""},
		{"GET /api/v1/rejects/x", 404, ""},
		{"GET /api/v1/rejects.ndjson", 200, refusedKey},
		{"GET /api/v1/reject-counts", 200, `"open":1`},
		{"POST /api/v1/replays", 415, ""},
		{"GET /api/v1/alarms", 200, `"flood":{"active":true,"since":"2026-10-05T01:30:00Z","held":3}`},
		{"GET /api/v1/alarms?state=raised,cleared&priority=1&centre=dong-xoai&kind=kpi&from=2026-10-04T00:00:00Z&to=2026-10-05T00:00:00Z&after=mgv0kf40." + alarmID + "&limit=7", 200, `"next":"all filters"`},
		{"GET /api/v1/alarms?cause=feed/dong-xoai/camera", 200, `"next":"one cause"`},
		{"GET /api/v1/alarms?state=lost", 400, "state sai"},
		{"GET /api/v1/alarms?priority=0", 400, "priority"},
		{"GET /api/v1/alarms?from=yesterday", 400, "RFC 3339"},
		{"GET /api/v1/alarms?to=tomorrow", 400, "RFC 3339"},
		{"GET /api/v1/alarms?after=x", 400, "next"},
		{"GET /api/v1/alarms?limit=501", 400, "500"},
		{"GET /api/v1/alarms?centre=nowhere", 404, ""},
		{"GET /api/v1/alarms/" + alarmID, 200, `"history":[{"at":"2026-10-05T01:30:00Z","action":"raise","state":"raised"}`},
		{"GET /api/v1/alarms/" + alarmID + "?limit=0", 400, "limit"},
		{"GET /api/v1/alarms/x", 404, "báo động"},
		{"GET /api/v1/alarms/statistics", 200, `"from":"2026-10-04T01:30:00Z","to":"2026-10-05T01:30:00Z","raised":2`},
		{"GET /api/v1/alarms/statistics?from=yesterday", 400, "RFC 3339"},
		{"GET /api/v1/alarms/statistics?centre=nowhere", 404, ""},
		{"POST /api/v1/alarms/" + alarmID + "/acknowledge", 415, ""},
		{"POST /api/v1/alarms/" + alarmID + "/assign", 415, ""},
		{"POST /api/v1/alarms/" + alarmID + "/shelve", 415, ""},
		{"POST /api/v1/alarms/" + alarmID + "/unshelve", 415, ""},
		{"POST /api/v1/alarms/" + alarmID + "/close", 415, ""},
		{"POST /api/v1/alarms/" + alarmID + "/comment", 415, ""},
		{"GET /api/v1/report-runs", 200, `"next_attempt":"2026-10-05T02:30:00Z"`},
		{"GET /api/v1/report-runs?schedule=other&state=failed&limit=5", 200, `"runs":[]`},
		{"GET /api/v1/report-runs?state=lost", 400, "failed"},
		{"GET /api/v1/report-runs?limit=501", 400, "500"},
		{"POST /api/v1/report-runs", 415, ""},
		{"GET /api/v1/report-schedules", 200, `"next_period":"2026-09"`},
		{"GET /api/v1/rejects?limit=501", 400, "500"},
		{"GET /api/v1/rejects?centre=nowhere", 404, ""},
		{"POST /api/v1/figure-uploads", 415, "multipart"},
		{"POST /api/v1/figure-uploads?dry_run=maybe", 400, "dry_run"},
		{"POST /api/v1/figure-uploads?centre=nowhere", 404, ""},
		{"GET /api/v1/figure-uploads", 200, `"results":[]`},
		{"GET /api/v1/figure-uploads?limit=0", 400, "limit"},
		{"GET /api/v1/figure-uploads/" + uploadID, 200, `"value":1234567.5`},
		{"GET /api/v1/figure-uploads/x", 404, ""},
		{"DELETE /api/v1/figure-uploads/" + uploadID, 200, `"withdrawn":1`},
		{"DELETE /api/v1/figure-uploads/" + lateID, 409, `"conflicts":[{"centre":"province"`},
		{"DELETE /api/v1/figure-uploads/" + lateID + "?force=true", 200, ""},
		{"DELETE /api/v1/figure-uploads/x", 404, ""},
		{"GET /api/v1/figure-template.xlsx", 200, "PK"},
		{"GET /figures", 200, "quý 3.csv"},
		{"POST /figures", 415, ""},
		{"POST /figures/confirm", 410, "hết hạn"},
		{"GET /figures/uploads/" + uploadID, 200, "1.234.567,5"},
		{"GET /figures/uploads/x", 404, ""},
		{"POST /figures/uploads/" + uploadID + "/undo", 303, ""},
		{"POST /figures/uploads/" + lateID + "/undo", 409, "Vẫn hoàn tác"},
		{"GET /api/v1/scorecards", 200, `"known_least":0.5`},
		{"GET /api/v1/scorecards/card", 200, `"missing":30`},
		{"GET /api/v1/scorecards/card?by=head&from=2026-01-01&to=2026-10-01T00:00:00Z", 200, `"rank":null`},
		{"GET /api/v1/scorecards/card?period=2026-Q3", 200, `"unit":"so-y-te"`},
		{"GET /api/v1/scorecards/card?period=2026-Q5", 400, "2026-Q3"},
		{"GET /api/v1/scorecards/card?period=2026-Q3&from=2026-01-01", 400, "period"},
		{"GET /api/v1/scorecards/card?by=person", 400, "agency"},
		{"GET /api/v1/scorecards/card?from=2026-02-01&to=2026-02-01", 400, "from"},
		{"GET /api/v1/scorecards/card?from=2027-01-01", 400, "bắt đầu"},
		{"GET /api/v1/scorecards/card?from=01/10/2026", 400, "2026-10-01"},
		{"GET /api/v1/scorecards/card?month=10", 400, "month"},
		{"GET /api/v1/scorecards/none", 404, ""},
		{"GET /api/v1/scorecards/card/so-y-te", 200, `"numerator":3,"denominator":4`},
		{"GET /api/v1/scorecards/card/none", 404, ""},
		{"GET /scorecards", 303, ""},
		{"GET /scorecards/card", 200, "Sở Y tế"},
		{"GET /scorecards/card?language=de", 400, "language"},
		{"GET /scorecards/none", 404, ""},
		{"GET /api/v1/scenes", 200, `"kind":"ticker"`},
		{"PUT /api/v1/scenes/hotline?why=x", 400, "If-Match"},
		{"DELETE /api/v1/scenes/hotline?why=x", 400, "If-Match"},
		{"GET /api/v1/scenes/hotline/export", 200, "id: hotline"},
		{"GET /api/v1/scenes/none/export", 404, ""},
		{"GET /api/v1/scenes/hotline/versions", 200, `"version":2,"shipped":true,"versions":[{"id":"hotline","version":2,"centre":"dong-xoai"`},
		{"GET /api/v1/scenes/none/versions", 404, ""},
		{"GET /api/v1/scenes/hotline/versions/0", 200, `"document":"id: hotline\n","scene":{"id":"hotline"`},
		{"GET /api/v1/scenes/hotline/versions/3", 404, ""},
		{"GET /api/v1/scenes/hotline/versions/-1", 400, "0"},
		{"POST /api/v1/scenes/hotline/versions/1/restore", 400, "If-Match"},
		{"GET /api/v1/walls", 200, `"diagonal_inches":55`},
		{"POST /api/v1/walls/main/show", 415, ""},
		{"GET /api/v1/centres", 200, `"code":"binh-long"`},
		{"GET /api/v1/schemas", 200, `"type":"reading"`},
		{"GET /api/v1/schemas/reading", 200, `"$schema"`},
		{"GET /api/v1/schemas/nothing", 404, ""},
		{"GET /api/v1/openapi.yaml", 200, "openapi: 3.1"},
		{"GET /api/v1/asyncapi.yaml", 200, "asyncapi: 3.0"},
		{"GET /api/v1/live", 400, "WebSocket"},
		{"POST /api/v1/session", 415, ""},
		{"GET /api/v1/session", 200, `{"name":"","token_needed":false}`},
		{"DELETE /api/v1/session", 204, ""},
		{"PUT /api/v1/session", 405, "GET, POST, DELETE"},
		{"GET /sign-in", 303, ""},
		{"POST /sign-in", 303, ""},
		{"GET /healthz", 200, "ok"},
		{"GET /readyz", 200, "ready"},
		{"GET /metrics", 200, "ioc_up 1"},
		{"GET /api/v1/none", 404, "openapi.yaml"},
		{"POST /api/v1/none", 404, ""},
		{"POST /", 405, "GET"},
	}
	seen := map[string]bool{}
	for _, tt := range tests {
		t.Run(tt.line, func(t *testing.T) {
			a := r.want(t, tt.status, tt.line)
			if !strings.Contains(a.body, tt.has) {
				t.Errorf("%s does not have %s", a.body, tt.has)
			}
			req, err := http.NewRequest(strings.Fields(tt.line)[0], r.url+strings.Fields(tt.line)[1], nil)
			if err != nil {
				t.Fatal(err)
			}
			_, pattern := r.check.mux.Handler(req)
			seen[pattern] = true
		})
	}
	for op := range r.check.ops {
		if !seen[op] {
			t.Errorf("%s was not tried", op)
		}
	}
}

func TestEveryTypeOfEventHasItsSchema(t *testing.T) {
	r := start(t, nil)
	var list wire.EventTypeList
	if err := json.Unmarshal([]byte(r.want(t, 200, "GET /api/v1/schemas").body), &list); err != nil {
		t.Fatal(err)
	}
	for _, e := range list.Types {
		if a := r.want(t, 200, "GET "+e.Schema); a.header.Get("Content-Type") != "application/schema+json" {
			t.Errorf("%s: %s", e.Type, a.header.Get("Content-Type"))
		}
	}
}

// liveContract compiles the schemas of the live channel's messages.
func liveContract(t *testing.T) func(kind string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for name, text := range map[string][]byte{"asyncapi.yaml": wire.AsyncAPI(), "openapi.yaml": wire.OpenAPI()} {
		var tree any
		if err := yaml.Unmarshal(text, &tree); err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		// Here, a field that the document does not name is a mistake.
		data = bytes.ReplaceAll(data, []byte(`"type":"object"`), []byte(`"type":"object","additionalProperties":false`))
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource("https://ioc.example/"+name, doc); err != nil {
			t.Fatal(err)
		}
	}
	return func(kind string) *jsonschema.Schema {
		s, err := c.Compile("https://ioc.example/asyncapi.yaml#/components/messages/" + kind + "/payload")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

func TestLiveFramesAreThoseOfAsyncAPI(t *testing.T) {
	schema := liveContract(t)
	r := start(t, nil)
	c, resp, err := websocket.DefaultDialer.Dial("ws://"+r.Addr()+"/api/v1/live", http.Header{"Origin": {r.url}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	defer c.Close()
	next := func(want string) {
		t.Helper()
		_, data, err := c.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if kind := value.(map[string]any)["type"]; kind != want {
			t.Fatalf("got %s, want a frame of type %s", data, want)
		}
		if err := schema(want).Validate(value); err != nil {
			t.Errorf("%s: %v", data, err)
		}
	}
	send := func(text string) {
		t.Helper()
		if err := c.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	next(wire.TypeHello)
	r.o.Hub.Publish(testUpdate(3))
	send(`{"type":"subscribe","kpis":["hotline.*","dossier.on_time_rate"]}`)
	next(wire.TypeSnapshot)
	next(wire.TypeFeeds)
	r.o.Hub.Publish(testUpdate(4))
	next(wire.TypeDelta)
	next(wire.TypeHeartbeat)
	send(`{"type":"subscribe","kpis":["none"],"wall":"main"}`)
	next(wire.TypeSnapshot)
	next(wire.TypeFeeds)
	if a := r.ask(t, "POST /api/v1/walls/main/show", `{"scene":"hotline","paused":true}`, "Content-Type: application/json"); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	next(wire.TypeShow)
	send(`{"type":"nonsense"}`)
	next(wire.TypeError)
	if _, _, err := c.ReadMessage(); !websocket.IsCloseError(err, websocket.ClosePolicyViolation) {
		t.Errorf("closed with %v", err)
	}
}

func TestShutdownSendsLiveClientsAway(t *testing.T) {
	r := start(t, nil)
	c, resp, err := websocket.DefaultDialer.Dial("ws://"+r.Addr()+"/api/v1/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	defer c.Close()
	if _, _, err := c.ReadMessage(); err != nil { // the hello
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		for {
			if _, _, err := c.ReadMessage(); err != nil {
				done <- err
				return
			}
		}
	}()
	r.stop()
	if err := <-done; !websocket.IsCloseError(err, websocket.CloseGoingAway) {
		t.Errorf("closed with %v, want going away", err)
	}
}
