package dashboardapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/wire"
)

const (
	// someRejects is a page of refused events when the reader does not say how many.
	someRejects = 100
	// maxReplays is how many refused events one request replays: as many as are done well within its time.
	maxReplays = 1000
	// takeWithin is how long a reader of an export may take for its next part.
	takeWithin = 30 * time.Second
)

// rejectParams are the filters that all questions about refused events know.
func rejectParams() []string {
	return []string{"centre", "domain", "source", "code", "since", "before"}
}

// rejectsRequest reads the filters.
func (s *Server) rejectsRequest(r *http.Request) (query.RejectsRequest, error) {
	p := r.URL.Query()
	q := query.RejectsRequest{
		Centre: p.Get("centre"), Domain: p.Get("domain"), Source: p.Get("source"), Code: p.Get("code"), State: query.RejectState(p.Get("state")),
	}
	if q.Centre != "" && !s.exists(s.scope(r), q.Centre) {
		return q, query.ErrNotFound
	}
	if q.State != query.RejectsAll && q.State != query.RejectsOpen && q.State != query.RejectsTaken {
		return q, badRequest("state phải là open hoặc taken.", "state must be open or taken.")
	}
	var err error
	if q.Since, err = moment(r, "since", time.Time{}); err != nil {
		return q, err
	}
	q.Before, err = moment(r, "before", s.o.Now().UTC())
	return q, err
}

// rejects answers with a page of refused events, the newest first.
func (s *Server) rejects(w http.ResponseWriter, r *http.Request) error {
	q, err := s.rejectsRequest(r)
	if err != nil {
		return err
	}
	if q.Limit, err = limit(r, someRejects, query.MaxRejects); err != nil {
		return err
	}
	if after := r.URL.Query().Get("after"); after != "" {
		if q.After, err = query.ParseRejectCursor(after); err != nil {
			return badRequest("after phải là giá trị next của trang trước.", "after must be next of the page before.")
		}
	}
	out, err := s.o.Rejects.List(r.Context(), s.scope(r), q)
	if err != nil {
		return fmt.Errorf("rejects: %w", err)
	}
	return writeJSON(w, out)
}

// reject answers with one refused event, whole.
func (s *Server) reject(w http.ResponseWriter, r *http.Request) error {
	key := r.PathValue("key")
	if uuid.Validate(key) != nil {
		return query.ErrNotFound
	}
	var found *wire.Reject
	err := s.o.Rejects.Each(r.Context(), s.scope(r), query.RejectsRequest{Keys: []string{key}}, func(j *wire.Reject) error {
		found = j
		return nil
	})
	switch {
	case err != nil:
		return fmt.Errorf("reject: %w", err)
	case found == nil:
		return query.ErrNotFound
	}
	return writeJSON(w, found)
}

// rejectCounts answers with what is refused for which reason, the most first.
func (s *Server) rejectCounts(w http.ResponseWriter, r *http.Request) error {
	q, err := s.rejectsRequest(r)
	if err != nil {
		return err
	}
	out, err := s.o.Rejects.Counts(r.Context(), s.scope(r), q)
	if err != nil {
		return fmt.Errorf("reject counts: %w", err)
	}
	return writeJSON(w, out)
}

// exportRejects answers with all refused events that are meant, whole, a line of JSON each.
func (s *Server) exportRejects(w http.ResponseWriter, r *http.Request) error {
	q, err := s.rejectsRequest(r)
	if err != nil {
		return err
	}
	// An export takes as long as it is. What bounds it is that the reader takes one part after the other.
	ctx := context.WithoutCancel(r.Context())
	out, begun := http.NewResponseController(w), false
	begin := func() {
		h := w.Header()
		h.Set("Content-Type", "application/x-ndjson")
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Disposition", `attachment; filename="rejects.ndjson"`)
		begun = true
	}
	enc := json.NewEncoder(w)
	err = s.o.Rejects.Each(ctx, s.scope(r), q, func(j *wire.Reject) error {
		if !begun {
			begin()
		}
		// The clock of the connection, whatever that of the data says.
		if err := out.SetWriteDeadline(time.Now().Add(takeWithin)); err != nil {
			return fmt.Errorf("set deadline: %w", err)
		}
		return enc.Encode(j)
	})
	switch {
	case err != nil && !begun:
		return fmt.Errorf("export: %w", err)
	case err != nil:
		// The answer has begun as a good one. To cut it off is the only way left to say that it is not whole.
		s.o.Log.Warn("an export of refused events was cut off", "error", err)
		panic(http.ErrAbortHandler)
	case !begun:
		begin()
	}
	return nil
}

// replay reads refused events again.
func (s *Server) replay(w http.ResponseWriter, r *http.Request) error {
	q, dry, err := s.replayRequest(r)
	if err != nil {
		return err
	}
	by := s.by(r)
	out, err := s.o.Replay(r.Context(), s.scope(r), by, q, dry)
	if err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	s.o.Log.Info("refused events were replayed", "by", by, "dry_run", dry, "taken", out.Taken, "refused", out.Refused, "skipped", out.Skipped)
	return writeJSON(w, out)
}

// replayRequest reads which refused events are to be read again.
func (s *Server) replayRequest(r *http.Request) (query.RejectsRequest, bool, error) {
	var none query.RejectsRequest
	if err := wantJSON(r); err != nil {
		return none, false, err
	}
	var in wire.ReplayRequest
	if err := readOne(r.Body, &in); err != nil && !errors.Is(err, io.EOF) { // no body: no filter
		return none, false, unreadable(err, "Nội dung phải là một đối tượng JSON như mô tả trong /api/v1/openapi.yaml.",
			"The body must be one JSON object as /api/v1/openapi.yaml describes it.")
	}
	q := query.RejectsRequest{
		Keys: in.Keys, Centre: in.Centre, Domain: in.Domain, Source: in.Source, Code: in.Code, After: query.RejectCursor{Key: in.After}, Limit: in.Limit,
	}
	if q.Limit == 0 {
		q.Limit = maxReplays
	}
	switch {
	case q.Limit < 0 || q.Limit > maxReplays:
		return none, false, badRequest("limit phải là số nguyên từ 1 đến %[1]d.", "limit must be a whole number from 1 to %[1]d.", maxReplays)
	case q.Centre != "" && !s.exists(s.scope(r), q.Centre):
		return none, false, query.ErrNotFound
	}
	if in.Since != nil {
		q.Since = *in.Since
	}
	if in.Before != nil {
		q.Before = *in.Before
	}
	return q, in.DryRun, nil
}
