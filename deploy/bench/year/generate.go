package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/binhphuoc/ioc/schemas"
)

// What a year is made of, in percent of all events.
const (
	readings = 70
	cameras  = 20
	calls    = 4 // states: two a call
	dossiers = 6 // states: three a dossier
)

// generate writes a year of raw events, month by month. It makes them in ClickHouse itself, with nothing by chance:
// the same numbers make the same year.
func generate(ctx context.Context, conn driver.Conn, out io.Writer, year int, events uint64) error {
	began := time.Now()
	zone := schemas.Zone()
	start, end := time.Date(year, 1, 1, 0, 0, 0, 0, zone), time.Date(year+1, 1, 1, 0, 0, 0, 0, zone)
	for month := range 12 {
		from, to := start.AddDate(0, month, 0), start.AddDate(0, month+1, 0)
		share := float64(events) * to.Sub(from).Hours() / end.Sub(start).Hours()
		for _, p := range []struct {
			sql     string
			percent float64
		}{{readingSQL, readings}, {cameraSQL, cameras}, {callSQL, calls}, {dossierSQL, dossiers}} {
			n := uint64(share * p.percent / 100)
			sql := strings.NewReplacer("{n}", fmt.Sprint(n), "{from}", fmt.Sprint(from.UnixMilli()), "{span}", fmt.Sprint(to.Sub(from).Milliseconds()),
				"{month}", fmt.Sprint(month)).Replace(p.sql)
			if err := conn.Exec(ctx, sql); err != nil {
				return fmt.Errorf("make events of month %d: %w", month+1, err)
			}
		}
		fmt.Fprintf(out, "%s: %s\n", from.Format("2006-01"), time.Since(began).Round(time.Second))
	}
	return nil
}

// at spreads n events over the month in order, with a step that is no round number.
const at = "fromUnixTimestamp64Milli(toInt64({from} + intDiv(number * {span}, {n})), 'UTC')"

const centreSQL = "['province', 'dong-xoai', 'phuoc-long', 'binh-long'][1 + number % 4]"

const readingSQL = `INSERT INTO raw_measure (key, source, id, centre, domain, type, time, arrived, transport, revision, digest, metrics, metric_values, units, dims)
SELECT reinterpretAsUUID(MD5(concat('r{month}-', toString(number)))), concat('/', ` + centreSQL + `, '/sensor/env-', toString(intDiv(number, 4) % 50)), concat('r{month}-', toString(number)),
  ` + centreSQL + `, 'sensor', 'reading', ` + at + ` AS t, t, 'kafka', 0, number,
  ['pm25', 'temp'], [(number * 7919 % 400) / 4, (number * 104729 % 160) / 4], ['µg/m³', '°C'], [map(), map()]
FROM numbers({n})`

const cameraSQL = `INSERT INTO raw_measure (key, source, id, centre, domain, type, time, arrived, transport, revision, digest, status, speed_kmh, counts)
SELECT reinterpretAsUUID(MD5(concat('c{month}-', toString(number)))), concat('/', ` + centreSQL + `, '/camera/cam-', toString(intDiv(number, 4) % 144)), concat('c{month}-', toString(number)),
  ` + centreSQL + `, 'camera', 'camera', ` + at + ` AS t, t, 'mqtt', 0, number,
  'online', (number * 31 % 240) / 4, map('car', toUInt32(number * 17 % 30), 'motorbike', toUInt32(number * 13 % 80), 'person', toUInt32(number % 20))
FROM numbers({n})`

// Both states of a call have one number: that of the call is the half.
const callSQL = `INSERT INTO raw_state (key, source, id, centre, domain, type, entity, time, arrived, transport, revision, digest, status, queued_at, answered_at)
SELECT reinterpretAsUUID(MD5(concat('h{month}-', toString(n)))), concat('/', ['province', 'dong-xoai', 'phuoc-long', 'binh-long'][1 + number % 4], '/service/1022'), concat('h{month}-', toString(n)),
  ['province', 'dong-xoai', 'phuoc-long', 'binh-long'][1 + number % 4], 'service', 'call', concat('call-{month}-', toString(number)),
  queued + toIntervalSecond(if(n % 2 = 0, 0, number * 37 % 90)) AS t, t, 'kafka', 0, n,
  if(n % 2 = 0, 'waiting', if(number % 15 = 0, 'abandoned', 'answered')), queued, if(n % 2 = 1 AND number % 15 != 0, t, NULL)
FROM (SELECT n, intDiv(n, 2) AS number, fromUnixTimestamp64Milli(toInt64({from} + intDiv(number * {span}, intDiv({n}, 2) + 1)), 'UTC') AS queued
  FROM (SELECT number AS n FROM numbers({n})))`

const dossierSQL = `INSERT INTO raw_state (key, source, id, centre, domain, type, entity, time, arrived, transport, revision, digest, status, agency, procedure, level, channel,
  received_at, due_at, completed_at, digitised, paid_online)
SELECT reinterpretAsUUID(MD5(concat('d{month}-', toString(n)))), concat('/', ['province', 'dong-xoai', 'phuoc-long', 'binh-long'][1 + number % 4], '/service/portal'), concat('d{month}-', toString(n)),
  ['province', 'dong-xoai', 'phuoc-long', 'binh-long'][1 + number % 4], 'service', 'dossier', concat('dossier-{month}-', toString(number)),
  received + toIntervalHour(n % 3 * (1 + number % 30)) AS t, t, 'kafka', 0, n,
  ['received', 'processing', 'completed'][1 + n % 3], concat('agency-', toString(number % 20)), '1.000894', 4, ['online', 'counter'][1 + number % 2],
  received, received + toIntervalHour(48), if(n % 3 = 2, t, NULL), number % 5 != 0, number % 3 = 0
FROM (SELECT n, intDiv(n, 3) AS number, fromUnixTimestamp64Milli(toInt64({from} + intDiv(number * {span}, intDiv({n}, 3) + 1)), 'UTC') AS received
  FROM (SELECT number AS n FROM numbers({n})))`
