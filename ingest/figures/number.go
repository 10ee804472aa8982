package figures

import (
	"strings"

	"github.com/shopspring/decimal"
)

// decimalPlaces is what a figure is kept with.
const decimalPlaces = 6

// sign says what a number that is written as text tells of its decimal sign.
type sign int

const (
	signNone      sign = iota // it has none
	signPoint                 // 12.5 and 1,234.5
	signComma                 // 12,5 and 1.234,5
	signAmbiguous             // 1.234 and 1,234 are a thousand to one and a little more to another
	signInvalid               // it is no number
)

// String is the sign itself.
func (s sign) String() string { return map[sign]string{signPoint: ".", signComma: ","}[s] }

// tidy takes off what stands around a number: blanks, a percent sign, a plus.
func tidy(s string) (body string, negative bool) {
	s = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2009", " ", "−", "-").Replace(s)
	s = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s), "%"))
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		return strings.TrimSpace(rest), true
	}
	return strings.TrimSpace(strings.TrimPrefix(s, "+")), false
}

// runs splits a number into its runs of digits and what stands between them; ok is false when there is anything else.
func runs(body string) (digits []string, seps string, ok bool) {
	start := 0
	for i := range len(body) {
		switch c := body[i]; {
		case '0' <= c && c <= '9':
		case c == '.' || c == ',' || c == ' ':
			digits = append(digits, body[start:i])
			seps += string(c)
			start = i + 1
		default:
			return nil, "", false
		}
	}
	digits = append(digits, body[start:])
	for _, d := range digits {
		if d == "" {
			return nil, "", false
		}
	}
	return digits, seps, true
}

// grouped tells whether runs of digits are groups of thousands.
func grouped(digits []string) bool {
	if len(digits[0]) > 3 || digits[0][0] == '0' {
		return false
	}
	for _, d := range digits[1:] {
		if len(d) != 3 {
			return false
		}
	}
	return true
}

// signOf says what a number tells of its decimal sign.
func signOf(s string) sign {
	body, _ := tidy(s)
	digits, seps, ok := runs(body)
	if !ok {
		return signInvalid
	}
	if seps == "" {
		return signNone
	}
	last := seps[len(seps)-1]
	mixed := strings.Trim(seps, seps[:1]) != "" // not all the same
	switch {
	case mixed:
		thousands := seps[:len(seps)-1]
		if last == ' ' || strings.Trim(thousands, thousands[:1]) != "" || !grouped(digits[:len(digits)-1]) {
			return signInvalid
		}
		return named(last)
	case last == ' ' && grouped(digits):
		return signNone
	case last == ' ':
		return signInvalid
	case len(seps) == 1 && grouped(digits):
		return signAmbiguous
	case len(seps) == 1:
		return named(last)
	case !grouped(digits):
		return signInvalid
	case last == '.': // the points part thousands, so the comma is the decimal sign
		return signComma
	default:
		return signPoint
	}
}

func named(c byte) sign {
	if c == '.' {
		return signPoint
	}
	return signComma
}

// parse reads a number whose decimal sign is known.
func parse(s string, decimalSign sign) (decimal.Decimal, bool) {
	body, negative := tidy(s)
	if len(body) > 64 {
		return decimal.Decimal{}, false
	}
	thousands := "."
	if decimalSign == signPoint {
		thousands = ","
	}
	body = strings.NewReplacer(" ", "", thousands, "").Replace(body)
	v, err := decimal.NewFromString(strings.Replace(body, ",", ".", 1))
	if err != nil {
		return v, false
	}
	if negative {
		v = v.Neg()
	}
	return v.Round(decimalPlaces), true
}
