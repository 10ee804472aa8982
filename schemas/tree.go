package schemas

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// node is a parsed JSON value.
type node struct {
	kind     jsontext.Kind
	text     string // of a string, without quotes; of a number, as it was written
	members  []member
	items    []node
	from, to int64 // its bytes in the message
}

type member struct {
	name  string
	value node
}

// get returns a member of an object. Null is the same as absent.
func (n *node) get(name string) *node {
	for i := range n.members {
		if n.members[i].name == name && n.members[i].value.kind != 'n' {
			return &n.members[i].value
		}
	}
	return nil
}

var errTooDeep = errors.New("nested too deep")

// parse reads exactly one JSON value: RFC 8259, UTF-8, no duplicate names, nested at most maxDepth deep.
func parse(raw []byte, maxDepth int) (node, error) {
	d := jsontext.NewDecoder(bytes.NewBuffer(raw))
	n, err := parseValue(d, maxDepth)
	if err != nil {
		return node{}, err
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return node{}, fmt.Errorf("there is more after the JSON value, at byte %d", d.InputOffset())
	}
	return n, nil
}

func parseValue(d *jsontext.Decoder, depth int) (node, error) {
	if depth == 0 {
		return node{}, errTooDeep
	}
	t, err := d.ReadToken()
	if err != nil {
		return node{}, err
	}
	n := node{kind: t.Kind()}
	switch n.kind {
	case '{':
		n.from = d.InputOffset() - 1
		err = parseMembers(d, &n, depth)
	case '[':
		n.from = d.InputOffset() - 1
		err = parseItems(d, &n, depth)
	case '"', '0':
		n.text = t.String()
	}
	n.to = d.InputOffset()
	return n, err
}

func parseMembers(d *jsontext.Decoder, n *node, depth int) error {
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		key := name.String() // before the next token is read
		v, err := parseValue(d, depth-1)
		if err != nil {
			return err
		}
		n.members = append(n.members, member{key, v})
	}
	_, err := d.ReadToken()
	return err
}

func parseItems(d *jsontext.Decoder, n *node, depth int) error {
	for d.PeekKind() != ']' {
		v, err := parseValue(d, depth-1)
		if err != nil {
			return err
		}
		n.items = append(n.items, v)
	}
	_, err := d.ReadToken()
	return err
}
