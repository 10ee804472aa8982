package world

import (
	"embed"
	"fmt"
	"math/rand/v2"
	"strings"

	"go.yaml.in/yaml/v4"
)

//go:embed catalogue.yaml
var catalogueFiles embed.FS

// levelFour is how many online services of level 4 the province has connected, as published at the opening of the 1022 hotline.
const levelFour = 1123

// catalogue is what the agencies do.
type catalogue struct {
	Verbs      []string
	Provincial []agency
	City       []agency
	Topics     []string
	Threats    []string
}

type agency struct {
	Code       string
	Share      float64
	Procedures []procedure
	Licences   []string
}

type procedure struct {
	Name  string
	Days  int
	Share float64
	Level int
}

func readCatalogue() (*catalogue, error) {
	raw, err := catalogueFiles.ReadFile("catalogue.yaml")
	if err != nil {
		return nil, fmt.Errorf("read the simulated catalogue: %w", err)
	}
	var c catalogue
	if err := yaml.Unmarshal(raw, &c); err != nil {
		return nil, fmt.Errorf("read the simulated catalogue: %w", err)
	}
	for _, list := range [][]agency{c.Provincial, c.City} {
		for _, a := range list {
			for i := range a.Procedures {
				if a.Procedures[i].Level == 0 {
					a.Procedures[i].Level = 4
				}
			}
		}
	}
	return &c, nil
}

// agenciesOf returns the agencies that a centre watches.
func (c *catalogue) agenciesOf(centre string, provincial bool) []agency {
	if provincial {
		return c.Provincial
	}
	out := make([]agency, len(c.City))
	for i, a := range c.City {
		out[i] = a
		out[i].Code = strings.ReplaceAll(a.Code, "{centre}", centre)
	}
	return out
}

// pick draws one of a list, by its shares.
func pick[T any](r *rand.Rand, list []T, share func(T) float64) T {
	var sum float64
	for _, e := range list {
		sum += share(e)
	}
	at := r.Float64() * sum
	for _, e := range list {
		if at -= share(e); at < 0 {
			return e
		}
	}
	return list[len(list)-1]
}

// service is one entry of the catalogue of online services.
type service struct {
	Procedure string
	Agency    string
	Level     int
	Connected bool
}

// services lists the whole catalogue: levelFour entries of level 4, nearly all connected, and some of the levels below.
func (c *catalogue) services() []service {
	var out []service
	for _, a := range c.Provincial {
		for _, p := range a.Procedures {
			out = append(out, service{Procedure: p.Name, Agency: a.Code, Level: p.Level})
		}
	}
	for _, a := range c.City {
		for _, p := range a.Procedures {
			out = append(out, service{Procedure: p.Name, Agency: "ubnd-cap-huyen", Level: p.Level})
		}
	}
	for _, a := range c.Provincial {
		for _, licence := range a.Licences {
			for _, verb := range c.Verbs {
				out = append(out, service{Procedure: verb + " " + licence, Agency: a.Code})
			}
		}
	}
	four := 0
	for i := range out {
		s := &out[i]
		switch {
		case s.Level == 4 || s.Level == 0 && four < levelFour:
			s.Level = 4
			four++
			s.Connected = four%280 != 0
		case s.Level == 0:
			s.Level = 2 + i%2
			fallthrough
		default:
			s.Connected = s.Level == 3 && i%3 == 0
		}
	}
	return out
}
