package schedule

import (
	"fmt"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
)

// Kind is a kind of calendar period.
type Kind string

// The kinds of periods that a schedule can report on.
const (
	Day     Kind = "day"
	Week    Kind = "week" // begins on Monday, ISO 8601
	Month   Kind = "month"
	Quarter Kind = "quarter"
	Year    Kind = "year"
)

func kinds() []string {
	return []string{string(Day), string(Week), string(Month), string(Quarter), string(Year)}
}

// Zone is schemas.Zone.
func Zone() *time.Location { return schemas.Zone() }

// Period is one day, week, month, quarter or year of Binh Phuoc.
type Period struct {
	Kind     Kind
	From, To time.Time // To exclusive
}

// Holding returns the period of a kind that holds a moment.
func Holding(kind Kind, t time.Time) Period {
	y, m, d := t.In(Zone()).Date()
	switch kind {
	case Week:
		d -= (int(t.In(Zone()).Weekday()) + 6) % 7
	case Month:
		d = 1
	case Quarter:
		m, d = m-(m-1)%3, 1
	case Year:
		m, d = 1, 1
	case Day:
	}
	p := Period{Kind: kind, From: time.Date(y, m, d, 0, 0, 0, 0, Zone())}
	p.To = p.step(p.From, 1)
	return p
}

// Closed returns the newest period of a kind that has ended.
func Closed(kind Kind, now time.Time) Period { return Holding(kind, now).Shift(-1) }

// Shift returns the period that is so many later.
func (p Period) Shift(n int) Period {
	return Period{Kind: p.Kind, From: p.step(p.From, n), To: p.step(p.From, n+1)}
}

func (p Period) step(t time.Time, n int) time.Time {
	switch p.Kind {
	case Week:
		return t.AddDate(0, 0, 7*n)
	case Month:
		return t.AddDate(0, n, 0)
	case Quarter:
		return t.AddDate(0, 3*n, 0)
	case Year:
		return t.AddDate(n, 0, 0)
	case Day:
	}
	return t.AddDate(0, 0, n)
}

// Text is the period as reports are asked for: 2026-10-14, 2026-W42, 2026-10, 2026-Q4 or 2026.
func (p Period) Text() string {
	switch p.Kind {
	case Week:
		y, w := p.From.ISOWeek()
		return fmt.Sprintf("%04d-W%02d", y, w)
	case Month:
		return p.From.Format("2006-01")
	case Quarter:
		return fmt.Sprintf("%04d-Q%d", p.From.Year(), (p.From.Month()+2)/3)
	case Year:
		return p.From.Format("2006")
	case Day:
	}
	return p.From.Format(time.DateOnly)
}

// ParsePeriod reads what Text wrote.
func ParsePeriod(kind Kind, text string) (Period, error) {
	var y, n int
	var at time.Time
	var err error
	switch kind {
	case Week:
		_, err = fmt.Sscanf(text, "%4d-W%2d", &y, &n)
		at = time.Date(y, 1, 4, 0, 0, 0, 0, Zone()).AddDate(0, 0, 7*(n-1)) // 4 January is always in week 1
	case Quarter:
		_, err = fmt.Sscanf(text, "%4d-Q%1d", &y, &n)
		at = time.Date(y, time.Month(3*n-2), 1, 0, 0, 0, 0, Zone())
	case Month:
		at, err = time.ParseInLocation("2006-01", text, Zone())
	case Year:
		at, err = time.ParseInLocation("2006", text, Zone())
	case Day:
		at, err = time.ParseInLocation(time.DateOnly, text, Zone())
	}
	p := Holding(kind, at)
	// That it reads as it was written also refuses week 54 and quarter 0.
	if err != nil || p.Text() != text {
		example := Holding(kind, time.Date(2026, 10, 14, 0, 0, 0, 0, Zone())).Text()
		return Period{}, fmt.Errorf("%w: period %q is no %s such as %s", query.ErrBadRequest, text, kind, example)
	}
	return p, nil
}
