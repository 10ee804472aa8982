// Package retention has ClickHouse delete rows that are older than the settings say.
package retention

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Days is how long something is kept. Forever is its zero value.
type Days uint32

// Forever keeps everything.
const Forever Days = 0

const (
	forever = "forever"
	year    = 365
	// The longest: ClickHouse's times of a second end in the year 2106.
	most = 50 * year
	// Least is the shortest time that anything may be kept: events that were stored while nothing was computed are still
	// worked off after 30 days, and some KPIs look back to the beginning of the month.
	Least Days = 35
)

// ParseDays reads a time of keeping: 400d, 6w, 5y, or forever.
func ParseDays(text string) (Days, error) {
	wrong := fmt.Errorf("%q: want a time such as 400d, 60w or 5y, or forever", text)
	if text == forever {
		return Forever, nil
	}
	if text == "" {
		return 0, wrong
	}
	unit, ok := map[byte]uint64{'d': 1, 'w': 7, 'y': year}[text[len(text)-1]]
	n, err := strconv.ParseUint(text[:len(text)-1], 10, 16)
	switch {
	case !ok || err != nil:
		return 0, wrong
	case n*unit > most:
		return 0, fmt.Errorf("%q: want at most %dy, or forever", text, most/year)
	case n*unit < uint64(Least):
		return 0, fmt.Errorf("%q: want at least %s", text, Least)
	}
	return Days(n * unit), nil
}

// Set implements flag.Value.
func (d *Days) Set(text string) (err error) {
	n, err := ParseDays(strings.TrimSpace(text))
	if err == nil {
		*d = n
	}
	return err
}

// String is what ParseDays reads.
func (d Days) String() string {
	if d == Forever {
		return forever
	}
	return strconv.FormatUint(uint64(d), 10) + "d"
}

// shorter tells whether d ends before other.
func (d Days) shorter(other Days) bool { return d != Forever && (other == Forever || d < other) }

// Policy is how long each kind of row is kept. States of dossiers, calls, tickets and the like have no end: how things stand,
// and the rollups that are placed by a date which lies years back, are computed from all of them whenever a new one comes.
type Policy struct {
	Raw       Days // readings, cameras and sensors, as they were sent
	Rejected  Days // refused events
	Rollup10s Days
	Rollup1m  Days
	Rollup1h  Days
	Rollup1d  Days // with what days were before they were revised
	Minutes   Days // values of KPIs as they were shown
	Sources   Days // what each source said in each minute
}

// Default deletes nothing that anything else is made of.
func Default() Policy {
	return Policy{Raw: 800, Rejected: 400, Rollup10s: 400, Rollup1m: 5 * year, Minutes: 5 * year, Sources: 90}
}

// Check refuses what would make figures wrong. late is how far back an event may lie.
func (p Policy) Check(late time.Duration) error {
	var errs []error
	least := Days(late/(24*time.Hour)) + Least
	if p.Raw.shorter(least) {
		errs = append(errs, fmt.Errorf("--keep-raw %s is shorter than --retention %s and %s: an event that is taken may come late, and what it is counted with must still be there; "+
			"keep %s, or take only later events", p.Raw, late, Least, least))
	}
	tiers := []struct {
		name string
		Days
	}{{"10s", p.Rollup10s}, {"1m", p.Rollup1m}, {"1h", p.Rollup1h}, {"1d", p.Rollup1d}}
	for i, t := range tiers[1:] {
		if fine := tiers[i]; t.shorter(fine.Days) {
			errs = append(errs, fmt.Errorf("--keep-rollup-%s %s is shorter than --keep-rollup-%s %s: the coarser is read for what is longer ago", t.name, t.Days, fine.name, fine.Days))
		}
	}
	return errors.Join(errs...)
}

// kind is a kind of row, as table retention knows it.
type kind struct {
	name string
	days Days
}

func (p Policy) kinds() []kind {
	return []kind{
		{"raw", p.Raw},
		{"rejected", p.Rejected},
		{"rollup_10s", p.Rollup10s},
		{"rollup_1m", p.Rollup1m},
		{"rollup_1h", p.Rollup1h},
		{"rollup_1d", p.Rollup1d},
		{"minutes", p.Minutes},
		{"sources", p.Sources},
	}
}

// Table is the TTL that a table is to have, in the words in which ClickHouse tells it. Empty: none.
type Table struct{ Name, TTL string }

// Tables lists the TTL of each table. Tables by which moved and repeated events are found end with the events that they are about.
func (p Policy) Tables() []Table {
	const ago = " + toIntervalDay("
	ttl := func(column string, d Days, where string) string {
		if d == Forever {
			return ""
		}
		return column + ago + strconv.FormatUint(uint64(d), 10) + ")" + where
	}
	var tiers []string
	for _, t := range []struct {
		seconds string
		days    Days
	}{{"10", p.Rollup10s}, {"60", p.Rollup1m}, {"3600", p.Rollup1h}, {"86400", p.Rollup1d}} {
		if t.days != Forever {
			tiers = append(tiers, ttl("bucket", t.days, " WHERE tier = "+t.seconds))
		}
	}
	return []Table{
		{"raw_measure", ttl("toDateTime(time)", p.Raw, "")},
		{"measure_key", ttl("toDateTime(time)", p.Raw, "")},
		{"measure_superseded", ttl("minute", p.Raw, "")},
		{"rejected", ttl("toDateTime(arrived)", p.Rejected, "")},
		{"reject_place", ttl("toDateTime(arrived)", p.Rejected, "")},
		{"replayed", ttl("toDateTime(at)", p.Rejected, "")},
		{"rollup", strings.Join(tiers, ", ")},
		{"revision", ttl("bucket", p.Rollup1d, "")},
		{"kpi_minute", ttl("minute", p.Minutes, "")},
		{"kpi_day", ttl("day", p.Rollup1d, "")},
		{"source_minute", ttl("minute", p.Sources, "")},
	}
}
