package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/segmentio/kafka-go"
)

// sender brings messages to one broker as the contract asks of a centre: each until the broker has taken it.
type sender struct {
	in    chan message
	flush chan chan error
	send  func(ctx context.Context, list []message) error // nil: all taken
	again func(ctx context.Context) error                 // what a sender repeats after a connection that it can't be sure of
	close func()
}

const (
	senderQueue = 2000
	burst       = 100
	// autosave is how often Mosquitto saves what it has taken.
	autosave = 5 * time.Second
)

// run sends until ctx ends.
func (s *sender) run(ctx context.Context) {
	defer s.close()
	for {
		var list []message
		select {
		case <-ctx.Done():
			return
		case done := <-s.flush:
			done <- s.drain(ctx)
			continue
		case m := <-s.in:
			list = s.fill([]message{m})
		}
		if s.persist(ctx, func() error { return s.send(ctx, list) }) != nil {
			return
		}
	}
}

// fill adds what waits, up to a burst.
func (s *sender) fill(list []message) []message {
	for len(list) < burst {
		select {
		case m := <-s.in:
			list = append(list, m)
		default:
			return list
		}
	}
	return list
}

// drain sends all that waits, and repeats what nobody can be sure of.
func (s *sender) drain(ctx context.Context) error {
	for list := s.fill(nil); len(list) > 0; list = s.fill(nil) {
		if err := s.persist(ctx, func() error { return s.send(ctx, list) }); err != nil {
			return err
		}
	}
	return s.persist(ctx, func() error { return s.again(ctx) })
}

// persist tries until it works, or ctx ends.
func (s *sender) persist(ctx context.Context, try func() error) error {
	for {
		err := try()
		if err == nil || ctx.Err() != nil {
			return ctx.Err()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// put hands a message over. It waits while the sender is far behind.
func (s *sender) put(ctx context.Context, m message) error {
	select {
	case s.in <- m:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// settle returns when all is with the broker.
func (s *sender) settle(ctx context.Context) error {
	done := make(chan error, 1)
	select {
	case s.flush <- done:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func newKafkaSender(broker string) *sender {
	transport := &kafka.Transport{DialTimeout: 3 * time.Second}
	w := &kafka.Writer{
		Addr: kafka.TCP(broker), Transport: transport, Balancer: kafka.Murmur2Balancer{}, RequiredAcks: kafka.RequireAll,
		BatchSize: burst, BatchTimeout: 5 * time.Millisecond, WriteTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second, MaxAttempts: 1,
	}
	return &sender{
		in: make(chan message, senderQueue), flush: make(chan chan error),
		send: func(ctx context.Context, list []message) error {
			out := make([]kafka.Message, len(list))
			for i, m := range list {
				out[i] = kafka.Message{Topic: m.topic, Key: []byte(m.key), Value: m.payload}
				for k, v := range m.headers {
					out[i].Headers = append(out[i].Headers, kafka.Header{Key: k, Value: []byte(v)})
				}
			}
			limited, cancel := context.WithTimeout(ctx, 10*time.Second)
			defer cancel()
			return w.WriteMessages(limited, out...) //nolint:wrapcheck // only whether it worked matters
		},
		again: func(context.Context) error { return nil }, // what Kafka has taken is in its log
		close: func() { w.Close(); transport.CloseIdleConnections() },
	}
}

// mqttSender repeats, after each connection that was lost, what the broker may have taken but not yet saved:
// all that it took within its autosave interval before its last sign of life.
type mqttSender struct {
	options *paho.ClientOptions
	client  paho.Client
	taken   []taken
}

type taken struct {
	at time.Time
	message
}

func newMQTTSender(broker string) *sender {
	m := &mqttSender{options: paho.NewClientOptions().AddBroker("tcp://" + broker).SetClientID("chaos").SetCleanSession(true).
		SetAutoReconnect(false).SetConnectTimeout(3 * time.Second).SetWriteTimeout(5 * time.Second).SetOrderMatters(false).
		SetKeepAlive(2 * time.Second).SetPingTimeout(2 * time.Second)}
	return &sender{
		in: make(chan message, senderQueue), flush: make(chan chan error),
		send: m.send,
		again: func(ctx context.Context) error {
			m.leave()
			return m.connect(ctx)
		},
		close: m.leave,
	}
}

func (m *mqttSender) leave() {
	if m.client != nil {
		m.client.Disconnect(100)
		m.client = nil
	}
}

// connect makes a connection where there is none, and repeats what the lost one leaves in doubt.
func (m *mqttSender) connect(ctx context.Context) error {
	if m.client != nil && m.client.IsConnectionOpen() {
		return nil
	}
	m.leave()
	c := paho.NewClient(m.options)
	if err := await(ctx, c.Connect()); err != nil {
		c.Disconnect(0)
		return err
	}
	m.client = c
	doubtful := make([]message, len(m.taken))
	for i, t := range m.taken {
		doubtful[i] = t.message
	}
	for list := range slices.Chunk(doubtful, burst) {
		if err := m.publish(ctx, list); err != nil {
			m.leave()
			return err
		}
	}
	return nil
}

func (m *mqttSender) send(ctx context.Context, list []message) error {
	if err := m.connect(ctx); err != nil {
		return err
	}
	if err := m.publish(ctx, list); err != nil {
		m.leave()
		return err
	}
	now := time.Now()
	for _, x := range list {
		m.taken = append(m.taken, taken{now, x})
	}
	m.taken = slices.DeleteFunc(m.taken, func(t taken) bool { return now.Sub(t.at) > autosave+3*time.Second })
	return nil
}

func (m *mqttSender) publish(ctx context.Context, list []message) error {
	tokens := make([]paho.Token, len(list))
	for i, x := range list {
		tokens[i] = m.client.Publish(x.topic, 1, false, x.payload)
	}
	for _, t := range tokens {
		if err := await(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

func await(ctx context.Context, t paho.Token) error {
	select {
	case <-t.Done():
		return t.Error() //nolint:wrapcheck // only whether it worked matters
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(8 * time.Second):
		return errors.New("no answer from the broker")
	}
}

// send makes a story happen: so many messages a second, for a while. It returns how many.
func tell(ctx context.Context, s *story, rate float64, d time.Duration, byKafka, byMQTT *sender) (int, error) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	began, sent := time.Now(), 0
	for time.Since(began) < d {
		for due := int(time.Since(began).Seconds() * rate); sent < due; {
			for _, m := range s.next(time.Now()) {
				to := byMQTT
				if m.kafka {
					to = byKafka
				}
				if err := to.put(ctx, m); err != nil {
					return sent, fmt.Errorf("hand over a message: %w", err)
				}
				sent++
			}
		}
		select {
		case <-ctx.Done():
			return sent, ctx.Err()
		case <-tick.C:
		}
	}
	return sent, nil
}
