package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
)

// consoleMonth fills the rig with a month of the province, 2 million events: 577 cameras and 200 sensors that send every 30 seconds
// in the last six hours and every half hour before, one in twenty of them silent for days, 500,000 dossiers and 100,000 tickets.
func (r *rig) consoleMonth(now time.Time) {
	const centre = "['province', 'dong-xoai', 'phuoc-long', 'binh-long'][1 + n % 4]"
	// Device n at its tick k: of 777 devices each, in steps of so many seconds that end so long ago.
	devices := func(rows, step, end int) {
		r.exec(fmt.Sprintf(`INSERT INTO raw_measure (key, source, id, centre, domain, type, time, arrived, transport, digest, status, fps, battery, lat, lon, metrics, metric_values, units, dims)
SELECT reinterpretAsUUID(sipHash128(number, %[2]d)), concat('/', centre, '/', domain, '/d-', toString(n)), toString(number), %[4]s AS centre, if(n < 577, 'camera', 'sensor') AS domain,
  if(n < 577, 'camera', if(number %% 3 = 0, 'sensor', 'reading')) AS type, fromUnixTimestamp64Milli(toInt64(%[5]d - 1000 * (%[3]d + if(n %% 20 = 7, 300000, 0) + intDiv(number, 777) * %[2]d + n %% 30)), 'UTC') AS time, time + 1,
  'mqtt', number, if(type = 'reading', '', 'online'), if(n < 577, 25, NULL), if(n < 577, NULL, 80), 11.5 + n / 2000, 106.8 + n / 3000,
  if(type = 'reading', ['pm25', 'temp'], []), if(type = 'reading', [12.5, 30.], []), if(type = 'reading', ['µg/m³', '°C'], []), if(type = 'reading', [map(), map()], [])
FROM (SELECT number, number %% 777 AS n FROM numbers(%[1]d))`, rows, step, end, centre, now.UnixMilli()))
	}
	devices(560_000, 30, 0)
	devices(840_000, 1800, 6*3600)
	for _, c := range []struct {
		typ    string
		number int
	}{{"dossier", 500_000}, {"ticket", 100_000}} {
		r.exec(fmt.Sprintf(`INSERT INTO raw_state (key, source, id, centre, domain, type, entity, time, arrived, transport, digest, status, agency, procedure, topic, kind, channel, level, received_at, due_at, lat, lon)
SELECT reinterpretAsUUID(sipHash128(n, %[1]s)), concat('/', centre, '/service/dvc-', toString(n %% 7)), toString(n), %[2]s AS centre, 'service', %[1]s, concat(upper(substring(%[1]s, 1, 1)), toString(100000 + n)),
  fromUnixTimestamp64Milli(toInt64(%[3]d - n * %[4]d), 'UTC') AS time, time + 1, 'kafka', n, if(n %% 50 = 0, 'received', if(%[1]s = 'ticket', 'resolved', 'completed')), 'ubnd', 'tt-1', 'giao-thong',
  if(%[1]s = 'ticket', ['question', 'petition', 'field_report'][1 + n %% 3], ''), 'online', 4, time, time + 43200, if(n %% 3 = 2, 11.5, NULL), if(n %% 3 = 2, 106.9, NULL)
FROM (SELECT number AS n FROM numbers(%[5]d))`, "'"+c.typ+"'", centre, now.UnixMilli(), 31*24*3600*1000/c.number, c.number))
	}
	r.exec(`INSERT INTO entity (type, centre, entity, time, first_time, status, agency, procedure, topic, kind, channel, level, received_at, due_at, lat, lon, computed)
SELECT type, centre, entity, time, time, status, agency, procedure, topic, kind, channel, level, received_at, due_at, lat, lon, 1 FROM raw_state`)
	r.exec(fmt.Sprintf(`INSERT INTO feed_event (minute, centre, domain, source, events, repeats, backfilled, ahead, computed)
SELECT toStartOfMinute(time) AS m, centre, domain, source, count(), 0, 0, 0, 1 FROM raw_measure WHERE time >= toDateTime(%d, 'UTC') GROUP BY m, centre, domain, source`, now.Add(-24*time.Hour).Unix()))
}

