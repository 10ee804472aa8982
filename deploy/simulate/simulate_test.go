package simulate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"
	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"
	"go.uber.org/goleak"

	"github.com/binhphuoc/ioc/deploy/simulate/world"
	"github.com/binhphuoc/ioc/schemas"
)

// lowRate keeps the tests of transports quick: the world has a fifth of everything.
const lowRate = 0.2

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inbox keeps what brokers got.
type inbox struct {
	mu       sync.Mutex
	messages []schemas.Message
}

func (b *inbox) put(m schemas.Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages = append(b.messages, m)
}

func (b *inbox) all() []schemas.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.messages)
}

// broker starts a real MQTT broker on an address; the returned function stops it.
func broker(t *testing.T, addr string, box *inbox) (url string, stop func()) {
	t.Helper()
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	server := mochi.New(&mochi.Options{InlineClient: true, Logger: slog.New(slog.DiscardHandler)})
	if err := errors.Join(server.AddHook(new(auth.AllowHook), nil), server.AddListener(listeners.NewNet("test", listener)), server.Serve()); err != nil {
		t.Fatal(err)
	}
	err = server.Subscribe("ioc/#", 1, func(_ *mochi.Client, _ packets.Subscription, p packets.Packet) {
		centre, _, _ := strings.Cut(strings.TrimPrefix(p.TopicName, "ioc/"), "/")
		box.put(schemas.Message{Transport: "mqtt", Topic: p.TopicName, Centre: centre, Payload: bytes.Clone(p.Payload), Arrived: time.Now()})
	})
	if err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	stop = func() { once.Do(func() { server.Close() }) }
	t.Cleanup(stop)
	return "tcp://" + listener.Addr().String(), stop
}

// kafkaBroker starts a broker with the topics of all centres of a registry.
func kafkaBroker(t *testing.T, reg *schemas.Registry) string {
	t.Helper()
	var topics []string
	for _, c := range reg.Centres {
		for _, d := range reg.Domains {
			topics = append(topics, "ioc."+c.Code+"."+d.Code)
		}
	}
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(3, topics...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster.ListenAddrs()[0]
}

// read takes all that topics hold.
func read(t *testing.T, addr string, topics ...string) []schemas.Message {
	t.Helper()
	var out []schemas.Message
	for _, topic := range topics {
		for partition := range 3 {
			conn, err := kafka.DialLeader(t.Context(), "tcp", addr, topic, partition)
			if err != nil {
				t.Fatal(err)
			}
			last, err := conn.ReadLastOffset()
			if err != nil {
				t.Fatal(err)
			}
			for n := int64(0); n < last; {
				batch := conn.ReadBatch(1, 8<<20)
				for n < last {
					m, err := batch.ReadMessage()
					if err != nil { // the end of the batch
						break
					}
					n = m.Offset + 1
					out = append(out, message(&m))
				}
				batch.Close()
			}
			conn.Close()
		}
	}
	return out
}

func message(m *kafka.Message) schemas.Message {
	header := map[string]string{}
	for _, h := range m.Headers {
		header[h.Key] = string(h.Value)
	}
	return schemas.Message{
		Transport: "kafka", Topic: m.Topic, Centre: strings.Split(m.Topic, ".")[1], Header: header, Payload: m.Value, Arrived: time.Now(),
	}
}

// registry has the province and one of its towns: enough to have all there is.
func registry(t *testing.T) *schemas.Registry {
	t.Helper()
	reg, err := schemas.BuiltinRegistry()
	if err != nil {
		t.Fatal(err)
	}
	reg.Centres = slices.DeleteFunc(reg.Centres, func(c schemas.Centre) bool { return c.Parent != "" && c.Code != "phuoc-long" })
	return reg
}

// start runs a simulation; the returned function ends it and waits for that.
func start(t *testing.T, o Options) (stop func()) {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			select {
			case err := <-ended:
				if err != nil {
					t.Errorf("run: %v", err)
				}
			case <-time.After(20 * time.Second):
				t.Error("the simulation does not end")
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within three minutes: %s", what)
		}
	}
}

