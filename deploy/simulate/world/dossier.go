package world

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// dossiers are the administrative dossiers that the agencies of a centre handle.
type dossiers struct {
	f        *Feed
	agencies []agency
}

type dossierData struct {
	DossierID   string `json:"dossier_id"`
	Procedure   string `json:"procedure"`
	Agency      string `json:"agency"`
	Level       int    `json:"level"`
	Channel     string `json:"channel"`
	Status      string `json:"status"`
	ReceivedAt  string `json:"received_at"`
	DueAt       string `json:"due_at"`
	CompletedAt string `json:"completed_at,omitempty"`
	PaidOnline  bool   `json:"paid_online"`
	Digitised   bool   `json:"digitised"`
	Rating      int    `json:"rating,omitempty"`
}

func (d *dossiers) births(day time.Time) []life {
	f, cal := d.f, d.f.w.cal
	s := f.seed.of("dossier").at(cal.number(day))
	n := poisson(s.rand(), f.profile.dossiers*f.dayShare(day, 0.14))
	out := make([]life, 0, n)
	for i := range n {
		r := s.at(int64(i)).rand()
		out = append(out, d.life(r, day, fmt.Sprintf("%s%05d", prefix("HS", f, day), i+1)))
	}
	return out
}

func (d *dossiers) life(r *rand.Rand, day time.Time, id string) life {
	w, cal := d.f.w, d.f.w.cal
	office := pick(r, d.agencies, func(a agency) float64 { return a.Share })
	what := pick(r, office.Procedures, func(p procedure) float64 { return p.Share })
	data := dossierData{DossierID: id, Procedure: what.Name, Agency: office.Code, Level: what.Level, Channel: "online"}
	if x := r.Float64(); cal.working(day) && x > 0.70 {
		data.Channel = "counter"
		if x > 0.97 {
			data.Channel = "post"
		}
	}
	shape := w.curves.online
	if data.Channel != "online" {
		shape = w.curves.office
	}
	received := day.Add(shape.draw(r))
	due := cal.due(received, what.Days)
	online := data.Channel == "online"
	data.PaidOnline = chance(r, pickIf(online, 0.60, 0.10))
	data.Digitised = chance(r, pickIf(online, 0.70, 0.38))
	data.ReceivedAt, data.DueAt = stamp(received), stamp(due)

	var l life
	tell := func(at time.Time, status string) {
		data.Status = status
		state := data
		e := happen(at, "mot-cua", "dossier", id, fmt.Sprintf("%d-%s", len(l.states)+1, status), &state)
		e.binary = d.f.profile.binary
		l.states = append(l.states, e)
	}
	tell(received, "received")
	begun := cal.add(received, time.Minute+around(r, 25*time.Minute))
	ended := d.ended(r, begun, due, what.Days)
	late := ended.After(due)
	tell(begun, "processing")
	if asked := cal.add(begun, time.Hour+around(r, 2*time.Hour)); what.Days > 0 && chance(r, 0.07) {
		if back := cal.add(asked, 2*time.Hour+around(r, 6*time.Hour)); back.Before(ended) {
			tell(asked, "supplement")
			tell(back, "processing")
		}
	}
	switch x := r.Float64(); {
	case x < 0.02:
		tell(ended, "returned")
	case x < 0.03:
		tell(ended, "withdrawn")
	default:
		data.CompletedAt = stamp(ended)
		if chance(r, 0.35) {
			data.Rating = rating(r, late)
		}
		tell(ended, "completed")
	}
	return l
}

// ended returns when the work is done: a share of the time that the procedure has, and for a few of them more.
func (d *dossiers) ended(r *rand.Rand, begun, due time.Time, days int) time.Time {
	cal := d.f.w.cal
	if chance(r, d.f.profile.late) {
		return cal.add(due, 10*time.Minute+around(r, 5*time.Hour))
	}
	if days == 0 {
		if ended := cal.add(begun, 10*time.Minute+around(r, 45*time.Minute)); ended.Before(due) {
			return ended
		}
		return later(begun, due.Add(-time.Duration(between(r, 1, 20)*float64(time.Minute))))
	}
	work := time.Duration(float64(days) * 8 * between(r, 0.25, 0.97) * float64(time.Hour))
	if ended := cal.add(begun, work); ended.Before(due) {
		return ended
	}
	return later(begun, due.Add(-spread(r, 5*time.Minute, 3*time.Hour)))
}

// later returns t, or a moment after begun when t is before that.
func later(begun, t time.Time) time.Time {
	if !t.After(begun) {
		return begun.Add(time.Minute)
	}
	return t
}

// rating draws how content somebody is: 1 to 5.
func rating(r *rand.Rand, late bool) int {
	shares := []float64{0.01, 0.015, 0.04, 0.22, 0.715}
	if late {
		shares = []float64{0.25, 0.25, 0.25, 0.15, 0.10}
	}
	x := r.Float64()
	for i, share := range shares {
		if x -= share; x < 0 {
			return i + 1
		}
	}
	return 5
}

func pickIf(condition bool, yes, no float64) float64 {
	if condition {
		return yes
	}
	return no
}
