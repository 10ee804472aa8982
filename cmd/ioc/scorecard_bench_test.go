package main

import (
	"testing"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/scorecard"
	"github.com/binhphuoc/ioc/schemas"
	cards "github.com/binhphuoc/ioc/schemas/scorecard"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// BenchmarkScorecardOfAYear reckons the scores of all agencies for a year out of two million things. What it measures decides
// whether rollups by agency are worth their keep: there are none.
func BenchmarkScorecardOfAYear(b *testing.B) {
	r := newRig(b)
	// Of dossiers, tickets and documents, half a million to a million each, spread over 13 months and 16 agencies.
	r.exec(`INSERT INTO entity (type, centre, entity, time, first_time, status, agency, kind, channel, direction, rating, received_at, due_at,
  completed_at, resolved_at, done_at, at, paid_online, digitised, signed, computed)
SELECT ['dossier', 'dossier', 'ticket', 'document'][1 + n % 4], 'province', toString(n), t, t, ['completed', 'completed', 'resolved', ''][1 + n % 4],
  ['so-tu-phap', 'so-xay-dung', 'so-y-te', 'so-cong-thuong', 'so-tai-chinh', 'so-noi-vu'][1 + n % 6], 'petition', ['online', 'counter'][1 + n % 2], 'out',
  1 + n % 5, t, t + INTERVAL 5 DAY, t + INTERVAL n % 7 DAY, t + INTERVAL n % 7 DAY, t + INTERVAL n % 7 DAY, t, n % 3 = 0, n % 5 > 0, n % 9 > 0, 1
FROM (SELECT number AS n, toDateTime64('2025-10-01 00:00:00', 3, 'UTC') + INTERVAL number * 17 SECOND AS t FROM numbers(2000000))`)
	agencies, err := schemas.BuiltinAgencies(r.registry)
	r.must(err)
	list, errs := cards.Builtin(r.catalogue)
	if len(errs) > 0 {
		b.Fatal(errs)
	}
	s := &scorecard.Scores{
		Store: r.store, Registry: r.registry, Agencies: agencies, Catalogue: r.catalogueNow, Scorecards: func() []cards.Scorecard { return list },
		Now: func() time.Time { return time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) },
	}
	year := scorecard.Request{ID: "index-766", By: wire.ByAgency, From: time.Date(2025, 12, 31, 17, 0, 0, 0, time.UTC), To: time.Date(2026, 12, 31, 17, 0, 0, 0, time.UTC)}
	for b.Loop() {
		t, err := s.Table(b.Context(), query.Everything(), year)
		r.must(err)
		if t.Units[0].Rank == nil {
			b.Fatal("nothing is ranked")
		}
	}
}
