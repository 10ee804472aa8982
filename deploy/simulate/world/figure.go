package world

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// figures are the statistics that a centre issues at the start of each day, and that grow through the year.
type figures struct{ f *Feed }

type figureData struct {
	Indicator string      `json:"indicator"`
	Period    string      `json:"period"`
	Value     json.Number `json:"value"`
	Target    json.Number `json:"target,omitempty"`
	IssuedBy  string      `json:"issued_by"`
}

// issuer says who made these numbers up.
const issuer = "Mô phỏng"

// plan is what a centre wants to reach in a year, in billions of đồng.
type plan struct{ revenue, spending, investment float64 }

func (f *Feed) yearPlan() plan {
	if f.profile.provincial {
		return plan{revenue: 14_500, spending: 18_200, investment: 7_400}
	}
	// The cities differ by their size.
	size := f.profile.dossiers
	return plan{revenue: round(2.6*size, 0), spending: round(3.1*size, 0), investment: round(1.2*size, 0)}
}

func (g *figures) births(day time.Time) []life {
	f := g.f
	year := day.Year()
	passed := float64(day.YearDay()) / 365
	// How a year goes: better or worse than planned, decided by its seed.
	luck := f.seed.of("figure").at(int64(year))
	factor := func(name string, from, to float64) float64 { return from + (to-from)*luck.of(name).unit() }
	period := strconv.Itoa(year)
	p := f.yearPlan()

	var out []life
	issue := func(indicator, period string, value, target float64) {
		data := &figureData{Indicator: indicator, Period: period, Value: number(value), IssuedBy: issuer}
		if target > 0 {
			data.Target = number(target)
		}
		at := day.Add(time.Duration(len(out)+1) * 10 * time.Millisecond)
		out = append(out, life{states: []event{happen(at, "so-lieu", "figure", indicator, period, data)}})
	}
	issue("budget.revenue", period, p.revenue*passed*factor("revenue", 0.96, 1.08), p.revenue)
	issue("budget.spending", period, p.spending*passed*factor("spending", 0.88, 0.99), p.spending)
	// Investment is paid late in the year.
	issue("investment.disbursed", period, p.investment*passed*passed*factor("investment", 0.9, 1.02), p.investment)
	if !f.profile.provincial {
		return out
	}
	issue("economy.digital_share", "2024", 16.4, 0)
	issue("economy.digital_share", "2025", 18.7, 20)
	if quarter := (int(day.Month()) - 1) / 3; year > 2025 && quarter > 0 {
		issue("economy.digital_share", fmt.Sprintf("%d-Q%d", year, quarter), 18.7+0.35*float64((year-2026)*4+quarter), 0)
	}
	issue("health.insurance_share", period, 93.1+1.6*passed, 95)
	issue("health.record_share", period, 84+6*passed, 95)
	issue("health.beds_per_10k", period, 28.4, 30)
	issue("education.national_standard_share", period, 47.2+3*passed, 55)
	issue("education.universal_preschool_share", period, 99.4, 100)
	issue("society.identity_account_share", period, 71+8*passed, 80)
	issue("society.poor_household_share", period, 0.62-0.2*passed, 0.5)
	return out
}

// number writes a decimal with two places, as statistics print them.
func number(x float64) json.Number { return json.Number(strconv.FormatFloat(x, 'f', 2, 64)) }

type procedureData struct {
	Procedure string `json:"procedure"`
	Agency    string `json:"agency"`
	Level     int    `json:"level"`
	Connected bool   `json:"connected"`
}

// catalogueOfDay sends the whole catalogue of online services in the first seconds of a day. The ids are those of the day
// before: it is the same catalogue, said again.
func (f *Feed) catalogueOfDay(day time.Time) []life {
	services := f.w.cat.services()
	out := make([]life, len(services))
	for i, s := range services {
		data := procedureData(s)
		at := day.Add(time.Second + time.Duration(i)*10*time.Millisecond)
		out[i] = life{states: []event{happen(at, "danh-muc", "procedure", fmt.Sprintf("TTHC-%04d", i+1), "v1", &data)}}
	}
	return out
}
