package chstore

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// knownSource is what is known of a source without looking at what it delivered when.
type knownSource struct {
	centre, domain, source string
	first, arrival, event  time.Time
	learned                float64 // interval in seconds; 0: none
	spans                  uint64  // that it rests on
	types                  []string
}

// heardSources reads the sources that were heard in the last 30 days. where picks some of them; empty: all.
func (s *Store) heardSources(ctx context.Context, now time.Time, where string) ([]knownSource, error) {
	if where == "" {
		where = "1"
	}
	var out []knownSource
	err := s.scan(ctx, "read sources", `SELECT f.centre, f.domain, f.source, f.first, f.arrival, f.event, i.seconds, i.spans, f.types
FROM (SELECT toString(centre) AS centre, toString(domain) AS domain, source, min(first_arrival) AS first, max(newest_arrival) AS arrival, max(newest_event) AS event,
    arraySort(groupUniqArray(toString(type))) AS types
  FROM feed_source WHERE `+where+` GROUP BY centre, domain, source HAVING arrival >= `+moment(now.Add(-knownFor))+`) AS f
LEFT JOIN (SELECT toString(centre) AS centre, toString(domain) AS domain, toString(source) AS source, seconds, spans FROM feed_interval FINAL WHERE `+where+`) AS i
  ON i.centre = f.centre AND i.domain = f.domain AND i.source = f.source`, nil, func(r driver.Rows) error {
		var k knownSource
		if err := r.Scan(&k.centre, &k.domain, &k.source, &k.first, &k.arrival, &k.event, &k.learned, &k.spans, &k.types); err != nil {
			return err
		}
		out = append(out, k)
		return nil
	})
	return out, err
}

// judge says how a source stands: by the interval that is agreed, else learned, else its domain's.
func (s *Store) judge(k knownSource, domainInterval float64, now time.Time) wire.FeedSource {
	out := wire.FeedSource{
		Centre: k.centre, Domain: k.domain, Source: k.source, IntervalSeconds: domainInterval, IntervalFrom: wire.IntervalDomain,
		FirstArrival: k.first, NewestArrival: k.arrival, NewestEvent: k.event,
	}
	if rule, ok := s.registry.Source(k.source); ok {
		out.IntervalSeconds, out.IntervalFrom = rule.Interval.Seconds(), wire.IntervalConfigured
	} else if k.learned > 0 {
		// An interval that was learned under another registry may be shorter than the domain's of now.
		out.IntervalSeconds, out.IntervalFrom, out.IntervalSpans = max(k.learned, domainInterval), wire.IntervalLearned, k.spans
	}
	out.State = query.FeedState(now.Sub(k.arrival).Seconds(), now.Sub(k.event).Seconds(), out.IntervalSeconds)
	return out
}

// Feeds implements the evaluator's store: every domain of every centre, also those that never sent. It is asked each second.
func (s *Store) Feeds(ctx context.Context, now time.Time) ([]wire.Feed, error) {
	health, err := s.standingFeeds(ctx, now)
	if err != nil {
		return nil, err
	}
	out := make([]wire.Feed, len(health))
	for i := range health {
		out[i] = health[i].Feed
	}
	return out, nil
}

// standingFeeds is how the feeds stand, without what they delivered.
func (s *Store) standingFeeds(ctx context.Context, now time.Time) ([]feedHealth, error) {
	out, index := s.feedsOf()
	known, err := s.heardSources(ctx, now, "")
	if err != nil {
		return nil, err
	}
	for _, k := range known {
		i, ok := index[[2]string{k.centre, k.domain}]
		if !ok {
			continue // of a centre that is no longer in the registry
		}
		out[i].hear(k, s.judge(k, out[i].IntervalSeconds, now))
	}
	for i := range out {
		if f := &out[i]; f.NewestArrival != nil {
			f.State = query.FeedState(now.Sub(*f.NewestArrival).Seconds(), now.Sub(*f.NewestEvent).Seconds(), f.IntervalSeconds)
		}
	}
	err = s.scan(ctx, "count refused events", `SELECT centre, domain, count() FROM rejected FINAL WHERE arrived >= `+moment(now.Add(-time.Hour))+`
GROUP BY centre, domain`, nil, func(r driver.Rows) error {
		var centre, domain string
		var n uint64
		if err := r.Scan(&centre, &domain, &n); err != nil {
			return err
		}
		if i, ok := index[[2]string{centre, domain}]; ok {
			out[i].RejectedHour = n
		}
		return nil
	})
	return out, err
}

// feedHealth is a feed with the moment at which it was first heard.
type feedHealth struct {
	wire.FeedHealth
	first time.Time
}

// hear adds one of its sources to a feed.
func (f *feedHealth) hear(k knownSource, judged wire.FeedSource) {
	f.Sources++
	switch judged.State {
	case wire.FeedSilent:
		f.SilentSources++
	case wire.FeedLate:
		f.LateSources++
	case wire.FeedAlive:
	}
	if f.first.IsZero() || k.first.Before(f.first) {
		f.first = k.first
	}
	if f.NewestArrival == nil || k.arrival.After(*f.NewestArrival) {
		f.NewestArrival = &k.arrival
	}
	if f.NewestEvent == nil || k.event.After(*f.NewestEvent) {
		f.NewestEvent = &k.event
	}
}

