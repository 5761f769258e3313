#!/usr/bin/env bash
# Finds the people in a video that travels through Kafka. Installs the dependencies, builds, and runs the smart camera.
#
#   examples/run.sh [--kafka] [--all] [--out FOLDER] [VIDEO] [-- OPTION...]
#
#   --kafka        use a real Apache Kafka instead of the embedded broker; it is started for this run and then stopped
#   --all          process every frame (default: every third, which takes about half a minute on two cores)
#   --out FOLDER   the folder for the pictures (default: out/ in the source tree)
#   VIDEO          a video file, a camera's number ("0"), or a stream's URL (default: Debian's pedestrian video)
#   OPTION...      options of `smart_camera demo`, such as --detectors 4; see `smart_camera demo --help`
#
# Environment variables:
#   BUILD_DIR      build folder (default: build, in the source tree), shared with tests/run.sh
#   JOBS           number of compilers at a time (default: the number of cores)
#
# The exit code is 0 when every frame that was sent was processed and reached every subscriber. Nothing is left running.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${BUILD_DIR:-$here/build}
cache=${CONVEYOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/conveyor}

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p;}' "${BASH_SOURCE[0]}"; }

kafka=
out=$here/out
video=
options=()
while [ $# -gt 0 ]; do
  case $1 in
    --kafka) kafka=1 ;;
    --all) options+=(--all) ;;
    --out) [ $# -ge 2 ] || { usage >&2; exit 2; }; out=$2; shift ;;
    --help | -h) usage; exit 0 ;;
    --) shift; options+=("$@"); break ;;
    -*) printf 'run.sh: no option %s\n\n' "$1" >&2; usage >&2; exit 2 ;;
    *) [ -z "$video" ] || { usage >&2; exit 2; }; video=$1 ;;
  esac
  shift
done

"$here/cmake/setup.sh" demo
[ -z "$kafka" ] || "$here/cmake/setup.sh" kafka
# A tree that was configured before, perhaps with the tests, stays as it is.
[ -e "$build/build.ninja" ] || cmake -S "$here" -B "$build" -G Ninja -DCONVEYOR_TESTS=OFF >/dev/null
source "$here/cmake/progress.sh"
build_it() { cmake --build "$build" -j "${JOBS:-$(nproc)}" --target smart_camera ${kafka:+kafka_cluster}; }
log_it() { build_it >"$build/run.log" 2>&1; }
[ -e "$build/examples/smart_camera/smart_camera" ] ||
  printf 'run.sh: building; the first time takes a few minutes\n'
if [ -t 1 ]; then
  build_it
else  # in a log file the lines of a build would hide the rest
  with_progress "run.sh: building" "$build/run.log" '^\[[0-9]+/[0-9]+\]' log_it || { tail -n 60 "$build/run.log"; exit 1; }
fi

demo=
broker=
finish() {
  trap - EXIT
  if [ -n "$demo" ]; then kill -TERM "$demo" 2>/dev/null && wait "$demo" || true; fi
  if [ -n "$broker" ]; then kill -TERM "$broker" 2>/dev/null && wait "$broker" || true; fi
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [ -n "$kafka" ]; then
  # In a session of its own, so that Ctrl-C ends the demo first.
  coproc KAFKA { exec setsid "$build/tests/support/kafka_cluster/kafka_cluster"; }
  broker=$KAFKA_PID
  read -r line <&"${KAFKA[0]}" || { printf 'run.sh: Kafka did not start\n' >&2; exit 1; }
  options+=(--bootstrap "${line#bootstrap=}")
fi

# In the background, so that signals are handled at once.
"$build/examples/smart_camera/smart_camera" demo "${video:-$cache/vtest.avi}" --out "$out" "${options[@]}" &
demo=$!
code=0
wait "$demo" || code=$?
demo=
exit "$code"
