package kpi

import (
	"strings"
	"testing"
)

func TestParseExpr(t *testing.T) {
	tests := []struct {
		of, text string
		want     ValueType
		fault    string // empty: it is good
	}{
		{"dossier", `status == "completed" and not (level != 4 || agency in ["a", "b"])`, TypeBool, ""},
		{"dossier", `level not in [2, 3] && rating == nil`, TypeBool, ""},
		{"dossier", `hours(received_at, completed_at) * -1.5 + rating / 2`, TypeNumber, ""},
		{"dossier", `paid_online`, TypeBool, ""},
		{"dossier", `!paid_online == false`, TypeBool, ""},
		{"dossier", `received_at <= now`, TypeBool, ""},
		{"dossier", `nil != rating`, TypeBool, ""},
		{"camera", `total(counts) - counts["person"] - counts.car`, TypeNumber, ""},
		{"reading", `dims["lane"] == "7" and metric == "x"`, TypeBool, ""},
		{"dossier", `2 < level < 4`, TypeBool, ""},

		{"dossier", `status`, TypeBool, "is a text, not a yes or no"},
		{"dossier", `level`, TypeBool, "is a number, not a yes or no"},
		{"dossier", `statsu == "a"`, TypeBool, "unknown field statsu (did you mean status?)"},
		{"dossier", `queued_at < now`, TypeBool, "unknown field queued_at"},
		{"dossier", `status ==`, TypeBool, "unexpected token EOF, at character 9"},
		{"dossier", `status == 'a`, TypeBool, "literal not terminated, at character"},
		{"dossier", `status = "a"`, TypeBool, `unexpected token Operator("="), at character 8`},
		{"dossier", `level == "4"`, TypeBool, `a number can not be compared with a text: level == "4"`},
		{"dossier", `status < "b"`, TypeBool, "< needs a number or a time, not a text"},
		{"dossier", `status == nil`, TypeBool, `status is a text and never nil; an unknown one is ""`},
		{"dossier", `due_at == nil`, TypeBool, "due_at is never nil"},
		{"dossier", `rating < nil`, TypeBool, "nil stands only beside == or !="},
		{"dossier", `nil == nil`, TypeBool, "only a field can be compared with nil"},
		{"dossier", `hours(received_at, nil) > 1`, TypeBool, "nil stands only beside == or !="},
		{"dossier", `now - received_at`, TypeNumber, "times can not be subtracted: write hours(from, to) or seconds(from, to)"},
		{"dossier", `status + "x" == "ax"`, TypeBool, "+ needs a number, not a text"},
		{"dossier", `level and true`, TypeBool, "and needs a yes or no, not a number"},
		{"dossier", `not level`, TypeBool, "not needs a yes or no, not a number"},
		{"dossier", `-status == 1`, TypeBool, "- needs a number, not a text"},
		{"dossier", `+level == 1`, TypeBool, "unknown operator +"},
		{"dossier", `level in 1..3`, TypeBool, `in needs a list of literals after it`},
		{"dossier", `level in []`, TypeBool, `in needs a list of literals after it`},
		{"dossier", `level in [1, "2"]`, TypeBool, `a number can not be compared with a text`},
		{"dossier", `level in [1, rating]`, TypeBool, "the list after in may hold only literal texts or numbers"},
		{"dossier", `paid_online in [true]`, TypeBool, `in needs a text or a number, not a yes or no`},
		{"dossier", `[1]`, TypeBool, "a list stands only after in"},
		{"dossier", `status matches "a.*"`, TypeBool, "unknown operator matches"},
		{"dossier", `level ** 2`, TypeNumber, "unknown operator **"},
		{"dossier", `len(status) > 1`, TypeBool, "unknown function len; there are hours, seconds and total"},
		{"dossier", `hour(received_at, due_at) > 1`, TypeBool, "unknown function hour (did you mean hours?)"},
		{"dossier", `hours(received_at) > 1`, TypeBool, "hours takes 2 arguments, not 1"},
		{"dossier", `hours(level, due_at) > 1`, TypeBool, "hours needs a time, not a number"},
		{"dossier", `status["a"] == "b"`, TypeBool, "status has no parts"},
		{"dossier", `status.a.b == "b"`, TypeBool, `only a field has parts, such as counts["car"]`},
		{"dossier", `level > 1 ? true : false`, TypeBool, "can not be used here; there are"},
		{"dossier", `let x = 1; x == 1`, TypeBool, "can not be used here; there are"},
		{"dossier", `$env["level"] == 1`, TypeBool, "unknown field $env"},
		{"camera", `counts[status] > 1`, TypeBool, `a part of counts is written as counts["name"]`},
		{"camera", `counts?.car > 1`, TypeBool, "can not be used here"},
		{"camera", `counts == counts`, TypeBool, "== needs a text or a number or a yes or no or a time, not a map of numbers"},
		{"camera", `total(fps) > 1`, TypeBool, "total needs a map of numbers, not a number"},
		{"dossier", `status.a()`, TypeBool, "only hours, seconds and total can be called"},
		// Nested comparisons, of which the parser doubles each: telling the fault takes no time.
		{"dossier", strings.Repeat("(1<", 100) + "1" + strings.Repeat("<1)", 100), TypeBool, "a number can not be compared with a yes or no"},
		{"dossier", strings.Repeat("(1<", 100) + "1" + strings.Repeat("<1)", 100) + " ? 1 : 1", TypeBool, "can not be used here"},
		{"dossier", "level in " + strings.Repeat("(1<", 100) + "1" + strings.Repeat("<1)", 100), TypeBool, "in needs a list"},
		{"dossier", "paid_online in [" + strings.Repeat("(1<", 100) + "1" + strings.Repeat("<1)", 100) + "]", TypeBool, "in needs a text"},
		{"dossier", "hours(" + strings.Repeat("(1<", 100) + "1" + strings.Repeat("<1)", 100) + ")", TypeBool, "hours takes 2"},
		{"dossier", strings.Repeat("(", maxExpr+1), TypeBool, "is longer than 1000 bytes"},
	}
	for _, tt := range tests {
		e, err := parseExpr(tt.text, Fields(tt.of), true, tt.want)
		switch {
		case tt.fault == "" && (err != nil || e.Node == nil || e.Text != tt.text):
			t.Errorf("%s: %v", tt.text, err)
		case tt.fault != "" && (err == nil || !strings.Contains(err.Error(), tt.fault)):
			t.Errorf("%.60s: got %v, want %s", tt.text, err, tt.fault)
		}
	}
}

func TestFieldsOfEverything(t *testing.T) {
	for _, of := range things() {
		if len(Fields(of)) == 0 {
			t.Errorf("%s has no fields", of)
		}
	}
	if Fields("weather") != nil {
		t.Error("an unknown thing has fields")
	}
}

// Whatever an expression is: it is refused, or it has the wanted type.
func FuzzParseExpr(f *testing.F) {
	f.Add(`status == "completed" and level in [2, 3]`)
	f.Add(`total(counts) - counts["person"]`)
	f.Add(`count(`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, of := range things() {
			for _, want := range []ValueType{TypeBool, TypeNumber} {
				if e, err := parseExpr(text, Fields(of), true, want); (err == nil) == (e.Node == nil) {
					t.Errorf("%q: %v, %v", text, e, err)
				}
			}
		}
	})
}
