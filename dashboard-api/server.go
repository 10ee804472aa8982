// Package dashboardapi is what a browser talks to: the REST interface, the live channel and the pages.
package dashboardapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/binhphuoc/ioc/dashboard-api/live"
	"github.com/binhphuoc/ioc/dashboard-api/ws"
	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/scorecard"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

const (
	// stopWithin is how long requests and live clients have to end when the server stops.
	stopWithin = 5 * time.Second
	// answerWithin is how long a question to storage may take.
	answerWithin = 20 * time.Second
	// minToken is the shortest access token: with fewer characters it could be guessed.
	minToken = 24
)

// Queries answers what needs storage.
type Queries interface {
	Series(ctx context.Context, scope query.Scope, r query.SeriesRequest) (wire.Series, error)
}

// Feeds answers what is asked of the health of feeds.
type Feeds interface {
	List(ctx context.Context, scope query.Scope) ([]wire.FeedHealth, error)
	Sources(ctx context.Context, scope query.Scope, r query.FeedSourcesRequest) (wire.FeedSourceList, error)
}

// Rejects answers what is asked of refused events.
type Rejects interface {
	List(ctx context.Context, scope query.Scope, r query.RejectsRequest) (wire.RejectList, error)
	Counts(ctx context.Context, scope query.Scope, r query.RejectsRequest) (wire.RejectCounts, error)
	// Each hands over all that are meant, whole and one by one.
	Each(ctx context.Context, scope query.Scope, r query.RejectsRequest, yield func(*wire.Reject) error) error
}

// Reports answers what looks at a period, or back at a moment.
type Reports interface {
	Report(ctx context.Context, scope query.Scope, r query.ReportRequest) (*wire.Report, error)
	// Wall returns the values that were shown at a moment.
	Wall(ctx context.Context, scope query.Scope, at time.Time) ([]wire.Value, error)
}

// Format is one form in which a report can be had.
type Format struct {
	ContentType string
	Extension   string // with its point
	Write       func(w io.Writer, r *wire.Report, language string) error
}

// Scorecards answers what is asked of scorecards.
type Scorecards interface {
	Files(ctx context.Context, scope query.Scope) wire.ScorecardList
	Table(ctx context.Context, scope query.Scope, r scorecard.Request) (wire.ScorecardTable, error)
	Parts(ctx context.Context, scope query.Scope, r scorecard.Request, unit string) (wire.ScorecardParts, error)
}

// ReportRuns answers what is asked of scheduled reports.
type ReportRuns interface {
	Schedules(ctx context.Context, scope query.Scope) (wire.ReportScheduleList, error)
	Runs(ctx context.Context, scope query.Scope, schedule string, state wire.ReportRunState, limit int) (wire.ReportRunList, error)
	// Ask has one made now.
	Ask(ctx context.Context, scope query.Scope, q wire.ReportRunRequest, by string) (wire.ReportRun, error)
}

// FigureFile is a table of figures as a clerk hands it in.
type FigureFile struct {
	By              string // who
	Name            string
	Data            []byte
	Centre          string // of rows that name none; empty: the first one that the clerk sees
	DryRun, SkipBad bool
}

// Figures takes tables of figures in, and takes them back.
type Figures interface {
	Upload(ctx context.Context, scope query.Scope, f FigureFile) (wire.FigureUpload, error)
	// Undo may fail with query.ErrConflict: the answer then lists what has changed since, or nothing when it was undone before.
	Undo(ctx context.Context, scope query.Scope, by, id string, force bool) (wire.FigureUndo, error)
	// Uploads returns one, with its rows, or with no id the newest.
	Uploads(ctx context.Context, scope query.Scope, id string, limit int) (wire.FigureUploadList, error)
}

// Options are what a Server needs.
type Options struct {
	Listen string // host:port; default 127.0.0.1:8080
	// Token is what readers must show. It may be left empty on a loopback address alone.
	Token string
	// Hosts are names under which readers reach the server, when a proxy stands before a loopback address.
	Hosts []string
	// Origins are those of pages on other hosts that may use the live channel.
	Origins []string

	Registry  *schemas.Registry
	Catalogue func() []wire.KPI // in force now, without values
	Queries   Queries
	Feeds     Feeds
	Explain   Explain
	Rejects   Rejects
	// Devices, Tickets, Places and Search are what the console lists.
	Devices Devices
	Tickets Tickets
	Places  Places
	Search  Search
	// Boundary is GeoJSON that the map draws, checked; nil: none.
	Boundary []byte
	// Scorecards rank agencies, localities and heads.
	Scorecards Scorecards
	// Replay reads up to r.Limit refused events again that the scope sees, and with dry writes nothing. By names who asks.
	Replay     func(ctx context.Context, scope query.Scope, by string, r query.RejectsRequest, dry bool) (wire.Replay, error)
	Reports    Reports
	Formats    map[string]Format // of reports, by the name in the address; json is one of them
	ReportRuns ReportRuns
	Alarms     Alarms
	// AlarmStatistics judges the alarms of a span of time; of one centre, or with none of all that the scope sees.
	AlarmStatistics func(ctx context.Context, scope query.Scope, centre string, from, to time.Time) (wire.AlarmStatistics, error)
	Figures         Figures
	// FigureTemplate writes an empty Excel table of figures, to be filled in.
	FigureTemplate func(w io.Writer, scope query.Scope, english bool) error

	// Scenes returns the scenes and the walls in force.
	Scenes     func() ([]wire.Scene, []wire.Wall)
	SceneEdits SceneEdits

	Hub     *live.Hub
	Web     fs.FS        // built pages, index.html at the top
	Metrics http.Handler // answers /metrics; nil: nothing does
	Now     func() time.Time
	Log     *slog.Logger
}

