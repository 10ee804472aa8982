package alarm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

const (
	// ringed is how many of the newest changes are handed to the live channel at the start, so that a reader who was there
	// before misses nothing.
	ringed = 1000
	// roundWithin bounds one round.
	roundWithin = 10 * time.Second
	// attempts bounds how often a write is tried that others come before.
	attempts = 10
)

// Log keeps all changes, each under its own number.
type Log interface {
	// AlarmStanding returns how things stood after the newest entry.
	AlarmStanding(ctx context.Context, raisesSince time.Time) (Standing, error)
	// AlarmChanges returns the entries after a number, in their order.
	AlarmChanges(ctx context.Context, after uint64) ([]Change, error)
	// AppendAlarms writes entries whose numbers follow each other, all or none. It is false when another writer has these numbers.
	AppendAlarms(ctx context.Context, list []Change) (bool, error)
}

// Standing is how things stand after an entry of the log.
type Standing struct {
	Epoch   string // of the log: another one counts from the beginning
	Offset  uint64
	Open    []Alarm
	Raises  []Raise
	Watches []Watch
}

// Sight is what else storage knows.
type Sight interface {
	// WatchedDevices returns the cameras and sensors that were heard in the last 30 days.
	WatchedDevices(ctx context.Context, now time.Time) ([]Device, error)
	// MinuteValues hands over the values of KPIs that were kept since a moment, in the order of their minutes.
	MinuteValues(ctx context.Context, kpis []string, since time.Time, yield func(kpi, centre string, at time.Time, value float64)) error
	// KeepWatches remembers what is waited for.
	KeepWatches(ctx context.Context, list []Watch, now time.Time) error
}

// Live is who shows alarms as they change.
type Live interface {
	// ResetAlarms sets all: those that are not closed, and the newest changes, whose numbers end with offset.
	ResetAlarms(epoch string, offset uint64, open []wire.Alarm, newest []wire.AlarmFrame)
	// PublishAlarms hands over changes in the order of their numbers; offset is that of the newest entry, shown or not.
	PublishAlarms(offset uint64, changes []wire.AlarmFrame)
}

// Options are what a Runner needs.
type Options struct {
	Log       Log
	Sight     Sight
	Shelf     Shelf
	Registry  *schemas.Registry
	Catalogue func() *kpi.Catalogue // the one in force
	Live      Live                  // nil: nobody watches
	// DevicesEvery is how often it is looked which cameras and sensors are down; default 5 s.
	DevicesEvery time.Duration
	Every        time.Duration    // how often it is looked what other processes wrote; default 1 s
	Now          func() time.Time // default time.Now
	Logger       *slog.Logger
}

// Runner raises and clears alarms, and takes the orders of persons. Several may run on one log.
type Runner struct {
	o    Options
	seen chan query.Update // the newest

	mu      sync.Mutex // guards the rest; held while storage is asked
	book    *Book      // nil: not read yet
	judge   *Judge
	devices []Device
	looked  time.Time // for devices
}

// NewRunner makes a Runner.
func NewRunner(o Options) (*Runner, error) {
	o.DevicesEvery = cmp.Or(o.DevicesEvery, 5*time.Second)
	o.Every = cmp.Or(o.Every, time.Second)
	o.Logger = cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil || o.Sight == nil || o.Shelf == nil || o.Registry == nil || o.Catalogue == nil {
		return nil, errors.New("alarms need a log, sight, a shelf, a registry and a catalogue")
	}
	return &Runner{o: o, seen: make(chan query.Update, 1), judge: NewJudge(o.Registry)}, nil
}

// Observe takes what the evaluator found. It never blocks: of two that come too fast, the newer one counts.
func (r *Runner) Observe(u query.Update) {
	for {
		select {
		case r.seen <- u:
			return
		default:
		}
		select {
		case <-r.seen: // an older one, which nobody has looked at
		default:
		}
	}
}

// Run evaluates until ctx ends. When storage is away it says so once, and waits: what nobody could write down was not raised.
func (r *Runner) Run(ctx context.Context) error {
	tick := time.NewTicker(r.o.Every)
	defer tick.Stop()
	failing := false
	for {
		work := r.Follow
		select {
		case <-ctx.Done():
			return nil
		case u := <-r.seen:
			work = func(ctx context.Context) error { return r.Evaluate(ctx, u) }
		case <-tick.C:
		}
		// Whoever asks for alarms meanwhile waits: not for as long as storage might let us.
		within, cancel := context.WithTimeout(ctx, roundWithin)
		err := work(within)
		cancel()
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !failing:
			failing = true
			r.o.Logger.Error("alarms wait for storage", "error", err)
		case err == nil && failing:
			failing = false
			r.o.Logger.Info("alarms go on")
		}
	}
}

// Evaluate raises, clears and ends what is due at the time of an update.
func (r *Runner) Evaluate(ctx context.Context, u query.Update) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return err
	}
	if age := u.At.Sub(r.looked); age >= r.o.DevicesEvery || age < 0 {
		devices, err := r.o.Sight.WatchedDevices(ctx, u.At)
		if err != nil {
			return err
		}
		r.devices, r.looked = devices, u.At
	}
	o := r.judge.Observe(r.o.Catalogue(), Inputs{At: u.At, Values: u.Values, Feeds: u.Feeds, Devices: r.devices})
	before := r.book.mark()
	err := r.write(ctx, func() ([]Change, error) {
		r.book.rewind(before) // what a try that came to nothing has waited for is waited for still
		return Step(r.book, o, u.At), nil
	})
	if err != nil {
		r.book.rewind(before)
		return err
	}
	moved := r.book.Moved(u.At)
	if len(moved) == 0 {
		return nil
	}
	if err := r.o.Sight.KeepWatches(ctx, moved, u.At); err != nil {
		return err
	}
	r.book.Written(moved)
	return nil
}

