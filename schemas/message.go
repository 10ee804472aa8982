package schemas

import (
	"strings"
	"time"
)

// TransportUpload is the transport of what a clerk hands in: no feed delivered it.
const TransportUpload = "upload"

// Message is what a transport delivered: one event or one batch, not yet read.
type Message struct {
	Transport string            // mqtt, kafka or upload
	Topic     string            // as the transport names it
	Centre    string            // the centre that the topic belongs to, empty when it names none
	Partition int32             // Kafka; -1 for MQTT
	Offset    int64             // Kafka; -1 for MQTT
	Header    map[string]string // Kafka headers, lower-cased names; ce_type present: binary mode
	Payload   []byte
	Arrived   time.Time // when this platform received it, UTC
}

// KafkaCentre is the centre that a Kafka topic belongs to, empty when it names none.
func KafkaCentre(topic string) string {
	if parts := strings.Split(topic, "."); len(parts) == 3 {
		return parts[1]
	}
	return ""
}

// MQTTCentre is the centre that an MQTT topic belongs to, empty when it names none.
func MQTTCentre(topic string) string {
	if parts := strings.Split(topic, "/"); len(parts) > 1 {
		return parts[1]
	}
	return ""
}

// maxHeader bounds one kept header. It is far longer than the decoder takes, so that to cut one never makes it good.
const maxHeader = 4096

// KeptHeader is what is kept of a refused message's header: the attributes of CloudEvents 1.0, which are all that could
// make another event of it, and the content type.
func (m *Message) KeptHeader() map[string]string {
	out := map[string]string{}
	for _, name := range [...]string{
		headerPrefix + "specversion", headerPrefix + "id", headerPrefix + "source", headerPrefix + "type", headerPrefix + "time",
		headerPrefix + "subject", headerPrefix + "dataschema", headerPrefix + "datacontenttype", "content-type",
	} {
		if v, ok := m.Header[name]; ok {
			out[name] = v[:min(len(v), maxHeader)]
		}
	}
	return out
}
