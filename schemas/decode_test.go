package schemas

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// arrived is the clock of these tests.
var arrived = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)

func decoder(t testing.TB) *Decoder {
	t.Helper()
	reg, err := BuiltinRegistry()
	if err != nil {
		t.Fatal(err)
	}
	return NewDecoder(reg, DecoderOptions{})
}

// event makes a CloudEvent of a type with this data; more replaces or adds attributes.
func event(typ, data string, more ...string) string {
	attributes := map[string]string{
		"specversion": `"1.0"`, "id": `"e1"`, "source": `"/dong-xoai/service/mot-cua"`, "type": `"vn.binhphuoc.ioc.` + typ + `.v1"`,
		"time": `"2026-11-23T09:59:30.123456+07:00"`, "data": data,
	}
	for i := 0; i < len(more); i += 2 {
		attributes[more[i]] = more[i+1]
	}
	var list []string
	for _, k := range []string{"specversion", "id", "source", "type", "time", "data"} {
		if attributes[k] != "" {
			list = append(list, `"`+k+`":`+attributes[k])
		}
	}
	return "{" + strings.Join(list, ",") + "}"
}

const reading1 = `{"metric":"pm25","value":12.5}`

func TestGoodEventsOfEveryType(t *testing.T) {
	tests := map[Type]string{
		TypeReading:   `{"readings":[{"metric":"pm25","value":-1e3,"unit":"µg/m³","dims":{"lane":"1"}},{"metric":"temp","value":30}],"revision":2}`,
		TypeDossier:   `{"dossier_id":"H1","procedure":"Đăng ký khai sinh","agency":"UBND phường","level":4,"channel":"online","status":"completed","received_at":"2026-11-20T08:00:00+07:00","due_at":"2026-11-25T17:00:00+07:00","completed_at":"2026-11-23T09:00:00+07:00","paid_online":true,"digitised":false,"rating":5}`,
		TypeCall:      `{"call_id":"c","status":"waiting","queued_at":"2026-11-23T09:59:00+07:00","topic":null}`,
		TypeTicket:    `{"ticket_id":"t","kind":"petition","channel":"zalo","topic":"Rác thải","status":"received","received_at":"2026-11-23T09:59:00+07:00","lat":11.5,"lon":106.9}`,
		TypeDocument:  `{"document_id":"d","agency":"Sở","direction":"out","signed":true,"at":"2026-11-23T09:59:00+07:00"}`,
		TypeMeeting:   `{"meeting_id":"m","agency":"Sở","paperless":false,"at":"2026-11-23T09:59:00+07:00"}`,
		TypeProcedure: `{"procedure":"1.001","agency":"Sở","level":4,"connected":true}`,
		TypeCamera:    `{"status":"online","fps":25,"counts":{"car":3,"motorbike":12.0},"speed_kmh":31.5}`,
		TypeSensor:    `{"status":"degraded","battery":50,"rssi":-90}`,
		TypeSecurity:  `{"finding_id":"f","severity":3,"category":"Mã độc","status":"open"}`,
		TypeFigure:    `{"indicator":"economy.digital_share","period":"2026-Q3","value":14.1234567,"target":20,"issued_by":"Cục Thống kê"}`,
	}
	d := decoder(t)
	for _, typ := range Types() {
		t.Run(string(typ), func(t *testing.T) {
			events, refusals := d.Decode(Message{Payload: []byte(event(string(typ), tests[typ])), Arrived: arrived})
			if len(refusals) > 0 {
				t.Fatalf("refused: %v", refusals[0])
			}
			e := events[0]
			if want := arrived.Add(-30*time.Second + 123*time.Millisecond); !e.Time.Equal(want) || e.Centre != "dong-xoai" || e.Domain != "service" || e.Type != typ || e.Digest == 0 {
				t.Errorf("got %+v", e)
			}
		})
	}
}

