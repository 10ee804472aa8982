package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// stages are the running parts of one process, in the order in which they were started: each feeds on those
// before it. They stop in the opposite order, so that whoever still sends always has somebody who takes.
type stages struct {
	log     *slog.Logger
	running []stage
	ended   chan string // name of a stage that ended by itself
}

type stage struct {
	name   string
	cancel context.CancelFunc
	done   chan struct{}
	err    *error
}

// stopLimit is how long one stage may take to stop. Together they stay below the 10 s that ioc up promises,
// because only one or two ever have work left.
const stopLimit = 8 * time.Second

// most is the number of stages that a process can have.
const most = 24

func newStages(log *slog.Logger) *stages { return &stages{log: log, ended: make(chan string, most)} }

// start runs a part until stop.
func (s *stages) start(ctx context.Context, name string, run func(context.Context) error) {
	// The part must outlive ctx: what ends first is decided by stop, not by the signal.
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	st := stage{name: name, cancel: cancel, done: make(chan struct{}), err: new(error)}
	s.running = append(s.running, st)
	go func() {
		defer close(st.done)
		*st.err = run(own)
		s.ended <- name
	}()
}

// wait returns when ctx ends, or when a part ended by itself.
func (s *stages) wait(ctx context.Context) {
	select {
	case <-ctx.Done():
	case name := <-s.ended:
		s.log.Error("a part ended by itself: stopping", "part", name)
	}
}

// stop ends all parts, the last started first, and returns what went wrong.
func (s *stages) stop() error {
	var errs []error
	for i := len(s.running) - 1; i >= 0; i-- {
		st := s.running[i]
		st.cancel()
		select {
		case <-st.done:
			if *st.err != nil && !errors.Is(*st.err, context.Canceled) {
				errs = append(errs, fmt.Errorf("%s: %w", st.name, *st.err))
			}
		case <-time.After(stopLimit):
			errs = append(errs, fmt.Errorf("%s did not stop within %s", st.name, stopLimit))
		}
	}
	s.running = nil
	return errors.Join(errs...)
}
