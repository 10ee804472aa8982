package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// An away run measures what happens while ClickHouse is gone for long, and after.
const (
	before   = 30 * time.Second // at the live rate, to know it
	patience = 10 * time.Minute // for the backlog
	glance   = 100 * time.Millisecond
	enough   = 0.99 // of what was sent, and the backlog counts as worked off: the last of it is on its way all the time
	isNew    = 10 * time.Second
)

// away sends at a steady rate, takes ClickHouse away for a while, and watches.
func (l *life) away(ctx context.Context, s *stack, tale *story, byKafka, byMQTT *sender, p *platform, look func() (verdict, error)) error {
	sending, stop := context.WithCancel(ctx)
	defer stop()
	type told struct {
		sent int
		err  error
	}
	done := make(chan told, 1)
	go func() {
		sent, err := tell(sending, tale, l.o.rate, before+l.o.away+patience, byKafka, byMQTT)
		done <- told{sent, err}
	}()
	watch, err := l.watch(ctx, s, p)
	stop()
	t := <-done
	if err != nil {
		return err
	}
	if !errors.Is(t.err, context.Canceled) {
		return t.err
	}
	if err := errors.Join(byKafka.settle(ctx), byMQTT.settle(ctx)); err != nil {
		return err
	}
	began := time.Now()
	var v verdict
	for {
		if v, err = look(); err == nil && v.clean() || time.Since(began) > l.o.settle {
			break
		}
		if pause(ctx, time.Second); ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(l.out, "\n%d messages, %d events: %s; lost %d, doubled %d, wrong %d\n", t.sent, v.events, watch, v.lost, v.doubled, v.wrong)
	for _, x := range v.examples {
		fmt.Fprintln(l.out, "       ", x)
	}
	l.total.lost, l.total.doubled, l.total.wrong = v.lost, v.doubled, v.wrong
	return nil
}

// caught is how the platform came back.
type caught struct {
	live, back float64       // events a second, before and while it caught up
	took       time.Duration // from the start of ClickHouse
	fresh      time.Duration // until rollups held what was new
	most       int           // MiB of one ingest process
}

func (c caught) String() string {
	return fmt.Sprintf("live %.0f events/s, caught up at %.0f events/s (%.1f times) in %s, rollups of what is new after %s, an ingest took at most %d MiB",
		c.live, c.back, c.back/c.live, c.took.Round(time.Second), c.fresh.Round(time.Second), c.most)
}

func (l *life) watch(ctx context.Context, s *stack, p *platform) (c caught, err error) {
	if pause(ctx, 5*time.Second); ctx.Err() != nil { // the first seconds are slower
		return c, ctx.Err()
	}
	began := time.Now()
	first, err := s.stored(ctx)
	if err != nil {
		return c, err
	}
	pause(ctx, before)
	now, err := s.stored(ctx)
	if err != nil {
		return c, err
	}
	c.live = float64(now-first) / time.Since(began).Seconds()
	s.clickhouse.kill()
	gone := time.Now()
	fmt.Fprintf(l.out, "%8s %10s %10s %10s %10s\n", "minute", "ingest-1", "ingest-2", "mosquitto", "kafka")
	for minute := 0; time.Since(gone) < l.o.away && ctx.Err() == nil; {
		if at := int(time.Since(gone) / time.Minute); at >= minute {
			fmt.Fprintf(l.out, "%8d %6d MiB %6d MiB %6d MiB %6d MiB\n", at, s.ingests[0].memory(), s.ingests[1].memory(), s.mosquitto.memory(), s.kafka.memory())
			minute = at + 1
		}
		c.most = max(c.most, s.ingests[0].memory(), s.ingests[1].memory())
		pause(ctx, time.Second)
	}
	if err := s.clickhouse.start(ctx); err != nil {
		return c, err
	}
	back := time.Now()
	for time.Since(back) < patience && ctx.Err() == nil {
		c.most = max(c.most, s.ingests[0].memory(), s.ingests[1].memory())
		have, err := s.stored(ctx)
		if err != nil {
			return c, err
		}
		if c.fresh == 0 {
			if newest, err := p.newest(ctx); err == nil && time.Since(newest) < isNew {
				c.fresh = time.Since(back)
			}
		}
		due := float64(first) + c.live*time.Since(began).Seconds()
		if float64(have) >= enough*due && c.fresh > 0 {
			c.took = time.Since(back)
			c.back = float64(have-now) / c.took.Seconds()
			return c, nil
		}
		pause(ctx, glance)
	}
	return c, errors.Join(ctx.Err(), fmt.Errorf("the backlog was not worked off within %s", patience))
}

// stored is how many events the ingest processes say that they stored, repeats and refused ones included.
func (s *stack) stored(ctx context.Context) (int, error) {
	sum := 0
	for i, p := range s.ingests {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s:%d/metrics", p.host, metricsPort+i+1), http.NoBody)
		if err != nil {
			return 0, fmt.Errorf("ask %s: %w", p.name, err)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0, fmt.Errorf("ask %s: %w", p.name, err)
		}
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			line := lines.Text()
			if !strings.HasPrefix(line, "ioc_ingest_events_total") && !strings.HasPrefix(line, "ioc_ingest_refused_total") {
				continue
			}
			n, err := strconv.ParseFloat(line[strings.LastIndexByte(line, ' ')+1:], 64)
			if err != nil {
				return 0, errors.Join(fmt.Errorf("read what %s says: %w", p.name, err), answer.Body.Close())
			}
			sum += int(n)
		}
		if err := answer.Body.Close(); err != nil {
			return 0, fmt.Errorf("ask %s: %w", p.name, err)
		}
	}
	return sum, nil
}

// memory is what the process has in memory, in MiB.
func (p *part) memory() int {
	if !p.alive() {
		return 0
	}
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmRSS:"); ok {
			kib, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB")) // 0 tells that it can't be read
			return kib / 1024
		}
	}
	return 0
}
