package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/binhphuoc/ioc/dashboard-api/live"
	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/alarm"
	"github.com/binhphuoc/ioc/query/chstore"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// alarms makes the desk of alarms, and what raises them. Without a hub nobody watches them live.
func (a *parts) alarms(store *chstore.Store, catalogue func() *kpi.Catalogue, hub *live.Hub) (*alarm.Desk, error) {
	o := alarm.Options{Log: store, Sight: store, Shelf: store, Registry: a.registry, Catalogue: catalogue, Logger: a.p.log.With("part", "alarms")}
	if hub != nil {
		o.Live = hub
	}
	runner, err := alarm.NewRunner(o)
	if err != nil {
		return nil, err
	}
	return &alarm.Desk{Shelf: store, Past: store, Runner: runner, Registry: a.registry, Now: time.Now}, nil
}

// alarmsTool is what the command alarms works with.
type alarmsTool struct {
	feedsTool // its tables and languages
	desk      *alarm.Desk
	ids       []string // words after the verb
}

// runAlarms looks at alarms, or does something about them.
func runAlarms(ctx context.Context, s *settings, p *process) (err error) {
	verbs := map[string]func(*alarmsTool, context.Context) error{
		"list": (*alarmsTool).list, "show": (*alarmsTool).show, "statistics": (*alarmsTool).statistics,
		"acknowledge": (*alarmsTool).act, "assign": (*alarmsTool).act, "shelve": (*alarmsTool).act, "unshelve": (*alarmsTool).act,
		"comment": (*alarmsTool).act, "close": (*alarmsTool).act,
	}
	switch {
	case len(p.words) == 2 && p.words[0] == "check":
		a, err := newParts(s, p)
		if err != nil {
			return err
		}
		return a.checkNotify(p.words[1])
	case len(p.words) == 0 || verbs[p.words[0]] == nil:
		return errors.New("say what to do: ioc alarms list, show ID, acknowledge ID…, assign ID… --to NAME, shelve ID… --for 2h --why REASON, unshelve ID…, comment ID… --why TEXT, close ID…, statistics or check FILE")
	case s.clickhouseDSN == "":
		return errNoDSN
	case s.language != "vi" && s.language != "en":
		return fmt.Errorf("language %q: want vi or en", s.language)
	}
	t := &alarmsTool{feedsTool: feedsTool{now: time.Now()}, ids: p.words[1:]}
	if t.parts, err = newParts(s, p); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.stop()) }()
	store, err := chstore.New(chstore.Options{DSN: s.clickhouseDSN, Registry: t.registry})
	if err != nil {
		return err
	}
	t.closers = append(t.closers, store.Close)
	catalogue, err := t.catalogue()
	if err != nil {
		return err
	}
	if t.desk, err = t.alarms(store, catalogue.Current, nil); err != nil {
		return err
	}
	return t.told(verbs[p.words[0]](t, ctx))
}

// told says an error of the desk in the language of the reader.
func (t *alarmsTool) told(err error) error {
	var refusal *query.Refusal
	switch {
	case errors.As(err, &refusal):
		return errors.New(in(t.s.language, refusal.Text))
	case errors.Is(err, query.ErrNotFound):
		return errors.New(t.say("không có báo động hoặc trung tâm này|there is no such alarm or centre")[0])
	default:
		return err
	}
}

// span reads --since and --until.
func (t *alarmsTool) span() (from, to time.Time, err error) {
	if from, err = parseWhen(t.s.since, t.now); err != nil {
		return from, to, fmt.Errorf("--since %w", err)
	}
	if to, err = parseWhen(t.s.until, t.now); err != nil {
		return from, to, fmt.Errorf("--until %w", err)
	}
	return from, to, nil
}

// list prints alarms, the newest first, and how many there are.
func (t *alarmsTool) list(ctx context.Context) error {
	if len(t.ids) > 0 {
		return fmt.Errorf("list takes no %q: ioc alarms show %[1]s", t.ids[0])
	}
	if t.s.limit < 1 || t.s.limit > alarm.MaxListed {
		return fmt.Errorf("--limit %d: want 1 to %d", t.s.limit, alarm.MaxListed)
	}
	r := alarm.Request{Centre: t.s.centre, Kind: wire.AlarmKind(t.s.kind), Priority: t.s.priority, Limit: t.s.limit}
	for _, state := range list(t.s.state) {
		r.States = append(r.States, wire.AlarmState(state))
	}
	var err error
	if r.From, r.To, err = t.span(); err != nil {
		return err
	}
	out, err := t.desk.List(ctx, query.Everything(), r)
	if err != nil {
		return err
	}
	if t.s.json {
		return printLine(t.p.out, out)
	}
	c := out.Counts
	fmt.Fprintf(t.p.out, t.say("%d đang báo, %d đã xác nhận, %d tạm ẩn, %d đã hết nguyên nhân|%d raised, %d acknowledged, %d shelved, %d cleared")[0]+"\n", c.Raised, c.Acknowledged, c.Shelved, c.Cleared)
	if out.Flood.Active {
		fmt.Fprintf(t.p.out, t.say("Quá nhiều báo động từ %s: %d báo động được giữ lại|Too many alarms since %s: %d are held")[0]+"\n", clock(*out.Flood.Since), out.Flood.Held)
	}
	if len(out.Items) > 0 {
		printTable(t.p.out, t.rows(out.Items))
	}
	return nil
}

func (t *alarmsTool) rows(items []wire.Alarm) [][]string {
	rows := [][]string{t.say("mã|id", "mức|priority", "trạng thái|state", "từ|since", "trung tâm|centre", "số điều kiện|members", "giao cho|assigned to", "báo động|alarm")}
	for _, a := range items {
		rows = append(rows, []string{a.ID, fmt.Sprint(a.Priority), t.stateOf(a.State), clock(a.RaisedAt), a.Centre, fmt.Sprint(a.Members), dash(a.AssignedTo), in(t.s.language, a.Title)})
	}
	return rows
}

