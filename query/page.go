package query

import (
	"fmt"
	"strconv"
)

// pageStart reads where a page of a list begins: next of the page before, empty for the first.
func pageStart(after string) (int, error) {
	if after == "" {
		return 0, nil
	}
	from, err := strconv.Atoi(after)
	if err != nil || from < 0 {
		return 0, fmt.Errorf("%w: %q is not where a page ended", ErrBadRequest, after)
	}
	return from, nil
}

// pageOf cuts one page out of a list. next is where the following one begins, empty after the last.
func pageOf[T any](all []T, from, limit int) (page []T, next string) {
	page = all[min(from, len(all)):]
	if len(page) > limit {
		return page[:limit], strconv.Itoa(from + limit)
	}
	return page, ""
}
