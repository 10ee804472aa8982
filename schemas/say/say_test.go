package say_test

import (
	"math"
	"testing"
	"time"

	"github.com/binhphuoc/ioc/schemas/say"
)

func TestNumber(t *testing.T) {
	for _, c := range []struct {
		v        float64
		decimals int
		vi, en   string
	}{
		{0, 0, "0", "0"},
		{1234.5, 1, "1.234,5", "1,234.5"},
		{-3.2, 1, "−3,2", "−3.2"},
		{999, 0, "999", "999"},
		{1000, 0, "1.000", "1,000"},
		{-999999.95, 1, "−1.000.000,0", "−1,000,000.0"},
		{-0.04, 1, "0,0", "0.0"},
		{12345678.125, 2, "12.345.678,13", "12,345,678.13"},
		{2.345, 2, "2,35", "2.35"},
		{7.5, -1, "8", "8"},
		{math.Inf(-1), 1, "–", "–"},
	} {
		if got := say.Number(c.v, c.decimals, say.Vietnamese); got != c.vi {
			t.Errorf("Number(%v, %d, vi) = %q, want %q", c.v, c.decimals, got, c.vi)
		}
		if got := say.Number(c.v, c.decimals, say.English); got != c.en {
			t.Errorf("Number(%v, %d, en) = %q, want %q", c.v, c.decimals, got, c.en)
		}
	}
}

func TestSigned(t *testing.T) {
	for v, want := range map[float64]string{1.25: "+1,3", -1.25: "−1,3", 0.04: "0,0", -0.04: "0,0", 0: "0,0", 1500: "+1.500,0"} {
		if got := say.Signed(v, 1, say.Vietnamese); got != want {
			t.Errorf("Signed(%v) = %q, want %q", v, got, want)
		}
	}
}

func TestTimes(t *testing.T) {
	// The evening in UTC is the next day in Binh Phuoc.
	at := time.Date(2026, 10, 31, 18, 5, 0, 0, time.UTC)
	for _, c := range []struct{ got, want string }{
		{say.Moment(at, say.Vietnamese), "01:05 ngày 01/11/2026"},
		{say.Moment(at, say.English), "1 Nov 2026, 01:05"},
		{say.Day(at, say.Vietnamese), "01/11/2026"},
		{say.Day(at, say.English), "1 Nov 2026"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
