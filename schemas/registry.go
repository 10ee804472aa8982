package schemas

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

//go:embed registry/*.yaml
var registryFiles embed.FS

// Text is a name or a sentence in both languages of the platform.
type Text struct {
	VI string `yaml:"vi" json:"vi"`
	EN string `yaml:"en" json:"en"`
}

// Centre is one operations centre. Centres are merged and renamed; so each is a row with a span of time.
type Centre struct {
	Code   string     `yaml:"code"`
	Name   Text       `yaml:"name"`
	Short  Text       `yaml:"short"`  // for a tile or a column
	Parent string     `yaml:"parent"` // code of the centre above; empty for the province
	Lat    float64    `yaml:"lat"`    // WGS 84 degrees
	Lon    float64    `yaml:"lon"`
	From   time.Time  `yaml:"from"`
	To     *time.Time `yaml:"to"` // first moment at which it no longer exists; nil: it exists
}

// Domain is one kind of feed. A feed is all that one centre sends in one domain.
type Domain struct {
	Code string `yaml:"code"`
	Name Text   `yaml:"name"`
	// Interval is how often each of the domain's feeds is expected to send at least once.
	Interval time.Duration `yaml:"interval"`
}

// SourceRule is what is agreed about one source.
type SourceRule struct {
	Source string `yaml:"source"` // /CENTRE/DOMAIN/NAME
	// Interval is how often the source is expected to send at least once: it goes before what its history says.
	Interval time.Duration `yaml:"interval"`
}

// Registry is the list of who may send what. It is data: a new centre is a row, not a release.
type Registry struct {
	Centres []Centre `yaml:"centres"`
	Domains []Domain `yaml:"domains"`
	// Sources are the ones about which something is agreed. All others may send as well.
	Sources []SourceRule `yaml:"sources"`
	// Gateways are devices that others hang on: when one is down, so are they, and that is one failure.
	Gateways []Gateway `yaml:"gateways"`
}

// Gateway is a device that others hang on.
type Gateway struct {
	Source string   `yaml:"source"` // /CENTRE/DOMAIN/NAME
	Behind []string `yaml:"behind"` // sources of the same centre; a star at the end stands for all that begin so
}

// BuiltinRegistry returns the registry that is part of the binary.
func BuiltinRegistry() (*Registry, error) {
	return LoadRegistry(registryFiles, "registry/registry.yaml")
}

// LoadRegistry reads and checks a registry file. The error names the file and, where known, the line.
func LoadRegistry(fsys fs.FS, name string) (*Registry, error) {
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read registry: %w", err)
	}
	var r Registry
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&r); err != nil {
		return nil, fmt.Errorf("registry %s: %w", name, err)
	}
	if len(r.Centres) == 0 || len(r.Domains) == 0 {
		return nil, fmt.Errorf("registry %s: at least one centre and one domain are required", name)
	}
	if i, err := r.checkCentres(); err != nil {
		return nil, fmt.Errorf("registry %s: line %d: %w", name, line(raw, "centres", i), err)
	}
	if i, err := r.checkDomains(); err != nil {
		return nil, fmt.Errorf("registry %s: line %d: %w", name, line(raw, "domains", i), err)
	}
	if i, err := r.checkSources(); err != nil {
		return nil, fmt.Errorf("registry %s: line %d: %w", name, line(raw, "sources", i), err)
	}
	if i, err := r.checkGateways(); err != nil {
		return nil, fmt.Errorf("registry %s: line %d: %w", name, line(raw, "gateways", i), err)
	}
	return &r, nil
}

// checkCentres returns the first centre at fault, with what is wrong with it.
func (r *Registry) checkCentres() (int, error) {
	seen := map[string]bool{}
	for i, c := range r.Centres {
		switch {
		case c.Code == "" || c.Name.VI == "" || c.Name.EN == "":
			return i, fmt.Errorf("centre %q: code and both names are required", c.Code)
		case strings.Contains(c.Code, "/"):
			return i, fmt.Errorf("centre %q: a code is one part of a source, without /", c.Code)
		case seen[c.Code]:
			return i, fmt.Errorf("centre %q is there twice", c.Code)
		case c.Parent != "" && !seen[c.Parent]:
			return i, fmt.Errorf("centre %q: its parent %q must stand above it", c.Code, c.Parent)
		case c.To != nil && !c.To.After(c.From):
			return i, fmt.Errorf("centre %q: it ends before it begins", c.Code)
		}
		seen[c.Code] = true
	}
	return 0, nil
}

