package ingest_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	paho "github.com/eclipse/paho.mqtt.golang"
	kafkago "github.com/segmentio/kafka-go"

	"github.com/binhphuoc/ioc/deploy/local"
	"github.com/binhphuoc/ioc/deploy/local/localtest"
	"github.com/binhphuoc/ioc/deploy/migrate"
	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/ingest/chsink"
	"github.com/binhphuoc/ioc/ingest/kafka"
	"github.com/binhphuoc/ioc/ingest/mqtt"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/ddl"
)

// patience is how long a test waits for what has to come.
const patience = 90 * time.Second

const (
	topic     = "ioc.dong-xoai.service"
	mqttTopic = "ioc/dong-xoai/service/portal"
)

// rig is the whole way from two brokers to a database of this test's own. Another test may use the same Kafka:
// what this one sends has its name in it.
type rig struct {
	testing.TB
	name  string
	dsn   string // behind a wire that can be cut
	wire  *wire
	conn  driver.Conn
	kafka string
	mqtt  string
}

func newRig(t testing.TB) *rig {
	t.Helper()
	dsn := localtest.ClickHouse(t)
	migrations, err := ddl.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	if err := migrate.Up(t.Context(), dsn, migrations, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	r := &rig{TB: t, name: "n" + strings.ToLower(rand.Text()[:10]), kafka: os.Getenv("IOC_TEST_KAFKA")}
	o, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	if r.conn, err = clickhouse.Open(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.conn.Close(); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	r.wire = newWire(t, u.Host)
	u.Host = r.wire.addr()
	r.dsn = u.String()
	if r.kafka == "" {
		k, err := local.NewKafka(local.KafkaOptions{Listen: "127.0.0.1:0", Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		background(t, k.Run)
		<-k.Ready()
		r.kafka = k.Addr()
	}
	m, err := local.NewMQTT(local.MQTTOptions{Listen: "127.0.0.1:0", Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	background(t, m.Run)
	r.mqtt = "tcp://" + m.Addr()
	r.topic(4)
	return r
}

// background runs something until the test ends, or until the returned function is called.
func background(t testing.TB, run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := run(ctx); err != nil {
			t.Error(err)
		}
	})
	stop = func() { cancel(); wg.Wait() }
	t.Cleanup(stop)
	return stop
}

// topic creates the topic that all tests use, until the end of this one.
func (r *rig) topic(partitions int) {
	r.Helper()
	transport := &kafkago.Transport{}
	r.Cleanup(transport.CloseIdleConnections)
	client := &kafkago.Client{Addr: kafkago.TCP(r.kafka), Transport: transport, Timeout: patience}
	r.eventually("created the topic", func() bool {
		answer, err := client.CreateTopics(context.Background(), &kafkago.CreateTopicsRequest{
			Topics: []kafkago.TopicConfig{{Topic: topic, NumPartitions: partitions, ReplicationFactor: 1}},
		})
		if err != nil {
			r.Fatalf("create topic: %v", err)
		}
		return answer.Errors[topic] == nil || errors.Is(answer.Errors[topic], kafkago.TopicAlreadyExists)
	})
	r.Cleanup(func() {
		if _, err := client.DeleteTopics(context.Background(), &kafkago.DeleteTopicsRequest{Topics: []string{topic}}); err != nil {
			r.Errorf("delete topic: %v", err)
		}
	})
}

// process is one that takes from both brokers.
type process struct {
	stop    func()
	metrics *ingest.Metrics
}

// ingest starts a process, with a consumer group and a session of this test. It returns when MQTT knows of the session.
func (r *rig) ingest(name string) process {
	r.Helper()
	log, quiet := &journal{}, slog.New(slog.DiscardHandler)
	k, err := kafka.New(kafka.Options{Brokers: []string{r.kafka}, Group: r.name, Log: quiet})
	if err != nil {
		r.Fatal(err)
	}
	m, err := mqtt.New(mqtt.Options{Broker: r.mqtt, ClientID: r.name + name, Share: r.name, Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		r.Fatal(err)
	}
	registry, err := schemas.BuiltinRegistry()
	if err != nil {
		r.Fatal(err)
	}
	sink, err := chsink.New(chsink.Options{DSN: r.dsn})
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() {
		if err := sink.Close(); err != nil {
			r.Error(err)
		}
	})
	metrics := ingest.NewMetrics()
	p, err := ingest.New(ingest.Options{
		Sources: []ingest.Source{k, m}, Decoder: schemas.NewDecoder(registry, schemas.DecoderOptions{}), Sink: sink, Metrics: metrics, Log: quiet,
	})
	if err != nil {
		r.Fatal(err)
	}
	stop := background(r.TB, p.Run)
	r.eventually("subscribed", func() bool { return strings.Contains(log.String(), "reading MQTT topics") })
	return process{stop: stop, metrics: metrics}
}

// source is the one that this test's events come from.
func (r *rig) source() string { return "/dong-xoai/service/" + r.name }

// call is one state of a phone call.
func (r *rig) call(id, status string, revision int) string {
	now := time.Now().UTC().Format(time.RFC3339Nano)
	return fmt.Sprintf(`{"specversion":"1.0","id":%q,"source":%q,"type":"vn.binhphuoc.ioc.call.v1","time":%q,`+
		`"data":{"call_id":%q,"status":%q,"queued_at":%q,"revision":%d}}`, id, r.source(), now, id, status, now, revision)
}

// toKafka publishes values, and returns when Kafka has them.
func (r *rig) toKafka(values ...string) {
	r.Helper()
	transport := &kafkago.Transport{}
	defer transport.CloseIdleConnections()
	w := &kafkago.Writer{
		Addr: kafkago.TCP(r.kafka), Topic: topic, Balancer: &kafkago.RoundRobin{}, BatchTimeout: time.Millisecond, BatchBytes: 2 << 20,
		RequiredAcks: kafkago.RequireAll, Transport: transport,
	}
	defer w.Close()
	messages := make([]kafkago.Message, len(values))
	for i, v := range values {
		messages[i].Value = []byte(v)
	}
	// A new topic has no leader for a moment.
	r.eventually("published", func() bool {
		err := w.WriteMessages(context.Background(), messages...)
		if err != nil && !errors.Is(err, kafkago.UnknownTopicOrPartition) && !errors.Is(err, kafkago.LeaderNotAvailable) {
			r.Fatalf("publish: %v", err)
		}
		return err == nil
	})
}

// toMQTT publishes values, and returns when the broker has them.
func (r *rig) toMQTT(values ...string) {
	r.Helper()
	c := paho.NewClient(paho.NewClientOptions().AddBroker(r.mqtt).SetClientID("publisher"))
	if t := c.Connect(); t.Wait() && t.Error() != nil {
		r.Fatal(t.Error())
	}
	defer c.Disconnect(500)
	for _, v := range values {
		if t := c.Publish(mqttTopic, 1, false, v); !t.WaitTimeout(patience) || t.Error() != nil {
			r.Fatalf("publish: %v", t.Error())
		}
	}
}

// count returns how many of this test's events are stored.
func (r *rig) count() uint64 {
	return r.ask("SELECT count() FROM raw_state FINAL WHERE source = ?", r.source())
}

func (r *rig) ask(query string, args ...any) uint64 {
	r.Helper()
	var n uint64
	if err := r.conn.QueryRow(context.Background(), query, args...).Scan(&n); err != nil {
		r.Fatalf("%s: %v", query, err)
	}
	return n
}

func (r *rig) eventually(what string, is func() bool) {
	r.Helper()
	for until := time.Now().Add(patience); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			r.Fatalf("after %s, not: %s", patience, what)
		}
	}
}

// wire is a connection to a server that can be cut and mended. The server sees an orderly end of each connection.
type wire struct {
	listener net.Listener
	to       string
	wg       sync.WaitGroup

	mu   sync.Mutex
	dead bool
	open map[net.Conn]struct{}
}

func newWire(t testing.TB, to string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: l, to: to, open: map[net.Conn]struct{}{}}
	w.wg.Go(w.accept)
	t.Cleanup(func() {
		l.Close()
		w.cut(true)
		w.wg.Wait()
	})
	return w
}

func (w *wire) addr() string { return w.listener.Addr().String() }

func (w *wire) accept() {
	for {
		near, err := w.listener.Accept()
		if err != nil {
			return
		}
		if !w.add(near) {
			near.Close()
			continue
		}
		far, err := net.Dial("tcp", w.to)
		if err != nil {
			near.Close()
			continue
		}
		// Copying ends when either side does.
		w.wg.Go(func() {
			_, _ = io.Copy(far, near)
			_ = far.(*net.TCPConn).CloseWrite()
		})
		w.wg.Go(func() {
			_, _ = io.Copy(near, far)
			near.Close()
			_, _ = io.Copy(io.Discard, far)
			far.Close()
		})
	}
}

func (w *wire) add(near net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open[near] = struct{}{}
	return !w.dead
}

// cut ends all connections and lets no new one through, until it is called with false.
func (w *wire) cut(dead bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dead = dead
	for c := range w.open {
		c.Close()
	}
	clear(w.open)
}
