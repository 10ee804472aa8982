package sheet

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/binhphuoc/ioc/query/report/view"
	"github.com/binhphuoc/ioc/schemas/say"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// bom tells Excel that the file is UTF-8. Without it, Excel reads ạ and đ in the code page of the machine.
const bom = "\ufeff"

// WriteCSV writes every number of the report, one a row.
//
// Excel reads a CSV file by the settings of its machine. Those of Vietnam write 96,4, so that fields can't be told apart
// by commas there, and 96.4 would become a text or a date: the Vietnamese file has decimal commas and semicolons.
// The English one has points and commas. A line "sep=;" is not an answer, because Excel then ignores the byte order mark.
func WriteCSV(w io.Writer, r *wire.Report, lang string) error {
	v, err := view.Of(r, lang)
	if err != nil {
		return err
	}
	if err := writeCSV(w, r, v); err != nil {
		return fmt.Errorf("write report %s of %s as CSV: %w", r.Period.Text, r.Centre.Code, err)
	}
	return nil
}

func writeCSV(w io.Writer, r *wire.Report, v *view.Report) error {
	buffered := bufio.NewWriter(w)
	if _, err := buffered.WriteString(bom); err != nil {
		return err
	}
	out := csv.NewWriter(buffered)
	out.UseCRLF = true
	if v.Lang == say.Vietnamese {
		out.Comma = ';'
	}
	if err := out.Write(head(v.Labels)); err != nil {
		return err
	}
	for _, rec := range records(r, v) {
		fields := []string{rec.id, rec.name, rec.pillar, rec.centre, rec.centreName, rec.period, rec.kind, "", "", "", rec.unit, rec.state, stamp(rec.newest)}
		for i := range fields {
			fields[i] = harmless(fields[i])
		}
		fields[7], fields[8], fields[9] = plain(rec.value, v.Lang), plain(rec.numerator, v.Lang), plain(rec.denominator, v.Lang)
		if err := out.Write(fields); err != nil {
			return err
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return err
	}
	return buffered.Flush()
}

// plain is a number with all its digits and nothing between the thousands.
func plain(v *float64, lang string) string {
	if v == nil {
		return ""
	}
	text := strconv.FormatFloat(*v, 'f', -1, 64)
	if lang == say.Vietnamese {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text
}

// stamp is a moment in Binh Phuoc as Excel reads it in every language.
func stamp(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.In(say.Zone()).Format(time.DateTime)
}

// harmless keeps a text from being run as a formula: Excel would do that with what begins like one.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(text)[0]) {
		return "'" + text
	}
	return text
}
