package world

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// tickets are questions, petitions and reports from the field.
type tickets struct {
	f        *Feed
	agencies []agency
}

type ticketData struct {
	TicketID   string   `json:"ticket_id"`
	Kind       string   `json:"kind"`
	Channel    string   `json:"channel"`
	Agency     string   `json:"agency,omitempty"`
	Topic      string   `json:"topic"`
	Status     string   `json:"status"`
	ReceivedAt string   `json:"received_at"`
	DueAt      string   `json:"due_at,omitempty"`
	ResolvedAt string   `json:"resolved_at,omitempty"`
	Rating     int      `json:"rating,omitempty"`
	Lat        *float64 `json:"lat,omitempty"`
	Lon        *float64 `json:"lon,omitempty"`
}

func (t *tickets) births(day time.Time) []life {
	f := t.f
	s := f.seed.of("ticket").at(f.w.cal.number(day))
	n := poisson(s.rand(), f.profile.tickets*f.dayShare(day, 0.5))
	out := make([]life, 0, n)
	for i := range n {
		out = append(out, t.life(s.at(int64(i)).rand(), day, fmt.Sprintf("%s%04d", prefix("PA", f, day), i+1)))
	}
	return out
}

func (t *tickets) life(r *rand.Rand, day time.Time, id string) life {
	f, cal := t.f, t.f.w.cal
	received := day.Add(f.w.curves.hotline.draw(r))
	data := ticketData{TicketID: id, Topic: f.w.cat.Topics[r.IntN(len(f.w.cat.Topics))], ReceivedAt: stamp(received)}
	data.Channel = choose(r, []string{"phone", "web", "app", "zalo", "email"}, 0.36, 0.18, 0.22, 0.2, 0.04)
	data.Kind = choose(r, []string{"question", "petition", "field_report"}, 0.4, 0.22, 0.38)
	days := map[string]int{"question": 2, "petition": 7, "field_report": 3}[data.Kind]
	due := cal.due(received, days)
	data.DueAt = stamp(due)
	if data.Kind == "field_report" {
		lat, lon := round(f.centre.Lat+r.NormFloat64()*0.02, 6), round(f.centre.Lon+r.NormFloat64()*0.02, 6)
		data.Lat, data.Lon = &lat, &lon
	}

	var l life
	tell := func(at time.Time, status string) {
		data.Status = status
		state := data
		l.states = append(l.states, happen(at, "phan-anh", "ticket", id, fmt.Sprintf("%d-%s", len(l.states)+1, status), &state))
	}
	tell(received, "received")
	if data.Kind == "question" && chance(r, 0.45) { // answered at once
		at := received.Add(2*time.Minute + around(r, 6*time.Minute))
		data.ResolvedAt = stamp(at)
		data.Rating = rating(r, false)
		tell(at, "resolved")
		return l
	}
	forwarded := cal.add(received, 5*time.Minute+around(r, 40*time.Minute))
	data.Agency = pick(r, t.agencies, func(a agency) float64 { return a.Share }).Code
	tell(forwarded, "forwarded")
	resolved := cal.add(forwarded, time.Duration(float64(days)*8*between(r, 0.1, 0.85)*float64(time.Hour)))
	if !resolved.Before(due) {
		resolved = later(forwarded, due.Add(-time.Hour))
	}
	if chance(r, 1.5*f.profile.late) {
		resolved = cal.add(due, 20*time.Minute+around(r, 6*time.Hour))
	}
	late := resolved.After(due)
	data.ResolvedAt = stamp(resolved)
	if chance(r, 0.5) {
		data.Rating = rating(r, late)
	}
	tell(resolved, "resolved")
	if again := cal.add(resolved, time.Hour+around(r, 3*time.Hour)); data.Rating > 0 && data.Rating <= 2 && again.Before(due) {
		data.ResolvedAt, data.Rating = "", 0
		tell(again, "reopened")
		resolved = later(again, due.Add(-30*time.Minute))
		data.ResolvedAt, data.Rating = stamp(resolved), 4
		tell(resolved, "resolved")
	}
	return l
}

// choose draws one of a list by its shares, which add up to 1.
func choose(r *rand.Rand, list []string, shares ...float64) string {
	x := r.Float64()
	for i, share := range shares {
		if x -= share; x < 0 {
			return list[i]
		}
	}
	return list[len(list)-1]
}
