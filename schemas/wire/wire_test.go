package wire

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/binhphuoc/ioc/schemas"
)

// frames is one frame of each type, as it stands in testdata.
func frames() map[string]any {
	start := time.Date(2026, 10, 5, 1, 30, 0, 0, time.UTC)
	after := func(seconds int) *time.Time {
		t := start.Add(time.Duration(seconds) * time.Second)
		return &t
	}
	n := func(v float64) *float64 { return &v }
	const epoch, alarms = "K7QH5ZJ2XW3MNB4V6T8RYC9DFA", "1f0c8f9e-52b4-4a53-9c1e-0d5a4f0b7c11"
	return map[string]any{
		TypeHello: Hello{TypeHello, "4f1c2ab90d3e go1.26.0", epoch, start},
		TypeSnapshot: Values{TypeSnapshot, 123, start, []Value{
			{"hotline.waiting", "dong-xoai", n(3), StateOK, after(-2), n(3), nil},
			{"dossier.on_time_rate", "province", n(92.5), StateWarning, after(-9), n(370), n(400)},
			{"weather.rain", "binh-long", nil, StateNoData, nil, nil, nil},
		}},
		TypeDelta: Values{TypeDelta, 124, *after(1), []Value{
			{"hotline.waiting", "dong-xoai", n(4), StateAlarm, after(1), n(4), nil},
		}},
		TypeHeartbeat: Heartbeat{TypeHeartbeat, 124, *after(2)},
		TypeFeeds: Feeds{TypeFeeds, 124, *after(2), []Feed{
			{"phuoc-long", "camera", FeedLate, 30, after(-40), after(-41), 12, 1, 4},
			{"binh-long", "sensor", FeedSilent, 60, nil, nil, 0, 0, 0},
		}},
		TypeError:     LiveError{TypeError, "the first frame must be a subscribe, within 10s"},
		TypeSubscribe: Subscribe{TypeSubscribe, []string{"hotline.*", "dossier.on_time_rate"}, []string{"dong-xoai"}, 123, epoch, "main", &AlarmPlace{alarms, 41}},
		TypeAlarm:     AlarmFrame{TypeAlarm, alarms, 42, raised(start)},
		TypeAlarms:    AlarmsFrame{TypeAlarms, alarms, 42, []Alarm{raised(start)}},
		TypeShow:      Show{TypeShow, "main", "hotline", true, *after(3)},
	}
}

// raised is an alarm with all that one can have while it is shelved.
func raised(at time.Time) Alarm {
	value, bound, until := 12.0, 10.0, at.Add(time.Hour)
	return Alarm{
		ID: "0f1e2d3c4b5a69788796a5b4", Kind: AlarmKPI, Cause: "kpi/hotline.waiting/dong-xoai", Centre: "dong-xoai", Domain: "hotline", Priority: 1, State: AlarmShelved,
		Title: schemas.Text{VI: "Đồng Xoài: Cuộc gọi 1022 đang chờ 12", EN: "Dong Xoai: 1022 calls waiting 12"}, KPI: "hotline.waiting", Value: &value, Bound: &bound,
		RaisedAt: at, AcknowledgedAt: &at, ChangedAt: at, ShelvedUntil: &until, AssignedTo: "hoa", By: "lan", Why: "đang thử tổng đài", Members: 1,
	}
}

