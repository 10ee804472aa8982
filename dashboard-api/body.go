package dashboardapi

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// errMore says that something follows where a body should end.
var errMore = errors.New("more than one JSON value")

// readOne reads the one JSON value that a body holds. A field that it does not know is an error: misspelt, it would otherwise
// count as left out. An empty body is io.EOF.
func readOne(body io.Reader, into any) error {
	dec := json.NewDecoder(body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return err //nolint:wrapcheck // whoever asks says what was to be read
	}
	switch _, err := dec.Token(); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err //nolint:wrapcheck // as above
	default:
		return errMore
	}
}

// unreadable answers a body that readOne could not read with what it must be, unless it is too large: that has an answer of its own.
func unreadable(err error, vi, en string, args ...any) error {
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return err
	}
	return badRequest(vi, en, args...)
}
