package schemas

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// fault is what makes an event unacceptable: why, where, and what to do, in both languages.
type fault struct {
	code   Code
	field  string
	vi, en string
}

// newFault makes a fault of two sentences. Both name their arguments by $1, $2, …
func newFault(code Code, field, vi, en string, args ...string) *fault {
	pairs := make([]string, 0, 2*len(args))
	for i, a := range args {
		pairs = append(pairs, "$"+strconv.Itoa(i+1), a)
	}
	r := strings.NewReplacer(pairs...)
	return &fault{code: code, field: field, vi: r.Replace(vi), en: r.Replace(en)}
}

// Faults of the message as a whole.

func faultTooLarge(size, most int) *fault {
	return newFault(CodeTooLarge, "",
		"Tin nhắn dài $1 byte, giới hạn là $2: chia thành nhiều tin nhắn nhỏ hơn.",
		"The message has $1 bytes, the limit is $2: split it into smaller ones.",
		strconv.Itoa(size), strconv.Itoa(most))
}

func faultNotUTF8(payload []byte) *fault {
	at := 0
	for r, size := utf8.DecodeRune(payload); r != utf8.RuneError || size > 1; r, size = utf8.DecodeRune(payload[at:]) {
		at += size
	}
	line, column := place(payload, at)
	return newFault(CodeNotUTF8, "",
		"Dòng $1, cột $2 (byte $3, giá trị 0x$4) không phải UTF-8: gửi văn bản mã hoá UTF-8, không phải TCVN3, VNI hay Windows-1258.",
		"Line $1, column $2 (byte $3, value 0x$4) is not UTF-8: send text encoded as UTF-8, not TCVN3, VNI or Windows-1258.",
		line, column, strconv.Itoa(at), strconv.FormatUint(uint64(payload[at]), 16))
}

func faultHeaderNotUTF8(name string) *fault {
	return newFault(CodeNotUTF8, name,
		"Header ce_$1 không phải UTF-8: gửi văn bản mã hoá UTF-8.",
		"The header ce_$1 is not UTF-8: send text encoded as UTF-8.", name)
}

func faultEmptyMessage() *fault {
	return newFault(CodeNoEvent, "",
		"Tin nhắn rỗng: gửi một sự kiện CloudEvents dạng JSON.",
		"The message is empty: send one CloudEvents event as JSON.")
}

func faultEmptyBatch() *fault {
	return newFault(CodeNoEvent, "",
		"Danh sách không có sự kiện nào: gửi ít nhất một sự kiện, hoặc không gửi.",
		"The batch holds no event: send at least one, or nothing.")
}

func faultLongBatch(most int) *fault {
	return newFault(CodeOutOfRange, "",
		"Danh sách có hơn $1 sự kiện: chia thành nhiều tin nhắn.",
		"The batch holds more than $1 events: split it into several messages.", strconv.Itoa(most))
}

// Faults of the JSON text.

func faultCutOff(payload []byte) *fault {
	line, column := place(payload, len(payload))
	return newFault(CodeNotJSON, "",
		"JSON bị cụt ở dòng $1, cột $2: thiếu phần cuối; gửi toàn bộ nội dung trong một tin nhắn.",
		"The JSON breaks off at line $1, column $2: its end is missing; send all of it in one message.", line, column)
}

func faultTrailing(payload []byte, at int) *fault {
	line, column := place(payload, at)
	return newFault(CodeNotJSON, "",
		"Còn nội dung sau giá trị JSON, từ dòng $1, cột $2 ($3): gửi nhiều sự kiện trong một danh sách [...], hoặc mỗi tin nhắn một sự kiện.",
		"Something follows the JSON value, from line $1, column $2 on ($3): send several events as a list [...], or one in each message.",
		line, column, near(payload, at))
}

func faultSyntax(payload []byte, at int) *fault {
	line, column := place(payload, at)
	vi, en := syntaxHint(payload, at)
	return newFault(CodeNotJSON, "",
		"Không phải JSON ở dòng $1, cột $2 ($3): $4.",
		"This is not JSON at line $1, column $2 ($3): $5.", line, column, near(payload, at), vi, en)
}

