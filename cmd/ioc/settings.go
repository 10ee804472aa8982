package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/binhphuoc/ioc/deploy/retention"
	"github.com/binhphuoc/ioc/schemas/period"
)

// settings is every setting of every command. One name serves the flag (--mqtt-listen), the key in the
// configuration file (mqtt-listen) and, upper-cased, the environment (IOC_MQTT_LISTEN).
// A flag wins over the environment, the environment over the file, the file over the default.
type settings struct {
	config string

	data             string
	listen           string
	mqttListen       string
	kafkaListen      string
	clickhouseListen string
	noSimulate       bool

	clickhouseDSN     string
	clickhouseLibrary string
	apiToken          string
	apiHosts          string
	apiOrigins        string
	metricsListen     string
	kpiDir            string
	scorecardDir      string
	sceneDir, wallDir string
	agencies          string
	mapBoundary       string
	registry          string
	alarmNotify       string
	retention         time.Duration
	keep              retention.Policy

	backupDir  string
	to, from   string
	base       string
	replace    bool
	s3Endpoint string
	s3Key      string
	s3Secret   string

	mqttBroker   string
	mqttUser     string
	mqttPassword string
	mqttClientID string
	mqttShare    string
	mqttCA       string

	kafkaBrokers  string
	kafkaGroup    string
	kafkaSASL     string
	kafkaUser     string
	kafkaPassword string
	kafkaTLS      bool
	kafkaCA       string

	simulateSeed     uint64
	simulateRate     float64
	simulateBackfill time.Duration
	loadRate         float64
	loadFor          time.Duration
	loadBy           string

	reportSchedules string
	reportDir       string
	smtpHost        string
	smtpPort        int
	smtpUser        string
	smtpPassword    string
	smtpFrom        string
	smtpTLS         string
	smtpCA          string
	period          string

	json     bool
	language string

	kind     string
	priority int
	why      string
	operator string
	shelve   time.Duration

	centre, domain, source, code, state string
	since, until, part, by              string
	events                              bool
	limit                               int
	output                              string
	asOf, format                        string
	dryRun, skipBad, force              bool

	logLevel  string
	logFormat string
}

// secrets are never printed.
func secrets() []string {
	return []string{"clickhouse-dsn", "api-token", "mqtt-password", "kafka-password", "s3-key", "s3-secret", "smtp-password"}
}

