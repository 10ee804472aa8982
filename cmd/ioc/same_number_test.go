package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/xuri/excelize/v2"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/say"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// served is the platform's API with its evaluator, on the rig's database.
type served struct {
	*rig
	host   string
	client http.Client // of a reader who keeps a session
	stop   func()
}

// apiToken is what readers give where it runs behind one.
const apiToken = "a-token-of-24-characters!"

// serve runs dashboard-api with these flags until the test ends, or stop is called.
func (r *rig) serve(log slog.Handler, args ...string) *served {
	r.t.Helper()
	s, _, err := load("dashboard-api", append([]string{"--listen", "127.0.0.1:0"}, args...), nil, io.Discard)
	r.must(err)
	a, err := newParts(s, &process{out: io.Discard, log: slog.New(log)})
	r.must(err)
	jar, err := cookiejar.New(nil)
	r.must(err)
	out := &served{rig: r, client: http.Client{Jar: jar}, stop: sync.OnceFunc(func() {
		if err := a.stop(); err != nil {
			r.t.Error(err)
		}
	})}
	r.t.Cleanup(out.stop)
	out.host, err = a.dashboard(r.t.Context(), r.dsn)
	r.must(err)
	return out
}

// call asks behind the token, and reads the JSON of the answer.
func (s *served) call(status int, method, path, body string, into any) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, "http://"+s.host+path, strings.NewReader(body))
	s.must(err)
	req.Header.Set("Authorization", "Bearer "+apiToken)
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.client.Do(req)
	s.must(err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	s.must(err)
	if resp.StatusCode != status {
		s.t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, data)
	}
	if into != nil {
		s.must(json.Unmarshal(data, into))
	}
}

// get asks for a page or a file.
func (s *served) get(want int, path string, q url.Values) []byte {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, "http://"+s.host+path+"?"+q.Encode(), http.NoBody)
	s.must(err)
	a, err := http.DefaultClient.Do(request)
	s.must(err)
	defer a.Body.Close()
	body, err := io.ReadAll(a.Body)
	s.must(err)
	if a.StatusCode != want {
		s.t.Fatalf("GET %s: %s: %.300s, want %d", request.URL, a.Status, body, want)
	}
	return body
}

// wall listens to the live channel until every one of these values is there.
func (s *served) wall(centre string, ids []string) map[string]wire.Value {
	s.t.Helper()
	c, resp, err := websocket.DefaultDialer.DialContext(s.t.Context(), "ws://"+s.host+"/api/v1/live", nil)
	s.must(err)
	defer c.Close()
	resp.Body.Close()
	s.must(c.WriteJSON(map[string]any{"type": "subscribe", "kpis": ids, "centres": []string{centre}}))
	s.must(c.SetReadDeadline(time.Now().Add(2 * time.Minute)))
	out := map[string]wire.Value{}
	for {
		var frame struct{ Values []wire.Value }
		s.must(c.ReadJSON(&frame))
		for _, v := range frame.Values {
			if v.Value != nil && v.Centre == centre {
				out[v.KPI] = v
			}
		}
		if len(out) == len(ids) {
			return out
		}
	}
}

// sameDay sends what the numbers of the comparison are made of, all of it today.
func (s *served) sameDay(today time.Time) {
	s.t.Helper()
	var list []schemas.Message
	for i := range 7 {
		list = append(list, call(fmt.Sprint("c", i), "dong-xoai", today.Add(time.Duration(i)*time.Second), time.Duration(7*i)*time.Second, 0, today.Add(time.Minute)))
	}
	list = append(list, call("c7", "phuoc-long", today.Add(time.Second), 11*time.Second, 0, today.Add(time.Minute)))
	for i := range 1234 {
		due, state := today.Add(time.Hour), `"status":"completed","completed_at":"`+today.Add(time.Duration(i%3)*time.Second).Format(time.RFC3339)+`"`
		if i%11 == 0 {
			due = today.Add(-time.Hour)
		}
		data := fmt.Sprintf(`{"dossier_id":"d%d","procedure":"1.000894","agency":"so-tu-phap","level":4,"channel":%q,%s,"received_at":%q,"due_at":%q}`,
			i, []string{"online", "counter", "online"}[i%3], state, today.Format(time.RFC3339), due.Format(time.RFC3339))
		list = append(list, schemas.Message{Transport: "kafka", Centre: "province", Topic: "ioc.province.service", Arrived: today.Add(time.Minute), Payload: fmt.Appendf(nil,
			`{"specversion":"1.0","id":"d%d","source":"/province/service/dvc","type":"vn.binhphuoc.ioc.dossier.v1","time":%q,"data":%s}`, i, today.Add(3*time.Second).Format(time.RFC3339), data)})
	}
	year := today.In(period.Zone()).Year()
	list = append(list,
		figure("f1", "economy.digital_share", fmt.Sprint(year-1), 18.7, 0, today), figure("f2", "budget.revenue", fmt.Sprint(year-1), 9876.5, 12345, today))
	s.write(list)
}

