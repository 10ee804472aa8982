package chsink_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/schemas"
)

// yesterday is a moment of the day before: the table of what was delivered forgets what is older than some days.
func yesterday() time.Time {
	return time.Now().UTC().Truncate(24 * time.Hour).Add(-21*time.Hour + 20*time.Minute + 37*time.Second + 120*time.Millisecond)
}

// delivered is an event with the moment of its arrival.
type delivered struct {
	schemas.Event
	after time.Duration // of yesterday
	by    string        // transport
}

// deliver writes events as one batch.
func (db *database) deliver(list ...delivered) {
	db.Helper()
	b := &ingest.Batch{}
	for _, d := range list {
		m := message("")
		m.Arrived, m.Transport = yesterday().Add(d.after), d.by
		b.Events, b.Origins = append(b.Events, d.Event), append(b.Origins, m)
	}
	db.write(b)
}

// reading is one of a sensor, a state one of a dossier: they live in tables of their own.
func feedEvents() map[string]func(revision uint16, digest uint64, moved time.Duration) schemas.Event {
	make := func(data schemas.Data, typ schemas.Type) func(uint16, uint64, time.Duration) schemas.Event {
		return func(revision uint16, digest uint64, moved time.Duration) schemas.Event {
			e := event("x-1", data, typ)
			e.Revision, e.Digest, e.Time = revision, digest<<40, yesterday().Add(moved)
			return e
		}
	}
	return map[string]func(uint16, uint64, time.Duration) schemas.Event{
		"reading": make(schemas.Readings{{Metric: "pm25", Value: 1}}, schemas.TypeReading),
		"dossier": make(&schemas.Dossier{DossierID: "H10-1", Status: "received", ReceivedAt: now, DueAt: now}, schemas.TypeDossier),
	}
}

func TestRepeatsAreCountedApartFromEvents(t *testing.T) {
	const second = time.Second
	db := open(t)
	for kind, make := range feedEvents() {
		one, two := make(0, 1, 0), make(1, 2, 0)
		for _, c := range []struct {
			name    string
			batches [][]delivered
			want    string // events, repeats
		}{
			{"once", [][]delivered{{{one, second, "mqtt"}}}, "(1,0)"},
			{"again by the same transport", [][]delivered{{{one, second, "mqtt"}}, {{one, 2 * second, "mqtt"}}}, "(1,1)"},
			{"again by the other transport", [][]delivered{{{one, second, "mqtt"}}, {{one, 2 * second, "kafka"}}}, "(1,1)"},
			{"again an hour later, twice", [][]delivered{{{one, second, "mqtt"}}, {{one, time.Hour, "mqtt"}, {one, time.Hour + second, "kafka"}}}, "(1,2)"},
			{"twice in one batch", [][]delivered{{{one, second, "mqtt"}, {one, second, "kafka"}}}, "(1,1)"},
			{"the first of two is stored last", [][]delivered{{{one, 2 * second, "mqtt"}}, {{one, second, "kafka"}}}, "(1,1)"},
			{"a batch that is written again", [][]delivered{{{one, second, "mqtt"}}, {{one, second, "mqtt"}}}, "(1,0)"},
			{"a batch with a repeat that is written again", [][]delivered{{{one, second, "mqtt"}}, {{one, 2 * second, "mqtt"}}, {{one, 2 * second, "mqtt"}}}, "(1,1)"},
			{"a correction", [][]delivered{{{one, second, "mqtt"}}, {{two, 2 * second, "mqtt"}}}, "(2,0)"},
			{"a correction in one batch", [][]delivered{{{one, second, "mqtt"}, {two, 2 * second, "mqtt"}}}, "(2,0)"},
			{"a correction, then the old version again", [][]delivered{{{one, second, "mqtt"}}, {{two, 2 * second, "mqtt"}}, {{one, 3 * second, "mqtt"}}}, "(2,1)"},
			{"a correction that moves it, then again", [][]delivered{{{one, second, "mqtt"}}, {{make(1, 2, -5*time.Minute), 2 * second, "mqtt"}}, {{make(1, 2, -5*time.Minute), 3 * second, "mqtt"}}}, "(2,1)"},
		} {
			t.Run(kind+" "+c.name, func(t *testing.T) {
				db := &database{t, db.sink, db.conn}
				source := "/dong-xoai/service/" + kind + " " + c.name
				for _, b := range c.batches {
					for i := range b {
						b[i].Source = source
					}
					db.deliver(b...)
				}
				db.want(c.want, "SELECT toString((sum(events), sum(repeats))) FROM feed_minute WHERE source = ?", source)
			})
		}
	}
}

func (db *database) exec(query string) {
	db.Helper()
	if err := db.conn.Exec(db.Context(), query); err != nil {
		db.Fatalf("%s: %v", query, err)
	}
}

func TestFeedMinutesAddUp(t *testing.T) {
	db := open(t)
	sensor := func(id string, at time.Duration) schemas.Event {
		e := event(id, schemas.Readings{{Metric: "pm25", Value: 1}}, schemas.TypeReading)
		e.Time = yesterday().Add(at)
		return e
	}
	db.deliver(delivered{sensor("a", 0), 0, "mqtt"}, delivered{sensor("b", -3*time.Second), 2 * time.Second, "mqtt"})
	db.deliver(delivered{sensor("c", 0), 10 * time.Second, "mqtt"}, delivered{sensor("skewed", 5*time.Minute), 12 * time.Second, "mqtt"})
	db.deliver(delivered{sensor("history", -40*24*time.Hour), 13 * time.Second, "kafka"}, delivered{sensor("a", 0), 14 * time.Second, "kafka"})
	db.exec("OPTIMIZE TABLE feed_minute FINAL")
	day := yesterday().Format(time.DateOnly)
	db.want("('"+day+" 03:20:00','dong-xoai','service','/dong-xoai/service/portal',5,1,1,1,'"+day+" 03:20:37.120','"+day+" 03:20:51.120')",
		"SELECT toString((minute, centre, domain, source, events, repeats, backfilled, ahead, first_arrival, newest_arrival)) FROM feed_minute")
	// 0 s, 5 s, 10 s and 288 s ahead, each less than 1 % off; the history of weeks ago is in none.
	db.want("[(-288768,1),(0,1),(5024,1),(10048,1)]",
		"SELECT toString(arraySort(arrayZip(`delayMap.ms`, `delayMap.n`))) FROM feed_minute")
}

func TestAVersionIsTheOneThatTheTablesCompute(t *testing.T) {
	// A repeat is known by it: were the two formulas to differ, each row would take itself for another one.
	for kind, make := range feedEvents() {
		t.Run(kind, func(t *testing.T) {
			db := open(t)
			for i := range 3 {
				e := make(uint16(i), 1<<23|uint64(i), -time.Duration(i)*time.Hour) //nolint:gosec // small
				e.ID = fmt.Sprint(i)
				db.deliver(delivered{e, time.Duration(i) * time.Minute, "mqtt"})
				db.deliver(delivered{e, time.Duration(i) * time.Minute, "mqtt"})
			}
			db.want("(3,0)", "SELECT toString((sum(events), sum(repeats))) FROM feed_minute")
		})
	}
}
