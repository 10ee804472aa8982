package live

import (
	"context"
	"sync"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// Client is one reader. A transport calls Next in a loop, and Subscribe when the other side asks.
type Client struct {
	hub   *Hub
	scope query.Scope
	wake  chan struct{} // Subscribe asks Next to look again
	once  sync.Once

	mu    sync.Mutex
	view  *view  // nil: nothing asked for yet
	from  uint64 // everything up to this sequence is known; 0: nothing, a snapshot is due
	feeds uint64 // number of the list of feeds that was sent
	owed  bool   // the subscription has not been answered yet
	// alarms is how far the client has come in the stream of alarms; nil: it wants none.
	alarms *place
	wall   string // empty: it is none
	shown  uint64 // number of the newest request to its wall that was sent

	greeted bool      // of Next alone
	sent    time.Time // of Next alone
}

// Subscribe sets what the client gets, from now on and instead of what it asked for before.
// The error is a sentence for the client.
func (c *Client) Subscribe(s wire.Subscribe) error {
	v, err := c.hub.newView(c.scope, s)
	if err != nil {
		return err
	}
	st := c.hub.current.Load()
	c.mu.Lock()
	c.view, c.from, c.feeds, c.owed = v, 0, 0, true
	c.wall, c.shown = s.Wall, 0
	if s.Epoch == c.hub.epoch && s.Since <= st.seq {
		c.from = s.Since
	}
	c.alarms = nil
	if s.Alarms != nil {
		c.alarms = &place{AlarmPlace: *s.Alarms, list: s.Alarms.Epoch == ""}
	}
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default: // Next will look anyway
	}
	return nil
}

// Next waits for the client's next frame: the hello, then what Subscribe asked for as it changes, and a
// heartbeat when there was nothing for a while. It returns ctx's error when ctx ends first.
// One goroutine at a time may call it.
func (c *Client) Next(ctx context.Context) (*Frame, error) {
	for {
		st, alarms := c.hub.current.Load(), c.hub.alarms.changed()
		now := time.Now()
		if f := c.take(st, now); f != nil {
			c.sent = now
			c.hub.metrics.sent.Inc()
			return f, nil
		}
		if err := c.wait(ctx, st, alarms, c.sent.Add(heartbeatEvery).Sub(now)); err != nil {
			return nil, err
		}
	}
}

// wait returns when there may be something to take.
func (c *Client) wait(ctx context.Context, st *state, alarms <-chan struct{}, atMost time.Duration) error {
	silence := time.NewTimer(atMost)
	defer silence.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-st.replaced:
	case <-alarms:
	case <-c.wake:
	case <-silence.C:
	}
	return nil
}

// take moves the client on to the state, and returns the frame that brings it there, or nil.
func (c *Client) take(st *state, now time.Time) *Frame {
	if !c.greeted {
		c.greeted = true
		return c.hub.hello(now)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if f := c.takeAlarm(); f != nil { // first: nothing else on the channel calls for a person
		return f
	}
	if f := c.takeShow(st); f != nil {
		return f
	}
	if c.view != nil && st.seq > 0 {
		if f := c.takeValues(st, now); f != nil {
			return f
		}
		if c.feeds != st.feedsNo {
			c.feeds = st.feedsNo
			return c.hub.feeds(st, c.view)
		}
	}
	if now.Sub(c.sent) >= heartbeatEvery {
		return c.hub.heartbeat(c.from, now)
	}
	return nil
}

func (c *Client) takeValues(st *state, now time.Time) *Frame {
	from, owed := c.from, c.owed
	if from == st.seq && !owed || from > st.seq { // the latter: Subscribe has seen a newer state than Next
		return nil
	}
	c.from, c.owed = st.seq, false
	if from == 0 || from < st.gone {
		return c.hub.snapshot(st, c.view)
	}
	if f := c.hub.delta(st, c.view, from); len(f.data) > 0 {
		return f
	}
	if owed { // resumed, and nothing was missed: it should know without delay
		return c.hub.heartbeat(st.seq, now)
	}
	return nil
}

// Close lets go of the client.
func (c *Client) Close() { c.once.Do(func() { c.hub.clients.Add(-1) }) }
