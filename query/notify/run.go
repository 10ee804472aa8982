package notify

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/binhphuoc/ioc/query/alarm"
)

const (
	// MaxQueued is how many messages wait for one receiver. When there are more, the oldest are dropped: what matters of a
	// receiver that was away for long is how things stand now.
	MaxQueued = 1000
	// MaxPlanned is how far back changes are looked at that nobody was told of, such as when no process ran for long.
	MaxPlanned = 10000
	// GiveUp is how long after the change a message is tried.
	GiveUp = 24 * time.Hour
	// atOnce is how many messages a receiver gets in one round, and inParallel how many receivers get theirs side by side.
	atOnce     = 50
	inParallel = 8
	// sendWithin bounds one attempt. It ends well before the lease, so that two processes never send one message.
	sendWithin = 20 * time.Second
	lease      = time.Minute
	// noteWithin is how long the outcome may take to be noted when the process stops.
	noteWithin = 5 * time.Second
	// shortest and longest are the waits between attempts.
	shortest, longest = 5 * time.Second, 10 * time.Minute
)

// State is where a message stands.
type State string

// The states of a message.
const (
	Pending State = "pending"
	Sending State = "sending"
	Done    State = "done"
	Failed  State = "failed"
	Dropped State = "dropped"
)

// Notice is what is kept of one message.
type Notice struct {
	Channel  string
	Change   alarm.Change // of a notice that is only written, its number alone
	Version  uint64       // each change makes the next
	State    State
	Attempts uint32
	Next     time.Time // pending: when it is tried. sending: when its worker is given up
	Error    string
	Created  time.Time
	At       time.Time
	By       string
}

// Plan is where it is kept what is to be told.
type Plan interface {
	// NoticesPlanned returns up to which change each channel has its notices, and the number of the newest change.
	NoticesPlanned(ctx context.Context, channels []string) (upTo map[string]uint64, newest uint64, err error)
	// AlarmChanges returns the changes after a number, in their order.
	AlarmChanges(ctx context.Context, after uint64) ([]alarm.Change, error)
	// PlanNotices writes notices of a channel, and then that it has them up to a change. To write one twice does no harm.
	PlanNotices(ctx context.Context, channel string, upTo uint64, list []Notice) error
}

// Queue is where notices are taken from.
type Queue interface {
	// DueNotices returns those of a channel that are to be sent now, the oldest first.
	DueNotices(ctx context.Context, channel string, now time.Time, limit int) ([]Notice, error)
	// ChangeNotice writes a version of a notice that nobody wrote before. Of two who write the same one is told true.
	ChangeNotice(ctx context.Context, n Notice) (bool, error)
	// DropNotices gives up those that are older than a moment, and all but the newest keep. It returns how many.
	DropNotices(ctx context.Context, channel string, keep int, before, now time.Time, by string) (int, error)
}

// Options are what a Notifier needs.
type Options struct {
	Plan   Plan
	Queue  Queue
	Rules  func() Rules     // in force now
	Worker string           // names this process: another one has another name
	Every  time.Duration    // how often it is looked what is due; default 2 s
	Now    func() time.Time // default time.Now
	Log    *slog.Logger
}

// Notifier tells what is to be told.
type Notifier struct{ o Options }

// New makes a Notifier.
func New(o Options) (*Notifier, error) {
	o.Every = cmp.Or(o.Every, 2*time.Second)
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Plan == nil || o.Queue == nil || o.Rules == nil || o.Worker == "" {
		return nil, errors.New("a notifier needs a plan, a queue, rules and the name of its worker")
	}
	return &Notifier{o}, nil
}

