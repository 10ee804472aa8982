package scorecard

import (
	"embed"
	"io/fs"
	"math"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/yamlfile"
)

//go:embed files/*.yaml
var files embed.FS

// what names the files in sentences.
const what = "scorecard"

// Builtin returns the scorecards that are part of the binary. The catalogue says which KPIs they can ask for.
func Builtin(c *kpi.Catalogue) ([]Scorecard, []error) { return Load(files, "files", c) }

// Load reads the scorecards of a directory, in the order of their ids. A bad file is refused, with a *yamlfile.Fault for each
// thing that is wrong in it; the others are returned.
func Load(fsys fs.FS, dir string, c *kpi.Catalogue) ([]Scorecard, []error) {
	list, errs, err := yamlfile.List(fsys, dir, what)
	if err != nil {
		return nil, []error{err}
	}
	var out []Scorecard
	for _, file := range list {
		s, faults := read(fsys, file, file, c)
		errs = append(errs, faults...)
		if len(faults) == 0 {
			out = append(out, s)
		}
	}
	sortByID(out)
	return out, errs
}

func sortByID(list []Scorecard) {
	slices.SortFunc(list, func(a, b Scorecard) int { return strings.Compare(a.ID, b.ID) })
}

// read reads and checks one file. Faults name it as shown.
func read(fsys fs.FS, file, shown string, c *kpi.Catalogue) (Scorecard, []error) {
	return yamlfile.Read(fsys, file, shown, func(s yamlfile.Section) Scorecard { return reader{c}.scorecard(s, shown) },
		"id", "name", "description", "source", "unchecked", "points", "known_least", "groups")
}

// reader reads a file against a catalogue of KPIs.
type reader struct{ catalogue *kpi.Catalogue }

func (r reader) scorecard(s yamlfile.Section, file string) Scorecard {
	out := Scorecard{
		ID: identifier(s), File: file, Name: s.Bilingual("name"), Description: s.Bilingual("description"), Source: s.Required("source"),
		Points: positive(s, "points"), KnownLeast: s.RequiredNumber("known_least"),
	}
	if out.ID != "" && out.ID+yamlfile.Extension != path.Base(file) {
		s.Fault("id", "%s must stand in a file of its own, named %s%s", out.ID, out.ID, yamlfile.Extension)
	}
	if s.Has("unchecked") {
		left := s.Bilingual("unchecked")
		out.Unchecked = &left
	}
	if out.KnownLeast < 0 || out.KnownLeast > 1 {
		s.Fault("known_least", "must be between 0 and 1: the share of the points that must be known before a unit is ranked")
	}
	var ids []string
	for _, sub := range s.Items("groups", "id", "name", "points", "source", "criteria") {
		out.Groups = append(out.Groups, r.group(sub))
		ids = append(ids, once(sub, ids))
	}
	checkSum(s, "groups", "the scorecard", out.Points, out.Groups, func(g Group) float64 { return g.Points })
	return out
}

func (r reader) group(s yamlfile.Section) Group {
	out := Group{ID: identifier(s), Name: s.Bilingual("name"), Points: positive(s, "points"), Source: s.Required("source")}
	var ids []string
	for _, sub := range s.Items("criteria", "id", "name", "points", "kpi", "figure", "missing", "full", "zero", "source") {
		out.Criteria = append(out.Criteria, r.criterion(sub))
		ids = append(ids, once(sub, ids))
	}
	checkSum(s, "criteria", "the group", out.Points, out.Criteria, func(c Criterion) float64 { return c.Points })
	return out
}

func (r reader) criterion(s yamlfile.Section) Criterion {
	out := Criterion{
		ID: identifier(s), Name: s.Bilingual("name"), Points: positive(s, "points"), KPI: s.Text("kpi"), Figure: s.Text("figure"),
		Source: s.Required("source"),
	}
	given := 0
	for _, key := range []string{"kpi", "figure", "missing"} {
		if s.Has(key) {
			given++
		}
	}
	if given != 1 {
		s.Fault("id", "needs one of kpi, figure and missing: where its value comes from, or why nothing gives it")
		return out
	}
	if s.Has("missing") {
		reason := s.Bilingual("missing")
		out.Missing = &reason
		for _, key := range []string{"full", "zero"} {
			if s.Has(key) {
				s.Fault(key, "stands only beside kpi or figure: without a value there is nothing to compare")
			}
		}
		return out
	}
	if s.Has("kpi") {
		r.checkKPI(s, out.KPI)
	}
	out.Full, out.Zero = s.RequiredNumber("full"), s.RequiredNumber("zero")
	if s.Has("full") && s.Has("zero") && out.Full == out.Zero {
		s.Fault("full", "must differ from zero: the points lie on a line between the two")
	}
	return out
}

func (r reader) checkKPI(s yamlfile.Section, id string) {
	var known []string
	for _, k := range r.catalogue.KPIs {
		if Countable(k) {
			known = append(known, k.ID)
		}
	}
	k, ok := r.catalogue.ByID(id)
	switch {
	case id == "":
		s.Required("kpi")
	case !ok:
		s.Fault("kpi", "there is no KPI %s%s", id, yamlfile.Meant(id, known))
	case !Countable(k):
		s.Fault("kpi", "%s is of kind %s over %s, which can not be compared between agencies or localities", id, k.Formula.Kind, k.Formula.Of)
	}
}

// checkSum checks that the parts give the whole.
func checkSum[T any](s yamlfile.Section, key, whole string, points float64, parts []T, of func(T) float64) {
	var sum float64
	for _, p := range parts {
		sum += of(p)
	}
	switch {
	case len(parts) == 0 && !s.Has(key):
		s.Fault(key, "is missing")
	case len(parts) == 0:
		s.Fault(key, "needs at least one")
	case math.Abs(sum-points) > 1e-9:
		s.Fault("points", "%s has %g points, but its %s have %g together", whole, points, key, sum)
	}
}

func positive(s yamlfile.Section, key string) float64 {
	v := s.RequiredNumber(key)
	if s.Has(key) && v <= 0 {
		s.Fault(key, "must be greater than 0")
	}
	return v
}

// identifier reads an id, which is a part of addresses and file names.
func identifier(s yamlfile.Section) string {
	id := s.Required("id")
	if id != "" && !regexp.MustCompile(`^[a-z0-9]+([_-][a-z0-9]+)*$`).MatchString(id) {
		s.Fault("id", "%q is no id such as index-766: parts of a-z and 0-9 with - or _ between them", id)
	}
	return id
}

// once reports an id that is there twice.
func once(s yamlfile.Section, before []string) string {
	id := s.Text("id")
	if id != "" && slices.Contains(before, id) {
		s.Fault("id", "%s is there twice", id)
	}
	return id
}
