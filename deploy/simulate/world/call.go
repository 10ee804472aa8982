package world

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// calls are the calls to the 1022 hotline of a centre.
type calls struct{ f *Feed }

type callData struct {
	CallID     string `json:"call_id"`
	Topic      string `json:"topic,omitempty"`
	Status     string `json:"status"`
	QueuedAt   string `json:"queued_at"`
	AnsweredAt string `json:"answered_at,omitempty"`
	EndedAt    string `json:"ended_at,omitempty"`
	Rating     int    `json:"rating,omitempty"`
}

// births plays a day of the hotline: callers come by the curve, wait in one queue for the next free agent,
// and hang up when it takes too long.
func (c *calls) births(day time.Time) []life {
	f := c.f
	s := f.seed.of("call").at(f.w.cal.number(day))
	r := s.rand()
	times := make([]time.Time, poisson(r, f.profile.calls*f.dayShare(day, 0.45)))
	for i := range times {
		times[i] = day.Add(f.w.curves.hotline.draw(r))
	}
	slices.SortFunc(times, time.Time.Compare)

	free := make([]time.Time, int(math.Ceil(float64(f.profile.agents)*f.w.rate))) // when each agent is free again
	out := make([]life, 0, len(times))
	for i, at := range times {
		r := s.at(int64(i)).rand()
		on := c.onDuty(len(free), f.w.cal.clock(at))
		next := 0
		for a := range on {
			if free[a].Before(free[next]) {
				next = a
			}
		}
		ringing := spread(r, 3*time.Second, 9*time.Second)
		answered := at.Add(ringing)
		if wait := free[next].Add(2 * time.Second); wait.After(answered) {
			answered = wait
		}
		patience := 20*time.Second + around(r, 100*time.Second)
		ended := time.Time{}
		if answered.Sub(at) <= patience {
			ended = answered.Add(40*time.Second + around(r, 165*time.Second))
			free[next] = ended.Add(5 * time.Second)
		}
		out = append(out, c.life(r, fmt.Sprintf("%s%05d", prefix("CG", f, day), i+1), at, answered, ended, at.Add(patience)))
	}
	return out
}

// onDuty returns how many of the agents work at a time of day: all by day, fewer at lunch, few at night.
func (c *calls) onDuty(all int, clock time.Duration) int {
	share := 1.0
	switch {
	case clock < 6*time.Hour || clock >= 21*time.Hour:
		share = 0.25
	case clock < morning || clock >= 18*time.Hour:
		share = 0.5
	case clock >= noon && clock < afternoon:
		share = 0.6
	}
	return max(1, int(math.Round(float64(all)*share)))
}

// life tells a call; it was abandoned when ended is zero.
func (c *calls) life(r *rand.Rand, id string, queued, answered, ended, gaveUp time.Time) life {
	data := callData{CallID: id, QueuedAt: stamp(queued)}
	var l life
	tell := func(at time.Time, status string) {
		data.Status = status
		state := data
		l.states = append(l.states, happen(at, "tong-dai-1022", "call", id, status, &state))
	}
	tell(queued, "waiting")
	if ended.IsZero() {
		data.EndedAt = stamp(gaveUp)
		tell(gaveUp, "abandoned")
		return l
	}
	topics := c.f.w.cat.Topics
	// Some topics are asked for much more often than others.
	data.Topic = topics[int(math.Pow(r.Float64(), 1.7)*float64(len(topics)))]
	data.AnsweredAt = stamp(answered)
	tell(answered, "answered")
	data.EndedAt = stamp(ended)
	if chance(r, 0.3) {
		data.Rating = rating(r, answered.Sub(queued) > time.Minute)
	}
	tell(ended, "ended")
	return l
}
