package schemas

import (
	"fmt"
	"regexp"
)

const (
	longestID   = 128
	longestText = 200
	mostReading = 1e15
	most        = 1e9 // of frame rates, bit rates, speeds and signal strengths
)

// readData reads the data of an event of this type.
func readData(t Type, f *fields) Data {
	switch t {
	case TypeReading:
		return readings(f)
	case TypeDossier:
		return dossier(f)
	case TypeCall:
		return call(f)
	case TypeTicket:
		return ticket(f)
	case TypeDocument:
		return document(f)
	case TypeMeeting:
		return meeting(f)
	case TypeProcedure:
		return procedure(f)
	case TypeCamera:
		return camera(f)
	case TypeSensor:
		return sensor(f)
	case TypeSecurity:
		return security(f)
	default:
		return figure(f)
	}
}

// or returns what a pointer points to, or the zero value: after a fault, the value is not used.
func or[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

func readings(f *fields) Data {
	list := f.find("readings", false, '[')
	if list == nil {
		return Readings{reading(f)}
	}
	if f.object.get("metric") != nil {
		f.fail(CodeOutOfRange, "readings", "Dữ liệu có cả metric lẫn readings: chỉ gửi một trong hai.", "The data has both metric and readings: send one of them.")
		return nil
	}
	if len(list.items) == 0 || len(list.items) > 1000 {
		f.outOfRange("readings", fmt.Sprint(len(list.items), " items"), "1", "1000")
		return nil
	}
	out := make(Readings, 0, len(list.items))
	for i := range list.items {
		inner := fields{object: &list.items[i], path: fmt.Sprintf("%sreadings[%d].", f.path, i)}
		if list.items[i].kind != '{' {
			f.fail(CodeWrongType, fmt.Sprintf("readings[%d]", i), fmt.Sprintf("%sreadings[%d] phải là đối tượng.", f.path, i), fmt.Sprintf("%sreadings[%d] must be an object.", f.path, i))
			return nil
		}
		out = append(out, reading(&inner))
		if inner.fault != nil {
			f.fault = inner.fault
			return nil
		}
	}
	return out
}

func reading(f *fields) Reading {
	return Reading{
		Metric: f.code("metric", 64), Value: or(f.number("value", true, -mostReading, mostReading)),
		Unit: f.text("unit", false, 32), Dims: f.dims("dims"),
	}
}

func dossier(f *fields) Data {
	return &Dossier{
		DossierID: f.text("dossier_id", true, longestID), Procedure: f.text("procedure", true, longestText), Agency: f.text("agency", true, longestText),
		Level: or(f.small("level", true, 2, 4)), Channel: f.oneOf("channel", "online", "counter", "post"),
		Status:     f.oneOf("status", "received", "processing", "supplement", "completed", "returned", "withdrawn"),
		ReceivedAt: or(f.moment("received_at", true)), DueAt: or(f.moment("due_at", true)), CompletedAt: f.moment("completed_at", false),
		PaidOnline: f.flag("paid_online", false), Digitised: f.flag("digitised", false), Rating: f.small("rating", false, 1, 5),
	}
}

func call(f *fields) Data {
	return &Call{
		CallID: f.text("call_id", true, longestID), Topic: f.text("topic", false, longestText),
		Status:   f.oneOf("status", "waiting", "answered", "abandoned", "ended"),
		QueuedAt: or(f.moment("queued_at", true)), AnsweredAt: f.moment("answered_at", false), EndedAt: f.moment("ended_at", false),
		Rating: f.small("rating", false, 1, 5),
	}
}

func ticket(f *fields) Data {
	return &Ticket{
		TicketID: f.text("ticket_id", true, longestID), Kind: f.oneOf("kind", "question", "petition", "field_report"),
		Channel: f.oneOf("channel", "phone", "web", "app", "zalo", "email"), Agency: f.text("agency", false, longestText),
		Topic: f.text("topic", true, longestText), Status: f.oneOf("status", "received", "forwarded", "resolved", "reopened"),
		ReceivedAt: or(f.moment("received_at", true)), DueAt: f.moment("due_at", false), ResolvedAt: f.moment("resolved_at", false),
		Rating: f.small("rating", false, 1, 5), Position: f.position(),
	}
}

func document(f *fields) Data {
	return &Document{
		DocumentID: f.text("document_id", true, longestID), Agency: f.text("agency", true, longestText), Direction: f.oneOf("direction", "in", "out"),
		Signed: or(f.flag("signed", true)), At: or(f.moment("at", true)), DueAt: f.moment("due_at", false), DoneAt: f.moment("done_at", false),
	}
}

func meeting(f *fields) Data {
	return &Meeting{
		MeetingID: f.text("meeting_id", true, longestID), Agency: f.text("agency", true, longestText),
		Paperless: or(f.flag("paperless", true)), At: or(f.moment("at", true)),
	}
}

func procedure(f *fields) Data {
	return &Procedure{
		Procedure: f.text("procedure", true, longestText), Agency: f.text("agency", true, longestText),
		Level: or(f.small("level", true, 2, 4)), Connected: or(f.flag("connected", true)),
	}
}

func camera(f *fields) Data {
	return &Camera{
		Status: f.oneOf("status", "online", "degraded", "offline"), FPS: f.number("fps", false, 0, most),
		BitrateKbps: f.number("bitrate_kbps", false, 0, most), Counts: f.counts("counts"), SpeedKmh: f.number("speed_kmh", false, 0, most),
		Position: f.position(),
	}
}

func sensor(f *fields) Data {
	return &Sensor{
		Status: f.oneOf("status", "online", "degraded", "offline"), Battery: f.number("battery", false, 0, 100),
		RSSI: f.number("rssi", false, -most, most), Position: f.position(),
	}
}

func security(f *fields) Data {
	return &Security{
		FindingID: f.text("finding_id", true, longestID), Severity: or(f.small("severity", true, 1, 5)),
		Category: f.text("category", true, longestText), Status: f.oneOf("status", "open", "blocked", "closed"),
	}
}

var period = regexp.MustCompile(`^[0-9]{4}(-(Q[1-4]|0[1-9]|1[0-2]))?$`) //nolint:gochecknoglobals // compiled once

func figure(f *fields) Data {
	d := &Figure{Indicator: f.code("indicator", 64), Period: f.text("period", true, 7)}
	if f.fault == nil && !period.MatchString(d.Period) {
		f.fail(CodeOutOfRange, "period", fmt.Sprintf("Kỳ %q không hợp lệ: cần năm (2026), quý (2026-Q3) hoặc tháng (2026-10).", d.Period),
			fmt.Sprintf("The period %q is not valid: a year (2026), a quarter (2026-Q3) or a month (2026-10) is needed.", d.Period))
	}
	d.Value, d.Target = or(f.exact("value", true)), f.exact("target", false)
	d.IssuedBy = f.text("issued_by", true, longestText)
	return d
}
