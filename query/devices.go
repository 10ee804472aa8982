package query

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// DevicesRequest asks for cameras or sensors. What is empty restricts nothing.
type DevicesRequest struct {
	Type   schemas.Type // camera or sensor
	Centre string       // that sends for them
	State  wire.DeviceState
	Text   string // that the source's name holds, in any case
	After  string // next of the page before
	Limit  int    // at most MaxDevices; 0: that many
}

// MaxDevices is the longest page of devices.
const MaxDevices = 500

// HourRequest asks what one source did in an hour.
type HourRequest struct {
	Source string
	To     time.Time // end of the hour
}

// DeviceStore is where cameras, sensors and all other sources are read. No centres: those of all.
type DeviceStore interface {
	// Devices returns the devices of a type that were heard in the last 30 days, without their states.
	Devices(ctx context.Context, t schemas.Type, centres []string, now time.Time) ([]wire.Device, error)
	// SourceHour returns what a source did in an hour; ErrNotFound when it was not heard in the last 30 days.
	SourceHour(ctx context.Context, source string, from, to, now time.Time) (wire.SourceHour, error)
}

// Devices answers what is asked of cameras, sensors and single sources.
type Devices struct {
	Store    DeviceStore
	Registry *schemas.Registry
	Now      func() time.Time
}

// List returns a page of devices, those that need attention first. They are judged anew for each page.
func (a *Devices) List(ctx context.Context, scope Scope, r DevicesRequest) (wire.DeviceList, error) {
	out := wire.DeviceList{Devices: []wire.Device{}}
	from, err := r.check()
	if err != nil {
		return out, err
	}
	all, err := a.judged(ctx, scope, r.Type, r.Centre)
	if err != nil {
		return out, err
	}
	text := strings.ToLower(r.Text)
	all = slices.DeleteFunc(all, func(d wire.Device) bool { return !strings.Contains(strings.ToLower(d.Source), text) })
	out.Counts = countDevices(all)
	all = slices.DeleteFunc(all, func(d wire.Device) bool { return r.State != "" && d.State != r.State })
	slices.SortFunc(all, func(a, b wire.Device) int {
		return cmp.Or(cmp.Compare(deviceRank(a.State), deviceRank(b.State)), cmp.Compare(a.Source, b.Source))
	})
	out.Total = len(all)
	page, next := pageOf(all, from, r.Limit)
	out.Devices, out.Next = append(out.Devices, page...), next
	return out, nil
}

// check fills in what was left out, and returns where the page begins.
func (r *DevicesRequest) check() (from int, err error) {
	if r.Limit <= 0 || r.Limit > MaxDevices {
		r.Limit = MaxDevices
	}
	if from, err = pageStart(r.After); err != nil {
		return 0, err
	}
	switch {
	case r.Type != schemas.TypeCamera && r.Type != schemas.TypeSensor:
		return 0, fmt.Errorf("%w: type is %q, want camera or sensor", ErrBadRequest, r.Type)
	case r.State != "" && deviceRank(r.State) == 0:
		return 0, fmt.Errorf("%w: state is %q, want silent, offline, degraded or online", ErrBadRequest, r.State)
	}
	return from, nil
}

// judged reads the devices of a type that the reader may see, each with its state.
func (a *Devices) judged(ctx context.Context, scope Scope, t schemas.Type, centre string) ([]wire.Device, error) {
	centres, err := scope.within(centre)
	if err != nil || centres != nil && len(centres) == 0 {
		return nil, err
	}
	now := a.Now()
	all, err := a.Store.Devices(ctx, t, centres, now)
	for i := range all {
		all[i].State = a.state(&all[i], now)
	}
	return all, err
}

// state judges a device the way the KPIs of cameras and sensors do, so that a list and a number agree.
func (a *Devices) state(d *wire.Device, now time.Time) wire.DeviceState {
	interval := time.Minute
	if domain, ok := a.Registry.Domain(d.Domain); ok {
		interval = domain.Interval
	}
	switch {
	case d.Said == "" || d.NewestEvent.Before(now.Add(-2*interval)):
		return wire.DeviceSilent
	case deviceRank(wire.DeviceState(d.Said)) == 0:
		return wire.DeviceOnline
	default:
		return wire.DeviceState(d.Said)
	}
}

// deviceRank orders states, the worst first; 0: there is no such state.
func deviceRank(s wire.DeviceState) int {
	return slices.Index([]wire.DeviceState{wire.DeviceSilent, wire.DeviceOffline, wire.DeviceDegraded, wire.DeviceOnline}, s) + 1
}

func countDevices(all []wire.Device) (n wire.DeviceCounts) {
	for _, d := range all {
		switch d.State {
		case wire.DeviceSilent:
			n.Silent++
		case wire.DeviceOffline:
			n.Offline++
		case wire.DeviceDegraded:
			n.Degraded++
		case wire.DeviceOnline:
			n.Online++
		}
	}
	return n
}

// Hour returns one source, and what it did in the hour before a moment.
func (a *Devices) Hour(ctx context.Context, scope Scope, r HourRequest) (wire.SourceHour, error) {
	part := strings.SplitN(r.Source, "/", 4)
	if len(part) != 4 || part[0] != "" || !scope.Sees(part[1]) {
		return wire.SourceHour{}, ErrNotFound
	}
	now := a.Now()
	if r.To.IsZero() {
		r.To = now
	}
	// The running minute is in it: what came a second ago is what an operator looks for.
	to := r.To.UTC().Truncate(time.Minute).Add(time.Minute)
	return a.Store.SourceHour(ctx, r.Source, to.Add(-time.Hour), to, now)
}
