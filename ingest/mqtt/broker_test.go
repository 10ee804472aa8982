package mqtt_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"go.uber.org/goleak"

	"github.com/binhphuoc/ioc/ingest"
	source "github.com/binhphuoc/ioc/ingest/mqtt"
	"github.com/binhphuoc/ioc/schemas"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what has to come.
const patience = 60 * time.Second

// broker is a Mosquitto of this test's own, which keeps its sessions on disk.
type broker struct {
	*testing.T
	addr string
	dir  string
	log  journal
	stop func()
}

func newBroker(t *testing.T) *broker {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &broker{T: t, addr: l.Addr().String(), dir: t.TempDir()}
	l.Close()
	b.start()
	return b
}

// start runs it until stop is called, or the test ends.
func (b *broker) start() {
	b.Helper()
	path, err := exec.LookPath("mosquitto")
	if err != nil {
		path, err = exec.LookPath("/usr/sbin/mosquitto")
	}
	if err != nil && os.Getenv("CI") != "" {
		b.Fatal("NO MOSQUITTO: install the package mosquitto")
	}
	if err != nil {
		b.Skip("NO MOSQUITTO, NOTHING TESTED: install the package mosquitto")
	}
	host, port, err := net.SplitHostPort(b.addr)
	if err != nil {
		b.Fatal(err)
	}
	config := filepath.Join(b.dir, "mosquitto.conf")
	text := fmt.Sprintf(`listener %s %s
allow_anonymous true
persistence true
persistence_location %s/
max_inflight_messages 1000
max_queued_messages 100000
`, port, host, b.dir)
	if os.Getuid() == 0 {
		text += "user root\n" // otherwise it becomes a user who may not write here
	}
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(context.Background(), path, "-c", config)
	cmd.Stderr, cmd.Stdout = &b.log, &b.log
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.stop = sync.OnceFunc(func() {
		if err := cmd.Process.Signal(os.Interrupt); err != nil { // so that it saves its sessions
			b.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			b.Errorf("mosquitto: %v\n%s", err, b.log.String())
		}
	})
	b.Cleanup(b.stop)
	b.eventually("Mosquitto answers", func() bool {
		c, err := net.Dial("tcp", b.addr)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

// left waits until the broker has seen a client go. Mosquitto throws away what a client's last packets say
// when the next one with the same id is faster than its reading of them.
func (b *broker) left(client string) {
	b.Helper()
	b.eventually("the broker has seen "+client+" go", func() bool { return b.log.count("Client "+client+" disconnected") > 0 })
}

// publish sends messages with QoS 1, and returns when the broker has them.
func (b *broker) publish(topic string, texts ...string) {
	b.Helper()
	c := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + b.addr).SetClientID("publisher"))
	if t := c.Connect(); t.Wait() && t.Error() != nil {
		b.Fatal(t.Error())
	}
	defer c.Disconnect(1000)
	var tokens []paho.Token
	for _, text := range texts {
		tokens = append(tokens, c.Publish(topic, 1, false, text))
	}
	for _, t := range tokens {
		if !t.WaitTimeout(patience) || t.Error() != nil {
			b.Fatalf("publish: %v", t.Error())
		}
	}
}

func texts(prefix string, n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("%s%03d", prefix, i))
	}
	return out
}

// taker runs a source and takes what it delivers.
type taker struct {
	*testing.T
	source *source.Source
	log    *journal
	stop   context.CancelFunc
	ended  chan error

	mu    sync.Mutex
	taken []ingest.Delivery
	hold  bool // deliveries are not acknowledged
}

// take starts a source, and returns when it has subscribed.
func (b *broker) take(o source.Options, hold bool) *taker {
	b.Helper()
	k := b.run(o, hold)
	b.eventually("subscribed", func() bool { return k.log.count("reading MQTT topics") > 0 })
	return k
}

func (b *broker) run(o source.Options, hold bool) *taker {
	b.Helper()
	k := &taker{T: b.T, log: &journal{}, hold: hold, ended: make(chan error, 1)}
	o.Broker = "tcp://" + b.addr
	o.Log = slog.New(slog.NewTextHandler(k.log, nil))
	var err error
	if k.source, err = source.New(o); err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	k.stop = cancel
	go func() { k.ended <- k.source.Run(ctx, k.deliver) }()
	b.Cleanup(cancel)
	return k
}

func (k *taker) deliver(_ context.Context, d ingest.Delivery) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.taken = append(k.taken, d)
	if !k.hold {
		d.Done()
	}
	return nil
}

// end stops the source as the pipeline does.
func (k *taker) end() {
	k.Helper()
	k.stop()
	if err := <-k.ended; err != nil {
		k.Error(err)
	}
	if err := k.source.Close(); err != nil {
		k.Error(err)
	}
}

// all returns what was delivered, by content.
func (k *taker) all() map[string]schemas.Message {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := map[string]schemas.Message{}
	for _, d := range k.taken {
		out[string(d.Payload)] = d.Message
	}
	return out
}

// eventually waits for what has to come true.
func (b *broker) eventually(what string, is func() bool) {
	b.Helper()
	for until := time.Now().Add(patience); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			b.Fatalf("after %s, not: %s", patience, what)
		}
	}
}

// journal keeps what is logged.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func (j *journal) count(text string) int { return strings.Count(j.String(), text) }
