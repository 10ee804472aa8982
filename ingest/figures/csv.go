package figures

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/unicode/norm"
)

// ReadCSV reads a table of text: UTF-8 with or without a mark, or the UTF-16 of Excel's “Unicode Text”; comma, semicolon
// or tab between the cells, whichever makes heads of the first rows.
func ReadCSV(data []byte) (Table, error) {
	s, err := decodeText(data)
	if err != nil {
		return Table{}, err
	}
	comma, skipped := ';', 0
	if first, rest, ok := strings.Cut(s, "\n"); ok && strings.HasPrefix(first, "sep=") { // Excel's own way to say it
		if sep := strings.TrimSpace(first[4:]); len(sep) == 1 && strings.Contains(",;|", sep) {
			comma = rune(sep[0])
		}
		if strings.TrimRight(first[4:], "\r") == "\t" {
			comma = '\t'
		}
		s, skipped = rest, 1
	} else {
		comma = commaOf(s)
	}
	return readCSV(s, comma, skipped, MaxRows+headWithin)
}

// decodeText makes UTF-8 in NFC of a file.
func decodeText(data []byte) (string, error) {
	for _, u := range []struct {
		mark  string
		order unicode.Endianness
	}{{"\xff\xfe", unicode.LittleEndian}, {"\xfe\xff", unicode.BigEndian}} {
		if bytes.HasPrefix(data, []byte(u.mark)) {
			var err error
			if data, err = unicode.UTF16(u.order, unicode.ExpectBOM).NewDecoder().Bytes(data); err != nil {
				return "", &Fault{Text: text("Tệp UTF-16 bị hỏng.", "The UTF-16 of the file is broken.")}
			}
		}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return "", &Fault{Text: text(
			"Tệp không phải là văn bản UTF-8. Trong Excel, hãy lưu dạng “CSV UTF-8 (Comma delimited)”, hoặc tải lên tệp .xlsx.",
			"The file is no UTF-8 text. In Excel, save it as “CSV UTF-8 (Comma delimited)”, or upload the .xlsx file.",
		)}
	}
	return norm.NFC.String(string(data)), nil
}

// commaOf finds what stands between the cells: that which makes the most heads.
func commaOf(s string) rune {
	best, most := ',', 0
	for _, c := range []rune{',', ';', '\t'} {
		t, err := readCSV(s, c, 0, headWithin)
		if err != nil && len(t.Lines) == 0 {
			continue
		}
		for _, l := range t.Lines {
			if n := likely(l); n > most {
				best, most = c, n
			}
		}
	}
	return best
}

// readCSV reads up to so many rows that are not empty.
func readCSV(s string, comma rune, skipped, most int) (Table, error) {
	r := csv.NewReader(strings.NewReader(s))
	r.Comma, r.FieldsPerRecord = comma, -1
	var t Table
	for len(t.Lines) < most {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if p := (*csv.ParseError)(nil); errors.As(err, &p) {
			return t, &Fault{Row: p.Line + skipped, Text: text(
				"Dấu ngoặc kép ở dòng này không đúng chỗ: ô có dấu ngoặc kép phải được bao bằng dấu ngoặc kép.",
				"A quotation mark in this row is out of place: a cell with one must be enclosed in quotation marks.",
			)}
		}
		if err != nil {
			return t, &Fault{Text: text("Không đọc được tệp CSV.", "The CSV file can't be read.")}
		}
		line, _ := r.FieldPos(0)
		if len(record) > MaxColumns {
			return t, tooWide(line + skipped)
		}
		l := Line{Number: line + skipped, Cells: make([]Cell, len(record))}
		blank := true
		for i, text := range record {
			l.Cells[i].Text = strings.TrimSpace(text)
			blank = blank && l.Cells[i].Text == ""
		}
		if !blank {
			t.Lines = append(t.Lines, l)
		}
	}
	if _, err := r.Read(); most > MaxRows && err == nil {
		return t, TooLong()
	}
	return t, nil
}

// TooLong is the fault of a table with more rows than are taken at once.
func TooLong() *Fault {
	return &Fault{Text: text(
		"Tệp có hơn "+num(MaxRows)+" dòng: hãy chia thành nhiều tệp.", "The file has more than "+num(MaxRows)+" rows: divide it.",
	)}
}

func tooWide(row int) *Fault {
	return &Fault{Row: row, Text: text(
		"Dòng có hơn "+num(MaxColumns)+" cột: hãy xóa các cột thừa.", "The row has more than "+num(MaxColumns)+" columns: delete those that are not needed.",
	)}
}
