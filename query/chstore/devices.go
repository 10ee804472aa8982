package chstore

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// ofCentres admits what these centres sent; nil: all.
func ofCentres(centres []string) string {
	if centres == nil {
		return "1"
	}
	return "centre IN (" + list(centres) + ")"
}

// heardDevices is the SQL of the devices that were heard in the last 30 days, with the minute of the newest event of each.
func heardDevices(t schemas.Type, centres []string, now time.Time) string {
	return `SELECT toString(centre) AS centre, toString(domain) AS domain, source, max(newest_event) AS event, max(newest_arrival) AS arrival,
  toStartOfMinute(event) AS minute
FROM feed_source WHERE type = ` + quote(string(t)) + ` AND ` + ofCentres(centres) + `
GROUP BY centre, domain, source HAVING arrival >= ` + moment(now.Add(-knownFor))
}

// Devices implements query.DeviceStore. Of each device only the minute of its newest event is read: what it said before that is
// not how it stands. Where a correction has taken the newest event elsewhere, what was said before it is looked for.
func (s *Store) Devices(ctx context.Context, t schemas.Type, centres []string, now time.Time) ([]wire.Device, error) {
	heard := heardDevices(t, centres, now)
	in := `(raw.minute, toString(raw.type), toString(raw.centre), toString(raw.source)) IN (SELECT minute, ` + quote(string(t)) + `, centre, source FROM (` + heard + `))
  AND raw.minute IN (SELECT minute FROM (` + heard + `)) AND raw.type = ` + quote(string(t))
	moved := `minute IN (SELECT minute FROM (` + heard + `))`
	var out []wire.Device
	var lost []string
	err := s.scan(ctx, "list devices", `SELECT k.centre, k.domain, k.source, k.event, k.arrival, s.said_at, s.said, s.fps, s.bitrate, s.speed, s.battery, s.rssi, s.lat, s.lon
FROM (`+heard+`) AS k LEFT JOIN (`+lastSaid(in, moved)+`) AS s ON s.centre = k.centre AND s.source = k.source`, nil, func(r driver.Rows) error {
		var d wire.Device
		var saidAt time.Time
		if err := r.Scan(&d.Centre, &d.Domain, &d.Source, &d.NewestEvent, &d.NewestArrival, &saidAt, &d.Said,
			&d.FPS, &d.BitrateKbps, &d.SpeedKmh, &d.Battery, &d.RSSI, &d.Lat, &d.Lon); err != nil {
			return err
		}
		if d.Said == "" {
			lost = append(lost, d.Source)
		} else {
			d.NewestEvent = saidAt
		}
		out = append(out, d)
		return nil
	})
	if err != nil || len(lost) == 0 {
		return out, err
	}
	return out, s.findLost(ctx, t, lost, out, now)
}

// lastSaid is the SQL of what each source among these measurements said last; of each field what is known.
func lastSaid(where, moved string) string {
	const order = "(said.time, said.version)"
	return `SELECT toString(said.centre) AS centre, toString(said.source) AS source, max(said.time) AS said_at, toString(argMax(said.status, ` + order + `)) AS said,
  argMax(said.fps, ` + order + `) AS fps, argMax(said.bitrate_kbps, ` + order + `) AS bitrate, argMax(said.speed_kmh, ` + order + `) AS speed,
  argMax(said.battery, ` + order + `) AS battery, argMax(said.rssi, ` + order + `) AS rssi, argMax(said.lat, ` + order + `) AS lat, argMax(said.lon, ` + order + `) AS lon
FROM ` + holding(where, moved) + `
GROUP BY said.centre, said.source`
}

// findLost fills in devices of which the newest event stands no longer where it was first told: it looks through all that is
// recent, for these alone. That is seldom, and dear.
func (s *Store) findLost(ctx context.Context, t schemas.Type, lost []string, all []wire.Device, now time.Time) error {
	at := map[string]*wire.Device{}
	for i := range all {
		at[all[i].Source] = &all[i]
	}
	recent := "minute >= toStartOfMinute(" + moment(now.Add(-knownFor)) + ")"
	return s.scan(ctx, "look for what devices said", lastSaid("raw."+recent+" AND raw.type = "+quote(string(t))+" AND raw.source IN ("+quotes(lost)+")", recent), nil, func(r driver.Rows) error {
		var centre, source string
		var d wire.Device
		if err := r.Scan(&centre, &source, &d.NewestEvent, &d.Said, &d.FPS, &d.BitrateKbps, &d.SpeedKmh, &d.Battery, &d.RSSI, &d.Lat, &d.Lon); err != nil {
			return err
		}
		if known := at[source]; known != nil {
			d.Source, d.Centre, d.Domain, d.NewestArrival = known.Source, known.Centre, known.Domain, known.NewestArrival
			*known = d
		}
		return nil
	})
}

// known reads what is known of one source, and the types of its events.
func (s *Store) known(ctx context.Context, source string, now time.Time) (wire.SourceHour, error) {
	all, err := s.heardSources(ctx, now, "source = "+quote(source))
	if err != nil {
		return wire.SourceHour{}, err
	}
	if len(all) == 0 {
		return wire.SourceHour{}, query.ErrNotFound
	}
	d, _ := s.registry.Domain(all[0].domain)
	j := s.judge(all[0], d.Interval.Seconds(), now)
	return wire.SourceHour{
		Source: source, Centre: j.Centre, Domain: j.Domain, State: j.State, IntervalSeconds: j.IntervalSeconds, Types: all[0].types,
		FirstArrival: j.FirstArrival, NewestArrival: j.NewestArrival, NewestEvent: j.NewestEvent,
		Minutes: []wire.SourceMinute{}, Metrics: []wire.SourceMetric{}, Changes: []wire.SourceChange{}, Events: []wire.SourceEvent{},
	}, nil
}
