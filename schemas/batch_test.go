package schemas

import (
	"maps"
	"strings"
	"sync"
	"testing"
)

func TestElementsOfABatchAreRefusedAlone(t *testing.T) {
	good := event("reading", reading1)
	tests := []struct{ name, bad, field string }{
		{"a name twice", `{"id":"bad","x":{"y":1,"y":2}}`, "x.y"},
		{"nested too deep", `{"id":"bad","x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`, "x" + strings.Repeat("[0]", 30)},
		{"a string with commas and brackets", `"a,[b],{c}"`, ""},
		{"a list", `[ 1, 2 ]`, ""},
		{"null", `null`, ""},
	}
	d := decoder(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			events, refusals := d.Decode(Message{Payload: []byte("[" + good + "\t,\n" + tt.bad + " , " + good + "]"), Arrived: arrived})
			if len(events) != 2 || len(refusals) != 1 {
				t.Fatalf("%d events, %d refusals", len(events), len(refusals))
			}
			r := refusals[0]
			if string(r.Item) != tt.bad || r.Index != 1 || r.Field != tt.field {
				t.Errorf("got index %d, field %q, item %s", r.Index, r.Field, r.Item)
			}
			if strings.Contains(tt.bad, `"id"`) && r.ID != "bad" {
				t.Errorf("the id is %q", r.ID)
			}
		})
	}
}

func TestABrokenBatchIsRefusedWhole(t *testing.T) {
	good := event("reading", reading1)
	d := decoder(t)
	for _, payload := range []string{
		"[", "[" + good, "[" + good + ",", "[" + good + ",]", "[" + good + good + "]", "[" + good + "] x", "[" + good + ",{]", "[" + good + ":1]",
	} {
		events, refusals := d.Decode(Message{Payload: []byte(payload), Arrived: arrived})
		if len(events) != 0 || len(refusals) != 1 || refusals[0].Code != CodeNotJSON || refusals[0].Index != -1 || string(refusals[0].Item) != payload {
			t.Errorf("%s: %d events, refusals %v", payload, len(events), refusals)
		}
	}
}

// A message of 1 MiB can hold half a million elements that are no events: they must not become as many refusals.
func TestABatchHasALimit(t *testing.T) {
	reg, err := BuiltinRegistry()
	if err != nil {
		t.Fatal(err)
	}
	d := NewDecoder(reg, DecoderOptions{MaxBatch: 3})
	decode := func(n int) ([]Event, []*Refusal) {
		return d.Decode(Message{Payload: []byte("[" + strings.TrimSuffix(strings.Repeat("0,", n), ",") + "]"), Arrived: arrived})
	}
	if _, refusals := decode(3); len(refusals) != 3 {
		t.Errorf("%d refusals of 3 elements", len(refusals))
	}
	if _, refusals := decode(4); len(refusals) != 1 || refusals[0].Code != CodeOutOfRange || refusals[0].Index != -1 {
		t.Errorf("4 elements: %v", refusals)
	}
}

func TestWhatCanBeReadOfAMessageThatIsRefused(t *testing.T) {
	head := `{"specversion":"1.0","id":"e7","source":"/dong-xoai/camera/c","type":"x",`
	tests := map[string]string{
		"cut off":    head + `"data":{`,
		"too large":  head + `"data":"` + strings.Repeat("x", 1<<20) + `"}`,
		"not UTF-8":  head + `"data":"` + "\xff" + `"}`,
		"not JSON":   head + `"data":NaN}`,
		"more after": head + `"data":1}}`,
	}
	d := decoder(t)
	for name, payload := range tests {
		_, refusals := d.Decode(Message{Payload: []byte(payload), Arrived: arrived})
		if len(refusals) != 1 {
			t.Fatalf("%s: %d refusals", name, len(refusals))
		}
		if r := refusals[0]; r.ID != "e7" || r.Source != "/dong-xoai/camera/c" || r.EventType != "x" || len(r.Item) != len(payload) {
			t.Errorf("%s: got id %q, source %q, type %q", name, r.ID, r.Source, r.EventType)
		}
	}
	_, refusals := d.Decode(Message{Payload: []byte(event("reading", reading1, "id", `"`+strings.Repeat("ệ", 1000)+`"`)), Arrived: arrived})
	if got := []rune(refusals[0].ID); len(got) != 256 {
		t.Errorf("an id of 1000 characters is shown with %d", len(got))
	}
}

