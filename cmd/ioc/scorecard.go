package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
	"unicode/utf8"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/chstore"
	qkpi "github.com/binhphuoc/ioc/query/kpi"
	"github.com/binhphuoc/ioc/query/scorecard"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/period"
	cards "github.com/binhphuoc/ioc/schemas/scorecard"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// scorecards loads the scorecards: the built-in ones, and those of --scorecard-dir.
func (a *parts) scorecards(catalogue func() *kpi.Catalogue) (*cards.Store, error) {
	builtin, errs := cards.Builtin(catalogue())
	if len(errs) > 0 {
		return nil, fmt.Errorf("built-in scorecards: %w", errors.Join(errs...))
	}
	store := cards.NewStore(builtin, a.s.scorecardDir, catalogue)
	for _, err := range store.Reload() {
		a.p.log.Error("a scorecard file is refused", "error", err)
	}
	return store, nil
}

// agencies loads the registry of agencies: the built-in one, or that of --agencies.
func (a *parts) agencies() (*schemas.Agencies, error) {
	if a.s.agencies == "" {
		return schemas.BuiltinAgencies(a.registry)
	}
	dir, name := filepath.Split(a.s.agencies)
	if dir == "" {
		dir = "."
	}
	out, err := schemas.LoadAgencies(os.DirFS(dir), name, a.registry)
	if err != nil {
		return nil, fmt.Errorf("--agencies: %w", err)
	}
	return out, nil
}

// scores answers what is asked of scorecards.
func (a *parts) scores(store *chstore.Store, catalogue func() *kpi.Catalogue, cards *cards.Store) (*scorecard.Scores, error) {
	agencies, err := a.agencies()
	if err != nil {
		return nil, err
	}
	return &scorecard.Scores{
		Store: store, Registry: a.registry, Agencies: agencies, Catalogue: catalogue, Scorecards: cards.Current, Now: time.Now,
	}, nil
}

// scoring is all about scorecards that a server needs.
type scoring struct {
	*scorecard.Scores
	cards  *cards.Store
	keeper *scorecard.Keeper
}

func (a *parts) scoring(store *chstore.Store, catalogue func() *kpi.Catalogue) (*scoring, error) {
	list, err := a.scorecards(catalogue)
	if err != nil {
		return nil, err
	}
	scores, err := a.scores(store, catalogue, list)
	if err != nil {
		return nil, err
	}
	keeper := scorecard.NewKeeper(scorecard.KeeperOptions{Scores: scores, Span: qkpi.Span, Log: a.p.log.With("part", "scores")})
	return &scoring{scores, list, keeper}, nil
}

// runScorecard prints the ranked table of a scorecard.
func runScorecard(ctx context.Context, s *settings, p *process) (err error) {
	switch {
	case len(p.words) != 1:
		return errors.New("say which scorecard: ioc scorecard index-766, dti, digitisation, or one of --scorecard-dir")
	case s.language != "vi" && s.language != "en":
		return fmt.Errorf("language %q: want vi or en", s.language)
	case s.clickhouseDSN == "":
		return errNoDSN
	}
	request, err := scorecardRequest(s, p.words[0], time.Now())
	if err != nil {
		return err
	}
	a, err := newParts(s, p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.stop()) }()
	catalogue, err := a.catalogue()
	if err != nil {
		return err
	}
	store, err := chstore.New(chstore.Options{DSN: s.clickhouseDSN, Registry: a.registry})
	if err != nil {
		return err
	}
	a.closers = append(a.closers, store.Close)
	scores, err := a.scoring(store, catalogue.Current)
	if err != nil {
		return err
	}
	table, err := scores.Table(ctx, query.Everything(), request)
	switch {
	case errors.Is(err, query.ErrNotFound):
		return fmt.Errorf("there is no scorecard %q", request.ID)
	case err != nil:
		return err
	case s.json:
		return printLine(p.out, table)
	}
	return printScores(p.out, table, s.language)
}

