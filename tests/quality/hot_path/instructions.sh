#!/usr/bin/env bash
# instructions.sh BUILD [--record]: instructions per message on the hot path, compared with instructions.txt; BUILD is the
# build folder. --record builds what it needs and writes the figures into instructions.txt. README.md explains them.
#
# Exit code 1: a figure is more than 15% above the recorded one; 77: this build is not the one that they are recorded of.
set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
recorded=$here/instructions.txt
if [ $# -lt 1 ] || [ $# -gt 2 ] || [ "${2:---record}" != --record ]; then
  sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
build=$(cd "$1" && pwd)/tests/quality/hot_path
dumps=$build/callgrind
record=${2:-}

fail() { printf 'FAIL: %s\n' "$*"; exit 1; }
command -v valgrind >/dev/null || fail "valgrind is missing: cmake/setup.sh tests installs it"
if [ "$record" ]; then cmake --build "$1" --target hot_path_instructions; fi

# What the figures depend on. Valgrind shows programs a processor of its own, with AVX2 or without.
environment=$(cat "$build/environment.txt")", $(getconf GNU_LIBC_VERSION)"
if grep -qsw avx2 /proc/cpuinfo; then environment+=", AVX2"; else environment+=", no AVX2"; fi
if [ "$record" ]; then
  grep -q ' RelWithDebInfo,' <<<"$environment" ||
    fail "figures are recorded of the build type RelWithDebInfo, which tests/run.sh builds; this is $environment"
else
  expected=$(sed -n 's/^environment\t//p' "$recorded")
  [ "$expected" ] || fail "$recorded has no line environment: record the figures with $0 $1 --record"
  if [ "$environment" != "$expected" ]; then
    printf 'SKIPPED: %s\nhas the figures of  %s\nthis build is       %s\n' "$recorded" "$expected" "$environment"
    exit 77
  fi
fi

collect=()
while IFS= read -r function; do collect+=("--toggle-collect=$function(*"); done \
  < <(sed -n 's/^  figure_of\["\(.*\)"\] = .*/\1/p' "$here/instructions.awk")
rm -rf "$dumps"
mkdir -p "$dumps"
# Lazy binding would count with the first call of each function.
LD_BIND_NOW=1 valgrind --tool=callgrind --instr-atstart=no --collect-atstart=no "${collect[@]}" \
  --compress-strings=no --compress-pos=no --callgrind-out-file="$dumps/out" \
  "$build/hot_path_instructions" >"$dumps/log" 2>&1 || { cat "$dumps/log"; fail "the program failed under callgrind"; }
awk -f "$here/instructions.awk" "$dumps"/out.* | sort -V >"$dumps/figures"

if [ "$record" ]; then
  {
    printf '# Instructions per message, and what they were counted with. Written by: tests/quality/hot_path/instructions.sh BUILD --record\n'
    printf 'environment\t%s\n' "$environment"
    cat "$dumps/figures"
  } >"$recorded.new"
  mv "$recorded.new" "$recorded"
  cat "$dumps/figures"
  exit 0
fi

awk -F'\t' -v slack=0.15 '
  FNR == NR { if ($1 !~ /^(#|environment)/) recorded[$1] = $2; next }
  !($1 in recorded) { printf "FAIL: %s is not recorded\n", $1; failed = 1; next }
  {
    change = $2 / recorded[$1] - 1
    printf "%-16s %9d, recorded %9d, %+6.1f%%\n", $1, $2, recorded[$1], change * 100
    seen[$1] = 1
    if (change > slack) above = above " " $1
    if (change < -slack) below = below " " $1
  }
  END {
    for (name in recorded) if (!(name in seen)) { printf "FAIL: %s is recorded but was not counted\n", name; failed = 1 }
    if (above != "") printf "FAIL: more than %d%% above what is recorded:%s\n", slack * 100, above
    if (below != "") printf "More than %d%% below; record it, so that it stays:%s\n", slack * 100, below
    exit failed || above != ""
  }' "$recorded" "$dumps/figures" || {
  echo "Where they go: callgrind_annotate --auto=no --inclusive=yes $dumps/out.1 (200B; .6: 1KB; .11: 32KiB)"
  echo "If it is meant: $here/instructions.sh $1 --record"
  exit 1
}
