package local

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// RunChild is the other side of an engine that is a library: it runs ClickHouse
// inside this process until standard input closes, which it does when the
// parent asks for it and also when the parent dies in whatever way. It returns
// the exit code of the process.
func RunChild(args []string) int {
	set := flag.NewFlagSet("engine", flag.ContinueOnError)
	library := set.String("library", "", "the ClickHouse `library`")
	config := set.String("config", "", "the engine's configuration `file`")
	data := set.String("data", "", "the `folder` of the tables")
	listen := set.String("listen", "", "the `address` of the native protocol")
	if err := set.Parse(args); err != nil {
		return 2
	}
	if err := runLibrary(*library, *config, *data, *listen); err != nil {
		fmt.Fprintln(os.Stderr, "engine:", err)
		return 1
	}
	return 0
}

func runLibrary(path, config, data, listen string) error {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("address to listen on: %w", err)
	}
	engine, err := openLibrary(path)
	if err != nil {
		return err
	}
	// The engine's last query reads from this pipe, and so lasts until it closes.
	held, hold, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("open the pipe of the last query: %w", err)
	}
	defer held.Close()
	// The terminal's Ctrl-C is for the parent, which stops us in its order.
	signal.Ignore(syscall.SIGINT, syscall.SIGHUP)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		awaitEnd(stop)
		hold.Close()
		// Nobody else would end us where the parent is dead and the engine hangs.
		time.AfterFunc(stopTime, func() { os.Exit(1) })
	}()
	return engine.run(
		"--path="+data, "--config-file="+config, "--log-level=information",
		"--listen_host="+host, "--tcp_port="+port,
		fmt.Sprintf("--query=SYSTEM START LISTEN TCP; SELECT * FROM file('/dev/fd/%d', 'LineAsString', 'line String')", held.Fd()),
	)
}

// awaitEnd returns when standard input closes or a signal asks to end.
func awaitEnd(stop <-chan os.Signal) {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		// Whatever it ends with, the parent is no longer there to hold it open.
		if _, err := io.Copy(io.Discard, os.Stdin); err != nil && !errors.Is(err, os.ErrClosed) {
			fmt.Fprintln(os.Stderr, "engine: lifeline:", err)
		}
	}()
	select {
	case <-stop:
	case <-closed:
	}
}
