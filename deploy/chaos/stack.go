package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/binhphuoc/ioc/schemas"
)

// stack is the whole platform with its brokers: real processes, each killable.
type stack struct {
	dir      string
	ioc      string // binary of the platform
	registry *schemas.Registry
	network  *network // nil: everything lives on the loopback address, and nothing can be cut off
	disks    []string // small disks that can be filled

	kafka, mosquitto, clickhouse, relay *part
	ingests                             []*part
	apis                                []*part
	dsn                                 string
}

// token opens the interface of the platform under test.
const token = "chaos-chaos-chaos-chaos-chaos"

// metricsPort and the number of an ingest make the port of its metrics.
const metricsPort = 19460

// parts lists all that can be killed.
func (s *stack) parts() []*part {
	out := []*part{s.kafka, s.mosquitto, s.clickhouse}
	return append(append(out, s.ingests...), s.apis...)
}

// newPart places a part in the network.
func (s *stack) newPart(ctx context.Context, name string) (*part, error) {
	p := &part{name: name, host: "127.0.0.1", log: filepath.Join(s.dir, name+".log")}
	if s.network == nil {
		return p, nil
	}
	var err error
	p.space, p.host, err = s.network.add(ctx, name)
	return p, err
}

// disk makes a folder, on a small disk of its own where that is possible.
func (s *stack) disk(ctx context.Context, name, size string) (string, error) {
	dir := filepath.Join(s.dir, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make %s: %w", dir, err)
	}
	if os.Getuid() == 0 && run(ctx, "mount", "-t", "tmpfs", "-o", "size="+size, "none", dir) == nil {
		s.disks = append(s.disks, dir)
	}
	return dir, nil
}

// up starts everything and returns when it answers.
func (s *stack) up(ctx context.Context) error {
	if err := s.servers(ctx); err != nil {
		return err
	}
	if err := s.topics(ctx); err != nil {
		return err
	}
	if err := run(ctx, s.ioc, "migrate", "--clickhouse-dsn", s.dsn); err != nil {
		return err
	}
	for i := range 2 {
		if err := s.ingest(ctx, i+1); err != nil {
			return err
		}
		if err := s.api(ctx, i+1); err != nil {
			return err
		}
	}
	if err := s.reading(ctx); err != nil {
		return err
	}
	// From here on the broker knows who reads. What it knows is on disk only after a save.
	s.mosquitto.signal(syscall.SIGUSR1)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Second):
		return nil
	}
}

// servers starts what the platform stands on.
func (s *stack) servers(ctx context.Context) (err error) {
	if s.kafka, err = s.newPart(ctx, "kafka"); err != nil {
		return err
	}
	dir, err := s.disk(ctx, "kafka", "1g")
	if err != nil {
		return err
	}
	s.kafka.ready = s.kafka.host + ":19392"
	s.kafka.argv = []string{"deploy/test/kafka.sh", "run", s.kafka.ready}
	s.kafka.env = []string{"TMPDIR=" + dir}

	if s.mosquitto, err = s.newPart(ctx, "mosquitto"); err != nil {
		return err
	}
	if err := s.mosquittoConfig(); err != nil {
		return err
	}

	if s.clickhouse, err = s.newPart(ctx, "clickhouse"); err != nil {
		return err
	}
	if dir, err = s.disk(ctx, "clickhouse", "2g"); err != nil {
		return err
	}
	s.clickhouse.argv = []string{s.ioc, "clickhouse", "--data", dir, "--clickhouse-listen", "127.0.0.1:19300"}
	for _, p := range []*part{s.kafka, s.mosquitto, s.clickhouse} {
		if err := p.start(ctx); err != nil {
			return err
		}
	}
	if s.dsn, err = s.firstLine(ctx, s.clickhouse, "clickhouse://"); err != nil {
		return err
	}
	s.dsn += "/ioc"
	if s.network != nil {
		self, err := os.Executable()
		if err != nil {
			return fmt.Errorf("find this program: %w", err)
		}
		at := s.clickhouse.host + ":19301"
		s.relay = &part{name: "relay", space: s.clickhouse.space, log: filepath.Join(s.dir, "relay.log"), argv: []string{self, "relay", at, "127.0.0.1:19300"}}
		if err := s.relay.start(ctx); err != nil {
			return err
		}
		s.dsn = strings.Replace(s.dsn, "127.0.0.1:19300", at, 1)
	}
	return errors.Join(s.kafka.await(ctx), s.mosquitto.await(ctx))
}

