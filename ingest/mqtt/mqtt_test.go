package mqtt_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"

	source "github.com/binhphuoc/ioc/ingest/mqtt"
)

func TestTakesAndAcknowledges(t *testing.T) {
	b := newBroker(t)
	k := b.take(source.Options{}, false)
	b.publish("ioc/dong-xoai/camera/cam-1", texts("a", 3000)...) // more than the broker's window
	b.publish("ioc", "nowhere")
	b.publish("elsewhere/dong-xoai/camera/cam-1", "not ours")
	b.eventually("all are delivered", func() bool { return len(k.all()) == 3001 })
	m := k.all()["a2999"]
	if m.Transport != "mqtt" || m.Topic != "ioc/dong-xoai/camera/cam-1" || m.Centre != "dong-xoai" || m.Partition != -1 || m.Offset != -1 || m.Arrived.IsZero() {
		t.Errorf("delivered as %+v", m)
	}
	if m := k.all()["nowhere"]; m.Centre != "" {
		t.Errorf("a topic that names no centre was taken for one of %q", m.Centre)
	}
	k.end()
	b.left("ioc-ingest")
	next := b.take(source.Options{}, false)
	b.publish("ioc/dong-xoai/camera/cam-1", "last")
	b.eventually("the last one is delivered", func() bool { return len(next.all()) > 0 })
	if n := len(next.all()); n != 1 {
		t.Errorf("%d messages came again that had been acknowledged", n-1)
	}
	next.end()
}

func TestSessionKeepsWhatIsPublishedMeanwhile(t *testing.T) {
	b := newBroker(t)
	b.take(source.Options{}, false).end()
	b.publish("ioc/dong-xoai/camera/cam-1", texts("a", 500)...)
	b.stop()
	b.start() // the broker keeps it over its own restart too
	k := b.take(source.Options{}, false)
	b.eventually("what was published meanwhile is delivered", func() bool { return len(k.all()) == 500 })
	k.end()
}

func TestUnacknowledgedComesAgain(t *testing.T) {
	b := newBroker(t)
	k := b.take(source.Options{}, true)
	b.publish("ioc/dong-xoai/camera/cam-1", texts("a", 50)...)
	b.eventually("all are delivered", func() bool { return len(k.all()) == 50 })
	k.end()
	next := b.take(source.Options{}, false)
	b.eventually("all are delivered again", func() bool { return len(next.all()) == 50 })
	next.end()
}

// The pipeline acknowledges what it still stores between the end of Run and Close.
func TestAcknowledgementsCountUntilClose(t *testing.T) {
	b := newBroker(t)
	k := b.take(source.Options{}, true)
	b.publish("ioc/dong-xoai/camera/cam-1", texts("a", 50)...)
	b.eventually("all are delivered", func() bool { return len(k.all()) == 50 })
	k.stop()
	if err := <-k.ended; err != nil {
		t.Error(err)
	}
	for _, d := range k.taken {
		d.Done()
	}
	if err := k.source.Close(); err != nil {
		t.Error(err)
	}
	b.left("ioc-ingest")
	next := b.take(source.Options{}, false)
	b.publish("ioc/dong-xoai/camera/cam-1", "last")
	b.eventually("the last one is delivered", func() bool { return len(next.all()) > 0 })
	if n := len(next.all()); n != 1 {
		t.Errorf("%d messages came again that had been acknowledged", n-1)
	}
	next.end()
}

// sharing waits until each message comes to one of these only.
func (b *broker) sharing(list ...*taker) {
	b.Helper()
	for _, k := range list {
		b.eventually("sharing", func() bool { return k.log.count("sharing MQTT topics") > 0 })
	}
	time.Sleep(2 * time.Second) // the source itself waits so long
}

