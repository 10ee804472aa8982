package world

import (
	"fmt"
	"time"
)

// findings are what the security monitoring of a centre finds.
type findings struct{ f *Feed }

type findingData struct {
	FindingID string `json:"finding_id"`
	Severity  int    `json:"severity"`
	Category  string `json:"category"`
	Status    string `json:"status"`
}

func (s *findings) births(day time.Time) []life {
	f := s.f
	at := f.seed.of("finding").at(f.w.cal.number(day))
	n := poisson(at.rand(), f.profile.findings*f.dayShare(day, 0.8))
	out := make([]life, 0, n)
	for i := range n {
		r := at.at(int64(i)).rand()
		data := findingData{
			FindingID: fmt.Sprintf("%s%03d", prefix("ATTT", f, day), i+1),
			Severity:  1 + int(5*r.Float64()*r.Float64()), // most are harmless
			Category:  f.w.cat.Threats[r.IntN(len(f.w.cat.Threats))],
		}
		var l life
		tell := func(at time.Time, status string) {
			data.Status = status
			state := data
			l.states = append(l.states, happen(at, "giam-sat-attt", "security", data.FindingID, status, &state))
		}
		found := day.Add(spread(r, 0, 24*time.Hour-time.Second))
		tell(found, "open")
		switch x := r.Float64(); {
		case x < 0.70: // by the firewall
			tell(found.Add(spread(r, 2*time.Second, 90*time.Second)), "blocked")
		case x < 0.93:
			tell(found.Add(spread(r, 20*time.Minute, 5*time.Hour)), "closed")
		default:
			tell(found.Add(spread(r, 10*time.Hour, 30*time.Hour)), "closed")
		}
		out = append(out, l)
	}
	return out
}
