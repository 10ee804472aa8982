package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/binhphuoc/ioc/query/chstore"
	"github.com/binhphuoc/ioc/query/notify"
)

// notifyRules reads who is told of which alarms. A bad file stops nothing: nobody is told until it is put right.
func (a *parts) notifyRules(file string) (*notify.Store, error) {
	mailer, err := a.mailer()
	if err != nil {
		return nil, err
	}
	// Not those that are settings: a misspelt one of these is refused, and secrets of receivers have names of their own.
	return notify.NewStore(file, notify.Known{Registry: a.registry, Mailer: mailer, Secret: os.LookupEnv}), nil
}

// notifier starts what tells people of alarms, when a file says whom.
func (a *parts) notifier(ctx context.Context, store *chstore.Store) error {
	if a.s.alarmNotify == "" {
		return nil
	}
	rules, err := a.notifyRules(a.s.alarmNotify)
	if err != nil {
		return err
	}
	for _, err := range rules.Reload() {
		a.p.log.Error("the file of alarm notifications is refused", "error", err)
	}
	n, err := notify.New(notify.Options{Plan: store, Queue: store, Rules: rules.Current, Worker: workerName(), Log: a.p.log.With("part", "notify")})
	if err != nil {
		return err
	}
	a.stages.start(ctx, "notify", n.Run)
	a.stages.start(ctx, "notify rules", func(ctx context.Context) error { return a.reload(ctx, "alarm notification", rules) })
	return nil
}

// checkNotify reads a file of rules as the platform would.
func (a *parts) checkNotify(file string) error {
	rules, err := a.notifyRules(file)
	if err != nil {
		return err
	}
	if err := errors.Join(rules.Reload()...); err != nil {
		return err
	}
	now := rules.Current()
	fmt.Fprintf(a.p.out, "%s is good: %d receivers, %d rules\n", file, len(now.Channels), len(now.Rules))
	return nil
}
