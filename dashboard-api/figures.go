package dashboardapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

const (
	uploadsPath = "/api/v1/figure-uploads"
	figuresPath = "/figures"

	// maxFile is the largest file, and maxUpload leaves room for the form around it.
	maxFile   = 5 << 20
	maxUpload = maxFile + 64<<10
	// sendWithin is how long a file may be on its way: offices have slow lines.
	sendWithin = time.Minute
	// someUploads and manyUploads are how many uploads a list has.
	someUploads = 50
	manyUploads = 500
	// xlsxType is the media type of Excel files.
	xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// uploadFigures takes a table of figures in, or with dry_run says what that would change.
func (s *Server) uploadFigures(w http.ResponseWriter, r *http.Request) error {
	f, err := s.figureFile(w, r)
	if err != nil {
		return err
	}
	out, err := s.upload(r, f)
	if err != nil {
		return err
	}
	if out.State == wire.UploadRefused {
		s.answerProblem(w, r, &fault{status: http.StatusUnprocessableEntity, detail: refusedFile(out)}, func(p wire.Problem) any {
			return wire.FigureUploadProblem{Problem: p, Upload: out}
		})
		return nil
	}
	return writeJSON(w, out)
}

// upload hands a file on. Once it is here it is worked off, whether or not somebody waits for the answer.
func (s *Server) upload(r *http.Request, f FigureFile) (wire.FigureUpload, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), answerWithin)
	defer cancel()
	out, err := s.o.Figures.Upload(ctx, s.scope(r), f)
	if err != nil {
		return out, fmt.Errorf("upload figures: %w", err)
	}
	if !f.DryRun {
		s.o.Log.Info("figures were uploaded", "by", f.By, "file", f.Name, "upload", out.ID, "state", out.State,
			"new", out.New, "corrected", out.Corrected, "unchanged", out.Unchanged, "refused", out.Refused)
	}
	return out, nil
}

func refusedFile(u wire.FigureUpload) schemas.Text {
	if len(u.Problems) > 0 {
		return schemas.Text{VI: "Không nhận được tệp: " + u.Problems[0].Sentence.VI, EN: "The file is not taken: " + u.Problems[0].Sentence.EN}
	}
	return schemas.Text{
		VI: fmt.Sprintf("%d trong %d dòng có lỗi: chưa ghi gì. Hãy sửa tệp, hoặc gửi lại với skip_bad=true.", u.Refused, u.Rows),
		EN: fmt.Sprintf("%d of %d rows have errors: nothing is written. Correct the file, or send it again with skip_bad=true.", u.Refused, u.Rows),
	}
}

// patient gives a large request the time that it takes on a slow line.
func patient(w http.ResponseWriter) {
	c := http.NewResponseController(w)
	now := time.Now() // the clock of the connection, whatever that of the data says
	// Where the connection has no deadlines, as in a test without one, there is nothing to put off.
	_ = c.SetReadDeadline(now.Add(sendWithin))
	_ = c.SetWriteDeadline(now.Add(sendWithin + answerWithin + 10*time.Second))
}

// figureFile reads a file out of a request: as its body, or as the part "file" of a form.
func (s *Server) figureFile(w http.ResponseWriter, r *http.Request) (FigureFile, error) {
	p := r.URL.Query()
	f := FigureFile{By: s.by(r), Name: p.Get("file"), Centre: p.Get("centre")}
	var err error
	if f.DryRun, err = yes(r, "dry_run"); err != nil {
		return f, err
	}
	if f.SkipBad, err = yes(r, "skip_bad"); err != nil {
		return f, err
	}
	if f.Centre != "" && !s.exists(s.scope(r), f.Centre) {
		return f, query.ErrNotFound
	}
	patient(w)
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err == nil && kind == "multipart/form-data":
		name, data, err := formFile(r)
		if f.Name == "" {
			f.Name = name
		}
		f.Data = data
		return f, err
	case err == nil && (kind == "text/csv" || kind == "text/plain" || kind == "text/tab-separated-values" || kind == xlsxType || kind == "application/octet-stream"):
		f.Data, err = io.ReadAll(r.Body)
		return f, err //nolint:wrapcheck // the table of errors knows it
	default:
		return f, &fault{status: http.StatusUnsupportedMediaType, detail: schemas.Text{
			VI: "Hãy gửi tệp dạng text/csv, " + xlsxType + " hoặc multipart/form-data.",
			EN: "Send the file as text/csv, " + xlsxType + " or multipart/form-data.",
		}}
	}
}

