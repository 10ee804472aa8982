package chstore

import (
	"fmt"
	"strconv"
	"strings"

	qkpi "github.com/binhphuoc/ioc/query/kpi"
	"github.com/binhphuoc/ioc/schemas/kpi"
)

// airValues is the SQL of VN_AQI at each source: sections 2.1 and 2.2 of Decision 1459/QĐ-TCMT. Its hours end with the window, so
// that the index moves with every minute; on the hour it is that of the decision. Where half of an hour's weight is reached, the
// decision writes the weighted mean without dividing by the weights, which for twelve hours sum up to 0.9998: it is divided
// here too, so that a missing hour does not make the air cleaner.
func airValues(q qkpi.Question, t terms) string {
	parts := make([]string, 0, 2*len(kpi.Pollutants())+1)
	var dust []string
	for _, p := range kpi.Pollutants() {
		of := "hourly"
		if p.Nowcast {
			of, dust = "nowcast", append(dust, p.Metric)
		}
		parts = append(parts, "metric = "+quote(p.Metric), airIndex(p, of))
	}
	parts = append(parts, "NULL")
	return `SELECT centre, source, any(domain) AS spoke_in, assumeNotNull(max(part)) AS said, max(at) AS at FROM (
SELECT centre, source, domain, at, metric, arrayMin(c.mean) / arrayMax(c.mean) AS spread, if(isFinite(spread), greatest(spread, 0.5), 1) AS w,
  if(arrayCount(h -> h < 3, c.hour) >= 2, arraySum(x -> pow(w, x.1) * x.2, c) / arraySum(x -> pow(w, x.1), c), NULL) AS nowcast,
  if(c[1].1 = 0, c[1].2, NULL) AS hourly, multiIf(` + strings.Join(parts, ", ") + `) AS part
FROM (SELECT centre, source, metric, any(domain) AS domain, max(at) AS at, CAST(arraySort(groupArray((hour, mean))), 'Array(Tuple(hour Int64, mean Float64))') AS c
  FROM (SELECT centre, source, any(s.domain) AS domain, metric, max(s.newest) AS at,
      intDiv(` + strconv.FormatInt(q.To.Unix()-1, 10) + ` - toUnixTimestamp(minute), 3600) AS hour,
      greatest(toFloat64(sum(metric_sums[metric])) / sum(metric_counts[metric]), 0) AS mean
    FROM source_minute AS s FINAL ARRAY JOIN mapKeys(metric_counts) AS metric
    WHERE ` + fmt.Sprintf("minute >= toDateTime(%d, 'UTC') AND minute < toDateTime(%d, 'UTC')", q.From.Unix(), q.To.Unix()) + ` AND type = 'reading' AND events > 0 AND ` + t.where + `
    GROUP BY centre, source, metric, hour HAVING hour < ` + strconv.Itoa(int(kpi.AirWindow.Hours())) + `)
  GROUP BY centre, source, metric))
GROUP BY centre, source HAVING countIf(isNotNull(part) AND metric IN (` + quotes(dust) + `)) > 0`
}

// airIndex is the SQL of the index that one pollutant alone gives; NULL where its concentration is not known.
func airIndex(p kpi.Pollutant, concentration string) string {
	numbers := func(list []float64) string {
		out := make([]string, len(list))
		for i, v := range list {
			out[i] = strconv.FormatFloat(v, 'f', -1, 64)
		}
		return "[" + strings.Join(out, ", ") + "]"
	}
	levels, limits := numbers(kpi.AirLevels()), numbers(p.Limits)
	step := fmt.Sprintf("least(greatest(arrayCount(b -> b <= assumeNotNull(%s), %s), 1), %d)", concentration, limits, len(p.Limits)-1)
	line := fmt.Sprintf("(%[1]s[%[3]s] + (%[1]s[%[3]s + 1] - %[1]s[%[3]s]) / (%[2]s[%[3]s + 1] - %[2]s[%[3]s]) * (assumeNotNull(%[4]s) - %[2]s[%[3]s]))",
		levels, limits, step, concentration)
	return fmt.Sprintf("if(isNull(%s), NULL, least(%s, %g))", concentration, line, kpi.AirLevels()[len(kpi.AirLevels())-1])
}

// airMetrics admits the concentrations that the index is made of.
func airMetrics() string {
	var names []string
	for _, p := range kpi.Pollutants() {
		names = append(names, p.Metric)
	}
	return "metric IN (" + quotes(names) + ")"
}
