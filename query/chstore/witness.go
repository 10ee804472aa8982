package chstore

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/binhphuoc/ioc/query/explain"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
)

// witness is the SQL of what stands behind a number: one row for each thing.
type witness struct {
	from, where string
	one         string // what follows when there is but one row of each centre
	kind        string
	at, tie     string // order, the newest first
	centre      string
	entity      string
	source      string
	happened    string
	arrived     string
	num, den    string // what a thing adds to the counts
	value       string
	hit         string // admits what the numerator counts
	told        []string
	things      bool // rows of entity
}

const (
	null  = "NULL"
	epoch = "toDateTime64(0, 3, 'UTC')" // no moment
)

// witnessOf makes the SQL for every kind but feed.
func (s *Store) witnessOf(b explain.Behind) (w witness, err error) {
	f := b.KPI.Formula
	w = witness{kind: quote(f.Of), centre: "centre", entity: "''", source: "''", happened: epoch, arrived: epoch, num: null, den: null, value: null, hit: "1"}
	switch {
	case f.Kind.Rolled():
		err = s.ofRolled(&w, b)
	case f.Kind == kpi.KindStanding || f.Kind == kpi.KindStandingRatio:
		err = s.ofStanding(&w, b)
	case f.Kind.PerSource():
		err = s.ofSources(&w, b)
	case f.Kind == kpi.KindUp || f.Kind == kpi.KindDown:
		err = s.ofKnown(&w, b)
	case f.Kind == kpi.KindFigure:
		err = s.ofFigure(&w, b)
	default:
		err = fmt.Errorf("events of formulas of kind %s are not listed", f.Kind)
	}
	if err != nil {
		return w, fmt.Errorf("KPI %s: %w", b.KPI.ID, err)
	}
	for _, name := range explain.Told(b.KPI) {
		w.told = append(w.told, "toString("+toldSQL(f, name)+")")
	}
	return w, nil
}

// ofRolled finds the rows that are counted in rollups, by the same conditions.
func (s *Store) ofRolled(w *witness, b explain.Behind) error {
	f := b.KPI.Formula
	t, err := translator{}.terms(f)
	if err != nil {
		return err
	}
	switch f.Kind {
	case kpi.KindCount:
		w.num = "1"
	case kpi.KindRatio:
		w.num, w.den, w.hit = t.extra, "1", t.extra
	case kpi.KindAverage:
		w.num, w.den, w.value = exact("("+t.value+") * ("+t.weight+")"), exact(t.weight), t.value
	case kpi.KindQuantile:
		w.value = t.value
	default: // sums
		w.num, w.value = "ifNull("+exact(t.value)+", 0)", t.value
	}
	w.where = t.known(f.Kind)
	switch {
	case measured(f.Of):
		s.measuredRows(w, b)
	case f.Of == kpi.OfRejected:
		w.kind, w.from = "'rejected'", "rejected FINAL"
		w.at, w.happened, w.arrived, w.tie, w.entity = "arrived", epoch, "arrived", "toString(key)", "toString(key)"
		w.source = "if(match(source, '^/[a-z0-9-]+/[a-z]+/[A-Za-z0-9._-]{1,64}$'), source, '')"
		w.where += " AND " + between("arrived", b.From, b.To) + " AND " + s.sent("centre", b.Senders)
	default:
		s.entityRows(w, b)
		w.at = "assumeNotNull(e." + f.At + ")"
		w.where += " AND " + between("e."+f.At, b.From, b.To)
	}
	return nil
}

func (s *Store) measuredRows(w *witness, b explain.Behind) {
	of := b.KPI.Formula.Of
	_, filter := facts(of)
	w.from = s.measuresBetween(filter, b.Senders, b.From, b.To)
	w.at, w.happened, w.arrived, w.source, w.tie = "said.time", "said.time", "said.arrived", "said.source", "toString(said.key)"
	if of == string(schemas.TypeReading) {
		w.from += " ARRAY JOIN metrics AS metric, metric_values AS value, units AS unit, dims AS dims, arrayEnumerate(metrics) AS place"
		w.tie = "concat(toString(said.key), '/', leftPad(toString(place), 4, '0'))"
	}
	if of == kpi.OfMeasure {
		w.kind = "toString(type)"
	}
}

