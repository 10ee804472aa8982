package ingest_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestSameEventByBothTransportsCountsOnce(t *testing.T) {
	r := newRig(t)
	p := r.ingest("a")
	waiting, answered := r.call("c1", "waiting", 0), r.call("c1", "answered", 1)
	r.toKafka(answered, waiting)
	r.toMQTT(waiting, answered, waiting)
	r.eventually("both ways have brought it", func() bool {
		return metric(t, p.metrics, "ioc_ingest_events_total", "kafka") >= 2 && metric(t, p.metrics, "ioc_ingest_events_total", "mqtt") >= 3
	})
	if n := r.count(); n != 1 {
		t.Errorf("%d events are stored, want 1", n)
	}
	if n := r.ask("SELECT count() FROM raw_state FINAL WHERE source = ? AND id = 'c1' AND status = 'answered'", r.source()); n != 1 {
		t.Errorf("the event counts %d times with the status of its correction, want once", n)
	}
}

func TestBadEventsAreKeptAndStopNothing(t *testing.T) {
	r := newRig(t)
	r.ingest("a")
	large := r.name + strings.Repeat("x", 1<<20)
	r.toKafka(
		"not json "+r.name,
		"["+r.call("good-1", "waiting", 0)+","+strings.Replace(r.call("bad", "waiting", 0), `"waiting"`, `"sleeping"`, 1)+","+r.call("good-2", "waiting", 0)+"]",
		strings.ReplaceAll(r.call("c", "waiting", 0), "/dong-xoai/", "/phuoc-long/"),
		large,
		"\xff"+r.name,
	)
	r.toMQTT("not json "+r.name, "not json "+r.name, r.call("good-3", "waiting", 0))
	mine := " FROM rejected FINAL WHERE position(payload, '" + r.name + "') > 0"
	r.eventually("all are kept", func() bool { return r.ask("SELECT count()"+mine) == 6 })
	r.eventually("the good ones are stored", func() bool { return r.count() == 3 })
	for _, c := range []struct{ what, query string }{
		{"not JSON, by Kafka", " AND code = 'not_json' AND transport = 'kafka' AND topic = '" + topic + "' AND kafka_offset >= 0 AND payload = 'not json " + r.name + "'"},
		{"not JSON, by MQTT, twice the same", " AND code = 'not_json' AND transport = 'mqtt' AND topic = '" + mqttTopic + "' AND kafka_offset = -1"},
		{"one of a batch", " AND code = 'out_of_range' AND batch_index = 1 AND event_id = 'bad' AND centre = 'dong-xoai' AND position(payload, 'sleeping') > 0 AND position(payload, 'good') = 0"},
		{"of another centre", " AND code = 'wrong_centre'"},
		{"too large", fmt.Sprintf(" AND code = 'too_large' AND length(payload) = %d", len(large))},
		{"not UTF-8", " AND code = 'not_utf8' AND payload = '\\xff" + r.name + "'"},
	} {
		if n := r.ask("SELECT count()" + mine + c.query); n != 1 {
			t.Errorf("%s: kept %d times, want once", c.what, n)
		}
	}
}

// calls returns n different events.
func (r *rig) calls(prefix string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = r.call(fmt.Sprintf("%s%05d", prefix, i), "waiting", 0)
	}
	return out
}

func TestTwoProcessesAndARebalanceGiveTheSameTotals(t *testing.T) {
	r := newRig(t)
	first := r.ingest("a")
	r.toKafka(r.calls("one", 2000)...)
	r.eventually("the first process stores", func() bool { return r.count() > 0 })
	r.ingest("b")
	r.toKafka(r.calls("two", 2000)...)
	r.toMQTT(r.calls("mqtt", 200)...)
	first.stop() // in the middle of it
	r.toKafka(r.calls("three", 2000)...)
	r.ingest("a") // comes back: what the broker had set aside for it, and it had not acknowledged, waits there
	r.eventually("all is stored", func() bool { return r.count() == 6200 })
	if n := r.ask("SELECT uniqExact(entity) FROM raw_state WHERE source = ?", r.source()); n != 6200 {
		t.Errorf("%d calls, want 6200", n)
	}
}

func TestNothingIsLostWhileStorageIsAway(t *testing.T) {
	r := newRig(t)
	first := r.ingest("a")
	r.toKafka(r.calls("before", 500)...)
	r.eventually("it is stored", func() bool { return r.count() == 500 })
	r.wire.cut(true)
	r.toKafka(r.calls("away", 500)...)
	r.toMQTT(r.calls("away-mqtt", 100)...)
	first.stop() // and the process is replaced meanwhile
	r.ingest("a")
	r.toKafka(r.calls("later", 500)...)
	r.wire.cut(false)
	r.eventually("all is stored", func() bool { return r.count() == 1600 })
}
