#!/usr/bin/env bash
# Real Kafka brokers (KRaft, brokers and controllers in one) on loopback, for tests. See usage below.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../../../.." && pwd)

run=${KAFKA_RUN:-$repository/build/kafka-run}
lib=${KAFKA_LIB:-$repository/build/kafka-lib}
heap=${KAFKA_HEAP:-256m}
java=${JAVA:-java}
cluster_id=uGkYz3VtTQ2rB0p5m1lrcA

usage() {
  cat <<'TEXT'
usage: kafka.sh <command> [arguments]

  jars              fetch the broker's jars with Maven, unless they are there
  start [nodes=1]   start 1 or 3 brokers with empty data; prints BOOTSTRAP=host:port[,…]
  kill ID           kill -9 one of them
  up ID             start that one again, on its data and port
  stop              stop all; their data stay
  clean             stop all and delete what they wrote
  status            BOOTSTRAP=…, then a line per broker: id, pid, memory in KiB or "dead"
  tool CLASS …      run one of Kafka's command line programs

Environment:
  KAFKA_RUN         directory of this cluster (default: build/kafka-run)
  KAFKA_LIB         directory of the jars (default: build/kafka-lib)
  KAFKA_PROPS       file with more server properties; they win
  KAFKA_HEAP        heap of a broker (default: 256m)
  KAFKA_JAVA_OPTS   more options of the broker's JVM
TEXT
}

die() {
  printf 'kafka.sh: %s\n' "$*" >&2
  exit 1
}

# ---- jars ---------------------------------------------------------------------------------------

have_jars() { [[ -f $lib/.complete-$(cksum <"$here/pom.xml" | cut -d' ' -f1) ]]; }

fetch_jars() {
  have_jars && return
  command -v mvn >/dev/null || die "no Maven to fetch the jars with (package maven)"
  mkdir -p "$lib"
  # One at a time: tests start side by side.
  exec 9>"$lib/.lock"
  flock 9
  have_jars && return
  printf 'kafka.sh: fetching the jars of the broker\n' >&2
  rm -rf "$lib"/*.jar "$lib"/.complete-* "$lib/.formatted"
  mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$lib" >&2 ||
    die "Maven could not fetch the jars"
  touch "$lib/.complete-$(cksum <"$here/pom.xml" | cut -d' ' -f1)"
  exec 9>&-
}

class_path() { printf '%s:' "$lib"/*.jar; }

# What runs for a moment: little memory, quick to start, quiet on standard output.
tool() {
  local class=$1
  shift
  "$java" -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    -Dlog4j2.configurationFile="$here/tool-log4j2.properties" -cp "$(class_path)" "$class" "$@"
}

# ---- ports and properties -----------------------------------------------------------------------

taken=' '

# Sets `port` to one that is free, below the range from which outgoing connections take theirs.
free_port() {
  port=$((20000 + RANDOM % 11000))
  while [[ $taken == *" $port "* ]] || (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    port=$((20000 + RANDOM % 11000))
  done
  taken+="$port "
}

# server_properties ID PORT CONTROLLER_PORT VOTERS NODES
server_properties() {
  local replicas=$(($5 >= 3 ? 3 : 1)) in_sync=$(($5 >= 3 ? 2 : 1))
  cat <<TEXT
process.roles=broker,controller
node.id=$1
controller.quorum.voters=$4
listeners=CLIENT://127.0.0.1:$2,CONTROLLER://127.0.0.1:$3
advertised.listeners=CLIENT://127.0.0.1:$2
inter.broker.listener.name=CLIENT
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,CLIENT:PLAINTEXT
log.dirs=$run/data-$1
auto.create.topics.enable=false
default.replication.factor=$replicas
min.insync.replicas=$in_sync
offsets.topic.replication.factor=$replicas
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$in_sync
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=$replicas
share.coordinator.state.topic.min.isr=$in_sync
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
transaction.abort.timed.out.transaction.cleanup.interval.ms=500
log.cleaner.dedupe.buffer.size=4194304
log.index.size.max.bytes=1048576
log.segment.delete.delay.ms=1000
num.network.threads=2
num.io.threads=4
controlled.shutdown.enable=$([[ $5 -ge 3 ]] && echo true || echo false)
TEXT
  if [[ -n ${KAFKA_PROPS:-} ]]; then cat "$KAFKA_PROPS"; fi
}

# Formatting takes a JVM, and differs between brokers only in two ids: done once, then copied.
format_data() {
  local id=$1 template=$lib/.formatted
  exec 9>"$lib/.lock"
  flock 9
  if [[ ! -d $template ]]; then
    rm -rf "$template.new"
    sed "s#^log.dirs=.*#log.dirs=$template.new#" "$run/server-$id.properties" \
      >"$run/format.properties"
    tool kafka.tools.StorageTool format -t "$cluster_id" -c "$run/format.properties" \
      >"$run/format.log" 2>&1 || die "cannot format: see $run/format.log"
    mv "$template.new" "$template"
  fi
  exec 9>&-
  mkdir -p "$run/data-$id"
  cp -r "$template/." "$run/data-$id"
  sed -i -e "s/^node.id=.*/node.id=$id/" \
    -e "s/^directory.id=.*/directory.id=$(printf 'MillraceTestBroker%03dQ' "$id")/" \
    "$run/data-$id/meta.properties"
}

