package schemas

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

// compiled returns the schema of every type, with formats asserted.
func compiled(t testing.TB) map[Type]*jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	out := map[Type]*jsonschema.Schema{}
	for _, typ := range Types() {
		doc := schemaDocument(t, typ)
		id, _ := doc["$id"].(string)
		if want := "https://ioc.binhphuoc.gov.vn/schemas/" + string(typ) + ".v1.json"; id != want {
			t.Errorf("$id is %q, want %q", id, want)
		}
		if err := c.AddResource(id, doc); err != nil {
			t.Fatal(err)
		}
		s, err := c.Compile(id)
		if err != nil {
			t.Fatal(err)
		}
		out[typ] = s
	}
	return out
}

func schemaDocument(t testing.TB, typ Type) map[string]any {
	t.Helper()
	raw, ok := Schema(typ)
	if !ok {
		t.Fatalf("type %s has no schema", typ)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	doc, ok := v.(map[string]any)
	if !ok {
		t.Fatalf("the schema of %s is no object", typ)
	}
	return doc
}

func TestEverySchemaIsOneOfATypeAndItsExamplesDecode(t *testing.T) {
	d, schemas := decoder(t), compiled(t)
	for _, typ := range Types() {
		examples, _ := schemaDocument(t, typ)["examples"].([]any)
		if len(examples) == 0 {
			t.Errorf("the schema of %s has no examples", typ)
		}
		for _, example := range examples {
			if err := schemas[typ].Validate(example); err != nil {
				t.Errorf("%s: the schema refuses its own example: %v", typ, err)
			}
			raw, err := json.Marshal(example)
			if err != nil {
				t.Fatal(err)
			}
			if _, refusals := d.Decode(Message{Payload: raw, Arrived: arrived}); len(refusals) > 0 {
				t.Errorf("%s: the decoder refuses the example: %v", typ, refusals[0])
			}
		}
	}
	for _, no := range []Type{"", "weather", "../event/call", "call.v1.schema.json"} {
		if _, ok := Schema(no); ok {
			t.Errorf("there is a schema for %q", no)
		}
	}
}

// The envelope is the same for all types, but for the name of the type.
func TestSchemasHaveOneEnvelope(t *testing.T) {
	envelope := func(typ Type) map[string]any {
		doc := schemaDocument(t, typ)
		properties, _ := doc["properties"].(map[string]any)
		delete(properties, "type")
		delete(properties, "data")
		defs, _ := doc["$defs"].(map[string]any)
		return map[string]any{"required": doc["required"], "properties": properties, "time": defs["time"]}
	}
	for _, typ := range Types() {
		if diff := cmp.Diff(envelope(TypeCall), envelope(typ)); diff != "" {
			t.Errorf("envelope of %s:\n%s", typ, diff)
		}
	}
}

// Both say the same about every event of every type, good or spoilt, but for what a schema cannot know:
// the clock and the registry. The topic's centre, which it cannot know either, is left empty.
func TestDecoderAndSchemasAgree(t *testing.T) {
	d, schemas := decoder(t), compiled(t)
	for _, typ := range Types() {
		t.Run(string(typ), func(t *testing.T) { checkAgreement(t, d, schemas, typ) })
	}
}

func checkAgreement(t *testing.T, d *Decoder, schemas map[Type]*jsonschema.Schema, typ Type) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		e := drawEvent(t, typ)
		for range rapid.IntRange(0, 2).Draw(t, "spoilt") {
			spoil(t, e)
		}
		raw, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		events, refusals := d.Decode(Message{Payload: raw, Arrived: arrived})
		if len(events)+len(refusals) != 1 {
			t.Fatalf("%d events and %d refusals from %s", len(events), len(refusals), raw)
		}
		if len(refusals) == 1 {
			switch refusals[0].Code {
			case CodeUnknownPlace, CodeTimeAhead, CodeTimeExpired:
				return // no schema knows
			}
		}
		named, _ := e["type"].(string) // spoiling may have made it another type
		schema := schemas[Type(strings.TrimSuffix(strings.TrimPrefix(named, "vn.binhphuoc.ioc."), ".v1"))]
		if schema == nil {
			if len(events) > 0 {
				t.Fatalf("the decoder takes an unknown type: %s", raw)
			}
			return
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		verdict := schema.Validate(v)
		if (verdict == nil) != (len(events) == 1) {
			t.Fatalf("%s\nschema: %v\ndecoder: %v", raw, verdict, refusals)
		}
	})
}

