package doctor

import (
	"context"
	"crypto/rand"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/binhphuoc/ioc/deploy/local"
	"github.com/binhphuoc/ioc/deploy/retention"
	"github.com/binhphuoc/ioc/ingest/kafka"
	"github.com/binhphuoc/ioc/ingest/mqtt"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/ddl"
)

// TestMain makes the test binary stand in for the program as the engine's process.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "engine" {
		os.Exit(local.RunChild(os.Args[2:]))
	}
	goleak.VerifyTestMain(m)
}

// patience is how long a test waits for what has to come.
const patience = 60 * time.Second

// options are those of a doctor who knows one centre that no other test has.
func options(t *testing.T) Options {
	t.Helper()
	migrations, err := ddl.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	centre := schemas.Centre{Code: "d" + strings.ToLower(rand.Text()[:10])}
	return Options{
		Migrations: migrations, Keep: retention.Policy{Sources: 90}, Timeout: 5 * time.Second, Listen: 100 * time.Millisecond,
		Registry: &schemas.Registry{Centres: []schemas.Centre{centre}, Domains: []schemas.Domain{{Code: "service"}, {Code: "sensor"}}},
	}
}

func examine(t *testing.T, o Options) []Check {
	t.Helper()
	d, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return d.Run(t.Context())
}

// want is a finding that has to be there.
type want struct {
	check    string
	severity Severity
	text     string // part of the English finding
}

// expect looks for findings, and for what every finding must have.
func expect(t *testing.T, checks []Check, wanted ...want) {
	t.Helper()
	for _, c := range checks {
		for _, f := range c.Findings {
			if f.Text.VI == "" || f.Text.EN == "" || strings.Contains(f.Text.VI+f.Text.EN+f.Advice.VI+f.Advice.EN, "%!") {
				t.Errorf("%s: %+v", c.Name, f)
			}
			if f.Severity != OK && (f.Advice.VI == "" || f.Advice.EN == "") {
				t.Errorf("%s says %q, and not what to do", c.Name, f.Text.EN)
			}
		}
	}
	for _, w := range wanted {
		if !found(checks, w) {
			t.Errorf("not found: %+v in\n%s", w, told(checks))
		}
	}
}

func found(checks []Check, w want) bool {
	for _, c := range checks {
		for _, f := range c.Findings {
			if c.Name == w.check && f.Severity == w.severity && strings.Contains(f.Text.EN, w.text) {
				return true
			}
		}
	}
	return false
}

func told(checks []Check) string {
	var b strings.Builder
	for _, c := range checks {
		for _, f := range c.Findings {
			b.WriteString("  " + c.Name + " " + string(f.Severity) + ": " + f.Text.EN + "\n")
		}
	}
	return b.String()
}

