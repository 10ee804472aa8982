package main

import (
	"time"

	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// wireCatalogue turns the catalogue into the messages of the API, with the targets in force at a moment.
func wireCatalogue(c *kpi.Catalogue, now time.Time) []wire.KPI {
	out := make([]wire.KPI, 0, len(c.KPIs))
	for _, k := range c.KPIs {
		f := k.Formula
		w := wire.KPI{
			ID: k.ID, Name: k.Name, Description: k.Description, Pillar: k.Pillar, Domain: k.Domain, Unit: k.Unit, Decimals: k.Decimals,
			Better: k.Better, Window: k.Window.Text, Source: k.Source, Warning: bound(k.Warning), Alarm: bound(k.Alarm), Values: []wire.Value{}, StaleAfter: k.StaleAfter.Seconds(),
			Formula: wire.Formula{
				Kind: string(f.Kind), Of: f.Of, At: f.At, Where: f.Where.Text, Numerator: f.Numerator.Text, Value: f.Value.Text, Weight: f.Weight.Text,
				Scorecard: f.Scorecard,
			},
		}
		if t, ok := k.TargetAt(now); ok {
			w.Target = &wire.Target{Value: t.Value, From: t.From, Until: t.Until, By: t.By, Source: t.Source}
		}
		out = append(out, w)
	}
	return out
}

func bound(b *kpi.Bound) *wire.Bound {
	if b == nil {
		return nil
	}
	return &wire.Bound{Enter: b.Enter, Leave: b.Leave}
}