func TestDecoderAndSchemasAgreeOnLengths(t *testing.T) {
	d, schemas := decoder(t), compiled(t)
	readings := func(n int) string {
		return `{"readings":[` + strings.TrimSuffix(strings.Repeat(`{"metric":"a","value":1},`, n), ",") + `]}`
	}
	pairs := func(n int, value string) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(`"k%d":%s`, i, value))
		}
		return "{" + strings.Join(list, ",") + "}"
	}
	tests := []struct {
		typ  Type
		data string
		good bool
	}{
		{TypeReading, readings(1000), true},
		{TypeReading, readings(1001), false},
		{TypeReading, readings(0), false},
		{TypeReading, `{"metric":"a","value":1,"dims":` + pairs(8, `"x"`) + `}`, true},
		{TypeReading, `{"metric":"a","value":1,"dims":` + pairs(9, `"x"`) + `}`, false},
		{TypeCamera, `{"status":"online","counts":` + pairs(32, "1000000") + `}`, true},
		{TypeCamera, `{"status":"online","counts":` + pairs(33, "0") + `}`, false},
		{TypeCamera, `{"status":"online","counts":` + pairs(1, "1000001") + `}`, false},
	}
	for _, tt := range tests {
		raw := []byte(event(string(tt.typ), tt.data))
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		events, _ := d.Decode(Message{Payload: raw, Arrived: arrived})
		if verdict := schemas[tt.typ].Validate(v); (verdict == nil) != tt.good || (len(events) == 1) != tt.good {
			t.Errorf("%.80s: schema says %v, decoder took %d", raw, verdict, len(events))
		}
	}
}

// drawEvent makes a good event of a type.
func drawEvent(t *rapid.T, typ Type) map[string]any {
	return map[string]any{
		"specversion": "1.0",
		"id":          drawText(t, 256),
		"source":      "/dong-xoai/service/" + rapid.StringMatching(`[A-Za-z0-9._:-]{1,128}`).Draw(t, "name"),
		"type":        typ.CloudEventType(),
		"time":        "2026-11-2" + rapid.StringMatching(`[0-2]T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,12})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])`).Draw(t, "time"),
		"data":        drawData(t, typ),
	}
}

// drawText makes a text of at most so many characters, some of them Vietnamese, some of them decomposed.
func drawText(t *rapid.T, most int) string {
	return rapid.StringOfN(rapid.SampledFrom([]rune("aZ09 _-/.ộếđƯ\u0302\u0301\"\\<漢😀")), 1, most, -1).Draw(t, "text")
}

// maker draws the value of a field.
type maker struct {
	name     string
	required bool
	draw     func(t *rapid.T) any
}

func drawData(t *rapid.T, typ Type) map[string]any {
	out := map[string]any{}
	for _, m := range append(makers(typ), maker{"revision", false, whole(0, 65535)}) {
		how := 0
		if !m.required {
			how = rapid.IntRange(0, 2).Draw(t, m.name)
		}
		switch how {
		case 0:
			out[m.name] = m.draw(t)
		case 1:
			out[m.name] = nil
		}
	}
	if (out["lat"] == nil) != (out["lon"] == nil) {
		out["lat"], out["lon"] = json.Number("11.5"), json.Number("106.9")
	}
	if typ == TypeReading && rapid.Bool().Draw(t, "several") {
		list := []any{out}
		for range rapid.IntRange(0, 3).Draw(t, "more") {
			list = append(list, map[string]any{"metric": "temp", "value": 30})
		}
		return map[string]any{"readings": list}
	}
	return out
}

func text(most int) func(*rapid.T) any {
	return func(t *rapid.T) any { return drawText(t, most) }
}

func word(list ...string) func(*rapid.T) any {
	return func(t *rapid.T) any { return rapid.SampledFrom(list).Draw(t, "word") }
}

func matching(pattern string) func(*rapid.T) any {
	return func(t *rapid.T) any { return rapid.StringMatching(pattern).Draw(t, "matching") }
}

func yesNo(t *rapid.T) any { return rapid.Bool().Draw(t, "bool") }

func moment(t *rapid.T) any {
	return rapid.StringMatching(`20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])`).
		Filter(func(s string) bool { return s > "2000-01-03" }).Draw(t, "moment")
}

