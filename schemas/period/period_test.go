package period

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestZoneIsThatOfTheTimeZoneDatabase(t *testing.T) {
	loc, err := time.LoadLocation("Asia/Ho_Chi_Minh")
	if err != nil {
		t.Skipf("no time zone database on this machine: %v", err)
	}
	for _, when := range []time.Time{time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)} {
		_, want := when.In(loc).Zone()
		if _, got := when.In(Zone()).Zone(); got != want {
			t.Errorf("offset at %v: %d s, want %d s", when, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	for _, tt := range []struct{ text, first, last, previous, lastYear, vi, en string }{
		{"2026", "2026-01-01", "2026-12-31", "2025", "2025", "năm 2026", "2026"},
		{"2026-H1", "2026-01-01", "2026-06-30", "2025-H2", "2025-H1", "6 tháng đầu năm 2026", "the first half of 2026"},
		{"2026-H2", "2026-07-01", "2026-12-31", "2026-H1", "2025-H2", "6 tháng cuối năm 2026", "the second half of 2026"},
		{"2026-Q3", "2026-07-01", "2026-09-30", "2026-Q2", "2025-Q3", "quý III năm 2026", "Q3 2026"},
		{"2026-Q1", "2026-01-01", "2026-03-31", "2025-Q4", "2025-Q1", "quý I năm 2026", "Q1 2026"},
		{"2026-10", "2026-10-01", "2026-10-31", "2026-09", "2025-10", "tháng 10 năm 2026", "October 2026"},
		{"2024-02", "2024-02-01", "2024-02-29", "2024-01", "2023-02", "tháng 2 năm 2024", "February 2024"},
		{"2026-W41", "2026-10-05", "2026-10-11", "2026-W40", "2025-W41", "tuần 41 năm 2026 (05/10–11/10)", "week 41 of 2026 (5 Oct–11 Oct)"},
		{"2026-W53", "2026-12-28", "2027-01-03", "2026-W52", "2025-W52", "tuần 53 năm 2026 (28/12–03/01)", "week 53 of 2026 (28 Dec–3 Jan)"},
		{"2027-W01", "2027-01-04", "2027-01-10", "2026-W53", "2026-W01", "tuần 1 năm 2027 (04/01–10/01)", "week 1 of 2027 (4 Jan–10 Jan)"},
		{"2025-W01", "2024-12-30", "2025-01-05", "2024-W52", "2024-W01", "tuần 1 năm 2025 (30/12–05/01)", "week 1 of 2025 (30 Dec–5 Jan)"},
		{"2026-10-14", "2026-10-14", "2026-10-14", "2026-10-13", "2025-10-14", "ngày 14/10/2026", "14 October 2026"},
		{"2024-02-29", "2024-02-29", "2024-02-29", "2024-02-28", "2023-02-28", "ngày 29/02/2024", "29 February 2024"},
		{
			"2026-10-01..2026-10-15", "2026-10-01", "2026-10-15", "2026-09-16..2026-09-30", "2025-10-01..2025-10-15",
			"từ 01/10/2026 đến 15/10/2026", "1 October 2026 to 15 October 2026",
		},
		{
			"2024-02-01..2024-02-29", "2024-02-01", "2024-02-29", "2024-01-03..2024-01-31", "2023-02-01..2023-02-28",
			"từ 01/02/2024 đến 29/02/2024", "1 February 2024 to 29 February 2024",
		},
	} {
		t.Run(tt.text, func(t *testing.T) {
			p, err := Parse(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			got := []string{
				p.Text(), p.From.In(Zone()).Format(time.DateOnly), p.last().Format(time.DateOnly), p.Previous().Text(), p.LastYear().Text(),
				p.Name().VI, p.Name().EN,
			}
			for i, want := range []string{tt.text, tt.first, tt.last, tt.previous, tt.lastYear, tt.vi, tt.en} {
				if got[i] != want {
					t.Errorf("got %q, want %q", got[i], want)
				}
			}
			if p.From.In(Zone()).Format("15:04") != "00:00" || p.From.Location() != time.UTC || p.To.Location() != time.UTC {
				t.Errorf("from %v to %v: want midnight in Binh Phuoc, in UTC", p.From, p.To)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                         Accepted,
		"1975":                     Accepted, // before the time of today
		"3000":                     Accepted,
		"26":                       Accepted,
		"2026-H3":                  Accepted,
		"2026-Q0":                  Accepted,
		"2026-Q10":                 Accepted,
		"2026-13":                  Accepted,
		"2026-1":                   Accepted,
		"2025-W53":                 Accepted, // has 52 weeks
		"2026-W00":                 Accepted,
		"2026-02-29":               Accepted,
		"2026-10-14T00:00":         Accepted,
		"2026-q3":                  Accepted,
		"+026-10":                  Accepted,
		"２０２６":                     Accepted,
		"2026-10-15..2026-10-01":   "ends before it begins",
		"2026-10..2026-11":         "both days included",
		"2026-10-01..":             "both days included",
		"2010-01-01..2026-10-01":   "longer than ten years",
		strings.Repeat("9", 10000): Accepted,
	} {
		_, err := Parse(text)
		if err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 300 {
			t.Errorf("%.40q: %v, want %q", text, err, want)
		}
	}
}

func anyPeriod() *rapid.Generator[Period] {
	return rapid.Custom(func(t *rapid.T) Period {
		day := date(rapid.IntRange(1990, 2100).Draw(t, "year"), time.January, rapid.IntRange(1, 366).Draw(t, "day"))
		kind := rapid.SampledFrom(append(Kinds(), KindRange)).Draw(t, "kind")
		if kind == KindRange {
			return Period{KindRange, day.UTC(), day.AddDate(0, 0, rapid.IntRange(1, 800).Draw(t, "days")).UTC()}
		}
		return Current(kind, day.Add(time.Duration(rapid.IntRange(0, 86399).Draw(t, "second"))*time.Second))
	})
}

func TestPeriodsAreReadAsTheyAreWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPeriod().Draw(t, "period")
		got, err := Parse(p.Text())
		if err != nil || got != p {
			t.Fatalf("%s: read as %v, %v; want %v", p.Text(), got, err, p)
		}
	})
}

func TestPeriodsFollowEachOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPeriod().Draw(t, "period")
		before := p.Previous()
		if before.To != p.From || before.Kind != p.Kind || !before.From.Before(before.To) {
			t.Fatalf("%v comes before %v", before, p)
		}
		if p.Kind != KindRange {
			if c := Current(p.Kind, p.From); c != p {
				t.Fatalf("at its start it is %v, not %v", c, p)
			}
			if c := Current(p.Kind, p.To.Add(-1)); c != p {
				t.Fatalf("at its end it is %v, not %v", c, p)
			}
			if c := Current(p.Kind, before.From); c != before {
				t.Fatalf("the one before is %v, not %v", before, c)
			}
		}
		last := p.Last(5)
		for i := 1; i < len(last); i++ {
			if last[i-1] != last[i].Previous() {
				t.Fatalf("%v does not come before %v", last[i-1], last[i])
			}
		}
		if last[4] != p {
			t.Fatalf("the last is %v, not %v", last[4], p)
		}
		year := p.LastYear()
		if d := p.From.Sub(year.From); year.Kind != p.Kind || d < 358*Day || d > 373*Day {
			t.Fatalf("%v is the year before %v", year, p)
		}
		if _, err := Parse(year.Text()); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"2026", "2026-H1", "2026-Q3", "2026-10", "2026-W53", "2026-10-14", "2026-10-01..2026-10-15", "..", "2026-"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text)
		if err != nil {
			return
		}
		if p.Text() != text || !p.From.Before(p.To) || p.To.Sub(p.From)%Day != 0 {
			t.Errorf("%q is read as %v, written as %q", text, p, p.Text())
		}
	})
}
