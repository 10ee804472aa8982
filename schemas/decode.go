package schemas

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// DecoderOptions are the limits of what is taken. Zero values take the defaults.
type DecoderOptions struct {
	MaxBytes  int           // of one message; default 1 MiB
	MaxDepth  int           // of nested JSON; default 32
	MaxAhead  time.Duration // that an event may lie in the future; default 10 min
	Retention time.Duration // that it may lie in the past; default 400 days
}

// Decoder reads messages into events. It is safe for concurrent use.
type Decoder struct {
	registry *Registry
	o        DecoderOptions
}

// NewDecoder makes a decoder that knows the centres and domains of a registry.
func NewDecoder(r *Registry, o DecoderOptions) *Decoder {
	o.MaxBytes = cmp.Or(o.MaxBytes, 1<<20)
	o.MaxDepth = cmp.Or(o.MaxDepth, 32)
	o.MaxAhead = cmp.Or(o.MaxAhead, 10*time.Minute)
	o.Retention = cmp.Or(o.Retention, 400*24*time.Hour)
	return &Decoder{registry: r, o: o}
}

// Decode reads one message: a CloudEvent in structured mode, a batch of them, or, with ce_ headers, one in
// Kafka's binary mode. Each item ends in exactly one of the two lists, and at least one list is not empty.
// m.Arrived is the clock.
func (d *Decoder) Decode(m Message) ([]Event, []*Refusal) {
	whole := func(f *fault) ([]Event, []*Refusal) { return nil, []*Refusal{refusal(f, m.Payload, -1, nil)} }
	if f := d.precheck(m.Payload); f != nil {
		return whole(f)
	}
	if _, binary := m.Header["ce_type"]; binary {
		return d.binary(m)
	}
	tree, err := parse(m.Payload, d.o.MaxDepth)
	switch {
	case err != nil:
		return whole(notJSON(err, d.o.MaxDepth))
	case tree.kind == '{':
		return d.one(m, &tree, m.Payload, -1)
	case tree.kind != '[':
		return whole(&fault{
			CodeWrongType, "", "Nội dung không phải là đối tượng hay danh sách JSON: hãy gửi một CloudEvent hoặc danh sách CloudEvent.",
			"The content is neither a JSON object nor a list: send one CloudEvent or a list of them.",
		})
	case len(tree.items) == 0:
		return whole(&fault{CodeNoEvent, "", "Lô không có sự kiện nào.", "The batch holds no event."})
	}
	var events []Event
	var refusals []*Refusal
	for i := range tree.items {
		n := &tree.items[i]
		e, r := d.one(m, n, itemBytes(m.Payload, n), i)
		events, refusals = append(events, e...), append(refusals, r...)
	}
	return events, refusals
}

// itemBytes is what the message says of one item. Of plain values only the end is known; they are short.
func itemBytes(payload []byte, n *node) []byte {
	if n.kind == '{' || n.kind == '[' {
		return payload[n.from:n.to]
	}
	start := bytes.LastIndexAny(payload[:n.to-1], ",[") + 1
	return bytes.TrimSpace(payload[start:n.to])
}

// precheck refuses what can't be JSON of ours before anything is parsed.
func (d *Decoder) precheck(p []byte) *fault {
	switch {
	case len(p) > d.o.MaxBytes:
		return &fault{
			CodeTooLarge, "", fmt.Sprintf("Thông điệp dài %d byte, tối đa %d: hãy chia nhỏ.", len(p), d.o.MaxBytes),
			fmt.Sprintf("The message has %d bytes, at most %d are taken: divide it.", len(p), d.o.MaxBytes),
		}
	case len(bytes.TrimSpace(p)) == 0:
		return &fault{CodeNoEvent, "", "Thông điệp rỗng.", "The message is empty."}
	case !utf8.Valid(p):
		at := invalidUTF8(p)
		return &fault{
			CodeNotUTF8, "", fmt.Sprintf("Byte thứ %d không phải UTF-8: hãy gửi văn bản mã hoá UTF-8.", at),
			fmt.Sprintf("Byte %d is not UTF-8: send text in UTF-8.", at),
		}
	}
	return nil
}

