#!/usr/bin/env bash
# Finds people in videos that travel through Kafka, and shows them in the browser. Installs the dependencies, builds,
# and runs the smart camera.
#
#   examples/run.sh [--live] [--kafka] [--detector NAME] [--out FOLDER] [VIDEO...] [-- OPTION...]
#
#   --live         play the video as a live camera, again and again, until Ctrl-C
#   --kafka        use a real Apache Kafka instead of the embedded broker; it is started for this run and then stopped
#   --detector NAME  ssdlite (default: people, fast), centernet (people and objects), or hog (needs no model, slow)
#   --all          with hog: every frame, not every third
#   --out FOLDER   the folder for the pictures (default: out/ in the source tree)
#   VIDEO...       video files, cameras' numbers ("0"), or streams' URLs, shown side by side (default: Debian's
#                  pedestrian video)
#   OPTION...      options of `smart_camera demo`, such as --detectors 4 or --port 8080; see `smart_camera demo --help`
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
source "$here/examples/support/run_system.sh"

kafka=
live=
detector=ssdlite
out=$here/out
videos=()
options=()
while [ $# -gt 0 ]; do
  case $1 in
    --kafka) kafka=1 ;;
    --live) live=1 ;;
    --all) options+=(--all) ;;
    --detector) needs_value "$1" $#; detector=$2; shift ;;
    --out) needs_value "$1" $#; out=$2; shift ;;
    --help | -h) usage; exit 0 ;;
    --) shift; options+=("$@"); break ;;
    -*) printf 'run.sh: no option %s\n\n' "$1" >&2; usage >&2; exit 2 ;;
    *) videos+=("$1") ;;
  esac
  shift
done
[ -z "$live" ] || options+=(--live --loop)
[ ${#videos[@]} -gt 0 ] || videos=("$cache/vtest.avi")

"$here/cmake/setup.sh" demo
[ -z "$kafka" ] || "$here/cmake/setup.sh" kafka
case $detector in
  ssdlite) "$here/cmake/setup.sh" models pedestrians ;;
  centernet) "$here/cmake/setup.sh" models coco ;;
esac
case $detector in hog) ;; *) "$here/cmake/setup.sh" onnxruntime ;; esac
build_system smart_camera

printf 'run.sh: open the page below in a browser: live pictures with boxes around people, alerts, stored pictures,\n'
printf 'run.sh: and detectors that you can start and stop. '
if [ -n "$live" ]; then
  printf 'Ctrl-C ends it.\n'
else
  printf 'It ends with the video; --live goes on until Ctrl-C.\nrun.sh: pictures are written into %s\n' "$out"
fi
run_system "$build/examples/smart_camera/smart_camera" demo "${videos[@]}" --detector "$detector" --out "$out" \
  ${options[@]+"${options[@]}"}
