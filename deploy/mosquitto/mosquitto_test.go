// Package mosquitto_test runs the shipped configuration on a real Mosquitto.
package mosquitto_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	// patience is how long a test waits for what has to come.
	patience = 60 * time.Second
	password = "mật khẩu của bài thử"
)

// broker is a Mosquitto with the shipped configuration: only its address and its folders are the test's.
type broker struct {
	*testing.T
	dir, addr string
	log       journal
	command   *exec.Cmd
}

func newBroker(t *testing.T) *broker {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &broker{T: t, dir: t.TempDir(), addr: l.Addr().String()}
	l.Close()
	_, port, err := net.SplitHostPort(b.addr)
	if err != nil {
		t.Fatal(err)
	}
	text := b.read("mosquitto.conf")
	for _, change := range [][2]string{
		{"listener 1883 127.0.0.1", "listener " + port + " 127.0.0.1"},
		{"/etc/mosquitto/ioc.passwd", filepath.Join(b.dir, "passwd")},
		{"/etc/mosquitto/ioc.acl", filepath.Join(b.dir, "acl")},
		{"/var/lib/mosquitto/", b.dir + "/"},
	} {
		if !strings.Contains(text, change[0]) {
			t.Fatalf("the shipped configuration has no %q", change[0])
		}
		text = strings.ReplaceAll(text, change[0], change[1])
	}
	if os.Getuid() == 0 {
		text += "user root\n" // otherwise it becomes a user who may not write here
	}
	b.write("mosquitto.conf", text)
	b.write("acl", b.read("acl"))
	b.write("passwd", "")
	for _, user := range []string{"ioc-ingest", "dong-xoai", "phuoc-long"} {
		if out, err := exec.CommandContext(t.Context(), b.program("mosquitto_passwd"), "-b", filepath.Join(b.dir, "passwd"), user, password).CombinedOutput(); err != nil {
			t.Fatalf("mosquitto_passwd: %v: %s", err, out)
		}
	}
	b.start()
	t.Cleanup(func() { b.stop(syscall.SIGTERM) })
	return b
}

func (b *broker) read(name string) string {
	b.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		b.Fatal(err)
	}
	return string(raw)
}

func (b *broker) write(name, text string) {
	b.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
}

// program finds what the package mosquitto installs. Without it the test is skipped here, and fails in CI.
func (b *broker) program(name string) string {
	b.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		path, err = exec.LookPath("/usr/sbin/" + name)
	}
	if err != nil && os.Getenv("CI") != "" {
		b.Fatal("NO MOSQUITTO: install the package mosquitto")
	}
	if err != nil {
		b.Skip("NO MOSQUITTO, NOTHING TESTED: install the package mosquitto")
	}
	return path
}

func (b *broker) start() {
	b.Helper()
	b.command = exec.CommandContext(context.Background(), b.program("mosquitto"), "-c", filepath.Join(b.dir, "mosquitto.conf"))
	b.command.Stderr = &b.log
	if err := b.command.Start(); err != nil {
		b.Fatal(err)
	}
	b.eventually("Mosquitto answers", func() bool {
		c, err := net.Dial("tcp", b.addr)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

func (b *broker) stop(signal syscall.Signal) {
	b.Helper()
	if err := b.command.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		b.Error(err)
	}
	var ended *exec.ExitError
	if err := b.command.Wait(); err != nil && !errors.As(err, &ended) {
		b.Error(err)
	}
}

// connect opens a session. An id makes it a persistent one.
func (b *broker) connect(user, id string, o *paho.ClientOptions) paho.Client {
	b.Helper()
	o.AddBroker("tcp://" + b.addr).SetUsername(user).SetPassword(password).SetAutoReconnect(false)
	if id != "" {
		o.SetClientID(id).SetCleanSession(false)
	}
	c := paho.NewClient(o)
	b.done("connect "+user, c.Connect())
	return c
}

func (b *broker) done(what string, t paho.Token) {
	b.Helper()
	if !t.WaitTimeout(patience) {
		b.Fatalf("%s: no answer", what)
	}
	if t.Error() != nil {
		b.Fatalf("%s: %v", what, t.Error())
	}
}

// publish sends messages with QoS 1, and returns when the broker has acknowledged all.
func (b *broker) publish(user, topic string, n int) {
	b.Helper()
	c := b.connect(user, "", paho.NewClientOptions())
	defer c.Disconnect(250)
	tokens := make([]paho.Token, 0, n)
	for i := range n {
		tokens = append(tokens, c.Publish(topic, 1, false, fmt.Sprintf("%s %d", topic, i)))
	}
	for _, t := range tokens {
		b.done("publish", t)
	}
}

// reader is what ioc ingest is to the broker: a persistent session that reads everything.
type reader struct {
	mu    sync.Mutex
	heard map[string]bool
}

func (r *reader) handle(_ paho.Client, m paho.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.heard[string(m.Payload())] = true
}

func (r *reader) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.heard)
}

