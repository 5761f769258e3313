#!/usr/bin/env bash
# run.sh PRESET ROOT BUILD: configures, builds and tests a sanitizer's preset in the folder BUILD.
set -euo pipefail
preset=$1 root=$2 build=$3
cd "$root"
cmake --preset "$preset" -B "$build" >/dev/null
cmake --build "$build" -j 2 --target unit_and_embedded_tests
# What ctest's preset selects, which knows only its own build folder. Most of the time is waiting for brokers.
exec ctest --test-dir "$build" -L '^(unit|embedded)$' --output-on-failure --no-tests=error -j 4
