package schemas

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestSentences holds every sentence that a centre's engineer may read, in both languages.
func TestSentences(t *testing.T) {
	const golden = "testdata/refusals.golden"
	call := func(more string) string {
		return event("call", `{"call_id":"c","status":"ended","queued_at":"2026-11-23T09:59:00+07:00"`+more+`}`)
	}
	reading := func(data string) string { return event("reading", data) }
	tests := []struct{ name, payload, centre string }{
		{"no JSON", `id=1`, ""},
		{"XML", `<event/>`, ""},
		{"NaN", "{\n  \"data\": {\"value\": NaN}}", ""},
		{"single quotes", `{'id':1}`, ""},
		{"trailing comma", `{"id":"1",}`, ""},
		{"half a surrogate pair", `{"id":"\ud800"}`, ""},
		{"line break in a string", "{\"id\":\"a\nb\"}", ""},
		{"cut off", reading(reading1)[:40], ""},
		{"two events in a row", "{\"id\":\"1\"}\n{\"id\":\"2\"}", ""},
		{"a name twice", `{"id":"1","id":"2"}`, ""},
		{"deep nesting", strings.Repeat(`{"a":`, 40), ""},
		{"not UTF-8", "{\n\"id\":\"ph\xb6n\"}", ""},
		{"too large", strings.Repeat(" ", 1<<20+1), ""},
		{"empty", "\n", ""},
		{"empty batch", "[]", ""},
		{"a number", "42", ""},
		{"no data", event("reading", ""), ""},
		{"specversion", event("reading", reading1, "specversion", `"0.3"`), ""},
		{"a long id", event("reading", reading1, "id", `"`+strings.Repeat("ệ", 257)+`"`), ""},
		{"id is a number", event("reading", reading1, "id", `7`), ""},
		{"unknown type", event("weather", reading1), ""},
		{"source", event("reading", reading1, "source", `"dong-xoai"`), ""},
		{"unknown centre", event("reading", reading1, "source", `"/hue/sensor/s"`), ""},
		{"unknown domain", event("reading", reading1, "source", `"/dong-xoai/drone/s"`), ""},
		{"wrong centre", reading(reading1), "binh-long"},
		{"time without offset", event("reading", reading1, "time", `"2026-11-23T03:00:00"`), ""},
		{"time in seconds", event("reading", reading1, "time", `1795000000`), ""},
		{"time ahead", event("reading", reading1, "time", `"2026-11-23T03:10:01Z"`), ""},
		{"time expired", event("reading", reading1, "time", `"2025-10-01T00:00:00Z"`), ""},
		{"value is a string", reading(`{"metric":"a","value":"12.5"}`), ""},
		{"value is a word", reading(`{"metric":"a","value":"high"}`), ""},
		{"value is too much", reading(`{"metric":"a","value":1e999}`), ""},
		{"no value", reading(`{"metric":"a","value":null}`), ""},
		{"metric", reading(`{"readings":[{"metric":"a","value":1},{"metric":"PM2.5","value":1}]}`), ""},
		{"a reading that is none", reading(`{"readings":[1]}`), ""},
		{"no readings", reading(`{"readings":[]}`), ""},
		{"both", reading(`{"metric":"a","value":1,"readings":[{"metric":"a","value":1}]}`), ""},
		{"dims", reading(`{"metric":"a","value":1,"dims":{"lane":1}}`), ""},
		{"name of a dim", reading(`{"metric":"a","value":1,"dims":{"Làn":"1"}}`), ""},
		{"counts", event("camera", `{"status":"online","counts":[1]}`), ""},
		{"status", event("camera", `{"status":"up"}`), ""},
		{"rating", call(`,"rating":6`), ""},
		{"half a rating", call(`,"rating":4.5`), ""},
		{"topic is a number", call(`,"topic":1022`), ""},
		{"topic is empty", call(`,"topic":""`), ""},
		{"a boolean as a number", event("procedure", `{"procedure":"p","agency":"a","level":4,"connected":1}`), ""},
		{"lat without lon", event("sensor", `{"status":"online","lat":11}`), ""},
		{"period", event("figure", `{"indicator":"a","period":"2026-H1","value":1,"issued_by":"x"}`), ""},
	}
	d := decoder(t)
	var b strings.Builder
	for _, tt := range tests {
		_, refusals := d.Decode(Message{Payload: []byte(tt.payload), Centre: tt.centre, Arrived: arrived})
		if len(refusals) != 1 {
			t.Fatalf("%s: %d refusals", tt.name, len(refusals))
		}
		r := refusals[0]
		fmt.Fprintf(&b, "%s: %s %s\n  vi: %s\n  en: %s\n", tt.name, r.Code, r.Field, r.Sentence, r.English)
	}
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("the sentences have changed (-update writes them anew):\n%s", diff)
	}
}
