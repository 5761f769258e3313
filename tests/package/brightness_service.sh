#!/usr/bin/env bash
# brightness_service.sh SERVICE CLIENT BROKER [ARGUMENT...]: SERVICE answers what CLIENT sends, by a broker that BROKER runs
# for as long as its standard input is open, and whose first line is bootstrap=ADDRESS.
set -euo pipefail
service=$1 client=$2
shift 2

coproc BROKER { exec "$@"; }
read -r line <&"${BROKER[0]}"
export CONVEYOR_BOOTSTRAP_SERVERS=${line#bootstrap=}
echo "broker: $CONVEYOR_BOOTSTRAP_SERVERS"

CONVEYOR_GROUP=brightness "$service" &
running=$!
trap 'kill -TERM "$running" 2>/dev/null || true' EXIT
"$client"
kill -TERM "$running"
wait "$running"
trap - EXIT
