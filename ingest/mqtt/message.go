package mqtt

import (
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"github.com/binhphuoc/ioc/schemas"
)

// message turns an MQTT message into one of the platform.
func message(m paho.Message, now time.Time) schemas.Message {
	return schemas.Message{
		Transport: transportName, Topic: m.Topic(), Centre: schemas.MQTTCentre(m.Topic()), Partition: -1, Offset: -1,
		Payload: m.Payload(), Arrived: now.UTC(),
	}
}
