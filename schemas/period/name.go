package period

import (
	"fmt"

	"github.com/binhphuoc/ioc/schemas"
)

// Name is how people call the period.
func (p Period) Name() schemas.Text {
	from := p.From.In(Zone())
	y := from.Year()
	switch p.Kind {
	case KindYear:
		return schemas.Text{VI: fmt.Sprintf("năm %d", y), EN: fmt.Sprint(y)}
	case KindHalf:
		n := p.place() - 1
		return schemas.Text{
			VI: fmt.Sprintf("6 tháng %s năm %d", [...]string{"đầu", "cuối"}[n], y),
			EN: fmt.Sprintf("the %s half of %d", [...]string{"first", "second"}[n], y),
		}
	case KindQuarter:
		n := p.place()
		return schemas.Text{VI: fmt.Sprintf("quý %s năm %d", [...]string{"I", "II", "III", "IV"}[n-1], y), EN: fmt.Sprintf("Q%d %d", n, y)}
	case KindMonth:
		return schemas.Text{VI: fmt.Sprintf("tháng %d năm %d", from.Month(), y), EN: from.Format("January 2006")}
	case KindWeek:
		y, w := from.ISOWeek()
		return schemas.Text{
			VI: fmt.Sprintf("tuần %d năm %d (%s–%s)", w, y, from.Format("02/01"), p.last().Format("02/01")),
			EN: fmt.Sprintf("week %d of %d (%s–%s)", w, y, from.Format("2 Jan"), p.last().Format("2 Jan")),
		}
	case KindDay:
		return schemas.Text{VI: "ngày " + from.Format("02/01/2006"), EN: from.Format("2 January 2006")}
	default:
		return schemas.Text{
			VI: fmt.Sprintf("từ %s đến %s", from.Format("02/01/2006"), p.last().Format("02/01/2006")),
			EN: fmt.Sprintf("%s to %s", from.Format("2 January 2006"), p.last().Format("2 January 2006")),
		}
	}
}
