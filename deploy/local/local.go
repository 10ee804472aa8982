// Package local embeds the engines that one machine needs to run the platform without any server beside it.
package local

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"syscall"
)

// bind listens on a loopback address. Whatever these engines serve has no
// encryption, and some of it no password: it must not be reachable from
// another machine. flag is what the user would change, real is what to use
// where other machines have to connect.
func bind(name, flag, addr, real string) (net.Listener, error) {
	tcp, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%s: %q is not an address to listen on: %w", flag, addr, err)
	}
	if !tcp.IP.IsLoopback() {
		return nil, fmt.Errorf("%s: the built-in %s listens on this machine alone, and %s is not a loopback address: use %s, see deploy/", flag, name, addr, real)
	}
	listener, err := net.ListenTCP("tcp", tcp)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s: another program already listens on %s: stop it, or choose another address with %s: %w", name, addr, flag, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: listen on %s: %w", name, addr, err)
	}
	return listener, nil
}

func logger(log *slog.Logger) *slog.Logger {
	if log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return log
}
