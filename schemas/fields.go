package schemas

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"golang.org/x/text/unicode/norm"
)

// reader is the state of reading one event: what is wrong with it, and its canonical form.
type reader struct {
	fault     *fault // the first one
	canonical canonical
}

// fields reads the members of one JSON object as the contract types them. The first fault stays,
// and what is read after it means nothing. Null is absent everywhere.
type fields struct {
	*reader
	of     *node
	prefix string // of the members' paths, such as "data."
	index  int    // of this object in the list that prefix names; -1: it is in no list
}

func (r *reader) fields(of *node, prefix string) fields {
	return fields{reader: r, of: of, prefix: prefix, index: -1}
}

func (r *reader) fail(f *fault) {
	if r.fault == nil {
		r.fault = f
	}
}

// at is the path of a member.
func (f fields) at(name string) string {
	if f.index >= 0 {
		return f.prefix + "[" + strconv.Itoa(f.index) + "]." + name
	}
	return f.prefix + name
}

// text reads a required text: an id, a name.
func (f fields) text(name string, most int) string {
	n := f.of.member(name)
	if n == nil || n.kind == '"' && n.text == "" {
		f.fail(faultMissing(f.at(name), wantText(most)))
		return ""
	}
	return f.checkText(name, n, most)
}

// optText reads a text that may be absent; then it is empty.
func (f fields) optText(name string, most int) string {
	n := f.of.member(name)
	if n == nil {
		return ""
	}
	return f.checkText(name, n, most)
}

func (f fields) checkText(name string, n *node, most int) string {
	switch {
	case n.kind != '"':
		f.fail(faultWrongType(f.at(name), n, wantText(most)))
		return ""
	case !printable(n.text, most):
		f.fail(faultOutOfRange(f.at(name), n, wantText(most)))
		return ""
	}
	s := norm.NFC.String(n.text)
	f.canonical.text(name, s)
	return s
}

// key reads a required name for machines: a metric, an indicator.
func (f fields) key(name string, most int) string {
	n := f.of.member(name)
	switch {
	case n == nil || n.kind == '"' && n.text == "":
		f.fail(faultMissing(f.at(name), wantKey(most)))
		return ""
	case n.kind != '"':
		f.fail(faultWrongType(f.at(name), n, wantKey(most)))
		return ""
	case !key(n.text, most):
		f.fail(faultOutOfRange(f.at(name), n, wantKey(most)))
		return ""
	}
	f.canonical.text(name, n.text)
	return n.text
}

// oneOf reads a required text out of a list.
func (f fields) oneOf(name string, list ...string) string {
	n := f.of.member(name)
	if n == nil || n.kind == '"' && n.text == "" {
		f.fail(faultMissing(f.at(name), wantOneOf(list)))
		return ""
	}
	if n.kind != '"' {
		f.fail(faultWrongType(f.at(name), n, wantOneOf(list)))
		return ""
	}
	i := slices.Index(list, n.text)
	if i < 0 {
		f.fail(faultOutOfRange(f.at(name), n, wantOneOf(list)))
		return ""
	}
	f.canonical.text(name, list[i])
	return list[i]
}

// time reads a required moment.
func (f fields) time(name string) time.Time { return f.moment(name, parseTime) }

func (f fields) moment(name string, parse func(string) (time.Time, bool)) time.Time {
	n := f.of.member(name)
	if n == nil || n.kind == '"' && n.text == "" {
		f.fail(faultMissing(f.at(name), wantTime()))
		return time.Time{}
	}
	return f.checkTime(name, n, parse)
}

func (f fields) optTime(name string) *time.Time {
	n := f.of.member(name)
	if n == nil {
		return nil
	}
	t := f.checkTime(name, n, parseTime)
	return &t
}

func (f fields) checkTime(name string, n *node, parse func(string) (time.Time, bool)) time.Time {
	if n.kind != '"' {
		f.fail(faultWrongType(f.at(name), n, wantTime()))
		return time.Time{}
	}
	t, ok := parse(n.text)
	if !ok {
		f.fail(faultOutOfRange(f.at(name), n, wantTime()))
		return time.Time{}
	}
	f.canonical.integer(name, t.UnixMilli())
	return t
}