// TestTheSameNumberOnAllScreens sends events through the real engine, and looks for each number on the wall, in the API, in its
// explanation, and in the report as page, PDF, Excel and CSV.
func TestTheSameNumberOnAllScreens(t *testing.T) {
	r := newRig(t)
	s := r.serve(slog.DiscardHandler)
	today := period.Current(period.KindDay, time.Now()).From
	s.sameDay(today)
	day := []string{"hotline.calls", "hotline.answer_rate", "dossier.received", "dossier.online_rate"}
	month := []string{"dossier.on_time_rate", "dossier.handling_time", "dossier.handling_time_p90"}
	published := []string{"economy.digital_share", "budget.revenue"}
	for _, id := range slices.Concat(day, month) { // on the wall they are of just the spans that the reports are of
		if k, _ := r.catalogue.ByID(id); k.Window.Calendar != map[bool]string{true: "day", false: "month"}[slices.Contains(day, id)] {
			t.Fatalf("%s has the window %s", id, k.Window.Text)
		}
	}
	wall := s.wall("province", slices.Concat(day, month, published))
	if v := *wall["dossier.received"].Value; v != 1234 {
		t.Fatalf("%v dossiers are on the wall, want 1234", v)
	}
	for text, ids := range map[string][]string{
		period.Current(period.KindDay, today).Text():   slices.Concat(day, published),
		period.Current(period.KindMonth, today).Text(): slices.Concat(month, published),
	} {
		q := url.Values{"period": {text}, "centre": {"province"}, "language": {"vi"}}
		form := func(name string) []byte {
			with := url.Values{"format": {name}}
			for k, v := range q {
				with[k] = v
			}
			return s.get(http.StatusOK, "/api/v1/reports", with)
		}
		var told wire.Report
		r.must(json.Unmarshal(form("json"), &told))
		ways := map[string]func(kpi.KPI, string) string{
			"page": s.fromPage(s.get(http.StatusOK, "/reports", q)), "Excel": s.fromExcel(form("xlsx"), &told), "CSV": s.fromCSV(form("csv")),
		}
		t.Run(text, func(t *testing.T) {
			for _, id := range ids {
				k, _ := r.catalogue.ByID(id)
				row := rowOf(t, &told, id)
				want := *wall[id].Value
				s.inAPI(t, k, row, want, text)
				for way, look := range ways {
					if got := look(k, row.Name.VI); got != say.Number(want, k.Decimals, "vi") {
						t.Errorf("%s of %s: %s in the %s, %s on the wall", id, text, got, way, say.Number(want, k.Decimals, "vi"))
					}
				}
			}
			paper := s.fromPDF(t, form("pdf")) // may skip, when all else is compared
			for _, id := range ids {
				k, _ := r.catalogue.ByID(id)
				want := say.Number(*wall[id].Value, k.Decimals, "vi")
				if got := paper(rowOf(t, &told, id).Name.VI); got != want {
					t.Errorf("%s of %s: %s in the PDF, %s on the wall", id, text, got, want)
				}
			}
		})
	}
}

// inAPI compares what programs read: the report as JSON, the live value, and the explanations of both.
func (s *served) inAPI(t *testing.T, k kpi.KPI, row wire.ReportRow, want float64, text string) {
	t.Helper()
	var live struct{ Values []wire.Value }
	s.must(json.Unmarshal(s.get(http.StatusOK, "/api/v1/kpis/"+k.ID, url.Values{"centre": {"province"}}), &live))
	var now, then wire.Explanation
	s.must(json.Unmarshal(s.get(http.StatusOK, "/api/v1/kpis/"+k.ID+"/explanation", url.Values{"centre": {"province"}}), &now))
	s.must(json.Unmarshal(s.get(http.StatusOK, "/api/v1/kpis/"+k.ID+"/explanation", url.Values{"centre": {"province"}, "period": {text}}), &then))
	for where, got := range map[string]*float64{"the report": row.Value.Value, "the API": live.Values[0].Value, "its explanation": now.Value.Value, "that of the report": then.Value.Value} {
		if got == nil || math.Abs(*got-want) > 1e-9*math.Max(1, math.Abs(want)) {
			t.Errorf("%s: %v in %s, %v on the wall", k.ID, shown(got), where, want)
		}
	}
}

func (s *served) fromPage(page []byte) func(kpi.KPI, string) string {
	cell := regexp.MustCompile(`(?s)<td [^>]*>(.*?)</td>`)
	tags := regexp.MustCompile(`<[^>]*>`)
	return func(k kpi.KPI, name string) string {
		_, after, found := strings.Cut(string(page), `<th scope="row" role="rowheader">`+html.EscapeString(name)+"<small>")
		if m := cell.FindStringSubmatch(after); found && m != nil {
			if !strings.Contains(m[1], `<a href="/explain/`+k.ID) {
				s.t.Errorf("the page does not lead from %s to its explanation", k.ID)
			}
			return firstNumber(tags.ReplaceAllString(m[1], " "))
		}
		return "nothing"
	}
}

