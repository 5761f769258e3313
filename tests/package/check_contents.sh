#!/usr/bin/env bash
# check_contents.sh PREFIX SOURCE BUILD: what is installed names neither the folders it was built in nor our own warning
# flags, and brings everything that users include, import and link.
set -euo pipefail
prefix=$1 source=$2 build=$3
failed=0
fail() { printf 'FAIL: %s\n' "$*"; failed=1; }

texts=$(find "$prefix" -name '*.cmake' -o -name '*.pc' -o -name '*.h' -o -name '*.proto')
for words in "$source" "$build" "$prefix" -Werror -Wall -fsanitize CONVEYOR_SANITIZE; do
  # shellcheck disable=SC2086
  if found=$(grep -lF -- "$words" $texts); then fail "$words is in $found"; fi
done
for binary in "$prefix"/lib/*.so "$prefix"/bin/* "$prefix"/libexec/conveyor/*; do
  [ -e "$binary" ] || continue
  paths=$(readelf -d "$binary" | sed -n 's/.*\(RPATH\|RUNPATH\).*\[\(.*\)\]/\2/p')
  case $paths in *"$source"* | *"$build"*) fail "the run path of $binary is $paths" ;; esac
done
for header in "$source"/include/conveyor/*.h; do
  [ -e "$prefix/include/conveyor/$(basename "$header")" ] || fail "$(basename "$header") is not installed"
done
for proto in "$source"/proto/conveyor/v1/*.proto; do
  name=conveyor/v1/$(basename "$proto" .proto)
  [ -e "$prefix/share/conveyor/proto/$name.proto" ] || fail "$name.proto is not installed"
  [ -e "$prefix/include/$name.pb.h" ] || fail "$name.pb.h is not installed"
done
if [ -d "$prefix/include/conveyor/vision" ]; then
  for file in egg_synthetic.onnx egg_synthetic.json; do
    [ -s "$prefix/share/conveyor/models/$file" ] || fail "$file is not installed"
  done
fi
empty=$(find "$prefix" -type d -empty)
[ -z "$empty" ] || fail "empty folders: $empty"
exit "$failed"
