package scene

import (
	"maps"
	"slices"
	"time"
)

// kind says what a widget of one kind needs and may have beside its place.
type kind struct {
	needs []string
	may   []string
	w, h  float64 // least share of the scene's width and height in which it is legible
}

// kinds are all kinds of widgets, with what each shows.
func kinds() map[string]kind {
	return map[string]kind{
		"number":  {[]string{"kpi"}, []string{"centre", "centres", "title"}, 0.15, 0.2},               // one value, large
		"trend":   {[]string{"kpi", "span"}, []string{"centre", "centres", "title"}, 0.25, 0.24},      // a KPI over time, with its target
		"compare": {[]string{"kpi"}, []string{"centres", "title"}, 0.2, 0.2},                          // one KPI of several centres as bars
		"ranking": {nil, []string{"kpi", "scorecard", "by", "centres", "title", "limit"}, 0.25, 0.24}, // the best first
		"gauge":   {[]string{"kpi"}, []string{"centre", "title", "min", "max"}, 0.16, 0.24},           // a value between two ends
		"target":  {[]string{"kpi"}, []string{"centre", "title"}, 0.25, 0.12},                         // how far a target is reached
		"status":  {[]string{"of"}, []string{"centre", "title"}, 0.25, 0.1},                           // feeds, cameras or sensors by their state
		"alarms":  {nil, []string{"centre", "title", "limit"}, 0.25, 0.24},                            // the newest alarms
		"hours":   {[]string{"kpi"}, []string{"centre", "title"}, 0.25, 0.24},                         // a KPI by hour of the last 24
		"map":     {[]string{"kpi"}, []string{"title"}, 0.25, 0.24},                                   // where the centres are
		"clock":   {nil, []string{"title"}, 0.12, 0.1},
		"ticker":  {[]string{"kpis"}, []string{"centre"}, 0.5, 0.06}, // many values, one after the other
		"text":    {[]string{"text"}, []string{"title"}, 0.15, 0.06},
	}
}

func kindNames() []string { return slices.Sorted(maps.Keys(kinds())) }

// shortest and longest are the ends of what a trend may show.
const (
	shortest = time.Minute
	longest  = 30 * 24 * time.Hour
)
