package simulate

import (
	"context"
	"log/slog"
	"time"

	"github.com/binhphuoc/ioc/deploy/simulate/world"
)

// publisher is a client of one broker. It connects when it has to.
type publisher interface {
	// Publish returns nil after the broker has all messages, and otherwise may have sent some of them.
	Publish(ctx context.Context, messages []world.Emission) error
	// Close ends all that the publisher started.
	Close() error
}

const (
	firstWait = 200 * time.Millisecond
	longWait  = 10 * time.Second
	// goodbye is how long what is under way may take after the end was asked for.
	goodbye = 2 * time.Second
	// burst bounds what is handed to a publisher at once, and by that what is sent again after a failure.
	burst = 1000
)

// sender sends until the broker has it. Its only buffer is what it was asked to send.
type sender struct {
	publisher publisher
	log       *slog.Logger
	failure   string // of the last attempt; empty when the broker took it
}

// send returns nil after the broker has all messages, and an error when ctx has ended before.
// Whoever sends again repeats events that the broker may have had: they count once.
func (s *sender) send(ctx context.Context, messages []world.Emission) error {
	for len(messages) > 0 {
		n := min(len(messages), burst)
		if err := s.persist(ctx, messages[:n]); err != nil {
			return err
		}
		messages = messages[n:]
	}
	return nil
}

func (s *sender) persist(ctx context.Context, messages []world.Emission) error {
	for wait := firstWait; ; wait = min(2*wait, longWait) {
		if err := ctx.Err(); err != nil {
			return err
		}
		attempt, end := linger(ctx, goodbye)
		err := s.publisher.Publish(attempt, messages)
		end()
		if err == nil {
			if s.failure != "" {
				s.log.Info("simulated_feed_sends_again")
				s.failure = ""
			}
			return nil
		}
		if ctx.Err() == nil && s.failure != err.Error() {
			s.failure = err.Error()
			s.log.Warn("simulated_feed_waits_for_broker", "error", err)
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// linger returns a context that ends a while after ctx.
func linger(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	out, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-ended:
		}
	})
	return out, func() {
		stop()
		close(ended)
		cancel()
	}
}

// close ends the connection. What was not acknowledged by now was given up before.
func (s *sender) close() {
	if err := s.publisher.Close(); err != nil {
		s.log.Warn("simulated_feed_closed_badly", "error", err)
	}
}