// Run tells until ctx ends. When storage is away it says so once, and waits.
func (n *Notifier) Run(ctx context.Context) error {
	tick := time.NewTicker(n.o.Every)
	defer tick.Stop()
	failing := false
	for {
		err := n.Once(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !failing:
			failing = true
			n.o.Log.Error("notifications of alarms wait for storage", "error", err)
		case err == nil && failing:
			failing = false
			n.o.Log.Info("notifications of alarms go on")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Once plans what is new, and sends what is due. A receiver that is slow or away holds up nobody but itself.
func (n *Notifier) Once(ctx context.Context) error {
	rules := n.o.Rules()
	if err := n.plan(ctx, rules); err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(inParallel)
	for _, c := range rules.Channels {
		g.Go(func() error { return n.serve(ctx, c) })
	}
	return g.Wait()
}

// plan makes notices of the changes that came since the last time. A channel that is new is told nothing of what was before.
func (n *Notifier) plan(ctx context.Context, rules Rules) error {
	if len(rules.Channels) == 0 {
		return nil
	}
	ids := make([]string, len(rules.Channels))
	for i, c := range rules.Channels {
		ids[i] = c.ID
	}
	planned, newest, err := n.o.Plan.NoticesPlanned(ctx, ids)
	if err != nil {
		return err
	}
	least := newest
	for _, upTo := range planned {
		least = min(least, upTo)
	}
	least = max(least, newest-min(newest, MaxPlanned))
	var changes []alarm.Change
	if least < newest {
		if changes, err = n.o.Plan.AlarmChanges(ctx, least); err != nil || len(changes) == 0 {
			return err
		}
		newest = changes[len(changes)-1].Offset
	}
	now := n.o.Now().UTC()
	for _, c := range rules.Channels {
		upTo, known := planned[c.ID]
		if known && upTo >= newest {
			continue
		}
		var list []Notice
		for _, change := range changes {
			if known && change.Offset > upTo && rules.For(c.ID, change) {
				list = append(list, Notice{Channel: c.ID, Change: change, Version: 1, State: Pending, Next: now, Created: change.Alarm.ChangedAt, At: now, By: n.o.Worker})
			}
		}
		if err := n.o.Plan.PlanNotices(ctx, c.ID, newest, list); err != nil {
			return err
		}
	}
	return nil
}

// serve sends what is due to one receiver, in order. After one that should be tried again, the others wait too.
func (n *Notifier) serve(ctx context.Context, c Channel) error {
	now := n.o.Now().UTC()
	dropped, err := n.o.Queue.DropNotices(ctx, c.ID, MaxQueued, now.Add(-GiveUp), now, n.o.Worker)
	if err != nil {
		return err
	}
	if dropped > 0 {
		n.o.Log.Warn("notifications of alarms are given up: they are too old, or too many wait", "channel", c.ID, "notifications", dropped)
	}
	due, err := n.o.Queue.DueNotices(ctx, c.ID, now, atOnce)
	if err != nil {
		return err
	}
	for _, notice := range due {
		again, err := n.send(ctx, c, notice)
		if err != nil || again || ctx.Err() != nil {
			return err
		}
	}
	return nil
}

// send makes one attempt, unless another process makes it. again: it is to be tried later.
func (n *Notifier) send(ctx context.Context, c Channel, notice Notice) (again bool, err error) {
	now := n.o.Now().UTC()
	notice.State, notice.Next = Sending, now.Add(lease)
	notice.Attempts++
	ours, err := n.change(ctx, &notice)
	if err != nil || !ours {
		return false, err
	}
	attempt, cancel := context.WithTimeout(ctx, sendWithin)
	failure := c.Sender.Send(attempt, message(notice.Change, c))
	cancel()
	n.settle(ctx, &notice, failure)
	// What was sent must be noted also when the process is told to stop: it would be sent again.
	note, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteWithin)
	defer cancel()
	ours, err = n.change(note, &notice)
	if err == nil && !ours {
		n.o.Log.Error("another process took a notification over; it may have been sent twice", "channel", c.ID, "change", notice.Change.Offset)
	}
	return notice.State == Pending, err
}

// settle says what comes after an attempt.
func (n *Notifier) settle(ctx context.Context, notice *Notice, failure error) {
	now := n.o.Now().UTC()
	log := n.o.Log.With("channel", notice.Channel, "change", notice.Change.Offset, "attempt", notice.Attempts)
	wait := min(shortest<<min(notice.Attempts-1, 16), longest)
	var later *LaterError
	if errors.As(failure, &later) {
		wait = min(max(wait, later.Wait), time.Hour)
	}
	notice.Error = ""
	if failure != nil {
		notice.Error = failure.Error()
	}
	switch {
	case failure == nil:
		notice.State = Done
	case ctx.Err() != nil: // stopped, and for no fault of its own
		notice.State, notice.Next = Pending, now
		notice.Attempts--
	case errors.Is(failure, ErrRefused):
		notice.State = Failed
		log.Error("a notification of an alarm is refused", "error", failure)
	default:
		notice.State, notice.Next = Pending, now.Add(wait)
		if notice.Attempts == 1 {
			log.Warn("a notification of an alarm failed, and is tried again", "error", failure)
		}
	}
}

// change writes the next version of a notice.
func (n *Notifier) change(ctx context.Context, notice *Notice) (bool, error) {
	notice.Version++
	notice.At, notice.By = n.o.Now().UTC(), n.o.Worker
	return n.o.Queue.ChangeNotice(ctx, *notice)
}
