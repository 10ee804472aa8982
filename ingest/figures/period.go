package figures

import (
	"strconv"
	"strings"
	"time"

	"github.com/binhphuoc/ioc/schemas"
)

// firstYear is the earliest year that a figure may be of: what lies before is a slip of the pen.
const firstYear = 2000

// periodOf reads a period as the contract has it, or as people write it: 10/2026, Quý III/2026, năm 2026.
func periodOf(s string) (string, bool) {
	s = strings.ToUpper(strings.Join(strings.Fields(s), ""))
	for _, word := range []string{"THÁNG", "NĂM", "KỲ"} {
		s = strings.TrimPrefix(s, word)
	}
	s = strings.Replace(s, "QUÝ", "Q", 1)
	for _, roman := range []struct{ text, digit string }{{"QIV", "Q4"}, {"QIII", "Q3"}, {"QII", "Q2"}, {"QI", "Q1"}} {
		if rest, ok := strings.CutPrefix(s, roman.text); ok {
			s = roman.digit + rest
			break
		}
	}
	part, year, ok := strings.Cut(s, "/")
	if !ok {
		year, part, _ = strings.Cut(s, "-")
	}
	if !digits(year) || len(year) != 4 {
		return "", false
	}
	switch {
	case part == "" && !strings.ContainsAny(s, "/-"):
		return year, true
	case len(part) == 2 && part[0] == 'Q' && '1' <= part[1] && part[1] <= '4':
		return year + "-" + part, true
	case digits(part) && len(part) <= 2:
		if n, err := strconv.Atoi(part); err == nil && 1 <= n && n <= 12 {
			return year + "-" + ("0" + part)[len(part)-1:], true
		}
	}
	return "", false
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// begins is when a period begins.
func begins(period string) time.Time {
	year, _ := strconv.Atoi(period[:4]) // periodOf made it
	month := 1
	switch {
	case len(period) == 7 && period[5] == 'Q':
		month = int(period[6]-'1')*3 + 1
	case len(period) == 7:
		month, _ = strconv.Atoi(period[5:])
	}
	return time.Date(year, time.Month(month), 1, 0, 0, 0, 0, schemas.Zone())
}

// periodFault says why a period can't be taken, nil when it can. The latest period stands for an indicator: one that is
// years ahead by a slip would hide all that come after.
func periodFault(period string, now time.Time) *schemas.Text {
	switch t := begins(period); {
	case t.Year() < firstYear:
		f := text("Kỳ "+period+" ở trước năm "+num(firstYear)+".", "The period "+period+" lies before "+num(firstYear)+".")
		return &f
	case t.After(now):
		f := text("Kỳ "+period+" chưa bắt đầu: chưa thể có số liệu.", "The period "+period+" has not begun: there can be no figure yet.")
		return &f
	}
	return nil
}

// DatePeriod is the period that a date in a spreadsheet stands for: programs make dates of what people type as 2026-10.
// A year alone when the cell shows no month.
func DatePeriod(t time.Time, showsMonth, showsDay bool) (string, bool) {
	switch {
	case t.Day() != 1 || showsDay && !showsMonth:
		return "", false
	case !showsMonth && t.Month() == time.January:
		return t.Format("2006"), true
	case !showsMonth:
		return "", false
	default:
		return t.Format("2006-01"), true
	}
}
