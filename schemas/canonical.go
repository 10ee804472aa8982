package schemas

import (
	"crypto/sha256"
	"encoding/binary"
)

// canonical is the content of an event as one sequence of bytes: each field with its name and its checked value,
// in the order in which the platform reads them. It knows nothing of the order of names, white space, escapes, the way
// a number is written, or fields that the contract does not have. So equal content has an equal digest; the order of
// reading is part of the contract, and a test holds it.
type canonical []byte

// text appends a text.
func (c *canonical) text(name, value string) {
	c.name(name, 't')
	*c = binary.AppendUvarint(*c, uint64(len(value)))
	*c = append(*c, value...)
}

// integer appends a number, a moment, or whatever is 64 bits.
func (c *canonical) integer(name string, value int64) {
	c.name(name, 'i')
	*c = binary.BigEndian.AppendUint64(*c, uint64(value))
}

func (c *canonical) name(name string, kind byte) {
	*c = append(*c, kind, byte(len(name))) // no name is longer than 32
	*c = append(*c, name...)
}

func (c canonical) digest() uint64 {
	sum := sha256.Sum256(c)
	return binary.BigEndian.Uint64(sum[:8])
}
