package chstore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/binhphuoc/ioc/schemas/wire"
)

// feedKey names a source, or with an empty source a feed as a whole.
type feedKey struct{ centre, domain, source string }

// usualDays is how many days before are looked at for what is usual.
const usualDays = 7

// activity is what was delivered, by source or by feed.
type activity struct {
	spans map[feedKey]*[2]wire.FeedSpan // last hour, last 24 hours
	past  map[feedKey]*[usualDays]float64
	began time.Time // when counting began
	hour  time.Time // start of the last 60 minutes
}

// minuteStart is the start of the first of the last so many minutes, the running one included.
func minuteStart(now time.Time, minutes int) time.Time {
	return now.Truncate(time.Minute).Add(-time.Duration(minutes-1) * time.Minute)
}

func (a *activity) at(k feedKey) *[2]wire.FeedSpan {
	if a.spans[k] == nil {
		a.spans[k] = &[2]wire.FeedSpan{}
	}
	return a.spans[k]
}

// activity reads what was delivered in the last 24 hours, and in the same hour of the days before.
// by is what tells the rows of a feed apart: source, or the literal ” for the feed as a whole.
func (s *Store) activity(ctx context.Context, by, where string, now time.Time) (*activity, error) {
	a := &activity{spans: map[feedKey]*[2]wire.FeedSpan{}, past: map[feedKey]*[usualDays]float64{}, hour: minuteStart(now, 60)}
	var err error
	if a.began, err = s.countedSince(ctx, now); err != nil {
		return nil, err
	}
	for _, read := range []func(context.Context, *activity, string, string, time.Time) error{s.delivered, s.refused, s.past} {
		if err := read(ctx, a, by, where, now); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// countedSince is the first minute of which deliveries are kept; now when there is none.
func (s *Store) countedSince(ctx context.Context, now time.Time) (time.Time, error) {
	began := now
	err := s.scan(ctx, "read since when deliveries are counted", "SELECT min(minute) FROM feed_delivery HAVING count() > 0", nil,
		func(r driver.Rows) error { return r.Scan(&began) })
	return began, err
}

// lastMinutes admits the rows of the last 24 hours.
func lastMinutes(now time.Time) string {
	return fmt.Sprintf("minute >= toDateTime(%d, 'UTC') AND minute <= toDateTime(%d, 'UTC')", minuteStart(now, 1440).Unix(), now.Unix())
}

// inHour admits, of these, the rows of the last hour.
func inHour(a *activity) string { return fmt.Sprintf("minute >= toDateTime(%d, 'UTC')", a.hour.Unix()) }

// delivered reads counts, and quantiles of delays by the nearest rank (type 1 of Hyndman and Fan, 1996): a delay that some event had.
func (s *Store) delivered(ctx context.Context, a *activity, by, where string, now time.Time) error {
	var sums []string
	for _, c := range []string{"events", "repeats", "backfilled", "ahead"} {
		sums = append(sums, "sumIf("+c+", "+inHour(a)+")", "sum("+c+")")
	}
	return s.scan(ctx, "count deliveries", `SELECT centre, domain, toString(`+by+`) AS name, `+strings.Join(sums, ", ")+`,
  quantilesExactWeightedArrayIf(0.5, 0.99)(delayMap.ms, delayMap.n, `+inHour(a)+`), quantilesExactWeightedArray(0.5, 0.99)(delayMap.ms, delayMap.n)
FROM feed_event FINAL WHERE `+where+` AND `+lastMinutes(now)+` GROUP BY centre, domain, name `+byPartition, nil, func(r driver.Rows) error {
		var k feedKey
		var hour, day wire.FeedSpan
		var delayHour, delayDay []int32
		if err := r.Scan(&k.centre, &k.domain, &k.source, &hour.Events, &day.Events, &hour.Repeats, &day.Repeats,
			&hour.Backfilled, &day.Backfilled, &hour.Ahead, &day.Ahead, &delayHour, &delayDay); err != nil {
			return err
		}
		setDelays(&hour, delayHour)
		setDelays(&day, delayDay)
		*a.at(k) = [2]wire.FeedSpan{hour, day}
		return nil
	})
}

// byPartition lets FINAL work on one partition at a time: the rows of one minute are all in one.
const byPartition = "SETTINGS do_not_merge_across_partitions_select_final = 1"

func setDelays(s *wire.FeedSpan, ms []int32) {
	if s.Events == s.Backfilled {
		return
	}
	p50, p99 := float64(ms[0])/1000, float64(ms[1])/1000
	s.DelayP50, s.DelayP99 = &p50, &p99
}

func (s *Store) refused(ctx context.Context, a *activity, by, where string, now time.Time) error {
	return s.scan(ctx, "count refused events of sources", `SELECT centre, domain, toString(`+by+`) AS name, countIf(arrived >= `+moment(a.hour)+`), count()
FROM rejected FINAL WHERE `+where+` AND arrived >= `+moment(minuteStart(now, 1440))+` AND arrived <= `+moment(now)+` GROUP BY centre, domain, name`,
		nil, func(r driver.Rows) error {
			var k feedKey
			var hour, day uint64
			if err := r.Scan(&k.centre, &k.domain, &k.source, &hour, &day); err != nil {
				return err
			}
			spans := a.at(k)
			spans[0].Rejected, spans[1].Rejected = hour, day
			return nil
		})
}

func (s *Store) past(ctx context.Context, a *activity, by, where string, now time.Time) error {
	minute := now.Truncate(time.Minute)
	hours := make([]string, usualDays)
	for i := range hours {
		back := time.Duration(i+1) * 24 * time.Hour
		hours[i] = fmt.Sprintf("minute >= toDateTime(%d, 'UTC') AND minute <= toDateTime(%d, 'UTC')", a.hour.Add(-back).Unix(), minute.Add(-back).Unix())
	}
	return s.scan(ctx, "count deliveries of the days before", fmt.Sprintf(`SELECT centre, domain, toString(%s) AS name, toUInt8(intDiv(%d - toUnixTimestamp(minute), 86400)) AS back, toFloat64(sum(events))
FROM feed_event FINAL WHERE %s AND (%s) GROUP BY centre, domain, name, back `+byPartition, by, minute.Unix(), where, strings.Join(hours, " OR ")), nil, func(r driver.Rows) error {
		var k feedKey
		var back uint8
		var events float64
		if err := r.Scan(&k.centre, &k.domain, &k.source, &back, &events); err != nil {
			return err
		}
		if a.past[k] == nil {
			a.past[k] = &[usualDays]float64{}
		}
		a.past[k][back-1] = events
		return nil
	})
}

// of is the activity of a source or a feed that was first heard at a moment.
func (a *activity) of(k feedKey, first time.Time) wire.FeedActivity {
	spans := *a.at(k)
	out := wire.FeedActivity{Hour: shared(spans[0]), Day: shared(spans[1])}
	since := slices.MaxFunc([]time.Time{first, a.began}, time.Time.Compare).Truncate(time.Minute)
	var counts []float64
	for i := range usualDays {
		if a.hour.Add(-time.Duration(i+1) * 24 * time.Hour).Before(since) {
			break
		}
		n := 0.0 // nothing came on a day on which something could
		if a.past[k] != nil {
			n = a.past[k][i]
		}
		counts = append(counts, n)
	}
	if out.UsualDays = len(counts); out.UsualDays == 0 {
		return out
	}
	usual := median(counts)
	out.UsualHour = &usual
	if usual > 0 {
		rate := float64(out.Hour.Events) / usual
		out.Rate = &rate
	}
	return out
}

// shared adds the share of what was refused.
func shared(s wire.FeedSpan) wire.FeedSpan {
	if all := s.Events + s.Repeats + s.Rejected; all > 0 {
		share := float64(s.Rejected) / float64(all)
		s.RejectedShare = &share
	}
	return s
}

func median(counts []float64) float64 {
	slices.Sort(counts)
	n := len(counts)
	return (counts[(n-1)/2] + counts[n/2]) / 2
}

// gapAsk asks for the gaps of a source, or of a feed as a whole.
type gapAsk struct {
	feedKey
	since time.Time // when it was first heard
	over  time.Duration
}

// gaps finds the spans without any delivery within the last 24 hours, or since the first delivery when that was later.
// began is when counting began at all.
func (s *Store) gaps(ctx context.Context, by, where string, asks []gapAsk, began, now time.Time) (map[feedKey]wire.FeedGaps, error) {
	out := map[feedKey]wire.FeedGaps{}
	if len(asks) == 0 {
		return out, nil
	}
	day := now.Add(-24 * time.Hour)
	keys, starts, overs := make([]string, len(asks)), make([]string, len(asks)), make([]string, len(asks))
	for i, a := range asks {
		start := slices.MaxFunc([]time.Time{day, a.since, began}, time.Time.Compare)
		keys[i] = "/" + a.centre + "/" + a.domain + "/" + a.source
		starts[i], overs[i] = fmt.Sprintf("toInt64(%d)", start.UnixMilli()), fmt.Sprintf("toInt64(%d)", a.over.Milliseconds())
		// One that delivered nothing is in no row.
		if gone := now.Sub(start); gone > a.over {
			out[a.feedKey] = wire.FeedGaps{Count: 1, Longest: &wire.FeedGap{From: start.UTC(), Seconds: gone.Seconds()}}
		}
	}
	list := func(items []string) string { return "[" + strings.Join(items, ",") + "]" }
	err := s.scan(ctx, "find gaps", fmt.Sprintf(`WITH concat('/', centre, '/', domain, '/', name) AS key, arraySort(groupArray((first, newest))) AS heard,
  arrayZip(arrayPushFront(heard.2, transform(key, [%[1]s], %[2]s, toInt64(0))), arrayPushBack(heard.1, toInt64(%[3]d))) AS between,
  arrayFilter(g -> g.2 - g.1 > transform(key, [%[1]s], %[4]s, toInt64(9223372036854775807)), between) AS found
SELECT centre, domain, name, length(found), arraySort(g -> (g.1 - g.2, g.1), found)[1].1, arraySort(g -> (g.1 - g.2, g.1), found)[1].2
FROM (SELECT toString(centre) AS centre, toString(domain) AS domain, toString(%[5]s) AS name, minute, toUnixTimestamp64Milli(min(first_arrival)) AS first, toUnixTimestamp64Milli(max(newest_arrival)) AS newest
  FROM feed_delivery WHERE %[6]s AND minute >= toDateTime(%[7]d, 'UTC') AND minute <= toDateTime(%[8]d, 'UTC') GROUP BY centre, domain, name, minute)
GROUP BY centre, domain, name`, quotes(keys), list(starts), now.UnixMilli(), list(overs), by, where, day.Truncate(time.Minute).Unix(), now.Unix()), nil, func(r driver.Rows) error {
		var k feedKey
		var n uint64
		var from, to int64
		if err := r.Scan(&k.centre, &k.domain, &k.source, &n, &from, &to); err != nil {
			return err
		}
		g := wire.FeedGaps{Count: n}
		if n > 0 {
			g.Longest = &wire.FeedGap{From: time.UnixMilli(from).UTC(), Seconds: float64(to-from) / 1000}
			if end := time.UnixMilli(to).UTC(); to < now.UnixMilli() {
				g.Longest.To = &end
			}
		}
		out[k] = g
		return nil
	})
	return out, err
}
