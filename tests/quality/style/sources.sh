# Sourced. sources ROOT PATTERN...: our own files of that kind, separated by NUL: those git knows or would add, or outside
# a checkout all that do not lie in a build folder.
sources() {
  local root=$1 pattern
  shift
  if git -C "$root" rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    (cd "$root" && git ls-files -z --cached --others --exclude-standard --deduplicate -- "$@" |
      while IFS= read -r -d '' file; do if [ -e "$file" ]; then printf '%s\0' "$file"; fi; done)
  else
    local names=()
    for pattern in "$@"; do names+=(-o -name "$pattern"); done
    (cd "$root" && find . \( -name 'build*' -o -name out -o -name '.*' -not -name . \) -prune -o \
      -type f \( "${names[@]:1}" \) -print0)
  fi
}
