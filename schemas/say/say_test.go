package say

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestQuantity(t *testing.T) {
	for _, tt := range []struct {
		v        float64
		decimals int
		unit     string
		vi, en   string
	}{
		{1234.5, 1, "", "1.234,5", "1,234.5"},
		{1234567, 0, "", "1.234.567", "1,234,567"},
		{123, 0, "", "123", "123"},
		{1000, 0, "", "1.000", "1,000"},
		{86.44, 1, "%", "86,4%", "86.4%"},
		{12.5, 1, "h", "12,5 giờ", "12.5 h"},
		{20, 0, "s", "20 giây", "20 s"},
		{1500.25, 1, "xe/h", "1.500,3 xe/giờ", "1,500.3 veh/h"},
		{35, 1, "µg/m³", "35,0 µg/m³", "35.0 µg/m³"},
		{-1234.5, 2, "°C", "-1.234,50 °C", "-1,234.50 °C"},
		{-0.04, 1, "%", "0,0%", "0.0%"}, // no sign before zero
	} {
		if vi, en := Quantity(tt.v, tt.decimals, tt.unit, Vietnamese), Quantity(tt.v, tt.decimals, tt.unit, English); vi != tt.vi || en != tt.en {
			t.Errorf("%v %s: %q and %q, want %q and %q", tt.v, tt.unit, vi, en, tt.vi, tt.en)
		}
	}
}

func TestDifference(t *testing.T) {
	for _, tt := range []struct {
		unit   string
		vi, en string
	}{
		{"%", "3,5 điểm phần trăm", "3.5 percentage points"},
		{"s", "3,5 giây", "3.5 s"},
		{"", "3,5", "3.5"},
	} {
		if vi, en := Difference(-3.5, 1, tt.unit, Vietnamese), Difference(-3.5, 1, tt.unit, English); vi != tt.vi || en != tt.en {
			t.Errorf("%q: %q and %q, want %q and %q", tt.unit, vi, en, tt.vi, tt.en)
		}
	}
}

func TestMoment(t *testing.T) {
	at := time.Date(2026, 10, 31, 17, 5, 0, 0, time.UTC) // already 1 November in Binh Phuoc
	for _, tt := range []struct{ got, want string }{
		{Moment(at, Vietnamese), "00:05 ngày 01/11/2026"},
		{Moment(at, English), "00:05 on 1 November 2026"},
		{Date(at, Vietnamese), "01/11/2026"},
		{Date(at, English), "1 November 2026"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

// A number is the same in both languages, and without its marks what Go writes.
func TestNumbersSayTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Float64Range(-1e12, 1e12).Draw(t, "value")
		decimals := rapid.IntRange(0, 6).Draw(t, "decimals")
		vi, en := Number(v, decimals, Vietnamese), Number(v, decimals, English)
		plain := strings.ReplaceAll(en, ",", "")
		got, err := strconv.ParseFloat(plain, 64)
		if err != nil || math.Abs(got-v) > 0.5000001*math.Pow10(-decimals)+math.Abs(v)*1e-15 {
			t.Fatalf("%v is written as %q", v, en)
		}
		if swapped := strings.NewReplacer(",", ".", ".", ",").Replace(en); swapped != vi {
			t.Fatalf("%q in Vietnamese, %q in English", vi, en)
		}
	})
}
