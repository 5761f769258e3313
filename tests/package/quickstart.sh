#!/usr/bin/env bash
# quickstart.sh PREFIX BUILD: the quickstart's programs, as BUILD holds them, talk through the installed command's broker.
set -euo pipefail
prefix=$1 build=$2

coproc BROKER { exec "$prefix/bin/conveyor" broker --until-stdin-closes; }
read -r line <&"${BROKER[0]}"
export CONVEYOR_BOOTSTRAP_SERVERS=${line#bootstrap=}
echo "broker: $CONVEYOR_BOOTSTRAP_SERVERS"

"$build/quickstart_producer"
: >"$build/orders.txt"  # the shell that runs the consumer may open it later than the loop reads it
"$build/quickstart_consumer" >>"$build/orders.txt" &
consumer=$!
trap 'kill "$consumer" 2>/dev/null || true' EXIT
for _ in $(seq 300); do
  [ "$(wc -l <"$build/orders.txt")" -lt 10 ] || break
  sleep 0.1
done
kill -TERM "$consumer"
wait "$consumer"
trap - EXIT
cat "$build/orders.txt"
[ "$(wc -l <"$build/orders.txt")" = 10 ]