func TestTwoProcessesShare(t *testing.T) {
	b := newBroker(t)
	first := b.take(source.Options{ClientID: "one", Share: "ingest"}, false)
	second := b.take(source.Options{ClientID: "two", Share: "ingest"}, false)
	b.sharing(first, second)
	b.publish("ioc/dong-xoai/camera/cam-1", texts("a", 200)...)
	b.eventually("all are delivered, each to one", func() bool { return len(first.all())+len(second.all()) == 200 })
	if len(first.all()) == 0 || len(second.all()) == 0 {
		t.Errorf("one process got all: %d and %d", len(first.all()), len(second.all()))
	}
	first.end()
	second.end()
}

// Mosquitto forgets shared subscriptions when it restarts.
func TestNothingIsLostBetweenARestartAndTheFirstSubscription(t *testing.T) {
	b := newBroker(t)
	one, two := source.Options{ClientID: "one", Share: "ingest"}, source.Options{ClientID: "two", Share: "ingest"}
	first, second := b.take(one, false), b.take(two, false)
	b.sharing(first, second)
	first.end()
	second.end()
	b.left("one")
	b.left("two")
	b.publish("ioc/dong-xoai/camera/cam-1", texts("before", 300)...)
	b.stop()
	b.start()
	b.publish("ioc/dong-xoai/camera/cam-1", texts("between", 300)...)
	first, second = b.take(one, false), b.take(two, false)
	union := func() int {
		all := first.all()
		for text, m := range second.all() {
			all[text] = m
		}
		return len(all)
	}
	b.eventually("all are delivered", func() bool { return union() == 600 })
	b.sharing(first, second)
	b.publish("ioc/dong-xoai/camera/cam-1", texts("after", 300)...)
	b.eventually("all are delivered", func() bool { return union() == 900 })
	for _, m := range texts("after", 300) {
		_, a := first.all()[m]
		_, b := second.all()[m]
		if a && b {
			t.Fatalf("%s was delivered to both", m)
		}
	}
	first.end()
	second.end()
}

func TestOneThatWillNotComeBackLeaves(t *testing.T) {
	b := newBroker(t)
	one, two := source.Options{ClientID: "one", Share: "ingest"}, source.Options{ClientID: "two", Share: "ingest"}
	b.take(one, false).end()
	b.left("one")
	staying := b.take(two, false)
	b.sharing(staying)
	b.publish("ioc/dong-xoai/camera/cam-1", texts("a", 3000)...) // more than the broker's window
	b.eventually("the one that stays has its part", func() bool { return len(staying.all()) == 1500 })

	one.Broker = "tcp://" + b.addr
	leaver, err := source.NewLeaver(one)
	if err != nil {
		t.Fatal(err)
	}
	k := &taker{T: t}
	if err := leaver.Run(t.Context(), k.deliver); err != nil {
		t.Error(err)
	}
	all := staying.all()
	for text, m := range k.all() {
		all[text] = m
	}
	if len(all) != 3000 {
		t.Errorf("%d messages were taken, want 3000", len(all))
	}
	if err := leaver.Close(); err != nil {
		t.Error(err)
	}
	b.publish("ioc/dong-xoai/camera/cam-1", texts("b", 100)...)
	b.eventually("the one that stays has all", func() bool { return len(staying.all()) == 1600 })
	staying.end()
}

func TestLeavingIsNotDoneWhileAnythingIsNotAcknowledged(t *testing.T) {
	b := newBroker(t)
	one := source.Options{ClientID: "one", Share: "ingest"}
	b.take(one, false).end()
	b.left("one")
	b.publish("ioc/dong-xoai/camera/cam-1", texts("a", 50)...)
	one.Broker = "tcp://" + b.addr
	leaver, err := source.NewLeaver(one)
	if err != nil {
		t.Fatal(err)
	}
	k := &taker{T: t, hold: true}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second) // it would end after two
	defer cancel()
	if err := leaver.Run(ctx, k.deliver); err != nil || ctx.Err() == nil {
		t.Errorf("it left before anything was acknowledged: %v", err)
	}
	if err := leaver.Close(); err == nil || !strings.Contains(err.Error(), "leave again") {
		t.Errorf("closed with %v, want an error that says what to do", err)
	}
	again := b.take(one, false)
	b.eventually("all come again", func() bool { return len(again.all()) == 50 })
	again.end()
}

