#!/usr/bin/env bash
# A real Apache Kafka for the tests: one process, KRaft, its data gone after stop.
#   kafka.sh start [HOST:PORT]   starts it and returns when it answers; default 127.0.0.1:19092
#   kafka.sh wait  [HOST:PORT]   returns when it answers
#   kafka.sh stop  [HOST:PORT]   ends it and removes its data
#   kafka.sh pause|resume [HOST:PORT]   stops it without its noticing, and lets it go on
#   kafka.sh fetch                fetches what it needs, so that it can be started where there is no network
#   kafka.sh run   [HOST:PORT]   runs it in the foreground, on the data that its last run left, also one that was killed
# Needs Java 17 and Maven, which fetches the jars that kafka/pom.xml names.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

command=${1:-}
address=${2:-127.0.0.1:19092}
host=${address%:*} port=${address##*:}
run=${TMPDIR:-/tmp}/ioc-test-kafka-$(id -u)-$port
patience=120 # seconds that a start may take

die() { echo "kafka.sh: $*" >&2; exit 1; }

# The jars are kept per version of the pom, so that a second start needs no network.
fetch() {
  local cache
  cache=${XDG_CACHE_HOME:-$HOME/.cache}/ioc/kafka-$(cksum <"$here/kafka/pom.xml" | cut -d' ' -f1)
  if [ ! -e "$cache/complete" ]; then
    command -v mvn >/dev/null || die "Maven is missing, which fetches Apache Kafka: install the package maven."
    mkdir -p "$cache"
    mvn -q -B -f "$here/kafka/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$cache" >&2 ||
      die "Maven could not fetch Apache Kafka."
    touch "$cache/complete"
  fi
  jars=$cache
}

java_major() { java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1; }

configure() {
  # The controller's port is any free one: nobody but this process talks to it.
  local controller
  controller=$((port + 1))
  cat >"$run/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@$host:$controller
listeners=PLAINTEXT://$host:$port,CONTROLLER://$host:$controller
advertised.listeners=PLAINTEXT://$host:$port
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$run/data
auto.create.topics.enable=false
message.max.bytes=2097152
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
PROPERTIES
  cat >"$run/log4j2.yaml" <<LOG
Configuration:
  Appenders:
    Console: { name: out, PatternLayout: { pattern: "%d %p %m (%c)%n" } }
  Loggers:
    Root: { level: WARN, AppenderRef: { ref: out } }
LOG
}

alive() { [ -e "$run/pid" ] && kill -0 "$(cat "$run/pid")" 2>/dev/null; }

wait_until_up() {
  local until=$((SECONDS + patience))
  while [ $SECONDS -lt $until ]; do
    alive || { tail -n 20 "$run/log" >&2; die "Kafka ended while it started; its log is $run/log"; }
    # It listens only after it has loaded its state.
    if (exec 3<>"/dev/tcp/$host/$port") 2>/dev/null; then return; fi
    sleep 0.2
  done
  die "Kafka does not answer on $address after $patience s; its log is $run/log"
}

# prepare checks what Kafka needs, and makes its configuration and data where they are missing.
prepare() {
  command -v java >/dev/null || die "Java is missing, which Apache Kafka needs: install the package openjdk-17-jre-headless."
  local major
  major=$(java_major)
  [ "${major:-0}" -ge 17 ] || die "Apache Kafka needs Java 17 or later; this is Java ${major:-of an unknown version}."
  fetch
  export CLASSPATH="$jars/*"
  options=(-Xmx512m -Xms128m -XX:+UseSerialGC "-Dlog4j2.configurationFile=$run/log4j2.yaml")
  [ -e "$run/prepared" ] && return
  mkdir -p "$run"
  configure
  local cluster
  cluster=$(java -Xmx64m -cp "$CLASSPATH" kafka.tools.StorageTool random-uuid 2>/dev/null)
  java "${options[@]}" kafka.tools.StorageTool format -t "$cluster" -c "$run/server.properties" >"$run/log" 2>&1 ||
    { tail -n 20 "$run/log" >&2; die "could not prepare Kafka's data directory"; }
  touch "$run/prepared"
}

start() {
  alive && die "already running on $address"
  rm -rf "$run"
  prepare
  nohup java "${options[@]}" kafka.Kafka "$run/server.properties" >>"$run/log" 2>&1 </dev/null &
  echo $! >"$run/pid"
  wait_until_up
}

foreground() {
  prepare
  exec java "${options[@]}" kafka.Kafka "$run/server.properties"
}

stop() {
  if alive; then
    local pid
    pid=$(cat "$run/pid")
    kill -CONT "$pid" 2>/dev/null || true
    kill "$pid"
    for _ in $(seq 100); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -9 "$pid" 2>/dev/null || true
  fi
  rm -rf "$run"
}

signal() {
  alive || die "not running on $address"
  kill "-$1" "$(cat "$run/pid")"
}

case $command in
  start) start ;;
  fetch) fetch ;;
  run) foreground ;;
  wait) wait_until_up ;;
  stop) stop ;;
  pause) signal STOP ;;
  resume) signal CONT ;;
  *) sed -n '2,9s/^# //p' "$0" >&2; exit 2 ;;
esac
