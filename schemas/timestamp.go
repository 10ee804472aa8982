package schemas

import "time"

// parseTime reads an RFC 3339 time of the years 2000 to 2100. The result is in UTC, with whole milliseconds.
func parseTime(s string) (time.Time, bool) {
	t, ok := parseTimeOfAnyYear(s)
	if !ok || s[:4] < "2000" || s[:4] > "2100" {
		return time.Time{}, false
	}
	return t, true
}

// parseTimeOfAnyYear reads an RFC 3339 time strictly: time.Parse takes a comma for a point and an hour of one digit,
// which the JSON Schemas refuse.
func parseTimeOfAnyYear(s string) (time.Time, bool) {
	const layout = "0000-00-00T00:00:00"
	if len(s) <= len(layout) {
		return time.Time{}, false
	}
	for i, c := range []byte(layout) {
		got := s[i]
		if c == '0' && !digit(got) || c != '0' && got != c {
			return time.Time{}, false
		}
	}
	year, month, day := digits(s[0:4]), digits(s[5:7]), digits(s[8:10])
	hour, minute, second := digits(s[11:13]), digits(s[14:16]), digits(s[17:19])
	nanos, zone, ok := fraction(s[19:])
	if !ok || hour > 23 || minute > 59 || second > 59 || month < 1 || month > 12 || day < 1 {
		return time.Time{}, false
	}
	offset, ok := parseOffset(zone)
	t := time.Date(year, time.Month(month), day, hour, minute, second, nanos, time.UTC)
	if !ok || t.Day() != day { // 31 February became a day of March
		return time.Time{}, false
	}
	return t.Add(-offset).Truncate(time.Millisecond), true
}

// fraction reads .123 and returns it in nanoseconds, with what follows. What is finer than that is of no interest.
func fraction(s string) (nanos int, rest string, ok bool) {
	if s == "" || s[0] != '.' {
		return 0, s, true
	}
	n := 1
	for n < len(s) && digit(s[n]) {
		n++
	}
	for i, unit := 1, int(time.Second)/10; i < min(n, 10); i, unit = i+1, unit/10 {
		nanos += int(s[i]-'0') * unit
	}
	return nanos, s[n:], n > 1
}

// parseOffset reads Z, +07:00 or -03:30.
func parseOffset(s string) (time.Duration, bool) {
	if s == "Z" {
		return 0, true
	}
	if len(s) != 6 || s[3] != ':' || !digit(s[1]) || !digit(s[2]) || !digit(s[4]) || !digit(s[5]) {
		return 0, false
	}
	hours, minutes := digits(s[1:3]), digits(s[4:6])
	offset := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if s[0] == '-' {
		offset = -offset
	}
	return offset, hours <= 23 && minutes <= 59 && (s[0] == '+' || s[0] == '-')
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// digits returns the number that a text of digits stands for.
func digits(s string) int {
	n := 0
	for _, c := range []byte(s) {
		n = 10*n + int(c-'0')
	}
	return n
}
