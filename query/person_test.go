package query

import (
	"errors"
	"strings"
	"testing"
)

func TestNamesOfPersons(t *testing.T) {
	tests := map[string]struct{ text, want, refused string }{
		"Vietnamese":                       {"Nguyễn Văn A", "Nguyễn Văn A", ""},
		"typed with combining characters":  {"Nguye\u0302\u0303n Thi\u0323 A\u0301nh", "Nguyễn Thị Ánh", ""},
		"with spaces around it":            {" \tTrực ban 1\u00a0\n", "Trực ban 1", ""},
		"nothing":                          {"", "", ""},
		"spaces alone":                     {" \n ", "", ""},
		"as long as may be":                {strings.Repeat("ễ", MaxName), strings.Repeat("ễ", MaxName), ""},
		"as long as may be, in two pieces": {strings.Repeat("e\u0302", MaxName), strings.Repeat("ê", MaxName), ""},
		"too long":                         {strings.Repeat("a", MaxName+1), "", "60"},
		"a line break":                     {"Nguyễn\nVăn A", "", "can't be read"},
		"a control character":              {"Nguyễn\x00", "", "can't be read"},
		"writing turned around":            {"Nguyễn \u202eA năV", "", "can't be read"},
		"a sign of no width":               {"Nguyễn\u200bVăn", "", "can't be read"},
		"no UTF-8":                         {"Nguy\xe1n", "", "can't be read"},
		"markup":                           {`<b>"A"</b>`, `<b>"A"</b>`, ""},
	}
	for what, tt := range tests {
		t.Run(what, func(t *testing.T) {
			got, err := Name(tt.text)
			if got != tt.want {
				t.Errorf("%+q, want %+q", got, tt.want)
			}
			if tt.refused == "" && err != nil || tt.refused != "" && (!errors.Is(err, ErrBadRequest) || !strings.Contains(err.Error(), tt.refused)) {
				t.Errorf("error %v, want %q", err, tt.refused)
			}
		})
	}
}

func TestWhoIsRecorded(t *testing.T) {
	for _, tt := range []struct{ name, from, want string }{
		{"", "10.1.2.3", "10.1.2.3"},
		{"Nguyễn Văn A", "10.1.2.3", "Nguyễn Văn A (10.1.2.3)"},
		{"A (10.1.2.3)", "10.9.9.9", "A (10.1.2.3) (10.9.9.9)"},
	} {
		if got := By(tt.name, tt.from); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}