// formFile reads the part "file" of a form.
func formFile(r *http.Request) (string, []byte, error) {
	if err := r.ParseMultipartForm(maxUpload); err != nil { // all of it stays in memory: the body is bounded
		if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
			return "", nil, err //nolint:wrapcheck // the table of errors knows it
		}
		return "", nil, badRequest("Biểu mẫu không đọc được.", "The form can't be read.")
	}
	part, head, err := r.FormFile("file")
	if err != nil {
		return "", nil, badRequest(`Thiếu phần "file" trong biểu mẫu.`, `The form has no part "file".`)
	}
	defer part.Close()
	data, err := io.ReadAll(part)
	if err != nil {
		return "", nil, fmt.Errorf("read the file: %w", err)
	}
	return head.Filename, data, nil
}

// yes reads a parameter that is true or false; left out, it is false.
func yes(r *http.Request, name string) (bool, error) {
	switch r.URL.Query().Get(name) {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, badRequest("%[1]s phải là true hoặc false.", "%[1]s must be true or false.", name)
}

// figureUploads answers with the newest uploads, without their rows.
func (s *Server) figureUploads(w http.ResponseWriter, r *http.Request) error {
	most, err := limit(r, someUploads, manyUploads)
	if err != nil {
		return err
	}
	out, err := s.o.Figures.Uploads(r.Context(), s.scope(r), "", most)
	if err != nil {
		return fmt.Errorf("uploads: %w", err)
	}
	return writeJSON(w, out)
}

// figureUpload answers with one upload and its rows.
func (s *Server) figureUpload(w http.ResponseWriter, r *http.Request) error {
	out, err := s.oneUpload(r)
	if err != nil {
		return err
	}
	return writeJSON(w, out)
}

func (s *Server) oneUpload(r *http.Request) (wire.FigureUpload, error) {
	out, err := s.o.Figures.Uploads(r.Context(), s.scope(r), r.PathValue("id"), 1)
	if err != nil {
		return wire.FigureUpload{}, fmt.Errorf("upload: %w", err)
	}
	if len(out.Uploads) == 0 {
		return wire.FigureUpload{}, query.ErrNotFound
	}
	return out.Uploads[0], nil
}

// undoFigures takes an upload back.
func (s *Server) undoFigures(w http.ResponseWriter, r *http.Request) error {
	force, err := yes(r, "force")
	if err != nil {
		return err
	}
	out, err := s.undo(r, force)
	switch {
	case errors.Is(err, query.ErrConflict) && len(out.Conflicts) > 0:
		s.answerProblem(w, r, &fault{status: http.StatusConflict, detail: schemas.Text{
			VI: fmt.Sprintf("%d số liệu đã thay đổi sau lần tải lên này: chưa hoàn tác gì. Gửi force=true để vẫn hoàn tác.", len(out.Conflicts)),
			EN: fmt.Sprintf("%d figures have changed since this upload: nothing is undone. Send force=true to undo it nevertheless.", len(out.Conflicts)),
		}}, func(p wire.Problem) any { return wire.FigureUndoProblem{Problem: p, Undo: out} })
		return nil
	case errors.Is(err, query.ErrConflict):
		return &fault{http.StatusConflict, undoneBefore(), err}
	case err != nil:
		return err
	}
	return writeJSON(w, out)
}

func undoneBefore() schemas.Text {
	return schemas.Text{
		VI: "Lần tải lên này đã được hoàn tác. Để đưa số liệu trở lại, hãy tải tệp lên lần nữa.",
		EN: "This upload was undone before. To bring its figures back, upload the file again.",
	}
}

func (s *Server) undo(r *http.Request, force bool) (wire.FigureUndo, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), answerWithin)
	defer cancel()
	by := s.by(r)
	out, err := s.o.Figures.Undo(ctx, s.scope(r), by, r.PathValue("id"), force)
	if err != nil {
		return out, fmt.Errorf("undo upload: %w", err)
	}
	s.o.Log.Info("an upload of figures was undone", "by", by, "upload", out.ID, "force", force,
		"restored", out.Restored, "withdrawn", out.Withdrawn, "conflicts", len(out.Conflicts))
	return out, nil
}

// figureTemplate answers with an empty table to fill in.
func (s *Server) figureTemplate(w http.ResponseWriter, r *http.Request) error {
	var file bytes.Buffer
	if err := s.o.FigureTemplate(&file, s.scope(r), english(r)); err != nil {
		return fmt.Errorf("template of figures: %w", err)
	}
	name := "mau-so-lieu.xlsx"
	if english(r) {
		name = "figures-template.xlsx"
	}
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Add("Vary", "Accept-Language")
	write(w, xlsxType, file.Bytes())
	return nil
}
