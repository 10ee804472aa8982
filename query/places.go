package query

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// MaxPlaces is how many points a map has at most.
const MaxPlaces = 5000

// Places answers what stands where.
type Places struct {
	Devices *Devices
	Tickets *Tickets
}

// List returns the points of the map: cameras and sensors first, then the newest open tickets. A centre restricts it to what that one sent.
func (a *Places) List(ctx context.Context, scope Scope, centre string) (wire.PlaceList, error) {
	out := wire.PlaceList{Places: []wire.Place{}}
	types := []schemas.Type{schemas.TypeCamera, schemas.TypeSensor}
	devices := make([][]wire.Device, len(types))
	var tickets wire.TicketList
	work, inner := errgroup.WithContext(ctx)
	for i, t := range types {
		work.Go(func() (err error) {
			devices[i], err = a.Devices.judged(inner, scope, t, centre)
			return err
		})
	}
	work.Go(func() (err error) {
		tickets, err = a.Tickets.List(inner, scope, TicketsRequest{Centre: centre, Status: TicketsOpen, Placed: true})
		return err
	})
	if err := work.Wait(); err != nil {
		return out, err
	}
	for i, t := range types {
		for _, d := range devices[i] {
			if d.Lat == nil || d.Lon == nil {
				out.Homeless++
				continue
			}
			out.Places = append(out.Places, wire.Place{
				Kind: string(t), ID: d.Source, Centre: d.Centre, State: string(d.State), Lat: *d.Lat, Lon: *d.Lon, At: d.NewestEvent,
			})
		}
	}
	for _, t := range tickets.Tickets {
		state := TicketsOpen
		if t.Overdue {
			state = "overdue"
		}
		out.Places = append(out.Places, wire.Place{
			Kind: wire.PlaceTicket, ID: t.ID, Centre: t.Centre, State: state, Lat: *t.Lat, Lon: *t.Lon, At: t.Time,
		})
	}
	if len(out.Places) > MaxPlaces {
		out.LeftOut = len(out.Places) - MaxPlaces
		out.Places = out.Places[:MaxPlaces]
	}
	return out, nil
}
