package dashboardapi

import (
	"fmt"
	"net/http"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// someSources is a page of sources when the reader does not say how many.
const someSources = 100

// feeds answers with the health of all feeds.
func (s *Server) feeds(w http.ResponseWriter, r *http.Request) error {
	out, err := s.o.Feeds.List(r.Context(), s.scope(r))
	if err != nil {
		return fmt.Errorf("feeds: %w", err)
	}
	return writeJSON(w, wire.FeedList{Feeds: list(out)})
}

// feedSources answers with a page of the sources of one feed.
func (s *Server) feedSources(w http.ResponseWriter, r *http.Request) error {
	p := r.URL.Query()
	q := query.FeedSourcesRequest{
		Centre: r.PathValue("centre"), Domain: r.PathValue("domain"), State: wire.FeedState(p.Get("state")), Sort: query.FeedSort(p.Get("sort")), After: p.Get("after"),
	}
	var err error
	if q.Limit, err = limit(r, someSources, query.MaxFeedSources); err != nil {
		return err
	}
	out, err := s.o.Feeds.Sources(r.Context(), s.scope(r), q)
	if err != nil {
		return fmt.Errorf("sources of a feed: %w", err)
	}
	return writeJSON(w, out)
}
