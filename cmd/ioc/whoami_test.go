package main

import (
	"strings"
	"testing"

	"github.com/binhphuoc/ioc/query"
)

func TestWhoRunsACommand(t *testing.T) {
	for _, tt := range []struct{ operator, has, fails string }{
		{"", "ioc alarms", ""},
		{" Trần Thị Lan ", "Trần Thị Lan (ioc alarms", ""},
		{strings.Repeat("a", query.MaxName+1), "", "--operator"},
		{"a\x1b[2J", "", "--operator"},
	} {
		s := settings{operator: tt.operator}
		by, err := s.whoami("alarms")
		if !strings.Contains(by, tt.has) || (err != nil) != (tt.fails != "") || err != nil && !strings.Contains(err.Error(), tt.fails) {
			t.Errorf("%q: %q, %v", tt.operator, by, err)
		}
	}
}