func (r *Registry) checkDomains() (int, error) {
	seen := map[string]bool{}
	for i, d := range r.Domains {
		switch {
		case d.Code == "" || d.Interval <= 0:
			return i, fmt.Errorf("domain %q: code and a positive interval are required", d.Code)
		case strings.Contains(d.Code, "/"):
			return i, fmt.Errorf("domain %q: a code is one part of a source, without /", d.Code)
		case seen[d.Code]:
			return i, fmt.Errorf("domain %q is there twice", d.Code)
		}
		seen[d.Code] = true
	}
	return 0, nil
}

func (r *Registry) checkSources() (int, error) {
	seen := map[string]bool{}
	for i, x := range r.Sources {
		part := strings.SplitN(x.Source, "/", 4)
		if len(part) != 4 || part[0] != "" || part[3] == "" {
			return i, fmt.Errorf("source %q: want /CENTRE/DOMAIN/NAME", x.Source)
		}
		_, centre := r.Centre(part[1])
		_, domain := r.Domain(part[2])
		switch {
		case !centre:
			return i, fmt.Errorf("source %q: there is no centre %q", x.Source, part[1])
		case !domain:
			return i, fmt.Errorf("source %q: there is no domain %q", x.Source, part[2])
		case x.Interval <= 0:
			return i, fmt.Errorf("source %q: a positive interval is required", x.Source)
		case seen[x.Source]:
			return i, fmt.Errorf("source %q is there twice", x.Source)
		}
		seen[x.Source] = true
	}
	return 0, nil
}

func (r *Registry) checkGateways() (int, error) {
	seen := map[string]bool{}
	for i, g := range r.Gateways {
		part := strings.SplitN(g.Source, "/", 4)
		if len(part) != 4 || part[0] != "" || part[3] == "" {
			return i, fmt.Errorf("gateway %q: want /CENTRE/DOMAIN/NAME", g.Source)
		}
		_, centre := r.Centre(part[1])
		switch {
		case !centre:
			return i, fmt.Errorf("gateway %q: there is no centre %q", g.Source, part[1])
		case seen[g.Source]:
			return i, fmt.Errorf("gateway %q is there twice", g.Source)
		case len(g.Behind) == 0:
			return i, fmt.Errorf("gateway %q: nothing hangs on it, behind is empty", g.Source)
		}
		seen[g.Source] = true
		for _, b := range g.Behind {
			switch star := strings.Index(b, "*"); {
			case !strings.HasPrefix(b, "/"+part[1]+"/"):
				return i, fmt.Errorf("gateway %q: behind %q: want a source of its own centre, /%s/DOMAIN/NAME", g.Source, b, part[1])
			case star >= 0 && star != len(b)-1:
				return i, fmt.Errorf("gateway %q: behind %q: a star may stand at the end alone", g.Source, b)
			}
		}
	}
	return 0, nil
}

// line returns where the element of a list stands in a registry file, 0 when it is not found.
func line(raw []byte, list string, index int) int {
	var doc map[string]yaml.Node
	if err := yaml.Load(raw, &doc); err != nil {
		return 0
	}
	if n := doc[list]; index < len(n.Content) {
		return n.Content[index].Line
	}
	return 0
}

// Centre returns the centre with this code.
func (r *Registry) Centre(code string) (Centre, bool) {
	i := slices.IndexFunc(r.Centres, func(c Centre) bool { return c.Code == code })
	if i < 0 {
		return Centre{}, false
	}
	return r.Centres[i], true
}

// Domain returns the domain with this code.
func (r *Registry) Domain(code string) (Domain, bool) {
	i := slices.IndexFunc(r.Domains, func(d Domain) bool { return d.Code == code })
	if i < 0 {
		return Domain{}, false
	}
	return r.Domains[i], true
}

// Source returns what is agreed about a source.
func (r *Registry) Source(source string) (SourceRule, bool) {
	i := slices.IndexFunc(r.Sources, func(x SourceRule) bool { return x.Source == source })
	if i < 0 {
		return SourceRule{}, false
	}
	return r.Sources[i], true
}

// Gateway tells whether other sources hang on this one.
func (r *Registry) Gateway(source string) bool {
	return slices.ContainsFunc(r.Gateways, func(g Gateway) bool { return g.Source == source })
}

// Behind returns the gateway that a source hangs on.
func (r *Registry) Behind(source string) (string, bool) {
	for _, g := range r.Gateways {
		for _, b := range g.Behind {
			head, all := strings.CutSuffix(b, "*")
			if source != g.Source && (source == b || all && strings.HasPrefix(source, head)) {
				return g.Source, true
			}
		}
	}
	return "", false
}

// Above returns the code itself and the codes of all centres above it, nearest first.
// An event of a centre counts for each of them.
func (r *Registry) Above(code string) []string {
	var out []string
	for code != "" {
		c, ok := r.Centre(code)
		if !ok {
			return out
		}
		out = append(out, code)
		code = c.Parent
	}
	return out
}
