#!/usr/bin/env bash
# Installs what the tests need and runs all of them. At the end: what passed, what failed, what was skipped and why.
# Everything listens on 127.0.0.1, and ends with the script.
#
# Not in here because they take long:
#   go run ./deploy/chaos -rounds 100     ten times as many rounds of kills, pauses, full disks and cut networks
#   go run ./deploy/chaos -away 10m       ClickHouse away for so long: memory, and how fast the backlog is worked off
#   go run ./deploy/chaos -spoil          does the comparison see each kind of wrong table?
#   go test -bench . ./...                the benchmarks
#   npm --prefix dashboard-api/web run e2e:soak   30 minutes of a busy wall: heap and nodes; MINUTES=5 for a short one
#   npm --prefix dashboard-api/web run e2e:load   what a wall of 60 widgets and 100 values a second takes of a core
#   go test -fuzz FuzzDecode -fuzztime 10m ./schemas
set -uo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
passed=0 failed=0 skipped=0
summary=()
children=()
trap 'for p in "${children[@]:-}"; do [ -n "$p" ] && kill "$p" 2>/dev/null; done; deploy/test/kafka.sh stop >/dev/null 2>&1; wait; rm -rf "$work"' EXIT

note() { printf '\n== %s\n' "$*"; }
pass() { passed=$((passed + 1)); summary+=("passed   $1"); }
fail() { failed=$((failed + 1)); summary+=("FAILED   $1"); }
skip() { skipped=$((skipped + 1)); summary+=("skipped  $1: $2"); printf 'skipped: %s: %s\n' "$1" "$2"; }
have() { command -v "$1" >/dev/null 2>&1; }

# step NAME COMMAND...: one check. Its output is shown when it fails.
step() {
	local name=$1 began=$SECONDS log="$work/step.log"
	shift
	note "$name"
	if "$@" >"$log" 2>&1; then
		echo "ok, $((SECONDS - began)) s"
		pass "$name"
	else
		tail -n 80 "$log"
		fail "$name"
	fi
}

