package schemas

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"golang.org/x/text/unicode/norm"
)

// fields reads the members of one JSON object, and remembers the first thing that is wrong.
type fields struct {
	object *node
	path   string // before each name, such as "data."
	fault  *fault
}

// fault is what is wrong with an event.
type fault struct {
	code   Code
	field  string
	vi, en string
}

func (f *fields) fail(code Code, name, vi, en string) {
	if f.fault == nil {
		f.fault = &fault{code: code, field: f.path + name, vi: vi, en: en}
	}
}

// find returns a member of one of the JSON kinds. It is nil when the member is absent or wrong.
func (f *fields) find(name string, required bool, kinds ...byte) *node {
	if f.fault != nil {
		return nil
	}
	n := f.object.get(name)
	if n == nil {
		if required {
			f.fail(CodeMissing, name, fmt.Sprintf("Thiếu trường bắt buộc %s%s: hãy gửi kèm trường này.", f.path, name),
				fmt.Sprintf("The required field %s%s is missing: send it.", f.path, name))
		}
		return nil
	}
	if !slices.Contains(kinds, byte(n.kind)) {
		f.fail(CodeWrongType, name, fmt.Sprintf("Trường %s%s là %s, cần %s.", f.path, name, kindVI(byte(n.kind)), kindVI(kinds[0])),
			fmt.Sprintf("The field %s%s is %s; %s is needed.", f.path, name, kindEN(byte(n.kind)), kindEN(kinds[0])))
		return nil
	}
	return n
}

func kindVI(k byte) string {
	switch k {
	case '"':
		return "chuỗi"
	case '0':
		return "số"
	case 't', 'f':
		return "giá trị đúng/sai"
	case '{':
		return "đối tượng"
	default:
		return "danh sách"
	}
}

func kindEN(k byte) string {
	switch k {
	case '"':
		return "a string"
	case '0':
		return "a number"
	case 't', 'f':
		return "true or false"
	case '{':
		return "an object"
	default:
		return "a list"
	}
}

// text reads a string of 1 to longest characters, in NFC.
func (f *fields) text(name string, required bool, longest int) string {
	n := f.find(name, required, '"')
	if n == nil {
		return ""
	}
	s := norm.NFC.String(n.text)
	switch {
	case s == "":
		if required {
			f.fail(CodeMissing, name, fmt.Sprintf("Trường bắt buộc %s%s để trống: hãy điền giá trị.", f.path, name),
				fmt.Sprintf("The required field %s%s is empty: fill it.", f.path, name))
		} else {
			f.fail(CodeOutOfRange, name, fmt.Sprintf("Trường %s%s để trống: hãy điền giá trị hoặc bỏ trường này.", f.path, name),
				fmt.Sprintf("The field %s%s is empty: fill it or leave it out.", f.path, name))
		}
	case utf8.RuneCountInString(n.text) > longest:
		f.fail(CodeOutOfRange, name, fmt.Sprintf("Trường %s%s dài quá %d ký tự.", f.path, name, longest),
			fmt.Sprintf("The field %s%s is longer than %d characters.", f.path, name, longest))
	case strings.ContainsFunc(s, unicode.IsControl):
		f.fail(CodeOutOfRange, name, fmt.Sprintf("Trường %s%s có ký tự điều khiển: hãy bỏ chúng.", f.path, name),
			fmt.Sprintf("The field %s%s holds control characters: remove them.", f.path, name))
	}
	return s
}

// code reads a string made of lower-case letters, digits, underscores and dots.
func (f *fields) code(name string, longest int) string {
	s := f.text(name, true, longest)
	if f.fault == nil && !isCode(s) {
		f.fail(CodeOutOfRange, name, fmt.Sprintf("Trường %s%s là %q, chỉ được gồm chữ thường, số, dấu gạch dưới và dấu chấm.", f.path, name, s),
			fmt.Sprintf("The field %s%s is %q; lower-case letters, digits, underscores and dots alone are allowed.", f.path, name, s))
	}
	return s
}

func isCode(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '.'
	})
}

// oneOf reads a word of a list.
func (f *fields) oneOf(name string, words ...string) string {
	s := f.text(name, true, 200)
	if f.fault == nil && !slices.Contains(words, s) {
		list := strings.Join(words, ", ")
		f.fail(CodeOutOfRange, name, fmt.Sprintf("Trường %s%s là %q, cần một trong: %s.", f.path, name, s, list),
			fmt.Sprintf("The field %s%s is %q; one of %s is needed.", f.path, name, s, list))
	}
	return s
}

// number reads a finite number between least and most.
func (f *fields) number(name string, required bool, least, most float64) *float64 {
	n := f.find(name, required, '0')
	if n == nil {
		return nil
	}
	v, err := strconv.ParseFloat(n.text, 64)
	if err != nil || v < least || v > most {
		f.outOfRange(name, n.text, fmt.Sprint(least), fmt.Sprint(most))
		return nil
	}
	return &v
}

// whole reads a whole number between least and most. 4.0 is one, as in JSON Schema.
func (f *fields) whole(name string, required bool, least, most float64) *float64 {
	v := f.number(name, required, least, most)
	if v != nil && *v != math.Trunc(*v) {
		f.fail(CodeOutOfRange, name, fmt.Sprintf("Trường %s%s là %v, cần số nguyên.", f.path, name, *v),
			fmt.Sprintf("The field %s%s is %v; a whole number is needed.", f.path, name, *v))
		return nil
	}
	return v
}