// invalidUTF8 is the place of the first byte that is not UTF-8, from 0.
func invalidUTF8(p []byte) int {
	at := 0
	for at < len(p) {
		r, n := utf8.DecodeRune(p[at:])
		if r == utf8.RuneError && n <= 1 {
			break
		}
		at += n
	}
	return at
}

func notJSON(err error, maxDepth int) *fault {
	if errors.Is(err, errTooDeep) {
		return &fault{
			CodeNotJSON, "", fmt.Sprintf("JSON lồng nhau quá %d cấp.", maxDepth), fmt.Sprintf("The JSON is nested more than %d deep.", maxDepth),
		}
	}
	return &fault{
		CodeNotJSON, "", fmt.Sprintf("Không phải JSON hợp lệ (%.200s): hãy kiểm tra phần mềm gửi.", err), fmt.Sprintf("Not valid JSON (%.200s): check the sending software.", err),
	}
}

// binary reads Kafka's binary mode: attributes in headers, data in the value. It is turned into structured mode,
// so that both are judged by the same rules.
func (d *Decoder) binary(m Message) ([]Event, []*Refusal) {
	data, err := parse(m.Payload, d.o.MaxDepth-1)
	if err != nil {
		n := node{kind: '{'}
		addHeaders(&n, m.Header)
		return nil, []*Refusal{refusal(notJSON(err, d.o.MaxDepth), m.Payload, -1, &n)}
	}
	n := node{kind: '{', members: []member{{"data", data}}}
	addHeaders(&n, m.Header)
	return d.one(m, &n, m.Payload, -1)
}

// addHeaders adds the attributes of binary mode. Bytes that are not UTF-8 can't be an attribute.
func addHeaders(n *node, header map[string]string) {
	for k, v := range header {
		if name, ok := strings.CutPrefix(k, "ce_"); ok {
			n.members = append(n.members, member{name, node{kind: '"', text: strings.ToValidUTF8(v, "\uFFFD")}})
		}
	}
}

// one reads one event.
func (d *Decoder) one(m Message, n *node, raw []byte, index int) ([]Event, []*Refusal) {
	if n.kind != '{' {
		f := &fault{CodeWrongType, "", "Phần tử của lô không phải là đối tượng JSON.", "The item of the batch is no JSON object."}
		return nil, []*Refusal{refusal(f, raw, index, nil)}
	}
	e, f := d.event(m, n)
	if f != nil {
		return nil, []*Refusal{refusal(f, raw, index, n)}
	}
	return []Event{e}, nil
}

// event checks the envelope first, then whose it is, then when it was, then its data.
func (d *Decoder) event(m Message, n *node) (Event, *fault) {
	f := &fields{object: n}
	f.oneOf("specversion", "1.0")
	e := Event{ID: f.text("id", true, 256), Source: f.text("source", true, 256)}
	name := f.text("type", true, 256)
	at := f.moment("time", true)
	if f.fault != nil {
		return e, f.fault
	}
	for _, t := range Types() {
		if t.CloudEventType() == name {
			e.Type = t
		}
	}
	if e.Type == "" {
		f.fail(CodeUnknownType, "type", fmt.Sprintf("Không có loại sự kiện %q; danh sách ở /api/v1/schemas.", name),
			fmt.Sprintf("There is no event type %q; /api/v1/schemas lists them.", name))
		return e, f.fault
	}
	e.Time = *at
	d.place(m, &e, f)
	d.clock(m, &e, f)
	data := f.find("data", true, '{')
	if f.fault != nil {
		return e, f.fault
	}
	inner := &fields{object: data, path: "data."}
	if v := inner.whole("revision", false, 0, 65535); v != nil {
		e.Revision = uint16(*v)
	}
	e.Data = readData(e.Type, inner)
	if inner.fault == nil {
		e.Digest = digest(e.Data)
	}
	return e, inner.fault
}