// feedsOf lists the feeds of the registry as never seen, and where each stands in the list.
func (s *Store) feedsOf() ([]feedHealth, map[[2]string]int) {
	var out []feedHealth
	index := map[[2]string]int{}
	for _, c := range s.registry.Centres {
		for _, d := range s.registry.Domains {
			index[[2]string{c.Code, d.Code}] = len(out)
			out = append(out, feedHealth{FeedHealth: wire.FeedHealth{Feed: wire.Feed{
				Centre: c.Code, Domain: d.Code, State: wire.FeedSilent, IntervalSeconds: d.Interval.Seconds(),
			}}})
		}
	}
	return out, index
}

// FeedHealth implements query.FeedStore.
func (s *Store) FeedHealth(ctx context.Context, now time.Time) ([]wire.FeedHealth, error) {
	feeds, err := s.standingFeeds(ctx, now)
	if err != nil {
		return nil, err
	}
	a, err := s.activity(ctx, "''", "1", now)
	if err != nil {
		return nil, err
	}
	out := make([]wire.FeedHealth, len(feeds))
	var gaps []gapAsk
	for i, f := range feeds {
		key := feedKey{f.Centre, f.Domain, ""}
		f.FeedActivity = a.of(key, f.first)
		out[i] = f.FeedHealth
		if !f.first.IsZero() {
			gaps = append(gaps, gapAsk{key, f.first, query.GapOver(f.IntervalSeconds)})
		}
	}
	found, err := s.gaps(ctx, "''", "1", gaps, a.began, now)
	for i := range out {
		out[i].Gaps = found[feedKey{out[i].Centre, out[i].Domain, ""}]
		out[i].Gaps.OverSeconds = query.GapOver(out[i].IntervalSeconds).Seconds()
	}
	return out, err
}

// SourceHealth implements query.FeedStore.
func (s *Store) SourceHealth(ctx context.Context, centre, domain string, now time.Time) ([]wire.FeedSource, error) {
	d, ok := s.registry.Domain(domain)
	if !ok {
		return nil, query.ErrNotFound
	}
	where := ofFeed(centre, domain)
	known, err := s.heardSources(ctx, now, where)
	if err != nil || len(known) == 0 {
		return nil, err
	}
	a, err := s.activity(ctx, "source", where, now)
	if err != nil {
		return nil, err
	}
	out := make([]wire.FeedSource, len(known))
	for i, k := range known {
		out[i] = s.judge(k, d.Interval.Seconds(), now)
		out[i].FeedActivity = a.of(feedKey{k.centre, k.domain, k.source}, k.first)
	}
	return out, nil
}

// SourceGaps implements query.FeedStore.
func (s *Store) SourceGaps(ctx context.Context, centre, domain string, list []query.GapRequest, now time.Time) (map[string]wire.FeedGaps, error) {
	began, err := s.countedSince(ctx, now)
	if err != nil {
		return nil, err
	}
	asks, names := make([]gapAsk, len(list)), make([]string, len(list))
	for i, g := range list {
		asks[i], names[i] = gapAsk{feedKey{centre, domain, g.Source}, g.Since, g.Over}, g.Source
	}
	found, err := s.gaps(ctx, "source", ofFeed(centre, domain)+" AND source IN ("+quotes(names)+")", asks, began, now)
	out := make(map[string]wire.FeedGaps, len(found))
	for key, g := range found {
		out[key.source] = g
	}
	return out, err
}

func ofFeed(centre, domain string) string {
	return "centre = " + quote(centre) + " AND domain = " + quote(domain)
}

// LearnIntervals implements the learner's store. What it looks at are the spans from the last delivery of one minute to the
// first of the next minute that has any: several deliveries that come together count as one. The interval is the length that
// 95 in 100 spans don't exceed, not shorter than the domain's and not longer than 48 h.
func (s *Store) LearnIntervals(ctx context.Context, now time.Time) error {
	for _, c := range s.registry.Centres {
		for _, d := range s.registry.Domains {
			err := s.exec(ctx, "learn intervals of "+c.Code+" "+d.Code, fmt.Sprintf(`INSERT INTO feed_interval (centre, domain, source, seconds, spans, at)
SELECT %s, %s, source, least(greatest(quantileExact(0.95)(span) / 1000, %g), %g) AS seconds, count() AS spans, %s
FROM (SELECT source, arrayJoin(arrayMap((next, last) -> next - last, arrayPopFront(heard.2), arrayPopBack(heard.3))) AS span
  FROM (SELECT source, arraySort(groupArray((minute, first, newest))) AS heard
    FROM (SELECT source, minute, toUnixTimestamp64Milli(min(first_arrival)) AS first, toUnixTimestamp64Milli(max(newest_arrival)) AS newest FROM feed_delivery
      WHERE %s AND minute >= toDateTime(%d, 'UTC') AND minute <= toDateTime(%d, 'UTC') GROUP BY source, minute)
    GROUP BY source))
GROUP BY source HAVING spans >= %d OR spans >= %d AND sum(span) >= %d`,
				quote(c.Code), quote(d.Code), d.Interval.Seconds(), max(query.MaxLearned, d.Interval).Seconds(), moment(now),
				ofFeed(c.Code, d.Code), now.Add(-7*24*time.Hour).Unix(), now.Unix(), query.MinLearned, query.MinSpans, query.MinCovered.Milliseconds()))
			if err != nil {
				return err
			}
		}
	}
	return nil
}