// measuresBetween is the SQL of the measurements of a span that a condition admits.
func (s *Store) measuresBetween(filter string, from explain.Senders, since, until time.Time) string {
	return measures(fmt.Sprintf("raw.minute >= toStartOfMinute(toDateTime(%d, 'UTC')) AND raw.minute <= toDateTime(%d, 'UTC') AND ", since.Unix(), until.Unix())+
		between("raw.time", since, until)+" AND "+filter+" AND "+s.sent("raw.centre", from), time.Minute, []time.Time{since, until})
}

func (s *Store) entityRows(w *witness, b explain.Behind) {
	_, filter := facts(b.KPI.Formula.Of)
	w.from, w.things = "entity AS e FINAL", true
	w.centre, w.entity, w.tie, w.at, w.happened = "e.centre", "e.entity", "concat(e.centre, '/', e.entity)", "e.time", "e.time"
	w.where += " AND NOT e.gone AND " + filter + " AND " + s.sent("e.centre", b.Senders)
}

func (s *Store) ofStanding(w *witness, b explain.Behind) error {
	t, err := translator{now: b.Now}.terms(b.KPI.Formula)
	if err != nil {
		return err
	}
	w.where, w.num = t.where, "1"
	if b.KPI.Formula.Kind == kpi.KindStandingRatio {
		w.num, w.den, w.hit = t.extra, "1", t.extra
	}
	s.entityRows(w, b)
	return nil
}

// ofSources lists what each source said in the window.
func (s *Store) ofSources(w *witness, b explain.Behind) error {
	t, err := translator{}.terms(b.KPI.Formula)
	if err != nil {
		return err
	}
	w.kind, w.from, w.where = "'source'", "("+sourceValues(b.Question, t)+") AS v", s.sent("v.centre", b.Senders)
	w.at, w.happened, w.source, w.value, w.centre = "v.at", "v.at", "v.source", "v.said", "v.centre"
	w.tie = "toString(v.source)"
	return nil
}

// ofKnown lists the sources that should send.
func (s *Store) ofKnown(w *witness, b explain.Behind) error {
	where, err := translator{}.condition(b.KPI.Formula.Where)
	if err != nil {
		return err
	}
	up := s.inTime("newest", b.Now) + " AND " + where
	if b.KPI.Formula.Kind == kpi.KindDown {
		up = "NOT (" + up + ")"
	}
	w.kind, w.from, w.where = "'source'", "("+s.knownSources(b.KPI.Formula.Of, b.Now, s.saidRaw(b.KPI.Formula.Of, b.Now))+") AS k", s.sent("k.centre", b.Senders)
	w.at, w.happened, w.source, w.tie, w.centre = "k.heard", "k.heard", "k.source", "toString(k.source)", "k.centre"
	w.num, w.den, w.hit = "("+up+")", "1", up
	return nil
}

// ofFigure finds the one figure that is shown.
func (s *Store) ofFigure(w *witness, b explain.Behind) error {
	value, err := figureValue(b.KPI.Formula)
	if err != nil {
		return err
	}
	q, where := b.Question, "isNotNull("+value+") AND "+s.sent("e.centre", b.Senders)
	if b.Period != "" {
		q.From, where = q.To, where+" AND e.period = "+quote(b.Period) // it may end later than the span
	}
	w.from, w.where = "("+figuresOf(q)+") AS e", where
	w.one = "ORDER BY e.ends DESC, e.time DESC LIMIT 1 BY e.centre"
	w.centre, w.entity, w.tie, w.at, w.happened, w.value = "e.centre", "e.entity", "concat(e.centre, '/', e.entity)", "e.time", "e.time", value
	return nil
}