// flags declares every setting, with its default, on a new flag set.
func (s *settings) flags(command string) *flag.FlagSet {
	f := flag.NewFlagSet("ioc "+command, flag.ContinueOnError)
	f.StringVar(&s.config, "config", "", "configuration `FILE` (YAML: one \"name: value\" a line, names as below)")
	f.StringVar(&s.data, "data", "ioc-data", "`DIR` for everything that is kept")
	f.StringVar(&s.listen, "listen", "127.0.0.1:8080", "`ADDRESS` of the wall and the API")
	f.StringVar(&s.mqttListen, "mqtt-listen", "127.0.0.1:1883", "up: `ADDRESS` of the embedded MQTT broker")
	f.StringVar(&s.kafkaListen, "kafka-listen", "127.0.0.1:9092", "up: `ADDRESS` of the embedded Kafka broker")
	f.StringVar(&s.clickhouseListen, "clickhouse-listen", "127.0.0.1:9000", "up, clickhouse: `ADDRESS` of the ClickHouse engine")
	f.BoolVar(&s.noSimulate, "no-simulate", false, "up: start no simulated feeds")

	f.StringVar(&s.clickhouseDSN, "clickhouse-dsn", "", "`DSN` of a ClickHouse server, clickhouse://user:password@host:9000/database; up then starts no engine")
	f.StringVar(&s.clickhouseLibrary, "clickhouse-library", "", "up, clickhouse: `FILE` of libchdb; default: the program clickhouse in PATH, else the library, which is fetched once")
	f.StringVar(&s.apiToken, "api-token", "", "`TOKEN` that readers must give; required when --listen is not a loopback address (at least 24 characters)")
	f.StringVar(&s.apiHosts, "api-hosts", "", "`NAME[,…]` under which a proxy in front passes readers on; needs --api-token")
	f.StringVar(&s.apiOrigins, "api-origins", "", "`ORIGIN[,…]` of pages on other hosts that may use the live channel")
	f.StringVar(&s.metricsListen, "metrics-listen", "127.0.0.1:9464", "ingest: `ADDRESS` of its metrics and health")
	f.DurationVar(&s.retention, "retention", 400*24*time.Hour, "how far back an event may lie")

	s.keep = retention.Default()
	f.Var(&s.keep.Raw, "keep-raw", "`TIME` to keep readings, cameras and sensors as they were sent: 800d, 5y or forever; states of dossiers, calls and the like have no end. Applied by migrate, up and dashboard-api, as all of --keep")
	f.Var(&s.keep.Rejected, "keep-rejected", "`TIME` to keep refused events")
	f.Var(&s.keep.Rollup10s, "keep-rollup-10s", "`TIME` to keep figures of 10 seconds")
	f.Var(&s.keep.Rollup1m, "keep-rollup-1m", "`TIME` to keep figures of a minute")
	f.Var(&s.keep.Rollup1h, "keep-rollup-1h", "`TIME` to keep figures of an hour")
	f.Var(&s.keep.Rollup1d, "keep-rollup-1d", "`TIME` to keep figures of a day, and what they were before they were revised")
	f.Var(&s.keep.Minutes, "keep-minutes", "`TIME` to keep the values of KPIs as they were shown")
	f.Var(&s.keep.Sources, "keep-sources", "`TIME` to keep what each source said in each minute")

	f.StringVar(&s.backupDir, "backup-dir", "", "up, clickhouse, backup, restore: the `DIR` in which the embedded ClickHouse may write backups, and read them; default: clickhouse/backups in --data")
	f.StringVar(&s.to, "to", "", "backup: `FOLDER` in the server's folder of backups, or s3://BUCKET/PATH; alarms assign: the name of who takes care of it, empty: nobody any more")
	f.StringVar(&s.from, "from", "", "restore: `FOLDER` or s3://BUCKET/PATH of a backup")
	f.StringVar(&s.base, "base", "", "backup: `FOLDER` or s3://BUCKET/PATH of an earlier backup; only what has changed since is written, and both are needed to restore")
	f.BoolVar(&s.replace, "replace", false, "restore: put the backup in the place of what the database holds, once it has been read whole")
	f.StringVar(&s.s3Endpoint, "s3-endpoint", "", "backup, restore: `URL` of the S3 service, https://s3.example.vn; default: that of Amazon")
	f.StringVar(&s.s3Key, "s3-key", "", "backup, restore: access `KEY` of S3; not as a flag: set IOC_S3_KEY, or the file of --config")
	f.StringVar(&s.s3Secret, "s3-secret", "", "backup, restore: `SECRET` of S3; not as a flag: set IOC_S3_SECRET, or the file of --config")

	f.StringVar(&s.mqttBroker, "mqtt-broker", "", "ingest, simulate: `URL` of the MQTT broker, tcp://host:1883 or ssl://host:8883; empty: none")
	f.StringVar(&s.mqttUser, "mqtt-user", "", "`NAME` at the MQTT broker")
	f.StringVar(&s.mqttPassword, "mqtt-password", "", "`PASSWORD` at the MQTT broker")
	f.StringVar(&s.mqttClientID, "mqtt-client-id", "ioc-ingest", "client `ID` of the persistent MQTT session: one for each ingest process")
	f.StringVar(&s.mqttShare, "mqtt-share", "", "`GROUP` of a shared MQTT subscription, when several ingest processes share the work")
	f.StringVar(&s.mqttCA, "mqtt-ca", "", "`FILE` of the CA certificates of the MQTT broker")

	f.StringVar(&s.kafkaBrokers, "kafka-brokers", "", "ingest, simulate: `HOST:PORT[,…]` of the Kafka brokers; empty: none")
	f.StringVar(&s.kafkaGroup, "kafka-group", "ioc-ingest", "consumer `GROUP` of ingest")
	f.StringVar(&s.kafkaSASL, "kafka-sasl", "", "`MECHANISM`: plain, scram-sha-256 or scram-sha-512; empty: none")
	f.StringVar(&s.kafkaUser, "kafka-user", "", "`NAME` at the Kafka brokers")
	f.StringVar(&s.kafkaPassword, "kafka-password", "", "`PASSWORD` at the Kafka brokers")
	f.BoolVar(&s.kafkaTLS, "kafka-tls", false, "talk TLS to the Kafka brokers")
	f.StringVar(&s.kafkaCA, "kafka-ca", "", "`FILE` of the CA certificates of the Kafka brokers")

	f.Uint64Var(&s.simulateSeed, "simulate-seed", 1, "up, simulate: the same seed and day give the same events")
	f.Float64Var(&s.simulateRate, "simulate-rate", 1, "up, simulate: 1 is a real day, 10 ten times the events")
	f.DurationVar(&s.simulateBackfill, "simulate-backfill", 6*time.Hour, "up, simulate: how much of the past is sent at the start")
	f.Float64Var(&s.loadRate, "load-rate", 0, "simulate: send sensor readings at this many `EVENTS` a second instead of a real day")
	f.DurationVar(&s.loadFor, "load-for", time.Minute, "simulate: for how long, with --load-rate")
	f.StringVar(&s.loadBy, "load-by", "kafka", "simulate: `TRANSPORT` of the load, kafka or mqtt")

	f.StringVar(&s.reportSchedules, "report-schedules", "", "`FILE` of the reports that are made and sent by themselves; empty: none")
	f.StringVar(&s.reportDir, "report-dir", "", "`DIR` for these reports; empty: reports, in the folder of --data")
	f.StringVar(&s.smtpHost, "smtp-host", "", "`NAME` of the mail server, without a port; empty: no mail is sent")
	f.IntVar(&s.smtpPort, "smtp-port", 0, "`PORT` of the mail server; 0: 587, with --smtp-tls tls 465, with none 25")
	f.StringVar(&s.smtpUser, "smtp-user", "", "`NAME` at the mail server; empty: without a sign-in")
	f.StringVar(&s.smtpPassword, "smtp-password", "", "`PASSWORD` at the mail server")
	f.StringVar(&s.smtpFrom, "smtp-from", "", "`ADDRESS` that mails come from, such as IOC Bình Phước <ioc@binhphuoc.gov.vn>")
	f.StringVar(&s.smtpTLS, "smtp-tls", "", "`HOW` the way to the mail server is protected: starttls, tls or none; empty: starttls, and none on this machine")
	f.StringVar(&s.smtpCA, "smtp-ca", "", "`FILE` of the CA certificates of the mail server")
	f.StringVar(&s.period, "period", "", "report, explain, scorecard: the `PERIOD`: "+period.Accepted+"; reports run: empty for the one that ended last")
	f.StringVar(&s.asOf, "as-of", "", "report, explain: `TIME` to look from, written as for --since; what was counted or corrected later is left out; empty: now")
	f.StringVar(&s.format, "format", "json", "report: `FORMAT`: "+strings.Join(formatNames(), ", "))

	s.fileFlags(f)
	s.askFlags(f)

	f.StringVar(&s.logLevel, "log-level", "info", "debug, info, warn or error")
	f.StringVar(&s.logFormat, "log-format", "text", "text or json")
	return f
}

