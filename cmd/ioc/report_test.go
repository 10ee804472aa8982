package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/report"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

func (r *rig) reports(now time.Time) *report.Reports {
	return &report.Reports{
		Store: r.store, Ledger: r.store, Minutes: r.store, Registry: r.registry,
		Catalogue: func() *kpi.Catalogue { return r.catalogue }, Now: func() time.Time { return now },
	}
}

func (r *rig) report(now time.Time, q query.ReportRequest) *wire.Report {
	r.t.Helper()
	out, err := r.reports(now).Report(r.t.Context(), query.Everything(), q)
	r.must(err)
	return out
}

func TestX(t *testing.T) {
	r := newRig(t)
	roller := r.roller(r.catalogue)
	now := time.Now()
	r.write([]schemas.Message{call("a", "dong-xoai", day(3), 10*time.Second, 0, day(3)), call("b", "phuoc-long", day(3), 15*time.Second, 0, day(3))})
	r.must(roller.Once(t.Context(), true))
	e := r.evaluator(r.catalogue)
	_, err := e.Evaluate(t.Context(), now)
	r.must(err)
	_, err = e.Evaluate(t.Context(), now.Add(time.Minute))
	r.must(err)
	out := r.report(now.Add(2*time.Minute), query.ReportRequest{Period: "2026-11", Centre: "province"})
	data, _ := json.MarshalIndent(out, "", " ")
	t.Log(string(data))
}
