package xlsx

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/binhphuoc/ioc/ingest/figures"
	"github.com/binhphuoc/ioc/schemas"
)

// Limits of what a file may unpack to. A sheet of 20,000 rows and 8 columns takes about 8 MiB.
const (
	maxParts  = 500
	maxAll    = 48 << 20
	maxSheet  = 32 << 20
	maxOther  = 16 << 20 // one part that is no sheet
	maxCells  = 400_000
	maxMerges = 200
	// lastRow leaves room for a title above, and for the head.
	lastRow = figures.MaxRows + 20
)

// guard refuses a file that would unpack to more than it looks. A sheet of a few kilobytes can name a cell in the last
// column of the last row, and the library makes room for all before it: so the places are looked at first.
func guard(data []byte) error {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(z.File) > maxParts {
		return broken()
	}
	var all uint64
	for _, f := range z.File {
		most := uint64(maxOther)
		if isSheet(f.Name) {
			most = maxSheet
		}
		// The reader holds a part to the size that it declares.
		if all += f.UncompressedSize64; f.UncompressedSize64 > most || all > maxAll {
			return &figures.Fault{Text: schemas.Text{
				VI: "Tệp bung ra quá lớn: hãy chép riêng bảng số liệu sang một tệp mới.", EN: "The file unpacks to too much: copy the table of figures alone into a new file.",
			}}
		}
	}
	for _, f := range z.File {
		// A workbook may have its sheets under any name.
		if err := guardSheet(f); err != nil && (isSheet(f.Name) || !errors.Is(err, errNoXML)) {
			return err
		}
	}
	return nil
}

func isSheet(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, "xl/worksheets/") && strings.HasSuffix(name, ".xml")
}

func broken() error {
	return &figures.Fault{Text: schemas.Text{
		VI: "Tệp Excel bị hỏng: hãy mở bằng Excel và lưu lại dạng .xlsx.", EN: "The Excel file is broken: open it with Excel and save it again as .xlsx.",
	}}
}

// errNoXML says that a part, such as a picture, is no XML.
var errNoXML = errors.New("no XML")

// guardSheet looks at where the cells of a sheet are.
func guardSheet(f *zip.File) error {
	part, err := f.Open()
	if err != nil {
		return broken()
	}
	defer part.Close()
	dec := xml.NewDecoder(part)
	table := false // whether the cells of a sheet have begun: other parts have elements of the same names
	rows, cells, merges := 0, 0, 0
	for {
		token, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errors.Join(errNoXML, broken())
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		place, span := "", ""
		for _, a := range start.Attr {
			switch a.Name.Local {
			case "r":
				place = a.Value
			case "ref":
				span = a.Value
			}
		}
		table = table || start.Name.Local == "sheetData"
		if !table {
			continue
		}
		switch start.Name.Local {
		case "row":
			rows++
			if n, err := strconv.Atoi(place); place != "" && (err != nil || n > lastRow) || rows > lastRow {
				return figures.TooLong()
			}
		case "c":
			if cells++; cells > maxCells || !near(place) {
				return &figures.Fault{Text: schemas.Text{
					VI: "Trang tính có ô ở quá xa (" + place + ") hoặc quá nhiều ô: hãy xóa các cột và dòng không dùng.",
					EN: "The sheet has cells too far out (" + place + "), or too many: delete columns and rows that are not needed.",
				}}
			}
		case "mergeCell":
			from, to, _ := strings.Cut(span, ":")
			if merges++; merges > maxMerges || !near(from) || !near(to) {
				return &figures.Fault{Text: schemas.Text{
					VI: "Trang tính có quá nhiều ô gộp, hoặc ô gộp quá lớn: hãy bỏ gộp ô.", EN: "The sheet has too many merged cells, or too large ones: unmerge them.",
				}}
			}
		}
	}
}

// near tells whether a cell, such as C12, is among those that are read. A cell may leave out where it is.
func near(place string) bool {
	if place == "" {
		return true
	}
	if len(place) > 12 {
		return false
	}
	column, row := 0, strings.TrimLeft(strings.ToUpper(place), "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	for _, c := range strings.ToUpper(place[:len(place)-len(row)]) {
		if column = 26*column + int(c-'A') + 1; column > figures.MaxColumns {
			return false
		}
	}
	n, err := strconv.Atoi(row)
	return err == nil && 1 <= n && n <= lastRow && column > 0
}
