package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/binhphuoc/ioc/deploy/doctor"
)

func TestDoctor(t *testing.T) {
	bad := t.TempDir()
	if err := os.WriteFile(filepath.Join(bad, "a.b.yaml"), []byte("id: a.b\nnome: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	none := filepath.Join(t.TempDir(), "none")
	for _, c := range []struct {
		name      string
		args, env []string
		code      int
		want      []string
	}{
		{"nothing configured", []string{"--data", none}, nil, 0, []string{"✓ kpi.files", "- clickhouse ", "Chưa cấu hình ClickHouse.", "→ Đặt --clickhouse-dsn", "0 có vấn đề, 4 chưa xem"}},
		{"in English", []string{"--data", none, "--language", "en"}, nil, 0, []string{"No ClickHouse is configured.", "→ Set --clickhouse-dsn", "0 with problems, 4 not looked at"}},
		{"a bad KPI file", []string{"--data", none, "--language", "en", "--kpi-dir", bad}, nil, 1, []string{"✗ kpi.files", "a.b.yaml:2: nome"}},
		{"the settings of all commands", []string{"--data", none, "--language", "en"}, []string{"IOC_KPI_DIR=" + bad}, 1, []string{"a.b.yaml:2"}},
		{"a closed port", []string{"--data", none, "--language", "en", "--kafka-brokers", "127.0.0.1:1", "--mqtt-broker", "tcp://127.0.0.1:1"}, nil, 1, []string{"✗ kafka.reachable", "✗ mqtt.reachable", "nothing listens"}},
		{"no such language", []string{"--language", "fr"}, nil, 1, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			if code := run(append([]string{"doctor"}, c.args...), c.env, &out, &errs); code != c.code {
				t.Errorf("exit code %d, want %d\n%s%s", code, c.code, out.String(), errs.String())
			}
			for _, w := range c.want {
				if !strings.Contains(out.String(), w) {
					t.Errorf("no %q in\n%s", w, out.String())
				}
			}
		})
	}
}

func TestDoctorAsJSON(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run([]string{"doctor", "--json", "--data", t.TempDir(), "--mqtt-broker", "tcp://127.0.0.1:1"}, nil, &out, &errs); code != 1 {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	var report struct {
		At     string
		Checks []doctor.Check
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	if n := count(report.Checks, doctor.Problem); n != 1 || report.At == "" {
		t.Errorf("%d problems in\n%s", n, out.String())
	}
	for _, c := range report.Checks {
		for _, f := range c.Findings {
			if f.Text.VI == "" || f.Text.EN == "" || (f.Severity != doctor.OK) != (f.Advice.VI != "") {
				t.Errorf("%s: %+v", c.Name, f)
			}
		}
	}
}
