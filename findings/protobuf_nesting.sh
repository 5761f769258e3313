#!/usr/bin/env bash
# How deep messages may lie in one another, in five implementations of protobuf: each writes what others do not read.
#
# Versions: protobuf 7.36.2 for Python (upb), google.golang.org/protobuf 1.36.12 for Go, npm's protobufjs 8.8.1,
# @bufbuild/protobuf 2.17.0, google-protobuf 4.0.3.
# Behaviour: all have a limit for reading, and none for writing. Most speak of 100 levels, yet google.protobuf.Value
# with lists in lists, each of which lies two messages deeper than the one around it, is read down to
#   49 lists by @bufbuild/protobuf,  50 by Python and protobufjs,  100 by google-protobuf,  more than 1000 by Go.
# A service that sends JSON-like values is right in all its own tests, and its message is refused by some of those who consume
# it: a record that is delivered and that part of its readers can never get past. Python does not read what it has just
# written.
# Seen: python: written with 1000 lists, read down to 50; go: read with 1000; protobufjs: 50; @bufbuild/protobuf: 49;
#       google-protobuf: 100
# Exit code 0 while all of it is so. Needs go, node with npm, python3 with venv.
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
export GOPATH=$work/gopath GOFLAGS=-modcacherw

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check protobuf==7.36.2
cat >ask.py <<'PYTHON'
from google.protobuf.message import DecodeError
from google.protobuf.struct_pb2 import Value


def nested(lists):
    value = Value()
    inner = value
    for _ in range(lists):
        inner = inner.list_value.values.add()
    inner.number_value = 1
    return value.SerializeToString()


deepest = 0
for lists in [*range(1, 121), 1000]:
    written = nested(lists)
    with open(f"{lists}.bin", "wb") as file:
        file.write(written)
    try:
        Value.FromString(written)
        deepest = lists
    except DecodeError:
        pass
print("python: written with 1000 lists, read down to", deepest)
assert deepest == 50
PYTHON
python/bin/python ask.py

mkdir go
cat >go/main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

func main() {
	for _, lists := range []int{50, 51, 100, 120, 1000} {
		written, err := os.ReadFile(fmt.Sprintf("../%d.bin", lists))
		if err == nil {
			err = proto.Unmarshal(written, new(structpb.Value))
		}
		if err != nil {
			fmt.Println("go:", lists, err)
			os.Exit(1)
		}
	}
	fmt.Println("go: read with 1000 lists")
}
GO
(
  cd go
  go mod init nesting 2>/dev/null
  go get google.golang.org/protobuf@v1.36.12 2>/dev/null
  go run .
)

npm install --silent --no-fund --no-audit protobufjs@8.8.1 @bufbuild/protobuf@2.17.0 google-protobuf@4.0.3
cat >ask.mjs <<'JS'
import { readFileSync } from "node:fs";
import { fromBinary } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import google from "google-protobuf/google/protobuf/struct_pb.js";
import protobufjs from "protobufjs";

const root = new protobufjs.Root();
root.addJSON(protobufjs.common.get("google/protobuf/struct.proto").nested);
const value = root.lookupType("google.protobuf.Value");
const readers = {
  protobufjs: [50, (bytes) => value.decode(bytes)],
  "@bufbuild/protobuf": [49, (bytes) => fromBinary(ValueSchema, bytes)],
  "google-protobuf": [100, (bytes) => google.Value.deserializeBinary(bytes)],
};
for (const [name, [expected, read]] of Object.entries(readers)) {
  let deepest = 0;
  try {
    for (let lists = 1; lists <= 120; ++lists) {
      read(new Uint8Array(readFileSync(`${lists}.bin`)));
      deepest = lists;
    }
  } catch (error) {
    console.log(`${name}: read down to ${deepest}, then: ${error.message}`);
  }
  if (deepest !== expected) process.exit(1);
}
JS
node ask.mjs
