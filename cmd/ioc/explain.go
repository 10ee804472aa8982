package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/query/chstore"
	"github.com/binhphuoc/ioc/query/explain"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/period"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// runExplain says where a number comes from.
func runExplain(ctx context.Context, s *settings, p *process) (err error) {
	switch {
	case len(p.words) != 1:
		return errors.New("say which number: ioc explain KPI, such as ioc explain dossier.on_time_rate --centre dong-xoai")
	case s.language != "vi" && s.language != "en":
		return fmt.Errorf("language %q: want vi or en", s.language)
	case s.clickhouseDSN == "":
		return errNoDSN
	case s.limit < 1 || s.limit > query.MaxEvents:
		return fmt.Errorf("--limit %d: want 1 to %d", s.limit, query.MaxEvents)
	}
	parts, err := newParts(s, p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, parts.stop()) }()
	q, err := explainRequest(s, parts.registry, p.words[0], time.Now())
	if err != nil {
		return err
	}
	catalogue, err := parts.catalogue()
	if err != nil {
		return err
	}
	k, ok := catalogue.Current().ByID(q.KPI)
	if !ok {
		return fmt.Errorf("there is no KPI %q", q.KPI)
	}
	store, err := chstore.New(chstore.Options{DSN: s.clickhouseDSN, Registry: parts.registry})
	if err != nil {
		return err
	}
	parts.closers = append(parts.closers, store.Close)
	scores, err := parts.scoring(store, catalogue.Current)
	if err != nil {
		return err
	}
	if k.Formula.Kind == kpi.KindScore {
		if err := scores.keeper.Once(ctx); err != nil {
			return err
		}
	}
	e := &explain.Explainer{
		Counter: store, Ledger: store, Witness: store, Registry: parts.registry, Catalogue: catalogue.Current, Scores: scores.keeper.Counts, Now: time.Now,
		Teller: parts.reports(store, catalogue.Current),
	}
	x, err := e.Explain(ctx, query.Everything(), q.ExplainRequest)
	if told := (*query.Refusal)(nil); errors.As(err, &told) {
		return errors.New(either(s.language == "en", told.Text.VI, told.Text.EN))
	}
	if err != nil {
		return err
	}
	if !s.events {
		return printExplanation(p.out, x, s)
	}
	list, err := e.Events(ctx, query.Everything(), q)
	if err != nil {
		return err
	}
	if s.json {
		return printLine(p.out, map[string]any{"explanation": x, "events": list})
	}
	if err := printExplanation(p.out, x, s); err != nil {
		return err
	}
	return printEvents(p.out, list, s.language == "en")
}

// explainRequest reads which number is meant.
func explainRequest(s *settings, registry *schemas.Registry, id string, now time.Time) (query.EventsRequest, error) {
	q := query.EventsRequest{ExplainRequest: query.ExplainRequest{KPI: id, Centre: s.centre, Period: s.period}, Part: s.part, Limit: s.limit}
	if q.Centre == "" {
		q.Centre = registry.Centres[0].Code
	}
	if _, ok := registry.Centre(q.Centre); !ok {
		return q, fmt.Errorf("--centre %q: there is no such centre", q.Centre)
	}
	var err error
	if q.From, err = parseWhen(s.since, now); err != nil {
		return q, fmt.Errorf("--since %w", err)
	}
	if q.To, err = parseWhen(s.until, now); err != nil {
		return q, fmt.Errorf("--until %w", err)
	}
	if q.AsOf, err = parseWhen(s.asOf, now); err != nil {
		return q, fmt.Errorf("--as-of %w", err)
	}
	if !q.From.IsZero() && q.To.IsZero() {
		q.To = now
	}
	return q, nil
}

