// Package schemas holds the words of the field: what an event is, how it is read, who sends it.
package schemas

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// Type is the short name of an event type, the TYPE of vn.binhphuoc.ioc.TYPE.v1.
type Type string

// The event types of the contract.
const (
	TypeReading   Type = "reading"
	TypeDossier   Type = "dossier"
	TypeCall      Type = "call"
	TypeTicket    Type = "ticket"
	TypeDocument  Type = "document"
	TypeMeeting   Type = "meeting"
	TypeProcedure Type = "procedure"
	TypeCamera    Type = "camera"
	TypeSensor    Type = "sensor"
	TypeSecurity  Type = "security"
	TypeFigure    Type = "figure"
)

// Types lists every event type, in the order of the contract.
func Types() []Type {
	return []Type{
		TypeReading, TypeDossier, TypeCall, TypeTicket, TypeDocument, TypeMeeting,
		TypeProcedure, TypeCamera, TypeSensor, TypeSecurity, TypeFigure,
	}
}

// Measured tells whether events of this type are measurements of a source (kept by time)
// and not states of a thing that has an identity of its own (kept by that identity).
func (t Type) Measured() bool {
	return t == TypeReading || t == TypeCamera || t == TypeSensor
}

// CloudEventType returns the value of the CloudEvents attribute "type".
func (t Type) CloudEventType() string { return "vn.binhphuoc.ioc." + string(t) + ".v1" }

// Event is one accepted event: all fields checked, text in NFC, times in UTC.
type Event struct {
	ID     string // unique within Source
	Source string // /CENTRE/DOMAIN/NAME
	Centre string // first part of Source: code of a centre in the registry
	Domain string // second part of Source: service, camera or sensor
	Type   Type
	Time   time.Time // when it happened, UTC, milliseconds
	// Revision is data.revision: between two events of one key the higher one wins, then the later Time.
	Revision uint16
	// Digest is a hash over the event's content. It decides between two events of one key
	// with the same revision and time, so that the order of arrival never does.
	Digest uint64
	Data   Data
}

// Key identifies the event: a 128-bit hash of (Source, ID). Two events with the same key are versions of one.
func (e *Event) Key() uuid.UUID {
	h := sha256.New()
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(e.Source)))
	h.Write(n[:]) // the length keeps ("a","bc") and ("ab","c") apart
	h.Write([]byte(e.Source))
	h.Write([]byte(e.ID))
	var k uuid.UUID
	copy(k[:], h.Sum(nil))
	return k
}

// Data is the content of one event: a pointer to one of the types below.
type Data interface{ eventData() }

// Readings is the data of a "reading" event; one with a single metric has one element.
type Readings []Reading

// Reading is one measured value.
type Reading struct {
	Metric string
	Value  float64
	Unit   string
	Dims   map[string]string // up to 8
}

// Dossier is one state of one administrative dossier.
type Dossier struct {
	DossierID   string
	Procedure   string
	Agency      string
	Level       uint8  // 2..4
	Channel     string // online, counter, post
	Status      string // received, processing, supplement, completed, returned, withdrawn
	ReceivedAt  time.Time
	DueAt       time.Time
	CompletedAt *time.Time
	PaidOnline  *bool
	Digitised   *bool
	Rating      *uint8 // 1..5
}

// Call is one state of one phone call to the 1022 hotline.
type Call struct {
	CallID     string
	Topic      string
	Status     string // waiting, answered, abandoned, ended
	QueuedAt   time.Time
	AnsweredAt *time.Time
	EndedAt    *time.Time
	Rating     *uint8 // 1..5
}

// Ticket is one state of one question, petition or field report.
type Ticket struct {
	TicketID   string
	Kind       string // question, petition, field_report
	Channel    string // phone, web, app, zalo, email
	Agency     string
	Topic      string
	Status     string // received, forwarded, resolved, reopened
	ReceivedAt time.Time
	DueAt      *time.Time
	ResolvedAt *time.Time
	Rating     *uint8 // 1..5
	Position
}

// Document is one state of one electronic document.
type Document struct {
	DocumentID string
	Agency     string
	Direction  string // in, out
	Signed     bool
	At         time.Time
	DueAt      *time.Time
	DoneAt     *time.Time
}

// Meeting is one meeting.
type Meeting struct {
	MeetingID string
	Agency    string
	Paperless bool
	At        time.Time
}

// Procedure is one entry of the catalogue of online services.
type Procedure struct {
	Procedure string
	Agency    string
	Level     uint8 // 2..4
	Connected bool  // to the national public service portal
}

// Camera is the heartbeat of one camera, with what it counted since the last one.
type Camera struct {
	Status      string // online, degraded, offline
	FPS         *float64
	BitrateKbps *float64
	Counts      map[string]uint32 // class of vehicle or person → number since the last event
	SpeedKmh    *float64
	Position
}

// Sensor is the heartbeat of one sensor or gateway; its values come as readings.
type Sensor struct {
	Status  string   // online, degraded, offline
	Battery *float64 // percent, 0..100
	RSSI    *float64 // dBm
	Position
}

// Security is one state of one finding of the security monitoring.
type Security struct {
	FindingID string
	Severity  uint8 // 1 (lowest) .. 5
	Category  string
	Status    string // open, blocked, closed
}

// Figure is one figure of the statistics, for a period.
type Figure struct {
	Indicator string
	Period    string // 2026, 2026-Q3, 2026-10
	Value     decimal.Decimal
	Target    *decimal.Decimal
	IssuedBy  string
	// Withdrawn takes back what the event's source has said under this id: the figure stands as if it never had.
	Withdrawn bool
}

// Position is a place in WGS 84 degrees; both or neither are set.
type Position struct{ Lat, Lon *float64 }

func (Readings) eventData()   {}
func (*Dossier) eventData()   {}
func (*Call) eventData()      {}
func (*Ticket) eventData()    {}
func (*Document) eventData()  {}
func (*Meeting) eventData()   {}
func (*Procedure) eventData() {}
func (*Camera) eventData()    {}
func (*Sensor) eventData()    {}
func (*Security) eventData()  {}
func (*Figure) eventData()    {}
