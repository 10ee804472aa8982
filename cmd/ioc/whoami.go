package main

import (
	"fmt"
	"os/user"

	"github.com/binhphuoc/ioc/query"
)

// whoami says who runs a command, as it is recorded: the name of --operator or of the account, the command, and the account.
func (s *settings) whoami(command string) (string, error) {
	name, err := query.Name(s.operator)
	if err != nil {
		return "", fmt.Errorf("--operator: %w", err)
	}
	from := "ioc " + command
	if u, err := user.Current(); err == nil {
		from += ", " + u.Username
		if own, err := query.Name(u.Name); name == "" && err == nil && own != u.Username {
			name = own
		}
	}
	return query.By(name, from), nil
}
