// Package feed learns how often each source sends.
package feed

import (
	"context"
	"log/slog"
	"time"
)

// Store keeps what is learned.
type Store interface {
	// LearnIntervals works out how often each source sends, from what it sent in the seven days before now.
	LearnIntervals(ctx context.Context, now time.Time) error
}

// Options are what a Learner needs.
type Options struct {
	Store Store
	Every time.Duration    // default an hour: a week's habits change slowly
	Now   func() time.Time // default time.Now
	Log   *slog.Logger
}

// Learner is the worker. Several may run at once: they learn the same.
type Learner struct{ o Options }

// New makes a Learner.
func New(o Options) *Learner {
	if o.Every <= 0 {
		o.Every = time.Hour
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Learner{o}
}

// Run learns at once, and then again and again until ctx ends. While storage is away, what was learned before stays in force.
func (l *Learner) Run(ctx context.Context) error {
	tick := time.NewTicker(l.o.Every)
	defer tick.Stop()
	for {
		if err := l.o.Store.LearnIntervals(ctx, l.o.Now()); err != nil && ctx.Err() == nil {
			l.o.Log.Warn("the intervals of sources were not learned; those learned before stay", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
