#!/usr/bin/env bash
# command.sh PREFIX VISION: the installed command runs where it lies, through a link, and after the install was moved. It
# loads no library for images; `conveyor classifier` does, where VISION is 1, and otherwise says that it is left out.
set -euo pipefail
prefix=$1 vision=$2
failed=0
fail() { printf 'FAIL: %s\n' "$*"; failed=1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

libraries=$(ldd "$prefix/bin/conveyor")
grep -q librdkafka <<<"$libraries" || fail "ldd does not tell what conveyor loads: $libraries"
if found=$(grep -E 'opencv|onnxruntime|avcodec|gdcm|not found' <<<"$libraries"); then fail "conveyor loads $found"; fi
[[ $("$prefix/bin/conveyor" --version) == "conveyor "* ]] || fail "conveyor --version failed"

ln -s "$prefix/bin/conveyor" "$work/linked"
mkdir -p "$work/moved"
cp -r "$prefix/bin" "$prefix"/lib* "$work/moved/"
for command in "$prefix/bin/conveyor" "$work/linked" "$work/moved/bin/conveyor"; do
  code=0
  output=$("$command" classifier list 2>&1) || code=$?
  if [ "$vision" = 1 ]; then
    [[ $code == 0 && $output == *"onnx:FILE"* ]] || fail "$command classifier list: $code, $output"
  else
    [[ $code == 1 && $output == *"this installation has no classifiers"* ]] || fail "$command classifier list: $code, $output"
  fi
done

if [ "$vision" = 1 ]; then
  model=$prefix/share/conveyor/models/egg_synthetic.onnx
  "$prefix/bin/conveyor" classifier check "onnx:$model?engine=opencv" --runs 1 >/dev/null || fail "a check failed"
  rm -r "$work/moved/libexec"
  code=0
  output=$("$work/moved/bin/conveyor" classifier list 2>&1) || code=$?
  [[ $code == 1 && $output == *"$work/moved/libexec/conveyor/conveyor-classifier"* ]] || fail "without libexec: $code, $output"
fi
exit "$failed"
