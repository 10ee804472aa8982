// Package live keeps the newest values and hands each reader what changed since it last looked.
//
// A reader has no queue. It has a position, the sequence number up to which it knows everything, and gets
// the difference between that and the newest state whenever it is ready to take it. A slow reader thus skips
// what lies between, and can neither slow another one nor make anything grow.
package live

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

const (
	// frameEvery is the least time between two states that readers get: at most 4 frames a second.
	frameEvery = 250 * time.Millisecond
	// heartbeatEvery is the longest silence of a channel that lives: short enough for a page to notice within 3 s
	// that the line is dead. A wall that hears nothing for two of them and a
	// half says so: a lost connection is to be seen within 3 s.
	heartbeatEvery = time.Second
)

// ErrFull says that no more clients are taken.
var ErrFull = errors.New("too many live clients")

// Options are what a Hub needs.
type Options struct {
	Build    string            // names the pages that fit to this server
	Registry *schemas.Registry // values of other centres than these are handed to nobody
	Log      *slog.Logger
	Clients  int // most at once; default 5,000
}

// Hub holds the newest state and shares it.
type Hub struct {
	build   string
	epoch   string
	centres []string
	most    int64
	log     *slog.Logger

	mu     sync.Mutex // guards the two below; nothing is encoded or written while it is held
	latest *state     // what Publish brought
	newest time.Time  // of the last Publish, also when it changed nothing

	alarms  *alarms
	current atomic.Pointer[state] // what readers get
	changed chan struct{}
	clients atomic.Int64
	metrics metrics
}

// New makes a Hub without values. Sequence numbers start anew with it, which its epoch tells.
func New(o Options) (*Hub, error) {
	if o.Registry == nil {
		return nil, errors.New("the live hub needs the registry of centres")
	}
	h := &Hub{
		build:   o.Build,
		epoch:   rand.Text(),
		most:    int64(cmp.Or(o.Clients, 5000)),
		log:     cmp.Or(o.Log, slog.New(slog.DiscardHandler)),
		latest:  newState(),
		alarms:  newAlarms(),
		changed: make(chan struct{}, 1),
		metrics: newMetrics(),
	}
	for _, c := range o.Registry.Centres {
		h.centres = append(h.centres, c.Code)
	}
	h.current.Store(h.latest)
	return h, nil
}

// Publish takes the newest values, and owns them from then on. It never waits for a reader.
func (h *Hub) Publish(u query.Update) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.newest = u.At
	next, changed := h.latest.after(u)
	if !changed {
		return
	}
	h.latest = next
	h.announce()
}

// announce tells Run that there is a newer state.
func (h *Hub) announce() {
	select {
	case h.changed <- struct{}{}:
	default: // Run has not yet come to the change before this one, and will take both
	}
}

// Run hands new states to the readers until ctx ends, at most one in frameEvery: the first at once,
// those that follow too soon as one. All readers step from state to state together, which is what
// lets them share frames.
func (h *Hub) Run(ctx context.Context) error {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-pause.C:
		}
		select {
		case <-ctx.Done():
			return nil
		case <-h.changed:
		}
		h.release()
		pause.Reset(frameEvery)
	}
}

func (h *Hub) release() {
	h.mu.Lock()
	latest := h.latest
	h.mu.Unlock()
	// It may be out already: Publish can put its sign between Run's taking of the last one and this.
	if before := h.current.Swap(latest); before != latest {
		close(before.replaced)
	}
}

// Values returns the newest values in scope, in the order of the catalogue.
func (h *Hub) Values(scope query.Scope) []wire.Value {
	h.mu.Lock()
	st := h.latest
	h.mu.Unlock()
	out := make([]wire.Value, 0, len(st.values))
	for _, e := range st.values {
		if scope.Sees(e.Centre) {
			out = append(out, e.Value)
		}
	}
	return out
}

// Newest is the time of the last update; zero when there was none.
func (h *Hub) Newest() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.newest
}

// Attach lets one more client in. Whoever calls it calls Close when the client has gone.
func (h *Hub) Attach(scope query.Scope) (*Client, error) {
	if h.clients.Add(1) > h.most {
		h.clients.Add(-1)
		return nil, ErrFull
	}
	return &Client{hub: h, scope: scope, wake: make(chan struct{}, 1)}, nil
}

// visible are the centres of a list that lie in the scope; all in scope when the list is empty.
func (h *Hub) visible(scope query.Scope, asked []string) []string {
	var out []string
	for _, c := range h.centres {
		if scope.Sees(c) && (len(asked) == 0 || slices.Contains(asked, c)) {
			out = append(out, c)
		}
	}
	return out
}
