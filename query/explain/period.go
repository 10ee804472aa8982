package explain

import (
	"context"
	"fmt"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// find is subject for all requests: of a period it asks what the report tells, so that the two can't disagree.
func (e *Explainer) find(ctx context.Context, scope query.Scope, r query.ExplainRequest, now time.Time) (subject, error) {
	if r.Period == "" {
		return e.subject(scope, r, now)
	}
	if !r.From.IsZero() || !r.To.IsZero() {
		return subject{}, fmt.Errorf("%w: a period stands by itself, without from and to", query.ErrBadRequest)
	}
	// First without the period: what the reader may not see is not told of.
	if _, err := e.subject(scope, query.ExplainRequest{KPI: r.KPI, Centre: r.Centre}, now); err != nil {
		return subject{}, err
	}
	told, err := e.Teller.Row(ctx, scope, query.ReportRequest{Period: r.Period, Centre: r.Centre, AsOf: r.AsOf}, r.KPI)
	if err != nil {
		return subject{}, err
	}
	s, err := e.subject(scope, query.ExplainRequest{KPI: r.KPI, Centre: r.Centre, From: told.Period.From, To: told.Until}, now)
	s.told, s.Period = &told, told.Row.Value.For
	return s, err
}

// asTold gives the explanation the value that the report tells.
func asTold(s subject, out *wire.Explanation) {
	v := s.told.Row.Value
	out.Value = wire.Value{
		KPI: s.KPI.ID, Centre: s.centre.Code, Value: v.Value, Numerator: v.Numerator, Denominator: v.Denominator, State: v.State, At: v.Newest,
	}
	out.Period = &wire.ExplainedPeriod{Text: s.told.Period.Text, Name: s.told.Period.Name, Meaning: s.told.Row.Meaning, For: v.For}
	if t := s.told.Row.Target; t == nil {
		out.Target = nil // one is set, but not for spans as long as this
	}
}

// toldCentres are the values of the centres below, of what is not added up of events. A figure is of the centre itself.
func toldCentres(s subject) []wire.ExplainedCentre {
	out := []wire.ExplainedCentre{}
	if v := s.told.Row.Value; s.KPI.Formula.Kind == kpi.KindFigure {
		if v.Value != nil {
			out = append(out, wire.ExplainedCentre{Centre: s.centre.Code, Value: v.Value, Newest: v.Newest})
		}
		return out
	}
	for _, c := range s.told.Row.Centres {
		if c.Value != nil {
			out = append(out, wire.ExplainedCentre{Centre: c.Centre, Value: c.Value})
		}
	}
	return out
}

// keptAs says how a report makes a value of a period out of those that were kept.
func keptAs(s subject) schemas.Text {
	meaning := "end"
	if s.told != nil {
		meaning = s.told.Row.Meaning
	}
	switch meaning {
	case "mean":
		return schemas.Text{VI: "trung bình các giá trị đã lưu của mọi phút trong khoảng này", EN: "the mean of the values that were kept of all minutes of that span"}
	case "total":
		return schemas.Text{VI: "tổng các giá trị đã lưu ở phút cuối mỗi ngày trong khoảng này", EN: "the sum of the values that were kept of the last minute of each day of that span"}
	default:
		return schemas.Text{VI: "lấy giá trị đã lưu ở phút cuối của khoảng này", EN: "as it was kept for the last minute of that span"}
	}
}
