#!/usr/bin/env bash
# fuzz.sh ROOT BUILD short             builds every fuzzer in the folder BUILD and runs each for a moment: a test
# fuzz.sh ROOT BUILD COUNT [FUZZER...]  the campaign: COUNT inputs each, what was bred kept in BUILD/corpus for the next
#
# A fuzzer ends at the first input that crashes it, leaks, or needs more than 2 GiB, and keeps that in BUILD/findings.
set -euo pipefail
root=$(cd "$1" && pwd) build=$2 count=$3
shift 3

cd "$root"
cmake --preset fuzz -B "$build" >/dev/null
cmake --build "$build" -j 2 >"$build/build.log" || { tail -n 40 "$build/build.log"; exit 1; }
mkdir -p "$build/findings"
# Vectors that cross into libraries that are not instrumented have other marks at their ends.
export ASAN_OPTIONS=detect_container_overflow=0:allocator_may_return_null=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1

fuzzers=("$@")
if [ $# -eq 0 ]; then
  for program in "$build"/tests/quality/fuzz/fuzz_*; do fuzzers+=("$(basename "$program" | cut -c6-)"); done
fi
for fuzzer in "${fuzzers[@]}"; do
  seeds=$root/tests/quality/fuzz/corpus/$fuzzer
  kept=$build/corpus/$fuzzer
  log=$build/findings/$fuzzer.log
  limits=(-rss_limit_mb=2048 -malloc_limit_mb=1024 -timeout=20 -max_len=8192 "-artifact_prefix=$build/findings/$fuzzer-")
  program=$build/tests/quality/fuzz/fuzz_$fuzzer
  # What is bred goes to the first folder; for a moment's run an empty one, so that every run is the same.
  if [ "$count" = short ]; then
    kept=$(mktemp -d "$build/short.XXXXXX")
    run=("$program" -seed=1 -runs=10000 -max_total_time=5 "${limits[@]}" "$kept" "$seeds")
  else
    mkdir -p "$kept"
    run=(nice -n 19 "$program" "-runs=$count" "${limits[@]}" "$kept" "$seeds")
  fi
  # What decoders say of damaged files goes to the log too, which would be long.
  if ! "${run[@]}" 2>&1 | grep -aE '^(#|==|SUMMARY|INFO|Done|stat|MS:|artifact|does not hold|.*(ERROR|runtime error|Assertion)| +#[0-9])' >"$log"; then
    tail -n 60 "$log"
    echo "$fuzzer: an input that fails lies in $build/findings"
    exit 1
  fi
  if [ "$count" = short ]; then rm -rf "$kept"; fi
  printf '%s: %s inputs, %s MB\n' "$fuzzer" "$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$log")" \
    "$(sed -n 's/.*rss: \([0-9]*\)Mb.*/\1/p' "$log" | sort -n | tail -n 1)"
done
