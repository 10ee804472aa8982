package query

import "errors"

// ErrNotFound says that the KPI, the centre or the event is not there, or not in the reader's scope:
// which of the two is not told.
var ErrNotFound = errors.New("not found")

// ErrBadRequest says that the question makes no sense, such as a series that ends before it starts.
var ErrBadRequest = errors.New("bad request")

// ErrBusy says that what is asked for is being done already.
var ErrBusy = errors.New("busy")
