package ws

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/binhphuoc/ioc/dashboard-api/live"
	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is a running hub and handler.
type server struct {
	hub     *live.Hub
	handler *Handler
	url     string
}

func start(t testing.TB, o Options) *server {
	t.Helper()
	hub, err := live.New(live.Options{Build: "b1", Registry: &schemas.Registry{Centres: []schemas.Centre{{Code: "province"}}}})
	if err != nil {
		t.Fatal(err)
	}
	o.Hub = hub
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := hub.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := h.Serve(w, r, query.Everything())
		var refused *Refused
		switch {
		case errors.As(err, &refused):
			http.Error(w, err.Error(), refused.Status)
		case err != nil:
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(func() {
		end, stop := context.WithTimeout(context.Background(), 5*time.Second)
		defer stop()
		if err := h.Shutdown(end); err != nil {
			t.Error(err)
		}
		s.Close()
		cancel()
		running.Wait()
	})
	return &server{hub: hub, handler: h, url: "ws" + strings.TrimPrefix(s.URL, "http")}
}

func dial(t testing.TB, s *server) *websocket.Conn {
	t.Helper()
	c, resp, err := websocket.DefaultDialer.Dial(s.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	t.Cleanup(func() { c.Close() })
	if err := c.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

func send(t testing.TB, c *websocket.Conn, text string) {
	t.Helper()
	if err := c.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// frame is the next frame's type and all of it.
func frame(t testing.TB, c *websocket.Conn) (string, string) {
	t.Helper()
	_, data, err := c.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	var m struct{ Type string }
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m.Type, string(data)
}

func want(t testing.TB, c *websocket.Conn, kind string) string {
	t.Helper()
	got, data := frame(t, c)
	if got != kind {
		t.Fatalf("got %s, want a frame of type %s", data, kind)
	}
	return data
}

// wantClosed reads on to the close frame.
func wantClosed(t testing.TB, c *websocket.Conn, code int) (last string) {
	t.Helper()
	for {
		_, data, err := c.ReadMessage()
		if err == nil {
			last = string(data)
			continue
		}
		if !websocket.IsCloseError(err, code) {
			t.Fatalf("closed with %v, want code %d", err, code)
		}
		return last
	}
}

func publish(s *server, v float64) {
	s.hub.Publish(query.Update{At: time.Now(), Values: []wire.Value{{KPI: "a", Centre: "province", Value: &v, State: wire.StateOK}}})
}

func TestFramesInTheirOrder(t *testing.T) {
	s := start(t, Options{})
	c := dial(t, s)
	want(t, c, wire.TypeHello)
	publish(s, 1)
	send(t, c, `{"type":"subscribe","kpis":["a"]}`)
	want(t, c, wire.TypeSnapshot)
	publish(s, 2)
	if data := want(t, c, wire.TypeDelta); !strings.Contains(data, `"value":2`) {
		t.Errorf("got %s", data)
	}
}

func TestAWrongFrameIsToldAndEndsTheConnection(t *testing.T) {
	tests := []struct {
		name string
		kind int
		data string
		code int
		says string
	}{
		{"no JSON", websocket.TextMessage, `subscribe`, websocket.ClosePolicyViolation, "invalid character"},
		{"another type", websocket.TextMessage, `{"type":"hello"}`, websocket.ClosePolicyViolation, "subscribe"},
		{"a misspelt filter", websocket.TextMessage, `{"type":"subscribe","kpi":["a"]}`, websocket.ClosePolicyViolation, "kpi"},
		{"a wrong pattern", websocket.TextMessage, `{"type":"subscribe","kpis":["a*"]}`, websocket.ClosePolicyViolation, "star"},
		{"two values", websocket.TextMessage, `{"type":"subscribe"}{}`, websocket.ClosePolicyViolation, "more than one"},
		{"binary", websocket.BinaryMessage, `{"type":"subscribe"}`, websocket.CloseUnsupportedData, "text"},
		{"no UTF-8", websocket.TextMessage, "{\"type\":\"\xff\"}", websocket.CloseInvalidFramePayloadData, "UTF-8"},
		{"too large", websocket.TextMessage, strings.Repeat(" ", 1<<20), websocket.CloseMessageTooBig, ""},
	}
	s := start(t, Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := dial(t, s)
			want(t, c, wire.TypeHello)
			if err := c.WriteMessage(tt.kind, []byte(tt.data)); err != nil {
				t.Fatal(err)
			}
			last := wantClosed(t, c, tt.code)
			if tt.says != "" && (!strings.Contains(last, `"type":"error"`) || !strings.Contains(last, tt.says)) {
				t.Errorf("last frame is %s, want an error that says %q", last, tt.says)
			}
		})
	}
}

func TestAClientThatAsksForNothingIsClosed(t *testing.T) {
	t.Parallel() // it waits for real
	s := start(t, Options{})
	c := dial(t, s)
	want(t, c, wire.TypeHello)
	if last := wantClosed(t, c, websocket.ClosePolicyViolation); !strings.Contains(last, "must be a subscribe") {
		t.Errorf("last frame is %s", last)
	}
}

func TestShutdownSendsClientsAway(t *testing.T) {
	s := start(t, Options{})
	clients := []*websocket.Conn{dial(t, s), dial(t, s)}
	for _, c := range clients {
		want(t, c, wire.TypeHello)
	}
	var reading sync.WaitGroup
	for _, c := range clients {
		reading.Go(func() {
			if _, _, err := c.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseGoingAway) {
				t.Errorf("closed with %v, want going away", err)
			}
		})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := s.handler.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	reading.Wait()
	late := dial(t, s)
	wantClosed(t, late, websocket.CloseGoingAway)
}

// TestShutdownCutsOffWhoDoesNotListen has more on the way than the kernel takes in.
func TestShutdownCutsOffWhoDoesNotListen(t *testing.T) {
	s := start(t, Options{})
	c := dial(t, s)
	send(t, c, `{"type":"subscribe"}`)
	if err := c.NetConn().(*net.TCPConn).SetReadBuffer(1); err != nil {
		t.Fatal(err)
	}
	big := make([]wire.Value, 100000)
	for i := range big {
		big[i] = wire.Value{KPI: "some.kpi", Centre: "province", State: wire.StateNoData}
	}
	s.hub.Publish(query.Update{At: time.Now(), Values: big})
	// The first bytes of the snapshot are here: the write has begun, and can't end.
	for kind := ""; kind != "snapshot"; {
		_, r, err := c.NextReader()
		if err != nil {
			t.Fatal(err)
		}
		head := make([]byte, 20)
		if _, err := r.Read(head); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(head, []byte(wire.TypeSnapshot)) {
			kind = wire.TypeSnapshot
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := s.handler.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("shut down with %v, want it to say that a client was cut off", err)
	}
}

func TestWhoMayConnect(t *testing.T) {
	s := start(t, Options{Origins: []string{"https://wall.example"}})
	tests := []struct {
		origin string
		status int
	}{
		{"", http.StatusSwitchingProtocols}, // no browser
		{"http" + strings.TrimPrefix(s.url, "ws"), http.StatusSwitchingProtocols},
		{"https://wall.example", http.StatusSwitchingProtocols},
		{"https://wall.example.evil.example", http.StatusForbidden},
		{"http://wall.example", http.StatusForbidden},
		{"null", http.StatusForbidden},
	}
	for _, tt := range tests {
		t.Run(tt.origin, func(t *testing.T) {
			header := http.Header{}
			if tt.origin != "" {
				header.Set("Origin", tt.origin)
			}
			c, resp, err := websocket.DefaultDialer.Dial(s.url, header)
			if err == nil {
				c.Close()
			}
			defer resp.Body.Close()
			if resp.StatusCode != tt.status {
				t.Errorf("status %d, want %d", resp.StatusCode, tt.status)
			}
		})
	}
}

func TestOriginsAreNamedWhole(t *testing.T) {
	for _, origin := range []string{"*", "https://*", "wall.example", "https://wall.example/", "https://wall.example/path"} {
		hub, err := live.New(live.Options{Registry: &schemas.Registry{}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := New(Options{Hub: hub, Origins: []string{origin}}); err == nil {
			t.Errorf("%s is accepted", origin)
		}
	}
}

func TestAPlainRequestIsRefused(t *testing.T) {
	s := start(t, Options{})
	resp, err := http.Get("http" + strings.TrimPrefix(s.url, "ws"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("status %d, want 400", resp.StatusCode)
	}
}

func TestManyClients(t *testing.T) {
	s := start(t, Options{})
	publish(s, 0)
	var all sync.WaitGroup
	for range 100 {
		c := dial(t, s)
		all.Go(func() {
			if err := c.WriteMessage(websocket.TextMessage, []byte(`{"type":"subscribe"}`)); err != nil {
				t.Error(err)
			}
			for {
				_, data, err := c.ReadMessage()
				if err != nil {
					t.Error(err)
					return
				}
				if bytes.Contains(data, []byte(`"value":20,`)) {
					return
				}
			}
		})
	}
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for i := range 21 {
		publish(s, float64(i))
		<-ticker.C
	}
	all.Wait()
}
