package alarm

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/wire"
)

func began() time.Time { return time.Date(2026, 10, 5, 1, 0, 0, 0, time.UTC) }

// story is a life in lines: "30s: a:1 b:4@a => raise a, raise b" is what holds at a time, each condition with its priority and
// what explains it, and what comes of it. All conditions wait a minute before they are raised, and two before they are cleared.
// "5m! shelve a 1h" is an order of a person; "?a" is a condition of which nothing is known.
type story struct {
	t    *testing.T
	book *Book
}

func (s *story) tell(lines string) {
	s.t.Helper()
	for line := range strings.Lines(lines) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		span, rest, order := strings.Cut(line, "! ")
		if !order {
			span, rest, _ = strings.Cut(line, ":")
		}
		at, err := time.ParseDuration(span)
		if err != nil {
			s.t.Fatalf("%s: %v", line, err)
		}
		rest, want, _ := strings.Cut(rest, "=>")
		var got []string
		if order {
			got = s.order(began().Add(at), strings.Fields(rest))
		} else {
			got = s.step(began().Add(at), strings.Fields(rest))
		}
		if d := cmp.Diff(strings.TrimSpace(want), strings.Join(got, ", ")); d != "" {
			s.t.Errorf("%s (-want +got):\n%s", line, d)
		}
	}
}

func (s *story) step(now time.Time, holds []string) []string {
	o := Observation{Unknown: map[string]bool{}}
	for _, text := range holds {
		if key, unknown := strings.CutPrefix(text, "?"); unknown {
			o.Unknown[key] = true
			continue
		}
		name, root, _ := strings.Cut(text, "@")
		key, priority, _ := strings.Cut(name, ":")
		from, to := 0, 0
		base := key
		if head, span, many := strings.Cut(key, "["); many { // cam[1-200] is two hundred
			base = head
			if _, err := fmt.Sscanf(span, "%d-%d]", &from, &to); err != nil {
				s.t.Fatal(err)
			}
		}
		p, err := strconv.Atoi(priority)
		if err != nil {
			s.t.Fatal(err)
		}
		for i := from; i <= to; i++ {
			c := Condition{Key: base, Root: root, Kind: wire.AlarmCamera, Centre: "dong-xoai", Priority: p, Delay: time.Minute, ClearDelay: 2 * time.Minute}
			if to > 0 {
				c.Key += strconv.Itoa(i)
			}
			o.Present = append(o.Present, c)
		}
	}
	changes := Step(s.book, o, now)
	s.book.Apply(changes...)
	var out []string
	same := map[string]int{}
	for _, c := range changes {
		text := string(c.Action) + " " + strings.TrimRight(c.Alarm.Cause, "0123456789")
		if c.Action == wire.AlarmRaise && c.Alarm.Held {
			text = "hold " + strings.TrimRight(c.Alarm.Cause, "0123456789")
		}
		if c.Alarm.Members > 1 && c.Alarm.Parent == "" {
			text += fmt.Sprintf("(%d)", c.Alarm.Members)
		}
		if same[text]++; same[text] == 1 {
			out = append(out, text)
		}
	}
	for i, text := range out {
		if n := same[text]; n > 1 {
			out[i] = fmt.Sprintf("%d × %s", n, text)
		}
	}
	return out
}

func (s *story) order(now time.Time, words []string) []string {
	a, ok := s.book.Open(words[1])
	if !ok {
		return []string{"none"}
	}
	o := wire.AlarmOrder{Why: "vì thế"}
	switch words[0] {
	case "shelve":
		span, err := time.ParseDuration(words[2])
		if err != nil {
			s.t.Fatal(err)
		}
		until := now.Add(span)
		o.Until = &until
	case "assign":
		o.To = words[2]
	}
	after, err := Act(a, wire.AlarmAction(words[0]), o, "lan", now)
	switch {
	case errors.Is(err, query.ErrConflict):
		return []string{"refused"}
	case err != nil:
		return []string{err.Error()}
	}
	s.book.Apply(Change{Offset: s.book.Offset() + 1, Action: wire.AlarmAction(words[0]), Alarm: after})
	return []string{string(after.State)}
}