// Follow takes over what other processes wrote.
func (r *Runner) Follow(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return err
	}
	return r.sync(ctx)
}

// Standing returns all alarms that are not closed, with their members.
func (r *Runner) Standing(ctx context.Context) ([]wire.Alarm, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return nil, err
	}
	if err := r.sync(ctx); err != nil {
		return nil, err
	}
	out := make([]wire.Alarm, 0, len(r.book.open))
	for _, a := range r.book.open {
		out = append(out, a.Alarm)
	}
	return out, nil
}

// Act does what a person orders, and returns the alarm as it stands then.
func (r *Runner) Act(ctx context.Context, scope query.Scope, id string, action wire.AlarmAction, o wire.AlarmOrder, by string) (wire.Alarm, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return wire.Alarm{}, err
	}
	var out Alarm
	err := r.write(ctx, func() ([]Change, error) {
		a, err := r.find(ctx, id)
		if err != nil {
			return nil, err
		}
		if !scope.Sees(a.Centre) {
			return nil, query.ErrNotFound
		}
		if out, err = Act(a, action, o, by, r.o.Now()); err != nil {
			return nil, err
		}
		return []Change{{Offset: r.book.Offset() + 1, Action: action, Alarm: out}}, nil
	})
	if err != nil {
		return wire.Alarm{}, err
	}
	r.o.Logger.Info("an alarm was changed by hand", "alarm", id, "action", action, "by", by)
	return out.Alarm, nil
}

// find returns an alarm, also one that is closed.
func (r *Runner) find(ctx context.Context, id string) (Alarm, error) {
	if cause, ok := r.book.causes[id]; ok {
		a, _ := r.book.Open(cause)
		return a, nil
	}
	history, err := r.o.Shelf.AlarmHistory(ctx, id)
	switch {
	case err != nil:
		return Alarm{}, err
	case len(history) == 0:
		return Alarm{}, query.ErrNotFound
	}
	return history[len(history)-1].Alarm, nil
}

// write has the log take changes. Where another process comes before, they are worked out again on what that wrote.
func (r *Runner) write(ctx context.Context, work func() ([]Change, error)) error {
	for range attempts {
		if err := r.sync(ctx); err != nil {
			return err
		}
		list, err := work()
		if err != nil || len(list) == 0 {
			return err
		}
		ours, err := r.o.Log.AppendAlarms(ctx, list)
		if err != nil {
			return err
		}
		if ours {
			r.enter(list)
			return nil
		}
	}
	return fmt.Errorf("write alarms: %w: other processes came before %d times", query.ErrBusy, attempts)
}

// ready reads the log at the first call.
func (r *Runner) ready(ctx context.Context) error {
	if r.book != nil {
		return nil
	}
	now := r.o.Now()
	s, err := r.o.Log.AlarmStanding(ctx, now.Add(-floodWithin))
	if err != nil {
		return err
	}
	book := NewBook()
	for _, a := range s.Open {
		book.put(a)
	}
	book.offset, book.raises = s.Offset, s.Raises
	book.Watches(s.Watches...)
	catalogue := r.o.Catalogue()
	r.judge.Resume(book, catalogue)
	if err := r.remember(ctx, catalogue, now); err != nil {
		return err
	}
	newest, err := r.o.Log.AlarmChanges(ctx, s.Offset-min(s.Offset, ringed))
	if err != nil {
		return err
	}
	r.book = book
	if r.o.Live != nil {
		r.o.Live.ResetAlarms(s.Epoch, s.Offset, book.Top(), frames(newest, s.Offset))
	}
	return nil
}

// remember fills in how the values moved before this process.
func (r *Runner) remember(ctx context.Context, c *kpi.Catalogue, now time.Time) error {
	var ids []string
	var longest time.Duration
	for _, k := range c.KPIs {
		if k.Change != nil {
			ids = append(ids, k.ID)
			longest = max(longest, k.Change.Within)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return r.o.Sight.MinuteValues(ctx, ids, now.Add(-longest), r.judge.Trend().Add)
}

// sync enters what is in the log and not in the book.
func (r *Runner) sync(ctx context.Context) error {
	list, err := r.o.Log.AlarmChanges(ctx, r.book.Offset())
	if err != nil {
		return err
	}
	r.enter(list)
	return nil
}

func (r *Runner) enter(list []Change) {
	if len(list) == 0 {
		return
	}
	r.book.Apply(list...)
	if r.o.Live != nil {
		r.o.Live.PublishAlarms(r.book.Offset(), frames(list, r.book.Offset()))
	}
}

// frames are the changes up to an entry that a reader of the list of alarms is told: those of alarms that stand for themselves,
// and that one has become a member.
func frames(list []Change, upTo uint64) []wire.AlarmFrame {
	var out []wire.AlarmFrame
	for _, c := range list {
		if c.Offset <= upTo && (c.Alarm.Parent == "" || c.Action == wire.AlarmAdopt) {
			out = append(out, wire.AlarmFrame{Offset: c.Offset, Alarm: c.Alarm.Alarm})
		}
	}
	return out
}
