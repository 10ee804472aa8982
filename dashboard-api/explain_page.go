package dashboardapi

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/wire"
)

//go:embed explain.html
var explainHTML string

//go:embed explain.css
var explainCSS string

// shownEvents is how many events the page lists at once.
const shownEvents = 50

// explainPage is a document that needs no script and no other file: it is read, printed, and passed on.
type explainPage struct {
	vi, en *template.Template
	policy string
}

func newExplainPage() *explainPage {
	parse := func(t tongue) *template.Template {
		return template.Must(template.New("explain").Funcs(t.funcs()).Parse(explainHTML))
	}
	return &explainPage{vi: parse(tongue{}), en: parse(tongue{english: true}), policy: styledBy(navCSS + explainCSS)}
}

// explainView is what the page shows.
type explainView struct {
	Style   template.CSS
	Nav     template.HTML
	X       wire.Explanation
	Names   map[string]schemas.Text // of centres
	Events  *wire.KPIEventList      // nil: of a past moment only the counts were kept
	TwoPart bool                    // numerator and denominator are lists of their own
	self    url.Values
}

// showExplanation answers with the page.
func (s *Server) showExplanation(w http.ResponseWriter, r *http.Request) error {
	en, err := pageLanguage(r)
	if err != nil {
		return err
	}
	q, err := s.eventsRequest(r)
	if err != nil {
		return err
	}
	v := explainView{Style: template.CSS(navCSS + explainCSS), Names: map[string]schemas.Text{}, self: r.URL.Query()}
	q.Limit = shownEvents
	if err := s.explain.ask(r.Context(), s.o.Explain, s.scope(r), q, &v); err != nil {
		return err
	}
	switch v.X.KPI.Formula.Kind {
	case "ratio", "standing_ratio", "up", "down", "feed":
		v.TwoPart = true
	}
	for _, c := range s.o.Registry.Centres {
		v.Names[c.Code] = c.Short
	}
	if v.Nav, err = s.navigation(r, "", en); err != nil {
		return err
	}
	page := s.explain.vi
	if en {
		page = s.explain.en
	}
	var out bytes.Buffer
	if err := page.Execute(&out, v); err != nil {
		return err
	}
	s.writePage(w, http.StatusOK, s.explain.policy, map[bool]string{true: "en", false: "vi"}[en], out.Bytes())
	return nil
}

// ask asks for the explanation and the first events side by side: each waits for storage. Of what has no list of events, the
// question for them is answered with a bad request, which the explanation knows better.
func (*explainPage) ask(ctx context.Context, of Explain, scope query.Scope, q query.EventsRequest, v *explainView) error {
	var list wire.KPIEventList
	var unlisted error
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() (err error) {
		if v.X, err = of.Explain(ctx, scope, q.ExplainRequest); err != nil {
			return fmt.Errorf("explanation of %s in %s: %w", q.KPI, q.Centre, err)
		}
		return nil
	})
	work.Go(func() (err error) {
		if list, err = of.Events(ctx, scope, q); errors.Is(err, query.ErrBadRequest) {
			unlisted, err = err, nil
		}
		if err != nil {
			return fmt.Errorf("events of %s in %s: %w", q.KPI, q.Centre, err)
		}
		return nil
	})
	if err := work.Wait(); err != nil {
		return err
	}
	switch {
	case v.X.Basis == wire.BasisKept || v.X.KPI.Formula.Kind == scoreKind:
	case unlisted != nil:
		return fmt.Errorf("events of %s in %s: %w", q.KPI, q.Centre, unlisted)
	default:
		v.Events = &list
	}
	return nil
}

// scoreKind is the kind of KPIs that are made of the criteria of a scorecard, and of no events.
const scoreKind = "score"

