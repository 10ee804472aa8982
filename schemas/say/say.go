// Package say writes numbers and times as readers of each language expect them.
package say

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/binhphuoc/ioc/schemas/period"
)

// The languages.
const (
	Vietnamese = "vi"
	English    = "en"
)

// Number writes a number with so many decimals: 1.234,5 in Vietnamese, 1,234.5 in English. A half is rounded away from zero,
// as spreadsheets do.
func Number(v float64, decimals int, language string) string {
	thousands, point := ".", ","
	if language == English {
		thousands, point = ",", "."
	}
	digits, fraction, _ := strings.Cut(strconv.FormatFloat(rounded(math.Abs(v), decimals), 'f', decimals, 64), ".")
	var out strings.Builder
	if v < 0 && strings.Trim(digits+fraction, "0") != "" { // what rounds to zero has no sign
		out.WriteByte('-')
	}
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out.WriteString(thousands)
		}
		out.WriteRune(d)
	}
	if fraction != "" {
		out.WriteString(point + fraction)
	}
	return out.String()
}

func rounded(v float64, decimals int) float64 {
	const whole = 1 << 53 // greater numbers have no fraction left to round
	p := math.Pow10(decimals)
	if v*p >= whole {
		return v
	}
	return math.Round(v*p) / p
}

// Quantity writes a number with its unit: 86,4% and 12,5 giờ in Vietnamese, 86.4% and 12.5 h in English.
func Quantity(v float64, decimals int, unit, language string) string {
	n := Number(v, decimals, language)
	switch unit = Unit(unit, language); unit {
	case "":
		return n
	case "%":
		return n + unit
	default:
		return n + " " + unit
	}
}

// Unit is the word for a unit of the catalogue.
func Unit(unit, language string) string {
	switch {
	case language == English && unit == "xe/h":
		return "veh/h"
	case language != English && unit == "h":
		return "giờ"
	case language != English && unit == "s":
		return "giây"
	case language != English && unit == "xe/h":
		return "xe/giờ"
	}
	return unit
}

// Difference writes how far apart two values are. Shares differ by points, not by per cent of each other.
func Difference(v float64, decimals int, unit, language string) string {
	if unit != "%" {
		return Quantity(math.Abs(v), decimals, unit, language)
	}
	n := Number(math.Abs(v), decimals, language)
	if language == English {
		return n + " percentage points"
	}
	return n + " điểm phần trăm"
}

// Date writes the day of a moment in Asia/Ho_Chi_Minh.
func Date(t time.Time, language string) string {
	if language == English {
		return t.In(period.Zone()).Format("2 January 2006")
	}
	return t.In(period.Zone()).Format("02/01/2006")
}

// Moment writes a moment in Asia/Ho_Chi_Minh, to the minute.
func Moment(t time.Time, language string) string {
	if language == English {
		return t.In(period.Zone()).Format("15:04 on 2 January 2006")
	}
	return t.In(period.Zone()).Format("15:04 ngày 02/01/2006")
}
