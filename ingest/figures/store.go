package figures

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/binhphuoc/ioc/schemas/wire"
)

// Key names a figure.
type Key struct{ Centre, Indicator, Period string }

// ID is the event id of a clerk's figure: there is one event for each, and corrections are revisions of it.
func (k Key) ID() string { return k.Indicator + "@" + k.Period }

// Source is the source of all that clerks say of a centre.
func Source(centre string) string { return "/" + centre + "/service/figures" }

// Said is what somebody has said of a figure.
type Said struct {
	Time     time.Time
	Value    decimal.Decimal
	Target   *decimal.Decimal
	IssuedBy string
	Source   string
}

// same tells whether both are one and the same statement.
func (s *Said) same(t *Said) bool {
	if s == nil || t == nil {
		return s == t
	}
	return s.Time.Equal(t.Time) && s.Value.Equal(t.Value) && s.IssuedBy == t.IssuedBy && sameNumber(s.Target, t.Target)
}

func sameNumber(a, b *decimal.Decimal) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// Standing is how a figure stands.
type Standing struct {
	Now      *Said // that counts, whoever has said it; nil: nothing does
	Own      *Said // by clerks; nil: nothing, or they took it back
	Revision int   // of the clerks' event; -1: there is none
}

// UploadRow is a row of an upload, with what stood before it.
type UploadRow struct {
	Row
	Sheet, Change string
	Time          time.Time // of the event that was written
	Had           *Said     // by clerks; without its Source
	Old           *Said     // by whomever
}

func (r *UploadRow) key() Key { return Key{r.Centre, r.Indicator, r.Period} }

// wrote is what the upload has said.
func (r *UploadRow) wrote() *Said {
	if r.Value == nil {
		return nil
	}
	return &Said{Time: r.Time, Value: *r.Value, Target: r.Target, IssuedBy: r.IssuedBy}
}

// writes tells whether the row is one that an upload writes.
func (r *UploadRow) writes() bool {
	return r.Change == wire.FigureNew || r.Change == wire.FigureCorrected
}

// Upload is a file that was uploaded.
type Upload struct {
	ID                                        uuid.UUID
	At                                        time.Time
	By, File, SHA256, Decimal                 string
	Centres                                   []string
	Lines, New, Corrected, Unchanged, Refused int
	State                                     string
	UndoneAt                                  *time.Time
	UndoneBy                                  string
	Rows                                      []UploadRow
	Problems                                  []wire.FigureProblem // never kept: with one, nothing is
}

// Store keeps uploads, and knows what stands.
type Store interface {
	Standings(ctx context.Context, keys []Key) (map[Key]Standing, error)
	// KeepUpload keeps an upload; of one that is kept already, a later state.
	KeepUpload(ctx context.Context, u *Upload) error
	// Uploads returns one upload with its rows, or with no id the newest ones, up to limit, without.
	Uploads(ctx context.Context, id uuid.UUID, limit int) ([]Upload, error)
}