// fileFlags declares the files of definitions.
func (s *settings) fileFlags(f *flag.FlagSet) {
	f.StringVar(&s.kpiDir, "kpi-dir", "", "`DIR` with KPI files that add to the built-in catalogue or replace parts of it")
	f.StringVar(&s.scorecardDir, "scorecard-dir", "", "`DIR` with scorecard files that add to the built-in ones or replace them")
	f.StringVar(&s.sceneDir, "scene-dir", "", "`DIR` with scene files of walls that add to the built-in ones or replace them")
	f.StringVar(&s.wallDir, "wall-dir", "", "`DIR` with files that say which scenes each wall turns over, beside the built-in ones")
	f.StringVar(&s.registry, "registry", "", "`FILE` with the centres, the domains and the gateways that cameras and sensors hang on, in the form of schemas/registry/registry.yaml; empty: the built-in one")
	f.StringVar(&s.alarmNotify, "alarm-notify", "", "`FILE` that says who is told of which alarms, by mail, webhook or an HTTP request; secrets in it are ${NAME} of the environment; empty: nobody")
	f.StringVar(&s.agencies, "agencies", "", "`FILE` with the agencies and their heads, in the form of schemas/registry/agencies.yaml; empty: the built-in ones")
	f.StringVar(&s.mapBoundary, "map-boundary", "", "GeoJSON `FILE` with the boundary that the map draws (polygons, WGS 84, at most 4 MB); empty: none")
}

