package main

import (
	"testing"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/period"
)

// BenchmarkReport makes reports on a database as full as three years of a province leave it: a day bucket of each rolled KPI
// and centre, the hours and minutes of the newest days, 1,250 waits and handling times a day and centre, kept days, and a
// month of kept minutes. Raw events are not asked but for their number.
func BenchmarkReport(b *testing.B) {
	r := newRig(b)
	now := time.Now()
	centres := "arrayJoin(['dong-xoai', 'phuoc-long', 'binh-long', 'province'])"
	kpis, quantiles, kept := "", "", ""
	for _, k := range r.catalogue.KPIs {
		switch {
		case k.Formula.Kind == "quantile":
			quantiles += ", '" + k.ID + "'"
		case k.Formula.Kind.Rolled():
			kpis += ", '" + k.ID + "'"
		default:
			kept += ", '" + k.ID + "'"
		}
	}
	today := period.Floor(now, period.Day).Format("2006-01-02 15:04:05")
	day := "toDateTime('" + today + "', 'UTC') - INTERVAL arrayJoin(range(1096)) DAY"
	r.exec("SYSTEM STOP MERGES rollup") // so that no run is faster than the first
	r.exec("INSERT INTO rollup SELECT 86400, arrayJoin([" + kpis[2:] + "]), " + centres + ", " + day + ", 900, 1000, [], 1000, now64(3), 1")
	r.exec("INSERT INTO rollup SELECT 86400, arrayJoin([" + quantiles[2:] + "]), " + centres + ", " + day + ", 0, 1250, arrayMap(x -> x * 0.37, range(1250)), 1250, now64(3), 1 SETTINGS max_block_size = 512")
	for tier, n := range map[string]string{"3600": "24 * 7", "60": "60 * 24", "10": "360"} {
		r.exec("INSERT INTO rollup SELECT " + tier + ", arrayJoin([" + kpis[2:] + quantiles + "]), " + centres +
			", toDateTime('" + today + "', 'UTC') + INTERVAL " + tier + " * arrayJoin(range(" + n + ")) SECOND AS at, 9, 10, [1., 2.], 10, now64(3), 1")
	}
	r.exec("INSERT INTO kpi_day SELECT " + day + " - INTERVAL 1 DAY, arrayJoin([" + kept[2:] + "]), " + centres + ", 1, 2, 0, 3, 2000, 1440, 5, 6, 1")
	r.exec("INSERT INTO kpi_minute SELECT toDateTime('" + today + "', 'UTC') - INTERVAL arrayJoin(range(1440 * 31)) MINUTE, arrayJoin([" + kept[2:] + "]), " + centres + ", 2, 'ok', 5, 6, 1")
	last := period.Current(period.KindYear, now).Previous()
	for name, p := range map[string]period.Period{
		"year": last, "year to date": period.Current(period.KindYear, now), "quarter": period.Current(period.KindQuarter, last.To.Add(-1)),
		"month": period.Current(period.KindMonth, last.To.Add(-1)), "day": period.Current(period.KindDay, now.Add(-period.Day)),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, err := r.reports(now).Report(b.Context(), query.Everything(), query.ReportRequest{Period: p.Text(), Centre: "province"})
				r.must(err)
			}
		})
	}
}