// whole writes an integer in one of the ways in which JSON can.
func whole(least, most int) func(*rapid.T) any {
	return func(t *rapid.T) any {
		n := rapid.IntRange(least, most).Draw(t, "whole")
		return json.Number(fmt.Sprintf(rapid.SampledFrom([]string{"%d", "%d.0", "%d.0e0", "%de0"}).Draw(t, "written"), n))
	}
}

func number(least, most float64) func(*rapid.T) any {
	return func(t *rapid.T) any {
		return rapid.Float64Range(least, most).Draw(t, "number")
	}
}

func pairs(most int, value func(*rapid.T) any) func(*rapid.T) any {
	return func(t *rapid.T) any {
		out := map[string]any{}
		for _, k := range rapid.SliceOfN(rapid.StringMatching(`[a-z0-9_.]{1,32}`), 0, most).Draw(t, "names") {
			out[k] = value(t)
		}
		return out
	}
}

func makers(typ Type) []maker {
	position := []maker{{"lat", false, number(-90, 90)}, {"lon", false, number(-180, 180)}}
	state := maker{"status", true, word("online", "degraded", "offline")}
	rating := maker{"rating", false, whole(1, 5)}
	agency := maker{"agency", true, text(200)}
	switch typ {
	case TypeReading:
		return []maker{
			{"metric", true, matching(`[a-z0-9_.]{1,64}`)},
			{"value", true, number(-1e15, 1e15)},
			{"unit", false, text(32)},
			{"dims", false, pairs(8, text(64))},
		}
	case TypeDossier:
		return []maker{
			{"dossier_id", true, text(128)},
			{"procedure", true, text(200)},
			agency,
			{"level", true, whole(2, 4)},
			{"channel", true, word("online", "counter", "post")},
			{"status", true, word("received", "processing", "supplement", "completed", "returned", "withdrawn")},
			{"received_at", true, moment},
			{"due_at", true, moment},
			{"completed_at", false, moment},
			{"paid_online", false, yesNo},
			{"digitised", false, yesNo},
			rating,
		}
	case TypeCall:
		return []maker{
			{"call_id", true, text(128)},
			{"topic", false, text(200)},
			{"status", true, word("waiting", "answered", "abandoned", "ended")},
			{"queued_at", true, moment},
			{"answered_at", false, moment},
			{"ended_at", false, moment},
			rating,
		}
	case TypeTicket:
		return append(
			position, maker{"ticket_id", true, text(128)}, maker{"kind", true, word("question", "petition", "field_report")},
			maker{"channel", true, word("phone", "web", "app", "zalo", "email")}, maker{"agency", false, text(200)},
			maker{"topic", true, text(200)}, maker{"status", true, word("received", "forwarded", "resolved", "reopened")},
			maker{"received_at", true, moment}, maker{"due_at", false, moment}, maker{"resolved_at", false, moment}, rating,
		)
	case TypeDocument:
		return []maker{
			{"document_id", true, text(128)},
			agency,
			{"direction", true, word("in", "out")},
			{"signed", true, yesNo},
			{"at", true, moment},
			{"due_at", false, moment},
			{"done_at", false, moment},
		}
	case TypeMeeting:
		return []maker{{"meeting_id", true, text(128)}, agency, {"paperless", true, yesNo}, {"at", true, moment}}
	case TypeProcedure:
		return []maker{{"procedure", true, text(200)}, agency, {"level", true, whole(2, 4)}, {"connected", true, yesNo}}
	case TypeCamera:
		return append(
			position, state, maker{"fps", false, number(0, 60)}, maker{"bitrate_kbps", false, number(0, 1e5)},
			maker{"counts", false, pairs(32, whole(0, 1e6))}, maker{"speed_kmh", false, number(0, 200)},
		)
	case TypeSensor:
		return append(position, state, maker{"battery", false, number(0, 100)}, maker{"rssi", false, number(-150, 0)})
	case TypeSecurity:
		return []maker{
			{"finding_id", true, text(128)},
			{"severity", true, whole(1, 5)},
			{"category", true, text(200)},
			{"status", true, word("open", "blocked", "closed")},
		}
	case TypeFigure:
		return []maker{
			{"indicator", true, matching(`[a-z0-9_.]{1,64}`)},
			{"period", true, matching(`[0-9]{4}(-(Q[1-4]|0[1-9]|1[0-2]))?`)},
			{"value", true, number(-1e18, 1e18)},
			{"target", false, number(-1e18, 1e18)},
			{"issued_by", true, text(200)},
			{"withdrawn", false, yesNo},
		}
	}
	return nil
}

