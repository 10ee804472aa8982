package kpi

import "math"

// Level says how a value is judged.
type Level int

// The levels, from good to bad.
const (
	LevelOK Level = iota
	LevelWarning
	LevelAlarm
)

// String returns the word for the level.
func (l Level) String() string {
	switch l {
	case LevelWarning:
		return "warning"
	case LevelAlarm:
		return "alarm"
	default:
		return "ok"
	}
}

// Level judges a shown value by the bounds, given the level before it. A level begins at Enter, that value included,
// and ends when the value is better than Leave: between the two it stays as it was, so that a value that
// trembles around a bound raises one alarm and not a hundred.
func (k KPI) Level(value float64, before Level) Level {
	switch {
	case math.IsNaN(value):
		return before // no judgement without a number
	case k.holds(k.Alarm, value, before >= LevelAlarm):
		return LevelAlarm
	case k.holds(k.Warning, value, before >= LevelWarning):
		return LevelWarning
	default:
		return LevelOK
	}
}

// holds tells whether the value is at or beyond the bound.
func (k KPI) holds(b *Bound, value float64, held bool) bool {
	if b == nil {
		return false
	}
	limit := b.Enter
	if held {
		limit = b.Leave
	}
	if k.lowIsBad() {
		return value <= limit
	}
	return value >= limit
}

// lowIsBad tells on which side of its bounds the KPI is bad. Where neither side is better by itself, such as for
// a water level, the bounds tell: the bad side is that of Enter.
func (k KPI) lowIsBad() bool {
	if k.Better != "none" {
		return k.Better == "up"
	}
	for _, b := range []*Bound{k.Warning, k.Alarm} {
		if b != nil {
			return b.Enter < b.Leave
		}
	}
	return false
}
