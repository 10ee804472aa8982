// Package schedule makes the reports that are due, writes them to a folder and has them sent by mail.
package schedule

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// Schedule says which report is made when, and for whom.
type Schedule struct {
	ID       string
	Kind     Kind
	At       time.Duration // time of day in Binh Phuoc
	Day      int           // after the end of the period: 1 is the first day (of a week: Monday)
	Centre   string
	Language string // vi or en
	Formats  []string
	Folder   string // below the folder of reports, with slashes
	To       []string
	Subject  schemas.Text // empty: one is made of the report
	Intro    schemas.Text // stands at the top of the mail
}

// Due is when the report of a period is made: some time after its end, so that what came late is in it.
func (s Schedule) Due(p Period) time.Time {
	return p.To.AddDate(0, 0, s.Day-1).Add(s.At)
}

// Occurrence is one report that a schedule asks for.
type Occurrence struct {
	Period Period
	Due    time.Time
}

// Missed returns what came due after since and no later than now, the oldest first.
func (s Schedule) Missed(since, now time.Time) []Occurrence {
	var out []Occurrence
	for p := Closed(s.Kind, now); s.Due(p).After(since); p = p.Shift(-1) {
		if due := s.Due(p); !due.After(now) {
			out = append([]Occurrence{{p, due}}, out...)
		}
	}
	return out
}

// Next returns what comes due next.
func (s Schedule) Next(now time.Time) Occurrence {
	p := Closed(s.Kind, now)
	for !s.Due(p).After(now) {
		p = p.Shift(1)
	}
	return Occurrence{p, s.Due(p)}
}

// wire turns the schedule into a message of the API.
func (s Schedule) wire(now time.Time) wire.ReportSchedule {
	next := s.Next(now)
	return wire.ReportSchedule{
		ID: s.ID, Period: string(s.Kind), Centre: s.Centre, Language: s.Language, Formats: s.Formats, Folder: s.Folder,
		To: append([]string{}, s.To...), NextRun: next.Due.UTC(), NextPeriod: next.Period.Text(),
	}
}

// Format is one way to write a report.
type Format struct {
	Extension   string // without a point
	ContentType string
	Write       func(w io.Writer, r *wire.Report, language string) error
}

// Build makes the report of a period of a centre.
type Build func(ctx context.Context, scope query.Scope, centre, period string) (*wire.Report, error)

// scopeOf is what the readers of a centre's report may see: the centre and all below it.
func scopeOf(r *schemas.Registry, centre string) query.Scope {
	c, ok := r.Centre(centre)
	if ok && c.Parent == "" {
		return query.Everything()
	}
	var below []string
	for _, other := range r.Centres {
		for _, above := range r.Above(other.Code) {
			if above == centre {
				below = append(below, other.Code)
			}
		}
	}
	return query.Only(below...)
}

// fileName is the name of a report's file, such as bao-cao-province-2026-10.vi.pdf.
func fileName(s Schedule, p Period, f Format) string {
	word := "bao-cao"
	if s.Language == "en" {
		word = "report"
	}
	return fmt.Sprintf("%s-%s-%s.%s.%s", word, s.Centre, p.Text(), s.Language, f.Extension)
}
