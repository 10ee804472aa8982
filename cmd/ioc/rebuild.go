package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/binhphuoc/ioc/query/chstore"
	"github.com/binhphuoc/ioc/query/rollup"
)

// runRebuild computes all derived tables again from the raw events, while the platform runs.
func runRebuild(ctx context.Context, s *settings, p *process) error {
	if s.clickhouseDSN == "" {
		return errNoDSN
	}
	a, err := newParts(s, p)
	if err != nil {
		return err
	}
	catalogue, err := a.catalogue()
	if err != nil {
		return err
	}
	store, err := chstore.New(chstore.Options{DSN: s.clickhouseDSN, Registry: a.registry})
	if err != nil {
		return err
	}
	a.closers = append(a.closers, store.Close)
	defer a.stop() //nolint:errcheck // nothing but a connection is open
	roller := rollup.New(rollup.Options{Journal: store, Tables: store, Definitions: store, Ages: store, Catalogue: catalogue.Current, Log: p.log})
	began := time.Now()
	// No event that is taken lies further back, and where raw events are gone rollups stay as they are.
	since := began.Add(-s.retention)
	bar := newBar(p.out)
	steps := 0
	err = roller.Rebuild(ctx, store, since, func(p rollup.Progress) {
		if p.Done == p.Total {
			steps += p.Total
		}
		bar.show(p, time.Now())
	})
	bar.end()
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "rebuilt in %d steps and %s\n", steps, time.Since(began).Round(time.Second))
	return nil
}

// bar shows how far a rebuild has come: a line for each phase that changes on a terminal, a line now and then in a file.
type bar struct {
	out      io.Writer
	terminal bool
	phase    int
	began    time.Time // of the phase
	shown    time.Time
	width    int // of what stands on the terminal, in characters
}

func newBar(out io.Writer) *bar {
	b := &bar{out: out}
	if f, ok := out.(*os.File); ok {
		info, err := f.Stat()
		b.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return b
}

const barWidth = 30

// show draws the bar, at most ten times a second on a terminal and every five seconds elsewhere.
func (b *bar) show(p rollup.Progress, now time.Time) {
	if p.Phase != b.phase {
		b.phase, b.began, b.shown = p.Phase, now, time.Time{}
	}
	pace := 5 * time.Second
	if b.terminal {
		pace = 100 * time.Millisecond
	}
	if now.Sub(b.shown) < pace && p.Done < p.Total {
		return
	}
	b.shown = now
	full, percent := barWidth, 100
	if p.Total > 0 {
		full, percent = barWidth*p.Done/p.Total, 100*p.Done/p.Total
	}
	line := fmt.Sprintf("%d/%d [%s%s] %3d %%  %d of %d", p.Phase, p.Phases, strings.Repeat("#", full), strings.Repeat(".", barWidth-full), percent, p.Done, p.Total)
	if p.Done > 0 && p.Done < p.Total {
		left := now.Sub(b.began) * time.Duration(p.Total-p.Done) / time.Duration(p.Done)
		line += fmt.Sprintf("  %s left", left.Round(time.Second))
	}
	if p.Doing != "" {
		line += "  " + p.Doing
	}
	if !b.terminal {
		fmt.Fprintln(b.out, line)
		return
	}
	fmt.Fprintf(b.out, "\r%-*s", b.width, line)
	b.width = max(b.width, utf8.RuneCountInString(line))
	if p.Done == p.Total {
		b.end()
	}
}

// end leaves the line.
func (b *bar) end() {
	if b.width > 0 {
		fmt.Fprintln(b.out)
	}
	b.width = 0
}