// printExplanation prints it as a person reads it.
func printExplanation(w io.Writer, x wire.Explanation, s *settings) error {
	if s.json {
		return printLine(w, x)
	}
	en := s.language == "en"
	pick := func(t schemas.Text) string { return either(en, t.VI, t.EN) }
	line := func(vi, enName, text string) { fmt.Fprintf(w, "%-18s %s\n", either(en, vi, enName), text) }
	fmt.Fprintf(w, "%s · %s\n%s\n\n", pick(x.KPI.Name), pick(x.Centre.Name), pick(x.Definition))
	value := plain(x.Value.Value) + strings.TrimRight(" "+x.KPI.Unit, " ")
	if x.Value.Denominator != nil {
		value += " = " + plain(x.Value.Numerator) + " / " + plain(x.Value.Denominator)
	}
	line("giá trị", "value", value+" ("+string(x.Value.State)+")")
	line("khoảng", "window", pick(x.Window.Local)+" ("+x.Window.From.Format(time.RFC3339)+" – "+x.Window.To.Format(time.RFC3339)+")")
	if v := x.Evidence; v != nil {
		line("được tính", "counted", fmt.Sprintf(either(en, "%d, theo %d sự kiện của %d nguồn", "%d, by %d events of %d sources"), v.Things, v.Events, v.Sources))
		if v.Newest != nil && v.NewestArrival != nil {
			line("mới nhất", "newest", clock(*v.Newest)+either(en, ", đến lúc ", ", arrived ")+clock(*v.NewestArrival))
		}
		if v.LateShare != nil {
			line("đến trễ", "late", fmt.Sprintf("%d (%.2f %%)", *v.Late, 100**v.LateShare))
		}
	}
	line("bị từ chối", "refused", fmt.Sprintf(either(en, "%d, đã nhận %d (%s – %s)", "%d, taken %d (%s – %s)"), x.Refused.Refused, x.Refused.Taken, clock(x.Refused.From), clock(x.Refused.To)))
	for _, t := range x.Rollups {
		line("bảng tổng hợp", "rollups", fmt.Sprintf("%d s: %s – %s", t.Seconds, clock(t.From), clock(t.To)))
	}
	if x.Target != nil {
		line("mục tiêu", "target", plain(&x.Target.Value)+" · "+x.Target.Source)
	}
	line("tệp", "file", x.KPI.File)
	line("nguồn", "source", x.KPI.Source)
	fmt.Fprintf(w, "\n%-12s %14s %14s %14s\n", either(en, "trung tâm", "centre"), either(en, "giá trị", "value"), either(en, "tử số", "numerator"), either(en, "mẫu số", "denominator"))
	for _, c := range x.Centres {
		fmt.Fprintf(w, "%-12s %14s %14s %14s\n", dash(c.Centre), plain(c.Value), plain(c.Numerator), plain(c.Denominator))
	}
	if len(x.Revisions) > 0 {
		fmt.Fprintln(w)
	}
	for _, r := range x.Revisions {
		line("sửa ngày", "revised", fmt.Sprintf("%s %s: %s → %s (%s)", r.Day.In(period.Zone()).Format(time.DateOnly), r.Centre, plain(r.Before), plain(r.Now), clock(r.At)))
	}
	return nil
}

// printEvents prints a page of events.
func printEvents(w io.Writer, list wire.KPIEventList, en bool) error {
	fmt.Fprintln(w)
	for _, e := range list.Events {
		fields := make([]string, 0, len(list.Fields))
		for _, name := range list.Fields {
			if text := e.Fields[name]; text != "" {
				fields = append(fields, name+"="+text)
			}
		}
		fmt.Fprintf(w, "%s  %-11s %-20s %-28s %8s  %s\n", clock(e.At), dash(e.Centre), dash(e.Entity), dash(e.Source), plain(e.Value), strings.Join(fields, " "))
	}
	if list.Next != "" {
		fmt.Fprintln(w, either(en, "\nĐây là phần mới nhất; --limit và API cho xem thêm.", "\nThese are the newest; --limit and the API show more."))
	}
	return nil
}

func either(en bool, vi, english string) string {
	if en {
		return english
	}
	return vi
}

// plain is a number as programs write it.
func plain(v *float64) string {
	if v == nil {
		return "-"
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}
