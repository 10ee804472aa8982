package query

import (
	"errors"
	"fmt"

	"github.com/binhphuoc/ioc/schemas"
)

// ErrNotFound says that the KPI, the centre or the event is not there, or not in the reader's scope:
// which of the two is not told.
var ErrNotFound = errors.New("not found")

// ErrBadRequest says that the question makes no sense, such as a series that ends before it starts.
var ErrBadRequest = errors.New("bad request")

// ErrBusy says that what is asked for is being done already.
var ErrBusy = errors.New("busy")

// ErrConflict says that what was asked for no longer fits what is there.
var ErrConflict = errors.New("conflict")

// Refusal is an error that tells the reader in both languages what is wrong with the question.
type Refusal struct {
	Kind error // ErrNotFound, ErrBadRequest or ErrConflict
	Text schemas.Text
}

// Error returns the English sentence.
func (r *Refusal) Error() string { return r.Text.EN }

// Unwrap returns the kind.
func (r *Refusal) Unwrap() error { return r.Kind }

// Refuse makes a Refusal. Both sentences are formats for the same arguments.
func Refuse(kind error, vi, en string, args ...any) error {
	return &Refusal{Kind: kind, Text: schemas.Text{VI: fmt.Sprintf(vi, args...), EN: fmt.Sprintf(en, args...)}}
}
