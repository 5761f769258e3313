# To be sourced: says now and then how far a command is whose output goes to a file, where silence would look like a hang.

# with_progress WHAT LOG PATTERN COMMAND...: runs the command; twice a minute prints the last match of the extended regular
# expression in LOG. @return the command's exit code. The shell's trap of EXIT is gone afterwards.
with_progress() {
  local what=$1 log=$2 pattern=$3 ticker code=0
  shift 3
  : >"$log"
  {
    trap 'kill $! 2>/dev/null; exit' TERM
    begun=$SECONDS
    while :; do
      sleep 30 &
      wait $!
      printf '%s: %s after %d s\n' "$what" "$(grep -oE "$pattern" "$log" | tail -n 1)" $((SECONDS - begun))
    done
  } &
  ticker=$!
  trap 'kill '"$ticker"' 2>/dev/null' EXIT  # Ctrl-C does not reach what runs in the background
  "$@" || code=$?
  trap - EXIT
  kill "$ticker" 2>/dev/null
  wait "$ticker" 2>/dev/null || true
  return "$code"
}
