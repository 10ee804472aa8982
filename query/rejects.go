package query

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/binhphuoc/ioc/schemas/wire"
)

// RejectState says which refused events are meant.
type RejectState string

// The states of a refused event.
const (
	RejectsAll   RejectState = ""
	RejectsOpen  RejectState = "open"  // not taken yet
	RejectsTaken RejectState = "taken" // by a replay
)

// RejectsRequest names refused events by what they have in common. What is empty restricts nothing.
type RejectsRequest struct {
	Keys           []string // at most MaxRejectKeys
	Centre, Domain string
	Source         string
	Code           string
	State          RejectState
	Since, Before  time.Time // when they arrived; Since inclusive, Before exclusive
	After          RejectCursor
	Limit          int
}

// Limits of one question about refused events.
const (
	MaxRejects    = 500 // in a list
	MaxRejectKeys = 1000
)

// RejectCursor is where a page of refused events ended.
type RejectCursor struct {
	At  time.Time
	Key string
}

// String is what a reader gives back for the next page.
func (c RejectCursor) String() string { return strconv.FormatInt(c.At.UnixMilli(), 36) + "." + c.Key }

// ParseRejectCursor reads what String wrote.
func ParseRejectCursor(text string) (RejectCursor, error) {
	at, key, _ := strings.Cut(text, ".")
	ms, err := strconv.ParseInt(at, 36, 64)
	if err != nil || uuid.Validate(key) != nil {
		return RejectCursor{}, fmt.Errorf("%w: %q is not where a page ended", ErrBadRequest, text)
	}
	return RejectCursor{At: time.UnixMilli(ms).UTC(), Key: key}, nil
}

// RejectStore is where refused events are. No centres: those of all, also of none that is known.
type RejectStore interface {
	// RejectList returns up to r.Limit, the newest first, with the first part of long payloads.
	RejectList(ctx context.Context, centres []string, r RejectsRequest) ([]wire.Reject, error)
	// RejectPage returns whole ones after r.After.Key in the order of their keys: at least one when there are any, and no
	// more than fit into memory with ease.
	RejectPage(ctx context.Context, centres []string, r RejectsRequest) ([]wire.Reject, error)
	RejectCounts(ctx context.Context, centres []string, r RejectsRequest) ([]wire.RejectCount, error)
}

// Rejects answers what is asked of refused events.
type Rejects struct{ Store RejectStore }

// List returns a page of refused events, the newest first.
func (a *Rejects) List(ctx context.Context, scope Scope, r RejectsRequest) (wire.RejectList, error) {
	if r.Limit <= 0 || r.Limit > MaxRejects {
		r.Limit = MaxRejects
	}
	out := wire.RejectList{Rejects: []wire.Reject{}}
	centres, err := rejectCentres(scope, r)
	if err != nil || centres != nil && len(centres) == 0 {
		return out, err
	}
	page := r
	page.Limit++ // one more tells whether there is a next page
	list, err := a.Store.RejectList(ctx, centres, page)
	if err != nil {
		return out, err
	}
	if len(list) > r.Limit {
		list = list[:r.Limit]
		last := list[len(list)-1]
		out.Next = RejectCursor{At: last.At, Key: last.Key}.String()
	}
	out.Rejects = append(out.Rejects, list...)
	return out, nil
}

// Counts says what is refused for which reason, the most first.
func (a *Rejects) Counts(ctx context.Context, scope Scope, r RejectsRequest) (wire.RejectCounts, error) {
	out := wire.RejectCounts{Counts: []wire.RejectCount{}}
	centres, err := rejectCentres(scope, r)
	if err != nil || centres != nil && len(centres) == 0 {
		return out, err
	}
	counts, err := a.Store.RejectCounts(ctx, centres, r)
	out.Counts = append(out.Counts, counts...)
	return out, err
}

// Each hands over refused events one by one, whole, in the order of their keys, up to r.Limit (0: all).
// It holds few of them at a time, however many there are.
func (a *Rejects) Each(ctx context.Context, scope Scope, r RejectsRequest, yield func(*wire.Reject) error) error {
	centres, err := rejectCentres(scope, r)
	if err != nil || centres != nil && len(centres) == 0 {
		return err
	}
	for n := 0; ; {
		page, err := a.Store.RejectPage(ctx, centres, r)
		if err != nil || len(page) == 0 {
			return err
		}
		for i := range page {
			if err := yield(&page[i]); err != nil {
				return err
			}
			if n++; n == r.Limit {
				return nil
			}
		}
		r.After.Key = page[len(page)-1].Key
	}
}

// rejectCentres is whose refused events a request may see: nil stands for everybody's, empty for nobody's.
func rejectCentres(scope Scope, r RejectsRequest) ([]string, error) {
	if len(r.Keys) > MaxRejectKeys {
		return nil, fmt.Errorf("%w: more than %d keys", ErrBadRequest, MaxRejectKeys)
	}
	for _, k := range r.Keys {
		if uuid.Validate(k) != nil {
			return nil, fmt.Errorf("%w: %q is not the key of a refused event", ErrBadRequest, k)
		}
	}
	switch {
	case r.State != RejectsAll && r.State != RejectsOpen && r.State != RejectsTaken:
		return nil, fmt.Errorf("%w: state is %q, want open or taken", ErrBadRequest, r.State)
	case r.After.Key != "" && uuid.Validate(r.After.Key) != nil:
		return nil, fmt.Errorf("%w: %q is not the key of a refused event", ErrBadRequest, r.After.Key)
	default:
		return scope.within(r.Centre)
	}
}
