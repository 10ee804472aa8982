package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"github.com/binhphuoc/ioc/ingest/chsink"
	"github.com/binhphuoc/ioc/ingest/figures"
	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// figuresTool is what the command figures works with.
type figuresTool struct {
	*parts
	desk       *figures.Desk
	indicators func() []figures.Indicator
	who        figures.Clerk
	args       []string // words after the verb
}

// runFigures takes tables of figures in, and takes them back.
func runFigures(ctx context.Context, s *settings, p *process) (err error) {
	verbs := map[string]struct {
		does func(*figuresTool, context.Context) error
		args int
		dsn  bool // whether it needs the storage
	}{
		"check": {(*figuresTool).check, 1, false}, "upload": {(*figuresTool).upload, 1, true}, "list": {(*figuresTool).list, 0, true},
		"undo": {(*figuresTool).undo, 1, true}, "template": {(*figuresTool).template, 0, false},
	}
	if len(p.words) == 0 || verbs[p.words[0]].does == nil || len(p.words) != verbs[p.words[0]].args+1 {
		return errors.New("say what to do: ioc figures check FILE, upload FILE, list, undo ID or template -o FILE")
	}
	verb := verbs[p.words[0]]
	if verb.dsn && s.clickhouseDSN == "" {
		return errNoDSN
	}
	if s.language != "vi" && s.language != "en" {
		return fmt.Errorf("--language %q: want vi or en", s.language)
	}
	t := &figuresTool{args: p.words[1:]}
	if t.parts, err = newParts(s, p); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.stop()) }()
	if _, ok := t.registry.Centre(s.centre); s.centre != "" && !ok {
		return fmt.Errorf("--centre %q: there is no such centre", s.centre)
	}
	catalogue, err := t.catalogue()
	if err != nil {
		return err
	}
	cards, err := t.scorecards(catalogue.Current)
	if err != nil {
		return err
	}
	t.indicators = func() []figures.Indicator { return indicatorsOf(catalogue.Current(), cards.Current()) }
	// A connection is made by the first question. A check and a template ask none, so any address will do for them.
	sink, err := chsink.New(chsink.Options{DSN: cmp.Or(s.clickhouseDSN, "clickhouse://none.invalid:9000/ioc")})
	if err != nil {
		return err
	}
	t.closers = append(t.closers, sink.Close)
	if t.desk, err = t.figures(sink, t.indicators); err != nil {
		return err
	}
	by, err := s.whoami("figures")
	if err != nil {
		return err
	}
	t.who = figures.Clerk{Name: by, Centre: s.centre, May: func(string) bool { return true }}
	return verb.does(t, ctx)
}

func (t *figuresTool) say(s schemas.Text) string {
	if t.s.language == "en" {
		return s.EN
	}
	return s.VI
}

// file reads the file that is named.
func (t *figuresTool) file() (figures.File, error) {
	f := figures.File{Name: filepath.Base(t.args[0]), DryRun: t.s.dryRun, SkipBad: t.s.skipBad}
	in, err := os.Open(t.args[0])
	if err != nil {
		return f, fmt.Errorf("read figures: %w", err)
	}
	defer in.Close()
	// One byte more than is taken tells that there is more.
	if f.Data, err = io.ReadAll(io.LimitReader(in, figures.MaxBytes+1)); err != nil {
		return f, fmt.Errorf("read figures: %w", err)
	}
	return f, nil
}

// check reads a file and says what is wrong with it, without any storage.
func (t *figuresTool) check(context.Context) error {
	f, err := t.file()
	if err != nil {
		return err
	}
	return t.report(t.desk.Check(t.who, f))
}

// upload takes a file in.
func (t *figuresTool) upload(ctx context.Context) error {
	f, err := t.file()
	if err != nil {
		return err
	}
	u, err := t.desk.Upload(ctx, t.who, f)
	if err != nil {
		return err
	}
	return t.report(u)
}

// report prints what came of a file. A file that is not taken is an error.
func (t *figuresTool) report(u figures.Upload) error {
	out := t.desk.Wire(u)
	if t.s.json {
		if err := printLine(t.p.out, out); err != nil {
			return err
		}
	} else {
		t.print(out)
	}
	switch {
	case len(out.Problems) > 0:
		return errors.New("the file is not taken")
	case out.Refused > 0 && out.State != wire.UploadWritten:
		return fmt.Errorf("%d of %d rows have errors; --skip-bad takes the others", out.Refused, out.Rows)
	}
	return nil
}

