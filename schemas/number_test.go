package schemas

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

func TestParseDecimal(t *testing.T) {
	nines := strings.Repeat("9", 18)
	tests := []struct {
		literal, want string
		ok            bool
	}{
		{"0", "0", true},
		{"-0.0", "0", true},
		{"12.5", "12.5", true},
		{"-12.5e1", "-125", true},
		{"0.0000005", "0.000001", true},
		{"-0.0000005", "-0.000001", true},
		{"0.00000049999", "0", true},
		{"1e-7", "0", true},
		{"5E-7", "0.000001", true},
		{"1e-999999999999999999999", "0", true},
		{nines + ".999999", nines + ".999999", true},
		{nines + ".9999996", "1000000000000000000", true},
		{"1e18", "1000000000000000000", true},
		{"0.000001e24", "1000000000000000000", true},
		{"1000000000000000000.0000001", "", false},
		{"-1.1e18", "", false},
		{"1e19", "", false},
		{"1e999999999999999999999", "", false},
		{"0e999999999999999999999", "0", true},
	}
	for _, tt := range tests {
		units, _, ok := parseDecimal(tt.literal)
		got := ""
		if ok {
			got = decimal.NewFromBigInt(units, -decimalPlaces).String()
		}
		if ok != tt.ok || got != tt.want {
			t.Errorf("parseDecimal(%s) = %s, %v, want %s, %v", tt.literal, got, ok, tt.want, tt.ok)
		}
	}
}

func TestParseDecimalRoundsAsTheDecimalPackage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		literal := rapid.StringMatching(`-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,12})?(e-?[0-3])?`).Draw(t, "literal")
		want := decimal.RequireFromString(literal).Round(decimalPlaces)
		units, _, ok := parseDecimal(literal)
		if !ok || !decimal.NewFromBigInt(units, -decimalPlaces).Equal(want) {
			t.Fatalf("got %v, want %s", units, want)
		}
	})
}

func TestParseInteger(t *testing.T) {
	tests := []struct {
		literal string
		want    int64
		ok      bool
	}{
		{"3", 3, true},
		{"-3.0", -3, true},
		{"30e-1", 3, true},
		{"0.3E1", 3, true},
		{"2.5", 0, false},
		{"3.00000000000000000001", 0, false},
		{"1e30", 0, false},
		{"99999999999999999999", 0, false},
	}
	for _, tt := range tests {
		if got, ok := parseInteger(tt.literal); ok != tt.ok || ok && got != tt.want {
			t.Errorf("parseInteger(%s) = %d, %v, want %d, %v", tt.literal, got, ok, tt.want, tt.ok)
		}
	}
}
