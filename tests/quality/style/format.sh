#!/usr/bin/env bash
# format.sh ROOT [--fix]: every C++ file is formatted as .clang-format says. --fix formats them.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/sources.sh"
root=$1
mode=(--dry-run -Werror)
if [ "${2:-}" = --fix ]; then mode=(-i); fi

# Versions format differently: this one decides.
if ! command -v clang-format-14 >/dev/null; then
  echo "clang-format-14 is missing; on Debian: apt install clang-format-14"
  exit 1
fi
count=$(sources "$root" '*.h' '*.cc' | tr -cd '\0' | wc -c)
if [ "$count" = 0 ]; then echo "found no sources in $root"; exit 1; fi
cd "$root"
sources "$root" '*.h' '*.cc' | xargs -0 clang-format-14 "${mode[@]}" ||
  { echo "run: tests/quality/style/format.sh . --fix"; exit 1; }
echo "$count files"
