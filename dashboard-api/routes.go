package dashboardapi

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
)

// maxBody bounds what a request may carry.
const maxBody = 16 << 10

// bodyLimit is how much a request to a path may carry: more where it is a file.
func bodyLimit(path string) int64 {
	switch path {
	case uploadsPath, figuresPath:
		return maxUpload
	case scenePath:
		return maxScene
	}
	return maxBody
}

// handler answers a request, or says in an error why not.
type handler func(w http.ResponseWriter, r *http.Request) error

// route is one way in.
type route struct {
	method, path string
	handle       handler
	params       []string // that may stand behind the question mark
	open         bool     // also for readers who have not signed in
}

// routes are all ways in but the pages, which are files.
func (s *Server) routes() []route {
	return slices.Concat(s.alarmRoutes(), s.sceneRoutes(), []route{
		{"GET", "/api/v1/kpis", s.kpis, []string{"centre", "pillar", "at"}, false},
		{"GET", "/api/v1/kpis/{id}", s.kpi, []string{"centre", "at"}, false},
		{"GET", "/api/v1/kpis/{id}/series", s.series, []string{"centre", "from", "to", "step"}, false},
		{"GET", "/api/v1/kpis/{id}/explanation", s.explanation, explainParams(), false},
		{"GET", "/api/v1/kpis/{id}/events", s.kpiEvents, append(explainParams(), "part", "after", "limit"), false},
		{"GET", "/api/v1/kpis/{id}/events.csv", s.exportEventsCSV, append(explainParams(), "part"), false},
		{"GET", "/api/v1/kpis/{id}/events.ndjson", s.exportEventsLines, append(explainParams(), "part"), false},
		{"GET", "/explain/{id}", s.showExplanation, append(explainParams(), "part", "after", "language"), false},
		{"GET", reportsPath, s.showReport, []string{"period", "centre", "as_of", "language"}, false},
		{"GET", "/api/v1/reports", s.report, []string{"period", "centre", "as_of", "format", "language"}, false},
		{"GET", scheduledPath, s.showScheduled, []string{"language"}, false},
		{"GET", "/api/v1/periods", s.periods, []string{"kind", "limit"}, false},
		{"GET", "/api/v1/feeds", s.feeds, nil, false},
		{"GET", "/api/v1/feeds/{centre}/{domain}/sources", s.feedSources, []string{"state", "sort", "after", "limit"}, false},
		{"GET", "/api/v1/cameras", s.devices(schemas.TypeCamera), deviceParams(), false},
		{"GET", "/api/v1/sensors", s.devices(schemas.TypeSensor), deviceParams(), false},
		{"GET", "/api/v1/tickets", s.tickets, []string{"centre", "kind", "id", "status", "overdue", "sort", "after", "limit"}, false},
		{"GET", "/api/v1/sources/{centre}/{domain}/{name}", s.sourceHour, []string{"to"}, false},
		{"GET", "/api/v1/search", s.search, []string{"q", "limit"}, false},
		{"GET", "/api/v1/places", s.places, []string{"centre"}, false},
		{"GET", "/api/v1/boundary", s.boundary, nil, false},
		{"GET", "/api/v1/rejects", s.rejects, append(rejectParams(), "state", "after", "limit"), false},
		{"GET", "/api/v1/rejects/{key}", s.reject, nil, false},
		{"GET", "/api/v1/rejects.ndjson", s.exportRejects, append(rejectParams(), "state"), false},
		{"GET", "/api/v1/reject-counts", s.rejectCounts, rejectParams(), false},
		{"POST", "/api/v1/replays", s.replay, nil, false},
		{"GET", "/api/v1/scorecards", s.scorecards, nil, false},
		{"GET", "/api/v1/scorecards/{id}", s.scorecard, scorecardParams(), false},
		{"GET", "/api/v1/scorecards/{id}/{unit}", s.scorecardParts, scorecardParams(), false},
		{"GET", scorecardsPath, s.firstScorecard, []string{"language"}, false},
		{"GET", scorecardsPath + "/{id}", s.showScorecard, append(scorecardParams(), "language"), false},
		{"GET", "/api/v1/report-runs", s.reportRuns, []string{"schedule", "state", "limit"}, false},
		{"POST", "/api/v1/report-runs", s.runReport, nil, false},
		{"GET", "/api/v1/report-schedules", s.reportSchedules, nil, false},
		{"POST", uploadsPath, s.uploadFigures, []string{"dry_run", "skip_bad", "centre", "file"}, false},
		{"GET", uploadsPath, s.figureUploads, []string{"limit"}, false},
		{"GET", uploadsPath + "/{id}", s.figureUpload, nil, false},
		{"DELETE", uploadsPath + "/{id}", s.undoFigures, []string{"force"}, false},
		{"GET", "/api/v1/figure-template.xlsx", s.figureTemplate, nil, false},
		{"GET", "/api/v1/walls", s.walls, nil, false},
		{"POST", "/api/v1/walls/{id}/show", s.show, nil, false},
		{"GET", "/api/v1/centres", s.centres, nil, false},
		{"GET", "/api/v1/schemas", s.schemaList, nil, false},
		{"GET", "/api/v1/schemas/{type}", s.schema, nil, false},
		{"GET", "/api/v1/openapi.yaml", s.openAPI, nil, false},
		{"GET", "/api/v1/asyncapi.yaml", s.asyncAPI, nil, false},
		{"GET", "/api/v1/live", s.live, nil, false},
		{"GET", "/api/v1/session", s.showSession, nil, false},
		{"POST", "/api/v1/session", s.openSession, nil, true},
		{"DELETE", "/api/v1/session", s.endSession, nil, false},
		{"GET", "/sign-in", s.showSignIn, []string{"next"}, true},
		{"POST", "/sign-in", s.takeSignIn, nil, true},
		{"GET", figuresPath, s.showFigures, []string{"language"}, false},
		{"POST", figuresPath, s.previewFigures, nil, false},
		{"POST", figuresPath + "/confirm", s.confirmFigures, nil, false},
		{"GET", figuresPath + "/uploads/{id}", s.showFigureUpload, []string{"language"}, false},
		{"POST", figuresPath + "/uploads/{id}/undo", s.undoFigureUpload, nil, false},
		{"GET", "/healthz", s.healthy, nil, true},
		{"GET", "/readyz", s.ready, nil, false},
		{"GET", "/metrics", s.metrics, nil, false},
	})
}