// askFlags declares what the commands that ask and print take.
func (s *settings) askFlags(f *flag.FlagSet) {
	f.StringVar(&s.centre, "centre", "", "only what concerns the `CENTRE` with this code")
	f.StringVar(&s.domain, "domain", "", "only what concerns this `DOMAIN`: service, camera or sensor")
	f.StringVar(&s.source, "source", "", "rejects: only those of this `SOURCE`")
	f.StringVar(&s.code, "code", "", "rejects: only those refused for this `REASON`, such as wrong_centre")
	f.StringVar(&s.state, "state", "", "rejects: open, or taken by a replay; feeds: alive, late or silent sources; reports list: pending, running, done or failed; alarms: raised, acknowledged, shelved, cleared or closed, several with commas")
	f.StringVar(&s.kind, "kind", "", "alarms: only those of this `KIND`: kpi, rate, feed, camera, sensor or flood")
	f.IntVar(&s.priority, "priority", 0, "alarms: only those of this `PRIORITY`, 1 (the most urgent) to 4; 0: all")
	f.StringVar(&s.why, "why", "", "alarms acknowledge, assign, shelve, unshelve, comment, close: the `REASON`, which stands in the history")
	f.StringVar(&s.operator, "operator", "", "alarms, figures, rejects replay, reports run: `NAME` of who does it, which is recorded beside the account; empty: the full name of the account, where it has one")
	f.DurationVar(&s.shelve, "for", 0, "alarms shelve: for how `LONG`, such as 2h")
	f.StringVar(&s.since, "since", "", "from this `TIME` on: 2026-10-14, 2026-10-14T08:00 (in Binh Phuoc), RFC 3339, or 2h or 7d ago; rejects: that arrived then; scorecard: empty for 1 January")
	f.StringVar(&s.until, "until", "", "before this `TIME`; empty: now; scorecard: empty for the end of the year")
	f.StringVar(&s.by, "by", "agency", "scorecard: rank by `UNIT`: agency, centre (localities) or head")
	f.IntVar(&s.limit, "limit", 20, "of a list: at most so `MANY`")
	f.StringVar(&s.output, "o", "", "`FILE` to write, where a command makes one; empty: print")
	f.BoolVar(&s.events, "events", false, "explain: list the newest of what was counted, too")
	f.StringVar(&s.part, "part", "", "explain: list what this `COUNT` holds, numerator or denominator")
	f.BoolVar(&s.dryRun, "dry-run", false, "rejects replay, figures upload: tell what would be taken, and change nothing")
	f.BoolVar(&s.skipBad, "skip-bad", false, "figures upload: take the good rows of a file that has bad ones too")
	f.BoolVar(&s.force, "force", false, "figures undo: also what has changed since")
	f.BoolVar(&s.json, "json", false, "print JSON, where a command prints for people")
	f.StringVar(&s.language, "language", "vi", "print in Vietnamese (vi) or English (en), where a command does both")
}

