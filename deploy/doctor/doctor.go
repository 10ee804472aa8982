// Package doctor looks at everything that the platform stands on, changes nothing, and says what to do.
package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/binhphuoc/ioc/deploy/retention"
	"github.com/binhphuoc/ioc/ingest/kafka"
	"github.com/binhphuoc/ioc/ingest/mqtt"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/ddl"
)

// Options says what the platform is told to use. What is empty is skipped, and the finding says how to set it.
type Options struct {
	ClickHouseDSN string
	Kafka         kafka.Options // without brokers: none
	MQTT          mqtt.Options  // without a broker: none
	KPIDir        string
	Data          string // folder of what is kept on this machine
	Registry      *schemas.Registry
	Migrations    []ddl.Migration
	Keep          retention.Policy // how long rows are to be kept
	Timeout       time.Duration    // of each check; default 5 s
	Listen        time.Duration    // how long to wait for a first MQTT message; default 2 s
	Now           func() time.Time
}

// Severity says how bad a finding is.
type Severity string

// The severities, from good to bad.
const (
	OK      Severity = "ok"
	Skipped Severity = "skipped" // not looked at
	Warning Severity = "warning" // works, and may not for long
	Problem Severity = "problem" // does not work, or loses events
)

// Finding is one thing that a check saw.
type Finding struct {
	Severity Severity     `json:"severity"`
	Text     schemas.Text `json:"finding"`
	Advice   schemas.Text `json:"advice,omitzero"` // what to do; nothing when all is well
}

// Check is what one check saw. Its severity is that of its worst finding, which comes first.
type Check struct {
	Name     string    `json:"name"`
	Severity Severity  `json:"severity"`
	Findings []Finding `json:"findings"`
}

// Doctor runs the checks.
type Doctor struct{ o Options }

// New fills in the defaults.
func New(o Options) (*Doctor, error) {
	if o.Registry == nil || len(o.Migrations) == 0 {
		return nil, errors.New("doctor: registry and migrations are required")
	}
	o.Timeout = cmp.Or(o.Timeout, 5*time.Second)
	o.Listen = cmp.Or(o.Listen, 2*time.Second)
	o.Kafka.Group = cmp.Or(o.Kafka.Group, "ioc-ingest")
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Doctor{o: o}, nil
}

// check is one thing to look at.
type check struct {
	name string
	run  func(ctx context.Context) []Finding
}

// group is checks that make no sense before the first of them has gone well.
type group struct {
	checks []check
	close  func() // nil: nothing is open
}

// Run looks at everything side by side, and returns the checks in a fixed order. It takes at most about twice the timeout:
// once for the first checks, once for those that depend on them.
func (d *Doctor) Run(ctx context.Context) []Check {
	groups := []group{d.clickhouse(), d.kafka(), d.mqtt(), {checks: []check{d.kpis()}}, {checks: []check{d.disk()}}}
	results := make([][]Check, len(groups))
	var wg sync.WaitGroup
	for i, g := range groups {
		wg.Go(func() { results[i] = d.runGroup(ctx, g) })
	}
	wg.Wait()
	return slices.Concat(results...)
}

func (d *Doctor) runGroup(ctx context.Context, g group) []Check {
	if g.close != nil {
		defer g.close()
	}
	out := make([]Check, len(g.checks))
	out[0] = d.runCheck(ctx, g.checks[0])
	first := out[0]
	var wg sync.WaitGroup
	for i, c := range g.checks[1:] {
		if first.Severity == Problem {
			out[i+1] = result(c.name, []Finding{skip(
				say("Chưa xem được: %s chưa đạt.", "Not looked at: %s failed.", first.Name),
				say("Xử lý %s trước, rồi chạy lại ioc doctor.", "Deal with %s first, then run ioc doctor again.", first.Name))})
			continue
		}
		wg.Go(func() { out[i+1] = d.runCheck(ctx, c) })
	}
	wg.Wait()
	return out
}

// runCheck runs one check. One that panics is a finding, and so is one that does not end in time: it is left behind, because
// a system call on a dead network disk can't be called back, and the others must be heard.
func (d *Doctor) runCheck(ctx context.Context, c check) Check {
	ctx, cancel := context.WithTimeout(ctx, d.o.Timeout)
	defer cancel()
	seen := make(chan []Finding, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				seen <- []Finding{bad(
					say("Chính phép kiểm tra bị lỗi: %v", "The check itself failed: %v", p),
					say("Báo cho người phát triển:\n%s", "Tell the developers:\n%s", debug.Stack()))}
			}
		}()
		seen <- c.run(ctx)
	}()
	// A little longer than the check itself has: its own words about what does not answer are better than ours.
	patience := time.NewTimer(d.o.Timeout + d.o.Timeout/4)
	defer patience.Stop()
	select {
	case findings := <-seen:
		return result(c.name, findings)
	case <-patience.C:
		return result(c.name, []Finding{bad(
			say("Không có câu trả lời sau %s.", "No answer after %s.", d.o.Timeout),
			say("Kiểm tra mạng, tường lửa và máy đích; thử lại khi máy bớt tải.", "Look at the network, the firewall and the machine behind it; try again when it has less to do."))})
	}
}

// result sorts the findings, worst first.
func result(name string, findings []Finding) Check {
	slices.SortStableFunc(findings, func(a, b Finding) int { return cmp.Compare(rank(b.Severity), rank(a.Severity)) })
	c := Check{Name: name, Severity: OK, Findings: findings}
	if len(findings) > 0 {
		c.Severity = findings[0].Severity
	}
	return c
}

func rank(s Severity) int { return slices.Index([]Severity{OK, Skipped, Warning, Problem}, s) }

// say makes a sentence in both languages, of the same arguments in the same order.
func say(vi, en string, args ...any) schemas.Text {
	return schemas.Text{VI: fmt.Sprintf(vi, args...), EN: fmt.Sprintf(en, args...)}
}

func fine(text schemas.Text) Finding         { return Finding{Severity: OK, Text: text} }
func skip(text, advice schemas.Text) Finding { return Finding{Skipped, text, advice} }
func warn(text, advice schemas.Text) Finding { return Finding{Warning, text, advice} }
func bad(text, advice schemas.Text) Finding  { return Finding{Problem, text, advice} }

// orFine is what was found, or else that all is well.
func orFine(findings []Finding, text schemas.Text) []Finding {
	if len(findings) == 0 {
		return []Finding{fine(text)}
	}
	return findings
}