// firstNumber is the number at the start of a text.
func firstNumber(text string) string {
	return regexp.MustCompile(`^−?[0-9][0-9.,]*`).FindString(strings.TrimSpace(text))
}

func (s *served) fromExcel(file []byte, r *wire.Report) func(kpi.KPI, string) string {
	s.t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(file))
	s.must(err)
	defer f.Close()
	values := map[string]string{}
	for _, p := range r.Pillars {
		if len(p.Rows) == 0 {
			continue
		}
		rows, err := f.GetRows(p.Name.VI, excelize.Options{RawCellValue: true})
		s.must(err)
		for _, cells := range rows {
			if len(cells) > 2 {
				values[cells[0]] = cells[2]
			}
		}
	}
	return func(k kpi.KPI, name string) string { return s.readable(values[name], k) }
}

// readable is a number of a file as people see it.
func (s *served) readable(raw string, k kpi.KPI) string {
	v, err := strconv.ParseFloat(strings.Replace(raw, ",", ".", 1), 64)
	if err != nil {
		return "no number: " + raw
	}
	return say.Number(v, k.Decimals, "vi")
}

func (s *served) fromCSV(file []byte) func(kpi.KPI, string) string {
	s.t.Helper()
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, []byte("\ufeff"))))
	in.Comma = ';'
	lines, err := in.ReadAll()
	s.must(err)
	return func(k kpi.KPI, _ string) string {
		i := slices.IndexFunc(lines, func(l []string) bool { return l[0] == k.ID && l[3] == "province" && l[6] == "Giá trị" })
		if i < 0 {
			return "nothing"
		}
		return s.readable(lines[i][7], k)
	}
}

func (s *served) fromPDF(t *testing.T, file []byte) func(name string) string {
	t.Helper()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("SKIPPED: pdftotext is not installed (Debian: poppler-utils); nobody has compared the PDF")
	}
	path := filepath.Join(t.TempDir(), "report.pdf")
	s.must(os.WriteFile(path, file, 0o600))
	out, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", path, "-").Output()
	s.must(err)
	return func(name string) string {
		for _, line := range strings.Split(string(out), "\n") {
			if fields := regexp.MustCompile(`\s{2,}`).Split(strings.TrimSpace(line), 3); len(fields) > 1 && fields[0] == name && firstNumber(fields[1]) != "" {
				return firstNumber(fields[1])
			}
		}
		return "nothing"
	}
}

// What can't be answered is refused over the real server too, on the page and in the API.
func TestReportsThatCanNotBe(t *testing.T) {
	s := newRig(t).serve(slog.DiscardHandler)
	for _, tt := range []struct {
		name   string
		q      url.Values
		status int
		says   string
	}{
		{"unknown period", url.Values{"period": {"tháng mười"}}, http.StatusBadRequest, "2026-Q3"},
		{"month 13", url.Values{"period": {"2026-13"}}, http.StatusBadRequest, "2026-Q3"},
		{"to come", url.Values{"period": {"2199"}}, http.StatusBadRequest, "chưa bắt đầu"},
		{"no centre then", url.Values{"period": {"2021-Q1"}, "centre": {"phuoc-long"}}, http.StatusNotFound, "Thị xã Phước Long không có trung tâm điều hành trong kỳ quý I năm 2021"},
		{"no such centre", url.Values{"period": {"2026-10"}, "centre": {"nowhere"}}, http.StatusNotFound, "trung tâm"},
	} {
		for _, path := range []string{"/reports", "/api/v1/reports"} {
			if body := string(s.get(tt.status, path, tt.q)); !strings.Contains(body, tt.says) {
				t.Errorf("%s at %s: %.500s, want %q in it", tt.name, path, body, tt.says)
			}
		}
	}
	if body := string(s.get(http.StatusBadRequest, "/api/v1/reports", url.Values{"period": {""}})); !strings.Contains(body, "Thiếu period") {
		t.Errorf("without a period: %s", body)
	}
	// A period in which nothing was heard is a report that says so, with no zero in it.
	var r wire.Report
	s.must(json.Unmarshal(s.get(http.StatusOK, "/api/v1/reports", url.Values{"period": {"2024-05"}}), &r))
	for _, p := range r.Pillars {
		for _, w := range p.Rows {
			if w.Value.Value != nil || w.Value.State != wire.StateNoData {
				t.Errorf("%s of a month without events is %v", w.KPI, shown(w.Value.Value))
			}
		}
	}
	if page := string(s.get(http.StatusOK, "/reports", url.Values{"period": {"2024-05"}, "language": {"vi"}})); !strings.Contains(page, "Tỉnh Bình Phước chưa có số liệu") && !strings.Contains(page, "Chưa có số liệu") {
		t.Error("the page of a month without events does not say so")
	}
}