// tally counts by type what the platform takes of messages, and how many it refuses.
func tally(t *testing.T, reg *schemas.Registry, messages []schemas.Message) (types map[schemas.Type]int, keys map[string]bool, refused int) {
	t.Helper()
	d := schemas.NewDecoder(reg, schemas.DecoderOptions{})
	types, keys = map[schemas.Type]int{}, map[string]bool{}
	for _, m := range messages {
		events, refusals := d.Decode(m)
		refused += len(refusals)
		for _, e := range events {
			types[e.Type]++
			keys[e.Source+" "+e.ID] = true
		}
	}
	return types, keys, refused
}

func TestRunOverRealBrokers(t *testing.T) {
	reg := registry(t)
	var box inbox
	url, _ := broker(t, "127.0.0.1:0", &box)
	addr := kafkaBroker(t, reg)
	var log safeBuffer
	stop := start(t, Options{
		Seed: 1, Registry: reg, MQTT: []string{url}, Kafka: []string{addr}, Backfill: 10 * time.Minute, Rate: lowRate,
		Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	eventually(t, "the history of all feeds", func() bool { return strings.Count(log.String(), "simulated_history_sent") == 4 })
	begun := time.Now()
	eventually(t, "live events", func() bool {
		messages := box.all()
		return slices.ContainsFunc(messages, func(m schemas.Message) bool { return m.Arrived.After(begun) })
	})
	stop()

	messages := box.all()
	for _, c := range reg.Centres {
		messages = append(messages, read(t, addr, "ioc."+c.Code+".service")...)
	}
	types, _, refused := tally(t, reg, messages)
	// Of the others there may be none early in the morning, or in the few minutes that this test looks at.
	for _, typ := range []schemas.Type{
		schemas.TypeCamera, schemas.TypeDossier, schemas.TypeDocument, schemas.TypeProcedure, schemas.TypeFigure,
	} {
		if types[typ] == 0 {
			t.Errorf("no event of the type %s: %v", typ, types)
		}
	}
	if refused > 20 {
		t.Errorf("%d events refused", refused)
	}
	if !slices.ContainsFunc(messages, func(m schemas.Message) bool { return m.Header["ce_type"] == "vn.binhphuoc.ioc.dossier.v1" }) {
		t.Error("no dossier in binary mode")
	}
	if strings.Contains(log.String(), "level=WARN") {
		t.Errorf("complains:\n%s", log.String())
	}
}

// A second process of the same day repeats the first one's events: nothing of the past is there twice under another id.
func TestRestartRepeats(t *testing.T) {
	reg := registry(t)
	addr := kafkaBroker(t, reg)
	keys := func() map[string]bool {
		var log safeBuffer
		stop := start(t, Options{
			Seed: 4, Registry: reg, Kafka: []string{addr}, Backfill: 5 * time.Minute, Rate: lowRate, Log: slog.New(slog.NewTextHandler(&log, nil)),
		})
		eventually(t, "the history", func() bool { return strings.Count(log.String(), "simulated_history_sent") == 2 })
		stop()
		_, keys, _ := tally(t, reg, read(t, addr, "ioc.phuoc-long.service"))
		return keys
	}
	first := keys()
	second := keys()
	// What is new happened after the first start: the portal's readings, and now and then a call.
	if n := len(second) - len(first); len(first) < 100 || n < 0 || n > 40 {
		t.Errorf("%d events after the first start, %d after the second", len(first), len(second))
	}
}

func TestBrokerThatComesLaterAndGoes(t *testing.T) {
	reg := registry(t)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	free.Close()
	var log safeBuffer
	end := start(t, Options{Seed: 1, Registry: reg, MQTT: []string{"tcp://" + addr}, Log: slog.New(slog.NewTextHandler(&log, nil))})
	begun := time.Now()
	said := func(event string) (n int) {
		for line := range strings.Lines(log.String()) {
			if strings.Contains(line, event) && strings.Contains(line, "series=live") {
				n++
			}
		}
		return n
	}
	const waits, sendsAgain = "simulated_feed_waits_for_broker", "simulated_feed_sends_again"
	eventually(t, "both live feeds say that they wait", func() bool { return said(waits) >= 2 })

	var box inbox
	_, stop := broker(t, addr, &box)
	// What has arrived may not be acknowledged yet: a broker that stops now was never there for the feed.
	eventually(t, "it sends", func() bool { return len(box.all()) > 20 && said(sendsAgain) >= 2 })
	waited := said(waits)
	stop()
	eventually(t, "it says that it waits again", func() bool { return said(waits) > waited })
	had := len(box.all())
	broker(t, addr, &box)
	eventually(t, "it sends again", func() bool { return len(box.all()) > had+20 })

	// Nothing that happened while the broker was away is missing.
	newest := time.Now().Add(-2 * time.Second)
	eventually(t, "the newest events", func() bool {
		messages := box.all()
		return messages[len(messages)-1].Arrived.After(newest.Add(2 * time.Second))
	})
	end()
	_, keys, _ := tally(t, reg, box.all())
	w, err := world.New(world.Options{Seed: 1, Registry: reg})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range w.Feeds(newest) {
		var happened []schemas.Message
		if f.Transport() == world.MQTT {
			for _, m := range f.Between(begun, newest) {
				happened = append(happened, schemas.Message{Topic: m.Topic, Centre: f.Centre(), Payload: m.Payload, Arrived: newest})
			}
		}
		_, want, _ := tally(t, reg, happened)
		for key := range want {
			if !keys[key] {
				t.Errorf("missing: %s", key)
			}
		}
	}
	if n := strings.Count(log.String(), waits); n > 40 {
		t.Errorf("complained %d times", n)
	}
}

func TestNewRefuses(t *testing.T) {
	reg := registry(t)
	for name, o := range map[string]Options{
		"no broker":    {Registry: reg},
		"no registry":  {Kafka: []string{"127.0.0.1:9092"}},
		"negative":     {Registry: reg, Kafka: []string{"127.0.0.1:9092"}, Backfill: -1},
		"no MQTT URL":  {Registry: reg, MQTT: []string{"127.0.0.1:1883"}},
		"another rate": {Registry: reg, Kafka: []string{"127.0.0.1:9092"}, Rate: -2},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestLoad(t *testing.T) {
	reg := registry(t)
	var box inbox
	url, _ := broker(t, "127.0.0.1:0", &box)
	addr := kafkaBroker(t, reg)
	for _, tt := range []struct {
		name    string
		options LoadOptions
		taken   func() []schemas.Message
	}{
		{"kafka", LoadOptions{Transport: world.Kafka, Brokers: []string{addr}}, func() []schemas.Message { return read(t, addr, "ioc.phuoc-long.sensor") }},
		{"mqtt in batches", LoadOptions{Transport: world.MQTT, Brokers: []string{url}, PerMessage: 10}, box.all},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := tt.options
			o.Centre, o.Rate, o.Duration = "phuoc-long", 2000, time.Second
			report, err := Load(t.Context(), o)
			if err != nil || report.Events != 2000 {
				t.Fatalf("%+v, %v", report, err)
			}
			t.Logf("%+v", report)
			eventually(t, "all of it", func() bool {
				_, keys, refused := tally(t, reg, tt.taken())
				return len(keys) == 2000 && refused == 0
			})
		})
	}
}

func TestLoadRefuses(t *testing.T) {
	good := LoadOptions{Transport: world.Kafka, Brokers: []string{"127.0.0.1:9092"}, Centre: "phuoc-long", Rate: 1}
	for i, change := range []func(*LoadOptions){
		func(o *LoadOptions) { o.Transport = "http" },
		func(o *LoadOptions) { o.Brokers = nil },
		func(o *LoadOptions) { o.Centre = "" },
		func(o *LoadOptions) { o.Rate = 0 },
		func(o *LoadOptions) { o.PerMessage = -1 },
		func(o *LoadOptions) { o.Transport = world.MQTT },
	} {
		o := good
		change(&o)
		if _, err := Load(t.Context(), o); err == nil {
			t.Errorf("change %d: taken", i)
		}
	}
}

// A load that is ended early ends, also when its broker is away.
func TestLoadEnds(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	report, err := Load(ctx, LoadOptions{Transport: world.Kafka, Brokers: []string{"127.0.0.1:1"}, Centre: "phuoc-long", Rate: 1e5})
	if err != nil || report.Events != 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

// safeBuffer is a log that can be read while it is written.
type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return fmt.Sprint(b.buf.String())
}
