package wire

import (
	"encoding/json"
	"time"

	"github.com/binhphuoc/ioc/schemas"
)

// What an upload does, or would do, to one figure.
const (
	FigureNew       = "new"       // nothing stood there
	FigureCorrected = "corrected" // something else stood there
	FigureUnchanged = "unchanged" // the same stood there
	FigureRefused   = "refused"
)

// The states of an upload.
const (
	UploadPreview   = "preview"   // nothing is written, because nobody asked for that
	UploadRefused   = "refused"   // nothing is written, because of its errors
	UploadUnchanged = "unchanged" // nothing is written, because all of it stood there already
	UploadWriting   = "writing"   // it is being written, or whoever wrote it died
	UploadWritten   = "written"
	UploadUndone    = "undone"
)

// FigureProblem is one thing that is wrong in a file.
type FigureProblem struct {
	Sheet    string       `json:"sheet"`  // empty: of a CSV file, or of the file as a whole
	Row      int          `json:"row"`    // from 1; 0: the file as a whole
	Column   string       `json:"column"` // a letter, as spreadsheets name columns; empty: the row as a whole
	Sentence schemas.Text `json:"sentence"`
}

// FigureStanding is what stands for one figure.
type FigureStanding struct {
	Value    json.Number  `json:"value"`
	Target   *json.Number `json:"target"`
	IssuedBy string       `json:"issued_by"`
	Source   string       `json:"source"` // whose event said so
	At       time.Time    `json:"at"`
}

// FigureRow is one row of a file.
type FigureRow struct {
	Sheet     string          `json:"sheet"`
	Row       int             `json:"row"`
	Centre    string          `json:"centre"`
	Indicator string          `json:"indicator"`
	Name      schemas.Text    `json:"name"` // of the indicator
	Period    string          `json:"period"`
	Value     *json.Number    `json:"value"`
	Target    *json.Number    `json:"target"`
	IssuedBy  string          `json:"issued_by"`
	Change    string          `json:"change"`
	Old       *FigureStanding `json:"old"`   // what stood before; null: nothing
	Notes     []schemas.Text  `json:"notes"` // how a cell was read, where that is not evident
	Problems  []FigureProblem `json:"problems"`
}

// FigureUpload is one file of figures, and what came of it.
type FigureUpload struct {
	ID        string          `json:"id"` // empty: nothing is kept of it
	At        time.Time       `json:"at"`
	By        string          `json:"by"`
	File      string          `json:"file"`
	SHA256    string          `json:"sha256"`
	State     string          `json:"state"`
	Decimal   string          `json:"decimal"` // decimal sign of the numbers that are written as text; empty: nothing told
	Centres   []string        `json:"centres"`
	Rows      int             `json:"rows"`
	New       int             `json:"new"`
	Corrected int             `json:"corrected"`
	Unchanged int             `json:"unchanged"`
	Refused   int             `json:"refused"`
	UndoneAt  *time.Time      `json:"undone_at"`
	UndoneBy  string          `json:"undone_by"`
	Problems  []FigureProblem `json:"problems"` // of the file as a whole: with one, no row is taken
	Results   []FigureRow     `json:"results"`  // empty in a list
}

// FigureUploadList is the newest uploads.
type FigureUploadList struct {
	Uploads []FigureUpload `json:"uploads"`
}

// FigureConflict is a figure that is no longer as the upload has left it.
type FigureConflict struct {
	Centre    string          `json:"centre"`
	Indicator string          `json:"indicator"`
	Period    string          `json:"period"`
	Value     *json.Number    `json:"value"` // that the upload had written
	Now       *FigureStanding `json:"now"`   // null: nothing stands any more
}

// FigureUndo is what came of taking an upload back.
type FigureUndo struct {
	ID        string           `json:"id"`
	Restored  int              `json:"restored"`  // figures for which something stands again that stood before
	Withdrawn int              `json:"withdrawn"` // figures for which nothing had stood
	Kept      int              `json:"kept"`      // rows that had written nothing
	Conflicts []FigureConflict `json:"conflicts"` // unless it was forced, one of them is enough to leave everything as it is
}

// FigureUploadProblem is a problem with the upload that it is about.
type FigureUploadProblem struct {
	Problem
	Upload FigureUpload `json:"upload"`
}

// FigureUndoProblem is a problem with the undo that it is about.
type FigureUndoProblem struct {
	Problem
	Undo FigureUndo `json:"undo"`
}