func TestFramesAreWrittenAsBefore(t *testing.T) {
	for kind, frame := range frames() {
		t.Run(kind, func(t *testing.T) {
			want, err := os.ReadFile(filepath.Join("testdata", kind+".json"))
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(frame)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(strings.TrimSpace(string(want)), string(got)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// lists is one answer of each kind about feeds, as it stands in testdata.
func lists() map[string]any {
	at := time.Date(2026, 10, 5, 1, 30, 0, 0, time.UTC)
	n := func(v float64) *float64 { return &v }
	active := FeedActivity{
		Hour:      FeedSpan{Events: 90, Repeats: 5, Backfilled: 1, Ahead: 2, Rejected: 5, RejectedShare: n(0.05), DelayP50: n(-0.25), DelayP99: n(2.5)},
		Day:       FeedSpan{Events: 2000, Rejected: 5, RejectedShare: n(0.0025)},
		UsualHour: n(100), UsualDays: 7, Rate: n(0.9),
		Gaps: FeedGaps{OverSeconds: 90, Count: 2, Longest: &FeedGap{From: at, Seconds: 95}},
	}
	return map[string]any{
		"feed_list": FeedList{[]FeedHealth{
			{Feed: Feed{"phuoc-long", "camera", FeedLate, 30, &at, &at, 12, 1, 5}, LateSources: 2, FeedActivity: active},
			{Feed: Feed{Centre: "binh-long", Domain: "sensor", State: FeedSilent, IntervalSeconds: 60}},
		}},
		"feed_source_list": FeedSourceList{Total: 12, Next: "1", Sources: []FeedSource{
			{"phuoc-long", "camera", "/phuoc-long/camera/cam-1", FeedAlive, 45, IntervalLearned, 700, at, at, at, active},
		}},
	}
}

func TestListsAreWrittenAsBefore(t *testing.T) {
	for name, list := range lists() {
		want, err := os.ReadFile(filepath.Join("testdata", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(strings.TrimSpace(string(want)), string(got)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestSubscribeIsReadAsItIsWritten(t *testing.T) {
	data, err := os.ReadFile("testdata/subscribe.json")
	if err != nil {
		t.Fatal(err)
	}
	var got Subscribe
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(frames()[TypeSubscribe], any(got)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestOpenAPIIsValid(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(OpenAPI())
	if err != nil {
		t.Fatal(err)
	}
	if !doc.IsOpenAPI31OrLater() {
		t.Errorf("version is %s", doc.OpenAPI)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
}

// asyncDocument is the AsyncAPI document as plain JSON.
func asyncDocument(t *testing.T) map[string]any {
	t.Helper()
	doc, ok := plain(t, AsyncAPI()).(map[string]any)
	if !ok {
		t.Fatal("the document is no object")
	}
	return doc
}

func plain(t *testing.T, text []byte) any {
	t.Helper()
	var tree any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestFramesAreThoseOfAsyncAPI(t *testing.T) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for name, doc := range map[string][]byte{"asyncapi.yaml": AsyncAPI(), "openapi.yaml": OpenAPI()} {
		if err := c.AddResource("https://ioc.example/"+name, plain(t, doc)); err != nil {
			t.Fatal(err)
		}
	}
	all := frames()
	for kind := range all {
		t.Run(kind, func(t *testing.T) {
			s, err := c.Compile("https://ioc.example/asyncapi.yaml#/components/messages/" + kind + "/payload")
			if err != nil {
				t.Fatal(err)
			}
			for other := range all {
				data, err := os.ReadFile(filepath.Join("testdata", other+".json"))
				if err != nil {
					t.Fatal(err)
				}
				value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Validate(value); (err == nil) != (other == kind) {
					t.Errorf("a frame of type %s: %v", other, err)
				}
			}
		})
	}
	messages := asyncDocument(t)["components"].(map[string]any)["messages"].(map[string]any)
	if d := cmp.Diff(slices.Sorted(maps.Keys(all)), slices.Sorted(maps.Keys(messages))); d != "" {
		t.Errorf("messages of the document (-want +got):\n%s", d)
	}
}

// TestReferencesOfAsyncAPILead checks what no schema compiler looks at: channels, operations and messages.
func TestReferencesOfAsyncAPILead(t *testing.T) {
	doc := asyncDocument(t)
	var walk func(node any)
	walk = func(node any) {
		switch n := node.(type) {
		case []any:
			for _, child := range n {
				walk(child)
			}
		case map[string]any:
			for name, child := range n {
				if ref, ok := child.(string); ok && name == "$ref" && strings.HasPrefix(ref, "#/") {
					at := any(doc)
					for part := range strings.SplitSeq(ref[2:], "/") {
						m, _ := at.(map[string]any)
						at = m[part]
					}
					if at == nil {
						t.Errorf("%s leads nowhere", ref)
					}
				}
				walk(child)
			}
		}
	}
	walk(doc)
}
