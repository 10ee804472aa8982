package simulate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/binhphuoc/ioc/deploy/simulate/world"
)

// LoadOptions say how much is sent, and where.
type LoadOptions struct {
	Transport world.Transport
	Brokers   []string // URLs for MQTT, addresses for Kafka
	Centre    string   // that the readings are of
	Rate      float64  // events a second
	// Duration is how long; 0: until the context ends.
	Duration time.Duration
	// Sources is how many sensors there seem to be; default 200.
	Sources int
	// PerMessage is how many events travel as one batch; default 1: no batches.
	PerMessage int
	// Connections is how many clients send at once; default 4.
	Connections int
	// Log hears of brokers that come and go. Default: nobody does.
	Log *slog.Logger
}

// LoadReport tells what the brokers have taken.
type LoadReport struct {
	Events  int64
	Elapsed time.Duration
	// Behind is the longest time by which events were made later than Rate asks for. Where it grows with the
	// duration, the rate was not reached.
	Behind time.Duration
}

// loadTick is how often events are made. It bounds how far the load is from an even one.
const loadTick = 10 * time.Millisecond

func (o *LoadOptions) check() error {
	for _, d := range []struct {
		field *int
		value int
	}{{&o.Sources, 200}, {&o.PerMessage, 1}, {&o.Connections, 4}} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	switch {
	case o.Transport != world.MQTT && o.Transport != world.Kafka:
		return fmt.Errorf("transport %q of the load: must be %s or %s", o.Transport, world.MQTT, world.Kafka)
	case len(o.Brokers) == 0 || o.Centre == "":
		return errors.New("a load needs a broker and a centre")
	case !(o.Rate > 0 && o.Rate <= 1_000_000):
		return fmt.Errorf("rate %v of the load: must be greater than 0, and at most 1,000,000 events a second", o.Rate)
	case o.Duration < 0 || o.Sources < 0 || o.PerMessage < 0 || o.Connections < 0:
		return errors.New("a load has no negative duration or number")
	}
	if o.Transport == world.MQTT {
		for _, b := range o.Brokers {
			if err := checkURL(b); err != nil {
				return err
			}
		}
	}
	return nil
}

// Load sends sensor readings at an even rate, and returns after the brokers have them or ctx has ended.
func Load(ctx context.Context, o LoadOptions) (LoadReport, error) {
	if err := o.check(); err != nil {
		return LoadReport{}, err
	}
	start := time.Now()
	queue := make(chan []world.Emission, 2*o.Connections) // full: the load gets behind, which the report tells
	var taken atomic.Int64
	var g errgroup.Group
	for i := range o.Connections {
		g.Go(func() error {
			var p publisher
			if o.Transport == world.Kafka {
				p = newKafkaPublisher(o.Brokers)
			} else {
				p = newMQTTPublisher(o.Brokers, fmt.Sprintf("load-%s-%d-%d", o.Centre, start.UnixNano(), i))
			}
			out := &sender{publisher: p, log: logger(o.Log).With("transport", string(o.Transport), "connection", i)}
			defer out.close()
			for messages := range queue {
				if err := out.send(ctx, messages); err != nil {
					continue // ctx has ended: the rest of the queue is given up
				}
				for _, m := range messages {
					taken.Add(int64(m.Events))
				}
			}
			return nil
		})
	}
	behind := makeLoad(ctx, o, start, queue)
	close(queue)
	err := g.Wait()
	return LoadReport{Events: taken.Load(), Elapsed: time.Since(start), Behind: behind}, err
}

// makeLoad makes the events when they are due, and returns the longest time by which one was late.
func makeLoad(ctx context.Context, o LoadOptions, start time.Time, queue chan<- []world.Emission) time.Duration {
	tick := time.NewTicker(loadTick)
	defer tick.Stop()
	readings := &loadReadings{o: o, run: strconv.FormatInt(start.UnixNano(), 36)}
	var made int64
	var behind time.Duration
	for {
		select {
		case <-ctx.Done():
			return behind
		case <-tick.C:
		}
		now := time.Now()
		elapsed := now.Sub(start)
		done := o.Duration > 0 && elapsed >= o.Duration
		if done {
			elapsed = o.Duration
		}
		due := int64(elapsed.Seconds() * o.Rate)
		behind = max(behind, now.Sub(start)-time.Duration(float64(made)/o.Rate*float64(time.Second))-loadTick)
		for made < due {
			n := min(due-made, int64(burst*o.PerMessage))
			select {
			case queue <- readings.next(now, made, n):
			case <-ctx.Done():
				return behind
			}
			made += n
		}
		if done {
			return behind
		}
	}
}

// loadReadings writes the readings of a load.
type loadReadings struct {
	o   LoadOptions
	run string // makes the ids of two loads differ
}

// next returns the n events after the first so many.
func (l *loadReadings) next(at time.Time, first, n int64) []world.Emission {
	var out []world.Emission
	for end := first + n; first < end; {
		unit := first % int64(l.o.Sources)
		count := min(end-first, int64(l.o.PerMessage))
		items := make([]loadEvent, count)
		for i := range items {
			items[i] = l.event(at, unit, first+int64(i))
		}
		out = append(out, l.message(at, unit, items))
		first += count
	}
	return out
}

type loadEvent struct {
	SpecVersion string      `json:"specversion"`
	ID          string      `json:"id"`
	Source      string      `json:"source"`
	Type        string      `json:"type"`
	Time        time.Time   `json:"time"`
	Data        loadReading `json:"data"`
}

type loadReading struct {
	Metric string  `json:"metric"`
	Value  float64 `json:"value"`
}

func (l *loadReadings) source(unit int64) string {
	return fmt.Sprintf("/%s/sensor/load-%04d", l.o.Centre, unit+1)
}

func (l *loadReadings) event(at time.Time, unit, n int64) loadEvent {
	return loadEvent{
		SpecVersion: "1.0", ID: l.run + "-" + strconv.FormatInt(n, 36), Source: l.source(unit),
		Type: "vn.binhphuoc.ioc.reading.v1", Time: at.UTC().Truncate(time.Millisecond),
		Data: loadReading{Metric: "load", Value: float64(n%1000) / 10},
	}
}

func (l *loadReadings) message(at time.Time, unit int64, items []loadEvent) world.Emission {
	var content any = items
	contentType := "application/cloudevents-batch+json"
	if len(items) == 1 && l.o.PerMessage == 1 {
		content, contentType = items[0], "application/cloudevents+json"
	}
	payload, err := json.Marshal(content)
	if err != nil {
		panic(fmt.Sprintf("load event: %v", err)) // text, time and finite numbers are always JSON
	}
	m := world.Emission{Time: at, Payload: payload, Events: len(items)}
	if l.o.Transport == world.Kafka {
		m.Topic, m.Key = "ioc."+l.o.Centre+".sensor", l.source(unit)
		m.Headers = []world.Header{{Key: "content-type", Value: contentType}}
	} else {
		m.Topic = fmt.Sprintf("ioc/%s/sensor/load-%04d", l.o.Centre, unit+1)
	}
	return m
}