// scorecardRequest reads what is to be scored: by default all agencies in this year.
func scorecardRequest(s *settings, id string, now time.Time) (scorecard.Request, error) {
	r := scorecard.Request{ID: id, By: wire.ScorecardBy(s.by)}
	if s.period != "" && (s.since != "" || s.until != "") {
		return r, errors.New("write --period, or --since and --until")
	}
	if s.period != "" {
		p, err := period.Parse(s.period)
		if err != nil {
			return r, fmt.Errorf("--period %w", err)
		}
		r.From, r.To = p.From, p.To
		return r, nil
	}
	var err error
	if r.From, err = parseWhen(s.since, now); err != nil {
		return r, fmt.Errorf("--since %w", err)
	}
	if r.To, err = parseWhen(s.until, now); err != nil {
		return r, fmt.Errorf("--until %w", err)
	}
	if r.From.IsZero() {
		r.From = period.Current(period.KindYear, now).From
	}
	if r.To.IsZero() {
		r.To = period.Current(period.KindYear, r.From).To
	}
	return r, nil
}

// printScores writes one line for each unit, and below what is missing in all of them.
func printScores(w io.Writer, t wire.ScorecardTable, language string) error {
	text := func(vi, en string) string { return in(language, schemas.Text{VI: vi, EN: en}) }
	day := func(at time.Time) string { return at.In(period.Zone()).Format(time.DateOnly) }
	fmt.Fprintf(w, "%s\n%s %s, %s %s", in(language, t.Scorecard.Name), text("từ", "from"), day(t.Period.From), text("trước", "before"), day(t.Period.To))
	if t.State == wire.PeriodRunning {
		fmt.Fprintf(w, ", %s %s", text("tính đến", "as of"), clock(t.AsOf))
	}
	fmt.Fprintf(w, "\n\n%s %s %s %s %s %s\n", left(text("hạng", "rank"), 5), left(text("đơn vị", "unit"), 44), right(text("tỷ lệ", "share"), 8),
		right(text("đạt / có số liệu", "reached / known"), 18), right(text("thiếu", "missing"), 8), right(text("kỳ trước", "before"), 9))
	units := t.Units
	if t.Whole != nil {
		units = append(units, *t.Whole)
	}
	for _, u := range units {
		rank, before := "-", "-"
		if u.Rank != nil {
			rank = fmt.Sprint(*u.Rank)
		}
		if u.Previous != nil {
			before = percent(u.Previous.Share)
		}
		name := in(language, u.Name)
		if t.By == wire.ByHead {
			name = u.Head + ", " + name
		}
		fmt.Fprintf(w, "%s %s %s %s %8.1f %s\n", left(rank, 5), left(short(name, 44), 44), right(percent(u.Share), 8),
			right(fmt.Sprintf("%.1f / %.1f", u.Reached, u.Known), 18), u.Missing, right(before, 9))
	}
	for _, u := range t.Unassigned {
		fmt.Fprintf(w, "%s: %s %s, %d\n", text("chưa tính cho đơn vị nào", "counted for no unit"), u.Centre, dash(u.Agency), u.Things)
	}
	if t.Scorecard.Unchecked != nil {
		fmt.Fprintf(w, "\n%s %s\n", text("Chưa đối chiếu:", "Not checked:"), in(language, *t.Scorecard.Unchecked))
	}
	_, err := fmt.Fprintf(w, "\n%s\n", text("Điểm thiếu số liệu không tính là 0. Từng phần của mỗi điểm: --json.", "Missing points do not count as zero. The parts of each score: --json."))
	return err //nolint:wrapcheck // of the terminal
}

func percent(share *float64) string {
	if share == nil {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", *share)
}

// left fills a text up to a width in characters, and right puts it to the end of that width.
func left(s string, width int) string { return s + gap(s, width) }

func right(s string, width int) string { return gap(s, width) + s }

func gap(s string, width int) string {
	return fmt.Sprintf("%*s", max(0, width-utf8.RuneCountInString(s)), "")
}