// bool reads a required boolean.
func (f fields) bool(name string) bool {
	if b := f.optBool(name); b != nil {
		return *b
	}
	f.fail(faultMissing(f.at(name), wantBool()))
	return false
}

func (f fields) optBool(name string) *bool {
	n := f.of.member(name)
	if n == nil {
		return nil
	}
	if n.kind != 't' && n.kind != 'f' {
		f.fail(faultWrongType(f.at(name), n, wantBool()))
		return nil
	}
	b := n.kind == 't'
	if b {
		f.canonical.integer(name, 1)
	} else {
		f.canonical.integer(name, 0)
	}
	return &b
}

// small reads a required integer with few values: a level, a severity.
func (f fields) small(name string, least, most uint8) uint8 {
	if v := f.optSmall(name, least, most); v != nil {
		return *v
	}
	f.fail(faultMissing(f.at(name), wantInteger(int64(least), int64(most))))
	return 0
}

func (f fields) optSmall(name string, least, most uint8) *uint8 {
	n := f.of.member(name)
	if n == nil {
		return nil
	}
	v := uint8(f.checkInteger(name, n, int64(least), int64(most)))
	return &v
}

func (f fields) checkInteger(name string, n *node, least, most int64) int64 {
	if n.kind != '0' {
		f.fail(faultWrongType(f.at(name), n, wantInteger(least, most)))
		return least
	}
	v, ok := parseInteger(n.text)
	if !ok || v < least || v > most {
		f.fail(faultOutOfRange(f.at(name), n, wantInteger(least, most)))
		return least
	}
	f.canonical.integer(name, v)
	return v
}

// revision reads data.revision; without one it is 0.
func (f fields) revision() uint16 {
	n := f.of.member("revision")
	if n == nil {
		return 0
	}
	return uint16(f.checkInteger("revision", n, 0, math.MaxUint16))
}

// number reads a required number.
func (f fields) number(name string, least, most float64) float64 {
	if v := f.optNumber(name, least, most); v != nil {
		return *v
	}
	f.fail(faultMissing(f.at(name), wantNumber(least, most)))
	return 0
}

func (f fields) optNumber(name string, least, most float64) *float64 {
	n := f.of.member(name)
	if n == nil {
		return nil
	}
	if n.kind != '0' {
		f.fail(faultWrongType(f.at(name), n, wantNumber(least, most)))
		return nil
	}
	v, err := strconv.ParseFloat(n.text, 64)
	if err != nil || v < least || v > most {
		f.fail(faultOutOfRange(f.at(name), n, wantNumber(least, most)))
		return nil
	}
	v += 0 // -0 is 0
	f.canonical.integer(name, int64(math.Float64bits(v)))
	return &v
}

// decimal reads a required number exactly.
func (f fields) decimal(name string) decimal.Decimal {
	if v := f.optDecimal(name); v != nil {
		return *v
	}
	f.fail(faultMissing(f.at(name), wantNumber(-1e18, 1e18)))
	return decimal.Decimal{}
}

func (f fields) optDecimal(name string) *decimal.Decimal {
	n := f.of.member(name)
	if n == nil {
		return nil
	}
	if n.kind != '0' {
		f.fail(faultWrongType(f.at(name), n, wantNumber(-1e18, 1e18)))
		return nil
	}
	units, _, ok := parseDecimal(n.text)
	if !ok {
		f.fail(faultOutOfRange(f.at(name), n, wantNumber(-1e18, 1e18)))
		return nil
	}
	f.canonical.text(name, units.String())
	v := decimal.NewFromBigInt(units, -decimalPlaces)
	return &v
}

