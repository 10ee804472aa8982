package report

import (
	"context"
	"slices"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas/say"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// Minutes is where the values that walls showed are kept.
type Minutes interface {
	// Minute returns the values at the end of a minute, with the states that were shown.
	Minute(ctx context.Context, minute time.Time) ([]wire.Value, error)
}

// Wall returns the values that were shown at the end of the minute that holds a moment.
func (a *Reports) Wall(ctx context.Context, scope query.Scope, at time.Time) ([]wire.Value, error) {
	vi, en := say.Moment(at, say.Vietnamese), say.Moment(at, say.English)
	if at.After(a.Now()) {
		return nil, query.Refuse(query.ErrBadRequest, "Thời điểm nhìn lại %[1]s còn ở phía trước.", "The moment to look back to, %[2]s, is yet to come.", vi, en)
	}
	values, err := a.Minutes.Minute(ctx, at.UTC().Truncate(time.Minute))
	if err != nil {
		return nil, err
	}
	if len(values) == 0 {
		return nil, query.Refuse(query.ErrNotFound, "Không có giá trị nào được lưu cho lúc %[1]s.", "No values were kept for %[2]s.", vi, en)
	}
	return slices.DeleteFunc(values, func(v wire.Value) bool { return !scope.Sees(v.Centre) }), nil
}