// mosquittoConfig is what the shipped configuration says of keeping, without its sign-in.
func (s *stack) mosquittoConfig() error {
	dir := filepath.Join(s.dir, "mosquitto")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make %s: %w", dir, err)
	}
	file := filepath.Join(dir, "mosquitto.conf")
	text := fmt.Sprintf(`user root
listener 19383 %s
allow_anonymous true
persistence true
persistence_location %s/
autosave_interval %d
max_inflight_messages 1000
max_queued_messages 0
max_queued_bytes 0
`, s.mosquitto.host, dir, int(autosave/time.Second))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return fmt.Errorf("write the configuration of Mosquitto: %w", err)
	}
	s.mosquitto.ready = s.mosquitto.host + ":19383"
	s.mosquitto.argv = []string{"/usr/sbin/mosquitto", "-c", file}
	return nil
}

// firstLine waits until a part has written a line that begins so.
func (s *stack) firstLine(ctx context.Context, p *part, prefix string) (string, error) {
	for limit := time.Now().Add(2 * time.Minute); time.Now().Before(limit); {
		if f, err := os.Open(p.log); err == nil {
			lines := bufio.NewScanner(f)
			for lines.Scan() {
				if strings.HasPrefix(lines.Text(), prefix) {
					line := lines.Text()
					return line, f.Close()
				}
			}
			f.Close()
		}
		if !p.alive() {
			return "", fmt.Errorf("%s ended while it started; its log is %s", p.name, p.log)
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return "", fmt.Errorf("%s is not up after 2 min; its log is %s", p.name, p.log)
}

// topics makes the topics of the contract.
func (s *stack) topics(ctx context.Context) error {
	transport := &kafka.Transport{}
	defer transport.CloseIdleConnections()
	client := &kafka.Client{Addr: kafka.TCP(s.kafka.ready), Transport: transport, Timeout: 30 * time.Second}
	var list []kafka.TopicConfig
	for _, c := range s.registry.Centres {
		for _, d := range s.registry.Domains {
			list = append(list, kafka.TopicConfig{Topic: "ioc." + c.Code + "." + d.Code, NumPartitions: 2, ReplicationFactor: 1})
		}
	}
	r, err := client.CreateTopics(ctx, &kafka.CreateTopicsRequest{Topics: list})
	if err != nil {
		return fmt.Errorf("make topics: %w", err)
	}
	for name, err := range r.Errors {
		if err != nil && !errors.Is(err, kafka.TopicAlreadyExists) {
			return fmt.Errorf("make topic %s: %w", name, err)
		}
	}
	return nil
}

func (s *stack) ingest(ctx context.Context, n int) error {
	p, err := s.newPart(ctx, fmt.Sprintf("ingest-%d", n))
	if err != nil {
		return err
	}
	p.argv = []string{
		s.ioc, "ingest", "--clickhouse-dsn", s.dsn, "--kafka-brokers", s.kafka.ready, "--mqtt-broker", "tcp://" + s.mosquitto.ready,
		"--mqtt-share", "ioc", "--mqtt-client-id", p.name, "--metrics-listen", fmt.Sprintf("%s:%d", p.host, metricsPort+n),
	}
	s.ingests = append(s.ingests, p)
	return p.start(ctx)
}

func (s *stack) api(ctx context.Context, n int) error {
	p, err := s.newPart(ctx, fmt.Sprintf("api-%d", n))
	if err != nil {
		return err
	}
	p.ready = fmt.Sprintf("%s:1908%d", p.host, n)
	p.argv = []string{s.ioc, "dashboard-api", "--clickhouse-dsn", s.dsn, "--listen", p.ready}
	p.env = []string{"IOC_API_TOKEN=" + token}
	s.apis = append(s.apis, p)
	return errors.Join(p.start(ctx), p.await(ctx))
}

// reading waits until every ingest has subscribed.
func (s *stack) reading(ctx context.Context) error {
	for _, p := range s.ingests {
		for limit := time.Now().Add(time.Minute); ; {
			raw, err := os.ReadFile(p.log)
			if err == nil && strings.Contains(string(raw), "reading MQTT topics") {
				break
			}
			if time.Now().After(limit) {
				return fmt.Errorf("%s has not subscribed after a minute; its log is %s", p.name, p.log)
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(100 * time.Millisecond):
			}
		}
	}
	return nil
}

// down ends everything, and takes the network and the disks away.
func (s *stack) down(ctx context.Context) error {
	var errs []error
	for _, p := range append(append([]*part{}, s.apis...), s.ingests...) {
		errs = append(errs, p.stop())
	}
	for _, p := range []*part{s.clickhouse, s.mosquitto, s.kafka, s.relay} {
		if p != nil {
			p.kill() // nothing that follows needs their data
		}
	}
	if s.network != nil {
		errs = append(errs, s.network.close(ctx))
	}
	for _, d := range s.disks {
		errs = append(errs, run(ctx, "umount", "-l", d))
	}
	return errors.Join(errs...)
}
