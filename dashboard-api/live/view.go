package live

import (
	"fmt"
	"slices"
	"strings"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/wire"
)

const (
	maxFilters = 256 // in one list of a subscription
	maxName    = 128 // bytes of one of them
)

// view is what a client gets to see: its subscription within its scope. Clients whose views have the same key
// get the same frames. Names that stand for nothing are no error: KPIs and centres come and go while walls stay,
// and whether a centre exists is not told to whoever may not see it.
type view struct {
	key     string
	kpis    []string // ids and patterns; empty: all
	centres []string
}

func (h *Hub) newView(scope query.Scope, s wire.Subscribe) (*view, error) {
	if len(s.KPIs) > maxFilters || len(s.Centres) > maxFilters {
		return nil, fmt.Errorf("a subscription names at most %d KPIs and %d centres", maxFilters, maxFilters)
	}
	for _, name := range slices.Concat(s.KPIs, s.Centres) {
		if name == "" || len(name) > maxName {
			return nil, fmt.Errorf("a name in a subscription has 1 to %d bytes", maxName)
		}
	}
	if len(s.Wall) > maxName {
		return nil, fmt.Errorf("the id of a wall has at most %d bytes", maxName)
	}
	v := &view{kpis: slices.Compact(slices.Sorted(slices.Values(s.KPIs))), centres: h.visible(scope, s.Centres)}
	for _, p := range v.kpis {
		if head, star, ok := strings.Cut(p, "*"); ok && (star != "" || head != "" && !strings.HasSuffix(head, ".")) {
			return nil, fmt.Errorf("KPI pattern %.40q: a star may stand alone or after the last dot, as in hotline.*", p)
		}
	}
	if slices.Contains(v.kpis, "*") {
		v.kpis = nil
	}
	// Quoted, because a client chose the names: no two different lists may end in the same key.
	v.key = fmt.Sprintf("%q %q", v.centres, v.kpis)
	return v, nil
}

func (v *view) shows(kpi string) bool {
	return len(v.kpis) == 0 || slices.ContainsFunc(v.kpis, func(p string) bool {
		head, all := strings.CutSuffix(p, "*")
		return p == kpi || all && strings.HasPrefix(kpi, head)
	})
}

// since returns the view's values that changed after a sequence.
func (v *view) since(st *state, seq uint64) []wire.Value {
	out := []wire.Value{}
	for _, e := range st.values {
		if e.seq > seq && slices.Contains(v.centres, e.Centre) && v.shows(e.KPI) {
			out = append(out, e.Value)
		}
	}
	return out
}

// feeds returns the feeds of the view's centres.
func (v *view) feeds(st *state) []wire.Feed {
	out := []wire.Feed{}
	for _, f := range st.feeds {
		if slices.Contains(v.centres, f.Centre) {
			out = append(out, f)
		}
	}
	return out
}
