package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/binhphuoc/ioc/deploy/doctor"
	"github.com/binhphuoc/ioc/ingest/kafka"
	"github.com/binhphuoc/ioc/ingest/mqtt"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/ddl"
)

// runDoctor looks at everything that the platform stands on. Problems are an error, so that the exit code says so.
func runDoctor(ctx context.Context, s *settings, p *process) error {
	if s.language != "vi" && s.language != "en" {
		return fmt.Errorf("language %q: want vi or en", s.language)
	}
	registry, err := schemas.BuiltinRegistry()
	if err != nil {
		return err
	}
	migrations, err := ddl.Builtin()
	if err != nil {
		return err
	}
	d, err := doctor.New(doctor.Options{
		ClickHouseDSN: s.clickhouseDSN, KPIDir: s.kpiDir, Data: s.data, Registry: registry, Migrations: migrations, Keep: s.keep,
		Kafka: kafka.Options{
			Brokers: list(s.kafkaBrokers), Group: s.kafkaGroup, SASL: s.kafkaSASL, User: s.kafkaUser, Password: s.kafkaPassword,
			TLS: s.kafkaTLS, CAFile: s.kafkaCA,
		},
		MQTT: mqtt.Options{Broker: s.mqttBroker, Share: s.mqttShare, User: s.mqttUser, Password: s.mqttPassword, CAFile: s.mqttCA},
	})
	if err != nil {
		return err
	}
	checks := d.Run(ctx)
	if s.json {
		err = printJSON(p.out, checks, time.Now())
	} else {
		printChecks(p.out, checks, s.language)
	}
	if n := count(checks, doctor.Problem); n > 0 && err == nil {
		err = fmt.Errorf("doctor: %d of %d checks found a problem", n, len(checks))
	}
	return err
}

func count(checks []doctor.Check, severity doctor.Severity) int {
	n := 0
	for _, c := range checks {
		if c.Severity == severity {
			n++
		}
	}
	return n
}

func printJSON(w io.Writer, checks []doctor.Check, now time.Time) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(map[string]any{"at": now.UTC(), "checks": checks}); err != nil {
		return fmt.Errorf("write the findings: %w", err)
	}
	return nil
}

// printChecks writes one line for each check, then what to do about each finding that is not well.
func printChecks(w io.Writer, checks []doctor.Check, language string) {
	for _, c := range checks {
		line := ""
		if len(c.Findings) > 0 {
			line = in(language, c.Findings[0].Text)
		}
		if n := len(c.Findings) - 1; n > 0 && c.Severity != doctor.OK {
			line += fmt.Sprintf(" (+%d)", n)
		}
		fmt.Fprintf(w, "%s %-22s %s\n", sign(c.Severity), c.Name, line)
	}
	for _, severity := range []doctor.Severity{doctor.Problem, doctor.Warning, doctor.Skipped} {
		for _, c := range checks {
			for _, f := range c.Findings {
				if f.Severity == severity {
					fmt.Fprintf(w, "\n%s %s: %s\n", sign(severity), c.Name, in(language, f.Text))
					fmt.Fprintf(w, "  → %s\n", strings.ReplaceAll(in(language, f.Advice), "\n", "\n    "))
				}
			}
		}
	}
	summary := schemas.Text{
		VI: "%d tốt, %d cần chú ý, %d có vấn đề, %d chưa xem",
		EN: "%d good, %d to watch, %d with problems, %d not looked at",
	}
	fmt.Fprintf(w, "\n"+in(language, summary)+"\n", count(checks, doctor.OK), count(checks, doctor.Warning), count(checks, doctor.Problem), count(checks, doctor.Skipped))
}

func in(language string, t schemas.Text) string {
	if language == "en" {
		return t.EN
	}
	return t.VI
}

func sign(s doctor.Severity) string {
	switch s {
	case doctor.OK:
		return "✓"
	case doctor.Warning:
		return "!"
	case doctor.Problem:
		return "✗"
	default:
		return "-"
	}
}
