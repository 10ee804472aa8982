package kafka

import (
	"strings"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/binhphuoc/ioc/schemas"
)

// message turns a Kafka record into a message of the platform.
func message(m kafka.Message, now time.Time) schemas.Message {
	out := schemas.Message{
		Transport: transportName, Topic: m.Topic, Partition: int32(m.Partition), Offset: m.Offset, //nolint:gosec // Kafka's own type
		Centre: schemas.KafkaCentre(m.Topic), Payload: m.Value, Arrived: now.UTC(),
	}
	if len(m.Headers) > 0 {
		out.Header = make(map[string]string, len(m.Headers))
		for _, h := range m.Headers {
			out.Header[strings.ToLower(h.Key)] = string(h.Value)
		}
	}
	return out
}
