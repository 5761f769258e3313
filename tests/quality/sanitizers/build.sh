#!/usr/bin/env bash
# build.sh PRESET ROOT BUILD: configures and builds what a sanitizer's preset runs, in the folder BUILD.
set -euo pipefail
preset=$1 root=$2 build=$3
cd "$root"
# Fresh: where another compiler was configured before, CMake drops settings of the preset.
cmake --fresh --preset "$preset" -B "$build" >/dev/null
exec cmake --build "$build" -j 2 --target unit_and_embedded_tests
