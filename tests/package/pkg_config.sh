#!/usr/bin/env bash
# pkg_config.sh PREFIX CXX MAIN BUILD: builds MAIN with nothing but a compiler and pkg-config, as users without CMake do.
# A static install must work with --static, as customary, and without.
set -euo pipefail
prefix=$1 cxx=$2 main=$3 build=$4
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name conveyor.pc)")
export PKG_CONFIG_PATH
mkdir -p "$build"

[ "$(pkg-config --modversion conveyor)" = 0.2.0 ]
[ -e "$(pkg-config --variable=protodir conveyor)/conveyor/v1/image.proto" ]
read -ra cflags < <(pkg-config --cflags conveyor)
"$cxx" -std=c++20 -Wall -Wextra -Werror "${cflags[@]}" -c "$main" -o "$build/main.o"
for flag in "" --static; do
  read -ra libs < <(pkg-config --libs ${flag:+"$flag"} conveyor)
  "$cxx" "$build/main.o" -o "$build/main" "${libs[@]}" -Wl,-rpath,"$(pkg-config --variable=libdir conveyor)"
  "$build/main"
done
