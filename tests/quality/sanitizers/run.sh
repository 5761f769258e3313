#!/usr/bin/env bash
# run.sh PRESET ROOT BUILD: runs the tests of a sanitizer's preset, which build.sh built in the folder BUILD.
set -euo pipefail
preset=$1 root=$2 build=$3
# By which clang's sanitizers say where something is.
ASAN_SYMBOLIZER_PATH=$(command -v llvm-symbolizer-14) && export ASAN_SYMBOLIZER_PATH
# What ctest's preset selects, which knows only its own build folder. Most of the time is waiting for brokers.
exec ctest --test-dir "$build" -L '^(unit|embedded)$' --output-on-failure --no-tests=error -j 6
