package mqtt

import (
	"strings"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"github.com/binhphuoc/ioc/schemas"
)

// message turns an MQTT message into one of the platform.
func message(m paho.Message, now time.Time) schemas.Message {
	out := schemas.Message{
		Transport: transportName, Topic: m.Topic(), Partition: -1, Offset: -1, Payload: m.Payload(), Arrived: now.UTC(),
	}
	if parts := strings.Split(m.Topic(), "/"); len(parts) > 1 {
		out.Centre = parts[1]
	}
	return out
}
