package simulate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/binhphuoc/ioc/deploy/simulate/world"
)

// kafkaPublisher sends by Kafka.
type kafkaPublisher struct {
	writer    *kafka.Writer
	transport *kafka.Transport
}

func newKafkaPublisher(brokers []string) *kafkaPublisher {
	transport := &kafka.Transport{DialTimeout: connectTime}
	return &kafkaPublisher{
		transport: transport,
		writer: &kafka.Writer{
			Addr:         kafka.TCP(brokers...),
			Transport:    transport,
			Balancer:     kafka.Murmur2Balancer{}, // the partitions that other clients choose
			RequiredAcks: kafka.RequireAll,
			BatchSize:    burst,
			BatchTimeout: 5 * time.Millisecond,
			WriteTimeout: connectTime,
			MaxAttempts:  1, // whoever sends does so again
		},
	}
}

// Publish sends all at once.
func (p *kafkaPublisher) Publish(ctx context.Context, messages []world.Emission) error {
	if len(messages) == 0 {
		return nil
	}
	out := make([]kafka.Message, len(messages))
	for i, m := range messages {
		out[i] = kafka.Message{Topic: m.Topic, Key: []byte(m.Key), Value: m.Payload}
		for _, h := range m.Headers {
			out[i].Headers = append(out[i].Headers, kafka.Header{Key: h.Key, Value: []byte(h.Value)})
		}
	}
	if err := p.writer.WriteMessages(ctx, out...); err != nil {
		return fmt.Errorf("publish by Kafka: %w", reason(err))
	}
	return nil
}

// Close ends the connections.
func (p *kafkaPublisher) Close() error {
	err := p.writer.Close()
	p.transport.CloseIdleConnections()
	return err
}

// reason takes the first of the errors that the Kafka library has for each message: their own text is only how many there are.
func reason(err error) error {
	var each kafka.WriteErrors
	if errors.As(err, &each) {
		for _, e := range each {
			if e != nil {
				return e
			}
		}
	}
	return err
}
