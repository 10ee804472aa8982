package schemas

import (
	"math/big"
	"strconv"
	"strings"
)

const (
	decimalPlaces = 6  // that a figure is kept with
	maxMagnitude  = 18 // a figure is at most 10 to this power
)

// parseDecimal reads a JSON number exactly, without the detour of binary fractions. It returns the number in units of
// 10^-decimalPlaces, rounded half away from zero, and whether it was exactly that; ok is false when it is over
// 10^maxMagnitude. The work does not grow with the exponent: 1e999999999 costs nothing.
func parseDecimal(literal string) (units *big.Int, exact, ok bool) {
	literal, negative := strings.CutPrefix(literal, "-")
	mantissa, exponent, _ := strings.Cut(strings.ToLower(literal), "e")
	whole, part, _ := strings.Cut(mantissa, ".")
	all := whole + part
	significant := strings.TrimLeft(all, "0")
	if significant == "" {
		return new(big.Int), true, true
	}
	// The number is 0.SIGNIFICANT × 10^point.
	point := len(whole) - (len(all) - len(significant)) + parseExponent(exponent)
	if point > maxMagnitude+1 {
		return nil, false, false
	}
	kept := point + decimalPlaces
	if kept < 0 {
		return new(big.Int), false, true
	}
	dropped := ""
	if kept < len(significant) {
		significant, dropped = significant[:kept], significant[kept:]
	} else {
		significant += strings.Repeat("0", kept-len(significant))
	}
	units = new(big.Int)
	units.SetString("0"+significant, 10)
	exact = strings.Trim(dropped, "0") == ""
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(maxMagnitude+decimalPlaces), nil)
	if over := units.Cmp(limit); over > 0 || over == 0 && !exact {
		return nil, false, false
	}
	if dropped != "" && dropped[0] >= '5' {
		units.Add(units, big.NewInt(1))
	}
	if negative {
		units.Neg(units)
	}
	return units, exact, true
}

// parseExponent reads the exponent of a JSON number. One beyond all reason becomes one that is merely absurd.
func parseExponent(s string) int {
	const absurd = 1 << 30
	if s == "" {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err == nil:
		return int(max(-absurd, min(n, absurd)))
	case s[0] == '-':
		return -absurd
	default:
		return absurd
	}
}

// parseInteger reads a JSON number that is a whole one, however it is written: 3, 3.0 and 30e-1 are the same.
func parseInteger(literal string) (int64, bool) {
	if n, err := strconv.ParseInt(literal, 10, 64); err == nil {
		return n, true
	}
	units, exact, ok := parseDecimal(literal)
	if !ok || !exact {
		return 0, false
	}
	n, rest := new(big.Int).QuoRem(units, big.NewInt(1_000_000), new(big.Int))
	return n.Int64(), rest.Sign() == 0
}
