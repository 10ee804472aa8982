package schemas

import "time"

// Message is what a transport delivered: one event or one batch, not yet read.
type Message struct {
	Transport string            // mqtt or kafka
	Topic     string            // as the transport names it
	Centre    string            // the centre that the topic belongs to, empty when it names none
	Partition int32             // Kafka; -1 for MQTT
	Offset    int64             // Kafka; -1 for MQTT
	Header    map[string]string // Kafka headers, lower-cased names; ce_type present: binary mode
	Payload   []byte
	Arrived   time.Time // when this platform received it, UTC
}