func (t *alarmsTool) stateOf(s wire.AlarmState) string {
	return in(t.s.language, map[wire.AlarmState]schemas.Text{
		wire.AlarmRaised: {VI: "đang báo", EN: "raised"}, wire.AlarmAcknowledged: {VI: "đã xác nhận", EN: "acknowledged"}, wire.AlarmShelved: {VI: "tạm ẩn", EN: "shelved"},
		wire.AlarmCleared: {VI: "hết nguyên nhân", EN: "cleared"}, wire.AlarmClosed: {VI: "đã đóng", EN: "closed"},
	}[s])
}

// show prints one alarm with its history, and its newest members.
func (t *alarmsTool) show(ctx context.Context) error {
	if len(t.ids) != 1 {
		return errors.New("say which: ioc alarms show ID")
	}
	out, err := t.desk.Get(ctx, query.Everything(), t.ids[0], alarm.Request{Limit: t.s.limit})
	if err != nil {
		return err
	}
	if t.s.json {
		return printLine(t.p.out, out)
	}
	printTable(t.p.out, t.rows([]wire.Alarm{out.Alarm}))
	fmt.Fprintln(t.p.out)
	rows := [][]string{t.say("lúc|at", "việc|action", "trạng thái|state", "người|by", "lý do|why")}
	for _, c := range out.History {
		by := c.By
		if by == "" {
			by = t.say("hệ thống|the platform")[0]
		}
		rows = append(rows, []string{clock(c.At), string(c.Action), t.stateOf(c.State), by, c.Why})
	}
	printTable(t.p.out, rows)
	if len(out.Members) > 0 {
		fmt.Fprintln(t.p.out)
		printTable(t.p.out, t.rows(out.Members))
	}
	return nil
}

// act does what the verb says with each alarm. It goes on after one that is refused, and tells of it at the end.
func (t *alarmsTool) act(ctx context.Context) error {
	action := wire.AlarmAction(t.p.words[0])
	if len(t.ids) == 0 {
		return fmt.Errorf("say which: ioc alarms %s ID…", action)
	}
	o := wire.AlarmOrder{Why: t.s.why, To: t.s.to}
	switch {
	case action == wire.AlarmShelve && t.s.shelve <= 0:
		return errors.New("say for how long: --for 2h")
	case action == wire.AlarmShelve:
		until := t.now.Add(t.s.shelve)
		o.Until = &until
	}
	by, err := t.s.whoami("alarms")
	if err != nil {
		return err
	}
	var errs []error
	for _, id := range t.ids {
		out, err := t.desk.Act(ctx, query.Everything(), id, action, o, by)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", id, t.told(err)))
			continue
		}
		if t.s.json {
			errs = append(errs, printLine(t.p.out, out))
			continue
		}
		fmt.Fprintf(t.p.out, "%s  %s  %s\n", out.ID, t.stateOf(out.State), in(t.s.language, out.Title))
	}
	return errors.Join(errs...)
}

// statistics prints how many alarms there were for how many operators.
func (t *alarmsTool) statistics(ctx context.Context) error {
	from, to, err := t.span()
	if err != nil {
		return err
	}
	if to.IsZero() {
		to = t.now
	}
	if from.IsZero() {
		from = to.Add(-24 * time.Hour)
	}
	s, err := t.desk.Statistics(ctx, query.Everything(), t.s.centre, from, to)
	if err != nil {
		return err
	}
	if t.s.json {
		return printLine(t.p.out, s)
	}
	peak := "-"
	if s.PeakAt != nil {
		peak = s.PeakAt.In(period.Zone()).Format("15:04 02/01/2006")
	}
	printTable(t.p.out, [][]string{
		{t.say("từ – đến|from – to")[0], clock(s.From) + " – " + clock(s.To)},
		{t.say("báo động|alarms")[0], fmt.Sprint(s.Raised)},
		{t.say("mỗi người mỗi giờ|per operator and hour")[0], fmt.Sprintf("%.3g (%d)", s.PerOperatorHour, s.Operators)},
		{t.say("nhiều nhất trong 10 phút|most in 10 minutes")[0], fmt.Sprintf("%d (%s)", s.Peak, peak)},
		{t.say("thời gian quá tải|time in flood")[0], fmt.Sprintf("%.3g%%", 100*s.FloodShare)},
		{t.say("đang tồn|standing")[0], fmt.Sprint(s.Standing)},
		{t.say("tồn quá 24 giờ|older than 24 h")[0], fmt.Sprint(s.Stale)},
	})
	rows := [][]string{t.say("mức|priority", "số|alarms", "tỷ lệ|share")}
	for _, p := range s.Priorities {
		rows = append(rows, []string{fmt.Sprint(p.Priority), fmt.Sprint(p.Raised), fmt.Sprintf("%.3g%%", 100*p.Share)})
	}
	fmt.Fprintln(t.p.out)
	printTable(t.p.out, rows)
	if len(s.Worst) == 0 {
		return nil
	}
	rows = [][]string{t.say("nhiều nhất|the most", "báo ngay|presented", "giữ lại|held", "tỷ lệ|share")}
	for _, w := range s.Worst {
		rows = append(rows, []string{strings.TrimSpace(in(t.s.language, w.Title)), fmt.Sprint(w.Raised - w.Held), fmt.Sprint(w.Held), fmt.Sprintf("%.3g%%", 100*w.Share)})
	}
	fmt.Fprintln(t.p.out)
	printTable(t.p.out, rows)
	return nil
}
