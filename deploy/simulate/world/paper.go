package world

import (
	"fmt"
	"time"
)

// papers are the electronic documents and the meetings of the agencies of a centre.
type papers struct {
	f        *Feed
	agencies []agency
}

type documentData struct {
	DocumentID string `json:"document_id"`
	Agency     string `json:"agency"`
	Direction  string `json:"direction"`
	Signed     bool   `json:"signed"`
	At         string `json:"at"`
	DueAt      string `json:"due_at,omitempty"`
	DoneAt     string `json:"done_at,omitempty"`
}

type meetingData struct {
	MeetingID string `json:"meeting_id"`
	Agency    string `json:"agency"`
	Paperless bool   `json:"paperless"`
	At        string `json:"at"`
}

func (p *papers) documents(day time.Time) []life {
	f, cal := p.f, p.f.w.cal
	s := f.seed.of("document").at(cal.number(day))
	n := poisson(s.rand(), f.profile.documents*f.dayShare(day, 0.01))
	out := make([]life, 0, n)
	for i := range n {
		r := s.at(int64(i)).rand()
		id := fmt.Sprintf("%s%05d", prefix("VB", f, day), i+1)
		at := day.Add(f.w.curves.office.draw(r))
		office := pick(r, p.agencies, func(a agency) float64 { return a.Share }).Code
		if chance(r, 0.45) {
			data := &documentData{DocumentID: id, Agency: office, Direction: "out", Signed: chance(r, 0.955), At: stamp(at)}
			out = append(out, life{states: []event{happen(at, "van-ban", "document", id, "1", data)}})
			continue
		}
		days := 1 + r.IntN(5)
		due := cal.due(at, days)
		done := cal.add(at, time.Duration(float64(days)*8*between(r, 0.05, 0.9)*float64(time.Hour)))
		if chance(r, 0.9*f.profile.late) {
			done = cal.add(due, time.Hour+around(r, 5*time.Hour))
		}
		data := documentData{DocumentID: id, Agency: office, Direction: "in", Signed: chance(r, 0.97), At: stamp(at), DueAt: stamp(due)}
		finished := data
		finished.DoneAt = stamp(done)
		out = append(out, life{states: []event{
			happen(at, "van-ban", "document", id, "1", &data), happen(done, "van-ban", "document", id, "2", &finished),
		}})
	}
	return out
}

func (p *papers) meetings(day time.Time) []life {
	f := p.f
	s := f.seed.of("meeting").at(f.w.cal.number(day))
	n := poisson(s.rand(), f.profile.meetings*f.dayShare(day, 0.02))
	out := make([]life, 0, n)
	for i := range n {
		r := s.at(int64(i)).rand()
		id := fmt.Sprintf("%s%03d", prefix("HOP", f, day), i+1)
		// Meetings begin at half hours.
		at := day.Add(f.w.curves.office.draw(r)).Truncate(30 * time.Minute)
		data := &meetingData{
			MeetingID: id, Agency: pick(r, p.agencies, func(a agency) float64 { return a.Share }).Code,
			Paperless: chance(r, 0.8), At: stamp(at),
		}
		out = append(out, life{states: []event{happen(at, "phong-hop", "meeting", id, "1", data)}})
	}
	return out
}
