// Command chaos proves that nothing is lost and nothing counted twice: it drives the real platform with real brokers,
// kills, pauses, fills and cuts what it can, and compares all that is stored and shown with what it knows to be true.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/binhphuoc/ioc/deploy/local"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
)

type options struct {
	seed    uint64
	rounds  int
	life    int // rounds on one platform, before the next begins with empty disks
	rate    float64
	traffic time.Duration
	settle  time.Duration
	keep    string
	calm    bool
	away    time.Duration
	spoil   bool
}

func main() {
	if len(os.Args) == 4 && os.Args[1] == "relay" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		if err := relay(ctx, os.Args[2], os.Args[3]); err != nil {
			fmt.Fprintln(os.Stderr, "chaos:", err)
		}
		return
	}
	var o options
	flag.Uint64Var(&o.seed, "seed", 1, "the same seed tells the same story, with the same faults")
	flag.IntVar(&o.rounds, "rounds", 10, "how many rounds")
	flag.IntVar(&o.life, "life", 10, "rounds on one platform; the next begins with empty disks")
	flag.Float64Var(&o.rate, "rate", 200, "messages a second")
	flag.DurationVar(&o.traffic, "traffic", 15*time.Second, "how long each round sends, while faults happen")
	flag.DurationVar(&o.settle, "settle", 2*time.Minute, "how long the platform may take, after a round, to be right")
	flag.StringVar(&o.keep, "dir", "", "`DIR` for logs and data; default: one that is removed when all is right")
	flag.BoolVar(&o.calm, "calm", false, "no faults")
	flag.DurationVar(&o.away, "away", 0, "instead of rounds: take ClickHouse away for so long, and tell how the platform bears it and catches up")
	flag.BoolVar(&o.spoil, "spoil", false, "one calm round; then make the tables wrong in all ways that are known, and fail when the comparison does not see one")
	flag.Parse()
	if o.spoil {
		o.calm, o.rounds = true, 1
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	clean, err := chaos(ctx, o, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
	}
	if err != nil || !clean {
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

// total adds up all rounds.
type total struct {
	rounds, messages      int
	lost, doubled, wrong  int
	slowest               time.Duration
	events, cells, values int
}

func chaos(ctx context.Context, o options, out io.Writer) (clean bool, err error) {
	dir := o.keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "ioc-chaos-*"); err != nil {
			return false, fmt.Errorf("make a folder: %w", err)
		}
	}
	binary := filepath.Join(dir, "ioc")
	if err := run(ctx, "go", "build", "-o", binary, "./cmd/ioc"); err != nil {
		return false, err
	}
	// The parts live in a network of their own, from which nothing can be fetched.
	if _, err := local.Locate(ctx, local.LocateOptions{}); err != nil {
		return false, fmt.Errorf("find the engine: %w", err)
	}
	if err := run(ctx, "deploy/test/kafka.sh", "fetch"); err != nil {
		return false, err
	}
	var sum total
	if o.away > 0 {
		fmt.Fprintf(out, "seed %d, ClickHouse away for %s at %.0f messages/s\n\n", o.seed, o.away, o.rate)
		l := &life{o: o, out: out, total: &sum, dir: filepath.Join(dir, "away"), ioc: binary}
		if err := l.run(ctx); err != nil {
			return false, err
		}
		return sum.lost+sum.doubled+sum.wrong == 0, nil
	}
	fmt.Fprintf(out, "seed %d, %d rounds of %s at %.0f messages/s\n\n", o.seed, o.rounds, o.traffic, o.rate)
	fmt.Fprintf(out, "%5s %8s %8s %8s %6s %8s %5s %7s %5s  %s\n", "round", "messages", "events", "rollups", "KPIs", "right in", "lost", "doubled", "wrong", "faults")
	for first := 0; first < o.rounds; first += o.life {
		l := &life{o: o, out: out, total: &sum, first: first, dir: filepath.Join(dir, fmt.Sprintf("life-%d", first/o.life)), ioc: binary}
		if err := l.run(ctx); err != nil {
			return false, fmt.Errorf("rounds from %d: %w", first+1, err)
		}
	}
	clean = sum.lost+sum.doubled+sum.wrong == 0
	fmt.Fprintf(out, "\n%d rounds, %d messages, %d events, %d rows of rollups, %d KPI values: lost %d, doubled %d, wrong %d; right after at most %s\n",
		sum.rounds, sum.messages, sum.events, sum.cells, sum.values, sum.lost, sum.doubled, sum.wrong, sum.slowest.Round(time.Second))
	if clean && o.keep == "" {
		return true, os.RemoveAll(dir)
	}
	fmt.Fprintln(out, "logs:", dir)
	return clean, nil
}

