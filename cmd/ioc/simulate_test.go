package main

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/binhphuoc/ioc/deploy/simulate/world"
	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/alarm"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/period"
)

// outage is a simulated gateway that fails, and when it begins to.
type outage struct {
	*world.Feed
	gateway schemas.Gateway
	begin   time.Time
}

// lastOutage finds the newest outage in the feed of a centre before today.
func (r *rig) lastOutage(centre string) outage {
	r.t.Helper()
	w, err := world.New(world.Options{Seed: 1, Registry: r.registry})
	r.must(err)
	now := time.Now().In(period.Zone())
	feeds := w.Feeds(now)
	i := slices.IndexFunc(feeds, func(f *world.Feed) bool { return f.Centre() == centre && f.Transport() == world.MQTT })
	// An outage takes 18 minutes or more, and each gateway says how it is every 30 s.
	for at := now.Truncate(24 * time.Hour); ; at = at.Add(-15 * time.Minute) {
		for _, g := range world.Gateways(r.registry) {
			silent := func(at time.Time) bool {
				return !bytes.Contains(payloads(feeds[i].Between(at, at.Add(30*time.Second))), []byte(g.Behind[0]))
			}
			if !strings.HasPrefix(g.Source, "/"+centre+"/") || !silent(at) {
				continue
			}
			for silent(at) {
				at = at.Add(-30 * time.Second)
			}
			return outage{feeds[i], g, at.Add(30 * time.Second)}
		}
	}
}

func payloads(list []world.Emission) []byte {
	var out []byte
	for _, e := range list {
		out = append(out, e.Payload...)
	}
	return out
}

// play stores what the sensors of a feed send in a span, each message as it arrives.
func (r *rig) play(f *world.Feed, from, to time.Time) {
	r.t.Helper()
	var messages []schemas.Message
	for _, e := range f.Between(from, to) {
		if !e.Bad && strings.Contains(e.Topic, "/sensor/") {
			messages = append(messages, schemas.Message{Transport: "mqtt", Centre: f.Centre(), Topic: e.Topic, Payload: e.Payload, Arrived: e.Time})
		}
	}
	r.write(messages)
	r.must(r.roller(&kpi.Catalogue{}).Once(r.t.Context(), false))
}

func TestASimulatedGatewayThatFailsIsOneAlarm(t *testing.T) {
	r := newRig(t)
	addSimulated(r.registry)
	o := r.lastOutage("phuoc-long")
	w := r.watch(o.begin)
	r.play(o.Feed, o.begin.Add(-3*time.Minute), o.begin)
	for range 6 {
		r.play(o.Feed, w.now, w.now.Add(time.Minute))
		w.pass(time.Minute)
	}
	a := w.only()
	if a.Source != o.gateway.Source || a.Members != len(o.gateway.Behind) || a.Priority != 2 {
		t.Fatalf("%s fails at %s: %+v", o.gateway.Source, o.begin, a)
	}
	detail, err := w.desk.Get(t.Context(), query.Everything(), a.ID, alarm.Request{})
	r.must(err)
	var members []string
	for _, m := range detail.Members {
		members = append(members, m.Source)
	}
	slices.Sort(members)
	if d := cmp.Diff(o.gateway.Behind, members); d != "" {
		t.Error(d)
	}
	s, err := w.desk.Statistics(t.Context(), query.Everything(), "", o.begin, w.now.Add(time.Second))
	r.must(err)
	if s.Raised != 1 {
		t.Errorf("%d alarms were raised on the way: %+v", s.Raised, s.Worst)
	}
}

func TestTheSimulatedRegistryCanBeReadBack(t *testing.T) {
	want, err := schemas.BuiltinRegistry()
	if err != nil {
		t.Fatal(err)
	}
	own := schemas.Gateway{Source: "/binh-long/sensor/gw-02", Behind: []string{"/binh-long/camera/*"}}
	want.Gateways = []schemas.Gateway{own}
	var text strings.Builder
	if err := printRegistry(&text, want); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "registry.yaml")
	write(t, file, text.String())
	text.Reset()
	if code := run([]string{"simulate", "registry", "--registry", file}, nil, &text, &text); code != 0 {
		t.Fatal(text.String())
	}
	write(t, file, text.String())
	got, err := registryOf(file)
	if err != nil {
		t.Fatal(err)
	}
	addSimulated(want)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if g := got.Gateways[0]; g.Source != own.Source || g.Behind[0] != own.Behind[0] || len(got.Gateways) < 5 {
		t.Errorf("what the file named is %+v, of %d", g, len(got.Gateways))
	}
}