install_packages() {
	local missing=() p
	for p in "chromium:chromium" "mosquitto:mosquitto" "mosquitto_pub:mosquitto-clients" "kcat:kcat"; do
		PATH=$PATH:/usr/sbin have "${p%%:*}" || missing+=("${p#*:}")
	done
	[ ${#missing[@]} -eq 0 ] && return
	note "installing ${missing[*]}"
	if have apt-get && [ "$(id -u)" = 0 ]; then
		apt-get update -qq >"$work/apt.log" 2>&1
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >>"$work/apt.log" 2>&1 ||
			{ tail -n 5 "$work/apt.log"; echo "could not install ${missing[*]}: the tests that need them will say so"; }
	else
		echo "not installed, and this is not root on Debian: ${missing[*]}. The tests that need them will say so."
	fi
}

# The engine that all database tests share; each test makes a database of its own.
start_clickhouse() {
	"$work/ioc" clickhouse --data "$work/clickhouse" --clickhouse-listen 127.0.0.1:19123 >"$work/clickhouse.out" 2>"$work/clickhouse.log" &
	children+=($!)
	for _ in $(seq 600); do
		IOC_TEST_CLICKHOUSE_DSN=$(grep -m1 '^clickhouse://' "$work/clickhouse.out" 2>/dev/null) && export IOC_TEST_CLICKHOUSE_DSN && return 0
		kill -0 "${children[-1]}" 2>/dev/null || break
		sleep 0.5
	done
	tail -n 20 "$work/clickhouse.log"
	return 1
}

start_kafka() {
	deploy/test/kafka.sh start 127.0.0.1:19092 >"$work/kafka.log" 2>&1 || { tail -n 20 "$work/kafka.log"; return 1; }
	export IOC_TEST_KAFKA=127.0.0.1:19092
}

# go_tests runs all Go tests and counts each top-level one.
go_tests() {
	local log="$work/go.log" began=$SECONDS p f s
	note "Go tests, with the race detector"
	go test -race -count=1 -timeout 25m -v ./... >"$log" 2>&1
	local status=$?
	grep -E '^(ok|FAIL|panic:)' "$log"
	p=$(grep -cE '^--- PASS' "$log") f=$(grep -cE '^--- FAIL' "$log") s=$(grep -cE '^--- SKIP' "$log")
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	if [ $status -ne 0 ]; then
		grep -vE '^(=== |--- PASS|    --- PASS|PASS|ok )' "$log" | tail -n 150
		[ "$f" -eq 0 ] && fail "Go tests: did not build or did not end"
	fi
	while read -r line; do summary+=("skipped  Go test $line"); done < <(grep -E -A2 '^--- SKIP' "$log" | grep -vE '^(--|===)$' | paste -sd' ' | sed 's/--- SKIP: /\n/g' | sed '/^ *$/d')
	summary+=("         Go tests: $p passed, $f failed, $s skipped, $((SECONDS - began)) s")
}

web_tests() {
	if ! have npm; then
		skip "web: lint, types, unit tests, build" "npm is missing; install Node.js 20 or later with npm"
		return
	fi
	local dir=dashboard-api/web
	step "web: install" npm --prefix $dir ci --no-audit --no-fund
	step "web: lint" npm --prefix $dir run lint
	step "web: types" npm --prefix $dir run typecheck
	step "web: unit tests" npm --prefix $dir test
	cp -r $dir/dist "$work/dist"
	step "web: build" npm --prefix $dir run build
	step "web: the committed build is the one that the source gives" diff -r "$work/dist" $dir/dist
	if have chromium || [ -n "${CHROMIUM:-}" ]; then
		step "browser: no text is cut off in any scene at any size, and axe finds nothing" npm --prefix $dir run e2e
		step "browser: every scene looks as its golden picture" npm --prefix $dir run e2e:golden
		step "browser: every tab of the console looks as its golden picture" npm --prefix $dir run e2e:golden:console
		step "browser: every page that the server writes looks as its golden picture, nothing is cut off, axe finds nothing" npm --prefix $dir run e2e:golden:served
		step "browser: keys, remote, take-over, lost lines, old values, restarts" npm --prefix $dir run e2e:behave
		step "browser: the console: every tab, keys, the map, the life of an alarm, statistics" env IOC_TEST_BINARY="$work/ioc" npm --prefix $dir run e2e:console
		step "browser: scenes are edited: drag, size, save, conflict, restore" npm --prefix $dir run e2e:edit
		step "browser: what an outside client pushes is seen on the wall; it raises an alarm on two desks" env IOC_TEST_BINARY="$work/ioc" npm --prefix $dir run e2e:live
	else
		skip "browser tests" "chromium is missing; install the package chromium, or name a binary in CHROMIUM"
	fi
}

vulnerabilities() {
	local log="$work/vuln.log"
	note "known vulnerabilities"
	if timeout 300 go run golang.org/x/vuln/cmd/govulncheck@v1.1.4 ./... >"$log" 2>&1; then
		pass "govulncheck"
	elif grep -qiE 'fetching vulnerabilities|dial tcp|no such host|connection refused|vuln\.go\.dev|timeout' "$log" || [ ! -s "$log" ]; then
		skip "govulncheck" "its database can't be reached from this machine"
	else
		tail -n 40 "$log"
		fail "govulncheck"
	fi
}

# chaos kills, pauses, fills and cuts for ten rounds, and compares everything with what it knows to be true.
chaos() {
	local name="chaos: ten rounds of faults; nothing is lost, doubled or wrong" missing=() p log="$work/chaos.log" began=$SECONDS
	for p in java:openjdk-17-jre-headless mvn:maven mosquitto:mosquitto; do
		PATH=$PATH:/usr/sbin have "${p%%:*}" || missing+=("${p#*:}")
	done
	if [ ${#missing[@]} -gt 0 ]; then
		skip "$name" "install ${missing[*]}"
		return
	fi
	note "$name"
	if go run ./deploy/chaos -rounds 10 -life 5 -seed "${CHAOS_SEED:-1}" -settle 4m >"$log" 2>&1; then
		cat "$log"
		echo "ok, $((SECONDS - began)) s"
		pass "$name"
	else
		tail -n 80 "$log"
		fail "$name"
	fi
}

install_packages
step "gofmt" bash -c 'out=$(gofmt -l cmd deploy dashboard-api ingest query schemas); echo "$out"; [ -z "$out" ]'
step "go vet" go vet ./...
step "golangci-lint" go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run ./...
step "build" go build -o "$work/ioc" ./cmd/ioc
note "ClickHouse engine"
start_clickhouse && echo "ok" || echo "did not start: the tests that need it will say so"
note "Apache Kafka"
start_kafka && echo "ok" || echo "did not start: the tests that need it will say so"
go_tests
chaos
web_tests
vulnerabilities

note "Summary, after $((SECONDS / 60)) min $((SECONDS % 60)) s"
printf '%s\n' "${summary[@]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
