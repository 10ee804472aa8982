package kafka_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"

	source "github.com/binhphuoc/ioc/ingest/kafka"
)

func TestTakesEverythingFromTheStart(t *testing.T) {
	c := newCluster(t)
	service, sensor := c.topic("service", 3), c.topic("sensor", 1)
	c.publish(service, texts("a", 100)...)
	c.publish(sensor, kafka.Message{Value: []byte("{}"), Headers: []kafka.Header{{Key: "CE_Type", Value: []byte("x")}, {Key: "ce_id", Value: []byte("1")}}})
	k := c.take(source.Options{Group: c.centre}, false)
	c.eventually("all are delivered", func() bool { return len(k.all()) == 101 })

	m := k.all()["{}"]
	if m.Transport != "kafka" || m.Topic != sensor || m.Centre != c.centre || m.Partition != 0 || m.Offset != 0 || m.Arrived.IsZero() {
		t.Errorf("delivered as %+v", m)
	}
	if m.Header["ce_type"] != "x" || m.Header["ce_id"] != "1" {
		t.Errorf("headers: %v", m.Header)
	}
	c.eventually("all are committed", func() bool { return c.committed(c.centre, service, 3) == 100 })
	k.end()
}

func TestCommitsOnlyWhatIsAcknowledged(t *testing.T) {
	c := newCluster(t)
	topic := c.topic("service", 1)
	c.publish(topic, texts("a", 10)...)
	k := c.take(source.Options{Group: c.centre}, true)
	c.eventually("all are delivered", func() bool { return len(k.all()) == 10 })
	k.acknowledge(4)
	k.end() // commits them, at the latest
	if got := c.committed(c.centre, topic, 1); got != 4 {
		t.Errorf("committed %d, want 4", got)
	}
	next := c.take(source.Options{Group: c.centre}, false)
	c.eventually("the rest is delivered again", func() bool { return len(next.all()) == 6 })
	next.end()
}

// The pipeline acknowledges what it still stores between the end of Run and Close.
func TestAcknowledgementsCountUntilClose(t *testing.T) {
	c := newCluster(t)
	topic := c.topic("service", 1)
	c.publish(topic, texts("a", 10)...)
	k := c.take(source.Options{Group: c.centre}, true)
	c.eventually("all are delivered", func() bool { return len(k.all()) == 10 })
	k.stop()
	if err := <-k.ended; err != nil {
		t.Error(err)
	}
	k.acknowledge(10)
	if err := k.source.Close(); err != nil {
		t.Error(err)
	}
	if got := c.committed(c.centre, topic, 1); got != 10 {
		t.Errorf("committed %d, want 10", got)
	}
}

