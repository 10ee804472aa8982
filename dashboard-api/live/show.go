package live

import (
	"maps"

	"github.com/binhphuoc/ioc/schemas/wire"
)

// shown is the newest request to one wall, with its number: which of two is newer.
type shown struct {
	wire.Show
	no uint64
}

// Show tells the clients of one wall what to show. The newest request is kept, for walls that come back or come later.
func (h *Hub) Show(s wire.Show) {
	s.Type = wire.TypeShow
	h.mu.Lock()
	defer h.mu.Unlock()
	h.latest = h.latest.showing(s)
	h.announce()
}

// showing is the state with one more request. Everything else in it is as before.
func (s *state) showing(w wire.Show) *state {
	next := newState()
	next.seq, next.at, next.values, next.gone = s.seq, s.at, s.values, s.gone
	next.feeds, next.feedsAt, next.feedsNo = s.feeds, s.feedsAt, s.feedsNo
	next.shows, next.showsNo = maps.Clone(s.shows), s.showsNo+1
	if next.shows == nil {
		next.shows = map[string]shown{}
	}
	next.shows[w.Wall] = shown{w, next.showsNo}
	return next
}

// takeShow returns the request that the client's wall has not had yet, or nil.
func (c *Client) takeShow(st *state) *Frame {
	w, ok := st.shows[c.wall]
	if !ok || w.no <= c.shown {
		return nil
	}
	c.shown = w.no
	return c.hub.frame(st, frameKey{wire.TypeShow, c.wall, 0}, func() any { return w.Show })
}