// closed is an address where nothing listens.
func closed(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// mute is the address of a black hole: it takes connections, and never says a word.
func mute(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

func TestWhatIsNotConfiguredIsSkipped(t *testing.T) {
	o := options(t)
	o.Data = filepath.Join(t.TempDir(), "none")
	expect(t, examine(t, o),
		want{"clickhouse", Skipped, "No ClickHouse is configured"},
		want{"kafka", Skipped, "No Kafka is configured"},
		want{"mqtt", Skipped, "No MQTT broker is configured"},
		want{"disk.data", Skipped, "is not there"},
		want{"kpi.files", OK, "KPI files are good"},
	)
}

func TestNothingAnswers(t *testing.T) {
	for _, c := range []struct {
		name, address string
		texts         [3]string // of ClickHouse, Kafka, MQTT
	}{
		{"port closed", closed(t), [3]string{"nothing listens", "nothing listens", "nothing listens"}},
		{"black hole", mute(t), [3]string{"does not answer", "does not answer", "does not answer"}},
		{"no such host", "khong-co.invalid:1", [3]string{"", "", ""}}, // what resolvers say differs
	} {
		t.Run(c.name, func(t *testing.T) {
			o := options(t)
			o.Timeout = time.Second
			o.ClickHouseDSN = "clickhouse://ioc:x@" + c.address + "/ioc"
			o.Kafka = kafka.Options{Brokers: []string{c.address}}
			o.MQTT = mqtt.Options{Broker: "tcp://" + c.address}
			began := time.Now()
			checks := examine(t, o)
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("took %s", took)
			}
			expect(t, checks,
				want{"clickhouse.reachable", Problem, c.texts[0]}, want{"kafka.reachable", Problem, c.texts[1]}, want{"mqtt.reachable", Problem, c.texts[2]},
				want{"clickhouse.schema", Skipped, "clickhouse.reachable failed"}, want{"kafka.lag", Skipped, "kafka.reachable failed"},
			)
		})
	}
}

func TestSettingsThatCanNotBeRead(t *testing.T) {
	o := options(t)
	o.ClickHouseDSN = "::"
	o.Kafka = kafka.Options{Brokers: []string{"x:1"}, SASL: "gssapi"}
	o.MQTT = mqtt.Options{Broker: "ssl://x:1", CAFile: filepath.Join(t.TempDir(), "none.pem")}
	expect(t, examine(t, o),
		want{"clickhouse.reachable", Problem, "can't be read"}, want{"kafka.reachable", Problem, "gssapi"}, want{"mqtt.reachable", Problem, "none.pem"})
	if _, err := New(Options{}); err == nil {
		t.Error("a doctor who knows nothing")
	}
}

func TestAKPIFileThatIsBad(t *testing.T) {
	o := options(t)
	o.KPIDir, o.Data = t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(o.KPIDir, "x.y.yaml"), []byte("id: x.y\nnome: { vi: a, en: b }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	checks := examine(t, o)
	expect(t, checks, want{"kpi.files", Problem, "x.y.yaml:2: nome"})
	o.KPIDir = filepath.Join(o.KPIDir, "none")
	expect(t, examine(t, o), want{"kpi.files", Problem, "can't be read"})
}

func TestRoom(t *testing.T) {
	for _, c := range []struct {
		free, total uint64
		want        Severity
	}{
		{500 * gib, 1000 * gib, OK},
		{90 * gib, 1000 * gib, Warning}, // share
		{4 * gib, 10 * gib, Warning},    // size
		{20 * gib, 1000 * gib, Problem},
		{gib / 2, 2 * gib, Problem},
		{0, 0, Problem},
	} {
		if got := room("x", c.free, c.total); got.Severity != c.want {
			t.Errorf("%d of %d: %s, want %s", c.free, c.total, got.Severity, c.want)
		}
	}
}

// A check that panics or hangs is a finding, and the others are heard.
func TestAPanicAndAHangAreFindings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, err := New(options(t))
		if err != nil {
			t.Fatal(err)
		}
		release := make(chan struct{})
		began := time.Now()
		checks := d.runGroup(t.Context(), group{checks: []check{
			{"first", func(context.Context) []Finding { return []Finding{fine(say("a", "a"))} }},
			{"panics", func(context.Context) []Finding { panic("hỏng") }},
			{"hangs", func(context.Context) []Finding { <-release; return nil }},
			{"slow", func(ctx context.Context) []Finding {
				<-ctx.Done()
				return []Finding{warn(say("chậm", "slow"), say("đợi", "wait"))}
			}},
			{"good", func(context.Context) []Finding { return []Finding{fine(say("tốt", "well"))} }},
		}})
		if took := time.Since(began); took > 2*d.o.Timeout {
			t.Errorf("took %s", took)
		}
		expect(t, checks, want{"panics", Problem, "hỏng"}, want{"hangs", Problem, "No answer after 5s"}, want{"slow", Warning, "slow"}, want{"good", OK, "well"})
		close(release)
	})
}

func TestTheWorstComesFirst(t *testing.T) {
	c := result("x", []Finding{fine(say("a", "a")), warn(say("b", "b"), say("b", "b")), bad(say("c", "c"), say("c", "c")), skip(say("d", "d"), say("d", "d"))})
	if c.Severity != Problem || c.Findings[0].Text.EN != "c" || c.Findings[3].Text.EN != "a" {
		t.Errorf("%+v", c)
	}
}