# ---- processes ----------------------------------------------------------------------------------

# The pid of a broker that runs; nothing otherwise. A pid that another program has got since is not
# ours.
pid_of() {
  local pid
  pid=$(cat "$run/pid-$1" 2>/dev/null) || return 0
  if tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$run/server-$1.properties"; then
    printf '%s' "$pid"
  fi
}

brokers() {
  local file
  for file in "$run"/server-*.properties; do
    [[ -f $file ]] || continue
    file=${file##*/server-}
    printf '%s\n' "${file%.properties}"
  done
}

launch() {
  local id=$1
  : >"$run/log-$id"
  # shellcheck disable=SC2086  # several options in one variable
  setsid "$java" -Xms64m -Xmx"$heap" -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError \
    ${KAFKA_JAVA_OPTS:-} -Dlog4j2.configurationFile="$here/broker-log4j2.properties" \
    -cp "$(class_path)" kafka.Kafka "$run/server-$id.properties" \
    >>"$run/log-$id" 2>&1 </dev/null 9>&- &
  echo $! >"$run/pid-$id"
}

await() {
  local id=$1 tries=0
  until grep -q 'Kafka Server started' "$run/log-$id"; do
    if [[ $tries -gt 3 && -z $(pid_of "$id") ]] || ((++tries > 1800)); then
      tail -n 20 "$run/log-$id" >&2
      die "broker $id did not start"
    fi
    sleep 0.05
  done
}

start() {
  local nodes=$1 id voters='' bootstrap=''
  local -a ports controllers
  [[ $nodes == 1 || $nodes == 3 ]] || die "1 or 3 brokers, not $nodes"
  [[ ! -f $run/env ]] || die "already started in $run"
  fetch_jars
  rm -rf "$run"
  mkdir -p "$run"
  for ((id = 1; id <= nodes; id++)); do
    free_port
    ports[id]=$port
    free_port
    controllers[id]=$port
    voters+=${voters:+,}$id@127.0.0.1:${controllers[id]}
    bootstrap+=${bootstrap:+,}127.0.0.1:${ports[id]}
  done
  for ((id = 1; id <= nodes; id++)); do
    server_properties "$id" "${ports[id]}" "${controllers[id]}" "$voters" "$nodes" \
      >"$run/server-$id.properties"
    format_data "$id"
  done
  printf 'BOOTSTRAP=%s\n' "$bootstrap" >"$run/env"
  for ((id = 1; id <= nodes; id++)); do launch "$id"; done
  for ((id = 1; id <= nodes; id++)); do await "$id"; done
  cat "$run/env"
}

stop() {
  local id pid tries
  for id in $(brokers); do
    pid=$(pid_of "$id")
    if [[ -n $pid ]]; then
      # One that was stopped by a signal would not hear the other one.
      kill -CONT "$pid" 2>/dev/null || true
      kill "$pid" 2>/dev/null || true
    fi
  done
  for id in $(brokers); do
    for ((tries = 0; tries < 300; tries++)); do
      pid=$(pid_of "$id")
      [[ -n $pid ]] || break
      sleep 0.05
    done
    pid=$(pid_of "$id")
    if [[ -n $pid ]]; then kill -9 "$pid" 2>/dev/null || true; fi
    rm -f "$run/pid-$id"
  done
  rm -f "$run/env"
}

status() {
  local id pid
  [[ -f $run/env ]] || die "not started in $run"
  cat "$run/env"
  for id in $(brokers); do
    pid=$(pid_of "$id")
    if [[ -n $pid ]]; then
      printf '%s %s %s\n' "$id" "$pid" "$(awk '/^VmRSS/ {print $2}' "/proc/$pid/status")"
    else
      printf '%s - dead\n' "$id"
    fi
  done
}

kill_one() {
  local pid
  pid=$(pid_of "$1")
  [[ -n $pid ]] || die "broker $1 does not run"
  kill -9 "$pid"
  rm -f "$run/pid-$1"
}

command=${1:-help}
(($#)) && shift
case $command in
  jars) fetch_jars ;;
  start) start "${1:-1}" ;;
  kill) kill_one "${1:?which broker?}" ;;
  up)
    [[ -f $run/server-${1:?which broker?}.properties ]] || die "there was no broker $1"
    launch "$1"
    await "$1"
    ;;
  stop) stop ;;
  clean)
    stop
    rm -rf "$run"
    ;;
  status) status ;;
  tool)
    fetch_jars
    tool "$@"
    ;;
  help | -h | --help) usage ;;
  *)
    usage >&2
    exit 2
    ;;
esac
