// Package say writes numbers and times as people read them, in Vietnamese and in English.
package say

import (
	"math"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/binhphuoc/ioc/schemas/period"
)

// The languages. A language that is neither is written as Vietnamese, the first language of every screen.
const (
	Vietnamese = "vi"
	English    = "en"
)

// Gap joins a number with what belongs to it, so that no line breaks between the two.
const Gap = "\u00a0"

// Number writes a number rounded to so many decimals: −1.234,5 in Vietnamese, −1,234.5 in English. What is no number is a dash.
// A half is rounded away from zero, in the decimal digits that the number is written with, as Excel and browsers do:
// 2.345 is 2,35 on every screen, although the double is a little less.
func Number(v float64, decimals int, lang string) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	digits := decimal.NewFromFloat(v).StringFixed(int32(max(decimals, 0)))
	digits, negative := strings.CutPrefix(digits, "-")
	whole, fraction, broken := strings.Cut(digits, ".")
	thousands, point := ".", ","
	if lang == English {
		thousands, point = ",", "."
	}
	var b strings.Builder
	// What rounds to zero has no sign: −0,0 would look like a fall.
	if negative && strings.Trim(digits, "0.") != "" {
		b.WriteString("−")
	}
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 && len(whole) > 3 {
			b.WriteString(thousands)
		}
		b.WriteRune(d)
	}
	if broken {
		b.WriteString(point + fraction)
	}
	return b.String()
}

// Signed writes a change: as Number, with a plus before what grew.
func Signed(v float64, decimals int, lang string) string {
	text := Number(v, decimals, lang)
	if v > 0 && strings.Trim(text, "0.,") != "" {
		return "+" + text
	}
	return text
}

// Moment writes a day with its time of day in Binh Phuoc.
func Moment(t time.Time, lang string) string {
	if lang == English {
		return t.In(Zone()).Format("2 Jan 2006, 15:04")
	}
	return t.In(Zone()).Format("15:04 ngày 02/01/2006")
}

// Day writes a calendar day in Binh Phuoc.
func Day(t time.Time, lang string) string {
	if lang == English {
		return t.In(Zone()).Format("2 Jan 2006")
	}
	return t.In(Zone()).Format("02/01/2006")
}

// Zone is Asia/Ho_Chi_Minh.
func Zone() *time.Location { return period.Zone() }
