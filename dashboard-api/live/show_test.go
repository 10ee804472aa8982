package live

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// told is the scene of the next frame, which must be a show.
func told(t *testing.T, c *Client) string {
	t.Helper()
	f, err := c.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m := read(t, f)
	if m.Type != wire.TypeShow {
		t.Fatalf("got %s, want a show", f.Bytes())
	}
	return m.Scene
}

func TestAWallIsToldWhatToShow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHub(t, Options{})
		main, other := attach(t, h, query.Everything()), attach(t, h, query.Everything())
		next(t, main, wire.TypeHello)
		next(t, other, wire.TypeHello)
		run(t, h)
		h.Publish(update(value("a", "province", 1)))
		subscribe(t, main, wire.Subscribe{Wall: "main"})
		subscribe(t, other, wire.Subscribe{Wall: "other"})
		next(t, main, wire.TypeSnapshot)
		next(t, other, wire.TypeSnapshot)
		h.Show(wire.Show{Wall: "main", Scene: "a"})
		h.Show(wire.Show{Wall: "main", Scene: "b", Paused: true})
		if got := told(t, main); got != "b" {
			t.Errorf("shown %q, want the newest: b", got)
		}
		// It is told once, goes to no other wall, and takes no value with it.
		h.Publish(update(value("a", "province", 2)))
		next(t, main, wire.TypeDelta)
		for range 2 {
			if m := read(t, must(t, other)); m.Type == wire.TypeShow {
				t.Errorf("another wall is told %s", m.Scene)
			}
		}
		// Who comes back gets it again.
		subscribe(t, main, wire.Subscribe{Wall: "main"})
		if got := told(t, main); got != "b" {
			t.Errorf("after a reconnect %q, want b", got)
		}
	})
}

func must(t *testing.T, c *Client) *Frame {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	f, err := c.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
