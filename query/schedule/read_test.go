package schedule

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/binhphuoc/ioc/schemas"
)

const goodFile = `# Reports of the province.
schedules:
  - id: province-monthly
    period: month
    at: "07:30"
    day: 5
    centre: province
    formats: [pdf, json]
    folder: province/monthly
    to: ["Nguyễn Văn A <a@binhphuoc.gov.vn>", b@binhphuoc.gov.vn]
    subject: { vi: Báo cáo tháng }
    intro: { vi: "Kính gửi các đồng chí,", en: "Dear all," }
  - { id: dong-xoai-weekly, period: week, at: "06:00", day: tuesday, centre: dong-xoai, language: en, formats: [json] }
`

func known(t *testing.T) Known {
	t.Helper()
	reg, err := schemas.BuiltinRegistry()
	if err != nil {
		t.Fatal(err)
	}
	return Known{Registry: reg, Formats: formats(), Mail: true}
}

func TestAGoodFile(t *testing.T) {
	got, faults := Read([]byte(goodFile), "s.yaml", known(t))
	want := []Schedule{
		{
			ID: "province-monthly", Kind: Month, At: 7*time.Hour + 30*time.Minute, Day: 5, Centre: "province", Language: "vi", Formats: []string{"pdf", "json"},
			Folder: "province/monthly", To: []string{"Nguyễn Văn A <a@binhphuoc.gov.vn>", "b@binhphuoc.gov.vn"},
			Subject: schemas.Text{VI: "Báo cáo tháng"}, Intro: schemas.Text{VI: "Kính gửi các đồng chí,", EN: "Dear all,"},
		},
		{ID: "dong-xoai-weekly", Kind: Week, At: 6 * time.Hour, Day: 2, Centre: "dong-xoai", Language: "en", Formats: []string{"json"}, Folder: "dong-xoai"},
	}
	if d := cmp.Diff(want, got); d != "" || len(faults) > 0 {
		t.Errorf("%v (-want +got):\n%s", faults, d)
	}
}

func TestBadFiles(t *testing.T) {
	good := `{ id: a, period: day, at: "06:00", centre: province, formats: [json] }`
	with := func(old, now string) string { return "schedules:\n  - " + strings.Replace(good, old, now, 1) + "\n" }
	for name, c := range map[string]struct{ text, want string }{
		"nothing":                    {"", "s.yaml: is empty"},
		"no YAML":                    {"schedules:\n  - {", "s.yaml:"},
		"no list":                    {"schedules: yes\n", "s.yaml:1: schedules: must be a list"},
		"another key at the top":     {"reports: []\n", "s.yaml:1: reports: unknown key"},
		"a misspelt key":             {with("at:", "att:"), "s.yaml:2: schedules[0].att: unknown key; there are id"},
		"a key twice":                {with("id: a", "id: a, id: b"), "s.yaml:2: schedules[0].id: is there twice"},
		"an id twice":                {"schedules:\n  - " + good + "\n  - " + good + "\n", "s.yaml:3: id: a is there twice"},
		"an id with a slash":         {with("id: a", "id: ../a"), "s.yaml:2: schedules[0].id:"},
		"no id":                      {with("id: a,", ""), "s.yaml:2: schedules[0].id:"},
		"another period":             {with("day", "fortnight"), `schedules[0].period: "fortnight" is none of day, week`},
		"no time of day":             {with("06:00", "6h"), `schedules[0].at: "6h" is no time of day`},
		"before late data is in":     {with("06:00", "00:05"), "schedules[0].at: must be 00:15 or later"},
		"a day for a daily one":      {with("centre", "day: 2, centre"), "schedules[0].day: does not go with"},
		"the 31st":                   {with(`day, at`, `month, day: 31, at`), `schedules[0].day: "31" is no day of the month from 1 to 28`},
		"a number for a weekday":     {with(`day, at`, `week, day: 2, at`), `schedules[0].day: "2" is none of monday`},
		"an unknown centre":          {with("province", "hue"), `schedules[0].centre: there is no centre "hue"`},
		"another language":           {with("centre", "language: fr, centre"), `schedules[0].language: "fr" is neither`},
		"no format":                  {with("[json]", "[]"), "schedules[0].formats: is missing: name one or more of json, pdf"},
		"an unknown format":          {with("json", "docx"), `schedules[0].formats: "docx" is none of json, pdf`},
		"a folder above":             {with("centre", "folder: a/../../b, centre"), "schedules[0].folder:"},
		"a folder from the root":     {with("centre", "folder: /etc, centre"), "schedules[0].folder:"},
		"no list of addresses":       {with("centre", "to: a@b.vn, centre"), "schedules[0].to: must be a list"},
		"an address that is none":    {with("centre", "to: [a b], centre"), `schedules[0].to: "a b" is no address`},
		"an address twice":           {with("centre", `to: [a@b.vn, "A <a@b.vn>"], centre`), "schedules[0].to: a@b.vn is there twice"},
		"an address with a new line": {with("centre", `to: ["a@b.vn\r\nBcc: x@y.vn"], centre`), "schedules[0].to:"},
		"a subject of two lines":     {with("centre", `subject: { vi: "a\nb" }, centre`), "schedules[0].subject: must be one line"},
		"no subject in its language": {with("centre", `language: en, subject: { vi: a }, centre`), "schedules[0].subject.en: is missing"},
	} {
		list, faults := Read([]byte(c.text), "s.yaml", known(t))
		var all []string
		for _, f := range faults {
			all = append(all, f.Error())
		}
		if text := strings.Join(all, "\n"); list != nil || !strings.Contains(text, c.want) {
			t.Errorf("%s: %d schedules and the faults:\n%s\nwant %q", name, len(list), text, c.want)
		}
	}
	all := known(t)
	all.Mail = false
	if _, faults := Read([]byte(goodFile), "s.yaml", all); len(faults) != 1 || !strings.Contains(faults[0].Error(), "s.yaml:10: schedules[0].to: no mail can be sent: set --smtp-host") {
		t.Errorf("without a mail server: %v", faults)
	}
}

func TestABadEditKeepsTheLastGoodVersion(t *testing.T) {
	file := filepath.Join(t.TempDir(), "s.yaml")
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b := NewBook(file, known(t))
	expect := func(what string, said, schedules, faults int) {
		t.Helper()
		if errs := b.Reload(); len(errs) != said {
			t.Errorf("%s: %v is said, want %d faults", what, errs, said)
		}
		if list, now := b.Current(); len(list) != schedules || len(now) != faults {
			t.Errorf("%s: %d schedules and %v, want %d and %d", what, len(list), now, schedules, faults)
		}
	}
	expect("no file", 1, 0, 1)
	expect("still none", 0, 0, 1)
	put(goodFile)
	expect("a good one", 0, 2, 0)
	put(strings.Replace(goodFile, "province/monthly", "..", 1))
	expect("a bad edit", 1, 2, 1)
	expect("the same again", 0, 2, 1)
	if b.whole() {
		t.Error("the file is called whole")
	}
	put("schedules: []\n")
	expect("all taken out", 0, 0, 0)
	put(goodFile)
	expect("put right", 0, 2, 0)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	expect("gone", 1, 2, 1)
	put(goodFile)
	expect("there again", 0, 2, 0)
}