// spoil changes one thing of an event, most often for the worse.
func spoil(t *rapid.T, e map[string]any) {
	at := e
	for { // go down to some object
		var inner []map[string]any
		for _, k := range slices.Sorted(maps.Keys(at)) {
			switch v := at[k].(type) {
			case map[string]any:
				inner = append(inner, v)
			case []any:
				for _, item := range v {
					if o, ok := item.(map[string]any); ok {
						inner = append(inner, o)
					}
				}
			}
		}
		if len(inner) == 0 || rapid.IntRange(0, 3).Draw(t, "deeper") == 0 {
			break
		}
		at = rapid.SampledFrom(inner).Draw(t, "into")
	}
	names := append(slices.Sorted(maps.Keys(at)), "extra", "Ghi chú", "metric", "readings", "lat", "rating", "target", "withdrawn", "value", "unit", "dims", "counts")
	name := rapid.SampledFrom(names).Draw(t, "spoil")
	if rapid.IntRange(0, 4).Draw(t, "remove") == 0 {
		delete(at, name)
		return
	}
	at[name] = rapid.Custom(spoiltValue).Draw(t, "value")
}

func spoiltValue(t *rapid.T) any {
	many := map[string]any{}
	for i := range 33 {
		many[fmt.Sprint("k", i)] = 1
	}
	return rapid.SampledFrom([]any{
		nil, true, false, "", " ", "x", "X", "1", "online", "PM2.5", "a b", "tab\there", "\x7f", "\u0085", "1.0", "0.3",
		strings.Repeat("đ", 32), strings.Repeat("x", 33), strings.Repeat("ộ", 64), strings.Repeat("x", 65),
		strings.Repeat("a", 128), strings.Repeat("a", 129), strings.Repeat("đ", 200), strings.Repeat("a", 201), strings.Repeat("a", 257),
		"2026-11-22T08:30:00+07:00", "2026-11-22T08:30:00", "2026-11-22", "2026-02-30T08:30:00Z", "2024-02-29T00:00:00Z", "2026-11-22T8:30:00Z",
		"2026-11-22T08:30:00,5Z", "2026-11-22T08:30:00.Z", "2026-11-22T08:30:60Z", "2026-11-22T24:00:00Z", "2026-11-22t08:30:00z",
		"2026-11-22 08:30:00Z", "2026-11-22T08:30:00+0700", "2026-11-22T08:30:00+25:00", "2026-11-22T08:30:00-00:00",
		"1999-06-01T00:00:00Z", "2101-06-01T00:00:00Z", "2026-13", "2026-00", "2026-Q5", "2026-Q4", "2026-H1", "26", "2026-1",
		"/dong-xoai/service", "/dong-xoai/service/a/b", "dong-xoai/service/a", "/dong-xoai/service/", "/dong-xoai/service/a b", "/dong-xoai/service/ă",
		"vn.binhphuoc.ioc.call.v1", "vn.binhphuoc.ioc.call.v2", "call",
		json.Number("0"), json.Number("-0.0"), json.Number("1"), json.Number("2"), json.Number("2.5"), json.Number("4.0"), json.Number("5"), json.Number("6"),
		json.Number("-1"), json.Number("91"), json.Number("-181"), json.Number("101"), json.Number("65535"), json.Number("65536"), json.Number("1e6"),
		json.Number("1000001"), json.Number("1e9"), json.Number("1.1e9"), json.Number("1e15"), json.Number("1.1e15"), json.Number("-1e18"), json.Number("1.1e18"),
		json.Number("1e309"), json.Number("1e-309"), json.Number("0.1234567"), json.Number("30e-1"),
		[]any{},
		[]any{"x"},
		[]any{json.Number("1")},
		map[string]any{},
		map[string]any{"a": nil},
		map[string]any{"a": ""},
		map[string]any{"a": "b"},
		map[string]any{"a": json.Number("3")},
		map[string]any{"a": json.Number("3.5")},
		map[string]any{"a": json.Number("1e7")},
		map[string]any{"A": "b"},
		map[string]any{"": "b"},
		map[string]any{strings.Repeat("k", 33): "b"},
		many,
		map[string]any{"metric": "a", "value": json.Number("1")},
		[]any{map[string]any{"metric": "a", "value": json.Number("1")}},
		[]any{map[string]any{"metric": "a"}},
		[]any{map[string]any{"metric": "a", "value": json.Number("1"), "unit": nil}, nil},
	}).Draw(t, "spoilt")
}
