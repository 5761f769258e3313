#!/usr/bin/env bash
# build.sh PRESET ROOT BUILD: configures and builds what a sanitizer's preset runs, in the folder BUILD.
set -euo pipefail
preset=$1 root=$2 build=$3
cd "$root"
# Fresh: a folder of before that another compiler built would keep nothing of what the preset sets, not even the sanitizer.
cmake --fresh --preset "$preset" -B "$build" >/dev/null
exec cmake --build "$build" -j 2 --target unit_and_embedded_tests
