package kpi

import (
	"maps"

	"github.com/binhphuoc/ioc/schemas"
)

// What formulas can count besides the event types.
const (
	OfMeasure  = "measure"  // the measurements of every type: readings, cameras, sensors
	OfRejected = "rejected" // refused events
)

// ValueType is what the value of a field or of an expression is.
type ValueType string

// The types of values.
const (
	TypeText   ValueType = "text"
	TypeNumber ValueType = "number"
	TypeBool   ValueType = "yes or no"
	TypeTime   ValueType = "time"
	TypeCounts ValueType = "map of numbers" // a class that is not in it counts 0
	TypeLabels ValueType = "map of texts"   // a label that is not in it is ""
)

// FieldType is the type of a field.
type FieldType struct {
	Is ValueType
	// Nullable fields can be unknown. A text is never nil: an unknown one is "".
	Nullable bool
}

// Fields returns the fields that expressions about this kind of thing can name; nil for an unknown kind of thing.
func Fields(of string) map[string]FieldType {
	text, number, yes, moment := FieldType{Is: TypeText}, FieldType{Is: TypeNumber}, FieldType{Is: TypeBool}, FieldType{Is: TypeTime}
	state := func(fields map[string]FieldType) map[string]FieldType {
		fields["entity"] = text // the identity within its type and centre, such as the dossier's number
		fields["time"] = moment // of the newest state
		return fields
	}
	measurement := func(fields map[string]FieldType) map[string]FieldType {
		maps.Copy(fields, map[string]FieldType{"source": text, "domain": text, "time": moment, "arrived": moment})
		return fields
	}
	switch of {
	case string(schemas.TypeDossier):
		return state(map[string]FieldType{
			"status": text, "procedure": text, "agency": text, "level": number, "channel": text,
			"received_at": moment, "due_at": moment, "completed_at": nullable(moment),
			"paid_online": nullable(yes), "digitised": nullable(yes), "rating": nullable(number),
		})
	case string(schemas.TypeCall):
		return state(map[string]FieldType{
			"topic": text, "status": text, "queued_at": moment, "answered_at": nullable(moment),
			"ended_at": nullable(moment), "rating": nullable(number),
		})
	case string(schemas.TypeTicket):
		return state(map[string]FieldType{
			"kind": text, "channel": text, "agency": text, "topic": text, "status": text, "received_at": moment,
			"due_at": nullable(moment), "resolved_at": nullable(moment), "rating": nullable(number),
		})
	case string(schemas.TypeDocument):
		return state(map[string]FieldType{
			"agency": text, "direction": text, "signed": yes, "at": moment,
			"due_at": nullable(moment), "done_at": nullable(moment),
		})
	case string(schemas.TypeMeeting):
		return state(map[string]FieldType{"agency": text, "paperless": yes, "at": moment})
	case string(schemas.TypeProcedure):
		return state(map[string]FieldType{"procedure": text, "agency": text, "level": number, "connected": yes})
	case string(schemas.TypeSecurity):
		return state(map[string]FieldType{
			"severity": number, "category": text, "status": text,
			"blocked_at": nullable(moment), // of the first state that says so
			"first_time": moment,           // of the first state
		})
	case string(schemas.TypeFigure):
		return map[string]FieldType{"indicator": text, "period": text, "value": number, "target": nullable(number)}
	case string(schemas.TypeReading):
		return measurement(map[string]FieldType{"metric": text, "value": number, "unit": text, "dims": {Is: TypeLabels}})
	case string(schemas.TypeCamera):
		return measurement(map[string]FieldType{
			"status": text, "fps": nullable(number), "bitrate_kbps": nullable(number),
			"speed_kmh": nullable(number), "counts": {Is: TypeCounts},
		})
	case string(schemas.TypeSensor):
		return measurement(map[string]FieldType{"status": text, "battery": nullable(number), "rssi": nullable(number)})
	case OfMeasure:
		return measurement(map[string]FieldType{"type": text})
	case OfRejected:
		return map[string]FieldType{"code": text, "centre": text, "transport": text, "arrived": moment}
	default:
		return nil
	}
}

func nullable(t FieldType) FieldType {
	t.Nullable = true
	return t
}

// things lists all that formulas can count.
func things() []string {
	out := make([]string, 0, len(schemas.Types())+2)
	for _, t := range schemas.Types() {
		out = append(out, string(t))
	}
	return append(out, OfMeasure, OfRejected)
}

func measured(of string) bool { return of == OfMeasure || schemas.Type(of).Measured() }
