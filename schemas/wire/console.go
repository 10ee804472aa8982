package wire

import (
	"time"

	"github.com/binhphuoc/ioc/schemas"
)

// DeviceState says how a camera or a sensor stands. It is what the device said of itself, unless it is no longer heard.
type DeviceState string

// The states of a device, the worst first. A device that is silent or offline is not working: the KPIs count it the same way.
const (
	DeviceSilent   DeviceState = "silent"  // not heard within twice its domain's interval
	DeviceOffline  DeviceState = "offline" // says so itself, or its recorder does
	DeviceDegraded DeviceState = "degraded"
	DeviceOnline   DeviceState = "online"
)

// Device is a camera or a sensor, as it last spoke.
type Device struct {
	Source string      `json:"source"`
	Centre string      `json:"centre"`
	Domain string      `json:"domain"`
	State  DeviceState `json:"state"`
	Said   string      `json:"said"` // its status in its newest event; empty: that event is not kept any more
	// NewestEvent is the time of that event by the device's clock, NewestArrival when the newest delivery came.
	NewestEvent   time.Time `json:"newest_event"`
	NewestArrival time.Time `json:"newest_arrival"`
	FPS           *float64  `json:"fps"`
	BitrateKbps   *float64  `json:"bitrate_kbps"`
	SpeedKmh      *float64  `json:"speed_kmh"`
	Battery       *float64  `json:"battery"`
	RSSI          *float64  `json:"rssi"`
	Lat           *float64  `json:"lat"` // as told in the minute of the newest event
	Lon           *float64  `json:"lon"`
}

// DeviceCounts are how many devices stand how.
type DeviceCounts struct {
	Silent   int `json:"silent"`
	Offline  int `json:"offline"`
	Degraded int `json:"degraded"`
	Online   int `json:"online"`
}

// DeviceList is one page of devices, those that need attention first.
type DeviceList struct {
	Devices []Device     `json:"devices"`
	Counts  DeviceCounts `json:"counts"` // of all that the other filters admit, whatever their state
	Total   int          `json:"total"`  // of all pages
	Next    string       `json:"next"`   // where the next page begins; empty: there is none
}

// Ticket is a question, petition or field report as it stands. Of topics only codes are told, and of places three decimals
// (about a hundred metres): free texts and exact places may point at a person.
type Ticket struct {
	ID      string `json:"id"`
	Centre  string `json:"centre"`
	Kind    string `json:"kind"`
	Channel string `json:"channel"`
	Status  string `json:"status"`
	Agency  string `json:"agency"`
	// AgencyName is that of the registry of agencies; null: the code is not in it.
	AgencyName *schemas.Text `json:"agency_name"`
	Topic      string        `json:"topic"`
	Overdue    bool          `json:"overdue"` // as the KPI ticket.overdue counts it: questions never are
	ReceivedAt time.Time     `json:"received_at"`
	DueAt      *time.Time    `json:"due_at"`
	ResolvedAt *time.Time    `json:"resolved_at"`
	Rating     *uint8        `json:"rating"`
	Time       time.Time     `json:"time"` // of its newest state
	Lat        *float64      `json:"lat"`
	Lon        *float64      `json:"lon"`
}

// TicketCounts are how many tickets stand how.
type TicketCounts struct {
	Received  uint64 `json:"received"`
	Forwarded uint64 `json:"forwarded"`
	Reopened  uint64 `json:"reopened"`
	Resolved  uint64 `json:"resolved"`
	Overdue   uint64 `json:"overdue"` // they are counted above as well
}

// TicketList is one page of tickets.
type TicketList struct {
	Tickets []Ticket     `json:"tickets"`
	Counts  TicketCounts `json:"counts"` // of all that the filters of centre and kind admit
	Next    string       `json:"next"`   // where the next page begins; empty: there is none
}

// SourceMinute is what a source delivered in a minute, by the time of arrival.
type SourceMinute struct {
	At      time.Time `json:"at"`
	Events  uint64    `json:"events"`
	Repeats uint64    `json:"repeats"`
}

