package kpi

import (
	"testing"
	"time"

	"github.com/binhphuoc/ioc/schemas/kpi"
)

func TestSpan(t *testing.T) {
	// 23:30 UTC on Sunday is 06:30 on Monday in Binh Phuoc.
	now := time.Date(2026, 11, 22, 23, 30, 15, 0, time.UTC)
	const ends = "2026-11-22T23:30:20Z"
	tests := []struct {
		name     string
		window   kpi.Window
		from, to string
	}{
		{"a day begins at local midnight", kpi.Window{Calendar: "day"}, "2026-11-23T00:00:00+07:00", ends},
		{"a week begins on Monday", kpi.Window{Calendar: "week"}, "2026-11-23T00:00:00+07:00", ends},
		{"a month", kpi.Window{Calendar: "month"}, "2026-11-01T00:00:00+07:00", ends},
		{"a quarter", kpi.Window{Calendar: "quarter"}, "2026-10-01T00:00:00+07:00", ends},
		{"a year", kpi.Window{Calendar: "year"}, "2026-01-01T00:00:00+07:00", ends},
		{"a sliding hour", kpi.Window{Last: time.Hour}, "2026-11-22T22:30:10Z", ends},
		{"this moment has no length", kpi.Window{}, "2026-11-22T23:30:15Z", "2026-11-22T23:30:15Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			from, to := Span(tt.window, now)
			if want := at(t, tt.from); !from.Equal(want) {
				t.Errorf("from %v, want %v", from, want)
			}
			if want := at(t, tt.to); !to.Equal(want) {
				t.Errorf("to %v, want %v", to, want)
			}
		})
	}
}

func at(t *testing.T, s string) time.Time {
	t.Helper()
	out, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