func TestOnlyASharedSubscriptionCanBeLeft(t *testing.T) {
	if _, err := source.NewLeaver(source.Options{Broker: "tcp://127.0.0.1:1"}); err == nil {
		t.Error("a subscription of its own was given up: what comes would be lost")
	}
}

func TestBrokerAwayThenBack(t *testing.T) {
	b := newBroker(t)
	k := b.take(source.Options{}, true)
	b.publish("ioc/dong-xoai/camera/cam-1", texts("a", 10)...)
	b.eventually("all are delivered", func() bool { return len(k.all()) == 10 })
	b.stop()
	b.eventually("the log says that the broker is away", func() bool { return k.log.count("the MQTT broker is away") == 1 })
	for _, d := range k.taken { // must neither block nor be taken for done
		d.Done()
	}
	b.start()
	b.eventually("the log says that the broker is back", func() bool { return k.log.count("the MQTT broker is back") == 1 })
	b.publish("ioc/dong-xoai/camera/cam-1", texts("b", 10)...)
	b.eventually("what came later is delivered", func() bool { return len(k.all()) == 20 })
	if n := k.log.count("the MQTT broker is away"); n != 1 {
		t.Errorf("said %d times that the broker is away:\n%s", n, k.log)
	}
	k.end()
}

func TestLargeMessage(t *testing.T) {
	b := newBroker(t)
	k := b.take(source.Options{}, false)
	large := strings.Repeat("x", 3<<19)
	b.publish("ioc/dong-xoai/camera/cam-1", large)
	b.eventually("it is delivered", func() bool { _, ok := k.all()[large]; return ok })
	k.end()
}

// noReading is a broker's rule by which nobody may subscribe.
type noReading struct{ mochi.HookBase }

func (*noReading) ID() string { return "no-reading" }

func (*noReading) Provides(b byte) bool {
	return b == mochi.OnConnectAuthenticate || b == mochi.OnACLCheck
}

func (*noReading) OnConnectAuthenticate(*mochi.Client, packets.Packet) bool { return true }

func (*noReading) OnACLCheck(_ *mochi.Client, _ string, write bool) bool { return write }

func TestRefusedSubscriptionIsTold(t *testing.T) {
	server := mochi.New(&mochi.Options{Logger: slog.New(slog.DiscardHandler)})
	listener := listeners.NewTCP(listeners.Config{ID: "tcp", Address: "127.0.0.1:0"})
	if err := server.AddHook(&noReading{}, nil); err != nil {
		t.Fatal(err)
	}
	if err := server.AddListener(listener); err != nil {
		t.Fatal(err)
	}
	if err := server.Serve(); err != nil {
		t.Fatal(err)
	}
	b := &broker{T: t, addr: listener.Address()}
	k := b.run(source.Options{}, false)
	b.eventually("the log says so", func() bool { return k.log.count("the broker does not allow it") == 1 })
	k.end()
	if err := server.Close(); err != nil {
		t.Error(err)
	}
}

func TestStopsWhileTheBrokerIsAway(t *testing.T) {
	b := &broker{T: t, addr: "127.0.0.1:1"}
	k := b.run(source.Options{}, false)
	b.eventually("the log says that the broker is away", func() bool { return k.log.count("the MQTT broker is away") == 1 })
	began := time.Now()
	k.end()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("stopping took %s", took)
	}
}

func TestNewChecksOptions(t *testing.T) {
	for name, o := range map[string]source.Options{
		"no broker":           {},
		"no such CA file":     {Broker: "ssl://127.0.0.1:8883", CAFile: "/nowhere.pem"},
		"CA file without PEM": {Broker: "ssl://127.0.0.1:8883", CAFile: "/dev/null"},
	} {
		if _, err := source.New(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	s, err := source.New(source.Options{Broker: "tcp://127.0.0.1:1883", User: "u", Password: "p"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("closing a source that never ran: %v", err)
	}
}
