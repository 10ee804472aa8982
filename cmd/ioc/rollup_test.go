package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
)

// TestRollupsKeepUpWithManySmallBatches writes calls in small batches, as a live feed does, and looks after each one.
func TestRollupsKeepUpWithManySmallBatches(t *testing.T) {
	const batches, perBatch = 150, 3
	r := newRig(t)
	calls, ok := r.catalogue.ByID("hotline.calls")
	if !ok {
		t.Fatal("there is no KPI hotline.calls")
	}
	one := &kpi.Catalogue{KPIs: []kpi.KPI{calls}}
	roller, evaluator := r.roller(one), r.evaluator(one)
	now := time.Date(2026, 11, 23, 3, 0, 5, 0, time.UTC)
	for i := range batches {
		var messages []schemas.Message
		for j := range perBatch {
			id := fmt.Sprintf("%d-%d", i, j)
			messages = append(messages, schemas.Message{Transport: "kafka", Arrived: now, Payload: fmt.Appendf(nil,
				`{"specversion":"1.0","id":%[1]q,"source":"/dong-xoai/service/x","type":"vn.binhphuoc.ioc.call.v1","time":"2026-11-23T03:00:01Z",
"data":{"call_id":%[1]q,"status":"waiting","queued_at":"2026-11-23T03:00:0%[2]dZ"}}`, id, j)})
		}
		r.write(messages)
		r.must(roller.Once(t.Context(), false))
		u, err := evaluator.Evaluate(t.Context(), now)
		r.must(err)
		for _, v := range u.Values {
			if v.Centre == "province" && (v.Value == nil || *v.Value != float64((i+1)*perBatch)) {
				t.Fatalf("after %d batches: %v calls, want %d", i+1, shown(v.Value), (i+1)*perBatch)
			}
		}
	}
}
