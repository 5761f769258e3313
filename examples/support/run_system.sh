# To be sourced by the run.sh of an example system, which has set -euo pipefail, and sets
#   here    the source tree
#   build   the build folder
#   cache   the folder in which cmake/setup.sh keeps downloads
#   kafka   1: on a real Kafka, which is started for this run; empty: on an embedded broker

source "$here/cmake/progress.sh"

# needs_value OPTION COUNT: the usage, by the function usage, where an option's value is missing.
needs_value() { [ "$2" -ge 2 ] || { printf 'run.sh: %s needs a value\n\n' "$1" >&2; usage >&2; exit 2; }; }

# build_system TARGET: builds a system's program.
build_system() {
  # A tree that was configured before, perhaps with the tests, keeps its options; but networks need ONNX Runtime.
  if [ ! -e "$build/build.ninja" ]; then
    cmake -S "$here" -B "$build" -G Ninja -DCONVEYOR_TESTS=OFF -DOnnxRuntime_ROOT="$cache/onnxruntime" >/dev/null
  elif ! grep -q '^OnnxRuntime_ROOT:' "$build/CMakeCache.txt"; then
    cmake -DOnnxRuntime_ROOT="$cache/onnxruntime" "$build" >/dev/null
  fi
  local target=$1
  build_it() { cmake --build "$build" -j "${JOBS:-$(nproc)}" --target "$target" ${kafka:+kafka_cluster}; }
  log_it() { build_it >"$build/run.log" 2>&1; }
  [ -e "$build/examples/$target/$target" ] || printf 'run.sh: building; the first time takes a few minutes\n'
  if [ -t 1 ]; then
    build_it
  else  # in a log file the lines of a build would hide the rest
    with_progress "run.sh: building" "$build/run.log" '^\[[0-9]+/[0-9]+\]' log_it ||
      { tail -n 60 "$build/run.log"; exit 1; }
  fi
}

demo=
broker=
code=0
# The demo ends first. A second Ctrl-C would cut it short.
end_system() {
  trap - EXIT
  trap '' INT TERM
  if [ -n "$demo" ]; then
    kill -TERM "$demo" 2>/dev/null || true
    wait "$demo" && code=0 || code=$?
  fi
  if [ -n "$broker" ]; then kill -TERM "$broker" 2>/dev/null && wait "$broker" || true; fi
  exit "$code"
}

# run_system COMMAND...: runs a demo, on Kafka with --bootstrap behind the command, until it ends or a signal comes; exits
# with its code. Both run in sessions of their own: Ctrl-C comes here alone, and is passed on once.
run_system() {
  local bootstrap=() line
  trap end_system EXIT
  trap 'code=130; end_system' INT
  trap 'code=143; end_system' TERM
  if [ -n "$kafka" ]; then
    coproc KAFKA { exec setsid "$build/tests/support/kafka_cluster/kafka_cluster"; }
    broker=$KAFKA_PID
    read -r line <&"${KAFKA[0]}" || { printf 'run.sh: Kafka did not start\n' >&2; code=1; exit 1; }
    bootstrap=(--bootstrap "${line#bootstrap=}")
  fi
  # In the background, so that signals are handled at once.
  setsid "$@" ${bootstrap[@]+"${bootstrap[@]}"} &
  demo=$!
  wait "$demo" || code=$?
  demo=
  exit "$code"
}
