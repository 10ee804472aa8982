// Command ioc is the data platform of the smart operations centres, in one binary.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
)

// command is one subcommand. words are what may stand before its flags, such as the verb of "ioc rejects list";
// empty: nothing.
type command struct {
	name, words, does string
	run               func(ctx context.Context, s *settings, p *process) error
}

// process is what a command has of the outside.
type process struct {
	words []string // given before the flags
	out   io.Writer
	log   *slog.Logger
}

func commands() []command {
	return []command{
		{"up", "", "run everything on this machine: embedded engines, simulated feeds, the wall", up},
		{"ingest", "", "bring events from MQTT and Kafka to ClickHouse", runIngest},
		{"leave", "", "give up the place in a shared MQTT subscription of an ingest that will not come back", runLeave},
		{"dashboard-api", "", "evaluate KPIs, serve the API and the wall", runDashboardAPI},
		{"migrate", "", "bring the tables in ClickHouse up to date", runMigrate},
		{"rejects", "list|show|export|replay", "look at refused events, and read them again after what refused them was put right", runRejects},
		{"alarms", "list|show|acknowledge|assign|shelve|unshelve|comment|close|statistics|check", "look at alarms, do something about them, or check a file of notifications", runAlarms},
		{"report", "", "write how a centre, and all below it, stood in a period", runReport},
		{"feeds", "", "print how each feed is, and with --centre and --domain how its sources are", runFeeds},
		{"scorecard", "ID", "rank agencies, localities or heads by a scorecard, such as index-766", runScorecard},
		{"reports", "list|run|check", "show what came of scheduled reports, make one now, or check a file of schedules", runReports},
		{"figures", "check|upload|list|undo|template", "take in tables of figures that no feed can measure, and take them back", runFigures},
		{"explain", "KPI", "say where a number comes from: how it is computed, what it is made of, what is missing", runExplain},
		{"rebuild", "", "compute all derived tables again from the raw events, while the platform runs", runRebuild},
		{"backup", "", "copy the database to a folder or to S3 (--to), while the platform runs", runBackup},
		{"restore", "", "put a backup back (--from), while the platform is stopped", runRestore},
		{"doctor", "", "look at brokers, ClickHouse, clocks, disks and KPI files, and say what to do", runDoctor},
		{"simulate", "registry", "play the feeds of all centres, or a load of sensor readings; registry prints a file for --registry that knows their gateways", runSimulate},
		{"clickhouse", "", "run the embedded ClickHouse engine alone, and print its DSN", runClickHouse},
	}
}

func main() { os.Exit(run(os.Args[1:], os.Environ(), os.Stdout, os.Stderr)) }

// run is the whole program: it returns the exit code.
func run(args, env []string, out, errs io.Writer) int {
	if len(args) == 0 {
		usage(errs)
		return 2
	}
	name, rest := args[0], args[1:]
	switch name {
	case engineCommand:
		return engineChild(rest)
	case "version", "--version", "-v":
		fmt.Fprintln(out, "ioc", build())
		return 0
	case "help", "--help", "-h":
		usage(out)
		return 0
	}
	words, flags := split(rest)
	s, f, err := load(name, flags, env, out)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(errs, "ioc:", err)
		return 2
	case name == "config" && len(words) == 0:
		printSettings(out, f)
		return 0
	}
	for _, c := range commands() {
		if c.name != name {
			continue
		}
		if c.words == "" && len(words) > 0 {
			fmt.Fprintf(errs, "ioc: %s takes no %q; see ioc %s --help\n", name, words[0], name)
			return 2
		}
		return runCommand(c, s, &process{words: words, out: out}, errs)
	}
	fmt.Fprintf(errs, "ioc: there is no command %q\n\n", name)
	usage(errs)
	return 2
}

// split parts the words that stand before the first flag from the flags.
func split(args []string) (words, flags []string) {
	for i, a := range args {
		if strings.HasPrefix(a, "-") {
			return args[:i], args[i:]
		}
	}
	return args, nil
}

func runCommand(c command, s *settings, p *process, errs io.Writer) int {
	var err error
	if p.log, err = newLog(s, errs); err != nil {
		fmt.Fprintln(errs, "ioc:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := c.run(ctx, s, p); err != nil {
		fmt.Fprintln(errs, "ioc:", err)
		return 1
	}
	return 0
}

func newLog(s *settings, w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.logLevel)); err != nil {
		return nil, fmt.Errorf("log-level %q: want debug, info, warn or error", s.logLevel)
	}
	o := &slog.HandlerOptions{Level: level}
	switch s.logFormat {
	case "text":
		return slog.New(slog.NewTextHandler(w, o)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, o)), nil
	default:
		return nil, fmt.Errorf("log-format %q: want text or json", s.logFormat)
	}
}

// build names what this binary was built from.
func build() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	revision, dirty := "", ""
	for _, kv := range info.Settings {
		switch {
		case kv.Key == "vcs.revision":
			revision = kv.Value[:min(12, len(kv.Value))]
		case kv.Key == "vcs.modified" && kv.Value == "true":
			dirty = "+changes"
		}
	}
	if revision == "" {
		return info.Main.Version + " " + info.GoVersion
	}
	return revision + dirty + " " + info.GoVersion
}

func usage(w io.Writer) {
	fmt.Fprint(w, "ioc is the data platform of the smart operations centres.\n\nCommands:\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-14s %s\n", strings.TrimSpace(c.name+" "+c.words), c.does)
	}
	fmt.Fprint(w, "  config         print every setting that is in force, secrets masked\n  version        print what this binary was built from\n\nioc COMMAND --help lists the settings.\n")
}
