package query

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxName is how many characters the name of a person may have.
const MaxName = 60

// Name reads how a person calls themselves: NFC, without spaces around it, and empty where nothing is said. It fails with a
// Refusal when the name is too long, or holds what nobody sees in a record: control characters, signs that turn the writing around.
func Name(text string) (string, error) {
	name := norm.NFC.String(strings.TrimSpace(text))
	switch {
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) || r == utf8.RuneError }):
		return "", Refuse(ErrBadRequest, "Họ và tên có ký tự không đọc được. Hãy gõ lại.", "The name holds characters that can't be read. Type it again.")
	case utf8.RuneCountInString(name) > MaxName:
		return "", Refuse(ErrBadRequest, "Họ và tên dài hơn %[1]d ký tự.", "The name has more than %[1]d characters.", MaxName)
	}
	return name, nil
}

// By says who did something, as it is recorded: the name, which is only said, and from where, which is known.
func By(name, from string) string {
	if name == "" {
		return from
	}
	return name + " (" + from + ")"
}