// syntaxHint says what to do about the mistakes that are seen most.
func syntaxHint(payload []byte, at int) (vi, en string) {
	rest := payload[at:]
	switch before := bytes.TrimRight(payload[:at], " \t\r\n"); {
	case bytes.HasPrefix(rest, []byte("NaN")), bytes.HasPrefix(rest, []byte("nan")), bytes.HasPrefix(rest, []byte("Inf")):
		return "JSON không có NaN hay Infinity, hãy bỏ trường này khi không có giá trị",
			"JSON knows no NaN or Infinity, leave the field out when there is no value"
	case bytes.HasPrefix(rest, []byte("'")):
		return "tên và chuỗi phải nằm trong dấu nháy kép", "names and strings stand in double quotes"
	case bytes.HasPrefix(rest, []byte(`\`)):
		return `kiểm tra ký tự thoát: \uXXXX ngoài mặt phẳng cơ bản phải đi thành cặp`,
			`check the escape: \uXXXX beyond the basic plane come in pairs`
	case len(rest) > 0 && rest[0] < ' ':
		return `ký tự điều khiển trong chuỗi phải viết là \n, \t hoặc \u00XX`,
			`write control characters in strings as \n, \t or \u00XX`
	case bytes.HasPrefix(rest, []byte(",")), bytes.HasSuffix(before, []byte(",")):
		return "thừa hoặc thiếu phần tử quanh dấu phẩy", "there is a comma too many, or something missing beside it"
	case bytes.HasPrefix(rest, []byte("<")):
		return "nội dung giống XML; gửi JSON", "it looks like XML; send JSON"
	}
	return "kiểm tra bằng một trình kiểm tra JSON trước khi gửi", "check it with a JSON validator before sending"
}

// near quotes the text around a place.
func near(payload []byte, at int) string {
	return quote(string(payload[at:]), 20)
}

func faultTooDeep(field string, most int) *fault {
	return newFault(CodeNotJSON, field,
		"$1 lồng sâu hơn $2 tầng: làm phẳng cấu trúc.",
		"$1 is nested deeper than $2 levels: flatten it.", field, strconv.Itoa(most))
}

func faultTwice(field string) *fault {
	return newFault(CodeNotJSON, field,
		"$1 có hai lần trong cùng một đối tượng: chỉ giữ lại một.",
		"$1 stands twice in one object: keep one of them.", field)
}

// Faults of one field.

func faultMissing(field string, w want) *fault {
	return newFault(CodeMissing, field,
		"Thiếu $1: đây là trường bắt buộc, gửi $2.",
		"$1 is missing: it is required, send $3.", field, w.vi, w.en)
}

func faultWrongType(field string, n *node, w want) *fault {
	vi, en := kindName(n.kind)
	if right := converted(n, w.kind); right != "" {
		return newFault(CodeWrongType, field,
			"$1 là $2, cần $3: gửi $6 thay vì $7.",
			"$1 is $4, it must be $5: send $6 instead of $7.", field, vi, w.vi, en, w.en, right, show(n))
	}
	return newFault(CodeWrongType, field,
		"$1 là $2: gửi $3.",
		"$1 is $4: send $5.", field, vi, w.vi, en, w.en)
}

func faultNotObject(n *node) *fault {
	vi, en := kindName(n.kind)
	return newFault(CodeWrongType, "",
		"Sự kiện là $1: gửi một đối tượng CloudEvents {...}.",
		"The event is $2: send a CloudEvents object {...}.", vi, en)
}

func faultOutOfRange(field string, n *node, w want) *fault {
	return newFault(CodeOutOfRange, field,
		"$1 là $2: gửi $3.",
		"$1 is $2: send $4.", field, show(n), w.vi, w.en)
}

func faultTooMany(field string, count int, w want) *fault {
	return newFault(CodeOutOfRange, field,
		"$1 có $2 phần tử: gửi $3.",
		"$1 has $2 elements: send $4.", field, strconv.Itoa(count), w.vi, w.en)
}

func faultBoth(field string) *fault {
	return newFault(CodeOutOfRange, field,
		"$1 đứng cùng data.metric: gửi một giá trị (metric, value) hoặc một danh sách readings, không cả hai.",
		"$1 stands beside data.metric: send one value (metric, value) or a list of readings, not both.", field)
}

func kindName(k jsontext.Kind) (vi, en string) {
	switch k {
	case '"':
		return "chuỗi", "a string"
	case '0':
		return "số", "a number"
	case 't', 'f':
		return "đúng/sai (boolean)", "a boolean"
	case '{':
		return "đối tượng", "an object"
	case '[':
		return "danh sách", "a list"
	}
	return "null", "null"
}

// converted returns the same value written in the JSON type that is wanted, empty when there is none.
func converted(n *node, to jsontext.Kind) string {
	switch {
	case n.kind == '"' && to == '0' && jsontext.Value(n.text).IsValid() && jsontext.Value(n.text).Kind() == '0':
		return cut(n.text, 40)
	case n.kind == '0' && to == '"':
		return quote(n.text, 40)
	case to == 't' && (n.text == "true" || n.text == "1"):
		return "true"
	case to == 't' && (n.text == "false" || n.text == "0"):
		return "false"
	}
	return ""
}

// show quotes a value, shortened.
func show(n *node) string {
	switch n.kind {
	case '"':
		return quote(n.text, 40)
	case '0':
		return cut(n.text, 40)
	case 't':
		return "true"
	case 'f':
		return "false"
	case '{':
		return "{…}"
	case '[':
		return "[…]"
	}
	return "null"
}

// quote shows the first characters of a text, with its length when there are more.
func quote(s string, most int) string {
	short := cut(s, most)
	if len(short) == len(s) {
		return strconv.Quote(s)
	}
	return strconv.Quote(short) + "…(" + strconv.Itoa(utf8.RuneCountInString(s)) + ")"
}

// cut returns the first characters of a text.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for i := range s {
		if most == 0 {
			return s[:i]
		}
		most--
	}
	return s
}
