package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"sync"
)

// network gives each part a namespace of its own, with a cable to a bridge, so that it can be cut off.
type network struct {
	n      int
	spaces []string
}

const (
	bridge = "ioc-chaos"
	subnet = "10.99.77."
)

// newNetwork makes the bridge. What an earlier run left is taken away first.
func newNetwork(ctx context.Context) (*network, error) {
	if _, err := exec.LookPath("ip"); err != nil || os.Getuid() != 0 {
		return nil, errNoNetwork
	}
	w := &network{n: 1}
	_ = run(ctx, "ip", "link", "del", bridge) // there is none, mostly
	for _, argv := range [][]string{
		{"ip", "link", "add", bridge, "type", "bridge"},
		{"ip", "addr", "add", subnet + "1/24", "dev", bridge},
		{"ip", "link", "set", bridge, "up"},
	} {
		if err := run(ctx, argv...); err != nil {
			return nil, errors.Join(errNoNetwork, err, w.close(ctx))
		}
	}
	return w, nil
}

// add makes a namespace, and returns its name and address.
func (w *network) add(ctx context.Context, name string) (space, host string, err error) {
	w.n++
	space, host = "ioc-chaos-"+name, fmt.Sprintf("%s%d", subnet, w.n)
	outside := w.cable(space)
	_ = run(ctx, "ip", "netns", "del", space) // there is none, mostly
	_ = run(ctx, "ip", "link", "del", outside)
	w.spaces = append(w.spaces, space)
	for _, argv := range [][]string{
		{"ip", "netns", "add", space},
		{"ip", "link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", space},
		{"ip", "link", "set", outside, "master", bridge, "up"},
		{"ip", "-n", space, "addr", "add", host + "/24", "dev", "eth0"},
		{"ip", "-n", space, "link", "set", "eth0", "up"},
		{"ip", "-n", space, "link", "set", "lo", "up"},
	} {
		if err := run(ctx, argv...); err != nil {
			return "", "", err
		}
	}
	return space, host, nil
}

// cable is the outer end of a namespace's only cable. Names of devices have at most 15 letters.
func (w *network) cable(space string) string {
	for i, s := range w.spaces {
		if s == space {
			return fmt.Sprintf("iocchaos%d", i)
		}
	}
	return fmt.Sprintf("iocchaos%d", len(w.spaces))
}

// cut takes the cable of a part out, or puts it back.
func (w *network) cut(ctx context.Context, p *part, out bool) error {
	state := "up"
	if out {
		state = "down"
	}
	return run(ctx, "ip", "link", "set", w.cable(p.space), state)
}

// part lets nothing go from one part to another, or lets it go again.
func (w *network) part(ctx context.Context, from, to *part, apart bool) error {
	verb := "del"
	if apart {
		verb = "add"
	}
	return run(ctx, "ip", "-n", from.space, "route", verb, "blackhole", to.host+"/32")
}

func (w *network) close(ctx context.Context) error {
	var errs []error
	for _, s := range w.spaces {
		errs = append(errs, run(ctx, "ip", "netns", "del", s))
	}
	w.spaces = nil
	return errors.Join(append(errs, run(ctx, "ip", "link", "del", bridge))...)
}

// relay passes connections on: the embedded engine listens on the loopback address of its namespace alone.
func relay(ctx context.Context, listen, to string) error {
	l, err := net.Listen("tcp", listen) //nolint:noctx // it listens as long as the process lives
	if err != nil {
		return fmt.Errorf("relay: %w", err)
	}
	defer context.AfterFunc(ctx, func() { l.Close() })()
	var open sync.WaitGroup
	defer open.Wait()
	for {
		in, err := l.Accept()
		if err != nil {
			return nil //nolint:nilerr // the end was asked for
		}
		open.Add(1)
		go func() {
			defer open.Done()
			defer in.Close()
			out, err := net.Dial("tcp", to) //nolint:noctx // as above
			if err != nil {
				return
			}
			defer out.Close()
			stop := context.AfterFunc(ctx, func() { in.Close(); out.Close() })
			defer stop()
			back := make(chan struct{})
			go func() {
				defer close(back)
				_, _ = io.Copy(in, out)
				in.Close()
			}()
			_, _ = io.Copy(out, in)
			out.Close()
			<-back
		}()
	}
}
