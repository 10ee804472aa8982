package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	// user is the account of the platform in the embedded ClickHouse.
	user = "ioc"
	// stopTime is how long an engine may take to end in order. Whatever was
	// acknowledged is on disk before: being killed costs it nothing but time.
	stopTime = 8 * time.Second
	// startTime covers the loading of a large data folder on a slow disk.
	startTime = 2 * time.Minute
	// predecessorTime is how long New waits for an engine of an earlier process
	// to end: one whose parent was killed stops by itself within stopTime.
	predecessorTime = stopTime + 4*time.Second
)

// ClickHouseOptions says which engine runs where.
type ClickHouseOptions struct {
	// Dir holds the data, the configuration, the password and the log.
	Dir string
	// Listen is a loopback address for the native protocol. Port 0 takes a
	// free one. Default 127.0.0.1:9000.
	Listen string
	// Backups is the only folder in which the engine writes backups, and from which it reads them.
	// Default: the folder backups in Dir.
	Backups string
	// Engine is what Locate found.
	Engine Engine
	// Child is the command that ends in RunChild, without the arguments
	// that RunChild gets. Not needed for an engine that is a program.
	Child []string
	// Log hears of starts and stops.
	Log *slog.Logger
}

// ClickHouse is one embedded ClickHouse in a process of its own.
type ClickHouse struct {
	options ClickHouseOptions
	log     *slog.Logger
	dir     string
	addr    string
	dsn     string
	lock    *os.File
	close   sync.Once

	ready    chan struct{}
	answered sync.Once // closes ready
}

// NewClickHouse prepares the data folder and takes its lock. It fails where the
// port is taken or the folder is in use or can't be written.
func NewClickHouse(options ClickHouseOptions) (*ClickHouse, error) {
	if options.Listen == "" {
		options.Listen = "127.0.0.1:9000"
	}
	if err := options.validate(); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(options.Dir)
	if err != nil {
		return nil, fmt.Errorf("data folder of ClickHouse: %w", err)
	}
	c := &ClickHouse{options: options, log: logger(options.Log), dir: dir, ready: make(chan struct{})}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder of ClickHouse can't be made: %w", err)
	}
	// The lock comes before the port: an engine that is about to end still has both.
	ctx, cancel := context.WithTimeout(context.Background(), predecessorTime)
	defer cancel()
	c.lock, err = lock(ctx, filepath.Join(dir, "lock"))
	if errors.Is(err, errLocked) {
		return nil, fmt.Errorf("the data folder %s is in use: another ioc runs on it: %w", dir, err)
	}
	if err != nil {
		return nil, fmt.Errorf("the data folder of ClickHouse can't be written: %w", err)
	}
	if err := c.prepare(); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func (o ClickHouseOptions) validate() error {
	switch {
	case o.Dir == "":
		return errors.New("embedded ClickHouse: no data folder")
	case o.Engine.Binary == "" && o.Engine.Library == "":
		return errors.New("embedded ClickHouse: neither a program nor a library to run")
	case o.Engine.Binary == "" && len(o.Child) == 0:
		return errors.New("embedded ClickHouse: no command to run the library with")
	}
	return nil
}

// prepare chooses the address and writes what the engine reads at its start.
func (c *ClickHouse) prepare() error {
	// The engine binds in its own process: here the address is only tried.
	listener, err := bind("ClickHouse", "--clickhouse-listen", c.options.Listen, "a ClickHouse server and --clickhouse-dsn")
	if err != nil {
		return err
	}
	c.addr = listener.Addr().String()
	if err := listener.Close(); err != nil {
		return fmt.Errorf("free %s for ClickHouse: %w", c.addr, err)
	}
	secret, err := loadPassword(filepath.Join(c.dir, "password"))
	if err != nil {
		return err
	}
	backups, err := filepath.Abs(cmp.Or(c.options.Backups, filepath.Join(c.dir, "backups")))
	if err != nil {
		return fmt.Errorf("folder of backups: %w", err)
	}
	c.dsn = dsn(c.addr, secret)
	return writeConfig(c.dir, c.addr, secret, backups, c.options.Engine.Binary == "")
}

func dsn(addr, secret string) string {
	return (&url.URL{Scheme: "clickhouse", User: url.UserPassword(user, secret), Host: addr}).String()
}

// Running returns the DSN of an engine that another process runs on this data folder and address; empty when none does.
func Running(ctx context.Context, dir, addr string) (string, error) {
	secret, err := os.ReadFile(filepath.Join(dir, "password"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the password of ClickHouse: %w", err)
	}
	once, cancel := context.WithCancel(ctx)
	cancel() // one try
	held, err := lock(once, filepath.Join(dir, "lock"))
	if err == nil {
		return "", held.Close()
	}
	if !errors.Is(err, errLocked) {
		return "", fmt.Errorf("the data folder of ClickHouse can't be read: %w", err)
	}
	return dsn(addr, strings.TrimSpace(string(secret))), nil
}

// Addr is the address of the native protocol.
func (c *ClickHouse) Addr() string { return c.addr }

// DSN opens the engine with clickhouse-go. It names no database, and carries the password.
func (c *ClickHouse) DSN() string { return c.dsn }

// Ready is closed when the engine answers its first query.
func (c *ClickHouse) Ready() <-chan struct{} { return c.ready }

// Close gives the data folder back where Run was never called; Run does it by itself.
func (c *ClickHouse) Close() error {
	var err error
	c.close.Do(func() { err = c.lock.Close() })
	return err
}
