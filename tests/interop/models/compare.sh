#!/usr/bin/env bash
# compare.sh PREDICT PAGE [--write]: compare.py with what cmake/setup.sh tests has fetched.
set -euo pipefail
cache=${CONVEYOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/conveyor}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$here/../../../examples/models/fetch.sh" all
for needed in "$cache/vtest.avi" "$cache/python-of-models/.complete"; do
  if [ ! -e "$needed" ]; then echo "$needed is missing; run: cmake/setup.sh tests"; exit 1; fi
done
exec "$cache/python-of-models/bin/python" -B "$here/compare.py" "$1" "$cache/models" "$cache/vtest.avi" "${@:2}"
