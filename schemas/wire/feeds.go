package wire

import "time"

// FeedSpan says what was delivered over the last hour or the last 24 hours: the last 60 or 1,440 minutes of the clock, the
// running one included. It is of the time of arrival: history that is brought in now was delivered now, however old it is.
type FeedSpan struct {
	Events  uint64 `json:"events"`  // deliveries that brought something new: an event or a correction
	Repeats uint64 `json:"repeats"` // deliveries that brought no event that holds: the same again, whoever repeated it (also a broker), or a version since replaced
	// Backfilled are the events that arrived an hour or more after their time. They are in no delay.
	Backfilled    uint64   `json:"backfilled"`
	Ahead         uint64   `json:"ahead"` // events whose time lies after their arrival: a clock is wrong
	Rejected      uint64   `json:"rejected"`
	RejectedShare *float64 `json:"rejected_share"` // of all deliveries (events, repeats and refused), 0 to 1; null: there was none
	// Seconds from an event's time to its arrival; below zero when the source's clock is ahead. Of the events that were not
	// backfilled, the least delay that half (99 in 100) of them don't exceed, up to 1 % off; null: there was none.
	DelayP50 *float64 `json:"delay_p50_seconds"`
	DelayP99 *float64 `json:"delay_p99_seconds"`
}

// FeedActivity is what comes, against what usually comes.
type FeedActivity struct {
	Hour FeedSpan `json:"hour"`
	Day  FeedSpan `json:"day"`
	// UsualHour is the median of the events in the same hour of the clock on the days before, up to seven of them.
	UsualHour *float64 `json:"usual_hour"`
	UsualDays int      `json:"usual_days"` // that it rests on
	Rate      *float64 `json:"rate"`       // events of the last hour by the usual; null: nothing is usual yet, or nothing is what is usual
	Gaps      FeedGaps `json:"gaps"`
}

// FeedGaps are the spans of the last 24 hours without any delivery that are longer than OverSeconds.
type FeedGaps struct {
	OverSeconds float64  `json:"over_seconds"` // three times the expected interval, at least a minute
	Count       uint64   `json:"count"`
	Longest     *FeedGap `json:"longest"`
}

// FeedGap is a span without any delivery. Of one that began before the last 24 hours it is the part within.
type FeedGap struct {
	From    time.Time  `json:"from"`
	To      *time.Time `json:"to"` // null: it goes on
	Seconds float64    `json:"seconds"`
}

// FeedHealth is all that is known of a feed. What is summed up is computed from the counts of its sources.
type FeedHealth struct {
	Feed
	LateSources uint64 `json:"late_sources"`
	FeedActivity
}

// Where the expected interval of a source comes from.
const (
	IntervalConfigured = "configured" // the registry names the source
	IntervalLearned    = "learned"    // from the spans between its deliveries in the last 7 days
	IntervalDomain     = "domain"     // the registry's for the domain: the source's own history is too short
)

// FeedSource is the health of one source.
type FeedSource struct {
	Centre          string    `json:"centre"`
	Domain          string    `json:"domain"`
	Source          string    `json:"source"`
	State           FeedState `json:"state"`
	IntervalSeconds float64   `json:"interval_seconds"` // in which it is expected to send at least once
	IntervalFrom    string    `json:"interval_from"`
	IntervalSpans   uint64    `json:"interval_spans"` // that a learned interval rests on, else 0
	FirstArrival    time.Time `json:"first_arrival"`
	NewestArrival   time.Time `json:"newest_arrival"`
	NewestEvent     time.Time `json:"newest_event"` // its time by the source's clock
	FeedActivity
}

// FeedSourceList is one page of the sources of a feed.
type FeedSourceList struct {
	Sources []FeedSource `json:"sources"`
	Total   int          `json:"total"` // of all pages
	Next    string       `json:"next"`  // where the next page begins; empty: there is none
}
