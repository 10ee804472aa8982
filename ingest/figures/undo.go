package figures

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// What an undo may be refused for.
var (
	// ErrNotFound says that there is no such upload for this clerk.
	ErrNotFound = errors.New("no such upload")
	// ErrUndone says that the upload was taken back before.
	ErrUndone = errors.New("the upload was undone before")
	// ErrConflict says that figures have changed since the upload.
	ErrConflict = errors.New("figures have changed since the upload")
)

// List returns the newest uploads that a clerk may see, without their rows.
func (d *Desk) List(ctx context.Context, c Clerk, limit int) ([]Upload, error) {
	all, err := d.o.Store.Uploads(ctx, uuid.Nil, limit)
	if err != nil {
		return nil, err
	}
	var out []Upload
	for _, u := range all {
		if u.seenBy(c) {
			out = append(out, u)
		}
	}
	return out, nil
}

// Get returns an upload with its rows.
func (d *Desk) Get(ctx context.Context, c Clerk, id uuid.UUID) (Upload, error) {
	list, err := d.o.Store.Uploads(ctx, id, 1)
	if err != nil {
		return Upload{}, err
	}
	if len(list) == 0 || !list[0].seenBy(c) {
		return Upload{}, ErrNotFound
	}
	return list[0], nil
}

// seenBy tells whether a clerk may see the upload: all of it, or nothing.
func (u *Upload) seenBy(c Clerk) bool {
	for _, centre := range u.Centres {
		if !c.May(centre) {
			return false
		}
	}
	return true
}

// Undo brings back what stood before an upload. What uploads had said before they say again, with the time that it had, or
// they take back what they said: who has the last word on the figure then is decided as ever. A figure that was changed
// since is a conflict: with one, nothing is undone, unless it is forced. What was said longer ago than events may lie back
// can't be said again: that is a Fault.
func (d *Desk) Undo(ctx context.Context, c Clerk, id uuid.UUID, force bool) (wire.FigureUndo, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := wire.FigureUndo{ID: id.String(), Conflicts: []wire.FigureConflict{}}
	u, err := d.Get(ctx, c, id)
	if err != nil {
		return out, err
	}
	if u.State == wire.UploadUndone {
		return out, ErrUndone
	}
	now := d.o.Now().UTC().Truncate(time.Millisecond)
	batch, err := d.reverse(ctx, &u, force, now, &out)
	if err != nil {
		return out, err
	}
	if len(out.Conflicts) > 0 && !force {
		return out, ErrConflict
	}
	if len(batch.Events) > 0 {
		if err := d.o.Sink.Write(ctx, batch); err != nil {
			return out, fmt.Errorf("write %d figures back: %w", len(batch.Events), err)
		}
	}
	u.State, u.UndoneAt, u.UndoneBy, u.Rows = wire.UploadUndone, &now, c.Name, nil
	if err := d.o.Store.KeepUpload(ctx, &u); err != nil {
		return out, fmt.Errorf("keep upload %s as undone: %w", u.ID, err)
	}
	return out, nil
}

// reverse makes the events that undo an upload, and counts what they do.
func (d *Desk) reverse(ctx context.Context, u *Upload, force bool, now time.Time, out *wire.FigureUndo) (*ingest.Batch, error) {
	var keys []Key
	for i := range u.Rows {
		if u.Rows[i].writes() {
			keys = append(keys, u.Rows[i].key())
		}
	}
	standings, err := d.o.Store.Standings(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("look up what stands: %w", err)
	}
	batch := &ingest.Batch{}
	for i := range u.Rows {
		r := &u.Rows[i]
		s := standings[r.key()]
		switch {
		case !r.writes(), s.Own.same(r.Had): // it wrote nothing here, or was undone here before
			out.Kept++
			continue
		case !s.Own.same(r.wrote()) || s.Now == nil || s.Now.Source != Source(r.Centre):
			value := number(*r.Value)
			out.Conflicts = append(out.Conflicts, wire.FigureConflict{
				Centre: r.Centre, Indicator: r.Indicator, Period: r.Period, Value: &value, Now: wireSaid(s.Now),
			})
			if !force {
				continue
			}
		}
		if refusal := d.add(batch, r.key(), r.Had, s.Revision+1, now); refusal != nil {
			return nil, &Fault{Row: r.Line, Text: text(
				"Không hoàn tác được "+r.Indicator+" kỳ "+r.Period+": "+refusal.VI, r.Indicator+" of "+r.Period+" can't be brought back: "+refusal.EN,
			)}
		}
		if r.Old == nil {
			out.Withdrawn++
		} else {
			out.Restored++
		}
	}
	return batch, nil
}
