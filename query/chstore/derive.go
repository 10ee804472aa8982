package chstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/binhphuoc/ioc/query/rollup"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/period"
)

// touchedBy is the SQL of the things that touches name.
func touchedBy(typ string, touches []rollup.Touch) string {
	batches := make([]string, len(touches))
	oldest := touches[0].At
	for i, t := range touches {
		batches[i] = t.Batch.String()
		if t.At.Before(oldest) {
			oldest = t.At
		}
	}
	// A batch's rows are stamped in one insert, but by more than one block when it is large.
	return "SELECT centre, entity FROM touched WHERE at >= " + moment(oldest.Add(-time.Minute)) +
		" AND type = " + quote(typ) + " AND batch IN (" + quotes(batches) + ")"
}

// Entities implements rollup.Tables.
func (s *Store) Entities(ctx context.Context, typ string, at []rollup.Place, touches []rollup.Touch) (map[rollup.Place][]time.Time, error) {
	things := map[string]string{typ: touchedBy(typ, touches)}
	left, types, err := s.left(ctx, typ, touches)
	if err != nil {
		return nil, err
	}
	for _, t := range types {
		more := "SELECT centre, entity FROM (" + left + ") WHERE type = " + quote(t)
		if things[t] != "" {
			more = things[t] + " UNION ALL " + more
		}
		things[t] = more
	}
	out := map[rollup.Place][]time.Time{}
	for t, sql := range things {
		if err := s.entities(ctx, t, at, sql, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// entities computes how things of one type stand, and adds where they ever stood.
func (s *Store) entities(ctx context.Context, typ string, at []rollup.Place, things string, out map[rollup.Place][]time.Time) error {
	if err := s.exec(ctx, "compute how each "+typ+" stands", entitySQL(typ, "(centre, entity) IN ("+things+")")); err != nil {
		return err
	}
	var fields []string
	for _, p := range at {
		if p.Of == typ {
			fields = append(fields, p.At)
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return s.scan(ctx, "find buckets of "+typ, `SELECT field, groupUniqArray(bucket) FROM entity_place
WHERE type = `+quote(typ)+` AND (centre, entity) IN (`+things+`) AND field IN (`+quotes(fields)+`) GROUP BY field`, nil, func(r driver.Rows) error {
		var field string
		var buckets []time.Time
		if err := r.Scan(&field, &buckets); err != nil {
			return err
		}
		out[rollup.Place{Of: typ, At: field}] = buckets
		return nil
	})
}

// left marks the states that a correction in one of these batches took from one thing to another. It returns the SQL of all
// things that these were ever said to be of, and the types among them; none most of the time.
func (s *Store) left(ctx context.Context, typ string, touches []rollup.Touch) (things string, types []string, err error) {
	since := touches[0].Since
	for _, t := range touches {
		if t.Since.Before(since) {
			since = t.Since
		}
	}
	// Only what arrived with these batches can have left anything.
	moved := movedStates("key IN (SELECT key FROM raw_state WHERE type = " + quote(typ) + " AND (centre, entity) IN (" + touchedBy(typ, touches) + ") AND arrived >= " + moment(since) + ")")
	things = "SELECT DISTINCT place.1 AS type, place.2 AS centre, place.3 AS entity FROM (" + moved + ") ARRAY JOIN places AS place"
	err = s.scan(ctx, "find states of other things", "SELECT DISTINCT type FROM ("+things+")", nil, func(r driver.Rows) error {
		var t string
		if err := r.Scan(&t); err != nil {
			return err
		}
		types = append(types, t)
		return nil
	})
	if err != nil || len(types) == 0 {
		return things, nil, err
	}
	return things, types, s.exec(ctx, "mark states of other things", markLeft(moved))
}

// movedStates is the SQL of the events, among those that a condition admits, that were ever said to be of more than one thing.
func movedStates(where string) string {
	return `SELECT key, groupUniqArray((type, centre, entity)) AS places, max(version) AS winner
FROM state_key WHERE ` + where + ` GROUP BY key HAVING length(places) > 1`
}

// markLeft is the statement that marks the rows of moved states in things that they have left.
func markLeft(moved string) string {
	return "INSERT INTO state_superseded (key, winner) SELECT key, winner FROM (" + moved + ")"
}

// Refused implements rollup.Tables.
func (s *Store) Refused(ctx context.Context, touches []rollup.Touch) ([]time.Time, error) {
	var buckets []time.Time
	for _, t := range touches {
		buckets = append(buckets, t.Buckets...)
	}
	return s.times(ctx, "find where refused events were counted", `SELECT DISTINCT `+bucketOf("arrived")+` FROM reject_place
WHERE key IN (SELECT key FROM reject_place WHERE `+within("arrived", base, buckets)+`)`)
}

// entitySQL takes of each field the newest value that is known: a later state may leave out what an earlier one said.
// A thing whose states a correction took to others, or whose source has withdrawn all that it said, is gone.
func entitySQL(typ, where string) string {
	const order = "(time, revision, digest)"
	columns := []string{"type", "centre", "entity", "time", "first_time"}
	values := []string{"type", "centre", "entity", "maxIf(raw.time, counts)", "minIf(raw.time, counts)"}
	add := func(column, value string) {
		columns, values = append(columns, "`"+column+"`"), append(values, value)
	}
	for _, c := range []string{
		"status", "agency", "procedure", "topic", "kind", "channel", "direction", "category", "indicator", "period", "issued_by",
	} {
		add(c, "argMaxIf(raw."+c+", "+order+", counts AND raw."+c+" != '')")
	}
	for _, c := range []string{"level", "severity"} {
		add(c, "argMaxIf(raw."+c+", "+order+", counts AND raw."+c+" != 0)")
	}
	for _, c := range []string{
		"rating", "received_at", "queued_at", "at", "due_at", "answered_at", "completed_at", "resolved_at", "done_at", "ended_at",
		"paid_online", "digitised", "signed", "paperless", "connected", "lat", "lon", "value", "target",
	} {
		add(c, "argMaxIf(raw."+c+", "+order+", counts)") // passes over NULL
	}
	add("blocked_at", "minOrNullIf(raw.time, counts AND raw.status = 'blocked')")
	add("gone", "countIf(counts) = 0")
	add("computed", computed)
	return "INSERT INTO entity (" + strings.Join(columns, ", ") + ")\nSELECT " + strings.Join(values, ", ") +
		"\nFROM (SELECT said.*, said.version >= moved.winner AND NOT said.withdrawn AS counts\n  FROM (SELECT *, version FROM raw_state FINAL WHERE type = " + quote(typ) + " AND " + where + ") AS said" +
		"\n  LEFT JOIN (SELECT key, max(winner) AS winner FROM state_superseded GROUP BY key) AS moved ON moved.key = said.key) AS raw" +
		"\nGROUP BY type, centre, entity"
}

// Moved implements rollup.Tables.
func (s *Store) Moved(ctx context.Context, typ string, touches []rollup.Touch) ([]time.Time, error) {
	var buckets []time.Time
	since := touches[0].Since
	for _, t := range touches {
		buckets = append(buckets, t.Buckets...)
		if t.Since.Before(since) {
			since = t.Since
		}
	}
	// Only what arrived with these batches can have moved anything.
	moved := movedKeys(`key IN (SELECT key FROM raw_measure AS raw WHERE ` + measuredWithin(base, buckets) + ` AND type = ` + quote(typ) + ` AND arrived >= ` + moment(since) + `)`)
	left, err := s.times(ctx, "find moved measurements", `SELECT DISTINCT `+bucketOf("v.1")+` FROM (`+moved+`) ARRAY JOIN versions AS v WHERE v.2 < winner`)
	if err != nil || len(left) == 0 {
		return nil, err
	}
	return left, s.exec(ctx, "mark moved measurements", markMoved(moved))
}

// movedKeys is the SQL of the measurements, among those that a condition admits, that were ever said to be at more than one time.
func movedKeys(where string) string {
	return `SELECT key, groupArray((time, version)) AS versions, max(version) AS winner, argMax(time, version) AS place
FROM measure_key WHERE ` + where + ` GROUP BY key HAVING uniqExact(time) > 1`
}

// markMoved is the statement that marks the rows which moved measurements have left in other minutes.
func markMoved(moved string) string {
	return `INSERT INTO measure_superseded (minute, key, winner)
SELECT DISTINCT toStartOfMinute(v.1), key, winner FROM (` + moved + `) ARRAY JOIN versions AS v WHERE toStartOfMinute(v.1) != toStartOfMinute(place)`
}

// Sources implements rollup.Tables.
func (s *Store) Sources(ctx context.Context, typ string, minutes []time.Time) error {
	const (
		names = "CAST([], 'Array(String)')"
		none  = names + " AS names, CAST([], 'Array(Float64)') AS last, CAST([], 'Array(Decimal(38, 6))') AS sums, CAST([], 'Array(UInt64)') AS counts"
	)
	said := measures(measuredWithin(time.Minute, minutes)+" AND type = "+quote(typ), time.Minute, minutes)
	parts := []string{
		`SELECT toStartOfMinute(time) AS minute, centre, source, any(domain) AS domain, count() AS events, max(time) AS newest,
  argMax(status, (time, version)) AS status, ` + none + `
FROM ` + said + ` GROUP BY minute, centre, source`,
		// What was computed before and has moved elsewhere since is set to zero events.
		`SELECT minute, centre, source, domain, 0, toDateTime64(0, 3, 'UTC'), '', ` + none + `
FROM source_minute FINAL WHERE ` + within("minute", time.Minute, minutes) + ` AND type = ` + quote(typ) + ` AND events > 0`,
	}
	if typ == "reading" {
		parts = append(parts, `SELECT minute, centre, source, any(domain), 0, toDateTime64(0, 3, 'UTC'), '',
  groupArray(toString(metric)) AS names, groupArray(newest_value) AS last, groupArray(total) AS sums, groupArray(values) AS counts
FROM (SELECT toStartOfMinute(time) AS minute, centre, source, any(domain) AS domain, metric, argMax(value, (time, version)) AS newest_value,
    `+exactSum("value", "1")+` AS total, count() AS values
  FROM `+said+` ARRAY JOIN metrics AS metric, metric_values AS value GROUP BY minute, centre, source, metric)
GROUP BY minute, centre, source`)
	}
	return s.exec(ctx, "compute what each "+typ+" source said", `INSERT INTO source_minute
  (minute, type, centre, source, domain, events, newest, status, metric_values, metric_sums, metric_counts, computed)
SELECT minute, `+quote(typ)+`, centre, source, any(p.domain), sum(p.events), max(p.newest), argMax(p.status, p.newest),
  mapFromArrays(argMax(p.names, length(p.names)), argMax(p.last, length(p.names))),
  mapFromArrays(argMax(p.names, length(p.names)), argMax(p.sums, length(p.names))),
  mapFromArrays(argMax(p.names, length(p.names)), argMax(p.counts, length(p.names))), `+computed+`
FROM (`+strings.Join(parts, "\nUNION ALL\n")+`) AS p GROUP BY minute, centre, source`)
}

// Base implements rollup.Tables.
func (s *Store) Base(ctx context.Context, g rollup.Group, size time.Duration, buckets []time.Time) error {
	counted, err := baseSQL(g, size, buckets)
	if err != nil {
		return err
	}
	if size == 24*time.Hour {
		if err := s.revise(ctx, counted, g.IDs(), buckets); err != nil {
			return err
		}
	}
	return s.exec(ctx, "roll up "+strings.Join(g.IDs(), ", "), fmt.Sprintf(`INSERT INTO rollup (tier, kpi, centre, bucket, num, den, samples, events, newest, computed)
SELECT %d, kpi, centre, start, num, den, samples, events, newest, %s FROM (%s)`, int64(size/time.Second), computed, counted))
}

// baseSQL counts buckets of a size from the facts. One that was counted before, and of which nothing is left, counts zero.
func baseSQL(g rollup.Group, size time.Duration, buckets []time.Time) (string, error) {
	from, filter := facts(g.Of)
	if measured(g.Of) {
		from, filter = measures(measuredWithin(size, buckets)+" AND "+filter, size, buckets), "1"
		if g.Of == "reading" {
			from += " ARRAY JOIN metrics AS metric, metric_values AS value, units AS unit, dims AS dims"
		}
	} else {
		filter += " AND " + within(g.At, size, buckets)
	}
	aggregates, err := aggregatesOf(g)
	if err != nil {
		return "", err
	}
	return `SELECT kpi, centre, start, sum(p.num) AS num, sum(p.den) AS den, arraySort(groupArrayArray(p.samples)) AS samples, sum(p.events) AS events, max(p.newest) AS newest
FROM (
SELECT kpi, centre, start, f.num AS num, f.den AS den, f.samples AS samples, f.events AS events, f.newest AS newest, 0 AS had
FROM (SELECT centre, ` + startOf("assumeNotNull("+g.At+")", size) + ` AS start, [` + strings.Join(aggregates, ",\n") + `] AS counted FROM ` + from + ` WHERE ` + filter + ` GROUP BY centre, start)
ARRAY JOIN [` + quotes(g.IDs()) + `] AS kpi, counted AS f
UNION ALL
SELECT kpi, centre, bucket AS start, 0, 0, [], 0, toDateTime64(0, 3, 'UTC'), 1 FROM rollup FINAL
WHERE tier = ` + strconv.FormatInt(int64(size/time.Second), 10) + ` AND kpi IN (` + quotes(g.IDs()) + `) AND ` + within("bucket", size, buckets) + ` AND events > 0
) AS p GROUP BY kpi, centre, start HAVING sum(p.events) > 0 OR max(p.had) = 1`, nil
}

// aggregatesOf makes one tuple (num, den, samples, events, newest) for each KPI of a group.
func aggregatesOf(g rollup.Group) ([]string, error) {
	newest := "time"
	if g.Of == "rejected" {
		newest = "arrived"
	}
	out := make([]string, len(g.KPIs))
	for i, k := range g.KPIs {
		num, den, samples, where, err := sums(k.Formula)
		if err != nil {
			return nil, fmt.Errorf("KPI %s: %w", k.ID, err)
		}
		out[i] = fmt.Sprintf(`CAST((%s, %s, %s, countIf(%s), maxIf(%s, %s)),
  'Tuple(num Decimal(38, 6), den Decimal(38, 6), samples Array(Float64), events UInt64, newest DateTime64(3, \'UTC\'))')`, num, den, samples, where, newest, where)
	}
	return out, nil
}

// terms are the SQL of a formula's expressions; what the formula does not have admits everything, or weighs 1.
type terms struct{ where, extra, value, weight string }

func (t translator) terms(f kpi.Formula) (out terms, err error) {
	out.weight = "1"
	steps := []error{nil, nil, nil, nil}
	out.where, steps[0] = t.condition(f.Where)
	out.extra, steps[1] = t.condition(f.Numerator)
	if f.Value.Node != nil {
		out.value, steps[2] = t.number(f.Value)
	}
	if f.Weight.Node != nil {
		out.weight, steps[3] = t.number(f.Weight)
	}
	if f.Kind == kpi.KindAirQuality { // the kind itself says what it counts
		out.where = airMetrics()
	}
	return out, errors.Join(steps...)
}

// known admits what has the numbers that the formula calculates with.
func (t terms) known(k kpi.Kind) string {
	switch k {
	case kpi.KindAverage:
		return t.where + " AND isNotNull(" + t.value + ") AND isNotNull(" + t.weight + ")"
	case kpi.KindQuantile:
		return t.where + " AND isNotNull(" + t.value + ")"
	default:
		return t.where
	}
}

// sums is the SQL of a rolled formula's numerator, denominator, samples and condition.
func sums(f kpi.Formula) (num, den, samples, where string, err error) {
	t, err := translator{}.terms(f)
	if err != nil {
		return "", "", "", "", err
	}
	known := t.known(f.Kind)
	num, den, samples = "0", "0", "[]"
	switch f.Kind {
	case kpi.KindCount:
		num = "countIf(" + t.where + ")"
	case kpi.KindSum, kpi.KindRate:
		num = exactSum(t.value, t.where)
	case kpi.KindRatio:
		num, den = "countIf("+t.where+" AND "+t.extra+")", "countIf("+t.where+")"
	case kpi.KindAverage:
		num, den = exactSum("("+t.value+") * ("+t.weight+")", known), exactSum(t.weight, known)
	case kpi.KindQuantile:
		den = "countIf(" + known + ")"
		samples = "groupArrayIf(toFloat64(assumeNotNull(" + t.value + ")), " + known + ")"
	default:
		return "", "", "", "", fmt.Errorf("formulas of kind %s are not rolled up", f.Kind)
	}
	return num, den, samples, t.where, nil
}

// exactSum adds as decimals, so that the order of adding does not show. What no decimal can hold is left out.
func exactSum(value, where string) string {
	return "ifNull(sumIf(" + exact(value) + ", " + where + "), 0)"
}

func exact(value string) string { return "accurateCastOrNull(" + value + ", 'Decimal(38, 6)')" }

// Tier implements rollup.Tables.
func (s *Store) Tier(ctx context.Context, tier, below time.Duration, kpis []string, buckets []time.Time) error {
	counted := tierSQL(tier, below, kpis, buckets)
	if tier == 24*time.Hour {
		if err := s.revise(ctx, counted, kpis, buckets); err != nil {
			return err
		}
	}
	return s.exec(ctx, "roll up to "+tier.String(), fmt.Sprintf(`INSERT INTO rollup (tier, kpi, centre, bucket, num, den, samples, events, newest, computed)
SELECT %d, kpi, centre, start, num, den, samples, events, newest, %s FROM (%s)`, int64(tier/time.Second), computed, counted))
}

// tierSQL counts the buckets of a tier from the tier below. One that was counted before, and of which nothing is below any
// more, counts zero.
func tierSQL(tier, below time.Duration, kpis []string, buckets []time.Time) string {
	size := int64(tier / time.Second)
	start := startOf("r.bucket", tier)
	lo, hi := span(buckets)
	asked := fmt.Sprintf("r.kpi IN (%s) AND r.bucket >= toDateTime(%d, 'UTC') AND r.bucket < toDateTime(%d, 'UTC') AND toUnixTimestamp(start) IN (%s)",
		quotes(kpis), lo.Unix(), hi.Add(tier).Unix(), seconds(buckets))
	return fmt.Sprintf(`SELECT kpi, centre, start, sum(p.num) AS num, sum(p.den) AS den, arraySort(groupArrayArray(p.samples)) AS samples,
  sum(p.events) AS events, max(p.newest) AS newest
FROM (
SELECT r.kpi AS kpi, r.centre AS centre, %s AS start, r.num AS num, r.den AS den, r.samples AS samples, r.events AS events, r.newest AS newest
FROM rollup AS r FINAL WHERE r.tier = %d AND %s
UNION ALL
SELECT r.kpi, r.centre, r.bucket AS start, 0, 0, [], 0, toDateTime64(0, 3, 'UTC') FROM rollup AS r FINAL WHERE r.tier = %d AND %s AND r.events > 0
) AS p GROUP BY kpi, centre, start`, start, int64(below/time.Second), asked, size, asked)
}

// settled is how long after its end a day counts as closed: what is late by less was never seen otherwise in a report.
const settled = time.Hour

// revise keeps the figures of closed days that are about to change. It comes before the change: a worker that dies between
// the two has told of one that the next worker makes.
func (s *Store) revise(ctx context.Context, counted string, kpis []string, days []time.Time) error {
	const day = 24 * time.Hour
	lo, hi := span(days)
	if time.Since(lo) < day { // most of the time there is only today
		return nil
	}
	// A day for which there was no figure was revised only if its centre already sent: history that is brought in when
	// a centre joins revises nothing.
	return s.exec(ctx, "keep figures of closed days", fmt.Sprintf(`INSERT INTO revision (kpi, centre, bucket, at, num, den, samples)
SELECT new.kpi, new.centre, new.start, now64(3, 'UTC'), old.num, old.den, old.samples
FROM (%s) AS new
LEFT JOIN (SELECT kpi, centre, bucket, num, den, samples, events FROM rollup FINAL
  WHERE tier = 86400 AND kpi IN (%s) AND bucket >= toDateTime(%d, 'UTC') AND bucket <= toDateTime(%d, 'UTC')) AS old
ON old.kpi = new.kpi AND old.centre = new.centre AND old.bucket = new.start
LEFT JOIN (SELECT centre, min(first_arrival) AS joined FROM feed_source GROUP BY centre) AS feed ON feed.centre = new.centre
WHERE new.start + %d <= now() AND (old.num, old.den, old.samples) != (new.num, new.den, new.samples)
  AND (old.events > 0 OR feed.joined < new.start + 86400)`,
		counted, quotes(kpis), lo.Unix(), hi.Unix(), int64((day+settled)/time.Second)))
}

// zone is the offset in seconds of Asia/Ho_Chi_Minh, where days begin for everybody here.
const zone = int64(period.Offset / time.Second)

const base = 10 * time.Second

// measured tells whether things of this kind are measurements, and not states or refused events.
func measured(of string) bool { return of == "measure" || schemas.Type(of).Measured() }

// facts is where things of a kind are found: the table, and the condition that picks them.
func facts(of string) (from, filter string) {
	switch {
	case of == "rejected":
		return "rejected FINAL", "1"
	case of == "measure":
		return "raw_measure", "1"
	case measured(of):
		return "raw_measure", "type = " + quote(of)
	default:
		return "entity FINAL", "NOT gone AND type = " + quote(of)
	}
}

// measures is the SQL of the measurements that a condition admits, without those that a correction
// took to another minute. Buckets of this size tell which minutes are asked for.
func measures(where string, size time.Duration, buckets []time.Time) string {
	lo, hi := span(buckets)
	return holding(where, fmt.Sprintf("minute >= toStartOfMinute(toDateTime(%d, 'UTC')) AND minute <= toDateTime(%d, 'UTC')", lo.Unix(), hi.Add(max(size, time.Minute)).Unix()))
}

// holding is the SQL of the measurements that a condition admits, without those that a correction took to another minute.
// minutes is a condition that admits all minutes that they lie in.
func holding(where, minutes string) string {
	return `(SELECT raw.*, raw.version AS version FROM raw_measure AS raw FINAL
LEFT JOIN (SELECT minute, key, max(winner) AS winner FROM measure_superseded WHERE ` + minutes + ` GROUP BY minute, key) AS moved
ON moved.minute = raw.minute AND moved.key = raw.key
WHERE ` + where + ` AND raw.version >= moved.winner) AS said`
}

// measuredWithin admits measurements whose time lies in one of the buckets. The primary key begins with the minute.
func measuredWithin(size time.Duration, buckets []time.Time) string {
	lo, hi := span(buckets)
	return fmt.Sprintf("raw.minute >= toStartOfMinute(toDateTime(%d, 'UTC')) AND raw.minute < toDateTime(%d, 'UTC') AND ", lo.Unix(), hi.Add(size).Unix()) +
		within("raw.time", size, buckets)
}

// within admits rows whose field lies in one of the buckets of this size. The range around them is for the index. Its end is
// admitted, and left to the list: of a DateTime64, "less than 17:00:50" is "at most 17:00:49" to the index of ClickHouse 26.7,
// which leaves out a part in which all lies in the last second.
func within(field string, size time.Duration, buckets []time.Time) string {
	lo, hi := span(buckets)
	return fmt.Sprintf("%[1]s >= toDateTime(%[2]d, 'UTC') AND %[1]s <= toDateTime(%[3]d, 'UTC') AND intDiv(toUnixTimestamp(assumeNotNull(%[1]s)) + %[6]d, %[4]d) * %[4]d - %[6]d IN (%[5]s)",
		field, lo.Unix(), hi.Add(size).Unix(), int64(size/time.Second), seconds(buckets), zone)
}

// startOf is the SQL of the start of the bucket of this size that holds a field.
func startOf(field string, size time.Duration) string {
	return fmt.Sprintf("toDateTime(intDiv(toUnixTimestamp(%s) + %[2]d, %[3]d) * %[3]d - %[2]d, 'UTC')", field, zone, int64(size/time.Second))
}

// span returns the least and the greatest moment.
func span(moments []time.Time) (lo, hi time.Time) {
	return slices.MinFunc(moments, time.Time.Compare), slices.MaxFunc(moments, time.Time.Compare)
}
