package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/binhphuoc/ioc/deploy/local"
)

// databaseName is the database of the embedded engine.
const databaseName = "ioc"

// up runs everything in one process tree. What is started first stops last: the engine, the brokers, the wall,
// ingestion, and the simulated feeds that send to it.
func up(ctx context.Context, s *settings, p *process) error {
	began := time.Now()
	if err := writable(s.data); err != nil {
		return err
	}
	a, err := newParts(s, p)
	if err != nil {
		return err
	}
	if !s.noSimulate {
		addSimulated(a.registry)
	}
	if err := a.up(ctx, began); err != nil {
		if ctx.Err() != nil { // stopped while it was starting
			err = nil
		}
		return errors.Join(err, a.stop())
	}
	a.stages.wait(ctx)
	p.log.Info("stopping")
	return a.stop()
}

func (a *parts) up(ctx context.Context, began time.Time) error {
	dsn, err := a.storage(ctx)
	if err != nil {
		return err
	}
	if err := a.migrate(ctx, dsn); err != nil {
		return err
	}
	mqttAddr, kafkaAddr, err := a.brokers(ctx)
	if err != nil {
		return err
	}
	wall, err := a.dashboard(ctx, dsn)
	if err != nil {
		return err
	}
	mqttURL := "tcp://" + mqttAddr
	if err := a.ingest(ctx, dsn, mqttURL, []string{kafkaAddr}); err != nil {
		return err
	}
	if !a.s.noSimulate {
		if err := a.simulate(ctx, []string{mqttURL}, []string{kafkaAddr}); err != nil {
			return err
		}
	}
	a.welcome(wall, mqttAddr, kafkaAddr, time.Since(began))
	return nil
}

// storage is the ClickHouse of the settings, or else the embedded engine, started.
func (a *parts) storage(ctx context.Context) (dsn string, err error) {
	if a.s.clickhouseDSN != "" {
		return a.s.clickhouseDSN, nil
	}
	engine, err := newClickHouse(ctx, a.s, a.p)
	if err != nil {
		return "", err
	}
	a.stages.start(ctx, "clickhouse", engine.Run)
	select {
	case <-engine.Ready():
		return engine.DSN() + "/" + databaseName, nil
	case <-ctx.Done():
		return "", ctx.Err()
	case name := <-a.stages.ended:
		a.stages.ended <- name // for whoever waits next
		return "", errors.New("the ClickHouse engine did not start")
	}
}

// brokers starts the embedded brokers.
func (a *parts) brokers(ctx context.Context) (mqttAddr, kafkaAddr string, err error) {
	broker, err := local.NewMQTT(local.MQTTOptions{Dir: filepath.Join(a.s.data, "mqtt"), Listen: a.s.mqttListen, Log: a.p.log.With("part", "mqtt-broker")})
	if err != nil {
		return "", "", err
	}
	a.stages.start(ctx, "mqtt broker", broker.Run)
	log, err := local.NewKafka(local.KafkaOptions{
		Dir: filepath.Join(a.s.data, "kafka"), Listen: a.s.kafkaListen, Topics: a.topics(), Log: a.p.log.With("part", "kafka-broker"),
	})
	if err != nil {
		return "", "", err
	}
	a.stages.start(ctx, "kafka broker", log.Run)
	select {
	case <-log.Ready():
	case <-ctx.Done():
		return "", "", ctx.Err()
	}
	return broker.Addr(), log.Addr(), nil
}

// topics are those of the contract: one for each domain of each centre.
func (a *parts) topics() []string {
	var out []string
	for _, c := range a.registry.Centres {
		for _, d := range a.registry.Domains {
			out = append(out, "ioc."+c.Code+"."+d.Code)
		}
	}
	return out
}

// welcome prints where everything is, and how to push a first event.
func (a *parts) welcome(wall, mqttAddr, kafkaAddr string, took time.Duration) {
	host, port, err := net.SplitHostPort(mqttAddr)
	if err != nil {
		host, port = mqttAddr, "1883"
	}
	event := func(kind, source, data string) string {
		return `{"specversion":"1.0","id":"'$(date +%s%N)'","source":"` + source + `","type":"vn.binhphuoc.ioc.` + kind + `.v1","time":"'$(date -u +%FT%TZ)'","data":` + data + `}`
	}
	fmt.Fprintf(a.p.out, `
ioc is up, after %.1f s

  wall    http://%s
  MQTT    %s
  Kafka   %s

Push an event:

  mosquitto_pub -h %s -p %s -q 1 -t ioc/dong-xoai/service/tong-dai-1022 -m '%s'

  echo '%s' | kcat -P -b %s -t ioc.binh-long.sensor -k /binh-long/sensor/khi-01

Ctrl-C ends everything.
`, took.Seconds(), wall, mqttAddr, kafkaAddr, host, port,
		event("call", "/dong-xoai/service/tong-dai-1022", `{"call_id":"thu-1","status":"waiting","queued_at":"'$(date -u +%FT%TZ)'"}`),
		event("reading", "/binh-long/sensor/khi-01", `{"metric":"pm25","value":12.5,"unit":"µg/m³"}`), kafkaAddr)
}

// writable makes the data folder, and tries to write there.
func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("the data folder can't be made, choose another with --data: %w", err)
	}
	f, err := os.CreateTemp(dir, ".try-*")
	if err != nil {
		return fmt.Errorf("the data folder can't be written, choose another with --data: %w", err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
