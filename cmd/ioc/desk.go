package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	dashboardapi "github.com/binhphuoc/ioc/dashboard-api"
	"github.com/binhphuoc/ioc/ingest/chsink"
	"github.com/binhphuoc/ioc/ingest/figures"
	"github.com/binhphuoc/ioc/ingest/xlsx"
	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	cards "github.com/binhphuoc/ioc/schemas/scorecard"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// figures makes the desk at which clerks hand in figures.
func (a *parts) figures(sink *chsink.Sink, indicators func() []figures.Indicator) (*figures.Desk, error) {
	return figures.New(figures.Options{
		Store: sink, Sink: sink, Decoder: a.decoder(), Centres: a.registry.Centres, XLSX: xlsx.Read, Indicators: indicators,
	})
}

// indicatorsOf lists the indicators that some KPI is made of, in the order of the catalogue, and those that scorecards ask
// for beside these.
func indicatorsOf(c *kpi.Catalogue, scorecards []cards.Scorecard) []figures.Indicator {
	var out []figures.Indicator
	seen := map[string]bool{}
	add := func(code string, name schemas.Text) {
		if code != "" && !seen[code] {
			seen[code] = true
			out = append(out, figures.Indicator{Code: code, Name: name})
		}
	}
	for _, k := range c.KPIs {
		add(k.Formula.Indicator, k.Name)
	}
	for _, card := range scorecards {
		for _, g := range card.Groups {
			for _, criterion := range g.Criteria {
				add(criterion.Figure, criterion.Name)
			}
		}
	}
	return out
}

// figureTemplate makes what the API hands out as a template.
func (a *parts) figureTemplate(indicators func() []figures.Indicator) func(w io.Writer, scope query.Scope, english bool) error {
	return func(w io.Writer, scope query.Scope, english bool) error {
		t := xlsx.Template{Indicators: indicators(), English: english}
		for _, c := range a.registry.Centres {
			if scope.Sees(c.Code) {
				t.Centres = append(t.Centres, c)
			}
		}
		return xlsx.WriteTemplate(w, t)
	}
}

// figureDesk is the desk as the API knows it: with its scopes and its errors.
type figureDesk struct{ desk *figures.Desk }

func clerk(scope query.Scope, by, centre string) figures.Clerk {
	return figures.Clerk{Name: by, Centre: centre, May: scope.Sees}
}

// Upload implements dashboardapi.Figures.
func (d *figureDesk) Upload(ctx context.Context, scope query.Scope, f dashboardapi.FigureFile) (wire.FigureUpload, error) {
	u, err := d.desk.Upload(ctx, clerk(scope, f.By, f.Centre), figures.File{Name: f.Name, Data: f.Data, DryRun: f.DryRun, SkipBad: f.SkipBad})
	return d.desk.Wire(u), err
}

// Undo implements dashboardapi.Figures.
func (d *figureDesk) Undo(ctx context.Context, scope query.Scope, by, id string, force bool) (wire.FigureUndo, error) {
	key, err := figures.ParseID(id)
	if err != nil {
		return wire.FigureUndo{}, ofDesk(err)
	}
	out, err := d.desk.Undo(ctx, clerk(scope, by, ""), key, force)
	return out, ofDesk(err)
}

// Uploads implements dashboardapi.Figures.
func (d *figureDesk) Uploads(ctx context.Context, scope query.Scope, id string, limit int) (wire.FigureUploadList, error) {
	out := wire.FigureUploadList{Uploads: []wire.FigureUpload{}}
	who := clerk(scope, "", "")
	if id != "" {
		key, err := figures.ParseID(id)
		if err != nil {
			return out, ofDesk(err)
		}
		u, err := d.desk.Get(ctx, who, key)
		if err != nil {
			return out, ofDesk(err)
		}
		out.Uploads = append(out.Uploads, d.desk.Wire(u))
		return out, nil
	}
	list, err := d.desk.List(ctx, who, limit)
	for _, u := range list {
		out.Uploads = append(out.Uploads, d.desk.Wire(u))
	}
	return out, ofDesk(err)
}

// ofDesk turns an error of the desk into the one that the API knows.
func ofDesk(err error) error {
	var fault *figures.Fault
	switch {
	case errors.As(err, &fault):
		return fmt.Errorf("%w: %w", query.ErrBadRequest, err)
	case errors.Is(err, figures.ErrNotFound):
		return query.ErrNotFound
	case errors.Is(err, figures.ErrUndone), errors.Is(err, figures.ErrConflict):
		return errors.Join(query.ErrConflict, err)
	default:
		return err
	}
}
