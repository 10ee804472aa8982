package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/kpi"
)

// month fills the rig with a month of a large province: 2 million dossiers and 10 million readings of 1,000 sensors.
func (r *rig) month(from time.Time) {
	const (
		centre = "['province', 'dong-xoai', 'phuoc-long', 'binh-long'][1 + number % 4]"
		month  = 31 * 24 * 3600
	)
	moment := func(seconds string) string {
		return fmt.Sprintf("toDateTime64(%d + %s, 3, 'UTC')", from.Unix(), seconds)
	}
	received := fmt.Sprintf("cityHash64(number) %% %d", month-86400)
	completed := received + " + cityHash64(number, 1) % 86400"
	for part := range 10 { // one insert after the other, each within the client's patience
		r.exec(fmt.Sprintf(`INSERT INTO raw_state (key, source, id, centre, domain, type, entity, time, arrived, transport, digest, status, agency, procedure, channel, level, received_at, due_at, completed_at)
SELECT reinterpretAsUUID(sipHash128(number)), concat('/', centre, '/service/dvc-', toString(number %% 7)), toString(number), %s AS centre, 'service', 'dossier', concat('H', toString(cityHash64(number))),
  %[2]s AS time, time + cityHash64(number, 2) %% 90, 'kafka', number, 'completed', 'ubnd', concat('tt-', toString(number %% 300)), 'online', 4, %[3]s, %[3]s + 43200, %[2]s
FROM numbers(%[4]d, 200000)`, centre, moment(completed), moment(received), part*200_000))
	}
	for part := range 10 {
		r.exec(fmt.Sprintf(`INSERT INTO entity (type, centre, entity, time, first_time, status, agency, procedure, channel, level, received_at, due_at, completed_at, computed)
SELECT type, centre, entity, time, time, status, agency, procedure, channel, level, received_at, due_at, completed_at, 1 FROM raw_state WHERE cityHash64(entity) %% 10 = %d`, part))
	}
	for part := range 20 {
		r.exec(fmt.Sprintf(`INSERT INTO raw_measure (key, source, id, centre, domain, type, time, arrived, transport, digest, metrics, metric_values, units, dims)
SELECT reinterpretAsUUID(sipHash128(number, 1)), concat('/', centre, '/sensor/s-', toString(number %% 1000)), toString(number), %s AS centre, 'sensor', 'reading',
  %s AS time, time + cityHash64(number, 2) %% 90, 'mqtt', number, ['pm25', 'temp'], [toFloat64(number %% 100), 30.], ['µg/m³', '°C'], [map(), map()]
FROM numbers(%d, 500000)`, centre, moment(fmt.Sprintf("intDiv(number * %d, 10000000)", month)), part*500_000))
	}
	r.exec(`INSERT INTO feed_source (centre, domain, type, source, first_arrival, newest_arrival, newest_event)
SELECT centre, domain, type, source, min(arrived), max(arrived), max(time) FROM raw_measure GROUP BY centre, domain, type, source`)
}

// BenchmarkExplainAMonth measures what a person waits for who asks where the number of a whole month comes from.
func BenchmarkExplainAMonth(b *testing.B) {
	r := newRig(b)
	from := time.Date(2026, 9, 30, 17, 0, 0, 0, time.UTC)
	r.month(from)
	var c kpi.Catalogue
	for _, id := range []string{"air.pm25", "dossier.handling_time", "dossier.on_time_rate", "dossier.overdue"} {
		k, _ := r.catalogue.ByID(id)
		c.KPIs = append(c.KPIs, k)
	}
	r.must(r.roller(&c).Once(b.Context(), false))
	e := r.explainer(&c, from.Add(31*24*time.Hour))
	for _, k := range c.KPIs {
		q := query.EventsRequest{ExplainRequest: query.ExplainRequest{KPI: k.ID, Centre: "province"}, Limit: 50}
		if k.Formula.Kind.Rolled() {
			q.From, q.To = from, from.Add(31*24*time.Hour)
		}
		b.Run(k.ID+"/events", func(b *testing.B) {
			for b.Loop() {
				page, err := e.Events(b.Context(), query.Everything(), q)
				if err != nil || len(page.Events) == 0 && k.ID != "dossier.overdue" {
					b.Fatal(len(page.Events), err)
				}
			}
		})
		b.Run(k.ID+"/explanation", func(b *testing.B) {
			for b.Loop() {
				if _, err := e.Explain(b.Context(), query.Everything(), q.ExplainRequest); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
