package local

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain makes the test binary stand in for the program: as the engine's
// process, and as the parent of one, to be killed.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "engine" {
		os.Exit(RunChild(os.Args[2:]))
	}
	if dir := os.Getenv("IOC_TEST_PARENT_OF_ENGINE_IN"); dir != "" {
		os.Exit(parent(dir))
	}
	goleak.VerifyTestMain(m)
}

// parent runs an engine until it is killed, and prints its address when it is ready.
func parent(dir string) int {
	engine, err := Locate(context.Background(), LocateOptions{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	c, err := NewClickHouse(ClickHouseOptions{Dir: dir, Listen: "127.0.0.1:0", Engine: engine, Child: []string{os.Args[0], "engine"}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	go func() {
		<-c.Ready()
		fmt.Println(c.DSN())
	}()
	if err := c.Run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return 1
}

// running is something that Run was called of.
type running struct {
	stop  context.CancelFunc
	ended chan error
}

// start runs in the background what stop, or the end of the test, stops.
func start(t *testing.T, run func(context.Context) error) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{stop: cancel, ended: make(chan error, 1)}
	go func() {
		r.ended <- run(ctx)
		close(r.ended)
	}()
	t.Cleanup(func() {
		cancel()
		for range r.ended {
			// Closed when Run has returned.
		}
	})
	return r
}

// end stops it in order.
func (r *running) end(t *testing.T) {
	t.Helper()
	r.stop()
	select {
	case err := <-r.ended:
		if err != nil {
			t.Fatalf("ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it doesn't stop")
	}
}

// eventually polls what becomes true.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// wantRefusal checks that an error is one sentence with these words.
func wantRefusal(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("accepted")
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than a sentence: %q", err)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q doesn't say %q", err, word)
		}
	}
}

// busyPort is an address that somebody else listens on.
func busyPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener.Addr().String()
}
