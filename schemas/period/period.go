// Package period knows the calendar periods of Asia/Ho_Chi_Minh that reports and figures are for.
package period

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/binhphuoc/ioc/schemas"
)

// Offset is schemas.Offset.
const Offset = schemas.Offset

// Zone is schemas.Zone.
func Zone() *time.Location { return schemas.Zone() }

// Floor is the start of the step that holds a moment; steps of days begin at midnight in Asia/Ho_Chi_Minh.
func Floor(t time.Time, step time.Duration) time.Time {
	return t.Add(Offset).Truncate(step).Add(-Offset).UTC()
}

// Day is the length of each day: there is no summer time.
const Day = 24 * time.Hour

// Kind is the length of a period.
type Kind string

// The kinds of periods.
const (
	KindDay     Kind = "day"
	KindWeek    Kind = "week" // from Monday, ISO 8601
	KindMonth   Kind = "month"
	KindQuarter Kind = "quarter"
	KindHalf    Kind = "half"
	KindYear    Kind = "year"
	KindRange   Kind = "range" // any days in a row
)

// Kinds lists the kinds that have a place in the calendar: all but the range.
func Kinds() []Kind {
	return []Kind{KindDay, KindWeek, KindMonth, KindQuarter, KindHalf, KindYear}
}

// Period is a span of whole days.
type Period struct {
	Kind     Kind
	From, To time.Time // UTC; To exclusive
}

// Years that periods can be of: before them the country had another time.
const (
	firstYear = 1976
	lastYear  = 2999
)

// maxRange is the longest range, in days: ten years.
const maxRange = 3653

// Accepted says how periods are written.
const Accepted = "2026, 2026-H1, 2026-Q3, 2026-10, 2026-W41, 2026-10-14, 2026-10-01..2026-10-15"

// Parse reads a period as it is written in addresses and commands.
func Parse(text string) (Period, error) {
	if first, last, ok := strings.Cut(text, ".."); ok {
		return parseRange(text, first, last)
	}
	p, ok := parseCalendar(text)
	if !ok {
		return Period{}, fmt.Errorf("%q is no period: write it as one of %s", short(text), Accepted)
	}
	return p, nil
}

func parseCalendar(text string) (Period, bool) {
	if len(text) == 10 {
		day, ok := parseDay(text)
		return Period{KindDay, day.UTC(), day.AddDate(0, 0, 1).UTC()}, ok
	}
	year, rest, cut := strings.Cut(text, "-")
	y, ok := number(year, 4, firstYear, lastYear)
	if !ok {
		return Period{}, false
	}
	if !cut {
		return months(KindYear, y, 1), true
	}
	switch {
	case len(rest) == 2 && rest[0] == 'H':
		n, ok := number(rest[1:], 1, 1, 2)
		return months(KindHalf, y, 6*n-5), ok
	case len(rest) == 2 && rest[0] == 'Q':
		n, ok := number(rest[1:], 1, 1, 4)
		return months(KindQuarter, y, 3*n-2), ok
	case len(rest) == 3 && rest[0] == 'W':
		n, ok := number(rest[1:], 2, 1, weeks(y))
		return week(y, n), ok
	default:
		n, ok := number(rest, 2, 1, 12)
		return months(KindMonth, y, n), ok
	}
}

func parseRange(text, first, last string) (Period, error) {
	from, ok1 := parseDay(first)
	until, ok2 := parseDay(last)
	switch {
	case !ok1 || !ok2:
		return Period{}, fmt.Errorf("%q is no range of days: write 2026-10-01..2026-10-15, both days included", short(text))
	case until.Before(from):
		return Period{}, fmt.Errorf("%q ends before it begins", text)
	case until.Sub(from) >= maxRange*Day:
		return Period{}, fmt.Errorf("%q is longer than ten years", text)
	}
	return Period{KindRange, from.UTC(), until.AddDate(0, 0, 1).UTC()}, nil
}

// parseDay reads a date, and nothing that is only nearly one.
func parseDay(text string) (time.Time, bool) {
	t, err := time.ParseInLocation(time.DateOnly, text, Zone())
	return t, err == nil && t.Year() >= firstYear && t.Year() <= lastYear
}

// number reads a number of exactly so many digits.
func number(text string, digits, least, most int) (int, bool) {
	if len(text) != digits || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= least && n <= most
}

// short keeps the start of a text that is too long for a sentence.
func short(text string) string {
	const most = 40
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, Zone()) }