// BenchmarkConsole measures what an operator waits for after a click, on a month of data.
func BenchmarkConsole(b *testing.B) {
	r, now := newRig(b), feedNow()
	r.consoleMonth(now)
	b.Run("browser", func(b *testing.B) { r.clicks(b) })
	everything := query.Everything()
	devices, tickets := r.devices(now), r.tickets(now)
	search := &query.Search{Store: r.store, Registry: r.registry, Agencies: r.agencies(), Catalogue: r.catalogueNow}
	places := &query.Places{Devices: devices, Tickets: tickets}
	for _, c := range []struct {
		name string
		ask  func(ctx context.Context) (found int, err error)
	}{
		{"cameras", func(ctx context.Context) (int, error) {
			l, err := devices.List(ctx, everything, query.DevicesRequest{Type: schemas.TypeCamera, Limit: 100})
			return len(l.Devices), err
		}},
		{"sensors/silent", func(ctx context.Context) (int, error) {
			l, err := devices.List(ctx, everything, query.DevicesRequest{Type: schemas.TypeSensor, State: "silent", Limit: 100})
			return len(l.Devices), err
		}},
		{"tickets", func(ctx context.Context) (int, error) {
			l, err := tickets.List(ctx, everything, query.TicketsRequest{Limit: 100})
			return len(l.Tickets), err
		}},
		{"tickets/overdue", func(ctx context.Context) (int, error) {
			l, err := tickets.List(ctx, everything, query.TicketsRequest{Overdue: true, Sort: query.TicketsByDue, Limit: 100})
			return len(l.Tickets), err
		}},
		{"hour/camera", func(ctx context.Context) (int, error) {
			h, err := devices.Hour(ctx, everything, query.HourRequest{Source: "/dong-xoai/camera/d-1"})
			return len(h.Events), err
		}},
		{"hour/sensor", func(ctx context.Context) (int, error) {
			h, err := devices.Hour(ctx, everything, query.HourRequest{Source: "/dong-xoai/sensor/d-601"})
			return len(h.Metrics), err
		}},
		{"hour/service", func(ctx context.Context) (int, error) {
			h, err := devices.Hour(ctx, everything, query.HourRequest{Source: "/province/service/dvc-0"})
			return len(h.Events), err
		}},
		{"search", func(ctx context.Context) (int, error) {
			f, err := search.Find(ctx, everything, query.SearchRequest{Text: "d1234"})
			return len(f.Things), err
		}},
		{"places", func(ctx context.Context) (int, error) {
			l, err := places.List(ctx, everything, "")
			return len(l.Places), err
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if found, err := c.ask(b.Context()); err != nil || found == 0 {
					b.Fatal(found, err)
				}
			}
		})
	}
}

// clicks has a browser go through the console while the platform runs, and reports what each click took until it was answered.
func (r *rig) clicks(b *testing.B) {
	if _, err := exec.LookPath("node"); err != nil {
		b.Skip("node is missing: install Node.js 20 or later")
	}
	s := r.serve(slog.DiscardHandler)
	var took map[string]struct{ Median, Longest float64 }
	for b.Loop() {
		browser := exec.CommandContext(b.Context(), "node", "e2e/clicks.mjs")
		browser.Dir, browser.Env = "../../dashboard-api/web", append(os.Environ(), "IOC_TEST_URL=http://"+s.host)
		var said, wrong bytes.Buffer
		browser.Stdout, browser.Stderr = &said, &wrong
		if err := browser.Run(); err != nil {
			b.Fatalf("%v: %s", err, wrong.String())
		}
		r.must(json.Unmarshal(said.Bytes(), &took))
	}
	for click, ms := range took {
		b.ReportMetric(ms.Median, click+"-ms")
		b.ReportMetric(ms.Longest, click+"-longest-ms")
	}
}
