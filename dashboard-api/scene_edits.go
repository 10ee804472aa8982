package dashboardapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/scene"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

const (
	scenePath = "/api/v1/scenes/{id}"
	// maxScene is the largest document of a scene: as large as a file may be.
	maxScene = 64 << 10
)

// SceneEdits takes changes of scenes in.
type SceneEdits interface {
	// Save may fail with a *scene.Faulty, and with query.ErrConflict where somebody else was first.
	Save(ctx context.Context, scope query.Scope, c scene.Change) (wire.SceneVersion, error)
	Versions(ctx context.Context, scope query.Scope, id string) (wire.SceneVersionList, error)
	// Version returns one version: 0 that of the files, scene.InForce the one that walls show.
	Version(ctx context.Context, scope query.Scope, id string, n int) (wire.SceneVersion, error)
}

// sceneRoutes are the ways to look at scenes and to change them.
func (s *Server) sceneRoutes() []route {
	return []route{
		{"GET", "/api/v1/scenes", s.scenes, nil, false},
		{"PUT", scenePath, s.putScene, []string{"why"}, false},
		{"DELETE", scenePath, s.removeScene, []string{"why"}, false},
		{"GET", scenePath + "/export", s.exportScene, nil, false},
		{"GET", scenePath + "/versions", s.sceneVersions, nil, false},
		{"GET", scenePath + "/versions/{n}", s.sceneVersion, nil, false},
		{"POST", scenePath + "/versions/{n}/restore", s.restoreScene, []string{"why"}, false},
	}
}

// putScene saves a scene: as JSON, which the editor sends, or as YAML, which is a file of --scene-dir.
func (s *Server) putScene(w http.ResponseWriter, r *http.Request) error {
	c, err := s.change(r)
	if err != nil {
		return err
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err == nil && kind == "application/json":
		if c.Scene, err = readScene(r.Body); err != nil {
			return err
		}
	case err == nil && kind == "application/yaml":
		if c.Document, err = io.ReadAll(r.Body); err != nil {
			return err //nolint:wrapcheck // the table of errors knows it
		}
	default:
		return &fault{status: http.StatusUnsupportedMediaType, detail: schemas.Text{
			VI: "Hãy gửi cảnh dạng application/json hoặc application/yaml.", EN: "Send the scene as application/json or application/yaml.",
		}}
	}
	return s.saveScene(w, r, c)
}

// readScene reads a scene as the server itself gives it.
func readScene(body io.Reader) (*wire.Scene, error) {
	var out wire.Scene
	err := readOne(body, &out)
	wrong := (*json.UnmarshalTypeError)(nil)
	switch {
	case err == nil && out.ID != "":
		return &out, nil
	case err == nil || errors.Is(err, io.EOF) || errors.Is(err, errMore):
		return nil, badRequest("Nội dung phải là một cảnh như /api/v1/scenes trả về.", "The body must be one scene, as /api/v1/scenes gives them.")
	case errors.As(err, &wrong):
		return nil, badRequest("%[1]s: giá trị kiểu %[2]s không hợp lệ.", "%[1]s: a %[2]s has no place here.", wrong.Field, wrong.Value)
	}
	why := strings.TrimPrefix(err.Error(), "json: ")
	return nil, unreadable(err, "Nội dung không phải là cảnh: %[1]s.", "The body is no scene: %[1]s.", why)
}

// removeScene brings the scene of the files back.
func (s *Server) removeScene(w http.ResponseWriter, r *http.Request) error {
	c, err := s.change(r)
	if err != nil {
		return err
	}
	c.Remove = true
	return s.saveScene(w, r, c)
}

// restoreScene saves what an older version holds as a new one.
func (s *Server) restoreScene(w http.ResponseWriter, r *http.Request) error {
	c, err := s.change(r)
	if err != nil {
		return err
	}
	if c.Restore, err = versionNumber(r, 1); err != nil {
		return err
	}
	return s.saveScene(w, r, c)
}