func (o *Options) check() error {
	o.Listen = cmp.Or(o.Listen, "127.0.0.1:8080")
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	if o.Now == nil {
		o.Now = time.Now
	}
	host, _, err := net.SplitHostPort(o.Listen)
	switch {
	case o.Registry == nil || o.Catalogue == nil || o.Queries == nil || o.Hub == nil || o.Web == nil:
		return errors.New("the dashboard API needs a registry, a catalogue, queries, a hub and the pages")
	case o.Feeds == nil || o.Rejects == nil || o.Replay == nil:
		return errors.New("the dashboard API needs the feeds, the refused events and the way to replay them")
	case o.Devices == nil || o.Tickets == nil || o.Places == nil || o.Search == nil:
		return errors.New("the dashboard API needs what the console lists: devices, tickets, places and the search")
	case o.Scorecards == nil:
		return errors.New("the dashboard API needs the scorecards")
	case o.ReportRuns == nil:
		return errors.New("the dashboard API needs the scheduled reports")
	case o.Alarms == nil || o.AlarmStatistics == nil:
		return errors.New("the dashboard API needs the alarms and their statistics")
	case o.Figures == nil || o.FigureTemplate == nil:
		return errors.New("the dashboard API needs the way to take figures in")
	case o.Scenes == nil || o.SceneEdits == nil:
		return errors.New("the dashboard API needs the scenes of walls, and the way to edit them")
	case o.Explain == nil:
		return errors.New("the dashboard API needs the explanations of numbers")
	case o.Reports == nil || o.Formats[formatJSON].Write == nil:
		return errors.New("the dashboard API needs the reports, and at least the format json of them")
	case err != nil:
		return fmt.Errorf("listen address %q: %w", o.Listen, err)
	case o.Token != "" && len(o.Token) < minToken:
		return fmt.Errorf("the access token has %d characters: it needs at least %d", len(o.Token), minToken)
	case o.Token == "" && !loopback(host):
		return fmt.Errorf("to listen on %s, where other machines reach it, an access token of at least %d characters must be set", o.Listen, minToken)
	case o.Token == "" && len(o.Hosts) > 0:
		return fmt.Errorf("to be reached as %s, an access token of at least %d characters must be set", o.Hosts[0], minToken)
	}
	return nil
}

// loopback tells whether a host to listen on is reached from this machine alone.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// Server serves everything over HTTP on one address.
type Server struct {
	o        Options
	listener net.Listener
	http     *http.Server
	sockets  *ws.Handler
	sessions *sessions
	pages    *pages
	signIn   *signInPage
	figures  *figuresPages
	explain  *explainPage
	scores   *scorePage
	reports  *reportPage
	nav      *template.Template
}

// New checks the options and binds the address.
func New(o Options) (*Server, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	s := &Server{
		o: o, sessions: newSessions(), signIn: newSignInPage(), figures: newFiguresPages(), explain: newExplainPage(), scores: newScorePage(),
		reports: newReportPage(), nav: template.Must(template.New("nav").Parse(navHTML)),
	}
	var err error
	if s.sockets, err = ws.New(ws.Options{Hub: o.Hub, Origins: o.Origins, Log: o.Log}); err != nil {
		return nil, err
	}
	if s.pages, err = newPages(o.Web); err != nil {
		return nil, err
	}
	s.http = &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      answerWithin + 10*time.Second, // live clients leave it behind when they upgrade
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug), // mostly clients that hang up
	}
	s.listener, err = (&net.ListenConfig{}).Listen(context.Background(), "tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", o.Listen, err)
	}
	return s, nil
}

// Addr is the bound address.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Run serves until ctx ends. Then it accepts nobody new, sends live clients away so that they come back to whoever
// serves next, and lets requests end. The hub is not its own: it must run for as long as the server does.
func (s *Server) Run(ctx context.Context) error {
	served := make(chan error, 1)
	go func() { served <- s.http.Serve(s.listener) }()
	select {
	case <-ctx.Done():
		s.stop(context.WithoutCancel(ctx))
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve HTTP on %s: %w", s.Addr(), err)
		}
		return nil
	case err := <-served:
		s.stop(context.WithoutCancel(ctx))
		return fmt.Errorf("serve HTTP on %s: %w", s.Addr(), err)
	}
}

func (s *Server) stop(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, stopWithin)
	defer cancel()
	var parting errgroup.Group
	parting.Go(func() error { return s.sockets.Shutdown(ctx) })
	parting.Go(func() error {
		err := s.http.Shutdown(ctx)
		if err != nil {
			s.http.Close()
			return fmt.Errorf("requests were cut off: %w", err)
		}
		return nil
	})
	if err := parting.Wait(); err != nil {
		s.o.Log.Warn("the dashboard API did not stop in time", "error", err)
	}
}