func TestLives(t *testing.T) {
	tests := map[string]string{
		"raised after a minute, cleared after two, closed when somebody knows of it": `
			0s:  a:1
			59s: a:1
			60s: a:1 => raise a
			61s: a:1
			2m! acknowledge a => acknowledged
			3m:
			4m59s:
			5m:  => clear a
			14m59s:
			15m: => close a
			16m! acknowledge a => none`,
		"what trembles is raised once": `
			0s:  a:1
			50s:
			55s: a:1
			70s: a:1
			1m55s: a:1 => raise a
			2m:
			3m59s: a:1
			4m:
			5m59s:
			6m: => clear a`,
		"what comes again before it is closed is the same alarm": `
			0s: a:1
			1m: a:1 => raise a
			2m! acknowledge a => acknowledged
			3m:
			5m: => clear a
			6m: a:1
			7m: a:1 => raise a
			7m! acknowledge a => acknowledged`,
		"cleared and never looked at, it stays a day": `
			0s: a:1
			1m: a:1 => raise a
			2m:
			4m: => clear a
			24h3m:
			24h4m: => close a`,
		"cleared, and acknowledged then": `
			0s: a:1
			1m: a:1 => raise a
			2m:
			4m: => clear a
			5m! acknowledge a => closed
			6m: a:1
			7m: a:1 => raise a`,
		"no alarm is closed while its condition holds": `
			0s: a:1
			1m: a:1 => raise a
			2m! close a => refused
			2m! unshelve a => refused
			2m! acknowledge a => acknowledged
			2m! acknowledge a => refused
			2m! assign a hoa => acknowledged
			2m! comment a => acknowledged
			3m:
			5m: => clear a
			6m! shelve a 1h => refused
			6m! close a => closed`,
		"shelving ends by itself, and what still holds is back": `
			0s: a:1
			1m: a:1 => raise a
			2m! shelve a 1h => shelved
			30m: a:1
			30m! acknowledge a => refused
			62m: a:1 => unshelve a
			63m! acknowledge a => acknowledged`,
		"what went away on the shelf is cleared when its time is over": `
			0s: a:1
			1m: a:1 => raise a
			2m! shelve a 1h => shelved
			3m:
			10m:
			20m:
			62m: => unshelve a, clear a`,
		"taken off the shelf by hand": `
			0s: a:1
			1m: a:1 => raise a
			2m! shelve a 721h => until must be a time to come, within 30 days.
			2m! shelve a 1h => shelved
			3m! unshelve a => raised`,
		"it gets worse, and whoever acknowledged it is asked again; then better": `
			0s: a:3
			1m: a:3 => raise a
			2m! acknowledge a => acknowledged
			3m: a:1
			3m30s: a:3
			4m: a:1
			4m59s: a:1
			5m: a:1 => escalate a
			6m! acknowledge a => acknowledged
			7m: a:3
			8m59s: a:3
			9m: a:3 => ease a
			9m! acknowledge a => refused`,
		"nothing known is neither good nor bad": `
			0s: a:1
			1m: a:1 => raise a
			2m: ?a
			30m: ?a
			31m: a:1
			32m:
			34m: => clear a`,
		"one dead gateway is one alarm": `
			0s:  gw:2 cam[1-200]:4@gw
			60s: gw:2 cam[1-200]:4@gw => raise gw(200), 200 × raise cam
			61s: gw:2 cam[1-200]:4@gw
			2m! acknowledge cam7 => refused
			2m! comment cam7 => raised
			2m! acknowledge gw => acknowledged
			5m:  gw:2 cam[1-200]:4@gw
			# The gateway is back first, its cameras one after the other.
			6m:  cam[1-200]:4
			7m:  cam[1-3]:4
			8m:  cam[1-3]:4 => clear gw(200)
			8m1s: cam[1-3]:4 => 3 × raise cam, 197 × close cam
			18m: cam[1-3]:4 => close gw(200)`,
		"what is left of many is no flood of alarms": `
			0s:  gw:2 cam[1-30]:4@gw
			60s: gw:2 cam[1-30]:4@gw => raise gw(30), 30 × raise cam
			2m:  cam[1-30]:4
			4m:  cam[1-30]:4 => clear gw(30)
			4m1s: cam[1-30]:4 => 9 × raise cam, raise flood/dong-xoai(21), 21 × hold cam`,
		"what is raised before its cause is known is taken in by it": `
			0s:  cam[1-2]:4
			60s: cam[1-2]:4 => 2 × raise cam
			61s: cam[1-2]:4@gw gw:2
			2m1s: cam[1-2]:4@gw gw:2 => raise gw(2), 2 × adopt cam
			3m:  gw:2
			5m:  gw:2 => 2 × close cam`,
		"what has a cause waits for it": `
			0s:  cam[1-2]:4@gw
			30s: cam[1-2]:4@gw gw:2
			60s: cam[1-2]:4@gw gw:2
			80s: cam[1-2]:4@gw gw:2
			# The cause was none.
			81s: cam[1-2]:4 => 2 × raise cam`,
		"a flood holds back what is less urgent, and lets it out": `
			0s:  a[1-10]:2
			60s: a[1-10]:2 => 10 × raise a
			2m:  a[1-10]:2 b[1-5]:3 c[1-2]:2
			3m:  a[1-10]:2 b[1-5]:3 c[1-2]:2 => raise flood/dong-xoai(5), 5 × hold b, 2 × raise c
			4m:  a[1-10]:2 b[1-5]:3 c[1-2]:2
			11m: a[1-10]:2 b[1-4]:3 c[1-2]:2
			# Those of the third minute still count.
			12m59s: a[1-10]:2 b[1-4]:3 c[1-2]:2
			13m: a[1-10]:2 b[1-4]:3 c[1-2]:2 => clear flood/dong-xoai(5), close b
			13m1s: a[1-10]:2 b[1-4]:3 c[1-2]:2 => 4 × release b`,
		"what a flood holds comes out when it becomes urgent": `
			0s:  a[1-10]:2 b:3
			60s: a[1-10]:2 b:3 => 10 × raise a, raise flood/dong-xoai, hold b
			2m:  a[1-10]:2 b:1
			3m:  a[1-10]:2 b:1 => escalate b`,
	}
	for name, lines := range tests {
		t.Run(name, func(t *testing.T) { (&story{t, NewBook()}).tell(lines) })
	}
}