// change reads who changes which scene, why, and what they have seen of it.
func (s *Server) change(r *http.Request) (c scene.Change, err error) {
	c = scene.Change{ID: r.PathValue("id"), By: s.by(r), Why: r.URL.Query().Get("why")}
	base, quoted := strings.CutPrefix(r.Header.Get("If-Match"), `"`)
	base, closed := strings.CutSuffix(base, `"`)
	if c.Base, err = strconv.Atoi(base); err != nil || c.Base < 0 || !quoted || !closed {
		return c, badRequest(`Hãy gửi If-Match: "n", trong đó n là version trong %[1]s/versions, hoặc "0" cho cảnh mới.`,
			`Send If-Match: "n", where n is version of %[1]s/versions, or "0" for a new scene.`, "/api/v1/scenes/"+c.ID)
	}
	return c, nil
}

// saveScene hands a change on. Once it is here it is worked off, whether or not somebody waits for the answer.
func (s *Server) saveScene(w http.ResponseWriter, r *http.Request, c scene.Change) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), answerWithin)
	defer cancel()
	out, err := s.o.SceneEdits.Save(ctx, s.scope(r), c)
	if faulty := (*scene.Faulty)(nil); errors.As(err, &faulty) {
		first := faulty.Faults[0]
		where := first.Field
		if first.Line > 0 {
			where = fmt.Sprintf("%d: %s", first.Line, first.Field)
		}
		f := &fault{status: http.StatusUnprocessableEntity, detail: schemas.Text{
			VI: fmt.Sprintf("Cảnh có %d lỗi, chưa lưu gì: %s: %s", len(faulty.Faults), where, first.Sentence.VI),
			EN: fmt.Sprintf("The scene has %d errors, nothing is saved: %s: %s", len(faulty.Faults), where, first.Sentence.EN),
		}}
		s.answerProblem(w, r, f, func(p wire.Problem) any { return wire.SceneProblem{Problem: p, Faults: faulty.Faults} })
		return nil
	}
	if err != nil {
		return fmt.Errorf("change scene: %w", err)
	}
	w.Header().Set("ETag", `"`+strconv.Itoa(out.Version)+`"`)
	return writeJSON(w, out)
}

// sceneVersions lists who changed a scene, when and why.
func (s *Server) sceneVersions(w http.ResponseWriter, r *http.Request) error {
	out, err := s.o.SceneEdits.Versions(r.Context(), s.scope(r), r.PathValue("id"))
	if err != nil {
		return fmt.Errorf("versions of a scene: %w", err)
	}
	w.Header().Set("ETag", `"`+strconv.Itoa(out.Version)+`"`)
	return writeJSON(w, out)
}

// sceneVersion answers with one version and what it holds.
func (s *Server) sceneVersion(w http.ResponseWriter, r *http.Request) error {
	n, err := versionNumber(r, 0)
	if err != nil {
		return err
	}
	out, err := s.o.SceneEdits.Version(r.Context(), s.scope(r), r.PathValue("id"), n)
	if err != nil {
		return fmt.Errorf("version of a scene: %w", err)
	}
	return writeJSON(w, out)
}

// exportScene answers with the scene in force as a file of --scene-dir.
func (s *Server) exportScene(w http.ResponseWriter, r *http.Request) error {
	out, err := s.o.SceneEdits.Version(r.Context(), s.scope(r), r.PathValue("id"), scene.InForce)
	if err != nil {
		return fmt.Errorf("export a scene: %w", err)
	}
	// The id of a scene that is there is letters, digits and hyphens.
	w.Header().Set("Content-Disposition", `attachment; filename="`+out.ID+`.yaml"`)
	write(w, "application/yaml", []byte(out.Document))
	return nil
}

func versionNumber(r *http.Request, least int) (int, error) {
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || n < least || n > 1<<31 {
		return 0, badRequest("Số phiên bản phải là số nguyên từ %d.", "The number of a version must be a whole number from %d.", least)
	}
	return n, nil
}
