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
	reader *kafka.Reader
	log    *slog.Logger

	mu       sync.Mutex
	stored   map[place]kafka.Message // the last stored message of each partition
	inFlight int
	idle     chan struct{} // closed while nothing is in flight
	once     sync.Once
}

type place struct {
	topic     string
	partition int
}

const (
	// commitEvery is how often offsets are committed. A crash in between means that a moment's messages come
	// again, which changes nothing.
	commitEvery = 200 * time.Millisecond
	drainLimit  = 10 * time.Second
	commitLimit = 5 * time.Second
)

func newSession(s *Source, topics []string) *session {
	idle := make(chan struct{})
	close(idle)
	out := &session{log: s.o.Log, stored: map[place]kafka.Message{}, idle: idle}
	out.reader = kafka.NewReader(kafka.ReaderConfig{
		Brokers: s.o.Brokers, GroupID: s.o.Group, GroupTopics: topics, Dialer: s.dialer,
		StartOffset: kafka.FirstOffset, WatchPartitionChanges: true, PartitionWatchInterval: s.o.Discover,
		MinBytes: 1, MaxBytes: 16 << 20, MaxWait: 100 * time.Millisecond, QueueCapacity: 1000, ReadBackoffMin: 10 * time.Millisecond,
		// The library tells every try of everything; that Kafka is away is told once, by the source.
		ErrorLogger: kafka.LoggerFunc(func(format string, args ...any) {
			s.o.Log.Debug("kafka client", "detail", fmt.Sprintf(format, args...))
		}),
	})
	return out
}

// run delivers messages until ctx ends, and commits what was acknowledged meanwhile.
func (s *session) run(ctx context.Context, deliver func(context.Context, ingest.Delivery) error) error {
	committing, stop := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	wg.Go(func() { s.commitLoop(committing) })
	defer wg.Wait()
	defer stop()
	for {
		m, err := s.reader.FetchMessage(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, io.EOF):
			return fmt.Errorf("the Kafka reader was closed: %w", err)
		case err != nil:
			s.log.Debug("kafka client", "detail", err.Error())
			continue // the reader itself waits before it tries again
		}
		s.begin()
		if err := deliver(ctx, ingest.Delivery{Message: message(m, time.Now()), Done: func() { s.done(m) }}); err != nil {
			s.end()
			return nil // the pipeline has ended
		}
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

func (s *session) commitLoop(ctx context.Context) {
	tick := time.NewTicker(commitEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.commit()
		}
	}
}

// commit commits what is stored. A failure is no loss: what is not committed is delivered again.
func (s *session) commit() {
	s.mu.Lock()
	list := make([]kafka.Message, 0, len(s.stored))
	for _, m := range s.stored {
		list = append(list, m)
	}
	clear(s.stored)
	s.mu.Unlock()
	if len(list) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), commitLimit)
	defer cancel()
	if err := s.reader.CommitMessages(ctx, list...); err != nil {
		s.log.Warn("offsets not committed; the messages come again", "partitions", len(list), "error", err)
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

// close commits and leaves the group.
func (s *session) close() (err error) {
	s.once.Do(func() {
		s.commit()
		if err = s.reader.Close(); err != nil {
			err = fmt.Errorf("close Kafka reader: %w", err)
		}
	})
	return err
}
