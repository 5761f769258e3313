#!/usr/bin/env bash
# check.sh CXX FLAGS FILE WORDS [LINES]: FILE compiles, and with CONVEYOR_WRONG it does not, for the reason that WORDS
# name. With LINES the compiler says it once, in no more lines than that: who reads them should not have to search.
set -euo pipefail
cxx=$1 flags=$2 file=$3 words=$4 most=${5:-}
export LC_ALL=C

"$cxx" "@$flags" -fsyntax-only "$file" || { echo "FAIL: the correct program does not compile"; exit 1; }
if output=$("$cxx" "@$flags" -fsyntax-only -DCONVEYOR_WRONG "$file" 2>&1); then
  echo "FAIL: the mistake compiles"
  exit 1
fi
printf '%s\n' "$output"
grep -qF -- "$words" <<<"$output" || { echo "FAIL: it does not compile, but the compiler does not say: $words"; exit 1; }
[ -n "$most" ] || exit 0
lines=$(wc -l <<<"$output") errors=$(grep -c ' error: ' <<<"$output")
[ "$errors" = 1 ] || { echo "FAIL: $errors errors instead of one"; exit 1; }
[ "$lines" -le "$most" ] || { echo "FAIL: $lines lines; at most $most"; exit 1; }