// place reads the source and checks it against the registry and the topic.
func (d *Decoder) place(m Message, e *Event, f *fields) {
	parts := strings.Split(e.Source, "/")
	if len(parts) != 4 || parts[0] != "" || !isName(parts[3]) {
		f.fail(CodeOutOfRange, "source", fmt.Sprintf("Nguồn %q không đúng dạng /TRUNG-TÂM/LĨNH-VỰC/TÊN, ví dụ /dong-xoai/camera/cam-0142.", e.Source),
			fmt.Sprintf("The source %q is not of the form /CENTRE/DOMAIN/NAME, such as /dong-xoai/camera/cam-0142.", e.Source))
		return
	}
	e.Centre, e.Domain = parts[1], parts[2]
	centre, known := d.registry.Centre(e.Centre)
	_, domain := d.registry.Domain(e.Domain)
	switch {
	case m.Centre != "" && m.Centre != e.Centre:
		f.fail(CodeWrongCentre, "source", fmt.Sprintf("Nguồn %q thuộc trung tâm %q nhưng chủ đề %q thuộc %q: hãy gửi lên chủ đề của chính trung tâm đó.", e.Source, e.Centre, m.Topic, m.Centre),
			fmt.Sprintf("The source %q belongs to the centre %q but the topic %q to %q: send it to the centre's own topic.", e.Source, e.Centre, m.Topic, m.Centre))
	case !known || !domain:
		f.fail(CodeUnknownPlace, "source", fmt.Sprintf("Nguồn %q nêu trung tâm hoặc lĩnh vực không có trong danh mục.", e.Source),
			fmt.Sprintf("The source %q names a centre or a domain that is not in the registry.", e.Source))
	case e.Time.Before(centre.From) || (centre.To != nil && !e.Time.Before(*centre.To)):
		f.fail(CodeUnknownPlace, "source", fmt.Sprintf("Trung tâm %q không hoạt động vào thời điểm của sự kiện.", e.Centre),
			fmt.Sprintf("The centre %q did not exist at the time of the event.", e.Centre))
	}
}

func isName(s string) bool {
	return s != "" && len(s) <= 128 && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("._:-", c)
	})
}

// clock refuses what lies too far ahead or behind.
func (d *Decoder) clock(m Message, e *Event, f *fields) {
	switch {
	case e.Time.Sub(m.Arrived) > d.o.MaxAhead:
		f.fail(CodeTimeAhead, "time", fmt.Sprintf("Thời điểm của sự kiện đi trước đồng hồ nền tảng hơn %s: hãy chỉnh đồng hồ thiết bị gửi.", d.o.MaxAhead),
			fmt.Sprintf("The time of the event is more than %s ahead of the platform's clock: set the clock of the sending device.", d.o.MaxAhead))
	case m.Arrived.Sub(e.Time) > d.o.Retention:
		f.fail(CodeTimeExpired, "time", fmt.Sprintf("Sự kiện đã quá thời hạn lưu giữ (%.0f ngày).", d.o.Retention.Hours()/24),
			fmt.Sprintf("The event lies before the retention of raw data (%.0f days).", d.o.Retention.Hours()/24))
	}
}

// refusal makes a Refusal out of a fault, with what can be read of the event.
func refusal(f *fault, raw []byte, index int, n *node) *Refusal {
	r := &Refusal{Code: f.code, Field: f.field, Sentence: f.vi, English: f.en, Item: raw, Index: index}
	if n == nil {
		return r
	}
	for name, to := range map[string]*string{"id": &r.ID, "source": &r.Source, "type": &r.EventType} {
		if v := n.get(name); v != nil && v.kind == '"' {
			*to = v.text
		}
	}
	return r
}

// digest is a hash over the decoded content: white space, the order of names and the way in which
// numbers are written make no difference.
func digest(d Data) uint64 {
	raw, err := json.Marshal(d) // sorts the keys of maps
	if err != nil {
		return 0 // can't be: all numbers are finite
	}
	sum := sha256.Sum256(raw)
	return binary.BigEndian.Uint64(sum[:])
}
