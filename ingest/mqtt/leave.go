package mqtt

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"github.com/binhphuoc/ioc/ingest"
)

// quiet is how long nothing may have come after the broker's last answer, before nothing more is expected: the library
// hands messages on by another way than answers.
const quiet = time.Second

// Leaver is a Source that gives up the place of a process in a shared subscription. A process that only stops keeps its
// place: the broker goes on to set its part of what is published aside for it. That is right for one that comes back.
// A Leaver asks for nothing new, takes what lies there, and ends by itself.
type Leaver struct {
	sessions []*session
	empty    bool // nothing is left at the broker; set before Run returns
}

// NewLeaver checks the options.
func NewLeaver(o Options) (*Leaver, error) {
	if o.Share == "" {
		return nil, errors.New("mqtt: only a shared subscription can be left: of another one, the broker would throw away what comes")
	}
	s, err := New(o)
	if err != nil {
		return nil, err
	}
	return &Leaver{sessions: []*session{s.main, s.spare.session}}, nil
}

// Name implements ingest.Source.
func (l *Leaver) Name() string { return transportName }

// Run implements ingest.Source. It returns nil after everything was taken and acknowledged.
func (l *Leaver) Run(ctx context.Context, deliver func(context.Context, ingest.Delivery) error) error {
	empty := make([]bool, len(l.sessions))
	var all sync.WaitGroup
	for i, s := range l.sessions {
		all.Go(func() { empty[i] = s.drain(ctx, deliver) })
	}
	all.Wait()
	l.empty = true
	for _, e := range empty {
		l.empty = l.empty && e
	}
	return nil
}

// drain takes what the broker keeps, and nothing new. It tells whether that is all.
func (s *session) drain(ctx context.Context, deliver func(context.Context, ingest.Delivery) error) (empty bool) {
	var came, held atomic.Int64
	s.taking(func(m paho.Message) {
		came.Add(1)
		held.Add(1)
		done := func() {
			m.Ack()
			held.Add(-1)
		}
		if strings.HasPrefix(m.Topic(), marks) {
			done()
			return
		}
		if err := deliver(ctx, ingest.Delivery{Message: message(m, time.Now()), Done: done}); err != nil {
			s.o.Log.Debug("message not taken", "topic", m.Topic(), "error", err)
		}
	})
	s.connect()
	for ctx.Err() == nil && !empty {
		before := came.Load()
		err := s.unsubscribe(ctx)
		wait(ctx, quiet)
		// The broker answered after all acknowledgements that went before: what these made room for has come since.
		empty = err == nil && held.Load() == 0 && came.Load() == before && s.client.IsConnectionOpen()
	}
	s.rest()
	return empty
}

// Close implements ingest.Source. When nothing was left, the broker forgets the sessions.
func (l *Leaver) Close() error {
	for _, s := range l.sessions {
		s.close()
	}
	if !l.empty {
		return fmt.Errorf("mqtt: the broker still keeps messages for %s: leave again", l.sessions[0].o.ClientID)
	}
	var errs []error
	for _, s := range l.sessions {
		errs = append(errs, s.forget())
	}
	return errors.Join(errs...)
}

// forget makes the broker forget the session.
func (s *session) forget() error {
	o, err := s.o.Client()
	if err != nil {
		return err
	}
	c := paho.NewClient(o.SetClientID(s.o.ClientID).SetCleanSession(true).SetConnectTimeout(connectLimit))
	if t := c.Connect(); !t.WaitTimeout(connectLimit) || t.Error() != nil {
		return fmt.Errorf("mqtt: make the broker forget the session of %s: %w", s.o.ClientID, errors.Join(errNoAnswer, t.Error()))
	}
	c.Disconnect(quiesce)
	return nil
}
