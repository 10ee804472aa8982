package ingest_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"
)

// BenchmarkKafkaToClickHouse takes readings that wait in Kafka into ClickHouse. The processor time is that of this
// process: with IOC_TEST_KAFKA, of ingest alone, otherwise with the embedded Kafka in it.
func BenchmarkKafkaToClickHouse(b *testing.B) {
	const events = 200_000
	for b.Loop() {
		b.StopTimer()
		r := newRig(b)
		now := time.Now().UTC()
		values := make([]string, 0, 10_000)
		for i := range events {
			values = append(values, r.reading(i, now.Add(-time.Duration(i)*time.Millisecond)))
			if len(values) == cap(values) {
				r.toKafka(values...)
				values = values[:0]
			}
		}
		before := processorTime(b)
		b.StartTimer()
		began := time.Now()
		p := r.ingest("a")
		r.eventually("all is stored", func() bool { return metric(b, p.metrics, "ioc_ingest_events_total", "") >= events })
		b.ReportMetric(events/time.Since(began).Seconds(), "events/s")
		b.ReportMetric((processorTime(b) - before).Seconds(), "cpu-s")
		b.StopTimer()
		p.stop()
		if n := r.ask("SELECT count() FROM raw_measure FINAL WHERE domain = 'sensor' AND id LIKE ?", r.name+"%"); n != events {
			b.Errorf("%d events are stored, want %d", n, events)
		}
		b.StartTimer()
	}
}

func (r *rig) reading(i int, at time.Time) string {
	return fmt.Sprintf(`{"specversion":"1.0","id":"%s-%07d","source":"/dong-xoai/sensor/env-%04d","type":"vn.binhphuoc.ioc.reading.v1",`+
		`"time":%q,"data":{"metric":"pm25","value":%d.5,"unit":"µg/m³"}}`, r.name, i, i%500, at.Format(time.RFC3339Nano), i%70)
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