// handler puts all routes together.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	methods := map[string][]string{}
	for _, r := range s.routes() {
		mux.Handle(r.method+" "+r.path, s.serve(r))
		methods[r.path] = append(methods[r.path], r.method)
	}
	for path, allowed := range methods {
		// Each by itself: all at once would be at odds with a path of which this one is a special case, /alarms/{id}.
		for _, other := range otherMethods(allowed) {
			mux.Handle(other+" "+path, s.serve(route{handle: wrongMethod(allowed)}))
		}
	}
	mux.Handle("/api/", s.serve(route{handle: noSuchPath}))
	mux.Handle("/", s.serve(route{handle: s.page}))
	return s.guard(mux)
}

// serve makes one route an http.Handler.
func (s *Server) serve(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !rt.open && !s.signedIn(r) {
			s.turnAway(w, r)
			return
		}
		if rt.params != nil || strings.HasPrefix(rt.path, "/api/") {
			if err := checkParams(r, rt.params); err != nil {
				s.fail(w, r, err)
				return
			}
		}
		r.Body = http.MaxBytesReader(w, r.Body, bodyLimit(rt.path))
		ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
		defer cancel()
		if err := rt.handle(w, r.WithContext(ctx)); err != nil {
			s.fail(w, r, err)
		}
	})
}

// checkParams refuses a misspelt filter, which would otherwise answer with everything.
func checkParams(r *http.Request, allowed []string) error {
	for name, values := range r.URL.Query() {
		switch {
		case !slices.Contains(allowed, name):
			return badRequest("Không có tham số %[1]q ở địa chỉ này.", "There is no parameter %[1]q here.", name)
		case len(values) > 1:
			return badRequest("Tham số %[1]q chỉ được ghi một lần.", "The parameter %[1]q may be given once.", name)
		}
	}
	return nil
}

// otherMethods are those that are not among the allowed. Whoever may GET may HEAD.
func otherMethods(allowed []string) []string {
	all := []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace, http.MethodConnect}
	if !slices.Contains(allowed, http.MethodGet) {
		all = append(all, http.MethodHead)
	}
	return slices.DeleteFunc(all, func(m string) bool { return slices.Contains(allowed, m) })
}

func wrongMethod(allowed []string) handler {
	if slices.Contains(allowed, "GET") {
		allowed = append(allowed, "HEAD")
	}
	allow := strings.Join(allowed, ", ")
	return func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Allow", allow)
		return &fault{status: http.StatusMethodNotAllowed, detail: schemas.Text{
			VI: "Địa chỉ này chỉ nhận: " + allow + ".",
			EN: "This address takes: " + allow + ".",
		}}
	}
}

func noSuchPath(http.ResponseWriter, *http.Request) error {
	return notFound("Không có địa chỉ này. Xem /api/v1/openapi.yaml.", "There is no such address. See /api/v1/openapi.yaml.")
}

// page answers with a file of the web pages.
func (s *Server) page(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return wrongMethod([]string{http.MethodGet})(w, r)
	}
	return s.pages.serve(w, r)
}

// scope is what the reader may see. Whoever has the token has it from the province, and sees everything.
func (s *Server) scope(*http.Request) query.Scope { return query.Everything() }

func (s *Server) live(w http.ResponseWriter, r *http.Request) error {
	return s.sockets.Serve(w, r, s.scope(r))
}

func writeJSON(w http.ResponseWriter, content any) error {
	data, err := json.Marshal(content)
	if err != nil {
		return err
	}
	write(w, "application/json", data)
	return nil
}

func write(w http.ResponseWriter, contentType string, data []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(data) // who no longer reads it needs no answer
}
