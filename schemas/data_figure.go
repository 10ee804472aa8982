package schemas

func (f fields) figure() *Figure {
	out := &Figure{Indicator: f.key("indicator", 64), Period: f.period(), Withdrawn: f.withdrawn()}
	if !out.Withdrawn {
		out.Value = f.decimal("value")
	} else if v := f.optDecimal("value"); v != nil {
		out.Value = *v
	}
	out.Target = f.optDecimal("target")
	out.IssuedBy = f.text("issued_by", maxText)
	return out
}

// withdrawn reads whether the figure is taken back. To say no is to say nothing.
func (f fields) withdrawn() bool {
	n := f.of.member("withdrawn")
	switch {
	case n == nil || n.kind == 'f':
		return false
	case n.kind != 't':
		f.fail(faultWrongType(f.at("withdrawn"), n, wantBool()))
		return false
	}
	f.canonical.integer("withdrawn", 1)
	return true
}

// period reads a year, a quarter or a month.
func (f fields) period() string {
	n := f.of.member("period")
	switch {
	case n == nil || n.kind == '"' && n.text == "":
		f.fail(faultMissing(f.at("period"), wantPeriod()))
		return ""
	case n.kind != '"':
		f.fail(faultWrongType(f.at("period"), n, wantPeriod()))
		return ""
	case !period(n.text):
		f.fail(faultOutOfRange(f.at("period"), n, wantPeriod()))
		return ""
	}
	f.canonical.text("period", n.text)
	return n.text
}

func period(s string) bool {
	if len(s) != 4 && len(s) != 7 {
		return false
	}
	for _, c := range []byte(s[:4]) {
		if !digit(c) {
			return false
		}
	}
	if len(s) == 4 {
		return true
	}
	switch a, b := s[5], s[6]; {
	case s[4] != '-':
		return false
	case a == 'Q':
		return '1' <= b && b <= '4'
	case a == '0':
		return '1' <= b && b <= '9'
	default:
		return a == '1' && '0' <= b && b <= '2'
	}
}