// size is how many months a kind has, 0 for kinds of days.
func size(k Kind) int {
	return map[Kind]int{KindMonth: 1, KindQuarter: 3, KindHalf: 6, KindYear: 12}[k]
}

func months(k Kind, y, m int) Period {
	from := date(y, time.Month(m), 1)
	return Period{k, from.UTC(), from.AddDate(0, size(k), 0).UTC()}
}

// week is the ISO week of a number, which may lie before the first or after the last of the year.
func week(y, n int) Period {
	fourth := date(y, time.January, 4) // is always in week 1
	monday := fourth.AddDate(0, 0, 7*(n-1)-(int(fourth.Weekday())+6)%7)
	return Period{KindWeek, monday.UTC(), monday.AddDate(0, 0, 7).UTC()}
}

// weeks is how many ISO weeks a year has: 52 or 53.
func weeks(y int) int {
	_, n := date(y, time.December, 28).ISOWeek() // is always in the last week
	return n
}

// Current returns the period of a kind that holds a moment; a day for the range.
func Current(k Kind, now time.Time) Period {
	local := now.In(Zone())
	y, m, d := local.Date()
	switch k {
	case KindWeek:
		return week(local.ISOWeek())
	case KindMonth, KindQuarter, KindHalf, KindYear:
		return months(k, y, 1+(int(m)-1)/size(k)*size(k))
	default:
		from := date(y, m, d)
		return Period{KindDay, from.UTC(), from.AddDate(0, 0, 1).UTC()}
	}
}

// Text is how the period is written; Parse reads it.
func (p Period) Text() string {
	from := p.From.In(Zone())
	switch p.Kind {
	case KindYear:
		return from.Format("2006")
	case KindHalf:
		return fmt.Sprintf("%04d-H%d", from.Year(), p.place())
	case KindQuarter:
		return fmt.Sprintf("%04d-Q%d", from.Year(), p.place())
	case KindMonth:
		return from.Format("2006-01")
	case KindWeek:
		y, w := from.ISOWeek()
		return fmt.Sprintf("%04d-W%02d", y, w)
	case KindDay:
		return from.Format(time.DateOnly)
	default:
		return from.Format(time.DateOnly) + ".." + p.last().Format(time.DateOnly)
	}
}

// place is the number of a quarter or a half in its year.
func (p Period) place() int { return 1 + (int(p.From.In(Zone()).Month())-1)/size(p.Kind) }

// last is the last day, in Asia/Ho_Chi_Minh.
func (p Period) last() time.Time { return p.To.In(Zone()).AddDate(0, 0, -1) }

// Previous is the period of the same kind just before; of a range, as many days before.
func (p Period) Previous() Period {
	if n := size(p.Kind); n > 0 {
		return Period{p.Kind, p.From.In(Zone()).AddDate(0, -n, 0).UTC(), p.From}
	}
	return Period{p.Kind, p.From.Add(-p.To.Sub(p.From)), p.From}
}

// Next is the period of the same kind just after; of a range, as many days after.
func (p Period) Next() Period {
	if n := size(p.Kind); n > 0 {
		return Period{p.Kind, p.To, p.To.In(Zone()).AddDate(0, n, 0).UTC()}
	}
	return Period{p.Kind, p.To, p.To.Add(p.To.Sub(p.From))}
}

// LastYear is the same period a year before. The year before may lack it: then it is 28 February for the 29th,
// and week 52 for week 53.
func (p Period) LastYear() Period {
	from := p.From.In(Zone())
	switch p.Kind {
	case KindWeek:
		y, w := from.ISOWeek()
		return week(y-1, min(w, weeks(y-1)))
	case KindDay, KindRange:
		return Period{p.Kind, yearBefore(from).UTC(), yearBefore(p.last()).AddDate(0, 0, 1).UTC()}
	default:
		return months(p.Kind, from.Year()-1, int(from.Month()))
	}
}

func yearBefore(day time.Time) time.Time {
	y, m, d := day.Date()
	if m == time.February && d == 29 {
		d = 28
	}
	return date(y-1, m, d)
}

// Last lists n periods of the same kind that follow each other, of which this one is the last.
func (p Period) Last(n int) []Period {
	out := make([]Period, n)
	for i := n - 1; i >= 0; i-- {
		out[i], p = p, p.Previous()
	}
	return out
}

// Holds tells whether a moment lies in the period.
func (p Period) Holds(t time.Time) bool { return !t.Before(p.From) && t.Before(p.To) }
