package say_test

import (
	"testing"

	"github.com/binhphuoc/ioc/schemas/say"
)

func TestQuantity(t *testing.T) {
	for _, tt := range []struct {
		v        float64
		decimals int
		unit     string
		vi, en   string
	}{
		{86.44, 1, "%", "86,4%", "86.4%"},
		{12.5, 1, "h", "12,5" + say.Gap + "giờ", "12.5" + say.Gap + "h"},
		{20, 0, "s", "20" + say.Gap + "giây", "20" + say.Gap + "s"},
		{1500.25, 1, "xe/h", "1.500,3" + say.Gap + "xe/giờ", "1,500.3" + say.Gap + "veh/h"},
		{35, 1, "µg/m³", "35,0" + say.Gap + "µg/m³", "35.0" + say.Gap + "µg/m³"},
		{1234567, 0, "", "1.234.567", "1,234,567"},
		{-0.04, 1, "%", "0,0%", "0.0%"},
	} {
		if vi, en := say.Quantity(tt.v, tt.decimals, tt.unit, "vi"), say.Quantity(tt.v, tt.decimals, tt.unit, "en"); vi != tt.vi || en != tt.en {
			t.Errorf("%v %s: %q and %q, want %q and %q", tt.v, tt.unit, vi, en, tt.vi, tt.en)
		}
	}
}

func TestDifference(t *testing.T) {
	for _, tt := range []struct{ unit, vi, en string }{
		{"%", "3,5 điểm phần trăm", "3.5 percentage points"},
		{"s", "3,5" + say.Gap + "giây", "3.5" + say.Gap + "s"},
		{"", "3,5", "3.5"},
	} {
		if vi, en := say.Difference(-3.5, 1, tt.unit, "vi"), say.Difference(-3.5, 1, tt.unit, "en"); vi != tt.vi || en != tt.en {
			t.Errorf("%q: %q and %q, want %q and %q", tt.unit, vi, en, tt.vi, tt.en)
		}
	}
}
