package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/gorilla/websocket"

	"github.com/binhphuoc/ioc/schemas/wire"
)

// platform is what the platform has and says, read from its tables and its interface.
type platform struct {
	conn  driver.Conn
	api   string // host:port
	token string
}

func newPlatform(dsn, api, token string) (*platform, error) {
	o, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		return nil, fmt.Errorf("read ClickHouse DSN: %w", err)
	}
	o.DialTimeout, o.ReadTimeout = 5*time.Second, time.Minute
	conn, err := clickhouse.Open(o)
	if err != nil {
		return nil, fmt.Errorf("open ClickHouse: %w", err)
	}
	return &platform{conn: conn, api: api, token: token}, nil
}

// newest is when the newest event that rollups count happened.
func (p *platform) newest(ctx context.Context) (at time.Time, err error) {
	if err := p.conn.QueryRow(ctx, "SELECT max(newest) FROM rollup WHERE tier = 10 AND newest <= now64(3)").Scan(&at); err != nil {
		return at, fmt.Errorf("read the newest rollup: %w", err)
	}
	return at, nil
}

// stored is one event as the raw tables have it.
type stored struct {
	typ      string
	time     time.Time
	revision uint16
	arrived  time.Time
}

// exact keeps the server from any shortcut: a checker wants the rows that are there.
const exact = " SETTINGS use_query_condition_cache = 0, use_skip_indexes_if_final = 0"

// events reads all raw events that count. A key that stands there twice counts twice.
func (p *platform) events(ctx context.Context) (map[[2]string][]stored, error) {
	out := map[[2]string][]stored{}
	rows, err := p.conn.Query(ctx, `SELECT m.source, m.id, m.type, m.time, m.revision, m.arrived
FROM (SELECT *, version FROM raw_state FINAL) AS m
LEFT JOIN (SELECT key, max(winner) AS winner FROM state_superseded GROUP BY key) AS s ON s.key = m.key
WHERE m.version >= s.winner
UNION ALL SELECT m.source, m.id, m.type, m.time, m.revision, m.arrived
FROM (SELECT *, minute, version FROM raw_measure FINAL) AS m
LEFT JOIN (SELECT minute, key, max(winner) AS winner FROM measure_superseded GROUP BY minute, key) AS s ON s.minute = m.minute AND s.key = m.key
WHERE m.version >= s.winner`+exact)
	if err != nil {
		return nil, fmt.Errorf("read raw events: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var key [2]string
		var s stored
		if err := rows.Scan(&key[0], &key[1], &s.typ, &s.time, &s.revision, &s.arrived); err != nil {
			return nil, fmt.Errorf("read raw events: %w", err)
		}
		out[key] = append(out[key], s)
	}
	return out, rows.Err()
}

var markPattern = regexp.MustCompile(`bad-[0-9]+`)

// refused reads all refused messages by their marks.
func (p *platform) refused(ctx context.Context) (map[string][]arrival, error) {
	out := map[string][]arrival{}
	rows, err := p.conn.Query(ctx, `SELECT payload, centre, arrived FROM rejected FINAL`+exact)
	if err != nil {
		return nil, fmt.Errorf("read refused events: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var payload string
		var a arrival
		if err := rows.Scan(&payload, &a.centre, &a.at); err != nil {
			return nil, fmt.Errorf("read refused events: %w", err)
		}
		mark := markPattern.FindString(payload)
		if all := markPattern.FindAllString(payload, -1); len(all) > 0 {
			mark = all[len(all)-1] // a message that was cut off has the beginning of its mark twice
		}
		out[mark] = append(out[mark], a)
	}
	return out, rows.Err()
}

// rollups reads all tiers.
func (p *platform) rollups(ctx context.Context) (map[rollKey]*cell, error) {
	out := map[rollKey]*cell{}
	rows, err := p.conn.Query(ctx, `SELECT toInt64(tier), kpi, centre, bucket, toFloat64(num), toFloat64(den), samples, events, newest
FROM rollup FINAL WHERE events > 0`+exact)
	if err != nil {
		return nil, fmt.Errorf("read rollups: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var k rollKey
		var c cell
		var bucket time.Time
		var events uint64
		if err := rows.Scan(&k.tier, &k.kpi, &k.centre, &bucket, &c.num, &c.den, &c.samples, &events, &c.newest); err != nil {
			return nil, fmt.Errorf("read rollups: %w", err)
		}
		k.bucket, c.events = bucket.Unix(), int(events) //nolint:gosec // a count of rows
		out[k] = &c
	}
	return out, rows.Err()
}

func (p *platform) header() http.Header {
	return http.Header{"Authorization": {"Bearer " + p.token}}
}

// snapshot is what a wall is shown first, with the moment of its evaluation.
func (p *platform) snapshot(ctx context.Context) (wire.Values, error) {
	var out wire.Values
	limited, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, answer, err := websocket.DefaultDialer.DialContext(limited, "ws://"+p.api+"/api/v1/live", p.header())
	if answer != nil && answer.Body != nil {
		answer.Body.Close()
	}
	if err != nil {
		return out, fmt.Errorf("open the live channel: %w", err)
	}
	defer conn.Close()
	if err := conn.WriteJSON(wire.Subscribe{Type: wire.TypeSubscribe}); err != nil {
		return out, fmt.Errorf("subscribe: %w", err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return out, fmt.Errorf("read the live channel: %w", err)
	}
	for out.Type != wire.TypeSnapshot {
		out = wire.Values{}
		if err := conn.ReadJSON(&out); err != nil {
			return out, fmt.Errorf("read the live channel: %w", err)
		}
	}
	return out, nil
}

// feeds asks for the health of all feeds.
func (p *platform) feeds(ctx context.Context) ([]wire.FeedHealth, error) {
	var out wire.FeedList
	err := p.ask(ctx, "/api/v1/feeds", &out)
	return out.Feeds, err
}

// sources asks for the health of a feed's sources. A story has far fewer than fit on a page.
func (p *platform) sources(ctx context.Context, f feedName) ([]wire.FeedSource, error) {
	var out wire.FeedSourceList
	err := p.ask(ctx, "/api/v1/feeds/"+f.centre+"/"+f.domain+"/sources?limit=500", &out)
	return out.Sources, err
}

// ask reads one answer of the interface.
func (p *platform) ask(ctx context.Context, path string, out any) error {
	limited, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(limited, http.MethodGet, "http://"+p.api+path, nil)
	if err != nil {
		return fmt.Errorf("ask for %s: %w", path, err)
	}
	r.Header = p.header()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("ask for %s: %w", path, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("ask for %s: %s", path, answer.Status)
	}
	if err := json.NewDecoder(answer.Body).Decode(out); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}
