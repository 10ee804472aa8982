package explain

import (
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
)

// Told names the fields that are told of each thing behind a KPI. What is not named here is never shown: payloads, free texts
// and labels may name people. Of texts that a centre makes up (topic, category) only codes are shown, of places three decimals.
func Told(k kpi.KPI) []string {
	switch k.Formula.Kind {
	case kpi.KindUp, kpi.KindDown:
		return []string{"domain", "status", "heard"}
	case kpi.KindFeed:
		return []string{"domain", "state", "interval_seconds", "sources", "silent_sources"}
	case kpi.KindLast, kpi.KindSumPerSource, kpi.KindAirQuality:
		return []string{"domain"}
	default:
		return toldOf(k.Formula.Of)
	}
}

func toldOf(of string) []string {
	switch of {
	case string(schemas.TypeDossier):
		return []string{"status", "procedure", "agency", "level", "channel", "received_at", "due_at", "completed_at", "paid_online", "digitised", "rating"}
	case string(schemas.TypeCall):
		return []string{"status", "topic", "queued_at", "answered_at", "ended_at", "rating"}
	case string(schemas.TypeTicket):
		return []string{"status", "kind", "channel", "agency", "topic", "received_at", "due_at", "resolved_at", "rating", "lat", "lon"}
	case string(schemas.TypeDocument):
		return []string{"direction", "agency", "signed", "at", "due_at", "done_at"}
	case string(schemas.TypeMeeting):
		return []string{"agency", "paperless", "at"}
	case string(schemas.TypeProcedure):
		return []string{"procedure", "agency", "level", "connected"}
	case string(schemas.TypeSecurity):
		return []string{"status", "severity", "category", "first_time", "blocked_at"}
	case string(schemas.TypeFigure):
		return []string{"indicator", "period", "value", "target", "issued_by"}
	case string(schemas.TypeReading):
		return []string{"metric", "value", "unit"}
	case string(schemas.TypeCamera):
		return []string{"status", "fps", "bitrate_kbps", "speed_kmh", "counts"}
	case string(schemas.TypeSensor):
		return []string{"status", "battery", "rssi"}
	case kpi.OfMeasure:
		return []string{"type", "domain"}
	case kpi.OfRejected:
		return []string{"code", "field", "domain", "transport", "type"}
	default:
		return nil
	}
}