func TestNewTopicsAndPartitionsAreFound(t *testing.T) {
	c := newCluster(t)
	service := c.topic("service", 1)
	c.publish(service, texts("a", 10)...)
	k := c.take(source.Options{Group: c.centre}, false)
	c.eventually("the first topic is read", func() bool { return len(k.all()) == 10 })
	c.publish(c.topic("camera", 2), texts("b", 10)...)
	c.publish(service, texts("c", 10)...)
	c.eventually("the new topic is read as well", func() bool { return len(k.all()) == 30 })
	_, err := c.client.CreatePartitions(t.Context(), &kafka.CreatePartitionsRequest{
		Topics: []kafka.TopicPartitionsConfig{{Name: service, Count: 2, TopicPartitionAssignments: []kafka.TopicPartitionAssignment{{BrokerIDs: []int32{1}}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.publish(service, texts("d", 10)...)
	c.eventually("the new partition is read", func() bool { return len(k.all()) == 40 })
	c.eventually("all are committed", func() bool { return c.committed(c.centre, service, 2) == 30 })
	k.end()
}

func TestTwoProcessesShareAndTakeOver(t *testing.T) {
	c := newCluster(t)
	topics := []string{c.topic("service", 1), c.topic("sensor", 1), c.topic("camera", 2)}
	first := c.take(source.Options{Group: c.centre}, false)
	for i, topic := range topics {
		c.publish(topic, texts(fmt.Sprint("a", i), 50)...)
	}
	c.eventually("one process reads all", func() bool { return len(first.all()) == 150 })
	second := c.take(source.Options{Group: c.centre}, false)
	sent := 150
	c.eventually("the second process gets its part", func() bool {
		for i, topic := range topics {
			c.publish(topic, texts(fmt.Sprint("b", sent, "-", i), 4)...)
		}
		sent += 12
		return len(second.all()) > 0
	})
	both := func() int {
		all := first.all()
		for text, m := range second.all() {
			all[text] = m
		}
		return len(all)
	}
	c.eventually("everything is delivered to one of them", func() bool { return both() == sent })
	first.end()
	for i, topic := range topics {
		c.publish(topic, texts(fmt.Sprint("z", i), 10)...)
	}
	c.eventually("the second process takes over", func() bool { return both() == sent+30 })
	second.end()
}

func TestLargeMessage(t *testing.T) {
	c := newCluster(t)
	topic := c.topic("service", 1)
	large := bytes.Repeat([]byte("x"), 3<<19)
	c.publish(topic, kafka.Message{Value: large}, kafka.Message{Value: []byte("after")})
	k := c.take(source.Options{Group: c.centre}, false)
	c.eventually("both are delivered", func() bool { return len(k.all()) == 2 })
	if _, ok := k.all()[string(large)]; !ok {
		t.Error("the large message came back changed")
	}
	k.end()
}

func TestKafkaAwayThenBack(t *testing.T) {
	dir := t.TempDir()
	addr, stop := embedded(t, "127.0.0.1:0", dir) // one that this test may stop
	c := connect(t, addr)
	topic := c.topic("service", 1)
	k := c.take(source.Options{Group: c.centre}, false)
	c.publish(topic, texts("a", 10)...)
	c.eventually("all are delivered", func() bool { return len(k.all()) == 10 })
	stop()
	c.eventually("the log says that Kafka is away", func() bool { return k.log.count("Kafka is away") == 1 })
	embedded(t, addr, dir)
	c.eventually("the log says that Kafka is back", func() bool { return k.log.count("Kafka is back") == 1 })
	c.publish(topic, texts("b", 10)...)
	c.eventually("what came later is delivered", func() bool { return len(k.all()) == 20 })
	c.eventually("all are committed", func() bool { return c.committed(c.centre, topic, 1) == 20 })
	if n := k.log.count("Kafka is away"); n != 1 {
		t.Errorf("said %d times that Kafka is away", n)
	}
	k.end()
}

func TestStopsWhileKafkaIsAway(t *testing.T) {
	k, err := source.New(source.Options{Brokers: []string{"127.0.0.1:1"}})
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{T: t, addr: "127.0.0.1:1"}
	taker := c.take(source.Options{}, false)
	c.eventually("the log says that Kafka is away", func() bool { return taker.log.count("Kafka is away") == 1 })
	began := time.Now()
	taker.end()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("stopping took %s", took)
	}
	if err := k.Close(); err != nil {
		t.Errorf("closing a source that never ran: %v", err)
	}
}

func TestNewChecksOptions(t *testing.T) {
	brokers := []string{"127.0.0.1:9092"}
	for name, o := range map[string]source.Options{
		"no brokers":          {},
		"unknown mechanism":   {Brokers: brokers, SASL: "kerberos"},
		"no such CA file":     {Brokers: brokers, CAFile: "/nowhere.pem"},
		"CA file without PEM": {Brokers: brokers, CAFile: "/dev/null"},
	} {
		if _, err := source.New(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, mechanism := range []string{"", "plain", "SCRAM-SHA-256", "scram-sha-512"} {
		if _, err := source.New(source.Options{Brokers: brokers, SASL: mechanism, User: "u", Password: "p", TLS: true}); err != nil {
			t.Errorf("%q: %v", mechanism, err)
		}
	}
}
