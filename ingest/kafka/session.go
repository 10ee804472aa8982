package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/binhphuoc/ioc/ingest"
)

// session is the time that one reader lives.
type session struct {
	reader               *kafka.Reader
	log                  *slog.Logger
	outside, uncommitted ingest.Outage // not in the group; offsets not taken

	mu       sync.Mutex
	stored   map[place]kafka.Message // the last stored message of each partition, until it is committed
	inFlight int
	idle     chan struct{} // closed while nothing is in flight
}

type place struct {
	topic     string
	partition int
}

const (
	// commitEvery is how often offsets are committed. A crash in between means that a moment's messages come
	// again, which changes nothing.
	commitEvery = 200 * time.Millisecond
	commitLimit = 5 * time.Second
	drainLimit  = 10 * time.Second

	// queue is how many messages the library reads ahead. Each may be as large as the broker takes them.
	queue = 100
	// A process that was killed is replaced by the others of its group after sessionTimeout.
	sessionTimeout = 10 * time.Second
	heartbeat      = 2 * time.Second
	backoff        = time.Second
)

func newSession(s *Source, topics []string) *session {
	idle := make(chan struct{})
	close(idle)
	out := &session{log: s.o.Log, stored: map[place]kafka.Message{}, idle: idle}
	out.reader = kafka.NewReader(kafka.ReaderConfig{
		Brokers: s.o.Brokers, GroupID: s.o.Group, GroupTopics: topics, Dialer: s.dialer, StartOffset: kafka.FirstOffset,
		// Whoever still runs an older version knows only the library's balancers.
		GroupBalancers:        []kafka.GroupBalancer{spread{}, kafka.RangeGroupBalancer{}},
		WatchPartitionChanges: true, PartitionWatchInterval: s.o.Discover,
		SessionTimeout: sessionTimeout, HeartbeatInterval: heartbeat, JoinGroupBackoff: backoff,
		MinBytes: 1, MaxBytes: 16 << 20, MaxWait: 100 * time.Millisecond, QueueCapacity: queue, ReadBackoffMin: 10 * time.Millisecond,
		// The library tells every try of everything; that Kafka is away is told once, by the source.
		ErrorLogger: kafka.LoggerFunc(func(format string, args ...any) {
			s.o.Log.Debug("kafka client", "detail", fmt.Sprintf(format, args...))
		}),
	})
	return out
}

// run delivers messages until ctx ends, and commits what was acknowledged meanwhile.
func (s *session) run(ctx context.Context, deliver func(context.Context, ingest.Delivery) error) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	wg.Go(func() { s.commitLoop(ctx) })
	for {
		m, err := s.reader.FetchMessage(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("the Kafka reader was closed: %w", err)
		}
		s.tell(err)
		if err != nil {
			continue // the reader itself waits before it tries again
		}
		s.begin()
		if deliver(ctx, ingest.Delivery{Message: message(m, time.Now()), Done: func() { s.done(m) }}) != nil {
			s.end()
			return nil // the pipeline has ended
		}
	}
}

// tell logs that this process can't be a member of the group, or is again.
func (s *session) tell(err error) {
	switch changed := s.outside.Changed(err != nil); {
	case changed && err != nil:
		s.log.Error("not in the Kafka consumer group: trying again", "group", s.reader.Config().GroupID, "error", err)
	case changed:
		s.log.Info("in the Kafka consumer group again", "group", s.reader.Config().GroupID)
	}
}

// done notes that a message is stored. Messages of a partition are stored in their order,
// so the last one noted stands for all before it.
func (s *session) done(m kafka.Message) {
	m.Value, m.Key, m.Headers = nil, nil, nil // only its place is needed
	s.mu.Lock()
	s.stored[place{m.Topic, m.Partition}] = m
	s.mu.Unlock()
	s.end()
}

func (s *session) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inFlight == 0 {
		s.idle = make(chan struct{})
	}
	s.inFlight++
}

func (s *session) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inFlight--; s.inFlight == 0 {
		close(s.idle)
	}
}

// drain waits until what was delivered is acknowledged.
func (s *session) drain(ctx context.Context) {
	s.mu.Lock()
	idle := s.idle
	s.mu.Unlock()
	select {
	case <-idle:
	case <-ctx.Done():
	case <-time.After(drainLimit):
	}
}

func (s *session) commitLoop(ctx context.Context) {
	tick := time.NewTicker(commitEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.commit(ctx)
		}
	}
}

// commit commits what is stored. What can't be committed now is tried again with the next one; after a rebalance
// whoever has the partition then gets the messages again.
func (s *session) commit(ctx context.Context) {
	list := s.take()
	if len(list) == 0 {
		return
	}
	limited, cancel := context.WithTimeout(ctx, commitLimit)
	defer cancel()
	err := s.reader.CommitMessages(limited, list...)
	if err != nil {
		s.putBack(list)
	}
	if ctx.Err() != nil {
		return
	}
	switch changed := s.uncommitted.Changed(err != nil); {
	case changed && err != nil:
		s.log.Warn("Kafka takes no offsets: trying again", "partitions", len(list), "error", err)
	case changed:
		s.log.Info("Kafka takes offsets again")
	}
}

func (s *session) take() []kafka.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]kafka.Message, 0, len(s.stored))
	for _, m := range s.stored {
		list = append(list, m)
	}
	clear(s.stored)
	return list
}

// putBack notes messages that were not committed, unless there is a newer note on their partition.
func (s *session) putBack(list []kafka.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range list {
		at := place{m.Topic, m.Partition}
		if _, newer := s.stored[at]; !newer {
			s.stored[at] = m
		}
	}
}

// close commits and leaves the group.
func (s *session) close(ctx context.Context) error {
	s.commit(ctx)
	if err := s.reader.Close(); err != nil {
		return fmt.Errorf("close Kafka reader: %w", err)
	}
	return nil
}