// Scorecard is the address of the scorecard that the number is the score of; empty: it is no score.
func (v explainView) Scorecard() string {
	if v.X.KPI.Formula.Kind != scoreKind {
		return ""
	}
	q := url.Values{"by": {string(wire.ByCentre)}}
	if v.X.Period != nil {
		q.Set("period", v.X.Period.Text)
	}
	if language := v.self.Get("language"); language != "" {
		q.Set("language", language)
	}
	return scorecardsPath + "/" + url.PathEscape(v.X.KPI.Scorecard) + "?" + q.Encode()
}

// Link is the address of this page with some parameters set, or taken away when they are empty.
func (v explainView) Link(pairs ...string) string {
	return "/explain/" + url.PathEscape(v.X.KPI.ID) + v.query(append(explainParams(), "part", "after", "language"), pairs...)
}

// Report is the address of the report that tells the number; empty: it is a live one.
func (v explainView) Report() string {
	if v.X.Period == nil {
		return ""
	}
	return reportsPath + v.query([]string{"period", "as_of", "language"}, "centre", v.X.Centre.Code)
}

// KeptHow says which values were kept that the number is made of.
func (v explainView) KeptHow() schemas.Text {
	meaning := ""
	if v.X.Period != nil {
		meaning = v.X.Period.Meaning
	}
	switch meaning {
	case "mean":
		return schemas.Text{VI: "trung bình các giá trị đã lưu của mọi phút trong khoảng này", EN: "the mean of the values that were kept of all minutes of this span"}
	case "total":
		return schemas.Text{VI: "tổng các giá trị đã lưu ở phút cuối mỗi ngày", EN: "the sum of the values that were kept of the last minute of each day"}
	default:
		return schemas.Text{VI: "giá trị đã lưu của phút cuối trong khoảng này", EN: "the value that was kept of the last minute of this span"}
	}
}

// Export is the address of all events in a form.
func (v explainView) Export(extension string) string {
	return "/api/v1/kpis/" + url.PathEscape(v.X.KPI.ID) + "/events." + extension + v.query(append(explainParams(), "part"))
}

