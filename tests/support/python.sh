#!/usr/bin/env bash
# python.sh SCRIPT [ARGUMENT...]: a script, with the Python packages that cmake/setup.sh tests has fetched.
set -euo pipefail
python=${CONVEYOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/conveyor}/python/bin/python3
if [ ! -e "$python" ]; then echo "$python is missing; run: cmake/setup.sh tests"; exit 1; fi
exec "$python" -B "$@"
