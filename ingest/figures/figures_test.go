package figures

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/binhphuoc/ioc/schemas"
)

func rules() Rules {
	return Rules{
		Indicators: []Indicator{
			{"economy.digital_share", schemas.Text{VI: "Kinh tế số trong GRDP", EN: "Digital economy in GRDP"}},
			{"budget.revenue", schemas.Text{VI: "Thu ngân sách", EN: "Budget revenue"}},
		},
		Centres: []schemas.Centre{
			{Code: "province", Name: schemas.Text{VI: "Tỉnh Bình Phước", EN: "Binh Phuoc province"}},
			{Code: "dong-xoai", Name: schemas.Text{VI: "Thành phố Đồng Xoài", EN: "Dong Xoai city"}, Short: schemas.Text{VI: "Đồng Xoài", EN: "Dong Xoai"}},
		},
		Centre: "province",
		Now:    time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC),
	}
}

// told is what is said of a table: of good rows what they say, of bad ones where and what is wrong, in English.
func told(c Checked) []string {
	var out []string
	for _, p := range c.Problems {
		out = append(out, fmt.Sprintf("%s%d %s", p.Column, p.Row, p.Sentence.EN))
	}
	for _, r := range c.Rows {
		if len(r.Problems) == 0 {
			line := fmt.Sprintf("%d: %s %s %s %s", r.Line, r.Centre, r.Indicator, r.Period, r.Value)
			if r.Target != nil {
				line += " of " + r.Target.String()
			}
			if r.IssuedBy != "" {
				line += " by " + r.IssuedBy
			}
			out = append(out, line)
		}
		for _, n := range r.Notes {
			out = append(out, fmt.Sprintf("%d note: %s", r.Line, n.EN))
		}
		for _, p := range r.Problems {
			if p.Sentence.VI == "" || p.Sentence.VI == p.Sentence.EN {
				out = append(out, "no Vietnamese: "+p.Sentence.EN)
			}
			out = append(out, fmt.Sprintf("%s%d %s", p.Column, p.Row, p.Sentence.EN))
		}
	}
	return out
}