func TestDetailsOfValues(t *testing.T) {
	d := decoder(t)
	one := func(s string) Event {
		events, refusals := d.Decode(Message{Payload: []byte(s), Arrived: arrived})
		if len(events) != 1 {
			t.Fatalf("%s was refused: %v", s, refusals)
		}
		return events[0]
	}
	figure := one(event("figure", `{"indicator":"a","period":"2026","value":123456789012345678.1234567,"issued_by":"x"}`)).Data.(*Figure)
	if got := figure.Value.String(); got != "123456789012345678.123457" {
		t.Errorf("a figure of many digits became %s", got)
	}
	withdrawn := one(event("figure", `{"indicator":"a","period":"2026","withdrawn":true,"issued_by":"x","revision":1}`))
	if f := withdrawn.Data.(*Figure); !f.Withdrawn || !f.Value.IsZero() || withdrawn.Revision != 1 {
		t.Errorf("a figure that is taken back became %+v", withdrawn)
	}
	said, unsaid := one(event("figure", `{"indicator":"a","period":"2026","value":1,"withdrawn":false,"issued_by":"x"}`)), one(event("figure", `{"indicator":"a","period":"2026","value":1,"issued_by":"x"}`))
	if said.Digest != unsaid.Digest || said.Data.(*Figure).Withdrawn {
		t.Error("a figure that says that it is not taken back is another one")
	}
	// "ế" in two code points becomes one.
	security := one(event("security", `{"finding_id":"f","severity":3,"category":"bie\u0302\u0301n","status":"open"}`)).Data.(*Security)
	if security.Category != "biến" {
		t.Errorf("text is not in NFC: %q", security.Category)
	}
	a, b := one(event("reading", `{"metric":"a","value":1.0,"dims":{"x":"1","y":"2"}}`)), one(event("reading", ` { "dims":{"y":"2","x":"1"}, "value":1e0, "metric":"a" } `))
	if a.Digest != b.Digest {
		t.Error("the same content has two digests")
	}
	c := one(event("reading", reading1, "id", `"e2"`))
	if a.Key() != b.Key() || a.Key() == c.Key() {
		t.Error("keys must follow source and id")
	}
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		name, payload string
		code          Code
		field         string
	}{
		{"no JSON", `hello`, CodeNotJSON, ""},
		{"NaN", event("reading", `{"metric":"a","value":NaN}`), CodeNotJSON, ""},
		{"cut off", event("reading", reading1)[:40], CodeNotJSON, ""},
		{"something after the value", event("reading", reading1) + "x", CodeNotJSON, ""},
		{"a name twice", `{"id":"1","id":"2"}`, CodeNotJSON, "id"},
		{"a name twice deep inside", event("reading", `{"metric":"a","value":1,"x":[0,{"y":1,"y":1}]}`), CodeNotJSON, "data.x[1].y"},
		{"nested deeper than any JSON", strings.Repeat(`{"a":`, 20_000), CodeNotJSON, strings.Repeat("a.", 31) + "a"},
		{"invalid UTF-8", event("reading", reading1, "id", "\"\xff\""), CodeNotUTF8, ""},
		{"empty", "  ", CodeNoEvent, ""},
		{"an empty batch", "[]", CodeNoEvent, ""},
		{"a number", "42", CodeWrongType, ""},
		{"over 1 MiB", `"` + strings.Repeat("x", 1<<20) + `"`, CodeTooLarge, ""},
		{"no id", event("reading", reading1, "id", ""), CodeMissing, "id"},
		{"an empty id", event("reading", reading1, "id", `""`), CodeMissing, "id"},
		{"a null id", event("reading", reading1, "id", `null`), CodeMissing, "id"},
		{"id is a number", event("reading", reading1, "id", `7`), CodeWrongType, "id"},
		{"id with a line break", event("reading", reading1, "id", `"a\nb"`), CodeOutOfRange, "id"},
		{"another specversion", event("reading", reading1, "specversion", `"0.3"`), CodeOutOfRange, "specversion"},
		{"unknown type", event("weather", reading1), CodeUnknownType, "type"},
		{"source without name", event("reading", reading1, "source", `"/dong-xoai/sensor"`), CodeOutOfRange, "source"},
		{"unknown centre", event("reading", reading1, "source", `"/hue/sensor/s"`), CodeUnknownPlace, "source"},
		{"unknown domain", event("reading", reading1, "source", `"/dong-xoai/drone/s"`), CodeUnknownPlace, "source"},
		{"before the retention and the centre", event("reading", reading1, "time", `"2019-01-01T00:00:00Z"`), CodeTimeExpired, "time"},
		{"far future", event("reading", reading1, "time", `"2026-11-23T03:10:01Z"`), CodeTimeAhead, "time"},
		{"before the retention", event("reading", reading1, "time", `"2025-10-01T00:00:00Z"`), CodeTimeExpired, "time"},
		{"a clock that was never set", event("reading", reading1, "time", `"1970-01-01T00:00:07Z"`), CodeTimeExpired, "time"},
		{"the first year", event("reading", reading1, "time", `"0000-01-01T00:00:00+14:00"`), CodeTimeExpired, "time"},
		{"the last year", event("reading", reading1, "time", `"9999-12-31T23:59:59-12:00"`), CodeTimeAhead, "time"},
		{"an empty time", event("reading", reading1, "time", `""`), CodeMissing, "time"},
		{"an empty time in the data", event("meeting", `{"meeting_id":"m","agency":"a","paperless":true,"at":""}`), CodeMissing, "data.at"},
		{"an empty optional time", event("call", `{"call_id":"c","status":"ended","queued_at":"2026-11-23T09:59:00+07:00","ended_at":""}`), CodeOutOfRange, "data.ended_at"},
		{"time without offset", event("reading", reading1, "time", `"2026-11-23T03:00:00"`), CodeOutOfRange, "time"},
		{"no data", event("reading", ""), CodeMissing, "data"},
		{"data is a list", event("reading", "[]"), CodeWrongType, "data"},
		{"value is a string", event("reading", `{"metric":"a","value":"12.5"}`), CodeWrongType, "data.value"},
		{"value beyond all doubles", event("reading", `{"metric":"a","value":1e999}`), CodeOutOfRange, "data.value"},
		{"no value", event("reading", `{"metric":"a"}`), CodeMissing, "data.value"},
		{"the fourth reading", event("reading", `{"readings":[{"metric":"a","value":1},{"metric":"a","value":1},{"metric":"a","value":1},{"metric":"a","value":true}]}`), CodeWrongType, "data.readings[3].value"},
		{"no readings", event("reading", `{"readings":[]}`), CodeOutOfRange, "data.readings"},
		{"both ways of readings", event("reading", `{"metric":"a","value":1,"readings":[{"metric":"a","value":1}]}`), CodeOutOfRange, "data.readings"},
		{"an upper-case metric", event("reading", `{"metric":"PM25","value":1}`), CodeOutOfRange, "data.metric"},
		{"nine dims", event("reading", `{"metric":"a","value":1,"dims":{"a":"","b":"","c":"","d":"","e":"","f":"","g":"","h":"","i":""}}`), CodeOutOfRange, "data.dims"},
		{"half a revision", event("reading", `{"metric":"a","value":1,"revision":1.5}`), CodeOutOfRange, "data.revision"},
		{"a status of another list", event("call", `{"call_id":"c","status":"open","queued_at":"2026-11-23T09:59:00+07:00"}`), CodeOutOfRange, "data.status"},
		{"a rating of six", event("call", `{"call_id":"c","status":"ended","queued_at":"2026-11-23T09:59:00+07:00","rating":6}`), CodeOutOfRange, "data.rating"},
		{"a year of long ago", event("meeting", `{"meeting_id":"m","agency":"a","paperless":true,"at":"1970-01-01T00:00:00Z"}`), CodeOutOfRange, "data.at"},
		{"lat without lon", event("sensor", `{"status":"online","lat":11}`), CodeMissing, "data.lon"},
		{"lon without lat", event("sensor", `{"status":"online","lon":106}`), CodeMissing, "data.lat"},
		{"a negative count", event("camera", `{"status":"online","counts":{"car":-1}}`), CodeOutOfRange, "data.counts.car"},
		{"period of a thirteenth month", event("figure", `{"indicator":"a","period":"2026-13","value":1,"issued_by":"x"}`), CodeOutOfRange, "data.period"},
		{"a figure without a value", event("figure", `{"indicator":"a","period":"2026","withdrawn":false,"issued_by":"x"}`), CodeMissing, "data.value"},
		{"taken back in words", event("figure", `{"indicator":"a","period":"2026","withdrawn":"yes","issued_by":"x"}`), CodeWrongType, "data.withdrawn"},
		{"a figure of a billion digits", event("figure", `{"indicator":"a","period":"2026","value":1e999999999,"issued_by":"x"}`), CodeOutOfRange, "data.value"},
	}
	d := decoder(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			events, refusals := d.Decode(Message{Payload: []byte(tt.payload), Arrived: arrived})
			if len(events) != 0 || len(refusals) != 1 {
				t.Fatalf("%d events, %d refusals", len(events), len(refusals))
			}
			r := refusals[0]
			if r.Code != tt.code || r.Field != tt.field {
				t.Errorf("got %s at %q (%s), want %s at %q", r.Code, r.Field, r.English, tt.code, tt.field)
			}
			if r.Sentence == "" || r.English == "" || string(r.Item) != tt.payload || r.Index != -1 {
				t.Errorf("the refusal is not whole: %+v", r)
			}
		})
	}
}

