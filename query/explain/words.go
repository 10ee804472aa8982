package explain

import (
	"fmt"
	"time"

	"github.com/binhphuoc/ioc/query/rollup"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// words are what the KPI's file says.
func words(k kpi.KPI) wire.ExplainedKPI {
	f := k.Formula
	return wire.ExplainedKPI{
		ID: k.ID, Name: k.Name, Description: k.Description, Pillar: k.Pillar, Domain: k.Domain, Unit: k.Unit, Decimals: k.Decimals, Better: k.Better,
		Scale: k.Scale, Quantile: f.Quantile, Across: f.Across, Indicator: f.Indicator, Scorecard: f.Scorecard, File: k.File, Source: k.Source,
		Formula: wire.Formula{
			Kind: string(f.Kind), Of: f.Of, At: f.At, Where: f.Where.Text, Numerator: f.Numerator.Text, Value: f.Value.Text, Weight: f.Weight.Text,
		},
	}
}

func bound(b *kpi.Bound) *wire.Bound {
	if b == nil {
		return nil
	}
	return &wire.Bound{Enter: b.Enter, Leave: b.Leave}
}

// target is the one in force at the last moment of the window.
func target(s subject) *wire.Target {
	at := s.Now
	if s.basis != wire.BasisLive {
		at = s.To.Add(-time.Millisecond)
	}
	t, ok := s.KPI.TargetAt(at)
	if !ok {
		return nil
	}
	return &wire.Target{Value: t.Value, From: t.From, Until: t.Until, Source: t.Source}
}

// tiers lists the rollups that answered.
func tiers(s subject) []wire.ExplainedTier {
	out := []wire.ExplainedTier{}
	if !s.KPI.Formula.Kind.Rolled() {
		return out
	}
	for _, p := range rollup.Cover(s.From, s.To) {
		out = append(out, wire.ExplainedTier{Seconds: int64(p.Tier / time.Second), From: p.From, To: p.To})
	}
	return out
}

// window names the span in words.
func window(s subject) wire.ExplainedWindow {
	w := wire.ExplainedWindow{Text: s.KPI.Window.Text, From: s.From, To: s.To}
	local := func(t time.Time) string { return t.In(period.Zone()).Format("15:04:05 02/01/2006") }
	if !s.From.Before(s.To) {
		w.Local = schemas.Text{VI: "tại " + local(s.To), EN: "at " + local(s.To)}
		return w
	}
	w.Local = schemas.Text{
		VI: fmt.Sprintf("từ %s đến trước %s", local(s.From), local(s.To)), EN: fmt.Sprintf("from %s to before %s", local(s.From), local(s.To)),
	}
	return w
}