// object returns a required object.
func (f fields) object(name string) *node {
	n := f.of.member(name)
	switch {
	case n == nil:
		f.fail(faultMissing(f.at(name), wantObject()))
	case n.kind != '{':
		f.fail(faultWrongType(f.at(name), n, wantObject()))
	default:
		return n
	}
	return &node{}
}

// pairs returns an object of at most so many members whose names are keys, nil when it is absent.
func (f fields) pairs(name string, most int) *node {
	n := f.of.member(name)
	switch {
	case n == nil:
		return nil
	case n.kind != '{':
		f.fail(faultWrongType(f.at(name), n, wantPairs(most)))
		return nil
	case len(n.children) > most:
		f.fail(faultTooMany(f.at(name), len(n.children), wantPairs(most)))
		return nil
	}
	for i := range n.children {
		if c := &n.children[i]; !key(c.name, maxPairName) {
			f.fail(faultOutOfRange(f.at(name+"."+cut(c.name, maxPairName)), &node{kind: '"', text: c.name}, wantKey(maxPairName)))
			return nil
		}
	}
	return n
}

// maxPairName is the length of a name in dims and counts.
const maxPairName = 32

// dims reads pairs of short texts.
func (f fields) dims() map[string]string {
	n := f.pairs("dims", 8)
	if n == nil || len(n.children) == 0 {
		return nil
	}
	const most = 64
	out := make(map[string]string, len(n.children))
	for i := range n.children {
		c := &n.children[i]
		switch {
		case c.kind == 'n':
		case c.kind != '"':
			f.fail(faultWrongType(f.at("dims."+c.name), c, wantText(most)))
		case !printable(c.text, most):
			f.fail(faultOutOfRange(f.at("dims."+c.name), c, wantText(most)))
		default:
			out[c.name] = norm.NFC.String(c.text)
		}
	}
	f.canonical.integer("dims", int64(len(out)))
	for _, k := range slices.Sorted(maps.Keys(out)) {
		f.canonical.text(k, out[k])
	}
	return out
}

// counts reads pairs of a class and a number.
func (f fields) counts() map[string]uint32 {
	n := f.pairs("counts", 32)
	if n == nil || len(n.children) == 0 {
		return nil
	}
	const most = 1_000_000
	out := make(map[string]uint32, len(n.children))
	for i := range n.children {
		c := &n.children[i]
		switch v, ok := parseInteger(c.text); {
		case c.kind == 'n':
		case c.kind != '0':
			f.fail(faultWrongType(f.at("counts."+c.name), c, wantInteger(0, most)))
		case !ok || v < 0 || v > most:
			f.fail(faultOutOfRange(f.at("counts."+c.name), c, wantInteger(0, most)))
		default:
			out[c.name] = uint32(v)
		}
	}
	f.canonical.integer("counts", int64(len(out)))
	for _, k := range slices.Sorted(maps.Keys(out)) {
		f.canonical.integer(k, int64(out[k]))
	}
	return out
}

// position reads lat and lon: both or neither.
func (f fields) position() Position {
	p := Position{Lat: f.optNumber("lat", -90, 90), Lon: f.optNumber("lon", -180, 180)}
	switch {
	case p.Lat == nil && p.Lon != nil:
		f.fail(faultMissing(f.at("lat"), wantNumber(-90, 90)))
	case p.Lat != nil && p.Lon == nil:
		f.fail(faultMissing(f.at("lon"), wantNumber(-180, 180)))
	}
	return p
}

// printable tells whether s has 1 to so many characters and none of them is a control character.
func printable(s string, most int) bool {
	if s == "" || len(s) > most && utf8.RuneCountInString(s) > most {
		return false
	}
	for _, r := range s {
		if r < ' ' || 0x7f <= r && r <= 0x9f {
			return false
		}
	}
	return true
}

// key tells whether s is a name for machines.
func key(s string, most int) bool {
	if s == "" || len(s) > most {
		return false
	}
	for _, c := range []byte(s) {
		if letter := 'a' <= c && c <= 'z'; !letter && !digit(c) && c != '_' && c != '.' {
			return false
		}
	}
	return true
}
