package kpi

import (
	"strconv"
	"time"
)

const (
	// Priorities are how many there are: more can't be told apart by who is in a hurry.
	Priorities = 4
	// maxDelay bounds the time before an alarm is raised or cleared.
	maxDelay = 24 * time.Hour
	// usualPriority is that of what is beyond the bound named alarm. What is beyond the bound named warning is a colour on the
	// screens and makes no alarm, unless its file gives it a priority: who is called too often no longer comes.
	usualPriority = 2
)

// bound reads a limit; nil when the key is absent.
func (s section) bound(key string) *Bound {
	if !s.Has(key) {
		return nil
	}
	sub, ok := s.Sub(key, "enter", "leave", "priority", "delay", "clear_delay")
	if !ok {
		return nil
	}
	otherwise := 0
	if key == "alarm" {
		otherwise = usualPriority
	}
	return &Bound{Enter: sub.RequiredNumber("enter"), Leave: sub.RequiredNumber("leave"), Alert: section{sub}.alert(otherwise)}
}

// change reads how fast the value may move; nil when the key is absent.
func (s section) change() *Change {
	const key = "change"
	if !s.Has(key) {
		return nil
	}
	named, ok := s.Sub(key, "direction", "enter", "leave", "within", "priority", "delay", "clear_delay")
	if !ok {
		return nil
	}
	sub := section{named}
	c := &Change{
		Enter: sub.RequiredNumber("enter"), Within: sub.Duration("within"), Fall: sub.OneOf("direction", "rise", "fall") == "fall",
		Alert: sub.alert(usualPriority),
	}
	c.Leave = sub.Number("leave", c.Enter)
	const longest = 24 * time.Hour
	switch {
	case !sub.Has("within"):
		sub.Fault("within", "is missing")
	case c.Within < time.Minute || c.Within > longest || c.Within%time.Minute != 0:
		sub.Fault("within", "must be whole minutes, from 1m to %.0fh", longest.Hours())
	}
	if sub.Has("enter") && c.Enter <= 0 {
		sub.Fault("enter", "must be greater than 0: by how much the value moves, to the side of direction")
	}
	if c.Leave < 0 || c.Leave > c.Enter {
		sub.Fault("leave", "must lie between 0 and enter")
	}
	return c
}

// alert reads how a bound becomes an alarm.
func (s section) alert(otherwise int) Alert {
	a := Alert{Priority: otherwise, Delay: s.delay("delay"), ClearDelay: s.delay("clear_delay")}
	if !s.Has("clear_delay") {
		a.ClearDelay = a.Delay
	}
	if s.Has("priority") {
		n, err := strconv.Atoi(s.Text("priority"))
		if err != nil || n < 1 || n > Priorities {
			s.Fault("priority", "must be a whole number from 1 (the most urgent) to %d", Priorities)
		}
		a.Priority = n
	}
	for _, key := range []string{"delay", "clear_delay"} {
		if a.Priority == 0 && s.Has(key) {
			s.Fault(key, "needs priority: without one there is no alarm to delay")
		}
	}
	return a
}

func (s section) delay(key string) time.Duration {
	d := s.Duration(key)
	if d > maxDelay {
		s.Fault(key, "must be at most %.0fh", maxDelay.Hours())
	}
	return d
}
