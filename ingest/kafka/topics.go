package kafka

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/segmentio/kafka-go"
)

const (
	retryAway = time.Second     // between looks at a Kafka that is away
	retryNone = 2 * time.Second // between looks at one that has no topic of ours
)

// await returns the topics of the contract as soon as they differ from those that are known; nil when ctx ends.
func (s *Source) await(ctx context.Context, known []string) []string {
	wait := time.Duration(0) // the first look is at once when nothing is known
	if len(known) > 0 {
		wait = s.o.Discover
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		found, err := s.topics(ctx)
		if ctx.Err() != nil {
			return nil
		}
		s.tell(err)
		switch {
		case err != nil:
			wait = min(s.o.Discover, retryAway)
		case len(found) == 0:
			wait = min(s.o.Discover, retryNone)
		case !slices.Equal(found, known):
			return found
		default:
			wait = s.o.Discover
		}
	}
}

// tell logs that Kafka is away or back.
func (s *Source) tell(err error) {
	switch changed := s.away.Changed(err != nil); {
	case changed && err != nil:
		s.o.Log.Error("Kafka is away: trying again", "brokers", s.o.Brokers, "error", err)
	case changed:
		s.o.Log.Info("Kafka is back", "brokers", s.o.Brokers)
	}
}

// topics lists the topics of the contract, sorted. A topic that has no leader at the moment is one of them.
func (s *Source) topics(ctx context.Context) ([]string, error) {
	transport, ok := s.client.Transport.(*kafka.Transport)
	if ok {
		// The transport answers from memory, also when all brokers are away, unless it has to connect anew.
		defer transport.CloseIdleConnections()
	}
	m, err := s.client.Metadata(ctx, &kafka.MetadataRequest{})
	if err != nil {
		return nil, fmt.Errorf("list topics: %w", err)
	}
	pattern := regexp.MustCompile(`^ioc\.[a-z0-9-]+\.[a-z0-9-]+$`)
	var out []string
	for _, t := range m.Topics {
		if pattern.MatchString(t.Name) && !errors.Is(t.Error, kafka.TopicAuthorizationFailed) {
			out = append(out, t.Name)
		}
	}
	slices.Sort(out)
	return out, nil
}