// read opens the session, and returns when it is subscribed.
func (b *broker) reader(user, filter string) (*reader, paho.Client) {
	b.Helper()
	r := &reader{heard: map[string]bool{}}
	c := b.connect(user, user, paho.NewClientOptions().SetDefaultPublishHandler(r.handle))
	b.done("subscribe to "+filter, c.Subscribe(filter, 1, nil))
	return r, c
}

func (b *broker) eventually(what string, is func() bool) {
	b.Helper()
	for until := time.Now().Add(patience); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			b.Fatalf("after %s, not: %s\n%s", patience, what, b.log.String())
		}
	}
}

func TestThousandsWaitForTheReader(t *testing.T) {
	const n = 5000 // the default limit is 1000
	for _, c := range []struct {
		name, filter string
		meanwhile    func(b *broker)
	}{
		{"away", "ioc/#", func(*broker) {}},
		{"away, and an orderly restart", "ioc/#", func(b *broker) { b.stop(syscall.SIGTERM); b.start() }},
		{"away, and killed after a save", "ioc/#", func(b *broker) { b.saved(); b.stop(syscall.SIGKILL); b.start() }},
		{"away, in a shared subscription", "$share/ingest/ioc/#", func(b *broker) { b.stop(syscall.SIGTERM); b.start() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBroker(t)
			_, away := b.reader("ioc-ingest", c.filter)
			away.Disconnect(250)
			b.eventually("the broker has seen it go", func() bool { return strings.Contains(b.log.String(), "Client ioc-ingest disconnected") })
			b.publish("dong-xoai", "ioc/dong-xoai/service/tong-dai-1022", n)
			c.meanwhile(b)
			r, back := b.reader("ioc-ingest", c.filter)
			defer back.Disconnect(250)
			b.eventually("all have arrived", func() bool { return r.count() == n })
			if strings.Contains(b.log.String(), "dropped") {
				t.Error(b.log.String())
			}
		})
	}
}

// saved waits for the second save from now: the first may have begun before the last message.
func (b *broker) saved() {
	b.Helper()
	at := time.Now()
	for range 2 {
		b.eventually("the queue is saved", func() bool {
			info, err := os.Stat(filepath.Join(b.dir, "mosquitto.db"))
			if err != nil || !info.ModTime().After(at) {
				return false
			}
			at = info.ModTime()
			return true
		})
	}
}

func TestACentreWritesBelowItsOwnTopicAlone(t *testing.T) {
	b := newBroker(t)
	all, ingest := b.reader("ioc-ingest", "ioc/#")
	defer ingest.Disconnect(250)
	foreign, other := b.reader("phuoc-long", "ioc/#")
	defer other.Disconnect(250)
	b.publish("dong-xoai", "ioc/phuoc-long/service/x", 1)
	b.publish("dong-xoai", "ioc/x", 1)
	b.publish("dong-xoai", "ioc/dong-xoai/service/x", 1)
	b.publish("ioc-ingest", "ioc/province/service/x", 1)
	b.publish("phuoc-long", "ioc/phuoc-long/service/last", 1) // what it may do; and the mark that all before has passed
	b.eventually("the last one has arrived", func() bool {
		all.mu.Lock()
		defer all.mu.Unlock()
		return all.heard["ioc/phuoc-long/service/last 0"]
	})
	if n := all.count(); n != 2 || !all.heard["ioc/dong-xoai/service/x 0"] {
		t.Errorf("arrived: %v", all.heard)
	}
	if n := foreign.count(); n != 0 {
		t.Errorf("a centre reads: %v", foreign.heard)
	}
}

func TestAWrongPasswordAndNoPasswordAreRefused(t *testing.T) {
	b := newBroker(t)
	for _, o := range []*paho.ClientOptions{
		paho.NewClientOptions(),
		paho.NewClientOptions().SetUsername("dong-xoai").SetPassword("x"),
	} {
		c := paho.NewClient(o.AddBroker("tcp://" + b.addr))
		if k := c.Connect(); !k.WaitTimeout(patience) || k.Error() == nil {
			t.Error("signed in")
		}
	}
}

// What is too large for the platform still reaches it, which tells the centre; what is too large for the broker shows at its sender.
func TestWhatIsTooLargeIsNotDroppedInSilence(t *testing.T) {
	b := newBroker(t)
	all, ingest := b.reader("ioc-ingest", "ioc/#")
	defer ingest.Disconnect(250)
	lost := make(chan struct{})
	c := b.connect("dong-xoai", "", paho.NewClientOptions().SetConnectionLostHandler(func(paho.Client, error) { close(lost) }))
	defer c.Disconnect(0)
	b.done("publish 2 MiB", c.Publish("ioc/dong-xoai/service/x", 1, false, bytes.Repeat([]byte("x"), 2<<20)))
	b.eventually("2 MiB have arrived", func() bool { return all.count() == 1 })
	c.Publish("ioc/dong-xoai/service/x", 1, false, bytes.Repeat([]byte("x"), 5<<20))
	select {
	case <-lost:
	case <-time.After(patience):
		t.Error("5 MiB were taken, or dropped")
	}
}

// journal keeps what the broker logs.
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
