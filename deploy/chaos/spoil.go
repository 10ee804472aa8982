package main

import (
	"context"
	"fmt"
	"time"
)

// spoilt is one thing made wrong on purpose, to show that the checker sees it.
type spoilt struct {
	what string
	kind string // what the checker must call it
	sql  string
}

// spoils are ordered: those of raw events come last, because nothing else is compared while they are wrong.
func spoils() []spoilt {
	const rollup = "INSERT INTO rollup SELECT * REPLACE (%s, computed + 1 AS computed) FROM rollup FINAL WHERE events > 0 AND kpi = 'feed.delay' AND tier = %d LIMIT 1"
	return []spoilt{
		{"an event missing in 10 seconds", "lost", fmt.Sprintf(rollup, "events - 1 AS events", 10)},
		{"an event too many in a minute", "doubled", fmt.Sprintf(rollup, "events + 1 AS events", 60)},
		{"another sum in an hour", "wrong", fmt.Sprintf(rollup, "num + 1 AS num", 3600)},
		{"another sum in a day", "wrong", fmt.Sprintf(rollup, "num + 1 AS num", 86400)},
		{"a rollup of nothing", "doubled", "INSERT INTO rollup SELECT * REPLACE (bucket + 864000 AS bucket) FROM rollup FINAL WHERE events > 0 LIMIT 1"},
		{
			"dossiers that look done", "wrong",
			"INSERT INTO entity SELECT * REPLACE ('completed' AS status, toNullable(time) AS completed_at, computed + 1 AS computed) FROM entity FINAL WHERE type = 'dossier'",
		},
		{"deliveries too many", "doubled", "INSERT INTO feed_event SELECT * REPLACE (events + 1000000 AS events, computed + 1 AS computed) FROM feed_event FINAL LIMIT 1"},
		{"deliveries gone", "lost", "ALTER TABLE feed_event DELETE WHERE source IN (SELECT min(source) FROM feed_event) SETTINGS mutations_sync = 1"},
		{"an event gone", "lost", "ALTER TABLE raw_state DELETE WHERE key IN (SELECT max(key) FROM raw_state) SETTINGS mutations_sync = 1"},
		{"an event twice", "doubled", "INSERT INTO raw_measure SELECT * REPLACE (generateUUIDv4() AS key) FROM raw_measure LIMIT 1"},
		{"an event of another revision", "wrong", "INSERT INTO raw_state SELECT * REPLACE (revision + 1 AS revision) FROM raw_state LIMIT 1"},
		{"a refused event gone", "lost", "ALTER TABLE rejected DELETE WHERE key IN (SELECT max(key) FROM rejected) SETTINGS mutations_sync = 1"},
		{"a refused event twice", "doubled", "INSERT INTO rejected SELECT * REPLACE (generateUUIDv4() AS key) FROM rejected LIMIT 1"},
		{"an event refused for nothing", "wrong", "INSERT INTO rejected SELECT * REPLACE (generateUUIDv4() AS key, 'good' AS payload) FROM rejected LIMIT 1"},
	}
}

// calmDown is how long the workers may look once more at what is new, and put right what this program makes wrong.
const calmDown = 75 * time.Second

// spoil makes one thing after the other wrong, and fails when the checker does not see it.
func (l *life) spoil(ctx context.Context, p *platform, look func() (verdict, error)) error {
	if pause(ctx, calmDown); ctx.Err() != nil {
		return ctx.Err()
	}
	last, err := look()
	if err != nil {
		return err
	}
	for _, s := range spoils() {
		if err := p.conn.Exec(ctx, s.sql); err != nil {
			return fmt.Errorf("make wrong: %s: %w", s.what, err)
		}
		pause(ctx, 2*time.Second) // an interface tells what it evaluated last
		now, err := look()
		if err != nil {
			return err
		}
		seen := map[string]int{"lost": now.lost - last.lost, "doubled": now.doubled - last.doubled, "wrong": now.wrong - last.wrong}
		if now.cells == 0 && last.cells > 0 { // raw events are wrong from here on: nothing else was compared
			seen = map[string]int{"lost": now.lost, "doubled": now.doubled, "wrong": now.wrong}
		}
		if seen[s.kind] <= 0 {
			return fmt.Errorf("%s: the checker does not see it: it counts lost %d, doubled %d, wrong %d", s.what, now.lost, now.doubled, now.wrong)
		}
		fmt.Fprintf(l.out, "seen as %-8s %s\n", s.kind+":", s.what)
		last = now
	}
	return nil
}