func TestAByteOrderMarkAndWhiteSpaceDoNoHarm(t *testing.T) {
	d := decoder(t)
	for _, payload := range []string{"\uFEFF" + event("reading", reading1), " \r\n" + event("reading", reading1) + "\n", "\uFEFF [" + event("reading", reading1) + "] "} {
		if events, refusals := d.Decode(Message{Payload: []byte(payload), Arrived: arrived}); len(events) != 1 {
			t.Errorf("%q: %v", payload, refusals)
		}
	}
}

func TestBinaryModeRefusals(t *testing.T) {
	good := map[string]string{
		"ce_specversion": "1.0", "ce_id": "e1", "ce_source": "/dong-xoai/sensor/s", "ce_type": TypeReading.CloudEventType(), "ce_time": "2026-11-23T09:59:30+07:00",
	}
	tests := []struct {
		name, header, value, payload string
		code                         Code
		field                        string
	}{
		{"no time", "ce_time", "", reading1, CodeMissing, "time"},
		{"a header that is not UTF-8", "ce_id", "\xff", reading1, CodeNotUTF8, "id"},
		{"no payload", "", "", "", CodeMissing, "data"},
		{"a payload that is no JSON", "", "", "12,5", CodeNotJSON, ""},
		{"more after the payload", "", "", reading1 + reading1, CodeNotJSON, ""},
		{"a batch", "", "", "[]", CodeWrongType, "data"},
		{"a name twice", "", "", `{"metric":"a","metric":"b"}`, CodeNotJSON, "data.metric"},
		{"a payload that is not UTF-8", "", "", "\xff", CodeNotUTF8, ""},
	}
	d := decoder(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			header := maps.Clone(good)
			header[tt.header] = tt.value
			if tt.value == "" {
				delete(header, tt.header)
			}
			events, refusals := d.Decode(Message{Payload: []byte(tt.payload), Header: header, Arrived: arrived})
			if len(events) != 0 || len(refusals) != 1 {
				t.Fatalf("%d events, %d refusals", len(events), len(refusals))
			}
			if r := refusals[0]; r.Code != tt.code || r.Field != tt.field || r.Source != "/dong-xoai/sensor/s" || string(r.Item) != tt.payload {
				t.Errorf("got %s at %q, %+v", r.Code, r.Field, r)
			}
		})
	}
}

// The digest decides between two versions of one event. It must not change with the software.
func TestDigestsStay(t *testing.T) {
	tests := []struct {
		data string
		want uint64
	}{
		{`{"metric":"a","value":-0.0,"dims":{"x":"1","y":"2"}}`, 0x202c2338c9ae0af4},
		{`{"dims":{"y":"2","x":"1"},"readings":null,"value":0e5,"metric":"\u0061","more":[1,2]}`, 0x202c2338c9ae0af4},
		{`{"readings":[{"metric":"a","value":0,"dims":{"x":"1","y":"2"}}]}`, 0x202c2338c9ae0af4},
		{`{"metric":"a","value":1}`, 0xc8620920e01cc47c},
		{`{"metric":"a","value":1,"revision":1}`, 0xf29dc8dc96b172e6},
	}
	d := decoder(t)
	for _, tt := range tests {
		events, refusals := d.Decode(Message{Payload: []byte(event("reading", tt.data)), Arrived: arrived})
		if len(events) != 1 {
			t.Fatal(refusals)
		}
		if got := events[0].Digest; got != tt.want {
			t.Errorf("digest of %s is %#x, want %#x", tt.data, got, tt.want)
		}
	}
}

func TestADecoderServesManyAtOnce(t *testing.T) {
	d := decoder(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 200 {
				events, refusals := d.Decode(Message{Payload: []byte("[" + event("reading", reading1) + ",{}]"), Arrived: arrived})
				if len(events) != 1 || len(refusals) != 1 {
					t.Errorf("%d events, %d refusals", len(events), len(refusals))
				}
			}
		})
	}
	group.Wait()
}
