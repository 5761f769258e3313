#!/usr/bin/env bash
# Shows pictures in the browser with what a network sees in them, as they travel through Kafka. Installs the
# dependencies, builds, fetches the network, and runs until Ctrl-C.
#
#   examples/image_messaging/run.sh [--kafka] [--out FOLDER] [SOURCE] [-- OPTION...]
#
#   --kafka        use a real Apache Kafka instead of the embedded broker; it is started for this run and then stopped
#   --out FOLDER   the folder for stored pictures and the log (default: out/image_messaging in the source tree)
#   SOURCE         a camera's number ("0"), a video file, a stream's URL, or a folder of pictures (default: eight
#                  photographs of Debian's opencv-doc package, again and again; a video: ~/.cache/conveyor/vtest.avi)
#   OPTION...      options of `image_messaging demo`, such as --loop, --fps 10, --port 8080; see
#                  `image_messaging demo --help`
#
# Environment variables:
#   BUILD_DIR      build folder (default: build, in the source tree), shared with examples/run.sh and tests/run.sh
#   JOBS           number of compilers at a time (default: the number of cores)
#
# The exit code is 0 when it went well until Ctrl-C; of a source that ends: when every frame was labelled and reached
# the page. Nothing is left running.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${BUILD_DIR:-$here/build}
cache=${CONVEYOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/conveyor}

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p;}' "${BASH_SOURCE[0]}"; }

kafka=
out=$here/out/image_messaging
source=
options=()
while [ $# -gt 0 ]; do
  case $1 in
    --kafka) kafka=1 ;;
    --out) [ $# -ge 2 ] || { usage >&2; exit 2; }; out=$2; shift ;;
    --help | -h) usage; exit 0 ;;
    --) shift; options+=("$@"); break ;;
    -*) printf 'run.sh: no option %s\n\n' "$1" >&2; usage >&2; exit 2 ;;
    *) [ -z "$source" ] || { usage >&2; exit 2; }; source=$1 ;;
  esac
  shift
done

"$here/cmake/setup.sh" demo
"$here/cmake/setup.sh" models imagenet
"$here/cmake/setup.sh" onnxruntime
[ -z "$kafka" ] || "$here/cmake/setup.sh" kafka
# A tree that was configured before, perhaps with the tests, stays as it is.
[ -e "$build/build.ninja" ] ||
  cmake -S "$here" -B "$build" -G Ninja -DCONVEYOR_TESTS=OFF -DOnnxRuntime_ROOT="$cache/onnxruntime" >/dev/null
source "$here/cmake/progress.sh"
build_it() { cmake --build "$build" -j "${JOBS:-$(nproc)}" --target image_messaging ${kafka:+kafka_cluster}; }
log_it() { build_it >"$build/run.log" 2>&1; }
program=$build/examples/image_messaging/image_messaging
[ -e "$program" ] || printf 'run.sh: building; the first time takes a few minutes\n'
if [ -t 1 ]; then
  build_it
else  # in a log file the lines of a build would hide the rest
  with_progress "run.sh: building" "$build/run.log" '^\[[0-9]+/[0-9]+\]' log_it ||
    { tail -n 60 "$build/run.log"; exit 1; }
fi

if [ -z "$source" ]; then
  source=$build/examples/image_messaging/photos
  mkdir -p "$source"
  number=0
  for photo in data/baboon.jpg data/fruits.jpg dnn_superres/butterfly.png data/messi5.jpg data/squirrel_cls.jpg \
    data/home.jpg data/orange.jpg alphamat/input_images/plant.jpg; do
    number=$((number + 1))
    ln -sfn "$cache/opencv-doc/$photo" "$source/$number-$(basename "$photo")"
  done
  options=(--loop "${options[@]}")
fi

demo=
broker=
stopping=
# The first signal alone asks the demonstration to end, a second one would cut it short.
stop() {
  code_of_signal=$1
  [ -n "$demo" ] || exit "$code_of_signal"
  [ -n "$stopping" ] || kill -TERM "$demo" 2>/dev/null || true
  stopping=1
}
finish() {
  trap - EXIT
  if [ -n "$demo" ]; then kill -TERM "$demo" 2>/dev/null && wait "$demo" || true; fi
  if [ -n "$broker" ]; then kill -TERM "$broker" 2>/dev/null && wait "$broker" || true; fi
}
trap finish EXIT
trap 'stop 130' INT
trap 'stop 143' TERM

if [ -n "$kafka" ]; then
  # In a session of its own, so that Ctrl-C ends the demonstration first.
  coproc KAFKA { exec setsid "$build/tests/support/kafka_cluster/kafka_cluster"; }
  broker=$KAFKA_PID
  read -r line <&"${KAFKA[0]}" || { printf 'run.sh: Kafka did not start\n' >&2; exit 1; }
  options+=(--bootstrap "${line#bootstrap=}")
fi

cat <<'TEXT'
run.sh: open the page that is named below. It shows
  - the live picture, the label that the network gives it, and the next best ones with their scores;
  - counters: frames sent, labelled, shown and dropped, and how long a frame takes from the capture to the browser;
  - when the label changed, and the picture that was stored then; search them by label and time.
Ctrl-C ends it.
TEXT
# In a session of its own too: this script passes Ctrl-C on, once.
setsid "$program" demo "$source" --out "$out" "${options[@]}" &
demo=$!
code=0
wait "$demo" || code=$?
while [ -n "$stopping" ] && kill -0 "$demo" 2>/dev/null; do
  code=0
  wait "$demo" || code=$?
done
demo=
exit "$code"
