#!/usr/bin/env bash
# light.sh CXX FLAG... -- FILE...: none of the files, each of which includes one public header, brings in what is ours to
# know, or what doubles a user's compile time.
set -euo pipefail
cxx=$1
shift
flags=()
while [ "$1" != -- ]; do
  flags+=("$1")
  shift
done
shift

# All at once first: it is one run of the compiler instead of one for each.
heavy='/(rdkafka|rdkafka_mock|zlib|zconf|libdeflate)\.h$|/fmt/|/opencv2/'
brings() {
  local included
  included=$(cat "$@" | "$cxx" -std=c++20 "${flags[@]}" -x c++ -M -)
  tr ' \\' '\n\n' <<<"$included" | grep -E "$heavy" || true
}
found=$(brings "$@")
if [ -z "$found" ]; then exit 0; fi
for file in "$@"; do
  found=$(brings "$file" | sort -u | head -n 3)
  if [ -n "$found" ]; then printf 'FAIL: %s brings\n%s\n' "$(head -n 1 "$file")" "$found"; fi
done
exit 1
