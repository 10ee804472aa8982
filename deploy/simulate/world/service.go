package world

import (
	"sort"
	"time"
)

// life is all that happens to one thing, such as a dossier, in the order of time.
type life struct {
	states []event
	open   bool // its last state is no end
}

// kind is one kind of thing that services deal with.
type kind struct {
	// births returns the lives of all that begin on the day that starts at day.
	births func(day time.Time) []life
	reach  int // days after its birth in which a life may go on
	// monthly: what has ended is told again for the whole month, and not for the day alone.
	monthly bool
}

// services are the service events of a centre: dossiers, calls, tickets, documents, meetings, findings, statistics.
type services struct {
	f     *Feed
	kinds []kind
	plans map[int64][]event // by day, of the newest days asked for
}

// planDays bounds the plans that are kept: a simulation needs today and, at midnight, tomorrow; history needs one more.
const planDays = 3

func newServices(f *Feed) *services {
	agencies := f.w.cat.agenciesOf(f.centre.Code, f.profile.provincial)
	d := &dossiers{f: f, agencies: agencies}
	p := &papers{f: f, agencies: agencies}
	s := &services{f: f, plans: map[int64][]event{}, kinds: []kind{
		{births: d.births, reach: 45, monthly: true},
		{births: (&calls{f}).births, reach: 1},
		{births: (&tickets{f: f, agencies: agencies}).births, reach: 16, monthly: true},
		{births: p.documents, reach: 14, monthly: true},
		{births: p.meetings, reach: 0, monthly: true},
		{births: (&findings{f}).births, reach: 3},
		{births: (&figures{f}).births, reach: 0},
	}}
	if f.profile.provincial {
		s.kinds = append(s.kinds, kind{births: f.catalogueOfDay, reach: 0})
	}
	return s
}

func (s *services) between(from, to time.Time, _ bool) []event {
	var out []event
	cal := s.f.w.cal
	for day := cal.day(from); day.Before(to); day = day.AddDate(0, 0, 1) {
		plan := s.plan(day)
		begin := sort.Search(len(plan), func(i int) bool { return !plan[i].at.Before(from) })
		end := sort.Search(len(plan), func(i int) bool { return !plan[i].at.Before(to) })
		out = append(out, plan[begin:end]...)
	}
	return out
}

// plan returns all that happens on one day, to things that began on it or before, in the order of time.
func (s *services) plan(day time.Time) []event {
	n := s.f.w.cal.number(day)
	if plan, ok := s.plans[n]; ok {
		return plan
	}
	end := day.AddDate(0, 0, 1)
	var plan []event
	for _, k := range s.kinds {
		for back := range k.reach + 1 {
			for _, l := range k.births(day.AddDate(0, 0, -back)) {
				for _, e := range l.states {
					if !e.at.Before(day) && e.at.Before(end) {
						plan = append(plan, e)
					}
				}
			}
		}
	}
	sortEvents(plan)
	for len(s.plans) >= planDays {
		oldest := n
		for have := range s.plans {
			oldest = min(oldest, have)
		}
		if oldest == n { // all that is kept is newer: the one asked for goes out of use first
			return plan
		}
		delete(s.plans, oldest)
	}
	s.plans[n] = plan
	return plan
}

// standing returns the last state before at of everything that is open then, or has ended in its month or on its day.
func (s *services) standing(at time.Time) []event {
	cal := s.f.w.cal
	var out []event
	for _, k := range s.kinds {
		since := cal.day(at)
		if k.monthly {
			since = cal.month(at)
		}
		first := since.AddDate(0, 0, -k.reach)
		for day := first; day.Before(at); day = day.AddDate(0, 0, 1) {
			for _, l := range k.births(day) {
				last := -1
				for i, e := range l.states {
					if e.at.Before(at) {
						last = i
					}
				}
				if last >= 0 && (l.open || last < len(l.states)-1 || !l.states[last].at.Before(since)) {
					out = append(out, l.states[last])
				}
			}
		}
	}
	return out
}

// happen makes the event that tells a state of a thing. Its id is made of the thing and the number of the state.
func happen(at time.Time, name, kind, thing string, state string, data any) event {
	return event{at: at, domain: "service", name: name, kind: kind, id: thing + "-" + state, data: data}
}

// share of a working day's work that comes on a day.
func (f *Feed) dayShare(day time.Time, offWork float64) float64 {
	if f.w.cal.working(day) {
		return f.w.rate
	}
	return f.w.rate * offWork
}

// prefix begins the ids of things that begin on a day, in the form that the province's systems use.
func prefix(kind string, f *Feed, day time.Time) string {
	return kind + "-" + f.centre.Code + "-" + day.Format("060102") + "-"
}
