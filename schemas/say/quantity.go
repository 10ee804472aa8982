package say

import "math"

// Quantity writes a number with its unit: 86,4% and 12,5 giờ in Vietnamese, 86.4% and 12.5 h in English.
func Quantity(v float64, decimals int, unit, lang string) string {
	n := Number(v, decimals, lang)
	switch unit = Unit(unit, lang); unit {
	case "":
		return n
	case "%":
		return n + unit
	default:
		return n + Gap + unit
	}
}

// Unit is the word for a unit of the catalogue.
func Unit(unit, lang string) string {
	switch {
	case lang == English && unit == "xe/h":
		return "veh/h"
	case lang != English && unit == "h":
		return "giờ"
	case lang != English && unit == "s":
		return "giây"
	case lang != English && unit == "xe/h":
		return "xe/giờ"
	}
	return unit
}

// Difference writes how far apart two values are. Shares differ by points, not by per cent of each other.
func Difference(v float64, decimals int, unit, lang string) string {
	if unit != "%" {
		return Quantity(math.Abs(v), decimals, unit, lang)
	}
	n := Number(math.Abs(v), decimals, lang)
	if lang == English {
		return n + " percentage points"
	}
	return n + " điểm phần trăm"
}