func (v explainView) query(keep []string, pairs ...string) string {
	q := url.Values{}
	for _, name := range keep {
		if value := v.self.Get(name); value != "" {
			q.Set(name, value)
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if q.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			q.Del(pairs[i])
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// Centre names a centre.
func (v explainView) Centre(code string) schemas.Text {
	if name, ok := v.Names[code]; ok {
		return name
	}
	if code == "" {
		return schemas.Text{VI: "Không rõ trung tâm", EN: "No known centre"}
	}
	return schemas.Text{VI: code, EN: code}
}

// Later tells whether this is a page after the first.
func (v explainView) Later() bool { return v.self.Get("after") != "" }

// tongue writes for people, in one of the two languages.
type tongue struct{ english bool }

func (t tongue) funcs() template.FuncMap {
	return template.FuncMap{
		"english": func() bool { return t.english }, "say": t.say, "pick": func(x schemas.Text) string { return said(x, t.english) },
		"number": t.number, "whole": t.whole, "percent": t.percent, "clock": t.clock, "utc": func(x time.Time) string { return x.UTC().Format(time.RFC3339) },
		"state": t.state, "tier": t.tier, "kind": t.kind, "day": func(x time.Time) string { return x.In(period.Zone()).Format("02/01/2006") },
		"floatp": func(x float64) *float64 { return &x }, "field": t.field,
	}
}

func (t tongue) say(vi, en string) string { return said(schemas.Text{VI: vi, EN: en}, t.english) }

// number writes 1.234,5 in Vietnamese, 1,234.5 in English.
func (t tongue) number(v *float64, decimals int) string {
	if v == nil {
		return "—"
	}
	text := fmt.Sprintf("%.*f", decimals, *v)
	text, negative := strings.CutPrefix(text, "-")
	integer, fraction, _ := strings.Cut(text, ".")
	group, point := ".", ","
	if t.english {
		group, point = ",", "."
	}
	for i := len(integer) - 3; i > 0; i -= 3 {
		integer = integer[:i] + group + integer[i:]
	}
	if fraction != "" {
		integer += point + fraction
	}
	if negative && strings.Trim(text, "0.") != "" {
		integer = "−" + integer
	}
	return integer
}

// whole writes a count; sums keep up to three decimals.
func (t tongue) whole(v any) string {
	switch v := v.(type) {
	case *float64:
		if v == nil {
			return "—"
		}
		text := t.number(v, 3)
		point := t.say(",", ".")
		if strings.Contains(text, point) {
			text = strings.TrimRight(strings.TrimRight(text, "0"), point)
		}
		return text
	case *int:
		if v == nil {
			return "—"
		}
		return t.number(new(float64(*v)), 0)
	case uint64:
		return t.number(new(float64(v)), 0)
	case *uint64:
		if v == nil {
			return "—"
		}
		return t.number(new(float64(*v)), 0)
	default:
		return fmt.Sprint(v)
	}
}

func (t tongue) percent(v *float64) string {
	if v == nil {
		return "—"
	}
	return t.number(new(*v*100), 2) + "\u00a0%"
}

// clock writes a moment as it is read in Binh Phuoc; a line does not break within it.
func (t tongue) clock(v any) string {
	switch v := v.(type) {
	case *time.Time:
		if v == nil {
			return "—"
		}
		return t.clock(*v)
	case time.Time:
		if v.Unix() <= 0 {
			return "—"
		}
		return v.In(period.Zone()).Format("15:04:05\u00a002/01/2006")
	default:
		return fmt.Sprint(v)
	}
}

// field writes a field of an event: times as they are read here.
func (t tongue) field(text string) string {
	if at, err := time.Parse("2006-01-02T15:04:05.999Z", text); err == nil {
		return t.clock(at)
	}
	return text
}

func (t tongue) state(s wire.State) string {
	return said(map[wire.State]schemas.Text{
		wire.StateOK: {VI: "Bình thường", EN: "Normal"}, wire.StateWarning: {VI: "Cảnh báo", EN: "Warning"}, wire.StateAlarm: {VI: "Báo động", EN: "Alarm"},
		wire.StateStale: {VI: "Số liệu cũ", EN: "Stale"}, wire.StateNoData: {VI: "Chưa có số liệu", EN: "No data"},
	}[s], t.english)
}

func (t tongue) tier(seconds int64) string {
	switch seconds {
	case 86400:
		return t.say("theo ngày", "by day")
	case 3600:
		return t.say("theo giờ", "by hour")
	case 60:
		return t.say("theo phút", "by minute")
	default:
		return t.say("theo 10 giây", "by 10 seconds")
	}
}

// kind names what a list of events holds.
func (t tongue) kind(k string) string {
	name, ok := map[string]schemas.Text{
		"dossier": {VI: "hồ sơ", EN: "dossiers"}, "call": {VI: "cuộc gọi", EN: "calls"}, "ticket": {VI: "phản ánh, kiến nghị", EN: "reports and petitions"},
		"document": {VI: "văn bản", EN: "documents"}, "meeting": {VI: "cuộc họp", EN: "meetings"}, "procedure": {VI: "thủ tục", EN: "procedures"},
		"security": {VI: "sự cố", EN: "findings"}, "camera": {VI: "tin của camera", EN: "camera reports"}, "sensor": {VI: "tin của cảm biến", EN: "sensor reports"},
		"reading": {VI: "số đo", EN: "readings"}, "measure": {VI: "lần đo", EN: "measurements"}, "figure": {VI: "số liệu", EN: "figures"},
		"rejected": {VI: "sự kiện bị từ chối", EN: "refused events"}, "source": {VI: "nguồn", EN: "sources"}, "feed": {VI: "nguồn dữ liệu", EN: "feeds"},
	}[k]
	if !ok {
		return k
	}
	return said(name, t.english)
}

// Things is the kind of what is counted.
func (v explainView) Things() string {
	switch v.X.KPI.Formula.Kind {
	case "feed":
		return "feed"
	case "up", "down", "last", "sum_per_source":
		return "source"
	default:
		return v.X.KPI.Formula.Of
	}
}
