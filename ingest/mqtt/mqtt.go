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
	"strings"
	"sync"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/schemas"
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

	mu      sync.Mutex
	away    bool
	taking  bool
	handing sync.WaitGroup  // messages on their way to the pipeline
	ctx     context.Context //nolint:containedctx // paho's handlers get none: this is Run's
	deliver func(context.Context, ingest.Delivery) error
}

const (
	transportName = "mqtt"
	// qos 1: the broker keeps a message until it is acknowledged, which is after it is stored.
	qos = 1
	// quiesce is how long the last acknowledgements may take on their way out, in milliseconds.
	quiesce = 500

	subscribeLimit = 10 * time.Second
	subscribeRetry = 2 * time.Second
)

var errNoAnswer = errors.New("the broker does not answer")

// New checks the options. Handlers are in place before the first connection: a persistent session delivers
// what it has kept before anybody could subscribe again.
func New(o Options) (*Source, error) {
	if o.Broker == "" {
		return nil, errors.New("mqtt: no broker")
	}
	o.ClientID = cmp.Or(o.ClientID, "ioc-ingest")
	s := &Source{o: o}
	c := paho.NewClientOptions().AddBroker(o.Broker).SetClientID(o.ClientID).
		SetCleanSession(false).SetAutoAckDisabled(true).
		// Each message has a goroutine of its own: one that waits for the pipeline holds up neither the others
		// nor the keep-alive. Their number is the broker's in-flight window.
		SetOrderMatters(false).
		SetConnectRetry(true).SetConnectRetryInterval(time.Second).SetAutoReconnect(true).SetMaxReconnectInterval(5 * time.Second).
		SetKeepAlive(20 * time.Second).SetPingTimeout(10 * time.Second).
		SetDefaultPublishHandler(s.handle).SetOnConnectHandler(s.connected).SetConnectionLostHandler(s.lost).
		SetConnectionNotificationHandler(s.notified)
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
	s.client = paho.NewClient(c)
	return s, nil
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
	s.mu.Lock()
	s.ctx, s.deliver, s.taking = ctx, deliver, true
	s.mu.Unlock()
	s.client.Connect() // retries by itself until it works
	<-ctx.Done()
	// What comes from now on is not acknowledged, and so delivered again to the next process.
	s.mu.Lock()
	s.taking = false
	s.mu.Unlock()
	s.handing.Wait()
	return nil
}

// Close implements ingest.Source. The session stays at the broker, and keeps what is published meanwhile.
func (s *Source) Close() error {
	s.client.Disconnect(quiesce)
	return nil
}

// handle passes a message on. It blocks while the pipeline is full: that is the brake.
func (s *Source) handle(_ paho.Client, m paho.Message) {
	s.mu.Lock()
	if !s.taking {
		s.mu.Unlock()
		return
	}
	s.handing.Add(1)
	ctx, deliver := s.ctx, s.deliver
	s.mu.Unlock()
	defer s.handing.Done()
	// An error means that the pipeline has ended: not acknowledged, the message comes again.
	if err := deliver(ctx, ingest.Delivery{Message: message(m, time.Now()), Done: m.Ack}); err != nil {
		s.o.Log.Debug("message not taken", "topic", m.Topic(), "error", err)
	}
}

// filter is what this process subscribes to.
func (s *Source) filter() string {
	if s.o.Share != "" {
		return "$share/" + s.o.Share + "/ioc/#"
	}
	return "ioc/#"
}

// connected subscribes, at the first connection and after each lost one: the broker may have lost the session.
func (s *Source) connected(c paho.Client) {
	for c.IsConnectionOpen() {
		t := c.Subscribe(s.filter(), qos, nil)
		if t.WaitTimeout(subscribeLimit) && t.Error() == nil {
			s.subscribed()
			return
		}
		s.say(fmt.Errorf("subscribe to %s: %w", s.filter(), cmp.Or(t.Error(), errNoAnswer)))
		time.Sleep(subscribeRetry)
	}
}

// subscribed logs that messages can come.
func (s *Source) subscribed() {
	s.mu.Lock()
	back := s.away
	s.away = false
	s.mu.Unlock()
	if back {
		s.o.Log.Info("the MQTT broker is back")
	}
	s.o.Log.Info("reading MQTT topics", "filter", s.filter())
}

func (s *Source) lost(_ paho.Client, err error) { s.say(err) }

// notified hears of each try to connect.
func (s *Source) notified(_ paho.Client, n paho.ConnectionNotification) {
	if failed, ok := n.(paho.ConnectionNotificationBrokerFailed); ok {
		s.say(failed.Reason)
	}
}

// say logs that the broker is away, once.
func (s *Source) say(err error) {
	s.mu.Lock()
	said := s.away
	s.away = true
	s.mu.Unlock()
	if !said {
		s.o.Log.Error("the MQTT broker is away: trying again", "broker", s.o.Broker, "error", err)
	}
}

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
