package live

import "github.com/prometheus/client_golang/prometheus"

// metrics are what a Hub counts.
type metrics struct {
	clients *prometheus.Desc
	encoded *prometheus.CounterVec
	sent    prometheus.Counter
}

func newMetrics() metrics {
	return metrics{
		clients: prometheus.NewDesc("ioc_live_clients", "Clients of the live channel.", nil, nil),
		encoded: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "ioc_live_encoded_total", Help: "Frames encoded."}, []string{"type"}),
		sent:    prometheus.NewCounter(prometheus.CounterOpts{Name: "ioc_live_frames_total", Help: "Frames handed to clients."}),
	}
}

// Describe implements prometheus.Collector.
func (h *Hub) Describe(ch chan<- *prometheus.Desc) {
	ch <- h.metrics.clients
	h.metrics.encoded.Describe(ch)
	h.metrics.sent.Describe(ch)
}

// Collect implements prometheus.Collector.
func (h *Hub) Collect(ch chan<- prometheus.Metric) {
	ch <- prometheus.MustNewConstMetric(h.metrics.clients, prometheus.GaugeValue, float64(h.clients.Load()))
	h.metrics.encoded.Collect(ch)
	h.metrics.sent.Collect(ch)
}
