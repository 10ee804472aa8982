package kafka_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"go.uber.org/goleak"

	"github.com/binhphuoc/ioc/deploy/local"
	"github.com/binhphuoc/ioc/ingest"
	source "github.com/binhphuoc/ioc/ingest/kafka"
	"github.com/binhphuoc/ioc/schemas"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what has to come.
const patience = 60 * time.Second

// cluster is a Kafka with topics of this test's own: those of a centre that no other test knows.
type cluster struct {
	*testing.T
	addr   string
	centre string
	client *kafka.Client
}

// newCluster takes the real Kafka that IOC_TEST_KAFKA names, or else starts the embedded one.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	addr := os.Getenv("IOC_TEST_KAFKA")
	if addr == "" {
		addr, _ = embedded(t, "127.0.0.1:0", t.TempDir())
	}
	c := connect(t, addr)
	t.Cleanup(c.deleteTopics)
	return c
}

func connect(t *testing.T, addr string) *cluster {
	t.Helper()
	transport := &kafka.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &cluster{
		T: t, addr: addr, centre: "c" + strings.ToLower(rand.Text()[:10]),
		client: &kafka.Client{Addr: kafka.TCP(addr), Transport: transport, Timeout: patience},
	}
}

// embedded runs the embedded Kafka until stop is called, or the test ends.
func embedded(t *testing.T, listen, dir string) (addr string, stop func()) {
	t.Helper()
	k, err := local.NewKafka(local.KafkaOptions{Listen: listen, Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := k.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	<-k.Ready()
	stop = func() { cancel(); wg.Wait() }
	t.Cleanup(stop)
	return k.Addr(), stop
}

// topic creates one of this test's topics and returns its name.
func (c *cluster) topic(domain string, partitions int) string {
	c.Helper()
	name := "ioc." + c.centre + "." + domain
	r, err := c.client.CreateTopics(context.Background(), &kafka.CreateTopicsRequest{
		Topics: []kafka.TopicConfig{{Topic: name, NumPartitions: partitions, ReplicationFactor: 1}},
	})
	if err == nil {
		err = r.Errors[name]
	}
	if err != nil {
		c.Fatalf("create topic %s: %v", name, err)
	}
	return name
}

func (c *cluster) deleteTopics() {
	ctx := context.Background()
	m, err := c.client.Metadata(ctx, &kafka.MetadataRequest{})
	if err != nil {
		c.Errorf("list topics: %v", err)
		return
	}
	var mine []string
	for _, t := range m.Topics {
		if strings.HasPrefix(t.Name, "ioc."+c.centre+".") {
			mine = append(mine, t.Name)
		}
	}
	if _, err := c.client.DeleteTopics(ctx, &kafka.DeleteTopicsRequest{Topics: mine}); err != nil {
		c.Errorf("delete topics: %v", err)
	}
}

// publish sends values to a topic, one partition after the other.
func (c *cluster) publish(topic string, messages ...kafka.Message) {
	c.Helper()
	transport := &kafka.Transport{}
	defer transport.CloseIdleConnections()
	w := &kafka.Writer{
		Addr: kafka.TCP(c.addr), Topic: topic, Balancer: &kafka.RoundRobin{}, BatchTimeout: time.Millisecond, BatchBytes: 2 << 20,
		RequiredAcks: kafka.RequireAll, Transport: transport,
	}
	defer w.Close()
	// A new topic has no leader for a moment.
	for until := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		err := w.WriteMessages(context.Background(), messages...)
		if err == nil {
			return
		}
		if !errors.Is(err, kafka.UnknownTopicOrPartition) && !errors.Is(err, kafka.LeaderNotAvailable) || time.Now().After(until) {
			c.Fatalf("publish to %s: %v", topic, err)
		}
	}
}

func texts(prefix string, n int) []kafka.Message {
	var out []kafka.Message
	for i := range n {
		out = append(out, kafka.Message{Value: fmt.Appendf(nil, "%s%03d", prefix, i)})
	}
	return out
}

// committed returns the offsets that a group has committed for a topic, added up.
func (c *cluster) committed(group, topic string, partitions int) int64 {
	c.Helper()
	all := make([]int, partitions)
	for i := range all {
		all[i] = i
	}
	r, err := c.client.OffsetFetch(context.Background(), &kafka.OffsetFetchRequest{GroupID: group, Topics: map[string][]int{topic: all}})
	if err != nil {
		return -1 // the coordinator is not there yet
	}
	sum := int64(0)
	for _, p := range r.Topics[topic] {
		sum += max(p.CommittedOffset, 0)
	}
	return sum
}

// taker runs a source, and takes what it delivers for this test.
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

func (c *cluster) take(o source.Options, hold bool) *taker {
	c.Helper()
	t := &taker{T: c.T, log: &journal{}, hold: hold, ended: make(chan error, 1)}
	o.Brokers, o.Discover = []string{c.addr}, 200*time.Millisecond
	o.Log = slog.New(slog.NewTextHandler(t.log, nil))
	var err error
	if t.source, err = source.New(o); err != nil {
		c.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.stop = cancel
	go func() {
		t.ended <- t.source.Run(ctx, func(_ context.Context, d ingest.Delivery) error { return t.deliver(c.centre, d) })
	}()
	c.Cleanup(func() {
		cancel()
		if err := t.source.Close(); err != nil { // the second time where the test has closed it
			c.Error(err)
		}
	})
	return t
}

func (t *taker) deliver(centre string, d ingest.Delivery) error {
	if d.Centre != centre { // another test's, on a Kafka that we share
		d.Done()
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.taken = append(t.taken, d)
	if !t.hold {
		d.Done()
	}
	return nil
}

// end stops the source as the pipeline does.
func (t *taker) end() {
	t.Helper()
	t.stop()
	if err := <-t.ended; err != nil {
		t.Error(err)
	}
	if err := t.source.Close(); err != nil {
		t.Error(err)
	}
}

// all returns what was delivered, by content.
func (t *taker) all() map[string]schemas.Message {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := map[string]schemas.Message{}
	for _, d := range t.taken {
		out[string(d.Payload)] = d.Message
	}
	return out
}

// acknowledge calls Done of the first n deliveries, and of no more.
func (t *taker) acknowledge(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, d := range t.taken[:n] {
		d.Done()
	}
}

// eventually waits for what has to come true.
func (c *cluster) eventually(what string, is func() bool) {
	c.Helper()
	for until := time.Now().Add(patience); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			c.Fatalf("after %s, not: %s", patience, what)
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

func (j *journal) count(text string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Count(j.text.String(), text)
}
