package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

const (
	// calmTime is how long an engine has to live for its end to count as the first one again.
	calmTime = 10 * time.Second
	maxPause = 5 * time.Second
)

var (
	errNotReady  = errors.New("no answer within the starting time")
	errCleanExit = errors.New("exit status 0")
)

// Run starts the engine, and starts it again where it ends by itself: as a
// library, ClickHouse aborts on any handshake that fails, so that one wrong
// password from another program of this machine would otherwise end the
// platform. Nothing that was acknowledged is lost by that. Run returns nil when
// ctx ends, and an error with the engine's last words when it doesn't start. It
// can be called once.
func (c *ClickHouse) Run(ctx context.Context) error {
	defer c.Close()
	// The death signal of a program engine is bound to the thread that forked
	// it; holding the thread keeps the Go runtime from ending it early.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var pause time.Duration
	if err := c.room(100); err != nil {
		return fmt.Errorf("ClickHouse doesn't start: %w", err)
	}
	for {
		c.awaitRoom(ctx)
		began := time.Now()
		ready, err := c.runOnce(ctx)
		if ctx.Err() != nil {
			c.log.Info("clickhouse_stopped", "addr", c.addr)
			return nil
		}
		if !ready && !errors.Is(err, errNoRoom) {
			return fmt.Errorf("ClickHouse doesn't start: %w", err)
		}
		if pause = min(2*pause+50*time.Millisecond, maxPause); time.Since(began) > calmTime {
			pause = 0
		}
		c.log.Error("clickhouse_ended_by_itself", "addr", c.addr, "restart_in", pause, "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// runOnce is the life of one process. It says whether the engine ever answered.
func (c *ClickHouse) runOnce(ctx context.Context) (ready bool, err error) {
	output := &tail{limit: 4096}
	cmd := c.command(ctx)
	cmd.Stdout, cmd.Stderr = output, output
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return false, fmt.Errorf("start the process: %w", err)
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	var full atomic.Bool
	var watch sync.WaitGroup
	over := make(chan struct{})
	watch.Go(func() { c.keepRoom(cmd, over, &full) })
	defer watch.Wait()
	defer close(over)
	err = c.awaitReady(ctx, exited)
	switch {
	case err == nil:
		ready = true
		c.log.Info("clickhouse_ready", "addr", c.addr, "pid", cmd.Process.Pid, "seconds", time.Since(began).Seconds())
		c.answered.Do(func() { close(c.ready) })
		err = ended(<-exited)
	case errors.Is(err, errNotReady):
		err = errors.Join(err, cmd.Process.Kill(), <-exited)
	}
	if full.Load() {
		return ready, errNoRoom
	}
	return ready, fmt.Errorf("%w; it last wrote:\n%s", err, c.lastWords(output))
}

// ended makes an error of an end that nobody asked for.
func ended(err error) error {
	if err == nil {
		return errCleanExit
	}
	return err
}

// command is the engine's process: in a group of its own, so that Ctrl-C in the
// terminal reaches only us, and we stop things in order. It inherits the lock
// of the data folder, which is therefore held as long as the engine lives, even
// where we are killed.
func (c *ClickHouse) command(ctx context.Context) *exec.Cmd {
	var cmd *exec.Cmd
	config := filepath.Join(c.dir, "config.xml")
	if c.options.Engine.Binary != "" {
		cmd = exec.CommandContext(ctx, c.options.Engine.Binary, "server", "--config-file="+config)
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
		cmd.SysProcAttr = programAttributes()
	} else {
		args := append(c.options.Child[1:len(c.options.Child):len(c.options.Child)],
			"--library="+c.options.Engine.Library, "--config="+config, "--data="+filepath.Join(c.dir, "store"), "--listen="+c.addr)
		cmd = exec.CommandContext(ctx, c.options.Child[0], args...)
		// The library runs inside a Go process: the signals by which Go
		// interrupts long calls would only disturb it.
		cmd.Env = append(os.Environ(), "GODEBUG=asyncpreemptoff=1")
		cmd.SysProcAttr = childAttributes()
		lifeline, err := cmd.StdinPipe()
		if err != nil {
			// Start reports it.
			cmd.Err = fmt.Errorf("open lifeline: %w", err)
		}
		cmd.Cancel = func() error { return lifeline.Close() }
	}
	cmd.Dir = c.dir
	cmd.ExtraFiles = []*os.File{c.lock}
	cmd.WaitDelay = stopTime + 2*time.Second
	return cmd
}

// awaitReady asks the engine until it answers. It returns the error of the
// process where that ends first.
func (c *ClickHouse) awaitReady(ctx context.Context, exited <-chan error) error {
	options, err := clickhouse.ParseDSN(c.dsn)
	if err != nil {
		return fmt.Errorf("own address: %w", err)
	}
	options.DialTimeout = time.Second
	conn, err := clickhouse.Open(options)
	if err != nil {
		return fmt.Errorf("open own address: %w", err)
	}
	defer conn.Close()
	deadline := time.NewTimer(startTime)
	defer deadline.Stop()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		select {
		case err := <-exited:
			return ended(err)
		case <-deadline.C:
			return errNotReady
		case <-again.C:
			if ctx.Err() == nil && conn.Ping(ctx) == nil {
				return nil
			}
		}
	}
}

// lastWords is what tells most about the end of an engine: what it wrote to its
// terminal, then the end of its error log.
func (c *ClickHouse) lastWords(output *tail) string {
	text := output.String()
	logged, err := readTail(filepath.Join(c.dir, "log", "clickhouse.err.log"), 2048)
	if err == nil {
		text += "\n" + logged
	}
	if text = strings.TrimSpace(text); text == "" {
		return "nothing"
	}
	return text
}

func readTail(path string, limit int64) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read log: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", fmt.Errorf("read log: %w", err)
	}
	text, err := io.ReadAll(io.NewSectionReader(file, max(0, info.Size()-limit), limit))
	if err != nil {
		return "", fmt.Errorf("read log: %w", err)
	}
	if _, rest, found := bytes.Cut(text, []byte("\n")); found && info.Size() > limit {
		text = rest
	}
	return string(text), nil
}

// tail keeps the last bytes written to it.
type tail struct {
	limit int
	mu    sync.Mutex
	bytes []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bytes = append(t.bytes, p...)
	if over := len(t.bytes) - t.limit; over > 0 {
		t.bytes = append(t.bytes[:0], t.bytes[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.bytes)
}
