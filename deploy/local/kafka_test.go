package local

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
)

func startKafka(t *testing.T, dir string, topics ...string) (*Kafka, *running) {
	t.Helper()
	k, err := NewKafka(KafkaOptions{Dir: dir, Listen: "127.0.0.1:0", Topics: topics})
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, k.Run)
	select {
	case <-k.Ready():
	case err := <-r.ended:
		t.Fatal(err)
	}
	return k, r
}

func kcat(t *testing.T, addr, topic string, payload []byte) {
	t.Helper()
	program, err := exec.LookPath("kcat")
	if err != nil {
		t.Skip("NO KCAT, NOTHING TESTED: install kcat")
	}
	// A file is one message, whatever is in it.
	file := t.TempDir() + "/message"
	if err := os.WriteFile(file, payload, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-P", "-b", addr, "-t", topic, "-X", "message.max.bytes=4194304", file)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// readGroup reads that many messages with a group, and commits them.
func readGroup(t *testing.T, addr, topic string, count int) []string {
	t.Helper()
	reader := kafka.NewReader(kafka.ReaderConfig{
		Brokers: []string{addr}, GroupID: "ingest", GroupTopics: []string{topic},
		StartOffset: kafka.FirstOffset, MaxWait: 100 * time.Millisecond, MaxBytes: kafkaMessage,
	})
	defer reader.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var all []string
	for len(all) < count {
		message, err := reader.FetchMessage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(message.Value))
		if err := reader.CommitMessages(ctx, message); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestKafkaKeepsMessages(t *testing.T) {
	const topic = "ioc.dong-xoai.camera"
	dir := t.TempDir()
	k, r := startKafka(t, dir, topic)
	big := bytes.Repeat([]byte("x"), 3<<20)
	kcat(t, k.Addr(), topic, big)
	if got := readGroup(t, k.Addr(), topic, 1); got[0] != string(big) {
		t.Errorf("%d bytes arrived", len(got[0]))
	}
	kcat(t, k.Addr(), topic, []byte("second"))
	r.end(t)

	// Messages, the group's place in them, and topics are still there; a new topic is added.
	k, r = startKafka(t, dir, topic, "ioc.phuoc-long.camera")
	if got := readGroup(t, k.Addr(), topic, 1); got[0] != "second" {
		t.Errorf("read again: %d bytes", len(got[0]))
	}
	kcat(t, k.Addr(), "ioc.phuoc-long.camera", []byte("third"))
	transport := &kafka.Transport{}
	defer transport.CloseIdleConnections()
	client := &kafka.Client{Addr: kafka.TCP(k.Addr()), Transport: transport}
	about, err := client.Metadata(t.Context(), &kafka.MetadataRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var topics []string
	for _, found := range about.Topics {
		topics = append(topics, found.Name)
		if len(found.Partitions) != kafkaPartitions {
			t.Errorf("%s has %d partitions", found.Name, len(found.Partitions))
		}
	}
	if got := strings.Join(topics, " "); !strings.Contains(got, topic) || !strings.Contains(got, "ioc.phuoc-long.camera") || len(topics) != 2 {
		t.Errorf("topics %s", got)
	}
	r.end(t)
}

func TestKafkaStartRefusals(t *testing.T) {
	busy := busyPort(t)
	_, err := NewKafka(KafkaOptions{Dir: t.TempDir(), Listen: busy})
	wantRefusal(t, err, "another program already listens on "+busy, "--kafka-listen")
	_, err = NewKafka(KafkaOptions{Dir: t.TempDir(), Listen: "[::]:0"})
	wantRefusal(t, err, "not a loopback address", "a real Kafka")

	dir := t.TempDir()
	first, err := NewKafka(KafkaOptions{Dir: dir, Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	_, err = NewKafka(KafkaOptions{Dir: dir, Listen: "127.0.0.1:0"})
	if !errors.Is(err, errLocked) {
		t.Error(err)
	}
	wantRefusal(t, err, "is in use")
}
