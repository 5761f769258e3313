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
source "$here/examples/support/run_system.sh"

kafka=
out=$here/out/image_messaging
source=
options=()
while [ $# -gt 0 ]; do
  case $1 in
    --kafka) kafka=1 ;;
    --out) needs_value "$1" $#; out=$2; shift ;;
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
build_system image_messaging

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

cat <<'TEXT'
run.sh: open the page that is named below. It shows
  - the live picture, the label that the network gives it, and the next best ones with their scores;
  - counters: frames sent, labelled, shown and dropped, and how long a frame takes from the capture to the browser;
  - when the label changed, and the picture that was stored then; search them by label and time.
Ctrl-C ends it.
TEXT
run_system "$build/examples/image_messaging/image_messaging" demo "$source" --out "$out" ${options[@]+"${options[@]}"}
