package ws

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"github.com/binhphuoc/ioc/dashboard-api/live"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// parting is how this side ends a connection.
type parting struct {
	code   int
	reason string // at most 123 bytes
	detail string // told in a frame of its own first; empty: not
}

func (p *parting) Error() string { return p.reason + ": " + p.detail }

func errStopping() *parting {
	return &parting{code: websocket.CloseGoingAway, reason: "the server is stopping"}
}

func errSilent() error {
	return &parting{websocket.ClosePolicyViolation, "no subscription", fmt.Sprintf("the first frame must be a subscribe, within %s", subscribeWithin)}
}

// conn is one connection. Two goroutines serve it: run, which alone writes frames, and read.
type conn struct {
	socket *websocket.Conn
	client *live.Client
	log    *slog.Logger
}

// run serves the connection until either side ends it.
func (c *conn) run(ctx context.Context, cancel context.CancelCauseFunc) {
	read := make(chan struct{})
	go func() {
		defer close(read)
		c.read(cancel)
	}()
	err := c.write(ctx)
	cancel(err)
	c.log.Debug("a live client goes", "reason", err)
	if p := (*parting)(nil); errors.As(err, &p) {
		c.part(p)
		patience := time.NewTimer(partWithin)
		defer patience.Stop()
		select {
		case <-read:
		case <-patience.C:
		}
	}
	c.socket.Close() // read ends by it
	<-read
}

// write sends frames until ctx ends, and returns why it ended.
func (c *conn) write(ctx context.Context) error {
	pinged := time.Now()
	for {
		f, err := c.client.Next(ctx)
		if err != nil {
			return context.Cause(ctx)
		}
		now := time.Now()
		if now.Sub(pinged) >= pingEvery { // frames come at least as often as heartbeats
			pinged = now
			if err := c.socket.WriteControl(websocket.PingMessage, nil, now.Add(writeWithin)); err != nil {
				return fmt.Errorf("ping a live client: %w", err)
			}
		}
		message, err := f.Prepared(prepare)
		if err != nil {
			return fmt.Errorf("prepare a frame: %w", err)
		}
		if err := c.socket.SetWriteDeadline(now.Add(writeWithin)); err != nil {
			return err
		}
		if err := c.socket.WritePreparedMessage(message.(*websocket.PreparedMessage)); err != nil {
			return fmt.Errorf("write to a live client: %w", err)
		}
	}
}

func prepare(data []byte) (any, error) {
	return websocket.NewPreparedMessage(websocket.TextMessage, data)
}

// read takes what the client sends until the connection is to end. What a client at fault still sends is
// thrown away until run closes the socket: to close one with unread data would take the last frame from the client.
func (c *conn) read(cancel context.CancelCauseFunc) {
	err := c.receive()
	cancel(err)
	if p := (*parting)(nil); errors.As(err, &p) {
		_, _ = io.Copy(io.Discard, c.socket.NetConn())
	}
}

// receive reads subscriptions until one is wrong, or the client has gone.
func (c *conn) receive() error {
	subscribed := false
	alive := func(string) error {
		if !subscribed {
			return nil // pongs don't give more time for the subscription
		}
		return c.socket.SetReadDeadline(time.Now().Add(pongWithin))
	}
	c.socket.SetReadLimit(maxRequest)
	c.socket.SetPongHandler(alive)
	if err := c.socket.SetReadDeadline(time.Now().Add(subscribeWithin)); err != nil {
		return err
	}
	for {
		kind, data, err := c.socket.ReadMessage()
		var timeout net.Error
		switch {
		case errors.Is(err, websocket.ErrReadLimit): // the library has sent the close frame
			return &parting{websocket.CloseMessageTooBig, "too large", ""}
		case !subscribed && errors.As(err, &timeout) && timeout.Timeout():
			return errSilent()
		case err != nil:
			return fmt.Errorf("read from a live client: %w", err)
		}
		if err := c.take(kind, data); err != nil {
			return err
		}
		subscribed = true
		if err := alive(""); err != nil {
			return err
		}
	}
}

// take does what a frame asks for.
func (c *conn) take(kind int, data []byte) error {
	switch {
	case kind != websocket.TextMessage:
		return &parting{websocket.CloseUnsupportedData, "no text", "frames are JSON text"}
	case !utf8.Valid(data):
		return &parting{websocket.CloseInvalidFramePayloadData, "no text", "a frame is not UTF-8"}
	}
	var s wire.Subscribe
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields() // a filter with a typing error would otherwise ask for everything
	err := dec.Decode(&s)
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("more than one JSON value")
		}
	}
	if err == nil && s.Type != wire.TypeSubscribe {
		err = fmt.Errorf("a client sends frames of type %q alone, not %.40q", wire.TypeSubscribe, s.Type)
	}
	if err == nil {
		err = c.client.Subscribe(s)
	}
	if err != nil {
		return &parting{websocket.ClosePolicyViolation, "bad frame", err.Error()}
	}
	return nil
}

// part says why, and closes this side. That the other side no longer listens is no matter.
func (c *conn) part(p *parting) {
	deadline := time.Now().Add(partWithin)
	if p.detail != "" {
		if err := c.socket.SetWriteDeadline(deadline); err != nil {
			return
		}
		if err := c.socket.WriteJSON(wire.LiveError{Type: wire.TypeError, Detail: p.detail}); err != nil {
			return
		}
	}
	if err := c.socket.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(p.code, p.reason), deadline); err != nil {
		c.log.Debug("a live client did not take the close frame", "error", err)
	}
}