func TestTheTopicsCentreMustBeTheSources(t *testing.T) {
	_, refusals := decoder(t).Decode(Message{Payload: []byte(event("reading", reading1)), Arrived: arrived, Centre: "binh-long", Topic: "ioc/binh-long/service/x"})
	if len(refusals) != 1 || refusals[0].Code != CodeWrongCentre || refusals[0].Source != "/dong-xoai/service/mot-cua" {
		t.Errorf("got %+v", refusals)
	}
}

func TestATopicWithoutACentreIsNobodys(t *testing.T) {
	_, refusals := decoder(t).Decode(Message{Payload: []byte(event("reading", reading1)), Arrived: arrived, Topic: "ioc"})
	if len(refusals) != 1 || refusals[0].Code != CodeWrongCentre {
		t.Errorf("got %+v", refusals)
	}
}

func TestABadEventLeavesTheRestOfItsBatch(t *testing.T) {
	good, bad := event("reading", reading1), event("reading", `{"metric":"a"}`, "id", `"bad"`)
	events, refusals := decoder(t).Decode(Message{Payload: []byte("[ " + good + " ,\n" + bad + ", 7 ," + good + "]"), Arrived: arrived})
	if len(events) != 2 || len(refusals) != 2 {
		t.Fatalf("%d events, %d refusals", len(events), len(refusals))
	}
	if r := refusals[0]; r.Index != 1 || string(r.Item) != bad || r.ID != "bad" || r.EventType != TypeReading.CloudEventType() {
		t.Errorf("got %+v", r)
	}
	if r := refusals[1]; r.Index != 2 || string(r.Item) != "7" {
		t.Errorf("got %+v (%q)", r, r.Item)
	}
}

