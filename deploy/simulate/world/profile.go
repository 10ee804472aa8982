package world

// profile is the size of a centre: how much of everything it has on a working day.
type profile struct {
	provincial bool // watches the departments of the province, and issues its statistics

	cameras, junctions int // junctions of the cameras count vehicles
	firstCamera        int // number of the first camera
	air, rain, water   int // sensors of each kind
	gateways           int

	dossiers, calls, tickets, documents, meetings, findings float64 // a working day
	agents                                                  int     // who answer the hotline at the busiest time
	late                                                    float64 // share of the dossiers that miss their day

	binary      bool // sends dossiers in Kafka's binary mode
	sensorPause bool // its sensor feed goes silent for some minutes of each hour
	gatewayDown bool // one of its gateways fails every day
}

// profileOf returns the size of a centre. The cameras of the four centres of the province add up to 577, as published;
// a centre that nobody has described is a small town.
func profileOf(centre string, provincial bool) profile {
	switch {
	case provincial:
		return profile{
			provincial: true, cameras: 30, junctions: 6, firstCamera: 548, air: 1, rain: 4, water: 3, gateways: 2,
			dossiers: 500, calls: 640, tickets: 90, documents: 500, meetings: 18, findings: 12, agents: 6, late: 0.015,
		}
	case centre == "dong-xoai":
		return profile{
			cameras: 400, junctions: 48, firstCamera: 1, air: 7, rain: 4, water: 2, gateways: 3,
			dossiers: 560, calls: 110, tickets: 60, documents: 320, meetings: 12, findings: 4, agents: 2, late: 0.018,
		}
	case centre == "phuoc-long":
		return profile{
			cameras: 85, junctions: 24, firstCamera: 401, air: 4, rain: 4, water: 2, gateways: 2,
			dossiers: 300, calls: 60, tickets: 30, documents: 200, meetings: 8, findings: 2, agents: 2, late: 0.035,
			binary: true,
		}
	case centre == "binh-long":
		return profile{
			cameras: 62, junctions: 18, firstCamera: 486, air: 4, rain: 4, water: 1, gateways: 2,
			dossiers: 280, calls: 55, tickets: 28, documents: 180, meetings: 7, findings: 2, agents: 2, late: 0.02,
			sensorPause: true, gatewayDown: true,
		}
	default:
		return profile{
			cameras: 20, junctions: 4, firstCamera: 1, air: 2, rain: 2, water: 1, gateways: 1,
			dossiers: 120, calls: 25, tickets: 12, documents: 80, meetings: 4, findings: 1, agents: 2, late: 0.02,
		}
	}
}
