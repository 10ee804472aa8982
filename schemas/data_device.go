package schemas

// maxRate bounds frame rates, bit rates, speeds and signal strengths.
const maxRate = 1e9

func (f fields) camera() *Camera {
	return &Camera{
		Status:      f.oneOf("status", "online", "degraded", "offline"),
		FPS:         f.optNumber("fps", 0, maxRate),
		BitrateKbps: f.optNumber("bitrate_kbps", 0, maxRate),
		Counts:      f.counts(),
		SpeedKmh:    f.optNumber("speed_kmh", 0, maxRate),
		Position:    f.position(),
	}
}

func (f fields) sensor() *Sensor {
	return &Sensor{
		Status:   f.oneOf("status", "online", "degraded", "offline"),
		Battery:  f.optNumber("battery", 0, 100),
		RSSI:     f.optNumber("rssi", -maxRate, maxRate),
		Position: f.position(),
	}
}
