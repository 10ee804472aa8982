package chstore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// toDo admits tickets on which somebody still has to act.
const toDo = "e.status IN ('received', 'forwarded', 'reopened')"

// overdue admits tickets as the KPI ticket.overdue does.
func overdue(now time.Time) string {
	return "(e.kind IN ('petition', 'field_report') AND " + toDo + " AND ifNull(e.due_at < " + moment(now) + ", false))"
}

// ticketsOf admits the tickets that a request is about, whatever their status.
func ticketsOf(centres []string, r query.TicketsRequest) string {
	where := "e.type = 'ticket' AND NOT e.gone AND " + ofCentres(centres)
	if r.Kind != "" {
		where += " AND e.kind = " + quote(r.Kind)
	}
	if r.ID != "" {
		where += " AND e.entity = " + quote(r.ID)
	}
	return where
}

// Tickets implements query.TicketStore.
func (s *Store) Tickets(ctx context.Context, centres []string, r query.TicketsRequest, now time.Time) ([]wire.Ticket, []query.TicketCursor, error) {
	where := ticketsOf(centres, r)
	switch r.Status {
	case "":
	case query.TicketsOpen:
		where += " AND " + toDo
	default:
		where += " AND e.status = " + quote(r.Status)
	}
	if r.Overdue {
		where += " AND " + overdue(now)
	}
	if r.Placed {
		where += " AND isNotNull(e.lat) AND isNotNull(e.lon)"
	}
	rank := "-toInt64(ifNull(toUnixTimestamp64Milli(e.received_at), 0))"
	if r.Sort == query.TicketsByDue {
		rank = "toInt64(ifNull(toUnixTimestamp64Milli(e.due_at), 9223372036854775807))"
	}
	if r.After.Name != "" {
		where += fmt.Sprintf(" AND (%s, toString(e.centre), e.entity) > (toInt64(%d), %s, %s)", rank, r.After.Rank, quote(r.After.Centre), quote(r.After.Name))
	}
	order := fmt.Sprintf("ORDER BY %s, toString(e.centre), e.entity LIMIT %d", rank, r.Limit)
	// First which ones, by few columns: all of the others are read for these alone, by their key.
	const code = "if(match(toString(e.topic), '^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$'), toString(e.topic), '')"
	var out []wire.Ticket
	var ends []query.TicketCursor
	err := s.scan(ctx, "list tickets", `SELECT e.entity, toString(e.centre), e.kind, e.channel, e.status, substringUTF8(toString(e.agency), 1, 200), `+code+`, `+overdue(now)+`,
  ifNull(e.received_at, e.first_time), e.due_at, e.resolved_at, e.rating, e.time, round(e.lat, 3), round(e.lon, 3), `+rank+`
FROM entity AS e FINAL WHERE e.type = 'ticket' AND (e.centre, e.entity) IN (SELECT e.centre, e.entity FROM entity AS e FINAL WHERE `+where+` `+order+`) `+order, nil, func(rows driver.Rows) error {
		var t wire.Ticket
		var c query.TicketCursor
		if err := rows.Scan(&t.ID, &t.Centre, &t.Kind, &t.Channel, &t.Status, &t.Agency, &t.Topic, &t.Overdue, &t.ReceivedAt, &t.DueAt, &t.ResolvedAt,
			&t.Rating, &t.Time, &t.Lat, &t.Lon, &c.Rank); err != nil {
			return err
		}
		c.Centre, c.Name = t.Centre, t.ID
		out, ends = append(out, t), append(ends, c)
		return nil
	})
	return out, ends, err
}

// TicketCounts implements query.TicketStore.
func (s *Store) TicketCounts(ctx context.Context, centres []string, r query.TicketsRequest, now time.Time) (n wire.TicketCounts, err error) {
	var counts []string
	for _, status := range []string{"received", "forwarded", "reopened", "resolved"} {
		counts = append(counts, "countIf(e.status = "+quote(status)+")")
	}
	err = s.scan(ctx, "count tickets", "SELECT "+strings.Join(counts, ", ")+", countIf("+overdue(now)+") FROM entity AS e FINAL WHERE "+ticketsOf(centres, r), nil,
		func(rows driver.Rows) error {
			return rows.Scan(&n.Received, &n.Forwarded, &n.Reopened, &n.Resolved, &n.Overdue)
		})
	return n, err
}
