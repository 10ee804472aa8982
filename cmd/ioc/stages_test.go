package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestStagesStopInTheOppositeOrder(t *testing.T) {
	defer goleak.VerifyNone(t)
	s := newStages(slog.New(slog.DiscardHandler))
	var mu sync.Mutex
	var ended []string
	part := func(name string, err error) func(context.Context) error {
		return func(ctx context.Context) error {
			<-ctx.Done()
			mu.Lock()
			defer mu.Unlock()
			ended = append(ended, name)
			return err
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	s.start(ctx, "store", part("store", nil))
	s.start(ctx, "pipeline", part("pipeline", errors.New("flush failed")))
	s.start(ctx, "source", part("source", context.Canceled))
	cancel()
	s.wait(ctx)
	err := s.stop()
	if want := []string{"source", "pipeline", "store"}; !slices.Equal(ended, want) {
		t.Errorf("ended in the order %v, want %v", ended, want)
	}
	if err == nil || !strings.Contains(err.Error(), "pipeline: flush failed") || strings.Contains(err.Error(), "source") {
		t.Errorf("got %v, want what went wrong and nothing else", err)
	}
}

func TestAPartThatEndsByItselfStopsAll(t *testing.T) {
	defer goleak.VerifyNone(t)
	s := newStages(slog.New(slog.DiscardHandler))
	s.start(t.Context(), "store", func(ctx context.Context) error { <-ctx.Done(); return nil })
	s.start(t.Context(), "engine", func(context.Context) error { return errors.New("crashed") })
	s.wait(t.Context())
	if err := s.stop(); err == nil || !strings.Contains(err.Error(), "engine: crashed") {
		t.Errorf("got %v", err)
	}
}
