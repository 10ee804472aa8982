package alarm

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

const (
	// massLeast and half of a kind make a failure of many: so many don't break one by one at the same time.
	massLeast = 10
	massShare = 0.5
	// massEnds is when it is over: with fewer left. Until then those that are left are still of the one failure.
	massEnds = 5
	// longSilent is for how long a device may be silent at least before it counts as down, whatever its interval.
	longSilent = time.Minute
)

// Device is a camera, a sensor or a gateway as it stands now.
type Device struct {
	Kind           wire.AlarmKind // camera or sensor
	Centre, Domain string
	Source         string
	Status         string    // that it said last; empty: nothing of late
	Heard          time.Time // when it was last heard
	Silent         bool      // it should have been heard by now
}

// Down tells whether it does not work.
func (d Device) Down(now time.Time) bool {
	return d.Status == "offline" || d.Silent && now.Sub(d.Heard) > longSilent
}

// failures are the conditions of feeds and devices, each with the one that explains it. What explains never lies in another
// centre, but for one below: who may see the one might not see the other.
type failures struct {
	registry *schemas.Registry
	now      time.Time
	many     map[string]bool // keys of failures of many that go on
	out      []Condition
	roots    map[[2]string]string // of the KPIs that count devices or feeds: by centre, and camera, sensor or feed
}

func findFailures(r *schemas.Registry, in Inputs, many map[string]bool) *failures {
	f := &failures{registry: r, now: in.At, many: many, roots: map[[2]string]string{}}
	f.devices(in.Devices, f.feeds(in.Feeds))
	return f
}

// feeds finds silent feeds and silent centres. It returns the key that explains all that belongs to a silent feed, by centre
// and domain. A feed that never sent anything is none that fell silent.
func (f *failures) feeds(feeds []wire.Feed) map[[2]string]string {
	heard, silent := map[string]int{}, map[string][]wire.Feed{}
	for _, feed := range feeds {
		if feed.NewestArrival == nil {
			continue
		}
		heard[feed.Centre]++
		if feed.State == wire.FeedSilent {
			silent[feed.Centre] = append(silent[feed.Centre], feed)
		}
	}
	explains := map[[2]string]string{}
	for _, centre := range slices.Sorted(maps.Keys(silent)) {
		root := ""
		if n := len(silent[centre]); n > 1 && n == heard[centre] {
			root = "centre/" + centre
			f.out = append(f.out, Condition{
				Key: root, Kind: wire.AlarmFeed, Centre: centre, Priority: 1, Delay: feedDelay, ClearDelay: feedClear,
				Title: schemas.Text{VI: f.place(centre).VI + ": mọi nguồn dữ liệu đều im lặng", EN: f.place(centre).EN + ": all feeds are silent"},
			})
		}
		for _, feed := range silent[centre] {
			key := "feed/" + centre + "/" + feed.Domain
			domain, _ := f.registry.Domain(feed.Domain)
			f.out = append(f.out, Condition{
				Key: key, Root: root, Kind: wire.AlarmFeed, Centre: centre, Domain: feed.Domain, Priority: 2, Delay: feedDelay, ClearDelay: feedClear,
				Title: schemas.Text{
					VI: fmt.Sprintf("%s: nguồn dữ liệu %s im lặng", f.place(centre).VI, domain.Name.VI),
					EN: fmt.Sprintf("%s: the feed %s is silent", f.place(centre).EN, domain.Name.EN),
				},
			})
			if root != "" {
				key = root
			}
			explains[[2]string{centre, feed.Domain}] = key
			f.roots[[2]string{centre, "feed"}] = key
		}
	}
	return explains
}

