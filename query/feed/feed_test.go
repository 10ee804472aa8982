package feed_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/binhphuoc/ioc/query/feed"
)

type store struct{ learned []time.Time }

func (s *store) LearnIntervals(_ context.Context, now time.Time) error {
	if s.learned = append(s.learned, now); len(s.learned) == 2 {
		return errors.New("storage is away")
	}
	return nil
}

func TestItLearnsAtOnceAndAgainAlsoAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, start := &store{}, time.Now()
		ctx, stop := context.WithTimeout(t.Context(), 150*time.Minute)
		defer stop()
		if err := feed.New(feed.Options{Store: s, Log: slog.New(slog.DiscardHandler)}).Run(ctx); err != nil {
			t.Fatal(err)
		}
		if len(s.learned) != 3 {
			t.Fatalf("learned %d times in 150 minutes, want 3", len(s.learned))
		}
		for i, at := range s.learned {
			if want := start.Add(time.Duration(i) * time.Hour); !at.Equal(want) {
				t.Errorf("time %d: %s, want %s", i, at, want)
			}
		}
	})
}
