package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/binhphuoc/ioc/schemas"
)

// What came in the last second of a bucket may be all that a part holds, as long as nothing was merged into it. The index must
// not take "before 17:00:50" for "at 17:00:49 at the latest".
func TestWhatComesInTheLastSecondOfABucketCounts(t *testing.T) {
	r := newRig(t)
	last := time.Date(2026, 11, 28, 17, 0, 59, 300e6, time.UTC)    // of ten seconds and of a minute
	dayEnd := time.Date(2026, 11, 29, 16, 59, 59, 300e6, time.UTC) // of the same day, by the clock of Binh Phuoc
	for _, at := range []time.Time{last, dayEnd} {
		event := func(kind, id, data string) schemas.Message {
			return schemas.Message{Transport: "mqtt", Arrived: at, Payload: fmt.Appendf(nil, `{"specversion":"1.0","id":%q,"source":"/dong-xoai/sensor/%s","type":"vn.binhphuoc.ioc.%[2]s.v1","time":%[3]q,"data":%[4]s}`,
				id+at.Format("0504"), kind, at.Format("2006-01-02T15:04:05.000Z"), data)}
		}
		r.write([]schemas.Message{event("reading", "r", `{"metric":"pm25","value":12.5,"unit":"µg/m³"}`)})
		r.write([]schemas.Message{event("sensor", "s", `{"status":"online"}`)})
		r.write([]schemas.Message{call("c"+at.Format("0504"), "dong-xoai", at, 0, 0, at)})
		r.refuse(r.strict("binh-long"), schemas.Message{Transport: "mqtt", Arrived: at, Centre: "binh-long", Payload: fmt.Appendf(nil,
			`{"specversion":"1.0","id":"x","source":"/binh-long/sensor/x","type":"vn.binhphuoc.ioc.sensor.v1","time":%q,"data":{"status":"online"}}`, at.Format("2006-01-02T15:04:05.000Z"))})
	}
	r.must(r.roller(r.catalogue).CatchUp(t.Context()))
	for _, k := range []string{"feed.rejected", "air.pm25", "hotline.calls", "feed.delay"} {
		for tier, want := range map[int]string{10: "2", 60: "2", 3600: "2", 86400: "1"} {
			if got := r.text(fmt.Sprintf("SELECT toString(count()) FROM rollup FINAL WHERE kpi = '%s' AND tier = %d AND events > 0", k, tier)); got != want {
				t.Errorf("%s: %s buckets of %d s, want %s", k, got, tier, want)
			}
		}
	}
	if got := r.text("SELECT toString((count(), sum(events), sum(repeats))) FROM feed_event FINAL"); got != "(6,6,0)" {
		t.Errorf("delivered: minutes, events and repeats are %s, want (6,6,0)", got)
	}
}
