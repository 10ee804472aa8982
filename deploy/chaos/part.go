package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// part is one process of the platform or beside it, with all that it starts.
type part struct {
	name  string
	host  string // where it lives: an address of its own, or this machine's
	space string // its network namespace; empty: none
	argv  []string
	env   []string
	log   string
	ready string // address that answers when it is up; empty: nobody asks it anything

	cmd  *exec.Cmd
	done chan struct{}
}

// start runs it, with its output added to its log.
func (p *part) start(ctx context.Context) error {
	if p.alive() {
		return nil
	}
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log of %s: %w", p.name, err)
	}
	defer out.Close()
	argv := p.argv
	if p.space != "" {
		argv = append([]string{"ip", "netns", "exec", p.space}, argv...)
	}
	p.cmd = exec.CommandContext(context.WithoutCancel(ctx), argv[0], argv[1:]...) //nolint:gosec // ends by kill or stop, not with a context
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.Env = append(os.Environ(), p.env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // what it starts ends with it
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	p.done = make(chan struct{})
	go func(cmd *exec.Cmd, done chan struct{}) {
		defer close(done)
		_ = cmd.Wait() // that it was killed is what is wanted
	}(p.cmd, p.done)
	return nil
}

func (p *part) alive() bool {
	if p.cmd == nil {
		return false
	}
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

func (p *part) signal(s syscall.Signal) {
	if p.alive() {
		_ = syscall.Kill(-p.cmd.Process.Pid, s) // it may have ended this moment
	}
}

// kill ends it as a power cut of its process would: with no last word.
func (p *part) kill() {
	p.signal(syscall.SIGKILL)
	if p.cmd != nil {
		<-p.done
	}
}

// stop ends it in order.
func (p *part) stop() error {
	if !p.alive() {
		return nil
	}
	p.signal(syscall.SIGCONT)
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended this moment
	select {
	case <-p.done:
		return nil
	case <-time.After(30 * time.Second):
		p.kill()
		return fmt.Errorf("%s did not stop within 30 s; its log is %s", p.name, p.log)
	}
}

// await returns when it answers.
func (p *part) await(ctx context.Context) error {
	limit := time.Now().Add(2 * time.Minute)
	for p.ready != "" {
		conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", p.ready)
		if err == nil {
			return conn.Close()
		}
		switch {
		case !p.alive():
			return fmt.Errorf("%s ended while it started; its log is %s", p.name, p.log)
		case time.Now().After(limit):
			return fmt.Errorf("%s does not answer on %s; its log is %s", p.name, p.ready, p.log)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}

// run is one command that ends by itself.
func run(ctx context.Context, argv ...string) error {
	out, err := exec.CommandContext(ctx, argv[0], argv[1:]...).CombinedOutput() //nolint:gosec // of this program's own making
	if err != nil {
		return fmt.Errorf("%v: %w: %s", argv, err, out)
	}
	return nil
}

var errNoNetwork = errors.New("network namespaces need root and iproute2")