func TestBinaryModeIsJudgedLikeStructuredMode(t *testing.T) {
	header := map[string]string{
		"ce_specversion": "1.0", "ce_id": "e1", "ce_source": "/dong-xoai/service/mot-cua", "ce_type": TypeReading.CloudEventType(),
		"ce_time": "2026-11-23T09:59:30.123456+07:00", "content-type": "application/json",
	}
	d := decoder(t)
	events, refusals := d.Decode(Message{Payload: []byte(reading1), Header: header, Arrived: arrived})
	if len(refusals) > 0 {
		t.Fatal(refusals[0])
	}
	same, _ := d.Decode(Message{Payload: []byte(event("reading", reading1)), Arrived: arrived})
	if events[0].Key() != same[0].Key() || events[0].Digest != same[0].Digest || !events[0].Time.Equal(same[0].Time) {
		t.Errorf("binary %+v, structured %+v", events[0], same[0])
	}
	header["ce_time"] = "yesterday"
	if _, refusals := d.Decode(Message{Payload: []byte(reading1), Header: header, Arrived: arrived}); len(refusals) != 1 || refusals[0].Field != "time" || refusals[0].ID != "e1" {
		t.Errorf("got %+v", refusals)
	}
}

// FuzzDecode: whatever comes, each message ends in events or refusals, with reasons, and the same way each time.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(event("reading", reading1)), "")
	f.Add([]byte(event("figure", `{"indicator":"a","period":"2026-Q1","value":1e-7,"target":1e18,"issued_by":"x","revision":1.0}`)), "dong-xoai")
	f.Add([]byte("["+event("camera", `{"status":"online","counts":{"car":1},"lat":1,"lon":2}`)+",{}, 7,{\"a\":1,\"a\":2}]"), "dong-xoai")
	f.Add([]byte("[[[[[["), "")
	f.Add([]byte("\uFEFF{\"id\":NaN"), "")
	f.Add([]byte{0xff, 0xfe}, "")
	d := decoder(f)
	f.Fuzz(func(t *testing.T, payload []byte, centre string) {
		checkDecode(t, d, Message{Payload: payload, Centre: centre, Arrived: arrived})
	})
}