// A process that is killed and starts again reads the log and what was waited for: nothing else is lost, and nothing waits anew.
func TestABookIsWhatItsLogSays(t *testing.T) {
	s := &story{t, NewBook()}
	s.tell(`
		0s:  a:1
		60s: a:1 => raise a
		90s: a:1 b:2
		100s: b:2`)
	again := NewBook()
	for _, a := range s.book.open {
		again.put(a)
	}
	again.offset, again.raises = s.book.offset, s.book.raises
	again.Watches(s.book.Moved(began())...)
	(&story{t, again}).tell(`
		149s: b:2
		150s: b:2 => raise b
		3m39s: b:2
		3m40s: b:2 => clear a`)
}

func TestWatchesAreWrittenOnce(t *testing.T) {
	s := &story{t, NewBook()}
	s.tell("0s: a:1")
	first := s.book.Moved(began())
	if len(first) != 1 || first[0].Phase != Pending || !first[0].Since.Equal(began()) {
		t.Fatalf("%+v", first)
	}
	s.tell("1s:")
	s.book.Written(first) // which is old by now
	second := s.book.Moved(began())
	if len(second) != 1 || second[0].Phase != Over {
		t.Fatalf("%+v", second)
	}
	s.book.Written(second)
	if left := s.book.Moved(began()); len(left) != 0 {
		t.Errorf("%+v is written again", left)
	}
}

func TestIdsAreOfTheCauseAndTheMoment(t *testing.T) {
	a := ID("kpi/hotline.waiting/dong-xoai", began())
	if a != ID("kpi/hotline.waiting/dong-xoai", began()) || !validID(a) {
		t.Errorf("%q", a)
	}
	for _, other := range []string{ID("kpi/hotline.waiting/binh-long", began()), ID("kpi/hotline.waiting/dong-xoai", began().Add(time.Millisecond))} {
		if a == other {
			t.Errorf("two alarms are named %s", a)
		}
	}
}

func TestOrdersThatMakeNoSense(t *testing.T) {
	now := began()
	later, before := now.Add(time.Hour), now.Add(-time.Hour)
	a := Alarm{Alarm: wire.Alarm{State: wire.AlarmRaised}}
	for name, tt := range map[string]struct {
		action wire.AlarmAction
		order  wire.AlarmOrder
	}{
		"shelved without a reason": {wire.AlarmShelve, wire.AlarmOrder{Until: &later}},
		"shelved until yesterday":  {wire.AlarmShelve, wire.AlarmOrder{Why: "x", Until: &before}},
		"shelved for ever":         {wire.AlarmShelve, wire.AlarmOrder{Why: "x"}},
		"a comment that is empty":  {wire.AlarmComment, wire.AlarmOrder{Why: " "}},
		"acknowledged to somebody": {wire.AlarmAcknowledge, wire.AlarmOrder{To: "lan"}},
		"acknowledged until later": {wire.AlarmAcknowledge, wire.AlarmOrder{Until: &later}},
		"a reason that is a book":  {wire.AlarmComment, wire.AlarmOrder{Why: strings.Repeat("ă", maxWhy+1)}},
		"a reason that is no text": {wire.AlarmComment, wire.AlarmOrder{Why: "\xff"}},
		"an assignment to a crowd": {wire.AlarmAssign, wire.AlarmOrder{To: strings.Repeat("a", maxTo+1)}},
	} {
		if after, err := Act(a, tt.action, tt.order, "lan", now); !errors.Is(err, query.ErrBadRequest) || after.State != wire.AlarmRaised {
			t.Errorf("%s: %v, %s", name, err, after.State)
		}
	}
	if _, err := Act(a, "raise", wire.AlarmOrder{}, "lan", now); !errors.Is(err, query.ErrNotFound) {
		t.Errorf("a person raised an alarm: %v", err)
	}
	done, err := Act(a, wire.AlarmAcknowledge, wire.AlarmOrder{Why: " đang xem "}, "lan", now)
	if err != nil || done.By != "lan" || done.Why != "đang xem" || !done.ChangedAt.Equal(now) || !done.AcknowledgedAt.Equal(now) {
		t.Errorf("%+v, %v", done, err)
	}
}
