package plot_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/binhphuoc/ioc/query/report/plot"
)

func TestScales(t *testing.T) {
	for _, c := range []struct {
		name     string
		got      plot.Scale
		want     plot.Scale
		decimals int
	}{
		{"rates", plot.Round([]float64{94.1, 97.4, 98}), plot.Scale{Low: 94, High: 98, Ticks: []float64{94, 96, 98}}, 0},
		{"small steps", plot.Round([]float64{2.31, 2.36}), plot.Scale{Low: 2.3, High: 2.36, Ticks: []float64{2.3, 2.32, 2.34, 2.36}}, 2},
		{"all the same", plot.Round([]float64{100, 100}), plot.Scale{Low: 99, High: 101, Ticks: []float64{99, 100, 101}}, 0},
		{"nothing", plot.Round(nil), plot.Scale{Low: 0, High: 1, Ticks: []float64{0, 0.5, 1}}, 1},
		{"bars", plot.FromZero([]float64{88, 95}), plot.Scale{Low: 0, High: 100, Ticks: []float64{0, 50, 100}}, 0},
		{"bars below zero", plot.FromZero([]float64{-3, 2}), plot.Scale{Low: -4, High: 2, Ticks: []float64{-4, -2, 0, 2}}, 0},
		{"thousands", plot.FromZero([]float64{48211}), plot.Scale{Low: 0, High: 60000, Ticks: []float64{0, 20000, 40000, 60000}}, 0},
		{"a flat small line", plot.Tight([]float64{5, 5}), plot.Scale{Low: 3.8, High: 6.2}, 0},
		{"noise", plot.Round([]float64{0.1 + 0.2, 0.3}), plot.Scale{Low: -1, High: 2, Ticks: []float64{-1, 0, 1, 2}}, 0},
		{"zero", plot.Round([]float64{0, 0}), plot.Scale{Low: -1, High: 1, Ticks: []float64{-1, 0, 1}}, 0},
	} {
		if d := cmp.Diff(c.want, c.got, cmpopts.EquateApprox(0, 1e-9)); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
		if got := c.got.Decimals(); got != c.decimals {
			t.Errorf("%s: %d decimals, want %d", c.name, got, c.decimals)
		}
	}
}

// Whatever the values, each lies on the chart.
func TestEveryValueLiesOnTheChart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-1e15, 1e15), 1, 13).Draw(t, "values")
		if rapid.Bool().Draw(t, "close") {
			for i := range values {
				values[i] = values[0] + math.Mod(values[i], 1e-7)
			}
		}
		for _, s := range []plot.Scale{plot.Tight(values), plot.Round(values), plot.FromZero(values)} {
			if len(s.Ticks) > 12 {
				t.Fatalf("%d grid lines", len(s.Ticks))
			}
			for _, v := range values {
				if at := s.At(v, 100); !(at >= -1e-6 && at <= 100+1e-6) {
					t.Fatalf("%v lies at %v of %+v", v, at, s)
				}
			}
		}
	})
}

func TestALineIsBrokenWhereAValueIsMissing(t *testing.T) {
	a, b, c := 0.0, 5.0, 10.0
	got := plot.Scale{Low: 0, High: 10}.Line([]*float64{&a, nil, &b, &c}, 30, 20)
	want := [][]plot.Point{{{X: 0, Y: 20}}, {{X: 20, Y: 10}, {X: 30, Y: 0}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got := (plot.Scale{Low: 0, High: 1}).Line([]*float64{nil, nil}, 30, 20); got != nil {
		t.Errorf("a line of nothing: %v", got)
	}
}