// devices finds those that are down: alone, behind a gateway that is down too, or many at once.
func (f *failures) devices(devices []Device, silent map[[2]string]string) {
	all := map[[2]string]int{}
	var down []Device
	dead := map[string]string{} // what explains what hangs on a gateway, by its source
	for _, d := range devices {
		all[[2]string{d.Centre, string(d.Kind)}]++
		if !d.Down(f.now) {
			continue
		}
		down = append(down, d)
		if f.registry.Gateway(d.Source) {
			dead[d.Source] = deviceKey(d)
			if root := silent[[2]string{d.Centre, d.Domain}]; root != "" {
				dead[d.Source] = root
			}
		}
	}
	alone := map[[2]string]int{}
	roots := make([]string, len(down))
	for i, d := range down {
		roots[i] = silent[[2]string{d.Centre, d.Domain}]
		if g, ok := f.registry.Behind(d.Source); ok && roots[i] == "" {
			roots[i] = dead[g]
		}
		if roots[i] == "" && dead[d.Source] == "" {
			alone[[2]string{d.Centre, string(d.Kind)}]++
		}
		if roots[i] != "" {
			f.roots[[2]string{d.Centre, string(d.Kind)}] = roots[i]
		}
	}
	for place, n := range all {
		key := manyKey(place)
		begins := alone[place] >= massLeast && float64(alone[place]) >= massShare*float64(n)
		f.many[key] = begins || f.many[key] && alone[place] >= massEnds
	}
	for i, d := range down {
		if place := [2]string{d.Centre, string(d.Kind)}; roots[i] == "" && dead[d.Source] == "" && f.many[manyKey(place)] {
			roots[i] = f.mass(place, d)
		}
		f.out = append(f.out, f.device(d, roots[i]))
	}
}

// mass is the key of a failure of many, which is made with the first of them.
func (f *failures) mass(place [2]string, d Device) string {
	key := manyKey(place)
	if f.roots[place] != key {
		f.roots[place] = key
		text := schemas.Text{VI: "%s: nhiều camera cùng mất kết nối", EN: "%s: many cameras are down at once"}
		if d.Kind == wire.AlarmSensor {
			text = schemas.Text{VI: "%s: nhiều cảm biến cùng mất kết nối", EN: "%s: many sensors are down at once"}
		}
		f.out = append(f.out, Condition{
			Key: key, Kind: d.Kind, Centre: d.Centre, Domain: d.Domain, Priority: 2, Delay: deviceDelay, ClearDelay: deviceClear,
			Title: schemas.Text{VI: fmt.Sprintf(text.VI, f.place(d.Centre).VI), EN: fmt.Sprintf(text.EN, f.place(d.Centre).EN)},
		})
	}
	return key
}

func manyKey(place [2]string) string { return "many/" + place[0] + "/" + place[1] }

func (f *failures) device(d Device, root string) Condition {
	c := Condition{
		Key: deviceKey(d), Root: root, Kind: d.Kind, Centre: d.Centre, Domain: d.Domain, Source: d.Source, Priority: 4, Delay: deviceDelay, ClearDelay: deviceClear,
	}
	what := schemas.Text{VI: "Camera", EN: "Camera"}
	switch {
	case f.registry.Gateway(d.Source):
		what = schemas.Text{VI: "Cổng kết nối", EN: "Gateway"}
		c.Priority, c.Delay, c.ClearDelay = 2, gatewayDelay, gatewayClear
	case d.Kind == wire.AlarmSensor:
		what = schemas.Text{VI: "Cảm biến", EN: "Sensor"}
	}
	how := schemas.Text{VI: "không có tín hiệu", EN: "is not heard"}
	if d.Status == "offline" {
		how = schemas.Text{VI: "báo mất kết nối", EN: "says it is offline"}
	}
	c.Title = schemas.Text{VI: what.VI + " " + d.Source + " " + how.VI, EN: what.EN + " " + d.Source + " " + how.EN}
	return c
}

func deviceKey(d Device) string { return string(d.Kind) + d.Source }

// place is the short name of a centre.
func (f *failures) place(code string) schemas.Text { return placeOf(f.registry, code) }

func placeOf(r *schemas.Registry, code string) schemas.Text {
	c, ok := r.Centre(code)
	switch {
	case !ok:
		return schemas.Text{VI: code, EN: code}
	case c.Short.VI != "":
		return c.Short
	default:
		return c.Name
	}
}
