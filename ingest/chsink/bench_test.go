package chsink_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/schemas"
)

// BenchmarkWrite stores batches of 20,000 events, each time new ones.
func BenchmarkWrite(b *testing.B) {
	const rows = 20_000
	now := time.Now().UTC().Truncate(time.Millisecond)
	origin := &schemas.Message{Transport: "kafka", Topic: "ioc.dong-xoai.sensor", Centre: "dong-xoai", Arrived: now}
	kinds := map[string]func(i int) schemas.Event{
		"readings": func(i int) schemas.Event {
			return schemas.Event{
				Source: fmt.Sprintf("/dong-xoai/sensor/env-%04d", i%500), Centre: "dong-xoai", Domain: "sensor", Type: schemas.TypeReading,
				Data: schemas.Readings{{Metric: "pm25", Value: float64(i % 70), Unit: "µg/m³", Dims: map[string]string{"site": "a"}}},
			}
		},
		"dossiers": func(i int) schemas.Event {
			return schemas.Event{
				Source: "/dong-xoai/service/portal", Centre: "dong-xoai", Domain: "service", Type: schemas.TypeDossier,
				Data: &schemas.Dossier{
					DossierID: fmt.Sprintf("H10-%d", i), Procedure: "1.000894", Agency: "dong-xoai-ubnd", Level: 4, Channel: "online",
					Status: "received", ReceivedAt: now, DueAt: now.Add(72 * time.Hour),
				},
			}
		},
	}
	for name, event := range kinds {
		b.Run(name, func(b *testing.B) {
			db := open(b)
			n := 0
			for b.Loop() {
				b.StopTimer()
				batch := &ingest.Batch{}
				for i := range rows {
					e := event(i)
					n++
					e.ID, e.Time, e.Digest = fmt.Sprintf("0190b6e2-%012d", n), now.Add(-time.Duration(i%900_000)*time.Millisecond), uint64(n)
					batch.Events, batch.Origins = append(batch.Events, e), append(batch.Origins, origin)
				}
				b.StartTimer()
				if err := db.sink.Write(b.Context(), batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