// envName is the environment variable of a setting.
func envName(name string) string {
	return "IOC_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// load reads the settings of a command: defaults, then the file, then the environment, then the flags.
func load(command string, args, env []string, help io.Writer) (*settings, *flag.FlagSet, error) {
	var s settings
	f := s.flags(command)
	f.SetOutput(help)
	f.Usage = func() {
		fmt.Fprintf(help, "Usage of %s, every setting also as %s in the environment or as \"name: value\" in the file of --config:\n", f.Name(), "IOC_NAME")
		f.PrintDefaults()
	}
	// The flags are parsed twice: first to learn which file, and last so that they win.
	if err := f.Parse(args); err != nil {
		return nil, nil, err
	}
	if f.NArg() > 0 {
		return nil, nil, fmt.Errorf("%s: %q is not a flag; see %s --help", f.Name(), f.Arg(0), f.Name())
	}
	given := map[string]string{}
	f.Visit(func(x *flag.Flag) { given[x.Name] = x.Value.String() })
	for _, name := range []string{"s3-key", "s3-secret"} {
		if _, ok := given[name]; ok {
			return nil, nil, fmt.Errorf("--%s: everybody on this machine can read the flags of a process; set %s, or write it into the file of --config", name, envName(name))
		}
	}
	file, ok := given["config"]
	if !ok {
		file, ok = lookup(env, envName("config"))
	}
	if ok && file != "" {
		if err := readFile(f, file); err != nil {
			return nil, nil, err
		}
	}
	if err := readEnv(f, env); err != nil {
		return nil, nil, err
	}
	for name, value := range given {
		if err := f.Set(name, value); err != nil {
			return nil, nil, fmt.Errorf("flag --%s: %w", name, err)
		}
	}
	return &s, f, nil
}

// readFile sets what a configuration file says. Unknown names and nested values are errors with their line.
func readFile(f *flag.FlagSet, name string) error {
	raw, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return fmt.Errorf("configuration %s: %w", name, err)
	}
	if len(doc.Content) == 0 {
		return nil // empty file
	}
	m := doc.Content[0]
	if m.Kind != yaml.MappingNode {
		return fmt.Errorf("configuration %s:%d: expected \"name: value\" lines", name, m.Line)
	}
	for i := 0; i < len(m.Content); i += 2 {
		key, value := m.Content[i], m.Content[i+1]
		if f.Lookup(key.Value) == nil || key.Value == "config" {
			return fmt.Errorf("configuration %s:%d: there is no setting %q; ioc config lists them", name, key.Line, key.Value)
		}
		if value.Kind != yaml.ScalarNode {
			return fmt.Errorf("configuration %s:%d: %s takes one value", name, value.Line, key.Value)
		}
		if err := f.Set(key.Value, value.Value); err != nil {
			return fmt.Errorf("configuration %s:%d: %s: %w", name, value.Line, key.Value, err)
		}
	}
	return nil
}

// readEnv sets what the environment says. An IOC_ name that is no setting is an error: it is a typing mistake.
func readEnv(f *flag.FlagSet, env []string) error {
	var errs []error
	names := map[string]string{}
	f.VisitAll(func(x *flag.Flag) { names[envName(x.Name)] = x.Name })
	for _, kv := range env {
		key, value, _ := strings.Cut(kv, "=")
		// IOC_TEST_ names belong to the tests.
		if !strings.HasPrefix(key, "IOC_") || strings.HasPrefix(key, "IOC_TEST_") {
			continue
		}
		name, ok := names[key]
		if !ok {
			errs = append(errs, fmt.Errorf("environment: there is no setting %s; ioc config lists them", key))
			continue
		}
		if err := f.Set(name, value); err != nil {
			errs = append(errs, fmt.Errorf("environment: %s: %w", key, err))
		}
	}
	return errors.Join(errs...)
}

func lookup(env []string, name string) (string, bool) {
	for _, kv := range env {
		if key, value, ok := strings.Cut(kv, "="); ok && key == name {
			return value, true
		}
	}
	return "", false
}

// printSettings writes what is in force as a configuration file, with secrets masked.
func printSettings(w io.Writer, f *flag.FlagSet) {
	f.VisitAll(func(x *flag.Flag) {
		if x.Name == "config" {
			return
		}
		value := x.Value.String()
		switch {
		case value != "" && slices.Contains(secrets(), x.Name):
			value = `"***"`
		default:
			if out, err := yaml.Marshal(value); err == nil {
				value = strings.TrimSpace(string(out))
			}
			if _, ok := x.Value.(interface{ IsBoolFlag() bool }); ok {
				value = x.Value.String()
			}
		}
		fmt.Fprintf(w, "%s: %s\n", x.Name, value)
	})
}