// FuzzDecodeBinary does the same with attributes in headers.
func FuzzDecodeBinary(f *testing.F) {
	f.Add([]byte(reading1), "1.0", "e1", "/dong-xoai/sensor/s", TypeReading.CloudEventType(), "2026-11-23T03:00:00Z")
	f.Add([]byte(""), "1.0", "e1", "/dong-xoai/sensor/s", TypeReading.CloudEventType(), "2026-11-23T03:00:00Z")
	f.Add([]byte("{}{}"), "", "\xff", "//", "x", "yesterday")
	d := decoder(f)
	f.Fuzz(func(t *testing.T, payload []byte, specversion, id, source, typ, at string) {
		header := map[string]string{"ce_specversion": specversion, "ce_id": id, "ce_source": source, "ce_type": typ, "ce_time": at}
		checkDecode(t, d, Message{Payload: payload, Header: header, Arrived: arrived})
	})
}

func checkDecode(t *testing.T, d *Decoder, m Message) {
	t.Helper()
	events, refusals := d.Decode(m)
	if len(events)+len(refusals) == 0 {
		t.Fatal("the message vanished")
	}
	for _, e := range events {
		if e.ID == "" || e.Centre == "" || e.Data == nil || e.Time.Location() != time.UTC || !utf8.ValidString(e.ID) {
			t.Fatalf("an event that is not whole: %+v", e)
		}
	}
	for _, r := range refusals {
		if r.Code == "" || r.Sentence == "" || r.English == "" || len(r.Item) == 0 && len(m.Payload) > 0 {
			t.Fatalf("a refusal that is not whole: %+v", r)
		}
		if strings.Contains(r.Sentence, "$") && !bytes.Contains(m.Payload, []byte("$")) && !strings.Contains(m.Centre, "$") && len(m.Header) == 0 {
			t.Fatalf("a sentence with a gap: %s", r.Sentence)
		}
		for _, s := range []string{r.Sentence, r.English, r.Field, r.ID, r.Source, r.EventType} {
			if !utf8.ValidString(s) || len(s) > 4096 {
				t.Fatalf("a text that can't be shown: %q", s)
			}
		}
	}
	again, refusedAgain := d.Decode(m)
	if !reflect.DeepEqual(events, again) || !reflect.DeepEqual(refusals, refusedAgain) {
		t.Fatal("decoding twice does not give the same")
	}
}

// However a message is made, reading it takes a time that grows with its length and no faster. Where it does not,
// these take minutes; the bound is wide because the machine may be busy.
func TestNoMessageIsSlow(t *testing.T) {
	const levels, long = 28, 16_000
	names := strings.Repeat(`{"`+strings.Repeat("n", long)+`":`, levels)
	end := strings.Repeat("}", levels)
	tests := map[string]string{
		"names twice below long names":    names + "{" + strings.Repeat(`"a":1,`, 90_000) + `"a":1}` + end,
		"lists too deep below long names": names + "[[[[" + strings.Repeat("[],", 180_000) + "[]]]]]" + end,
		"names twice":                     "{" + strings.Repeat(`"a":1,`, 170_000) + `"a":1}`,
		"lists that never end":            strings.Repeat("[", 1<<20),
		"elements that are no events":     "[" + strings.Repeat("{},", 300_000) + "{}]",
		"a number of a million digits":    event("figure", `{"indicator":"a","period":"2026","value":`+strings.Repeat("9", 1_000_000)+`,"issued_by":"x"}`),
		"a text of a million escapes":     event("reading", reading1, "id", `"`+strings.Repeat(`\u0301`, 170_000)+`"`),
	}
	d := decoder(t)
	for name, payload := range tests {
		t.Run(name, func(t *testing.T) {
			if len(payload) > 1<<20 {
				t.Fatalf("%d bytes are not read at all", len(payload))
			}
			start := time.Now()
			d.Decode(Message{Payload: []byte(payload), Arrived: arrived})
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	d := decoder(b)
	m := Message{Payload: []byte(event("camera", `{"status":"online","fps":25,"counts":{"car":3,"motorbike":12},"speed_kmh":31.5}`)), Arrived: arrived}
	b.ReportAllocs()
	for b.Loop() {
		if events, _ := d.Decode(m); len(events) != 1 {
			b.Fatal("refused")
		}
	}
}
