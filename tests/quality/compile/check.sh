#!/usr/bin/env bash
# check.sh CXX FLAGS FILE WORDS: FILE compiles, and with CONVEYOR_WRONG it does not, for the reason that WORDS name.
set -euo pipefail
cxx=$1 flags=$2 file=$3 words=$4
export LC_ALL=C

"$cxx" "@$flags" -fsyntax-only "$file" || { echo "FAIL: the correct program does not compile"; exit 1; }
if output=$("$cxx" "@$flags" -fsyntax-only -DCONVEYOR_WRONG "$file" 2>&1); then
  echo "FAIL: the mistake compiles"
  exit 1
fi
printf '%s\n' "$output"
grep -qF -- "$words" <<<"$output" || { echo "FAIL: it does not compile, but the compiler does not say: $words"; exit 1; }
