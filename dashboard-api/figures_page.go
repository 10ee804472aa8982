package dashboardapi

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/wire"
)

//go:embed figures.html
var figuresHTML string

//go:embed figures.css
var figuresCSS string

// figuresPages are the pages on which clerks hand figures in. They need no script.
type figuresPages struct {
	page   *template.Template
	policy string
	shelf  *shelf
}

func newFiguresPages() *figuresPages {
	return &figuresPages{
		page:   template.Must(template.New("figures").Parse(figuresHTML)),
		policy: styledBy(navCSS + figuresCSS),
		shelf:  &shelf{files: map[string]shelved{}},
	}
}

// shownRows is how many rows of a table a page shows, those with errors first.
const shownRows = 500

// figuresView is what a page shows.
type figuresView struct {
	English bool
	Style   template.CSS
	Nav     template.HTML
	Wrong   string // why nothing came of what was asked for

	Centres []schemas.Centre
	Uploads []wire.FigureUpload // the newest

	Key       string             // of the file on the shelf
	Centre    string             // of rows that name none
	Upload    *wire.FigureUpload // a preview, or one that was kept
	Rows      []wire.FigureRow   // of it, as many as are shown
	Conflicts []wire.FigureConflict
	Sheet     bool // whether its rows are of a sheet with a name
}

// T chooses the language.
func (v *figuresView) T(vi, en string) string { return said(schemas.Text{VI: vi, EN: en}, v.English) }

// Say chooses the language of a text.
func (v *figuresView) Say(t schemas.Text) string { return said(t, v.English) }

// Name is the name of a centre.
func (v *figuresView) Name(code string) string {
	for _, c := range v.Centres {
		if c.Code == code {
			return said(c.Short, v.English)
		}
	}
	return code
}

// Number writes a number as the language does.
func (v *figuresView) Number(n *json.Number) string {
	if n == nil {
		return "–"
	}
	return v.Plain(*n)
}

// Plain is Number of what is always there.
func (v *figuresView) Plain(n json.Number) string {
	thousands, point := ".", ","
	if v.English {
		thousands, point = ",", "."
	}
	whole, part, _ := strings.Cut(n.String(), ".")
	minus := ""
	if rest, ok := strings.CutPrefix(whole, "-"); ok {
		minus, whole = "−", rest
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + thousands + whole[i:]
	}
	if part != "" {
		whole += point + part
	}
	return minus + whole
}

// Clock is a moment as it is read in Binh Phuoc.
func (v *figuresView) Clock(t time.Time) string {
	layout := "15:04 02/01/2006"
	if v.English {
		layout = "2006-01-02 15:04"
	}
	return t.In(period.Zone()).Format(layout)
}

// Preview tells whether the upload waits for the clerk's yes.
func (v *figuresView) Preview() bool { return v.Upload != nil && v.Upload.State == wire.UploadPreview }

// Kept tells whether the upload is one that can be undone.
func (v *figuresView) Kept() bool {
	return v.Upload != nil && (v.Upload.State == wire.UploadWritten || v.Upload.State == wire.UploadWriting)
}

// Changes is how many figures the upload changes.
func (v *figuresView) Changes() int { return v.Upload.New + v.Upload.Corrected }

// Hidden is how many rows are not shown.
func (v *figuresView) Hidden() int { return len(v.Upload.Results) - len(v.Rows) }

// State names the state of an upload.
func (v *figuresView) State(state string) string {
	switch state {
	case wire.UploadWritten:
		return v.T("Đã ghi", "Written")
	case wire.UploadUndone:
		return v.T("Đã hoàn tác", "Undone")
	case wire.UploadWriting:
		return v.T("Chưa ghi xong", "Not finished")
	}
	return ""
}

// Change names what an upload does to a figure.
func (v *figuresView) Change(change string) string {
	switch change {
	case wire.FigureNew:
		return v.T("Mới", "New")
	case wire.FigureCorrected:
		return v.T("Sửa", "Corrected")
	case wire.FigureUnchanged:
		return v.T("Không đổi", "Unchanged")
	}
	return v.T("Lỗi", "Refused")
}

// show makes a view of an upload: rows with errors first, then those that change something.
func (v *figuresView) show(u wire.FigureUpload) {
	v.Upload = &u
	order := []string{wire.FigureRefused, wire.FigureCorrected, wire.FigureNew, wire.FigureUnchanged}
	rows := slices.Clone(u.Results)
	slices.SortStableFunc(rows, func(a, b wire.FigureRow) int { return slices.Index(order, a.Change) - slices.Index(order, b.Change) })
	v.Rows = rows[:min(len(rows), shownRows)]
	v.Sheet = len(rows) > 0 && rows[0].Sheet != ""
}

func (s *Server) figuresView(r *http.Request) *figuresView {
	en, err := pageLanguage(r)
	if err != nil {
		en = english(r) // a clerk's work is not lost by a word in the address
	}
	v := &figuresView{English: en, Style: template.CSS(navCSS + figuresCSS)}
	for _, c := range s.o.Registry.Centres {
		if s.scope(r).Sees(c.Code) {
			v.Centres = append(v.Centres, c)
		}
	}
	return v
}