func utf16le(s string) string {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

func TestTablesOfText(t *testing.T) {
	const head = "indicator,period,value\n"
	tests := []struct {
		name, file string
		want       []string
	}{
		{"plain", head + "economy.digital_share,2026-Q3,14.25\n", []string{"2: province economy.digital_share 2026-Q3 14.25"}},
		{"with a mark and lines of Windows", "\xef\xbb\xbfindicator,period,value\r\nbudget.revenue,2026,7\r\n", []string{"2: province budget.revenue 2026 7"}},
		{
			"Vietnamese heads in another order, with a title, notes and blanks",
			"BÁO CÁO QUÝ III;;;;;\n;;;;;\nGIÁ TRỊ;kỳ;Ghi chú;Mục  tiêu;Mã chỉ tiêu;Trung tâm;Cơ quan công bố\n\n1.234,5;2026-10;x;2.000;budget.revenue;đồng xoài; Sở  Tài chính\n",
			[]string{"5: dong-xoai budget.revenue 2026-10 1234.5 of 2000 by Sở Tài chính", "5 note: “2.000” is read as 2000, by the decimal sign of cell A5 (“1.234,5”)."},
		},
		{"decomposed Vietnamese", "Ma\u0303 chi\u0309 tie\u0302u;Ky\u0300;Gia\u0301 tri\u0323\nbudget.revenue;2026;5\n", []string{"2: province budget.revenue 2026 5"}},
		{"UTF-16 with tabs", utf16le("Mã chỉ tiêu\tKỳ\tGiá trị\nbudget.revenue\t2026\t5,5\n"), []string{"2: province budget.revenue 2026 5.5"}},
		{"sep=", "sep=;\nindicator;period;value\nbudget.revenue;2026;5,5\n", []string{"3: province budget.revenue 2026 5.5"}},
		{"a quoted decimal comma", head + "budget.revenue,2026,\"5,5\"\n", []string{"2: province budget.revenue 2026 5.5"}},
		{"a decimal comma that cuts a cell in two", head + "budget.revenue,2026,5,5\n", []string{"D2 This cell stands under no head. A number with a decimal comma must be in quotation marks, or the cells parted by semicolons."}},
		{"periods as people write them", head + "budget.revenue,10/2026,1\nbudget.revenue,Quý III/2026,1\nbudget.revenue,năm 2025,1\nbudget.revenue,2026-q2,1\n", []string{
			"2: province budget.revenue 2026-10 1", "2 note: The period “10/2026” is read as 2026-10.",
			"3: province budget.revenue 2026-Q3 1", "3 note: The period “Quý III/2026” is read as 2026-Q3.",
			"4: province budget.revenue 2025 1", "4 note: The period “năm 2025” is read as 2025.",
			"5: province budget.revenue 2026-Q2 1", "5 note: The period “2026-q2” is read as 2026-Q2.",
		}},
		{"periods that are none", head + "budget.revenue,2026-13,1\nbudget.revenue,Q5/2026,1\nbudget.revenue,01/10/2026,1\nbudget.revenue,,1\nbudget.revenue,2026-12,1\nbudget.revenue,2206,1\nbudget.revenue,1999,1\n", []string{
			"B2 The period must be written as 2026, 2026-Q3 or 2026-10.", "B3 The period must be written as 2026, 2026-Q3 or 2026-10.",
			"B4 The period must be written as 2026, 2026-Q3 or 2026-10.", "B5 The period must be written as 2026, 2026-Q3 or 2026-10.",
			"B6 The period 2026-12 has not begun: there can be no figure yet.", "B7 The period 2206 has not begun: there can be no figure yet.", "B8 The period 1999 lies before 2000.",
		}},
		{"all that is wrong with a row, and with the next", "indicator,period,value,target,centre\nno.such,2026-H1,about 5,x,nowhere\nKinh tế số trong GRDP,2026,,,\n", []string{
			"A2 There is no indicator “no.such”. The template lists the codes.", "E2 There is no centre “nowhere”, or you may not give figures for it.",
			"B2 The period must be written as 2026, 2026-Q3 or 2026-10.", "C2 “about 5” is no number.", "D2 “x” is no number.",
			"A3 This is the name of the indicator: write its code, economy.digital_share.", "C3 The value is missing.",
		}},
		{"the same figure twice", head + "budget.revenue,2026,5\nbudget.revenue,2025,5\nbudget.revenue,2026,6\n", []string{
			"2 The same figure is also in row 4.", "3: province budget.revenue 2025 5", "4 The same figure is also in row 2.",
		}},
		{"two ways to read a number, and nothing to tell", head + "budget.revenue,2026,1.234\n", []string{
			"C2 “1.234” can be read in two ways, and no number of the column tells whether the decimal sign is a point or a comma. Write it without parting thousands, or add a decimal (1,234.0).",
		}},
		{"two ways to read a number, told by the target", "indicator;period;value;target\nbudget.revenue;2026;1.234;12.5\n", []string{
			"2: province budget.revenue 2026 1.234 of 12.5", "2 note: “1.234” is read as 1.234, by the decimal sign of cell D2 (“12.5”).",
		}},
		{"both decimal signs", "indicator;period;value\nbudget.revenue;2026;12,5\nbudget.revenue;2025;12.5\nbudget.revenue;2024;1.234\n", []string{
			"2: province budget.revenue 2026 12.5", "3: province budget.revenue 2025 12.5",
			"C4 “1.234” can be read in two ways, and the column has both decimal signs (cell C3: “12.5”). Keep to one.",
		}},
		{"too large", head + "budget.revenue,2026,1000000000000000001\n", []string{"C2 This number is too large."}},
		{"rounded to what is kept", head + "budget.revenue,2026,0.12345678\n", []string{"2: province budget.revenue 2026 0.123457"}},
		{"a column that there is not, and one that is missing", "indicator,date,value\nx,y,z\n", []string{
			"B1 There is no column “date”. Columns that are taken: Indicator, Period, Value, Target, Issued by, Centre.",
			"1 Column “Period” is missing. These columns are needed: Indicator, Period, Value.",
		}},
		{"a column twice", "indicator,period,value,giá trị\nbudget.revenue,2026,1,2\n", []string{"D1 Column “giá trị” is there already, as column C."}},
		{"no heads", "budget.revenue,2026,1\n", []string{"0 There is no row of column heads. These columns are needed: Indicator, Period, Value. Take the template."}},
		{"heads alone", head, []string{"0 The file has no row of figures."}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			table, err := ReadCSV([]byte(tt.file))
			if err != nil {
				t.Fatal(err)
			}
			for i := range tt.want { // of a row as a whole no column is told
				tt.want[i] = strings.TrimPrefix(tt.want[i], " ")
			}
			if d := cmp.Diff(tt.want, told(Check(table, rules()))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestFilesThatAreNoTable(t *testing.T) {
	for name, c := range map[string]struct{ file, has string }{
		"bytes that are no UTF-8": {"indicator,period,value\nk\xfd,2026,1\n", "UTF-8"},
		"a zero byte":             {"indicator\x00", "UTF-8"},
		"a quotation mark":        {"indicator,period,value\nbudget.revenue,20\"26,1\n", "quotation mark"},
		"too many rows":           {"indicator,period,value\n" + strings.Repeat("a,2026,1\n", MaxRows+headWithin), "20000 rows"},
		"too many columns":        {"indicator,period,value\n" + strings.Repeat(",", MaxColumns) + "\n", "64 columns"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadCSV([]byte(c.file))
			if err == nil || !strings.Contains(err.Error(), c.has) {
				t.Errorf("got %v, want a fault that says %q", err, c.has)
			}
		})
	}
	table, err := ReadCSV([]byte("indicator,period,value\n" + strings.Repeat("a,2026,1\n", MaxRows+1)))
	if err != nil {
		t.Fatal(err)
	}
	if c := Check(table, rules()); len(c.Problems) != 1 || len(c.Rows) != 0 {
		t.Errorf("one row too many: %d problems, %d rows", len(c.Problems), len(c.Rows))
	}
}

func TestNumbers(t *testing.T) {
	for text, want := range map[string]struct {
		sign  sign
		value string // as the sign, or for an ambiguous one a comma, has it
	}{
		"12":            {signNone, "12"},
		"-12":           {signNone, "-12"},
		"+12":           {signNone, "12"},
		"12 %":          {signNone, "12"},
		"1 234":         {signNone, "1234"},
		"1 234,5":       {signComma, "1234.5"},
		"−1\u00a0234.5": {signPoint, "-1234.5"},
		"12,5":          {signComma, "12.5"},
		"12.5":          {signPoint, "12.5"},
		"0.123":         {signPoint, "0.123"},
		"0,123":         {signComma, "0.123"},
		"1234.567":      {signPoint, "1234.567"},
		"1.234,5":       {signComma, "1234.5"},
		"1,234.5":       {signPoint, "1234.5"},
		"1.234.567":     {signComma, "1234567"},
		"1,234,567":     {signPoint, "1234567"},
		"1.234.567,89":  {signComma, "1234567.89"},
		"1.234":         {signAmbiguous, "1234"},
		"999,000":       {signAmbiguous, "999"},
		"1.234.56":      {signInvalid, ""},
		"1,234,5":       {signInvalid, ""},
		"1.234,567,8":   {signInvalid, ""},
		"12 5":          {signInvalid, ""},
		"1 23,5":        {signInvalid, ""},
		"0.123.456":     {signInvalid, ""},
		"1.2e3":         {signInvalid, ""},
		"5.":            {signInvalid, ""},
		".5":            {signInvalid, ""},
		"khoảng 5":      {signInvalid, ""},
		"--5":           {signInvalid, ""},
		"":              {signInvalid, ""},
		"٣":             {signInvalid, ""},
	} {
		got := signOf(text)
		if got != want.sign {
			t.Errorf("%q tells %d, want %d", text, got, want.sign)
			continue
		}
		use := got
		if got == signAmbiguous || got == signNone {
			use = signComma
		}
		if got == signInvalid {
			continue
		}
		if v, ok := parse(text, use); !ok || v.String() != want.value {
			t.Errorf("%q is %s (%v), want %s", text, v, ok, want.value)
		}
	}
}

func TestLetters(t *testing.T) {
	for i, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 63: "BL"} {
		if got := Letter(i); got != want {
			t.Errorf("column %d is %s, want %s", i, got, want)
		}
	}
}

// Whatever the bytes, each row ends as one that is good in every respect, or with a reason that can be shown.
func FuzzTablesOfText(f *testing.F) {
	for _, s := range []string{
		"indicator,period,value\nbudget.revenue,2026,1\n", "Mã chỉ tiêu;Kỳ;Giá trị\nbudget.revenue;Q3/2026;1.234,5\n", utf16le("indicator\tperiod\tvalue\n\"a\tb"),
		"sep=\t\nindicator\tperiod\tvalue\n", "\xff\xfe\x00", "indicator,period,value\nx,\"\n", "indicator,period,value,target,centre,issued_by\nbudget.revenue,2025-Q1,-1 234.5,0.000,dong-xoai,\u0007\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := ReadCSV(data)
		if err != nil {
			return
		}
		c := Check(table, rules())
		for _, r := range c.Rows {
			for _, p := range r.Problems {
				if p.Sentence.VI == "" || p.Sentence.EN == "" || !utf8.ValidString(p.Sentence.VI) || p.Row != r.Line {
					t.Fatalf("a problem that can't be shown: %+v", p)
				}
			}
			if len(r.Problems) > 0 {
				continue
			}
			if r.Value == nil || r.Value.Exponent() < -decimalPlaces || r.Centre == "" || r.Name.VI == "" || begins(r.Period).After(rules().Now) {
				t.Fatalf("a row that is not good was taken: %+v", r)
			}
		}
	})
}
