package kpitest_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/kpi/kpitest"
)

func cases(t *testing.T) []kpitest.Case {
	t.Helper()
	out, err := kpitest.LoadCases(os.DirFS("../testdata/cases"))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Each KPI has a case, and each case a KPI.
func TestEveryKPIHasACase(t *testing.T) {
	catalogue, errs := kpi.Builtin()
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	var ids, tried []string
	for _, k := range catalogue.KPIs {
		ids = append(ids, k.ID)
	}
	for _, c := range cases(t) {
		tried = append(tried, c.KPI)
	}
	slices.Sort(tried)
	if diff := cmp.Diff(ids, tried); diff != "" {
		t.Errorf("KPIs (-) and cases (+) differ:\n%s", diff)
	}
}

// The events are such as a centre could have sent before now, and the expected centres exist.
func TestCasesAreWellFormed(t *testing.T) {
	registry, err := schemas.BuiltinRegistry()
	if err != nil {
		t.Fatal(err)
	}
	decoder := schemas.NewDecoder(registry, schemas.DecoderOptions{})
	for _, c := range cases(t) {
		t.Run(c.KPI, func(t *testing.T) {
			if len(c.Events)+len(c.Rejected) == 0 || len(c.Want) < 2 {
				t.Error("a case needs events and at least two centres")
			}
			if _, ok := c.Want["province"]; !ok {
				t.Error("a case needs the province's value")
			}
			for centre := range c.Want {
				if _, ok := registry.Centre(centre); !ok {
					t.Errorf("wants a value of %q, which is no centre", centre)
				}
			}
			for _, e := range c.Events {
				checkEvent(t, decoder, c, e)
			}
			for _, r := range c.Rejected {
				if _, ok := registry.Centre(r.Centre); !ok || r.ID == "" || r.Code == "" || r.Arrived.After(c.Now) {
					t.Errorf("rejected %+v", r)
				}
			}
		})
	}
}

func checkEvent(t *testing.T, decoder *schemas.Decoder, c kpitest.Case, e kpitest.Event) {
	t.Helper()
	events, refusals := decoder.Decode(e.Message())
	if len(refusals) > 0 {
		t.Errorf("the decoder refuses %s: %v", e.Payload, refusals[0])
		return
	}
	if len(events) != 1 || events[0].Source != e.Source {
		t.Errorf("is not one event of %s: %s", e.Source, e.Payload)
	}
	if e.Arrived.After(c.Now) {
		t.Errorf("arrives after now: %s", e.Payload)
	}
}

func TestLoadCases(t *testing.T) {
	const file = `
now: 2026-10-14 10:00
each: { type: reading, source: /dong-xoai/sensor/s, data: { metric: temp, unit: °C } }
events:
  - { id: 1, time: 2026-10-14 09:00, data: { value: 31.50, revision: 1, unit: null } }
  - { id: 2, type: call, time: 2026-10-14 09:00:30, arrived: 2026-10-14T02:01:00Z, data: { at: 2026-10-14 08:00, lane: "7" } }
want:
  province: { value: 2, numerator: 2 }
  binh-long: { value: null }
`
	got, err := kpitest.LoadCases(fstest.MapFS{"a.b.yaml": {Data: []byte(file)}})
	if err != nil {
		t.Fatal(err)
	}
	two := 2.0
	at := func(s string) time.Time {
		out, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	want := []kpitest.Case{{
		KPI: "a.b",
		Now: at("2026-10-14T10:00:00+07:00"),
		Events: []kpitest.Event{
			{
				Source: "/dong-xoai/sensor/s", Arrived: at("2026-10-14T02:00:01Z"),
				Payload: []byte(`{"data":{"metric":"temp","revision":1,"value":31.50},"id":"1","source":"/dong-xoai/sensor/s",` +
					`"specversion":"1.0","time":"2026-10-14T09:00:00+07:00","type":"vn.binhphuoc.ioc.reading.v1"}`),
			},
			{
				Source: "/dong-xoai/sensor/s", Arrived: at("2026-10-14T02:01:00Z"),
				Payload: []byte(`{"data":{"at":"2026-10-14T08:00:00+07:00","lane":"7","metric":"temp","unit":"°C"},"id":"2",` +
					`"source":"/dong-xoai/sensor/s","specversion":"1.0","time":"2026-10-14T09:00:30+07:00",` +
					`"type":"vn.binhphuoc.ioc.call.v1"}`),
			},
		},
		Want: map[string]kpitest.Want{"province": {Value: &two, Numerator: &two}, "binh-long": {}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
	m := got[0].Events[0].Message()
	if m.Topic != "ioc/dong-xoai/sensor/s" || m.Centre != "dong-xoai" || m.Transport != "mqtt" {
		t.Errorf("message %+v", m)
	}
}

func TestLoadCasesNamesTheFile(t *testing.T) {
	for name, file := range map[string]string{
		"no moment":   "now: today\n",
		"unknown key": "now: 2026-10-14 10:00\nwants: {}\n",
		"no time":     "now: 2026-10-14 10:00\nevents: [{ id: 1, type: call }]\n",
		"no number":   "now: 2026-10-14 10:00\nevents: [{ id: 1, type: call, time: 2026-10-14 10:00, data: { v: .inf } }]\n",
	} {
		_, err := kpitest.LoadCases(fstest.MapFS{"a.b.yaml": {Data: []byte(file)}})
		if err == nil || !strings.Contains(err.Error(), "a.b.yaml") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