func (t *figuresTool) print(u wire.FigureUpload) {
	for _, p := range u.Problems {
		fmt.Fprintf(t.p.out, "%s%s\n", where(p), t.say(p.Sentence))
	}
	for _, r := range u.Results {
		for _, p := range r.Problems {
			fmt.Fprintf(t.p.out, "%s%s\n", where(p), t.say(p.Sentence))
		}
		if len(r.Problems) > 0 {
			continue
		}
		old := ""
		if r.Old != nil && r.Change == wire.FigureCorrected {
			old = fmt.Sprintf(" (%s, %s)", r.Old.Value, r.Old.IssuedBy)
		}
		fmt.Fprintf(t.p.out, "%5d %-9s %-11s %-34s %-8s %s%s\n", r.Row, r.Change, r.Centre, r.Indicator, r.Period, shownNumber(r.Value), old)
		for _, n := range r.Notes {
			fmt.Fprintf(t.p.out, "      %s\n", t.say(n))
		}
	}
	fmt.Fprintf(t.p.out, "%s: %d rows, %d new, %d corrected, %d unchanged, %d refused\n", u.State, u.Rows, u.New, u.Corrected, u.Unchanged, u.Refused)
	if u.ID != "" {
		fmt.Fprintf(t.p.out, "ioc figures undo %s takes it back\n", u.ID)
	}
}

func shownNumber(n *json.Number) string {
	if n == nil {
		return "-"
	}
	return n.String()
}

// where is the place of a problem in a file.
func where(p wire.FigureProblem) string {
	place := ""
	if p.Sheet != "" {
		place = p.Sheet + "!"
	}
	if p.Row > 0 {
		return fmt.Sprintf("%s%s%d: ", place, p.Column, p.Row)
	}
	return place + " "
}

// list prints the newest uploads.
func (t *figuresTool) list(ctx context.Context) error {
	if t.s.limit < 1 || t.s.limit > 500 {
		return fmt.Errorf("--limit %d: want 1 to 500", t.s.limit)
	}
	list, err := t.desk.List(ctx, t.who, t.s.limit)
	if err != nil {
		return err
	}
	for _, u := range list {
		if t.s.json {
			if err := printLine(t.p.out, t.desk.Wire(u)); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(t.p.out, "%s %s %-8s %5d new %5d corrected  %s, %s\n", u.ID, clock(u.At), u.State, u.New, u.Corrected, u.File, u.By)
	}
	if len(list) == 0 && !t.s.json {
		fmt.Fprintln(t.p.out, "nothing was uploaded")
	}
	return nil
}

// undo takes an upload back.
func (t *figuresTool) undo(ctx context.Context) error {
	id, err := uuid.Parse(t.args[0])
	if err != nil {
		return fmt.Errorf("%q is not the id of an upload; ioc figures list prints them", t.args[0])
	}
	out, err := t.desk.Undo(ctx, t.who, id, t.s.force)
	if t.s.json {
		return errors.Join(err, printLine(t.p.out, out))
	}
	for _, c := range out.Conflicts {
		now := "nothing"
		if c.Now != nil {
			now = fmt.Sprintf("%s, %s", c.Now.Value, c.Now.Source)
		}
		fmt.Fprintf(t.p.out, "changed since: %s %s %s: uploaded %s, now %s\n", c.Centre, c.Indicator, c.Period, shownNumber(c.Value), now)
	}
	switch {
	case errors.Is(err, figures.ErrConflict):
		return fmt.Errorf("%w: nothing is undone; --force undoes it nevertheless", err)
	case err != nil:
		return err
	}
	fmt.Fprintf(t.p.out, "undone: %d figures are as before, %d are withdrawn\n", out.Restored, out.Withdrawn)
	return nil
}

// template writes an empty table to fill in.
func (t *figuresTool) template(context.Context) (err error) {
	if t.s.output == "" {
		return errors.New("say where to: ioc figures template -o FILE.xlsx")
	}
	file, err := os.OpenFile(t.s.output, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644) //nolint:gosec // it holds nothing secret
	if err != nil {
		return fmt.Errorf("-o: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return t.figureTemplate(t.indicators)(file, query.Everything(), t.s.language == "en")
}
