package dashboardapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/alarm"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// someAlarms is a page of alarms when the reader does not say how many.
const someAlarms = 100

// Alarms answers what is asked of alarms, and takes orders about them.
type Alarms interface {
	List(ctx context.Context, scope query.Scope, r alarm.Request) (wire.AlarmList, error)
	// Get returns one with its history, and a page of its members: of the request, After and Limit count.
	Get(ctx context.Context, scope query.Scope, id string, members alarm.Request) (wire.AlarmDetail, error)
	Act(ctx context.Context, scope query.Scope, id string, action wire.AlarmAction, o wire.AlarmOrder, by string) (wire.Alarm, error)
}

// alarmParams are the filters of a list.
func alarmParams() []string {
	return []string{"state", "priority", "centre", "kind", "cause", "from", "to", "after", "limit"}
}

// alarmRoutes are the ways to look at alarms and to change them.
func (s *Server) alarmRoutes() []route {
	const one = "/api/v1/alarms/{id}"
	out := []route{
		{"GET", "/api/v1/alarms", s.alarms, alarmParams(), false},
		{"GET", "/api/v1/alarms/statistics", s.alarmStatistics, []string{"centre", "from", "to"}, false},
		{"GET", one, s.alarm, []string{"after", "limit"}, false},
	}
	for _, action := range []wire.AlarmAction{
		wire.AlarmAcknowledge, wire.AlarmAssign, wire.AlarmShelve, wire.AlarmUnshelve, wire.AlarmClose, wire.AlarmComment,
	} {
		out = append(out, route{"POST", one + "/" + string(action), s.alarmOrder(action), nil, false})
	}
	return out
}

// alarms answers with a page of alarms, the newest first.
func (s *Server) alarms(w http.ResponseWriter, r *http.Request) error {
	p := r.URL.Query()
	q, err := alarmPage(r)
	if err != nil {
		return err
	}
	q.Centre, q.Kind, q.Cause = p.Get("centre"), wire.AlarmKind(p.Get("kind")), p.Get("cause")
	for _, state := range strings.FieldsFunc(p.Get("state"), func(c rune) bool { return c == ',' }) {
		q.States = append(q.States, wire.AlarmState(state))
	}
	if text := p.Get("priority"); text != "" {
		if q.Priority, err = strconv.Atoi(text); err != nil || q.Priority < 1 {
			return badRequest("priority phải là số từ 1 đến 4.", "priority must be a number from 1 to 4.")
		}
	}
	if q.From, err = moment(r, "from", time.Time{}); err != nil {
		return err
	}
	if q.To, err = moment(r, "to", time.Time{}); err != nil {
		return err
	}
	out, err := s.o.Alarms.List(r.Context(), s.scope(r), q)
	if err != nil {
		return fmt.Errorf("alarms: %w", err)
	}
	return writeJSON(w, out)
}

// alarmPage reads which page is wanted.
func alarmPage(r *http.Request) (q alarm.Request, err error) {
	if q.Limit, err = limit(r, someAlarms, alarm.MaxListed); err != nil {
		return q, err
	}
	if after := r.URL.Query().Get("after"); after != "" {
		if q.After, err = alarm.ParseCursor(after); err != nil {
			return q, badRequest("after phải là giá trị next của trang trước.", "after must be next of the page before.")
		}
	}
	return q, nil
}

// alarm answers with one alarm, its history and its members.
func (s *Server) alarm(w http.ResponseWriter, r *http.Request) error {
	q, err := alarmPage(r)
	if err != nil {
		return err
	}
	out, err := s.o.Alarms.Get(r.Context(), s.scope(r), r.PathValue("id"), q)
	if err != nil {
		return ofAlarm("alarm", err)
	}
	return writeJSON(w, out)
}

// alarmOrder makes the handler of what a person may do with an alarm.
func (s *Server) alarmOrder(action wire.AlarmAction) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := wantJSON(r); err != nil {
			return err
		}
		var in wire.AlarmOrder
		if err := readOne(r.Body, &in); err != nil {
			return unreadable(err, "Nội dung phải là một đối tượng JSON như mô tả trong /api/v1/openapi.yaml.",
				"The body must be one JSON object as /api/v1/openapi.yaml describes it.")
		}
		// Once it is here it is worked off, whether or not somebody waits for the answer.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), answerWithin)
		defer cancel()
		out, err := s.o.Alarms.Act(ctx, s.scope(r), r.PathValue("id"), action, in, s.by(r))
		if err != nil {
			return ofAlarm(string(action)+" alarm", err)
		}
		return writeJSON(w, out)
	}
}

// ofAlarm says of an alarm what is said of everything that is not there.
func ofAlarm(what string, err error) error {
	if errors.Is(err, query.ErrNotFound) {
		return notFound("Không có báo động này, hoặc bạn không được xem.", "There is no such alarm, or you may not see it.")
	}
	return fmt.Errorf("%s: %w", what, err)
}

// alarmStatistics answers with how many alarms there were for how many persons.
func (s *Server) alarmStatistics(w http.ResponseWriter, r *http.Request) error {
	to, err := moment(r, "to", s.o.Now().UTC())
	if err != nil {
		return err
	}
	from, err := moment(r, "from", to.Add(-24*time.Hour))
	if err != nil {
		return err
	}
	out, err := s.o.AlarmStatistics(r.Context(), s.scope(r), r.URL.Query().Get("centre"), from, to)
	if err != nil {
		return fmt.Errorf("statistics of alarms: %w", err)
	}
	return writeJSON(w, out)
}
