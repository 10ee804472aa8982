package ingest

import "github.com/prometheus/client_golang/prometheus"

// Metrics are what the pipeline counts. They are a prometheus.Collector.
type Metrics struct {
	events, refused *prometheus.CounterVec
	batches         prometheus.Counter
	flush, waited   prometheus.Histogram
	queued, up      prometheus.Gauge
}

// NewMetrics makes them, at zero.
func NewMetrics() *Metrics {
	seconds := []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 60}
	m := &Metrics{
		events:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "ioc_ingest_events_total", Help: "Events accepted, repeats included."}, []string{"transport", "type"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "ioc_ingest_refused_total", Help: "Events refused."}, []string{"transport", "code"}),
		batches: prometheus.NewCounter(prometheus.CounterOpts{Name: "ioc_ingest_batches_total", Help: "Batches stored and acknowledged."}),
		flush:   prometheus.NewHistogram(prometheus.HistogramOpts{Name: "ioc_ingest_flush_seconds", Help: "Time to store one batch, retries included.", Buckets: seconds}),
		waited:  prometheus.NewHistogram(prometheus.HistogramOpts{Name: "ioc_ingest_batch_seconds", Help: "Time from a batch's first message to its acknowledgement.", Buckets: seconds}),
		queued:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "ioc_ingest_queue_messages", Help: "Messages that wait to be decoded."}),
		up:      prometheus.NewGauge(prometheus.GaugeOpts{Name: "ioc_ingest_storage_up", Help: "1 while storage takes batches, 0 while ingestion waits for it."}),
	}
	m.up.Set(1)
	return m
}

func (m *Metrics) all() []prometheus.Collector {
	return []prometheus.Collector{m.events, m.refused, m.batches, m.flush, m.waited, m.queued, m.up}
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