// life is one platform, from empty disks on.
type life struct {
	o     options
	out   io.Writer
	total *total
	first int
	dir   string
	ioc   string
}

func (l *life) run(ctx context.Context) (err error) {
	registry, err := schemas.BuiltinRegistry()
	if err != nil {
		return err
	}
	catalogue, errs := kpi.Builtin()
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("built-in KPIs: %w", err)
	}
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return fmt.Errorf("make %s: %w", l.dir, err)
	}
	s := &stack{dir: l.dir, ioc: l.ioc, registry: registry}
	if s.network, err = newNetwork(ctx); err != nil {
		fmt.Fprintln(l.out, "skipped: cutting the network:", err)
	}
	defer func() { err = errors.Join(err, s.down(context.WithoutCancel(ctx))) }()
	if err := s.up(ctx); err != nil {
		return err
	}
	seed := l.o.seed + uint64(l.first) //nolint:gosec // not negative
	var codes []string
	for _, c := range registry.Centres {
		codes = append(codes, c.Code)
	}
	tale := newStory(seed, codes)
	trouble := &faults{stack: s, rng: rand.New(rand.NewPCG(seed, 2))} //nolint:gosec // no secret
	var senders sync.WaitGroup
	sending, end := context.WithCancel(ctx)
	defer senders.Wait()
	defer end()
	byKafka, byMQTT := newKafkaSender(s.kafka.ready), newMQTTSender(s.mosquitto.ready)
	for _, x := range []*sender{byKafka, byMQTT} {
		senders.Go(func() { x.run(sending) })
	}
	p, err := newPlatform(s.dsn, "", token)
	if err != nil {
		return err
	}
	defer p.conn.Close()
	look := func() (verdict, error) { return compare(ctx, tale, catalogue, registry, p) }
	if l.o.away > 0 {
		p.api = s.apis[0].ready
		return l.away(ctx, s, tale, byKafka, byMQTT, p, look)
	}
	for i := l.first; i < min(l.first+l.o.life, l.o.rounds); i++ {
		p.api = s.apis[i%len(s.apis)].ready
		if err := l.round(ctx, i, tale, trouble, byKafka, byMQTT, p, look); err != nil {
			return err
		}
	}
	if l.o.spoil {
		return l.spoil(ctx, p, look)
	}
	return nil
}

// round sends while faults happen, then waits until everything is right, or the time is up.
func (l *life) round(ctx context.Context, i int, tale *story, trouble *faults, byKafka, byMQTT *sender, p *platform, look func() (verdict, error)) error {
	type outcome struct {
		names string
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		if l.o.calm {
			done <- outcome{}
			return
		}
		names, err := trouble.disturb(ctx, l.o.traffic)
		done <- outcome{names, err}
	}()
	sent, err := tell(ctx, tale, l.o.rate, l.o.traffic, byKafka, byMQTT)
	happened := <-done
	if err := errors.Join(err, happened.err); err != nil {
		return err
	}
	if err := trouble.settle(ctx, byKafka, byMQTT); err != nil {
		return err
	}
	began := time.Now()
	var v verdict
	for {
		trouble.mend(ctx)
		v, err = look()
		if err == nil && v.clean() || time.Since(began) > l.o.settle {
			break
		}
		if pause(ctx, time.Second); ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if err != nil {
		return fmt.Errorf("after %s, the platform can't be asked: %w", l.o.settle, err)
	}
	took := time.Since(began)
	fmt.Fprintf(l.out, "%5d %8d %8d %8d %6d %7.1fs %5d %7d %5d  %s\n", i+1, sent, v.events, v.cells, v.kpis, took.Seconds(), v.lost, v.doubled, v.wrong, happened.names)
	for _, x := range v.examples {
		fmt.Fprintln(l.out, "       ", x)
	}
	if !v.clean() {
		dir := filepath.Join(l.dir, fmt.Sprintf("round-%d", i+1))
		if err := p.evidence(ctx, dir); err != nil {
			return fmt.Errorf("keep the tables of round %d: %w", i+1, err)
		}
		fmt.Fprintln(l.out, "        tables:", dir)
	}
	t := l.total
	t.rounds++
	t.messages += sent
	t.events += v.events
	t.cells += v.cells
	t.values += v.kpis
	t.lost, t.doubled, t.wrong = t.lost+v.lost, t.doubled+v.doubled, t.wrong+v.wrong
	t.slowest = max(t.slowest, took)
	return nil
}
