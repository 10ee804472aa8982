package kpi

import (
	"math"
	"testing"
)

func TestLevel(t *testing.T) {
	up := KPI{Better: "up", Warning: &Bound{Enter: 90, Leave: 92}, Alarm: &Bound{Enter: 80, Leave: 82}}
	down := KPI{Better: "down", Warning: &Bound{Enter: 5, Leave: 3}, Alarm: &Bound{Enter: 10, Leave: 7}}
	flood := KPI{Better: "none", Warning: &Bound{Enter: 4, Leave: 3.5}, Alarm: &Bound{Enter: 5, Leave: 4.5}}
	drought := KPI{Better: "none", Alarm: &Bound{Enter: 1, Leave: 1.5}}
	onlyAlarm := KPI{Better: "down", Alarm: &Bound{Enter: 1, Leave: 1}}
	tests := []struct {
		name   string
		kpi    KPI
		value  float64
		before Level
		want   Level
	}{
		{"good", up, 95, LevelOK, LevelOK},
		{"between the bounds from above", up, 91, LevelOK, LevelOK},
		{"at enter", up, 90, LevelOK, LevelWarning},
		{"between the bounds from below", up, 91, LevelWarning, LevelWarning},
		{"at leave", up, 92, LevelWarning, LevelWarning},
		{"better than leave", up, 92.1, LevelWarning, LevelOK},
		{"straight into the alarm", up, 10, LevelOK, LevelAlarm},
		{"still in the alarm", up, 82, LevelAlarm, LevelAlarm},
		{"out of the alarm into the warning", up, 83, LevelAlarm, LevelWarning},
		{"out of the alarm, within the warning's hysteresis", up, 91, LevelAlarm, LevelWarning},
		{"out of the alarm to good", up, 99, LevelAlarm, LevelOK},
		{"in the alarm's hysteresis from the warning", up, 81, LevelWarning, LevelWarning},

		{"high is bad", down, 10, LevelWarning, LevelAlarm},
		{"high is bad, held", down, 7, LevelAlarm, LevelAlarm},
		{"high is bad, falling", down, 6.9, LevelAlarm, LevelWarning},
		{"high is bad, good again", down, 2.9, LevelWarning, LevelOK},

		{"no side, enter above leave", flood, 4.2, LevelOK, LevelWarning},
		{"no side, enter above leave, low", flood, 0, LevelWarning, LevelOK},
		{"no side, enter below leave", drought, 0.5, LevelOK, LevelAlarm},
		{"no side, enter below leave, high", drought, 9, LevelAlarm, LevelOK},

		{"no hysteresis, at the bound", onlyAlarm, 1, LevelOK, LevelAlarm},
		{"no hysteresis, below", onlyAlarm, 0.9, LevelAlarm, LevelOK},
		{"no bounds", KPI{Better: "up"}, -1, LevelAlarm, LevelOK},
		{"no number", up, math.NaN(), LevelAlarm, LevelAlarm},
	}
	for _, tt := range tests {
		if got := tt.kpi.Level(tt.value, tt.before); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
