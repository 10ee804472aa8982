package simulate

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"github.com/binhphuoc/ioc/deploy/simulate/world"
)

const (
	qos = 1
	// window is how many messages may wait for the broker's word. Some brokers take 20 at a time, and queue the rest.
	window      = 100
	connectTime = 10 * time.Second
	ackTime     = 30 * time.Second
	quiesce     = 250 // ms
)

// mqttPublisher sends by MQTT. The library's own reconnecting is off: it would keep what was under way in a store
// without a bound, while here whoever sends does so again.
type mqttPublisher struct {
	options *paho.ClientOptions
	client  paho.Client // nil: not connected
}

func newMQTTPublisher(brokers []string, clientID string) *mqttPublisher {
	o := paho.NewClientOptions()
	for _, b := range brokers {
		o.AddBroker(b)
	}
	o.SetClientID(clientID).SetCleanSession(true).SetAutoReconnect(false).SetConnectRetry(false)
	o.SetConnectTimeout(connectTime).SetWriteTimeout(ackTime).SetOrderMatters(false)
	return &mqttPublisher{options: o}
}

func checkURL(broker string) error {
	u, err := url.Parse(broker)
	if err != nil {
		return fmt.Errorf("address of the MQTT broker: %w", err)
	}
	if !slices.Contains([]string{"tcp", "mqtt", "ssl", "tls", "mqtts", "ws", "wss"}, u.Scheme) || u.Host == "" {
		return fmt.Errorf("address of the MQTT broker %q: must be a URL such as tcp://127.0.0.1:1883", u.Redacted())
	}
	return nil
}

// Publish sends, a window at a time.
func (p *mqttPublisher) Publish(ctx context.Context, messages []world.Emission) error {
	if err := p.connect(ctx); err != nil {
		return err
	}
	for w := range slices.Chunk(messages, window) {
		if err := p.publish(ctx, w); err != nil {
			p.disconnect()
			return fmt.Errorf("publish by MQTT: %w", err)
		}
	}
	return nil
}

func (p *mqttPublisher) connect(ctx context.Context) error {
	if p.client != nil && p.client.IsConnectionOpen() {
		return nil
	}
	p.disconnect()
	p.client = paho.NewClient(p.options)
	if err := await(ctx, p.client.Connect(), connectTime+time.Second); err != nil {
		p.disconnect()
		return fmt.Errorf("connect to the MQTT broker: %w", err)
	}
	return nil
}

func (p *mqttPublisher) publish(ctx context.Context, messages []world.Emission) error {
	tokens := make([]paho.Token, len(messages))
	for i, m := range messages {
		tokens[i] = p.client.Publish(m.Topic, qos, false, m.Payload)
	}
	for _, t := range tokens {
		if err := await(ctx, t, ackTime); err != nil {
			return err
		}
	}
	return nil
}

func await(ctx context.Context, t paho.Token, limit time.Duration) error {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-t.Done():
		return t.Error()
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return errors.New("no answer from the broker")
	}
}

func (p *mqttPublisher) disconnect() {
	if p.client != nil {
		p.client.Disconnect(quiesce)
		p.client = nil
	}
}

// Close ends the connection.
func (p *mqttPublisher) Close() error {
	p.disconnect()
	return nil
}
