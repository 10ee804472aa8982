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
	main  *session
	spare *spare // beside a shared subscription; nil beside none
}

const (
	transportName = "mqtt"
	// events is the filter of all topics of the contract.
	events = "ioc/#"
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

// New checks the options.
func New(o Options) (*Source, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Share == "" {
		main, err := newSession(o, events)
		return &Source{main: main}, err
	}
	main, err := newSession(o, o.shared())
	if err != nil {
		return nil, err
	}
	spare, err := newSpare(o)
	if err != nil {
		return nil, err
	}
	// A spare connection that opens tells that the broker may have restarted, even while the other one still looks well.
	main.gone, spare.again = spare.doubt, func() { main.connected(nil) }
	return &Source{main: main, spare: spare}, nil
}

func (o *Options) check() error {
	if o.Broker == "" {
		return errors.New("mqtt: no broker")
	}
	o.ClientID = cmp.Or(o.ClientID, "ioc-ingest")
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return nil
}

// shared is the filter of the group's subscription.
func (o *Options) shared() string { return "$share/" + o.Share + "/" + events }

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
	take := func(m paho.Message) {
		// An error means that the pipeline has ended: not acknowledged, the message comes again.
		if err := deliver(ctx, ingest.Delivery{Message: message(m, time.Now()), Done: m.Ack}); err != nil {
			s.main.o.Log.Debug("message not taken", "topic", m.Topic(), "error", err)
		}
	}
	if s.spare == nil {
		s.main.run(ctx, take, func() {})
		return nil
	}
	var both sync.WaitGroup
	both.Go(func() { s.spare.run(ctx, take) })
	s.main.run(ctx, take, s.spare.ask)
	both.Wait()
	return nil
}

// Close implements ingest.Source. The session stays at the broker, and keeps what is published meanwhile.
func (s *Source) Close() error {
	s.main.close()
	if s.spare != nil {
		s.spare.session.close()
	}
	return nil
}