// writeFigures answers with a page.
func (s *Server) writeFigures(w http.ResponseWriter, r *http.Request, status int, v *figuresView) error {
	if v.Upload == nil {
		list, err := s.o.Figures.Uploads(r.Context(), s.scope(r), "", someUploads)
		if err != nil {
			return err //nolint:wrapcheck // the table of errors knows it
		}
		v.Uploads = list.Uploads
	}
	var err error
	if v.Nav, err = s.navigation(r, figuresPath, v.English); err != nil {
		return err
	}
	var page bytes.Buffer
	if err := s.figures.page.Execute(&page, v); err != nil {
		return err
	}
	s.writePage(w, status, s.figures.policy, v.T("vi", "en"), page.Bytes())
	return nil
}

// showFigures is the page to choose a file on, with the newest uploads.
func (s *Server) showFigures(w http.ResponseWriter, r *http.Request) error {
	return s.writeFigures(w, r, http.StatusOK, s.figuresView(r))
}

// previewFigures shows what a file would change.
func (s *Server) previewFigures(w http.ResponseWriter, r *http.Request) error {
	v := s.figuresView(r)
	f, err := s.figureFile(w, r)
	large, bad := (*http.MaxBytesError)(nil), (*fault)(nil)
	switch {
	case errors.As(err, &bad) && bad.status == http.StatusBadRequest:
		v.Wrong = v.T("Hãy chọn một tệp.", "Choose a file.")
		return s.writeFigures(w, r, bad.status, v)
	case errors.As(err, &large) || err == nil && len(f.Data) > maxFile:
		v.Wrong = v.T("Tệp lớn hơn 5 MiB.", "The file is over 5 MiB.")
		return s.writeFigures(w, r, http.StatusRequestEntityTooLarge, v)
	case err != nil:
		return err
	}
	f.Centre, f.DryRun = r.PostFormValue("centre"), true
	if f.Centre != "" && !s.exists(s.scope(r), f.Centre) {
		return query.ErrNotFound
	}
	out, err := s.upload(r, f)
	if err != nil {
		return err
	}
	v.show(out)
	v.Centre = f.Centre
	if len(out.Problems) == 0 {
		v.Key = s.figures.shelf.put(f, s.o.Now())
	}
	return s.writeFigures(w, r, http.StatusOK, v)
}

// confirmFigures writes what was shown.
func (s *Server) confirmFigures(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err //nolint:wrapcheck // the table of errors knows it
	}
	v := s.figuresView(r)
	key := r.PostForm.Get("key")
	f, ok := s.figures.shelf.get(key, s.o.Now())
	if !ok {
		v.Wrong = v.T("Bản xem trước đã hết hạn hoặc đã được ghi. Hãy chọn lại tệp.", "The preview has expired, or was written already. Choose the file again.")
		return s.writeFigures(w, r, http.StatusGone, v)
	}
	f.By, f.DryRun, f.SkipBad = s.by(r), false, r.PostForm.Get("skip_bad") == "true"
	out, err := s.upload(r, f)
	if err != nil {
		return err
	}
	switch out.State {
	case wire.UploadRefused: // what stands has changed since the preview, or nobody asked to skip the bad rows
		out.State = wire.UploadPreview
		v.Key = key
		v.show(out)
		v.Wrong = v.Say(refusedFile(out))
		return s.writeFigures(w, r, http.StatusUnprocessableEntity, v)
	case wire.UploadUnchanged:
		s.figures.shelf.drop(key)
		v.show(out)
		return s.writeFigures(w, r, http.StatusOK, v)
	}
	s.figures.shelf.drop(key)
	http.Redirect(w, r, figuresPath+"/uploads/"+url.PathEscape(out.ID), http.StatusSeeOther)
	return nil
}

// showFigureUpload shows one upload, and lets the clerk undo it.
func (s *Server) showFigureUpload(w http.ResponseWriter, r *http.Request) error {
	u, err := s.oneUpload(r)
	if err != nil {
		return err
	}
	v := s.figuresView(r)
	v.show(u)
	return s.writeFigures(w, r, http.StatusOK, v)
}

// undoFigureUpload undoes an upload.
func (s *Server) undoFigureUpload(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err //nolint:wrapcheck // the table of errors knows it
	}
	out, err := s.undo(r, r.PostForm.Get("force") == "true")
	if errors.Is(err, query.ErrConflict) {
		u, err := s.oneUpload(r)
		if err != nil {
			return err
		}
		v := s.figuresView(r)
		v.show(u)
		if v.Conflicts = out.Conflicts; len(out.Conflicts) == 0 {
			v.Wrong = v.Say(undoneBefore())
		}
		return s.writeFigures(w, r, http.StatusConflict, v)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, figuresPath+"/uploads/"+url.PathEscape(out.ID), http.StatusSeeOther)
	return nil
}
