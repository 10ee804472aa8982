package live

import (
	"encoding/json"
	"sync"
	"time"

	"github.com/binhphuoc/ioc/schemas/wire"
)

// maxFrames is how many frames a state keeps to share. Walls have a few views between them; beyond this a frame
// is encoded for its client alone, so that one that keeps changing its mind can't fill the memory.
const maxFrames = 512

// Frame is one encoded message. Clients with the same subscription and position share it.
type Frame struct {
	once sync.Once
	data []byte // empty: there is nothing to tell

	preparing  sync.Once
	prepared   any
	unprepared error
}

// Bytes are the frame's JSON. They must not be changed.
func (f *Frame) Bytes() []byte { return f.data }

// Prepared returns what prepare makes of the frame's bytes. It is called once for each frame, however many
// clients get it: a place for the form in which a transport sends it.
func (f *Frame) Prepared(prepare func([]byte) (any, error)) (any, error) {
	f.preparing.Do(func() { f.prepared, f.unprepared = prepare(f.data) })
	return f.prepared, f.unprepared
}

// frameKey tells the frames of one state apart.
type frameKey struct {
	kind string
	view string
	from uint64 // of a delta
}

// frame returns the state's frame with this key, encoded by whoever asks for it first.
func (h *Hub) frame(st *state, k frameKey, content func() any) *Frame {
	st.mu.Lock()
	f, ok := st.frames[k]
	if !ok {
		f = &Frame{}
		if len(st.frames) < maxFrames {
			st.frames[k] = f
		}
	}
	st.mu.Unlock()
	f.once.Do(func() {
		if c := content(); c != nil {
			f.data = h.encode(k.kind, c)
		}
	})
	return f
}

func (h *Hub) encode(kind string, content any) []byte {
	data, err := json.Marshal(content)
	if err != nil { // no value of a state can cause it: finite saw to that
		h.log.Error("a live frame can't be encoded", "kind", kind, "error", err)
		return nil
	}
	h.metrics.encoded.WithLabelValues(kind).Inc()
	return data
}

func (h *Hub) snapshot(st *state, v *view) *Frame {
	return h.frame(st, frameKey{wire.TypeSnapshot, v.key, 0}, func() any {
		return wire.Values{Type: wire.TypeSnapshot, Seq: st.seq, At: st.at.UTC(), Values: v.since(st, 0)}
	})
}

// delta is empty when nothing changed that the view shows.
func (h *Hub) delta(st *state, v *view, from uint64) *Frame {
	return h.frame(st, frameKey{wire.TypeDelta, v.key, from}, func() any {
		values := v.since(st, from)
		if len(values) == 0 {
			return nil
		}
		return wire.Values{Type: wire.TypeDelta, Seq: st.seq, At: st.at.UTC(), Values: values}
	})
}

func (h *Hub) feeds(st *state, v *view) *Frame {
	return h.frame(st, frameKey{wire.TypeFeeds, v.key, 0}, func() any {
		return wire.Feeds{Type: wire.TypeFeeds, Seq: st.seq, At: st.feedsAt.UTC(), Feeds: v.feeds(st)}
	})
}

func (h *Hub) hello(now time.Time) *Frame {
	return &Frame{data: h.encode(wire.TypeHello, wire.Hello{Type: wire.TypeHello, Build: h.build, Epoch: h.epoch, At: now.UTC()})}
}

func (h *Hub) heartbeat(seq uint64, now time.Time) *Frame {
	return &Frame{data: h.encode(wire.TypeHeartbeat, wire.Heartbeat{Type: wire.TypeHeartbeat, Seq: seq, At: now.UTC()})}
}
