package figures

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/binhphuoc/ioc/ingest"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// maxRevision is the last revision that an event can have.
const maxRevision = 65535

// Options are what a Desk needs.
type Options struct {
	Store      Store
	Sink       ingest.Sink
	Decoder    ingest.Decoder
	Centres    []schemas.Centre
	Indicators func() []Indicator // for which figures are taken, now
	// XLSX reads the table of an Excel file.
	XLSX func(data []byte) (Table, error)
	Now  func() time.Time // default time.Now
}

// Clerk is who hands a file in.
type Clerk struct {
	Name   string
	Centre string                   // of rows that name none; empty: the first one of May
	May    func(centre string) bool // says for which centres they may
}

// File is a file as it was handed in.
type File struct {
	Name string
	Data []byte
	// DryRun asks what would change, and changes nothing.
	DryRun bool
	// SkipBad takes the good rows of a file that has bad ones too.
	SkipBad bool
}

// Desk is where clerks hand in figures that no feed can measure. What it takes goes the way of all events, so that
// nothing that reads figures needs to know where they came from.
type Desk struct {
	o Options
	// mu lets one clerk write at a time: what stands is looked up before it is written over. Of two processes that write
	// the same figure at once, the later event wins, as ever.
	mu sync.Mutex
}

// New checks the options.
func New(o Options) (*Desk, error) {
	if o.Store == nil || o.Sink == nil || o.Decoder == nil || o.Indicators == nil || o.XLSX == nil || len(o.Centres) == 0 {
		return nil, errors.New("figures need a store, a sink, a decoder, centres, indicators and a reader of Excel files")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Desk{o: o}, nil
}

// Read makes a table of a file, whatever its name says.
func (d *Desk) Read(data []byte) (Table, error) {
	switch {
	case len(data) > MaxBytes:
		return Table{}, &Fault{Text: text("Tệp lớn hơn 5 MiB.", "The file is over 5 MiB.")}
	case len(bytes.TrimSpace(data)) == 0:
		return Table{}, &Fault{Text: text("Tệp trống.", "The file is empty.")}
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return d.o.XLSX(data)
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")):
		return Table{}, &Fault{Text: text(
			"Tệp là định dạng .xls cũ hoặc có mật khẩu. Hãy lưu lại dạng .xlsx không có mật khẩu.",
			"The file has the old .xls format, or a password. Save it as .xlsx without one.",
		)}
	default:
		return ReadCSV(data)
	}
}

// Check reads a file and says everything that is wrong with it, without asking what stands.
func (d *Desk) Check(c Clerk, f File) Upload {
	u := Upload{
		At: d.o.Now().UTC().Truncate(time.Millisecond), By: c.Name, File: clip(f.Name, 200), SHA256: sum(f.Data), State: wire.UploadPreview,
	}
	t, err := d.Read(f.Data)
	var fault *Fault
	switch {
	case errors.As(err, &fault):
		u.Problems = []wire.FigureProblem{{Row: fault.Row, Sentence: fault.Text}}
		return u
	case err != nil:
		u.Problems = []wire.FigureProblem{{Sentence: text("Không đọc được tệp.", "The file can't be read.")}}
		return u
	}
	checked := Check(t, d.rules(c, u.At))
	u.Problems, u.Decimal, u.Lines = checked.Problems, checked.Decimal, len(checked.Rows)
	for _, r := range checked.Rows {
		u.Rows = append(u.Rows, UploadRow{Row: r, Sheet: checked.Sheet, Change: wire.FigureNew, Time: u.At})
	}
	u.count()
	return u
}

func (d *Desk) rules(c Clerk, now time.Time) Rules {
	r := Rules{Indicators: d.o.Indicators(), Centre: c.Centre, Now: now}
	for _, centre := range d.o.Centres {
		if c.May(centre.Code) {
			r.Centres = append(r.Centres, centre)
		}
	}
	if r.Centre == "" && len(r.Centres) > 0 {
		r.Centre = r.Centres[0].Code
	}
	return r
}

func sum(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// count counts what comes of each row.
func (u *Upload) count() {
	u.New, u.Corrected, u.Unchanged, u.Refused = 0, 0, 0, 0
	u.Centres = nil
	for i := range u.Rows {
		r := &u.Rows[i]
		if len(r.Problems) > 0 {
			r.Change = wire.FigureRefused
		}
		switch r.Change {
		case wire.FigureNew:
			u.New++
		case wire.FigureCorrected:
			u.Corrected++
		case wire.FigureUnchanged:
			u.Unchanged++
		default:
			u.Refused++
			continue
		}
		if !slices.Contains(u.Centres, r.Centre) {
			u.Centres = append(u.Centres, r.Centre)
		}
	}
	slices.Sort(u.Centres)
}

// Upload takes a file in, or says what would change. One bad row keeps the whole file out, unless the clerk asks to skip
// such rows.
func (d *Desk) Upload(ctx context.Context, c Clerk, f File) (Upload, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	u := d.Check(c, f)
	u.ID = uuid.New()
	if len(u.Problems) > 0 {
		if !f.DryRun {
			u.State = wire.UploadRefused
		}
		return u, nil
	}
	batch, err := d.compare(ctx, &u)
	if err != nil {
		return u, err
	}
	u.count()
	switch {
	case f.DryRun:
		return u, nil
	case u.Refused > 0 && (!f.SkipBad || u.Refused == u.Lines):
		u.State = wire.UploadRefused
		return u, nil
	case u.New+u.Corrected == 0:
		u.State = wire.UploadUnchanged
		return u, nil
	}
	return u, d.write(ctx, &u, batch)
}

// write stores an upload. It is kept before its events are, so that none is there that nobody can take back.
func (d *Desk) write(ctx context.Context, u *Upload, batch *ingest.Batch) error {
	u.State = wire.UploadWriting
	if err := d.o.Store.KeepUpload(ctx, u); err != nil {
		return fmt.Errorf("keep upload %s: %w", u.ID, err)
	}
	if err := d.o.Sink.Write(ctx, batch); err != nil {
		return fmt.Errorf("write %d figures of upload %s: %w", len(batch.Events), u.ID, err)
	}
	u.State = wire.UploadWritten
	done := *u
	done.Rows = nil // they are kept
	if err := d.o.Store.KeepUpload(ctx, &done); err != nil {
		return fmt.Errorf("keep upload %s as written: %w", u.ID, err)
	}
	return nil
}

// compare finds out what each good row would change, and makes the events that do it.
func (d *Desk) compare(ctx context.Context, u *Upload) (*ingest.Batch, error) {
	var keys []Key
	for i := range u.Rows {
		if len(u.Rows[i].Problems) == 0 {
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
		if len(r.Problems) > 0 {
			continue
		}
		d.fill(r, standings[r.key()], u.At)
		if !r.writes() {
			continue
		}
		if refusal := d.add(batch, r.key(), r.wrote(), standings[r.key()].Revision+1, u.At); refusal != nil {
			r.Problems = append(r.Problems, wire.FigureProblem{Sheet: r.Sheet, Row: r.Line, Sentence: *refusal})
		}
	}
	return batch, nil
}

// fill compares a row with what stands. What the row does not say stays as it is.
func (d *Desk) fill(r *UploadRow, s Standing, now time.Time) {
	r.Had, r.Old = s.Own, s.Now
	r.Time = now
	for _, said := range []*Said{s.Now, s.Own} { // a feed's clock may be ahead by minutes
		if said != nil && !r.Time.After(said.Time) {
			r.Time = said.Time.Add(time.Millisecond)
		}
	}
	if s.Now == nil {
		r.Change = wire.FigureNew
		if r.IssuedBy == "" {
			r.IssuedBy = d.nameOf(r.Centre)
		}
		return
	}
	if r.Target == nil {
		r.Target = s.Now.Target
	}
	if r.IssuedBy == "" {
		r.IssuedBy = s.Now.IssuedBy
	}
	r.Change = wire.FigureCorrected
	if r.Value.Equal(s.Now.Value) && sameNumber(r.Target, s.Now.Target) && r.IssuedBy == s.Now.IssuedBy {
		r.Change = wire.FigureUnchanged
	}
}

func (d *Desk) nameOf(centre string) string {
	for _, c := range d.o.Centres {
		if c.Code == centre {
			return c.Name.VI
		}
	}
	return centre
}

// add makes the event that says something of a figure, or with nothing said, takes it back. It says why it can't.
func (d *Desk) add(batch *ingest.Batch, k Key, said *Said, revision int, now time.Time) *schemas.Text {
	if revision > maxRevision {
		t := text("Số liệu này đã được sửa quá nhiều lần.", "This figure was corrected too often.")
		return &t
	}
	data := map[string]any{"indicator": k.Indicator, "period": k.Period, "revision": revision}
	at := now
	if said == nil {
		data["withdrawn"], data["issued_by"] = true, d.nameOf(k.Centre)
	} else {
		at = said.Time
		data["value"], data["issued_by"] = number(said.Value), said.IssuedBy
		if said.Target != nil {
			data["target"] = number(*said.Target)
		}
	}
	payload, err := json.Marshal(map[string]any{
		"specversion": "1.0", "id": k.ID(), "source": Source(k.Centre), "type": schemas.TypeFigure.CloudEventType(),
		"time": at.UTC().Format(time.RFC3339Nano), "data": data,
	})
	if err != nil {
		t := text("Không ghi được số liệu này.", "This figure can't be written: "+err.Error())
		return &t
	}
	m := &schemas.Message{Transport: schemas.TransportUpload, Centre: k.Centre, Partition: -1, Offset: -1, Payload: payload, Arrived: now}
	events, refusals := d.o.Decoder.Decode(*m)
	if len(refusals) > 0 {
		t := text(refusals[0].Sentence, refusals[0].English)
		return &t
	}
	batch.Events = append(batch.Events, events...)
	for range events {
		batch.Origins = append(batch.Origins, m)
	}
	return nil
}

func number(v decimal.Decimal) json.Number { return json.Number(v.String()) }
