package sheet

import (
	"strings"

	"github.com/binhphuoc/ioc/query/report/view"
	"github.com/binhphuoc/ioc/schemas/say"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// digits is the format of a number with so many decimals. Excel writes its separators in the language of its reader.
func digits(decimals int) string {
	if decimals <= 0 {
		return "#,##0"
	}
	return "#,##0." + strings.Repeat("0", decimals)
}

// quoted is a text within a format.
func quoted(unit string) string {
	if unit == "" {
		return ""
	}
	return `"` + say.Gap + strings.ReplaceAll(unit, `"`, "") + `"`
}

// valueFormat shows a value with its unit: 96.4 is shown as 96,4 %. It stays 96.4, the number that all other ways give.
func valueFormat(r *view.Row) string { return digits(r.Raw.Decimals) + quoted(r.Unit) }

// changeFormat shows the way of a change by a shape as well as by a sign.
func changeFormat(r *view.Row, lang string) string {
	unit := r.Unit
	if r.Raw.Unit == "%" {
		unit = "pp"
		if lang == say.Vietnamese {
			unit = "điểm" + say.Gap + "%"
		}
	}
	d := digits(r.Raw.Decimals)
	return `"↑ +"` + d + quoted(unit) + `;"↓ −"` + d + quoted(unit) + `;"= "` + d + quoted(unit)
}

// gapFormat is a signed number with its unit.
func gapFormat(r *view.Row, lang string) string {
	return strings.NewReplacer("↑ ", "", "↓ ", "", "= ", "").Replace(changeFormat(r, lang))
}

// better says which sign of a change is good news; 0: neither.
func better(r *wire.ReportRow) int {
	switch r.Better {
	case "up":
		return 1
	case "down":
		return -1
	}
	return 0
}
