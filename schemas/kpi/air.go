package kpi

import "time"

// AirWindow is the time that the index of an hour looks back upon.
const AirWindow = 12 * time.Hour

// AirLevels are the values of VN_AQI, the Vietnamese air quality index, between which it runs in straight lines: table 2 of
// Decision 1459/QĐ-TCMT (2019-11-12) of the Vietnam Environment Administration.
func AirLevels() []float64 { return []float64{0, 50, 100, 150, 200, 300, 400, 500} }

// Pollutant is one of the substances that VN_AQI is made of.
type Pollutant struct {
	Metric string    // as sources name it
	Limits []float64 // in µg/m³, at which the index reaches each of AirLevels; hourly means
	// Nowcast pollutants count by the weighted mean of the hours of AirWindow, the others by the last hour alone. Without any of
	// these there is no index.
	Nowcast bool
}

// Pollutants lists what VN_AQI is made of, from the same table. The worst one is the index.
func Pollutants() []Pollutant {
	return []Pollutant{
		{"pm25", []float64{0, 25, 50, 80, 150, 250, 350, 500}, true},
		{"pm10", []float64{0, 50, 150, 250, 350, 420, 500, 600}, true},
		{"o3", []float64{0, 160, 200, 300, 400, 800, 1000, 1200}, false},
		{"so2", []float64{0, 125, 350, 550, 800, 1600, 2100, 2630}, false},
		{"no2", []float64{0, 100, 200, 700, 1200, 2350, 3100, 3850}, false},
		{"co", []float64{0, 10000, 30000, 45000, 60000, 90000, 120000, 150000}, false},
	}
}
