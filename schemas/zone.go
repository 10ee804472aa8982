package schemas

import "time"

// Offset is how far the clocks of Asia/Ho_Chi_Minh are ahead of UTC: all year, since 1975 (IANA time zone database).
const Offset = 7 * time.Hour

// Zone is Asia/Ho_Chi_Minh, without the need for a table of time zones.
func Zone() *time.Location { return time.FixedZone("Asia/Ho_Chi_Minh", int(Offset/time.Second)) }
