package schemas

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// AgencyKind says where an agency stands.
type AgencyKind string

// The kinds of agencies.
const (
	AgencyDepartment AgencyKind = "department" // of the province
	AgencyLocality   AgencyKind = "locality"   // the people's committee of a town or a city
	AgencyUnit       AgencyKind = "unit"       // below another agency
)

// Undeclared is the name of a head whom nobody has entered yet.
const Undeclared = "Chưa khai báo"

// Head is who is responsible for an agency, until the next one begins.
type Head struct {
	Name string
	From time.Time
}

// Agency is one agency or locality whose work is counted. Agencies are merged and renamed; so each is a row with a span
// of time.
type Agency struct {
	Code      string // data.agency of its events
	Name      Text
	Short     Text
	Kind      AgencyKind
	Centre    string // that sends its events
	Parent    string // code of the agency above; empty: none
	Heads     []Head // the oldest first
	From      time.Time
	To        *time.Time // first moment at which it no longer exists; nil: it exists
	Successor string     // who answers from To on for what still comes under its code; empty: nobody
}

// Agencies is the registry of agencies.
type Agencies struct {
	List []Agency
}

// day is a day of a registry file: midnight in Asia/Ho_Chi_Minh.
type day struct{ time.Time }

// UnmarshalYAML reads 2026-07-01.
func (d *day) UnmarshalYAML(n *yaml.Node) error {
	t, err := time.ParseInLocation(time.DateOnly, n.Value, Zone())
	if err != nil {
		return fmt.Errorf("line %d: %q is no day such as 2026-07-01", n.Line, n.Value)
	}
	d.Time = t.UTC()
	return nil
}

// The form of a row in the file.
type (
	agencyRow struct {
		Code      string     `yaml:"code"`
		Name      Text       `yaml:"name"`
		Short     Text       `yaml:"short"`
		Kind      AgencyKind `yaml:"kind"`
		Centre    string     `yaml:"centre"`
		Parent    string     `yaml:"parent"`
		Heads     []headRow  `yaml:"heads"`
		From      day        `yaml:"from"`
		To        *day       `yaml:"to"`
		Successor string     `yaml:"successor"`
	}
	headRow struct {
		Name string `yaml:"name"`
		From day    `yaml:"from"`
	}
)

func (a agencyRow) agency() Agency {
	out := Agency{
		Code: a.Code, Name: a.Name, Short: a.Short, Kind: a.Kind, Centre: a.Centre, Parent: a.Parent, From: a.From.Time,
		Successor: a.Successor,
	}
	if a.To != nil {
		out.To = &a.To.Time
	}
	if out.Short.VI == "" || out.Short.EN == "" {
		out.Short = out.Name
	}
	for _, h := range a.Heads {
		out.Heads = append(out.Heads, Head{Name: h.Name, From: h.From.Time})
	}
	return out
}

// BuiltinAgencies returns the agencies that are part of the binary.
func BuiltinAgencies(r *Registry) (*Agencies, error) {
	return LoadAgencies(registryFiles, "registry/agencies.yaml", r)
}

