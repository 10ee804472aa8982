package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// fault is one thing that goes wrong, and is put right after a while.
type fault struct {
	name string
	do   func(ctx context.Context) error
	undo func(ctx context.Context) error
}

// faults picks what goes wrong in one round.
type faults struct {
	stack *stack
	rng   *rand.Rand
}

func (f *faults) span(from, to time.Duration) time.Duration {
	return from + time.Duration(f.rng.Int64N(int64(to-from)))
}

func (f *faults) one(list []*part) *part { return list[f.rng.IntN(len(list))] }

// next picks one fault.
func (f *faults) next() fault {
	s := f.stack
	p := f.one(s.parts())
	clients := append(append([]*part{}, s.ingests...), s.apis...)
	servers := []*part{s.kafka, s.mosquitto, s.clickhouse}
	for {
		switch n := f.rng.IntN(20); {
		case n < 8:
			return f.kill("kill "+p.name, p)
		case n < 9:
			return f.kill("kill all", s.parts()...)
		case n < 13:
			return fault{"pause " + p.name, nothing(func() { p.signal(syscall.SIGSTOP) }), nothing(func() { p.signal(syscall.SIGCONT) })}
		case n < 15:
			c := f.one(clients)
			return fault{"stop " + c.name, func(context.Context) error { return c.stop() }, c.start}
		case n < 17 && s.network != nil:
			return fault{
				"cut off " + p.name, func(ctx context.Context) error { return s.network.cut(ctx, p, true) },
				func(ctx context.Context) error { return s.network.cut(ctx, p, false) },
			}
		case n < 18 && s.network != nil:
			from, to := f.one(clients), f.one(servers)
			return fault{
				"part " + from.name + " from " + to.name, func(ctx context.Context) error { return s.network.part(ctx, from, to, true) },
				func(ctx context.Context) error { return s.network.part(ctx, from, to, false) },
			}
		case n >= 18 && len(s.disks) > 0:
			return f.fill(s.disks[f.rng.IntN(len(s.disks))])
		}
	}
}

func nothing(do func()) func(context.Context) error {
	return func(context.Context) error { do(); return nil }
}

// kill ends processes with no last word, and starts them again in any order.
func (f *faults) kill(name string, list ...*part) fault {
	order := f.rng.Perm(len(list))
	return fault{name, nothing(func() {
		for _, p := range list {
			p.signal(syscall.SIGKILL)
		}
		for _, p := range list {
			p.kill()
		}
	}), func(ctx context.Context) error {
		var errs []error
		for _, i := range order {
			errs = append(errs, list[i].start(ctx))
		}
		return errors.Join(errs...)
	}}
}

// fill leaves no room on a disk.
func (f *faults) fill(disk string) fault {
	file := filepath.Join(disk, "filler")
	return fault{"fill the disk of " + filepath.Base(disk), func(context.Context) error {
		out, err := os.Create(file)
		if err != nil {
			return fmt.Errorf("fill %s: %w", disk, err)
		}
		defer out.Close()
		for block := make([]byte, 1<<20); ; {
			if _, err := out.Write(block); err != nil {
				return nil //nolint:nilerr // it is full: that is what was wanted
			}
		}
	}, func(context.Context) error {
		// A second fault that filled the same disk may have made room already.
		if err := os.Remove(file); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}}
}

// disturb lets faults happen, one after the other or two at once, until the time is up. All are put right when it returns.
func (f *faults) disturb(ctx context.Context, d time.Duration) (string, error) {
	var names []string
	var errs []error
	until := time.Now().Add(d)
	for time.Now().Before(until) && ctx.Err() == nil {
		pause(ctx, f.span(500*time.Millisecond, 3*time.Second))
		now := []fault{f.next()}
		if f.rng.IntN(4) == 0 {
			now = append(now, f.next())
		}
		for _, x := range now {
			names = append(names, x.name)
			errs = append(errs, x.do(ctx))
		}
		pause(ctx, f.span(200*time.Millisecond, 6*time.Second))
		for _, x := range now {
			errs = append(errs, x.undo(context.WithoutCancel(ctx)))
		}
		f.mend(ctx)
	}
	return strings.Join(names, ", "), errors.Join(errs...)
}

// mend starts what ended by itself, as a supervisor would: Kafka ends when its disk is full.
func (f *faults) mend(ctx context.Context) {
	for _, p := range f.stack.parts() {
		p.signal(syscall.SIGCONT)
		if !p.alive() {
			_ = p.start(ctx) // tried again with the next fault, and at the end of the round
		}
	}
}

// settle returns when all is with the brokers. A broker may end a while after the last fault, such as of the disk that was full
// when it started: without it nothing would ever settle.
func (f *faults) settle(ctx context.Context, senders ...*sender) error {
	waiting, stop := context.WithCancel(ctx)
	var mending sync.WaitGroup
	mending.Go(func() {
		for waiting.Err() == nil {
			f.mend(ctx)
			pause(waiting, time.Second)
		}
	})
	defer mending.Wait()
	defer stop()
	var errs []error
	for _, s := range senders {
		errs = append(errs, s.settle(ctx))
	}
	return errors.Join(errs...)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
