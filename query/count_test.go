package query

import (
	"math"
	"testing"
	"time"

	"github.com/binhphuoc/ioc/schemas/kpi"
)

func TestCompute(t *testing.T) {
	tests := []struct {
		name string
		kind kpi.Kind
		q    float64
		how  string
		c    Count
		span time.Duration
		want float64 // NaN: no value
	}{
		{"a count is its numerator", kpi.KindCount, 0, "", Count{Num: 3}, 0, 3},
		{"a rate is per hour", kpi.KindRate, 0, "", Count{Num: 30}, 15 * time.Minute, 120},
		{"a ratio divides its counts", kpi.KindRatio, 0, "", Count{Num: 1, Den: 4}, 0, 0.25},
		{"a ratio of nothing has no value", kpi.KindRatio, 0, "", Count{}, 0, math.NaN()},
		{"down counts those that are not up", kpi.KindDown, 0, "", Count{Num: 3, Den: 5}, 0, 2},
		{"the median of an even number lies between the middle two", kpi.KindQuantile, 0.5, "", Count{Samples: []float64{4, 1, 3, 2}}, 0, 2.5},
		{"the highest quantile is the greatest sample", kpi.KindQuantile, 1, "", Count{Samples: []float64{4, 1}}, 0, 4},
		{"a quantile of nothing has no value", kpi.KindQuantile, 0.5, "", Count{}, 0, math.NaN()},
		{"last across sources by mean", kpi.KindLast, 0, "mean", Count{Samples: []float64{1, 2, 6}}, 0, 3},
		{"last across sources by maximum", kpi.KindLast, 0, "max", Count{Samples: []float64{1, 6, 2}}, 0, 6},
		{"last across sources by minimum", kpi.KindLast, 0, "min", Count{Samples: []float64{3, 1, 2}}, 0, 1},
		{"last across sources by sum", kpi.KindLast, 0, "sum", Count{Samples: []float64{3, 1, 2}}, 0, 6},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := kpi.KPI{Scale: 1, Formula: kpi.Formula{Kind: tt.kind, Quantile: tt.q, Across: tt.how}}
			got := Compute(k, tt.c, tt.span)
			switch {
			case math.IsNaN(tt.want):
				if got != nil {
					t.Errorf("got %v, want none", *got)
				}
			case got == nil || math.Abs(*got-tt.want) > 1e-12:
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestCountsOfSeveralCentresAreMergedBeforeDividing(t *testing.T) {
	ratio := kpi.KPI{Scale: 100, Formula: kpi.Formula{Kind: kpi.KindRatio}}
	total := Count{Num: 1, Den: 1} // 100 %
	total.Add(Count{Num: 0, Den: 3})
	if got := Compute(ratio, total, 0); got == nil || *got != 25 {
		t.Errorf("got %v, want 25: the mean of the two ratios would be 50", got)
	}
}

func TestScope(t *testing.T) {
	var none Scope
	if none.Sees("dong-xoai") {
		t.Error("the zero scope sees a centre")
	}
	if s := Only("dong-xoai"); !s.Sees("dong-xoai") || s.Sees("binh-long") || s.Sees("province") {
		t.Error("a scope of one centre must see this one alone")
	}
	if !Everything().Sees("province") {
		t.Error("everything does not see the province")
	}
}
