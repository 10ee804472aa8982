package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPrecedence(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ioc.yaml")
	write(t, file, "listen: 127.0.0.1:1\nmqtt-listen: 127.0.0.1:2\nkafka-listen: 127.0.0.1:3\nno-simulate: true\n")
	env := []string{"IOC_CONFIG=" + file, "IOC_MQTT_LISTEN=127.0.0.1:20", "IOC_KAFKA_LISTEN=127.0.0.1:30", "PATH=/bin", "IOC_TEST_KAFKA=x"}
	s, _, err := load("up", []string{"--kafka-listen", "127.0.0.1:300"}, env, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ what, got, want string }{
		{"default", s.clickhouseListen, "127.0.0.1:9000"},
		{"file over default", s.listen, "127.0.0.1:1"},
		{"environment over file", s.mqttListen, "127.0.0.1:20"},
		{"flag over environment", s.kafkaListen, "127.0.0.1:300"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.what, tt.got, tt.want)
		}
	}
	if !s.noSimulate {
		t.Error("a boolean of the file was not taken")
	}
}

func TestWrongSettingsAreNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ioc.yaml")
	tests := []struct {
		name, file string
		args, env  []string
		want       string
	}{
		{"unknown name in the file, with its line", "listen: a:1\nlisen: b\n", nil, nil, `ioc.yaml:2: there is no setting "lisen"`},
		{"wrong value in the file", "\nretention: soon\n", nil, nil, "ioc.yaml:2: retention"},
		{"a list where one value belongs", "listen: [a]\n", nil, nil, "ioc.yaml:1: listen takes one value"},
		{"no mapping", "- a\n", nil, nil, "expected"},
		{"unknown name in the environment", "", nil, []string{"IOC_LISEN=x"}, "no setting IOC_LISEN"},
		{"wrong value in the environment", "", nil, []string{"IOC_SIMULATE_RATE=fast"}, "IOC_SIMULATE_RATE"},
		{"a stray word", "", []string{"now"}, nil, `"now" is not a flag`},
		{"a file that is not there", "", []string{"--config", "/nowhere/ioc.yaml"}, nil, "/nowhere/ioc.yaml"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			write(t, file, tt.file)
			args := tt.args
			if tt.file != "" {
				args = append(args, "--config", file)
			}
			_, _, err := load("up", args, tt.env, io.Discard)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want it to name %s", err, tt.want)
			}
		})
	}
}

func TestPrintedSettingsHideSecretsAndCanBeReadBack(t *testing.T) {
	env := []string{"IOC_MQTT_PASSWORD=hunter2", "IOC_CLICKHOUSE_DSN=clickhouse://u:hunter2@h:9000/d", "IOC_API_TOKEN=hunter2", "IOC_KAFKA_PASSWORD=hunter2", "IOC_SMTP_PASSWORD=hunter2"}
	var out strings.Builder
	if code := run([]string{"config", "--listen", "127.0.0.1:8181"}, env, &out, io.Discard); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	if strings.Contains(out.String(), "hunter2") {
		t.Errorf("a secret was printed:\n%s", out.String())
	}
	file := filepath.Join(t.TempDir(), "ioc.yaml")
	write(t, file, out.String())
	s, _, err := load("up", []string{"--config", file}, nil, io.Discard)
	if err != nil {
		t.Fatalf("what ioc config prints can't be read: %v", err)
	}
	if s.listen != "127.0.0.1:8181" {
		t.Errorf("listen is %s after reading back", s.listen)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
