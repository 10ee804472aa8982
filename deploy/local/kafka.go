package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"
)

const (
	kafkaPartitions = 3
	// kafkaMessage lets a message of more than 1 MiB pass, so that it can be
	// refused by name, kept and shown.
	kafkaMessage = 4 << 20
	// kafkaRetention is how long the log is kept, whether read or not.
	kafkaRetention = 7 * 24 * time.Hour
)

// KafkaOptions says where the broker runs and what it starts with.
type KafkaOptions struct {
	// Dir holds the log.
	Dir string
	// Listen is a loopback address. Port 0 takes a free one. Default 127.0.0.1:9092.
	Listen string
	// Topics are created where they are missing.
	Topics []string
	// Log hears of starts, stops and complaints of the broker.
	Log *slog.Logger
}

// Kafka is an embedded broker of one node without accounts.
type Kafka struct {
	log      *slog.Logger
	dir      string
	topics   []string
	lock     *os.File
	listener net.Listener
	close    sync.Once
	ready    chan struct{}
}

// NewKafka binds the address and takes the lock of the data folder.
func NewKafka(options KafkaOptions) (*Kafka, error) {
	if options.Listen == "" {
		options.Listen = "127.0.0.1:9092"
	}
	if options.Dir == "" {
		return nil, errors.New("embedded Kafka broker: no data folder")
	}
	if err := os.MkdirAll(options.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder of the Kafka broker can't be made: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	held, err := lock(ctx, filepath.Join(options.Dir, "lock"))
	if errors.Is(err, errLocked) {
		return nil, fmt.Errorf("the data folder %s is in use: another ioc runs on it: %w", options.Dir, err)
	}
	if err != nil {
		return nil, fmt.Errorf("the data folder of the Kafka broker can't be written: %w", err)
	}
	listener, err := bind("Kafka broker", "--kafka-listen", options.Listen, "a real Kafka with accounts and TLS")
	if err != nil {
		return nil, errors.Join(err, held.Close())
	}
	return &Kafka{
		log: logger(options.Log), dir: filepath.Join(options.Dir, "log"), topics: options.Topics,
		lock: held, listener: listener, ready: make(chan struct{}),
	}, nil
}

// Addr is the address that the broker listens on.
func (k *Kafka) Addr() string { return k.listener.Addr().String() }

// Ready is closed when the topics are there.
func (k *Kafka) Ready() <-chan struct{} { return k.ready }

// Close frees address and folder where Run was never called; Run does it by itself.
func (k *Kafka) Close() error {
	var err error
	k.close.Do(func() {
		k.listener.Close() // The broker may have closed it before.
		err = k.lock.Close()
	})
	return err
}

// Run serves until ctx ends. It can be called once.
func (k *Kafka) Run(ctx context.Context) error {
	defer k.Close()
	cluster, err := kfake.NewCluster(
		kfake.NumBrokers(1),
		kfake.ListenFn(func(string, string) (net.Listener, error) { return k.listener, nil }),
		kfake.ClusterID("ioc-local"),
		kfake.DataDir(k.dir),
		// What is acknowledged is on the disk, not only in the system's memory.
		kfake.SyncWrites(),
		kfake.DefaultNumPartitions(kafkaPartitions),
		kfake.BrokerConfigs(map[string]string{"message.max.bytes": strconv.Itoa(kafkaMessage)}),
		kfake.WithLogger(kafkaLog{k.log}),
	)
	if err != nil {
		return fmt.Errorf("start the Kafka broker on %s: %w", k.dir, err)
	}
	defer cluster.Close()
	if err := k.createTopics(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	close(k.ready)
	k.log.Info("kafka_ready", "addr", k.Addr(), "topics", len(k.topics))
	<-ctx.Done()
	k.log.Info("kafka_stopped", "addr", k.Addr())
	return nil
}

// createTopics adds what a log of an earlier start doesn't have.
func (k *Kafka) createTopics(ctx context.Context) error {
	if len(k.topics) == 0 {
		return nil
	}
	transport := &kafka.Transport{}
	defer transport.CloseIdleConnections()
	client := &kafka.Client{Addr: k.listener.Addr(), Timeout: 30 * time.Second, Transport: transport}
	request := &kafka.CreateTopicsRequest{}
	for _, topic := range k.topics {
		request.Topics = append(request.Topics, kafka.TopicConfig{
			Topic: topic, NumPartitions: kafkaPartitions, ReplicationFactor: 1,
			ConfigEntries: []kafka.ConfigEntry{
				{ConfigName: "retention.ms", ConfigValue: strconv.FormatInt(kafkaRetention.Milliseconds(), 10)},
				{ConfigName: "max.message.bytes", ConfigValue: strconv.Itoa(kafkaMessage)},
			},
		})
	}
	response, err := client.CreateTopics(ctx, request)
	if err != nil {
		return fmt.Errorf("create %d topics: %w", len(k.topics), err)
	}
	for topic, err := range response.Errors {
		if err != nil && !errors.Is(err, kafka.TopicAlreadyExists) {
			return fmt.Errorf("create topic %s: %w", topic, err)
		}
	}
	return nil
}

// kafkaLog passes the broker's complaints on.
type kafkaLog struct{ log *slog.Logger }

// Logf takes one line of the broker.
func (l kafkaLog) Logf(level kfake.LogLevel, format string, args ...any) {
	switch level {
	case kfake.LogLevelError:
		l.log.Error("kafka_broker_complains", "detail", fmt.Sprintf(format, args...))
	case kfake.LogLevelWarn:
		l.log.Warn("kafka_broker_complains", "detail", fmt.Sprintf(format, args...))
	}
}
