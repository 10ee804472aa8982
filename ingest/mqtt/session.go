package mqtt

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"github.com/binhphuoc/ioc/ingest"
)

const (
	subscribeLimit = 10 * time.Second
	subscribeRetry = 2 * time.Second
	// refused is the return code of a subscription that the broker does not grant.
	refused = 0x80
)

var (
	errNoAnswer = errors.New("the broker does not answer")
	errRefused  = errors.New("the broker does not allow it")
)

// session is what the broker keeps for one client: its subscriptions, and what came for it meanwhile.
type session struct {
	o       Options
	filters []string
	client  paho.Client
	away    ingest.Outage
	gone    func()        // called when a connection is lost; nil: nobody asks
	opened  chan struct{} // a connection was opened, and is not subscribed yet

	mu         sync.Mutex
	take       func(paho.Message) // nil: nothing is taken
	connecting paho.Token         // the first connection, nil before run
	handing    sync.WaitGroup     // messages on their way to the pipeline
}

// newSession makes one that is not connected. Handlers are in place before the first connection: a persistent session
// delivers what it has kept before anybody could subscribe again.
func newSession(o Options, filters ...string) (*session, error) {
	s := &session{o: o, filters: filters, opened: make(chan struct{}, 1)}
	c, err := o.Client()
	if err != nil {
		return nil, err
	}
	c.SetClientID(o.ClientID).SetCleanSession(false).SetAutoAckDisabled(true).
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

// run hands messages to take until ctx ends. ready is called after each subscription that the broker granted.
func (s *session) run(ctx context.Context, take func(paho.Message), ready func()) {
	s.taking(take)
	s.connect()
	for ctx.Err() == nil {
		select {
		case <-s.opened:
			if s.subscribe(ctx) {
				ready()
			}
		case <-ctx.Done():
		}
	}
	s.rest()
}

// rest takes nothing more: what comes from now on is not acknowledged, and so delivered again to the next process.
func (s *session) rest() {
	s.taking(nil)
	s.handing.Wait()
}

// close disconnects. The broker keeps the session.
func (s *session) close() {
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
}

// connect begins to connect, and tries until it works.
func (s *session) connect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connecting = s.client.Connect()
}

// taking sets what happens with messages that come.
func (s *session) taking(take func(paho.Message)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.take = take
}

// handle passes a message on. It blocks while the pipeline is full: that is the brake.
func (s *session) handle(_ paho.Client, m paho.Message) {
	s.mu.Lock()
	take := s.take
	if take != nil {
		s.handing.Add(1) // under the lock, so that it is never after rest has begun to wait
	}
	s.mu.Unlock()
	if take != nil {
		defer s.handing.Done()
		take(m)
	}
}

// connected asks run to subscribe, at the first connection and after each lost one: the broker may have lost the session.
func (s *session) connected(paho.Client) {
	select {
	case s.opened <- struct{}{}:
	default: // run has not come to the last one yet
	}
}

// subscribe tries until it works. It gives up when the connection is lost: the next one asks again.
func (s *session) subscribe(ctx context.Context) bool {
	for ctx.Err() == nil && s.client.IsConnectionOpen() {
		err := s.subscribeOnce(ctx)
		if err == nil {
			if s.away.Changed(false) {
				s.o.Log.Info("the MQTT broker is back", "broker", s.o.Broker, "client_id", s.o.ClientID)
			}
			s.o.Log.Info("reading MQTT topics", "filters", s.filters, "client_id", s.o.ClientID)
			return true
		}
		s.tell(fmt.Errorf("subscribe to %v: %w", s.filters, err))
		wait(ctx, subscribeRetry)
	}
	return false
}

func (s *session) subscribeOnce(ctx context.Context) error {
	filters := map[string]byte{}
	for _, f := range s.filters {
		filters[f] = qos
	}
	t := s.client.SubscribeMultiple(filters, nil)
	if err := answered(ctx, t); err != nil {
		return err
	}
	// The library takes a refusal for success.
	if granted, ok := t.(*paho.SubscribeToken); ok {
		for _, code := range granted.Result() {
			if code == refused {
				return errRefused
			}
		}
	}
	return nil
}

// unsubscribe asks for nothing new. To ask again changes nothing.
func (s *session) unsubscribe(ctx context.Context) error {
	if !s.client.IsConnectionOpen() {
		return errNoAnswer
	}
	return answered(ctx, s.client.Unsubscribe(s.filters...))
}

// answered waits for the broker's answer.
func answered(ctx context.Context, t paho.Token) error {
	select {
	case <-t.Done():
		return t.Error() //nolint:wrapcheck // the caller says what was asked
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(subscribeLimit):
		return errNoAnswer
	}
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func (s *session) lost(_ paho.Client, err error) {
	if s.gone != nil {
		s.gone()
	}
	s.tell(err)
}

// notified hears of each try to connect.
func (s *session) notified(_ paho.Client, n paho.ConnectionNotification) {
	if failed, ok := n.(paho.ConnectionNotificationBrokerFailed); ok {
		s.tell(failed.Reason)
	}
}

// tell logs that nothing can come. The client id is there because two processes with the same one
// throw each other out.
func (s *session) tell(err error) {
	if s.away.Changed(true) {
		s.o.Log.Error("the MQTT broker is away: trying again", "broker", s.o.Broker, "client_id", s.o.ClientID, "error", err)
	}
}
