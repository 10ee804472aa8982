package schemas

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// node is one JSON value.
type node struct {
	kind     jsontext.Kind // 'n', 't', 'f', '"', '0', '{', '['
	name     string        // of a member of an object
	text     string        // of a string its characters, of a number its literal
	children []node        // of an object or a list
}

// member returns an object's member, nil when it is absent or null.
func (n *node) member(name string) *node {
	if n.kind != '{' {
		return nil
	}
	for i := range n.children {
		if c := &n.children[i]; c.name == name && c.kind != 'n' {
			return c
		}
	}
	return nil
}

// readable returns a member that names the event, for whoever looks for it; whatever it is, it is short and UTF-8.
func (n *node) readable(name string) string {
	m := n.member(name)
	if m == nil {
		return ""
	}
	return cut(strings.ToValidUTF8(m.text, "\uFFFD"), 256)
}

// parser reads the JSON of one message.
//
// jsontext checks the grammar. Names that stand twice in an object and values that are nested too deep are
// looked for here, because in a batch they cost their own element and not the others.
type parser struct {
	dec      *jsontext.Decoder
	buf      bytes.Buffer
	payload  []byte // without byte order mark
	root     string // path of the value in the event, where it is not the event itself
	maxDepth int
	fault    *fault // of the value being read: the first one of these two
}

func newParser(maxDepth int) *parser {
	p := &parser{maxDepth: maxDepth}
	p.dec = jsontext.NewDecoder(&p.buf)
	return p
}

// reset starts to read a payload. A byte order mark before it is of no meaning and no harm.
func (p *parser) reset(payload []byte, more ...jsontext.Options) {
	p.payload = bytes.TrimPrefix(payload, []byte("\uFEFF"))
	p.root, p.fault = "", nil
	p.buf = *bytes.NewBuffer(p.payload) // jsontext reads a bytes.Buffer in place
	p.dec.Reset(&p.buf, append(more, jsontext.AllowDuplicateNames(true))...)
}

// release lets go of the payload.
func (p *parser) release() { p.reset(nil) }

// offset is where reading stands.
func (p *parser) offset() int { return int(p.dec.InputOffset()) }

// rest is how much of the payload is left, but for white space.
func (p *parser) rest() int { return len(bytes.TrimLeft(p.payload[p.offset():], " \t\r\n")) }

// takeFault returns the fault of the value that was read last, and forgets it.
func (p *parser) takeFault() *fault {
	f := p.fault
	p.fault = nil
	return f
}

// verdict returns what is wrong with the value that was read, or was being read when err ended it.
func (p *parser) verdict(err error) *fault {
	if p.fault == nil && err != nil {
		return p.syntax(err)
	}
	return p.fault
}

// value reads the next value. With an error it returns what it has read until there.
func (p *parser) value(depth int) (node, error) {
	if kind := p.dec.PeekKind(); depth > p.maxDepth && (kind == '{' || kind == '[') {
		p.note(func(path string) *fault { return faultTooDeep(path, p.maxDepth) })
		return node{kind: kind}, p.dec.SkipValue()
	}
	tok, err := p.dec.ReadToken()
	if err != nil {
		return node{}, err
	}
	n := node{kind: tok.Kind()}
	switch n.kind {
	case '{':
		err = p.members(&n, depth)
	case '[':
		err = p.items(&n, depth)
	case '"', '0':
		n.text = tok.String()
	}
	return n, err
}

func (p *parser) members(n *node, depth int) error {
	n.children = make([]node, 0, 8)
	var seen map[string]bool // of a large object
	for p.dec.PeekKind() != '}' {
		tok, err := p.dec.ReadToken()
		if err != nil {
			return err
		}
		name := tok.String()
		if len(n.children) == 32 {
			seen = make(map[string]bool, 64)
			for _, c := range n.children {
				seen[c.name] = true
			}
		}
		if seen[name] || seen == nil && named(n.children, name) {
			p.note(faultTwice)
		}
		if seen != nil {
			seen[name] = true
		}
		c, err := p.value(depth + 1)
		c.name = name
		n.children = append(n.children, c)
		if err != nil {
			return err
		}
	}
	_, err := p.dec.ReadToken()
	return err
}

func named(children []node, name string) bool {
	for i := range children {
		if children[i].name == name {
			return true
		}
	}
	return false
}

func (p *parser) items(n *node, depth int) error {
	for p.dec.PeekKind() != ']' {
		c, err := p.value(depth + 1)
		n.children = append(n.children, c)
		if err != nil {
			return err
		}
	}
	_, err := p.dec.ReadToken()
	return err
}

// end checks that nothing but white space follows.
func (p *parser) end() error {
	if rest := p.rest(); rest > 0 {
		return trailingError{at: len(p.payload) - rest}
	}
	return nil
}

// trailingError says that something follows the value of a message.
type trailingError struct{ at int }

func (e trailingError) Error() string { return "something follows the JSON value" }

// note keeps the first fault, at the place that was read last. It makes no other: a path can be as long as the message,
// and the message can hold a hundred thousand of them.
func (p *parser) note(describe func(path string) *fault) {
	if p.fault == nil {
		p.fault = describe(p.path())
	}
}

// path is the place that was read last, such as data.readings[3].value, from the event on.
func (p *parser) path() string {
	var b strings.Builder
	b.WriteString(p.root)
	level := 1
	for token := range p.dec.StackPointer().Tokens() {
		list := false
		if level <= p.dec.StackDepth() {
			kind, _ := p.dec.StackIndex(level)
			list = kind == '['
		}
		level++
		switch {
		case list && level == 2 && p.root == "": // the place in the batch is the refusal's Index
		case list:
			b.WriteString("[" + token + "]")
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(cut(token, 64))
		}
	}
	return cut(b.String(), 256)
}

// syntax describes an error of the grammar: where it is, and what it looks like.
func (p *parser) syntax(err error) *fault {
	var trailing trailingError
	var bad *jsontext.SyntacticError
	at := p.offset()
	switch {
	case errors.As(err, &trailing):
		return faultTrailing(p.payload, trailing.at)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return faultCutOff(p.payload)
	case errors.As(err, &bad):
		at = int(bad.ByteOffset)
	}
	return faultSyntax(p.payload, min(at, len(p.payload)))
}

// place names a byte of a text as an editor does.
func place(payload []byte, at int) (line, column string) {
	before := payload[:at]
	start := bytes.LastIndexByte(before, '\n') + 1
	return strconv.Itoa(bytes.Count(before, []byte("\n")) + 1),
		strconv.Itoa(len([]rune(string(before[start:]))) + 1)
}
