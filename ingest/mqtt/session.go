package mqtt

import (
	"context"
	"errors"
	"fmt"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
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

// connect begins to connect, and tries until it works.
func (s *Source) connect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connecting = s.client.Connect()
}

// taking sets what happens with messages that come.
func (s *Source) taking(take func(paho.Message)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.take = take
}

// handle passes a message on. It blocks while the pipeline is full: that is the brake.
func (s *Source) handle(_ paho.Client, m paho.Message) {
	s.mu.Lock()
	take := s.take
	if take != nil {
		s.handing.Add(1) // under the lock, so that it is never after Run has begun to wait
	}
	s.mu.Unlock()
	if take != nil {
		defer s.handing.Done()
		take(m)
	}
}

// filter is what this process subscribes to.
func (s *Source) filter() string {
	if s.o.Share != "" {
		return "$share/" + s.o.Share + "/ioc/#"
	}
	return "ioc/#"
}

// connected asks Run to subscribe, at the first connection and after each lost one: the broker may have lost the session.
func (s *Source) connected(paho.Client) {
	select {
	case s.opened <- struct{}{}:
	default: // Run has not come to the last one yet
	}
}

// subscribe tries until it works. It gives up when the connection is lost: the next one asks again.
func (s *Source) subscribe(ctx context.Context) {
	for ctx.Err() == nil && s.client.IsConnectionOpen() {
		err := s.subscribeOnce(ctx)
		if err == nil {
			if s.away.Changed(false) {
				s.o.Log.Info("the MQTT broker is back", "broker", s.o.Broker)
			}
			s.o.Log.Info("reading MQTT topics", "filter", s.filter())
			return
		}
		s.tell(fmt.Errorf("subscribe to %s: %w", s.filter(), err))
		select {
		case <-ctx.Done():
		case <-time.After(subscribeRetry):
		}
	}
}

func (s *Source) subscribeOnce(ctx context.Context) error {
	t := s.client.Subscribe(s.filter(), qos, nil)
	select {
	case <-t.Done():
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(subscribeLimit):
		return errNoAnswer
	}
	if t.Error() != nil {
		return t.Error()
	}
	// The library takes a refusal for success.
	if granted, ok := t.(*paho.SubscribeToken); ok && granted.Result()[s.filter()] == refused {
		return errRefused
	}
	return nil
}

func (s *Source) lost(_ paho.Client, err error) { s.tell(err) }

// notified hears of each try to connect.
func (s *Source) notified(_ paho.Client, n paho.ConnectionNotification) {
	if failed, ok := n.(paho.ConnectionNotificationBrokerFailed); ok {
		s.tell(failed.Reason)
	}
}

// tell logs that nothing can come. The client id is there because two processes with the same one
// throw each other out.
func (s *Source) tell(err error) {
	if s.away.Changed(true) {
		s.o.Log.Error("the MQTT broker is away: trying again", "broker", s.o.Broker, "client_id", s.o.ClientID, "error", err)
	}
}
