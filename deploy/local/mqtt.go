package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/storage/bolt"
	"github.com/mochi-mqtt/server/v2/listeners"
	"go.etcd.io/bbolt"
)

const (
	// mqttPacket lets a message of more than 1 MiB pass, so that it can be
	// refused by name, kept and shown.
	mqttPacket = 4 << 20
	// mqttInflight is how many messages the broker keeps for one subscriber
	// that doesn't acknowledge; beyond it, publishers wait. Each connection
	// costs 8 bytes for each.
	mqttInflight = 16 << 10
	// mqttClients bounds the connections, and by that how many publishers can
	// pass the same check at the same moment.
	mqttClients = 1000
	// mqttExpiry stands for never: the broker's own default throws away
	// whatever has waited for a day.
	mqttExpiry = 10 * 365 * 24 * 60 * 60
)

// MQTTOptions says where the broker runs.
type MQTTOptions struct {
	// Dir holds what isn't delivered yet.
	Dir string
	// Listen is a loopback address. Port 0 takes a free one. Default 127.0.0.1:1883.
	Listen string
	// Log hears of starts, stops and publishers that have to wait.
	Log *slog.Logger
}

// MQTT is an embedded broker without accounts. A message that it acknowledged
// is on disk for every session that subscribed to it.
type MQTT struct {
	log      *slog.Logger
	path     string
	listener net.Listener
	close    sync.Once
}

// NewMQTT binds the address and prepares the folder.
func NewMQTT(options MQTTOptions) (*MQTT, error) {
	if options.Listen == "" {
		options.Listen = "127.0.0.1:1883"
	}
	if options.Dir == "" {
		return nil, errors.New("embedded MQTT broker: no data folder")
	}
	if err := os.MkdirAll(options.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder of the MQTT broker can't be made: %w", err)
	}
	listener, err := bind("MQTT broker", "--mqtt-listen", options.Listen, "a real broker with accounts and TLS")
	if err != nil {
		return nil, err
	}
	return &MQTT{log: logger(options.Log), path: filepath.Join(options.Dir, "mqtt.db"), listener: listener}, nil
}

// Addr is the address that the broker listens on.
func (m *MQTT) Addr() string { return m.listener.Addr().String() }

// Close frees the address where Run was never called; Run does it by itself.
func (m *MQTT) Close() error {
	var err error
	m.close.Do(func() { err = m.listener.Close() })
	return err
}

// Run serves until ctx ends. It can be called once.
func (m *MQTT) Run(ctx context.Context) error {
	defer m.Close()
	server := mqtt.New(&mqtt.Options{
		Capabilities: capabilities(),
		Logger:       slog.New(atLeast{Handler: m.log.Handler(), level: slog.LevelWarn}),
		InlineClient: true,
		// Nobody here reads the broker's own topics.
		SysTopicResendInterval: int64(time.Hour / time.Second),
	})
	entrance := &door{server: server, log: m.log, limit: mqttInflight - mqttClients}
	entrance.inside = server.NewClient(nil, mqtt.LocalListener, "door", true)
	stored := &store{}
	settings := &bolt.Options{Path: m.path, Options: &bbolt.Options{Timeout: predecessorTime}}
	if err := errors.Join(server.AddHook(entrance, nil), server.AddHook(stored, settings)); err != nil {
		return fmt.Errorf("open the MQTT broker's store %s: %w", m.path, err)
	}
	if err := server.AddListener(listeners.NewNet("local", m.listener)); err != nil {
		return fmt.Errorf("attach the MQTT broker to %s: %w", m.Addr(), err)
	}
	if err := server.Serve(); err != nil {
		return fmt.Errorf("start the MQTT broker: %w", errors.Join(err, stored.Stop()))
	}
	m.log.Info("mqtt_ready", "addr", m.Addr())
	<-ctx.Done()
	if err := server.Close(); err != nil {
		return fmt.Errorf("stop the MQTT broker: %w", err)
	}
	m.log.Info("mqtt_stopped", "addr", m.Addr())
	return nil
}

func capabilities() *mqtt.Capabilities {
	c := mqtt.NewDefaultServerCapabilities()
	c.MaximumClients = mqttClients
	c.MaximumPacketSize = mqttPacket
	c.MaximumInflight = mqttInflight
	c.ReceiveMaximum = mqttInflight
	// Every write that waits is a message in flight, so this queue can't
	// overflow before that one is full.
	c.MaximumClientWritesPending = mqttInflight
	c.MaximumMessageExpiryInterval = mqttExpiry
	return c
}

// atLeast lets only what matters of a talkative library through.
type atLeast struct {
	slog.Handler
	level slog.Level
}

func (a atLeast) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= a.level && a.Handler.Enabled(ctx, level)
}

func (a atLeast) WithAttrs(attrs []slog.Attr) slog.Handler {
	return atLeast{Handler: a.Handler.WithAttrs(attrs), level: a.level}
}

func (a atLeast) WithGroup(name string) slog.Handler {
	return atLeast{Handler: a.Handler.WithGroup(name), level: a.level}
}
