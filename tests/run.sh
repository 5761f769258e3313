#!/usr/bin/env bash
# Installs the dependencies, builds, and runs the tests. Ends with ctest's summary and exit code.
#
#   tests/run.sh                 runs all tests
#   tests/run.sh -L unit         passes its arguments to ctest; this one runs the tests of one label
#   tests/run.sh -R Codec        runs the tests whose names match
#
# Labels:
#   unit        no broker
#   embedded    librdkafka's mock cluster
#   kafka       a real Apache Kafka
#   chaos       brokers and workers are killed; docs/chaos.md
#   interop     Python clients; files and models compared with what Python's packages make of them
#   package     the installed library, static and shared
#   compile     mistakes that must not compile
#   style       formatting, and headers that compile alone
#   sanitizer   unit and embedded tests with sanitizers
#   newest      a newer librdkafka, a newer Kafka, and kfake; docs/building.md
#   fuzz        each fuzzer for a moment; tests/quality/fuzz/fuzz.sh runs them for longer
#
# Environment variables:
#   BUILD_DIR   build folder (default: build, in the source tree)
#   JOBS        number of compilers at a time (default: the number of cores). Twice as many tests run at a time, because
#               tests mostly wait.
set -euo pipefail

case ${1:-} in
  -h | --help)
    sed -n '2,/^set /s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
esac

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${BUILD_DIR:-$root/build}
jobs=${JOBS:-$(nproc)}
log=$build/run.log
source "$root/cmake/progress.sh"
say() { printf 'tests: %s\n' "$*"; }

# quietly COMMAND...: its output goes to the log, whose end is shown when it fails.
quietly() {
  "$@" >"$log" 2>&1 || {
    tail -n 60 "$log"
    say "failed: $*; all of it is in $log"
    return 1
  }
}

started=$SECONDS
"$root/cmake/setup.sh" tests
mkdir -p "$build"
say "configuring $build"
# The demonstration configures the same folder without tests.
cache=${CONVEYOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/conveyor}
quietly cmake -S "$root" -B "$build" -G Ninja -DCONVEYOR_TESTS=ON -DCONVEYOR_EXAMPLES=ON \
  -DOnnxRuntime_ROOT="$cache/onnxruntime"
say "building with $jobs compilers at a time; the first time takes about a quarter of an hour on two cores"
# On a terminal one line changes; in a log file a line for each finished step would hide the rest.
if [ -t 1 ]; then
  cmake --build "$build" -j "$jobs"
else
  with_progress "tests: building" "$log" '^\[[0-9]+/[0-9]+\]' quietly cmake --build "$build" -j "$jobs"
fi
say "built after $((SECONDS - started)) s; testing"

# What ctest said of tests that failed, which may be hundreds of lines up, and its summary.
show_failures() {
  say "what failed, once more:"
  awk '/^ *[0-9]+\/[0-9]+ Test +#/ { show = /\*\*\*/ } /^ *Start +[0-9]+:/ { show = 0 } show' "$1" | tail -n 300
  sed -n '/ tests passed, /,$p' "$1"
}

cd "$build"
status=0
run_tests() { ctest --output-on-failure --no-tests=error -j $((2 * jobs)) "$@" 2>&1 | tee ctest.log; }
with_progress "tests: testing" ctest.log '^ *[0-9]+/[0-9]+ Test' run_tests "$@" || status=$?
[ "$status" = 0 ] || show_failures ctest.log
exit "$status"
