package mqtt

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"github.com/binhphuoc/ioc/ingest"
)

// quiet is how long nothing may have come after the broker's last answer, before nothing more is expected: the library
// hands messages on by another way than answers.
const quiet = time.Second

// Leaver is a Source that gives up its place in a shared subscription. A process that only stops keeps its place: the
// broker goes on to set its part of what is published aside for it. That is right for one that comes back.
// A Leaver asks for nothing new, takes what lies there, and ends by itself.
type Leaver struct {
	s     *Source
	empty bool // nothing is left at the broker; set before Run returns
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
	return &Leaver{s: s}, nil
}

// Name implements ingest.Source.
func (l *Leaver) Name() string { return transportName }

// Run implements ingest.Source. It returns nil after everything was taken and acknowledged.
func (l *Leaver) Run(ctx context.Context, deliver func(context.Context, ingest.Delivery) error) error {
	var came, held atomic.Int64
	l.s.taking(func(m paho.Message) {
		came.Add(1)
		held.Add(1)
		done := func() {
			m.Ack()
			held.Add(-1)
		}
		if err := deliver(ctx, ingest.Delivery{Message: message(m, time.Now()), Done: done}); err != nil {
			l.s.o.Log.Debug("message not taken", "topic", m.Topic(), "error", err)
		}
	})
	l.s.connect()
	for ctx.Err() == nil && !l.empty {
		before := came.Load()
		err := l.unsubscribe(ctx)
		wait(ctx, quiet)
		// The broker answered after all acknowledgements that went before: what these made room for has come since.
		l.empty = err == nil && held.Load() == 0 && came.Load() == before && l.s.client.IsConnectionOpen()
	}
	l.s.taking(nil)
	l.s.handing.Wait()
	return nil
}

// unsubscribe asks for nothing new. To ask again changes nothing.
func (l *Leaver) unsubscribe(ctx context.Context) error {
	if !l.s.client.IsConnectionOpen() {
		return errNoAnswer
	}
	t := l.s.client.Unsubscribe(l.s.filter())
	select {
	case <-t.Done():
		return t.Error()
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

// Close implements ingest.Source. When nothing was left, the broker forgets the session.
func (l *Leaver) Close() error {
	if err := l.s.Close(); err != nil || !l.empty {
		return errors.Join(err, l.unfinished())
	}
	o, err := clientOptions(l.s.o)
	if err != nil {
		return err
	}
	c := paho.NewClient(o.SetCleanSession(true))
	if t := c.Connect(); !t.WaitTimeout(connectLimit) || t.Error() != nil {
		return fmt.Errorf("mqtt: make the broker forget the session of %s: %w", l.s.o.ClientID, errors.Join(errNoAnswer, t.Error()))
	}
	c.Disconnect(quiesce)
	return nil
}

func (l *Leaver) unfinished() error {
	if l.empty {
		return nil
	}
	return fmt.Errorf("mqtt: the broker still keeps messages for %s: leave again", l.s.o.ClientID)
}