// rows is the SQL of the things themselves, with the columns that row reads.
func (w witness) rows() string {
	optional := func(sql string) string { return "CAST(" + sql + ", 'Nullable(Float64)')" }
	columns := []string{
		w.at + " AS x_at", w.tie + " AS x_tie", "toString(" + w.kind + ") AS x_kind", "toString(" + w.centre + ") AS x_centre", w.entity + " AS x_entity",
		"toString(" + w.source + ") AS x_source", w.happened + " AS x_happened", w.arrived + " AS x_arrived", optional(w.num) + " AS x_num",
		optional(w.den) + " AS x_den", optional(w.value) + " AS x_value", "CAST([" + strings.Join(w.told, ", ") + "], 'Array(String)') AS x_told",
	}
	return "SELECT " + strings.Join(columns, ", ") + "\nFROM " + w.from + "\nWHERE " + w.where + " " + w.one
}

// page is the SQL of a page of these.
func (w witness) page(b explain.Behind, after explain.Cursor, limit int) string {
	if b.Numerator {
		w.where += " AND " + w.hit
	}
	place := func(at, tie string) string {
		if after.Tie == "" {
			return "1"
		}
		return at + " <= " + moment(after.At) + " AND (" + at + " < " + moment(after.At) + " OR " + tie + " < " + quote(after.Tie) + ")"
	}
	if w.things {
		// First which ones, by few columns: all of the others are read for these alone, by their key.
		w.where += " AND (e.centre, e.entity) IN (SELECT e.centre, e.entity FROM " + w.from + " WHERE " + w.where + " AND " + place(w.at, w.tie) +
			" ORDER BY " + w.at + " DESC LIMIT " + strconv.Itoa(limit) + " WITH TIES)"
	}
	return "SELECT * FROM (" + w.rows() + ") WHERE " + place("x_at", "x_tie") + " ORDER BY x_at DESC, x_tie DESC LIMIT " + strconv.Itoa(limit)
}

// sent admits what these centres sent.
func (s *Store) sent(column string, from explain.Senders) string {
	if !from.Rest {
		return column + " IN (" + quotes(from.Codes) + ")"
	}
	var others []string
	for _, c := range s.registry.Centres {
		if !slices.Contains(from.Codes, c.Code) {
			others = append(others, c.Code)
		}
	}
	if len(others) == 0 {
		return "1"
	}
	return column + " NOT IN (" + quotes(others) + ")"
}

// between admits what lies in a span.
func between(field string, from, to time.Time) string {
	return field + " >= " + moment(from) + " AND " + field + " < " + moment(to)
}

// toldSQL is the SQL of a field as text; what is unknown is empty.
func toldSQL(f kpi.Formula, name string) string {
	const code = "if(match(%[1]s, '^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$'), %[1]s, '')"
	switch {
	case name == "lat" || name == "lon": // to about a hundred metres
		return "ifNull(toString(round(" + name + ", 3)), '')"
	case name == "unit":
		return "if(lengthUTF8(unit) <= 16, unit, '')"
	case name == "domain" && f.Kind.PerSource():
		name = "spoke_in"
	case name == "type" && f.Of == kpi.OfRejected:
		name = "event_type"
	}
	switch field := kpi.Fields(f.Of)[name]; {
	case field.Is == kpi.TypeTime || slices.Contains([]string{"at", "heard"}, name):
		return "ifNull(replaceOne(toString(`" + name + "`), ' ', 'T') || 'Z', '')"
	case field.Is == kpi.TypeNumber || field.Is == kpi.TypeBool || field.Is == kpi.TypeCounts:
		return "ifNull(toString(`" + name + "`), '')"
	case slices.Contains([]string{"topic", "category", "field"}, name):
		return fmt.Sprintf(code, "toString(`"+name+"`)")
	default: // words of the contract, names of procedures and agencies
		return "substringUTF8(toString(`" + name + "`), 1, 200)"
	}
}
