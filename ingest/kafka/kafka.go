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
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"

	"github.com/binhphuoc/ioc/ingest"
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
	o      Options
	dialer *kafka.Dialer
	client *kafka.Client
	away   ingest.Outage

	mu      sync.Mutex
	session *session // the one that acknowledgements still go to, nil before the first and after Close
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
	if o.Log == nil {
		o.Log = slog.Default()
	}
	transport, err := o.Transport()
	if err != nil {
		return nil, err
	}
	s := &Source{o: o}
	s.dialer = &kafka.Dialer{
		Timeout: transport.DialTimeout, DualStack: true, SASLMechanism: transport.SASL, TLS: transport.TLS, ClientID: transport.ClientID,
	}
	s.client = &kafka.Client{Addr: kafka.TCP(o.Brokers...), Transport: transport, Timeout: 10 * time.Second}
	return s, nil
}

// Transport makes the connections that these options describe. It connects when it is used first.
func (o Options) Transport() (*kafka.Transport, error) {
	mechanism, err := mechanism(o)
	if err != nil {
		return nil, err
	}
	security, err := security(o)
	if err != nil {
		return nil, err
	}
	return &kafka.Transport{DialTimeout: 10 * time.Second, SASL: mechanism, TLS: security, ClientID: o.Group}, nil
}

// Name implements ingest.Source.
func (s *Source) Name() string { return transportName }

// Run implements ingest.Source. A reader's topics are fixed when it starts, so new topics mean a new session.
func (s *Source) Run(ctx context.Context, deliver func(context.Context, ingest.Delivery) error) error {
	topics := s.await(ctx, nil)
	for len(topics) > 0 && ctx.Err() == nil {
		var err error
		if topics, err = s.read(ctx, topics, deliver); err != nil {
			return err
		}
	}
	return nil
}

// read delivers from a set of topics until ctx ends, or until there is another set, which it returns.
func (s *Source) read(ctx context.Context, topics []string, deliver func(context.Context, ingest.Delivery) error) ([]string, error) {
	s.o.Log.Info("reading Kafka topics", "topics", topics)
	session := newSession(s, topics)
	s.hold(session)
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	watched := make(chan []string, 1)
	go func() {
		watched <- s.await(inner, topics)
		cancel()
	}()
	err := session.run(inner, deliver)
	cancel()
	others := <-watched
	if err != nil || ctx.Err() != nil {
		return nil, err // the session stays for acknowledgements, until Close
	}
	// It has to give back what it has before the next one starts.
	session.drain(ctx)
	s.hold(nil)
	return slices.Clone(others), session.close(ctx)
}

func (s *Source) hold(session *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.session = session
}

// Close implements ingest.Source: it commits what was acknowledged last, and leaves the group.
func (s *Source) Close() error {
	s.mu.Lock()
	session := s.session
	s.session = nil
	s.mu.Unlock()
	if session == nil {
		return nil
	}
	return session.close(context.Background())
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
