// Package kafka takes events from Kafka topics, as a member of a consumer group.
package kafka

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"

	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/schemas"
)

// Options says where Kafka is and who reads.
type Options struct {
	Brokers  []string
	Group    string // consumer group; default ioc-ingest
	SASL     string // plain, scram-sha-256, scram-sha-512 or empty
	User     string
	Password string
	TLS      bool
	CAFile   string        // PEM; empty: the system's
	Discover time.Duration // how often to look for new topics; default 10 s
	Log      *slog.Logger
}

// Source implements ingest.Source.
type Source struct {
	o         Options
	dialer    *kafka.Dialer
	transport *kafka.Transport
	client    *kafka.Client

	mu     sync.Mutex
	reader *session // the one that acknowledgements still go to
	away   bool
}

// transportName is the name of this transport in messages, logs and metrics.
const transportName = "kafka"

// New checks the options.
func New(o Options) (*Source, error) {
	if len(o.Brokers) == 0 {
		return nil, errors.New("kafka: no brokers")
	}
	o.Group = cmp.Or(o.Group, "ioc-ingest")
	o.Discover = cmp.Or(o.Discover, 10*time.Second)
	mechanism, err := mechanism(o)
	if err != nil {
		return nil, err
	}
	security, err := security(o)
	if err != nil {
		return nil, err
	}
	s := &Source{o: o}
	s.dialer = &kafka.Dialer{Timeout: 10 * time.Second, DualStack: true, SASLMechanism: mechanism, TLS: security, ClientID: o.Group}
	s.transport = &kafka.Transport{DialTimeout: 10 * time.Second, SASL: mechanism, TLS: security, ClientID: o.Group}
	s.client = &kafka.Client{Addr: kafka.TCP(o.Brokers...), Transport: s.transport, Timeout: 10 * time.Second}
	return s, nil
}

func mechanism(o Options) (sasl.Mechanism, error) {
	var m sasl.Mechanism
	var err error
	switch strings.ToLower(o.SASL) {
	case "":
		return nil, nil //nolint:nilnil // no mechanism is a valid choice
	case "plain":
		return plain.Mechanism{Username: o.User, Password: o.Password}, nil
	case "scram-sha-256":
		m, err = scram.Mechanism(scram.SHA256, o.User, o.Password)
	case "scram-sha-512":
		m, err = scram.Mechanism(scram.SHA512, o.User, o.Password)
	default:
		return nil, fmt.Errorf("kafka: SASL mechanism %q: want plain, scram-sha-256 or scram-sha-512", o.SASL)
	}
	if err != nil {
		return nil, fmt.Errorf("kafka: prepare SASL: %w", err)
	}
	return m, nil
}

func security(o Options) (*tls.Config, error) {
	if !o.TLS && o.CAFile == "" {
		return nil, nil //nolint:nilnil // no TLS is a valid choice
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CAFile == "" {
		return c, nil
	}
	pem, err := os.ReadFile(o.CAFile)
	if err != nil {
		return nil, fmt.Errorf("kafka: read CA certificates: %w", err)
	}
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("kafka: %s holds no certificate", o.CAFile)
	}
	return c, nil
}

// Name implements ingest.Source.
func (s *Source) Name() string { return transportName }

// Run implements ingest.Source. A reader's topics are fixed when it starts, so new topics mean a new reader.
func (s *Source) Run(ctx context.Context, deliver func(context.Context, ingest.Delivery) error) error {
	var topics []string
	for ctx.Err() == nil {
		found := s.await(ctx, topics)
		if ctx.Err() != nil {
			return nil
		}
		topics = found
		if err := s.read(ctx, topics, deliver); err != nil {
			return err
		}
	}
	return nil
}

// read delivers from one set of topics until there are others or ctx ends.
func (s *Source) read(ctx context.Context, topics []string, deliver func(context.Context, ingest.Delivery) error) error {
	s.o.Log.Info("reading Kafka topics", "topics", topics)
	session := newSession(s, topics)
	s.mu.Lock()
	last := s.reader
	s.reader = session
	s.mu.Unlock()
	if last != nil {
		last.close()
	}
	// The session ends when others topics appear; then it has to give back what it has before the next one starts.
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		s.await(inner, topics)
		cancel()
	}()
	err := session.run(inner, deliver)
	cancel()
	<-watched
	if ctx.Err() == nil && err == nil {
		session.drain(ctx)
	}
	return err
}

// await returns the topics of the contract as soon as they differ from those that are known.
func (s *Source) await(ctx context.Context, known []string) []string {
	wait := time.Duration(0) // the first look is at once when nothing is known
	if len(known) > 0 {
		wait = s.o.Discover
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		wait = s.o.Discover
		found, err := s.topics(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			s.say(true, err)
			wait = time.Second
			continue
		}
		s.say(false, nil)
		if len(found) == 0 {
			wait = min(s.o.Discover, 2*time.Second)
			continue
		}
		if !slices.Equal(found, known) {
			return found
		}
	}
}

// say logs that Kafka is away or back, once on each change.
func (s *Source) say(away bool, err error) {
	s.mu.Lock()
	changed := s.away != away
	s.away = away
	s.mu.Unlock()
	switch {
	case changed && away:
		s.o.Log.Error("Kafka is away: trying again", "brokers", s.o.Brokers, "error", err)
	case changed:
		s.o.Log.Info("Kafka is back")
	}
}

// topics lists the topics of the contract, sorted.
func (s *Source) topics(ctx context.Context) ([]string, error) {
	m, err := s.client.Metadata(ctx, &kafka.MetadataRequest{})
	if err != nil {
		return nil, fmt.Errorf("list topics: %w", err)
	}
	pattern := regexp.MustCompile(`^ioc\.[a-z0-9-]+\.[a-z0-9-]+$`)
	var out []string
	for _, t := range m.Topics {
		if t.Error == nil && pattern.MatchString(t.Name) {
			out = append(out, t.Name)
		}
	}
	slices.Sort(out)
	return out, nil
}

// Close implements ingest.Source: it commits what was acknowledged last, and leaves the group.
func (s *Source) Close() error {
	s.mu.Lock()
	session := s.reader
	s.reader = nil
	s.mu.Unlock()
	var err error
	if session != nil {
		err = session.close()
	}
	s.transport.CloseIdleConnections()
	return err
}

// message turns a Kafka record into a message of the platform.
func message(m kafka.Message, now time.Time) schemas.Message {
	out := schemas.Message{
		Transport: transportName, Topic: m.Topic, Partition: int32(m.Partition), Offset: m.Offset, //nolint:gosec // Kafka's own type
		Payload: m.Value, Arrived: now.UTC(),
	}
	if parts := strings.Split(m.Topic, "."); len(parts) == 3 {
		out.Centre = parts[1]
	}
	if len(m.Headers) > 0 {
		out.Header = make(map[string]string, len(m.Headers))
		for _, h := range m.Headers {
			out.Header[strings.ToLower(h.Key)] = string(h.Value)
		}
	}
	return out
}
