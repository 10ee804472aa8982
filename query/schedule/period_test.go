package schedule

import (
	"errors"
	"testing"
	"time"

	"github.com/binhphuoc/ioc/query"
)

// local is a moment of Binh Phuoc.
func local(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, Zone())
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestThePeriodThatHasClosed(t *testing.T) {
	for _, c := range []struct {
		kind      Kind
		now, want string
		from, to  string
	}{
		{Day, "2026-03-01 00:00", "2026-02-28", "2026-02-28 00:00", "2026-03-01 00:00"},
		{Day, "2026-02-28 23:59", "2026-02-27", "2026-02-27 00:00", "2026-02-28 00:00"},
		{Week, "2027-01-04 00:00", "2026-W53", "2026-12-28 00:00", "2027-01-04 00:00"},
		{Week, "2027-01-03 23:59", "2026-W52", "2026-12-21 00:00", "2026-12-28 00:00"},
		{Week, "2025-01-06 08:00", "2025-W01", "2024-12-30 00:00", "2025-01-06 00:00"},
		{Month, "2026-01-31 12:00", "2025-12", "2025-12-01 00:00", "2026-01-01 00:00"},
		{Month, "2026-03-31 12:00", "2026-02", "2026-02-01 00:00", "2026-03-01 00:00"},
		{Quarter, "2026-01-01 00:00", "2025-Q4", "2025-10-01 00:00", "2026-01-01 00:00"},
		{Quarter, "2026-12-31 23:59", "2026-Q3", "2026-07-01 00:00", "2026-10-01 00:00"},
		{Year, "2026-12-31 23:59", "2025", "2025-01-01 00:00", "2026-01-01 00:00"},
	} {
		p := Closed(c.kind, local(t, c.now).UTC())
		if p.Text() != c.want || !p.From.Equal(local(t, c.from)) || !p.To.Equal(local(t, c.to)) {
			t.Errorf("%s at %s: %s from %s to %s", c.kind, c.now, p.Text(), p.From, p.To)
		}
		if again, err := ParsePeriod(c.kind, p.Text()); err != nil || again.Text() != p.Text() || !again.From.Equal(p.From) || !again.To.Equal(p.To) {
			t.Errorf("%s is read as %+v (%v)", p.Text(), again, err)
		}
	}
}

func TestPeriodsThatAreNone(t *testing.T) {
	for text, kind := range map[string]Kind{
		"2026-10": Day, "2026-02-30": Day, "2026-W54": Week, "2025-W53": Week, "2026-W1": Week, "2026-13": Month, "2026-1": Month,
		"2026-Q5": Quarter, "2026-Q0": Quarter, "2026-Q12": Quarter, "26": Year, "": Year, "2026-10 ": Month, "2026-Q3x": Quarter,
	} {
		if p, err := ParsePeriod(kind, text); !errors.Is(err, query.ErrBadRequest) {
			t.Errorf("%q is taken as the %s %s", text, kind, p.Text())
		}
	}
}

func TestWhenAScheduleIsDue(t *testing.T) {
	daily := Schedule{Kind: Day, At: 6 * time.Hour, Day: 1}
	weekly := Schedule{Kind: Week, At: 7*time.Hour + 30*time.Minute, Day: 2}
	monthly := Schedule{Kind: Month, At: 8 * time.Hour, Day: 5}
	for _, c := range []struct {
		s             Schedule
		now           string
		period, at    string // next
		since, missed string // the missed ones, oldest first
	}{
		{daily, "2026-10-14 05:59", "2026-10-13", "2026-10-14 06:00", "2026-10-12 06:00", "2026-10-12"},
		{daily, "2026-10-14 06:00", "2026-10-14", "2026-10-15 06:00", "2026-10-12 05:59", "2026-10-11 2026-10-12 2026-10-13"},
		{daily, "2026-10-14 06:00", "2026-10-14", "2026-10-15 06:00", "2026-10-14 06:00", ""},
		{weekly, "2026-10-12 12:00", "2026-W41", "2026-10-13 07:30", "2026-10-01 00:00", "2026-W40"}, // Monday
		{weekly, "2026-10-13 07:30", "2026-W42", "2026-10-20 07:30", "2026-10-12 00:00", "2026-W41"},
		{monthly, "2026-03-05 07:59", "2026-02", "2026-03-05 08:00", "2026-03-01 00:00", ""},
		{monthly, "2026-03-31 12:00", "2026-03", "2026-04-05 08:00", "2026-03-01 00:00", "2026-02"},
		{Schedule{Kind: Quarter, At: time.Hour, Day: 10}, "2026-10-09 00:00", "2026-Q3", "2026-10-10 01:00", "2026-07-01 00:00", "2026-Q2"},
		{Schedule{Kind: Year, At: time.Hour, Day: 1}, "2026-10-09 00:00", "2026", "2027-01-01 01:00", "2025-12-31 00:00", "2025"},
	} {
		if next := c.s.Next(local(t, c.now)); next.Period.Text() != c.period || !next.Due.Equal(local(t, c.at)) {
			t.Errorf("%s at %s: next is %s at %s", c.s.Kind, c.now, next.Period.Text(), next.Due)
		}
		missed := ""
		for _, o := range c.s.Missed(local(t, c.since), local(t, c.now)) {
			if missed != "" {
				missed += " "
			}
			missed += o.Period.Text()
		}
		if missed != c.missed {
			t.Errorf("%s at %s since %s: missed %q, want %q", c.s.Kind, c.now, c.since, missed, c.missed)
		}
	}
}
