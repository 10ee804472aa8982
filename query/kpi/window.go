package kpi

import (
	"time"

	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/period"
)

// Span returns the time that a window covers at a moment: From inclusive, To exclusive, UTC, both at full 10 seconds.
// A calendar period begins in Asia/Ho_Chi_Minh. Every window ends with the 10 seconds that hold now, also one of
// a day that goes on: what is due this afternoon does not count in the morning.
func Span(w kpi.Window, now time.Time) (from, to time.Time) {
	local := now.In(period.Zone())
	y, m, d := local.Date()
	day := func(y int, m time.Month, d int) time.Time {
		return time.Date(y, m, d, 0, 0, 0, 0, local.Location()).UTC()
	}
	to = now.UTC().Truncate(step).Add(step)
	switch w.Calendar {
	case "day":
		return day(y, m, d), to
	case "week": // begins on Monday, ISO 8601
		return day(y, m, d-(int(local.Weekday())+6)%7), to
	case "month":
		return day(y, m, 1), to
	case "quarter":
		return day(y, m-(m-1)%3, 1), to
	case "year":
		return day(y, 1, 1), to
	}
	if w.Last == 0 {
		return now.UTC(), now.UTC()
	}
	return now.UTC().Add(-w.Last).Truncate(step), to
}

// step is the finest that rollups know.
const step = 10 * time.Second
