package figures

import (
	"encoding/json"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// Wire turns an upload into the message of the API. What was never kept has no id.
func (d *Desk) Wire(u Upload) wire.FigureUpload {
	out := wire.FigureUpload{
		At: u.At, By: u.By, File: u.File, SHA256: u.SHA256, State: u.State, Decimal: u.Decimal, Centres: append([]string{}, u.Centres...),
		Rows: u.Lines, New: u.New, Corrected: u.Corrected, Unchanged: u.Unchanged, Refused: u.Refused, UndoneAt: u.UndoneAt, UndoneBy: u.UndoneBy,
		Problems: append([]wire.FigureProblem{}, u.Problems...), Results: []wire.FigureRow{},
	}
	switch u.State {
	case wire.UploadWriting, wire.UploadWritten, wire.UploadUndone:
		out.ID = u.ID.String()
	}
	names := map[string]schemas.Text{}
	for _, i := range d.o.Indicators() {
		names[i.Code] = i.Name
	}
	for i := range u.Rows {
		r := &u.Rows[i]
		out.Results = append(out.Results, wire.FigureRow{
			Sheet: r.Sheet, Row: r.Line, Centre: r.Centre, Indicator: r.Indicator, Name: names[r.Indicator], Period: r.Period,
			Value: wireNumber(r.Value), Target: wireNumber(r.Target), IssuedBy: r.IssuedBy, Change: r.Change, Old: wireSaid(r.Old),
			Notes: append([]schemas.Text{}, r.Notes...), Problems: append([]wire.FigureProblem{}, r.Problems...),
		})
	}
	return out
}

func wireNumber(v *decimal.Decimal) *json.Number {
	if v == nil {
		return nil
	}
	n := number(*v)
	return &n
}

func wireSaid(s *Said) *wire.FigureStanding {
	if s == nil {
		return nil
	}
	return &wire.FigureStanding{Value: number(s.Value), Target: wireNumber(s.Target), IssuedBy: s.IssuedBy, Source: s.Source, At: s.Time}
}

// ParseID reads the id of an upload; another text is that of none.
func ParseID(s string) (uuid.UUID, error) {
	id, err := uuid.Parse(s)
	if err != nil || id == uuid.Nil {
		return uuid.Nil, ErrNotFound
	}
	return id, nil
}
