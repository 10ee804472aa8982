// Package figures takes in tables of figures that a clerk uploads, and takes them back.
package figures

import (
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/binhphuoc/ioc/schemas"
)

// Limits of a file.
const (
	MaxBytes   = 5 << 20
	MaxRows    = 20_000
	MaxColumns = 64
)

// Indicator is one that figures may be given for.
type Indicator struct {
	Code string
	Name schemas.Text
}

// Table is a sheet of a file as it stands there, before anybody asks what it means.
type Table struct {
	Sheet string // empty: a CSV file has none
	Lines []Line
}

// Line is a row of a Table.
type Line struct {
	Number int // from 1, as the clerk's program counts
	Cells  []Cell
}

// Cell is one cell of a Table.
type Cell struct {
	Text   string           // as a person sees it
	Number *decimal.Decimal // of a cell that the program itself holds as a number: no writing is in doubt there
	Period string           // of a date: the period that it stands for
	Fault  *schemas.Text    // why nobody can tell what it says: merged, a formula without a value
	Note   *schemas.Text    // how it was read, where that is not evident
}

func (c Cell) empty() bool { return c.Text == "" && c.Number == nil && c.Fault == nil }

// Fault is why a file can't be read at all.
type Fault struct {
	Row int // 0: it is of the file as a whole
	schemas.Text
}

func (f *Fault) Error() string { return f.EN }

// column is what a column holds.
type column int

// The columns that a table may have.
const (
	colIndicator column = iota
	colPeriod
	colValue
	colTarget
	colIssuedBy
	colCentre
	columns // how many there are
)

// Columns are the heads of the columns, those first without which a table says nothing.
func Columns() []schemas.Text {
	return []schemas.Text{
		colIndicator: {VI: "Mã chỉ tiêu", EN: "Indicator"},
		colPeriod:    {VI: "Kỳ", EN: "Period"},
		colValue:     {VI: "Giá trị", EN: "Value"},
		colTarget:    {VI: "Mục tiêu", EN: "Target"},
		colIssuedBy:  {VI: "Cơ quan công bố", EN: "Issued by"},
		colCentre:    {VI: "Trung tâm", EN: "Centre"},
	}
}

// Letter names a column, from 0, as spreadsheets do.
func Letter(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return Letter(i/26-1) + string(rune('A'+i%26))
}

func text(vi, en string) schemas.Text { return schemas.Text{VI: vi, EN: en} }

func num(n int) string { return strconv.Itoa(n) }
