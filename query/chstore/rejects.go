package chstore

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

const (
	// listedBytes is how much of a payload a list shows.
	listedBytes = 4096
	// A page of whole refused events has at most so many, and as many bytes, unless the first alone has more.
	pageRejects = 1000
	pageBytes   = 8 << 20
	// maxCounts is how many pairs of feed and reason are counted: every centre, domain and reason there is fits in.
	maxCounts = 2000
)

// takenKeys are the refused events that a replay brought in.
const takenKeys = "(SELECT key FROM replayed FINAL WHERE taken)"

// rejectsWhere makes the condition of a request, with its arguments.
func rejectsWhere(centres []string, r query.RejectsRequest) (string, []any) {
	where, args := []string{"1"}, []any{}
	if centres != nil {
		where = append(where, "centre IN ("+quotes(centres)+")")
	}
	for _, c := range []struct{ column, value string }{{"domain", r.Domain}, {"source", r.Source}, {"code", r.Code}} {
		if c.value != "" {
			where = append(where, c.column+" = ?")
			args = append(args, c.value)
		}
	}
	if len(r.Keys) > 0 {
		where = append(where, "key IN ("+quotes(r.Keys)+")")
	}
	switch r.State {
	case query.RejectsOpen:
		where = append(where, "key NOT IN "+takenKeys)
	case query.RejectsTaken:
		where = append(where, "key IN "+takenKeys)
	case query.RejectsAll:
	}
	if !r.Since.IsZero() {
		where = append(where, "arrived >= "+moment(r.Since))
	}
	if !r.Before.IsZero() {
		where = append(where, "arrived < "+moment(r.Before))
	}
	return strings.Join(where, " AND "), args
}

// RejectList implements query.RejectStore.
func (s *Store) RejectList(ctx context.Context, centres []string, r query.RejectsRequest) ([]wire.Reject, error) {
	where, args := rejectsWhere(centres, r)
	if r.After.Key != "" {
		where += fmt.Sprintf(" AND (arrived, key) < (%s, toUUID(%s))", moment(r.After.At), quote(r.After.Key))
	}
	return s.rejects(ctx, "list refused events", fmt.Sprintf("substring(payload, 1, %d)", listedBytes),
		fmt.Sprintf("%s ORDER BY arrived DESC, key DESC LIMIT %d", where, r.Limit), args)
}

// RejectPage implements query.RejectStore. It looks at the sizes first: a payload may be as large as the brokers let pass.
func (s *Store) RejectPage(ctx context.Context, centres []string, r query.RejectsRequest) ([]wire.Reject, error) {
	where, args := rejectsWhere(centres, r)
	if r.After.Key != "" {
		where += fmt.Sprintf(" AND key > toUUID(%s)", quote(r.After.Key))
	}
	var keys []string
	var total uint64
	err := s.scan(ctx, "list keys of refused events",
		fmt.Sprintf("SELECT toString(key), length(payload) FROM rejected FINAL WHERE %s ORDER BY key LIMIT %d", where, pageRejects),
		args, func(rows driver.Rows) error {
			var key string
			var bytes uint64
			if err := rows.Scan(&key, &bytes); err != nil {
				return err
			}
			if total += bytes; len(keys) == 0 || total <= pageBytes {
				keys = append(keys, key)
			}
			return nil
		})
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	return s.rejects(ctx, "read refused events", "payload", "key IN ("+quotes(keys)+") ORDER BY key", nil)
}

// rejects reads refused events, and what came of their replays.
func (s *Store) rejects(ctx context.Context, what, payload, where string, args []any) ([]wire.Reject, error) {
	var out []wire.Reject
	err := s.scan(ctx, what, `SELECT toString(key), arrived, code, field, sentence_vi, sentence_en, centre, domain, transport, topic,
  kafka_partition, kafka_offset, batch_index, event_id, source, event_type, header, length(payload), `+payload+`
FROM rejected FINAL WHERE `+where, args, func(rows driver.Rows) error {
		var j wire.Reject
		var code, payload string
		var bytes uint64
		if err := rows.Scan(&j.Key, &j.At, &code, &j.Field, &j.Sentence.VI, &j.Sentence.EN, &j.Centre, &j.Domain, &j.Transport, &j.Topic,
			&j.Partition, &j.Offset, &j.Index, &j.EventID, &j.Source, &j.EventType, &j.Header, &bytes, &payload); err != nil {
			return err
		}
		j.Code = schemas.Code(code)
		j.SetPayload([]byte(payload), bytes)
		out = append(out, j)
		return nil
	})
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return out, s.replays(ctx, out)
}

// replays adds to refused events what came of reading them again.
func (s *Store) replays(ctx context.Context, list []wire.Reject) error {
	at := make(map[string]*wire.Reject, len(list))
	keys := make([]string, len(list))
	for i := range list {
		keys[i] = list[i].Key
		at[keys[i]] = &list[i]
	}
	return s.scan(ctx, "read replays", `SELECT toString(key), at, taken, code, field, sentence_vi, sentence_en, by FROM replayed FINAL
WHERE key IN (`+quotes(keys)+`)`, nil, func(rows driver.Rows) error {
		var key, code string
		var p wire.RejectReplay
		if err := rows.Scan(&key, &p.At, &p.Taken, &code, &p.Field, &p.Sentence.VI, &p.Sentence.EN, &p.By); err != nil {
			return err
		}
		p.Code = schemas.Code(code)
		if j := at[key]; j != nil {
			j.Replay = &p
		}
		return nil
	})
}

// RejectCounts implements query.RejectStore.
func (s *Store) RejectCounts(ctx context.Context, centres []string, r query.RejectsRequest) ([]wire.RejectCount, error) {
	where, args := rejectsWhere(centres, r)
	var out []wire.RejectCount
	err := s.scan(ctx, "count refused events", fmt.Sprintf(`SELECT centre, domain, code, count() AS n, countIf(key NOT IN %s) AS open, uniqExact(source),
  min(arrived), max(arrived), toString(argMax(key, (arrived, key))), argMax(sentence_vi, (arrived, key)), argMax(sentence_en, (arrived, key))
FROM rejected FINAL WHERE %s GROUP BY centre, domain, code ORDER BY open DESC, n DESC, centre, domain, code LIMIT %d`, takenKeys, where, maxCounts),
		args, func(rows driver.Rows) error {
			var c wire.RejectCount
			var code string
			if err := rows.Scan(&c.Centre, &c.Domain, &code, &c.Count, &c.Open, &c.Sources, &c.First, &c.Newest, &c.Key, &c.Sentence.VI, &c.Sentence.EN); err != nil {
				return err
			}
			c.Code = schemas.Code(code)
			out = append(out, c)
			return nil
		})
	return out, err
}
