// Package ws carries the live channel over websockets.
package ws

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/binhphuoc/ioc/dashboard-api/live"
	"github.com/binhphuoc/ioc/query"
)

const (
	// maxRequest bounds what a client may send at once: a subscription.
	maxRequest = 64 << 10
	// subscribeWithin is how long a client may be silent at first.
	subscribeWithin = 10 * time.Second
	// pingEvery is below the 60 s after which proxies close an idle connection, pongWithin above two pings.
	pingEvery  = 25 * time.Second
	pongWithin = 60 * time.Second
	// writeWithin is how long one frame may take. A client that does not read for so long is cut off.
	writeWithin = 10 * time.Second
	// partWithin is how long the other side may take to answer a close frame.
	partWithin = time.Second
)

// Refused says why a request was not upgraded, and with which HTTP status that is answered.
type Refused struct {
	Status int
	Reason error
}

// Error is the library's reason.
func (r *Refused) Error() string { return "websocket handshake: " + r.Reason.Error() }

// Unwrap returns the reason.
func (r *Refused) Unwrap() error { return r.Reason }

// Options are what a Handler needs.
type Options struct {
	Hub     *live.Hub
	Origins []string // of pages on other hosts that may connect, such as https://wall.example; those of the own host always may
	Log     *slog.Logger
}

// Handler serves websockets, and owns their goroutines until Shutdown.
type Handler struct {
	hub     *live.Hub
	origins []string
	log     *slog.Logger
	buffers sync.Pool // write buffers of all connections

	mu       sync.Mutex
	open     map[*conn]context.CancelCauseFunc
	stopping bool
	running  sync.WaitGroup
}

// New makes a Handler.
func New(o Options) (*Handler, error) {
	if o.Hub == nil {
		return nil, errors.New("websockets need a hub")
	}
	for _, origin := range o.Origins {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme == "" || u.Host == "" || u.Scheme+"://"+u.Host != origin || u.Host == "*" {
			return nil, fmt.Errorf("origin %q: want the scheme and host of one site, such as https://wall.example", origin)
		}
	}
	return &Handler{
		hub: o.Hub, origins: o.Origins, log: cmp.Or(o.Log, slog.New(slog.DiscardHandler)),
		open: map[*conn]context.CancelCauseFunc{},
	}, nil
}

// Serve upgrades a request and returns; the connection then lives on its own, so that the HTTP server's buffers
// are free. When it returns an error, the request is still to be answered.
func (h *Handler) Serve(w http.ResponseWriter, r *http.Request, scope query.Scope) error {
	client, err := h.hub.Attach(scope)
	if err != nil {
		return err
	}
	socket, err := h.upgrade(w, r)
	if err != nil {
		client.Close()
		var refused *Refused
		if errors.As(err, &refused) {
			return err
		}
		h.log.Debug("a websocket broke while it was opened", "error", err)
		return nil
	}
	c := &conn{socket: socket, client: client, log: h.log}
	// The connection outlives the request, whose context ends when this function returns.
	if !h.start(context.WithoutCancel(r.Context()), c) {
		c.part(errStopping())
		socket.Close()
		client.Close()
	}
	return nil
}

// upgrade fails with a Refused as long as the request can be answered.
func (h *Handler) upgrade(w http.ResponseWriter, r *http.Request) (*websocket.Conn, error) {
	var refused *Refused
	u := websocket.Upgrader{
		// Small, because a wall is idle nearly always, and prepared messages bypass the write buffer.
		ReadBufferSize: 512, WriteBufferSize: 1024, WriteBufferPool: &h.buffers,
		HandshakeTimeout: writeWithin,
		Error: func(_ http.ResponseWriter, _ *http.Request, status int, reason error) {
			refused = &Refused{Status: status, Reason: reason}
		},
	}
	if slices.Contains(h.origins, r.Header.Get("Origin")) {
		u.CheckOrigin = func(*http.Request) bool { return true } // otherwise the library's: the request's own host
	}
	socket, err := u.Upgrade(w, r, nil)
	if refused != nil {
		return nil, refused
	}
	return socket, err
}

// start lets a connection live, unless the server stops.
func (h *Handler) start(ctx context.Context, c *conn) bool {
	ctx, cancel := context.WithCancelCause(ctx)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopping {
		cancel(nil)
		return false
	}
	h.open[c] = cancel
	h.running.Go(func() {
		defer c.client.Close()
		c.run(ctx, cancel)
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.open, c)
	})
	return true
}

// Shutdown tells all clients that the server goes away, so that they come back later, and returns when they have gone.
// Those that have not when ctx ends are cut off.
func (h *Handler) Shutdown(ctx context.Context) error {
	h.mu.Lock()
	h.stopping = true
	for _, cancel := range h.open {
		cancel(errStopping())
	}
	h.mu.Unlock()
	gone := make(chan struct{})
	go func() {
		h.running.Wait()
		close(gone)
	}()
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
	}
	h.mu.Lock()
	n := len(h.open)
	for c := range h.open {
		c.socket.Close()
	}
	h.mu.Unlock()
	<-gone
	return fmt.Errorf("%d live clients were cut off: %w", n, ctx.Err())
}