func (f *fields) outOfRange(name, got, least, most string) {
	f.fail(CodeOutOfRange, name, fmt.Sprintf("Trường %s%s là %.40s, cần trong khoảng từ %s đến %s.", f.path, name, got, least, most),
		fmt.Sprintf("The field %s%s is %.40s; it must lie between %s and %s.", f.path, name, got, least, most))
}

// small reads an optional or required small whole number; nil or 0 when it is absent.
func (f *fields) small(name string, required bool, least, most uint8) *uint8 {
	v := f.whole(name, required, float64(least), float64(most))
	if v == nil {
		return nil
	}
	u := uint8(*v)
	return &u
}

// flag reads true or false.
func (f *fields) flag(name string, required bool) *bool {
	n := f.find(name, required, 't', 'f')
	if n == nil {
		return nil
	}
	v := n.kind == 't'
	return &v
}

// moment reads an RFC 3339 time of the years 2000 to 2100: UTC, milliseconds.
func (f *fields) moment(name string, required bool) *time.Time {
	n := f.find(name, required, '"')
	if n == nil {
		return nil
	}
	t, err := time.Parse(time.RFC3339, n.text)
	if err != nil || strings.ContainsAny(n.text, ",") {
		f.fail(CodeOutOfRange, name,
			fmt.Sprintf("Trường %s%s là %.40q, cần thời điểm theo RFC 3339 có múi giờ, ví dụ 2026-11-23T08:00:00+07:00.", f.path, name, n.text),
			fmt.Sprintf("The field %s%s is %.40q; a time of RFC 3339 with offset is needed, such as 2026-11-23T08:00:00+07:00.", f.path, name, n.text))
		return nil
	}
	t = t.UTC().Truncate(time.Millisecond)
	if t.Year() < 2000 || t.Year() > 2100 {
		f.outOfRange(name, n.text, "2000", "2100")
		return nil
	}
	return &t
}

// exact reads a decimal number as it is written, rounded to 6 places.
func (f *fields) exact(name string, required bool) *decimal.Decimal {
	n := f.find(name, required, '0')
	if n == nil {
		return nil
	}
	// The float tells the size first: a decimal of 1e999999999 would be long to write out.
	if v, err := strconv.ParseFloat(n.text, 64); err != nil || math.Abs(v) > 1e18 || len(n.text) > 100 {
		f.outOfRange(name, n.text, "-1e18", "1e18")
		return nil
	}
	if v, err := strconv.ParseFloat(n.text, 64); err == nil && math.Abs(v) < 1e-7 {
		return new(decimal.Decimal) // rounds to zero, however small its exponent
	}
	d, err := decimal.NewFromString(n.text)
	if err != nil {
		f.outOfRange(name, n.text, "-1e18", "1e18")
		return nil
	}
	d = d.Round(6)
	return &d
}

// position reads lat and lon: both or neither.
func (f *fields) position() Position {
	p := Position{Lat: f.number("lat", false, -90, 90), Lon: f.number("lon", false, -180, 180)}
	if f.fault == nil && (p.Lat == nil) != (p.Lon == nil) {
		f.fail(CodeMissing, "lat", fmt.Sprintf("Chỉ có một trong hai trường %slat và %slon: hãy gửi cả hai hoặc không gửi.", f.path, f.path),
			fmt.Sprintf("Only one of %slat and %slon is there: send both or neither.", f.path, f.path))
	}
	return p
}

// dims reads up to 8 pairs of short texts.
func (f *fields) dims(name string) map[string]string {
	n := f.find(name, false, '{')
	if n == nil {
		return nil
	}
	if len(n.members) > 8 {
		f.outOfRange(name, fmt.Sprint(len(n.members), " pairs"), "0", "8")
		return nil
	}
	inner := fields{object: n, path: f.path + name + "."}
	out := make(map[string]string, len(n.members))
	for _, m := range n.members {
		if !isCode(m.name) || len(m.name) > 32 {
			inner.fail(CodeOutOfRange, m.name, fmt.Sprintf("Tên %q trong %s%s không hợp lệ: chỉ dùng chữ thường, số, dấu gạch dưới, dấu chấm, tối đa 32 ký tự.", m.name, f.path, name),
				fmt.Sprintf("The name %q in %s%s is not valid: lower-case letters, digits, underscores and dots, at most 32.", m.name, f.path, name))
			break
		}
		if m.value.kind != 'n' {
			out[m.name] = inner.text(m.name, true, 64)
		}
	}
	f.fault = inner.fault
	return out
}

// counts reads a whole number for each of up to 32 classes.
func (f *fields) counts(name string) map[string]uint32 {
	n := f.find(name, false, '{')
	if n == nil {
		return nil
	}
	if len(n.members) > 32 {
		f.outOfRange(name, fmt.Sprint(len(n.members), " classes"), "0", "32")
		return nil
	}
	inner := fields{object: n, path: f.path + name + "."}
	out := make(map[string]uint32, len(n.members))
	for _, m := range n.members {
		if !isCode(m.name) || len(m.name) > 32 {
			inner.fail(CodeOutOfRange, m.name, fmt.Sprintf("Tên %q trong %s%s không hợp lệ: chỉ dùng chữ thường, số, dấu gạch dưới, dấu chấm, tối đa 32 ký tự.", m.name, f.path, name),
				fmt.Sprintf("The name %q in %s%s is not valid: lower-case letters, digits, underscores and dots, at most 32.", m.name, f.path, name))
			break
		}
		if v := inner.whole(m.name, false, 0, 1e6); v != nil {
			out[m.name] = uint32(*v)
		}
	}
	f.fault = inner.fault
	return out
}
