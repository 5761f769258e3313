#!/usr/bin/env bash
# tidy.sh CLANG_TIDY ROOT BUILD [FILE...]: clang-tidy over our sources, or those given, with the flags BUILD compiles with.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/sources.sh"
tidy=$1 root=$2 build=$3
shift 3
cd "$root"
# Projects of their own (consumers, examples built out of tree) are not in this build's compile_commands.json.
if [ $# -gt 0 ]; then printf '%s\0' "$@"; else sources "$root" 'src/*.cc' 'tests/*_test.cc'; fi |
  xargs -0 -n 1 -P "$(nproc)" "$tidy" -p "$build" --quiet --warnings-as-errors='*' --extra-arg=-Wno-unknown-warning-option
