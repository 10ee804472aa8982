package world

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"github.com/binhphuoc/ioc/schemas"
)

// A Tuesday in the dry season.
const testDay = "2026-11-24"

func at(t *testing.T, clock string) time.Time {
	t.Helper()
	out, err := time.Parse("2006-01-02 15:04 -07:00", testDay+" "+clock+" +07:00")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func newWorld(t *testing.T, seed uint64, rate float64) *World {
	t.Helper()
	reg, err := schemas.BuiltinRegistry()
	if err != nil {
		t.Fatal(err)
	}
	w, err := New(Options{Seed: seed, Rate: rate, Registry: reg})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func feedOf(t *testing.T, w *World, centre string, transport Transport) *Feed {
	t.Helper()
	for _, f := range w.Feeds(at(t, "12:00")) {
		if f.Centre() == centre && f.Transport() == transport {
			return f
		}
	}
	t.Fatalf("no feed %s %s", centre, transport)
	return nil
}

// decode reads emissions as the platform does, and checks that exactly the bad ones are refused.
func decode(t *testing.T, w *World, f *Feed, list []Emission, now time.Time) []schemas.Event {
	t.Helper()
	d := schemas.NewDecoder(w.reg, schemas.DecoderOptions{})
	var out []schemas.Event
	for _, m := range list {
		header := map[string]string{}
		for _, h := range m.Headers {
			header[h.Key] = h.Value
		}
		events, refusals := d.Decode(schemas.Message{
			Transport: string(f.Transport()), Topic: m.Topic, Centre: f.Centre(), Header: header, Payload: m.Payload, Arrived: now,
		})
		switch {
		case m.Bad && (len(refusals) == 0 || len(events) > 0):
			t.Errorf("taken: %s", m.Payload)
		case !m.Bad && len(refusals) > 0:
			t.Fatalf("refused: %v: %s", refusals[0], refusals[0].Item)
		case !m.Bad && len(events) != m.Events:
			t.Fatalf("%d events, and it says %d", len(events), m.Events)
		}
		out = append(out, events...)
	}
	return out
}

func TestNewRefuses(t *testing.T) {
	reg, err := schemas.BuiltinRegistry()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []Options{{}, {Registry: reg, Rate: -1}, {Registry: reg, Rate: 1000}} {
		if _, err := New(o); err == nil {
			t.Errorf("taken: %+v", o)
		}
	}
}

func TestEveryEventIsTaken(t *testing.T) {
	w := newWorld(t, 1, 0.3)
	from, to := at(t, "07:30"), at(t, "08:00")
	types := map[schemas.Type]int{}
	for _, f := range w.Feeds(from) {
		events := decode(t, w, f, f.Between(from, to), to)
		events = append(events, decode(t, w, f, f.History(from, to), to)...)
		events = append(events, decode(t, w, f, f.Standing(from), to)...)
		for _, e := range events {
			types[e.Type]++
			if e.Centre != f.Centre() {
				t.Fatalf("event of %s in the feed of %s", e.Centre, f.Centre())
			}
		}
	}
	for _, typ := range schemas.Types() {
		if types[typ] == 0 {
			t.Errorf("no event of the type %s", typ)
		}
	}
}

func TestEveryMistakeIsRefused(t *testing.T) {
	w := newWorld(t, 1, 1)
	codes := map[schemas.Code]bool{}
	d := schemas.NewDecoder(w.reg, schemas.DecoderOptions{})
	now := at(t, "10:00")
	for _, f := range w.Feeds(now) {
		for which := range badKinds {
			m := f.mistake(now, which)
			events, refusals := d.Decode(schemas.Message{Topic: m.Topic, Centre: f.Centre(), Payload: m.Payload, Arrived: now})
			if len(events) != 0 || len(refusals) != 1 {
				t.Errorf("mistake %d of %s is taken: %s", which, f.Transport(), m.Payload)
				continue
			}
			codes[refusals[0].Code] = true
		}
	}
	if len(codes) < 4 {
		t.Errorf("only the codes %v", codes)
	}
	bad := 0
	for _, f := range w.Feeds(now) {
		bad += len(f.bad(at(t, "00:00"), at(t, "10:00")))
	}
	if bad < 20 || bad > 100 {
		t.Errorf("%d mistakes in ten hours", bad)
	}
}

// A process that starts anew, at another time and with other steps, tells the same.
func TestSameDayAfterRestart(t *testing.T) {
	from, to := at(t, "09:55"), at(t, "10:05")
	one := newWorld(t, 7, 0.2).Feeds(from)
	other := newWorld(t, 7, 0.2).Feeds(from)
	different := newWorld(t, 8, 0.2).Feeds(from)
	for i := range one {
		whole := one[i].Between(from, to)
		other[i].Standing(to)
		var steps []Emission
		for at := from; at.Before(to); at = at.Add(7 * time.Second) {
			end := at.Add(7 * time.Second)
			if end.After(to) {
				end = to
			}
			steps = append(steps, other[i].Between(at, end)...)
		}
		if diff := cmp.Diff(texts(whole), texts(steps)); diff != "" {
			t.Errorf("%s %s: %s", one[i].Centre(), one[i].Transport(), diff[:min(len(diff), 2000)])
		}
		if slices.Equal(texts(whole), texts(different[i].Between(from, to))) {
			t.Errorf("%s %s: the seed decides nothing", one[i].Centre(), one[i].Transport())
		}
	}
}

func texts(list []Emission) []string {
	var out []string
	for _, m := range list {
		out = append(out, m.Topic+" "+m.Key+" "+string(m.Payload))
	}
	return out
}

// History holds nothing that was not sent live, and what is counted or added up is all in it.
func TestHistoryIsPartOfTheDay(t *testing.T) {
	w := newWorld(t, 3, 0.5)
	from, to := at(t, "15:00"), at(t, "15:30")
	for _, f := range w.Feeds(from) {
		live := map[string]schemas.Event{}
		var liveSum, pastSum float64
		for _, e := range decode(t, w, f, f.Between(from, to), to) {
			live[e.Source+e.ID] = e
			liveSum += summed(&e)
		}
		past := decode(t, w, f, f.History(from, to), to)
		for _, e := range past {
			had, ok := live[e.Source+e.ID]
			if !ok || !cmp.Equal(had, e) {
				t.Fatalf("%s %s is not what was sent live", e.Source, e.ID)
			}
			pastSum += summed(&e)
		}
		if fmt.Sprintf("%.3f", liveSum) != fmt.Sprintf("%.3f", pastSum) {
			t.Errorf("%s %s: %v live, %v in history", f.Centre(), f.Transport(), liveSum, pastSum)
		}
		if f.Transport() == MQTT && len(past) > len(live)/2 {
			t.Errorf("%s: %d of %d events in history", f.Centre(), len(past), len(live))
		}
	}
}

// summed is what of an event a KPI adds up.
func summed(e *schemas.Event) (out float64) {
	switch d := e.Data.(type) {
	case *schemas.Camera:
		for _, n := range d.Counts {
			out += float64(n)
		}
	case schemas.Readings:
		for _, r := range d {
			if r.Metric == "rain_mm" {
				out += r.Value
			}
		}
	}
	return out
}

// What stands at noon, and what happens after it, is what a day from its start leaves behind.
func TestStandingGoesOn(t *testing.T) {
	w := newWorld(t, 3, 0.5)
	end := at(t, "20:00")
	for _, centre := range []string{"binh-long", "phuoc-long"} {
		f := feedOf(t, w, centre, Kafka)
		state := func(from string) map[string]string {
			out := map[string]schemas.Event{}
			for _, list := range [][]Emission{f.Standing(at(t, from)), f.History(at(t, from), end)} {
				for _, e := range decode(t, w, f, list, end) {
					name := entity(&e)
					if had, ok := out[name]; name != "" && (!ok || !e.Time.Before(had.Time)) {
						out[name] = e
					}
				}
			}
			ids := map[string]string{}
			for name, e := range out {
				ids[name] = e.ID
			}
			return ids
		}
		if diff := cmp.Diff(state("00:00"), state("12:00")); diff != "" {
			t.Errorf("%s: %s", f.Centre(), diff[:min(len(diff), 2000)])
		}
	}
}

func entity(e *schemas.Event) string {
	switch d := e.Data.(type) {
	case *schemas.Dossier:
		return d.DossierID
	case *schemas.Ticket:
		return d.TicketID
	case *schemas.Document:
		return d.DocumentID
	case *schemas.Meeting:
		return d.MeetingID
	case *schemas.Call:
		return d.CallID
	case *schemas.Procedure:
		return d.Procedure
	}
	return ""
}

func TestRateMultiplies(t *testing.T) {
	from, to := at(t, "09:00"), at(t, "09:02")
	events := func(rate float64) (n int) {
		for _, f := range newWorld(t, 5, rate).Feeds(from) {
			for _, m := range f.Between(from, to) {
				n += m.Events
			}
		}
		return n
	}
	one, two := events(1), events(2)
	t.Logf("%.1f events a second at rate 1", float64(one)/120)
	if one < 40*120 || one > 80*120 {
		t.Errorf("%d events in two minutes", one)
	}
	if ratio := float64(two) / float64(one); ratio < 1.9 || ratio > 2.1 {
		t.Errorf("rate 2 has %.2f times the events", ratio)
	}
}

func TestTextsAreNFC(t *testing.T) {
	raw, err := catalogueFiles.ReadFile("catalogue.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !norm.NFC.IsNormal(raw) || bytes.ContainsRune(raw, '\t') {
		t.Error("the catalogue is not in NFC")
	}
}

func TestCatalogueOfServices(t *testing.T) {
	w := newWorld(t, 1, 1)
	names := map[string]bool{}
	four, connected := 0, 0
	for _, s := range w.cat.services() {
		if names[s.Procedure] {
			t.Errorf("%q is there twice", s.Procedure)
		}
		names[s.Procedure] = true
		if s.Level == 4 {
			four++
			if s.Connected {
				connected++
			}
		}
		if s.Level < 2 || s.Level > 4 || strings.TrimSpace(s.Procedure) == "" {
			t.Errorf("%+v", s)
		}
	}
	if four != levelFour || connected < levelFour-10 || connected == levelFour {
		t.Errorf("%d of level 4, %d of them connected", four, connected)
	}
	if len(names) < levelFour+50 {
		t.Errorf("only %d entries", len(names))
	}
}
