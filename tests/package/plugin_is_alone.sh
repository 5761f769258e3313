#!/usr/bin/env bash
# plugin_is_alone.sh PLUGIN: it has the one symbol that hosts look for, links neither Conveyor nor protobuf, and takes
# nothing of theirs from its host.
set -euo pipefail
plugin=$1
failed=0
fail() { printf 'FAIL: %s\n' "$*"; failed=1; }

nm -D --defined-only "$plugin" | grep -q ' T conveyor_plugin_table$' || fail "it has no conveyor_plugin_table"
libraries=$(ldd "$plugin")
grep -q libopencv_core <<<"$libraries" || fail "ldd does not tell what it links: $libraries"
if found=$(grep -E 'conveyor|protobuf|rdkafka' <<<"$libraries"); then fail "it links $found"; fi
if found=$(nm -D --undefined-only --demangle "$plugin" | grep -E 'conveyor|google::protobuf'); then fail "it needs $found"; fi
readelf -d "$plugin" | grep -q SYMBOLIC || fail "its own functions could be replaced by its host's"
exit "$failed"
