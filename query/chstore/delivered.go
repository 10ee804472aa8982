package chstore

import (
	"context"
	"time"

	"github.com/binhphuoc/ioc/schemas"
)

// Delivered implements rollup.Tables. An event counts in the minute in which the version that holds first arrived. A delivery
// that brought no such event is a repeat: the same again, or a version that another one had replaced before the minute was
// counted. What clerks hand in was delivered by no feed.
func (s *Store) Delivered(ctx context.Context, minutes []time.Time) error {
	arrived := within("arrived", time.Minute, minutes) + " AND transport != " + quote(schemas.TransportUpload)
	minute := within("minute", time.Minute, minutes)
	const none = "CAST([], 'Array(Int32)'), CAST([], 'Array(UInt64)')"
	return s.exec(ctx, "count what was delivered", `INSERT INTO feed_event
  (minute, centre, domain, source, events, repeats, backfilled, ahead, delayMap.ms, delayMap.n, computed)
SELECT minute, centre, domain, source, sum(p.events), greatest(toInt64(sum(p.deliveries)) - toInt64(sum(p.events)), 0), sum(p.backfilled), sum(p.ahead),
  sumMap(p.ms, p.n).1, sumMap(p.ms, p.n).2, `+computed+`
FROM (
SELECT minute, centre, domain, source, events, 0 AS deliveries, backfilled, ahead, delays.1 AS ms, delays.2 AS n
FROM (SELECT toStartOfMinute(arrived) AS minute, centre, domain, source, count() AS events, countIf(delay >= `+backfillAfter+`) AS backfilled,
    countIf(delay < 0) AS ahead, sumMapIf([`+coarse("delay")+`], [toUInt64(1)], delay < `+backfillAfter+`) AS delays
  FROM (SELECT centre, domain, source, arrived, toUnixTimestamp64Milli(arrived) - toUnixTimestamp64Milli(time) AS delay
    FROM (SELECT centre, domain, source, arrived, time, transport FROM `+measuresArrived(arrived)+`
      UNION ALL SELECT centre, domain, source, arrived, time, transport FROM `+statesArrived(arrived)+`)
    WHERE `+arrived+`)
  GROUP BY minute, centre, domain, source)
UNION ALL
SELECT minute, centre, domain, source, 0, deliveries, 0, 0, `+none+` FROM feed_delivery WHERE `+minute+`
UNION ALL
SELECT minute, centre, domain, source, 0, 0, 0, 0, `+none+` FROM feed_event FINAL WHERE `+minute+` AND events + repeats > 0
) AS p GROUP BY minute, centre, domain, source`)
}

// backfillAfter is how late an event must arrive to count as brought in afterwards, in milliseconds: an hour.
// KPI feed.delay leaves out the same ones.
const backfillAfter = "3600000"

// measuresArrived is the SQL of the measurements of which a version arrived so. The one that holds may have arrived otherwise.
func measuresArrived(so string) string {
	// They stand together by minute, and by source within a minute: what brings in history reads no other's.
	return holding("(raw.minute, raw.type, raw.centre, raw.source) IN (SELECT DISTINCT minute, type, centre, source FROM raw_measure WHERE "+so+")",
		"minute IN (SELECT DISTINCT minute FROM raw_measure WHERE "+so+")")
}

// statesArrived is measuresArrived for states.
func statesArrived(so string) string {
	return states("(type, centre, entity) IN (SELECT DISTINCT type, centre, entity FROM raw_state WHERE " + so + ")")
}

// coarse rounds a number of milliseconds to 7 leading bits, which is less than 1 % off, so that a minute has few different
// delays. Clocks that are ahead by more than an hour are taken to be ahead by one.
func coarse(ms string) string {
	const unit = "intDiv(roundToExp2(abs(ms)), 64)"
	return "arrayMap(ms -> toInt32(if(abs(ms) < 128, ms, sign(ms) * (intDiv(abs(ms), " + unit + ") * " + unit + " + intDiv(" + unit + ", 2)))), [greatest(" + ms + ", -" + backfillAfter + ")])[1]"
}