// LoadAgencies reads and checks a file of agencies of the registry's centres. The error names the file and, where known,
// the line.
func LoadAgencies(fsys fs.FS, name string, r *Registry) (*Agencies, error) {
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read agencies: %w", err)
	}
	var file struct {
		Agencies []agencyRow `yaml:"agencies"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil {
		return nil, fmt.Errorf("agencies %s: %w", name, err)
	}
	if len(file.Agencies) == 0 {
		return nil, fmt.Errorf("agencies %s: at least one agency is required", name)
	}
	var out Agencies
	for _, row := range file.Agencies {
		out.List = append(out.List, row.agency())
	}
	for i := range out.List {
		if err := out.check(i, r); err != nil {
			return nil, fmt.Errorf("agencies %s: line %d: %w", name, line(raw, "agencies", i), err)
		}
	}
	for i, x := range out.List { // when all codes are good
		if err := out.checkSuccessor(x); err != nil {
			return nil, fmt.Errorf("agencies %s: line %d: %w", name, line(raw, "agencies", i), err)
		}
	}
	return &out, nil
}

// check says what is wrong with one agency.
func (a *Agencies) check(i int, r *Registry) error {
	x := a.List[i]
	centre, known := r.Centre(x.Centre)
	switch {
	case x.Code == "" || x.Name.VI == "" || x.Name.EN == "":
		return fmt.Errorf("agency %q: code and both names are required", x.Code)
	case strings.ContainsAny(x.Code, "/@"):
		return fmt.Errorf("agency %q: a code is one part of an address, without / and @", x.Code)
	case slices.ContainsFunc(a.List[:i], func(o Agency) bool { return o.Code == x.Code }):
		return fmt.Errorf("agency %q is there twice", x.Code)
	case !slices.Contains([]AgencyKind{AgencyDepartment, AgencyLocality, AgencyUnit}, x.Kind):
		return fmt.Errorf("agency %q: its kind %q is none of department, locality, unit", x.Code, x.Kind)
	case !known:
		return fmt.Errorf("agency %q: there is no centre %q in the registry", x.Code, x.Centre)
	case x.From.IsZero():
		return fmt.Errorf("agency %q: from is required", x.Code)
	case x.To != nil && !x.To.After(x.From):
		return fmt.Errorf("agency %q: it ends before it begins", x.Code)
	case centre.To != nil && !x.From.Before(*centre.To):
		return fmt.Errorf("agency %q: its centre %q has ended before it begins", x.Code, x.Centre)
	case x.Parent != "" && !slices.ContainsFunc(a.List[:i], func(o Agency) bool { return o.Code == x.Parent }):
		return fmt.Errorf("agency %q: its parent %q must stand above it", x.Code, x.Parent)
	}
	return checkHeads(x)
}

// checkSuccessor refuses a successor that is not there when it has to take over. Each begins later than the one before
// ends, so no chain of successors comes back to its start.
func (a *Agencies) checkSuccessor(x Agency) error {
	if x.Successor == "" {
		return nil
	}
	s, ok := a.Agency(x.Successor)
	switch {
	case !ok:
		return fmt.Errorf("agency %q: its successor %q is not in this file", x.Code, x.Successor)
	case x.To == nil:
		return fmt.Errorf("agency %q: it has a successor, so it needs to, the first day on which it no longer exists", x.Code)
	case s.From.After(*x.To) || s.To != nil && !s.To.After(*x.To):
		return fmt.Errorf("agency %q: its successor %q does not exist on the day when it takes over", x.Code, x.Successor)
	}
	return nil
}

func checkHeads(x Agency) error {
	if len(x.Heads) == 0 {
		return fmt.Errorf("agency %q: at least one head is required; a name that nobody knows yet is %q", x.Code, Undeclared)
	}
	for i, h := range x.Heads {
		switch {
		case h.Name == "" || h.From.IsZero():
			return fmt.Errorf("agency %q: a head needs a name and from", x.Code)
		case i > 0 && !h.From.After(x.Heads[i-1].From):
			return fmt.Errorf("agency %q: the head %s must begin after the one above", x.Code, h.Name)
		case x.To != nil && !h.From.Before(*x.To):
			return fmt.Errorf("agency %q: the head %s begins when it no longer exists", x.Code, h.Name)
		}
	}
	return nil
}

// Agency returns the agency with this code.
func (a *Agencies) Agency(code string) (Agency, bool) {
	i := slices.IndexFunc(a.List, func(x Agency) bool { return x.Code == code })
	if i < 0 {
		return Agency{}, false
	}
	return a.List[i], true
}

// Takeover is the code of an agency that has ended, and since when its successor answers for it.
type Takeover struct {
	Code string
	From time.Time
}

// TakenOver lists for whom an agency answers besides itself: those that ended in it, directly or through others.
func (a *Agencies) TakenOver(code string) []Takeover {
	var out []Takeover
	for _, x := range a.List {
		if x.Successor != code {
			continue
		}
		out = append(out, Takeover{x.Code, *x.To})
		// What x had taken over passes on with it.
		for _, t := range a.TakenOver(x.Code) {
			out = append(out, Takeover{t.Code, *x.To})
		}
	}
	return out
}
