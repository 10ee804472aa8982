package local

import (
	"bytes"
	"fmt"
	"log/slog"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

func startMQTT(t *testing.T, dir string) (*MQTT, *running) {
	t.Helper()
	m, err := NewMQTT(MQTTOptions{Dir: dir, Listen: "127.0.0.1:0", Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	return m, start(t, m.Run)
}

// session is a client with a persistent session that keeps what it gets, and
// acknowledges only when told to.
type session struct {
	client paho.Client
	mu     sync.Mutex
	got    []paho.Message
}

func join(t *testing.T, addr, id string) *session {
	t.Helper()
	s := &session{}
	options := paho.NewClientOptions().AddBroker("tcp://" + addr).SetClientID(id).SetCleanSession(false).
		SetAutoAckDisabled(true).SetOrderMatters(true).SetAutoReconnect(false).SetConnectRetry(true).SetConnectRetryInterval(20 * time.Millisecond)
	options.SetDefaultPublishHandler(func(_ paho.Client, m paho.Message) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.got = append(s.got, m)
	})
	s.client = paho.NewClient(options)
	wait(t, s.client.Connect())
	t.Cleanup(func() { s.client.Disconnect(0) })
	return s
}

func (s *session) payloads() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, m := range s.got {
		all = append(all, string(m.Payload()))
	}
	return all
}

func (s *session) ackAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.got {
		m.Ack()
	}
	s.got = nil
}

func wait(t *testing.T, token paho.Token) {
	t.Helper()
	if !token.WaitTimeout(20 * time.Second) {
		t.Fatal("no answer")
	}
	if err := token.Error(); err != nil {
		t.Fatal(err)
	}
}

func mosquittoPub(t *testing.T, addr, topic, qos string, payload []byte) error {
	t.Helper()
	program, err := exec.LookPath("mosquitto_pub")
	if err != nil {
		t.Skip("NO MOSQUITTO_PUB, NOTHING TESTED: install mosquitto-clients")
	}
	host, port, _ := strings.Cut(addr, ":")
	cmd := exec.Command(program, "-h", host, "-p", port, "-t", topic, "-q", qos, "-s")
	cmd.Stdin = bytes.NewReader(payload)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func TestMQTTKeepsMessages(t *testing.T) {
	dir := t.TempDir()
	m, r := startMQTT(t, dir)
	s := join(t, m.Addr(), "ingest")
	wait(t, s.client.Subscribe("$share/ingest/ioc/#", 1, nil))
	s.client.Disconnect(50)
	// QoS 0 has no answer to wait for; what comes after it on a connection does.
	device := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + m.Addr()).SetClientID("device").SetAutoReconnect(false))
	wait(t, device.Connect())
	wait(t, device.Publish("ioc/dong-xoai/camera/cam-1", 0, false, "m3"))
	wait(t, device.Publish("ioc/dong-xoai/camera/cam-1", 2, false, "m4"))
	device.Disconnect(50)
	for i, qos := range []string{"1", "1", "2"} {
		if err := mosquittoPub(t, m.Addr(), "ioc/dong-xoai/camera/cam-1", qos, fmt.Append(nil, "m", i)); err != nil {
			t.Fatal(err)
		}
	}
	r.end(t)

	// What came while nobody was there is delivered after a restart, and as
	// long as it isn't acknowledged after every further one.
	want := "m0 m1 m2 m3 m4"
	for range 2 {
		m, r = startMQTT(t, dir)
		s = join(t, m.Addr(), "ingest")
		eventually(t, want, func() bool { return len(s.payloads()) == 5 })
		for _, payload := range strings.Fields(want) {
			if !strings.Contains(strings.Join(s.payloads(), " "), payload) {
				t.Errorf("%s is missing in %v", payload, s.payloads())
			}
		}
		s.client.Disconnect(50)
		r.end(t)
	}
	m, r = startMQTT(t, dir)
	s = join(t, m.Addr(), "ingest")
	eventually(t, want, func() bool { return len(s.payloads()) == 5 })
	s.ackAll()
	// The answer to a request follows the acknowledgements.
	wait(t, s.client.Unsubscribe("nothing"))
	s.client.Disconnect(50)
	r.end(t)

	m, _ = startMQTT(t, dir)
	s = join(t, m.Addr(), "ingest")
	wait(t, s.client.Unsubscribe("nothing"))
	if got := s.payloads(); len(got) != 0 {
		t.Errorf("acknowledged and delivered again: %v", got)
	}
}

func TestMQTTTopicsAndSizes(t *testing.T) {
	m, _ := startMQTT(t, t.TempDir())
	s := join(t, m.Addr(), "ingest")
	wait(t, s.client.Subscribe("#", 1, nil))
	big := bytes.Repeat([]byte("x"), 3<<20)
	if err := mosquittoPub(t, m.Addr(), "other/topic", "1", []byte("no")); err == nil {
		t.Error("a topic of somebody else is accepted")
	}
	if err := mosquittoPub(t, m.Addr(), "ioc/a/b/c", "1", big); err != nil {
		t.Errorf("3 MiB: %v", err)
	}
	if err := mosquittoPub(t, m.Addr(), "ioc/a/b/c", "1", bytes.Repeat([]byte("x"), 5<<20)); err == nil {
		t.Error("5 MiB are accepted")
	}
	eventually(t, "the message of 3 MiB arrives", func() bool { return len(s.payloads()) == 1 })
	if got := s.payloads()[0]; got != string(big) {
		t.Errorf("%d bytes arrived", len(got))
	}
}

// A publisher waits where the subscriber can't follow; nothing is dropped.
func TestMQTTPublisherWaits(t *testing.T) {
	m, _ := startMQTT(t, t.TempDir())
	s := join(t, m.Addr(), "ingest")
	wait(t, s.client.Subscribe("ioc/#", 1, nil))
	// No pings: their answers queue behind thousands of synced writes, and a busy machine would take the broker for dead.
	publisher := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + m.Addr()).SetClientID("device").SetAutoReconnect(false).SetKeepAlive(0))
	wait(t, publisher.Connect())
	t.Cleanup(func() { publisher.Disconnect(0) })
	room := mqttInflight - mqttClients
	var last paho.Token
	for i := range room + 1 {
		last = publisher.Publish("ioc/a/b/c", 1, false, fmt.Append(nil, i))
	}
	if testing.Short() {
		t.Skip("thousands of synced writes")
	}
	deadline := time.Now().Add(8 * time.Minute)
	for len(s.payloads()) < room {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d arrived", len(s.payloads()), room)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if last.WaitTimeout(200 * time.Millisecond) {
		t.Error("a message more than there is room for was acknowledged")
	}
	s.ackAll()
	wait(t, last)
	eventually(t, "the last one arrives", func() bool { return len(s.payloads()) == 1 })
}

func TestMQTTStartRefusals(t *testing.T) {
	busy := busyPort(t)
	_, err := NewMQTT(MQTTOptions{Dir: t.TempDir(), Listen: busy})
	wantRefusal(t, err, "another program already listens on "+busy, "--mqtt-listen")
	_, err = NewMQTT(MQTTOptions{Dir: t.TempDir(), Listen: "0.0.0.0:1883"})
	wantRefusal(t, err, "not a loopback address", "a real broker")
}
