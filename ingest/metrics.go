package ingest

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are what the pipeline counts. They are a prometheus.Collector.
type Metrics struct {
	events, refused  *prometheus.CounterVec
	age              *prometheus.HistogramVec
	batches          prometheus.Counter
	flush, waited    prometheus.Histogram
	queued, held, up prometheus.Gauge
}

// NewMetrics makes them, at zero.
func NewMetrics() *Metrics {
	seconds := []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 60}
	ages := []float64{.1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 3600, 86400}
	m := &Metrics{
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ioc_ingest_events_total", Help: "Events stored, repeats included.",
		}, []string{"transport", "type"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ioc_ingest_refused_total", Help: "Refused events stored, repeats included.",
		}, []string{"transport", "code"}),
		age: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "ioc_ingest_event_age_seconds", Help: "From an event's own time to its being stored.", Buckets: ages,
		}, []string{"transport"}),
		batches: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ioc_ingest_batches_total", Help: "Batches stored and acknowledged.",
		}),
		flush: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "ioc_ingest_flush_seconds", Help: "Time to store one batch, retries included.", Buckets: seconds,
		}),
		waited: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "ioc_ingest_batch_seconds", Help: "From a batch's first message to its acknowledgement.", Buckets: seconds,
		}),
		queued: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "ioc_ingest_queue_messages", Help: "Messages that wait to be decoded.",
		}),
		held: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "ioc_ingest_unacknowledged_messages", Help: "Messages taken from a transport and not yet acknowledged.",
		}),
		up: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "ioc_ingest_storage_up", Help: "1 while storage takes batches, 0 while ingestion waits for it.",
		}),
	}
	m.up.Set(1)
	return m
}

// stored counts what a batch brought.
func (m *Metrics) stored(b *Batch, now time.Time) {
	for i := range b.Events {
		transport := b.Origins[i].Transport
		m.events.WithLabelValues(transport, string(b.Events[i].Type)).Inc()
		m.age.WithLabelValues(transport).Observe(now.Sub(b.Events[i].Time).Seconds())
	}
	for _, r := range b.Refusals {
		m.refused.WithLabelValues(r.Message.Transport, string(r.Code)).Inc()
	}
}

// acknowledged counts a batch whose messages the transports may forget.
func (m *Metrics) acknowledged(messages int, flush, waited time.Duration) {
	m.held.Sub(float64(messages))
	m.batches.Inc()
	m.flush.Observe(flush.Seconds())
	m.waited.Observe(waited.Seconds())
}

func (m *Metrics) all() []prometheus.Collector {
	return []prometheus.Collector{m.events, m.refused, m.age, m.batches, m.flush, m.waited, m.queued, m.held, m.up}
}

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(ch chan<- *prometheus.Desc) {
	for _, c := range m.all() {
		c.Describe(ch)
	}
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(ch chan<- prometheus.Metric) {
	for _, c := range m.all() {
		c.Collect(ch)
	}
}