// SourceMetric is what a source measured over an hour.
type SourceMetric struct {
	Metric   string    `json:"metric"`
	Unit     string    `json:"unit"`
	Last     float64   `json:"last"`
	Least    float64   `json:"least"`
	Greatest float64   `json:"greatest"`
	Mean     float64   `json:"mean"`
	Values   uint64    `json:"values"`
	At       time.Time `json:"at"` // of the last one
}

// SourceChange is a change of what a source says of itself. The first in a list is how it stood when the hour began speaking.
type SourceChange struct {
	At     time.Time `json:"at"`
	Status string    `json:"status"`
	Before string    `json:"before"` // empty: the first that was heard in the hour
}

// SourceEvent is one event of a source, without its payload.
type SourceEvent struct {
	At      time.Time         `json:"at"`
	Arrived time.Time         `json:"arrived"`
	Type    string            `json:"type"`
	Entity  string            `json:"entity"` // id of the dossier, call or other thing; empty: a measurement
	Fields  map[string]string `json:"fields"` // what is told of it, by the names of the contract
}

// SourceHour is one source, and what it did in an hour.
type SourceHour struct {
	Source          string         `json:"source"`
	Centre          string         `json:"centre"`
	Domain          string         `json:"domain"`
	Types           []string       `json:"types"` // of events that it ever sent
	State           FeedState      `json:"state"` // now, whatever hour is asked for
	IntervalSeconds float64        `json:"interval_seconds"`
	FirstArrival    time.Time      `json:"first_arrival"`
	NewestArrival   time.Time      `json:"newest_arrival"`
	NewestEvent     time.Time      `json:"newest_event"`
	From            time.Time      `json:"from"`
	To              time.Time      `json:"to"`
	Minutes         []SourceMinute `json:"minutes"`
	Metrics         []SourceMetric `json:"metrics"`
	Changes         []SourceChange `json:"changes"` // the newest first
	Events          []SourceEvent  `json:"events"`  // the newest first
}

// FoundSource is a source whose name was found.
type FoundSource struct {
	Source      string    `json:"source"`
	Centre      string    `json:"centre"`
	Domain      string    `json:"domain"`
	NewestEvent time.Time `json:"newest_event"`
}

// FoundKPI is a KPI whose id or name was found.
type FoundKPI struct {
	ID   string       `json:"id"`
	Name schemas.Text `json:"name"`
}

// FoundThing is a dossier or a ticket whose id begins with what was looked for.
type FoundThing struct {
	Kind   string `json:"kind"`
	ID     string `json:"id"`
	Centre string `json:"centre"`
	Agency string `json:"agency"`
	// AgencyName is that of the registry of agencies; null: the code is not in it.
	AgencyName *schemas.Text `json:"agency_name"`
	Status     string        `json:"status"`
	Time       time.Time     `json:"time"` // of its newest state
}

// Found is what a search found, of each kind no more than was asked for.
type Found struct {
	Sources []FoundSource `json:"sources"`
	KPIs    []FoundKPI    `json:"kpis"`
	Things  []FoundThing  `json:"things"`
}

// What stands at a place.
const (
	PlaceCamera = "camera"
	PlaceSensor = "sensor"
	PlaceTicket = "ticket"
)

// Place is a point of the map.
type Place struct {
	Kind   string    `json:"kind"`
	ID     string    `json:"id"` // source of a device, id of a ticket
	Centre string    `json:"centre"`
	State  string    `json:"state"` // of a device as in DeviceState; of a ticket open or overdue
	Lat    float64   `json:"lat"`
	Lon    float64   `json:"lon"`
	At     time.Time `json:"at"` // of its newest event
}

// PlaceList are the points of the map: all devices that tell where they are, and the newest open tickets that do.
type PlaceList struct {
	Places   []Place `json:"places"`
	LeftOut  int     `json:"left_out"` // points beyond the bound
	Homeless int     `json:"homeless"` // devices that don't tell where they are
	Boundary bool    `json:"boundary"` // whether there is a boundary to draw
}
