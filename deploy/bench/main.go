// Command bench measures the time from publishing an event with an outside client to the websocket frame that shows it.
//
// Start the platform and a background load first:
//
//	ioc up --no-simulate
//	ioc simulate --load-rate 1000 --load-for 5m --kafka-brokers 127.0.0.1:9092
//	go run ./deploy/bench
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

type options struct {
	wall, mqtt, kafka string
	events            int
	every             time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.wall, "wall", "127.0.0.1:8080", "`ADDRESS` of the API")
	flag.StringVar(&o.mqtt, "mqtt", "127.0.0.1:1883", "`ADDRESS` of the MQTT broker; empty: not measured")
	flag.StringVar(&o.kafka, "kafka", "127.0.0.1:9092", "`ADDRESS` of Kafka; empty: not measured")
	flag.IntVar(&o.events, "events", 1000, "events by each client")
	flag.DurationVar(&o.every, "every", 50*time.Millisecond, "time between two events")
	flag.Parse()
	if err := run(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	if host, port, ok := strings.Cut(o.mqtt, ":"); ok {
		err := measure(ctx, "mosquitto_pub", o, func(payload string) *exec.Cmd {
			return exec.CommandContext(ctx, "mosquitto_pub", "-h", host, "-p", port, "-q", "1", "-t", "ioc/"+centre+"/service/bench", "-m", payload)
		})
		if err != nil {
			return err
		}
	}
	if o.kafka == "" {
		return nil
	}
	return measure(ctx, "kcat", o, func(payload string) *exec.Cmd {
		c := exec.CommandContext(ctx, "kcat", "-P", "-b", o.kafka, "-t", "ioc."+centre+".service", "-X", "queue.buffering.max.ms=0")
		c.Stdin = strings.NewReader(payload)
		return c
	})
}

// centre is the one whose count of calls is watched.
const centre = "phuoc-long"

// measure publishes calls one after the other, and takes the time of the first frame whose count holds each of them.
func measure(ctx context.Context, name string, o options, client func(payload string) *exec.Cmd) error {
	counts := make(chan seen, 1024)
	conn, _, err := websocket.DefaultDialer.DialContext(ctx, "ws://"+o.wall+"/api/v1/live", nil) //nolint:bodyclose // a websocket has none
	if err != nil {
		return fmt.Errorf("connect to the live channel: %w", err)
	}
	defer conn.Close()
	if err := conn.WriteJSON(map[string]any{"type": "subscribe", "kpis": []string{"hotline.calls"}, "centres": []string{centre}}); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	go watch(conn, counts)
	base := (<-counts).count

	published := make([]time.Time, o.events)
	run := strconv.FormatInt(time.Now().UnixNano(), 36)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failed error
	tick := time.NewTicker(o.every)
	defer tick.Stop()
	var order []time.Time // of the publications that are done; counts say how many, not which
	wg.Go(func() {
		for i := range published {
			<-tick.C
			at := time.Now()
			out, err := client(call(run+"-"+strconv.Itoa(i), at)).CombinedOutput()
			mu.Lock()
			order = append(order, at)
			if err != nil {
				failed = fmt.Errorf("%s: %w: %s", name, err, out)
			}
			mu.Unlock()
		}
	})
	latencies := make([]time.Duration, 0, o.events)
	limit := time.After(time.Duration(o.events)*(o.every+100*time.Millisecond) + 30*time.Second)
	for len(latencies) < o.events {
		select {
		case s := <-counts:
			mu.Lock()
			for len(latencies) < min(s.count-base, len(order)) {
				latencies = append(latencies, s.at.Sub(order[len(latencies)]))
			}
			mu.Unlock()
		case <-limit:
			return fmt.Errorf("%s: only %d of %d events were seen", name, len(latencies), o.events)
		}
	}
	wg.Wait()
	if failed != nil {
		return failed
	}
	slices.Sort(latencies)
	at := func(q float64) time.Duration {
		return latencies[int(q*float64(len(latencies)-1))].Round(time.Millisecond)
	}
	fmt.Printf("%-14s %d events: p50 %s, p90 %s, p99 %s, most %s\n", name, o.events, at(0.5), at(0.9), at(0.99), at(1))
	return nil
}

type seen struct {
	count int
	at    time.Time
}

// watch passes on each count of calls, with the time at which its frame came.
func watch(conn *websocket.Conn, counts chan<- seen) {
	for {
		_, raw, err := conn.ReadMessage()
		at := time.Now()
		if err != nil {
			return
		}
		var f struct {
			Type   string `json:"type"`
			Values []struct {
				Value *float64 `json:"value"`
			} `json:"values"`
		}
		if json.Unmarshal(raw, &f) != nil || (f.Type != "snapshot" && f.Type != "delta") || len(f.Values) == 0 {
			continue
		}
		n := 0
		if v := f.Values[0].Value; v != nil {
			n = int(*v)
		}
		counts <- seen{n, at}
	}
}

// call is an event of a call that has just begun to wait.
func call(id string, at time.Time) string {
	now := at.UTC().Format(time.RFC3339Nano)
	return fmt.Sprintf(`{"specversion":"1.0","id":%[1]q,"source":"/%[2]s/service/bench","type":"vn.binhphuoc.ioc.call.v1","time":%[3]q,"data":{"call_id":%[1]q,"status":"waiting","queued_at":%[3]q}}`, id, centre, now)
}
