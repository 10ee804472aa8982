// Package simulate sends the feeds of a simulated province, as the centres' own systems would.
//
// It is an outside client: it knows the contract, a broker's address, and nothing of the platform.
package simulate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/binhphuoc/ioc/deploy/simulate/world"
	"github.com/binhphuoc/ioc/schemas"
)

// Options say what is simulated, and where it is sent.
type Options struct {
	// Seed decides what happens. With the same seed, Rate and registry the same day is the same day, after a restart too.
	Seed     uint64
	Registry *schemas.Registry
	// MQTT are URLs of one broker, such as tcp://127.0.0.1:1883. Empty: cameras and sensors are not sent.
	MQTT []string
	// Kafka are addresses, such as 127.0.0.1:9092. Empty: service events are not sent.
	Kafka []string
	// Backfill is how much of the past is sent at the start. What stands open then is always sent.
	Backfill time.Duration
	// Rate multiplies how much happens; 1 is a real day, which is the default.
	Rate float64
	// Log hears of starts, stops and brokers that come and go. Default: nobody does.
	Log *slog.Logger
}

// Simulator sends the feeds of all centres.
type Simulator struct {
	options Options
	world   *world.World
	log     *slog.Logger
}

// New checks the options. It opens no connection.
func New(o Options) (*Simulator, error) {
	if len(o.MQTT) == 0 && len(o.Kafka) == 0 {
		return nil, errors.New("a simulation needs an MQTT or a Kafka broker")
	}
	if o.Backfill < 0 {
		return nil, fmt.Errorf("backfill %s: must not be negative", o.Backfill)
	}
	for _, broker := range o.MQTT {
		if err := checkURL(broker); err != nil {
			return nil, err
		}
	}
	w, err := world.New(world.Options{Seed: o.Seed, Rate: o.Rate, Registry: o.Registry})
	if err != nil {
		return nil, err
	}
	return &Simulator{options: o, world: w, log: logger(o.Log)}, nil
}

func logger(log *slog.Logger) *slog.Logger {
	if log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return log
}

// Run sends until ctx ends. A broker that is away is waited for; nothing that happens meanwhile is lost,
// because the world can be asked for it again. It returns after all connections are closed.
func (s *Simulator) Run(ctx context.Context) error {
	start := time.Now()
	s.log.Info("simulation_started", "seed", s.options.Seed, "backfill", s.options.Backfill)
	var g errgroup.Group
	live, past := s.world.Feeds(start), s.world.Feeds(start)
	for i := range live {
		if len(s.brokers(live[i].Transport())) == 0 {
			continue
		}
		// The present does not wait for the past: they have a connection each.
		border := start.Add(-headstart)
		g.Go(func() error { return s.send(ctx, live[i], "live", border, sendLive) })
		g.Go(func() error { return s.send(ctx, past[i], "history", border, s.sendPast) })
	}
	err := g.Wait()
	s.log.Info("simulation_stopped")
	return err
}

func (s *Simulator) brokers(t world.Transport) []string {
	if t == world.Kafka {
		return s.options.Kafka
	}
	return s.options.MQTT
}

// send runs one series of a feed, that before or that after the border, over a connection of its own, and closes that.
func (s *Simulator) send(ctx context.Context, f *world.Feed, series string, border time.Time,
	run func(context.Context, *world.Feed, *sender, time.Time) error,
) error {
	var p publisher
	if f.Transport() == world.Kafka {
		p = newKafkaPublisher(s.options.Kafka)
	} else {
		p = newMQTTPublisher(s.options.MQTT, fmt.Sprintf("simulate-%s-%s-%d", f.Centre(), series, s.options.Seed))
	}
	out := &sender{publisher: p, log: s.log.With("centre", f.Centre(), "transport", string(f.Transport()), "series", series)}
	defer out.close()
	if err := run(ctx, f, out, border); ctx.Err() == nil {
		return err
	}
	return nil // it was asked to end
}

const (
	liveTick = 250 * time.Millisecond
	// behind is how late the live series may be before it goes over to history, which needs fewer messages.
	behind = time.Minute
	// headstart is how far back the present begins: every device says how it is at least once in it, so that none looks silent
	// because its next word is not due yet.
	headstart = 45 * time.Second
	// chunk is how much history is sent at once.
	chunk = 5 * time.Minute
	// breath is the shortest pause between two chunks.
	breath = 20 * time.Millisecond
)

// sendLive sends what happens from a moment on. When the broker was away, it sends first what it missed.
func sendLive(ctx context.Context, f *world.Feed, out *sender, from time.Time) error {
	tick := time.NewTicker(liveTick)
	defer tick.Stop()
	for sent := from; ; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		now := time.Now()
		if now.Sub(sent) > behind {
			if err := sendHistory(ctx, f, out, sent, now); err != nil {
				return err
			}
		} else if err := out.send(ctx, f.Between(sent, now)); err != nil {
			return err
		}
		sent = now
	}
}

// sendPast sends what stood when the history begins, and then the history up to a moment.
func (s *Simulator) sendPast(ctx context.Context, f *world.Feed, out *sender, to time.Time) error {
	began := time.Now()
	from := to.Add(-s.options.Backfill)
	standing := f.Standing(from)
	if err := out.send(ctx, standing); err != nil {
		return err
	}
	if err := sendHistory(ctx, f, out, from, to); err != nil {
		return err
	}
	out.log.Info("simulated_history_sent", "from", from.UTC(), "took", time.Since(began), "standing", len(standing))
	return nil
}

// sendHistory sends [from, to) in chunks, oldest first. After each it leaves the broker alone for as long as that one took.
func sendHistory(ctx context.Context, f *world.Feed, out *sender, from, to time.Time) error {
	for from.Before(to) {
		end := from.Add(chunk)
		if end.After(to) {
			end = to
		}
		began := time.Now()
		if err := out.send(ctx, f.History(from, end)); err != nil {
			return err
		}
		from = end
		if err := sleep(ctx, max(breath, time.Since(began))); err != nil {
			return err
		}
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
