// Package mqtt takes events from an MQTT broker, in a persistent session.
package mqtt

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"github.com/binhphuoc/ioc/ingest"
)

// Options says where the broker is and who reads.
type Options struct {
	Broker   string // tcp://host:1883 or ssl://host:8883
	ClientID string // of the persistent session: one for each process; default ioc-ingest
	Share    string // group of a shared subscription; empty: this process takes all
	User     string
	Password string
	CAFile   string // PEM; empty: the system's
	Log      *slog.Logger
}

// Source implements ingest.Source.
type Source struct {
	o      Options
	client paho.Client
	away   ingest.Outage
	opened chan struct{} // a connection was opened, and is not subscribed yet

	mu         sync.Mutex
	take       func(paho.Message) // nil: nothing is taken
	connecting paho.Token         // the first connection, nil before Run
	handing    sync.WaitGroup     // messages on their way to the pipeline
}

const (
	transportName = "mqtt"
	// qos 1: the broker keeps a message until it is acknowledged, which is after it is stored.
	qos = 1
	// quiesce is how long the last acknowledgements may take on their way out, in milliseconds.
	quiesce = 500

	connectLimit  = 3 * time.Second
	connectRetry  = time.Second
	mostReconnect = 5 * time.Second
	keepAlive     = 20 * time.Second
	pingLimit     = 10 * time.Second
)

// New checks the options. Handlers are in place before the first connection: a persistent session delivers
// what it has kept before anybody could subscribe again.
func New(o Options) (*Source, error) {
	if o.Broker == "" {
		return nil, errors.New("mqtt: no broker")
	}
	o.ClientID = cmp.Or(o.ClientID, "ioc-ingest")
	if o.Log == nil {
		o.Log = slog.Default()
	}
	s := &Source{o: o, opened: make(chan struct{}, 1)}
	c, err := o.Client()
	if err != nil {
		return nil, err
	}
	c.SetClientID(o.ClientID).
		SetCleanSession(false).SetAutoAckDisabled(true).
		// Each message has a goroutine of its own: one that waits for the pipeline holds up neither the others
		// nor the keep-alive. Their number is bounded by the broker's in-flight window.
		SetOrderMatters(false).
		SetConnectRetry(true).SetConnectRetryInterval(connectRetry).SetConnectTimeout(connectLimit).
		SetAutoReconnect(true).SetMaxReconnectInterval(mostReconnect).
		SetKeepAlive(keepAlive).SetPingTimeout(pingLimit).
		SetDefaultPublishHandler(s.handle).SetOnConnectHandler(s.connected).SetConnectionLostHandler(s.lost).
		SetConnectionNotificationHandler(s.notified)
	s.client = paho.NewClient(c)
	return s, nil
}

// Client says where the broker is and who signs in, and nothing of sessions.
func (o Options) Client() (*paho.ClientOptions, error) {
	c := paho.NewClientOptions().AddBroker(o.Broker)
	if o.User != "" {
		c.SetUsername(o.User).SetPassword(o.Password)
	}
	if o.CAFile != "" {
		pool, err := certificates(o.CAFile)
		if err != nil {
			return nil, err
		}
		c.SetTLSConfig(&tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool})
	}
	return c, nil
}

func certificates(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("mqtt: read CA certificates: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("mqtt: %s holds no certificate", file)
	}
	return pool, nil
}

// Name implements ingest.Source.
func (s *Source) Name() string { return transportName }

// Run implements ingest.Source.
func (s *Source) Run(ctx context.Context, deliver func(context.Context, ingest.Delivery) error) error {
	s.taking(func(m paho.Message) {
		// An error means that the pipeline has ended: not acknowledged, the message comes again.
		if err := deliver(ctx, ingest.Delivery{Message: message(m, time.Now()), Done: m.Ack}); err != nil {
			s.o.Log.Debug("message not taken", "topic", m.Topic(), "error", err)
		}
	})
	s.connect()
	for ctx.Err() == nil {
		select {
		case <-s.opened:
			s.subscribe(ctx)
		case <-ctx.Done():
		}
	}
	// What comes from now on is not acknowledged, and so delivered again to the next process.
	s.taking(nil)
	s.handing.Wait()
	return nil
}

// Close implements ingest.Source. The session stays at the broker, and keeps what is published meanwhile.
func (s *Source) Close() error {
	if s.client.IsConnectionOpen() {
		s.client.Disconnect(quiesce)
	} else {
		s.client.Disconnect(0)
	}
	s.mu.Lock()
	connecting := s.connecting
	s.mu.Unlock()
	if connecting != nil {
		connecting.WaitTimeout(connectLimit + connectRetry) // the library ends its tries, but not at once
	}
	return nil
}
