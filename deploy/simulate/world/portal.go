package world

import (
	"time"
)

const portalInterval = 5 * time.Second

// portal measures the province's online systems. It is what a service feed says in the quietest hour of the night.
type portal struct{ f *Feed }

func newPortal(f *Feed) *portal { return &portal{f} }

type readingsData struct {
	Readings []readingData `json:"readings"`
}

func (p *portal) between(from, to time.Time, thinned bool) []event {
	var out []event
	f, w := p.f, p.f.w
	for _, system := range []string{"cong-dich-vu-cong", "truc-lien-thong"} {
		s := f.seed.of(system)
		f.ticks(s, portalInterval, from, to, func(n int64, at time.Time) {
			if thinned && n%thinnedTo(portalInterval) != 0 {
				return
			}
			load := w.curves.online.at(w.cal.clock(at)) * (1 + 0.12*s.of("load").smooth(at, 3*time.Minute))
			if !w.cal.working(at) {
				load *= 0.35
			}
			sessions := round(f.profile.dossiers*0.35*load, 0)
			out = append(out, event{
				at: at, domain: "service", name: system, kind: "reading", id: tickID(at),
				data: readingsData{[]readingData{
					{Metric: "sessions", Value: sessions},
					{Metric: "response_ms", Value: round(85+30*load+25*s.of("delay").at(n).unit(), 0), Unit: "ms"},
				}},
			})
		})
	}
	return out
}
